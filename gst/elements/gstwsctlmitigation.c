/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The steps are those of webrtcsink: 1080p becomes 720p under 2 Mbit/s, 360p
 * under 1 Mbit/s, and goes at half the rate under 500 kbit/s. They are kept as
 * bits for each pixel, so that a small picture, for which all this is plenty,
 * stays as it is.
 *
 * Frames are left out here and not by videorate, which waits for the next frame
 * before it lets one go.
 */

#include "gstwsctlmitigation.h"

#include "wsctlframerate-private.h"

/* Bits for a pixel, below which the picture is made smaller; once it cannot,
 * below which frames are left out: 720p30 at 1 Mbit/s, 360p30 at 500 kbit/s. */
#define SCALE_BITS_PER_PIXEL 0.036
#define DROP_BITS_PER_PIXEL 0.072
/* To go back, this much more than it took to stay: each change is a key frame,
 * and a bitrate is never quite still. */
#define ROOM 1.25

struct _GstWsctlMitigation
{
  GstElement *filter;           /* the bin's; NULL: pictures stay */

  GMutex lock;
  GstWsctlMitigationMode modes; /* lock */
  guint bitrate_bps;            /* lock */

  /* The streaming thread */
  GstCaps *caps;                /* that come in */
  GstWsctlFramerate framerate;
  GstWsctlPicture input;
  GstWsctlPicture now;
  GstClockTime due;             /* of the next frame that passes */
};

/* The shorter side of what a picture is made, from large to small */
static const gint sides[] = { 720, 360 };

GType
gst_wsctl_mitigation_mode_get_type (void)
{
  static gsize type = 0;
  static const GFlagsValue values[] = {
    {GST_WSCTL_MITIGATION_MODE_NONE, "No mitigation", "none"},
    {GST_WSCTL_MITIGATION_MODE_DOWNSCALED, "Smaller pictures", "downscaled"},
    {GST_WSCTL_MITIGATION_MODE_DOWNSAMPLED, "Fewer frames", "downsampled"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_flags_register_static ("GstWsctlMitigationMode", values));

  return type;
}

static gdouble
get_bits_per_pixel (const GstWsctlPicture * picture, guint bitrate_bps)
{
  gdouble fps = picture->fps_n > 0 && picture->fps_d > 0
      ? (gdouble) picture->fps_n / picture->fps_d : 30.0;

  return bitrate_bps / (fps * picture->width * picture->height);
}

static GstWsctlPicture
scale (const GstWsctlPicture * picture, gint side)
{
  GstWsctlPicture scaled = *picture;
  gint shorter = MIN (picture->width, picture->height);

  /* Even, for the chroma of 4:2:0 */
  scaled.width = gst_util_uint64_scale_int_round (picture->width, side,
      shorter) & ~1;
  scaled.height = gst_util_uint64_scale_int_round (picture->height, side,
      shorter) & ~1;

  return scaled;
}

GstWsctlPicture
gst_wsctl_mitigation_choose (GstWsctlMitigationMode modes, guint bitrate_bps,
    const GstWsctlPicture * input, const GstWsctlPicture * now)
{
  GstWsctlPicture chosen = *input;
  gint shorter = MIN (input->width, input->height);
  gboolean may_scale = (modes & GST_WSCTL_MITIGATION_MODE_DOWNSCALED) != 0;
  gdouble room;
  guint i;

  if (bitrate_bps == 0 || shorter <= 0)
    return chosen;

  for (i = 0; may_scale && i < G_N_ELEMENTS (sides); i++) {
    room = now->width < chosen.width ? ROOM : 1.0;
    if (sides[i] < shorter && get_bits_per_pixel (&chosen, bitrate_bps)
        < SCALE_BITS_PER_PIXEL * room)
      chosen = scale (input, sides[i]);
  }

  /* Before frames are left out, the picture is made as small as may be. */
  if ((modes & GST_WSCTL_MITIGATION_MODE_DOWNSAMPLED) == 0 || input->fps_n <= 0
      || (may_scale && MIN (chosen.width, chosen.height)
          > sides[G_N_ELEMENTS (sides) - 1]))
    return chosen;

  room = (gint64) now->fps_n * input->fps_d < (gint64) input->fps_n * now->fps_d
      ? ROOM : 1.0;
  if (get_bits_per_pixel (&chosen, bitrate_bps) < DROP_BITS_PER_PIXEL * room)
    gst_util_fraction_multiply (input->fps_n, input->fps_d, 1, 2,
        &chosen.fps_n, &chosen.fps_d);

  return chosen;
}

GstWsctlMitigation *
gst_wsctl_mitigation_new (GstBin * bin, gboolean able, GstElement ** first,
    GstElement ** last)
{
  GstWsctlMitigation *self = g_new0 (GstWsctlMitigation, 1);
  GstElement *scaler = able
      ? gst_element_factory_make ("videoscale", NULL) : NULL;

  g_mutex_init (&self->lock);
  gst_wsctl_framerate_init (&self->framerate);
  self->due = GST_CLOCK_TIME_NONE;
  if (scaler == NULL) {
    *first = *last = gst_element_factory_make ("identity", NULL);
    gst_bin_add (bin, *first);
    return self;
  }

  self->filter = gst_element_factory_make ("capsfilter", "mitigation");
  gst_bin_add_many (bin, scaler, self->filter, NULL);
  gst_element_link (scaler, self->filter);
  *first = scaler;
  *last = self->filter;

  return self;
}

void
gst_wsctl_mitigation_free (GstWsctlMitigation * self)
{
  gst_clear_caps (&self->caps);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
gst_wsctl_mitigation_set (GstWsctlMitigation * self,
    GstWsctlMitigationMode modes, guint bitrate_bps)
{
  g_mutex_lock (&self->lock);
  self->modes = modes;
  self->bitrate_bps = bitrate_bps;
  g_mutex_unlock (&self->lock);
}

static GstWsctlPicture
choose (GstWsctlMitigation * self)
{
  GstWsctlMitigationMode modes;
  guint bitrate_bps;

  g_mutex_lock (&self->lock);
  modes = self->modes;
  bitrate_bps = self->bitrate_bps;
  g_mutex_unlock (&self->lock);
  if (self->filter == NULL)
    modes = GST_WSCTL_MITIGATION_MODE_NONE;

  return gst_wsctl_mitigation_choose (modes, bitrate_bps, &self->input,
      &self->now);
}

static void
set_size (GstWsctlMitigation * self)
{
  g_autoptr (GstCaps) caps = gst_caps_new_any ();

  if (self->filter == NULL)
    return;

  if (self->now.width != self->input.width
      || self->now.height != self->input.height) {
    gst_caps_unref (caps);
    caps = gst_caps_new_simple ("video/x-raw",
        "width", G_TYPE_INT, self->now.width,
        "height", G_TYPE_INT, self->now.height, NULL);
  }
  g_object_set (self->filter, "caps", caps, NULL);
}

static GstCaps *
get_caps (GstWsctlMitigation * self)
{
  GstCaps *caps = gst_caps_copy (self->caps);

  gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION,
      self->now.fps_n, self->now.fps_d, NULL);

  return caps;
}

static gboolean
is_reduced_in_time (GstWsctlMitigation * self)
{
  return self->now.fps_n != self->input.fps_n
      || self->now.fps_d != self->input.fps_d;
}

GstCaps *
gst_wsctl_mitigation_take_caps (GstWsctlMitigation * self, const GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);

  gst_caps_replace (&self->caps, (GstCaps *) caps);
  gst_wsctl_framerate_take_caps (&self->framerate, caps);
  self->input.width = self->input.height = 0;
  gst_structure_get_int (structure, "width", &self->input.width);
  gst_structure_get_int (structure, "height", &self->input.height);
  self->input.fps_n = self->framerate.fps_n;
  self->input.fps_d = self->framerate.fps_d;
  self->now = self->input;
  self->now = choose (self);
  self->due = GST_CLOCK_TIME_NONE;
  set_size (self);

  return get_caps (self);
}

/* A frame passes when its time has come, give or take half an interval. */
static gboolean
is_due (GstWsctlMitigation * self, GstClockTime time)
{
  GstClockTime interval;

  if (!is_reduced_in_time (self) || !GST_CLOCK_TIME_IS_VALID (time))
    return TRUE;

  interval = gst_util_uint64_scale_int (GST_SECOND, self->now.fps_d,
      self->now.fps_n);
  if (GST_CLOCK_TIME_IS_VALID (self->due) && time + interval / 4 < self->due
      && time + 2 * interval > self->due)
    return FALSE;

  /* From the last one that was due, unless there was a gap or a jump. */
  if (GST_CLOCK_TIME_IS_VALID (self->due) && time < self->due + interval
      && time + 2 * interval > self->due)
    self->due += interval;
  else
    self->due = time + interval;

  return TRUE;
}

gboolean
gst_wsctl_mitigation_take_buffer (GstWsctlMitigation * self,
    GstBuffer * buffer, GstCaps ** caps)
{
  GstWsctlPicture before = self->now;

  *caps = NULL;
  if (self->caps == NULL)
    return TRUE;

  if (gst_wsctl_framerate_take_time (&self->framerate, GST_BUFFER_PTS (buffer))) {
    self->input.fps_n = self->framerate.fps_n;
    self->input.fps_d = self->framerate.fps_d;
  }
  self->now = choose (self);
  if (self->now.width != before.width || self->now.height != before.height)
    set_size (self);
  if (self->now.fps_n != before.fps_n || self->now.fps_d != before.fps_d) {
    self->due = GST_CLOCK_TIME_NONE;
    *caps = get_caps (self);
  }

  return is_due (self, GST_BUFFER_PTS (buffer));
}
