/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctltransportcc-private.h"

#include <gst/rtp/rtp.h>
#include <string.h>

#define URI "http://www.ietf.org/id/" \
    "draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define FEEDBACK "transport-cc"
#define EVENT "RTPTWCCPackets"

/* What is offered: rtpredenc 1.22.0 puts the number of a packet of parity under
 * 1, whatever was agreed. And the last of extensions with headers of one byte
 * (RFC 8285) */
#define ID 1
#define LAST_ID 14

/* Sizes are told without the RTP header and this extension. */
#define HEADER_SIZE 20

/* Where the unknown difference of both clocks is put */
#define FIRST_WAY_US (1 * G_TIME_SPAN_SECOND)

static gchar *
get_field (guint id)
{
  return g_strdup_printf ("extmap-%u", id);
}

void
gst_wsctl_transport_cc_offer (GstCaps * caps)
{
  g_autofree gchar *field = get_field (ID);

  gst_caps_set_simple (caps, field, G_TYPE_STRING, URI,
      "rtcp-fb-" FEEDBACK, G_TYPE_BOOLEAN, TRUE, NULL);
}

/* "ID[/direction] URI[ attributes]" (RFC 8285, 8); 0 for another or none */
static guint
read_extmap (const gchar * value)
{
  const gchar *uri = strchr (value, ' ');
  guint64 id = g_ascii_strtoull (value, NULL, 10);

  if (uri == NULL || !g_str_has_prefix (uri + 1, URI)
      || (uri[1 + strlen (URI)] != '\0' && uri[1 + strlen (URI)] != ' ')
      || id < 1 || id > LAST_ID)
    return 0;

  return (guint) id;
}

static guint
find_id (const GstSDPMedia * media)
{
  guint i, id;

  for (i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);

    id = g_str_equal (attribute->key, "extmap") && attribute->value != NULL
        ? read_extmap (attribute->value) : 0;
    if (id > 0)
      return id;
  }

  return 0;
}

static gboolean
has_feedback (const GstSDPMedia * media, const gchar * format)
{
  g_autofree gchar *one = g_strdup_printf ("%s " FEEDBACK, format);
  guint i;

  for (i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);

    if (g_str_equal (attribute->key, "rtcp-fb")
        && (g_strcmp0 (attribute->value, one) == 0
            || g_strcmp0 (attribute->value, "* " FEEDBACK) == 0))
      return TRUE;
  }

  return FALSE;
}

guint
gst_wsctl_transport_cc_get_id (const GstSDPMedia * offered,
    const GstSDPMedia * answered, const gchar * format)
{
  guint id = find_id (answered);

  /* An answer keeps the number of the offer. */
  return id == find_id (offered) && has_feedback (answered, format) ? id : 0;
}

void
gst_wsctl_transport_cc_put (GstCaps * caps, guint id)
{
  g_autofree gchar *field = get_field (id);

  if (id > 0)
    gst_caps_set_simple (caps, field, G_TYPE_STRING, URI, NULL);
}

static guint
get_agreed_id (const GstCaps * agreed)
{
  const GstStructure *structure = gst_caps_get_structure (agreed, 0);
  guint id;

  for (id = 1; id <= LAST_ID; id++) {
    g_autofree gchar *field = get_field (id);

    if (g_strcmp0 (gst_structure_get_string (structure, field), URI) == 0)
      return id;
  }

  return 0;
}

void
gst_wsctl_transport_cc_set_up (GstElement * payloader, const GstCaps * agreed)
{
  guint id = get_agreed_id (agreed);
  g_autoptr (GstRTPHeaderExtension) extension = NULL;

  if (id == 0 || !GST_IS_RTP_BASE_PAYLOAD (payloader))
    return;

  extension = gst_rtp_header_extension_create_from_uri (URI);
  if (extension == NULL)
    return;

  gst_rtp_header_extension_set_id (extension, id);
  g_signal_emit_by_name (payloader, "add-extension", extension);
}

gboolean
gst_wsctl_transport_cc_is_event (GstEvent * event)
{
  return GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
      && gst_event_has_name (event, EVENT);
}

/* FALSE for one that was told of before, or that is not of ours. */
static gboolean
take_packet (GstWsctlTransportCc * self, const GstStructure * packet)
{
  guint64 local_ns, remote_ns;
  guint seq, size;
  gboolean lost;

  if (!gst_structure_get (packet, "seqnum", G_TYPE_UINT, &seq,
          "size", G_TYPE_UINT, &size, "lost", G_TYPE_BOOLEAN, &lost,
          "local-ts", G_TYPE_UINT64, &local_ns,
          "remote-ts", G_TYPE_UINT64, &remote_ns, NULL)
      || !GST_CLOCK_TIME_IS_VALID (local_ns)
      || (self->packets > 0 && (gint16) (seq - self->next_seq) < 0))
    return FALSE;

  self->next_seq = (guint16) (seq + 1);
  self->packets++;
  self->bytes += size + HEADER_SIZE;
  self->lost += lost;
  if (lost || !GST_CLOCK_TIME_IS_VALID (remote_ns))
    return TRUE;

  self->sent_us = local_ns / 1000;
  if (self->way_us == 0)
    self->offset_us =
        FIRST_WAY_US - ((gint64) remote_ns / 1000 - self->sent_us);
  self->way_us = MAX ((gint64) remote_ns / 1000 - self->sent_us
      + self->offset_us, 1);

  return TRUE;
}

/* An array of one of two kinds: which, depends on the version. */
static const GValue *
get_item (const GValue * list, guint index)
{
  const GValue *item = NULL;

  if (GST_VALUE_HOLDS_ARRAY (list))
    return index < gst_value_array_get_size (list)
        ? gst_value_array_get_value (list, index) : NULL;

  G_GNUC_BEGIN_IGNORE_DEPRECATIONS;
  if (G_VALUE_HOLDS (list, g_value_array_get_type ())) {
    GValueArray *array = g_value_get_boxed (list);

    if (index < array->n_values)
      item = g_value_array_get_nth (array, index);
  }
  G_GNUC_END_IGNORE_DEPRECATIONS;

  return item;
}

gboolean
gst_wsctl_transport_cc_take (GstWsctlTransportCc * self,
    const GstStructure * packets)
{
  const GValue *list = gst_structure_get_value (packets, "packets");
  const GValue *item;
  gboolean news = FALSE;
  guint i;

  if (list == NULL)
    return FALSE;

  for (i = 0; (item = get_item (list, i)) != NULL; i++) {
    if (GST_VALUE_HOLDS_STRUCTURE (item)
        && take_packet (self, gst_value_get_structure (item)))
      news = TRUE;
  }

  return news && self->way_us != 0;
}
