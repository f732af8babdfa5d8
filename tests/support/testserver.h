/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Servers in this process, on 127.0.0.1 and a free port, on the thread's
 * default context. Their addresses have a token, TEST_SECRET, which must not
 * show up in anything that people read. */
#define TEST_SECRET "s3cr3t"

typedef struct _TestServer TestServer;

/* What a server that misbehaves says */
typedef struct
{
  /* The answer to the request: "101" for a proper handshake, NULL for none at
   * all, or any bytes. */
  const gchar *answer;
  /* Bytes sent after it, or NULL */
  const gchar *frames;
  gsize frames_size;
  gboolean hang_up;             /* then */
} TestScript;

/* Takes connections and follows the script, byte by byte */
TestServer *test_server_new_scripted (const TestScript * script);

/* A WebSocket server that says what it hears, but for these orders:
 *   "close CODE REASON"   closes, CODE 0 for none
 *   "drop"                drops the connection
 *   "binary"              sends a binary message
 *   "big SIZE"            sends a text of that size
 *   "header NAME"         sends that header of the request, or "-"
 * With @certificate it speaks TLS. */
TestServer *test_server_new_echo (GTlsCertificate * certificate);

/* Its queue of connections is full, so that a new one is never taken. */
TestServer *test_server_new_full (void);

/* "ws://127.0.0.1:PORT/webrtc/s?id=TOKEN", or wss; transfer none */
const gchar *test_server_get_uri (TestServer * server);
/* "127.0.0.1:PORT" */
const gchar *test_server_get_peer (TestServer * server);
/* How many connections it has taken, and how many have ended since */
guint test_server_get_taken (TestServer * server);
guint test_server_get_ended (TestServer * server);
void test_server_free (TestServer * server);

/* A port of 127.0.0.1 on which nobody listens */
guint16 test_find_closed_port (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestServer, test_server_free)

G_END_DECLS
