/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What passes a pad.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define WAIT_MS 15000

struct _TestTap
{
  gatomicrefcount refs;         /* the test's and the probe's */
  GstPad *pad;
  gulong probe_id;
  GMutex lock;
  GCond cond;
  guint n;                      /* lock */
  gboolean eos;                 /* lock */
  GstBuffer *buffer;            /* lock */
  GstCaps *caps;                /* lock: of the last buffer */
};

static void
unref_tap (gpointer data)
{
  TestTap *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gst_clear_buffer (&self->buffer);
  gst_clear_caps (&self->caps);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

static void
take_buffer (TestTap * self, GstPad * pad, GstBuffer * buffer)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);

  self->n++;
  gst_buffer_replace (&self->buffer, buffer);
  gst_caps_replace (&self->caps, caps);
  gst_clear_caps (&caps);
}

static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  TestTap *self = data;

  g_mutex_lock (&self->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    take_buffer (self, pad, GST_PAD_PROBE_INFO_BUFFER (info));
  else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    take_buffer (self, pad,
        gst_buffer_list_get (GST_PAD_PROBE_INFO_BUFFER_LIST (info), 0));
  else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    self->eos = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);

  return GST_PAD_PROBE_OK;
}

TestTap *
test_tap_new_for_element (GstElement * element, const gchar * pad)
{
  TestTap *self = g_new0 (TestTap, 1);

  g_atomic_ref_count_init (&self->refs);
  g_atomic_ref_count_inc (&self->refs);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->pad = gst_element_get_static_pad (element, pad);
  g_assert_nonnull (self->pad);
  self->probe_id = gst_pad_add_probe (self->pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_data, self, unref_tap);

  return self;
}

TestTap *
test_tap_new (TestPipeline * pipeline, const gchar * element, const gchar * pad)
{
  g_autoptr (GstElement) owner = test_pipeline_find (pipeline, element);

  return test_tap_new_for_element (owner, pad);
}

void
test_tap_free (TestTap * self)
{
  gst_pad_remove_probe (self->pad, self->probe_id);
  gst_clear_object (&self->pad);
  unref_tap (self);
}

/* With the lock held */
static void
wait_once (TestTap * self, gint64 end_us, const gchar * what)
{
  if (!g_cond_wait_until (&self->cond, &self->lock, end_us))
    g_error ("Waited in vain for: %s; %u buffers have passed %s", what,
        self->n, GST_PAD_NAME (self->pad));
}

static gint64
get_deadline (void)
{
  return g_get_monotonic_time ()
      + test_scale_ms (WAIT_MS) * G_TIME_SPAN_MILLISECOND;
}

void
test_tap_wait (TestTap * self, guint n)
{
  gint64 end_us = get_deadline ();

  test_say ("buffers at a tap");
  g_mutex_lock (&self->lock);
  n += self->n;
  while (self->n < n)
    wait_once (self, end_us, "buffers at a tap");
  g_mutex_unlock (&self->lock);
}

void
test_tap_wait_caps (TestTap * self, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  gint64 end_us = get_deadline ();

  test_say (text);
  g_mutex_lock (&self->lock);
  while (self->caps == NULL || !gst_caps_can_intersect (self->caps, caps))
    wait_once (self, end_us, text);
  g_mutex_unlock (&self->lock);
}

void
test_tap_wait_eos (TestTap * self)
{
  gint64 end_us = get_deadline ();

  test_say ("EOS at a tap");
  g_mutex_lock (&self->lock);
  while (!self->eos)
    wait_once (self, end_us, "EOS at a tap");
  g_mutex_unlock (&self->lock);
}

guint
test_tap_count (TestTap * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n;
  g_mutex_unlock (&self->lock);

  return n;
}

GstBuffer *
test_tap_get_buffer (TestTap * self)
{
  GstBuffer *buffer;

  g_mutex_lock (&self->lock);
  buffer = self->buffer != NULL ? gst_buffer_ref (self->buffer) : NULL;
  g_mutex_unlock (&self->lock);

  return buffer;
}

GstCaps *
test_tap_get_caps (TestTap * self)
{
  GstCaps *caps;

  g_mutex_lock (&self->lock);
  caps = self->caps != NULL ? gst_caps_ref (self->caps) : NULL;
  g_mutex_unlock (&self->lock);

  return caps;
}
