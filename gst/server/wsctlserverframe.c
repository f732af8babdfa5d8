/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Frames, not packets: a player can start with any key frame, and what was
 * lost on the way here is not passed on. Payloaders keep state (picture ids),
 * which is in order because every frame is packed when it comes, whoever plays
 * it later.
 */

#include "wsctlserverframe-private.h"

#include <gst/rtp/rtp.h>

#include "wsctlserverstore-private.h"

#define GST_CAT_DEFAULT wsctlserverframe_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MAX_SLEW_NS (2 * (gint64) GST_SECOND)
#define SLEW_PART 10            /* of the time that passes */

GstWsctlServerTrack *
gst_wsctl_server_track_new (guint index, guint id,
    const GstWsctlServerCodec * codec)
{
  GstWsctlServerTrack *self = g_new0 (GstWsctlServerTrack, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverframe_debug, "wsctlserverframe", 0,
        "wsctl server: frames and their packets");

  g_ref_count_init (&self->refs);
  self->index = index;
  self->id = id;
  self->codec = codec;
  self->store = gst_wsctl_server_store_new ();

  return self;
}

GstWsctlServerTrack *
gst_wsctl_server_track_ref (GstWsctlServerTrack * self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

void
gst_wsctl_server_track_unref (GstWsctlServerTrack * self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  g_clear_pointer (&self->payloader, gst_wsctl_server_chain_free);
  g_clear_pointer (&self->store, gst_wsctl_server_store_free);
  gst_clear_caps (&self->caps);
  g_free (self->rendition);
  g_free (self);
}

void
gst_wsctl_server_track_request_keyframe (GstWsctlServerTrack * self)
{
  if (self->request_keyframe != NULL)
    self->request_keyframe (self->data);
}

static gint64
scale (gint64 value, gint64 to, gint64 from)
{
  if (value < 0)
    return -(gint64) gst_util_uint64_scale_round (-value, to, from);

  return gst_util_uint64_scale_round (value, to, from);
}

gint64
gst_wsctl_server_track_get_time (const GstWsctlServerTrack * self,
    gint64 rtp_time)
{
  return self->anchor_ns + scale (rtp_time - self->anchor_rtp, GST_SECOND,
      self->codec->clock_rate);
}

gint64
gst_wsctl_server_track_get_rtp_time (const GstWsctlServerTrack * self,
    gint64 time_ns)
{
  return self->anchor_rtp + scale (time_ns - self->anchor_ns,
      self->codec->clock_rate, GST_SECOND);
}

void
gst_wsctl_server_track_set_anchor (GstWsctlServerTrack * self,
    gint64 rtp_time, gint64 time_ns)
{
  if (self->n_frames > 0)
    self->slew_ns += gst_wsctl_server_track_get_time (self, rtp_time) - time_ns;
  if (ABS (self->slew_ns) > MAX_SLEW_NS)
    self->slew_ns = 0;
  self->anchor_rtp = rtp_time;
  self->anchor_ns = time_ns;
}

/* A jump in the times of frames would be one in what players see. */
static gint64
get_frame_time (GstWsctlServerTrack * self, gint64 rtp_time)
{
  gint64 passed_ns = scale (rtp_time - self->slewed_rtp, GST_SECOND,
      self->codec->clock_rate);
  gint64 step_ns = CLAMP (passed_ns / SLEW_PART, 0, MAX_SLEW_NS);

  self->slew_ns -= CLAMP (self->slew_ns, -step_ns, step_ns);
  self->slewed_rtp = rtp_time;

  return gst_wsctl_server_track_get_time (self, rtp_time) + self->slew_ns;
}

static void
count_frame (GstWsctlServerTrack * self, gint64 time_ns, gsize size)
{
  gint64 elapsed_ns = time_ns - self->window_ns;

  if (self->first_ns == 0) {
    self->first_ns = time_ns;
    self->window_ns = time_ns;
  } else if (elapsed_ns >= GST_SECOND) {
    self->bps = gst_util_uint64_scale (self->window_bytes, GST_SECOND,
        elapsed_ns);
    self->max_bps = MAX (self->max_bps, self->bps);
    self->window_ns = time_ns;
    self->window_bytes = 0;
  }
  self->last_ns = MAX (self->last_ns, time_ns);
  self->window_bytes += size;
  self->n_frames++;
}

GstWsctlServerFrame *
gst_wsctl_server_frame_new (GstWsctlServerTrack * track, gint64 rtp_time,
    gboolean key, GstBuffer * buffer)
{
  GstWsctlServerFrame *self = g_new0 (GstWsctlServerFrame, 1);

  g_ref_count_init (&self->refs);
  self->track = gst_wsctl_server_track_ref (track);
  self->rtp_time = rtp_time;
  self->time_ns = get_frame_time (track, rtp_time);
  self->key = key;
  self->buffer = buffer;
  count_frame (track, self->time_ns, gst_buffer_get_size (buffer));

  return self;
}

GstWsctlServerFrame *
gst_wsctl_server_frame_ref (GstWsctlServerFrame * self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

void
gst_wsctl_server_frame_unref (GstWsctlServerFrame * self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  g_clear_pointer (&self->bytes, g_byte_array_unref);
  g_clear_pointer (&self->packets, g_array_unref);
  gst_clear_buffer (&self->buffer);
  gst_wsctl_server_track_unref (self->track);
  g_free (self);
}

/* Only the payload and the marker are kept: numbers and times are written for
 * each player. */
static void
on_packet (GstWsctlServerChain * chain, GstBuffer * buffer, gpointer data)
{
  GstWsctlServerTrack *track = data;
  GstWsctlServerFrame *frame = track->packing;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  if (frame != NULL && gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp)) {
    GstWsctlServerPacket packet = {
      .offset = frame->bytes->len,
      .size = gst_rtp_buffer_get_payload_len (&rtp),
      .marker = gst_rtp_buffer_get_marker (&rtp),
    };

    g_byte_array_append (frame->bytes, gst_rtp_buffer_get_payload (&rtp),
        packet.size);
    g_array_append_val (frame->packets, packet);
    gst_rtp_buffer_unmap (&rtp);
  }
  gst_buffer_unref (buffer);
}

static gboolean
ensure_payloader (GstWsctlServerTrack * track)
{
  g_autoptr (GError) error = NULL;

  if (track->payloader != NULL)
    return TRUE;
  if (track->caps == NULL)
    return FALSE;

  track->payloader = gst_wsctl_server_chain_new (track->codec->payloader,
      track->caps, on_packet, track, &error);
  if (track->payloader == NULL)
    GST_ERROR ("No payloader for %s: %s", track->codec->name, error->message);

  return track->payloader != NULL;
}

void
gst_wsctl_server_frame_pack (GstWsctlServerFrame * self)
{
  gsize size = gst_buffer_get_size (self->buffer);

  g_return_if_fail (self->packets == NULL);

  self->bytes = g_byte_array_sized_new (size + size / 64 + 64);
  self->packets = g_array_sized_new (FALSE, FALSE,
      sizeof (GstWsctlServerPacket), size / 1100 + 1);
  if (!ensure_payloader (self->track))
    return;

  self->track->packing = self;
  gst_wsctl_server_chain_push (self->track->payloader,
      gst_buffer_ref (self->buffer));
  self->track->packing = NULL;
  GST_LOG ("A frame of %" G_GSIZE_FORMAT " bytes goes in %u packets", size,
      self->packets->len);
}

void
gst_wsctl_server_frame_drop_buffer (GstWsctlServerFrame * self)
{
  gst_clear_buffer (&self->buffer);
}

gsize
gst_wsctl_server_frame_get_size (GstWsctlServerFrame * self)
{
  return sizeof *self + self->bytes->len
      + self->packets->len * sizeof (GstWsctlServerPacket);
}
