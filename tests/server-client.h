/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A client that is none of the elements: libsoup for the signalling and a bare
 * webrtcbin for the media. On the thread's default context. */
typedef struct
{
  GMainContext *context;
  SoupSession *session;
  SoupMessage *message;
  SoupWebsocketConnection *socket;
  GQueue texts;                 /* what was received and not yet taken */
  GError *error;                /* of the connection */
  gboolean over;                /* closed, or never opened */
  gushort close_code;

  GstElement *pipeline;
  GstElement *webrtc;
  gchar *offer;
  gint64 offered_us;
  gint64 answered_us;
  gint n_video;                 /* atomic; frames that came out */
  gint n_audio;                 /* atomic */
  gint height;                  /* atomic; of the last picture */
  gint64 first_video_us;        /* set before n_video */
  guint drop_each;              /* packets; 0: none is lost */
  guint n_packets;              /* the streaming thread's */
  gint dropped_seq;             /* likewise; -1: none to come again */
  gint n_resent;                /* atomic; dropped ones that came again */
  GMutex lock;
  GArray *packets;              /* of ClientPacket; lock; NULL: not kept */
} Client;

/* A packet's header, which is not encrypted, and when it came */
typedef struct
{
  guint8 pt;
  guint16 seq;
  guint32 rtp_time;
  gint64 arrived_us;
} ClientPacket;

/* Signalling */
Client *client_new (const gchar * uri, const gchar * path);
void client_free (Client * self);
void client_wait_open (Client * self);
guint client_wait_refused (Client * self);
void client_send (Client * self, const gchar * text);
/* The next message of @type; others before it are dropped. Transfer full. */
JsonObject *client_wait (Client * self, const gchar * type);
gchar *client_wait_text (Client * self);
gushort client_wait_closed (Client * self);

/* Media */
#define CLIENT_VIDEO "videotestsrc is-live=true ! video/x-raw,width=320," \
    "height=240,framerate=30/1 ! x264enc tune=zerolatency bitrate=500 " \
    "speed-preset=ultrafast key-int-max=%d ! video/x-h264," \
    "profile=constrained-baseline ! rtph264pay config-interval=-1 " \
    "aggregate-mode=zero-latency ! application/x-rtp,media=video," \
    "encoding-name=H264,payload=96 ! w. "
/* Like the one above, of twice the size */
#define CLIENT_LARGE_VIDEO "videotestsrc is-live=true ! video/x-raw," \
    "width=640,height=480,framerate=30/1 ! x264enc tune=zerolatency " \
    "bitrate=1000 speed-preset=ultrafast key-int-max=%d ! video/x-h264," \
    "profile=constrained-baseline ! rtph264pay config-interval=-1 " \
    "aggregate-mode=zero-latency ! application/x-rtp,media=video," \
    "encoding-name=H264,payload=96 ! w. "
#define CLIENT_AUDIO "audiotestsrc is-live=true ! opusenc ! rtpopuspay ! " \
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! w. "

void client_start_publisher (Client * self, const gchar * launch);
void client_start_player (Client * self, gboolean video, gboolean audio);
/* Before the start: loses each so many packets of RTP, and sees whether a lost
 * one comes again. */
void client_lose_packets (Client * self, guint drop_each);
/* Before the start: keeps the headers of what comes. */
void client_keep_packets (Client * self);
/* Those of a payload type so far; transfer full */
GArray *client_get_packets (Client * self, guint8 pt);
/* Makes an offer and sends it; sends the one that is there */
void client_offer (Client * self);
void client_send_offer (Client * self);
/* Waits for the answer and sets it. Transfer full. */
gchar *client_take_answer (Client * self);
void client_wait_media (Client * self, gint n_video, gint n_audio);
/* Looks now and then: for what the server tells nobody of */
void client_poll_until (Client * self, gboolean (*condition) (gpointer data),
    gpointer data, const gchar * what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

G_END_DECLS
