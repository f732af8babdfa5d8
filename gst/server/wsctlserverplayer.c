/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * At the live edge what comes goes out at once. Anywhere else it goes out when
 * it is due, by the stream's own times and the player's speed. A new place is
 * where the time that has passed meets another time of the stream: what the
 * player sees of it are times that go on.
 */

#include "wsctlserveralarm-private.h"
#include "wsctlserverplayerinternal-private.h"
#include "wsctlserverstore-private.h"

#define GST_CAT_DEFAULT wsctlserverplayer_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define PACE_PACKETS 16         /* each interval */
#define PACE_INTERVAL_US 1000

/* Frames further from when they should go out than this move that time. */
#define MAX_DRIFT_NS (GST_SECOND)
#define MAX_DELAY_NS (200 * GST_MSECOND)
#define MIN_STEP_NS (GST_MSECOND / 10)
/* As with MistServer, but there it is five seconds. */
#define LIVE_DISTANCE_NS (GST_SECOND)

static gboolean on_alarm (gpointer data);

static gint64
get_now_ns (void)
{
  return g_get_monotonic_time () * 1000;
}

GstWsctlServerPlayer *
gst_wsctl_server_player_new (GstWsctlLoop * loop, GstWsctlServerStream * stream)
{
  GstWsctlServerPlayer *self = g_new0 (GstWsctlServerPlayer, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverplayer_debug, "wsctlserverplayer", 0,
        "wsctl server: media to a player");

  self->loop = gst_wsctl_loop_ref (loop);
  self->stream = gst_wsctl_server_stream_ref (stream);
  self->alarm = gst_wsctl_server_alarm_new (loop, on_alarm, self);
  self->live = TRUE;
  self->timeline.rate = 1;

  return self;
}

void
gst_wsctl_server_player_free (GstWsctlServerPlayer * self)
{
  guint i;

  gst_wsctl_loop_clear_timer (&self->alarm);
  if (self->subscription != 0)
    gst_wsctl_server_stream_unsubscribe (self->stream, self->subscription);
  for (i = 0; i < self->n_lanes; i++)
    gst_wsctl_server_lane_free (self->lanes[i]);
  gst_wsctl_server_stream_unref (self->stream);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

void
gst_wsctl_server_player_add_track (GstWsctlServerPlayer * self,
    GstWsctlServerTrack * track, guint8 pt)
{
  g_return_if_fail (self->n_lanes < MAX_LANES);

  self->lanes[self->n_lanes++] = gst_wsctl_server_lane_new (track, pt);
}

/* The picture leads, and sound when there is none. */
static GstWsctlServerLane *
get_leader (GstWsctlServerPlayer * self)
{
  GstWsctlServerLane *video =
      gst_wsctl_server_player_find_lane (self, GST_WSCTL_SERVER_KIND_VIDEO);

  if (video != NULL && gst_wsctl_server_lane_is_enabled (video))
    return video;

  return self->n_lanes > 0 ? self->lanes[0] : NULL;
}

static void
set_timeline (GstWsctlServerPlayer * self, gint64 media_ns, gint64 out_ns)
{
  self->timeline.media_ns = media_ns;
  self->timeline.out_ns = out_ns;
  self->timeline.rate = self->live || self->rate == 0 ? 1 : self->rate;
  self->placed = TRUE;
}

/* The lane whose frame is next; NULL when none has one. */
static GstWsctlServerLane *
find_next (GstWsctlServerPlayer * self, gint64 * due_ns)
{
  GstWsctlServerLane *next = NULL;
  guint i;

  for (i = 0; i < self->n_lanes; i++) {
    gint64 out_ns;

    if (gst_wsctl_server_lane_get_due (self->lanes[i], &self->timeline,
            &out_ns) && (next == NULL || out_ns < *due_ns)) {
      next = self->lanes[i];
      *due_ns = out_ns;
    }
  }

  return next;
}

/* After a pause of the publisher's, or when its clock is not ours: this frame
 * goes out now, and the others follow it. */
static void
follow_clock (GstWsctlServerPlayer * self, GstWsctlServerLane * lane,
    gint64 due_ns, gint64 now_ns)
{
  gint64 delay_ns = now_ns - due_ns;
  gboolean moved = self->live ? ABS (delay_ns) > MAX_DRIFT_NS
      : delay_ns > MAX_DELAY_NS;

  if (due_ns > 0 && moved)
    set_timeline (self, gst_wsctl_server_lane_get_next (lane), now_ns);
}

/* What a fast player has caught up with comes no faster than it is made. */
static void
wait_at_edge (GstWsctlServerPlayer * self, gint64 now_ns)
{
  GstWsctlServerLane *leader = get_leader (self);

  if (self->timeline.rate <= 1 || leader == NULL)
    return;

  set_timeline (self, gst_wsctl_server_lane_get_position (leader), now_ns);
  self->timeline.rate = 1;
}

static gboolean
is_behind (GstWsctlServerPlayer * self)
{
  guint i;

  for (i = 0; i < self->n_lanes; i++) {
    if (gst_wsctl_server_lane_is_behind (self->lanes[i]))
      return TRUE;
  }

  return FALSE;
}

static void
send_due (GstWsctlServerPlayer * self, guint budget)
{
  gint64 now_ns = get_now_ns ();
  GstWsctlServerLane *lane;
  gint64 due_ns;

  while ((lane = find_next (self, &due_ns)) != NULL) {
    if (!self->live && due_ns > now_ns) {
      gst_wsctl_server_alarm_set (self->alarm, due_ns / 1000 + 1);
      return;
    }
    if (budget == 0) {
      gst_wsctl_server_alarm_set (self->alarm, now_ns / 1000
          + PACE_INTERVAL_US);
      return;
    }
    follow_clock (self, lane, due_ns, now_ns);
    gst_wsctl_server_lane_send (lane, self->peer, &self->timeline, &budget);
  }
  wait_at_edge (self, now_ns);
}

void
gst_wsctl_server_player_run (GstWsctlServerPlayer * self, guint budget)
{
  if (self->paused || self->peer == NULL)
    return;

  if (!self->placed)
    gst_wsctl_server_player_go_live (self);
  else if (is_behind (self) && self->live)
    gst_wsctl_server_player_go_live (self);
  else if (is_behind (self))
    gst_wsctl_server_player_seek (self, 0);
  else
    send_due (self, budget);
}

static gboolean
on_alarm (gpointer data)
{
  gst_wsctl_server_player_run (data, PACE_PACKETS);

  return G_SOURCE_CONTINUE;
}

/* While an alarm is set, what is new has to wait behind what is there. */
static void
on_frame (GstWsctlServerFrame * frame, gpointer data)
{
  GstWsctlServerPlayer *self = data;

  if (g_source_get_ready_time (self->alarm) < 0)
    gst_wsctl_server_player_run (self, GST_WSCTL_SERVER_PLAYER_BURST);
}

/* The stamps of the frames in front of @time_ns have to fit in between what was
 * sent and now; otherwise now has to be a little later. */
void
gst_wsctl_server_player_jump (GstWsctlServerPlayer * self, gint64 time_ns)
{
  gint64 out_ns = get_now_ns ();
  guint n_frames[MAX_LANES];
  guint i;

  for (i = 0; i < self->n_lanes; i++) {
    gint64 stamp_ns = gst_wsctl_server_lane_get_stamp (self->lanes[i]);

    n_frames[i] = gst_wsctl_server_lane_seek (self->lanes[i], time_ns);
    if (stamp_ns > 0)
      out_ns = MAX (out_ns, stamp_ns + (n_frames[i] + 1) * MIN_STEP_NS);
  }
  self->lead_ns = time_ns - gst_wsctl_server_player_get_next (self);
  set_timeline (self, time_ns, out_ns);
  for (i = 0; i < self->n_lanes; i++)
    gst_wsctl_server_lane_set_forward (self->lanes[i], time_ns, out_ns,
        n_frames[i]);

  self->seek_us = g_get_monotonic_time ();
  self->paused = FALSE;
  gst_wsctl_server_alarm_set (self->alarm, -1);
  if (self->peer != NULL)
    send_due (self, GST_WSCTL_SERVER_PLAYER_BURST);
}

gboolean
gst_wsctl_server_player_go_live (GstWsctlServerPlayer * self)
{
  GstWsctlServerLane *leader = get_leader (self);
  GstWsctlServerStore *store;
  guint64 end;

  if (leader == NULL)
    return FALSE;

  self->live = TRUE;
  self->paused = FALSE;
  store = gst_wsctl_server_lane_get_track (leader)->store;
  end = gst_wsctl_server_store_get_end (store);
  if (end == gst_wsctl_server_store_get_begin (store)) {
    gst_wsctl_server_player_request_keyframe (self);
    return FALSE;
  }
  gst_wsctl_server_player_jump (self, gst_wsctl_server_store_get (store,
          end - 1)->time_ns);

  return TRUE;
}

gboolean
gst_wsctl_server_player_seek (GstWsctlServerPlayer * self, gint64 time_ns)
{
  gint64 begin_ns, end_ns;

  if (!gst_wsctl_server_stream_get_span (self->stream, &begin_ns, &end_ns)
      || self->n_lanes == 0)
    return FALSE;
  if (self->rate == 0 && time_ns > end_ns - (gint64) LIVE_DISTANCE_NS)
    return gst_wsctl_server_player_go_live (self);

  self->live = FALSE;
  gst_wsctl_server_player_jump (self, CLAMP (time_ns, begin_ns, end_ns));

  return TRUE;
}

void
gst_wsctl_server_player_start (GstWsctlServerPlayer * self,
    GstWsctlLitePeer * peer)
{
  static const GstWsctlServerSubscriber subscriber = {.frame = on_frame };

  if (self->subscription != 0)
    return;

  self->peer = peer;
  /* The first report goes ahead, so that audio and video stand right to each
   * other from the first packet on. */
  gst_wsctl_server_player_report (self);
  self->subscription =
      gst_wsctl_server_stream_subscribe (self->stream, &subscriber, self);
  if (self->live)
    self->placed = FALSE;
  gst_wsctl_server_player_run (self, GST_WSCTL_SERVER_PLAYER_BURST);
}

gint64
gst_wsctl_server_player_get_position (GstWsctlServerPlayer * self)
{
  gint64 begin_ns, end_ns, position_ns;

  if (!gst_wsctl_server_stream_get_span (self->stream, &begin_ns, &end_ns))
    return 0;

  if (self->paused && self->paused_ns != 0)
    position_ns = self->paused_ns;
  else if (!self->placed || self->peer == NULL)
    position_ns = self->live ? end_ns : self->timeline.media_ns;
  else
    position_ns = gst_wsctl_server_timeline_get_media (&self->timeline,
        get_now_ns ());

  return CLAMP (position_ns, begin_ns, end_ns);
}

gint64
gst_wsctl_server_player_get_next (GstWsctlServerPlayer * self)
{
  GstWsctlServerLane *leader = get_leader (self);
  gint64 next_ns = leader != NULL
      ? gst_wsctl_server_lane_get_next (leader) : -1;

  return next_ns >= 0 ? next_ns : gst_wsctl_server_player_get_position (self);
}

gint64
gst_wsctl_server_player_get_lead (GstWsctlServerPlayer * self)
{
  return self->lead_ns;
}

gboolean
gst_wsctl_server_player_is_live (GstWsctlServerPlayer * self)
{
  return self->live;
}

void
gst_wsctl_server_player_set_rate (GstWsctlServerPlayer * self, gdouble rate)
{
  gint64 position_ns = gst_wsctl_server_player_get_position (self);

  self->rate = rate;
  if (rate != 0)
    self->live = FALSE;
  gst_wsctl_server_player_set_paused (self, FALSE);
  if (!self->placed)
    return;

  set_timeline (self, position_ns, get_now_ns ());
  gst_wsctl_server_player_run (self, GST_WSCTL_SERVER_PLAYER_BURST);
}

void
gst_wsctl_server_player_set_paused (GstWsctlServerPlayer * self,
    gboolean paused)
{
  if (self->paused == paused)
    return;

  if (paused) {
    self->paused_ns = gst_wsctl_server_player_get_position (self);
    self->paused = TRUE;
    gst_wsctl_server_alarm_set (self->alarm, -1);
    return;
  }

  self->paused = FALSE;
  if (!self->placed || self->paused_ns == 0 || is_behind (self)) {
    gst_wsctl_server_player_go_live (self);
    return;
  }
  self->live = FALSE;
  set_timeline (self, self->paused_ns, get_now_ns ());
  gst_wsctl_server_player_run (self, GST_WSCTL_SERVER_PLAYER_BURST);
}

gboolean
gst_wsctl_server_player_is_paused (GstWsctlServerPlayer * self)
{
  return self->paused;
}
