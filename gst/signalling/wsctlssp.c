/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading the messages of a pool. What they are made of is text that is handed
 * on to others, so each member is checked here, once, for all who use it.
 */

#include "wsctlssp-private.h"

#include <string.h>

#include "wsctlerror.h"
#include "wsctljson-private.h"
#include "wsctlssptypes-private.h"

static const struct
{
  const gchar *name;
  GstWsctlSspType type;
  GstWsctlSspDirection direction;
} types[] = {
  {"rtc:join", GST_WSCTL_SSP_JOIN, GST_WSCTL_SSP_TO_SERVER},
  {"rtc:sdp", GST_WSCTL_SSP_SDP, GST_WSCTL_SSP_TO_SERVER},
  {"rtc:candidate", GST_WSCTL_SSP_CANDIDATE, GST_WSCTL_SSP_TO_SERVER},
  {"rtc:joined", GST_WSCTL_SSP_JOINED, GST_WSCTL_SSP_TO_CLIENT},
  {"rtc:sdp", GST_WSCTL_SSP_SDP, GST_WSCTL_SSP_TO_CLIENT},
  {"rtc:candidate", GST_WSCTL_SSP_CANDIDATE, GST_WSCTL_SSP_TO_CLIENT},
  {"rtc:peer", GST_WSCTL_SSP_PEER, GST_WSCTL_SSP_TO_CLIENT},
  {"rtc:close", GST_WSCTL_SSP_CLOSE, GST_WSCTL_SSP_TO_CLIENT},
  {"rtc:stop", GST_WSCTL_SSP_STOP, GST_WSCTL_SSP_TO_CLIENT},
  {"rtc:describe", GST_WSCTL_SSP_DESCRIBE, GST_WSCTL_SSP_TO_CLIENT},
  {"rtc:error", GST_WSCTL_SSP_ERROR, GST_WSCTL_SSP_TO_CLIENT},
};

const gchar *
gst_wsctl_ssp_type_get_name (GstWsctlSspType type)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    if (types[i].type == type)
      return types[i].name;
  }

  return "";
}

const gchar *
gst_wsctl_ssp_type_get_peer_member (GstWsctlSspType type,
    GstWsctlSspDirection direction)
{
  gboolean to_server = direction == GST_WSCTL_SSP_TO_SERVER;

  switch (type) {
    case GST_WSCTL_SSP_SDP:
      return to_server ? "to" : "peer";
    case GST_WSCTL_SSP_CANDIDATE:
      return to_server ? "for" : "from";
    case GST_WSCTL_SSP_JOINED:
      return "client_id";
    case GST_WSCTL_SSP_PEER:
    case GST_WSCTL_SSP_CLOSE:
    case GST_WSCTL_SSP_DESCRIBE:
      return "id";
    default:
      return NULL;
  }
}

static GstWsctlSspType
find_type (const gchar * name, GstWsctlSspDirection direction)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    if (types[i].direction == direction && strcmp (types[i].name, name) == 0)
      return types[i].type;
  }

  return GST_WSCTL_SSP_UNKNOWN;
}

gboolean
gst_wsctl_ssp_is_id (const gchar * id)
{
  gsize size = id != NULL ? strlen (id) : 0;

  return size > 0 && size <= GST_WSCTL_SSP_MAX_ID_SIZE
      && strspn (id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+._-~:@") == size;
}

static gboolean
refuse (GstWsctlSsp * self, const gchar * what, GError ** error)
{
  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE,
      "A message '%s' has no usable %s", self->name, what);

  return FALSE;
}

static gchar *
read_id (JsonObject * data, const gchar * name)
{
  g_autofree gchar *id = gst_wsctl_json_get_string (data, name);

  return gst_wsctl_ssp_is_id (id) ? g_steal_pointer (&id) : NULL;
}

/* Ids that make no sense, and those past the limit, are as if not there. */
static void
read_peers (GstWsctlSsp * self, JsonObject * data)
{
  JsonArray *list = gst_wsctl_json_get_array (data, "peers");
  JsonObject *descriptions = gst_wsctl_json_get_object (data, "descriptions");
  g_autoptr (GStrvBuilder) peers = g_strv_builder_new ();
  guint n = list != NULL ? json_array_get_length (list) : 0;
  guint i;

  self->descriptions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) g_variant_unref);
  for (i = 0; i < MIN (n, GST_WSCTL_SSP_MAX_PEERS); i++) {
    g_autofree gchar *id =
        gst_wsctl_json_node_to_string (json_array_get_element (list, i));
    JsonNode *description;

    if (!gst_wsctl_ssp_is_id (id))
      continue;

    g_strv_builder_add (peers, id);
    description = descriptions != NULL
        ? json_object_get_member (descriptions, id) : NULL;
    if (description != NULL && !JSON_NODE_HOLDS_NULL (description))
      g_hash_table_insert (self->descriptions, g_steal_pointer (&id),
          g_variant_ref_sink (json_gvariant_deserialize (description, NULL,
                  NULL)));
  }
  self->peers = g_strv_builder_end (peers);
}

static gboolean
read_sdp (GstWsctlSsp * self, JsonObject * data, GError ** error)
{
  static const gchar *const known[] = { "offer", "answer", "pranswer",
    "rollback", NULL
  };
  JsonObject *description = gst_wsctl_json_get_object (data, "description");

  self->sdp_type = gst_wsctl_json_get_string (description, "type");
  self->sdp = gst_wsctl_json_get_string (description, "sdp");
  if (self->sdp_type == NULL || !g_strv_contains (known, self->sdp_type))
    return refuse (self, "type of description", error);
  if (self->sdp == NULL || *self->sdp == '\0'
      || strlen (self->sdp) > GST_WSCTL_SSP_MAX_SDP_SIZE)
    return refuse (self, "description", error);

  return TRUE;
}

/* None, null and the empty string all say that there are no more. */
static gboolean
read_candidate (GstWsctlSsp * self, JsonObject * data, GError ** error)
{
  JsonObject *candidate = gst_wsctl_json_get_object (data, "candidate");

  self->candidate = gst_wsctl_json_get_string (candidate, "candidate");
  self->sdp_mid = gst_wsctl_json_get_string (candidate, "sdpMid");
  self->sdp_mline_index = gst_wsctl_json_get_count (candidate, "sdpMLineIndex");
  self->username_fragment =
      gst_wsctl_json_get_string (candidate, "usernameFragment");
  if (self->candidate != NULL && *self->candidate == '\0')
    g_clear_pointer (&self->candidate, g_free);
  if (self->candidate != NULL
      && (strlen (self->candidate) > GST_WSCTL_SSP_MAX_CANDIDATE_SIZE
          || strpbrk (self->candidate, "\r\n") != NULL))
    return refuse (self, "candidate", error);

  return TRUE;
}

static gboolean
read_members (GstWsctlSsp * self, JsonObject * data,
    GstWsctlSspDirection direction, GError ** error)
{
  const gchar *peer =
      gst_wsctl_ssp_type_get_peer_member (self->type, direction);
  JsonNode *description;

  if (peer != NULL) {
    self->id = read_id (data, peer);
    /* Older servers write it so. */
    if (self->id == NULL && strcmp (peer, "id") == 0)
      self->id = read_id (data, "uid");
    if (self->id == NULL)
      return refuse (self, "id of a peer", error);
  }

  switch (self->type) {
    case GST_WSCTL_SSP_JOIN:
      self->pool = read_id (data, "pool");
      return self->pool != NULL || refuse (self, "pool", error);
    case GST_WSCTL_SSP_JOINED:
      self->pool = read_id (data, "pool");
      read_peers (self, data);
      return TRUE;
    case GST_WSCTL_SSP_SDP:
      return read_sdp (self, data, error);
    case GST_WSCTL_SSP_CANDIDATE:
      return read_candidate (self, data, error);
    case GST_WSCTL_SSP_DESCRIBE:
      description = json_object_get_member (data, "description");
      if (description != NULL && !JSON_NODE_HOLDS_NULL (description))
        self->description =
            g_variant_ref_sink (json_gvariant_deserialize (description, NULL,
                NULL));
      return TRUE;
    case GST_WSCTL_SSP_ERROR:
      self->message = gst_wsctl_json_get_string (data, "message");
      self->reason = gst_wsctl_json_get_string (data, "reason");
      return TRUE;
    default:
      return TRUE;
  }
}

/* An unknown type is no error: its name is kept. */
GstWsctlSsp *
gst_wsctl_ssp_parse (const gchar * text, GstWsctlSspDirection direction,
    GError ** error)
{
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GstWsctlSsp) self = NULL;
  g_autofree gchar *name = NULL;
  JsonObject *data;

  if (strlen (text) > GST_WSCTL_SSP_MAX_MESSAGE_SIZE) {
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_MESSAGE_TOO_LARGE, "The message is too large");
    return NULL;
  }
  object = gst_wsctl_json_parse (text, error);
  if (object == NULL)
    return NULL;
  name = gst_wsctl_json_get_type_name (object, error);
  if (name == NULL)
    return NULL;

  self = gst_wsctl_ssp_new (find_type (name, direction));
  g_free (self->name);
  self->name = g_steal_pointer (&name);
  data = gst_wsctl_json_get_object (object, "data");
  if (!read_members (self, data, direction, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* A value is no object: it is made one for the check, and taken out again. */
GVariant *
gst_wsctl_ssp_description_parse (const gchar * text, gsize size,
    GError ** error)
{
  g_autofree gchar *wrapped = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (size > GST_WSCTL_SSP_MAX_DESCRIPTION_SIZE) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE,
        "A description has %" G_GSIZE_FORMAT " bytes; the limit is %d", size,
        GST_WSCTL_SSP_MAX_DESCRIPTION_SIZE);
    return NULL;
  }

  wrapped = g_strdup_printf ("{\"data\":%.*s}", (gint) size,
      text != NULL ? text : "");
  object = gst_wsctl_json_parse (wrapped, error);
  if (object == NULL)
    return NULL;
  if (json_object_get_size (object) != 1) {
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_INVALID_MESSAGE, "A description is one JSON value");
    return NULL;
  }

  return
      g_variant_ref_sink (json_gvariant_deserialize (json_object_get_member
          (object, "data"), NULL, error));
}

gboolean
gst_wsctl_ssp_split (const gchar * text, gchar ** type, gchar ** data)
{
  g_autoptr (JsonObject) object = gst_wsctl_json_parse (text, NULL);
  JsonObject *member = gst_wsctl_json_get_object (object, "data");
  g_autoptr (JsonObject) empty = json_object_new ();

  if (object == NULL)
    return FALSE;
  *type = gst_wsctl_json_get_type_name (object, NULL);
  if (*type == NULL)
    return FALSE;
  *data = gst_wsctl_json_print (member != NULL ? member : empty);

  return TRUE;
}

gchar *
gst_wsctl_ssp_join (const gchar * type, const gchar * data, GError ** error)
{
  g_autoptr (JsonObject) members = NULL;
  g_autoptr (JsonObject) object = json_object_new ();

  members = gst_wsctl_json_parse (data != NULL ? data : "{}", error);
  if (members == NULL)
    return NULL;
  gst_wsctl_json_set_string (object, "type", type);
  json_object_set_object_member (object, "data", g_steal_pointer (&members));

  return gst_wsctl_json_print (object);
}
