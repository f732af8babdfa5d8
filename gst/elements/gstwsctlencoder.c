/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlencoder.h"

GST_DEBUG_CATEGORY_STATIC (wsctlencoder_debug);
#define GST_CAT_DEFAULT wsctlencoder_debug

static void
init_debug (void)
{
  GST_DEBUG_CATEGORY_INIT (wsctlencoder_debug, "wsctlencoder", 0,
      "WebRTC WebSocket control: encoders");
}

typedef struct
{
  GstElementFactory *factory;
  const GstWsctlEncoderRow *row;
} Candidate;

static gint
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *one = a;
  const Candidate *other = b;
  gint ranks = (gint) gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE
      (other->factory))
      - (gint) gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (one->factory));

  if (one->row->slow != other->row->slow)
    return one->row->slow ? 1 : -1;
  if (ranks != 0)
    return ranks;
  if (one->row != other->row)
    return one->row < other->row ? -1 : 1;

  return g_strcmp0 (GST_OBJECT_NAME (one->factory),
      GST_OBJECT_NAME (other->factory));
}

static GArray *
collect_candidates (const GstWsctlCodec * codec)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  g_autoptr (GstCaps) caps = gst_caps_from_string (codec->encoded_caps);
  GList *encoders =
      gst_element_factory_list_get_elements (GST_ELEMENT_FACTORY_TYPE_ENCODER,
      GST_RANK_NONE);
  GList *able = gst_element_factory_list_filter (encoders, caps, GST_PAD_SRC,
      FALSE);
  GList *item;

  for (item = able; item != NULL; item = item->next) {
    Candidate candidate = { item->data,
      gst_wsctl_encoder_table_find (GST_OBJECT_NAME (item->data), codec->name)
    };

    if (candidate.row == NULL)
      continue;
    gst_object_ref (candidate.factory);
    g_array_append_val (candidates, candidate);
  }
  gst_plugin_feature_list_free (able);
  gst_plugin_feature_list_free (encoders);
  g_array_sort (candidates, compare_candidates);

  return candidates;
}

gboolean
gst_wsctl_encoder_takes (GstElementFactory * factory, const GstCaps * input)
{
  return input == NULL || gst_caps_is_any (input)
      || gst_element_factory_can_sink_any_caps (factory, input);
}

gboolean
gst_wsctl_encoder_is_in_device (const GstCaps * input)
{
  GstCapsFeatures *features;

  if (input == NULL || gst_caps_is_any (input) || gst_caps_is_empty (input))
    return FALSE;

  features = gst_caps_get_features (input, 0);

  return !gst_caps_features_is_any (features)
      && !gst_caps_features_contains (features,
      GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY);
}

/* How to get pictures out of a device, for encoders that cannot go there */
static const struct
{
  const gchar *feature;
  const gchar *factory;
} downloads[] = {
  {"memory:GLMemory", "gldownload"},
  {"memory:VAMemory", "vapostproc"},
  {"memory:VASurface", "vaapipostproc"},
  {"memory:DMABuf", "vapostproc"},
  {"memory:CUDAMemory", "cudadownload"},
  {"memory:NVMM", "nvvidconv"},
  {"memory:D3D11Memory", "d3d11download"},
  {"memory:D3D12Memory", "d3d12download"},
};

const gchar *
gst_wsctl_encoder_find_download (const GstCaps * input)
{
  GstCapsFeatures *features = gst_caps_get_features (input, 0);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (downloads); i++) {
    if (gst_caps_features_contains (features, downloads[i].feature))
      return downloads[i].factory;
  }

  return NULL;
}

/* Raw video in the memory that encoders of this codec take */
static void
add_memory_of_encoders (GstCaps * caps, const GstWsctlCodec * codec)
{
  g_autoptr (GArray) candidates = collect_candidates (codec);
  const GList *item;
  guint i, j;

  for (i = 0; i < candidates->len; i++) {
    GstElementFactory *factory =
        g_array_index (candidates, Candidate, i).factory;

    for (item = gst_element_factory_get_static_pad_templates (factory);
        item != NULL; item = item->next) {
      g_autoptr (GstCaps) taken = gst_static_pad_template_get_caps (item->data);

      for (j = 0; j < gst_caps_get_size (taken); j++) {
        if (gst_structure_has_name (gst_caps_get_structure (taken, j),
                "video/x-raw")
            && !gst_caps_features_is_any (gst_caps_get_features (taken, j)))
          gst_caps_append_structure_full (caps,
              gst_structure_new_empty ("video/x-raw"),
              gst_caps_features_copy (gst_caps_get_features (taken, j)));
      }
    }
    gst_object_unref (factory);
  }
}

/* Of this machine, and so made once */
static gpointer
make_taken_caps (gpointer data)
{
  GstCaps *caps = gst_caps_new_empty_simple ("video/x-raw");
  const GstWsctlCodec *codec;
  guint i;

  for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
    if (codec->kind == GST_WSCTL_MEDIA_KIND_VIDEO)
      add_memory_of_encoders (caps, codec);
  }
  for (i = 0; i < G_N_ELEMENTS (downloads); i++) {
    if (gst_registry_check_feature_version (gst_registry_get (),
            downloads[i].factory, 0, 0, 0))
      gst_caps_append_structure_full (caps,
          gst_structure_new_empty ("video/x-raw"),
          gst_caps_features_new (downloads[i].feature, NULL));
  }

  return gst_caps_simplify (caps);
}

GstCaps *
gst_wsctl_encoder_narrow_memory (GstCaps * caps)
{
  static GOnce once = G_ONCE_INIT;
  GstCaps *taken = g_once (&once, make_taken_caps, NULL);
  GstCaps *narrow = gst_caps_new_empty ();
  guint i;

  for (i = 0; i < gst_caps_get_size (caps); i++) {
    GstCaps *one = gst_caps_copy_nth (caps, i);

    if (gst_caps_features_is_any (gst_caps_get_features (one, 0))
        && gst_structure_has_name (gst_caps_get_structure (one, 0),
            "video/x-raw")) {
      gst_caps_append (narrow, gst_caps_intersect_full (one, taken,
              GST_CAPS_INTERSECT_ZIG_ZAG));
      gst_caps_unref (one);
    } else {
      gst_caps_append (narrow, one);
    }
  }

  return narrow;
}

gboolean
gst_wsctl_encoder_is_interlaced (const GstCaps * input)
{
  const gchar *mode =
      gst_structure_get_string (gst_caps_get_structure (input, 0),
      "interlace-mode");

  return mode != NULL && !g_str_equal (mode, "progressive");
}

GPtrArray *
gst_wsctl_encoder_list (const GstWsctlCodec * codec, const GstCaps * input)
{
  g_autoptr (GArray) candidates = collect_candidates (codec);
  GPtrArray *list = g_ptr_array_new_with_free_func (gst_object_unref);
  gboolean in_device = gst_wsctl_encoder_is_in_device (input);
  guint pass, i;

  init_debug ();
  for (pass = 0; pass < 2; pass++) {
    for (i = 0; i < candidates->len; i++) {
      GstElementFactory *factory =
          g_array_index (candidates, Candidate, i).factory;
      gboolean untouched = !in_device
          || gst_wsctl_encoder_takes (factory, input);

      /* First those that need no download, then those that do. */
      if (untouched == (pass == 0))
        g_ptr_array_add (list, factory);
    }
  }

  return list;
}

gboolean
gst_wsctl_encoder_exists (const GstWsctlCodec * codec)
{
  g_autoptr (GPtrArray) list = gst_wsctl_encoder_list (codec, NULL);

  return list->len > 0;
}

const GstWsctlEncoderRow *
gst_wsctl_encoder_get_row (GstElement * encoder, const GstWsctlCodec * codec)
{
  GstElementFactory *factory = gst_element_get_factory (encoder);

  if (factory == NULL)
    return NULL;

  return gst_wsctl_encoder_table_find (GST_OBJECT_NAME (factory),
      codec != NULL ? codec->name : NULL);
}

/* FALSE when there is no such property, or no such value in this version. */
static gboolean
set_from_text (GstElement * encoder, const gchar * name, const gchar * text)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (encoder), name);
  GValue value = G_VALUE_INIT;
  gboolean known;

  if (pspec == NULL || (pspec->flags & G_PARAM_WRITABLE) == 0)
    return FALSE;

  g_value_init (&value, pspec->value_type);
  known = gst_value_deserialize (&value, text);
  if (known) {
    /* A longer interval than it has is the longest that it has. */
    g_param_value_validate (pspec, &value);
    g_object_set_property (G_OBJECT (encoder), name, &value);
  }
  g_value_unset (&value);

  return known;
}

void
gst_wsctl_encoder_set_up (GstElement * encoder, const GstWsctlEncoderRow * row)
{
  g_auto (GStrv) settings = g_strsplit (row->settings, " ", -1);
  guint i;

  for (i = 0; settings[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (settings[i], "=", 2);

    /* Versions of an encoder differ in what they have. */
    if (g_strv_length (pair) == 2 && !set_from_text (encoder, pair[0], pair[1]))
      GST_DEBUG_OBJECT (encoder, "has no %s", settings[i]);
  }
}

/* Beside what else is in the structure */
static gboolean
set_field (GstElement * encoder, const GstWsctlEncoderRow * row, guint number)
{
  GstStructure *structure = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (encoder),
          row->bitrate_property) == NULL)
    return FALSE;

  g_object_get (encoder, row->bitrate_property, &structure, NULL);
  if (structure == NULL)
    structure = gst_structure_new_empty ("controls");
  gst_structure_set (structure, row->bitrate_field, G_TYPE_INT, (gint) number,
      NULL);
  g_object_set (encoder, row->bitrate_property, structure, NULL);
  gst_structure_free (structure);

  return TRUE;
}

gboolean
gst_wsctl_encoder_set_bitrate (GstElement * encoder, guint bitrate_bps)
{
  const GstWsctlEncoderRow *row = gst_wsctl_encoder_get_row (encoder, NULL);
  g_autofree gchar *text = NULL;
  guint number;

  if (row == NULL || row->bitrate_property == NULL)
    return FALSE;

  init_debug ();
  number = CLAMP (bitrate_bps, row->min_bitrate_bps, row->max_bitrate_bps)
      / row->bitrate_unit;
  GST_DEBUG_OBJECT (encoder, "bitrate is now %u bit/s", bitrate_bps);
  if (row->bitrate_field != NULL)
    return set_field (encoder, row, number);

  /* As text, for the property may be signed or not. */
  text = g_strdup_printf ("%u", number);

  return set_from_text (encoder, row->bitrate_property, text);
}
