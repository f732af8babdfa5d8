/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "gstwsctlflows.h"
#include "gstwsctlsrctime.h"
#include "wsctlanswer-private.h"

G_BEGIN_DECLS

/* A source pad of wsctlsrc with all that stands before it. It appears as soon as
 * the answer is known; its chain is built when it is linked, in the form that
 * downstream takes, so that it stands ready when the first packet comes.
 *
 * For a medium that the stream lacks there is a pad as well, unless nobody asked
 * for it: what a launch line links would else wait for its first buffer for
 * ever, and the whole pipeline with it. That pad gives EOS at once. */
#define GST_TYPE_WSCTL_OUTPUT (gst_wsctl_output_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlOutput, gst_wsctl_output, GST, WSCTL_OUTPUT,
    GstGhostPad)

/* On any thread but the loop's */
typedef void (*GstWsctlOutputErrorFunc) (GstWsctlOutput * output,
    const GError * error, gpointer bin);

/* Not on the loop. @media: what was answered for it. @flows: of all outputs of
 * the bin. */
GstWsctlOutput *gst_wsctl_output_new (GstBin * bin, GstPadTemplate * template,
    const GstWsctlAnsweredMedia * media, GstWsctlSrcTime * time,
    GstWsctlFlows * flows,
    GstWsctlOutputErrorFunc error_func);
GstWsctlMediaKind gst_wsctl_output_get_kind (GstWsctlOutput * self);
/* Transfer none. */
GstStream *gst_wsctl_output_get_stream (GstWsctlOutput * self);
/* Adds the pad to its bin; builds when somebody links it on the way, or when
 * somebody does later. @group_id, @collection: of all that are played together */
void gst_wsctl_output_expose (GstWsctlOutput * self, guint group_id,
    GstStreamCollection * collection);
/* Another one, for one that is exposed */
void gst_wsctl_output_set_collection (GstWsctlOutput * self,
    GstStreamCollection * collection);
/* The pad of webrtcbin that gives its packets, in place of one before. */
gboolean gst_wsctl_output_link (GstWsctlOutput * self, GstPad * pad);
/* Drops what a pad of webrtcbin gives that nobody waits for. */
void gst_wsctl_output_ignore (GstPad * pad);
/* Any thread. What comes next is from another place, or after a pause. */
void gst_wsctl_output_forget_lead (GstWsctlOutput * self);
/* Sends EOS behind what has come in. Not on the loop. */
void gst_wsctl_output_end (GstWsctlOutput * self);
/* Nothing is built any more. */
void gst_wsctl_output_block (GstWsctlOutput * self);
/* Its session is over, with webrtcbin gone, and another follows: the pad stays,
 * and gap events flow until the next data. Not on the loop. */
void gst_wsctl_output_suspend (GstWsctlOutput * self);
/* Builds for what another session answered, as gst_wsctl_output_expose(). */
void gst_wsctl_output_resume (GstWsctlOutput * self,
    const GstWsctlAnsweredMedia * media);
/* Takes all away, with the pad. Everything is in READY. */
void gst_wsctl_output_remove (GstWsctlOutput * self);
/* Those of wsctlsrc that its outputs emit */
void gst_wsctl_output_install_signals (GType type);

G_END_DECLS
