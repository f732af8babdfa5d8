/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The messages of one session (docs/protocol.md, "One session is one
 * WebSocket"): JSON text from and to typed values. Pure, total over any
 * input. Numbers that a message does not carry are -1 (NAN for doubles),
 * strings NULL. */

/* What a client sends */
typedef enum
{
  GST_WSCTL_COMMAND_UNKNOWN,
  GST_WSCTL_COMMAND_OFFER_SDP,
  GST_WSCTL_COMMAND_VIDEO_BITRATE,
  GST_WSCTL_COMMAND_RTP_PROPS,
  GST_WSCTL_COMMAND_KEYFRAME_INTERVAL,
  GST_WSCTL_COMMAND_TRACKS,
  GST_WSCTL_COMMAND_SEEK,
  GST_WSCTL_COMMAND_HOLD,
  GST_WSCTL_COMMAND_PLAY,
  GST_WSCTL_COMMAND_PAUSE,
  GST_WSCTL_COMMAND_SET_SPEED,
  GST_WSCTL_COMMAND_FAST_FORWARD,
  GST_WSCTL_COMMAND_STOP,
} GstWsctlCommandType;

typedef struct
{
  GstWsctlCommandType type;
  gchar *name;                  /* the `type` as written */
  gchar *offer_sdp;             /* offer_sdp */
  gint64 video_bitrate_bps;     /* video_bitrate */
  gint64 nack;                  /* rtp_props, packets */
  gint64 drop;                  /* rtp_props, packets */
  gint64 keyframe_interval_ms;  /* keyframe_interval */
  gchar *audio;                 /* tracks: index, "auto", "none", … */
  gchar *video;
  gchar *meta;
  gint64 seek_time_ms;          /* seek, play, tracks */
  gboolean seek_live;           /* seek: "live" */
  gdouble seek_unix_s;          /* seek: seconds since 1970 */
  gint64 ff_to_ms;              /* seek, fast_forward */
  gdouble play_rate;            /* set_speed; 0 for "auto" */
} GstWsctlCommand;

/* What a server sends */
typedef enum
{
  GST_WSCTL_EVENT_UNKNOWN,
  GST_WSCTL_EVENT_ANSWER_SDP,
  GST_WSCTL_EVENT_ERROR,
  GST_WSCTL_EVENT_VIDEO_BITRATE,
  GST_WSCTL_EVENT_RTP_PROPS,
  GST_WSCTL_EVENT_KEYFRAME_INTERVAL,
  GST_WSCTL_EVENT_MEDIA_RECEIVE,
  GST_WSCTL_EVENT_TIME,
  GST_WSCTL_EVENT_STOP,
  GST_WSCTL_EVENT_TRACK_DROP,
  GST_WSCTL_EVENT_SET_SPEED,
  GST_WSCTL_EVENT_PAUSE,
  GST_WSCTL_EVENT_SEEK,
  GST_WSCTL_EVENT_WARNING,
} GstWsctlEventType;

/* The two shapes of `on_time` */
typedef enum
{
  GST_WSCTL_DIALECT_MIST,       /* nested in `data` */
  GST_WSCTL_DIALECT_CEEBLUE,    /* flat */
} GstWsctlDialect;

typedef struct
{
  GstWsctlEventType type;
  gchar *name;                  /* the `type` as written */
  gboolean result;              /* on_answer_sdp, on_video_bitrate, … */
  gchar *answer_sdp;            /* on_answer_sdp */
  gchar *command;               /* on_error */
  gchar *message;               /* on_error, warning, seek's `error` */
  gint64 video_bitrate_bps;     /* on_video_bitrate */
  gint64 video_bitrate_constraint_bps;
  gint64 nack;                  /* on_rtp_props, packets */
  gint64 drop;
  gint64 keyframe_interval_ms;  /* on_keyframe_interval */
  gint64 millis;                /* on_media_receive, ms */
  gchar **codecs;               /* on_media_receive: `tracks` */
  gdouble jitter_ms;            /* on_media_receive, on_time */
  gint64 loss_num;              /* on_media_receive, packets */
  gdouble loss_perc;            /* on_media_receive; 0 while loss_num is 0 */
  gint64 nack_num;
  gint64 begin_ms;              /* on_time */
  gint64 current_ms;
  gint64 end_ms;
  gint64 next_ms;
  gint64 unixoffset_ms;
  GArray *tracks;               /* on_time: gint64 indexes; NULL when absent */
  gchar *play_rate;             /* on_time, set_speed: "auto", "1", … */
  gchar *play_rate_previous;    /* set_speed */
  gint paused;                  /* on_time, pause: 0, 1, or -1 */
  gint live_point;              /* on_time, set_speed, seek: 0, 1, or -1 */
  gint64 track;                 /* on_track_drop */
  gchar *mediatype;             /* on_track_drop */
} GstWsctlEvent;

GstWsctlCommand *gst_wsctl_command_new (GstWsctlCommandType type);
GstWsctlCommand *gst_wsctl_command_parse (const gchar * text, GError ** error);
gchar *gst_wsctl_command_to_json (const GstWsctlCommand * command);
void gst_wsctl_command_free (GstWsctlCommand * command);

GstWsctlEvent *gst_wsctl_event_new (GstWsctlEventType type);
GstWsctlEvent *gst_wsctl_event_parse (const gchar * text, GError ** error);
gchar *gst_wsctl_event_to_json (const GstWsctlEvent * event,
    GstWsctlDialect dialect);
void gst_wsctl_event_free (GstWsctlEvent * event);

/* A message with any type and members, for commands that the table does not
 * have: @params is an `a{sv}` of basic values, or NULL. */
gchar *gst_wsctl_message_build (const gchar * type, GVariant * params,
    GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlCommand, gst_wsctl_command_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlEvent, gst_wsctl_event_free)

G_END_DECLS
