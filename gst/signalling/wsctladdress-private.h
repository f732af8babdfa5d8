/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a user's address comes to (docs/protocol.md, "Addresses"). Pure. The
 * metadata and data addresses are NULL when no stream is named. */
typedef struct
{
  gchar *signalling_uri;        /* ws(s)://HOST[:PORT]/webrtc/STREAM?… */
  gchar *metadata_uri;          /* ws(s)://HOST[:PORT]/json_STREAM.js?… */
  gchar *data_uri;              /* ws(s)://HOST[:PORT]/STREAM.json?… */
  gchar *display;               /* for people: no token, no password */
  gchar *stream_name;           /* unescaped; NULL when the path names none */
  gchar *host;
} GstWsctlAddress;

/* @end_point: ws, wss, http, https, wsctl, wsctls URL, or a bare host[:port].
 * @stream_name: used when the end point has no path; may be NULL.
 * @token: goes into the query as `id`; may be NULL.
 * @audio, @video: first tracks to play, into the query; may be NULL. */
GstWsctlAddress *gst_wsctl_address_new (const gchar * end_point,
    const gchar * stream_name, const gchar * token, const gchar * audio,
    const gchar * video, GError ** error);
void gst_wsctl_address_free (GstWsctlAddress * address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlAddress, gst_wsctl_address_free)

G_END_DECLS
