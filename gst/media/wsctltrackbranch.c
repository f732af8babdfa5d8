/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is behind the tee of a track, for one receiver. The queue is there for
 * the others: a receiver that takes nothing loses what is old, and gets a key
 * frame when it takes again.
 */

#include "wsctltrack-private.h"

#include "wsctlcategory-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctltrackbranch_debug);
#define GST_CAT_DEFAULT wsctltrackbranch_debug

#define MAX_QUEUED_NS (500 * GST_MSECOND)
#define KEY_FRAME_INTERVAL_US (500 * G_TIME_SPAN_MILLISECOND)
#define MTU 1200

struct _GstWsctlTrackBranch
{
  GstWsctlTrack *track;
  GstBin *bin;
  GstElement *queue;
  GstElement *payloader;
  GstPad *entry;                /* on the bin */
  GstPad *tee_pad;
  gint64 asked_us;              /* the track's streaming thread */
};

/* On the track's streaming thread: something was lost. */
static void
on_overrun (GstElement * queue, GstWsctlTrackBranch * self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us - self->asked_us < KEY_FRAME_INTERVAL_US)
    return;

  self->asked_us = now_us;
  GST_INFO_OBJECT (queue, "a receiver is too slow: data is dropped");
  gst_wsctl_track_request_key_frame (self->track);
}

static void
set_if_there (GstElement * element, const gchar * name, const gchar * value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), name) != NULL)
    gst_util_set_object_arg (G_OBJECT (element), name, value);
}

static gboolean
make_elements (GstWsctlTrackBranch * self, gint payload, GError ** error)
{
  const gchar *factory = gst_wsctl_track_get_codec (self->track)->payloader;

  self->queue = gst_element_factory_make ("queue", NULL);
  self->payloader = gst_element_factory_make (factory, NULL);
  if (self->queue == NULL || self->payloader == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "the element '%s' is not installed",
        self->queue == NULL ? "queue" : factory);
    gst_clear_object (&self->queue);
    gst_clear_object (&self->payloader);
    return FALSE;
  }

  g_object_set (self->queue, "max-size-buffers", 0, "max-size-bytes", 0,
      "max-size-time", MAX_QUEUED_NS, NULL);
  gst_util_set_object_arg (G_OBJECT (self->queue), "leaky", "downstream");
  g_signal_connect (self->queue, "overrun", G_CALLBACK (on_overrun), self);
  g_object_set (self->payloader, "pt", (guint) payload, "mtu", MTU, NULL);
  set_if_there (self->payloader, "aggregate-mode", "zero-latency");
  set_if_there (self->payloader, "picture-id-mode", "15-bit");
  set_if_there (self->payloader, "auto-header-extension", "false");

  return TRUE;
}

/* From the receiver to the tee, so that nothing flows before it can go on */
static gboolean
link_all (GstWsctlTrackBranch * self, GstPad * sink)
{
  GstElement *tee = gst_wsctl_track_get_tee (self->track);
  g_autoptr (GstPad) src = gst_element_get_static_pad (self->payloader, "src");
  g_autoptr (GstPad) target = gst_element_get_static_pad (self->queue, "sink");

  gst_bin_add_many (self->bin, self->queue, self->payloader, NULL);
  if (!gst_element_link (self->queue, self->payloader)
      || gst_pad_link (src, sink) != GST_PAD_LINK_OK)
    return FALSE;
  gst_element_sync_state_with_parent (self->payloader);
  gst_element_sync_state_with_parent (self->queue);

  self->entry = gst_object_ref_sink (gst_ghost_pad_new (NULL, target));
  gst_pad_set_active (self->entry, TRUE);
  gst_element_add_pad (GST_ELEMENT (self->bin), self->entry);

  self->tee_pad = gst_element_request_pad_simple (tee, "src_%u");

  return self->tee_pad != NULL
      && gst_pad_link (self->tee_pad, self->entry) == GST_PAD_LINK_OK;
}

GstWsctlTrackBranch *
gst_wsctl_track_add_branch (GstWsctlTrack * track, GstBin * bin,
    GstPad * sink, gint payload, GError ** error)
{
  GstWsctlTrackBranch *self = g_new0 (GstWsctlTrackBranch, 1);

  GST_WSCTL_CATEGORY_INIT (wsctltrackbranch_debug, "wsctltrackbranch",
      "WebRTC WebSocket control: branch of a track");

  self->track = g_object_ref (track);
  self->bin = gst_object_ref (bin);
  if (!make_elements (self, payload, error)) {
    gst_wsctl_track_branch_free (self);
    return NULL;
  }
  gst_object_ref_sink (self->queue);
  gst_object_ref_sink (self->payloader);
  if (!link_all (self, sink)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_REPLACE_TRACK_FAILED,
        "the %s track does not fit what was agreed with the peer",
        gst_wsctl_track_get_codec (track)->name);
    gst_wsctl_track_branch_free (self);
    return NULL;
  }
  gst_wsctl_track_request_key_frame (track);

  return self;
}

static void
remove_element (GstBin * bin, GstElement ** element)
{
  if (*element == NULL)
    return;

  gst_element_set_locked_state (*element, TRUE);
  gst_element_set_state (*element, GST_STATE_NULL);
  if (GST_OBJECT_PARENT (*element) == GST_OBJECT (bin))
    gst_bin_remove (bin, *element);
  gst_clear_object (element);
}

/* What a pad that is released answers is of no more interest to the tee: its
 * receiver may be stopped from now on. */
void
gst_wsctl_track_branch_cut (GstWsctlTrackBranch * self)
{
  if (self->tee_pad != NULL)
    gst_element_release_request_pad (gst_wsctl_track_get_tee (self->track),
        self->tee_pad);
  gst_clear_object (&self->tee_pad);
}

void
gst_wsctl_track_branch_free (GstWsctlTrackBranch * self)
{
  gst_wsctl_track_branch_cut (self);
  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  remove_element (self->bin, &self->queue);
  if (self->entry != NULL) {
    gst_pad_set_active (self->entry, FALSE);
    gst_element_remove_pad (GST_ELEMENT (self->bin), self->entry);
  }
  gst_clear_object (&self->entry);
  remove_element (self->bin, &self->payloader);

  gst_object_unref (self->bin);
  g_object_unref (self->track);
  g_free (self);
}
