/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is asked for goes again: the very packet, once, and not when it is a
 * repair flow's business. No network: a pad before it and a pad behind.
 */

#include <gst/gst.h>

#include "testsupport.h"
#include "wsctlrepeater-private.h"

#define SSRC 0x11111111
#define OTHER_SSRC 0x22222222
#define PAYLOAD_TYPE 96
#define PACKET_SIZE 100

typedef struct
{
  GstElement *repeater;
  GstPad *before;
  GstPad *behind;
  GAsyncQueue *arrived;         /* GstBuffer */
  guint n_requests_before;      /* that were passed on */

  GMutex lock;
  GCond cond;
  gboolean blocking;            /* lock: what arrives waits */
  gboolean blocked;             /* lock: something does */
} Fixture;

static GstFlowReturn
on_packet (GstPad * pad, GstObject * parent, GstBuffer * packet)
{
  Fixture *self = gst_pad_get_element_private (pad);

  g_mutex_lock (&self->lock);
  while (self->blocking) {
    self->blocked = TRUE;
    g_cond_broadcast (&self->cond);
    g_cond_wait (&self->cond, &self->lock);
  }
  self->blocked = FALSE;
  g_mutex_unlock (&self->lock);
  g_async_queue_push (self->arrived, packet);

  return GST_FLOW_OK;
}

static gboolean
on_request_before (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Fixture *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM)
    self->n_requests_before++;
  gst_event_unref (event);

  return TRUE;
}

/* What every stream begins with */
static void
begin_stream (GstPad * pad)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/x-rtp");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_stream_start ("test"));
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
}

static Fixture *
start (void)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->arrived = g_async_queue_new_full ((GDestroyNotify) gst_buffer_unref);
  self->repeater =
      gst_object_ref_sink (g_object_new (GST_WSCTL_TYPE_REPEATER, NULL));
  sink = gst_element_get_static_pad (self->repeater, "sink");
  src = gst_element_get_static_pad (self->repeater, "src");

  self->before = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SRC));
  gst_pad_set_element_private (self->before, self);
  gst_pad_set_event_function (self->before, on_request_before);
  self->behind = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SINK));
  gst_pad_set_element_private (self->behind, self);
  gst_pad_set_chain_function (self->behind, on_packet);
  g_assert_cmpint (gst_pad_link (self->before, sink), ==, GST_PAD_LINK_OK);
  g_assert_cmpint (gst_pad_link (src, self->behind), ==, GST_PAD_LINK_OK);

  gst_pad_set_active (self->behind, TRUE);
  gst_element_set_state (self->repeater, GST_STATE_PLAYING);
  gst_pad_set_active (self->before, TRUE);
  begin_stream (self->before);

  return self;
}

static void
stop (Fixture * self)
{
  gst_pad_set_active (self->before, FALSE);
  gst_element_set_state (self->repeater, GST_STATE_NULL);
  gst_pad_set_active (self->behind, FALSE);
  test_assert_finalize (self->repeater);
  gst_object_unref (self->before);
  gst_object_unref (self->behind);
  g_async_queue_unref (self->arrived);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
send (Fixture * self, guint32 ssrc, guint16 seq)
{
  GstBuffer *packet = gst_buffer_new_allocate (NULL, PACKET_SIZE, NULL);
  GstMapInfo map;

  gst_buffer_map (packet, &map, GST_MAP_WRITE);
  memset (map.data, 0, map.size);
  map.data[0] = 2 << 6;
  map.data[1] = PAYLOAD_TYPE;
  GST_WRITE_UINT16_BE (map.data + 2, seq);
  GST_WRITE_UINT32_BE (map.data + 8, ssrc);
  gst_buffer_unmap (packet, &map);
  g_assert_cmpint (gst_pad_push (self->before, packet), ==, GST_FLOW_OK);
}

static void
ask (Fixture * self, guint ssrc, guint seq)
{
  gst_pad_push_event (self->behind,
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
          gst_structure_new ("GstRTPRetransmissionRequest",
              "seqnum", G_TYPE_UINT, seq, "ssrc", G_TYPE_UINT, ssrc, NULL)));
}

static void
check_arrived (Fixture * self, guint32 ssrc, guint16 seq)
{
  GstBuffer *packet = g_async_queue_pop (self->arrived);
  guint8 header[12];

  gst_buffer_extract (packet, 0, header, sizeof header);
  g_assert_cmpuint (GST_READ_UINT16_BE (header + 2), ==, seq);
  g_assert_cmpuint (GST_READ_UINT32_BE (header + 8), ==, ssrc);
  g_assert_cmpuint (gst_buffer_get_size (packet), ==, PACKET_SIZE);
  gst_buffer_unref (packet);
}

static guint64
count_repeats (Fixture * self, guint32 ssrc)
{
  GstWsctlRepeaterStats stats;

  gst_wsctl_repeater_get_stats (GST_WSCTL_REPEATER (self->repeater), ssrc,
      &stats);
  g_assert_cmpuint (stats.bytes, ==, stats.packets * PACKET_SIZE);

  return stats.packets;
}

/* Two sources with the same numbers, across the end of the numbers */
static void
test_again (void)
{
  Fixture *self = start ();
  guint i;

  for (i = 0; i < 10; i++) {
    send (self, SSRC, 65530 + i);
    send (self, OTHER_SSRC, 65530 + i);
    check_arrived (self, SSRC, 65530 + i);
    check_arrived (self, OTHER_SSRC, 65530 + i);
  }

  ask (self, OTHER_SSRC, 65535);
  check_arrived (self, OTHER_SSRC, 65535);
  ask (self, SSRC, 0);
  check_arrived (self, SSRC, 0);
  g_assert_cmpuint (count_repeats (self, SSRC), ==, 1);
  g_assert_cmpuint (count_repeats (self, OTHER_SSRC), ==, 1);
  g_assert_cmpuint (self->n_requests_before, ==, 0);
  stop (self);
}

/* Never sent, of a source that is not known, twice in one breath */
static void
test_not_again (void)
{
  Fixture *self = start ();

  send (self, SSRC, 1);
  check_arrived (self, SSRC, 1);
  ask (self, SSRC, 2);
  ask (self, SSRC, 1 + 1024);
  ask (self, OTHER_SSRC, 1);
  g_assert_cmpuint (count_repeats (self, SSRC), ==, 0);
  g_assert_cmpuint (count_repeats (self, OTHER_SSRC), ==, 0);

  ask (self, SSRC, 1);
  ask (self, SSRC, 1);
  check_arrived (self, SSRC, 1);
  g_assert_cmpuint (count_repeats (self, SSRC), ==, 1);
  stop (self);
}

/* Who asks for everything gets a part of it. */
static void
test_budget (void)
{
  Fixture *self = start ();
  guint i;

  for (i = 0; i < 1000; i++)
    send (self, SSRC, i);
  for (i = 0; i < 1000; i++)
    ask (self, SSRC, i);
  g_assert_cmpuint (count_repeats (self, SSRC), >=, 500);
  g_assert_cmpuint (count_repeats (self, SSRC), <, 700);
  stop (self);
}

/* Where a repair flow was agreed, rtprtxsend hears of it and answers. */
static void
test_repair_flow (void)
{
  Fixture *self = start ();
  g_autoptr (GstElement) rtx =
      gst_object_ref_sink (gst_element_factory_make ("rtprtxsend", NULL));
  g_autoptr (GstStructure) map =
      gst_structure_new ("application/x-rtp-pt-map", "96", G_TYPE_UINT, 97,
      NULL);
  g_autoptr (GstPad) rtx_sink = gst_element_get_static_pad (rtx, "sink");
  g_autoptr (GstPad) rtx_src = gst_element_get_static_pad (rtx, "src");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->repeater, "sink");
  guint n_requests = 0;

  g_object_set (rtx, "payload-type-map", map, NULL);
  gst_pad_unlink (self->before, sink);
  gst_pad_link (rtx_src, sink);
  gst_pad_link (self->before, rtx_sink);
  gst_element_set_state (rtx, GST_STATE_PLAYING);

  send (self, SSRC, 1);
  check_arrived (self, SSRC, 1);
  ask (self, SSRC, 1);
  g_object_get (rtx, "num-rtx-requests", &n_requests, NULL);
  g_assert_cmpuint (n_requests, ==, 1);
  g_assert_cmpuint (count_repeats (self, SSRC), ==, 0);

  gst_pad_set_active (self->before, FALSE);
  gst_element_set_state (rtx, GST_STATE_NULL);
  stop (self);
}

static void
wait_blocked (Fixture * self)
{
  g_mutex_lock (&self->lock);
  while (!self->blocked)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
set_blocking (Fixture * self, gboolean blocking)
{
  g_mutex_lock (&self->lock);
  self->blocking = blocking;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

static gpointer
unblock_stopping (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GstPad) src = gst_element_get_static_pad (self->repeater, "src");

  /* As a sink that is stopped lets go of what it holds */
  while (!GST_PAD_IS_FLUSHING (src))
    g_thread_yield ();
  set_blocking (self, FALSE);

  return NULL;
}

/* Who asks does not wait for a network that takes nothing, and it can be stopped
 * in the middle of that. */
static void
test_stop_while_blocked (void)
{
  Fixture *self = start ();
  GThread *thread;
  guint i;

  for (i = 0; i < 10; i++) {
    send (self, SSRC, i);
    check_arrived (self, SSRC, i);
  }
  set_blocking (self, TRUE);
  for (i = 0; i < 10; i++)
    ask (self, SSRC, i);
  wait_blocked (self);

  thread = g_thread_new ("unblock", unblock_stopping, self);
  gst_element_set_state (self->repeater, GST_STATE_NULL);
  g_thread_join (thread);
  g_assert_cmpint (g_async_queue_length (self->arrived), ==, 1);
  stop (self);
}

static void
test_restart (void)
{
  Fixture *self = start ();
  guint i;

  for (i = 0; i < 3; i++) {
    send (self, SSRC, i);
    check_arrived (self, SSRC, i);
    ask (self, SSRC, i);
    check_arrived (self, SSRC, i);
    gst_pad_set_active (self->before, FALSE);
    gst_element_set_state (self->repeater, GST_STATE_READY);
    gst_element_set_state (self->repeater, GST_STATE_PLAYING);
    gst_pad_set_active (self->before, TRUE);
    begin_stream (self->before);
  }
  stop (self);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/repeater/again", test_again);
  test_add ("/repeater/not-again", test_not_again);
  test_add ("/repeater/budget", test_budget);
  test_add ("/repeater/repair-flow", test_repair_flow);
  test_add ("/repeater/stop-while-blocked", test_stop_while_blocked);
  test_add ("/repeater/restart", test_restart);

  return g_test_run ();
}
