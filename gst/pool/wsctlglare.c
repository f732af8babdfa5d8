/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlglare-private.h"

#define FIRST_DELAY_MS 500
#define MAX_DELAY_MS 10000

guint
gst_wsctl_glare_get_timeout_ms (GstWsctlGlareState state)
{
  switch (state) {
    case GST_WSCTL_GLARE_OFFERING:
    case GST_WSCTL_GLARE_OFFERED:
    case GST_WSCTL_GLARE_ANSWERING:
      return 10000;
    case GST_WSCTL_GLARE_CONNECTING:
      return 20000;
    case GST_WSCTL_GLARE_STABLE:
      break;
  }

  return 0;
}

const gchar *
gst_wsctl_glare_get_name (GstWsctlGlareState state)
{
  static const gchar *const names[] = { "stable", "offering", "offered",
    "answering", "connecting"
  };

  return names[state];
}

static GstWsctlGlareAction
go (GstWsctlGlareState * state, GstWsctlGlareState next,
    GstWsctlGlareAction action)
{
  *state = next;

  return action;
}

GstWsctlGlareAction
gst_wsctl_glare_next (GstWsctlGlareState * state, gboolean polite,
    GstWsctlGlareTrigger trigger)
{
  gboolean own = *state == GST_WSCTL_GLARE_OFFERING
      || *state == GST_WSCTL_GLARE_OFFERED;

  switch (trigger) {
    case GST_WSCTL_GLARE_NEEDED:
      if (*state != GST_WSCTL_GLARE_STABLE)
        return GST_WSCTL_GLARE_REMEMBER;
      return go (state, GST_WSCTL_GLARE_OFFERING, GST_WSCTL_GLARE_MAKE_OFFER);
    case GST_WSCTL_GLARE_MADE:
      if (*state == GST_WSCTL_GLARE_OFFERING)
        return go (state, GST_WSCTL_GLARE_OFFERED, GST_WSCTL_GLARE_SEND);
      if (*state == GST_WSCTL_GLARE_ANSWERING)
        return go (state, GST_WSCTL_GLARE_CONNECTING, GST_WSCTL_GLARE_SEND);
      return GST_WSCTL_GLARE_NOTHING;
    case GST_WSCTL_GLARE_OFFER:
      if (own && !polite)
        return GST_WSCTL_GLARE_NOTHING;
      return go (state, GST_WSCTL_GLARE_ANSWERING, GST_WSCTL_GLARE_MAKE_ANSWER);
    case GST_WSCTL_GLARE_ANSWER:
      if (*state != GST_WSCTL_GLARE_OFFERED)
        return GST_WSCTL_GLARE_NOTHING;
      return go (state, GST_WSCTL_GLARE_CONNECTING,
          GST_WSCTL_GLARE_TAKE_ANSWER);
    case GST_WSCTL_GLARE_CONNECTED:
      if (*state != GST_WSCTL_GLARE_CONNECTING)
        return GST_WSCTL_GLARE_NOTHING;
      return go (state, GST_WSCTL_GLARE_STABLE, GST_WSCTL_GLARE_REST);
    case GST_WSCTL_GLARE_FAILED:
      return go (state, GST_WSCTL_GLARE_STABLE, GST_WSCTL_GLARE_RETRY);
  }

  return GST_WSCTL_GLARE_NOTHING;
}

guint
gst_wsctl_glare_get_delay_ms (guint n)
{
  return n >= 5 ? MAX_DELAY_MS : FIRST_DELAY_MS << n;
}
