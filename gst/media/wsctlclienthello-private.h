/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Joins the fragments of a DTLS ClientHello into one record (RFC 6347, 4.2.3).
 * GStreamer before 1.26.8 cuts it into pieces of 256 bytes, and a server with
 * mbedTLS refuses a ClientHello in pieces. Pure. */
typedef struct _GstWsctlClientHello GstWsctlClientHello;

typedef enum
{
  GST_WSCTL_CLIENT_HELLO_PASS,  /* send the datagram as it is */
  GST_WSCTL_CLIENT_HELLO_HELD,  /* send nothing: more is to come */
  GST_WSCTL_CLIENT_HELLO_JOINED,        /* send *@joined instead */
} GstWsctlClientHelloResult;

GstWsctlClientHello *gst_wsctl_client_hello_new (void);
void gst_wsctl_client_hello_free (GstWsctlClientHello * self);
GstWsctlClientHelloResult gst_wsctl_client_hello_push (GstWsctlClientHello *
    self, const guint8 * datagram, gsize size, GBytes ** joined);

G_END_DECLS
