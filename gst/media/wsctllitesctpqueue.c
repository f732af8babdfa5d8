/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A window of parts is on its way at most: it grows with each one that arrives,
 * halves when one was lost, and begins anew when nothing comes back.
 */

#include "wsctllitesctpqueue-private.h"

#include <gst/gst.h>

#define PART_SIZE 1024
#define MAX_PARTS 256
#define FIRST_WINDOW 8          /* parts */
#define MAX_WINDOW 64
#define MIN_WINDOW 2
#define SACK_SIZE 12
/* As many acknowledgements of later ones make one lost (RFC 9260, 7.2.4). */
#define N_MISSED 3
#define MAX_PATIENCE 16         /* ticks */

typedef struct
{
  guint32 tsn;
  guint8 flags;
  GBytes *value;
  gboolean sent;
} Part;

struct _GstWsctlLiteSctpQueue
{
  guint32 next_tsn;
  GHashTable *numbers;          /* stream to the number of its next message */
  GQueue parts;                 /* Part, by TSN */
  guint window;                 /* parts on their way at most */
  guint32 room;                 /* bytes that the other side takes */
  guint n_missed;               /* reports without the first part */
  guint n_quiet;                /* ticks without news … */
  guint patience;               /* … as many are nothing special */
};

static void
free_part (gpointer data)
{
  Part *part = data;

  g_bytes_unref (part->value);
  g_free (part);
}

GstWsctlLiteSctpQueue *
gst_wsctl_lite_sctp_queue_new (guint32 first_tsn)
{
  GstWsctlLiteSctpQueue *self = g_new0 (GstWsctlLiteSctpQueue, 1);

  self->next_tsn = first_tsn;
  self->numbers = g_hash_table_new (NULL, NULL);
  self->window = FIRST_WINDOW;
  self->patience = 1;
  self->room = G_MAXUINT32;
  g_queue_init (&self->parts);

  return self;
}

void
gst_wsctl_lite_sctp_queue_free (GstWsctlLiteSctpQueue * self)
{
  g_queue_clear_full (&self->parts, free_part);
  g_hash_table_unref (self->numbers);
  g_free (self);
}

static guint16
take_number (GstWsctlLiteSctpQueue * self, guint16 stream)
{
  gpointer key = GUINT_TO_POINTER (stream);
  guint16 number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, key));

  g_hash_table_insert (self->numbers, key, GUINT_TO_POINTER (number + 1));

  return number;
}

static void
push_part (GstWsctlLiteSctpQueue * self, const guint8 * header, guint8 flags,
    const guint8 * bytes, gsize size)
{
  g_autoptr (GByteArray) value = g_byte_array_new ();
  Part *part = g_new0 (Part, 1);

  part->tsn = self->next_tsn++;
  part->flags = flags;
  g_byte_array_append (value, header, GST_WSCTL_LITE_SCTP_DATA_SIZE);
  GST_WRITE_UINT32_BE (value->data, part->tsn);
  g_byte_array_append (value, bytes, size);
  part->value = g_byte_array_free_to_bytes (g_steal_pointer (&value));
  g_queue_push_tail (&self->parts, part);
}

gboolean
gst_wsctl_lite_sctp_queue_push (GstWsctlLiteSctpQueue * self, guint16 stream,
    guint32 ppid, const guint8 * message, gsize size)
{
  guint8 header[GST_WSCTL_LITE_SCTP_DATA_SIZE] = { 0, };
  guint8 flags = GST_WSCTL_LITE_SCTP_FLAG_BEGIN;

  g_return_val_if_fail (size > 0, FALSE);

  if (self->parts.length + (size + PART_SIZE - 1) / PART_SIZE > MAX_PARTS)
    return FALSE;

  if (self->parts.length == 0)
    self->n_quiet = 0;
  GST_WRITE_UINT16_BE (header + 4, stream);
  GST_WRITE_UINT16_BE (header + 6, take_number (self, stream));
  GST_WRITE_UINT32_BE (header + 8, ppid);
  while (size > 0) {
    gsize n = MIN (size, PART_SIZE);

    if (n == size)
      flags |= GST_WSCTL_LITE_SCTP_FLAG_END;
    push_part (self, header, flags, message, n);
    flags = 0;
    message += n;
    size -= n;
  }

  return TRUE;
}

void
gst_wsctl_lite_sctp_queue_reset_stream (GstWsctlLiteSctpQueue * self,
    guint16 stream)
{
  g_hash_table_remove (self->numbers, GUINT_TO_POINTER (stream));
}

static gboolean
is_after (guint32 tsn, guint32 other)
{
  return (gint32) (tsn - other) > 0;
}

/* The first part is missing while later ones are there. */
static void
count_missed (GstWsctlLiteSctpQueue * self)
{
  Part *first = g_queue_peek_head (&self->parts);

  if (first == NULL || !first->sent || ++self->n_missed != N_MISSED)
    return;

  first->sent = FALSE;
  self->window = MAX (self->window / 2, MIN_WINDOW);
}

void
gst_wsctl_lite_sctp_queue_take_sack (GstWsctlLiteSctpQueue * self,
    const guint8 * value, gsize size)
{
  guint32 tsn;
  Part *first;

  if (size < SACK_SIZE)
    return;
  tsn = GST_READ_UINT32_BE (value);
  /* Nobody has what was never made. */
  if (is_after (tsn, self->next_tsn - 1))
    return;

  self->room = GST_READ_UINT32_BE (value + 4);
  while ((first = g_queue_peek_head (&self->parts)) != NULL
      && !is_after (first->tsn, tsn)) {
    free_part (g_queue_pop_head (&self->parts));
    self->window = MIN (self->window + 1, MAX_WINDOW);
    self->n_missed = self->n_quiet = 0;
    self->patience = 1;
  }
  if (GST_READ_UINT16_BE (value + 8) > 0)
    count_missed (self);
}

/* One part is always allowed, so that the other side says when it has room. */
void
gst_wsctl_lite_sctp_queue_send (GstWsctlLiteSctpQueue * self,
    GstWsctlLiteSctpQueueFunc func, gpointer data)
{
  GList *item = self->parts.head;
  gsize n_bytes = 0;
  guint i;

  for (i = 0; item != NULL && i < self->window; i++, item = item->next) {
    Part *part = item->data;
    gsize size;
    const guint8 *value = g_bytes_get_data (part->value, &size);

    n_bytes += size;
    if (i > 0 && n_bytes > self->room)
      return;
    if (!part->sent)
      func (part->flags, value, size, data);
    part->sent = TRUE;
  }
}

static void
set_unsent (gpointer data, gpointer user_data)
{
  ((Part *) data)->sent = FALSE;
}

void
gst_wsctl_lite_sctp_queue_tick (GstWsctlLiteSctpQueue * self)
{
  if (++self->n_quiet <= self->patience)
    return;

  self->n_quiet = 0;
  self->patience = MIN (self->patience * 2, MAX_PATIENCE);
  g_queue_foreach (&self->parts, set_unsent, NULL);
  self->window = MIN_WINDOW;
  self->n_missed = 0;
}

gboolean
gst_wsctl_lite_sctp_queue_is_empty (GstWsctlLiteSctpQueue * self)
{
  return self->parts.length == 0;
}

guint32
gst_wsctl_lite_sctp_queue_get_next_tsn (GstWsctlLiteSctpQueue * self)
{
  return self->next_tsn;
}
