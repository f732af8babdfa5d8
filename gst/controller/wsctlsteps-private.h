/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "wsctlerror.h"

G_BEGIN_DECLS

/* The life of a session as a table. Pure: it says what is next, the session
 * does it. */
typedef enum
{
  GST_WSCTL_STEP_NEW,
  GST_WSCTL_STEP_OFFERING,      /* the socket opens, the offer is made */
  GST_WSCTL_STEP_NEGOTIATING,   /* the offer is sent */
  GST_WSCTL_STEP_ANSWERING,     /* the answer is being applied */
  GST_WSCTL_STEP_OPEN,          /* agreed; ICE and DTLS are at work */
  GST_WSCTL_STEP_CONNECTED,     /* media can flow */
  GST_WSCTL_STEP_CLOSED,
  GST_WSCTL_N_STEPS
} GstWsctlStep;

typedef enum
{
  GST_WSCTL_TRIGGER_OPEN,       /* asked to open */
  GST_WSCTL_TRIGGER_OFFER,      /* the offer is made */
  GST_WSCTL_TRIGGER_ANSWER,     /* the answer is there */
  GST_WSCTL_TRIGGER_ANSWER_SET, /* webrtcbin has taken it */
  GST_WSCTL_TRIGGER_CONNECTED,  /* ICE and DTLS are up */
  GST_WSCTL_TRIGGER_CLOSE,      /* closed, failed, or ended by the server */
  GST_WSCTL_N_TRIGGERS
} GstWsctlTrigger;

/* The next step, or @step itself when @trigger means nothing there. */
GstWsctlStep gst_wsctl_step_next (GstWsctlStep step, GstWsctlTrigger trigger);
const gchar *gst_wsctl_step_get_nick (GstWsctlStep step);
/* What a step that takes too long ends with. NULL: it may take any time. */
const gchar *gst_wsctl_step_get_timeout_text (GstWsctlStep step,
    GstWsctlError * code);

G_END_DECLS
