/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Raw media of any kind: what goes into wsctlsink is seen and heard at a player,
 * or there is one message that says why not.
 */

#include "testplayer.h"
#include "testsupport.h"

#define SIZE "width=160,height=120,framerate=10/1"
#define PICTURE "video/x-raw," SIZE
#define VARIABLE " ! capssetter join=true caps=video/x-raw,framerate="
#define SOUND "audio/x-raw,rate=48000,"
#define MAX_ROWS 16

typedef struct
{
  const gchar *name;
  const gchar *line;            /* properties of s, and what is linked to it */
  const gchar *caps;            /* that a player gets; NULL: none plays */
  const gchar *message;         /* text of the one warning, or error; or NULL */
  gboolean left;                /* sound that a player hears */
  gboolean right;
} Row;

typedef struct
{
  const Row *row;
  TestPipeline *sender;
  TestPlayer *player;           /* or NULL */
} Run;

/* Lines of encoders that were tried and do not work are noise. */
static gint n_error_lines;      /* atomic */

static void
on_log (GstDebugCategory * category, GstDebugLevel level, const gchar * file,
    const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  if (level != GST_LEVEL_ERROR
      || strstr (gst_debug_category_get_name (category), "enc") == NULL)
    return;

  g_atomic_int_inc (&n_error_lines);
  g_test_message ("%s: %s", gst_debug_category_get_name (category),
      gst_debug_message_get (message));
}

/* The same data, said to be in a memory that nobody knows */
static GstPadProbeReturn
on_fake_caps (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;

  gst_event_parse_caps (event, &caps);
  caps = gst_caps_copy (caps);
  gst_caps_set_features_simple (caps, gst_caps_features_from_string (data));
  gst_event_unref (event);
  info->data = gst_event_new_caps (caps);
  gst_caps_unref (caps);

  return GST_PAD_PROBE_OK;
}

static void
fake_memory (TestPipeline * sender, const gchar * name)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (test_pipeline_get (sender)), name);
  g_autoptr (GstPad) src = NULL;

  if (element == NULL)
    return;

  src = gst_element_get_static_pad (element, "src");
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_fake_caps,
      (gpointer) name, NULL);
}

static const gchar *
get_kind (const Row * row)
{
  return row->caps != NULL && g_str_has_prefix (row->caps, "audio")
      ? "audio" : "video";
}

static void
start (Run * run, const Row * row, GstWsctlServer * server)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, row->name);

  run->row = row;
  run->sender = test_pipeline_new ("wsctlsink name=s uri=%s %s", uri,
      row->line);
  fake_memory (run->sender, "memory:Fake");
  fake_memory (run->sender, "memory:NVMM");
  test_pipeline_play (run->sender);
  if (row->caps != NULL)
    run->player = test_player_new (server, row->name, get_kind (row));
}

/* Of errors and warnings there is one with this text, or none at all. */
static void
check_message (TestPipeline * sender, GstMessageType type, const gchar * text)
{
  GstMessage *message = test_pipeline_wait_type (sender, type);
  g_autoptr (GError) error = NULL;

  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  g_test_message ("%s", error->message);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' is not in '%s'", text, error->message);

  test_pipeline_stop (sender);
  g_assert_cmpuint (test_pipeline_count_type (sender, GST_MESSAGE_ERROR)
      + test_pipeline_count_type (sender, GST_MESSAGE_WARNING), ==, 1);
}

static void
finish (Run * run)
{
  const Row *row = run->row;

  g_test_message ("%s", row->name);
  if (row->caps != NULL) {
    test_player_wait_caps (run->player, row->caps);
    if (g_str_equal (get_kind (row), "video"))
      test_player_wait_blink (run->player);
    else
      test_player_wait_sound (run->player, row->left, row->right);
  }
  if (row->message != NULL) {
    check_message (run->sender, row->caps != NULL ? GST_MESSAGE_WARNING
        : GST_MESSAGE_ERROR, row->message);
  } else {
    test_pipeline_assert_healthy (run->sender);
  }
  g_clear_pointer (&run->player, test_player_free);
  g_clear_pointer (&run->sender, test_pipeline_free);
}

static void
run_rows (const Row * rows, guint n)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  Run runs[MAX_ROWS] = { {NULL,}, };
  guint i;

  g_assert_cmpuint (n, <=, MAX_ROWS);
  g_atomic_int_set (&n_error_lines, 0);
  for (i = 0; i < n; i++)
    start (&runs[i], &rows[i], server);
  for (i = 0; i < n; i++)
    finish (&runs[i]);
  g_assert_cmpint (g_atomic_int_get (&n_error_lines), ==, 0);
}

static void
test_framerates (void)
{
  static const Row rows[] = {
    {"none", TEST_BLINK "video/x-raw,width=160,height=120,framerate=30/1 "
          VARIABLE "0/1 ! s.video", "video/x-raw,framerate=30/1"},
    {"none-and-few", TEST_BLINK PICTURE VARIABLE "0/1 ! s.video",
        "video/x-raw,framerate=10/1"},
    {"unit-of-time", TEST_BLINK PICTURE VARIABLE "1000000000/1 ! s.video",
        "video/x-raw,framerate=10/1"},
    {"no-field", TEST_BLINK "video/x-raw,format=I420," SIZE " ! "
          "capssetter replace=true "
          "caps=video/x-raw,format=I420,width=160,height=120 ! s.video",
        "video/x-raw,framerate=10/1"},
  };

  run_rows (rows, G_N_ELEMENTS (rows));
}

/* Of an encoder that is not ours: a player does not pass it on. */
static void
test_unsound_framerate (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (TEST_BLINK PICTURE
      ",format=I420" VARIABLE
      "0/1 ! x264enc tune=zerolatency ! wsctlsink uri=%s", uri);
  g_autoptr (TestPlayer) player = test_player_new (server, "live", "video");
  g_autoptr (TestPipeline) other = test_pipeline_new ("wsctlsrc uri=%s "
      "wait-for-stream=true ! video/x-h264 ! "
      "fakesink name=out async=false sync=false", uri);
  g_autoptr (TestTap) tap = test_tap_new (other, "out", "sink");

  test_pipeline_play (sender);
  test_pipeline_play (other);
  test_tap_wait_caps (tap, "video/x-h264,framerate=0/1");
  test_player_wait_caps (player, "video/x-raw,framerate=0/1");
  test_player_wait_blink (player);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (other);
}

static void
test_formats (void)
{
#define FORMAT(format) {format, \
    TEST_BLINK "video/x-raw,format=" format "," SIZE " ! s.video", \
    "video/x-raw,width=160,height=120,framerate=10/1"}
  static const Row rows[] = {
    FORMAT ("I420_10LE"), FORMAT ("P010_10LE"), FORMAT ("v210"),
    FORMAT ("BGRA"), FORMAT ("AYUV"), FORMAT ("ABGR64_LE"),
    FORMAT ("GRAY8"), FORMAT ("GRAY16_LE"), FORMAT ("RGB16"),
    FORMAT ("UYVY"), FORMAT ("Y444_12LE"),
    {"interlaced", TEST_BLINK "video/x-raw,format=I420," SIZE
          " ! interlace field-pattern=2:2 ! s.video",
        "video/x-raw,interlace-mode=progressive,width=160,height=120"},
  };
#undef FORMAT

  run_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_sizes (void)
{
#define SQUARE ",pixel-aspect-ratio=1/1"
  static const Row rows[] = {
    {"odd", TEST_BLINK "video/x-raw,width=161,height=121 ! s.video",
        "video/x-raw,width=160,height=120" SQUARE},
    {"odd-rgb", TEST_BLINK "video/x-raw,format=BGRx,width=161,height=121 "
          "! s.video", "video/x-raw,width=160,height=120" SQUARE},
    {"odd-vp8", "video-caps=video/x-vp8 "
          TEST_BLINK "video/x-raw,width=161,height=121 ! s.video",
        "video/x-raw,width=161,height=121" SQUARE},
    {"odd-width", TEST_BLINK "video/x-raw,width=853,height=480,framerate=5/1 "
          "! s.video", "video/x-raw,width=852,height=480" SQUARE},
    {"long-pixels", TEST_BLINK PICTURE ",pixel-aspect-ratio=16/11 ! s.video",
        "video/x-raw,width=160,height=120,pixel-aspect-ratio=16/11"},
    {"smallest", TEST_BLINK "video/x-raw,width=2,height=2 ! s.video",
        "video/x-raw,width=2,height=2" SQUARE},
    {"odd-and-small", TEST_BLINK "video/x-raw,width=15,height=15 ! s.video",
        "video/x-raw,width=14,height=14" SQUARE},
    {"too-small", TEST_BLINK "video/x-raw,width=1,height=1 ! s.video", NULL,
        "of 1x1, is too small for H264"},
  };
#undef SQUARE

  run_rows (rows, G_N_ELEMENTS (rows));
}

static void
set_picture (TestPipeline * sender, const gchar * text)
{
  g_autoptr (GstElement) filter = test_pipeline_find (sender, "picture");

  gst_util_set_object_arg (G_OBJECT (filter), "caps", text);
}

static void
test_changes (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (TEST_BLINK
      "capsfilter name=picture caps=" PICTURE " ! wsctlsink uri=%s", uri);
  g_autoptr (TestPlayer) player = test_player_new (server, "live", "video");

  g_atomic_int_set (&n_error_lines, 0);
  test_pipeline_play (sender);
  test_player_wait_caps (player, "video/x-raw,width=160,height=120");
  test_player_wait_blink (player);
  set_picture (sender, "video/x-raw,width=97,height=73,framerate=10/1");
  test_player_wait_caps (player, "video/x-raw,width=96,height=72");
  test_player_wait_blink (player);
  set_picture (sender, "video/x-raw,format=BGRA," SIZE);
  test_player_wait_caps (player, "video/x-raw,width=160,height=120");
  test_player_wait_blink (player);
  test_pipeline_assert_healthy (sender);
  g_assert_cmpint (g_atomic_int_get (&n_error_lines), ==, 0);
}

static void
test_unknown_memory (void)
{
  static const Row rows[] = {
    {"nobody", TEST_BLINK PICTURE ",format=I420 ! identity name=memory:Fake "
          "! s.video", NULL, "is in memory:Fake, which no encoder here takes"},
    {"not-installed", TEST_BLINK PICTURE ",format=NV12 ! "
          "identity name=memory:NVMM ! s.video", NULL,
        "'nvvidconv', which takes it out of there, is not installed"},
  };

  run_rows (rows, G_N_ELEMENTS (rows));
}

/* A context of Mesa needs no display. */
static gboolean
has_gl (void)
{
  GstElement *pipeline;
  gboolean runs;

  pipeline = gst_parse_launch_full ("gltestsrc num-buffers=1 ! "
      "video/x-raw(memory:GLMemory),width=16,height=16 ! fakesink", NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  if (pipeline == NULL)
    return FALSE;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  runs = gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND)
      == GST_STATE_CHANGE_SUCCESS;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);

  return runs;
}

static void
test_gl_memory (void)
{
  static const Row rows[] = {
    {"upload", TEST_BLINK PICTURE " ! glupload ! glcolorconvert ! "
          "video/x-raw(memory:GLMemory),format=RGBA ! s.video",
        "video/x-raw,width=160,height=120,framerate=10/1"},
    {"odd", TEST_BLINK "video/x-raw,width=161,height=121 ! glupload ! s.video",
        "video/x-raw,width=160,height=120"},
  };

  if (has_gl ())
    run_rows (rows, G_N_ELEMENTS (rows));
  else
    g_test_skip ("there is no OpenGL here");
}

/* A tone in every other channel, beginning with the left one */
#define TWO "interleave name=i ! " SOUND "channels=2,channel-mask=(bitmask)0 " \
    "! s.audio " TEST_TONE SOUND "channels=1 ! i. " \
    TEST_TONE SOUND "channels=1 ! volume volume=0 ! i. "
#define FOUR "interleave name=i ! " SOUND \
    "channels=4,channel-mask=(bitmask)0 ! s.audio " \
    TEST_TONE SOUND "channels=1 ! i. " \
    TEST_TONE SOUND "channels=1 ! volume volume=0 ! i. " \
    TEST_TONE SOUND "channels=1 ! i. " \
    TEST_TONE SOUND "channels=1 ! volume volume=0 ! i. "

static void
test_channels (void)
{
  static const Row rows[] = {
    {"mono", TEST_TONE SOUND "channels=1,channel-mask=(bitmask)0 ! s.audio",
        "audio/x-raw", NULL, TRUE, TRUE},
    {"stereo", TWO, "audio/x-raw,channels=2", NULL, TRUE, FALSE},
    {"four", FOUR, "audio/x-raw,channels=2",
          "has 4 channels without positions; they are mixed to stereo", TRUE,
        FALSE},
    {"no-mask", TEST_TONE SOUND "channels=3,channel-mask=(bitmask)0 ! "
          "capssetter replace=true caps=audio/x-raw,rate=48000,channels=3,"
          "format=S16LE,layout=interleaved ! s.audio",
          "audio/x-raw,channels=2", "has 3 channels without positions", TRUE,
        TRUE},
    {"surround", TEST_TONE SOUND "channels=6,channel-mask=(bitmask)0x3f ! "
          "s.audio", "audio/x-raw,channels=2",
        "has 6 channels; they are mixed to stereo", TRUE, TRUE},
    {"telephone", "audio-caps=audio/x-alaw "
          TEST_TONE SOUND "channels=4,channel-mask=(bitmask)0 ! s.audio",
          "audio/x-raw,rate=8000",
        "has 4 channels without positions", TRUE, TRUE},
    {"too-many", TEST_TONE SOUND "channels=64,channel-mask=(bitmask)0 ! "
          "s.audio", NULL, "no more than 63 can be mixed"},
  };

  run_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_sound_formats (void)
{
  static const Row rows[] = {
    {"double", TEST_TONE SOUND "format=F64LE,channels=2 ! s.audio",
        "audio/x-raw,channels=2", NULL, TRUE, TRUE},
    {"bytes", TEST_TONE "audio/x-raw,format=U8,rate=11025,channels=1 ! s.audio",
        "audio/x-raw,channels=2", NULL, TRUE, TRUE},
    {"planes", TEST_TONE SOUND "layout=non-interleaved,channels=2 ! s.audio",
        "audio/x-raw,channels=2", NULL, TRUE, TRUE},
    {"fast", TEST_TONE "audio/x-raw,format=S32LE,rate=192000,channels=2 ! "
          "s.audio", "audio/x-raw,channels=2", NULL, TRUE, TRUE},
  };

  run_rows (rows, G_N_ELEMENTS (rows));
}

int
main (int argc, char **argv)
{
  g_setenv ("GST_GL_PLATFORM", "egl", FALSE);
  g_setenv ("GST_GL_WINDOW", "egl-device", FALSE);
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  gst_debug_set_default_threshold (GST_LEVEL_ERROR);
  gst_debug_add_log_function (on_log, NULL, NULL);

  test_add_in_real_time ("/sink-raw/framerates", test_framerates);
  test_add ("/sink-raw/unsound-framerate", test_unsound_framerate);
  test_add_in_real_time ("/sink-raw/formats", test_formats);
  test_add_in_real_time ("/sink-raw/sizes", test_sizes);
  test_add ("/sink-raw/changes", test_changes);
  test_add ("/sink-raw/unknown-memory", test_unknown_memory);
  test_add_in_real_time ("/sink-raw/gl-memory", test_gl_memory);
  test_add_in_real_time ("/sink-raw/channels", test_channels);
  test_add_in_real_time ("/sink-raw/sound-formats", test_sound_formats);

  return g_test_run ();
}
