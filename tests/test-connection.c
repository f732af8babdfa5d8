/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A connection on good days and on bad ones: what was begun ends, once, and
 * leaves nothing behind.
 */

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <string.h>

#include "media-session.h"
#include "testresolver.h"
#include "wsctlerror.h"
#include "wsctlwebrtcbin-private.h"

static gboolean
has_rtp (gpointer data)
{
  return ((MediaServer *) data)->n_rtp >= 20;
}

static void
test_new_free (void)
{
  MediaClient *client = media_client_new_bare ();
  GstWsctlTraffic traffic;
  GstWsctlConnectionState state;
  g_autoptr (GstElement) element = NULL;
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (client->connection, "state", &state, "element", &element, NULL);
  g_assert_cmpint (state, ==, GST_WSCTL_CONNECTION_STATE_NEW);
  g_assert_true (element ==
      gst_wsctl_connection_get_element (client->connection));
  gst_wsctl_connection_get_traffic (client->connection, &traffic);
  g_assert_cmpint (traffic.last_received_us, ==, 0);
  g_assert_cmpint (traffic.sending_since_us, ==, 0);
  stats = gst_wsctl_connection_get_stats (client->connection);
  g_assert_nonnull (stats);
  g_clear_object (&element);

  media_client_free (client);
}

/* Let go of without a close, on a thread that is not the loop's */
static void
test_drop (void)
{
  const GstWsctlConnectionParams params = { NULL, };
  g_autoptr (GError) error = NULL;
  GstWsctlConnection *connection = gst_wsctl_connection_new (&params, &error);

  g_assert_no_error (error);
  test_assert_finalize (connection);
}

static void
test_connect (void)
{
  MediaServer *server = media_server_new ();
  MediaClient *client =
      media_client_new (MEDIA_LAUNCH_AUDIO MEDIA_LAUNCH_VIDEO);
  GstWsctlTraffic traffic;

  media_client_add_media (client, TRUE);
  media_client_negotiate (client, server);
  g_assert_no_error (client->answer_error);
  media_client_wait_state (client, GST_WSCTL_CONNECTION_STATE_CONNECTED);
  test_wait_until (NULL, has_rtp, server, 0, "packets");
  g_assert_null (gst_wsctl_connection_get_error (client->connection));
  gst_wsctl_connection_get_traffic (client->connection, &traffic);
  g_assert_cmpint (traffic.last_received_us, >, 0);
  g_assert_cmpint (traffic.sending_since_us, >, 0);
  g_assert_true (gst_wsctl_connection_is_sending (client->connection));

  media_client_free (client);
  media_server_free (server);
}

/* A rejected medium, first or second, must not hold up the other. */
static void
check_rejected (GstWsctlMediaKind kind)
{
  MediaServer *server = media_server_new ();
  MediaClient *client =
      media_client_new (MEDIA_LAUNCH_AUDIO MEDIA_LAUNCH_VIDEO);

  server->reject[kind] = TRUE;
  media_client_add_media (client, TRUE);
  media_client_negotiate (client, server);
  g_assert_no_error (client->answer_error);
  media_client_wait_state (client, GST_WSCTL_CONNECTION_STATE_CONNECTED);
  test_wait_until (NULL, has_rtp, server, 0, "packets of the other kind");

  media_client_free (client);
  media_server_free (server);
}

/* Other servers write an answer otherwise, which is as good. */
static void
test_forms (void)
{
  static const struct
  {
    const gchar *pattern;
    const gchar *with;
  } forms[] = {
    /* What stands for all media, before them */
    {"(?s)^(.*?)(m=.*?)(a=setup:\\w+\r\n)(.*)a=setup:\\w+\r\n",
        "\\1\\3\\2\\4"},
    /* … or in the first of them only (RFC 8843, 7.1.3) */
    {"(?s)^(.*m=.*m=.*)a=setup:\\w+\r\n", "\\1"},
    {"(?s)^(.*m=.*m=.*)a=fingerprint:[^\r]+\r\na=ice-ufrag:[^\r]+\r\n"
          "a=ice-pwd:[^\r]+\r\n", "\\1"},
    /* An address that has to be looked up */
    {"127\\.0\\.0\\.1", "here.test"},
  };
  g_autoptr (TestResolverSwap) swap = test_resolver_install ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (forms); i++) {
    MediaServer *server = media_server_new ();
    MediaClient *client =
        media_client_new (MEDIA_LAUNCH_AUDIO MEDIA_LAUNCH_VIDEO);

    server->pattern = forms[i].pattern;
    server->with = forms[i].with;
    media_client_add_media (client, TRUE);
    media_client_negotiate (client, server);
    g_assert_no_error (client->answer_error);
    media_client_wait_state (client, GST_WSCTL_CONNECTION_STATE_CONNECTED);
    test_wait_until (NULL, has_rtp, server, 0, "packets");

    media_client_free (client);
    media_server_free (server);
  }
}

/* Every address is a name that nobody knows: told at once. */
static void
test_unknown_name (void)
{
  g_autoptr (TestResolverSwap) swap = test_resolver_install ();
  MediaServer *server = media_server_new ();
  MediaClient *client = media_client_new (MEDIA_LAUNCH_AUDIO);
  const GError *error;

  server->pattern = "127\\.0\\.0\\.1";
  server->with = "nowhere.test";
  media_client_add_audio (client, TRUE);
  media_client_negotiate (client, server);
  media_client_wait_state (client, GST_WSCTL_CONNECTION_STATE_FAILED);
  error = gst_wsctl_connection_get_error (client->connection);
  g_assert_error (error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_PEER_CONNECTION_FAILED);
  g_assert_nonnull (strstr (error->message, "the other side's host name "
          "'nowhere.test' (Nobody knows nowhere.test) could not be looked up"));

  media_client_free (client);
  media_server_free (server);
}

static void
test_rejected (void)
{
  check_rejected (GST_WSCTL_MEDIA_KIND_AUDIO);
  check_rejected (GST_WSCTL_MEDIA_KIND_VIDEO);
}

static void
run_offer_and_close (gpointer data)
{
  MediaClient *client = data;

  media_client_create_offer (client);
  gst_wsctl_connection_close (client->connection);
  gst_wsctl_connection_close (client->connection);
}

/* Closed with the offer on its way: it ends at once, and once. */
static void
test_close_offering (void)
{
  MediaClient *client = media_client_new (NULL);

  media_client_add_media (client, FALSE);
  media_client_play (client);
  media_client_call (client, run_offer_and_close);
  media_client_wait_offer (client);
  g_assert_error (client->offer_error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);
  g_assert_cmpint (g_atomic_int_get (&client->state), ==,
      GST_WSCTL_CONNECTION_STATE_CLOSED);

  media_client_free (client);
}

static MediaServer *close_server;

static void
run_answer_and_close (gpointer data)
{
  MediaClient *client = data;
  g_autofree gchar *answer = media_server_answer (close_server, client->offer);

  media_client_set_answer (client, answer);
  gst_wsctl_connection_close (client->connection);
}

static void
test_close_answering (void)
{
  MediaClient *client = media_client_new (NULL);

  close_server = media_server_new ();
  media_client_add_media (client, FALSE);
  media_client_play (client);
  media_client_create_offer (client);
  media_client_wait_offer (client);
  media_client_call (client, run_answer_and_close);
  media_client_wait_answer (client);
  g_assert_error (client->answer_error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_CLOSED);
  g_assert_cmpint (g_atomic_int_get (&client->n_answers), ==, 1);

  media_client_free (client);
  media_server_free (close_server);
}

/* Garbage is an error of the call and leaves the connection as it was. */
static void
test_garbage (void)
{
  MediaClient *client = media_client_new (NULL);

  media_client_set_answer (client, "v=0\r\n");
  media_client_wait_answer (client);
  g_assert_error (client->answer_error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SIP_FAILED);

  media_client_add_media (client, FALSE);
  media_client_play (client);
  media_client_create_offer (client);
  media_client_wait_offer (client);
  g_assert_no_error (client->offer_error);
  g_atomic_int_set (&client->n_answers, 0);
  media_client_set_answer (client, "hello");
  media_client_wait_answer (client);
  g_assert_error (client->answer_error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SIP_FAILED);
  g_assert_null (gst_wsctl_connection_get_answer (client->connection));
  g_assert_cmpint (gst_wsctl_connection_get_state (client->connection), ==,
      GST_WSCTL_CONNECTION_STATE_NEW);

  media_client_close (client);
  g_atomic_int_set (&client->n_answers, 0);
  media_client_set_answer (client, "hello");
  media_client_wait_answer (client);
  g_assert_error (client->answer_error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_CLOSED);

  media_client_free (client);
}

/* An element that nobody put into a pipeline makes no offer, and says so. */
static void
test_no_pipeline (void)
{
  MediaClient *client = media_client_new_bare ();

  media_client_add_media (client, TRUE);
  media_client_create_offer (client);
  media_client_wait_offer (client);
  g_assert_null (client->offer);
  g_assert_nonnull (client->offer_error);
  g_assert_cmpint (client->offer_error->domain, ==, GST_WSCTL_ERROR);

  media_client_free (client);
}

/* Before anything is sent, nothing can be replaced. */
static void
test_replace_track_early (void)
{
  MediaClient *client = media_client_new_bare ();
  g_autoptr (GError) error = NULL;

  g_assert_false (gst_wsctl_connection_replace_track (client->connection,
          GST_WSCTL_MEDIA_KIND_VIDEO, NULL, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_REPLACE_TRACK_FAILED);

  media_client_free (client);
}

static void
find_receiver (const GValue * item, gpointer data)
{
  GstElement **receiver = data;

  if (g_str_equal (G_OBJECT_TYPE_NAME (g_value_get_object (item)),
          "TransportReceiveBin"))
    *receiver = g_value_get_object (item);
}

/* Transfer full, in every way */
static GObject *
get_object (gpointer object, const gchar * property)
{
  GObject *value = NULL;

  g_object_get (object, property, &value, NULL);
  g_assert_nonnull (value);

  return value;
}

/* webrtcbin at work on a description while its children are being stopped: what
 * it does to one of them then is done here with the same notification. */
static void
test_stopped_at_work (void)
{
  const GstWsctlConnectionParams params = { NULL, };
  g_autoptr (GError) error = NULL;
  NiceAgent *agent = NULL;
  GstElement *webrtcbin = gst_wsctl_webrtcbin_new (&params, &agent, &error);
  g_autoptr (GstCaps) caps = gst_caps_from_string ("application/x-rtp,"
      "media=video,encoding-name=VP8,payload=96,clock-rate=90000");
  g_autoptr (GstPromise) offered = gst_promise_new ();
  g_autoptr (GstPromise) set = gst_promise_new ();
  g_autoptr (GstIterator) children = NULL;
  GstWebRTCSessionDescription *offer = NULL;
  GstWebRTCRTPTransceiver *transceiver = NULL;
  GstElement *receiver = NULL;
  GObject *sender, *dtls, *ice;

  g_assert_no_error (error);
  g_object_unref (agent);
  gst_element_set_state (webrtcbin, GST_STATE_READY);
  g_signal_emit_by_name (webrtcbin, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_signal_emit_by_name (webrtcbin, "create-offer", NULL, offered);
  g_assert_cmpint (gst_promise_wait (offered), ==, GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (gst_promise_get_reply (offered), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  g_signal_emit_by_name (webrtcbin, "set-local-description", offer, set);
  gst_promise_wait (set);
  gst_webrtc_session_description_free (offer);
  children = gst_bin_iterate_elements (GST_BIN (webrtcbin));
  gst_iterator_foreach (children, find_receiver, &receiver);
  g_assert_nonnull (receiver);
  g_object_add_weak_pointer (G_OBJECT (receiver), (gpointer *) & receiver);

  sender = get_object (transceiver, "sender");
  dtls = get_object (sender, "transport");
  ice = get_object (dtls, "transport");
  gst_element_set_state (webrtcbin, GST_STATE_NULL);
  g_object_notify (ice, "state");
  g_object_unref (ice);
  g_object_unref (dtls);
  g_object_unref (sender);
  g_object_unref (transceiver);

  gst_wsctl_webrtcbin_stop (webrtcbin);
  g_clear_pointer (&children, gst_iterator_free);
  gst_object_unref (webrtcbin);
  g_assert_null (receiver);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/connection/new-free", test_new_free);
  test_add ("/connection/drop", test_drop);
  test_add ("/connection/connect", test_connect);
  test_add ("/connection/forms", test_forms);
  test_add ("/connection/unknown-name", test_unknown_name);
  test_add ("/connection/rejected", test_rejected);
  test_add ("/connection/close-offering", test_close_offering);
  test_add ("/connection/close-answering", test_close_answering);
  test_add ("/connection/garbage", test_garbage);
  test_add ("/connection/no-pipeline", test_no_pipeline);
  test_add ("/connection/replace-track-early", test_replace_track_early);
  test_add ("/connection/stopped-at-work", test_stopped_at_work);

  return g_test_run ();
}
