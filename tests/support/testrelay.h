/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "testschedule.h"

G_BEGIN_DECLS

/* A bad network on 127.0.0.1: a UDP relay between clients and a server, on a
 * thread of its own. Each client has its own link to the server, with the
 * same conditions and chances of its own; TestRelay counts them together.
 *
 * Media take this way when the server advertises the relay:
 *
 *   relay = test_relay_new (1);
 *   params.advertise = { test_relay_get_address (relay), NULL };
 *   gst_wsctl_server_start (server, &error);
 *   test_relay_set_target (relay, gst_wsctl_server_get_media_port (server));
 */
typedef struct _TestRelay TestRelay;

/* The same @seed: the same chances, client by client */
TestRelay *test_relay_new (guint32 seed);
void test_relay_free (TestRelay * self);
/* "127.0.0.1:PORT", for clients; transfer none */
const gchar *test_relay_get_address (TestRelay * self);
/* Before the first packet */
void test_relay_set_target (TestRelay * self, guint16 port);
/* Takes the script of testschedule.h, from now on, in place of the one before.
 * Steps for 0 ms hold when this returns. A script that is wrong is an error of
 * the test. */
void test_relay_run (TestRelay * self, const gchar * script);
/* Over all clients, since the start */
void test_relay_get_report (TestRelay * self, TestDirection direction,
    TestLinkReport * report);
guint test_relay_count_clients (TestRelay * self);
/* Says the reports of both directions as a test message. */
void test_relay_say (TestRelay * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestRelay, test_relay_free)

G_END_DECLS
