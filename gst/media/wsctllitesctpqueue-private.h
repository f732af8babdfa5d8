/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an SCTP association has to say and was not yet told to have arrived
 * (RFC 9260, 6 and 7), all of it ordered and reliable. No socket, no clock. */
typedef struct _GstWsctlLiteSctpQueue GstWsctlLiteSctpQueue;

/* The flags and the value of a DATA chunk to send. Must not change the queue. */
typedef void (*GstWsctlLiteSctpQueueFunc) (guint8 flags, const guint8 * value,
    gsize size, gpointer data);

#define GST_WSCTL_LITE_SCTP_DATA_SIZE 12        /* in front of a message's part */
#define GST_WSCTL_LITE_SCTP_FLAG_END 1
#define GST_WSCTL_LITE_SCTP_FLAG_BEGIN 2

GstWsctlLiteSctpQueue *gst_wsctl_lite_sctp_queue_new (guint32 first_tsn);
void gst_wsctl_lite_sctp_queue_free (GstWsctlLiteSctpQueue * self);
/* In parts when it is long; at least one byte. FALSE: too much is waiting, and
 * nothing of it is taken. */
gboolean gst_wsctl_lite_sctp_queue_push (GstWsctlLiteSctpQueue * self,
    guint16 stream, guint32 ppid, const guint8 * message, gsize size);
/* Its next message is a first one. */
void gst_wsctl_lite_sctp_queue_reset_stream (GstWsctlLiteSctpQueue * self,
    guint16 stream);
/* The value of a SACK chunk; total over any bytes */
void gst_wsctl_lite_sctp_queue_take_sack (GstWsctlLiteSctpQueue * self,
    const guint8 * value, gsize size);
/* As much as may be on its way and is not */
void gst_wsctl_lite_sctp_queue_send (GstWsctlLiteSctpQueue * self,
    GstWsctlLiteSctpQueueFunc func, gpointer data);
/* Each quarter of a second or so while it is not empty. After one with no news,
 * and later each time, everything is due again, slowly. */
void gst_wsctl_lite_sctp_queue_tick (GstWsctlLiteSctpQueue * self);
gboolean gst_wsctl_lite_sctp_queue_is_empty (GstWsctlLiteSctpQueue * self);
guint32 gst_wsctl_lite_sctp_queue_get_next_tsn (GstWsctlLiteSctpQueue * self);

G_END_DECLS
