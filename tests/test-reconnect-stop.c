/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A state change in every step of reconnecting: none waits, none is told of as an
 * error, and nothing comes back afterwards.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define QUICK "reconnect-min-delay=20 reconnect-max-delay=20"
#define SLOW "reconnect-min-delay=60000 reconnect-max-delay=60000"

/* How far the second session comes */
typedef struct
{
  const gchar *delays;
  GstWsctlServerFault fault;
  const gchar *message;         /* of the second session, or NULL */
} Stage;

static const Stage stages[] = {
  {SLOW, GST_WSCTL_SERVER_FAULT_NONE, "wsctl-reconnecting"},
  {QUICK, GST_WSCTL_SERVER_FAULT_DROP, "wsctl-reconnecting"},
  {QUICK, GST_WSCTL_SERVER_FAULT_NO_ANSWER, NULL},
  {QUICK, GST_WSCTL_SERVER_FAULT_NO_ICE, "wsctl-open"},
  {QUICK, GST_WSCTL_SERVER_FAULT_NO_DTLS, "wsctl-open"},
  {QUICK, GST_WSCTL_SERVER_FAULT_NO_MEDIA, "wsctl-connected"},
};

/* The server's libsoup warns of a client that is gone when it looks. */
static gboolean
is_fatal (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer data)
{
  return g_strcmp0 (domain, "libsoup") != 0;
}

static TestPipeline *
new_pipeline (gboolean publishing, const gchar * uri, const gchar * settings)
{
  if (publishing)
    return test_pipeline_new (PICTURE " ! wsctlsink name=s uri=%s %s", uri,
        settings);

  return test_pipeline_new ("wsctlsrc name=s uri=%s %s ! fakesink name=sink "
      "async=false", uri, settings);
}

/* A server, something to play, and a session that was up and is lost */
typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  TestPipeline *source;         /* on a server of its own name, or NULL */
  TestPipeline *pipeline;
} Loss;

static void
begin_loss (Loss * loss, gboolean publishing, const Stage * stage)
{
  loss->server = test_wsctl_server_new (0);
  loss->uri = test_wsctl_server_get_uri (loss->server, "live");
  if (!publishing) {
    loss->source = new_pipeline (TRUE, loss->uri, QUICK);
    test_pipeline_play (loss->source);
    test_wsctl_server_wait_frames (loss->server, "live", "video", 1);
  }
  loss->pipeline = new_pipeline (publishing, loss->uri, stage->delays);
  test_pipeline_play (loss->pipeline);
  test_pipeline_wait_element (loss->pipeline, "wsctl-connected");
  test_pipeline_forget (loss->pipeline);
  gst_wsctl_server_set_faults (loss->server, stage->fault);
  gst_wsctl_server_drop_sessions (loss->server);
}

static void
end_loss (Loss * loss)
{
  test_pipeline_free (loss->pipeline);
  g_clear_pointer (&loss->source, test_pipeline_free);
  test_wsctl_server_wait_sessions (loss->server, 0);
  g_object_unref (loss->server);
  g_free (loss->uri);
}

static void
wait_stage (Loss * loss, const Stage * stage)
{
  if (stage->message != NULL)
    test_pipeline_wait_element (loss->pipeline, stage->message);
  else
    test_wsctl_server_wait_sessions (loss->server,
        loss->source != NULL ? 2 : 1);
}

static void
check_stages (gboolean publishing)
{
  guint i;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  for (i = 0; i < G_N_ELEMENTS (stages); i++) {
    Loss loss = { NULL, };

    /* A player whose publisher is held back as well finds no stream. */
    if (!publishing && stages[i].fault != GST_WSCTL_SERVER_FAULT_NONE
        && stages[i].fault != GST_WSCTL_SERVER_FAULT_DROP)
      continue;

    test_watchdog_restart ();
    g_test_message ("stage %u", i);
    begin_loss (&loss, publishing, &stages[i]);
    wait_stage (&loss, &stages[i]);
    test_pipeline_stop (loss.pipeline);
    test_pipeline_assert_healthy (loss.pipeline);
    end_loss (&loss);
  }
}

static void
test_sink (void)
{
  check_stages (TRUE);
}

static void
test_src (void)
{
  check_stages (FALSE);
}

/* At no moment in particular: each time, it is somewhere else. */
static void
check_moments (gboolean publishing)
{
  const Stage quick = { QUICK, GST_WSCTL_SERVER_FAULT_NONE, NULL };
  guint i;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  for (i = 0; i < 10; i++) {
    Loss loss = { NULL, };

    test_watchdog_restart ();
    begin_loss (&loss, publishing, &quick);
    g_usleep (i * 6000);
    test_pipeline_stop (loss.pipeline);
    test_pipeline_assert_healthy (loss.pipeline);
    end_loss (&loss);
  }
}

static void
test_sink_moments (void)
{
  check_moments (TRUE);
}

static void
test_src_moments (void)
{
  check_moments (FALSE);
}

/* To PAUSED and on again, to READY and on again, while the delay runs */
static void
test_states (void)
{
  static const GstState states[] = { GST_STATE_PAUSED, GST_STATE_READY };
  guint i, publishing;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  for (i = 0; i < 4; i++) {
    const Stage soon = { "reconnect-min-delay=300 reconnect-max-delay=300",
      GST_WSCTL_SERVER_FAULT_NONE, "wsctl-reconnecting"
    };
    Loss loss = { NULL, };

    publishing = i % 2;
    begin_loss (&loss, publishing, &soon);
    wait_stage (&loss, &soon);
    test_pipeline_set_state (loss.pipeline, states[i / 2]);
    if (loss.source != NULL)
      test_pipeline_wait_element (loss.source, "wsctl-reconnecting");
    test_wsctl_server_wait_frames (loss.server, "live", "video",
        loss.source != NULL ? 1 : 0);
    test_pipeline_forget (loss.pipeline);
    test_pipeline_play (loss.pipeline);
    test_pipeline_wait_element (loss.pipeline, "wsctl-connected");
    test_pipeline_assert_healthy (loss.pipeline);
    end_loss (&loss);
  }
}

/* By hand, between two sessions: the end, in order */
static void
test_close (void)
{
  const Stage slow = { SLOW, GST_WSCTL_SERVER_FAULT_NONE,
    "wsctl-reconnecting"
  };
  guint i;

  for (i = 0; i < 2; i++) {
    Loss loss = { NULL, };
    g_autoptr (GstElement) element = NULL;

    begin_loss (&loss, i == 0, &slow);
    wait_stage (&loss, &slow);
    element = test_pipeline_find (loss.pipeline, "s");
    g_signal_emit_by_name (element, "close");
    test_pipeline_wait_type (loss.pipeline, GST_MESSAGE_EOS);
    test_pipeline_assert_healthy (loss.pipeline);
    g_assert_cmpuint (test_pipeline_count_element (loss.pipeline,
            "wsctl-close"), ==, 2);
    g_clear_object (&element);
    end_loss (&loss);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/reconnect/stop/sink", test_sink);
  test_add ("/reconnect/stop/src", test_src);
  test_add ("/reconnect/stop/sink-moments", test_sink_moments);
  test_add ("/reconnect/stop/src-moments", test_src_moments);
  test_add ("/reconnect/stop/states", test_states);
  test_add ("/reconnect/stop/close", test_close);

  return g_test_run ();
}
