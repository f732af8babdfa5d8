/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "lite-client.h"

#include <gio/gnetworking.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include "wsctlcertificate-private.h"
#include "wsctllitesrtp-private.h"

/* Of a peer reflexive candidate */
#define PRIORITY 1862270975
/* Everything fits into one. */
#define LARGE_MTU 1200

struct _LiteClient
{
  GSocket *socket;
  GSource *source;
  guint16 port;
  gchar *fingerprint;
  StunAgent stun;
  SSL_CTX *context;
  SSL *ssl;
  GstWsctlLiteSrtp *srtp;
  GBytes *media;
  const gchar *profiles;
  gboolean anonymous;
  GSource *timer;
  void (*media_func) (const guint8 * packet, gsize size, gpointer data);
  gpointer media_data;

  guint n_answers, n_errors, n_dtls, n_media, n_drop;
  guint16 mapped_port;
  gboolean ended;
};

static void
follow_dtls (LiteClient * self)
{
  guint8 buffer[2048];
  gint result;

  if (!SSL_is_init_finished (self->ssl)) {
    SSL_do_handshake (self->ssl);
  } else {
    result = SSL_read (self->ssl, buffer, sizeof (buffer));
    if (SSL_get_error (self->ssl, result) == SSL_ERROR_ZERO_RETURN)
      self->ended = TRUE;
  }

  if (self->srtp == NULL && SSL_is_init_finished (self->ssl)) {
    guint8 material[GST_WSCTL_LITE_MATERIAL_SIZE];
    guint profile;

    if (SSL_get_selected_srtp_profile (self->ssl) == NULL)
      return;
    profile = SSL_get_selected_srtp_profile (self->ssl)->id;
    SSL_export_keying_material (self->ssl, material,
        gst_wsctl_lite_srtp_get_material_size (profile), "EXTRACTOR-dtls_srtp",
        19, NULL, 0, 0);
    self->srtp = gst_wsctl_lite_srtp_new (profile, material, FALSE, NULL);
    g_assert_nonnull (self->srtp);
  }
}

static void
receive_stun (LiteClient * self, const guint8 * packet, gsize size)
{
  struct sockaddr_storage mapped;
  socklen_t mapped_size = sizeof (mapped);
  StunMessage message;
  StunValidationStatus status;

  status = stun_agent_validate (&self->stun, &message, packet, size, NULL,
      NULL);
  if (status == STUN_VALIDATION_SUCCESS
      && stun_message_get_class (&message) == STUN_RESPONSE) {
    g_assert_cmpint (stun_message_find_xor_addr (&message,
            STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &mapped, &mapped_size), ==,
        STUN_MESSAGE_RETURN_SUCCESS);
    g_assert_cmpint (mapped.ss_family, ==, AF_INET);
    self->mapped_port = ntohs (((struct sockaddr_in *) &mapped)->sin_port);
    self->n_answers++;
  } else {
    self->n_errors++;
  }
}

static void
receive_packet (LiteClient * self, guint8 * packet, gsize size)
{
  gboolean is_rtcp;

  if (packet[0] <= 3) {
    receive_stun (self, packet, size);
  } else if (packet[0] <= 63) {
    self->n_dtls++;
    if (self->n_drop > 0) {
      self->n_drop--;
      return;
    }
    BIO_write (SSL_get_rbio (self->ssl), packet, size);
    follow_dtls (self);
  } else if (self->srtp != NULL) {
    is_rtcp = packet[1] >= 192 && packet[1] <= 223;
    g_assert_true (gst_wsctl_lite_srtp_unprotect (self->srtp, packet, &size,
            is_rtcp));
    g_clear_pointer (&self->media, g_bytes_unref);
    self->media = g_bytes_new (packet, size);
    self->n_media++;
    if (self->media_func != NULL)
      self->media_func (packet, size, self->media_data);
  }
}

static gboolean
on_readable (GSocket * socket, GIOCondition condition, gpointer data)
{
  guint64 buffer[256];
  gssize size;

  while ((size = g_socket_receive (socket, (gchar *) buffer, sizeof (buffer),
              NULL, NULL)) > 0)
    receive_packet (data, (guint8 *) buffer, size);

  return G_SOURCE_CONTINUE;
}

static void
close_socket (LiteClient * self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
}

static void
open_socket (LiteClient * self)
{
  g_autoptr (GSocketAddress) server =
      g_inet_socket_address_new_from_string ("127.0.0.1", self->port);

  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);
  g_socket_set_blocking (self->socket, FALSE);
  g_assert_true (g_socket_connect (self->socket, server, NULL, NULL));
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

static BIO *
make_output (LiteClient * self)
{
  BIO *bio = BIO_new_dgram (g_socket_get_fd (self->socket), BIO_NOCLOSE);
  BIO_ADDR *address = BIO_ADDR_new ();
  struct in_addr host = { htonl (INADDR_LOOPBACK) };

  BIO_ADDR_rawmake (address, AF_INET, &host, sizeof (host), htons (self->port));
  BIO_ctrl_set_connected (bio, address);
  BIO_ADDR_free (address);

  return bio;
}

static int
accept_any (int preverified, X509_STORE_CTX * store)
{
  return 1;
}

LiteClient *
lite_client_new (guint16 port)
{
  LiteClient *self = g_new0 (LiteClient, 1);
  g_autofree gchar *pem = gst_wsctl_certificate_new_pem (NULL);
  g_autofree gchar *digest =
      gst_wsctl_certificate_get_fingerprint (pem, "sha-256", NULL);
  BIO *bio = BIO_new_mem_buf (pem, -1);
  X509 *certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  static const uint16_t known[] = { STUN_ATTRIBUTE_USERNAME,
    STUN_ATTRIBUTE_MESSAGE_INTEGRITY, STUN_ATTRIBUTE_ERROR_CODE,
    STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, 0
  };

  self->port = port;
  self->fingerprint = g_strconcat ("sha-256 ", digest, NULL);
  self->context = SSL_CTX_new (DTLS_client_method ());
  SSL_CTX_use_certificate (self->context, certificate);
  SSL_CTX_use_PrivateKey (self->context, key);
  self->profiles = GST_WSCTL_LITE_SRTP_PROFILES;
  SSL_CTX_set_verify (self->context, SSL_VERIFY_PEER, accept_any);
  SSL_CTX_set_options (self->context, SSL_OP_NO_QUERY_MTU);
  stun_agent_init (&self->stun, known, STUN_COMPATIBILITY_RFC5389,
      STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
      STUN_AGENT_USAGE_USE_FINGERPRINT);
  open_socket (self);

  EVP_PKEY_free (key);
  X509_free (certificate);
  BIO_free (bio);

  return self;
}

void
lite_client_free (LiteClient * self)
{
  close_socket (self);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  SSL_free (self->ssl);
  SSL_CTX_free (self->context);
  g_clear_pointer (&self->srtp, gst_wsctl_lite_srtp_free);
  g_clear_pointer (&self->media, g_bytes_unref);
  g_free (self->fingerprint);
  g_free (self);
}

void
lite_client_move (LiteClient * self)
{
  close_socket (self);
  open_socket (self);
  if (self->ssl != NULL)
    SSL_set0_wbio (self->ssl, make_output (self));
}

const gchar *
lite_client_get_fingerprint (LiteClient * self)
{
  return self->fingerprint;
}

void
lite_client_send (LiteClient * self, const void *data, gsize size)
{
  g_socket_send (self->socket, data, size, NULL, NULL);
}

GBytes *
lite_client_make_check (LiteClient * self, const gchar * username,
    const gchar * pwd, gboolean nominate)
{
  StunMessage message;
  uint8_t buffer[1280];
  gsize size;

  size = stun_usage_ice_conncheck_create (&self->stun, &message, buffer,
      sizeof (buffer), (const uint8_t *) username, strlen (username),
      (const uint8_t *) pwd, strlen (pwd), nominate, TRUE, PRIORITY, 1, NULL,
      STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
  g_assert_cmpuint (size, >, 0);

  return g_bytes_new (buffer, size);
}

void
lite_client_check (LiteClient * self, const gchar * username,
    const gchar * pwd, gboolean nominate)
{
  g_autoptr (GBytes) check =
      lite_client_make_check (self, username, pwd, nominate);

  lite_client_send (self, g_bytes_get_data (check, NULL),
      g_bytes_get_size (check));
}

void
lite_client_set_profiles (LiteClient * self, const gchar * profiles)
{
  self->profiles = profiles;
}

void
lite_client_set_anonymous (LiteClient * self)
{
  self->anonymous = TRUE;
}

static gboolean
on_timer (gpointer data)
{
  LiteClient *self = data;

  if (self->ssl != NULL)
    DTLSv1_handle_timeout (self->ssl);

  return G_SOURCE_CONTINUE;
}

void
lite_client_set_persistent (LiteClient * self)
{
  self->timer = g_timeout_source_new (20);
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

void
lite_client_handshake (LiteClient * self, guint mtu)
{
  BIO *input = BIO_new (BIO_s_mem ());
  g_autofree gchar *name = g_strnfill (250, 'a');

  BIO_set_mem_eof_return (input, -1);
  self->ssl = SSL_new (self->context);
  SSL_set_bio (self->ssl, input, make_output (self));
  g_assert_cmpint (SSL_set_mtu (self->ssl, mtu), ==, mtu);
  if (self->profiles != NULL)
    SSL_set_tlsext_use_srtp (self->ssl, self->profiles);
  if (self->anonymous)
    SSL_certs_clear (self->ssl);
  /* Makes the ClientHello larger than a small datagram. */
  if (mtu < LARGE_MTU)
    SSL_set_tlsext_host_name (self->ssl, name);
  SSL_set_connect_state (self->ssl);
  SSL_do_handshake (self->ssl);
}

GBytes *
lite_client_make_hello (LiteClient * self)
{
  SSL *ssl = SSL_new (self->context);
  BIO *output = BIO_new (BIO_s_mem ());
  GBytes *hello;
  gchar *data;
  glong size;

  SSL_set_bio (ssl, BIO_new (BIO_s_mem ()), output);
  SSL_set_mtu (ssl, 1200);
  SSL_set_tlsext_use_srtp (ssl, self->profiles);
  SSL_set_connect_state (ssl);
  SSL_do_handshake (ssl);
  size = BIO_get_mem_data (output, &data);
  hello = g_bytes_new (data, size);
  SSL_free (ssl);

  return hello;
}

void
lite_client_send_media (LiteClient * self, const guint8 * packet, gsize size)
{
  guint64 copy[GST_WSCTL_LITE_PACKET_SIZE / 8];

  memcpy (copy, packet, size);
  g_assert_true (gst_wsctl_lite_srtp_protect (self->srtp, (guint8 *) copy,
          &size, packet[1] >= 192 && packet[1] <= 223));
  lite_client_send (self, copy, size);
}

void
lite_client_shut_down (LiteClient * self)
{
  SSL_shutdown (self->ssl);
}

void
lite_client_drop_dtls (LiteClient * self, guint n)
{
  self->n_drop = n;
}

void
lite_client_set_media_func (LiteClient * self,
    void (*func) (const guint8 * packet, gsize size, gpointer data),
    gpointer data)
{
  self->media_func = func;
  self->media_data = data;
}

guint
lite_client_get_n_answers (LiteClient * self)
{
  return self->n_answers;
}

guint
lite_client_get_n_errors (LiteClient * self)
{
  return self->n_errors;
}

guint16
lite_client_get_mapped_port (LiteClient * self)
{
  return self->mapped_port;
}

guint16
lite_client_get_local_port (LiteClient * self)
{
  g_autoptr (GSocketAddress) local =
      g_socket_get_local_address (self->socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
}

guint
lite_client_get_n_dtls (LiteClient * self)
{
  return self->n_dtls;
}

guint
lite_client_get_n_media (LiteClient * self)
{
  return self->n_media;
}

GBytes *
lite_client_get_media (LiteClient * self)
{
  return self->media;
}

gboolean
lite_client_is_connected (LiteClient * self)
{
  return self->srtp != NULL;
}

gboolean
lite_client_is_ended (LiteClient * self)
{
  return self->ended;
}
