/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A data channel has two elements in its webrtcbin, an appsrc and an appsink, each
 * in a bin of its own. Nothing but the moment in which they are added tells whose
 * they are: webrtcbin says which channel it prepares, then adds them, all under one
 * lock.
 */

#include "wsctldatachannelbins-private.h"

#include <gst/sctp/sctpreceivemeta.h>
#include <gst/webrtc/webrtc.h>

#include "wsctlplatform-private.h"

#define BIN_TYPE_NAME "WebRTCErrorIgnoreBin"
#define META_TYPE_NAME "GstSctpReceiveMetaAPI"

#define MESSAGE_ACK 2           /* RFC 8832, 8.2.1 */
#define MESSAGE_OPEN 3
#define OPEN_SIZE 12            /* without the names */
#define PPID_CONTROL 50         /* RFC 8831, 8. */
#define PPID_LAST 57
#define PPID_UNUSED 55

static GQuark
get_bins_quark (void)
{
  return g_quark_from_static_string ("gst-wsctl-data-channel-bins");
}

/* An empty message is one byte on the wire (RFC 8831, 6.6): SCTP sends no less. Of
 * webrtcbin it is a buffer of nothing, which costs the channel its life. */
static GstPadProbeReturn
fill_empty (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (gst_buffer_get_size (buffer) > 0)
    return GST_PAD_PROBE_OK;

  buffer = gst_buffer_make_writable (buffer);
  gst_buffer_append_memory (buffer, gst_allocator_alloc (NULL, 1, NULL));
  gst_buffer_memset (buffer, 0, 0, 1);
  GST_PAD_PROBE_INFO_DATA (info) = buffer;

  return GST_PAD_PROBE_OK;
}

/* With what @negotiated one has no message that opens it. */
static gboolean
is_sound_control (GstBuffer * buffer, gboolean negotiated)
{
  guint8 bytes[OPEN_SIZE] = { 0, };
  gsize size = gst_buffer_extract (buffer, 0, bytes, sizeof bytes);

  if (size > 0 && bytes[0] == MESSAGE_ACK)
    return TRUE;

  return size == OPEN_SIZE && bytes[0] == MESSAGE_OPEN && !negotiated
      && gst_buffer_get_size (buffer) >= (gsize) OPEN_SIZE
      + GST_READ_UINT16_BE (bytes + 8) + GST_READ_UINT16_BE (bytes + 10);
}

/* For webrtcbin an unknown message is the end of everything that is received, and
 * MistServer acknowledges a channel with the digit 2 in place of the number. */
static GstPadProbeReturn
drop_unknown (GstPad * pad, GstPadProbeInfo * info, gpointer negotiated)
{
  GType api = g_type_from_name (META_TYPE_NAME);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  const GstSctpReceiveMeta *meta = api != 0
      ? (GstSctpReceiveMeta *) gst_buffer_get_meta (buffer, api) : NULL;

  if (meta == NULL)
    return GST_PAD_PROBE_OK;
  if (meta->ppid < PPID_CONTROL || meta->ppid > PPID_LAST
      || meta->ppid == PPID_UNUSED || (meta->ppid == PPID_CONTROL
          && !is_sound_control (buffer, GPOINTER_TO_INT (negotiated))))
    return GST_PAD_PROBE_DROP;

  return GST_PAD_PROBE_OK;
}

/* On a thread of GStreamer's pool. The bins tell the channel of their errors: it
 * must not go before them. */
static void
remove_bins (GstElement * webrtcbin, gpointer data)
{
  GPtrArray *bins = g_object_steal_qdata (data, get_bins_quark ());
  guint i;

  for (i = 0; bins != NULL && i < bins->len; i++) {
    GstElement *bin = bins->pdata[i];
    g_autoptr (GstObject) parent = gst_object_get_parent (GST_OBJECT (bin));

    gst_element_set_locked_state (bin, TRUE);
    gst_element_set_state (bin, GST_STATE_NULL);
    if (parent != NULL)
      gst_bin_remove (GST_BIN (parent), bin);
  }
  g_clear_pointer (&bins, g_ptr_array_unref);
}

/* On webrtcbin's own thread, its lock held */
static void
on_ready_state (GstWebRTCDataChannel * channel, GParamSpec * pspec,
    GWeakRef * weak)
{
  g_autoptr (GstElement) webrtcbin = NULL;
  GstWebRTCDataChannelState state;

  g_object_get (channel, "ready-state", &state, NULL);
  if (state != GST_WEBRTC_DATA_CHANNEL_STATE_CLOSED)
    return;

  webrtcbin = g_weak_ref_get (weak);
  if (webrtcbin != NULL)
    gst_element_call_async (webrtcbin, remove_bins, g_object_ref (channel),
        g_object_unref);
}

static void
free_weak (gpointer data, GClosure * closure)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* webrtcbin does it itself since 1.24.9. */
static gboolean
must_remove (void)
{
  return !gst_wsctl_platform_is_since (24, 9);
}

static void
on_prepare (GstElement * webrtcbin, GstWebRTCDataChannel * channel,
    gboolean is_local, gpointer data)
{
  GstWebRTCDataChannel **preparing = data;
  GWeakRef *weak = NULL;

  *preparing = channel;
  g_object_set_qdata_full (G_OBJECT (channel), get_bins_quark (),
      g_ptr_array_new_with_free_func (gst_object_unref),
      (GDestroyNotify) g_ptr_array_unref);
  if (!must_remove ())
    return;

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, webrtcbin);
  g_signal_connect_data (channel, "notify::ready-state",
      G_CALLBACK (on_ready_state), weak, free_weak, 0);
}

static void
on_element_added (GstBin * webrtcbin, GstElement * element, gpointer data)
{
  GstWebRTCDataChannel **preparing = data;
  g_autoptr (GstPad) src = NULL;
  g_autoptr (GstPad) sink = NULL;
  gboolean negotiated = FALSE;
  GPtrArray *bins;

  if (*preparing == NULL
      || g_strcmp0 (G_OBJECT_TYPE_NAME (element), BIN_TYPE_NAME) != 0)
    return;

  g_object_get (*preparing, "negotiated", &negotiated, NULL);
  bins = g_object_get_qdata (G_OBJECT (*preparing), get_bins_quark ());
  g_ptr_array_add (bins, gst_object_ref (element));
  if (bins->len == 2)
    *preparing = NULL;

  src = gst_element_get_static_pad (element, "src");
  if (src != NULL)
    gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, fill_empty, NULL, NULL);
  sink = gst_element_get_static_pad (element, "sink");
  if (sink != NULL)
    gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, drop_unknown,
        GINT_TO_POINTER (negotiated), NULL);
}

void
gst_wsctl_data_channel_bins_watch (GstElement * webrtcbin)
{
  GstWebRTCDataChannel **preparing = g_new0 (GstWebRTCDataChannel *, 1);

  g_object_set_data_full (G_OBJECT (webrtcbin), "wsctl-preparing", preparing,
      g_free);
  g_signal_connect (webrtcbin, "prepare-data-channel",
      G_CALLBACK (on_prepare), preparing);
  g_signal_connect (webrtcbin, "element-added",
      G_CALLBACK (on_element_added), preparing);
}

typedef struct
{
  GObject *channel;
  GFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Drain;

static void
free_drain (gpointer data)
{
  Drain *drain = data;

  drain->destroy (drain->data);
  g_object_unref (drain->channel);
  g_free (drain);
}

/* The pad is idle: what has left the queue has arrived. */
static GstPadProbeReturn
on_idle (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Drain *drain = data;
  guint64 amount;

  g_object_get (drain->channel, "buffered-amount", &amount, NULL);
  if (amount > 0)
    return GST_PAD_PROBE_OK;

  drain->func (drain->channel, drain->data);

  return GST_PAD_PROBE_REMOVE;
}

void
gst_wsctl_data_channel_bins_drain (GObject * channel, GFunc func, gpointer data,
    GDestroyNotify destroy)
{
  GPtrArray *bins = g_object_get_qdata (channel, get_bins_quark ());
  g_autoptr (GstPad) src = NULL;
  Drain *drain;

  if (bins != NULL && bins->len > 0)
    src = gst_element_get_static_pad (bins->pdata[0], "src");
  if (src == NULL) {
    func (channel, data);
    destroy (data);
    return;
  }

  drain = g_new0 (Drain, 1);
  drain->channel = g_object_ref (channel);
  drain->func = func;
  drain->data = data;
  drain->destroy = destroy;
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_IDLE, on_idle, drain, free_drain);
}
