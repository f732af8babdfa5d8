/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctllite-private.h"

G_BEGIN_DECLS

/* The smallest client that a GstWsctlLitePeer can be tried with: a socket,
 * checks, OpenSSL and libsrtp, each step by hand. */
typedef struct _LiteClient LiteClient;

LiteClient *lite_client_new (guint16 port);
/* Leaves without a word, as a lost client does */
void lite_client_free (LiteClient * self);
const gchar *lite_client_get_fingerprint (LiteClient * self);

/* One Binding request */
GBytes *lite_client_make_check (LiteClient * self, const gchar * username,
    const gchar * pwd, gboolean nominate);
void lite_client_check (LiteClient * self, const gchar * username,
    const gchar * pwd, gboolean nominate);
/* Moves to another local port. */
void lite_client_move (LiteClient * self);
/* For the handshake: what SRTP profiles to offer, NULL for none; that there is
 * no certificate; to repeat what is not answered, as a real client does */
void lite_client_set_profiles (LiteClient * self, const gchar * profiles);
void lite_client_set_anonymous (LiteClient * self);
void lite_client_set_persistent (LiteClient * self);
/* Starts DTLS, with datagrams of @mtu bytes. */
void lite_client_handshake (LiteClient * self, guint mtu);
/* The first datagram of it, not sent */
GBytes *lite_client_make_hello (LiteClient * self);
void lite_client_send (LiteClient * self, const void *data, gsize size);
void lite_client_send_media (LiteClient * self, const guint8 * packet,
    gsize size);
void lite_client_shut_down (LiteClient * self);
/* The next @n DTLS datagrams that arrive are lost. */
void lite_client_drop_dtls (LiteClient * self, guint n);

/* For each packet, decrypted, from now on */
void lite_client_set_media_func (LiteClient * self,
    void (*func) (const guint8 * packet, gsize size, gpointer data),
    gpointer data);

/* What has come so far */
guint lite_client_get_n_answers (LiteClient * self);
guint lite_client_get_n_errors (LiteClient * self);
guint16 lite_client_get_mapped_port (LiteClient * self);
guint16 lite_client_get_local_port (LiteClient * self);
guint lite_client_get_n_dtls (LiteClient * self);
guint lite_client_get_n_media (LiteClient * self);
/* The last packet, decrypted */
GBytes *lite_client_get_media (LiteClient * self);
gboolean lite_client_is_connected (LiteClient * self);
gboolean lite_client_is_ended (LiteClient * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiteClient, lite_client_free)

G_END_DECLS
