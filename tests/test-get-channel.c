/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One answer over HTTP, as a channel.
 */

#include <libsoup/soup.h>
#include <string.h>

#include "testchannel.h"
#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlgetchannel-private.h"

#define MAX_SIZE 1000

typedef struct
{
  SoupServer *server;
  gchar *uri;
} Fixture;

static void
on_request (SoupServer * server, SoupServerMessage * message,
    const gchar * path, GHashTable * query, gpointer data)
{
  g_autofree gchar *large = g_strnfill (MAX_SIZE + 1, ' ');
  const gchar *token = query != NULL ? g_hash_table_lookup (query, "id") : NULL;

  if (strcmp (path, "/large") == 0)
    soup_server_message_set_response (message, "application/json",
        SOUP_MEMORY_COPY, large, strlen (large));
  else if (strcmp (path, "/json") == 0 && g_strcmp0 (token, "t") == 0)
    soup_server_message_set_response (message, "application/json",
        SOUP_MEMORY_STATIC, "{\"a\":1}", strlen ("{\"a\":1}"));
  if (strcmp (path, "/silent") == 0)
    soup_server_message_pause (message);
  else
    soup_server_message_set_status (message, strcmp (path, "/denied") == 0
        ? SOUP_STATUS_FORBIDDEN : strcmp (path, "/none") == 0
        ? SOUP_STATUS_NOT_FOUND : SOUP_STATUS_OK, NULL);
}

static void
start (Fixture * self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSList) uris = NULL;

  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, on_request, NULL, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY,
      &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->uri = g_strdup_printf ("ws://127.0.0.1:%d",
      g_uri_get_port (uris->data));
  g_uri_unref (uris->data);
}

static void
stop (Fixture * self)
{
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_free (self->uri);
}

static TestChannel *
open_path (Fixture * self, const gchar * path)
{
  g_autofree gchar *uri = g_strconcat (self->uri, path, NULL);
  GstWsctlWebsocketParams params = {.uri = uri,.max_message_size = MAX_SIZE };
  TestChannel *channel = test_channel_new (gst_wsctl_get_channel_new (&params));

  test_channel_open (channel);

  return channel;
}

static void
test_answer (void)
{
  Fixture self;

  start (&self);
  {
    g_autoptr (TestChannel) channel = open_path (&self, "/json?id=t");
    g_autofree gchar *text = test_channel_wait_message (channel);

    g_assert_cmpstr (text, ==, "{\"a\":1}");
    test_channel_wait_closed (channel);
    g_assert_no_error (channel->error);
  }
  stop (&self);
}

static void
test_errors (void)
{
  static const struct
  {
    const gchar *path;
    GstWsctlError code;
  } cases[] = {
    {"/denied", GST_WSCTL_ERROR_ACCESS_DENIED},
    {"/none", GST_WSCTL_ERROR_UNEXPECTED_STATUS},
    {"/large", GST_WSCTL_ERROR_MESSAGE_TOO_LARGE},
  };
  Fixture self;
  guint i;

  start (&self);
  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestChannel) channel = open_path (&self, cases[i].path);

    test_channel_wait_closed (channel);
    g_assert_error (channel->error, GST_WSCTL_ERROR, cases[i].code);
    g_assert_false (channel->opened);
  }
  stop (&self);
}

/* Before, while nothing comes, and behind it */
static void
test_close (void)
{
  Fixture self;

  start (&self);
  {
    g_autoptr (TestChannel) silent = open_path (&self, "/silent");
    g_autoptr (TestChannel) early = open_path (&self, "/json?id=t");

    test_drain (NULL);
    test_channel_close (silent);
    test_channel_wait_closed (silent);
    g_assert_no_error (silent->error);
    test_channel_close (early);
    test_channel_close (early);
    test_channel_wait_closed (early);
  }
  stop (&self);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/get-channel/answer", test_answer);
  test_add ("/get-channel/errors", test_errors);
  test_add ("/get-channel/close", test_close);

  return g_test_run ();
}
