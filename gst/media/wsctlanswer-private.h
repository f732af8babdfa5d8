/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

/* What a server's answer comes to, held against the offer. Pure. */
typedef struct
{
  GstWsctlMediaKind kind;
  gchar *mid;
  gboolean rejected;
  GstCaps *caps;                /* of its first payload; NULL when rejected */
  gboolean fec;                 /* takes ULPFEC in RED (RFC 5109, 14.1) */
} GstWsctlAnsweredMedia;

typedef struct
{
  gchar *address;
  guint16 port;
} GstWsctlRemoteCandidate;

typedef struct
{
  gchar *sdp;                   /* as webrtcbin can take it */
  GPtrArray *media;             /* GstWsctlAnsweredMedia, as offered */
  gchar *fingerprint;           /* "sha-256 AA:BB:…" */
  gchar *local_ufrag;           /* of the offer */
  gchar *ufrag;
  gchar *pwd;
  GArray *candidates;           /* GstWsctlRemoteCandidate: host, UDP, RTP */
  gboolean has_address;         /* of any candidate, not only host names */
} GstWsctlAnswer;

GstWsctlAnswer *gst_wsctl_answer_new (const gchar * offer,
    const gchar * answer, GError ** error);
void gst_wsctl_answer_free (GstWsctlAnswer * answer);
const GstWsctlAnsweredMedia *gst_wsctl_answer_get_media (const GstWsctlAnswer *
    answer, GstWsctlMediaKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlAnswer, gst_wsctl_answer_free)

G_END_DECLS
