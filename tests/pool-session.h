/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "testsupport.h"
#include "wsctlpool-private.h"
#include "wsctlserver-private.h"

G_BEGIN_DECLS

/* One that takes part in a pool: its pipeline, its tracks, and what it hears and
 * gets. Counters are atomic: signals come from other threads. */
typedef struct
{
  GMainContext *context;
  GstElement *pipeline;
  GstWsctlPool *pool;
  GstWsctlTrack *tracks[GST_WSCTL_N_MEDIA_KINDS];
  GPtrArray *sent_to;           /* lock; connections that the tracks go to */
  GMutex lock;
  GError *error;                /* lock; the first */

  gboolean by_streams;          /* who comes gets no track by itself */

  gint n_joined;
  gint n_peers;
  gint n_left;
  gint n_closed;                /* the pool itself */
  gint n_stopped;
  gint n_described;
  gint n_errors;
  gint n_tracks;                /* pads that came */
  gint n_pads_gone;
  gint n_buffers[GST_WSCTL_N_MEDIA_KINDS];      /* of RTP that came */
} PoolClient;

/* The server of a test */
GstWsctlServer *pool_server_new (const GstWsctlServerParams * params,
    gchar ** uri);
void pool_server_free (GstWsctlServer * server);

/* @launch: POOL_LAUNCH_*, any of them, or NULL to send nothing */
PoolClient *pool_client_new (const gchar * uri, const gchar * launch);
/* Sends from 127.0.0.1 and from nowhere else */
PoolClient *pool_client_new_with_transport (GstWsctlTransport * transport,
    const gchar * launch);
void pool_client_join (PoolClient * self);
void pool_client_join_pool (PoolClient * self, const gchar * name);
/* Waits until *@counter is @n or more. */
void pool_client_wait (PoolClient * self, gint * counter, gint n,
    const gchar * what);
/* Waits until @n more packets of @kind have come. */
void pool_client_wait_media (PoolClient * self, GstWsctlMediaKind kind,
    gint n);
/* The connection to another; transfer full */
GstWsctlConnection *pool_client_get_connection (PoolClient * self,
    PoolClient * other);
/* Runs @func on the loop with the client and waits. */
void pool_client_call (PoolClient * self, GstWsctlLoopFunc func);
/* As if the server had said it */
void pool_client_receive (PoolClient * self, const gchar * type,
    const gchar * data);
/* Closes, and checks that nothing is left. */
void pool_client_free (PoolClient * self);

/* A server and some that are in one pool of it; those who come get the tracks of
 * who is there, unless @by_streams. @launches: of each, to NULL; "" sends
 * nothing */
typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  PoolClient *clients[4];
  guint n_clients;
} PoolParty;

PoolParty *pool_party_new (const GstWsctlServerParams * params,
    gboolean by_streams, const gchar * const *launches);
void pool_party_free (PoolParty * self);

#define POOL_LAUNCH_VIDEO "videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64,framerate=30/1 ! vp8enc deadline=1 ! " \
    "video/x-vp8 ! identity name=video "
#define POOL_LAUNCH_AUDIO "audiotestsrc is-live=true ! opusenc ! " \
    "audio/x-opus ! identity name=audio "

G_END_DECLS
