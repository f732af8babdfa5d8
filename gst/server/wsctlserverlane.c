/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A picture needs everything from its key frame on. What is in front of the
 * one wanted goes out at once, stamped closely behind what was sent last, so
 * that a player's times never fall and its decoder is right at the start.
 */

#include "wsctlserverlane-private.h"

#include "wsctlserverstore-private.h"

#define STEP_NS (GST_MSECOND)
#define MIN_STEP_NS (GST_MSECOND / 10)
/* Stamps of sounds may be so much closer than their length. */
#define CROWD_NS (2 * GST_MSECOND)

struct _GstWsctlServerLane
{
  GstWsctlServerSender *sender;
  GstWsctlServerTrack *track;
  GstWsctlServerTrack *wanted;  /* NULL: the track is the one */
  guint64 wanted_number;        /* its next frame when it was asked for */
  gboolean enabled;
  guint64 number;               /* of the next frame */
  guint packet;                 /* of it */
  gint64 forward_ns;            /* frames before this time go at once … */
  gint64 step_ns;               /* … so far apart … */
  gint64 forward_out_ns;        /* … from here on */
  gint64 position_ns;
  gint64 stamp_ns;
};

GstWsctlServerLane *
gst_wsctl_server_lane_new (GstWsctlServerTrack * track, guint8 pt)
{
  GstWsctlServerLane *self = g_new0 (GstWsctlServerLane, 1);

  self->sender = gst_wsctl_server_sender_new (pt, track->codec->clock_rate);
  self->track = gst_wsctl_server_track_ref (track);
  self->enabled = TRUE;
  self->number = gst_wsctl_server_store_get_end (track->store);

  return self;
}

void
gst_wsctl_server_lane_free (GstWsctlServerLane * self)
{
  g_clear_pointer (&self->wanted, gst_wsctl_server_track_unref);
  gst_wsctl_server_track_unref (self->track);
  gst_wsctl_server_sender_free (self->sender);
  g_free (self);
}

GstWsctlServerTrack *
gst_wsctl_server_lane_get_track (GstWsctlServerLane * self)
{
  return self->wanted != NULL ? self->wanted : self->track;
}

GstWsctlServerSender *
gst_wsctl_server_lane_get_sender (GstWsctlServerLane * self)
{
  return self->sender;
}

void
gst_wsctl_server_lane_set_track (GstWsctlServerLane * self,
    GstWsctlServerTrack * track)
{
  g_clear_pointer (&self->wanted, gst_wsctl_server_track_unref);
  if (track == self->track)
    return;
  self->wanted = gst_wsctl_server_track_ref (track);
  self->wanted_number = gst_wsctl_server_store_get_end (track->store);
}

gboolean
gst_wsctl_server_lane_is_enabled (GstWsctlServerLane * self)
{
  return self->enabled;
}

void
gst_wsctl_server_lane_set_enabled (GstWsctlServerLane * self, gboolean enabled)
{
  self->enabled = enabled;
}

static void
take_wanted (GstWsctlServerLane * self)
{
  gst_wsctl_server_track_unref (self->track);
  self->track = g_steal_pointer (&self->wanted);
}

guint
gst_wsctl_server_lane_seek (GstWsctlServerLane * self, gint64 time_ns)
{
  gboolean video = self->track->codec->kind == GST_WSCTL_SERVER_KIND_VIDEO;
  guint64 first;

  if (self->wanted != NULL
      && gst_wsctl_server_store_get_begin (self->wanted->store)
      < gst_wsctl_server_store_get_end (self->wanted->store))
    take_wanted (self);

  first = gst_wsctl_server_store_find_time (self->track->store, time_ns);
  self->packet = 0;
  self->number = video
      ? gst_wsctl_server_store_find_key (self->track->store, time_ns) : first;
  self->forward_ns = 0;

  return first > self->number ? first - self->number : 0;
}

void
gst_wsctl_server_lane_set_forward (GstWsctlServerLane * self, gint64 time_ns,
    gint64 out_ns, guint n_frames)
{
  self->forward_ns = time_ns;
  self->step_ns = STEP_NS;
  if (self->stamp_ns > 0)
    self->step_ns = CLAMP ((out_ns - self->stamp_ns) / (n_frames + 1),
        MIN_STEP_NS, STEP_NS);
  self->forward_out_ns = out_ns - n_frames * self->step_ns;
}

gboolean
gst_wsctl_server_lane_is_behind (GstWsctlServerLane * self)
{
  guint64 begin = gst_wsctl_server_store_get_begin (self->track->store);

  return self->enabled && self->number < begin
      && begin < gst_wsctl_server_store_get_end (self->track->store);
}

/* Clocks of publishers may differ: a key frame that came since it was asked for
 * is a new one, whatever its time. */
static guint64
find_wanted_key (GstWsctlServerLane * self)
{
  GstWsctlServerStore *store = self->wanted->store;
  guint64 number =
      gst_wsctl_server_store_find_next_key (store, self->position_ns);
  guint64 last;

  if (gst_wsctl_server_store_get (store, number) != NULL)
    return number;
  last = gst_wsctl_server_store_find_key (store, G_MAXINT64);

  return last >= self->wanted_number ? last : number;
}

/* The other track takes over where the next frame of this one is not older
 * than its key frame. */
static void
try_wanted (GstWsctlServerLane * self)
{
  GstWsctlServerFrame *frame =
      gst_wsctl_server_store_get (self->track->store, self->number);
  GstWsctlServerFrame *key;
  guint64 number;

  if (self->packet > 0)
    return;

  number = find_wanted_key (self);
  key = gst_wsctl_server_store_get (self->wanted->store, number);
  if (key == NULL || (frame != NULL && frame->time_ns < key->time_ns))
    return;
  self->number = number;
  take_wanted (self);
}

static GstWsctlServerFrame *
peek (GstWsctlServerLane * self)
{
  if (!self->enabled)
    return NULL;
  if (self->wanted != NULL)
    try_wanted (self);

  return gst_wsctl_server_store_get (self->track->store, self->number);
}

gboolean
gst_wsctl_server_lane_get_due (GstWsctlServerLane * self,
    const GstWsctlServerTimeline * timeline, gint64 * out_ns)
{
  GstWsctlServerFrame *frame = peek (self);

  if (frame == NULL)
    return FALSE;

  *out_ns = self->packet > 0 || frame->time_ns < self->forward_ns ? 0
      : gst_wsctl_server_timeline_get_out (timeline, frame->time_ns);

  return TRUE;
}

/* FALSE when it is too close to the sound before it. */
static gboolean
stamp_frame (GstWsctlServerLane * self, GstWsctlServerFrame * frame,
    const GstWsctlServerTimeline * timeline)
{
  GstWsctlServerFrame *before =
      gst_wsctl_server_store_get (self->track->store, self->number - 1);
  gint64 stamp_ns;

  if (frame->time_ns < self->forward_ns) {
    stamp_ns = self->forward_out_ns;
    self->forward_out_ns += self->step_ns;
  } else {
    stamp_ns = gst_wsctl_server_timeline_get_out (timeline, frame->time_ns);
  }
  if (self->track->codec->kind == GST_WSCTL_SERVER_KIND_AUDIO
      && before != NULL && timeline->rate > 1 && stamp_ns - self->stamp_ns
      < frame->time_ns - before->time_ns - CROWD_NS)
    return FALSE;
  self->stamp_ns = MAX (stamp_ns, self->stamp_ns + MIN_STEP_NS);

  return TRUE;
}

void
gst_wsctl_server_lane_send (GstWsctlServerLane * self,
    GstWsctlLitePeer * peer, const GstWsctlServerTimeline * timeline,
    guint * budget)
{
  g_autoptr (GstWsctlServerFrame) frame = NULL;
  guint n_packets;

  frame = gst_wsctl_server_frame_ref (peek (self));
  n_packets = frame->packets->len;
  if (self->packet == 0 && !stamp_frame (self, frame, timeline)) {
    self->number++;
    return;
  }

  for (; self->packet < n_packets && *budget > 0; (*budget)--)
    gst_wsctl_server_sender_send (self->sender, peer, frame, self->packet++,
        self->stamp_ns);
  if (self->packet < n_packets)
    return;
  self->packet = 0;
  self->number++;
  self->position_ns = frame->time_ns;
}

gint64
gst_wsctl_server_lane_get_position (GstWsctlServerLane * self)
{
  return self->position_ns;
}

gint64
gst_wsctl_server_lane_get_stamp (GstWsctlServerLane * self)
{
  return self->stamp_ns;
}

gint64
gst_wsctl_server_lane_get_next (GstWsctlServerLane * self)
{
  GstWsctlServerFrame *frame = peek (self);

  return frame != NULL ? frame->time_ns : -1;
}
