/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include "wsctlrateparams-private.h"

G_BEGIN_DECLS

/* Which bitrate to send, from what is heard of the network. Pure: all times
 * come from the caller, in microseconds of one clock that never stands at 0;
 * there is no thread, no timer and no I/O in here. Bitrates are bit/s. */
typedef struct _GstWsctlRate GstWsctlRate;

typedef enum
{
  GST_WSCTL_RATE_POLICY_DISABLED,       /* always what it starts with */
  GST_WSCTL_RATE_POLICY_LINEAR, /* as the Ceeblue client */
  GST_WSCTL_RATE_POLICY_GRADE,  /* likewise */
  GST_WSCTL_RATE_POLICY_ADAPTIVE,       /* ours */
} GstWsctlRatePolicy;

#define GST_WSCTL_TYPE_RATE_POLICY (gst_wsctl_rate_policy_get_type ())
GType gst_wsctl_rate_policy_get_type (void);

/* What an RTCP receiver report tells, together with our own notes of what was
 * sent when. "Arrived" is all that was sent up to and with the newest packet
 * that the report knows of, lost ones included. Unknown times are -1. */
typedef struct
{
  guint64 bytes_arrived;
  guint64 packets_arrived;
  guint64 bytes_sent;           /* until now */
  gint64 packets_lost;          /* since the beginning */
  /* The way of a packet there and of the report back took at least as long as
   * the oldest packet that had not arrived is old, and at most as long as the
   * newest that had: the report waits for its turn in between. */
  gint64 delay_min_us;
  gint64 delay_max_us;
  gint64 round_trip_us;         /* by RFC 3550; -1 when it was told before */
  gint64 jitter_us;
  /* Of a peer that tells when each packet arrived: the way there alone, of the
   * newest, by clocks of which nobody knows how they differ; and when it was
   * sent. The delays above are not used then. 0: not told */
  gint64 way_us;
  gint64 sent_us;
} GstWsctlRateReport;

/* on_media_receive (docs/protocol.md); what it does not tell is -1. */
typedef struct
{
  gdouble fraction_lost;
  gint64 packets_lost;
  gint64 nacks;
  gint64 jitter_us;
} GstWsctlRateServerReport;

GstWsctlRate *gst_wsctl_rate_new (GstWsctlRatePolicy policy,
    const GstWsctlRateParams * params);
void gst_wsctl_rate_free (GstWsctlRate * self);

/* In */
void gst_wsctl_rate_push_report (GstWsctlRate * self, gint64 time_us,
    const GstWsctlRateReport * report);
void gst_wsctl_rate_push_server_report (GstWsctlRate * self, gint64 time_us,
    const GstWsctlRateServerReport * report);
/* on_video_bitrate: what the server heard from us, and what it allows */
void gst_wsctl_rate_push_constraint (GstWsctlRate * self, gint64 time_us,
    guint64 bitrate_bps, guint64 constraint_bps);
void gst_wsctl_rate_push_remb (GstWsctlRate * self, gint64 time_us,
    guint64 bitrate_bps);
/* Time passes: several times a second, so that silence is noticed too, which
 * means something only when there was something to report on. */
void gst_wsctl_rate_tick (GstWsctlRate * self, gint64 time_us,
    guint64 bytes_sent);

/* For people: what the policy is at, and what it knows. Unknown numbers are
 * negative. */
typedef struct
{
  const gchar *policy;          /* as the enumeration's nicks */
  const gchar *state;           /* one word */
  gdouble available_bps;        /* what the path was found to carry */
  gint64 queue_us;              /* in front of its narrowest part */
  gdouble loss;                 /* 0 to 1 */
  gdouble usual_loss;           /* of that, what comes with the path */
} GstWsctlRateInfo;

/* Out */
guint gst_wsctl_rate_get_wanted (GstWsctlRate * self);
/* TRUE when it is time to send another bitrate than was last taken: at most
 * twice a second, and for more than a trifle. */
gboolean gst_wsctl_rate_take (GstWsctlRate * self, gint64 time_us,
    guint * bitrate_bps);

void gst_wsctl_rate_get_info (GstWsctlRate * self, GstWsctlRateInfo * info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlRate, gst_wsctl_rate_free)

G_END_DECLS
