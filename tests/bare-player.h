/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "lite-client.h"
#include "server-client.h"

G_BEGIN_DECLS

/* A player that is a socket, OpenSSL and libsrtp, and decodes nothing: one
 * thread carries many of them, and they say what no webrtcbin would. H.264 is
 * what it takes. On the default context. */
typedef struct
{
  Client *signalling;
  LiteClient *media;
  gchar *username;
  gchar *pwd;
  gboolean started;
  gboolean broken;              /* a packet of the frame is missing */
  guint16 seq;
  guint32 ssrc;                 /* of what comes; 0 before that */
  guint n_frames;               /* that came whole */
} BarePlayer;

/* Connected to the stream at @path of the server at @uri, whose UDP port is
 * @port */
BarePlayer *bare_player_new (const gchar * uri, const gchar * path,
    guint16 port);
void bare_player_free (BarePlayer * self);
/* Consent: every few seconds, since a server forgets whom it does not hear
 * of */
void bare_player_check (BarePlayer * self);
/* PLI */
void bare_player_wish_keyframe (BarePlayer * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BarePlayer, bare_player_free)

G_END_DECLS
