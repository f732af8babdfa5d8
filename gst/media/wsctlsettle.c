/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Waiting for a streaming thread, with an end to it: whoever holds a packet up
 * may be waiting for us.
 */

#include "wsctlsettle-private.h"

/* Shared with the probe, which may outlive the waiting */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean idle;                /* lock */
} Wait;

static void
clear_wait (gpointer data)
{
  Wait *wait = data;

  g_mutex_clear (&wait->lock);
  g_cond_clear (&wait->cond);
}

static void
unref_wait (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear_wait);
}

static GstPadProbeReturn
on_idle (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Wait *wait = data;

  g_mutex_lock (&wait->lock);
  wait->idle = TRUE;
  g_cond_signal (&wait->cond);
  g_mutex_unlock (&wait->lock);

  return GST_PAD_PROBE_REMOVE;
}

gboolean
gst_wsctl_settle_pad (GstPad * pad, guint timeout_ms)
{
  gint64 end_us =
      g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  Wait *wait = g_atomic_rc_box_new0 (Wait);
  gboolean idle;
  gulong id;

  g_mutex_init (&wait->lock);
  g_cond_init (&wait->cond);
  /* 0: it was idle, and the probe has been and gone. */
  id = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_IDLE, on_idle,
      g_atomic_rc_box_acquire (wait), unref_wait);

  g_mutex_lock (&wait->lock);
  while (!wait->idle && g_cond_wait_until (&wait->cond, &wait->lock, end_us));
  idle = wait->idle;
  g_mutex_unlock (&wait->lock);
  if (!idle && id != 0)
    gst_pad_remove_probe (pad, id);
  unref_wait (wait);

  return idle;
}
