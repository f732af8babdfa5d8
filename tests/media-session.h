/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "testsupport.h"
#include "wsctlconnection-private.h"
#include "wsctllite-private.h"

G_BEGIN_DECLS

/* The server's side of one session: its transport, on the test's context, and
 * answers to any offer of ours. */
typedef struct
{
  GstWsctlLitePort *port;
  GstWsctlLitePeer *peer;       /* once answered */

  /* What the answer is to be */
  const gchar *fingerprint;     /* NULL: the right one */
  gboolean reject[GST_WSCTL_N_MEDIA_KINDS];
  gboolean repair;              /* with RTX, if it is offered */
  gboolean parity;              /* with ULPFEC in RED, likewise */
  gboolean transport_cc;        /* with transport-wide feedback, likewise */

  const gchar *pattern;         /* NULL, or what is written otherwise … */
  const gchar *with;            /* … namely so: a replacement of GRegex */

  gboolean connected;
  gboolean closed;
  guint n_rtp;
  guint n_rtcp;
  void (*on_rtp) (guint8 * packet, gsize size, gpointer data);
  void (*on_rtcp) (guint8 * packet, gsize size, gpointer data);
  gpointer data;                /* for these */
} MediaServer;

MediaServer *media_server_new (void);
gchar *media_server_answer (MediaServer * self, const gchar * offer);
void media_server_free (MediaServer * self);

/* Our side: a connection whose element is in a pipeline, and what became of its
 * calls. Its fields are written on the loop, and read by the test when the
 * calls have ended. */
typedef struct
{
  GMainContext *context;
  GstWsctlLoop *loop;
  GstWsctlConnection *connection;
  GstElement *pipeline;         /* NULL: the element is in none */
  gint state;                   /* atomic */
  gint n_offers;                /* atomic: how often the call has ended */
  gint n_answers;               /* atomic */
  gchar *offer;
  GError *offer_error;
  GError *answer_error;
} MediaClient;

/* @launch: what to send, with a caps filter at its end for each of "audio" and
 * "video" by name; NULL to receive. */
MediaClient *media_client_new (const gchar * launch);
/* In no pipeline, and in NULL */
MediaClient *media_client_new_bare (void);
/* Opus and VP8, or Opus alone */
void media_client_add_media (MediaClient * self, gboolean sending);
void media_client_add_audio (MediaClient * self, gboolean sending);
void media_client_play (MediaClient * self);
void media_client_create_offer (MediaClient * self);
void media_client_set_answer (MediaClient * self, const gchar * sdp);
void media_client_close (MediaClient * self);
void media_client_wait_offer (MediaClient * self);
void media_client_wait_answer (MediaClient * self);
void media_client_wait_state (MediaClient * self,
    GstWsctlConnectionState state);
/* All of it, up to the answer taken */
void media_client_negotiate (MediaClient * self, MediaServer * server);
/* Runs @func on the loop and waits. */
void media_client_call (MediaClient * self, GstWsctlLoopFunc func);
/* Checks that nothing is left of the connection and of its element. */
void media_client_free (MediaClient * self);

#define MEDIA_LAUNCH_AUDIO "audiotestsrc is-live=true ! opusenc ! " \
    "rtpopuspay pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS," \
    "payload=111 ! identity name=audio "
#define MEDIA_LAUNCH_VIDEO "videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64,framerate=30/1 ! vp8enc deadline=1 ! " \
    "rtpvp8pay pt=104 name=payloader ! application/x-rtp,media=video,encoding-name=VP8," \
    "payload=104 ! identity name=video "

G_END_DECLS
