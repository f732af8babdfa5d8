/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

/* What we know of a codec: one row of a constant table. */
typedef struct
{
  const gchar *name;            /* encoding-name, upper case: "H264" */
  GstWsctlMediaKind kind;
  guint payload;                /* what we offer it as */
  gint clock_rate;
  const gchar *rtp_caps;        /* further fields of the offered caps */
  const gchar *encoded_caps;    /* elementary stream, payloader's sink */
  const gchar *parsed_caps;     /* what wsctlsrc gives out as parsed */
  const gchar *payloader;
  const gchar *depayloader;
  const gchar *depayloaded_caps;        /* between it and the parser, or NULL */
  const gchar *parser;          /* NULL: none needed */
  /* With the parameter sets in the stream, or NULL: muxers take new ones so. */
  const gchar *in_band_caps;
  gboolean on_request;          /* encoded only when it is asked for */
} GstWsctlCodec;

/* The table, in our order of preference; ends with a NULL name. */
const GstWsctlCodec *gst_wsctl_codec_get_all (void);
const GstWsctlCodec *gst_wsctl_codec_find (const gchar * name);
/* The codec of elementary stream or RTP caps; NULL when they name none. */
const GstWsctlCodec *gst_wsctl_codec_find_for_caps (const GstCaps * caps);

/* Can the elements for it be had? */
gboolean gst_wsctl_codec_can_send (const GstWsctlCodec * codec);
gboolean gst_wsctl_codec_can_receive (const GstWsctlCodec * codec);
gboolean gst_wsctl_codec_can_decode (const GstWsctlCodec * codec);
/* GstElementFactory, best first, for gst_plugin_feature_list_free(). What each
 * takes of it (profiles, sizes) shows when the stream is there. */
GList *gst_wsctl_codec_list_decoders (const GstWsctlCodec * codec);

/* RTP caps to offer it with, as @payload or, when negative, as its own. */
GstCaps *gst_wsctl_codec_get_offer_caps (const GstWsctlCodec * codec,
    gint payload);

G_END_DECLS
