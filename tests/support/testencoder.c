/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "testencoder.h"

#include <gst/video/video.h>

#include "wsctlcodec-private.h"

/* Properties by what a file says: "TYPE MIN MAX DEFAULT" or "enum NICK…" */

static GParamSpec *
make_enum (const gchar * element, const gchar * name, gchar ** nicks)
{
  guint n = g_strv_length (nicks), i;
  GEnumValue *values = g_new0 (GEnumValue, n + 1);
  g_autofree gchar *type = g_strdup_printf ("Test-%s-%s", element, name);

  for (i = 0; i < n; i++) {
    values[i].value = (gint) i;
    values[i].value_name = values[i].value_nick = g_strdup (nicks[i]);
  }

  return g_param_spec_enum (name, NULL, NULL,
      g_enum_register_static (type, values), 0, G_PARAM_READWRITE);
}

static GParamSpec *
make_property (const gchar * element, const gchar * name, const gchar * fact)
{
  g_auto (GStrv) words = g_strsplit (fact, " ", -1);
  const gchar *type = words[0];

  if (g_str_equal (type, "enum"))
    return make_enum (element, name, words + 1);
  if (g_str_equal (type, "boolean"))
    return g_param_spec_boolean (name, NULL, NULL,
        g_str_equal (words[1], "true"), G_PARAM_READWRITE);
  if (g_str_equal (type, "string"))
    return g_param_spec_string (name, NULL, NULL, NULL, G_PARAM_READWRITE);
  if (g_str_equal (type, "structure"))
    return g_param_spec_boxed (name, NULL, NULL, GST_TYPE_STRUCTURE,
        G_PARAM_READWRITE);

  g_assert_cmpuint (g_strv_length (words), ==, 4);
  if (g_str_equal (type, "uint"))
    return g_param_spec_uint (name, NULL, NULL,
        (guint) g_ascii_strtoull (words[1], NULL, 10),
        (guint) g_ascii_strtoull (words[2], NULL, 10),
        (guint) g_ascii_strtoull (words[3], NULL, 10), G_PARAM_READWRITE);
  if (g_str_equal (type, "uint64"))
    return g_param_spec_uint64 (name, NULL, NULL,
        g_ascii_strtoull (words[1], NULL, 10),
        g_ascii_strtoull (words[2], NULL, 10),
        g_ascii_strtoull (words[3], NULL, 10), G_PARAM_READWRITE);
  g_assert_cmpstr (type, ==, "int");

  return g_param_spec_int (name, NULL, NULL,
      (gint) g_ascii_strtoll (words[1], NULL, 10),
      (gint) g_ascii_strtoll (words[2], NULL, 10),
      (gint) g_ascii_strtoll (words[3], NULL, 10), G_PARAM_READWRITE);
}

static void
free_value (gpointer data)
{
  g_value_unset (data);
  g_free (data);
}

static void
set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GValue *kept = g_new0 (GValue, 1);

  g_value_init (kept, pspec->value_type);
  g_value_copy (value, kept);
  g_object_set_data_full (object, pspec->name, kept, free_value);
}

static void
get_property (GObject * object, guint id, GValue * value, GParamSpec * pspec)
{
  const GValue *kept = g_object_get_data (object, pspec->name);

  if (kept != NULL)
    g_value_copy (kept, value);
  else
    g_param_value_set_default (pspec, value);
}

typedef struct
{
  GKeyFile *facts;
  const gchar *name;
} Fake;

static void
init_fake_class (gpointer klass, gpointer data)
{
  Fake *fake = data;
  GObjectClass *object_class = klass;
  g_autofree gchar *codec =
      g_key_file_get_string (fake->facts, fake->name, "codec", NULL);
  g_autoptr (GstCaps) raw = gst_caps_from_string ("video/x-raw");
  g_autoptr (GstCaps) encoded =
      gst_caps_from_string (gst_wsctl_codec_find (codec)->encoded_caps);
  g_auto (GStrv) keys =
      g_key_file_get_keys (fake->facts, fake->name, NULL, NULL);
  guint i, id = 0;

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  for (i = 0; keys[i] != NULL; i++) {
    g_autofree gchar *fact =
        g_key_file_get_string (fake->facts, fake->name, keys[i], NULL);

    if (g_str_equal (keys[i], "codec") || g_str_equal (keys[i], "expect")
        || g_str_equal (keys[i], "holds"))
      continue;
    g_object_class_install_property (object_class, ++id,
        make_property (fake->name, keys[i], fact));
  }
  gst_element_class_add_pad_template (klass,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, raw));
  gst_element_class_add_pad_template (klass,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, encoded));
  gst_element_class_set_static_metadata (klass, "Fake encoder",
      "Codec/Encoder/Video", "Encodes nothing", "The gst-wsctl authors");
}

void
test_encoder_register_all (GKeyFile * facts)
{
  g_auto (GStrv) names = g_key_file_get_groups (facts, NULL);
  guint i;

  for (i = 0; names[i] != NULL; i++) {
    g_autofree gchar *type = g_strdup_printf ("Test-%s", names[i]);
    Fake *fake = g_new0 (Fake, 1);
    GTypeInfo info = { sizeof (GstElementClass), NULL, NULL, init_fake_class,
      NULL, fake, sizeof (GstElement), 0, NULL, NULL
    };

    /* For as long as the type: for ever */
    fake->facts = g_key_file_ref (facts);
    fake->name = g_intern_string (names[i]);
    g_assert_true (gst_element_register (NULL, names[i], GST_RANK_PRIMARY,
            g_type_register_static (GST_TYPE_ELEMENT, type, &info, 0)));
  }
}

/* The faulty one is x264enc but for its fault. */

static TestEncoderFault faulty_fault;
static gint faulty_tries;       /* atomic */
static gint faulty_frames;      /* atomic */
static GstVideoEncoderClass *faulty_parent;

static gboolean
on_open (GstVideoEncoder * encoder)
{
  g_atomic_int_inc (&faulty_tries);
  g_atomic_int_set (&faulty_frames, 0);
  if (faulty_fault == TEST_ENCODER_FAILS_TO_START)
    return FALSE;

  return faulty_parent->open == NULL || faulty_parent->open (encoder);
}

static gboolean
on_set_format (GstVideoEncoder * encoder, GstVideoCodecState * state)
{
  return faulty_fault != TEST_ENCODER_REFUSES_CAPS
      && faulty_parent->set_format (encoder, state);
}

static GstFlowReturn
on_handle_frame (GstVideoEncoder * encoder, GstVideoCodecFrame * frame)
{
  gint number = g_atomic_int_add (&faulty_frames, 1);

  if (faulty_fault == TEST_ENCODER_FAILS_AT_ONCE
      || (faulty_fault == TEST_ENCODER_FAILS_LATER && number == 10)) {
    gst_video_codec_frame_unref (frame);
    GST_ELEMENT_ERROR (encoder, LIBRARY, ENCODE, ("the device is gone"),
        (NULL));
    return GST_FLOW_ERROR;
  }

  return faulty_parent->handle_frame (encoder, frame);
}

static void
init_faulty_class (gpointer klass, gpointer data)
{
  GstVideoEncoderClass *encoder_class = klass;

  faulty_parent = g_type_class_peek_parent (klass);
  encoder_class->open = on_open;
  encoder_class->set_format = on_set_format;
  encoder_class->handle_frame = on_handle_frame;
}

/* A type knows its factory for ever, so each gets one of its own. */
static GType
make_faulty_type (void)
{
  static guint number = 0;
  g_autofree gchar *name = g_strdup_printf ("TestFaultyEncoder%u", number++);
  g_autoptr (GstElement) x264enc = NULL;
  GTypeQuery query;
  GTypeInfo info = { 0, };

  x264enc = gst_object_ref_sink (gst_element_factory_make ("x264enc", NULL));
  g_type_query (G_OBJECT_TYPE (x264enc), &query);
  info.class_size = query.class_size;
  info.instance_size = query.instance_size;
  info.class_init = init_faulty_class;

  return g_type_register_static (query.type, name, &info, 0);
}

void
test_encoder_register_faulty (TestEncoderFault fault)
{
  faulty_fault = fault;
  g_atomic_int_set (&faulty_tries, 0);
  g_assert_true (gst_element_register (NULL, "vah264enc",
          GST_RANK_PRIMARY + 100, make_faulty_type ()));
}

void
test_encoder_unregister_faulty (void)
{
  g_autoptr (GstPluginFeature) factory =
      gst_registry_lookup_feature (gst_registry_get (), "vah264enc");

  gst_registry_remove_feature (gst_registry_get (), factory);
}

guint
test_encoder_count_tries (void)
{
  return (guint) g_atomic_int_get (&faulty_tries);
}

/* One in a device keeps what it is given. */

static void
init_device_class (gpointer klass, gpointer data)
{
  g_autofree gchar *text =
      g_strdup_printf ("video/x-raw(%s), format=(string)NV12",
      (const gchar *) data);
  g_autoptr (GstCaps) raw = gst_caps_from_string (text);
  g_autoptr (GstCaps) encoded =
      gst_caps_from_string ("video/x-h264, stream-format=(string)byte-stream, "
      "alignment=(string)au, profile=(string)constrained-baseline");

  gst_element_class_add_pad_template (klass,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, raw));
  gst_element_class_add_pad_template (klass,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, encoded));
  gst_element_class_set_static_metadata (klass, "Fake encoder",
      "Codec/Encoder/Video/Hardware", "Encodes nothing",
      "The gst-wsctl authors");
}

static void
init_device (GTypeInstance * instance, gpointer klass)
{
  static const gchar *const names[] = { "sink", "src" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++)
    gst_element_add_pad (GST_ELEMENT (instance),
        gst_pad_new_from_template (gst_element_class_get_pad_template (klass,
                names[i]), names[i]));
}

void
test_encoder_register_device (const gchar * name, const gchar * feature)
{
  g_autofree gchar *type = g_strdup_printf ("TestDevice-%s", name);
  GTypeInfo info = { sizeof (GstElementClass), NULL, NULL, init_device_class,
    NULL, feature, sizeof (GstElement), 0, init_device, NULL
  };

  g_assert_true (gst_element_register (NULL, name, GST_RANK_PRIMARY,
          g_type_register_static (GST_TYPE_ELEMENT, type, &info, 0)));
}
