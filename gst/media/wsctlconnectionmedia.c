/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The media of a connection to a server
 */

#include "wsctlconnectioninternal-private.h"

#include "wsctlwebrtcbin-private.h"

void
gst_wsctl_connection_add_media (GstWsctlConnection * self,
    GstWsctlMediaKind kind, gboolean sending, GstCaps * caps)
{
  g_atomic_int_set (&self->sending, sending);
  gst_wsctl_webrtcbin_add_media (self->webrtcbin, kind, sending, caps);
}

/* NULL before the answer, and for a medium that it rejects */
static const GstCaps *
get_agreed (GstWsctlConnection * self, GstWsctlMediaKind kind)
{
  const GstWsctlAnsweredMedia *media = self->answer != NULL
      ? gst_wsctl_answer_get_media (self->answer, kind) : NULL;

  return media != NULL ? media->caps : NULL;
}

GstPad *
gst_wsctl_connection_get_sink_pad (GstWsctlConnection * self,
    GstWsctlMediaKind kind)
{
  const GstCaps *agreed = get_agreed (self, kind);

  return agreed != NULL ? gst_wsctl_webrtcbin_get_sink_pad (self->webrtcbin,
      kind, agreed) : NULL;
}

void
gst_wsctl_connection_set_live (GstPad * sink, gboolean live)
{
  gst_wsctl_webrtcbin_set_live (sink, live);
}

gboolean
gst_wsctl_connection_replace_track (GstWsctlConnection * self,
    GstWsctlMediaKind kind, GstPad * track, GError ** error)
{
  return gst_wsctl_webrtcbin_replace_track (self->webrtcbin, kind,
      get_agreed (self, kind), track, error);
}

void
gst_wsctl_connection_set_fec_percentage (GstWsctlConnection * self,
    guint percentage)
{
  gst_wsctl_webrtcbin_set_fec_percentage (self->webrtcbin,
      GST_WSCTL_MEDIA_KIND_VIDEO, percentage);
}

gboolean
gst_wsctl_connection_is_sending (GstWsctlConnection * self)
{
  return g_atomic_int_get (&self->sending);
}

void
gst_wsctl_connection_get_traffic (GstWsctlConnection * self,
    GstWsctlTraffic * traffic)
{
  gst_wsctl_dtls_guard_get_traffic (self->guard, traffic);
}

void
gst_wsctl_connection_settle (GstWsctlConnection * self)
{
  gst_wsctl_dtls_guard_settle (self->guard);
}
