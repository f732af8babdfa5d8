/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What goes on which m-line. webrtcbin before 1.28 keeps the first codec of a
 * section in its answers, so both sides can send on one only with the same
 * codec; what does not fit is left for an offer of our own.
 */

#include "wsctlpeersdp-private.h"

static void
free_plan (gpointer data)
{
  GstWsctlPeerPlan *plan = data;

  gst_clear_caps (&plan->caps);
  g_free (plan);
}

static GstWsctlPeerPlan *
add_plan (GPtrArray * plans, GstWsctlMediaKind kind, gint track,
    gboolean receives)
{
  GstWsctlPeerPlan *plan = g_new0 (GstWsctlPeerPlan, 1);

  plan->kind = kind;
  plan->track = track;
  plan->receives = receives;
  g_ptr_array_add (plans, plan);

  return plan;
}

/* @first, then the others of its kind that can be received */
static GstCaps *
make_offer_caps (GstWsctlMediaKind kind, const GstWsctlCodec * first)
{
  GstCaps *caps = gst_caps_new_empty ();
  const GstWsctlCodec *codec;

  if (first != NULL)
    gst_caps_append (caps, gst_wsctl_codec_get_offer_caps (first, -1));
  for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
    if (codec->kind == kind && codec != first
        && gst_wsctl_codec_can_receive (codec))
      gst_caps_append (caps, gst_wsctl_codec_get_offer_caps (codec, -1));
  }

  return caps;
}

/* The first of the tracks not yet placed that can go on a section on which the
 * peer sends @codec, or nothing when that is NULL; -1: none. */
static gint
find_offered (GPtrArray * tracks, const gboolean * placed,
    GstWsctlMediaKind kind, const GstWsctlCodec * codec)
{
  guint i;

  for (i = 0; i < tracks->len; i++) {
    const GstWsctlCodec *own = g_ptr_array_index (tracks, i);

    if (!placed[i] && own->kind == kind && (codec == NULL || codec == own))
      return i;
  }

  return -1;
}

/* A section that has been there stays where it is (RFC 8829, 5.2.2). */
static void
add_agreed (GPtrArray * plans, GPtrArray * tracks, gboolean * placed,
    const GstWsctlPeerMedium * medium)
{
  const GstWsctlCodec *codec = medium->sends && medium->codecs->len > 0
      ? g_ptr_array_index (medium->codecs, 0) : NULL;
  gint track = find_offered (tracks, placed, medium->kind, codec);
  const GstWsctlCodec *first = codec;

  if (track >= 0) {
    placed[track] = TRUE;
    first = g_ptr_array_index (tracks, track);
  } else if (codec != NULL && !gst_wsctl_codec_can_receive (codec)) {
    first = NULL;
  }
  add_plan (plans, medium->kind, track, TRUE)->caps =
      make_offer_caps (medium->kind, first);
}

static gboolean
has_kind (GPtrArray * plans, GstWsctlMediaKind kind)
{
  guint i;

  for (i = 0; i < plans->len; i++) {
    if (((GstWsctlPeerPlan *) plans->pdata[i])->kind == kind)
      return TRUE;
  }

  return FALSE;
}

GPtrArray *
gst_wsctl_peer_plan_offer (GPtrArray * tracks, const GstWsctlPeerSdp * agreed)
{
  GPtrArray *plans = g_ptr_array_new_with_free_func (free_plan);
  g_autofree gboolean *placed = g_new0 (gboolean, tracks->len + 1);
  guint kind;
  guint i;

  for (i = 0; agreed != NULL && i < agreed->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (agreed->media, i);

    if (!medium->is_data)
      add_agreed (plans, tracks, placed, medium);
  }
  for (i = 0; i < tracks->len; i++) {
    const GstWsctlCodec *codec = g_ptr_array_index (tracks, i);

    if (!placed[i])
      add_plan (plans, codec->kind, i, TRUE)->caps =
          make_offer_caps (codec->kind, codec);
  }

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    if (!has_kind (plans, kind))
      add_plan (plans, kind, -1, TRUE)->caps = make_offer_caps (kind, NULL);
  }

  return plans;
}

/* The first of the tracks not yet placed that can go on @medium; -1: none. */
static gint
find_track (GPtrArray * tracks, const gboolean * placed,
    const GstWsctlPeerMedium * medium)
{
  guint i;

  for (i = 0; medium->receives && i < tracks->len; i++) {
    const GstWsctlCodec *codec = g_ptr_array_index (tracks, i);

    if (placed[i] || codec->kind != medium->kind
        || gst_wsctl_peer_medium_get_payload (medium, codec) < 0)
      continue;
    if (!medium->sends || g_ptr_array_index (medium->codecs, 0) == codec)
      return i;
  }

  return -1;
}

/* What to receive: the first that we can */
static const GstWsctlCodec *
find_receivable (const GstWsctlPeerMedium * medium)
{
  guint i;

  for (i = 0; i < medium->codecs->len; i++) {
    const GstWsctlCodec *codec = g_ptr_array_index (medium->codecs, i);

    if (gst_wsctl_codec_can_receive (codec))
      return codec;
  }

  return NULL;
}

/* Nothing but the codec: the rest is what the offer says. */
static GstCaps *
make_answer_caps (const GstWsctlPeerMedium * medium,
    const GstWsctlCodec * codec)
{
  return gst_caps_new_simple ("application/x-rtp",
      "media", G_TYPE_STRING, gst_wsctl_media_kind_get_nick (codec->kind),
      "payload", G_TYPE_INT, gst_wsctl_peer_medium_get_payload (medium, codec),
      "clock-rate", G_TYPE_INT, codec->clock_rate,
      "encoding-name", G_TYPE_STRING, codec->name, NULL);
}

/* webrtcbin lets nothing in, no handshake either, while every section is
 * inactive: so one says that it sends when nobody has anything to send. */
static void
keep_alive (GPtrArray * plans, const GstWsctlPeerSdp * offer)
{
  guint n_media = 0;
  guint i;

  for (i = 0; i < plans->len; i++) {
    const GstWsctlPeerPlan *plan = g_ptr_array_index (plans, i);

    if (plan->receives || plan->track >= 0)
      return;
  }
  for (i = 0; i < offer->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (offer->media, i);
    GstWsctlPeerPlan *plan;

    if (medium->is_data)
      continue;
    plan = g_ptr_array_index (plans, n_media++);
    if (medium->receives && plan->caps != NULL) {
      plan->idle = TRUE;
      return;
    }
  }
}

GPtrArray *
gst_wsctl_peer_plan_answer (GPtrArray * tracks, const GstWsctlPeerSdp * offer)
{
  GPtrArray *plans = g_ptr_array_new_with_free_func (free_plan);
  g_autofree gboolean *placed = g_new0 (gboolean, tracks->len + 1);
  guint i;

  for (i = 0; i < offer->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (offer->media, i);
    const GstWsctlCodec *codec;
    GstWsctlPeerPlan *plan;
    gint track;

    if (medium->is_data)
      continue;

    track = find_track (tracks, placed, medium);
    if (track >= 0)
      placed[track] = TRUE;
    codec = track >= 0 ? g_ptr_array_index (tracks, track)
        : find_receivable (medium);
    plan = add_plan (plans, medium->kind, track,
        medium->sends && codec != NULL);
    if (codec != NULL)
      plan->caps = make_answer_caps (medium, codec);
  }

  keep_alive (plans, offer);

  return plans;
}

gboolean
gst_wsctl_peer_plan_is_complete (GPtrArray * plans, guint n_tracks)
{
  guint n = 0;
  guint i;

  for (i = 0; i < plans->len; i++)
    n += ((GstWsctlPeerPlan *) plans->pdata[i])->track >= 0;

  return n == n_tracks;
}
