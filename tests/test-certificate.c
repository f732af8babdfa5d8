/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "wsctlcertificate-private.h"
#include "wsctlerror.h"

/* Made once with the openssl command, which said the fingerprints too. */
static const gchar known_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdTCCARugAwIBAgIUcf/3dUJptft7VgbswxtJS/thM1UwCgYIKoZIzj0EAwIw\n"
    "EDEOMAwGA1UEAwwFa25vd24wHhcNMjYxMTIxMDEzMDU1WhcNMzYxMTE4MDEzMDU1\n"
    "WjAQMQ4wDAYDVQQDDAVrbm93bjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBaw\n"
    "K0CRi9/IXdIr2AwxG4w8zj3fy0M1kX6ihV/mOSLeEEbdFmeIUyeuTaZDYu3ssHWl\n"
    "3XbD1fbbEsJwEypILpSjUzBRMB0GA1UdDgQWBBSd4ysH+ik1n6+fWQ7hDD5nWf+l\n"
    "oTAfBgNVHSMEGDAWgBSd4ysH+ik1n6+fWQ7hDD5nWf+loTAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0gAMEUCIQDMgUjFU090TYYS2Q7lXJ/uApWf6uAs5yu9\n"
    "brC83JN/JQIgTXCIn7qaypH3u0IiOZk9HCJBc1qbHd11s07lzQkF08A=\n"
    "-----END CERTIFICATE-----\n";
static const gchar known_sha256[] =
    "1A:12:79:00:30:BB:9E:91:DF:73:E3:99:63:21:24:DD:6C:14:1E:D5:"
    "34:03:91:80:27:52:92:9F:3A:18:67:73";
static const gchar known_sha512[] =
    "D1:BC:EA:8C:0A:2A:04:94:B3:57:0B:9B:66:90:60:A0:CB:5E:DC:FF:"
    "EB:85:57:54:92:80:00:76:39:9F:20:8B:FB:2B:9D:AF:D1:DA:AD:6E:"
    "C8:34:05:27:A9:2D:AE:64:BE:5A:30:A1:1A:DB:53:5B:C2:18:18:9A:"
    "C8:A8:D9:56";

static void
test_make (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *pem = gst_wsctl_certificate_new_pem (&error);
  g_autofree gchar *other = gst_wsctl_certificate_new_pem (NULL);
  BIO *bio;
  X509 *certificate;
  EVP_PKEY *key;

  g_assert_no_error (error);
  g_assert_cmpstr (pem, !=, other);

  bio = BIO_new_mem_buf (pem, -1);
  certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  g_assert_nonnull (certificate);
  g_assert_nonnull (key);

  g_assert_true (EVP_PKEY_is_a (key, "EC"));
  g_assert_cmpint (EVP_PKEY_get_bits (key), ==, 256);
  g_assert_cmpint (X509_check_private_key (certificate, key), ==, 1);
  g_assert_cmpint (X509_verify (certificate, key), ==, 1);
  g_assert_cmpint (X509_cmp_current_time (X509_get0_notBefore (certificate)),
      <, 0);
  g_assert_cmpint (X509_cmp_current_time (X509_get0_notAfter (certificate)), >,
      0);

  EVP_PKEY_free (key);
  X509_free (certificate);
  BIO_free (bio);
}

static void
test_fingerprint (void)
{
  g_autofree gchar *sha256 = NULL;
  g_autofree gchar *sha512 = NULL;

  sha256 = gst_wsctl_certificate_get_fingerprint (known_pem, "sha-256", NULL);
  sha512 = gst_wsctl_certificate_get_fingerprint (known_pem, "SHA-512", NULL);
  g_assert_cmpstr (sha256, ==, known_sha256);
  g_assert_cmpstr (sha512, ==, known_sha512);
}

static void
test_match (void)
{
  static const gchar *const names[] = {
    "sha-1", "sha-224", "sha-256", "sha-384", "sha-512"
  };
  g_autofree gchar *pem = gst_wsctl_certificate_new_pem (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *value =
        gst_wsctl_certificate_get_fingerprint (pem, names[i], NULL);
    g_autofree gchar *whole = g_strdup_printf ("%s %s", names[i], value);
    g_autofree gchar *lower = g_ascii_strdown (whole, -1);
    g_autofree gchar *upper = g_ascii_strup (whole, -1);
    g_autofree gchar *spaced = g_strdup_printf (" %s \t %s\r\n", names[i],
        value);
    gchar *last = whole + strlen (whole) - 1;

    g_assert_true (gst_wsctl_certificate_matches (pem, whole));
    g_assert_true (gst_wsctl_certificate_matches (pem, lower));
    g_assert_true (gst_wsctl_certificate_matches (pem, upper));
    g_assert_true (gst_wsctl_certificate_matches (pem, spaced));
    g_assert_false (gst_wsctl_certificate_matches (known_pem, whole));

    *last = *last == '0' ? '1' : '0';
    g_assert_false (gst_wsctl_certificate_matches (pem, whole));
  }
}

static void
test_malformed (void)
{
  static const gchar *const fingerprints[] = {
    "", " ", "sha-256", "sha-256 ", "sha-256 :", "sha-256 A", "sha-256 AA",
    "sha-256 AA:", "sha-256 AA:B", "sha-256 AA::BB", "sha-256 GG:00",
    "sha-256AA:BB", "md5 AA:BB", "sha-256 AABB", "\xff\xfe \xff",
  };
  static const gchar *const pems[] = {
    "", "-----BEGIN CERTIFICATE-----", "nonsense",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  };
  g_autofree gchar *whole = g_strdup_printf ("sha-256 %s", known_sha256);
  g_autofree gchar *longer = g_strdup_printf ("%s:00", whole);
  g_autofree gchar *endless = g_strnfill (1000, 'A');
  g_autofree gchar *huge = NULL;
  g_autoptr (GError) error = NULL;
  guint i;

  for (i = 2; i < 1000; i += 3)
    endless[i] = ':';
  huge = g_strconcat ("sha-256 ", endless, NULL);

  g_assert_true (gst_wsctl_certificate_matches (known_pem, whole));
  g_assert_false (gst_wsctl_certificate_matches (known_pem, longer));
  g_assert_false (gst_wsctl_certificate_matches (known_pem, huge));
  g_assert_false (gst_wsctl_certificate_matches (known_pem, NULL));
  g_assert_false (gst_wsctl_certificate_matches (NULL, whole));
  for (i = 0; i < G_N_ELEMENTS (fingerprints); i++)
    g_assert_false (gst_wsctl_certificate_matches (known_pem, fingerprints[i]));
  for (i = 0; i < G_N_ELEMENTS (pems); i++) {
    g_assert_false (gst_wsctl_certificate_matches (pems[i], whole));
    g_assert_null (gst_wsctl_certificate_get_fingerprint (pems[i], "sha-256",
            &error));
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
    g_clear_error (&error);
  }
  g_assert_null (gst_wsctl_certificate_get_fingerprint (known_pem, "md5",
          &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/certificate/make", test_make);
  g_test_add_func ("/certificate/fingerprint", test_fingerprint);
  g_test_add_func ("/certificate/match", test_match);
  g_test_add_func ("/certificate/malformed", test_malformed);

  return g_test_run ();
}
