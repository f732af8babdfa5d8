/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * webrtcbin looks for "setup" in each section and nowhere else, and ignores
 * candidates with host names (up to 1.28 all but those of mDNS).
 */

#include "wsctlremote-private.h"

#include <gio/gio.h>
#include <string.h>

#define CANDIDATE "candidate"
/* foundation component transport priority address port "typ" type */
#define N_CANDIDATE_WORDS 8

static const gchar *const transport_attributes[] = {
  "ice-ufrag", "ice-pwd", "fingerprint", "setup"
};

void
gst_wsctl_remote_name_free (gpointer data)
{
  GstWsctlRemoteName *name = data;

  g_free (name->text);
  g_free (name);
}

/* The number of the section that stands for the whole bundle. */
static gboolean
find_bundle (const GstSDPMessage * sdp, guint * index)
{
  const gchar *group = gst_sdp_message_get_attribute_val (sdp, "group");
  g_auto (GStrv) mids = NULL;
  guint i;

  if (group == NULL || !g_str_has_prefix (group, "BUNDLE "))
    return FALSE;

  mids = g_strsplit (group, " ", 3);
  for (i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    if (g_strcmp0 (mids[1], gst_sdp_media_get_attribute_val
            (gst_sdp_message_get_media (sdp, i), "mid")) == 0) {
      *index = i;
      return TRUE;
    }
  }

  return FALSE;
}

static gboolean
is_in_bundle (const GstSDPMessage * sdp, const GstSDPMedia * media)
{
  const gchar *group = gst_sdp_message_get_attribute_val (sdp, "group");
  const gchar *mid = gst_sdp_media_get_attribute_val (media, "mid");
  g_auto (GStrv) mids = g_strsplit (group != NULL ? group : "", " ", -1);

  return mid != NULL && mids[0] != NULL
      && g_strv_contains ((const gchar * const *) mids + 1, mid);
}

static void
complete_media (const GstSDPMessage * sdp, GstSDPMedia * media,
    const GstSDPMedia * carrier)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (transport_attributes); i++) {
    const gchar *name = transport_attributes[i];
    const gchar *value = gst_sdp_message_get_attribute_val (sdp, name);

    if (gst_sdp_media_get_attribute_val (media, name) != NULL)
      continue;
    if (value == NULL && carrier != NULL)
      value = gst_sdp_media_get_attribute_val (carrier, name);
    if (value != NULL)
      gst_sdp_media_add_attribute (media, name, value);
  }
}

void
gst_wsctl_remote_complete (GstSDPMessage * sdp)
{
  const GstSDPMedia *carrier = NULL;
  guint n = gst_sdp_message_medias_len (sdp);
  guint i;

  for (i = 0; i < n && carrier == NULL; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    if (is_in_bundle (sdp, media)
        && gst_sdp_media_get_attribute_val (media, "ice-ufrag") != NULL)
      carrier = media;
  }
  for (i = 0; i < n; i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);

    complete_media (sdp, media, is_in_bundle (sdp, media) ? carrier : NULL);
  }
}

GStrv
gst_wsctl_remote_split_candidate (const gchar * text)
{
  g_auto (GStrv) words = NULL;

  if (g_str_has_prefix (text, "a="))
    text += strlen ("a=");
  if (g_str_has_prefix (text, CANDIDATE ":"))
    text += strlen (CANDIDATE ":");
  words = g_strsplit (text, " ", -1);

  return g_strv_length (words) >= N_CANDIDATE_WORDS
      ? g_steal_pointer (&words) : NULL;
}

/* A zone, too: it is one of the machine that wrote it. */
static gboolean
is_for_lookup (const GstSDPAttribute * attribute)
{
  g_auto (GStrv) words = NULL;

  if (g_strcmp0 (attribute->key, CANDIDATE) != 0 || attribute->value == NULL)
    return FALSE;

  words = gst_wsctl_remote_split_candidate (attribute->value);

  return words != NULL
      && (!g_hostname_is_ip_address (words[GST_WSCTL_REMOTE_ADDRESS])
      || strchr (words[GST_WSCTL_REMOTE_ADDRESS], '%') != NULL);
}

void
gst_wsctl_remote_take_names (GstSDPMessage * sdp, GPtrArray * names)
{
  guint first = 0;
  gboolean has_bundle = find_bundle (sdp, &first);
  guint i, n;

  for (i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);
    gboolean bundled = has_bundle && is_in_bundle (sdp, media);

    for (n = 0; n < gst_sdp_media_attributes_len (media);) {
      const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, n);
      GstWsctlRemoteName *name;

      if (!is_for_lookup (attribute)) {
        n++;
        continue;
      }
      name = g_new (GstWsctlRemoteName, 1);
      name->mline = bundled ? first : i;
      name->text = g_strconcat (CANDIDATE ":", attribute->value, NULL);
      g_ptr_array_add (names, name);
      gst_sdp_media_remove_attribute (media, n);
    }
  }
}
