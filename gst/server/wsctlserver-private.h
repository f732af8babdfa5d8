/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The server, on a thread of its own. Every function may be called from any
 * other thread and waits for that one, briefly. */
#define GST_WSCTL_TYPE_SERVER (gst_wsctl_server_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlServer, gst_wsctl_server, GST_WSCTL, SERVER,
    GObject)

/* One line for people about something that happened; on the server's thread. */
typedef void (*GstWsctlServerLogFunc) (const gchar * line, gpointer data);

/* Zero or NULL is the default; copied. */
typedef struct
{
  const gchar *host;            /* 127.0.0.1 */
  guint16 port;                 /* 0: any that is free */
  /* ADDRESS or ADDRESS:PORT for candidates; NULL: @host */
  const gchar *const *advertise;
  guint keyframe_interval_ms;   /* 2000 */
  const gchar *tls_cert;        /* PEM files; NULL: no TLS */
  const gchar *tls_key;
  const gchar *publish_token;   /* NULL: anybody may */
  const gchar *play_token;
  const gchar *pool_token;      /* NULL: nobody describes the peers of pools */
  gboolean takeover;            /* only with a publish token */
  gboolean ceeblue;             /* the shape of on_time; else MistServer's */
  const gchar *renditions;      /* "720p:1500000,…" to make of every stream */
  /* 10000: from a connection to a request, from an offer to DTLS */
  guint connect_timeout_ms;
  guint max_sessions;           /* 1000 */
  guint max_sessions_per_address;       /* 250 */
  guint buffer_ms;              /* 60000: of each stream, to go back in … */
  gsize max_stream_bytes;       /* 64 MiB: … and no more than this … */
  gsize max_bytes;              /* 512 MiB: … and than this of all */
  GstWsctlServerLogFunc log;
  gpointer log_data;
} GstWsctlServerParams;

/* What a test wants the server to do wrong, in sessions that offer from now
 * on. */
typedef enum
{
  GST_WSCTL_SERVER_FAULT_NONE = 0,
  /* Silent from a step on */
  GST_WSCTL_SERVER_FAULT_NO_ANSWER = 1 << 0,
  GST_WSCTL_SERVER_FAULT_NO_ICE = 1 << 1,
  GST_WSCTL_SERVER_FAULT_NO_DTLS = 1 << 2,
  GST_WSCTL_SERVER_FAULT_NO_MEDIA = 1 << 3,
  /* Wrong answers */
  GST_WSCTL_SERVER_FAULT_WRONG_FINGERPRINT = 1 << 4,
  GST_WSCTL_SERVER_FAULT_REFUSE = 1 << 5,
  GST_WSCTL_SERVER_FAULT_NO_MEDIUM = 1 << 6,
  GST_WSCTL_SERVER_FAULT_ONE_MEDIUM = 1 << 7,
  GST_WSCTL_SERVER_FAULT_REJECT_FIRST = 1 << 8,
  GST_WSCTL_SERVER_FAULT_REJECT_SECOND = 1 << 9,
  /* In place of an answer */
  GST_WSCTL_SERVER_FAULT_OVERSIZED = 1 << 10,
  GST_WSCTL_SERVER_FAULT_GARBAGE = 1 << 11,
  GST_WSCTL_SERVER_FAULT_DROP = 1 << 12,
  GST_WSCTL_SERVER_FAULT_CLOSE = 1 << 13,
  /* No fault, but how MistServer does it: RTP times are those of the stream, which
   * stand still in a pause, jump with a seek, and are fast or slow; and a data
   * channel is acknowledged with the digit 2 */
  GST_WSCTL_SERVER_WAY_OF_MIST = 1 << 14,
} GstWsctlServerFault;

/* Lifetime */
GstWsctlServer *gst_wsctl_server_new (const GstWsctlServerParams * params);
gboolean gst_wsctl_server_start (GstWsctlServer * self, GError ** error);
/* Ends every session: players are told. Idempotent. */
void gst_wsctl_server_stop (GstWsctlServer * self);

/* Addresses, while started */
guint16 gst_wsctl_server_get_port (GstWsctlServer * self);
/* The UDP port of media, mostly the same number */
guint16 gst_wsctl_server_get_media_port (GstWsctlServer * self);
/* "ws://HOST:PORT", or "wss://…"; transfer full */
gchar *gst_wsctl_server_get_uri (GstWsctlServer * self);

/* For tests */
void gst_wsctl_server_set_faults (GstWsctlServer * self,
    GstWsctlServerFault faults);
/* Drops the sockets of all sessions: no message, no close frame. */
void gst_wsctl_server_drop_sessions (GstWsctlServer * self);
/* Ends all sessions in order, with a close frame. */
void gst_wsctl_server_close_sessions (GstWsctlServer * self);
guint gst_wsctl_server_count_sessions (GstWsctlServer * self);
/* Whole frames that came in; @kind is "audio" or "video". */
guint64 gst_wsctl_server_count_frames (GstWsctlServer * self,
    const gchar * stream, const gchar * kind);
/* Memory that the stream's frames take, bytes; 0 without a stream */
gsize gst_wsctl_server_get_size (GstWsctlServer * self, const gchar * stream);
/* The last video_bitrate of the stream's publisher, bit/s; -1: none */
gint64 gst_wsctl_server_get_video_bitrate (GstWsctlServer * self,
    const gchar * stream);
/* A text frame to every session as it is */
void gst_wsctl_server_send_text (GstWsctlServer * self, const gchar * text);

G_END_DECLS
