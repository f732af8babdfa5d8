/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Encoded media go into wsctlsink in each form that parsers take. A player shows
 * moving pictures, or there is exactly one message.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "testpipeline.h"
#include "testsupport.h"

#define RAW(size) "videotestsrc is-live=true pattern=ball ! " \
    "video/x-raw,format=I420," size ",framerate=15/1 ! "
#define PICTURE RAW ("width=160,height=120")
#define X264 PICTURE "x264enc tune=zerolatency speed-preset=ultrafast " \
    "key-int-max=15 "
#define X265 PICTURE "x265enc tune=zerolatency speed-preset=ultrafast " \
    "key-int-max=15 "
#define CHANGE " ! identity name=change "
#define TONE(channels) "audiotestsrc is-live=true samplesperbuffer=480 ! " \
    "audio/x-raw,rate=48000,channels=" channels " ! audioconvert ! "
/* So many pictures that are not like the one before */
#define N_MOVING 8
#define N_SOUNDS 20
#define MAX_ROWS 16
/* More than from one key frame or recovery point to the next: a player begins with
 * another one than the first */
#define N_BEFORE 20
#define SEI 6                   /* nal_unit_type */

/* What is done to the stream between the encoder and wsctlsink */
typedef enum
{
  CHANGE_NONE,
  CHANGE_NO_ALIGNMENT,          /* nothing in the caps */
  CHANGE_LENGTH_1,              /* bytes of each unit's length */
  CHANGE_LENGTH_2,
  CHANGE_NO_SETS,               /* parameter sets in codec_data only */
  CHANGE_SETS_ONCE,             /* in the first picture only */
  CHANGE_NO_CODEC_DATA,
  CHANGE_NO_FLAGS,              /* no DELTA_UNIT */
  CHANGE_BARE_CAPS,             /* the name alone */
  CHANGE_SIX_FRAMES,            /* of Opus in one packet */
  CHANGE_COUNT_HIDDEN,          /* nothing, but frames that are not shown */
} Change;

typedef struct
{
  const gchar *name;
  const gchar *line;
  Change change;
  const gchar *error;           /* in the one error, or NULL: it works */
  const gchar *warning;         /* in the one warning, or NULL: there is none */
} Row;

/* A row that runs */
typedef struct
{
  const Row *row;
  TestPipeline *sender;
  TestPipeline *player;
  TestTap *tap;
  GByteArray *kept;             /* streaming thread */
  guint n_kept;
  guint n_hidden;
} Run;

static gboolean
is_set (guint8 header)
{
  return (header & 0x1f) == 7 || (header & 0x1f) == 8;
}

/* Of avc with lengths of four bytes to the row's form */
static GstBuffer *
change_units (Run * run, GstBuffer * buffer)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Change change = run->row->change;
  GstBuffer *changed;
  GstMapInfo map;
  gsize i = 0;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  while (i + 4 < map.size) {
    guint32 size = GST_READ_UINT32_BE (map.data + i);
    guint8 length[4];

    GST_WRITE_UINT32_BE (length, size);
    i += 4 + size;
    /* What the encoder says of itself is long, and of no use. */
    if (change == CHANGE_LENGTH_1 && (map.data[i - size] & 0x1f) == SEI)
      continue;
    if (change == CHANGE_LENGTH_1) {
      g_assert_cmpuint (size, <=, 0xff);
      g_byte_array_append (bytes, length + 3, 1);
    } else if (change == CHANGE_LENGTH_2) {
      g_byte_array_append (bytes, length + 2, 2);
    } else if (is_set (map.data[i - size])) {
      continue;
    } else {
      g_byte_array_append (bytes, length, 4);
    }
    g_byte_array_append (bytes, map.data + i - size, size);
  }
  gst_buffer_unmap (buffer, &map);

  changed = gst_buffer_new_memdup (bytes->data, bytes->len);
  gst_buffer_copy_into (changed, buffer, GST_BUFFER_COPY_METADATA, 0, -1);
  gst_buffer_unref (buffer);

  return changed;
}

/* byte-stream with start codes of four bytes in front of the sets */
static GstBuffer *
drop_sets (Run * run, GstBuffer * buffer)
{
  GstMapInfo map;
  gsize i, from = 0;

  if (run->n_kept++ == 0)
    return buffer;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (i = 0; i + 3 < map.size && i < 200; i++) {
    if (memcmp (map.data + i, "\0\0\1", 3) == 0 && is_set (map.data[i + 3]))
      from = i + 3;
  }
  while (from > 0 && from + 3 < map.size
      && memcmp (map.data + from, "\0\0\1", 3) != 0)
    from++;
  gst_buffer_unmap (buffer, &map);
  buffer = gst_buffer_make_writable (buffer);
  gst_buffer_resize (buffer, from, -1);

  return buffer;
}

/* Six packets of one frame each (RFC 6716, 3.2.5); NULL: not yet */
static GstBuffer *
join_packets (Run * run, GstBuffer * buffer)
{
  guint8 head[2] = { 0, 6 };
  GstBuffer *joined;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  head[0] = map.data[0] | 3;
  if (run->n_kept == 0)
    g_byte_array_append (run->kept, head, 2);
  g_byte_array_append (run->kept, map.data + 1, map.size - 1);
  gst_buffer_unmap (buffer, &map);
  if (++run->n_kept < 6) {
    gst_buffer_unref (buffer);
    return NULL;
  }

  joined = gst_buffer_new_memdup (run->kept->data, run->kept->len);
  gst_buffer_copy_into (joined, buffer, GST_BUFFER_COPY_METADATA, 0, -1);
  GST_BUFFER_PTS (joined) -= 5 * GST_BUFFER_DURATION (buffer);
  GST_BUFFER_DURATION (joined) *= 6;
  gst_buffer_unref (buffer);
  g_byte_array_set_size (run->kept, 0);
  run->n_kept = 0;

  return joined;
}

/* VP8: a buffer of its own; VP9: in front of another in a superframe (annex B) */
static gboolean
is_hidden (GstBuffer * buffer)
{
  guint8 last = 0;

  gst_buffer_extract (buffer, gst_buffer_get_size (buffer) - 1, &last, 1);

  return GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DECODE_ONLY)
      || (last & 0xe0) == 0xc0;
}

static GstEvent *
change_caps (Run * run, GstEvent * event)
{
  Change change = run->row->change;
  g_autoptr (GstCaps) caps = NULL;
  GstStructure *structure;
  GstCaps *before;

  gst_event_parse_caps (event, &before);
  caps = gst_caps_copy (before);
  structure = gst_caps_get_structure (caps, 0);
  if (change == CHANGE_NO_ALIGNMENT)
    gst_structure_remove_field (structure, "alignment");
  if (change == CHANGE_BARE_CAPS)
    gst_structure_remove_all_fields (structure);
  if (change == CHANGE_NO_CODEC_DATA)
    gst_structure_remove_field (structure, "codec_data");
  if (change == CHANGE_LENGTH_1 || change == CHANGE_LENGTH_2) {
    const GValue *value = gst_structure_get_value (structure, "codec_data");
    GstBuffer *data = gst_buffer_copy_deep (gst_value_get_buffer (value));
    guint8 flags = 0xfc | (change == CHANGE_LENGTH_1 ? 0 : 1);

    gst_buffer_fill (data, 4, &flags, 1);
    gst_structure_set (structure, "codec_data", GST_TYPE_BUFFER, data, NULL);
    gst_buffer_unref (data);
  }
  gst_event_unref (event);

  return gst_event_new_caps (caps);
}

static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Run *run = data;
  GstBuffer *buffer;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS)
      GST_PAD_PROBE_INFO_DATA (info) =
          change_caps (run, GST_PAD_PROBE_INFO_EVENT (info));
    return GST_PAD_PROBE_OK;
  }

  buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  switch (run->row->change) {
    case CHANGE_LENGTH_1:
    case CHANGE_LENGTH_2:
    case CHANGE_NO_SETS:
      buffer = change_units (run, buffer);
      break;
    case CHANGE_SETS_ONCE:
      buffer = drop_sets (run, buffer);
      break;
    case CHANGE_SIX_FRAMES:
      buffer = join_packets (run, buffer);
      break;
    case CHANGE_COUNT_HIDDEN:
      run->n_hidden += is_hidden (buffer);
      break;
    case CHANGE_NO_FLAGS:
      buffer = gst_buffer_make_writable (buffer);
      GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
      break;
    default:
      break;
  }
  GST_PAD_PROBE_INFO_DATA (info) = buffer;

  return buffer == NULL ? GST_PAD_PROBE_HANDLED : GST_PAD_PROBE_OK;
}

static void
start_sender (Run * run, GstWsctlServer * server)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, run->row->name);
  g_autoptr (GstElement) change = NULL;

  run->kept = g_byte_array_new ();
  run->sender = test_pipeline_new ("%s ! wsctlsink uri=%s", run->row->line,
      uri);
  change = gst_bin_get_by_name (GST_BIN (test_pipeline_get (run->sender)),
      "change");
  if (change != NULL) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (change, "src");

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
        | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_data, run, NULL);
  }
  g_assert_cmpint (change != NULL, ==, run->row->change != CHANGE_NONE);
  test_pipeline_play (run->sender);
}

static void
start_player (Run * run, GstWsctlServer * server, const gchar * kind)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, run->row->name);

  if (run->row->error != NULL)
    return;

  test_wsctl_server_wait_frames (server, run->row->name, kind, N_BEFORE);
  run->player = test_pipeline_new ("wsctlsrc name=s uri=%s s.%s_0 ! %s ! "
      "fakesink name=out async=false sync=false", uri, kind,
      *kind == 'v' ? "videoconvert ! video/x-raw,format=I420"
      : "audioconvert ! audio/x-raw,format=S16LE,channels=1");
  test_pipeline_play (run->player);
  run->tap = test_tap_new (run->player, "out", "sink");
}

/* The ball moves from each picture to the next. */
static void
wait_moving (TestTap * tap)
{
  g_autoptr (GstBuffer) before = NULL;
  guint n = 0;

  while (n < N_MOVING) {
    g_autoptr (GstBuffer) buffer = NULL;
    GstMapInfo one, other;

    test_tap_wait (tap, 1);
    buffer = test_tap_get_buffer (tap);
    if (before != NULL) {
      gst_buffer_map (before, &one, GST_MAP_READ);
      gst_buffer_map (buffer, &other, GST_MAP_READ);
      n += one.size != other.size || memcmp (one.data, other.data,
          one.size) != 0;
      gst_buffer_unmap (before, &one);
      gst_buffer_unmap (buffer, &other);
    }
    gst_buffer_replace (&before, buffer);
  }
}

static void
expect_warning (Run * run)
{
  GstMessage *message = test_pipeline_wait_type (run->sender,
      GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  gst_message_parse_warning (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, run->row->warning));
  g_assert_cmpuint (test_pipeline_count_type (run->sender,
          GST_MESSAGE_WARNING), ==, 1);
  test_pipeline_forget (run->sender);
}

static void
check_run (Run * run, const gchar * kind)
{
  if (run->row->error != NULL) {
    test_pipeline_expect_error (run->sender, GST_STREAM_ERROR,
        GST_STREAM_ERROR_FORMAT, run->row->error);
    return;
  }

  if (*kind == 'v')
    wait_moving (run->tap);
  else
    test_tap_wait (run->tap, N_SOUNDS);
  if (run->row->warning != NULL)
    expect_warning (run);
  if (run->row->change == CHANGE_COUNT_HIDDEN)
    g_assert_cmpuint (run->n_hidden, >, 0);
  test_pipeline_assert_healthy (run->sender);
  test_pipeline_assert_healthy (run->player);
}

static void
clear_run (Run * run)
{
  g_clear_pointer (&run->tap, test_tap_free);
  g_clear_pointer (&run->player, test_pipeline_free);
  g_clear_pointer (&run->sender, test_pipeline_free);
  g_byte_array_unref (run->kept);
}

/* All at once */
static void
check_rows (const Row * rows, guint n, const gchar * kind)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  Run runs[MAX_ROWS] = { {NULL,}, };
  guint i;

  g_assert_cmpuint (n, <=, MAX_ROWS);
  for (i = 0; i < n; i++) {
    runs[i].row = &rows[i];
    start_sender (&runs[i], server);
  }
  for (i = 0; i < n; i++) {
    g_test_message ("play %s", rows[i].name);
    start_player (&runs[i], server, kind);
  }
  for (i = 0; i < n; i++) {
    g_test_message ("%s", rows[i].name);
    check_run (&runs[i], kind);
  }
  for (i = 0; i < n; i++)
    clear_run (&runs[i]);
}

static void
test_h264 (void)
{
  static const Row rows[] = {
    {"no-alignment", X264 "! video/x-h264,stream-format=byte-stream" CHANGE,
        CHANGE_NO_ALIGNMENT, NULL},
    {"pieces", X264 "! video/x-h264,stream-format=byte-stream ! "
          "rndbuffersize min=50 max=500" CHANGE, CHANGE_NO_ALIGNMENT, NULL,
        "no timestamps"},
    {"units", X264 "! h264parse ! video/x-h264,stream-format=byte-stream,"
          "alignment=nal", CHANGE_NONE, NULL},
    {"avc3", X264 "! h264parse ! video/x-h264,stream-format=avc3",
        CHANGE_NONE, NULL},
    {"length-1", X264 "option-string=slice-max-size=150 ! h264parse ! "
          "video/x-h264,stream-format=avc" CHANGE, CHANGE_LENGTH_1, NULL},
    {"length-2", X264 "! video/x-h264,stream-format=avc" CHANGE,
        CHANGE_LENGTH_2, NULL},
    {"bare-264", X264 "! video/x-h264,stream-format=byte-stream" CHANGE,
        CHANGE_BARE_CAPS, NULL},
    {"no-delimiter", X264 "aud=false ! video/x-h264,stream-format=byte-stream",
        CHANGE_NONE, NULL},
    {"no-sets", X264 "! video/x-h264,stream-format=avc" CHANGE,
        CHANGE_NO_SETS, NULL},
    {"no-flags", X264 "! video/x-h264,stream-format=byte-stream" CHANGE,
        CHANGE_NO_FLAGS, NULL},
    {"baseline", X264 "! video/x-h264,profile=baseline", CHANGE_NONE, NULL},
  };

  check_rows (rows, G_N_ELEMENTS (rows), "video");
}

static void
test_h264_more (void)
{
  static const Row rows[] = {
    {"refresh", PICTURE "x264enc tune=zerolatency intra-refresh=true "
          "key-int-max=15", CHANGE_NONE, NULL},
    {"refresh-avc", PICTURE "x264enc tune=zerolatency intra-refresh=true "
          "key-int-max=15 ! video/x-h264,stream-format=avc" CHANGE,
        CHANGE_NO_SETS, NULL},
    {"sets-once", X264 "! video/x-h264,stream-format=byte-stream" CHANGE,
        CHANGE_SETS_ONCE, NULL},
    {"high", RAW ("width=1920,height=1080") "x264enc tune=zerolatency "
          "speed-preset=ultrafast key-int-max=15 ! "
          "video/x-h264,profile=high", CHANGE_NONE, NULL},
    {"b-frames", PICTURE "x264enc bframes=2 b-adapt=false rc-lookahead=2",
        CHANGE_NONE, "the H264 that comes in has B-frames"},
    {"no-codec-data", X264 "! video/x-h264,stream-format=avc" CHANGE,
        CHANGE_NO_CODEC_DATA, "has no codec_data"},
  };

  check_rows (rows, G_N_ELEMENTS (rows), "video");
}

static void
test_h265 (void)
{
  static const Row rows[] = {
    {"plain", X265 "option-string=bframes=0", CHANGE_NONE, NULL},
    {"hvc1", X265 "option-string=bframes=0 ! h265parse ! "
          "video/x-h265,stream-format=hvc1", CHANGE_NONE, NULL},
    {"hev1", X265 "option-string=bframes=0 ! h265parse ! "
          "video/x-h265,stream-format=hev1", CHANGE_NONE, NULL},
    {"no-alignment-265", X265 "option-string=bframes=0 ! "
          "video/x-h265,stream-format=byte-stream" CHANGE,
        CHANGE_NO_ALIGNMENT, NULL},
    {"bare-265", X265 "option-string=bframes=0" CHANGE, CHANGE_BARE_CAPS,
        NULL},
    {"refresh-265", PICTURE "x265enc tune=zerolatency speed-preset=ultrafast "
          "key-int-max=15 option-string=bframes=0:intra-refresh=1",
        CHANGE_NONE, NULL},
    {"b-frames-265", PICTURE "x265enc speed-preset=ultrafast "
          "option-string=bframes=2:b-adapt=0:rc-lookahead=3:frame-threads=1",
        CHANGE_NONE, "the H265 that comes in has B-frames"},
  };

  check_rows (rows, G_N_ELEMENTS (rows), "video");
}

/* Encoders make such frames in a second pass only. */
static void
test_hidden (void)
{
  static const gchar *const encoders[] = { "vp8enc", "vp9enc" };
  g_autofree gchar *folder = g_dir_make_tmp ("wsctl-XXXXXX", NULL);
  Row rows[G_N_ELEMENTS (encoders)] = { {NULL,}, };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (encoders); i++) {
    g_autofree gchar *encoder = g_strdup_printf ("videotestsrc pattern=ball "
        "num-buffers=150 ! video/x-raw,format=I420,width=160,height=120,"
        "framerate=15/1 ! %s deadline=1000000 cpu-used=4 auto-alt-ref=true "
        "lag-in-frames=16 arnr-maxframes=5 keyframe-max-dist=30 "
        "multipass-cache-file=%s/%s multipass-mode=", encoders[i], folder,
        encoders[i]);
    g_autoptr (TestPipeline) first = test_pipeline_new ("%sfirst-pass ! "
        "fakesink", encoder);

    test_pipeline_play (first);
    test_pipeline_wait_type (first, GST_MESSAGE_EOS);
    rows[i].name = encoders[i];
    rows[i].line = g_strconcat (encoder, "last-pass" CHANGE, NULL);
    rows[i].change = CHANGE_COUNT_HIDDEN;
  }

  check_rows (rows, G_N_ELEMENTS (rows), "video");

  for (i = 0; i < G_N_ELEMENTS (encoders); i++) {
    g_autofree gchar *file = g_build_filename (folder, encoders[i], NULL);

    g_remove (file);
    g_free ((gchar *) rows[i].line);
  }
  g_rmdir (folder);
}

static void
test_vpx (void)
{
  static const Row rows[] = {
    {"vp8-bare", PICTURE "vp8enc deadline=1 keyframe-max-dist=15" CHANGE,
        CHANGE_BARE_CAPS, NULL},
    {"vp9-bare", PICTURE "vp9enc deadline=1 cpu-used=8 "
          "keyframe-max-dist=15" CHANGE, CHANGE_BARE_CAPS, NULL},
    {"vp8-no-flags", PICTURE "vp8enc deadline=1 keyframe-max-dist=15" CHANGE,
        CHANGE_NO_FLAGS, NULL},
    {"vp9-no-flags", PICTURE "vp9enc deadline=1 cpu-used=8 "
          "keyframe-max-dist=15" CHANGE, CHANGE_NO_FLAGS, NULL},
  };

  check_rows (rows, G_N_ELEMENTS (rows), "video");
}

static void
test_audio (void)
{
  static const Row rows[] = {
    {"frames-2.5", TONE ("1") "opusenc frame-size=2.5", CHANGE_NONE, NULL},
    {"frames-5", TONE ("2") "opusenc frame-size=5", CHANGE_NONE, NULL},
    {"frames-10", TONE ("2") "opusenc frame-size=10", CHANGE_NONE, NULL},
    {"frames-40", TONE ("2") "opusenc frame-size=40", CHANGE_NONE, NULL},
    {"frames-60", TONE ("1") "opusenc frame-size=60", CHANGE_NONE, NULL},
    {"frames-120", TONE ("2") "opusenc frame-size=20 bitrate-type=cbr" CHANGE,
        CHANGE_SIX_FRAMES, NULL},
    {"bare", TONE ("2") "opusenc" CHANGE, CHANGE_BARE_CAPS, NULL},
    {"cbr", TONE ("2") "opusenc bitrate-type=cbr", CHANGE_NONE, NULL},
    {"dtx", TONE ("1") "opusenc audio-type=voice dtx=true", CHANGE_NONE, NULL},
    {"five-one", TONE ("6,channel-mask=(bitmask)0x3f") "opusenc", CHANGE_NONE,
        "6 channels"},
    {"alaw-wide", "audiotestsrc is-live=true ! audio/x-raw,rate=16000,"
          "channels=1 ! alawenc", CHANGE_NONE, "16000 Hz and 1 channels"},
  };

  check_rows (rows, G_N_ELEMENTS (rows), "audio");
}

/* H.265 is encoded when video-caps asks for it. */
static void
test_h265_on_request (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "raw");
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      "wsctlsink uri=%s video-caps=video/x-h265", uri);
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (GstStructure) stream = NULL;
  g_autoptr (TestTap) tap = NULL;
  const GstStructure *open;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "raw", "video", 1);
  player = test_pipeline_new ("wsctlsrc name=s uri=%s s.video_0 ! "
      "videoconvert ! video/x-raw,format=I420 ! "
      "fakesink name=out async=false sync=false", uri);
  test_pipeline_play (player);
  tap = test_tap_new (player, "out", "sink");
  open = test_pipeline_wait_element (player, "wsctl-open");
  gst_structure_get (open, "stream", GST_TYPE_STRUCTURE, &stream, NULL);
  g_assert_cmpstr (gst_structure_get_string (stream, "video-codec"), ==,
      "H265");
  wait_moving (tap);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

/* Another picture size, and with it other parameter sets, in each form */
static void
check_new_sets (const gchar * format)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "sets");
  g_autoptr (TestPipeline) sender = test_pipeline_new ("videotestsrc "
      "is-live=true pattern=ball ! capsfilter name=f "
      "caps=video/x-raw,width=160,height=120,framerate=15/1 ! "
      "x264enc tune=zerolatency speed-preset=ultrafast ! h264parse ! "
      "video/x-h264,stream-format=%s,alignment=au ! wsctlsink uri=%s", format,
      uri);
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (TestTap) tap = NULL;
  g_autoptr (GstElement) filter = test_pipeline_find (sender, "f");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "sets", "video", 1);
  player = test_pipeline_new ("wsctlsrc name=s uri=%s s.video_0 ! "
      "fakesink name=out async=false sync=false", uri);
  test_pipeline_play (player);
  tap = test_tap_new (player, "out", "sink");
  test_tap_wait_caps (tap, "video/x-raw,width=160,height=120");
  gst_util_set_object_arg (G_OBJECT (filter), "caps",
      "video/x-raw,width=320,height=240,framerate=15/1");
  test_tap_wait_caps (tap, "video/x-raw,width=320,height=240");
  wait_moving (tap);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

static void
test_new_sets (void)
{
  check_new_sets ("byte-stream");
  check_new_sets ("avc");
  check_new_sets ("avc3");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/sink-encoded/h264", test_h264);
  test_add_in_real_time ("/sink-encoded/h264-more", test_h264_more);
  test_add_in_real_time ("/sink-encoded/h265", test_h265);
  test_add ("/sink-encoded/h265-on-request", test_h265_on_request);
  test_add_in_real_time ("/sink-encoded/vpx", test_vpx);
  test_add_in_real_time ("/sink-encoded/hidden", test_hidden);
  test_add_in_real_time ("/sink-encoded/audio", test_audio);
  test_add ("/sink-encoded/new-sets", test_new_sets);

  return g_test_run ();
}
