/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A session whose server is the test.
 */

#include "controller-session.h"

#include <string.h>

#include "wsctlmessage-private.h"

static void
tell (ControllerSession * self, gchar * text)
{
  g_assert_true (gst_wsctl_loop_is_current (self->loop));

  g_async_queue_push (self->told, text);
  g_main_context_wakeup (self->context);
}

static void
on_open (GstWsctlController * controller, GstStructure * stream,
    ControllerSession * self)
{
  g_assert_true (gst_wsctl_controller_get_opened (controller));
  g_assert_nonnull (gst_wsctl_controller_get_answer (controller));
  tell (self, g_strdup_printf ("open %s/%s/%s",
          gst_structure_get_string (stream, "name"),
          gst_structure_get_string (stream, "audio-codec"),
          gst_structure_get_string (stream, "video-codec")));
}

static void
on_connected (GstWsctlController * controller, ControllerSession * self)
{
  tell (self, g_strdup ("connected"));
}

static void
on_close (GstWsctlController * controller, const GError * error,
    ControllerSession * self)
{
  g_assert_true (gst_wsctl_controller_get_closed (controller));
  g_assert_false (gst_wsctl_controller_get_opened (controller));
  g_assert_null (self->close_error);
  self->close_error = error != NULL ? g_error_copy (error) : NULL;
  tell (self, g_strdup ("close"));
}

static void
on_video_bitrate (GstWsctlController * controller, guint64 bitrate,
    guint64 constraint, ControllerSession * self)
{
  tell (self, g_strdup_printf ("video-bitrate %" G_GUINT64_FORMAT " %"
          G_GUINT64_FORMAT, bitrate, constraint));
}

static void
on_rtp_props (GstWsctlController * controller, gint nack, gint drop,
    ControllerSession * self)
{
  tell (self, g_strdup_printf ("rtp-props %d %d", nack, drop));
}

static void
on_report (GstWsctlController * controller, GstStructure * report,
    ControllerSession * self)
{
  tell (self, gst_structure_to_string (report));
}

static void
on_server_message (GstWsctlChannel * channel, const gchar * text,
    ControllerSession * self)
{
  g_async_queue_push (self->heard, g_strdup (text));
  g_main_context_wakeup (self->context);
}

static void
run_set_channel (gpointer data)
{
  ControllerSession *self = data;
  GstWsctlMemoryChannel *client;

  gst_wsctl_memory_channel_new_pair (&client, &self->server);
  gst_wsctl_controller_set_channel (self->controller,
      GST_WSCTL_CHANNEL (client));
  g_object_unref (client);
  g_signal_connect (self->server, "message", G_CALLBACK (on_server_message),
      self);
  gst_wsctl_channel_open (GST_WSCTL_CHANNEL (self->server));
}

ControllerSession *
controller_session_new (GType type, GstWsctlRole role, guint timeout_ms)
{
  ControllerSession *self = g_new0 (ControllerSession, 1);
  g_autoptr (GstWsctlConfig) config =
      gst_wsctl_config_new ("ws://127.0.0.1:9/webrtc/as%2B1");
  g_autoptr (GError) error = NULL;

  test_warm_up ();
  g_object_set (config, "connect-timeout", timeout_ms, "report-timeout",
      timeout_ms, NULL);
  self->context = g_main_context_ref_thread_default ();
  self->loop = gst_wsctl_loop_get_shared ();
  self->heard = g_async_queue_new_full (g_free);
  self->told = g_async_queue_new_full (g_free);
  self->controller = type == 0 ? gst_wsctl_controller_new (config, role, &error)
      : g_initable_new (type, NULL, &error, "config", config, "role", role,
      NULL);
  g_assert_no_error (error);
  g_signal_connect (self->controller, "on-open", G_CALLBACK (on_open), self);
  g_signal_connect (self->controller, "on-connected",
      G_CALLBACK (on_connected), self);
  g_signal_connect (self->controller, "on-close", G_CALLBACK (on_close), self);
  g_signal_connect (self->controller, "on-video-bitrate",
      G_CALLBACK (on_video_bitrate), self);
  g_signal_connect (self->controller, "on-rtp-props",
      G_CALLBACK (on_rtp_props), self);
  g_signal_connect (self->controller, "on-media-report",
      G_CALLBACK (on_report), self);
  g_signal_connect (self->controller, "on-playing", G_CALLBACK (on_report),
      self);

  self->pipeline = gst_pipeline_new (NULL);
  gst_bin_add (GST_BIN (self->pipeline), gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (self->controller)));
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  gst_wsctl_loop_call_sync (self->loop, run_set_channel, self);

  return self;
}

static void
open_done (GObject * controller, GAsyncResult * result, gpointer data)
{
  ControllerSession *self = data;

  g_clear_error (&self->open_error);
  self->opened =
      gst_wsctl_controller_open_finish (GST_WSCTL_CONTROLLER (controller),
      result, &self->open_error);
  g_assert_true (self->opened == (self->open_error == NULL));
  g_atomic_int_inc (&self->n_open_calls);
}

void
controller_session_open (ControllerSession * self, GCancellable * cancellable)
{
  gst_wsctl_controller_open_async (self->controller, cancellable, open_done,
      self);
}

typedef struct
{
  ControllerSession *session;
  const gchar *text;
  const GError *error;
} Doing;

static void
run_say (gpointer data)
{
  Doing *doing = data;

  g_assert_true (gst_wsctl_channel_send (GST_WSCTL_CHANNEL
          (doing->session->server), doing->text, NULL));
}

void
controller_session_say (ControllerSession * self, const gchar * text)
{
  Doing doing = { self, text, NULL };

  gst_wsctl_loop_call_sync (self->loop, run_say, &doing);
}

void
controller_session_say_answer (ControllerSession * self, const gchar * sdp)
{
  g_autoptr (GstWsctlEvent) event =
      gst_wsctl_event_new (GST_WSCTL_EVENT_ANSWER_SDP);
  g_autofree gchar *text = NULL;

  event->result = TRUE;
  event->answer_sdp = g_strdup (sdp);
  text = gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_MIST);
  controller_session_say (self, text);
}

static void
run_hang_up (gpointer data)
{
  Doing *doing = data;

  if (doing->error != NULL)
    gst_wsctl_memory_channel_fail (doing->session->server, doing->error);
  else
    gst_wsctl_channel_close (GST_WSCTL_CHANNEL (doing->session->server));
}

void
controller_session_hang_up (ControllerSession * self)
{
  Doing doing = { self, NULL, NULL };

  gst_wsctl_loop_call_sync (self->loop, run_hang_up, &doing);
}

void
controller_session_drop (ControllerSession * self, GstWsctlError code)
{
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR, code,
      "the test drops it");
  Doing doing = { self, NULL, error };

  gst_wsctl_loop_call_sync (self->loop, run_hang_up, &doing);
}

static gboolean
has_item (gpointer data)
{
  return g_async_queue_length (data) > 0;
}

gchar *
controller_session_hear (ControllerSession * self)
{
  test_wait_until (NULL, has_item, self->heard, 0, "a message");

  return g_async_queue_pop (self->heard);
}

gchar *
controller_session_hear_offer (ControllerSession * self)
{
  g_autofree gchar *text = controller_session_hear (self);
  g_autoptr (GstWsctlCommand) command = gst_wsctl_command_parse (text, NULL);

  g_assert_nonnull (command);
  g_assert_cmpint (command->type, ==, GST_WSCTL_COMMAND_OFFER_SDP);

  return g_strdup (command->offer_sdp);
}

void
controller_session_expect (ControllerSession * self, const gchar * begin)
{
  g_autofree gchar *text = NULL;

  test_wait_until (NULL, has_item, self->told, 0, begin);
  text = g_async_queue_pop (self->told);
  if (!g_str_has_prefix (text, begin))
    g_error ("'%s' was told instead of '%s'; %s", text, begin,
        self->close_error != NULL ? self->close_error->message : "no error");
}

/* @code: -1 for none */
void
controller_session_expect_close (ControllerSession * self, gint code)
{
  controller_session_expect (self, "close");
  if (code < 0)
    g_assert_no_error (self->close_error);
  else
    g_assert_error (self->close_error, GST_WSCTL_ERROR, code);
}

static gboolean
has_ended (gpointer data)
{
  return g_atomic_int_get (&((ControllerSession *) data)->n_open_calls) > 0;
}

void
controller_session_wait_call (ControllerSession * self)
{
  test_wait_until (NULL, has_ended, self, 0, "the end of the call");
}

static void
do_nothing (gpointer data)
{
}

void
controller_session_expect_nothing (ControllerSession * self)
{
  gint i;

  /* What one call queues, the next one runs. */
  for (i = 0; i < 3; i++)
    gst_wsctl_loop_call_sync (self->loop, do_nothing, NULL);
  test_drain (NULL);
  g_assert_cmpint (g_async_queue_length (self->told), ==, 0);
}

static void
run_free_server (gpointer data)
{
  g_object_unref (data);
}

void
controller_session_free (ControllerSession * self)
{
  TestLeaks *leaks = test_leaks_new ();
  GstWsctlConnection *connection =
      gst_wsctl_controller_get_connection (self->controller);

  test_leaks_watch (leaks, connection);
  test_leaks_watch (leaks, gst_wsctl_connection_get_element (connection));
  gst_wsctl_controller_close_sync (self->controller);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->pipeline);
  g_signal_handlers_disconnect_by_data (self->controller, self);
  test_assert_finalize (self->controller);
  g_signal_handlers_disconnect_by_data (self->server, self);
  gst_wsctl_loop_call_sync (self->loop, run_free_server, self->server);
  test_leaks_check (leaks);

  gst_wsctl_loop_unref (self->loop);
  g_async_queue_unref (self->heard);
  g_async_queue_unref (self->told);
  g_clear_error (&self->open_error);
  g_clear_error (&self->close_error);
  g_main_context_unref (self->context);
  g_free (self);
}
