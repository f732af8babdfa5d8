/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What an application's own server asks over HTTP: who is in a pool, to describe
 * a peer to the others, to close a pool. The peers trust what they are told, so
 * nothing of it is done without a token.
 */

#include "wsctlserverpools-private.h"

#include <string.h>

#define POOLS_PREFIX "/pools/"

gboolean
gst_wsctl_server_pools_has_path (const gchar * path)
{
  return g_str_has_prefix (path, POOLS_PREFIX);
}

/* PUT /pools/POOL/peers/ID/description */
static guint
describe_peer (GstWsctlServerPools * self, SoupServerMessage * message,
    const gchar * pool, const gchar * id)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GVariant) description =
      gst_wsctl_ssp_description_parse (body->data, body->length, NULL);

  if (description == NULL)
    return body->length > GST_WSCTL_SSP_MAX_DESCRIPTION_SIZE
        ? SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE : SOUP_STATUS_BAD_REQUEST;

  return gst_wsctl_server_pools_describe (self, pool, id, description)
      ? SOUP_STATUS_NO_CONTENT : SOUP_STATUS_NOT_FOUND;
}

/* GET /pools/POOL: what somebody who joins would be told */
static guint
list_peers (GstWsctlServerPools * self, SoupServerMessage * message,
    const gchar * pool)
{
  g_autoptr (GstWsctlSsp) list = gst_wsctl_server_pools_list (self, pool);
  g_autofree gchar *text = NULL;
  g_autofree gchar *type = NULL;
  gchar *data = NULL;

  if (list == NULL)
    return SOUP_STATUS_NOT_FOUND;

  text = gst_wsctl_ssp_to_json (list, GST_WSCTL_SSP_TO_CLIENT);
  gst_wsctl_ssp_split (text, &type, &data);
  soup_server_message_set_response (message, "application/json",
      SOUP_MEMORY_TAKE, data, strlen (data));

  return SOUP_STATUS_OK;
}

static guint
run_request (GstWsctlServerPools * self, SoupServerMessage * message,
    const gchar * path)
{
  const gchar *method = soup_server_message_get_method (message);
  g_auto (GStrv) words = g_strsplit (path + strlen (POOLS_PREFIX), "/", 5);
  guint n = g_strv_length (words);

  if (n == 1 && strcmp (method, SOUP_METHOD_GET) == 0)
    return list_peers (self, message, words[0]);
  if (n == 1 && strcmp (method, SOUP_METHOD_DELETE) == 0)
    return gst_wsctl_server_pools_stop (self, words[0])
        ? SOUP_STATUS_NO_CONTENT : SOUP_STATUS_NOT_FOUND;
  if (n == 4 && strcmp (words[1], "peers") == 0
      && strcmp (words[3], "description") == 0)
    return strcmp (method, SOUP_METHOD_PUT) == 0
        ? describe_peer (self, message, words[0], words[2])
        : SOUP_STATUS_METHOD_NOT_ALLOWED;

  return n == 1 ? SOUP_STATUS_METHOD_NOT_ALLOWED : SOUP_STATUS_NOT_FOUND;
}

void
gst_wsctl_server_pools_take_request (GstWsctlServerPools * self,
    SoupServerMessage * message, const gchar * path, const gchar * token)
{
  GstWsctlServerCore *core = gst_wsctl_server_pools_get_core (self);
  guint status = SOUP_STATUS_FORBIDDEN;

  if (gst_wsctl_server_guard_may_manage (core->guard, token))
    status = run_request (self, message, path);
  soup_server_message_set_status (message, status, NULL);
}
