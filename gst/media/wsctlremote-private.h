/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* What webrtcbin cannot read of a remote description, written as it can. Pure. */

/* A candidate whose address has to be looked up */
typedef struct
{
  guint mline;                  /* the section that webrtcbin takes it for */
  gchar *text;                  /* "candidate:…" */
} GstWsctlRemoteName;

void gst_wsctl_remote_name_free (gpointer name);

/* Gives each section the transport attributes that stand for all of them: those
 * of the session (RFC 8839, 5.4; RFC 8122; RFC 4145), or of the first section of
 * the bundle (RFC 8843, 7.1.3). */
void gst_wsctl_remote_complete (GstSDPMessage * sdp);

/* Takes the candidates with a host name, or with the zone of an IPv6 address, out
 * of @sdp and appends them to @names. */
void gst_wsctl_remote_take_names (GstSDPMessage * sdp, GPtrArray * names);

/* The words of a candidate ("candidate:…" or "a=candidate:…"), or NULL. */
GStrv gst_wsctl_remote_split_candidate (const gchar * text);

/* Where the address and the port are among them */
#define GST_WSCTL_REMOTE_COMPONENT 1
#define GST_WSCTL_REMOTE_TRANSPORT 2
#define GST_WSCTL_REMOTE_ADDRESS 4
#define GST_WSCTL_REMOTE_PORT 5

G_END_DECLS
