/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Timed data (docs/protocol.md, "Timed data"). Pure, total over any input. */
typedef struct
{
  gint64 time_ms;               /* of the media; never negative */
  gint64 duration_ms;           /* of a subtitle; -1 when it is not said */
  gint64 track;                 /* index; -1 when it is not said */
  gchar *json;                  /* `data`, word for word */
} GstWsctlTimedData;

/* NULL, with @error, for what is no JSON object; NULL without for a message that
 * is no item. */
GstWsctlTimedData *gst_wsctl_timed_data_parse (const gchar * text,
    GError ** error);
void gst_wsctl_timed_data_free (GstWsctlTimedData * data);

/* Asks for tracks: @tracks is "0,1" or, for all, NULL, which needs no asking: the
 * result is NULL then. Transfer full. */
gchar *gst_wsctl_timed_data_select (const gchar * tracks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlTimedData, gst_wsctl_timed_data_free)

G_END_DECLS
