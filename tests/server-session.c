/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A server to be tested, and the ways that its clients begin.
 */

#include "server-session.h"

#include <string.h>

#include "server-transcript.h"
#include "testsupport.h"

#define N_FRAMES 5              /* of each kind: the stream has begun */
#define CONNECT_TIMEOUT_MS 10000        /* the default */

ServerSession *
server_session_new (const GstWsctlServerParams * params)
{
  GstWsctlServerParams patient = { 0, };
  ServerSession *self = g_new0 (ServerSession, 1);
  g_autoptr (GError) error = NULL;

  if (params != NULL)
    patient = *params;
  if (patient.connect_timeout_ms == 0)
    patient.connect_timeout_ms = test_scale_ms (CONNECT_TIMEOUT_MS);
  self->server = gst_wsctl_server_new (&patient);
  g_assert_true (gst_wsctl_server_start (self->server, &error));
  g_assert_no_error (error);
  self->uri = gst_wsctl_server_get_uri (self->server);

  return self;
}

void
server_session_free (ServerSession * self)
{
  gst_wsctl_server_stop (self->server);
  g_assert_cmpuint (gst_wsctl_server_count_sessions (self->server), ==, 0);
  test_assert_finalize (self->server);
  g_free (self->uri);
  g_free (self);
}

Client *
server_session_open (ServerSession * self, const gchar * path)
{
  Client *client = client_new (self->uri, path);

  client_wait_open (client);

  return client;
}

Client *
server_session_offer (ServerSession * self, const gchar * path,
    const gchar * sdp)
{
  Client *client = server_session_open (self, path);

  client->offer = g_strdup (sdp);
  client_send_offer (client);

  return client;
}

/* The first line of a transcript is its client's offer. */
static Client *
offer_as_in (ServerSession * self, const gchar * path, const gchar * transcript)
{
  g_autoptr (GPtrArray) lines = transcript_load (transcript);

  return server_session_offer (self, path,
      transcript_get_string (g_ptr_array_index (lines, 0), "offer_sdp"));
}

Client *
server_session_offer_publish (ServerSession * self, const gchar * path)
{
  return offer_as_in (self, path, "mist-publish.jsonl");
}

Client *
server_session_offer_play (ServerSession * self, const gchar * path)
{
  return offer_as_in (self, path, "mist-play.jsonl");
}

Client *
server_session_publish (ServerSession * self, const gchar * path,
    const gchar * launch)
{
  Client *client;

  /* The server does not wait for long, once it has heard of somebody. */
  test_warm_up ();
  client = server_session_open (self, path);
  client_start_publisher (client, launch);
  client_offer (client);
  g_free (client_take_answer (client));

  return client;
}

static gboolean
has_frames (gpointer data)
{
  GstWsctlServer *server = data;

  return gst_wsctl_server_count_frames (server, "live", "video") >= N_FRAMES
      && gst_wsctl_server_count_frames (server, "live", "audio") >= N_FRAMES;
}

Client *
server_session_publish_live (ServerSession * self, guint gop)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, gop);
  Client *client = server_session_publish (self, "/webrtc/live", launch);

  client_poll_until (client, has_frames, self->server,
      "frames reach the server");

  return client;
}

guint
server_session_request (ServerSession * self, const gchar * method,
    const gchar * path, const gchar * body, gchar ** answer)
{
  g_autofree gchar *uri = g_strdup_printf ("http://%s%s",
      self->uri + strlen ("ws://"), path);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (method, uri);
  g_autoptr (GBytes) received = NULL;

  if (body != NULL) {
    g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

    soup_message_set_request_body_from_bytes (message, "application/json",
        bytes);
  }
  /* Without an answer the status is none that a test wants. */
  received = soup_session_send_and_read (session, message, NULL, NULL);
  if (answer != NULL && received != NULL)
    *answer = g_strndup (g_bytes_get_data (received, NULL),
        g_bytes_get_size (received));

  return soup_message_get_status (message);
}
