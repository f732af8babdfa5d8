/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The data channels that a link carries. Those of before it are agreed beforehand
 * under the numbers that they have; what is new is opened on the wire.
 */

#include "wsctllinkinternal-private.h"

#include "wsctlcategory-private.h"
#include "wsctldatachannelbins-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctllinkchannels_debug);
#define GST_CAT_DEFAULT wsctllinkchannels_debug

/* A stream that browsers do not come to: they have 1024. */
#define UNUSED_ID 65534

/* On the worker */
static void
make_channel (GstWsctlLink * self, GstWsctlDataChannel * channel)
{
  g_autoptr (GstStructure) request =
      gst_wsctl_data_channel_get_request (channel);
  g_autoptr (GObject) inner = NULL;

  g_signal_emit_by_name (self->webrtcbin, "create-data-channel",
      gst_wsctl_data_channel_get_label (channel), request, &inner);
  if (inner != NULL)
    gst_wsctl_data_channel_attach (channel, inner, self);
  else
    GST_WARNING_OBJECT (self->webrtcbin, "no data channel '%s' could be made",
        gst_wsctl_data_channel_get_label (channel));
}

static void
run_make_channel (gpointer data)
{
  GstWsctlLinkJob *job = data;

  if (!gst_wsctl_link_is_closed (job->link))
    make_channel (job->link, job->channel);
}

static void
take_channel (gpointer data)
{
  GstWsctlLinkJob *job = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&job->link->owner);

  if (owner == NULL || gst_wsctl_link_is_closed (job->link))
    return;

  g_ptr_array_add (job->link->channels, g_object_ref (job->channel));
  job->link->callbacks->channel (owner, job->link, job->channel);
}

/* On webrtcbin's own thread. The channel hears of its messages from here on, and
 * the loop of the channel before them. */
static void
on_data_channel (GstElement * webrtcbin, GObject * inner, GWeakRef * weak)
{
  g_autoptr (GstWsctlLink) self = g_weak_ref_get (weak);
  GstWsctlLinkJob *job;

  if (self == NULL || gst_wsctl_link_is_closed (self))
    return;

  job = gst_wsctl_link_job_new (self);
  job->channel = gst_wsctl_data_channel_new_of_peer (self->loop, inner, self);
  gst_wsctl_loop_call (self->loop, take_channel, job, gst_wsctl_link_job_free);
}

static void
free_weak (gpointer data, GClosure * closure)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static gboolean
has_data (const GstWsctlPeerSdp * sdp)
{
  guint i;

  for (i = 0; sdp != NULL && i < sdp->media->len; i++) {
    if (((const GstWsctlPeerMedium *) sdp->media->pdata[i])->is_data)
      return TRUE;
  }

  return FALSE;
}

/* A section that has been there stays, though there is nothing in it; webrtcbin
 * has it only with a channel. The peer never hears of this one. */
static void
make_section (GstWsctlLink * self)
{
  g_autoptr (GstStructure) options = gst_structure_new ("options",
      "negotiated", G_TYPE_BOOLEAN, TRUE, "id", G_TYPE_INT, UNUSED_ID, NULL);
  g_autoptr (GObject) unused = NULL;

  g_signal_emit_by_name (self->webrtcbin, "create-data-channel", "", options,
      &unused);
}

void
gst_wsctl_link_make_channels (GstWsctlLink * self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);
  guint i;

  GST_WSCTL_CATEGORY_INIT (wsctllinkchannels_debug, "wsctllinkchannels",
      "WebRTC WebSocket control: data channels of a link");

  if (self->channels->len == 0 && has_data (self->agreed))
    make_section (self);
  g_weak_ref_init (weak, self);
  g_signal_connect_data (self->webrtcbin, "on-data-channel",
      G_CALLBACK (on_data_channel), weak, free_weak, 0);
  gst_wsctl_data_channel_bins_watch (self->webrtcbin);

  for (i = 0; i < self->channels->len; i++)
    make_channel (self, self->channels->pdata[i]);
}

void
gst_wsctl_link_set_channels (GstWsctlLink * self, GPtrArray * channels)
{
  guint i;

  for (i = 0; i < channels->len; i++)
    g_ptr_array_add (self->channels, g_object_ref (channels->pdata[i]));
}

gboolean
gst_wsctl_link_has_data (GstWsctlLink * self)
{
  guint i;

  if (self->remote == NULL)
    return FALSE;

  for (i = 0; i < self->remote->media->len; i++) {
    const GstWsctlPeerMedium *medium = self->remote->media->pdata[i];

    if (medium->is_data && !medium->rejected)
      return TRUE;
  }

  return FALSE;
}

void
gst_wsctl_link_carry (GstWsctlLink * self, GstWsctlDataChannel * channel)
{
  GstWsctlLinkJob *job;

  if (g_ptr_array_find (self->channels, channel, NULL))
    return;

  g_ptr_array_add (self->channels, g_object_ref (channel));
  job = gst_wsctl_link_job_new (self);
  job->channel = g_object_ref (channel);
  gst_wsctl_loop_call (self->worker, run_make_channel, job,
      gst_wsctl_link_job_free);
}

void
gst_wsctl_link_forget (GstWsctlLink * self, GstWsctlDataChannel * channel)
{
  g_ptr_array_remove (self->channels, channel);
}
