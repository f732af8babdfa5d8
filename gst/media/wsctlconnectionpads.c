/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What comes from a peer. A pad of a connection stays while links come and go
 * behind it: each new link's pad for the same section becomes its target. A pad
 * that leads nowhere swallows its data, for an error would end them all.
 */

#include "wsctlconnectioninternal-private.h"

typedef struct
{
  GstWsctlMediaKind kind;
  guint index;                  /* among the sections of its kind */
  GstPad *inner;                /* on the connection's element */
  GstPad *outer;                /* what the application has; NULL: nothing */
} GstWsctlPeerPad;

void
gst_wsctl_peer_pad_free (gpointer data)
{
  GstWsctlPeerPad *pad = data;

  gst_object_unref (pad->inner);
  gst_clear_object (&pad->outer);
  g_free (pad);
}

/* On a streaming thread */
static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return gst_pad_is_linked (pad) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* A link ends, its peer goes on: what is downstream would take nothing of the next
 * link any more. On a streaming thread */
static GstPadProbeReturn
on_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS
      ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

void
gst_wsctl_connection_let_loose (GstPad * pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_data, NULL, NULL);
}

static gboolean
store_event (GstPad * pad, GstEvent ** event, gpointer data)
{
  gst_pad_store_sticky_event (data, *event);

  return TRUE;
}

GstPad *
gst_wsctl_connection_expose_pad (GstElement * bin, const gchar * name,
    GstPad * target)
{
  GstPad *pad = gst_object_ref_sink (gst_ghost_pad_new (name, target));

  gst_wsctl_connection_let_loose (pad);
  gst_pad_set_active (pad, TRUE);
  /* So that the caps can be asked for at once */
  gst_pad_sticky_events_foreach (target, store_event, pad);
  gst_element_add_pad (bin, pad);

  return pad;
}

static GstWsctlPeerPad *
find_pad_locked (GstWsctlConnection * self, GstWsctlMediaKind kind, guint index)
{
  GPtrArray *received = self->peer->received;
  guint i;

  for (i = 0; i < received->len; i++) {
    GstWsctlPeerPad *pad = g_ptr_array_index (received, i);

    if (pad->kind == kind && pad->index == index)
      return pad;
  }

  return NULL;
}

static void
add_pad (GstWsctlConnection * self, GstPad * target, GstWsctlMediaKind kind,
    guint index)
{
  GstWsctlConnectionPeer *peer = self->peer;
  g_autoptr (GObject) owner = g_weak_ref_get (&peer->owner);
  GstWsctlPeerPad *pad;
  g_autofree gchar *name = NULL;
  g_autoptr (GstPad) outer = NULL;

  if (owner == NULL)
    return;

  name = g_strdup_printf ("%s_%u", gst_wsctl_media_kind_get_nick (kind), index);
  pad = g_new0 (GstWsctlPeerPad, 1);
  pad->kind = kind;
  pad->index = index;
  pad->inner = gst_wsctl_connection_expose_pad (peer->bin, name, target);
  outer = peer->callbacks->pad_added (owner, self, pad->inner);
  if (outer != NULL)
    pad->outer = gst_object_ref (outer);

  g_mutex_lock (&peer->lock);
  g_ptr_array_add (peer->received, pad);
  g_mutex_unlock (&peer->lock);

  if (outer != NULL)
    gst_wsctl_connection_emit_track (self, outer);
}

void
gst_wsctl_connection_take_pad (GstWsctlConnection * self, GstPad * target,
    GstWsctlMediaKind kind, guint index)
{
  GstWsctlConnectionPeer *peer = self->peer;
  GstWsctlPeerPad *known = NULL;
  g_autoptr (GstPad) inner = NULL;
  gboolean closed;

  gst_wsctl_connection_let_loose (target);
  gst_pad_add_probe (target, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event,
      NULL, NULL);

  g_mutex_lock (&peer->lock);
  closed = peer->closed;
  if (!closed)
    known = find_pad_locked (self, kind, index);
  if (known != NULL)
    inner = gst_object_ref (known->inner);
  g_mutex_unlock (&peer->lock);

  if (closed)
    return;
  if (inner != NULL)
    gst_ghost_pad_set_target (GST_GHOST_PAD (inner), target);
  else
    add_pad (self, target, kind, index);
}

/* Does @remote send the @index-th section of @kind? */
static gboolean
is_sent (const GstWsctlPeerSdp * remote, GstWsctlMediaKind kind, guint index)
{
  guint i;

  for (i = 0; remote != NULL && i < remote->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (remote->media, i);

    if (!medium->is_data && medium->kind == kind && index-- == 0)
      return medium->sends;
  }

  return FALSE;
}

static void
remove_from_parent (GstPad * pad)
{
  g_autoptr (GstElement) parent = gst_pad_get_parent_element (pad);

  gst_pad_set_active (pad, FALSE);
  if (parent != NULL)
    gst_element_remove_pad (parent, pad);
}

/* From the application on */
static void
remove_pad (GstWsctlPeerPad * pad)
{
  if (pad->outer != NULL)
    remove_from_parent (pad->outer);
  remove_from_parent (pad->inner);
}

void
gst_wsctl_connection_prune_pads (GstWsctlConnection * self,
    const GstWsctlPeerSdp * remote)
{
  GPtrArray *received = self->peer->received;
  g_autoptr (GPtrArray) gone =
      g_ptr_array_new_with_free_func (gst_wsctl_peer_pad_free);
  guint i;

  g_mutex_lock (&self->peer->lock);
  for (i = received->len; i-- > 0;) {
    GstWsctlPeerPad *pad = g_ptr_array_index (received, i);

    if (!is_sent (remote, pad->kind, pad->index))
      g_ptr_array_add (gone, g_ptr_array_steal_index (received, i));
  }
  g_mutex_unlock (&self->peer->lock);

  for (i = 0; i < gone->len; i++)
    remove_pad (g_ptr_array_index (gone, i));
}
