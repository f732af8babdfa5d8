/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_CHANNEL (gst_wsctl_channel_get_type ())
G_DECLARE_INTERFACE (GstWsctlChannel, gst_wsctl_channel, GST_WSCTL, CHANNEL,
    GObject)

/* A way to exchange text messages with a server. An implementation belongs to
 * the main context that was the thread's default when it was made: it is used
 * there only, and its signals come from there.
 *
 * Signals, never from inside one of the functions below:
 *   "opened"  ()                      once, or never
 *   "message" (const gchar * text)    after "opened"
 *   "closed"  (GError * or NULL)      exactly once after open(), whatever
 *                                     happens; NULL after our own close()
 * After "closed" nothing more comes. */
struct _GstWsctlChannelInterface
{
  GTypeInterface parent;

  void (*open) (GstWsctlChannel * self);
  /* Takes @text for sending later when the channel is not open yet. */
  gboolean (*send) (GstWsctlChannel * self, const gchar * text,
      GError ** error);
  /* @returning: the client will be back, and the server may wait for it. */
  void (*close) (GstWsctlChannel * self, gboolean returning);
};

void gst_wsctl_channel_open (GstWsctlChannel * self);
gboolean gst_wsctl_channel_send (GstWsctlChannel * self, const gchar * text,
    GError ** error);
void gst_wsctl_channel_close (GstWsctlChannel * self);
/* Likewise, with the status code 1001 (RFC 6455, 7.4.1) where there is one: it is
 * not the end of what was published. */
void gst_wsctl_channel_close_to_return (GstWsctlChannel * self);

/* For implementations */
void gst_wsctl_channel_emit_opened (GstWsctlChannel * self);
void gst_wsctl_channel_emit_message (GstWsctlChannel * self,
    const gchar * text);
void gst_wsctl_channel_emit_closed (GstWsctlChannel * self,
    const GError * error);

G_END_DECLS
