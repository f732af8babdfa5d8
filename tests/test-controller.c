/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a user of the controller sees: signals, commands, properties, and the
 * order of it all.
 */

#include <gst/gst.h>
#include <string.h>

#include "controller-session.h"
#include "media-session.h"
#include "wsctlerror.h"

#define TIMEOUT_MS test_scale_ms (20000)

/* A negotiation of the subclass's own */
#define TEST_TYPE_CONTROLLER (test_controller_get_type ())
G_DECLARE_FINAL_TYPE (TestController, test_controller, TEST, CONTROLLER,
    GstWsctlController);
struct _TestController
{
  GstWsctlController parent;
  gchar *offer;
  GTask *task;
  GCancellable *cancellable;
};

static GMainContext *waiting;   /* the test's, to be woken */

G_DEFINE_FINAL_TYPE (TestController, test_controller,
    GST_WSCTL_TYPE_CONTROLLER);

static void
negotiate_async (GstWsctlController * controller, const gchar * offer,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  TestController *self = TEST_CONTROLLER (controller);

  self->offer = g_strdup (offer);
  self->cancellable = g_object_ref (cancellable);
  g_atomic_pointer_set (&self->task, g_task_new (self, NULL, callback,
          user_data));
  g_main_context_wakeup (waiting);
}

static gchar *
negotiate_finish (GstWsctlController * controller, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_controller_finalize (GObject * object)
{
  TestController *self = TEST_CONTROLLER (object);

  g_free (self->offer);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (test_controller_parent_class)->finalize (object);
}

static void
test_controller_class_init (TestControllerClass * klass)
{
  GstWsctlControllerClass *controller_class =
      GST_WSCTL_CONTROLLER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_controller_finalize;
  controller_class->negotiate_async = negotiate_async;
  controller_class->negotiate_finish = negotiate_finish;
}

static void
test_controller_init (TestController * self)
{
}

static gboolean
has_task (gpointer data)
{
  return g_atomic_pointer_get (&((TestController *) data)->task) != NULL;
}

static ControllerSession *
open_session (GstWsctlRole role, MediaServer * server)
{
  ControllerSession *session = controller_session_new (0, role, TIMEOUT_MS);
  g_autofree gchar *offer = NULL;
  g_autofree gchar *answer = NULL;

  controller_session_open (session, NULL);
  offer = controller_session_hear_offer (session);
  answer = media_server_answer (server, offer);
  controller_session_say_answer (session, answer);
  controller_session_expect (session, "open");
  controller_session_wait_call (session);
  g_assert_no_error (session->open_error);
  controller_session_expect (session, "connected");

  return session;
}

static void
test_new_free (void)
{
  g_autoptr (GstWsctlConfig) config = gst_wsctl_config_new ("ws://h/webrtc/s");
  g_autoptr (GError) error = NULL;
  GstWsctlController *controller =
      gst_wsctl_controller_new (config, GST_WSCTL_ROLE_PUBLISH, &error);
  g_autofree gchar *name = NULL;
  g_autofree gchar *uri = NULL;
  g_autoptr (GstWsctlConfig) copy = NULL;
  GstWsctlRole role;

  g_assert_no_error (error);
  g_object_get (controller, "stream-name", &name, "role", &role, "config",
      &copy, NULL);
  uri = gst_wsctl_controller_get_display_uri (controller);
  g_assert_cmpstr (name, ==, "s");
  g_assert_cmpint (role, ==, GST_WSCTL_ROLE_PUBLISH);
  g_assert_true (copy != config);
  g_assert_cmpstr (uri, ==, "ws://h/webrtc/s");
  g_assert_false (gst_wsctl_controller_get_opened (controller));
  g_assert_false (gst_wsctl_controller_get_closed (controller));
  g_assert_null (gst_wsctl_controller_get_stream (controller));
  test_assert_finalize (controller);
}

static void
test_invalid_uri (void)
{
  static const gchar *const uris[] = { NULL, "", "ftp://h/s", "ws://", "::" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (uris); i++) {
    g_autoptr (GstWsctlConfig) config = gst_wsctl_config_new (uris[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (gst_wsctl_controller_new (config, GST_WSCTL_ROLE_PLAY,
            &error));
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI);
  }
}

/* Messages as recorded */
static void
test_signals (void)
{
  static const struct
  {
    const gchar *message;
    const gchar *signal;
  } rows[] = {
    {"{\"result\":true,\"type\":\"on_video_bitrate\",\"video_bitrate\":"
          "2000000,\"video_bitrate_constraint\":2000000}",
        "video-bitrate 2000000 2000000"},
    {"{\"type\":\"on_rtp_props\",\"result\":true,\"nack\":5,\"drop\":30}",
        "rtp-props 5 30"},
    {"{\"type\":\"on_rtp_props\",\"result\":true}", "rtp-props -1 -1"},
    {"{\"type\":\"on_media_receive\",\"millis\":1500,\"tracks\":[\"opus\"],"
          "\"stats\":{\"jitter_ms\":0,\"loss_num\":0,\"loss_perc\":100,"
          "\"nack_num\":0}}", "application/x-wsctl-media-report, "
          "millis=(gint64)1500, jitter=(double)0, packets-lost=(gint64)0, "
          "fraction-lost=(double)0, nack-count=(gint64)0, "
          "codecs=(string)< opus >"},
    {"{\"data\":{\"begin\":2386400,\"current\":2392766,\"end\":2392832,"
          "\"jitter\":30,\"next\":2392766,\"play_rate_curr\":\"auto\","
          "\"tracks\":[0,1],\"unixoffset\":1795178584240},"
          "\"type\":\"on_time\"}", "application/x-wsctl-playing, "
          "begin=(gint64)2386400, current=(gint64)2392766, "
          "end=(gint64)2392832, unix-offset=(gint64)1795178584240, "
          "tracks=(gint64)< 0, 1 >, play-rate=(string)auto"},
  };
  MediaServer *server = media_server_new ();
  ControllerSession *session = open_session (GST_WSCTL_ROLE_PUBLISH, server);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    controller_session_say (session, rows[i].message);
    controller_session_expect (session, rows[i].signal);
  }
  controller_session_expect_nothing (session);

  controller_session_free (session);
  media_server_free (server);
}

static void
expect_message (ControllerSession * session, const gchar * wanted)
{
  g_autofree gchar *text = controller_session_hear (session);

  g_assert_cmpstr (text, ==, wanted);
}

/* What is sent early follows the answer, in order; MistServer would end the
 * session otherwise. What is sent late is dropped. */
static void
test_commands (void)
{
  MediaServer *server = media_server_new ();
  ControllerSession *session =
      controller_session_new (0, GST_WSCTL_ROLE_PUBLISH, TIMEOUT_MS);
  GstWsctlController *controller = session->controller;
  g_autofree gchar *offer = NULL;
  g_autofree gchar *answer = NULL;
  GVariantDict dict;

  gst_wsctl_controller_set_video_bitrate (controller, 1500000);
  controller_session_open (session, NULL);
  gst_wsctl_controller_send (controller, "stop", NULL);
  offer = controller_session_hear_offer (session);
  gst_wsctl_controller_set_rtp_props (controller, 5, -1);
  controller_session_expect_nothing (session);
  g_assert_cmpint (g_async_queue_length (session->heard), ==, 0);

  answer = media_server_answer (server, offer);
  controller_session_say_answer (session, answer);
  controller_session_expect (session, "open");
  controller_session_expect (session, "connected");
  expect_message (session,
      "{\"type\":\"video_bitrate\",\"video_bitrate\":1500000}");
  expect_message (session, "{\"type\":\"stop\"}");
  expect_message (session, "{\"type\":\"rtp_props\",\"nack\":5}");
  gst_wsctl_controller_set_tracks (controller, "1", NULL);
  expect_message (session, "{\"type\":\"tracks\",\"audio\":1}");
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "ff_to", "x", (gint64) 7);
  gst_wsctl_controller_send (controller, "fast_forward",
      g_variant_dict_end (&dict));
  expect_message (session, "{\"type\":\"fast_forward\",\"ff_to\":7}");

  gst_wsctl_controller_close_sync (controller);
  gst_wsctl_controller_send (controller, "stop", NULL);
  controller_session_expect_close (session, -1);
  controller_session_expect_nothing (session);
  g_assert_cmpint (g_async_queue_length (session->heard), ==, 0);

  controller_session_free (session);
  media_server_free (server);
}

static void
test_held_bounded (void)
{
  ControllerSession *session =
      controller_session_new (0, GST_WSCTL_ROLE_PUBLISH, TIMEOUT_MS);
  guint i;

  for (i = 0; i < 1000; i++)
    gst_wsctl_controller_send (session->controller, "stop", NULL);
  controller_session_expect_nothing (session);
  controller_session_free (session);
}

static void
test_codecs (void)
{
  static const gchar *const vp8[] = { "vp8", NULL };
  static const gchar *const none[] = { "H263", NULL };
  ControllerSession *session =
      controller_session_new (0, GST_WSCTL_ROLE_PLAY, TIMEOUT_MS);
  MediaServer *server = media_server_new ();
  g_autofree gchar *offer = NULL;
  g_autofree gchar *answer = NULL;
  g_auto (GStrv) codecs = NULL;

  g_assert_true (gst_wsctl_controller_set_codecs (session->controller, NULL));
  g_assert_true (gst_wsctl_controller_set_codecs (session->controller, vp8));
  controller_session_open (session, NULL);
  g_assert_false (gst_wsctl_controller_set_codecs (session->controller, none));
  offer = controller_session_hear_offer (session);
  g_assert_null (strstr (offer, "m=audio"));
  g_assert_null (strstr (offer, "H264"));
  answer = media_server_answer (server, offer);
  controller_session_say_answer (session, answer);
  controller_session_expect (session, "open as+1/(null)/VP8");
  codecs = gst_wsctl_controller_get_codecs (session->controller);
  g_assert_cmpuint (g_strv_length (codecs), ==, 1);
  g_assert_cmpstr (codecs[0], ==, "VP8");
  controller_session_free (session);
  media_server_free (server);

  session = controller_session_new (0, GST_WSCTL_ROLE_PLAY, TIMEOUT_MS);
  g_assert_true (gst_wsctl_controller_set_codecs (session->controller, none));
  controller_session_open (session, NULL);
  controller_session_expect_close (session, GST_WSCTL_ERROR_NO_COMMON_CODEC);
  controller_session_wait_call (session);
  g_assert_error (session->open_error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_NO_COMMON_CODEC);
  controller_session_free (session);
}

static void
test_subclass (void)
{
  ControllerSession *session = controller_session_new (TEST_TYPE_CONTROLLER,
      GST_WSCTL_ROLE_PLAY, TIMEOUT_MS);
  TestController *self = TEST_CONTROLLER (session->controller);
  MediaServer *server = media_server_new ();

  waiting = session->context;
  controller_session_open (session, NULL);
  test_wait_until (NULL, has_task, self, 0, "the offer");
  g_task_return_pointer (self->task, media_server_answer (server, self->offer),
      g_free);
  g_clear_object (&self->task);
  controller_session_expect (session, "open");
  g_assert_cmpint (g_async_queue_length (session->heard), ==, 0);
  controller_session_free (session);
  media_server_free (server);

  /* A late answer of its own, after the end */
  session = controller_session_new (TEST_TYPE_CONTROLLER,
      GST_WSCTL_ROLE_PLAY, TIMEOUT_MS);
  self = TEST_CONTROLLER (session->controller);
  controller_session_open (session, NULL);
  test_wait_until (NULL, has_task, self, 0, "the offer");
  gst_wsctl_controller_close_sync (session->controller);
  controller_session_expect_close (session, -1);
  g_assert_true (g_cancellable_is_cancelled (self->cancellable));
  g_task_return_pointer (self->task, g_strdup ("v=0\r\n"), g_free);
  g_clear_object (&self->task);
  controller_session_expect_nothing (session);
  controller_session_free (session);
}

static void
test_open_twice (void)
{
  MediaServer *server = media_server_new ();
  ControllerSession *session = open_session (GST_WSCTL_ROLE_PLAY, server);

  g_atomic_int_set (&session->n_open_calls, 0);
  controller_session_open (session, NULL);
  controller_session_wait_call (session);
  g_assert_error (session->open_error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);
  controller_session_expect_nothing (session);
  g_assert_true (gst_wsctl_controller_get_opened (session->controller));

  controller_session_free (session);
  media_server_free (server);
}

/* An element in NULL is the caller's mistake, and may be put right. */
static void
test_no_pipeline (void)
{
  ControllerSession *session =
      controller_session_new (0, GST_WSCTL_ROLE_PLAY, TIMEOUT_MS);
  g_autofree gchar *offer = NULL;

  gst_element_set_state (session->pipeline, GST_STATE_NULL);
  controller_session_open (session, NULL);
  controller_session_wait_call (session);
  g_assert_error (session->open_error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  controller_session_expect_nothing (session);

  gst_element_set_state (session->pipeline, GST_STATE_PLAYING);
  controller_session_open (session, NULL);
  offer = controller_session_hear_offer (session);

  controller_session_free (session);
}

static void
check_cancel (gboolean before)
{
  ControllerSession *session =
      controller_session_new (0, GST_WSCTL_ROLE_PLAY, TIMEOUT_MS);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  if (before)
    g_cancellable_cancel (cancellable);
  controller_session_open (session, cancellable);
  if (!before) {
    g_autofree gchar *offer = controller_session_hear_offer (session);

    g_cancellable_cancel (cancellable);
  }
  controller_session_expect (session, "close");
  controller_session_wait_call (session);
  g_assert_error (session->open_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (session->close_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  controller_session_expect_nothing (session);
  controller_session_free (session);
}

static void
test_cancel (void)
{
  check_cancel (TRUE);
  check_cancel (FALSE);
}

static void
infos_done (GObject * controller, GAsyncResult * result, gpointer data)
{
  GstStructure **infos = data;
  g_autoptr (GError) error = NULL;

  *infos =
      gst_wsctl_controller_connection_infos_finish (GST_WSCTL_CONTROLLER
      (controller), result, &error);
  g_assert_no_error (error);
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

static GstStructure *
ask_infos (ControllerSession * session, guint cache_ms)
{
  GstStructure *infos = NULL;

  gst_wsctl_controller_connection_infos_async (session->controller, cache_ms,
      NULL, infos_done, &infos);
  test_wait_until (NULL, is_set, &infos, 0, "the infos");

  return infos;
}

/* Kept until the connection has ended, as long as it may be that old */
static void
test_infos (void)
{
  MediaServer *server = media_server_new ();
  ControllerSession *session = open_session (GST_WSCTL_ROLE_PLAY, server);
  g_autoptr (GstStructure) one = ask_infos (session, 0);
  g_autoptr (GstStructure) same = NULL;
  g_autoptr (GstStructure) fresh = NULL;

  g_assert_true (gst_structure_has_name (one, "application/x-wsctl-stats"));
  g_assert_true (gst_structure_has_field (one, "remote-candidate"));

  gst_wsctl_controller_close_sync (session->controller);
  gst_element_set_state (session->pipeline, GST_STATE_NULL);
  same = ask_infos (session, G_MAXUINT);
  g_assert_true (gst_structure_is_equal (one, same));
  fresh = ask_infos (session, 0);
  g_assert_nonnull (fresh);

  controller_session_free (session);
  media_server_free (server);
}

static GstFlowReturn
push_packet (GstPad * track)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_set_active (track, TRUE);
  gst_pad_push_event (track, gst_event_new_stream_start ("track"));
  gst_pad_push_event (track, gst_event_new_segment (&segment));

  return gst_pad_push (track, gst_buffer_new ());
}

static void
test_replace_track (void)
{
  MediaServer *server = media_server_new ();
  ControllerSession *session = open_session (GST_WSCTL_ROLE_PUBLISH, server);
  g_autoptr (GstPad) pad = gst_pad_new ("src", GST_PAD_SRC);
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GError) error = NULL;

  gst_object_ref_sink (pad);
  sink = gst_wsctl_connection_get_sink_pad
      (gst_wsctl_controller_get_connection (session->controller),
      GST_WSCTL_MEDIA_KIND_VIDEO);
  g_assert_nonnull (sink);
  g_assert_true (gst_wsctl_controller_replace_track (session->controller,
          GST_WSCTL_MEDIA_KIND_VIDEO, pad, &error));
  g_assert_no_error (error);
  g_assert_true (gst_pad_is_linked (sink));

  /* It has a place already, so it cannot take another; that one is kept. */
  g_assert_false (gst_wsctl_controller_replace_track (session->controller,
          GST_WSCTL_MEDIA_KIND_AUDIO, pad, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_REPLACE_TRACK_FAILED);
  g_assert_true (gst_pad_is_linked (sink));

  g_clear_error (&error);
  g_assert_true (gst_wsctl_controller_replace_track (session->controller,
          GST_WSCTL_MEDIA_KIND_VIDEO, NULL, &error));
  g_assert_false (gst_pad_is_linked (sink));

  /* Its source is not told that nobody is there, and may come back. */
  g_assert_cmpint (push_packet (pad), ==, GST_FLOW_OK);
  g_assert_true (gst_wsctl_controller_replace_track (session->controller,
          GST_WSCTL_MEDIA_KIND_VIDEO, pad, &error));
  g_assert_true (gst_pad_is_linked (sink));
  gst_pad_unlink (pad, sink);
  g_assert_cmpint (push_packet (pad), ==, GST_FLOW_NOT_LINKED);

  g_clear_object (&sink);
  controller_session_free (session);
  media_server_free (server);
}

static void
on_gone (gpointer data, GObject * object)
{
  g_atomic_int_set ((gint *) data, TRUE);
}

static void
on_server_closed (GstWsctlChannel * channel, const GError * error,
    ControllerSession * session)
{
  g_async_queue_push (session->heard, g_strdup ("closed"));
  g_main_context_wakeup (session->context);
}

/* Nobody wants it any more: the server hears of it. */
static void
test_drop (void)
{
  MediaServer *server = media_server_new ();
  ControllerSession *session = open_session (GST_WSCTL_ROLE_PLAY, server);
  GstWsctlController *controller = session->controller;
  gint gone = FALSE;
  g_autoptr (GstWsctlConfig) config = NULL;

  g_object_weak_ref (G_OBJECT (controller), on_gone, &gone);
  g_signal_connect (session->server, "closed", G_CALLBACK (on_server_closed),
      session);
  session->controller = NULL;
  g_object_unref (controller);
  expect_message (session, "closed");
  g_assert_true (g_atomic_int_get (&gone));
  g_assert_cmpint (g_async_queue_length (session->told), ==, 0);

  /* The rest of the session wants one to free. */
  config = gst_wsctl_config_new ("ws://127.0.0.1/webrtc/s");
  session->controller = gst_wsctl_controller_new (config, GST_WSCTL_ROLE_PLAY,
      NULL);
  controller_session_free (session);
  media_server_free (server);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/controller/new-free", test_new_free);
  test_add ("/controller/invalid-uri", test_invalid_uri);
  test_add ("/controller/signals", test_signals);
  test_add ("/controller/commands", test_commands);
  test_add ("/controller/held-bounded", test_held_bounded);
  test_add ("/controller/codecs", test_codecs);
  test_add ("/controller/subclass", test_subclass);
  test_add ("/controller/open-twice", test_open_twice);
  test_add ("/controller/no-pipeline", test_no_pipeline);
  test_add ("/controller/cancel", test_cancel);
  test_add ("/controller/infos", test_infos);
  test_add ("/controller/replace-track", test_replace_track);
  test_add ("/controller/drop", test_drop);

  return g_test_run ();
}
