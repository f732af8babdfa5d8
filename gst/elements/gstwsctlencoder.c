/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Settings: no look-ahead, no B-frames, no key frames but those asked for (the
 * server asks every two seconds, a new player at once), a small rate buffer.
 */

#include "gstwsctlencoder.h"

GST_DEBUG_CATEGORY_STATIC (wsctlencoder_debug);
#define GST_CAT_DEFAULT wsctlencoder_debug

#define H264_PROFILE "video/x-h264, profile=(string)constrained-baseline"
#define VPX_SETTINGS "deadline=1 cpu-used=8 end-usage=cbr lag-in-frames=0 " \
    "keyframe-max-dist=2000 min-quantizer=4 max-quantizer=56 " \
    "buffer-size=150 buffer-initial-size=100 buffer-optimal-size=120 " \
    "max-intra-bitrate=250 error-resilient=default"

typedef struct
{
  const gchar *factory;
  const gchar *codec;
  const gchar *settings;        /* name=value, by spaces; unknown ones are left */
  const gchar *bitrate_property;
  guint bitrate_unit;           /* bit/s */
  const gchar *profile;
} Row;

static const Row rows[] = {
  {"x264enc", "H264", "tune=zerolatency speed-preset=ultrafast bframes=0 "
        "b-adapt=false key-int-max=2560 vbv-buf-capacity=120 "
        "byte-stream=true sliced-threads=true threads=2",
      "bitrate", 1000, H264_PROFILE},
  {"openh264enc", "H264", "complexity=low rate-control=bitrate gop-size=2560 "
        "background-detection=false scene-change-detection=false",
      "bitrate", 1, H264_PROFILE},
  {"vah264enc", "H264", "rate-control=cbr key-int-max=256 b-frames=0",
      "bitrate", 1000, H264_PROFILE},
  {"vah264lpenc", "H264", "rate-control=cbr key-int-max=256 b-frames=0",
      "bitrate", 1000, H264_PROFILE},
  {"nvh264enc", "H264", "rc-mode=cbr-ld-hq zerolatency=true gop-size=-1 "
        "bframes=0 preset=low-latency-hq",
      "bitrate", 1000, H264_PROFILE},
  {"vp8enc", "VP8", VPX_SETTINGS " keyframe-mode=disabled",
      "target-bitrate", 1, NULL},
  {"vp9enc", "VP9", VPX_SETTINGS " keyframe-mode=disabled row-mt=true",
      "target-bitrate", 1, NULL},
  {"av1enc", "AV1", "usage-profile=realtime cpu-used=10 end-usage=cbr "
        "lag-in-frames=0 keyframe-max-dist=2000 row-mt=true",
      "target-bitrate", 1000, NULL},
  {"svtav1enc", "AV1", "preset=10 intra-period-length=-1",
      "target-bitrate", 1000, NULL},
  {"opusenc", "OPUS", "perfect-timestamp=true inband-fec=true",
      NULL, 1, NULL},
  {"alawenc", "PCMA", "", NULL, 1, NULL},
  {"mulawenc", "PCMU", "", NULL, 1, NULL},
};

static void
init_debug (void)
{
  GST_DEBUG_CATEGORY_INIT (wsctlencoder_debug, "wsctlencoder", 0,
      "WebRTC WebSocket control: encoders");
}

static GstPluginFeature *
find_factory (const Row * row)
{
  return gst_registry_lookup_feature (gst_registry_get (), row->factory);
}

static gint
compare_rank (gconstpointer a, gconstpointer b)
{
  const Row *one = *(const Row * const *) a;
  const Row *other = *(const Row * const *) b;
  g_autoptr (GstPluginFeature) first = find_factory (one);
  g_autoptr (GstPluginFeature) second = find_factory (other);
  gint difference = (gint) gst_plugin_feature_get_rank (second)
      - (gint) gst_plugin_feature_get_rank (first);

  /* The same rank: the order of the table. */
  return difference != 0 ? difference : (one < other ? -1 : 1);
}

/* The rows of encoders that are installed, best first. */
static GPtrArray *
list_rows (const GstWsctlCodec * codec)
{
  GPtrArray *list = g_ptr_array_new ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstPluginFeature) factory = NULL;

    if (!g_str_equal (rows[i].codec, codec->name))
      continue;
    factory = find_factory (&rows[i]);
    if (factory != NULL)
      g_ptr_array_add (list, (gpointer) & rows[i]);
  }
  g_ptr_array_sort (list, compare_rank);

  return list;
}

gboolean
gst_wsctl_encoder_exists (const GstWsctlCodec * codec)
{
  g_autoptr (GPtrArray) list = list_rows (codec);

  return list->len > 0;
}

static void
apply_settings (GstElement * encoder, const gchar * settings)
{
  g_auto (GStrv) pairs = g_strsplit (settings, " ", -1);
  guint i;

  for (i = 0; pairs[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);

    /* Versions of an encoder differ in what they have. */
    if (g_strv_length (pair) == 2
        && g_object_class_find_property (G_OBJECT_GET_CLASS (encoder),
            pair[0]) != NULL)
      gst_util_set_object_arg (G_OBJECT (encoder), pair[0], pair[1]);
  }
}

GstElement *
gst_wsctl_encoder_make (const GstWsctlCodec * codec, guint * index,
    GstCaps ** profile)
{
  g_autoptr (GPtrArray) list = list_rows (codec);

  init_debug ();
  *profile = NULL;
  for (; *index < list->len; (*index)++) {
    const Row *row = g_ptr_array_index (list, *index);
    GstElement *encoder = gst_element_factory_make (row->factory, NULL);

    if (encoder == NULL)
      continue;

    apply_settings (encoder, row->settings);
    if (gst_element_set_state (encoder, GST_STATE_READY)
        != GST_STATE_CHANGE_FAILURE) {
      if (row->profile != NULL)
        *profile = gst_caps_from_string (row->profile);
      GST_INFO_OBJECT (encoder, "chosen for %s", codec->name);
      return encoder;
    }

    GST_INFO_OBJECT (encoder, "does not start; trying the next");
    gst_element_set_state (encoder, GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (encoder));
  }

  return NULL;
}

void
gst_wsctl_encoder_set_bitrate (GstElement * encoder, guint bitrate_bps)
{
  GstElementFactory *factory = gst_element_get_factory (encoder);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    g_autofree gchar *value = NULL;

    if (factory == NULL || row->bitrate_property == NULL
        || !g_str_equal (GST_OBJECT_NAME (factory), row->factory))
      continue;

    /* As text, for the property may be signed or not. */
    value = g_strdup_printf ("%u", MAX (bitrate_bps / row->bitrate_unit, 1));
    gst_util_set_object_arg (G_OBJECT (encoder), row->bitrate_property, value);
    GST_DEBUG_OBJECT (encoder, "bitrate is now %u bit/s", bitrate_bps);
  }
}
