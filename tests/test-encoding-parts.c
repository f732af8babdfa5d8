/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What decides about key frames, small pictures, B-frames and memory, each by
 * itself.
 */

#include <gst/check/gstharness.h>

#include "gstwsctlencoder.h"
#include "gstwsctlkeyframes.h"
#include "gstwsctlmitigation.h"
#include "gstwsctloffers.h"
#include "gstwsctlsendchain.h"
#include "testencoder.h"
#include "testsupport.h"
#include "wsctlframerate-private.h"
#include "wsctlpictures-private.h"

#define MS(n) ((gint64) (n) * 1000)

static void
test_key_frames (void)
{
  GstWsctlKeyFrames keys;

  gst_wsctl_key_frames_init (&keys);

  /* At once, then not before half a second, but then without being asked */
  g_assert_false (gst_wsctl_key_frames_is_due (&keys, MS (0), FALSE));
  g_assert_true (gst_wsctl_key_frames_demand (&keys, MS (0)));
  g_assert_false (gst_wsctl_key_frames_demand (&keys, MS (100)));
  g_assert_false (gst_wsctl_key_frames_is_due (&keys, MS (499), FALSE));
  g_assert_true (gst_wsctl_key_frames_is_due (&keys, MS (500), FALSE));
  g_assert_true (gst_wsctl_key_frames_demand (&keys, MS (500)));
  g_assert_false (gst_wsctl_key_frames_is_due (&keys, MS (5000), FALSE));

  /* One that comes of itself serves as well. */
  g_assert_true (gst_wsctl_key_frames_demand (&keys, MS (6000)));
  g_assert_false (gst_wsctl_key_frames_demand (&keys, MS (6100)));
  gst_wsctl_key_frames_note (&keys, MS (6200));
  g_assert_false (gst_wsctl_key_frames_is_due (&keys, MS (7000), FALSE));

  /* While one is missing, again and again */
  g_assert_true (gst_wsctl_key_frames_is_due (&keys, MS (7000), TRUE));
  g_assert_true (gst_wsctl_key_frames_demand (&keys, MS (7000)));
  g_assert_false (gst_wsctl_key_frames_is_due (&keys, MS (7499), TRUE));
  g_assert_true (gst_wsctl_key_frames_is_due (&keys, MS (7500), TRUE));

  /* Once an interval, counted from the last one, whoever wanted it */
  gst_wsctl_key_frames_set_interval (&keys, 2000);
  g_assert_false (gst_wsctl_key_frames_is_due (&keys, MS (8999), FALSE));
  g_assert_true (gst_wsctl_key_frames_is_due (&keys, MS (9000), FALSE));
  gst_wsctl_key_frames_note (&keys, MS (8000));
  g_assert_false (gst_wsctl_key_frames_is_due (&keys, MS (9999), FALSE));

  /* No interval is shorter than the limit. */
  gst_wsctl_key_frames_set_interval (&keys, 10);
  g_assert_true (gst_wsctl_key_frames_demand (&keys, MS (20000)));
  if (gst_wsctl_key_frames_is_due (&keys, MS (20100), FALSE))
    g_assert_false (gst_wsctl_key_frames_demand (&keys, MS (20100)));

  gst_wsctl_key_frames_clear (&keys);
}

#define ALL GST_WSCTL_MITIGATION_MODE_ALL
#define SMALLER GST_WSCTL_MITIGATION_MODE_DOWNSCALED
#define FEWER GST_WSCTL_MITIGATION_MODE_DOWNSAMPLED

static const struct
{
  GstWsctlMitigationMode modes;
  guint kbps;
  gint width, height, fps;
  gint to_width, to_height, to_fps;
} mitigations[] = {
  /* Enough, none allowed, or nothing known */
  {ALL, 4000, 1920, 1080, 30, 1920, 1080, 30},
  {ALL, 1000, 1280, 720, 30, 1280, 720, 30},
  {GST_WSCTL_MITIGATION_MODE_NONE, 100, 1280, 720, 30, 1280, 720, 30},
  {ALL, 0, 1280, 720, 30, 1280, 720, 30},
  /* As webrtcsink has it */
  {ALL, 1900, 1920, 1080, 30, 1280, 720, 30},
  {ALL, 900, 1280, 720, 30, 640, 360, 30},
  {ALL, 900, 1920, 1080, 30, 640, 360, 30},
  {ALL, 450, 1280, 720, 30, 640, 360, 15},
  {ALL, 450, 640, 360, 30, 640, 360, 15},
  /* One of the two */
  {SMALLER, 100, 1280, 720, 30, 640, 360, 30},
  {FEWER, 900, 1280, 720, 30, 1280, 720, 15},
  /* Upright; an odd size; never larger; a small picture needs little. */
  {ALL, 900, 720, 1280, 30, 360, 640, 30},
  {ALL, 300, 853, 480, 30, 640, 360, 15},
  {ALL, 400, 160, 120, 30, 160, 120, 30},
  {ALL, 20, 160, 120, 30, 160, 120, 15},
};

static GstWsctlPicture
choose (GstWsctlMitigationMode modes, guint kbps, gint width, gint height,
    gint fps, const GstWsctlPicture * now)
{
  GstWsctlPicture input = { width, height, fps, 1 };

  return gst_wsctl_mitigation_choose (modes, kbps * 1000, &input,
      now != NULL ? now : &input);
}

static void
test_mitigation (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (mitigations); i++) {
    GstWsctlPicture chosen = choose (mitigations[i].modes,
        mitigations[i].kbps, mitigations[i].width, mitigations[i].height,
        mitigations[i].fps, NULL);

    g_test_message ("%u: %dx%d", i, chosen.width, chosen.height);
    g_assert_cmpint (chosen.width, ==, mitigations[i].to_width);
    g_assert_cmpint (chosen.height, ==, mitigations[i].to_height);
    g_assert_cmpint (chosen.fps_n, ==, mitigations[i].to_fps * chosen.fps_d);
  }
}

/* What is small stays so until there is a quarter more. */
static void
test_mitigation_back (void)
{
  GstWsctlPicture small = choose (ALL, 900, 1280, 720, 30, NULL);
  GstWsctlPicture slow = choose (ALL, 450, 1280, 720, 30, NULL);
  GstWsctlPicture next;

  next = choose (ALL, 1100, 1280, 720, 30, &small);
  g_assert_cmpint (next.height, ==, 360);
  next = choose (ALL, 1300, 1280, 720, 30, &small);
  g_assert_cmpint (next.height, ==, 720);

  next = choose (ALL, 550, 1280, 720, 30, &slow);
  g_assert_cmpint (next.fps_n, ==, 15);
  next = choose (ALL, 650, 1280, 720, 30, &slow);
  g_assert_cmpint (next.fps_n, ==, 30);
  g_assert_cmpint (next.height, ==, 360);
}

/* H.264: header byte, then first_mb_in_slice 0 ("1") and slice_type. */
#define SPS 0x67, 0x42, 0xe0, 0x1f, 0x80
#define PPS 0x68, 0x80
#define RECOVERY 0x06, 6, 1, 0x80
#define TIMING 0x06, 1, 1, 6
#define AUD 0x09, 0x10
#define IDR 0x65, 0x88          /* 1 0001000: type 7 */
#define IDR_REST 0x65, 0x48     /* 010 001000: not from the top */
#define P_SLICE 0x41, 0x9a      /* 1 00110: type 5 */
#define B_SLICE 0x01, 0x9e      /* 1 00111: type 6 */
#define B_SLICE_SHORT 0x01, 0xa0        /* 1 010: type 1 */
#define I_SLICE 0x41, 0x88      /* 1 0001000: type 7 */
/* H.265: two header bytes; then first_slice_segment_in_pic_flag, for IRAP
 * no_output_of_prior_pics_flag, slice_pic_parameter_set_id 0, slice_type */
#define VPS5 0x40, 1, 0x0f
/* Of general_profile_space up to general_level_idc, zeros, and what follows: id 0,
 * chroma 1, 1x1, 8 bits, one sub-layer, so many pictures reordered */
#define SPS5(rest, end) 0x42, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, \
    0xa4, 0x9f, rest, end
#define SPS5_IN_ORDER SPS5 (0xe0, 0x80)
#define SPS5_REORDERS SPS5 (0x58, 0x80)
#define PPS5 0x44, 1, 0xc0, 0x80
#define IDR5 0x26, 1, 0xb0
#define CRA5 0x2a, 1, 0xb0
#define P5 0x02, 1, 0xd0        /* 1 1 010: type 1 */
#define B5 0x02, 1, 0xe0        /* 1 1 1: type 0 */
#define RECOVERY5 0x4e, 1, 6, 1, 0x80
#define START 0, 0, 0, 1
#define SIZE(n) 0, 0, 0, n

/* Pictures of one stream, each as it comes in and with what it becomes */
static const struct
{
  const gchar *codec;
  guint length_size;
  guint8 data[64];
  gsize size;
  gboolean starts;
  gboolean reordered;
  gsize grows;                  /* by the parameter sets put in front */
} pictures[] = {
  {"H264", 0, {START, P_SLICE}, 6, FALSE, FALSE, 0},
  {"H264", 0, {START, B_SLICE}, 6, FALSE, TRUE, 0},
  {"H264", 0, {START, B_SLICE_SHORT}, 6, FALSE, TRUE, 0},
  {"H264", 0, {START, IDR}, 6, TRUE, FALSE, 0},
  {"H264", 0, {START, SPS, START, B_SLICE}, 15, FALSE, TRUE, 0},
  {"H264", 0, {START, SPS, START, PPS, START, IDR}, 21, TRUE, FALSE, 0},
  /* Gradual refresh: a picture with one intra slice is no start. */
  {"H264", 0, {START, I_SLICE, START, P_SLICE}, 12, FALSE, FALSE, 0},
  {"H264", 0, {START, I_SLICE, 0, 0, 1, I_SLICE}, 11, TRUE, FALSE, 15},
  {"H264", 0, {START, RECOVERY, START, P_SLICE}, 14, TRUE, FALSE, 15},
  {"H264", 0, {START, AUD, 0, 0, 1, RECOVERY, 0, 0, 1, P_SLICE}, 18, TRUE,
      FALSE, 15},
  {"H264", 0, {START, TIMING, START, P_SLICE}, 14, FALSE, FALSE, 0},
  {"H264", 0, {START, IDR}, 6, TRUE, FALSE, 15},
  {"H264", 0, {START, IDR_REST}, 6, FALSE, FALSE, 0},
  /* Garbage */
  {"H264", 0, {0}, 0, FALSE, FALSE, 0},
  {"H264", 0, {START}, 4, FALSE, FALSE, 0},
  {"H264", 0, {START, 0x01}, 5, FALSE, FALSE, 0},
  {"H264", 0, {START, 0x01, 0}, 6, FALSE, FALSE, 0},
  {"H264", 0, {START, 0x06, 0xff, 0xff}, 7, FALSE, FALSE, 0},
  {"H264", 0, {START, 0x67}, 5, FALSE, FALSE, 0},
  {"H264", 0, {1, 2, 3, 4, 5, 6, 7}, 7, FALSE, FALSE, 0},

  {"H264", 4, {SIZE (2), P_SLICE}, 6, FALSE, FALSE, 0},
  {"H264", 4, {SIZE (2), B_SLICE}, 6, FALSE, TRUE, 0},
  {"H264", 4, {SIZE (2), IDR}, 6, TRUE, FALSE, 0},
  {"H264", 4, {SIZE (4), RECOVERY, SIZE (2), P_SLICE}, 14, TRUE, FALSE, 0},
  {"H264", 4, {SIZE (200), IDR}, 6, TRUE, FALSE, 0},
  {"H264", 4, {0xff, 0xff, 0xff, 0xff, B_SLICE}, 6, FALSE, TRUE, 0},
  {"H264", 4, {0}, 3, FALSE, FALSE, 0},
  {"H264", 2, {0, 2, IDR}, 4, TRUE, FALSE, 0},
  {"H264", 1, {2, IDR}, 3, TRUE, FALSE, 0},

  {"H265", 0, {START, B5}, 7, FALSE, FALSE, 0},
  {"H265", 0, {START, SPS5_IN_ORDER, START, B5}, 30, FALSE, FALSE, 0},
  {"H265", 0, {START, IDR5}, 7, TRUE, FALSE, 23},
  {"H265", 0, {START, SPS5_REORDERS, START, P5}, 30, FALSE, FALSE, 0},
  {"H265", 0, {START, B5}, 7, FALSE, TRUE, 0},
  {"H265", 0, {START, VPS5, START, PPS5, START, CRA5}, 22, TRUE, FALSE, 38},
  {"H265", 0, {START, RECOVERY5, START, P5}, 16, TRUE, FALSE, 38},
  {"H265", 4, {SIZE (3), CRA5}, 7, TRUE, FALSE, 0},

  {"VP8", 0, {0x10, 0, 0}, 3, TRUE, FALSE, 0},
  {"VP8", 0, {0x11, 0, 0}, 3, FALSE, FALSE, 0},
  {"VP8", 0, {0}, 0, FALSE, FALSE, 0},
  {"VP9", 0, {0x82, 0x49}, 2, TRUE, FALSE, 0},
  {"VP9", 0, {0x86, 0x00}, 2, FALSE, FALSE, 0},
  {"VP9", 0, {0x88}, 1, FALSE, FALSE, 0},
};

static void
take_framerate (GstWsctlFramerate * framerate, gint fps_n, gint fps_d)
{
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw",
      "framerate", GST_TYPE_FRACTION, fps_n, fps_d, NULL);

  gst_wsctl_framerate_take_caps (framerate, caps);
}

/* So many frames, one each @interval_ms; returns how often it changed. */
static guint
take_frames (GstWsctlFramerate * framerate, guint n, guint interval_ms,
    GstClockTime * pts)
{
  guint changes = 0;

  for (; n > 0; n--) {
    *pts += interval_ms * GST_MSECOND;
    changes += gst_wsctl_framerate_take_time (framerate, *pts);
  }

  return changes;
}

static void
test_framerate (void)
{
  GstWsctlFramerate framerate;
  GstClockTime pts = 0;
  guint i, changes = 0;

  gst_wsctl_framerate_init (&framerate);
  take_framerate (&framerate, 25, 1);
  g_assert_cmpint (framerate.fps_n, ==, 25);
  g_assert_cmpuint (take_frames (&framerate, 100, 100, &pts), ==, 0);

  /* Of none, or one that cannot be, 30 is assumed. */
  take_framerate (&framerate, 1000000000, 1);
  g_assert_cmpint (framerate.fps_n, ==, 30);
  g_assert_cmpuint (take_frames (&framerate, 100, 33, &pts), ==, 0);
  g_assert_cmpuint (take_frames (&framerate, 40, 100, &pts), >, 0);
  g_assert_cmpint (framerate.fps_n, ==, 10);

  /* Caps that change do not make it forgotten. */
  take_framerate (&framerate, 0, 1);
  g_assert_cmpint (framerate.fps_n, ==, 10);

  /* A screen on which nothing happens has no framerate. */
  g_assert_cmpuint (take_frames (&framerate, 10, 5000, &pts), ==, 0);
  g_assert_cmpint (framerate.fps_n, ==, 10);

  /* One that keeps changing is followed more and more slowly. */
  for (i = 0; i < 20; i++) {
    changes += take_frames (&framerate, 250, 20, &pts);
    changes += take_frames (&framerate, 50, 100, &pts);
  }
  g_assert_cmpuint (changes, >, 1);
  g_assert_cmpuint (changes, <, 8);

  /* Time that runs back begins anew. */
  pts = 0;
  g_assert_cmpuint (take_frames (&framerate, 5, 100, &pts), ==, 0);

  take_framerate (&framerate, 60, 1);
  g_assert_cmpint (framerate.fps_n, ==, 60);
}

static void
test_pictures (void)
{
  g_autoptr (GstWsctlPictures) reader = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (pictures); i++) {
    g_autoptr (GstBuffer) buffer =
        gst_buffer_new_allocate (NULL, pictures[i].size, NULL);
    gboolean starts;

    gst_buffer_fill (buffer, 0, pictures[i].data, pictures[i].size);

    /* Flags that come in are not trusted. */
    if (i % 2 == 0)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (i == 0 || !g_str_equal (pictures[i].codec, pictures[i - 1].codec)
        || pictures[i].length_size != pictures[i - 1].length_size) {
      g_clear_pointer (&reader, gst_wsctl_pictures_free);
      reader = gst_wsctl_pictures_new (pictures[i].codec,
          pictures[i].length_size);
    }

    g_test_message ("picture %u", i);
    buffer = gst_wsctl_pictures_take (reader, g_steal_pointer (&buffer));
    starts = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    g_assert_cmpint (starts, ==, pictures[i].starts);
    g_assert_cmpint (gst_wsctl_pictures_is_reordered (reader), ==,
        pictures[i].reordered);
    g_assert_cmpuint (gst_buffer_get_size (buffer), ==,
        pictures[i].size + pictures[i].grows);
  }
}

static const struct
{
  const gchar *caps;
  const gchar *field;           /* of what is offered */
  const gchar *value;
} profiles[] = {
  {"video/x-h264, profile=(string)constrained-baseline, level=(string)3.1",
      "profile-level-id", "42e01f"},
  {"video/x-h264, profile=(string)high, level=(string)4", "profile-level-id",
      "640028"},
  {"video/x-h264, profile=(string)progressive-high, level=(string)5.1",
      "profile-level-id", "640833"},
  {"video/x-h264, profile=(string)main", "profile-level-id", "4d001f"},
  {"video/x-h264, stream-format=avc3, codec_data=(buffer)014d401effe1",
      "profile-level-id", "4d401e"},
  {"video/x-h264, codec_data=(buffer)0000000167, profile=(string)main",
      "profile-level-id", "4d001f"},
  {"video/x-h264, codec_data=(buffer)01, profile=(string)baseline",
      "profile-level-id", "42001f"},
  /* What is not known is offered as what everybody takes. */
  {"video/x-h264, profile=(string)unheard-of", "profile-level-id", "42e01f"},
  {"video/x-h264", "profile-level-id", "42e01f"},
  {"application/x-rtp, media=video, encoding-name=H264, "
        "profile-level-id=(string)640028", "profile-level-id", "640028"},
  {"application/x-rtp, media=video, encoding-name=H265, "
        "level-id=(string)93", "level-id", "93"},
  {"video/x-h265", "profile-id", "1"},
  {"video/x-h265", "level-id", "153"},
  {"video/x-h265, profile=(string)main-10", "profile-id", "2"},
  {"video/x-h265, profile=(string)main-444", "profile-id", "4"},
  {"video/x-h265, profile=main, tier=(string)high", "tier-flag", "1"},
  {"video/x-h265, profile=main, tier=(string)main, level=(string)4.1",
      "level-id", "123"},
};

static void
test_profiles (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (profiles); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (profiles[i].caps);
    g_autoptr (GstCaps) offer =
        gst_wsctl_offers_make (GST_WSCTL_MEDIA_KIND_VIDEO, caps, TRUE, NULL);

    g_test_message ("%s", profiles[i].caps);
    g_assert_cmpstr (gst_structure_get_string (gst_caps_get_structure (offer,
                0), profiles[i].field), ==, profiles[i].value);
  }
}

/* H.265 is encoded only when it is asked for. */
static void
test_offer_h265 (void)
{
  g_autoptr (GstCaps) raw = gst_caps_from_string ("video/x-raw");
  g_autoptr (GstCaps) wanted = gst_caps_from_string ("video/x-h265");
  g_autoptr (GstCaps) usual =
      gst_wsctl_offers_make (GST_WSCTL_MEDIA_KIND_VIDEO, raw, TRUE, NULL);
  g_autoptr (GstCaps) asked =
      gst_wsctl_offers_make (GST_WSCTL_MEDIA_KIND_VIDEO, raw, TRUE, wanted);
  g_autoptr (GstCaps) h265 =
      gst_caps_from_string ("application/x-rtp, encoding-name=H265");

  g_assert_false (gst_caps_can_intersect (usual, h265));
  g_assert_true (gst_caps_is_subset (asked, h265));
}

/* Raw media: in the order of video-caps */
static void
test_offer_order (void)
{
  g_autoptr (GstCaps) raw = gst_caps_from_string ("video/x-raw");
  g_autoptr (GstCaps) wanted =
      gst_caps_from_string ("video/x-vp9; video/x-vp8; video/x-h264");
  g_autoptr (GstCaps) offer =
      gst_wsctl_offers_make (GST_WSCTL_MEDIA_KIND_VIDEO, raw, TRUE, wanted);
  static const gchar *const names[] = { "VP9", "VP8", "H264" };
  guint i;

  g_assert_cmpuint (gst_caps_get_size (offer), ==, G_N_ELEMENTS (names));
  for (i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (gst_structure_get_string (gst_caps_get_structure (offer,
                i), "encoding-name"), ==, names[i]);
}

static gboolean
do_nothing (GstElement * element, gpointer data)
{
  return FALSE;
}

static gboolean
allow (gpointer data)
{
  return TRUE;
}

static gboolean
take_frame (GstBuffer * frame, gpointer data)
{
  return TRUE;
}

static void
take_error (const GError * error, gpointer data)
{
  g_error ("%s", error->message);
}

static void
take_warning (const gchar * text, gpointer data)
{
  g_error ("%s", text);
}

static const GstWsctlSendChainCallbacks callbacks = {
  do_nothing, do_nothing, allow, take_frame, take_error, take_warning
};

/* Memory of a device comes to an encoder that takes it as it is. */
static void
check_memory (const gchar * feature, const gchar * encoder)
{
  g_autofree gchar *text = g_strdup_printf ("video/x-raw(%s), "
      "format=(string)NV12, width=(int)64, height=(int)48, "
      "framerate=(fraction)30/1", feature);
  g_autoptr (GstCaps) input = gst_caps_from_string (text);
  g_autoptr (GstCaps) rtp =
      gst_wsctl_codec_get_offer_caps (gst_wsctl_codec_find ("H264"), -1);
  g_autoptr (GError) error = NULL;
  GstElement *chain = gst_wsctl_send_chain_new (input, rtp, &callbacks, NULL,
      &error);
  GstHarness *harness;
  g_autoptr (GstElement) made = NULL;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstCaps) caps = NULL;

  g_assert_no_error (error);
  made = gst_bin_get_by_name (GST_BIN (chain), "encoder");
  g_assert_cmpstr (GST_OBJECT_NAME (gst_element_get_factory (made)), ==,
      encoder);
  harness = gst_harness_new_with_element (chain, "sink", "src");
  gst_object_unref (chain);
  gst_harness_set_src_caps (harness, gst_caps_ref (input));
  sink = gst_element_get_static_pad (made, "sink");
  caps = gst_pad_get_current_caps (sink);
  g_assert_true (gst_caps_is_equal (caps, input));
  gst_harness_teardown (harness);
}

static void
test_memory (void)
{
  test_encoder_register_device ("qsvh264enc", "memory:DMABuf");
  test_encoder_register_device ("nvh264enc", "memory:GLMemory");
  test_encoder_register_device ("vah264enc", "memory:VAMemory");
  check_memory ("memory:DMABuf", "qsvh264enc");
  check_memory ("memory:GLMemory", "nvh264enc");
  check_memory ("memory:VAMemory", "vah264enc");
}

static gboolean
is_taken (const GstCaps * caps, const gchar * text)
{
  g_autoptr (GstCaps) wanted = gst_caps_from_string (text);

  return gst_caps_is_subset (wanted, caps);
}

/* A source that has a choice is told of no memory that is of no use. */
static void
test_narrow_memory (void)
{
  g_autoptr (GstCaps) any =
      gst_caps_from_string ("video/x-raw(ANY), width=(int)64; video/x-vp8");
  g_autoptr (GstCaps) narrow = NULL;

  test_encoder_register_device ("vah264lpenc", "memory:VAMemory");
  narrow = gst_wsctl_encoder_narrow_memory (any);
  g_assert_true (is_taken (narrow, "video/x-raw, width=(int)64"));
  g_assert_true (is_taken (narrow, "video/x-raw(memory:VAMemory), "
          "width=(int)64"));
  g_assert_true (is_taken (narrow, "video/x-vp8"));
  g_assert_false (is_taken (narrow, "video/x-raw, width=(int)65"));
  g_assert_false (is_taken (narrow, "video/x-raw(memory:NVMM), "
          "width=(int)64"));
  g_assert_false (is_taken (narrow, "video/x-raw(memory:Fake), "
          "width=(int)64"));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/encoding-parts/key-frames", test_key_frames);
  test_add ("/encoding-parts/mitigation", test_mitigation);
  test_add ("/encoding-parts/mitigation-back", test_mitigation_back);
  test_add ("/encoding-parts/framerate", test_framerate);
  test_add ("/encoding-parts/pictures", test_pictures);
  test_add ("/encoding-parts/profiles", test_profiles);
  test_add ("/encoding-parts/offer-h265", test_offer_h265);
  test_add ("/encoding-parts/offer-order", test_offer_order);
  test_add ("/encoding-parts/memory", test_memory);
  test_add ("/encoding-parts/narrow-memory", test_narrow_memory);

  return g_test_run ();
}
