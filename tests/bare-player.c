/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * As little of a player as the server can serve.
 */

#include "bare-player.h"

#include <string.h>

#define VIDEO_PT 96
#define FMT_PLI 1
#define PT_PSFB 206

#define OFFER "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=setup:actpass" \
    "\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n" \
    "a=rtcp-mux\r\na=recvonly\r\na=rtpmap:96 H264/90000\r\n" \
    "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1\r\na=mid:0\r\n" \
    "a=fingerprint:%s\r\n"

static void
on_media (const guint8 * packet, gsize size, gpointer data)
{
  BarePlayer *self = data;
  guint16 seq = GST_READ_UINT16_BE (packet + 2);

  if ((packet[1] & 0x7f) != VIDEO_PT)
    return;

  if (self->started && (guint16) (self->seq + 1) != seq)
    self->broken = TRUE;
  self->started = TRUE;
  self->ssrc = GST_READ_UINT32_BE (packet + 8);
  self->seq = seq;
  if (!(packet[1] & 0x80))
    return;
  if (!self->broken)
    self->n_frames++;
  self->broken = FALSE;
}

static gchar *
find_value (const gchar * sdp, const gchar * name)
{
  const gchar *start = strstr (sdp, name);

  g_assert_nonnull (start);
  start += strlen (name);

  return g_strndup (start, strcspn (start, "\r\n"));
}

static guint16
find_port (const gchar * sdp)
{
  g_autofree gchar *candidate = find_value (sdp, "a=candidate:");
  g_auto (GStrv) words = g_strsplit (candidate, " ", -1);

  return g_ascii_strtoull (words[5], NULL, 10);
}

void
bare_player_check (BarePlayer * self)
{
  lite_client_check (self->media, self->username, self->pwd, TRUE);
}

/* The offer names the certificate, and the answer the port: the socket is there
 * first, for any port, and moves. */
BarePlayer *
bare_player_new (const gchar * uri, const gchar * path, guint16 port)
{
  BarePlayer *self = g_new0 (BarePlayer, 1);
  g_autoptr (JsonObject) event = NULL;
  g_autofree gchar *ufrag = NULL;
  const gchar *sdp;

  self->media = lite_client_new (port);
  lite_client_set_media_func (self->media, on_media, self);
  lite_client_set_persistent (self->media);
  self->signalling = client_new (uri, path);
  client_wait_open (self->signalling);
  self->signalling->offer = g_strdup_printf (OFFER,
      lite_client_get_fingerprint (self->media));
  client_send_offer (self->signalling);
  event = client_wait (self->signalling, "on_answer_sdp");
  sdp = json_object_get_string_member (event, "answer_sdp");
  g_assert_cmpuint (find_port (sdp), ==, port);
  ufrag = find_value (sdp, "a=ice-ufrag:");
  self->username = g_strconcat (ufrag, ":abcd", NULL);
  self->pwd = find_value (sdp, "a=ice-pwd:");
  bare_player_check (self);
  while (lite_client_get_n_answers (self->media) == 0)
    g_main_context_iteration (self->signalling->context, TRUE);
  lite_client_handshake (self->media, 1200);
  while (!lite_client_is_connected (self->media))
    g_main_context_iteration (self->signalling->context, TRUE);

  return self;
}

void
bare_player_free (BarePlayer * self)
{
  lite_client_free (self->media);
  client_free (self->signalling);
  g_free (self->username);
  g_free (self->pwd);
  g_free (self);
}

void
bare_player_wish_keyframe (BarePlayer * self)
{
  guint8 pli[12] = { 2 << 6 | FMT_PLI, PT_PSFB, 0, 2, 0, 0, 0, 1, };

  GST_WRITE_UINT32_BE (pli + 8, self->ssrc);
  lite_client_send_media (self->media, pli, sizeof pli);
}
