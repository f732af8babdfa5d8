/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A publisher of the library's own, as an application writes it: a controller,
 * its connection's element in a pipeline, and tracks that are put into their
 * places. No element of the plugin.
 */

#include <gst/gst.h>

#include "testsupport.h"
#include "wsctlcontroller.h"
#include "wsctlserver-private.h"

#define TRACK "videotestsrc is-live=true ! " \
    "video/x-raw,width=160,height=120,framerate=15/1 ! " \
    "vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay pt=104"
/* RTCP comes within 5 s, and stopped the clock. */
#define MEDIA_MS 7000

typedef struct
{
  GMainContext *context;
  GstWsctlServer *server;
  GstWsctlController *controller;
  GstElement *pipeline;
  GstElement *track;
  gboolean opened;

  /* Written on the library's loop */
  gint connected;               /* atomic */
  gint asked;                   /* atomic: the track, for its latency */
  GMutex lock;                  /* of the rest */
  gint64 first_us;              /* when the first report came … */
  gint64 first_ms;              /* … and what it said */
  gint64 last_ms;
  gint64 last_us;
} Publisher;

static void
on_opened (GObject * controller, GAsyncResult * result, gpointer data)
{
  Publisher *self = data;
  g_autoptr (GError) error = NULL;

  gst_wsctl_controller_open_finish (GST_WSCTL_CONTROLLER (controller), result,
      &error);
  g_assert_no_error (error);
  self->opened = TRUE;
}

static void
on_connected (GstWsctlController * controller, Publisher * self)
{
  g_atomic_int_set (&self->connected, TRUE);
  g_main_context_wakeup (self->context);
}

static void
on_media_report (GstWsctlController * controller, GstStructure * report,
    Publisher * self)
{
  gint64 millis = 0;

  gst_structure_get_int64 (report, "millis", &millis);
  if (millis == 0)
    return;

  g_mutex_lock (&self->lock);
  self->last_ms = millis;
  self->last_us = g_get_monotonic_time ();
  if (self->first_us == 0) {
    self->first_us = self->last_us;
    self->first_ms = self->last_ms;
  }
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->context);
}

static Publisher *
new_publisher (void)
{
  static const gchar *const codecs[] = { "VP8", NULL };
  GstWsctlServerParams params = { NULL, };
  Publisher *self = g_new0 (Publisher, 1);
  g_autoptr (GstWsctlConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *base = NULL;
  g_autofree gchar *uri = NULL;

  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->lock);
  self->server = gst_wsctl_server_new (&params);
  g_assert_true (gst_wsctl_server_start (self->server, &error));
  base = gst_wsctl_server_get_uri (self->server);
  uri = g_strconcat (base, "/webrtc/live", NULL);
  config = gst_wsctl_config_new (uri);
  self->controller = gst_wsctl_controller_new (config, GST_WSCTL_ROLE_PUBLISH,
      &error);
  g_assert_no_error (error);
  g_signal_connect (self->controller, "on-connected",
      G_CALLBACK (on_connected), self);
  g_signal_connect (self->controller, "on-media-report",
      G_CALLBACK (on_media_report), self);
  self->track = gst_parse_bin_from_description (TRACK, TRUE, &error);
  g_assert_no_error (error);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_element_set_locked_state (self->track, TRUE);
  gst_bin_add_many (GST_BIN (self->pipeline), self->track,
      gst_wsctl_connection_get_element (gst_wsctl_controller_get_connection
          (self->controller)), NULL);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_assert_true (gst_wsctl_controller_set_codecs (self->controller, codecs));
  gst_wsctl_controller_open_async (self->controller, NULL, on_opened, self);

  return self;
}

static void
free_publisher (Publisher * self)
{
  gst_wsctl_controller_close (self->controller, NULL);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_signal_handlers_disconnect_by_data (self->controller, self);
  g_object_unref (self->controller);
  gst_object_unref (self->pipeline);
  gst_wsctl_server_stop (self->server);
  g_object_unref (self->server);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
is_opened (gpointer data)
{
  return ((Publisher *) data)->opened;
}

static gboolean
is_connected (gpointer data)
{
  return g_atomic_int_get (&((Publisher *) data)->connected);
}

static gboolean
is_asked (gpointer data)
{
  return g_atomic_int_get (&((Publisher *) data)->asked);
}

static GstPadProbeReturn
on_query (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Publisher *self = data;

  if (GST_QUERY_TYPE (GST_PAD_PROBE_INFO_QUERY (info)) == GST_QUERY_LATENCY) {
    g_atomic_int_set (&self->asked, TRUE);
    g_main_context_wakeup (self->context);
  }

  return GST_PAD_PROBE_OK;
}

static gboolean
has_much_media (gpointer data)
{
  Publisher *self = data;
  gboolean much;

  g_mutex_lock (&self->lock);
  much = self->first_us != 0 && self->last_ms >= self->first_ms + MEDIA_MS;
  g_mutex_unlock (&self->lock);

  return much;
}

static void
send_track (Publisher * self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->track, "src");
  g_autoptr (GError) error = NULL;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM, on_query, self,
      NULL);
  gst_wsctl_controller_replace_track (self->controller,
      GST_WSCTL_MEDIA_KIND_VIDEO, pad, &error);
  g_assert_no_error (error);
  gst_element_set_locked_state (self->track, FALSE);
  gst_element_sync_state_with_parent (self->track);
}

static void
check_media_time (Publisher * self)
{
  gint64 passed_ms, media_ms;

  test_wait_until (NULL, is_asked, self, 0,
      "webrtcbin to ask for the latency of the track");
  test_wait_until (NULL, has_much_media, self, MEDIA_MS * 3,
      "the media time of the server to go on");
  g_mutex_lock (&self->lock);
  passed_ms = (self->last_us - self->first_us) / 1000;
  media_ms = self->last_ms - self->first_ms;
  g_mutex_unlock (&self->lock);
  g_test_message ("%" G_GINT64_FORMAT " ms of media in %" G_GINT64_FORMAT
      " ms", media_ms, passed_ms);
  g_assert_cmpint (ABS (media_ms - passed_ms), <, 1500);
}

/* The server's time of the media goes on as time does, though the application
 * does nothing about latency: with a track that is there before the session is up,
 * and with one that comes later. */
static void
test_media_time (void)
{
  Publisher *early = new_publisher ();
  Publisher *late = new_publisher ();

  test_wait_until (NULL, is_opened, early, 0, "the session to be open");
  send_track (early);
  test_wait_until (NULL, is_connected, late, 0, "the session to be up");
  send_track (late);
  check_media_time (early);
  check_media_time (late);

  free_publisher (early);
  free_publisher (late);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/library/media-time", test_media_time);

  return g_test_run ();
}
