/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ssp-client.h"

#include "testsupport.h"

GstWsctlServer *
ssp_server_new (const GstWsctlServerParams * params, gchar ** uri)
{
  GstWsctlServer *server = gst_wsctl_server_new (params);
  g_autoptr (GError) error = NULL;

  g_assert_true (gst_wsctl_server_start (server, &error));
  g_assert_no_error (error);
  *uri = gst_wsctl_server_get_uri (server);

  return server;
}

void
ssp_server_free (GstWsctlServer * server)
{
  gst_wsctl_server_stop (server);
  test_assert_finalize (server);
}

Client *
ssp_client_enter (const gchar * uri)
{
  Client *client = client_new (uri, "/ssp");

  client_wait_open (client);

  return client;
}

GstWsctlSsp *
ssp_client_take (Client * client, GstWsctlSspType type)
{
  g_autofree gchar *text = client_wait_text (client);
  g_autoptr (GError) error = NULL;
  GstWsctlSsp *message =
      gst_wsctl_ssp_parse (text, GST_WSCTL_SSP_TO_CLIENT, &error);

  g_assert_no_error (error);
  g_assert_cmpint (message->type, ==, type);

  return message;
}

void
ssp_client_take_error (Client * client, const gchar * reason)
{
  g_autoptr (GstWsctlSsp) error = ssp_client_take (client, GST_WSCTL_SSP_ERROR);

  g_assert_nonnull (error->message);
  g_assert_cmpstr (error->reason, ==, reason);
}

gchar *
ssp_client_join (Client * client)
{
  g_autoptr (GstWsctlSsp) joined = NULL;

  client_send (client, SSP_JOIN ("p"));
  joined = ssp_client_take (client, GST_WSCTL_SSP_JOINED);
  g_assert_cmpstr (joined->pool, ==, "p");

  return g_strdup (joined->id);
}

void
ssp_client_say_sdp (Client * client, const gchar * to, const gchar * sdp)
{
  g_autofree gchar *text = g_strdup_printf ("{\"type\":\"rtc:sdp\",\"data\":"
      "{\"to\":\"%s\",\"description\":{\"type\":\"offer\",\"sdp\":\"%s\"}}}",
      to, sdp);

  client_send (client, text);
}
