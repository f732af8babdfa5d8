/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Sent from libnice's own sockets with the session's credentials (RFC 8445,
 * 7.2), so that to the server they are checks of this agent. The answers go to
 * libnice, which ignores what it did not ask; its own checks do the rest.
 */

#include "wsctlkicks-private.h"

#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include "wsctlcategory-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlkicks_debug);
#define GST_CAT_DEFAULT wsctlkicks_debug

#define INTERVAL_MS 20
#define FAST_INTERVAL_MS 5      /* RFC 8445, 14.2: no less */
#define FAST_ROUNDS 4
/* A flight that is about to be sent is on its way by then. */
#define FLIGHT_MS 1
#define MAX_ROUNDS 150
#define MAX_TARGETS 8

/* A peer-reflexive candidate of component 1 (RFC 8445, 5.1.2.1) */
#define PRIORITY ((110u << 24) | (65535u << 8) | 255u)

struct _GstWsctlKicks
{
  GstWsctlLoop *loop;
  NiceAgent *agent;
  guint stream_id;
  GPtrArray *targets;           /* GSocketAddress */
  gchar *username;
  gchar *password;
  guint64 tie_breaker;
  guint rounds;
  guint fast_rounds;            /* to go */
  gint64 last_us;               /* monotonic: of the last round */
  GSource *timer;
};

static gsize
build_check (GstWsctlKicks * self, guint8 * buffer, gsize size)
{
  StunAgent agent;
  StunMessage message;

  /* A new one each time: it remembers every request that it built. */
  stun_agent_init (&agent, STUN_ALL_KNOWN_ATTRIBUTES,
      STUN_COMPATIBILITY_RFC5389, STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
      | STUN_AGENT_USAGE_USE_FINGERPRINT);

  return stun_usage_ice_conncheck_create (&agent, &message, buffer, size,
      (const guint8 *) self->username, strlen (self->username),
      (const guint8 *) self->password, strlen (self->password), FALSE, TRUE,
      PRIORITY, self->tie_breaker, NULL, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
}

static void
send_checks (GstWsctlKicks * self, GSocket * socket)
{
  GSocketFamily family = g_socket_get_family (socket);
  guint i;

  for (i = 0; i < self->targets->len; i++) {
    GSocketAddress *target = g_ptr_array_index (self->targets, i);
    g_autoptr (GError) error = NULL;
    guint8 check[512];
    gsize size;

    if (g_socket_address_get_family (target) != family)
      continue;

    size = build_check (self, check, sizeof (check));
    if (size > 0 && g_socket_send_to (socket, target, (const gchar *) check,
            size, NULL, &error) < 0)
      GST_LOG ("check not sent: %s", error->message);
  }
}

static gboolean on_timer (gpointer data);

static void
schedule (GstWsctlKicks * self, guint delay_ms)
{
  gst_wsctl_loop_clear_timer (&self->timer);
  if (self->rounds < MAX_ROUNDS)
    self->timer = gst_wsctl_loop_add_timer (self->loop, delay_ms, on_timer,
        self, NULL);
}

static gboolean
on_timer (gpointer data)
{
  GstWsctlKicks *self = data;
  g_autoptr (GPtrArray) sockets = NULL;
  guint i;

  sockets = nice_agent_get_sockets (self->agent, self->stream_id,
      NICE_COMPONENT_TYPE_RTP);

  for (i = 0; sockets != NULL && i < sockets->len; i++) {
    GSocket *socket = g_ptr_array_index (sockets, i);

    if (g_socket_get_socket_type (socket) == G_SOCKET_TYPE_DATAGRAM)
      send_checks (self, socket);
  }

  self->last_us = g_get_monotonic_time ();
  self->rounds++;
  if (self->fast_rounds > 0)
    self->fast_rounds--;
  schedule (self, self->fast_rounds > 0 ? FAST_INTERVAL_MS : INTERVAL_MS);

  return G_SOURCE_REMOVE;
}

void
gst_wsctl_kicks_add_target (GstWsctlKicks * self, const gchar * address,
    guint16 port)
{
  GSocketAddress *target = NULL;

  if (self->targets->len < MAX_TARGETS)
    target = g_inet_socket_address_new_from_string (address, port);
  if (target != NULL)
    g_ptr_array_add (self->targets, target);
}

GstWsctlKicks *
gst_wsctl_kicks_new (GstWsctlLoop * loop, NiceAgent * agent, guint stream_id,
    const GstWsctlAnswer * answer)
{
  GstWsctlKicks *self = g_new0 (GstWsctlKicks, 1);
  guint i;

  GST_WSCTL_CATEGORY_INIT (wsctlkicks_debug, "wsctlkicks",
      "WebRTC WebSocket control: connectivity checks");

  self->loop = gst_wsctl_loop_ref (loop);
  self->agent = g_object_ref (agent);
  self->stream_id = stream_id;
  /* The offer's own, for the agent may not have been told of it yet. */
  self->username = g_strdup_printf ("%s:%s", answer->ufrag,
      answer->local_ufrag);
  self->password = g_strdup (answer->pwd);
  self->tie_breaker =
      ((guint64) g_random_int () << 32) | (guint64) g_random_int ();
  self->targets = g_ptr_array_new_with_free_func (g_object_unref);
  for (i = 0; i < answer->candidates->len; i++) {
    const GstWsctlRemoteCandidate *candidate =
        &g_array_index (answer->candidates, GstWsctlRemoteCandidate, i);

    gst_wsctl_kicks_add_target (self, candidate->address, candidate->port);
  }

  self->fast_rounds = FAST_ROUNDS;
  on_timer (self);

  return self;
}

void
gst_wsctl_kicks_hurry (GstWsctlKicks * self)
{
  gint64 passed_ms = (g_get_monotonic_time () - self->last_us) / 1000;

  self->fast_rounds = FAST_ROUNDS;
  schedule (self, passed_ms + FLIGHT_MS >= FAST_INTERVAL_MS ? FLIGHT_MS
      : FAST_INTERVAL_MS - (guint) passed_ms);
}

static void
free_kicks (gpointer data)
{
  GstWsctlKicks *self = data;

  gst_wsctl_loop_clear_timer (&self->timer);
  GST_DEBUG ("ended after %u rounds", self->rounds);
  g_ptr_array_unref (self->targets);
  g_object_unref (self->agent);
  gst_wsctl_loop_unref (self->loop);
  g_free (self->username);
  g_free (self->password);
  g_free (self);
}

static void
do_nothing (gpointer data)
{
}

/* The timer may be running right now on the loop: so they end there. */
void
gst_wsctl_kicks_free (GstWsctlKicks * self)
{
  if (gst_wsctl_loop_is_current (self->loop))
    free_kicks (self);
  else
    gst_wsctl_loop_call (self->loop, do_nothing, self, free_kicks);
}
