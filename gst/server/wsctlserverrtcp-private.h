/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RTCP packets written one behind the other into a compound (RFC 3550, RFC
 * 4585), and read. Pure, total over any bytes. */

#define GST_WSCTL_SERVER_CNAME "wsctl-server"

typedef struct
{
  guint32 ssrc;
  guint8 fraction_lost;
  gint32 packets_lost;
  guint32 highest_seq;
  guint32 jitter;
  guint32 last_sr;
  guint32 delay_since_sr;
} GstWsctlServerReportBlock;

/* Writing; each appends one packet. */
void gst_wsctl_server_rtcp_add_sr (GByteArray * rtcp, guint32 ssrc,
    guint64 ntp, guint32 rtp_time, guint32 n_packets, guint32 n_bytes);
void gst_wsctl_server_rtcp_add_rr (GByteArray * rtcp, guint32 ssrc,
    const GstWsctlServerReportBlock * blocks, guint n_blocks);
void gst_wsctl_server_rtcp_add_sdes (GByteArray * rtcp, guint32 ssrc);
void gst_wsctl_server_rtcp_add_bye (GByteArray * rtcp, guint32 ssrc);
void gst_wsctl_server_rtcp_add_pli (GByteArray * rtcp, guint32 ssrc,
    guint32 media_ssrc);
/* @seqs rise */
void gst_wsctl_server_rtcp_add_nack (GByteArray * rtcp, guint32 ssrc,
    guint32 media_ssrc, const guint16 * seqs, guint n_seqs);
void gst_wsctl_server_rtcp_add_remb (GByteArray * rtcp, guint32 ssrc,
    guint32 media_ssrc, guint64 bitrate_bps);

/* Reading; every member may be NULL. */
typedef struct
{
  void (*sr) (guint32 ssrc, guint64 ntp, guint32 rtp_time, gpointer data);
  void (*block) (const GstWsctlServerReportBlock * block, gpointer data);
  void (*nack) (guint32 media_ssrc, guint16 seq, gpointer data);
  void (*keyframe) (guint32 media_ssrc, gpointer data); /* PLI and FIR */
} GstWsctlServerRtcpHandler;

void gst_wsctl_server_rtcp_read (const guint8 * rtcp, gsize size,
    const GstWsctlServerRtcpHandler * handler, gpointer data);

/* Microseconds since 1970 to NTP's fixed point */
guint64 gst_wsctl_server_ntp_from_unix (gint64 time_us);
gint64 gst_wsctl_server_ntp_to_unix (guint64 ntp);

G_END_DECLS
