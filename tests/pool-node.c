/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pool-node.h"

static void
count (PoolNode * self, gint * counter)
{
  g_atomic_int_inc (counter);
  g_main_context_wakeup (self->context);
}

static void
recalculate_latency (GstElement * pipeline, gpointer data)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline));
}

static void
take_error (PoolNode * self, GstMessage * message)
{
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  self->error_domain = error->domain;
  count (self, &self->n_errors);
}

static GstBusSyncReply
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  PoolNode *self = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
    gst_element_call_async (self->pipeline, recalculate_latency, NULL, NULL);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    take_error (self, message);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    count (self, &self->n_warnings);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    count (self, &self->n_eos);
  else if (gst_message_has_name (message, "wsctl-join"))
    count (self, &self->n_joined);
  else if (gst_message_has_name (message, "wsctl-peer"))
    count (self, &self->n_peers);
  else if (gst_message_has_name (message, "wsctl-datachannel"))
    count (self, &self->n_channels);
  else if (gst_message_has_name (message, "wsctl-close")
      && gst_structure_has_field (gst_message_get_structure (message), "peer"))
    count (self, &self->n_left);
  gst_message_unref (message);

  return GST_BUS_DROP;
}

static void
on_handoff (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    PoolNode * self)
{
  count (self, g_object_get_data (G_OBJECT (sink), "counter"));
}

static void
on_pad_added (GstElement * element, GstPad * pad, PoolNode * self)
{
  gboolean video = g_str_has_prefix (GST_PAD_NAME (pad), "video");
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) sink_pad = NULL;

  if (!GST_PAD_IS_SRC (pad))
    return;

  bin = gst_parse_bin_from_description (video
      ? "videoconvert ! fakesink name=sink async=false signal-handoffs=true"
      : "audioconvert ! fakesink name=sink async=false signal-handoffs=true",
      TRUE, NULL);
  gst_object_ref_sink (bin);
  sink = gst_bin_get_by_name (GST_BIN (bin), "sink");
  g_object_set_data (G_OBJECT (sink), "counter",
      video ? &self->n_video : &self->n_audio);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_handoff), self);
  gst_bin_add (GST_BIN (self->pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  sink_pad = gst_element_get_static_pad (bin, "sink");
  g_assert_cmpint (gst_pad_link (pad, sink_pad), ==, GST_PAD_LINK_OK);
  count (self, &self->n_pads);
}

static void
on_pad_removed (GstElement * element, GstPad * pad, PoolNode * self)
{
  if (GST_PAD_IS_SRC (pad))
    count (self, &self->n_pads_gone);
}

PoolNode *
pool_node_new (const gchar * where, const gchar * launch)
{
  PoolNode *self = g_new0 (PoolNode, 1);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text =
      g_strdup_printf ("wsctlpool name=p uri=%s pool=room "
      "fakesrc num-buffers=0 ! fakesink async=false %s", where, launch);

  self->context = g_main_context_ref_thread_default ();
  /* Whatever the text, a pipeline */
  self->pipeline = gst_parse_launch (text, &error);
  g_assert_no_error (error);
  self->element = gst_bin_get_by_name (GST_BIN (self->pipeline), "p");
  g_signal_connect (self->element, "pad-added", G_CALLBACK (on_pad_added),
      self);
  g_signal_connect (self->element, "pad-removed", G_CALLBACK (on_pad_removed),
      self);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, on_bus_message, self, NULL);

  return self;
}

PoolNode *
pool_node_play (const gchar * where, const gchar * launch)
{
  PoolNode *self = pool_node_new (where, launch);

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  return self;
}

typedef struct
{
  gint *counter;
  gint n;
} Wanted;

static gboolean
has_count (gpointer data)
{
  Wanted *wanted = data;

  return g_atomic_int_get (wanted->counter) >= wanted->n;
}

void
pool_node_wait (gint * counter, gint n, const gchar * what)
{
  Wanted wanted = { counter, n };

  test_wait_until (NULL, has_count, &wanted, 0, what);
}

void
pool_node_wait_more (gint * counter, gint n, const gchar * what)
{
  pool_node_wait (counter, g_atomic_int_get (counter) + n, what);
}

static void
pool_node_stop (PoolNode * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
}

void
pool_node_free (PoolNode * self)
{
  pool_node_stop (self);
  test_assert_finalize (g_steal_pointer (&self->pipeline));
  test_assert_finalize (g_steal_pointer (&self->element));
  g_main_context_unref (self->context);
  g_free (self);
}

guint
pool_node_count_elements (PoolNode * self, const gchar * factory)
{
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (self->element),
      factory);
  GValue value = G_VALUE_INIT;
  guint n = 0;

  while (gst_iterator_next (iterator, &value) == GST_ITERATOR_OK) {
    n++;
    g_value_reset (&value);
  }
  g_value_unset (&value);
  gst_iterator_free (iterator);

  return n;
}
