/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * DTLS certificates. An ECDSA pair is made in about a millisecond, where the
 * RSA pair of GStreamer's DTLS element takes hundreds (docs/platform.md).
 */

#include "wsctlcertificate-private.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

#include "wsctlerror.h"

/* A clock that is a little slow on the other side must not refuse us. */
#define VALID_BEFORE_SECONDS (24 * 60 * 60)
#define VALID_AFTER_SECONDS (30 * 24 * 60 * 60)

typedef EVP_PKEY Key;
typedef X509 Certificate;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Certificate, X509_free);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Key, EVP_PKEY_free);

/* The names of RFC 8122, 5 that are not broken. */
static const struct
{
  const gchar *name;
  const EVP_MD *(*get) (void);
} algorithms[] = {
  {"sha-1", EVP_sha1},
  {"sha-224", EVP_sha224},
  {"sha-256", EVP_sha256},
  {"sha-384", EVP_sha384},
  {"sha-512", EVP_sha512},
};

/* OpenSSL's own queue of errors belongs to the thread: it is left empty, or
 * the next one to look at it would take ours for its own. */
static void
set_crypto_error (GError ** error, const gchar * what)
{
  const gchar *reason = ERR_reason_error_string (ERR_peek_last_error ());

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED, "%s: %s", what,
      reason != NULL ? reason : "unknown reason");
  ERR_clear_error ();
}

static gboolean
set_random_name (X509 * certificate)
{
  X509_NAME *name = X509_get_subject_name (certificate);
  guint8 bytes[16];
  gchar text[2 * sizeof (bytes) + 1];
  guint i;

  if (RAND_bytes (bytes, sizeof (bytes)) != 1)
    return FALSE;
  for (i = 0; i < sizeof (bytes); i++)
    g_snprintf (text + 2 * i, 3, "%02x", bytes[i]);

  return X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC,
      (const guchar *) text, -1, -1, 0) == 1
      && X509_set_issuer_name (certificate, name) == 1;
}

static gboolean
set_random_serial (X509 * certificate)
{
  guint64 serial;

  if (RAND_bytes ((guchar *) & serial, sizeof (serial)) != 1)
    return FALSE;

  /* RFC 5280, 4.1.2.2: positive. */
  return ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate),
      (serial >> 1) | 1) == 1;
}

static gboolean
fill_certificate (X509 * certificate, EVP_PKEY * key)
{
  return X509_set_version (certificate, X509_VERSION_3) == 1
      && set_random_serial (certificate)
      && set_random_name (certificate)
      && X509_gmtime_adj (X509_getm_notBefore (certificate),
      -VALID_BEFORE_SECONDS) != NULL
      && X509_gmtime_adj (X509_getm_notAfter (certificate),
      VALID_AFTER_SECONDS) != NULL
      && X509_set_pubkey (certificate, key) == 1
      && X509_sign (certificate, key, EVP_sha256 ()) > 0;
}

gchar *
gst_wsctl_certificate_new_pem (GError ** error)
{
  g_autoptr (Key) key = EVP_EC_gen ("P-256");
  g_autoptr (Certificate) certificate = X509_new ();
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  gchar *text;
  glong size;

  if (key == NULL || certificate == NULL || bio == NULL
      || !fill_certificate (certificate, key)
      || PEM_write_bio_X509 (bio, certificate) != 1
      || PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
    set_crypto_error (error, "Could not make a certificate");
    return NULL;
  }

  size = BIO_get_mem_data (bio, &text);

  return g_strndup (text, size);
}

static X509 *
read_certificate (const gchar * pem)
{
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, -1);

  return bio != NULL ? PEM_read_bio_X509 (bio, NULL, NULL, NULL) : NULL;
}

static gboolean
compute_digest (const gchar * pem, const gchar * algorithm, guint8 * digest,
    guint * size, GError ** error)
{
  g_autoptr (Certificate) certificate = NULL;
  const EVP_MD *md = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (g_ascii_strcasecmp (algorithm, algorithms[i].name) == 0)
      md = algorithms[i].get ();
  }
  if (md == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "Fingerprints are not made with '%.16s'", algorithm);
    return FALSE;
  }

  certificate = read_certificate (pem);
  if (certificate == NULL || X509_digest (certificate, md, digest, size) != 1) {
    set_crypto_error (error, "Could not read the certificate");
    return FALSE;
  }

  return TRUE;
}

gchar *
gst_wsctl_certificate_get_fingerprint (const gchar * pem,
    const gchar * algorithm, GError ** error)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  g_autoptr (GString) text = NULL;
  guint size, i;

  g_return_val_if_fail (pem != NULL && algorithm != NULL, NULL);

  if (!compute_digest (pem, algorithm, digest, &size, error))
    return NULL;

  text = g_string_sized_new (3 * size);
  for (i = 0; i < size; i++)
    g_string_append_printf (text, i == 0 ? "%02X" : ":%02X", digest[i]);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* "AA:BB:…" and nothing else, of at most EVP_MAX_MD_SIZE bytes. */
static gboolean
parse_bytes (const gchar * text, guint8 * bytes, guint * size)
{
  guint n = 0;

  for (;;) {
    gint high = g_ascii_xdigit_value (text[0]);
    gint low = high >= 0 ? g_ascii_xdigit_value (text[1]) : -1;

    if (low < 0 || n == EVP_MAX_MD_SIZE)
      return FALSE;
    bytes[n++] = high << 4 | low;
    text += 2;
    if (*text == '\0')
      break;
    if (*text++ != ':')
      return FALSE;
  }
  *size = n;

  return TRUE;
}

gboolean
gst_wsctl_certificate_matches (const gchar * pem, const gchar * fingerprint)
{
  g_autofree gchar *text = NULL;
  guint8 wanted[EVP_MAX_MD_SIZE], digest[EVP_MAX_MD_SIZE];
  guint wanted_size, size;
  gchar *value;

  if (pem == NULL || fingerprint == NULL)
    return FALSE;

  text = g_strstrip (g_strdup (fingerprint));
  value = strpbrk (text, " \t");
  if (value == NULL)
    return FALSE;
  *value++ = '\0';

  return parse_bytes (g_strchug (value), wanted, &wanted_size)
      && compute_digest (pem, text, digest, &size, NULL)
      && size == wanted_size && CRYPTO_memcmp (digest, wanted, size) == 0;
}
