/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * webrtcbin answers a wrong option with a critical warning and nothing, and
 * ignores one it does not know; here each is an error with a sentence.
 */

#include "wsctldatachanneloptions-private.h"

#include <string.h>

#include <gst/webrtc/webrtc.h>

#include "wsctlerror.h"

#define MAX_TEXT 65535          /* RFC 8832, 5.1: a length of 16 bits */
#define MAX_ID 65534            /* RFC 8832, 6.: 65535 is none */

typedef gboolean (*TakeFunc) (GstWsctlDataChannelOptions * self,
    const GValue * value);

static gboolean
take_ordered (GstWsctlDataChannelOptions * self, const GValue * value)
{
  if (!G_VALUE_HOLDS_BOOLEAN (value))
    return FALSE;

  self->ordered = g_value_get_boolean (value);

  return TRUE;
}

static gboolean
take_negotiated (GstWsctlDataChannelOptions * self, const GValue * value)
{
  if (!G_VALUE_HOLDS_BOOLEAN (value))
    return FALSE;

  self->negotiated = g_value_get_boolean (value);

  return TRUE;
}

static gboolean
take_number (const GValue * value, gint max, gint * number)
{
  if (!G_VALUE_HOLDS_INT (value))
    return FALSE;

  *number = g_value_get_int (value);

  return *number >= -1 && *number <= max;
}

static gboolean
take_max_packet_lifetime (GstWsctlDataChannelOptions * self,
    const GValue * value)
{
  return take_number (value, G_MAXUINT16, &self->max_packet_lifetime_ms);
}

static gboolean
take_max_retransmits (GstWsctlDataChannelOptions * self, const GValue * value)
{
  return take_number (value, G_MAXUINT16, &self->max_retransmits);
}

static gboolean
take_id (GstWsctlDataChannelOptions * self, const GValue * value)
{
  return take_number (value, MAX_ID, &self->id);
}

static gboolean
take_protocol (GstWsctlDataChannelOptions * self, const GValue * value)
{
  const gchar *protocol;

  if (!G_VALUE_HOLDS_STRING (value))
    return FALSE;

  protocol = g_value_get_string (value);
  if (protocol == NULL || strlen (protocol) > MAX_TEXT)
    return FALSE;
  g_free (self->protocol);
  self->protocol = g_strdup (protocol);

  return TRUE;
}

/* By nick, as an application without gstwebrtc says it, or as the enum */
static gboolean
take_priority (GstWsctlDataChannelOptions * self, const GValue * value)
{
  g_autoptr (GEnumClass) priorities = NULL;
  const GEnumValue *found;

  if (G_VALUE_HOLDS (value, GST_TYPE_WEBRTC_PRIORITY_TYPE)) {
    self->priority = g_value_get_enum (value);
    return TRUE;
  }
  if (!G_VALUE_HOLDS_STRING (value) || g_value_get_string (value) == NULL)
    return FALSE;

  priorities = g_type_class_ref (GST_TYPE_WEBRTC_PRIORITY_TYPE);
  found = g_enum_get_value_by_nick (priorities, g_value_get_string (value));
  if (found == NULL)
    return FALSE;
  self->priority = found->value;

  return TRUE;
}

static const struct
{
  const gchar *name;
  TakeFunc take;
  const gchar *wanted;
} fields[] = {
  {"ordered", take_ordered, "a boolean"},
  {"max-packet-lifetime", take_max_packet_lifetime,
      "an int of milliseconds up to 65535"},
  {"max-retransmits", take_max_retransmits, "an int up to 65535"},
  {"protocol", take_protocol, "a string of at most 65535 bytes"},
  {"negotiated", take_negotiated, "a boolean"},
  {"id", take_id, "an int up to 65534"},
  {"priority", take_priority, "one of very-low, low, medium, high"},
};

typedef struct
{
  GstWsctlDataChannelOptions *options;
  GError **error;
} Taking;

static gboolean
take_field (GQuark field, const GValue * value, gpointer data)
{
  Taking *taking = data;
  const gchar *name = g_quark_to_string (field);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fields); i++) {
    if (strcmp (fields[i].name, name) != 0)
      continue;
    if (fields[i].take (taking->options, value))
      return TRUE;
    g_set_error (taking->error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_OPTION,
        "the option '%s' of a data channel is %s", name, fields[i].wanted);
    return FALSE;
  }

  g_set_error (taking->error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_OPTION,
      "a data channel has no option '%s'", name);

  return FALSE;
}

static gboolean
check (const GstWsctlDataChannelOptions * self, const gchar * label,
    GError ** error)
{
  const gchar *problem = NULL;

  if (strlen (label) > MAX_TEXT)
    problem = "the label of a data channel has at most 65535 bytes";
  else if (self->max_packet_lifetime_ms != -1 && self->max_retransmits != -1)
    problem = "a data channel has max-packet-lifetime or max-retransmits, not "
        "both";
  else if (self->negotiated && self->id == -1)
    problem = "a data channel that is negotiated beforehand needs an id";
  else if (!self->negotiated && self->id != -1)
    problem = "only a data channel that is negotiated beforehand is given an "
        "id";

  if (problem != NULL)
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_INVALID_OPTION, problem);

  return problem == NULL;
}

GstWsctlDataChannelOptions *
gst_wsctl_data_channel_options_new (const gchar * label,
    const GstStructure * structure, GError ** error)
{
  g_autoptr (GstWsctlDataChannelOptions) self =
      g_new0 (GstWsctlDataChannelOptions, 1);
  Taking taking = { self, error };

  self->ordered = TRUE;
  self->max_packet_lifetime_ms = -1;
  self->max_retransmits = -1;
  self->protocol = g_strdup ("");
  self->id = -1;
  self->priority = GST_WEBRTC_PRIORITY_TYPE_LOW;

  if (structure != NULL
      && !gst_structure_foreach (structure, take_field, &taking))
    return NULL;
  if (!check (self, label, error))
    return NULL;

  return g_steal_pointer (&self);
}

GstWsctlDataChannelOptions *
gst_wsctl_data_channel_options_copy (const GstWsctlDataChannelOptions * self)
{
  GstWsctlDataChannelOptions *copy = g_memdup2 (self, sizeof *self);

  copy->protocol = g_strdup (self->protocol);

  return copy;
}

void
gst_wsctl_data_channel_options_free (GstWsctlDataChannelOptions * self)
{
  g_free (self->protocol);
  g_free (self);
}

GstStructure *
gst_wsctl_data_channel_options_to_structure (const GstWsctlDataChannelOptions *
    self)
{
  return gst_structure_new ("options",
      "ordered", G_TYPE_BOOLEAN, self->ordered,
      "max-packet-lifetime", G_TYPE_INT, self->max_packet_lifetime_ms,
      "max-retransmits", G_TYPE_INT, self->max_retransmits,
      "protocol", G_TYPE_STRING, self->protocol,
      "negotiated", G_TYPE_BOOLEAN, self->negotiated,
      "id", G_TYPE_INT, self->id,
      "priority", GST_TYPE_WEBRTC_PRIORITY_TYPE, self->priority, NULL);
}
