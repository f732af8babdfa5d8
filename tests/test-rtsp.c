/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * An RTSP camera is published by rtspsrc and wsctlsink: its RTP as it comes, without
 * RTP, and decoded.
 */

#include <gst/rtsp-server/rtsp-server.h>

#include "source-rig.h"
#include "testsupport.h"

#define CAMERA "rtspsrc location=RTSP/"
#define H264 SOURCE_LIVE_PICTURE SOURCE_X264 "rtph264pay name=pay0 pt=96 "

/* What a camera sends, by its path */
static const struct
{
  const gchar *path;
  const gchar *line;
} cameras[] = {
  {"/picture", H264},
  {"/opus", H264 SOURCE_LIVE_SOUND "opusenc ! rtpopuspay name=pay1 pt=97"},
  {"/pcma", H264 SOURCE_LIVE_SOUND "audioresample ! audio/x-raw,rate=8000 ! "
        "alawenc ! rtppcmapay name=pay1 pt=8"},
  {"/aac", H264 SOURCE_LIVE_SOUND "audioconvert ! avenc_aac ! aacparse ! "
        "rtpmp4gpay name=pay1 pt=97"},
  {"/same-type", H264 SOURCE_LIVE_SOUND "opusenc ! rtpopuspay name=pay1 pt=96"},
};

static GMainLoop *loop;

static void
on_media (GstRTSPMediaFactory * factory, GstRTSPMedia * media, gpointer data)
{
  g_autoptr (GstElement) element = gst_rtsp_media_get_element (media);

  source_media_mark (element);
}

static GstRTSPServer *
make_server (void)
{
  GstRTSPServer *server = gst_rtsp_server_new ();
  g_autoptr (GstRTSPMountPoints) mounts =
      gst_rtsp_server_get_mount_points (server);
  guint i;

  gst_rtsp_server_set_address (server, "127.0.0.1");
  gst_rtsp_server_set_service (server, "0");
  for (i = 0; i < G_N_ELEMENTS (cameras); i++) {
    g_autofree gchar *line = g_strdup_printf ("( %s )", cameras[i].line);
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();

    gst_rtsp_media_factory_set_launch (factory, line);
    g_signal_connect (factory, "media-configure", G_CALLBACK (on_media), NULL);
    gst_rtsp_mount_points_add_factory (mounts, cameras[i].path, factory);
  }

  return server;
}

static gpointer
run_server (gpointer data)
{
  g_main_loop_run (loop);

  return NULL;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

static GstRTSPFilterResult
remove_client (GstRTSPServer * server, GstRTSPClient * client, gpointer data)
{
  return GST_RTSP_FILTER_REMOVE;
}

static const SourceRow rows[] = {
  {"rtsp/picture", CAMERA "picture ! SINK", SOURCE_VIDEO},
  {"rtsp/rtp", CAMERA "opus name=d SINK "
        "d. ! application/x-rtp,media=video ! queue ! s.video "
        "d. ! application/x-rtp,media=audio ! queue ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"rtsp/rtp-tcp", CAMERA "opus protocols=tcp latency=100 name=d SINK "
        "d. ! application/x-rtp,media=video ! s.video "
        "d. ! application/x-rtp,media=audio ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"rtsp/rtp-pcma", CAMERA "pcma name=d SINK "
        "d. ! application/x-rtp,media=video ! s.video "
        "d. ! application/x-rtp,media=audio ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"rtsp/rtp-same-type", CAMERA "same-type name=d SINK "
        "d. ! application/x-rtp,media=video ! s.video "
        "d. ! application/x-rtp,media=audio ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"rtsp/depayloaded", CAMERA "opus name=d SINK "
        "d. ! rtph264depay ! h264parse ! s.video "
        "d. ! rtpopusdepay ! opusparse ! s.audio", SOURCE_VIDEO | SOURCE_AUDIO},
  {"rtsp/depayloaded-aac", CAMERA "aac name=d SINK "
        "d. ! rtph264depay ! h264parse ! s.video "
        "d. ! rtpmp4gdepay ! avdec_aac ! audioconvert ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"rtsp/decoded", CAMERA "opus name=d SINK "
        "d. ! decodebin ! s.video d. ! decodebin ! audioconvert ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"rtsp/uridecodebin3", "uridecodebin3 uri=RTSP/opus name=d SINK "
        "d. ! queue ! videoconvert ! s.video "
        "d. ! queue ! audioconvert ! s.audio", SOURCE_VIDEO | SOURCE_AUDIO},
};

int
main (int argc, char **argv)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = g_idle_source_new ();
  g_autoptr (GstRTSPServer) server = NULL;
  g_autofree gchar *uri = NULL;
  GThread *thread;
  guint id;
  gint status;

  source_rig_begin (argc, argv);
  server = make_server ();
  id = gst_rtsp_server_attach (server, context);
  loop = g_main_loop_new (context, FALSE);
  thread = g_thread_new ("rtsp", run_server, NULL);
  uri = g_strdup_printf ("rtsp://127.0.0.1:%d",
      gst_rtsp_server_get_bound_port (server));
  source_rig_add_word ("RTSP", uri);
  source_rig_add (rows, G_N_ELEMENTS (rows), 6);
  status = g_test_run ();
  g_list_free (gst_rtsp_server_client_filter (server, remove_client, NULL));
  g_source_set_callback (source, quit, NULL, NULL);
  g_source_attach (source, context);
  g_thread_join (thread);
  g_source_destroy (g_main_context_find_source_by_id (context, id));
  g_main_loop_unref (loop);
  source_rig_end ();

  return status;
}
