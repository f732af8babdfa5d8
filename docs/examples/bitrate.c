/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Three ways to say at what bitrate video is published:
 *
 *   1. a property at the start,
 *   2. the same property while it plays,
 *   3. a policy that follows the network between two limits.
 *
 * Usage: bitrate ws://127.0.0.1:8080/webrtc/live, until it is interrupted.
 * bitrate.py is the same in Python.
 */

#include <glib-unix.h>
#include <gst/gst.h>

#define STEP_S 2

typedef struct
{
  GMainLoop *loop;
  GstElement *pipeline;
  GstElement *sink;
  gboolean failed;
} Publisher;

static gboolean
leave_to_policy (gpointer data)
{
  Publisher *self = data;

  /* 3. From here on it is as high as the network takes, and each change is
   * told. The limits are set before the session, below. */
  g_print ("policy\n");
  g_object_set (self->sink, "video-bitrate", 0, NULL);

  return G_SOURCE_REMOVE;
}

static gboolean
set_by_hand (gpointer data)
{
  Publisher *self = data;

  /* 2. The encoder and the server hear of it at once. */
  g_print ("by hand\n");
  g_object_set (self->sink, "video-bitrate", 800000, NULL);
  g_timeout_add_seconds (STEP_S, leave_to_policy, self);

  return G_SOURCE_REMOVE;
}

static void
print_bitrate (Publisher * self)
{
  guint bitrate;

  g_object_get (self->sink, "video-bitrate", &bitrate, NULL);
  g_print ("%u bit/s\n", bitrate);
}

static void
take_element_message (Publisher * self, GstMessage * message)
{
  if (!gst_message_has_name (message, "wsctl-connected"))
    return;

  g_print ("connected\n");
  print_bitrate (self);
  g_timeout_add_seconds (STEP_S, set_by_hand, self);
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Publisher *self = data;
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ELEMENT:
      take_element_message (self, message);
      break;
    case GST_MESSAGE_PROPERTY_NOTIFY:
      print_bitrate (self);
      break;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      g_printerr ("%s\n", error->message);
      self->failed = TRUE;
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (self->loop);
      break;
    default:
      break;
  }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  Publisher *self = data;

  g_main_loop_quit (self->loop);

  return G_SOURCE_REMOVE;
}

static void
run (Publisher * self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  gst_bus_add_watch (bus, on_message, self);
  /* As messages of the bus, and so on this thread */
  gst_element_add_property_notify_watch (self->sink, "video-bitrate", FALSE);
  g_unix_signal_add (SIGINT, on_interrupt, self);
  g_unix_signal_add (SIGTERM, on_interrupt, self);

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_main_loop_run (self->loop);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
}

int
main (int argc, char **argv)
{
  Publisher self = { NULL, };
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  if (argc != 2) {
    g_printerr ("Usage: %s ws://HOST:PORT/webrtc/NAME\n", argv[0]);
    return 2;
  }

  self.pipeline = gst_parse_launch ("videotestsrc is-live=true pattern=snow "
      "! video/x-raw,width=640,height=360,framerate=30/1 "
      "! wsctlsink name=sink", &error);
  if (error != NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  self.sink = gst_bin_get_by_name (GST_BIN (self.pipeline), "sink");
  self.loop = g_main_loop_new (NULL, FALSE);

  /* 1. Fixed from the start. Without it the policy has it at once, and begins
   * with "start-bitrate". */
  g_object_set (self.sink, "uri", argv[1], "video-bitrate", 500000,
      "min-bitrate", 200000, "max-bitrate", 2500000, NULL);
  gst_util_set_object_arg (G_OBJECT (self.sink), "congestion-control",
      "adaptive");
  run (&self);

  g_main_loop_unref (self.loop);
  gst_object_unref (self.sink);
  gst_object_unref (self.pipeline);

  return self.failed ? 1 : 0;
}
