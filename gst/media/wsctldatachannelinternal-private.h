/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/webrtc/webrtc.h>

#include "wsctldatachannel-private.h"

G_BEGIN_DECLS

/* Only for wsctldatachannel.c, -carrier.c and -send.c */
struct _GstWsctlDataChannel
{
  GObject parent;

  GstWsctlLoop *loop;
  gchar *label;
  GstWsctlDataChannelOptions *options;
  GSource *closing;             /* the loop only; for the peer to close, too */

  GMutex lock;
  GstWebRTCDataChannel *inner;  /* lock; what carries it, or NULL */
  GstWebRTCDataChannel *next;   /* lock; attached, not yet open */
  GstWsctlDataChannelState state;       /* lock; CLOSING by anybody, else loop */
  gint id;                      /* lock; -1: none yet */
  GQueue waiting;               /* lock; of GstWsctlDataMessage */
  guint64 waiting_size;         /* lock; bytes */
  guint64 low_threshold;        /* lock; bytes */
  guint64 max_buffered;         /* lock; bytes */
};

typedef enum
{
  GST_WSCTL_DATA_CHANNEL_SIGNAL_OPEN,
  GST_WSCTL_DATA_CHANNEL_SIGNAL_CLOSE,
  GST_WSCTL_DATA_CHANNEL_SIGNAL_STRING,
  GST_WSCTL_DATA_CHANNEL_SIGNAL_DATA,
  GST_WSCTL_DATA_CHANNEL_SIGNAL_LOW,
  GST_WSCTL_DATA_CHANNEL_N_SIGNALS
} GstWsctlDataChannelSignal;

void gst_wsctl_data_channel_emit (GstWsctlDataChannel * self,
    GstWsctlDataChannelSignal signal, ...);
/* wsctldatachannelsend.c: sending as action signals */
void gst_wsctl_data_channel_send_class_init (GObjectClass * klass);
/* Notifies; CLOSING by any thread, else the loop. FALSE: it was that far
 * already. */
gboolean gst_wsctl_data_channel_advance (GstWsctlDataChannel * self,
    GstWsctlDataChannelState state);

/* The loop: closes what carries it, and waits for the peer to do so, too. */
void gst_wsctl_data_channel_close_carrier (GstWsctlDataChannel * self,
    GstWebRTCDataChannel * inner);

/* One message: text, or data; neither is an empty one of that sort. */
typedef struct
{
  gboolean is_text;
  gchar *text;
  GBytes *data;
} GstWsctlDataMessage;

GstWsctlDataMessage *gst_wsctl_data_message_new (gboolean is_text,
    const gchar * text, GBytes * data);
void gst_wsctl_data_message_free (gpointer message);

/* With the lock held: what waits goes out. */
void gst_wsctl_data_channel_send_waiting (GstWsctlDataChannel * self);

G_END_DECLS
