/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table of codecs: consistent in itself, and found by any caps.
 */

#include "testsupport.h"
#include "wsctlcodec-private.h"

/* Every caps string of the table can be read, every codec is found by its own
 * caps of all sorts, and no two are offered under one number. */
static void
test_table (void)
{
  g_autoptr (GHashTable) payloads = g_hash_table_new (NULL, NULL);
  const GstWsctlCodec *codec;

  for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
    g_autoptr (GstCaps) encoded = gst_caps_from_string (codec->encoded_caps);
    g_autoptr (GstCaps) parsed = gst_caps_from_string (codec->parsed_caps);
    g_autoptr (GstCaps) offer = gst_wsctl_codec_get_offer_caps (codec, -1);
    g_autoptr (GstCaps) other = gst_wsctl_codec_get_offer_caps (codec, 77);
    g_autofree gchar *lower = g_ascii_strdown (codec->name, -1);
    gint payload = -1;

    g_test_message ("%s", codec->name);
    g_assert_nonnull (encoded);
    g_assert_nonnull (parsed);
    g_assert_nonnull (offer);
    g_assert_true (gst_wsctl_codec_find (codec->name) == codec);
    g_assert_true (gst_wsctl_codec_find (lower) == codec);
    g_assert_true (gst_wsctl_codec_find_for_caps (encoded) == codec);
    g_assert_true (gst_wsctl_codec_find_for_caps (parsed) == codec);
    g_assert_true (gst_wsctl_codec_find_for_caps (offer) == codec);
    g_assert_true (gst_caps_can_intersect (encoded, parsed));
    g_assert_true (gst_caps_is_fixed (offer));
    gst_structure_get_int (gst_caps_get_structure (offer, 0), "payload",
        &payload);
    g_assert_cmpint (payload, ==, codec->payload);
    g_assert_true (g_hash_table_add (payloads, GINT_TO_POINTER (payload)));
    gst_structure_get_int (gst_caps_get_structure (other, 0), "payload",
        &payload);
    g_assert_cmpint (payload, ==, 77);
  }
}

static void
test_find (void)
{
  static const struct
  {
    const gchar *caps;
    const gchar *name;          /* NULL: none */
  } rows[] = {
    {"video/x-h264, stream-format=avc, alignment=au", "H264"},
    {"video/x-vp8, width=320", "VP8"},
    {"audio/x-opus", "OPUS"},
    {"audio/x-alaw, rate=8000, channels=1", "PCMA"},
    {"application/x-rtp, media=video, encoding-name=VP9", "VP9"},
    {"application/x-rtp, media=video, encoding-name=vp9", "VP9"},
    {"application/x-rtp, media=audio, payload=0", "PCMU"},
    {"application/x-rtp, media=audio, payload=8", "PCMA"},
    {"application/x-rtp, media=audio, payload=9", NULL},
    {"application/x-rtp, media=video, encoding-name=RTX", NULL},
    {"application/x-rtp", NULL},
    {"video/x-h265, stream-format=hvc1, alignment=au", "H265"},
    {"video/x-h26", NULL},
    {"video/x-h2645", NULL},
    {"video/x-raw", NULL},
    {"video/x-raw; video/x-vp8", "VP8"},
    {"EMPTY", NULL},
    {"ANY", NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (rows[i].caps);
    const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (caps);

    g_test_message ("%s", rows[i].caps);
    g_assert_cmpstr (codec != NULL ? codec->name : NULL, ==, rows[i].name);
  }

  g_assert_null (gst_wsctl_codec_find_for_caps (NULL));
  g_assert_null (gst_wsctl_codec_find (NULL));
  g_assert_null (gst_wsctl_codec_find (""));
}

/* What can be had is what the registry says. */
static void
test_elements (void)
{
  static const GstWsctlCodec missing = {
    "NONE", GST_WSCTL_MEDIA_KIND_VIDEO, 99, 90000, NULL,
    "video/x-wsctl-none", "video/x-wsctl-none", "wsctlnonepay",
    "wsctlnonedepay", NULL
  };
  const GstWsctlCodec *opus = gst_wsctl_codec_find ("OPUS");

  g_assert_true (gst_wsctl_codec_can_send (opus));
  g_assert_true (gst_wsctl_codec_can_receive (opus));
  g_assert_true (gst_wsctl_codec_can_decode (opus));
  g_assert_false (gst_wsctl_codec_can_send (&missing));
  g_assert_false (gst_wsctl_codec_can_receive (&missing));
  g_assert_false (gst_wsctl_codec_can_decode (&missing));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/codec/table", test_table);
  test_add ("/codec/find", test_find);
  test_add ("/codec/elements", test_elements);

  return g_test_run ();
}
