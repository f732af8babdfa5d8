/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "gstwsctlencoderslot.h"
#include "gstwsctlforms.h"
#include "gstwsctlmitigation.h"
#include "gstwsctlpacing.h"
#include "wsctlconnection-private.h"

G_BEGIN_DECLS

/* A sink pad of wsctlsink with all that hangs on it. Its chain is built as soon as
 * the caps and the answer are known, whichever comes last. Until data can be sent
 * it drops what comes from a live source, and holds any other source. */
#define GST_TYPE_WSCTL_INPUT (gst_wsctl_input_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlInput, gst_wsctl_input, GST, WSCTL_INPUT,
    GstGhostPad)

/* On streaming threads; with no lock that a handler could need */
typedef struct
{
  void (*caps) (GstWsctlInput * input, gpointer bin);
  /* What comes in is of another codec than the session has. */
  void (*mismatch) (GstWsctlInput * input, gpointer bin);
  void (*eos) (GstWsctlInput * input, gpointer bin);
  void (*error) (GstWsctlInput * input, const GError * error, gpointer bin);
  /* Any thread: an element has been made. TRUE when it is set up entirely. */
  gboolean (*set_up_encoder) (GstWsctlInput * input, GstElement * encoder,
      gpointer bin);
  gboolean (*set_up_payloader) (GstWsctlInput * input,
      GstElement * payloader, gpointer bin);
} GstWsctlInputCallbacks;

/* How it is to be encoded, here or upstream */
typedef struct
{
  guint bitrate_bps;            /* 0: as it comes */
  GstWsctlMitigationMode mitigation;
  gboolean control_upstream;    /* an encoder that is not ours, too */
  guint key_frame_interval_ms;  /* 0: only when the network asks */
} GstWsctlInputEncoding;

/* What has passed it since it was made, and what it is waiting for */
typedef struct
{
  guint64 n_arrived;            /* buffers or lists that came in */
  guint64 n_frames;             /* encoded frames, those dropped as well */
  guint64 n_sent;               /* packets or lists that went to webrtcbin */
  guint64 n_times;              /* how often the running time changed */
  gint64 time_ns;               /* running time of the last buffer */
  gint64 due_ns;                /* when the last buffer is to be sent */
  gint64 now_ns;                /* running time of the pipeline; -1: none */
  GstWsctlForm form;
  gboolean has_caps;
  gboolean has_session;         /* media can flow */
  gboolean has_chain;
  gboolean waits_for_key;
} GstWsctlInputFlow;

GstWsctlInput *gst_wsctl_input_new (GstBin * bin, GstPadTemplate * template,
    GstWsctlMediaKind kind, GstWsctlPacing * pacing,
    const GstWsctlInputCallbacks * callbacks);
GstWsctlMediaKind gst_wsctl_input_get_kind (GstWsctlInput * self);

/* What comes in, or, before it does, what may. Transfer full. Any thread. */
GstCaps *gst_wsctl_input_query_caps (GstWsctlInput * self);
/* RTP caps to offer for what comes in, in the order of @wanted (caps of
 * elementary streams, or NULL), or NULL while that is not known. Transfer
 * full. Any thread. */
GstCaps *gst_wsctl_input_get_offer (GstWsctlInput * self,
    const GstCaps * wanted);
/* It is in the offer of this session; what comes from another is ignored. Any
 * thread. */
void gst_wsctl_input_begin (GstWsctlInput * self, GstWsctlConnection * session);
/* What was agreed; builds the chain once the caps are known, on a thread of its
 * own. Any thread. */
void gst_wsctl_input_connect (GstWsctlInput * self,
    GstWsctlConnection * session, const GstCaps * rtp);
/* Media can flow: lets data pass, from a key frame on. Not on the loop. */
void gst_wsctl_input_open (GstWsctlInput * self, GstWsctlConnection * session);
/* Nothing is built any more, what comes is dropped. */
void gst_wsctl_input_block (GstWsctlInput * self);
/* Takes the chain away, also from under a flow of data. Not on the loop. */
void gst_wsctl_input_disconnect (GstWsctlInput * self);
/* Takes away all, with the pad. Not on the loop. */
void gst_wsctl_input_remove (GstWsctlInput * self);
/* Now and for encoders to come. No lock held. Any thread but the loop. */
void gst_wsctl_input_set_encoding (GstWsctlInput * self,
    const GstWsctlInputEncoding * encoding);
gboolean gst_wsctl_input_is_eos (GstWsctlInput * self);
/* Only in PLAYING does time run. Any thread. */
void gst_wsctl_input_set_playing (GstWsctlInput * self, gboolean playing);
/* No session follows: nothing is held any more. Any thread. */
void gst_wsctl_input_set_over (GstWsctlInput * self, gboolean over);
gboolean gst_wsctl_input_is_over (GstWsctlInput * self);
/* The application has sent EOS: what is held is not waited for any more. Any
 * thread. */
void gst_wsctl_input_end (GstWsctlInput * self);
/* Any thread */
void gst_wsctl_input_get_flow (GstWsctlInput * self, GstWsctlInputFlow * flow);

G_END_DECLS
