/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "gstwsctlencoderslot.h"
#include "gstwsctlmitigation.h"
#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* From what a sink pad takes to RTP of the codec agreed, or to encoded media:
 *
 *   raw      (scale) ! convert ! encoder ! (profile) ! (parser) ! payloader
 *   encoded  (parser) ! payloader
 *   RTP      depayloader ! (parser) ! payloader
 *
 * Its elements are named for what they do ("encoder", "parser", "payloader"), so
 * that they can be reached from outside. */
#define GST_TYPE_WSCTL_SEND_CHAIN (gst_wsctl_send_chain_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlSendChain, gst_wsctl_send_chain, GST,
    WSCTL_SEND_CHAIN, GstBin)

/* With no lock held */
typedef struct
{
  /* Any thread: a new element, in NULL. */
  GstWsctlSetUpFunc set_up_encoder;
  GstWsctlSetUpFunc set_up_payloader;
  /* Any thread: the network wants a key frame; FALSE when it is too early. */
  gboolean (*key_frame) (gpointer data);
  /* The streaming thread: a frame is encoded. DELTA_UNIT: a decoder cannot start
   * with it. FALSE drops it. */
  gboolean (*frame) (GstBuffer * frame, gpointer data);
  /* The streaming thread: nothing can be sent any more. */
  void (*error) (const GError * error, gpointer data);
  /* Any thread: what comes in does not fit, and is sent all the same. A sentence
   * without its full stop. */
  void (*warning) (const gchar * text, gpointer data);
} GstWsctlSendChainCallbacks;

/* @input: the caps that come in; @output: those agreed, of RTP or, for raw input, of
 * a codec. Floating; NULL with @error when an element is missing. */
GstElement *gst_wsctl_send_chain_new (const GstCaps * input,
    const GstCaps * output, const GstWsctlSendChainCallbacks * callbacks,
    gpointer data, GError ** error);
/* Could it be built anew for other caps and be the same? */
gboolean gst_wsctl_send_chain_fits (const GstCaps * input,
    const GstCaps * other);
/* For the encoder, if there is one. bit/s; 0: not known. Any thread. */
void gst_wsctl_send_chain_set_bitrate (GstWsctlSendChain * self,
    GstWsctlMitigationMode modes, guint bitrate_bps);

G_END_DECLS
