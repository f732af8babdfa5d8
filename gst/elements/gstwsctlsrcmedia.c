/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlsrcmedia.h"

static void
free_media (gpointer data)
{
  GstWsctlAnsweredMedia *media = data;

  g_free (media->mid);
  gst_clear_caps (&media->caps);
  g_free (media);
}

GPtrArray *
gst_wsctl_src_media_copy (const GstWsctlAnswer * answer)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (free_media);
  guint i;

  for (i = 0; i < answer->media->len; i++) {
    const GstWsctlAnsweredMedia *media = g_ptr_array_index (answer->media, i);
    GstWsctlAnsweredMedia *copy;

    if (media->rejected)
      continue;
    copy = g_memdup2 (media, sizeof (*media));
    copy->mid = g_strdup (media->mid);
    copy->caps = gst_caps_ref (media->caps);
    g_ptr_array_add (list, copy);
  }

  return list;
}
