/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What clients ask for and what they are told, word for word as MistServer
 * says it (docs/protocol.md, "One session is one WebSocket").
 */

#include "wsctlserversession-private.h"

#define GST_CAT_DEFAULT wsctlservercommands_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MIN_KEYFRAME_INTERVAL_MS 500
#define MAX_KEYFRAME_INTERVAL_MS 3600000
#define MAX_PACKETS 1000
#define MAX_COMMANDS 100        /* at once, and … */
#define COMMANDS_A_SECOND 20

static void
send_video_bitrate (GstWsctlServerSession * self)
{
  g_autoptr (GstWsctlEvent) event =
      gst_wsctl_event_new (GST_WSCTL_EVENT_VIDEO_BITRATE);

  event->result = TRUE;
  event->video_bitrate_bps = self->constraint.asked_bps;
  event->video_bitrate_constraint_bps = self->constraint.allowed_bps;
  gst_wsctl_server_session_send (self, event);
}

static void
set_video_bitrate (GstWsctlServerSession * self,
    const GstWsctlCommand * command)
{
  if (command->video_bitrate_bps < 0) {
    gst_wsctl_server_session_send_error (self, "on_video_bitrate",
        "No video_bitrate attribute found.");
    return;
  }
  if (command->video_bitrate_bps == 0) {
    gst_wsctl_server_session_send_error (self, "on_video_bitrate",
        "Failed to handle the video bitrate change request.");
    return;
  }

  gst_wsctl_server_constraint_ask (&self->constraint,
      command->video_bitrate_bps);
  if (self->ingest != NULL)
    gst_wsctl_server_ingest_set_bitrate (self->ingest,
        self->constraint.allowed_bps);
  send_video_bitrate (self);
}

static void
set_rtp_props (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  g_autoptr (GstWsctlEvent) event =
      gst_wsctl_event_new (GST_WSCTL_EVENT_RTP_PROPS);

  if (command->nack >= 0)
    self->nack = MIN (command->nack, MAX_PACKETS);
  if (command->drop >= 0)
    self->drop = MIN (command->drop, MAX_PACKETS);
  if (self->ingest != NULL)
    gst_wsctl_server_ingest_set_props (self->ingest, self->nack, self->drop);

  event->result = TRUE;
  event->nack = self->nack;
  event->drop = self->drop;
  gst_wsctl_server_session_send (self, event);
}

static void
set_keyframe_interval (GstWsctlServerSession * self,
    const GstWsctlCommand * command)
{
  g_autoptr (GstWsctlEvent) event = NULL;

  if (command->keyframe_interval_ms < 0) {
    gst_wsctl_server_session_send_error (self, "on_keyframe_interval",
        "No keyframe_interval_millis attribute found.");
    return;
  }

  self->keyframe_interval_ms = CLAMP (command->keyframe_interval_ms,
      MIN_KEYFRAME_INTERVAL_MS, MAX_KEYFRAME_INTERVAL_MS);
  if (self->ingest != NULL)
    gst_wsctl_server_ingest_set_keyframe_interval (self->ingest,
        self->keyframe_interval_ms);

  event = gst_wsctl_event_new (GST_WSCTL_EVENT_KEYFRAME_INTERVAL);
  event->keyframe_interval_ms = self->keyframe_interval_ms;
  gst_wsctl_server_session_send (self, event);
}

static void
take_offer (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  if (command->offer_sdp == NULL)
    gst_wsctl_server_session_send_error (self, "on_offer_sdp",
        "An `offer_sdp` command needs the offer SDP in the `offer_sdp` "
        "field.");
  else if (*command->offer_sdp == '\0')
    gst_wsctl_server_session_send_error (self, "on_offer_sdp",
        "The given `offer_sdp` field is empty.");
  else
    gst_wsctl_server_session_take_offer (self, command->offer_sdp);
}

static void
refuse_command (GstWsctlServerSession * self, const gchar * name)
{
  g_autofree gchar *message =
      g_strdup_printf ("Unhandled command type: %s", name);

  gst_wsctl_server_session_send_error (self, name, message);
}

void
gst_wsctl_server_session_take_message (GstWsctlServerSession * self,
    const gchar * text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlCommand) command = NULL;

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlservercommands_debug,
        "wsctlservercommands", 0, "wsctl server: commands of clients");

  if (!gst_wsctl_server_bucket_take (&self->commands, MAX_COMMANDS,
          COMMANDS_A_SECOND, g_get_monotonic_time ())) {
    gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP,
        "too many commands");
    return;
  }
  if (text == NULL)
    return;

  command = gst_wsctl_command_parse (text, &error);
  if (command == NULL) {
    GST_INFO ("%u: %s", self->id, error->message);
    gst_wsctl_server_session_send_error (self, "error",
        "Received a command but no type property was given.");
    return;
  }

  GST_DEBUG ("%u: received %s", self->id, command->name);
  switch (command->type) {
    case GST_WSCTL_COMMAND_OFFER_SDP:
      take_offer (self, command);
      break;
    case GST_WSCTL_COMMAND_VIDEO_BITRATE:
      set_video_bitrate (self, command);
      break;
    case GST_WSCTL_COMMAND_RTP_PROPS:
      set_rtp_props (self, command);
      break;
    case GST_WSCTL_COMMAND_KEYFRAME_INTERVAL:
      set_keyframe_interval (self, command);
      break;
    case GST_WSCTL_COMMAND_STOP:
      gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP, "left");
      break;
    default:
      if (!gst_wsctl_server_session_run_player_command (self, command))
        refuse_command (self, command->name);
      break;
  }
}

static void
constrain_bitrate (GstWsctlServerSession * self,
    const GstWsctlServerIngestStats * stats)
{
  if (!gst_wsctl_server_constraint_report (&self->constraint, stats->loss_perc,
          stats->queue_ms, stats->bitrate_bps))
    return;

  GST_INFO ("%u: %.1f %% loss, %" G_GINT64_FORMAT " ms in a queue, video may "
      "have %" G_GINT64_FORMAT " bit/s", self->id, stats->loss_perc,
      stats->queue_ms, self->constraint.allowed_bps);
  gst_wsctl_server_ingest_set_bitrate (self->ingest,
      self->constraint.allowed_bps);
  send_video_bitrate (self);
}

/* on_media_receive: what Ceeblue's servers tell a publisher. */
static void
send_media_report (GstWsctlServerSession * self)
{
  g_autoptr (GstWsctlEvent) event =
      gst_wsctl_event_new (GST_WSCTL_EVENT_MEDIA_RECEIVE);
  g_autoptr (GStrvBuilder) codecs = g_strv_builder_new ();
  GPtrArray *tracks = gst_wsctl_server_stream_get_tracks (self->stream);
  GstWsctlServerIngestStats stats;
  guint i;

  gst_wsctl_server_ingest_report (self->ingest, &stats);
  for (i = 0; i < tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (tracks, i);

    if (track->data == self->ingest)
      g_strv_builder_add (codecs, track->codec->name);
  }
  event->codecs = g_strv_builder_end (codecs);
  event->millis = stats.millis;
  event->jitter_ms = stats.jitter_ms;
  event->loss_num = stats.n_packets_lost;
  event->loss_perc = stats.loss_perc;
  event->nack_num = stats.n_nacks;
  gst_wsctl_server_session_send (self, event);

  constrain_bitrate (self, &stats);
}

void
gst_wsctl_server_session_send_reports (GstWsctlServerSession * self)
{
  if (self->ingest != NULL)
    send_media_report (self);
  if (self->player != NULL) {
    gst_wsctl_server_player_report (self->player);
    gst_wsctl_server_session_send_time (self);
  }
}
