/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The few RTCP packets that a server of this protocol says and hears.
 */

#include "wsctlserverrtcp-private.h"

#include <string.h>
#include <gst/gst.h>

#define HEADER_SIZE 4
#define BLOCK_SIZE 24
#define MAX_BLOCKS 31

#define PT_SR 200
#define PT_RR 201
#define PT_SDES 202
#define PT_BYE 203
#define PT_RTPFB 205
#define PT_PSFB 206

#define FMT_NACK 1
#define FMT_PLI 1
#define FMT_FIR 4
#define FMT_AFB 15

/* From 1900 to 1970 */
#define NTP_OFFSET_S G_GUINT64_CONSTANT (2208988800)

static void
add_u32 (GByteArray * rtcp, guint32 value)
{
  guint8 bytes[4];

  GST_WRITE_UINT32_BE (bytes, value);
  g_byte_array_append (rtcp, bytes, sizeof bytes);
}

/* @size counts what comes after the header, a multiple of four. */
static void
add_header (GByteArray * rtcp, guint count, guint8 type, guint size)
{
  add_u32 (rtcp, 2u << 30 | (guint32) count << 24 | (guint32) type << 16
      | size / 4);
}

void
gst_wsctl_server_rtcp_add_sr (GByteArray * rtcp, guint32 ssrc, guint64 ntp,
    guint32 rtp_time, guint32 n_packets, guint32 n_bytes)
{
  add_header (rtcp, 0, PT_SR, 24);
  add_u32 (rtcp, ssrc);
  add_u32 (rtcp, ntp >> 32);
  add_u32 (rtcp, ntp);
  add_u32 (rtcp, rtp_time);
  add_u32 (rtcp, n_packets);
  add_u32 (rtcp, n_bytes);
}

void
gst_wsctl_server_rtcp_add_rr (GByteArray * rtcp, guint32 ssrc,
    const GstWsctlServerReportBlock * blocks, guint n_blocks)
{
  guint i;

  n_blocks = MIN (n_blocks, MAX_BLOCKS);
  add_header (rtcp, n_blocks, PT_RR, 4 + n_blocks * BLOCK_SIZE);
  add_u32 (rtcp, ssrc);
  for (i = 0; i < n_blocks; i++) {
    const GstWsctlServerReportBlock *block = &blocks[i];

    add_u32 (rtcp, block->ssrc);
    add_u32 (rtcp, (guint32) block->fraction_lost << 24
        | ((guint32) block->packets_lost & 0xffffff));
    add_u32 (rtcp, block->highest_seq);
    add_u32 (rtcp, block->jitter);
    add_u32 (rtcp, block->last_sr);
    add_u32 (rtcp, block->delay_since_sr);
  }
}

void
gst_wsctl_server_rtcp_add_sdes (GByteArray * rtcp, guint32 ssrc)
{
  static const gchar cname[] = GST_WSCTL_SERVER_CNAME;
  static const guint8 zeros[4];
  guint8 item[2] = { 1, sizeof cname - 1 };
  guint used = sizeof item + sizeof cname - 1;
  guint padding = 4 - used % 4; /* at least one zero ends the chunk */

  add_header (rtcp, 1, PT_SDES, 4 + used + padding);
  add_u32 (rtcp, ssrc);
  g_byte_array_append (rtcp, item, sizeof item);
  g_byte_array_append (rtcp, (const guint8 *) cname, sizeof cname - 1);
  g_byte_array_append (rtcp, zeros, padding);
}

void
gst_wsctl_server_rtcp_add_bye (GByteArray * rtcp, guint32 ssrc)
{
  add_header (rtcp, 1, PT_BYE, 4);
  add_u32 (rtcp, ssrc);
}

void
gst_wsctl_server_rtcp_add_pli (GByteArray * rtcp, guint32 ssrc,
    guint32 media_ssrc)
{
  add_header (rtcp, FMT_PLI, PT_PSFB, 8);
  add_u32 (rtcp, ssrc);
  add_u32 (rtcp, media_ssrc);
}

void
gst_wsctl_server_rtcp_add_nack (GByteArray * rtcp, guint32 ssrc,
    guint32 media_ssrc, const guint16 * seqs, guint n_seqs)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint i = 0;

  while (i < n_seqs) {
    guint16 first = seqs[i++];
    guint16 mask = 0;
    guint32 pair;

    while (i < n_seqs && (guint16) (seqs[i] - first - 1) < 16)
      mask |= 1u << (guint16) (seqs[i++] - first - 1);
    pair = (guint32) first << 16 | mask;
    g_array_append_val (pairs, pair);
  }

  add_header (rtcp, FMT_NACK, PT_RTPFB, 8 + 4 * pairs->len);
  add_u32 (rtcp, ssrc);
  add_u32 (rtcp, media_ssrc);
  for (i = 0; i < pairs->len; i++)
    add_u32 (rtcp, g_array_index (pairs, guint32, i));
}

void
gst_wsctl_server_rtcp_add_remb (GByteArray * rtcp, guint32 ssrc,
    guint32 media_ssrc, guint64 bitrate_bps)
{
  guint exponent = 0;

  while (bitrate_bps >> exponent > 0x3ffff)
    exponent++;

  add_header (rtcp, FMT_AFB, PT_PSFB, 20);
  add_u32 (rtcp, ssrc);
  add_u32 (rtcp, 0);
  g_byte_array_append (rtcp, (const guint8 *) "REMB", 4);
  add_u32 (rtcp, 1u << 24 | exponent << 18 | bitrate_bps >> exponent);
  add_u32 (rtcp, media_ssrc);
}

static void
read_blocks (const guint8 * body, gsize size, guint count,
    const GstWsctlServerRtcpHandler * handler, gpointer data)
{
  guint i;

  if (handler->block == NULL)
    return;

  for (i = 0; i < count && size >= BLOCK_SIZE; i++) {
    guint32 lost = GST_READ_UINT24_BE (body + 5);
    GstWsctlServerReportBlock block = {
      .ssrc = GST_READ_UINT32_BE (body),
      .fraction_lost = body[4],
      .packets_lost = lost & 0x800000 ? (gint32) lost - 0x1000000
          : (gint32) lost,
      .highest_seq = GST_READ_UINT32_BE (body + 8),
      .jitter = GST_READ_UINT32_BE (body + 12),
      .last_sr = GST_READ_UINT32_BE (body + 16),
      .delay_since_sr = GST_READ_UINT32_BE (body + 20),
    };

    handler->block (&block, data);
    body += BLOCK_SIZE;
    size -= BLOCK_SIZE;
  }
}

static void
read_nack (const guint8 * body, gsize size,
    const GstWsctlServerRtcpHandler * handler, gpointer data)
{
  guint32 media_ssrc = GST_READ_UINT32_BE (body + 4);
  gsize at;

  for (at = 8; at + 4 <= size; at += 4) {
    guint16 first = GST_READ_UINT16_BE (body + at);
    guint16 mask = GST_READ_UINT16_BE (body + at + 2);
    guint i;

    handler->nack (media_ssrc, first, data);
    for (i = 0; i < 16; i++) {
      if (mask & 1u << i)
        handler->nack (media_ssrc, first + 1 + i, data);
    }
  }
}

/* A FIR names its medium in the entry, a PLI in the header. */
static void
read_payload_feedback (const guint8 * body, gsize size, guint format,
    const GstWsctlServerRtcpHandler * handler, gpointer data)
{
  if (handler->keyframe == NULL)
    return;

  if (format == FMT_PLI)
    handler->keyframe (GST_READ_UINT32_BE (body + 4), data);
  else if (format == FMT_FIR && size >= 12)
    handler->keyframe (GST_READ_UINT32_BE (body + 8), data);
}

static void
read_packet (guint8 type, guint count, const guint8 * body, gsize size,
    const GstWsctlServerRtcpHandler * handler, gpointer data)
{
  switch (type) {
    case PT_SR:
      if (size < 24)
        return;
      if (handler->sr != NULL)
        handler->sr (GST_READ_UINT32_BE (body), GST_READ_UINT64_BE (body + 4),
            GST_READ_UINT32_BE (body + 12), data);
      read_blocks (body + 24, size - 24, count, handler, data);
      break;
    case PT_RR:
      if (size >= 4)
        read_blocks (body + 4, size - 4, count, handler, data);
      break;
    case PT_RTPFB:
      if (count == FMT_NACK && size >= 8 && handler->nack != NULL)
        read_nack (body, size, handler, data);
      break;
    case PT_PSFB:
      if (size >= 8)
        read_payload_feedback (body, size, count, handler, data);
      break;
    default:
      break;
  }
}

void
gst_wsctl_server_rtcp_read (const guint8 * rtcp, gsize size,
    const GstWsctlServerRtcpHandler * handler, gpointer data)
{
  while (size >= HEADER_SIZE) {
    gsize body_size = (gsize) GST_READ_UINT16_BE (rtcp + 2) * 4;

    if (rtcp[0] >> 6 != 2 || body_size > size - HEADER_SIZE)
      return;
    read_packet (rtcp[1], rtcp[0] & 0x1f, rtcp + HEADER_SIZE, body_size,
        handler, data);
    rtcp += HEADER_SIZE + body_size;
    size -= HEADER_SIZE + body_size;
  }
}

guint64
gst_wsctl_server_ntp_from_unix (gint64 time_us)
{
  guint64 seconds = time_us / G_USEC_PER_SEC + NTP_OFFSET_S;
  guint64 rest_us = time_us % G_USEC_PER_SEC;

  return seconds << 32 | (rest_us << 32) / G_USEC_PER_SEC;
}

gint64
gst_wsctl_server_ntp_to_unix (guint64 ntp)
{
  gint64 seconds = (gint64) (ntp >> 32) - (gint64) NTP_OFFSET_S;

  return seconds * G_USEC_PER_SEC
      + (gint64) (((ntp & 0xffffffff) * G_USEC_PER_SEC) >> 32);
}
