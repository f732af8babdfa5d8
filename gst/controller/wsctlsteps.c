/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlsteps-private.h"

typedef struct
{
  const gchar *nick;
  GstWsctlStep next[GST_WSCTL_N_TRIGGERS];      /* 0 (new): no such way */
  GstWsctlError timeout_code;
  const gchar *timeout_text;
} Row;

#define CLOSE [GST_WSCTL_TRIGGER_CLOSE] = GST_WSCTL_STEP_CLOSED

static const Row rows[GST_WSCTL_N_STEPS] = {
  [GST_WSCTL_STEP_NEW] = {"new",
        {[GST_WSCTL_TRIGGER_OPEN] = GST_WSCTL_STEP_OFFERING, CLOSE},
      0, NULL},
  [GST_WSCTL_STEP_OFFERING] = {"offering",
        {[GST_WSCTL_TRIGGER_OFFER] = GST_WSCTL_STEP_NEGOTIATING, CLOSE},
        GST_WSCTL_ERROR_SIP_FAILED,
      "no offer could be made in time"},
  [GST_WSCTL_STEP_NEGOTIATING] = {"negotiating",
        {[GST_WSCTL_TRIGGER_ANSWER] = GST_WSCTL_STEP_ANSWERING, CLOSE},
        GST_WSCTL_ERROR_TIMED_OUT,
      "the server did not answer the offer in time"},
  [GST_WSCTL_STEP_ANSWERING] = {"answering",
        {[GST_WSCTL_TRIGGER_ANSWER_SET] = GST_WSCTL_STEP_OPEN, CLOSE},
        GST_WSCTL_ERROR_SIP_FAILED,
      "the server's answer could not be applied in time"},
  [GST_WSCTL_STEP_OPEN] = {"open",
        {[GST_WSCTL_TRIGGER_CONNECTED] = GST_WSCTL_STEP_CONNECTED, CLOSE},
        GST_WSCTL_ERROR_PEER_CONNECTION_FAILED,
      "the server answered, but no media path came up in time: is its UDP port "
        "reachable?"},
  [GST_WSCTL_STEP_CONNECTED] = {"connected", {CLOSE}, 0, NULL},
  [GST_WSCTL_STEP_CLOSED] = {"closed", {0}, 0, NULL},
};

GstWsctlStep
gst_wsctl_step_next (GstWsctlStep step, GstWsctlTrigger trigger)
{
  GstWsctlStep next = rows[step].next[trigger];

  return next == GST_WSCTL_STEP_NEW ? step : next;
}

const gchar *
gst_wsctl_step_get_nick (GstWsctlStep step)
{
  return rows[step].nick;
}

const gchar *
gst_wsctl_step_get_timeout_text (GstWsctlStep step, GstWsctlError * code)
{
  *code = rows[step].timeout_code;

  return rows[step].timeout_text;
}
