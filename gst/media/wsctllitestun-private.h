/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <stun/stunagent.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* Connectivity checks as an ICE-lite agent takes them (RFC 8445, 7.3): parsed
 * and answered with libnice's STUN. Pure, total over any input. */

/* Ours have this length always, so that another is refused at once. */
#define GST_WSCTL_LITE_UFRAG_SIZE 8
#define GST_WSCTL_LITE_REPLY_SIZE 1280

typedef enum
{
  /* There is nothing in it for us. */
  GST_WSCTL_LITE_CHECK_IGNORED,
  /* It has the right user but not the right password. */
  GST_WSCTL_LITE_CHECK_REFUSED,
  /* It comes from who made the offer. */
  GST_WSCTL_LITE_CHECK_VALID,
} GstWsctlLiteCheckResult;

typedef struct
{
  gboolean nominated;           /* it had USE-CANDIDATE */
  guint32 priority;
  guint8 reply[GST_WSCTL_LITE_REPLY_SIZE];
  gsize reply_size;             /* 0: send nothing */
} GstWsctlLiteCheck;

void gst_wsctl_lite_stun_init (StunAgent * agent);

/* For whom a Binding request is, before anything costly is done for it. FALSE
 * for every other packet. */
gboolean gst_wsctl_lite_stun_parse_ufrag (StunAgent * agent,
    const guint8 * packet, gsize size,
    gchar ufrag[GST_WSCTL_LITE_UFRAG_SIZE + 1]);

/* @username: ours, a colon, theirs. @source: where the packet came from. */
GstWsctlLiteCheckResult gst_wsctl_lite_stun_answer (StunAgent * agent,
    const guint8 * packet, gsize size, const gchar * username,
    const gchar * pwd, const struct sockaddr_storage *source,
    socklen_t source_size, GstWsctlLiteCheck * check);

G_END_DECLS
