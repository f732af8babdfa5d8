/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "lite-session.h"

static void
close_if (LiteSession * session, CloseWhen when)
{
  if (session->close_when != when)
    return;

  gst_wsctl_lite_peer_close (session->peer);
  if (session->unref_too)
    g_clear_object (&session->peer);
}

static void
on_reached (GstWsctlLitePeer * peer, gpointer data)
{
  LiteSession *session = data;

  session->n_reached++;
  close_if (session, CLOSE_WHEN_REACHED);
}

static void
on_connected (GstWsctlLitePeer * peer, gpointer data)
{
  LiteSession *session = data;

  g_assert_true (gst_wsctl_lite_peer_is_connected (peer));
  session->n_connected++;
  close_if (session, CLOSE_WHEN_CONNECTED);
}

static void
keep_packet (LiteSession * session, const guint8 * packet, gsize size)
{
  g_clear_pointer (&session->packet, g_bytes_unref);
  session->packet = g_bytes_new (packet, size);
}

static void
on_rtp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  LiteSession *session = data;

  session->n_rtp++;
  keep_packet (session, packet, size);
  close_if (session, CLOSE_AT_RTP);
}

static void
on_rtcp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  LiteSession *session = data;

  session->n_rtcp++;
  keep_packet (session, packet, size);
}

static void
on_closed (GstWsctlLitePeer * peer, const GError * error, gpointer data)
{
  LiteSession *session = data;

  g_assert_false (gst_wsctl_lite_peer_is_connected (peer));
  session->n_closed++;
  session->error = error != NULL ? g_error_copy (error) : NULL;
  gst_wsctl_lite_peer_close (peer);
}

const GstWsctlLitePeerCallbacks lite_callbacks = {
  .reached = on_reached,
  .connected = on_connected,
  .rtp = on_rtp,
  .rtcp = on_rtcp,
  .closed = on_closed,
};

GstWsctlLitePort *
lite_port_open (void)
{
  g_autoptr (GError) error = NULL;
  GstWsctlLitePort *port =
      gst_wsctl_lite_port_new ("127.0.0.1", 0, NULL, &error);

  g_assert_no_error (error);

  return port;
}

LiteSession *
lite_session_new (GstWsctlLitePort * port, const gchar * fingerprint)
{
  LiteSession *session = g_new0 (LiteSession, 1);

  session->port = g_object_ref (port);
  session->client = lite_client_new (gst_wsctl_lite_port_get_port (port));
  if (fingerprint == NULL)
    fingerprint = lite_client_get_fingerprint (session->client);
  session->peer = gst_wsctl_lite_peer_new (port, LITE_REMOTE_UFRAG, fingerprint,
      &lite_callbacks, session);
  session->username =
      g_strconcat (gst_wsctl_lite_peer_get_ufrag (session->peer), ":",
      LITE_REMOTE_UFRAG, NULL);

  return session;
}

void
lite_session_free (LiteSession * session)
{
  if (session->peer != NULL)
    gst_wsctl_lite_peer_close (session->peer);
  g_clear_object (&session->peer);
  g_clear_object (&session->port);
  lite_client_free (session->client);
  g_clear_pointer (&session->packet, g_bytes_unref);
  g_clear_error (&session->error);
  g_free (session->username);
  g_free (session);
}

LiteSession *
lite_session_new_alone (void)
{
  g_autoptr (GstWsctlLitePort) port = lite_port_open ();

  return lite_session_new (port, NULL);
}

void
lite_session_check (LiteSession * session)
{
  lite_client_check (session->client, session->username,
      gst_wsctl_lite_peer_get_pwd (session->peer), TRUE);
}

void
lite_session_reach (LiteSession * session)
{
  lite_session_check (session);
  wait_until (lite_client_get_n_answers (session->client) == 1);
}

void
lite_session_connect (LiteSession * session)
{
  lite_session_reach (session);
  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client)
      && session->n_connected == 1);
}

void
lite_session_synchronise (LiteSession * session)
{
  guint n = lite_client_get_n_answers (session->client);

  lite_session_check (session);
  wait_until (lite_client_get_n_answers (session->client) > n);
}

void
lite_assert_packet (GBytes * bytes, const guint8 * packet, gsize size)
{
  gsize n;
  gconstpointer data = g_bytes_get_data (bytes, &n);

  g_assert_cmpmem (data, n, packet, size);
}
