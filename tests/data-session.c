/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "data-session.h"

#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "testsupport.h"
#include "wsctldatachannelbins-private.h"
#include "wsctlwebrtcbin-private.h"

typedef struct
{
  DataSide *side;
  GstWsctlDataChannel *channel;
} Arrival;

/* On the loop, as a connection tells of it */
static void
take_channel (gpointer data)
{
  Arrival *arrival = data;
  DataSide *side = arrival->side;

  g_mutex_lock (&side->lock);
  g_queue_push_tail (&side->channels, arrival->channel);
  g_mutex_unlock (&side->lock);
  g_main_context_wakeup (side->context);
}

static void
on_data_channel (GstElement * webrtcbin, GObject * inner, DataSide * side)
{
  Arrival *arrival = g_new0 (Arrival, 1);

  arrival->side = side;
  arrival->channel =
      gst_wsctl_data_channel_new_of_peer (side->loop, inner, webrtcbin);
  gst_wsctl_loop_call (side->loop, take_channel, arrival, g_free);
}

static void
on_candidate (GstElement * webrtcbin, guint mline, const gchar * candidate,
    DataSide * peer)
{
  g_signal_emit_by_name (peer->webrtcbin, "add-ice-candidate", mline,
      candidate);
}

static void
on_element_removed (GstBin * webrtcbin, GstElement * element, DataSide * side)
{
  g_main_context_wakeup (side->context);
}

static void
init_side (DataSession * self, DataSide * side, DataSide * peer)
{
  const gchar *addresses[] = { "127.0.0.1", NULL };
  GstWsctlConnectionParams params = { NULL, };
  NiceAgent *agent = NULL;
  g_autoptr (GError) error = NULL;

  params.local_addresses = addresses;
  g_mutex_init (&side->lock);
  g_queue_init (&side->channels);
  side->context = g_main_context_ref_thread_default ();
  side->loop = gst_wsctl_loop_get_shared ();
  side->webrtcbin = gst_wsctl_webrtcbin_new (&params, &agent, &error);
  g_assert_no_error (error);
  g_object_unref (agent);
  gst_wsctl_data_channel_bins_watch (side->webrtcbin);
  gst_bin_add (GST_BIN (self->pipeline), side->webrtcbin);
  g_signal_connect (side->webrtcbin, "on-data-channel",
      G_CALLBACK (on_data_channel), side);
  g_signal_connect (side->webrtcbin, "element-removed",
      G_CALLBACK (on_element_removed), side);
  g_signal_connect (side->webrtcbin, "on-ice-candidate",
      G_CALLBACK (on_candidate), peer);
}

static GstBusSyncReply
drop_message (GstBus * bus, GstMessage * message, gpointer data)
{
  gst_message_unref (message);

  return GST_BUS_DROP;
}

DataSession *
data_session_new (void)
{
  DataSession *self = g_new0 (DataSession, 1);
  g_autoptr (GstBus) bus = NULL;

  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  /* Nobody reads it, and each message holds the element that it is of. */
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, drop_message, NULL, NULL);
  init_side (self, &self->sides[0], &self->sides[1]);
  init_side (self, &self->sides[1], &self->sides[0]);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  return self;
}

void
data_session_free (DataSession * self)
{
  guint i;

  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->pipeline);
  for (i = 0; i < 2; i++) {
    DataSide *side = &self->sides[i];

    g_queue_clear_full (&side->channels, g_object_unref);
    gst_object_unref (side->webrtcbin);
    gst_wsctl_loop_unref (side->loop);
    g_main_context_unref (side->context);
    g_mutex_clear (&side->lock);
  }
  g_free (self);
}

static GstWebRTCSessionDescription *
create_description (DataSide * side, const gchar * what)
{
  g_autofree gchar *signal = g_strdup_printf ("create-%s", what);
  g_autoptr (GstPromise) promise = gst_promise_new ();
  GstWebRTCSessionDescription *description = NULL;

  g_signal_emit_by_name (side->webrtcbin, signal, NULL, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (gst_promise_get_reply (promise), what,
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  g_assert_nonnull (description);

  return description;
}

static void
set_description (DataSide * side, const gchar * which,
    GstWebRTCSessionDescription * description)
{
  g_autofree gchar *signal = g_strdup_printf ("set-%s-description", which);
  g_autoptr (GstPromise) promise = gst_promise_new ();

  g_signal_emit_by_name (side->webrtcbin, signal, description, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
}

void
data_session_negotiate (DataSession * self)
{
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;

  test_say ("an offer and its answer");
  offer = create_description (&self->sides[0], "offer");
  set_description (&self->sides[0], "local", offer);
  set_description (&self->sides[1], "remote", offer);
  answer = create_description (&self->sides[1], "answer");
  set_description (&self->sides[1], "local", answer);
  set_description (&self->sides[0], "remote", answer);
}

GstWsctlDataChannel *
data_side_create (DataSide * side, const gchar * label,
    const GstStructure * options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlDataChannelOptions) read =
      gst_wsctl_data_channel_options_new (label, options, &error);
  GstWsctlDataChannel *channel;
  g_autoptr (GstStructure) request = NULL;
  g_autoptr (GObject) inner = NULL;

  g_assert_no_error (error);
  channel = gst_wsctl_data_channel_new (side->loop, label, read);
  request = gst_wsctl_data_channel_get_request (channel);
  g_signal_emit_by_name (side->webrtcbin, "create-data-channel", label,
      request, &inner);
  g_assert_nonnull (inner);
  gst_wsctl_data_channel_attach (channel, inner, side->webrtcbin);

  return channel;
}

static gboolean
has_channel (gpointer data)
{
  DataSide *side = data;
  gboolean has;

  g_mutex_lock (&side->lock);
  has = side->channels.length > 0;
  g_mutex_unlock (&side->lock);

  return has;
}

GstWsctlDataChannel *
data_side_wait_channel (DataSide * side)
{
  GstWsctlDataChannel *channel;

  test_wait_until (NULL, has_channel, side, 0, "a channel of the peer");
  g_mutex_lock (&side->lock);
  channel = g_queue_pop_head (&side->channels);
  g_mutex_unlock (&side->lock);

  return channel;
}

guint
data_side_count_elements (DataSide * side)
{
  guint n;

  GST_OBJECT_LOCK (side->webrtcbin);
  n = GST_BIN_NUMCHILDREN (side->webrtcbin);
  GST_OBJECT_UNLOCK (side->webrtcbin);

  return n;
}

static void
note (DataLog * self, gchar * what)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->said, what);
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->context);
}

static void
count (DataLog * self, gsize size, gchar * what)
{
  g_mutex_lock (&self->lock);
  self->n_messages++;
  self->n_bytes += size;
  if (!self->quiet)
    g_ptr_array_add (self->said, what);
  else
    g_free (what);
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->context);
}

static void
on_open (GstWsctlDataChannel * channel, DataLog * self)
{
  note (self, g_strdup ("open"));
}

static void
on_close (GstWsctlDataChannel * channel, const GError * error, DataLog * self)
{
  note (self, error != NULL ? g_strdup_printf ("close: %s", error->message)
      : g_strdup ("close"));
}

static void
on_low (GstWsctlDataChannel * channel, DataLog * self)
{
  note (self, g_strdup ("low"));
}

static void
on_string (GstWsctlDataChannel * channel, const gchar * text, DataLog * self)
{
  count (self, strlen (text), g_strdup_printf ("text %s", text));
}

static void
on_data (GstWsctlDataChannel * channel, GBytes * data, DataLog * self)
{
  gsize size = g_bytes_get_size (data);

  count (self, size, g_strdup_printf ("data %" G_GSIZE_FORMAT, size));
}

DataLog *
data_log_new (GstWsctlDataChannel * channel)
{
  DataLog *self = g_new0 (DataLog, 1);

  self->channel = g_object_ref (channel);
  self->context = g_main_context_ref_thread_default ();
  self->said = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&self->lock);
  g_signal_connect (channel, "on-open", G_CALLBACK (on_open), self);
  g_signal_connect (channel, "on-close", G_CALLBACK (on_close), self);
  g_signal_connect (channel, "on-buffered-amount-low", G_CALLBACK (on_low),
      self);
  g_signal_connect (channel, "on-message-string", G_CALLBACK (on_string), self);
  g_signal_connect (channel, "on-message-data", G_CALLBACK (on_data), self);
  /* It may have been faster. */
  if (gst_wsctl_data_channel_get_state (channel)
      == GST_WSCTL_DATA_CHANNEL_STATE_OPEN)
    note (self, g_strdup ("open"));

  return self;
}

static void
wait_loop (gpointer data)
{
}

void
data_log_free (DataLog * self)
{
  GstWsctlLoop *loop = gst_wsctl_loop_get_shared ();

  g_signal_handlers_disconnect_by_data (self->channel, self);
  /* A handler that is running is over then. */
  gst_wsctl_loop_call_sync (loop, wait_loop, NULL);
  gst_wsctl_loop_unref (loop);
  g_object_unref (self->channel);
  g_ptr_array_unref (self->said);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

const gchar *
data_log_get_message (DataLog * self, guint n)
{
  const gchar *message = NULL;
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->said->len && message == NULL; i++) {
    const gchar *said = self->said->pdata[i];

    if ((g_str_has_prefix (said, "text ") || g_str_has_prefix (said, "data "))
        && n-- == 0)
      message = said;
  }
  g_mutex_unlock (&self->lock);

  return message;
}

gboolean
data_log_has (DataLog * self, const gchar * what)
{
  gboolean has;

  g_mutex_lock (&self->lock);
  has = g_ptr_array_find_with_equal_func (self->said, what, g_str_equal, NULL);
  g_mutex_unlock (&self->lock);

  return has;
}

typedef struct
{
  DataLog *log;
  const gchar *what;
  guint n;
} Wanted;

static gboolean
is_said (gpointer data)
{
  Wanted *wanted = data;

  return data_log_has (wanted->log, wanted->what);
}

void
data_log_wait (DataLog * self, const gchar * what)
{
  Wanted wanted = { self, what, 0 };

  test_wait_until (NULL, is_said, &wanted, 0, what);
}

static gboolean
has_messages (gpointer data)
{
  Wanted *wanted = data;
  gboolean has;

  g_mutex_lock (&wanted->log->lock);
  has = wanted->log->n_messages >= wanted->n;
  g_mutex_unlock (&wanted->log->lock);

  return has;
}

void
data_log_wait_messages (DataLog * self, guint n)
{
  Wanted wanted = { self, NULL, n };

  test_wait_until (NULL, has_messages, &wanted, 0, "all messages");
}
