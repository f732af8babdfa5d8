/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Perfect negotiation (W3C, WebRTC 1.0, 10.7) as a table: pure. Both sides may
 * offer at any time; of two offers that meet, the impolite side's counts. The
 * polite one drops its own and starts afresh, for webrtcbin cannot take one
 * back. */
typedef enum
{
  GST_WSCTL_GLARE_STABLE,       /* nothing under way */
  GST_WSCTL_GLARE_OFFERING,     /* our offer is being made */
  GST_WSCTL_GLARE_OFFERED,      /* it is sent */
  GST_WSCTL_GLARE_ANSWERING,    /* our answer is being made */
  GST_WSCTL_GLARE_CONNECTING,   /* both descriptions are there */
} GstWsctlGlareState;

typedef enum
{
  GST_WSCTL_GLARE_NEEDED,       /* there is something to negotiate */
  GST_WSCTL_GLARE_MADE,         /* the description asked for is there */
  GST_WSCTL_GLARE_OFFER,        /* of the peer */
  GST_WSCTL_GLARE_ANSWER,
  GST_WSCTL_GLARE_CONNECTED,
  GST_WSCTL_GLARE_FAILED,       /* or nothing happened for too long */
} GstWsctlGlareTrigger;

typedef enum
{
  GST_WSCTL_GLARE_NOTHING,      /* late, twice, or not for us */
  GST_WSCTL_GLARE_MAKE_OFFER,
  GST_WSCTL_GLARE_MAKE_ANSWER,  /* what was under way is dropped */
  GST_WSCTL_GLARE_SEND,
  GST_WSCTL_GLARE_TAKE_ANSWER,
  GST_WSCTL_GLARE_REMEMBER,     /* to negotiate when it is stable again */
  GST_WSCTL_GLARE_REST,         /* it is stable: what was remembered? */
  GST_WSCTL_GLARE_RETRY,        /* after a while */
} GstWsctlGlareAction;

/* How long a state may last before it FAILED; 0: for ever */
guint gst_wsctl_glare_get_timeout_ms (GstWsctlGlareState state);
const gchar *gst_wsctl_glare_get_name (GstWsctlGlareState state);
/* Sets the state that follows. */
GstWsctlGlareAction gst_wsctl_glare_next (GstWsctlGlareState * state,
    gboolean polite, GstWsctlGlareTrigger trigger);
/* Before the @n-th try after a failure */
guint gst_wsctl_glare_get_delay_ms (guint n);

G_END_DECLS
