/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A self-signed certificate made on the spot, so that none is ever committed
 * and none expires. @host: a DNS name or an IP address it is for. @valid_s: how
 * long; when negative it expired so long ago. */
GTlsCertificate *test_certificate_new (const gchar * host, gint valid_s);

/* Writes its PEM, without the key, to a file of the test's own; transfer
 * full. */
gchar *test_certificate_save (GTlsCertificate * certificate);

G_END_DECLS
