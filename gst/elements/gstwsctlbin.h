/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlanswer-private.h"
#include "wsctlconfig-private.h"
#include "wsctlcontroller.h"

G_BEGIN_DECLS

/* What both elements are: a bin that holds one session at a time, with its
 * properties, signals and messages. */
#define GST_TYPE_WSCTL_BIN (gst_wsctl_bin_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstWsctlBin, gst_wsctl_bin, GST, WSCTL_BIN, GstBin)

struct _GstWsctlBinClass
{
  GstBinClass parent_class;

  GstWsctlRole role;

  /* Application's thread, everything in PAUSED; or, for a session that follows
   * one that failed, another than the loop: say what to offer and open, now or
   * later. Nothing is sent before PLAYING. FALSE with a message posted ends the
   * state change. */
  gboolean (*started) (GstWsctlBin * self, GstWsctlController * controller);
  /* The loop: what was answered. Queue what takes time. */
  void (*opened) (GstWsctlBin * self, const GstWsctlAnswer * answer);
  /* The loop: media can flow. */
  void (*connected) (GstWsctlBin * self);
  /* Any thread: what the subclass knows beyond its connection. May be NULL. */
  void (*add_stats) (GstWsctlBin * self, GstStructure * stats);
  /* The loop: ended by the server in order. */
  void (*ended) (GstWsctlBin * self);
  /* Any thread: no session follows. May be NULL. */
  void (*over) (GstWsctlBin * self);
  /* Application's thread: after the change to PLAYING, before the change to
   * PAUSED. May be NULL. */
  void (*playing) (GstWsctlBin * self, gboolean playing);
  /* As "started": the session is closed, nothing stopped yet. Begin no more
   * work. Either of these two follows: */
  void (*stopping) (GstWsctlBin * self);
  /* Not the loop: its webrtcbin is gone, and another session will be started.
   * Keep the pads. */
  void (*suspended) (GstWsctlBin * self);
  /* Application's thread, everything in READY. */
  void (*stopped) (GstWsctlBin * self);
};

/* Subclasses number their properties from here. */
#define GST_WSCTL_BIN_FIRST_PROP (GST_WSCTL_CONFIG_N_PROPS + 6)

/* Begins the session, or lets PLAYING begin it; again, it does nothing. Any
 * thread. */
void gst_wsctl_bin_open (GstWsctlBin * self);
/* NULL unless in PAUSED or PLAYING, and between two sessions. Transfer full. Any
 * thread. */
GstWsctlController *gst_wsctl_bin_get_controller (GstWsctlBin * self);
/* The session's webrtcbin, while there is one. Transfer full. Any thread. */
GstElement *gst_wsctl_bin_get_webrtcbin (GstWsctlBin * self);
/* Another session takes the place of this one at once: its media have changed. Any
 * thread. */
void gst_wsctl_bin_renew (GstWsctlBin * self);
/* As the one error of this element: no other session follows. Any thread. */
void gst_wsctl_bin_fail (GstWsctlBin * self, const GError * error);

G_END_DECLS
