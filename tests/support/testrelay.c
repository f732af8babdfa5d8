/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Sockets and clocks around TestLink. To the server each client is a socket of
 * the relay; what comes back on it is for that client.
 */

#include "testrelay.h"

#include <gio/gnetworking.h>

#include "wsctlloop-private.h"

#define PACKET_SIZE 65536
/* Packets that are taken at once: whoever sends without end must not keep the
 * other direction, or the clock, from its turn. */
#define BATCH 64
#define SOCKET_BUFFER_SIZE (4 * 1024 * 1024)
#define MAX_FLOWS 256

struct _TestRelay
{
  GstWsctlLoop *loop;
  gchar *address;
  guint32 seed;

  /* All that follows belongs to the loop's thread. */
  GSocket *socket;
  GSource *source;
  GSocketAddress *target;
  GHashTable *flows;            /* "ADDRESS:PORT" of the client -> Flow */
  TestConditions conditions[TEST_N_DIRECTIONS];
  GArray *steps;                /* TestStep, or NULL */
  guint next_step;
  gint64 started_us;
  GSource *step_timer;
  guint8 *buffer;
};

/* One client's way to the server and back */
typedef struct
{
  TestRelay *relay;
  GSocketAddress *client;
  GSocket *socket;              /* connected to the target */
  GSource *source;
  GSource *timer;
  TestLink *links[TEST_N_DIRECTIONS];
} Flow;

/* A question or an order of another thread */
typedef struct
{
  TestRelay *self;
  guint16 port;
  const gchar *script;
  TestDirection direction;
  TestLinkReport *report;
  guint n_clients;
} Call;

static void
clear_source (GSource ** source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSocket *
open_socket (void)
{
  g_autoptr (GInetAddress) host =
      g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (host, 0);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, &error);

  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER_SIZE, NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER_SIZE, NULL);
  g_socket_bind (socket, address, FALSE, &error);
  g_assert_no_error (error);

  return socket;
}

static GSource *
watch_socket (TestRelay * self, GSocket * socket,
    GSocketSourceFunc func, gpointer data)
{
  GSource *source = g_socket_create_source (socket, G_IO_IN, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (func), data, NULL);
  g_source_attach (source, gst_wsctl_loop_get_context (self->loop));

  return source;
}

/* The address as text, to be compared. Transfer full. */
static gchar *
name_address (GSocketAddress * address)
{
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

/* A socket that takes nothing loses the packet, as a network would. */
static void
deliver (Flow * self, gint64 now_us)
{
  GBytes *packet;
  gconstpointer bytes;
  gsize size;

  while ((packet = test_link_pop (self->links[TEST_DIRECTION_UP], now_us))) {
    bytes = g_bytes_get_data (packet, &size);
    g_socket_send (self->socket, bytes, size, NULL, NULL);
    g_bytes_unref (packet);
  }
  while ((packet = test_link_pop (self->links[TEST_DIRECTION_DOWN], now_us))) {
    bytes = g_bytes_get_data (packet, &size);
    g_socket_send_to (self->relay->socket, self->client, bytes, size, NULL,
        NULL);
    g_bytes_unref (packet);
  }
}

static void
follow_links (Flow * self)
{
  gint64 next_us;

  deliver (self, g_get_monotonic_time ());
  next_us = MIN (test_link_get_next_us (self->links[TEST_DIRECTION_UP]),
      test_link_get_next_us (self->links[TEST_DIRECTION_DOWN]));
  g_source_set_ready_time (self->timer, next_us != G_MAXINT64 ? next_us : -1);
}

static gboolean
on_flow_timeout (gpointer data)
{
  follow_links (data);

  return G_SOURCE_CONTINUE;
}

/* A source whose only event is its ready time */
static gboolean
dispatch_timer (GSource * source, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (source, -1);

  return func (data);
}

static GSourceFuncs timer_funcs = {
  .dispatch = dispatch_timer
};

static GSource *
make_timer (TestRelay * self, GSourceFunc func, gpointer data)
{
  GSource *timer = g_source_new (&timer_funcs, sizeof (GSource));

  g_source_set_callback (timer, func, data, NULL);
  g_source_attach (timer, gst_wsctl_loop_get_context (self->loop));

  return timer;
}

static gboolean
on_from_server (GSocket * socket, GIOCondition condition, gpointer data)
{
  Flow *self = data;
  gchar *buffer = (gchar *) self->relay->buffer;
  guint i;

  for (i = 0; i < BATCH; i++) {
    gssize size = g_socket_receive (socket, buffer, PACKET_SIZE, NULL, NULL);
    g_autoptr (GBytes) packet = NULL;

    if (size <= 0)
      break;
    packet = g_bytes_new (buffer, size);
    test_link_push (self->links[TEST_DIRECTION_DOWN], packet,
        g_get_monotonic_time ());
  }
  follow_links (self);

  return G_SOURCE_CONTINUE;
}

static Flow *
add_flow (TestRelay * self, GSocketAddress * client)
{
  Flow *flow = g_new0 (Flow, 1);
  guint index = g_hash_table_size (self->flows);
  gint64 now_us = g_get_monotonic_time ();
  guint i;

  flow->relay = self;
  flow->client = g_object_ref (client);
  flow->socket = open_socket ();
  g_socket_connect (flow->socket, self->target, NULL, NULL);
  flow->source = watch_socket (self, flow->socket, on_from_server, flow);
  flow->timer = make_timer (self, on_flow_timeout, flow);
  for (i = 0; i < TEST_N_DIRECTIONS; i++) {
    flow->links[i] = test_link_new (self->seed + TEST_N_DIRECTIONS * index + i);
    test_link_set (flow->links[i], &self->conditions[i], now_us);
  }
  g_hash_table_insert (self->flows, name_address (client), flow);

  return flow;
}

static void
free_flow (gpointer data)
{
  Flow *flow = data;
  guint i;

  clear_source (&flow->source);
  clear_source (&flow->timer);
  for (i = 0; i < TEST_N_DIRECTIONS; i++)
    test_link_free (flow->links[i]);
  g_socket_close (flow->socket, NULL);
  g_object_unref (flow->socket);
  g_object_unref (flow->client);
  g_free (flow);
}

static void
take_from_client (TestRelay * self, GSocketAddress * client, gsize size)
{
  g_autofree gchar *name = name_address (client);
  Flow *flow = g_hash_table_lookup (self->flows, name);
  g_autoptr (GBytes) packet = g_bytes_new (self->buffer, size);

  if (flow == NULL && g_hash_table_size (self->flows) < MAX_FLOWS)
    flow = add_flow (self, client);
  if (flow == NULL)
    return;

  test_link_push (flow->links[TEST_DIRECTION_UP], packet,
      g_get_monotonic_time ());
  follow_links (flow);
}

static gboolean
on_from_client (GSocket * socket, GIOCondition condition, gpointer data)
{
  TestRelay *self = data;
  guint i;

  for (i = 0; i < BATCH; i++) {
    g_autoptr (GSocketAddress) client = NULL;
    gssize size = g_socket_receive_from (socket, &client,
        (gchar *) self->buffer, PACKET_SIZE, NULL, NULL);

    if (size <= 0)
      break;
    if (self->target != NULL)
      take_from_client (self, client, size);
  }

  return G_SOURCE_CONTINUE;
}

static void
set_conditions (TestRelay * self, const TestConditions * conditions)
{
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer flow;
  guint i;

  g_hash_table_iter_init (&iter, self->flows);
  for (i = 0; i < TEST_N_DIRECTIONS; i++)
    self->conditions[i] = conditions[i];
  while (g_hash_table_iter_next (&iter, NULL, &flow)) {
    for (i = 0; i < TEST_N_DIRECTIONS; i++)
      test_link_set (((Flow *) flow)->links[i], &conditions[i], now_us);
    follow_links (flow);
  }
}

/* Takes the steps whose time has come and sets the clock for the next. */
static gboolean
on_step (gpointer data)
{
  TestRelay *self = data;
  gint64 passed_ms = (g_get_monotonic_time () - self->started_us) / 1000;

  while (self->next_step < self->steps->len) {
    TestStep *step = &g_array_index (self->steps, TestStep, self->next_step);

    if (step->at_ms > passed_ms) {
      g_source_set_ready_time (self->step_timer,
          self->started_us + step->at_ms * G_TIME_SPAN_MILLISECOND);
      break;
    }
    set_conditions (self, step->conditions);
    self->next_step++;
  }

  return G_SOURCE_CONTINUE;
}

static void
open_relay (gpointer data)
{
  TestRelay *self = data;
  g_autoptr (GSocketAddress) address = NULL;

  self->buffer = g_malloc (PACKET_SIZE);
  self->flows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      free_flow);
  self->socket = open_socket ();
  self->source = watch_socket (self, self->socket, on_from_client, self);
  self->step_timer = make_timer (self, on_step, self);
  address = g_socket_get_local_address (self->socket, NULL);
  self->address = name_address (address);
}

static void
close_relay (gpointer data)
{
  TestRelay *self = data;

  clear_source (&self->source);
  clear_source (&self->step_timer);
  g_hash_table_unref (self->flows);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_clear_object (&self->target);
  g_clear_pointer (&self->steps, g_array_unref);
  g_free (self->buffer);
}

TestRelay *
test_relay_new (guint32 seed)
{
  TestRelay *self = g_new0 (TestRelay, 1);

  self->seed = seed;
  self->loop = gst_wsctl_loop_new ("relay");
  gst_wsctl_loop_call_sync (self->loop, open_relay, self);

  return self;
}

void
test_relay_free (TestRelay * self)
{
  gst_wsctl_loop_call_sync (self->loop, close_relay, self);
  gst_wsctl_loop_stop (self->loop);
  gst_wsctl_loop_unref (self->loop);
  g_free (self->address);
  g_free (self);
}

const gchar *
test_relay_get_address (TestRelay * self)
{
  return self->address;
}

static void
set_target (gpointer data)
{
  Call *call = data;
  g_autoptr (GInetAddress) host =
      g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  g_assert_cmpuint (g_hash_table_size (call->self->flows), ==, 0);
  g_clear_object (&call->self->target);
  call->self->target = g_inet_socket_address_new (host, call->port);
}

void
test_relay_set_target (TestRelay * self, guint16 port)
{
  Call call = { self,.port = port };

  gst_wsctl_loop_call_sync (self->loop, set_target, &call);
}

static void
run_script (gpointer data)
{
  Call *call = data;
  TestRelay *self = call->self;
  g_autoptr (GError) error = NULL;
  GArray *steps = test_schedule_parse (call->script, self->conditions, &error);

  g_assert_no_error (error);
  g_clear_pointer (&self->steps, g_array_unref);
  self->steps = steps;
  self->next_step = 0;
  self->started_us = g_get_monotonic_time ();
  g_source_set_ready_time (self->step_timer, -1);
  on_step (self);
}

void
test_relay_run (TestRelay * self, const gchar * script)
{
  Call call = { self,.script = script };

  gst_wsctl_loop_call_sync (self->loop, run_script, &call);
}

static void
collect_report (gpointer data)
{
  Call *call = data;
  GHashTableIter iter;
  gpointer flow;

  g_hash_table_iter_init (&iter, call->self->flows);
  while (g_hash_table_iter_next (&iter, NULL, &flow))
    test_link_report_add (call->report,
        test_link_get_report (((Flow *) flow)->links[call->direction]));
  call->n_clients = g_hash_table_size (call->self->flows);
}

void
test_relay_get_report (TestRelay * self, TestDirection direction,
    TestLinkReport * report)
{
  Call call = { self,.direction = direction,.report = report };

  *report = (TestLinkReport) {
  0,};
  gst_wsctl_loop_call_sync (self->loop, collect_report, &call);
}

guint
test_relay_count_clients (TestRelay * self)
{
  TestLinkReport report = { 0, };
  Call call = { self,.report = &report };

  gst_wsctl_loop_call_sync (self->loop, collect_report, &call);

  return call.n_clients;
}

void
test_relay_say (TestRelay * self)
{
  TestDirection direction;

  for (direction = 0; direction < TEST_N_DIRECTIONS; direction++) {
    TestLinkReport report;
    g_autofree gchar *text = NULL;

    test_relay_get_report (self, direction, &report);
    text = test_link_report_to_string (&report);
    g_test_message ("%s: %s", direction == TEST_DIRECTION_UP ? "up" : "down",
        text);
  }
}
