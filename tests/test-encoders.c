/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The encoders that we know: those that need no hardware encode, the others are
 * set up by what is known of their properties.
 */

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "gstwsctlencoder.h"
#include "testencoder.h"
#include "testsupport.h"

#define WIDTH 64
#define HEIGHT 48
#define N_FRAMES 45
#define SHORT_GOP 60
#define KEY_FRAME_AT 20
#define SLOWER_AT 30

/* Those that run here */
static const gchar *const video[] = {
  "x264enc", "openh264enc", "vp8enc", "vp9enc", "av1enc", "x265enc",
};

static const gchar *const audio[] = {
  "opusenc", "alawenc", "mulawenc",
};

static GKeyFile *facts;

static GstElement *
make (const gchar * name, const GstWsctlEncoderRow ** row)
{
  GstElement *encoder = gst_element_factory_make (name, NULL);

  if (encoder == NULL) {
    g_test_skip ("not installed");
    return NULL;
  }
  *row = gst_wsctl_encoder_get_row (encoder, NULL);
  g_assert_nonnull (*row);
  gst_wsctl_encoder_set_up (encoder, *row);

  return encoder;
}

/* A picture in motion */
static GstBuffer *
make_frame (guint number)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2,
      NULL);
  GstMapInfo map;
  guint i;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (i = 0; i < map.size; i++)
    map.data[i] = (guint8) (i * 7 + i / WIDTH * 3 + number * 5);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = number * GST_SECOND / 30;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 30;

  return buffer;
}

/* Each frame is out before the next is in; key frames are the first one and the
 * one asked for, or the one whose time has come. OpenH264 begins anew with another bitrate. */
static void
check_frames (GstHarness * harness, gboolean deaf)
{
  guint n = deaf ? SHORT_GOP + 5 : N_FRAMES;
  guint key_at = deaf ? SHORT_GOP : KEY_FRAME_AT;
  guint i;

  for (i = 0; i < n; i++) {
    g_autoptr (GstBuffer) encoded = NULL;

    if (!deaf && i == KEY_FRAME_AT)
      gst_harness_push_upstream_event (harness,
          gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE,
              TRUE, 0));
    if (i == SLOWER_AT)
      g_assert_true (gst_wsctl_encoder_set_bitrate (harness->element, 100000));
    g_assert_cmpint (gst_harness_push (harness, make_frame (i)), ==,
        GST_FLOW_OK);
    encoded = gst_harness_try_pull (harness);
    g_assert_nonnull (encoded);
    g_test_message ("frame %u: %" G_GSIZE_FORMAT " bytes%s", i,
        gst_buffer_get_size (encoded), GST_BUFFER_FLAG_IS_SET (encoded,
            GST_BUFFER_FLAG_DELTA_UNIT) ? "" : ", key");
    g_assert_cmpuint (gst_buffer_get_size (encoded), >, 0);
    if (i != SLOWER_AT)
      g_assert_cmpint (GST_BUFFER_FLAG_IS_SET (encoded,
              GST_BUFFER_FLAG_DELTA_UNIT), ==, i != 0 && i != key_at);
  }
}

static void
test_video (gconstpointer data)
{
  const GstWsctlEncoderRow *row;
  GstElement *encoder = make (data, &row);
  GstHarness *harness;

  if (encoder == NULL)
    return;

  test_say (data);
  g_assert_true (gst_wsctl_encoder_set_bitrate (encoder, 300000));
  harness = gst_harness_new_with_element (encoder, "sink", "src");
  gst_object_unref (encoder);
  if (row->profile != NULL)
    gst_harness_set_sink_caps_str (harness, row->profile);
  gst_harness_set_src_caps_str (harness, "video/x-raw, format=(string)I420, "
      "width=(int)64, height=(int)48, framerate=(fraction)30/1");
  check_frames (harness, row->deaf);
  gst_harness_teardown (harness);
}

static void
test_audio (gconstpointer data)
{
  const GstWsctlEncoderRow *row;
  GstElement *encoder = make (data, &row);
  gint rate = g_str_equal (data, "opusenc") ? 48000 : 8000;
  g_autofree gchar *caps =
      g_strdup_printf ("audio/x-raw, format=(string)S16LE, rate=(int)%d, "
      "channels=(int)1, layout=(string)interleaved", rate);
  GstHarness *harness;
  guint i, n = 0;

  if (encoder == NULL)
    return;

  harness = gst_harness_new_with_element (encoder, "sink", "src");
  gst_object_unref (encoder);
  gst_harness_set_src_caps_str (harness, caps);
  for (i = 0; i < 10; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, rate / 50 * 2, NULL);

    gst_buffer_memset (buffer, 0, 0x11, rate / 50 * 2);
    GST_BUFFER_PTS (buffer) = i * 20 * GST_MSECOND;
    GST_BUFFER_DURATION (buffer) = 20 * GST_MSECOND;
    g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
  }
  while (n < gst_harness_buffers_received (harness)) {
    gst_buffer_unref (gst_harness_pull (harness));
    n++;
  }
  /* One of them may wait for more. */
  g_assert_cmpuint (n, >=, 9);
  g_assert_cmpint (gst_wsctl_encoder_set_bitrate (harness->element, 24000),
      ==, row->bitrate_property != NULL);
  gst_harness_teardown (harness);
}

static gchar *
get_text (GstElement * encoder, const gchar * name)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (encoder), name);
  GValue value = G_VALUE_INIT;
  gchar *text;

  g_assert_nonnull (pspec);
  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (encoder), name, &value);
  if (G_VALUE_HOLDS_ENUM (&value))
    text = g_strdup (g_enum_get_value (G_PARAM_SPEC_ENUM (pspec)->enum_class,
            g_value_get_enum (&value))->value_nick);
  else
    text = gst_value_serialize (&value);
  g_value_unset (&value);

  return text;
}

static void
check_expected (GstElement * encoder, const gchar * name)
{
  g_autofree gchar *text = g_key_file_get_string (facts, name, "expect", NULL);
  g_auto (GStrv) pairs = g_strsplit (text != NULL ? text : "", " ", -1);
  guint i;

  for (i = 0; pairs[i] != NULL && *pairs[i] != '\0'; i++) {
    g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);
    g_autofree gchar *value = get_text (encoder, pair[0]);

    g_assert_cmpstr (value, ==, pair[1]);
  }
}

static gint64
get_bitrate (GstElement * encoder, const gchar * property)
{
  g_autofree gchar *text = NULL;
  GstStructure *controls = NULL;
  gint value = -1;

  if (!g_str_equal (property, "extra-controls")) {
    text = get_text (encoder, property);
    return g_ascii_strtoll (text, NULL, 10);
  }

  g_object_get (encoder, property, &controls, NULL);
  g_assert_true (gst_structure_get_int (controls, "video_bitrate", &value));
  /* What was there before the bitrate is still there. */
  g_assert_true (gst_structure_has_field (controls, "video_gop_size"));
  gst_structure_free (controls);

  return value;
}

/* In its unit, and never out of its range */
static void
check_bitrate (GstElement * encoder, const gchar * name)
{
  g_autofree gchar *text = g_key_file_get_string (facts, name, "holds", NULL);
  g_auto (GStrv) holds = g_strsplit (text, " ", 2);
  gint64 expected = g_ascii_strtoll (holds[1], NULL, 10);

  g_assert_true (gst_wsctl_encoder_set_bitrate (encoder, 1234000));
  g_assert_cmpint (get_bitrate (encoder, holds[0]), ==, expected);
  g_assert_true (gst_wsctl_encoder_set_bitrate (encoder, G_MAXUINT));
  g_assert_cmpint (get_bitrate (encoder, holds[0]), >, expected);
  g_assert_true (gst_wsctl_encoder_set_bitrate (encoder, 1));
  g_assert_cmpint (get_bitrate (encoder, holds[0]), >, 0);
}

static void
test_table (void)
{
  g_auto (GStrv) names = g_key_file_get_groups (facts, NULL);
  guint i;

  for (i = 0; names[i] != NULL; i++) {
    g_autofree gchar *codec =
        g_key_file_get_string (facts, names[i], "codec", NULL);
    g_autoptr (GstElement) encoder =
        gst_object_ref_sink (gst_element_factory_make (names[i], NULL));
    const GstWsctlEncoderRow *row = gst_wsctl_encoder_get_row (encoder,
        gst_wsctl_codec_find (codec));

    g_test_message ("%s", names[i]);
    g_assert_nonnull (row);
    gst_wsctl_encoder_set_up (encoder, row);
    check_expected (encoder, names[i]);
    check_bitrate (encoder, names[i]);
  }
}

static gboolean
is_covered (const GstWsctlEncoderRow * row, gchar ** names)
{
  guint i;

  for (i = 0; names[i] != NULL; i++) {
    g_autofree gchar *codec =
        g_key_file_get_string (facts, names[i], "codec", NULL);

    if (gst_wsctl_encoder_table_find (names[i], codec) == row)
      return TRUE;
  }

  return g_strv_contains (video, row->factory)
      || g_strv_contains (audio, row->factory);
}

/* No row is without a test. */
static void
test_covered (void)
{
  g_auto (GStrv) names = g_key_file_get_groups (facts, NULL);
  const GstWsctlEncoderRow *row;

  for (row = gst_wsctl_encoder_table_get (); row->factory != NULL; row++) {
    g_test_message ("%s of %s", row->factory, row->codec);
    g_assert_nonnull (gst_wsctl_codec_find (row->codec));
    g_assert_true (is_covered (row, names));
  }
}

static gint
find (GPtrArray * list, const gchar * name)
{
  guint i;

  for (i = 0; i < list->len; i++) {
    if (g_str_equal (GST_OBJECT_NAME (g_ptr_array_index (list, i)), name))
      return (gint) i;
  }

  return -1;
}

static void
set_rank (const gchar * name, guint rank)
{
  g_autoptr (GstPluginFeature) factory =
      gst_registry_lookup_feature (gst_registry_get (), name);

  gst_plugin_feature_set_rank (factory, rank);
}

static void
test_order (void)
{
  g_autoptr (GPtrArray) list = NULL;

  /* Of the same rank: hardware, then the order of the table */
  list = gst_wsctl_encoder_list (gst_wsctl_codec_find ("H264"), NULL);
  g_assert_cmpint (find (list, "vah264enc"), >=, 0);
  g_assert_cmpint (find (list, "vah264enc"), <, find (list, "x264enc"));
  g_assert_cmpint (find (list, "x264enc"), <, find (list, "openh264enc"));

  /* By rank */
  set_rank ("openh264enc", GST_RANK_PRIMARY + 1);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = gst_wsctl_encoder_list (gst_wsctl_codec_find ("H264"), NULL);
  g_assert_cmpint (find (list, "openh264enc"), ==, 0);
  set_rank ("openh264enc", GST_RANK_MARGINAL);

  /* One that holds frames back comes last, whatever its rank. */
  set_rank ("svtav1enc", GST_RANK_PRIMARY + 1);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = gst_wsctl_encoder_list (gst_wsctl_codec_find ("AV1"), NULL);
  g_assert_cmpint (find (list, "svtav1enc"), ==, (gint) list->len - 1);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *path = NULL;
  guint i;

  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  path = g_test_build_filename (G_TEST_DIST, "data", "encoders.ini", NULL);
  facts = g_key_file_new ();
  g_assert_true (g_key_file_load_from_file (facts, path, G_KEY_FILE_NONE,
          NULL));
  test_encoder_register_all (facts);

  for (i = 0; i < G_N_ELEMENTS (video); i++) {
    g_autofree gchar *name = g_strdup_printf ("/encoders/%s", video[i]);

    g_test_add_data_func (name, video[i], test_video);
  }
  for (i = 0; i < G_N_ELEMENTS (audio); i++) {
    g_autofree gchar *name = g_strdup_printf ("/encoders/%s", audio[i]);

    g_test_add_data_func (name, audio[i], test_audio);
  }
  test_add ("/encoders/table", test_table);
  test_add ("/encoders/covered", test_covered);
  test_add ("/encoders/order", test_order);

  return g_test_run ();
}
