/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A ring that grows to what the time to keep needs, and an index of key frames
 * inside of it: every frame knows the one that starts its group, and that one
 * knows the next.
 */

#include "wsctlserverstore-private.h"

#define MIN_CAPACITY 64         /* a power of two */

typedef struct
{
  GstWsctlServerFrame *frame;
  guint64 key;                  /* number of the group's first frame */
  guint64 next_key;             /* of the next group's; 0: none yet */
} Entry;

struct _GstWsctlServerStore
{
  Entry *entries;
  guint64 capacity;
  guint64 begin;
  guint64 end;
  gsize size;
};

GstWsctlServerStore *
gst_wsctl_server_store_new (void)
{
  GstWsctlServerStore *self = g_new0 (GstWsctlServerStore, 1);

  self->capacity = MIN_CAPACITY;
  self->entries = g_new (Entry, self->capacity);
  /* 0 is no frame's number. */
  self->begin = self->end = 1;

  return self;
}

static Entry *
get_entry (GstWsctlServerStore * self, guint64 number)
{
  return &self->entries[number & (self->capacity - 1)];
}

static void
drop_oldest (GstWsctlServerStore * self)
{
  GstWsctlServerFrame *frame = get_entry (self, self->begin++)->frame;

  self->size -= gst_wsctl_server_frame_get_size (frame);
  gst_wsctl_server_frame_unref (frame);
}

void
gst_wsctl_server_store_clear (GstWsctlServerStore * self)
{
  while (self->begin < self->end)
    drop_oldest (self);
}

void
gst_wsctl_server_store_free (GstWsctlServerStore * self)
{
  gst_wsctl_server_store_clear (self);
  g_free (self->entries);
  g_free (self);
}

static void
grow (GstWsctlServerStore * self)
{
  Entry *entries = g_new (Entry, self->capacity * 2);
  guint64 number;

  for (number = self->begin; number < self->end; number++)
    entries[number & (self->capacity * 2 - 1)] = *get_entry (self, number);
  g_free (self->entries);
  self->entries = entries;
  self->capacity *= 2;
}

gboolean
gst_wsctl_server_store_push (GstWsctlServerStore * self,
    GstWsctlServerFrame * frame)
{
  gboolean empty = self->begin == self->end;
  guint64 number = self->end;
  guint64 key = number;
  Entry *entry;

  if (empty && !frame->key)
    return FALSE;

  if (!empty) {
    Entry *last = get_entry (self, number - 1);

    /* Times never fall, so that they can be searched. */
    frame->time_ns = MAX (frame->time_ns, last->frame->time_ns);
    if (frame->key)
      get_entry (self, last->key)->next_key = number;
    else
      key = last->key;
  }
  if (self->end - self->begin == self->capacity)
    grow (self);

  entry = get_entry (self, number);
  entry->frame = gst_wsctl_server_frame_ref (frame);
  entry->key = key;
  entry->next_key = 0;
  self->size += gst_wsctl_server_frame_get_size (frame);
  self->end++;

  return TRUE;
}

void
gst_wsctl_server_store_drop_group (GstWsctlServerStore * self)
{
  guint64 next;

  if (self->begin == self->end)
    return;

  next = get_entry (self, self->begin)->next_key;
  if (next == 0)
    next = self->end;
  while (self->begin < next)
    drop_oldest (self);
}

void
gst_wsctl_server_store_trim (GstWsctlServerStore * self, gint64 oldest_ns)
{
  while (self->begin < self->end) {
    guint64 next = get_entry (self, self->begin)->next_key;

    if (next == 0 || get_entry (self, next)->frame->time_ns > oldest_ns)
      return;
    gst_wsctl_server_store_drop_group (self);
  }
}

guint64
gst_wsctl_server_store_get_begin (GstWsctlServerStore * self)
{
  return self->begin;
}

guint64
gst_wsctl_server_store_get_end (GstWsctlServerStore * self)
{
  return self->end;
}

GstWsctlServerFrame *
gst_wsctl_server_store_get (GstWsctlServerStore * self, guint64 number)
{
  if (number < self->begin || number >= self->end)
    return NULL;

  return get_entry (self, number)->frame;
}

gsize
gst_wsctl_server_store_get_size (GstWsctlServerStore * self)
{
  return self->size;
}

guint64
gst_wsctl_server_store_find_time (GstWsctlServerStore * self, gint64 time_ns)
{
  guint64 low = self->begin, high = self->end;

  while (low < high) {
    guint64 middle = low + (high - low) / 2;

    if (get_entry (self, middle)->frame->time_ns < time_ns)
      low = middle + 1;
    else
      high = middle;
  }

  return low;
}

guint64
gst_wsctl_server_store_find_key (GstWsctlServerStore * self, gint64 time_ns)
{
  guint64 number;

  if (self->begin == self->end)
    return self->end;

  number = time_ns == G_MAXINT64 ? self->end
      : gst_wsctl_server_store_find_time (self, time_ns + 1);

  return number == self->begin ? number : get_entry (self, number - 1)->key;
}

guint64
gst_wsctl_server_store_find_next_key (GstWsctlServerStore * self,
    gint64 time_ns)
{
  guint64 number = gst_wsctl_server_store_find_key (self, time_ns);

  if (number == self->end || get_entry (self, number)->frame->time_ns > time_ns)
    return number;
  number = get_entry (self, number)->next_key;

  return number != 0 ? number : self->end;
}
