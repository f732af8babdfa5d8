/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which of a client's addresses is sent to. The client decides, by
 * USE-CANDIDATE; a client that has moved need not say so.
 */

#include "wsctllitepaths-private.h"

/* A client shows itself more often than that on the path it uses: by RTCP and
 * by its checks. */
#define SILENT_US (3 * G_USEC_PER_SEC)

GstWsctlLitePath *
gst_wsctl_lite_paths_find (GstWsctlLitePaths * self,
    const GstWsctlLiteAddress * address)
{
  guint i;

  for (i = 0; i < GST_WSCTL_LITE_MAX_PATHS; i++) {
    GstWsctlLitePath *path = &self->places[i];

    if (path->source != NULL
        && gst_wsctl_lite_address_equal (&path->address, address))
      return path;
  }

  return NULL;
}

GstWsctlLitePath *
gst_wsctl_lite_paths_get_place (GstWsctlLitePaths * self)
{
  GstWsctlLitePath *place = NULL;
  guint i;

  for (i = 0; i < GST_WSCTL_LITE_MAX_PATHS; i++) {
    GstWsctlLitePath *path = &self->places[i];

    if (path->source == NULL)
      return path;
    if (path != self->selected
        && (place == NULL || path->last_seen < place->last_seen))
      place = path;
  }

  return place;
}

/* The nominated one of the highest priority (RFC 8445, 8.1.1), unless it has
 * gone silent: then the client has moved, and any that works is better. */
static gboolean
is_better (const GstWsctlLitePath * path, const GstWsctlLitePath * selected)
{
  if (selected == NULL)
    return TRUE;
  if (path == selected)
    return FALSE;
  if (path->last_seen - selected->last_seen > SILENT_US)
    return TRUE;

  return path->nominated && (!selected->nominated
      || path->priority > selected->priority);
}

gboolean
gst_wsctl_lite_paths_check (GstWsctlLitePaths * self, GstWsctlLitePath * path,
    gboolean nominated, guint32 priority, gint64 now)
{
  path->last_seen = now;
  path->priority = priority;
  path->nominated |= nominated;
  if (!is_better (path, self->selected))
    return FALSE;

  self->selected = path;

  return TRUE;
}
