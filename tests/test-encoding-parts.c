/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What decides about key frames, small pictures, B-frames and memory, each by
 * itself.
 */

#include <gst/check/gstharness.h>

#include "gstwsctlencoder.h"
#include "gstwsctlh264.h"
#include "gstwsctlkeyframes.h"
#include "gstwsctlmitigation.h"
#include "gstwsctloffers.h"
#include "gstwsctlsendchain.h"
#include "testencoder.h"
#include "testsupport.h"
#include "wsctlframerate-private.h"

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

/* Slices: header byte, then first_mb_in_slice 0 ("1") and slice_type. */
#define SPS 0x67, 0x42, 0xe0, 0x1f
#define P_SLICE 0x41, 0x9a      /* 1 00110: type 5 */
#define B_SLICE 0x01, 0x9e      /* 1 00111: type 6 */
#define B_SLICE_SHORT 0x01, 0xa0        /* 1 010: type 1 */
#define I_SLICE 0x65, 0x88      /* 1 0001000: type 7 */
#define START 0, 0, 0, 1
#define SIZE(n) 0, 0, 0, n

static const struct
{
  const gchar *caps;
  guint8 data[24];
  gsize size;
  gboolean is_b;
} frames[] = {
  {"byte-stream", {START, P_SLICE}, 6, FALSE},
  {"byte-stream", {START, B_SLICE}, 6, TRUE},
  {"byte-stream", {START, B_SLICE_SHORT}, 6, TRUE},
  {"byte-stream", {START, I_SLICE}, 6, FALSE},
  {"byte-stream", {START, SPS, START, B_SLICE}, 14, TRUE},
  {"avc", {SIZE (2), P_SLICE}, 6, FALSE},
  {"avc", {SIZE (2), B_SLICE}, 6, TRUE},
  {"avc", {SIZE (4), SPS, SIZE (2), B_SLICE}, 14, TRUE},
  /* Garbage */
  {"byte-stream", {0}, 0, FALSE},
  {"byte-stream", {START}, 4, FALSE},
  {"byte-stream", {START, 0x01}, 5, FALSE},
  {"byte-stream", {START, 0x01, 0}, 6, FALSE},
  {"byte-stream", {1, 2, 3, 4, 5, 6, 7}, 7, FALSE},
  {"avc", {SIZE (200), B_SLICE}, 6, FALSE},
  {"avc", {0xff, 0xff, 0xff, 0xff, B_SLICE}, 6, FALSE},
  {"avc", {0}, 3, FALSE},
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
test_b_frames (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (frames); i++) {
    g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-h264",
        "stream-format", G_TYPE_STRING, frames[i].caps, NULL);
    g_autoptr (GstBuffer) buffer =
        gst_buffer_new_allocate (NULL, frames[i].size, NULL);

    gst_buffer_fill (buffer, 0, frames[i].data, frames[i].size);
    g_test_message ("frame %u", i);
    g_assert_cmpint (gst_wsctl_h264_is_b_frame (buffer, caps), ==,
        frames[i].is_b);
  }
}

static const struct
{
  const gchar *caps;
  const gchar *id;
} ids[] = {
  {"video/x-h264, profile=(string)constrained-baseline, level=(string)3.1",
      "42e01f"},
  {"video/x-h264, profile=(string)high, level=(string)4", "640028"},
  {"video/x-h264, profile=(string)main", "4d001f"},
  {"video/x-h264, codec_data=(buffer)014d401effe1", "4d401e"},
  {"video/x-h264, codec_data=(buffer)01, profile=(string)baseline", "42001f"},
  {"video/x-h264, profile=(string)unheard-of", NULL},
  {"video/x-h264", NULL},
};

static void
test_profile_level_id (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (ids[i].caps);
    g_autofree gchar *id = gst_wsctl_h264_get_profile_level_id (caps);
    g_autoptr (GstCaps) offer = NULL;
    const gchar *offered;

    g_assert_cmpstr (id, ==, ids[i].id);
    gst_caps_set_simple (caps, "stream-format", G_TYPE_STRING, "avc", NULL);
    offer =
        gst_wsctl_offers_make (GST_WSCTL_MEDIA_KIND_VIDEO, caps, TRUE, NULL);
    offered =
        gst_structure_get_string (gst_caps_get_structure (offer, 0),
        "profile-level-id");
    /* What is not known is offered as what everybody takes. */
    g_assert_cmpstr (offered, ==, id != NULL ? id : "42e01f");
  }
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
  test_add ("/encoding-parts/b-frames", test_b_frames);
  test_add ("/encoding-parts/profile-level-id", test_profile_level_id);
  test_add ("/encoding-parts/offer-order", test_offer_order);
  test_add ("/encoding-parts/memory", test_memory);
  test_add ("/encoding-parts/narrow-memory", test_narrow_memory);

  return g_test_run ();
}
