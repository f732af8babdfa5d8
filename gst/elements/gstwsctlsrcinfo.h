/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlstreamwatch-private.h"

G_BEGIN_DECLS

/* What wsctlsrc knows of its stream beside the session: the state, the
 * description, the collection. It tells the application of it by signals
 * ("on-state", "on-metadata") and messages of its element. */
typedef struct _GstWsctlSrcInfo GstWsctlSrcInfo;

/* The loop; @element is alive. None comes after stop. */
typedef struct
{
  void (*state) (GstElement * element, GstWsctlStreamState state,
      const gchar * message, gpointer data);
  void (*described) (GstElement * element,
      const GstWsctlStreamDescription * description, gpointer data);
  void (*failed) (GstElement * element, const GError * error,
      gpointer data);
} GstWsctlSrcInfoCallbacks;

/* Any thread */
GstWsctlSrcInfo *gst_wsctl_src_info_new (GstElement * element,
    const GstWsctlSrcInfoCallbacks * callbacks, gpointer data);
void gst_wsctl_src_info_free (GstWsctlSrcInfo * self);
/* Begins to watch; again, it does nothing. */
void gst_wsctl_src_info_start (GstWsctlSrcInfo * self,
    GstWsctlConfig * config);
/* Waits for the loop; no lock held. */
void gst_wsctl_src_info_stop (GstWsctlSrcInfo * self);

/* Any thread. What was heard last; nothing when stopped. Transfer full. */
GstWsctlStreamState gst_wsctl_src_info_get_state (GstWsctlSrcInfo * self);
GstWsctlStreamDescription *gst_wsctl_src_info_get_description (GstWsctlSrcInfo
    * self);

/* "on-state", "on-metadata" */
void gst_wsctl_src_info_install_signals (GType type);

/* Whether it is in a bin, at any depth, whose type's name begins so. */
gboolean gst_wsctl_src_info_is_inside (GstElement * element,
    const gchar * prefix);
/* @message, of streams: transfer full. Not from within uridecodebin3 and
 * playbin3, whose choice is among pads, and not among what they may carry. */
void gst_wsctl_src_info_post_streams (GstElement * element,
    GstMessage * message);

G_END_DECLS
