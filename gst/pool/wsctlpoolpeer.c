/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlpoolpeer-private.h"

#include <string.h>

#include "wsctlglare-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpoolpeer_debug);
#define GST_CAT_DEFAULT wsctlpoolpeer_debug

/* libnice takes 50 s to see that a path is lost. Reports come every 6 s at the
 * latest; nothing for longer than that, and another path is tried. */
#define WATCH_INTERVAL_MS 2000
#define SILENCE_US (8 * G_USEC_PER_SEC)

struct _GstWsctlPoolPeer
{
  GObject parent;

  GstWsctlLoop *loop;
  GstWsctlConnection *connection;
  const GstWsctlPoolPeerCallbacks *callbacks;
  GWeakRef owner;
  gboolean polite;
  guint grace_ms;               /* 0 once something has been negotiated */

  GstWsctlGlareState state;
  gboolean needed;              /* remembered */
  gboolean rest_offered;        /* what the peer's offers have no place for */
  guint serial;                 /* of the description being made */
  guint failures;               /* in a row */
  gboolean closed;
  GSource *timeout;             /* of the state */
  GSource *start;               /* of a negotiation put off */
  GSource *watch;               /* once connected */
  gint64 silent_since_us;       /* what was tried for already */
};

G_DEFINE_FINAL_TYPE (GstWsctlPoolPeer, gst_wsctl_pool_peer, G_TYPE_OBJECT);

static void run_trigger (GstWsctlPoolPeer * self, GstWsctlGlareTrigger trigger,
    const gchar * text);

/* A description on its way; a later one makes it late. */
typedef struct
{
  GstWsctlPoolPeer *self;
  guint serial;
  const gchar *type;
} Making;

/* What is being made of it is late from now on. */
static void
abandon (GstWsctlPoolPeer * self)
{
  self->serial++;
  gst_wsctl_connection_abandon (self->connection);
}

static gboolean
on_timeout (gpointer data)
{
  GstWsctlPoolPeer *self = data;

  GST_INFO ("%s: nothing came in time while %s",
      gst_wsctl_connection_get_id (self->connection),
      gst_wsctl_glare_get_name (self->state));
  abandon (self);
  run_trigger (self, GST_WSCTL_GLARE_FAILED, NULL);

  return G_SOURCE_REMOVE;
}

static gboolean
on_start (gpointer data)
{
  GstWsctlPoolPeer *self = data;

  gst_wsctl_loop_clear_timer (&self->start);
  run_trigger (self, GST_WSCTL_GLARE_NEEDED, NULL);

  return G_SOURCE_REMOVE;
}

/* Put off, so that what changes at the same time is negotiated at once */
static void
start_later (GstWsctlPoolPeer * self, guint delay_ms)
{
  if (self->start == NULL)
    self->start = gst_wsctl_loop_add_timer (self->loop, delay_ms, on_start,
        self, NULL);
}

static void
send (GstWsctlPoolPeer * self, const GstWsctlSsp * message)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  if (owner != NULL)
    self->callbacks->send (owner, message);
}

static void
send_description (GstWsctlPoolPeer * self, const gchar * type,
    const gchar * text)
{
  g_autoptr (GstWsctlSsp) message = gst_wsctl_ssp_new (GST_WSCTL_SSP_SDP);

  message->id = g_strdup (gst_wsctl_connection_get_id (self->connection));
  message->sdp_type = g_strdup (type);
  message->sdp = g_strdup (text);
  send (self, message);
}

/* A peer that keeps its connection checks the new path of our answer behind the
 * one that it has, and may never take it (RFC 8445, 8.1.1, leaves that to it).
 * Only a restart of ICE makes it, which takes an offer of ours. */
static void
restart_ice (GstWsctlPoolPeer * self)
{
  self->state = GST_WSCTL_GLARE_STABLE;
  run_trigger (self, GST_WSCTL_GLARE_NEEDED, NULL);
}

static void
description_done (GObject * connection, GAsyncResult * result, gpointer data)
{
  Making *making = data;
  g_autoptr (GstWsctlPoolPeer) self = making->self;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;
  const gchar *type = making->type;
  gboolean late = self->closed || making->serial != self->serial;

  g_free (making);
  text = gst_wsctl_connection_describe_finish (GST_WSCTL_CONNECTION
      (connection), result, &error);
  if (late)
    return;

  if (text == NULL) {
    GST_WARNING ("%s: %s", gst_wsctl_connection_get_id (self->connection),
        error->message);
    abandon (self);
    run_trigger (self, GST_WSCTL_GLARE_FAILED, NULL);
    return;
  }

  run_trigger (self, GST_WSCTL_GLARE_MADE, NULL);
  send_description (self, type, text);
  if (strcmp (type, "answer") == 0
      && gst_wsctl_connection_keeps_ice (self->connection))
    restart_ice (self);
}

static Making *
new_making (GstWsctlPoolPeer * self, const gchar * type)
{
  Making *making = g_new0 (Making, 1);

  making->self = g_object_ref (self);
  making->serial = ++self->serial;
  making->type = type;

  return making;
}

static void
make_offer (GstWsctlPoolPeer * self)
{
  self->needed = FALSE;
  gst_wsctl_connection_describe_offer_async (self->connection,
      description_done, new_making (self, "offer"));
}

static void
make_answer (GstWsctlPoolPeer * self, const gchar * offer)
{
  Making *making = new_making (self, "answer");
  g_autoptr (GError) error = NULL;

  if (gst_wsctl_connection_describe_answer_async (self->connection, offer,
          description_done, making, &error))
    return;

  GST_WARNING ("%s: %s", gst_wsctl_connection_get_id (self->connection),
      error->message);
  g_object_unref (making->self);
  g_free (making);
  abandon (self);
  self->state = GST_WSCTL_GLARE_STABLE;
}

static void
take_answer (GstWsctlPoolPeer * self, const gchar * answer)
{
  g_autoptr (GError) error = NULL;

  if (gst_wsctl_connection_take_peer_answer (self->connection, answer, &error))
    return;

  GST_WARNING ("%s: %s", gst_wsctl_connection_get_id (self->connection),
      error->message);
  abandon (self);
  run_trigger (self, GST_WSCTL_GLARE_FAILED, NULL);
}

/* Connected: is there more to say? */
static void
look_for_rest (GstWsctlPoolPeer * self)
{
  self->failures = 0;
  if (!gst_wsctl_connection_is_complete (self->connection)
      && !self->rest_offered) {
    self->rest_offered = TRUE;
    self->needed = TRUE;
  }
  if (self->needed)
    start_later (self, 0);
}

/* What is lost is lost for both: the one that sees it first offers, and when
 * they meet, there is a table for that. */
static void
try_again (GstWsctlPoolPeer * self)
{
  guint delay_ms = gst_wsctl_glare_get_delay_ms (self->failures++);

  GST_INFO ("%s: tries again in %u ms",
      gst_wsctl_connection_get_id (self->connection), delay_ms);
  start_later (self, delay_ms);
}

static void
restart_timeout (GstWsctlPoolPeer * self)
{
  guint timeout_ms = gst_wsctl_glare_get_timeout_ms (self->state);

  gst_wsctl_loop_clear_timer (&self->timeout);
  if (timeout_ms != 0)
    self->timeout = gst_wsctl_loop_add_timer (self->loop, timeout_ms,
        on_timeout, self, NULL);
}

static void
run_trigger (GstWsctlPoolPeer * self, GstWsctlGlareTrigger trigger,
    const gchar * text)
{
  GstWsctlGlareState old = self->state;
  GstWsctlGlareAction action =
      gst_wsctl_glare_next (&self->state, self->polite, trigger);

  if (self->state != old)
    GST_DEBUG ("%s: %s -> %s", gst_wsctl_connection_get_id (self->connection),
        gst_wsctl_glare_get_name (old), gst_wsctl_glare_get_name (self->state));

  switch (action) {
    case GST_WSCTL_GLARE_MAKE_OFFER:
      make_offer (self);
      break;
    case GST_WSCTL_GLARE_MAKE_ANSWER:
      make_answer (self, text);
      break;
    case GST_WSCTL_GLARE_TAKE_ANSWER:
      take_answer (self, text);
      break;
    case GST_WSCTL_GLARE_REMEMBER:
      self->needed = TRUE;
      break;
    case GST_WSCTL_GLARE_REST:
      look_for_rest (self);
      break;
    case GST_WSCTL_GLARE_RETRY:
      try_again (self);
      break;
    case GST_WSCTL_GLARE_SEND:
    case GST_WSCTL_GLARE_NOTHING:
      break;
  }
  if (action != GST_WSCTL_GLARE_NOTHING && action != GST_WSCTL_GLARE_REMEMBER)
    restart_timeout (self);
}

static void
on_candidate (gpointer owner, GstWsctlConnection * connection, guint mline,
    const gchar * candidate, const gchar * ufrag)
{
  GstWsctlPoolPeer *self = owner;
  g_autoptr (GstWsctlSsp) message = NULL;

  if (self->closed)
    return;

  message = gst_wsctl_ssp_new (GST_WSCTL_SSP_CANDIDATE);
  message->id = g_strdup (gst_wsctl_connection_get_id (connection));
  message->candidate = g_strdup (candidate);
  message->sdp_mline_index = mline;
  message->username_fragment = g_strdup (ufrag);
  send (self, message);
}

/* Once for each silence: what connects takes the place of the silent one, which
 * goes on until then if it can. */
static gboolean
on_watch (gpointer data)
{
  GstWsctlPoolPeer *self = data;
  gint64 last_us = gst_wsctl_connection_get_last_received_us (self->connection);

  if (last_us == 0 || last_us == self->silent_since_us
      || self->state != GST_WSCTL_GLARE_STABLE
      || g_get_monotonic_time () - last_us < SILENCE_US)
    return G_SOURCE_CONTINUE;

  GST_INFO ("%s: has been silent for %d s",
      gst_wsctl_connection_get_id (self->connection),
      (gint) (SILENCE_US / G_USEC_PER_SEC));
  self->silent_since_us = last_us;
  run_trigger (self, GST_WSCTL_GLARE_NEEDED, NULL);

  return G_SOURCE_CONTINUE;
}

static void
watch (GstWsctlPoolPeer * self)
{
  if (self->watch == NULL)
    self->watch = gst_wsctl_loop_add_timer (self->loop, WATCH_INTERVAL_MS,
        on_watch, self, NULL);
}

static void
on_state (gpointer owner, GstWsctlConnection * connection,
    GstWsctlConnectionState state)
{
  GstWsctlPoolPeer *self = owner;

  if (self->closed)
    return;

  self->grace_ms = 0;
  if (state == GST_WSCTL_CONNECTION_STATE_CONNECTED) {
    watch (self);
    run_trigger (self, GST_WSCTL_GLARE_CONNECTED, NULL);
  } else if (state == GST_WSCTL_CONNECTION_STATE_FAILED) {
    run_trigger (self, GST_WSCTL_GLARE_FAILED, NULL);
  }
}

/* Who has come later knows of the others first: it goes first, as a rule. */
static void
on_tracks_changed (gpointer owner, GstWsctlConnection * connection)
{
  GstWsctlPoolPeer *self = owner;

  if (self->closed)
    return;

  self->rest_offered = FALSE;
  start_later (self, self->polite ? 0 : self->grace_ms);
}

static GstPad *
on_pad_added (gpointer owner, GstWsctlConnection * connection, GstPad * pad)
{
  GstWsctlPoolPeer *self = owner;
  g_autoptr (GObject) pool = g_weak_ref_get (&self->owner);

  return pool != NULL ? self->callbacks->pad_added (pool, connection, pad)
      : NULL;
}

static const GstWsctlPeerCallbacks connection_callbacks = {
  on_candidate, on_state, on_tracks_changed, on_pad_added
};

static void
take_description (GstWsctlPoolPeer * self, const GstWsctlSsp * message)
{
  self->grace_ms = 0;
  if (strcmp (message->sdp_type, "offer") == 0) {
    /* With it comes a place for what we have, most likely. */
    if (self->start != NULL && self->state == GST_WSCTL_GLARE_STABLE
        && self->failures == 0)
      gst_wsctl_loop_clear_timer (&self->start);
    run_trigger (self, GST_WSCTL_GLARE_OFFER, message->sdp);
  } else if (strcmp (message->sdp_type, "answer") == 0) {
    run_trigger (self, GST_WSCTL_GLARE_ANSWER, message->sdp);
  }
}

/* All is on one transport, which is the first section's. */
static void
take_candidate (GstWsctlPoolPeer * self, const GstWsctlSsp * message)
{
  if (message->candidate != NULL && message->sdp_mline_index <= 0)
    gst_wsctl_connection_add_candidate (self->connection, 0,
        message->candidate, message->username_fragment);
}

void
gst_wsctl_pool_peer_take (GstWsctlPoolPeer * self, const GstWsctlSsp * message)
{
  if (self->closed)
    return;

  if (message->type == GST_WSCTL_SSP_SDP)
    take_description (self, message);
  else if (message->type == GST_WSCTL_SSP_CANDIDATE)
    take_candidate (self, message);
}

GstWsctlConnection *
gst_wsctl_pool_peer_get_connection (GstWsctlPoolPeer * self)
{
  return self->connection;
}

void
gst_wsctl_pool_peer_negotiate (GstWsctlPoolPeer * self)
{
  if (!self->closed)
    run_trigger (self, GST_WSCTL_GLARE_NEEDED, NULL);
}

void
gst_wsctl_pool_peer_close (GstWsctlPoolPeer * self)
{
  self->closed = TRUE;
  gst_wsctl_loop_clear_timer (&self->timeout);
  gst_wsctl_loop_clear_timer (&self->start);
  gst_wsctl_loop_clear_timer (&self->watch);
  gst_wsctl_connection_close (self->connection);
}

GstWsctlPoolPeer *
gst_wsctl_pool_peer_new (const GstWsctlPoolPeerParams * params,
    const gchar * id, GVariant * description, gboolean polite)
{
  GstWsctlPoolPeer *self = g_object_new (GST_WSCTL_TYPE_POOL_PEER, NULL);

  self->loop = gst_wsctl_loop_ref (params->loop);
  self->callbacks = params->callbacks;
  g_weak_ref_init (&self->owner, params->owner);
  self->polite = polite;
  self->grace_ms = params->grace_ms;
  self->connection = gst_wsctl_connection_new_for_peer (params->params,
      params->worker, params->bin, id, description, &connection_callbacks,
      G_OBJECT (self));

  return self;
}

static void
gst_wsctl_pool_peer_finalize (GObject * object)
{
  GstWsctlPoolPeer *self = GST_WSCTL_POOL_PEER (object);

  g_assert (self->timeout == NULL && self->start == NULL
      && self->watch == NULL);

  g_clear_object (&self->connection);
  g_weak_ref_clear (&self->owner);
  gst_wsctl_loop_unref (self->loop);

  G_OBJECT_CLASS (gst_wsctl_pool_peer_parent_class)->finalize (object);
}

static void
gst_wsctl_pool_peer_class_init (GstWsctlPoolPeerClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_pool_peer_finalize;

  GST_DEBUG_CATEGORY_INIT (wsctlpoolpeer_debug, "wsctlpoolpeer", 0,
      "WebRTC WebSocket control: peer of a pool");
}

static void
gst_wsctl_pool_peer_init (GstWsctlPoolPeer * self)
{
}
