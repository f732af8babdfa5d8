/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A channel under observation.
 */

#include "testchannel.h"

#include "testsupport.h"

static void
on_opened (GstWsctlChannel * channel, TestChannel * self)
{
  g_assert_false (self->inside);
  g_assert_false (self->opened);
  g_assert_false (self->closed);

  self->opened = TRUE;
  if (self->on_opened != NULL)
    self->on_opened (self->data);
}

static void
on_message (GstWsctlChannel * channel, const gchar * text, TestChannel * self)
{
  g_assert_false (self->inside);
  g_assert_true (self->opened);
  g_assert_false (self->closed);

  g_ptr_array_add (self->messages, g_strdup (text));
  if (self->on_message != NULL)
    self->on_message (self->data);
}

static void
on_closed (GstWsctlChannel * channel, const GError * error, TestChannel * self)
{
  g_assert_false (self->inside);
  g_assert_false (self->closed);

  self->closed = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  if (self->on_closed != NULL)
    self->on_closed (self->data);
}

TestChannel *
test_channel_new (gpointer channel)
{
  TestChannel *self = g_new0 (TestChannel, 1);

  self->channel = channel;
  self->messages = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (channel, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect (channel, "message", G_CALLBACK (on_message), self);
  g_signal_connect (channel, "closed", G_CALLBACK (on_closed), self);

  return self;
}

void
test_channel_open (TestChannel * self)
{
  self->inside = TRUE;
  gst_wsctl_channel_open (self->channel);
  self->inside = FALSE;
}

void
test_channel_send (TestChannel * self, const gchar * text)
{
  g_autoptr (GError) error = NULL;
  gboolean sent;

  self->inside = TRUE;
  sent = gst_wsctl_channel_send (self->channel, text, &error);
  self->inside = FALSE;

  g_assert_no_error (error);
  g_assert_true (sent);
}

void
test_channel_close (TestChannel * self)
{
  self->inside = TRUE;
  gst_wsctl_channel_close (self->channel);
  self->inside = FALSE;
}

void
test_channel_wait_opened (TestChannel * self)
{
  test_wait_flag (NULL, &self->opened, "the channel to open");
}

void
test_channel_wait_closed (TestChannel * self)
{
  test_wait_flag (NULL, &self->closed, "the channel to close");
}

static gboolean
has_message (gpointer data)
{
  TestChannel *self = data;

  return self->messages->len > 0;
}

gchar *
test_channel_wait_message (TestChannel * self)
{
  test_wait_until (NULL, has_message, self, 0, "a message");

  return g_ptr_array_steal_index (self->messages, 0);
}

void
test_channel_free (TestChannel * self)
{
  if (self->channel != NULL) {
    g_signal_handlers_disconnect_by_data (self->channel, self);
    test_assert_finalize (self->channel);
  }
  g_clear_error (&self->error);
  g_ptr_array_unref (self->messages);
  g_free (self);
}
