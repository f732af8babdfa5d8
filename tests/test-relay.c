/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The relay between sockets: packets are counted, times have wide bounds.
 */

#include <string.h>

#include "testrelay.h"
#include "testsupport.h"

#define SEED 7
#define SIZE 500

/* A server that says what it hears, and clients that count what they hear */
typedef struct
{
  TestRelay *relay;
  GSocket *server;
  GSource *server_source;
  guint n_served;
  GSocketAddress *last_client;
} Fixture;

typedef struct
{
  GSocket *socket;
  GSource *source;
  guint n_heard;
  guint wanted;
  gint64 last_us;               /* when the last one came */
} Client;

static GSocket *
open_socket (void)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);

  g_assert_true (g_socket_bind (socket, address, FALSE, NULL));
  g_socket_set_blocking (socket, FALSE);

  return socket;
}

static GSource *
watch (GSocket * socket, GSocketSourceFunc func, gpointer data)
{
  GSource *source = g_socket_create_source (socket, G_IO_IN, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (func), data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());

  return source;
}

static gboolean
on_request (GSocket * socket, GIOCondition condition, gpointer data)
{
  Fixture *fixture = data;
  gchar buffer[2048];
  gssize size;

  g_clear_object (&fixture->last_client);
  size = g_socket_receive_from (socket, &fixture->last_client, buffer,
      sizeof (buffer), NULL, NULL);
  if (size > 0) {
    fixture->n_served++;
    g_socket_send_to (socket, fixture->last_client, buffer, size, NULL, NULL);
  }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_reply (GSocket * socket, GIOCondition condition, gpointer data)
{
  Client *client = data;
  gchar buffer[2048];

  if (g_socket_receive (socket, buffer, sizeof (buffer), NULL, NULL) == SIZE) {
    client->n_heard++;
    client->last_us = g_get_monotonic_time ();
  }

  return G_SOURCE_CONTINUE;
}

static void
start (Fixture * fixture)
{
  g_autoptr (GSocketAddress) address = NULL;

  memset (fixture, 0, sizeof (*fixture));
  fixture->server = open_socket ();
  fixture->server_source = watch (fixture->server, on_request, fixture);
  fixture->relay = test_relay_new (SEED);
  address = g_socket_get_local_address (fixture->server, NULL);
  test_relay_set_target (fixture->relay,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

static void
stop (Fixture * fixture)
{
  test_relay_say (fixture->relay);
  test_relay_free (fixture->relay);
  g_source_destroy (fixture->server_source);
  g_source_unref (fixture->server_source);
  g_clear_object (&fixture->last_client);
  g_object_unref (fixture->server);
}

static Client *
client_new (Fixture * fixture)
{
  Client *client = g_new0 (Client, 1);
  g_autoptr (GSocketConnectable) relay =
      g_network_address_parse (test_relay_get_address (fixture->relay), 0,
      NULL);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1",
      g_network_address_get_port (G_NETWORK_ADDRESS (relay)));

  client->socket = open_socket ();
  g_assert_true (g_socket_connect (client->socket, address, NULL, NULL));
  client->source = watch (client->socket, on_reply, client);

  return client;
}

static void
client_free (Client * client)
{
  g_source_destroy (client->source);
  g_source_unref (client->source);
  g_object_unref (client->socket);
  g_free (client);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)
     static void say (Client * client, guint n)
{
  const gchar packet[SIZE] = { 0, };

  for (; n > 0; n--)
    g_assert_cmpint (g_socket_send (client->socket, packet, SIZE, NULL, NULL),
        ==, SIZE);
}

static gboolean
has_heard (gpointer data)
{
  Client *client = data;

  return client->n_heard >= client->wanted;
}

static void
wait_heard (Client * client, guint wanted)
{
  client->wanted = wanted;
  test_wait_until (NULL, has_heard, client, 0, "replies through the relay");
  g_assert_cmpuint (client->n_heard, ==, wanted);
}

static void
test_passes (void)
{
  Fixture fixture;
  g_autoptr (Client) client = NULL;
  g_autoptr (Client) other = NULL;
  g_autoptr (GSocketAddress) first = NULL;
  TestLinkReport report;

  start (&fixture);
  client = client_new (&fixture);
  other = client_new (&fixture);
  say (client, 100);
  wait_heard (client, 100);
  first = g_object_ref (fixture.last_client);
  say (other, 10);
  wait_heard (other, 10);

  /* Each has an address of its own, and its own replies. */
  g_assert_cmpuint (client->n_heard, ==, 100);
  g_assert_cmpuint (test_relay_count_clients (fixture.relay), ==, 2);
  g_assert_cmpint (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS
          (first)), !=,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS
          (fixture.last_client)));
  test_relay_get_report (fixture.relay, TEST_DIRECTION_UP, &report);
  g_assert_cmpuint (report.n_in, ==, 110);
  g_assert_cmpuint (report.n_out, ==, 110);
  g_assert_cmpuint (report.bytes_out, ==, 110 * SIZE);
  test_relay_get_report (fixture.relay, TEST_DIRECTION_DOWN, &report);
  g_assert_cmpuint (report.n_out, ==, 110);
  stop (&fixture);
}

static void
test_delay (void)
{
  Fixture fixture;
  g_autoptr (Client) client = NULL;
  gint64 started_us;

  start (&fixture);
  test_relay_run (fixture.relay, "0 delay=40; 0 down delay=60");
  client = client_new (&fixture);
  started_us = g_get_monotonic_time ();
  say (client, 1);
  wait_heard (client, 1);
  g_assert_cmpint (client->last_us - started_us, >=, 100 * 1000);
  g_assert_cmpint (client->last_us - started_us, <, 2000 * 1000);
  stop (&fixture);
}

/* 20 of 500 bytes at 80 kbit/s, without a bucket to speak of: 50 ms each */
static void
test_rate (void)
{
  Fixture fixture;
  g_autoptr (Client) client = NULL;
  TestLinkReport report;
  gint64 started_us;

  start (&fixture);
  test_relay_run (fixture.relay, "0 up rate=80000 bucket=500");
  client = client_new (&fixture);
  started_us = g_get_monotonic_time ();
  say (client, 20);
  wait_heard (client, 20);
  g_assert_cmpint (client->last_us - started_us, >=, 900 * 1000);
  test_relay_get_report (fixture.relay, TEST_DIRECTION_UP, &report);
  g_assert_cmpuint (report.queue_delay_max_us, >=, 850 * 1000);
  test_relay_get_report (fixture.relay, TEST_DIRECTION_DOWN, &report);
  g_assert_cmpuint (report.queue_delay_max_us, ==, 0);
  stop (&fixture);
}

/* A few at a time: a socket's buffer loses as well. */
static guint64
say_and_count_lost (Fixture * fixture, Client * client)
{
  TestLinkReport report = { 0, };
  guint n_said;

  for (n_said = 20; n_said <= 200; n_said += 20) {
    say (client, 20);
    while (report.n_in < n_said)
      test_relay_get_report (fixture->relay, TEST_DIRECTION_UP, &report);
    wait_heard (client, n_said - report.n_lost);
  }

  return report.n_lost;
}

/* The same packets of the first client are lost in each relay of one seed. */
static void
test_loss (void)
{
  guint64 n_lost[2];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (n_lost); i++) {
    Fixture fixture;
    g_autoptr (Client) client = NULL;

    start (&fixture);
    test_relay_run (fixture.relay, "0 up loss=20");
    client = client_new (&fixture);
    n_lost[i] = say_and_count_lost (&fixture, client);
    stop (&fixture);
  }
  g_assert_cmpuint (n_lost[0], >, 20);
  g_assert_cmpuint (n_lost[0], <, 60);
  g_assert_cmpuint (n_lost[0], ==, n_lost[1]);
}

static gboolean
is_lit (gpointer data)
{
  Client *client = data;

  /* What is said in the dark is lost. */
  say (client, 1);

  return client->n_heard > 0;
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* A step that is due later comes by itself. */
static void
test_steps (void)
{
  Fixture fixture;
  g_autoptr (Client) client = NULL;
  g_autoptr (GSource) tick = g_timeout_source_new (5);
  TestLinkReport report;
  gint64 started_us;

  g_source_set_callback (tick, on_tick, NULL, NULL);
  g_source_attach (tick, g_main_context_get_thread_default ());
  start (&fixture);
  client = client_new (&fixture);
  started_us = g_get_monotonic_time ();
  test_relay_run (fixture.relay, "0 blackout=1; 200 blackout=0");
  test_wait_until (NULL, is_lit, client, 0, "the end of the blackout");
  g_assert_cmpint (client->last_us - started_us, >=, 199 * 1000);
  test_relay_get_report (fixture.relay, TEST_DIRECTION_UP, &report);
  g_assert_cmpuint (report.n_blacked_out, >, 0);
  g_source_destroy (tick);
  stop (&fixture);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/relay/passes", test_passes);
  test_add ("/relay/delay", test_delay);
  test_add ("/relay/rate", test_rate);
  test_add ("/relay/loss", test_loss);
  test_add ("/relay/steps", test_steps);

  return g_test_run ();
}
