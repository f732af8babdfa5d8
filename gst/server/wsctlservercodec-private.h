/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_WSCTL_SERVER_KIND_AUDIO,
  GST_WSCTL_SERVER_KIND_VIDEO,
  GST_WSCTL_SERVER_KIND_OTHER,
} GstWsctlServerKind;

/* What the server knows of a codec. Constant, shared. */
typedef struct
{
  const gchar *name;            /* as metadata and reports say it */
  const gchar *encoding;        /* as in a=rtpmap, upper case */
  GstWsctlServerKind kind;
  guint clock_rate;
  const gchar *answer_fmtp;     /* NULL: none */
  const gchar *depayloader;     /* a launch line: packets to whole frames */
  const gchar *payloader;       /* a launch line: whole frames to packets */
} GstWsctlServerCodec;

const gchar *gst_wsctl_server_kind_get_name (GstWsctlServerKind kind);
/* NULL when unknown, or when an element that it needs is not installed */
const GstWsctlServerCodec *gst_wsctl_server_codec_find (GstWsctlServerKind
    kind, const gchar * encoding);
/* Of timed data, which is never a medium */
const GstWsctlServerCodec *gst_wsctl_server_codec_get_json (void);
/* Smaller is better liked */
guint gst_wsctl_server_codec_get_rank (const GstWsctlServerCodec * codec);

G_END_DECLS
