/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlsrclatency.h"

#include "wsctlbuffering-private.h"

typedef enum
{
  MODE_ADAPTIVE,
  MODE_FIXED,
} Mode;

struct _GstWsctlSrcLatency
{
  gatomicrefcount refs;
  GstWsctlBin *bin;             /* for calls of its own */

  GMutex lock;
  Mode mode;                    /* lock */
  GstWsctlBuffering *buffering; /* lock; NULL without a session */
};

/* A pad that is watched */
typedef struct
{
  GstWsctlSrcLatency *latency;
  GstWsctlMediaKind kind;
} Watch;

static GType
get_mode_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {MODE_ADAPTIVE, "As long as the network asks for", "adaptive"},
    {MODE_FIXED, "As long as the property latency says", "fixed"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType made = g_enum_register_static ("GstWsctlLatencyMode", values);

    gst_type_mark_as_plugin_api (made, 0);
    g_once_init_leave (&type, made);
  }

  return type;
}

GstWsctlSrcLatency *
gst_wsctl_src_latency_new (GstWsctlBin * bin)
{
  GstWsctlSrcLatency *self = g_new0 (GstWsctlSrcLatency, 1);

  g_atomic_ref_count_init (&self->refs);
  self->bin = bin;
  g_mutex_init (&self->lock);

  return self;
}

void
gst_wsctl_src_latency_unref (GstWsctlSrcLatency * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gst_wsctl_src_latency_end (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* On a streaming thread */
static void
on_changed (gpointer data)
{
  g_autoptr (GstElement) bin = g_weak_ref_get (data);

  if (bin != NULL)
    gst_element_post_message (bin, gst_message_new_latency (GST_OBJECT (bin)));
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* -1: adaptive */
static gint
get_fixed_ms (GstWsctlSrcLatency * self)
{
  guint latency_ms = 0;
  Mode mode;

  g_object_get (self->bin, "latency", &latency_ms, NULL);
  g_mutex_lock (&self->lock);
  mode = self->mode;
  g_mutex_unlock (&self->lock);

  return mode == MODE_FIXED ? (gint) MIN (latency_ms, G_MAXINT) : -1;
}

static void
replace (GstWsctlSrcLatency * self, GstWsctlBuffering * buffering)
{
  GstWsctlBuffering *old;

  g_mutex_lock (&self->lock);
  old = self->buffering;
  self->buffering = buffering;
  g_mutex_unlock (&self->lock);

  if (old == NULL)
    return;
  gst_wsctl_buffering_close (old);
  gst_wsctl_buffering_unref (old);
}

void
gst_wsctl_src_latency_begin (GstWsctlSrcLatency * self, GstElement * webrtcbin)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self->bin);
  replace (self, gst_wsctl_buffering_new (webrtcbin, get_fixed_ms (self),
          on_changed, weak, free_weak));
}

void
gst_wsctl_src_latency_end (GstWsctlSrcLatency * self)
{
  replace (self, NULL);
}

/* Transfer full, or NULL. */
static GstWsctlBuffering *
get_buffering (GstWsctlSrcLatency * self)
{
  GstWsctlBuffering *buffering;

  g_mutex_lock (&self->lock);
  buffering = self->buffering != NULL
      ? gst_wsctl_buffering_ref (self->buffering) : NULL;
  g_mutex_unlock (&self->lock);

  return buffering;
}

void
gst_wsctl_src_latency_forget (GstWsctlSrcLatency * self)
{
  g_autoptr (GstWsctlBuffering) buffering = get_buffering (self);

  if (buffering != NULL)
    gst_wsctl_buffering_forget (buffering);
}

/* Answered: the jitter buffer has said how long it may wait, which is not what
 * anybody downstream has to. */
static GstPadProbeReturn
on_query (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Watch *watch = data;
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);
  g_autoptr (GstWsctlBuffering) buffering = NULL;
  GstClockTime min, max, excess, target;
  gboolean live;

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return GST_PAD_PROBE_OK;
  buffering = get_buffering (watch->latency);
  if (buffering == NULL)
    return GST_PAD_PROBE_OK;

  excess = gst_wsctl_buffering_get_excess (buffering, watch->kind)
      * GST_MSECOND;
  target = gst_wsctl_buffering_get_target (buffering) * GST_MSECOND;
  gst_query_parse_latency (query, &live, &min, &max);
  min = min > excess ? min - excess : 0;
  gst_query_set_latency (query, live, MAX (min, target), max);

  return GST_PAD_PROBE_OK;
}

static void
free_watch (gpointer data)
{
  Watch *watch = data;

  gst_wsctl_src_latency_unref (watch->latency);
  g_free (watch);
}

void
gst_wsctl_src_latency_watch (GstWsctlSrcLatency * self, GstPad * pad,
    GstWsctlMediaKind kind)
{
  Watch *watch = g_new0 (Watch, 1);

  g_atomic_ref_count_inc (&self->refs);
  watch->latency = self;
  watch->kind = kind;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM
      | GST_PAD_PROBE_TYPE_PULL, on_query, watch, free_watch);
}

void
gst_wsctl_src_latency_install_property (GObjectClass * klass, guint id)
{
  /**
   * wsctlsrc:latency-mode:
   *
   * How long received media is held. `adaptive`: as long as jitter, and what had
   * to be sent again, have asked for of late, which on a good network is 20 ms or
   * less; each change is announced to the pipeline. `fixed`: as long as
   * #GstWsctlConfig:latency says, which is also set by setting that.
   */
  g_object_class_install_property (klass, id,
      g_param_spec_enum ("latency-mode", "Latency mode",
          "How it is decided how long received media is held",
          get_mode_type (), MODE_ADAPTIVE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
          | GST_PARAM_MUTABLE_PLAYING));
}

static void
set_mode (GstWsctlSrcLatency * self, Mode mode)
{
  g_autoptr (GstWsctlBuffering) buffering = get_buffering (self);

  g_mutex_lock (&self->lock);
  self->mode = mode;
  g_mutex_unlock (&self->lock);

  if (buffering != NULL)
    gst_wsctl_buffering_set_fixed (buffering, get_fixed_ms (self));
}

void
gst_wsctl_src_latency_set_mode (GstWsctlSrcLatency * self, const GValue * value)
{
  set_mode (self, g_value_get_enum (value));
}

void
gst_wsctl_src_latency_get_mode (GstWsctlSrcLatency * self, GValue * value)
{
  g_mutex_lock (&self->lock);
  g_value_set_enum (value, self->mode);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_src_latency_fix (GstWsctlSrcLatency * self)
{
  set_mode (self, MODE_FIXED);
}
