/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Players that go back in a stream, hold, and play faster: what they are told
 * is where they are, and the times of their packets go on.
 */

#include <string.h>

#include "server-session.h"
#include "testsupport.h"

#define GOP 15                  /* half a second */
#define FIRST_MS 4000           /* so much is there when a player joins … */
#define LONG_MS 8000            /* … or, to tell one time from another, this */
#define SEEK_MS 3500
#define VIDEO_PT 96
#define AUDIO_PT 97
#define VIDEO_RATE 90
#define MAX_DEVIATION_MS 300    /* from one packet to the next */
#define TOLERANCE_MS 1000       /* a report comes once a second … */
#define SEEK_TOLERANCE_MS 300   /* … but for the one that follows a seek */

static ServerSession *session;
static guint64 n_wanted;
static gint64 first_us;         /* when the first came; 0: none yet */

static void
start_server (guint buffer_ms, gsize max_bytes)
{
  const GstWsctlServerParams params = {
    .buffer_ms = buffer_ms,
    .max_stream_bytes = max_bytes,
  };

  session = server_session_new (&params);
}

/* What was made before there was a connection comes all at once, and is no time:
 * it takes as long as it lasts, too. */
static gboolean
has_frames (gpointer data)
{
  guint64 n = gst_wsctl_server_count_frames (session->server, "live", "video");

  if (n > 0 && first_us == 0)
    first_us = g_get_monotonic_time ();

  return n >= n_wanted
      && g_get_monotonic_time () - first_us >= n_wanted * G_USEC_PER_SEC / 30;
}

static Client *
publish (guint duration_ms)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, GOP);
  Client *publisher = server_session_publish (session, "/webrtc/live", launch);

  n_wanted = duration_ms * 30 / 1000;
  first_us = 0;
  client_poll_until (publisher, has_frames, NULL, "frames reach the server");

  return publisher;
}

static Client *
play (void)
{
  Client *player = server_session_open (session, "/webrtc/live");

  client_keep_packets (player);
  client_start_player (player, TRUE, TRUE);
  client_offer (player);
  g_free (client_take_answer (player));
  client_wait_media (player, 10, 10);

  return player;
}

static JsonObject *
wait_data (Client * player, const gchar * type)
{
  g_autoptr (JsonObject) event = client_wait (player, type);

  return json_object_ref (json_object_get_object_member (event, "data"));
}

static gint64
wait_time (Client * player, const gchar * member)
{
  g_autoptr (JsonObject) data = wait_data (player, "on_time");

  return json_object_get_int_member (data, member);
}

/* What comes by itself is skipped up to the answer. */
static JsonObject *
ask (Client * player, const gchar * command, const gchar * type)
{
  client_send (player, command);

  return wait_data (player, type);
}

/* Every number once, and the stamps as far apart as the arrivals. */
static void
check_packets (Client * player, guint8 pt, guint ticks_per_ms)
{
  g_autoptr (GArray) packets = client_get_packets (player, pt);
  guint i;

  g_assert_cmpuint (packets->len, >=, 10);
  for (i = 1; i < packets->len; i++) {
    const ClientPacket *packet = &g_array_index (packets, ClientPacket, i);
    gint32 stamp_ms = (gint32) (packet->rtp_time - packet[-1].rtp_time)
        / (gint) ticks_per_ms;
    gint64 arrival_ms = (packet->arrived_us - packet[-1].arrived_us) / 1000;

    g_assert_cmpint ((guint16) (packet->seq - packet[-1].seq), ==, 1);
    g_assert_cmpint (stamp_ms, >=, 0);
    g_assert_cmpint (ABS (stamp_ms - arrival_ms), <,
        test_scale_ms (MAX_DEVIATION_MS));
  }
}

static void
check_all_packets (Client * player)
{
  check_packets (player, VIDEO_PT, VIDEO_RATE);
  check_packets (player, AUDIO_PT, 48);
}

static void
assert_within (gint64 value, gint64 expected, guint tolerance_ms)
{
  gint64 tolerance = test_scale_ms (tolerance_ms);

  g_assert_cmpint (value, >, expected - tolerance);
  g_assert_cmpint (value, <, expected + tolerance);
}

static void
assert_near (gint64 value, gint64 expected)
{
  assert_within (value, expected, TOLERANCE_MS);
}

static void
test_seek (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) seek = NULL;
  g_autoptr (JsonObject) time = NULL;
  g_autoptr (JsonObject) live = NULL;
  gint64 start_us, position_ms;

  start_server (0, 0);
  publisher = publish (LONG_MS);
  player = play ();
  seek =
      ask (player,
      "{\"type\":\"seek\",\"seek_time\":" G_STRINGIFY (SEEK_MS) "}", "seek");
  start_us = g_get_monotonic_time ();
  time = wait_data (player, "on_time");
  g_test_message ("begin %" G_GINT64_FORMAT ", current %" G_GINT64_FORMAT
      ", end %" G_GINT64_FORMAT " ms", json_object_get_int_member (time,
          "begin"), json_object_get_int_member (time, "current"),
      json_object_get_int_member (time, "end"));
  g_assert_false (json_object_get_boolean_member (seek, "live_point"));
  assert_within (json_object_get_int_member (time, "current"), SEEK_MS,
      SEEK_TOLERANCE_MS);
  assert_within (json_object_get_int_member (time, "next"), SEEK_MS,
      SEEK_TOLERANCE_MS);
  g_assert_cmpint (json_object_get_int_member (time, "begin"), <, TOLERANCE_MS);
  g_assert_cmpint (json_object_get_int_member (time, "end"), >, LONG_MS / 2);

  /* It goes on at its own speed from there. */
  json_object_unref (wait_data (player, "on_time"));
  position_ms = wait_time (player, "next");
  assert_near (position_ms,
      SEEK_MS + (g_get_monotonic_time () - start_us) / 1000);

  live = ask (player, "{\"type\":\"seek\",\"seek_time\":\"live\"}", "seek");
  g_assert_true (json_object_get_boolean_member (live, "live_point"));
  json_object_unref (wait_data (player, "on_time"));
  g_clear_pointer (&time, json_object_unref);
  time = wait_data (player, "on_time");
  assert_near (json_object_get_int_member (time, "current"),
      json_object_get_int_member (time, "end"));
  check_all_packets (player);
  g_clear_pointer (&session, server_session_free);
}

/* Outside of what is there it is the nearest. */
static void
test_seek_outside (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) seek = NULL;
  g_autoptr (JsonObject) absolute = NULL;
  g_autoptr (JsonObject) future = NULL;
  g_autoptr (JsonObject) missing = NULL;

  start_server (0, 0);
  publisher = publish (FIRST_MS);
  player = play ();
  seek = ask (player, "{\"type\":\"seek\",\"seek_time\":0}", "seek");
  g_assert_cmpstr (json_object_get_string_member (seek, "play_rate_curr"), ==,
      "auto");
  g_assert_cmpint (wait_time (player, "current"), <, TOLERANCE_MS);
  absolute = ask (player, "{\"type\":\"seek\",\"unix\":1000000000}", "seek");
  g_assert_cmpint (wait_time (player, "current"), <, TOLERANCE_MS);
  future = ask (player, "{\"type\":\"seek\",\"seek_time\":99999999}", "seek");
  g_assert_true (json_object_get_boolean_member (future, "live_point"));
  client_send (player, "{\"type\":\"seek\"}");
  missing = client_wait (player, "seek");
  g_assert_cmpstr (json_object_get_string_member (missing, "error"), ==,
      "seek_time missing");
  check_all_packets (player);
  g_clear_pointer (&session, server_session_free);
}

static guint
count_packets (Client * player)
{
  g_autoptr (GArray) packets = client_get_packets (player, VIDEO_PT);

  return packets->len;
}

/* It goes on where it was, and nothing is missing in between. */
static void
test_hold (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) pause = NULL;
  gint64 held_ms;
  guint n_packets;

  start_server (0, 0);
  publisher = publish (FIRST_MS);
  player = play ();
  client_send (player, "{\"type\":\"hold\"}");
  pause = client_wait (player, "pause");
  g_assert_true (json_object_get_boolean_member (pause, "paused"));
  held_ms = wait_time (player, "current");
  n_packets = count_packets (player);
  g_assert_cmpint (wait_time (player, "current"), ==, held_ms);
  g_assert_cmpint (wait_time (player, "current"), ==, held_ms);
  g_assert_cmpuint (count_packets (player), ==, n_packets);
  client_send (player, "{\"type\":\"play\"}");
  assert_near (wait_time (player, "current"), held_ms);
  assert_near (wait_time (player, "next"), held_ms + 1000);
  check_all_packets (player);
  g_clear_pointer (&session, server_session_free);
}

static void
test_speed (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) speed = NULL;
  gint64 start_us, passed_ms;

  start_server (0, 0);
  publisher = publish (3 * FIRST_MS);
  player = play ();
  json_object_unref (ask (player, "{\"type\":\"seek\",\"seek_time\":0}",
          "seek"));
  json_object_unref (wait_data (player, "on_time"));
  speed = ask (player, "{\"type\":\"set_speed\",\"play_rate\":2}", "set_speed");
  start_us = g_get_monotonic_time ();
  g_assert_cmpint (json_object_get_int_member (speed, "play_rate_curr"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (speed, "play_rate_prev"), ==,
      "auto");
  json_object_unref (wait_data (player, "on_time"));
  json_object_unref (wait_data (player, "on_time"));
  passed_ms = wait_time (player, "next");
  assert_near (passed_ms, 2 * (g_get_monotonic_time () - start_us) / 1000);
  check_all_packets (player);
  g_clear_pointer (&session, server_session_free);
}

static void
test_fast_forward (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;

  start_server (0, 0);
  publisher = publish (FIRST_MS);
  player = play ();
  json_object_unref (ask (player, "{\"type\":\"seek\",\"seek_time\":0}",
          "seek"));
  json_object_unref (wait_data (player, "on_time"));
  client_send (player, "{\"type\":\"fast_forward\",\"ff_to\":1700}");
  assert_near (wait_time (player, "current"), 1700);
  check_all_packets (player);
  g_clear_pointer (&session, server_session_free);
}

/* Ceeblue's servers write what on_time says flat. */
static void
test_dialect (void)
{
  const GstWsctlServerParams params = {.ceeblue = TRUE };
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) report = NULL;
  g_autoptr (JsonObject) time = NULL;

  session = server_session_new (&params);
  publisher = publish (500);
  player = play ();
  time = client_wait (player, "on_time");
  g_assert_false (json_object_has_member (time, "data"));
  g_assert_true (json_object_has_member (time, "current"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (time,
              "tracks")), ==, 2);
  report = client_wait (publisher, "on_media_receive");
  g_assert_true (json_object_has_member (json_object_get_object_member (report,
              "stats"), "loss_perc"));
  g_clear_pointer (&session, server_session_free);
}

/* As long as asked for, and a group of pictures more. */
static void
test_buffer_time (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) time = NULL;
  gint64 length_ms;

  start_server (1000, 0);
  publisher = publish (FIRST_MS);
  player = play ();
  time = wait_data (player, "on_time");
  length_ms = json_object_get_int_member (time, "end")
      - json_object_get_int_member (time, "begin");
  g_assert_cmpint (length_ms, >=, 1000 - 40);
  g_assert_cmpint (length_ms, <=, 1000 + 2 * GOP * 1000 / 30 + TOLERANCE_MS);
  g_clear_pointer (&session, server_session_free);
}

/* A limit on memory goes before one on time. */
static void
test_buffer_size (void)
{
  const gsize limit = 100 * 1024;
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;

  start_server (0, limit);
  publisher = publish (2 * FIRST_MS);
  g_assert_cmpuint (gst_wsctl_server_get_size (session->server, "live"), <=,
      limit);
  g_assert_cmpuint (gst_wsctl_server_get_size (session->server, "live"), >, 0);
  player = play ();
  g_clear_pointer (&session, server_session_free);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/seek/seek", test_seek);
  test_add ("/server/seek/outside", test_seek_outside);
  test_add ("/server/seek/hold", test_hold);
  test_add ("/server/seek/speed", test_speed);
  test_add ("/server/seek/fast-forward", test_fast_forward);
  test_add ("/server/seek/dialect", test_dialect);
  test_add ("/server/seek/buffer-time", test_buffer_time);
  test_add ("/server/seek/buffer-size", test_buffer_size);

  return g_test_run ();
}
