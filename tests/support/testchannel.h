/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlchannel-private.h"

G_BEGIN_DECLS

/* Writes down what a channel tells, and fails when it tells it at the wrong
 * time: from inside a call, twice, or after "closed". */
typedef struct
{
  GstWsctlChannel *channel;
  gboolean opened;
  gboolean closed;
  GError *error;                /* of "closed" */
  GPtrArray *messages;          /* gchar * */
  gboolean inside;              /* one of our calls is running */
  void (*on_opened) (gpointer data);
  void (*on_message) (gpointer data);
  void (*on_closed) (gpointer data);
  gpointer data;                /* for these */
} TestChannel;

/* Takes @channel over. */
TestChannel *test_channel_new (gpointer channel);
void test_channel_open (TestChannel * self);
void test_channel_send (TestChannel * self, const gchar * text);
void test_channel_close (TestChannel * self);
void test_channel_wait_opened (TestChannel * self);
void test_channel_wait_closed (TestChannel * self);
/* The first message that has not been taken yet; transfer full */
gchar *test_channel_wait_message (TestChannel * self);
/* Checks that nothing is left of the channel. */
void test_channel_free (TestChannel * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestChannel, test_channel_free)

G_END_DECLS
