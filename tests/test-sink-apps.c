/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsink inside what applications are made of: bins from a description, bins of
 * their own, sinks that are made late, players that are given a sink.
 */

#include "testplayer.h"
#include "testsupport.h"

#define PICTURE TEST_BLINK "video/x-raw,width=160,height=120,framerate=10/1"
#define SOUND TEST_TONE "audio/x-raw,rate=48000,channels=2"

typedef struct
{
  GstWsctlServer *server;
  TestPipeline *sender;
  TestPlayer *video;            /* or NULL */
  TestPlayer *audio;            /* or NULL */
} Fixture;

/* @line: a source with an element q at its end, or all of it */
static void
start (Fixture * self, const gchar * line)
{
  g_autofree gchar *uri = NULL;
  g_autofree gchar *whole = NULL;

  self->server = test_wsctl_server_new (0);
  uri = test_wsctl_server_get_uri (self->server, "live");
  whole = g_strdup_printf (line, uri);
  self->sender = test_pipeline_new ("%s", whole);
}

static void
finish (Fixture * self, gboolean audio)
{
  test_pipeline_play (self->sender);
  self->video = test_player_new (self->server, "live", "video");
  if (audio)
    self->audio = test_player_new (self->server, "live", "audio");
  test_player_wait_blink (self->video);
  if (audio)
    test_player_wait_sound (self->audio, TRUE, TRUE);

  g_clear_pointer (&self->video, test_player_free);
  g_clear_pointer (&self->audio, test_player_free);
  test_pipeline_stop (self->sender);
  test_pipeline_assert_healthy (self->sender);
  g_clear_pointer (&self->sender, test_pipeline_free);
  g_clear_object (&self->server);
}

/* Links it behind q. */
static void
append (Fixture * self, GstElement * element)
{
  g_autoptr (GstElement) last = test_pipeline_find (self->sender, "q");

  gst_bin_add (GST_BIN (test_pipeline_get (self->sender)), element);
  g_assert_true (gst_element_link (last, element));
}

static GstElement *
parse_bin (Fixture * self, const gchar * format)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (self->server, "live");
  g_autofree gchar *description = g_strdup_printf (format, uri);
  g_autoptr (GError) error = NULL;
  GstElement *bin = gst_parse_bin_from_description (description, TRUE, &error);

  g_assert_no_error (error);
  /* None of an element inside of wsctlsink */
  g_assert_cmpint (bin->numpads, ==, 1);
  g_assert_cmpint (bin->numsinkpads, ==, 1);

  return bin;
}

static void
check_description (const gchar * description)
{
  Fixture self = { NULL, };

  start (&self, PICTURE " ! tee name=q q. ! queue ! fakesink async=false");
  append (&self, parse_bin (&self, description));
  finish (&self, FALSE);
}

static void
test_description (void)
{
  check_description ("queue ! wsctlsink uri=%s");
  check_description ("videoconvert ! x264enc tune=zerolatency ! "
      "wsctlsink uri=%s");
}

/* A bin of the application's, with ghost pads of the pads that it requests */
static GstElement *
new_sink_bin (Fixture * self, gboolean audio)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (self->server, "live");
  GstElement *bin = gst_bin_new (NULL);
  GstElement *sink = gst_element_factory_make ("wsctlsink", NULL);
  g_autoptr (GstPad) video = NULL;

  g_object_set (sink, "uri", uri, NULL);
  gst_bin_add (GST_BIN (bin), sink);
  video = gst_element_request_pad_simple (sink, "video");
  gst_element_add_pad (bin, gst_ghost_pad_new ("sink", video));
  if (audio) {
    g_autoptr (GstPad) pad = gst_element_request_pad_simple (sink, "audio");

    gst_element_add_pad (bin, gst_ghost_pad_new ("sound", pad));
  }

  return bin;
}

static void
test_ghost_pads (void)
{
  Fixture self = { NULL, };
  g_autoptr (GstElement) sound = NULL;
  GstElement *bin;

  start (&self, PICTURE " ! queue name=q " SOUND " ! queue name=sound");
  bin = new_sink_bin (&self, TRUE);
  append (&self, bin);
  sound = test_pipeline_find (self.sender, "sound");
  g_assert_true (gst_element_link_pads (sound, "src", bin, "sound"));
  finish (&self, TRUE);
}

/* As autovideosink: its pad has no target before READY. */
typedef struct
{
  GstBin parent;

  gchar *uri;
  GstPad *pad;
  GstElement *sink;
} LateSink;

typedef GstBinClass LateSinkClass;

static GType late_sink_get_type (void);
G_DEFINE_TYPE (LateSink, late_sink, GST_TYPE_BIN);

static GstStateChangeReturn
late_sink_change_state (GstElement * element, GstStateChange transition)
{
  LateSink *self = (LateSink *) element;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY) {
    g_autoptr (GstPad) target = NULL;

    self->sink = gst_element_factory_make ("wsctlsink", NULL);
    g_object_set (self->sink, "uri", self->uri, NULL);
    gst_bin_add (GST_BIN (self), self->sink);
    target = gst_element_request_pad_simple (self->sink, "video");
    gst_ghost_pad_set_target (GST_GHOST_PAD (self->pad), target);
  }

  return GST_ELEMENT_CLASS (late_sink_parent_class)->change_state (element,
      transition);
}

static void
late_sink_finalize (GObject * object)
{
  g_free (((LateSink *) object)->uri);

  G_OBJECT_CLASS (late_sink_parent_class)->finalize (object);
}

static void
late_sink_class_init (LateSinkClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = late_sink_finalize;
  GST_ELEMENT_CLASS (klass)->change_state = late_sink_change_state;
}

static void
late_sink_init (LateSink * self)
{
  self->pad = gst_ghost_pad_new_no_target ("sink", GST_PAD_SINK);
  gst_element_add_pad (GST_ELEMENT (self), self->pad);
}

static void
test_late_sink (void)
{
  Fixture self = { NULL, };
  LateSink *sink;

  start (&self, PICTURE " ! queue name=q");
  sink = g_object_new (late_sink_get_type (), NULL);
  sink->uri = test_wsctl_server_get_uri (self.server, "live");
  append (&self, GST_ELEMENT (sink));
  finish (&self, FALSE);
}

static void
test_async_handling (void)
{
  Fixture self = { NULL, };

  start (&self, "bin.( async-handling=true " PICTURE " ! wsctlsink uri=%s )");
  finish (&self, FALSE);
}

static void
test_playsink (void)
{
  Fixture self = { NULL, };
  g_autoptr (GstElement) playsink = NULL;

  start (&self, PICTURE " ! p.video_sink playsink name=p");
  playsink = test_pipeline_find (self.sender, "p");
  g_object_set (playsink, "video-sink", new_sink_bin (&self, FALSE), NULL);
  finish (&self, FALSE);
}

/* What wsctlsrc gives to a player goes out again. */
static void
check_playbin (const gchar * factory)
{
  Fixture self = { NULL, };
  g_autoptr (TestPipeline) source = NULL;
  g_autofree gchar *uri = NULL;
  g_autofree gchar *play_uri = NULL;

  start (&self, factory);
  uri = test_wsctl_server_get_uri (self.server, "source");
  source = test_pipeline_new (PICTURE " ! wsctlsink uri=%s", uri);
  test_pipeline_play (source);
  test_wsctl_server_wait_frames (self.server, "source", "video", 3);

  play_uri = g_strconcat ("wsctl", uri + strlen ("ws"), NULL);
  g_object_set (test_pipeline_get (self.sender), "uri", play_uri,
      "video-sink", new_sink_bin (&self, FALSE), NULL);
  finish (&self, FALSE);
  test_pipeline_assert_healthy (source);
}

static void
test_playbin (void)
{
  check_playbin ("playbin3");
  check_playbin ("playbin");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/sink-apps/description", test_description);
  test_add ("/sink-apps/ghost-pads", test_ghost_pads);
  test_add ("/sink-apps/late-sink", test_late_sink);
  test_add ("/sink-apps/async-handling", test_async_handling);
  test_add ("/sink-apps/playsink", test_playsink);
  test_add ("/sink-apps/playbin", test_playbin);

  return g_test_run ();
}
