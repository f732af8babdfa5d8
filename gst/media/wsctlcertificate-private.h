/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* DTLS certificates as RFC 8827, 6.5 asks for them (self-signed, ECDSA on
 * P-256), and their fingerprints (RFC 8122). Pure; any thread. */

/* Make one: the certificate, then its key, in PEM; takes about 1 ms. It names
 * nobody, and is valid from a day ago for 31 days. */
gchar *gst_wsctl_certificate_new_pem (GError ** error);

/* "AA:BB:…" of the first certificate in @pem. @algorithm: sha-1, sha-224,
 * sha-256, sha-384 or sha-512, in any case. */
gchar *gst_wsctl_certificate_get_fingerprint (const gchar * pem,
    const gchar * algorithm, GError ** error);

/* @fingerprint: "sha-256 AA:BB:…" in any case, as in a=fingerprint. FALSE also
 * for what cannot be read. The work is the same wherever they differ. */
gboolean gst_wsctl_certificate_matches (const gchar * pem,
    const gchar * fingerprint);

G_END_DECLS
