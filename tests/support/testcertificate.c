/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Certificates for tests, by libcrypto.
 */

#include "testcertificate.h"

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define ONE_DAY_S (24 * 60 * 60)

static void
add_extension (X509 * x509, int nid, const gchar * value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);

  g_assert_nonnull (extension);
  X509_add_ext (x509, extension, -1);
  X509_EXTENSION_free (extension);
}

static X509 *
make_x509 (EVP_PKEY * key, const gchar * host, gint valid_s)
{
  X509 *x509 = X509_new ();
  X509_NAME *name = X509_get_subject_name (x509);
  g_autofree gchar *san = g_strdup_printf ("%s:%s",
      g_hostname_is_ip_address (host) ? "IP" : "DNS", host);

  X509_set_version (x509, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (x509), g_random_int_range (1,
          G_MAXINT));
  X509_gmtime_adj (X509_getm_notBefore (x509), -ONE_DAY_S);
  X509_gmtime_adj (X509_getm_notAfter (x509), valid_s);
  X509_set_pubkey (x509, key);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC,
      (const guchar *) "gst-wsctl test", -1, -1, 0);
  X509_set_issuer_name (x509, name);
  add_extension (x509, NID_basic_constraints, "critical,CA:TRUE");
  add_extension (x509, NID_subject_alt_name, san);
  g_assert_cmpint (X509_sign (x509, key, EVP_sha256 ()), >, 0);

  return x509;
}

GTlsCertificate *
test_certificate_new (const gchar * host, gint valid_s)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *x509 = make_x509 (key, host, valid_s);
  BIO *bio = BIO_new (BIO_s_mem ());
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;
  gchar *pem;
  glong size;

  PEM_write_bio_X509 (bio, x509);
  PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL);
  size = BIO_get_mem_data (bio, &pem);
  certificate = g_tls_certificate_new_from_pem (pem, size, &error);
  g_assert_no_error (error);

  BIO_free (bio);
  X509_free (x509);
  EVP_PKEY_free (key);

  return certificate;
}

gchar *
test_certificate_save (GTlsCertificate * certificate)
{
  g_autofree gchar *pem = NULL;
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  gint fd = g_file_open_tmp ("wsctl-ca-XXXXXX.pem", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_object_get (certificate, "certificate-pem", &pem, NULL);
  g_file_set_contents (path, pem, -1, &error);
  g_assert_no_error (error);

  return g_steal_pointer (&path);
}
