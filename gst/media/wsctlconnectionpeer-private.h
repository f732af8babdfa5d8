/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlconnection-private.h"
#include "wsctltrack-private.h"

G_BEGIN_DECLS

/* A connection to a peer of a pool. It outlives what it is made of: each
 * exchange of descriptions makes a new link, which takes the old one's place when
 * it is connected. Until then the old one goes on. */
typedef struct
{
  /* On the loop */
  void (*candidate) (gpointer owner, GstWsctlConnection * connection,
      guint mline, const gchar * candidate, const gchar * ufrag);
  /* CONNECTED: the new link is in its place. FAILED: the new one, or without
   * a new one the old, is lost. */
  void (*state) (gpointer owner, GstWsctlConnection * connection,
      GstWsctlConnectionState state);
  void (*tracks_changed) (gpointer owner, GstWsctlConnection * connection);
  /* On a streaming thread: the pad to tell the application of; transfer full.
   * NULL: nobody is to hear of it. It is taken from its element on the worker
   * when the track is gone. */
  GstPad *(*pad_added) (gpointer owner, GstWsctlConnection * connection,
      GstPad * pad);
} GstWsctlPeerCallbacks;

/* @bin: the pool's, where the connection's element goes. @worker: where elements
 * are made and taken away. @callbacks is kept as it is, @owner weakly. Any
 * thread. */
GstWsctlConnection *gst_wsctl_connection_new_for_peer (const
    GstWsctlConnectionParams * params, GstWsctlLoop * worker, GstBin * bin,
    const gchar * id, GVariant * description,
    const GstWsctlPeerCallbacks * callbacks, GObject * owner);
void gst_wsctl_connection_set_description (GstWsctlConnection * self,
    GVariant * description);

/* Loop only, from here on. Makes a link and describes it; one that was under way
 * is dropped. */
void gst_wsctl_connection_describe_offer_async (GstWsctlConnection * self,
    GAsyncReadyCallback callback, gpointer user_data);
/* FALSE for an offer that makes no sense, and nothing happens. */
gboolean gst_wsctl_connection_describe_answer_async (GstWsctlConnection * self,
    const gchar * offer, GAsyncReadyCallback callback, gpointer user_data,
    GError ** error);
gchar *gst_wsctl_connection_describe_finish (GstWsctlConnection * self,
    GAsyncResult * result, GError ** error);
/* Was the offer last answered for the ICE credentials of before? */
gboolean gst_wsctl_connection_keeps_ice (GstWsctlConnection * self);
gboolean gst_wsctl_connection_take_peer_answer (GstWsctlConnection * self,
    const gchar * answer, GError ** error);
/* @ufrag: of the peer's description that it belongs to, if known. Too early, too
 * late, twice: all is well. */
void gst_wsctl_connection_add_candidate (GstWsctlConnection * self,
    guint mline, const gchar * candidate, const gchar * ufrag);
/* See gst_wsctl_link_get_last_received_us(); 0 before the first is connected */
gint64 gst_wsctl_connection_get_last_received_us (GstWsctlConnection * self);
/* Drops the link that is under way. */
void gst_wsctl_connection_abandon (GstWsctlConnection * self);
/* wsctlconnectionpads.c: a pad of @bin for @target, active, that drops what it
 * gets while it is linked to nothing. Transfer full. Any thread. */
GstPad *gst_wsctl_connection_expose_pad (GstElement * bin, const gchar * name,
    GstPad * target);
void gst_wsctl_connection_let_loose (GstPad * pad);

/* Is there something to send? */
gboolean gst_wsctl_connection_has_tracks (GstWsctlConnection * self);
/* Is all that there is to send agreed with the peer, by the last link? */
gboolean gst_wsctl_connection_is_complete (GstWsctlConnection * self);

G_END_DECLS
