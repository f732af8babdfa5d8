/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which decoder wsctlsrc takes: the one of the highest rank that works. That of
 * hardware is ours, and decodes nothing.
 */

#include <gst/video/gstvideodecoder.h>

#include "testpipeline.h"
#include "testsupport.h"

#define NAME "testhardwaredec"
#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
/* As those of the plugin va have them, from a driver */
#define TEMPLATE "video/x-h264, profile=(string){ constrained-baseline, main, " \
    "high }, width=(int)[ %u, 4096 ], height=(int)[ %u, 4096 ], " \
    "alignment=(string)au, stream-format=(string){ avc, avc3, byte-stream }"

typedef struct
{
  const gchar *name;
  GstRank rank;
  guint smallest;               /* picture that it takes */
  gboolean broken;              /* it does not open */
  gboolean used;                /* expected */
  guint tries;                  /* expected: it is opened so often */
} Case;

static gboolean broken;
static gint tries;              /* atomic */

static gboolean
open_device (GstVideoDecoder * decoder)
{
  g_atomic_int_inc (&tries);
  if (broken)
    GST_ELEMENT_ERROR (decoder, RESOURCE, OPEN_READ_WRITE, ("no device"),
        (NULL));

  return !broken;
}

static gboolean
set_format (GstVideoDecoder * decoder, GstVideoCodecState * state)
{
  gst_video_codec_state_unref (gst_video_decoder_set_output_state (decoder,
          GST_VIDEO_FORMAT_I420, GST_VIDEO_INFO_WIDTH (&state->info),
          GST_VIDEO_INFO_HEIGHT (&state->info), state));

  return gst_video_decoder_negotiate (decoder);
}

static GstFlowReturn
handle_frame (GstVideoDecoder * decoder, GstVideoCodecFrame * frame)
{
  GstFlowReturn ret = gst_video_decoder_allocate_output_frame (decoder, frame);

  if (ret != GST_FLOW_OK) {
    gst_video_codec_frame_unref (frame);
    return ret;
  }
  gst_buffer_memset (frame->output_buffer, 0, 0x80, -1);

  return gst_video_decoder_finish_frame (decoder, frame);
}

static void
init_class (gpointer klass, gpointer data)
{
  GstVideoDecoderClass *decoder_class = klass;
  guint smallest = GPOINTER_TO_UINT (data);
  g_autofree gchar *text = g_strdup_printf (TEMPLATE, smallest, smallest);
  g_autoptr (GstCaps) encoded = gst_caps_from_string (text);
  g_autoptr (GstCaps) raw =
      gst_caps_from_string ("video/x-raw, format=(string)I420");

  gst_element_class_add_pad_template (klass,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, encoded));
  gst_element_class_add_pad_template (klass,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, raw));
  gst_element_class_set_static_metadata (klass, "Decoder of hardware",
      "Codec/Decoder/Video/Hardware", "Decodes nothing",
      "The gst-wsctl authors");
  decoder_class->open = open_device;
  decoder_class->set_format = set_format;
  decoder_class->handle_frame = handle_frame;
}

/* A type knows its factory for ever, so each gets one of its own. */
static void
register_decoder (const Case * what)
{
  static guint number = 0;
  g_autofree gchar *name = g_strdup_printf ("TestDecoder%u", number++);
  const GTypeInfo info = { sizeof (GstVideoDecoderClass), NULL, NULL,
    init_class, NULL, GUINT_TO_POINTER (what->smallest),
    sizeof (GstVideoDecoder), 0, NULL, NULL
  };

  broken = what->broken;
  g_atomic_int_set (&tries, 0);
  g_assert_true (gst_element_register (NULL, NAME, what->rank,
          g_type_register_static (GST_TYPE_VIDEO_DECODER, name, &info, 0)));
}

static void
unregister_decoder (void)
{
  g_autoptr (GstPluginFeature) factory =
      gst_registry_lookup_feature (gst_registry_get (), NAME);

  gst_registry_remove_feature (gst_registry_get (), factory);
}

static gint
compare_factory (gconstpointer item, gconstpointer name)
{
  GstElementFactory *factory =
      gst_element_get_factory (g_value_get_object (item));

  return factory == NULL ? 1 : g_strcmp0 (GST_OBJECT_NAME (factory), name);
}

static gboolean
has_element (TestPipeline * player, const gchar * name)
{
  g_autoptr (GstIterator) all =
      gst_bin_iterate_recurse (GST_BIN (test_pipeline_get (player)));
  GValue item = G_VALUE_INIT;
  gboolean found =
      gst_iterator_find_custom (all, compare_factory, &item, (gpointer) name);

  if (found)
    g_value_unset (&item);

  return found;
}

typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  TestPipeline *sender;
} Live;

static void
start_live (Live * live)
{
  live->server = test_wsctl_server_new (0);
  live->uri = test_wsctl_server_get_uri (live->server, "live");
  live->sender = test_pipeline_new (PICTURE " ! wsctlsink uri=%s", live->uri);
  test_pipeline_play (live->sender);
  test_wsctl_server_wait_frames (live->server, "live", "video", 3);
}

static void
stop_live (Live * live)
{
  test_pipeline_free (live->sender);
  g_object_unref (live->server);
  g_free (live->uri);
}

/* Pictures come, whoever decodes them, and nobody hears of who does not. */
static void
check_used (Live * live, gboolean used)
{
  g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc uri=%s ! "
      "video/x-raw ! fakesink name=out", live->uri);
  g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

  test_pipeline_play (player);
  test_tap_wait (tap, 10);
  test_tap_wait_caps (tap, "video/x-raw, width=160, height=120");
  g_assert_true (has_element (player, NAME) == used);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

static void
test_choice (void)
{
  static const Case cases[] = {
    {"above all others", GST_RANK_PRIMARY + 1, 16, FALSE, TRUE, 1},
    {"below others", GST_RANK_MARGINAL, 16, FALSE, FALSE, 0},
    {"not to be taken", GST_RANK_NONE, 16, FALSE, FALSE, 0},
    {"without its device", GST_RANK_PRIMARY + 1, 16, TRUE, FALSE, 1},
    {"for larger pictures", GST_RANK_PRIMARY + 1, 256, FALSE, FALSE, 1},
  };
  Live live;
  guint i;

  start_live (&live);
  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("one that is %s", cases[i].name);
    register_decoder (&cases[i]);
    check_used (&live, cases[i].used);
    g_assert_cmpint (g_atomic_int_get (&tries), ==, cases[i].tries);
    unregister_decoder ();
  }
  stop_live (&live);
}

/* Its rank is that of now. */
static void
test_rank (void)
{
  static const Case what = { NULL, GST_RANK_NONE, 16, };
  g_autoptr (GstPluginFeature) factory = NULL;
  Live live;

  start_live (&live);
  register_decoder (&what);
  factory = gst_registry_lookup_feature (gst_registry_get (), NAME);
  check_used (&live, FALSE);
  gst_plugin_feature_set_rank (factory, GST_RANK_PRIMARY + 1);
  check_used (&live, TRUE);
  gst_plugin_feature_set_rank (factory, GST_RANK_NONE);
  check_used (&live, FALSE);
  unregister_decoder ();
  stop_live (&live);
}

/* None is left that works: one error. */
static void
test_none_left (void)
{
  static const Case what = { NULL, GST_RANK_PRIMARY + 1, 16, TRUE, };
  GList *others =
      gst_element_factory_list_get_elements (GST_ELEMENT_FACTORY_TYPE_DECODER
      | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO, GST_RANK_NONE);
  GList *item;
  Live live;

  start_live (&live);
  for (item = others; item != NULL; item = item->next)
    gst_registry_remove_feature (gst_registry_get (), item->data);
  register_decoder (&what);
  {
    g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc uri=%s ! "
        "video/x-raw ! fakesink name=out", live.uri);

    test_pipeline_play (player);
    test_pipeline_expect_error (player, GST_CORE_ERROR,
        GST_CORE_ERROR_MISSING_PLUGIN, "a decoder for H264");
  }
  unregister_decoder ();
  for (item = others; item != NULL; item = item->next)
    gst_registry_add_feature (gst_registry_get (), item->data);
  gst_plugin_feature_list_free (others);
  stop_live (&live);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/decoders/choice", test_choice);
  test_add ("/src/decoders/rank", test_rank);
  test_add ("/src/decoders/none-left", test_none_left);

  return g_test_run ();
}
