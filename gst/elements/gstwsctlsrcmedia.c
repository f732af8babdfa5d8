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

static void
add_copies (GPtrArray * list, const GPtrArray * media, gboolean rejected)
{
  guint i;

  for (i = 0; i < media->len; i++) {
    const GstWsctlAnsweredMedia *one = g_ptr_array_index (media, i);
    GstWsctlAnsweredMedia *copy;

    if (one->rejected != rejected)
      continue;
    copy = g_memdup2 (one, sizeof (*one));
    copy->mid = g_strdup (one->mid);
    if (one->caps != NULL)
      copy->caps = gst_caps_ref (one->caps);
    g_ptr_array_add (list, copy);
  }
}

GPtrArray *
gst_wsctl_src_media_copy (const GstWsctlAnswer * answer)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (free_media);

  add_copies (list, answer->media, FALSE);
  add_copies (list, answer->media, TRUE);

  return list;
}
