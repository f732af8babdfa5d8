/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlflowwatch.h"

/* Fewer buffers with the same timestamp may be slices of one picture. */
#define MIN_SAME_TIME 20

typedef enum
{
  REASON_NO_DATA,
  REASON_NO_SESSION,
  REASON_NOT_IN_SESSION,
  REASON_NO_KEY_FRAME,
  REASON_NO_OUTPUT,
  REASON_SAME_TIME,
} Reason;

void
gst_wsctl_flow_watch_rest (GstWsctlFlowWatch * self)
{
  self->sent_us = 0;
}

static void
note_sent (GstWsctlFlowWatch * self, const GstWsctlInputFlow * flow,
    gint64 now_us)
{
  self->n_arrived = flow->n_arrived;
  self->n_sent = flow->n_sent;
  self->sent_us = now_us;
}

static void
note_times (GstWsctlFlowWatch * self, const GstWsctlInputFlow * flow,
    gint64 now_us)
{
  self->n_times = flow->n_times;
  self->n_arrived_then = flow->n_arrived;
  self->times_us = now_us;
}

static gboolean
has_same_time (GstWsctlFlowWatch * self, const GstWsctlInputFlow * flow,
    gint64 now_us)
{
  return now_us - self->times_us >= GST_WSCTL_FLOW_WATCH_LIMIT_US
      && flow->n_arrived - self->n_arrived_then >= MIN_SAME_TIME;
}

/* With each step of a session, data are expected anew. */
static gboolean
has_advanced (GstWsctlFlowWatch * self, const GstWsctlInputFlow * flow)
{
  guint state = (flow->has_session ? 1 : 0) | (flow->has_chain ? 2 : 0)
      | (flow->waits_for_key ? 4 : 0) | (flow->n_arrived > 0 ? 8 : 0);
  gboolean advanced = state != self->state;

  self->state = state;

  return advanced;
}

/* FALSE while all is well. */
static gboolean
find_reason (GstWsctlFlowWatch * self, const GstWsctlInputFlow * flow,
    gint64 now_us, Reason * reason)
{
  gboolean silent = now_us - self->sent_us >= GST_WSCTL_FLOW_WATCH_LIMIT_US;

  if (silent && flow->n_arrived == 0)
    *reason = REASON_NO_DATA;
  else if (silent && flow->n_arrived > self->n_arrived)
    *reason = !flow->has_session ? REASON_NO_SESSION
        : !flow->has_chain ? REASON_NOT_IN_SESSION
        : flow->waits_for_key
        && flow->n_frames > 0 ? REASON_NO_KEY_FRAME : REASON_NO_OUTPUT;
  else if (has_same_time (self, flow, now_us))
    *reason = REASON_SAME_TIME;
  else
    return FALSE;

  return TRUE;
}

static const gchar *
describe_no_output (GstWsctlForm form)
{
  switch (form) {
    case GST_WSCTL_FORM_RAW:
      return "the encoder has given nothing; it may be too slow, collect many "
          "pictures first, or the data lie outside of their segment";
    case GST_WSCTL_FORM_ENCODED:
      return
          "the parser and the payloader have given nothing; are the data what "
          "their caps say?";
    default:
      return "they are not of the stream that was agreed";
  }
}

static gchar *
describe (Reason reason, const GstWsctlInputFlow * flow, const gchar * kind)
{
  switch (reason) {
    case REASON_NO_DATA:
      return g_strdup_printf ("No %s has come in yet: the source is linked but "
          "gives no data", kind);
    case REASON_NO_SESSION:
      return g_strdup_printf ("No %s goes out: there is no session with the "
          "server yet", kind);
    case REASON_NOT_IN_SESSION:
      return g_strdup_printf ("No %s goes out: the session has none", kind);
    case REASON_NO_KEY_FRAME:
      return g_strdup_printf ("No %s goes out: no key frame has come in; the "
          "encoder must make one when it is asked, or at intervals", kind);
    case REASON_NO_OUTPUT:
      return g_strdup_printf ("No %s goes out although data come in: %s", kind,
          describe_no_output (flow->form));
    case REASON_SAME_TIME:
      break;
  }

  return
      g_strdup_printf ("All %s that comes in has the same timestamp; players "
      "show one moment of it", kind);
}

gchar *
gst_wsctl_flow_watch_check (GstWsctlFlowWatch * self,
    const GstWsctlInputFlow * flow, GstWsctlMediaKind kind, gint64 now_us)
{
  Reason reason;

  /* The next buffer may be due later: its source is paced. */
  if (has_advanced (self, flow) || self->sent_us == 0)
    self->sent_us = now_us;
  if (flow->n_sent != self->n_sent || flow->due_ns > flow->now_ns)
    note_sent (self, flow, now_us);
  if (self->times_us == 0 || flow->n_times != self->n_times)
    note_times (self, flow, now_us);
  if (!find_reason (self, flow, now_us, &reason)
      || (self->told & 1 << reason) != 0)
    return NULL;

  self->told |= 1 << reason;

  return describe (reason, flow, gst_wsctl_media_kind_get_nick (kind));
}
