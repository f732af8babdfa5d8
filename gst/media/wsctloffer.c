/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * webrtcbin hashes the whole of a PEM, and so the private key too when the PEM
 * has one; the fingerprint must be that of the certificate alone (RFC 8122, 5).
 * And it announces an SSRC for what is only received, which nobody sends.
 */

#include "wsctloffer-private.h"

#include <string.h>

static void
remove_attributes (GstSDPMedia * media, const gchar * name)
{
  guint i = gst_sdp_media_attributes_len (media);

  while (i-- > 0) {
    if (strcmp (gst_sdp_media_get_attribute (media, i)->key, name) == 0)
      gst_sdp_media_remove_attribute (media, i);
  }
}

void
gst_wsctl_offer_mend (GstSDPMessage * offer, const gchar * fingerprint)
{
  g_autofree gchar *value = g_strdup_printf ("sha-256 %s", fingerprint);
  guint i;

  for (i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (offer, i);

    remove_attributes (media, "fingerprint");
    gst_sdp_media_add_attribute (media, "fingerprint", value);
    if (gst_sdp_media_get_attribute_val (media, "recvonly") != NULL) {
      remove_attributes (media, "ssrc");
      remove_attributes (media, "ssrc-group");
    }
  }
}
