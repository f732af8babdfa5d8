/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* As much of SCTP over DTLS (RFC 8261, 8831) as data channels take: an association
 * that the other side begins, and messages both ways. What comes in order is
 * taken, what does not is sent again by the other side. It has no socket, no
 * clock and no thread, and holds one message that comes at most. */
typedef struct _GstWsctlLiteSctp GstWsctlLiteSctp;

typedef struct
{
  /* A packet for DTLS. Must not free the association. */
  void (*send) (const guint8 * packet, gsize size, gpointer data);
  /* A whole message; likewise */
  void (*message) (guint16 stream, guint32 ppid, const guint8 * message,
      gsize size, gpointer data);
  /* The other side has closed a stream. */
  void (*reset) (guint16 stream, gpointer data);
} GstWsctlLiteSctpCallbacks;

#define GST_WSCTL_LITE_SCTP_PORT 5000
#define GST_WSCTL_LITE_SCTP_MAX_MESSAGE (64 * 1024)

GstWsctlLiteSctp *gst_wsctl_lite_sctp_new (const GstWsctlLiteSctpCallbacks *
    callbacks, gpointer data);
void gst_wsctl_lite_sctp_free (GstWsctlLiteSctp * self);

/* Total over any bytes */
void gst_wsctl_lite_sctp_receive (GstWsctlLiteSctp * self,
    const guint8 * packet, gsize size);
/* Of at least one byte; from the outside of the callbacks it is on its way when
 * this returns. FALSE: the other side has not taken too much already, and this
 * one is dropped. */
gboolean gst_wsctl_lite_sctp_send (GstWsctlLiteSctp * self, guint16 stream,
    guint32 ppid, const guint8 * message, gsize size);
/* Something was not acknowledged. */
gboolean gst_wsctl_lite_sctp_is_waiting (GstWsctlLiteSctp * self);
/* Each quarter of a second or so while something waits: after a while it goes
 * again. */
void gst_wsctl_lite_sctp_tick (GstWsctlLiteSctp * self);

/* CRC32c (RFC 9260, appendix A) */
guint32 gst_wsctl_lite_sctp_checksum (const guint8 * packet, gsize size);

G_END_DECLS
