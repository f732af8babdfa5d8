/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A sum that is kept up to date, since it is asked for with every frame. Who is
 * the largest is only looked for when there is too much.
 */

#include "wsctlservermemory-private.h"

struct _GstWsctlServerMemory
{
  gsize max_bytes;
  gsize used;
  GstWsctlServerForgetFunc forget;
  GHashTable *holders;          /* to the bytes that each keeps */
};

GstWsctlServerMemory *
gst_wsctl_server_memory_new (gsize max_bytes, GstWsctlServerForgetFunc forget)
{
  GstWsctlServerMemory *self = g_new0 (GstWsctlServerMemory, 1);

  self->max_bytes = max_bytes;
  self->forget = forget;
  self->holders = g_hash_table_new (NULL, NULL);

  return self;
}

void
gst_wsctl_server_memory_free (GstWsctlServerMemory * self)
{
  g_warn_if_fail (self->used == 0);
  g_hash_table_unref (self->holders);
  g_free (self);
}

void
gst_wsctl_server_memory_count (GstWsctlServerMemory * self, gpointer holder,
    gsize bytes)
{
  gsize before = GPOINTER_TO_SIZE (g_hash_table_lookup (self->holders, holder));

  self->used = self->used - before + bytes;
  g_hash_table_insert (self->holders, holder, GSIZE_TO_POINTER (bytes));
}

void
gst_wsctl_server_memory_remove (GstWsctlServerMemory * self, gpointer holder)
{
  gst_wsctl_server_memory_count (self, holder, 0);
  g_hash_table_remove (self->holders, holder);
}

static gpointer
find_largest (GstWsctlServerMemory * self)
{
  gpointer largest = NULL, holder, bytes;
  gsize most = 0;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->holders);
  while (g_hash_table_iter_next (&iter, &holder, &bytes)) {
    if (GPOINTER_TO_SIZE (bytes) > most) {
      largest = holder;
      most = GPOINTER_TO_SIZE (bytes);
    }
  }

  return largest;
}

void
gst_wsctl_server_memory_trim (GstWsctlServerMemory * self)
{
  while (self->used > self->max_bytes) {
    gpointer holder = find_largest (self);

    if (holder == NULL || !self->forget (holder))
      return;
  }
}

gsize
gst_wsctl_server_memory_get_used (GstWsctlServerMemory * self)
{
  return self->used;
}
