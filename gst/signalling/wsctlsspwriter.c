/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Making and writing the messages of a pool
 */

#include "wsctlssp-private.h"

#include "wsctljson-private.h"
#include "wsctlssptypes-private.h"

GstWsctlSsp *
gst_wsctl_ssp_new (GstWsctlSspType type)
{
  GstWsctlSsp *self = g_new0 (GstWsctlSsp, 1);

  self->type = type;
  self->name = g_strdup (gst_wsctl_ssp_type_get_name (type));
  self->sdp_mline_index = -1;

  return self;
}

void
gst_wsctl_ssp_free (GstWsctlSsp * self)
{
  g_free (self->name);
  g_free (self->pool);
  g_free (self->id);
  g_strfreev (self->peers);
  g_clear_pointer (&self->descriptions, g_hash_table_unref);
  g_free (self->sdp_type);
  g_free (self->sdp);
  g_free (self->candidate);
  g_free (self->sdp_mid);
  g_free (self->username_fragment);
  g_clear_pointer (&self->description, g_variant_unref);
  g_free (self->message);
  g_free (self->reason);
  g_free (self);
}

static void
set_description (JsonObject * object, const gchar * name,
    GVariant * description)
{
  if (description != NULL)
    json_object_set_member (object, name, json_gvariant_serialize
        (description));
  else
    json_object_set_null_member (object, name);
}

static void
write_joined (const GstWsctlSsp * self, JsonObject * data)
{
  JsonArray *peers = json_array_new ();
  JsonObject *descriptions = json_object_new ();
  guint i;

  for (i = 0; self->peers != NULL && self->peers[i] != NULL; i++) {
    GVariant *description = self->descriptions != NULL
        ? g_hash_table_lookup (self->descriptions, self->peers[i]) : NULL;

    json_array_add_string_element (peers, self->peers[i]);
    set_description (descriptions, self->peers[i], description);
  }
  json_object_set_array_member (data, "peers", peers);
  json_object_set_object_member (data, "descriptions", descriptions);
  gst_wsctl_json_set_string (data, "pool", self->pool);
}

/* As a browser's RTCIceCandidate writes itself */
static void
write_candidate (const GstWsctlSsp * self, JsonObject * data)
{
  JsonObject *candidate;

  if (self->candidate == NULL) {
    json_object_set_null_member (data, "candidate");
    return;
  }

  candidate = json_object_new ();
  gst_wsctl_json_set_string (candidate, "candidate", self->candidate);
  gst_wsctl_json_set_string (candidate, "sdpMid", self->sdp_mid);
  gst_wsctl_json_set_count (candidate, "sdpMLineIndex", self->sdp_mline_index);
  gst_wsctl_json_set_string (candidate, "usernameFragment",
      self->username_fragment);
  json_object_set_object_member (data, "candidate", candidate);
}

static void
write_sdp (const GstWsctlSsp * self, JsonObject * data)
{
  JsonObject *description = json_object_new ();

  gst_wsctl_json_set_string (description, "type", self->sdp_type);
  gst_wsctl_json_set_string (description, "sdp", self->sdp);
  json_object_set_object_member (data, "description", description);
}

static void
write_members (const GstWsctlSsp * self, JsonObject * data,
    GstWsctlSspDirection direction)
{
  const gchar *peer =
      gst_wsctl_ssp_type_get_peer_member (self->type, direction);

  if (peer != NULL)
    gst_wsctl_json_set_string (data, peer, self->id);
  /* Older clients read it so. */
  if (g_strcmp0 (peer, "id") == 0)
    gst_wsctl_json_set_string (data, "uid", self->id);

  switch (self->type) {
    case GST_WSCTL_SSP_JOIN:
      gst_wsctl_json_set_string (data, "pool", self->pool);
      break;
    case GST_WSCTL_SSP_JOINED:
      write_joined (self, data);
      break;
    case GST_WSCTL_SSP_SDP:
      write_sdp (self, data);
      break;
    case GST_WSCTL_SSP_CANDIDATE:
      write_candidate (self, data);
      break;
    case GST_WSCTL_SSP_DESCRIBE:
      set_description (data, "description", self->description);
      break;
    case GST_WSCTL_SSP_ERROR:
      gst_wsctl_json_set_string (data, "message", self->message);
      gst_wsctl_json_set_string (data, "reason", self->reason);
      break;
    default:
      break;
  }
}

gchar *
gst_wsctl_ssp_to_json (const GstWsctlSsp * self, GstWsctlSspDirection direction)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *data = json_object_new ();

  write_members (self, data, direction);
  gst_wsctl_json_set_string (object, "type", self->name);
  json_object_set_object_member (object, "data", data);

  return gst_wsctl_json_print (object);
}
