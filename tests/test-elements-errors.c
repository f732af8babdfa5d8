/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whatever goes wrong is told once, in a sentence, with a domain and a code that
 * applications know.
 */

#include "testcertificate.h"
#include "testpipeline.h"
#include "testserver.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"

static TestPipeline *
new_sender (const gchar * settings)
{
  return test_pipeline_new (PICTURE " ! wsctlsink name=s %s", settings);
}

static TestPipeline *
new_player (const gchar * settings)
{
  return test_pipeline_new ("wsctlsrc name=s %s ! fakesink async=false",
      settings);
}

/* A state change that fails tells why as well. */
static void
expect_refusal (TestPipeline * pipeline, GQuark domain, gint code,
    const gchar * text)
{
  g_assert_cmpint (gst_element_set_state (test_pipeline_get (pipeline),
          GST_STATE_PLAYING), ==, GST_STATE_CHANGE_FAILURE);
  test_pipeline_expect_error (pipeline, domain, code, text);
}

static void
test_no_uri (void)
{
  g_autoptr (TestPipeline) sender = new_sender ("");
  g_autoptr (TestPipeline) player = new_player ("");

  expect_refusal (sender, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "Could not publish");
  expect_refusal (player, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "Could not play");
}

static void
test_malformed_uri (void)
{
  g_autoptr (TestPipeline) sender = new_sender ("uri=ws://[::1/webrtc/x");
  g_autoptr (TestPipeline) player = new_player ("uri=ftp://host/webrtc/x");

  expect_refusal (sender, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "publish");
  expect_refusal (player, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "play");
}

/* Both kinds of element at one address */
static void
check_both (const gchar * settings, gint sender_code, gint player_code,
    const gchar * text)
{
  g_autoptr (TestPipeline) sender = new_sender (settings);
  g_autoptr (TestPipeline) player = new_player (settings);

  test_pipeline_play (sender);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR, sender_code, text);
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-close"), ==, 1);
  test_pipeline_play (player);
  test_pipeline_expect_error (player, GST_RESOURCE_ERROR, player_code, text);
  g_assert_cmpuint (test_pipeline_count_element (player, "wsctl-close"), ==, 1);
}

static void
test_unknown_host (void)
{
  check_both ("uri=ws://nowhere.invalid/webrtc/x", GST_RESOURCE_ERROR_NOT_FOUND,
      GST_RESOURCE_ERROR_NOT_FOUND, "nowhere.invalid");
}

static void
test_refused (void)
{
  g_autofree gchar *settings =
      g_strdup_printf ("uri=ws://127.0.0.1:%u/webrtc/x",
      test_find_closed_port ());

  check_both (settings, GST_RESOURCE_ERROR_OPEN_WRITE,
      GST_RESOURCE_ERROR_OPEN_READ, "refused");
}

static void
test_tls (void)
{
  g_autoptr (GTlsCertificate) certificate =
      test_certificate_new ("127.0.0.1", 3600);
  g_autoptr (TestServer) server = test_server_new_echo (certificate);
  g_autofree gchar *settings =
      g_strdup_printf ("uri=%s", test_server_get_uri (server));
  GMainContext *context = g_main_context_get_thread_default ();
  g_autoptr (TestPipeline) sender = new_sender (settings);

  /* The server lives on this thread's context. */
  test_pipeline_play (sender);
  while (test_pipeline_count_type (sender, GST_MESSAGE_ERROR) == 0)
    g_main_context_iteration (context, FALSE);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE, "certificate");
}

static void
test_unknown_path (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *settings =
      g_strdup_printf ("uri=ws://127.0.0.1:%u/nothing/here",
      gst_wsctl_server_get_port (server));

  check_both (settings, GST_RESOURCE_ERROR_NOT_FOUND,
      GST_RESOURCE_ERROR_NOT_FOUND, "not a WebRTC end point");
}

static void
check_sender (GstWsctlServerFault fault, GQuark domain, gint code,
    const gchar * text)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (fault);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *settings = g_strdup_printf ("uri=%s", uri);
  g_autoptr (TestPipeline) sender = new_sender (settings);

  test_pipeline_play (sender);
  test_pipeline_expect_error (sender, domain, code, text);
}

static void
test_denied (void)
{
  check_sender (GST_WSCTL_SERVER_FAULT_REFUSE, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED, "denies access");
}

static void
test_no_media (void)
{
  check_sender (GST_WSCTL_SERVER_FAULT_NO_MEDIUM, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE, "describes 0 media, 1 were offered");
}

static void
test_rejected (void)
{
  check_sender (GST_WSCTL_SERVER_FAULT_REJECT_FIRST, GST_STREAM_ERROR,
      GST_STREAM_ERROR_WRONG_TYPE, "rejected every medium");
}

static void
test_oversized (void)
{
  check_sender (GST_WSCTL_SERVER_FAULT_OVERSIZED, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_WRITE, "bytes");
}

static void
test_dropped (void)
{
  check_sender (GST_WSCTL_SERVER_FAULT_DROP, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_WRITE, "lost");
  check_sender (GST_WSCTL_SERVER_FAULT_CLOSE, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_WRITE, "closed the session");
}

static void
test_fingerprint (void)
{
  g_autoptr (GstWsctlServer) server =
      test_wsctl_server_new (GST_WSCTL_SERVER_FAULT_WRONG_FINGERPRINT);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *settings = g_strdup_printf ("uri=%s", uri);
  g_autoptr (TestPipeline) sender = new_sender (settings);

  test_pipeline_play (sender);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE, "certificate is not the one");
  g_assert_cmpuint (gst_wsctl_server_count_frames (server, "live", "video"),
      ==, 0);
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-connected"),
      ==, 0);
}

static void
test_offline (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "offline");
  g_autofree gchar *settings = g_strdup_printf ("uri=%s", uri);
  g_autoptr (TestPipeline) player = new_player (settings);

  test_pipeline_play (player);
  test_pipeline_expect_error (player, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND, "nobody publishes this stream at the "
      "moment (the server says: Stream open failed); wait-for-stream=true "
      "waits for it.");
}

/* An address without a scheme, or with the wrong one, to a server without TLS:
 * at once, and not when the time for a handshake is over */
static void
test_no_tls (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  guint port = gst_wsctl_server_get_port (server);
  g_autofree gchar *bare = g_strdup_printf ("uri=127.0.0.1:%u/webrtc/live "
      "connect-timeout=60000", port);
  g_autofree gchar *wss = g_strdup_printf ("uri=wss://127.0.0.1:%u/webrtc/live "
      "connect-timeout=60000", port);
  g_autoptr (TestPipeline) sender = new_sender (bare);
  g_autoptr (TestPipeline) player = new_player (wss);

  test_pipeline_play (sender);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE, "if the server has no TLS, the address "
      "has to begin with ws://");
  test_pipeline_play (player);
  test_pipeline_expect_error (player, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_READ, "if the server has no TLS, the address "
      "has to begin with ws://");
}

/* A name with characters that an address has to encode, and rarely does: the
 * same stream for both */
static void
test_odd_name (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *typed = test_wsctl_server_get_uri (server,
      "my \xc3\xa4 & 100%25 | caf\xc3\xa9");
  g_autofree gchar *encoded = test_wsctl_server_get_uri (server,
      "my%20%C3%A4%20%26%20100%25%20%7C%20caf%C3%A9");
  g_autofree gchar *settings = g_strdup_printf ("uri=\"%s\"", typed);
  g_autofree gchar *same = g_strdup_printf ("uri=%s", encoded);
  g_autoptr (TestPipeline) sender = new_sender (settings);
  g_autoptr (TestPipeline) player = new_player (same);

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server,
      "my \xc3\xa4 & 100% | caf\xc3\xa9", "video", 5);
  test_pipeline_play (player);
  test_pipeline_wait_element (player, "wsctl-connected");
  test_pipeline_assert_healthy (player);
  test_pipeline_assert_healthy (sender);
}

/* A session that was up, and whose socket is gone */
static void
test_lost (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *settings = g_strdup_printf ("uri=%s reconnect=never", uri);
  g_autoptr (TestPipeline) sender = new_sender (settings);

  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-connected");
  gst_wsctl_server_drop_sessions (server);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_WRITE, "lost");
}

/* A name that is taken */
static void
test_second_publisher (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *settings = g_strdup_printf ("uri=%s", uri);
  g_autoptr (TestPipeline) first = new_sender (settings);
  g_autoptr (TestPipeline) second = new_sender (settings);

  test_pipeline_play (first);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  test_pipeline_play (second);
  test_pipeline_expect_error (second, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED, "the name is taken");
  test_pipeline_assert_healthy (first);
}

static void
test_no_encoder (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *settings =
      g_strdup_printf ("uri=%s video-caps=video/x-theora", uri);
  g_autoptr (TestPipeline) sender = new_sender (settings);

  expect_refusal (sender, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
      "no encoder");
  g_assert_cmpuint (test_pipeline_count_element (sender, "missing-plugin"), ==,
      1);
}

/* No form that downstream takes */
static void
test_no_form (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *settings = g_strdup_printf ("uri=%s", uri);
  g_autoptr (TestPipeline) sender = new_sender (settings);
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("wsctlsrc uri=%s ! video/x-vp8 ! fakesink", uri);

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  test_pipeline_play (player);
  test_pipeline_expect_error (player, GST_STREAM_ERROR,
      GST_STREAM_ERROR_WRONG_TYPE, "takes neither H264");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/elements/errors/no-uri", test_no_uri);
  test_add ("/elements/errors/malformed-uri", test_malformed_uri);
  test_add ("/elements/errors/unknown-host", test_unknown_host);
  test_add ("/elements/errors/refused", test_refused);
  test_add ("/elements/errors/tls", test_tls);
  test_add ("/elements/errors/unknown-path", test_unknown_path);
  test_add ("/elements/errors/denied", test_denied);
  test_add ("/elements/errors/no-media", test_no_media);
  test_add ("/elements/errors/rejected", test_rejected);
  test_add ("/elements/errors/oversized", test_oversized);
  test_add ("/elements/errors/dropped", test_dropped);
  test_add ("/elements/errors/fingerprint", test_fingerprint);
  test_add ("/elements/errors/offline", test_offline);
  test_add ("/elements/errors/no-tls", test_no_tls);
  test_add ("/elements/errors/odd-name", test_odd_name);
  test_add ("/elements/errors/lost", test_lost);
  test_add ("/elements/errors/second-publisher", test_second_publisher);
  test_add ("/elements/errors/no-encoder", test_no_encoder);
  test_add ("/elements/errors/no-form", test_no_form);

  return g_test_run ();
}
