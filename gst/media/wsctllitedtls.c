/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * DTLS with OpenSSL. The BIO is our own: a memory BIO does not know where one
 * datagram ends and the next begins. There is no HelloVerifyRequest, because
 * ICE has already shown that the address is the client's.
 */

#include "wsctllitedtls-private.h"

#include <gst/gst.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "wsctlcertificate-private.h"
#include "wsctlerror.h"
#include "wsctllitesrtp-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctllitedtls_debug);
#define GST_CAT_DEFAULT wsctllitedtls_debug

/* RFC 5764, 4.2 */
#define EXPORTER_LABEL "EXTRACTOR-dtls_srtp"
/* Fits every path that carries video in packets of the usual size. */
#define MTU 1200
/* RFC 6347 begins with 1 s and allows less where delay matters. Doubling from
 * here, OpenSSL gives up after 12 times, that is 24 s. */
#define FIRST_TIMEOUT_US (100 * 1000)
#define LAST_TIMEOUT_US (3 * 1000 * 1000)
/* Nobody needs a chain here. */
#define MAX_CERTIFICATE_SIZE (16 * 1024)
/* RFC 8827, 6.5 asks for the first; the others are for old clients. */
#define CIPHERS \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:" \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA"

struct _GstWsctlLiteDtls
{
  SSL *ssl;
  gchar *fingerprint;
  gboolean mismatched;
  GstWsctlLiteDtlsState state;

  GstWsctlLiteDtlsFunc send;
  GstWsctlLiteDtlsFunc take;
  gpointer data;

  const guint8 *input;          /* while a datagram is being read */
  gsize input_size;
};

static int
read_datagram (BIO * bio, char *buffer, int size)
{
  GstWsctlLiteDtls *self = BIO_get_data (bio);
  gsize n;

  BIO_clear_retry_flags (bio);
  if (self->input == NULL || size <= 0) {
    BIO_set_retry_read (bio);
    return -1;
  }

  /* As from a socket, what does not fit is lost. */
  n = MIN ((gsize) size, self->input_size);
  memcpy (buffer, self->input, n);
  self->input = NULL;

  return n;
}

/* A datagram that the socket does not take is one lost on the way. */
static int
write_datagram (BIO * bio, const char *datagram, int size)
{
  GstWsctlLiteDtls *self = BIO_get_data (bio);

  BIO_clear_retry_flags (bio);
  if (size > 0)
    self->send ((const guint8 *) datagram, size, self->data);

  return size;
}

static long
control_bio (BIO * bio, int command, long number, void *pointer)
{
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return MTU;
    default:
      return 0;
  }
}

static int
create_bio (BIO * bio)
{
  BIO_set_init (bio, 1);

  return 1;
}

static BIO_METHOD *
get_bio_method (void)
{
  static gsize method = 0;

  if (g_once_init_enter (&method)) {
    BIO_METHOD *made = BIO_meth_new (BIO_get_new_index ()
        | BIO_TYPE_SOURCE_SINK, "wsctl datagrams");

    BIO_meth_set_create (made, create_bio);
    BIO_meth_set_read (made, read_datagram);
    BIO_meth_set_write (made, write_datagram);
    BIO_meth_set_ctrl (made, control_bio);
    g_once_init_leave (&method, (gsize) made);
  }

  return (BIO_METHOD *) method;
}

/* In place of OpenSSL's look at the chain: the offer says who it must be
 * (RFC 8122, 6.2). OpenSSL then checks that the client has the key too. */
static int
verify_certificate (X509_STORE_CTX * store, void *data)
{
  SSL *ssl = X509_STORE_CTX_get_ex_data (store,
      SSL_get_ex_data_X509_STORE_CTX_idx ());
  GstWsctlLiteDtls *self = SSL_get_app_data (ssl);
  BIO *bio = BIO_new (BIO_s_mem ());
  gboolean matches = FALSE;

  if (bio != NULL
      && PEM_write_bio_X509 (bio, X509_STORE_CTX_get0_cert (store)) == 1
      && BIO_write (bio, "", 1) == 1) {
    gchar *pem;

    BIO_get_mem_data (bio, &pem);
    matches = gst_wsctl_certificate_matches (pem, self->fingerprint);
  }
  BIO_free (bio);
  if (matches)
    return 1;

  self->mismatched = TRUE;
  X509_STORE_CTX_set_error (store, X509_V_ERR_CERT_REJECTED);

  return 0;
}

static gboolean
use_certificate (SSL_CTX * context, const gchar * pem)
{
  BIO *bio = BIO_new_mem_buf (pem, -1);
  X509 *certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  gboolean used = certificate != NULL && key != NULL
      && SSL_CTX_use_certificate (context, certificate) == 1
      && SSL_CTX_use_PrivateKey (context, key) == 1;

  EVP_PKEY_free (key);
  X509_free (certificate);
  BIO_free (bio);

  return used;
}

static const gchar *
get_reason (void)
{
  const gchar *reason = ERR_reason_error_string (ERR_peek_last_error ());

  ERR_clear_error ();

  return reason != NULL ? reason : "unknown reason";
}

SSL_CTX *
gst_wsctl_lite_dtls_context_new (const gchar * pem, GError ** error)
{
  SSL_CTX *context = SSL_CTX_new (DTLS_server_method ());

  GST_DEBUG_CATEGORY_INIT (wsctllitedtls_debug, "wsctllitedtls", 0,
      "DTLS of the server");

  /* SSL_CTX_set_tlsext_use_srtp() is the one that returns 0 for success. */
  if (context == NULL
      || SSL_CTX_set_min_proto_version (context, DTLS1_2_VERSION) != 1
      || SSL_CTX_set_cipher_list (context, CIPHERS) != 1
      || SSL_CTX_set_tlsext_use_srtp (context, GST_WSCTL_LITE_SRTP_PROFILES)
      || !use_certificate (context, pem)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "Could not set up DTLS: %s", get_reason ());
    SSL_CTX_free (context);
    return NULL;
  }

  SSL_CTX_set_options (context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET |
      SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list (context, MAX_CERTIFICATE_SIZE);
  SSL_CTX_set_verify (context,
      SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback (context, verify_certificate, NULL);

  return context;
}

static unsigned int
choose_timeout (SSL * ssl, unsigned int last_us)
{
  return last_us == 0 ? FIRST_TIMEOUT_US : MIN (2 * last_us, LAST_TIMEOUT_US);
}

GstWsctlLiteDtls *
gst_wsctl_lite_dtls_new (SSL_CTX * context, const gchar * fingerprint,
    GstWsctlLiteDtlsFunc send, GstWsctlLiteDtlsFunc take, gpointer data)
{
  GstWsctlLiteDtls *self = g_new0 (GstWsctlLiteDtls, 1);
  BIO *bio = BIO_new (get_bio_method ());

  self->ssl = SSL_new (context);
  if (self->ssl == NULL || bio == NULL)
    g_error ("No memory for a DTLS association");

  self->fingerprint = g_strdup (fingerprint);
  self->send = send;
  self->take = take;
  self->data = data;
  BIO_set_data (bio, self);
  SSL_set_bio (self->ssl, bio, bio);
  SSL_set_app_data (self->ssl, self);
  SSL_set_mtu (self->ssl, MTU);
  DTLS_set_timer_cb (self->ssl, choose_timeout);
  SSL_set_accept_state (self->ssl);

  return self;
}

void
gst_wsctl_lite_dtls_free (GstWsctlLiteDtls * self)
{
  SSL_free (self->ssl);
  g_free (self->fingerprint);
  g_free (self);
}

static GstWsctlLiteDtlsState
fail (GstWsctlLiteDtls * self, GError ** error)
{
  self->state = GST_WSCTL_LITE_DTLS_FAILED;
  if (self->mismatched) {
    ERR_clear_error ();
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FINGERPRINT_MISMATCH,
        "The client's certificate is not the one of its offer");
  } else {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_PEER_CONNECTION_FAILED,
        "DTLS failed: %s", get_reason ());
  }

  return self->state;
}

/* What a call into OpenSSL that returned @result means for the state */
static GstWsctlLiteDtlsState
judge (GstWsctlLiteDtls * self, int result, GError ** error)
{
  switch (SSL_get_error (self->ssl, result)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return self->state;
    case SSL_ERROR_ZERO_RETURN:
      self->state = GST_WSCTL_LITE_DTLS_ENDED;
      return self->state;
    default:
      return fail (self, error);
  }
}

GstWsctlLiteDtlsState
gst_wsctl_lite_dtls_receive (GstWsctlLiteDtls * self, const guint8 * datagram,
    gsize size, GError ** error)
{
  guint8 packet[2048];
  int result;

  if (self->state >= GST_WSCTL_LITE_DTLS_ENDED)
    return self->state;

  self->input = datagram;
  self->input_size = size;
  ERR_clear_error ();

  if (self->state == GST_WSCTL_LITE_DTLS_HANDSHAKE) {
    result = SSL_do_handshake (self->ssl);
    if (result == 1) {
      GST_DEBUG ("Connected with %s, %s", SSL_get_version (self->ssl),
          SSL_get_cipher_name (self->ssl));
      self->state = GST_WSCTL_LITE_DTLS_CONNECTED;
    }
    judge (self, result, error);
  }

  /* Also for alerts, and for a flight that the client sends again */
  while (self->state == GST_WSCTL_LITE_DTLS_CONNECTED) {
    result = SSL_read (self->ssl, packet, sizeof packet);
    judge (self, result, error);
    if (result <= 0)
      break;
    self->take (packet, result, self->data);
  }
  self->input = NULL;

  return self->state;
}

GstWsctlLiteDtlsState
gst_wsctl_lite_dtls_retransmit (GstWsctlLiteDtls * self, GError ** error)
{
  if (self->state >= GST_WSCTL_LITE_DTLS_ENDED)
    return self->state;

  ERR_clear_error ();
  if (DTLSv1_handle_timeout (self->ssl) >= 0)
    return self->state;

  self->state = GST_WSCTL_LITE_DTLS_FAILED;
  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_TIMED_OUT,
      "The client stopped answering during DTLS: %s", get_reason ());

  return self->state;
}

gboolean
gst_wsctl_lite_dtls_get_timeout (GstWsctlLiteDtls * self, guint * delay_ms)
{
  struct timeval left;

  if (self->state >= GST_WSCTL_LITE_DTLS_ENDED
      || !DTLSv1_get_timeout (self->ssl, &left))
    return FALSE;

  *delay_ms = left.tv_sec * 1000 + (left.tv_usec + 999) / 1000;

  return TRUE;
}

guint
gst_wsctl_lite_dtls_get_profile (GstWsctlLiteDtls * self)
{
  SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile (self->ssl);

  return profile != NULL ? profile->id : 0;
}

gboolean
gst_wsctl_lite_dtls_export (GstWsctlLiteDtls * self, guint8 * material,
    gsize size)
{
  return SSL_export_keying_material (self->ssl, material, size, EXPORTER_LABEL,
      strlen (EXPORTER_LABEL), NULL, 0, 0) == 1;
}

gboolean
gst_wsctl_lite_dtls_say (GstWsctlLiteDtls * self, const guint8 * packet,
    gsize size)
{
  gboolean said = self->state == GST_WSCTL_LITE_DTLS_CONNECTED
      && SSL_write (self->ssl, packet, size) == (int) size;

  ERR_clear_error ();

  return said;
}

void
gst_wsctl_lite_dtls_shut_down (GstWsctlLiteDtls * self)
{
  /* OpenSSL refuses during the handshake and after a fatal alert. */
  if (self->state == GST_WSCTL_LITE_DTLS_CONNECTED
      || self->state == GST_WSCTL_LITE_DTLS_ENDED)
    SSL_shutdown (self->ssl);
  ERR_clear_error ();
}
