/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "lite-client.h"

G_BEGIN_DECLS

/* A peer of the server and its client, and what has happened to the peer. */

#define LITE_REMOTE_UFRAG "abcd"

#define wait_until(condition) \
  while (!(condition)) \
    g_main_context_iteration (NULL, TRUE)

static const guint8 lite_rtp_packet[] = {
  0x80, 0x60, 0x00, 0x01, 0, 0, 0, 1, 0x12, 0x34, 0x56, 0x78, 'r', 't', 'p', '!'
};

/* An empty receiver report */
static const guint8 lite_rtcp_packet[] = {
  0x80, 201, 0, 1, 0x12, 0x34, 0x56, 0x78
};

typedef enum
{
  CLOSE_NEVER,
  CLOSE_WHEN_REACHED,
  CLOSE_WHEN_CONNECTED,
  CLOSE_AT_RTP,
} CloseWhen;

typedef struct
{
  GstWsctlLitePort *port;
  GstWsctlLitePeer *peer;
  LiteClient *client;
  gchar *username;
  CloseWhen close_when;         /* inside a callback */
  gboolean unref_too;

  guint n_reached, n_connected, n_rtp, n_rtcp, n_closed;
  GBytes *packet;
  GError *error;
} LiteSession;

extern const GstWsctlLitePeerCallbacks lite_callbacks;

GstWsctlLitePort *lite_port_open (void);
/* @fingerprint: of the offer; NULL for the client's own */
LiteSession *lite_session_new (GstWsctlLitePort * port,
    const gchar * fingerprint);
/* On a port of its own */
LiteSession *lite_session_new_alone (void);
void lite_session_free (LiteSession * session);

void lite_session_check (LiteSession * session);
void lite_session_reach (LiteSession * session);
void lite_session_connect (LiteSession * session);
/* What was sent before is handled when this returns: UDP on the loopback keeps
 * the order. */
void lite_session_synchronise (LiteSession * session);
void lite_assert_packet (GBytes * bytes, const guint8 * packet, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiteSession, lite_session_free)

G_END_DECLS
