/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What all policies have in common: the ladders, and where one is on them.
 */

#include "wsctlrendition-private.h"

#include "wsctlrenditionpolicy-private.h"

struct _GstWsctlRenditions
{
  const GstWsctlRenditionClass *klass;
  GstWsctlRenditionState *state;        /* of the size that the policy wants */
};

static const GstWsctlRenditionClass disabled = {
  .size = sizeof (GstWsctlRenditionState)
};

static const GstWsctlRenditionClass *const classes[] = {
  &disabled, &gst_wsctl_rendition_linear, &gst_wsctl_rendition_adaptive
};

GType
gst_wsctl_rendition_policy_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_WSCTL_RENDITION_POLICY_DISABLED, "What the server chooses",
        "disabled"},
    {GST_WSCTL_RENDITION_POLICY_LINEAR, "As the Ceeblue client, by losses",
        "linear"},
    {GST_WSCTL_RENDITION_POLICY_ADAPTIVE, "By delay, capacity and decoding",
        "adaptive"},
    {0, NULL, NULL}
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlRenditionPolicy", values));

  return type;
}

GstWsctlRenditions *
gst_wsctl_renditions_new (GstWsctlRenditionPolicy policy)
{
  GstWsctlRenditions *self;
  guint i;

  g_return_val_if_fail (policy < G_N_ELEMENTS (classes), NULL);

  self = g_new0 (GstWsctlRenditions, 1);
  self->klass = classes[policy];
  self->state = g_malloc0 (self->klass->size);
  for (i = 0; i < GST_WSCTL_N_LADDERS; i++) {
    self->state->ladders[i].items =
        g_array_new (FALSE, FALSE, sizeof (GstWsctlRendition));
    self->state->ladders[i].current = -1;
  }

  return self;
}

void
gst_wsctl_renditions_free (GstWsctlRenditions * self)
{
  guint i;

  for (i = 0; i < GST_WSCTL_N_LADDERS; i++)
    g_array_unref (self->state->ladders[i].items);
  g_free (self->state);
  g_free (self);
}

static gint
find_index (const GstWsctlLadderState * self, gint64 index)
{
  guint i;

  for (i = 0; i < self->items->len; i++) {
    if (g_array_index (self->items, GstWsctlRendition, i).index == index)
      return i;
  }

  return -1;
}

static gint64
get_index (const GstWsctlLadderState * self)
{
  return self->current < 0 ? -1
      : g_array_index (self->items, GstWsctlRendition, self->current).index;
}

void
gst_wsctl_renditions_set_ladder (GstWsctlRenditions * self,
    GstWsctlLadder ladder, const GstWsctlRendition * items, guint n_items)
{
  GstWsctlLadderState *state = &self->state->ladders[ladder];
  gint64 index = get_index (state);

  g_array_set_size (state->items, 0);
  g_array_append_vals (state->items, items, n_items);
  state->current = index >= 0 ? find_index (state, index) : -1;
  state->asked = state->asked && state->current >= 0;
}

void
gst_wsctl_renditions_set_fixed (GstWsctlRenditions * self,
    GstWsctlLadder ladder, gboolean fixed)
{
  self->state->ladders[ladder].fixed = fixed;
  self->state->ladders[ladder].asked = FALSE;
}

/* Between our asking and the next key frame the server may still say the one
 * before; then what was asked for counts. */
static void
take_playing (GstWsctlLadderState * self, const gint64 * tracks, guint n_tracks)
{
  guint i;

  for (i = 0; i < n_tracks; i++) {
    gint position = find_index (self, tracks[i]);

    if (position >= 0 && (self->current < 0 || self->fixed))
      self->current = position;
  }
}

void
gst_wsctl_renditions_push_playing (GstWsctlRenditions * self, gint64 time_us,
    const gint64 * tracks, guint n_tracks)
{
  guint i;

  for (i = 0; i < GST_WSCTL_N_LADDERS; i++)
    take_playing (&self->state->ladders[i], tracks, n_tracks);
  if (self->klass->playing != NULL)
    self->klass->playing (self->state, time_us);
}

void
gst_wsctl_renditions_push_report (GstWsctlRenditions * self, gint64 time_us,
    const GstWsctlRenditionReport * report)
{
  self->state->report = *report;
  if (self->klass->report != NULL)
    self->klass->report (self->state, time_us, report);
}

static gint64
take_index (GstWsctlLadderState * self)
{
  gint64 index = self->asked && !self->fixed ? get_index (self) : -1;

  self->asked = FALSE;

  return index;
}

gboolean
gst_wsctl_renditions_take (GstWsctlRenditions * self, gint64 * audio,
    gint64 * video)
{
  *audio = take_index (&self->state->ladders[GST_WSCTL_LADDER_AUDIO]);
  *video = take_index (&self->state->ladders[GST_WSCTL_LADDER_VIDEO]);

  return *audio >= 0 || *video >= 0;
}

gboolean
gst_wsctl_ladder_is_free (const GstWsctlLadderState * self)
{
  return !self->fixed && self->current >= 0 && self->items->len > 1;
}

gboolean
gst_wsctl_ladder_move (GstWsctlLadderState * self, gint steps)
{
  gint position;

  if (!gst_wsctl_ladder_is_free (self))
    return FALSE;

  position = CLAMP (self->current - steps, 0, (gint) self->items->len - 1);
  if (position == self->current)
    return FALSE;
  self->current = position;
  self->asked = TRUE;

  return TRUE;
}

guint64
gst_wsctl_ladder_get_bitrate (const GstWsctlLadderState * self, gint position)
{
  if (position < 0 || position >= (gint) self->items->len)
    return 0;

  return g_array_index (self->items, GstWsctlRendition, position).bitrate_bps;
}
