/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Data channels between two webrtcbins: messages, ends, and what is left.
 */

#include "data-session.h"
#include "testsupport.h"
#include "wsctlerror.h"

typedef struct
{
  DataSession *session;
  GstWsctlDataChannel *ours;
  GstWsctlDataChannel *theirs;
  DataLog *our_log;
  DataLog *their_log;
} Pair;

static Pair *
pair_new (const GstStructure * options)
{
  Pair *pair = g_new0 (Pair, 1);

  pair->session = data_session_new ();
  pair->ours = data_side_create (&pair->session->sides[0], "chat", options);
  pair->our_log = data_log_new (pair->ours);
  data_session_negotiate (pair->session);
  data_log_wait (pair->our_log, "open");
  pair->theirs = data_side_wait_channel (&pair->session->sides[1]);
  pair->their_log = data_log_new (pair->theirs);

  return pair;
}

static void
pair_free (Pair * pair)
{
  data_log_free (pair->our_log);
  data_log_free (pair->their_log);
  g_object_unref (pair->ours);
  g_object_unref (pair->theirs);
  data_session_free (pair->session);
  g_free (pair);
}

static void
test_options (void)
{
  static const struct
  {
    const gchar *text;
    const gchar *complaint;
  } wrong[] = {
    {"options, colour=(string)red", "*no option 'colour'*"},
    {"options, ordered=(string)yes", "*'ordered'*boolean*"},
    {"options, max-retransmits=(int)70000", "*'max-retransmits'*"},
    {"options, id=(int)65535, negotiated=(boolean)true", "*'id'*"},
    {"options, id=(int)7", "*negotiated beforehand is given an id*"},
    {"options, negotiated=(boolean)true", "*needs an id*"},
    {"options, priority=(string)urgent", "*'priority'*very-low*"},
    {"options, max-retransmits=(int)1, max-packet-lifetime=(int)1",
        "*not both*"},
  };
  g_autoptr (GstWsctlDataChannelOptions) options = NULL;
  g_autofree gchar *long_label = g_strnfill (65536, 'x');
  g_autoptr (GError) error = NULL;
  g_autoptr (GstStructure) right = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GstStructure) structure =
        gst_structure_from_string (wrong[i].text, NULL);

    g_assert_nonnull (structure);
    g_assert_null (gst_wsctl_data_channel_options_new ("a", structure, &error));
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_OPTION);
    g_assert_true (g_pattern_match_simple (wrong[i].complaint, error->message));
    g_clear_error (&error);
  }

  g_assert_null (gst_wsctl_data_channel_options_new (long_label, NULL, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_OPTION);
  g_clear_error (&error);

  right = gst_structure_from_string ("options, ordered=(boolean)false, "
      "max-packet-lifetime=(int)40, protocol=(string)json, "
      "priority=(string)high", NULL);
  options = gst_wsctl_data_channel_options_new ("a", right, &error);
  g_assert_no_error (error);
  g_assert_false (options->ordered);
  g_assert_cmpint (options->max_packet_lifetime_ms, ==, 40);
  g_assert_cmpint (options->max_retransmits, ==, -1);
  g_assert_cmpstr (options->protocol, ==, "json");
}

static void
test_messages (void)
{
  Pair *pair = pair_new (NULL);
  static const gchar bytes[] = "1234567";
  g_autoptr (GBytes) data = g_bytes_new_static (bytes, 7);
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (gst_wsctl_data_channel_get_label (pair->theirs), ==, "chat");
  g_assert_cmpint (gst_wsctl_data_channel_get_id (pair->theirs), ==,
      gst_wsctl_data_channel_get_id (pair->ours));
  g_assert_cmpint (gst_wsctl_data_channel_get_state (pair->theirs), ==,
      GST_WSCTL_DATA_CHANNEL_STATE_OPEN);

  gst_wsctl_data_channel_send_string (pair->ours, "grüß dich", &error);
  g_assert_no_error (error);
  gst_wsctl_data_channel_send_data (pair->ours, data, &error);
  g_assert_no_error (error);
  gst_wsctl_data_channel_send_string (pair->ours, "", &error);
  g_assert_no_error (error);
  gst_wsctl_data_channel_send_data (pair->ours, nothing, &error);
  g_assert_no_error (error);
  gst_wsctl_data_channel_send_string (pair->theirs, "back", &error);
  g_assert_no_error (error);
  gst_wsctl_data_channel_send_string (pair->ours, "last", &error);
  g_assert_no_error (error);

  data_log_wait (pair->their_log, "text last");
  data_log_wait (pair->our_log, "text back");
  g_assert_cmpstr (data_log_get_message (pair->their_log, 0), ==,
      "text grüß dich");
  g_assert_cmpstr (data_log_get_message (pair->their_log, 1), ==, "data 7");
  g_assert_cmpstr (data_log_get_message (pair->their_log, 2), ==, "text ");
  g_assert_cmpstr (data_log_get_message (pair->their_log, 3), ==, "data 0");

  pair_free (pair);
}

static void
test_properties (void)
{
  g_autoptr (GstStructure) options =
      gst_structure_from_string ("options, ordered=(boolean)false, "
      "max-retransmits=(int)3, protocol=(string)json", NULL);
  Pair *pair = pair_new (options);
  g_autofree gchar *label = NULL;
  g_autofree gchar *protocol = NULL;
  gboolean ordered, negotiated;
  gint lifetime, retransmits, id;
  GstWsctlDataChannelState state;
  guint64 amount, low, most;

  g_object_set (pair->theirs, "buffered-amount-low-threshold",
      G_GUINT64_CONSTANT (100), "max-buffered-amount",
      G_GUINT64_CONSTANT (1000), NULL);
  g_object_get (pair->theirs, "label", &label, "protocol", &protocol,
      "ordered", &ordered, "negotiated", &negotiated, "max-packet-lifetime",
      &lifetime, "max-retransmits", &retransmits, "id", &id, "ready-state",
      &state, "buffered-amount", &amount, "buffered-amount-low-threshold",
      &low, "max-buffered-amount", &most, NULL);
  g_assert_cmpstr (label, ==, "chat");
  g_assert_cmpstr (protocol, ==, "json");
  g_assert_false (ordered);
  g_assert_false (negotiated);
  g_assert_cmpint (lifetime, ==, -1);
  g_assert_cmpint (retransmits, ==, 3);
  g_assert_cmpint (id, >=, 0);
  g_assert_cmpint (state, ==, GST_WSCTL_DATA_CHANNEL_STATE_OPEN);
  g_assert_cmpuint (low, ==, 100);
  g_assert_cmpuint (most, ==, 1000);

  pair_free (pair);
}

/* Both sides know of it: nothing is asked, and both are open. */
static void
test_negotiated (void)
{
  g_autoptr (GstStructure) options =
      gst_structure_from_string ("options, negotiated=(boolean)true, "
      "id=(int)42", NULL);
  DataSession *session = data_session_new ();
  g_autoptr (GstWsctlDataChannel) ours =
      data_side_create (&session->sides[0], "known", options);
  g_autoptr (GstWsctlDataChannel) theirs =
      data_side_create (&session->sides[1], "known", options);
  DataLog *our_log = data_log_new (ours);
  DataLog *their_log = data_log_new (theirs);
  g_autoptr (GError) error = NULL;

  data_session_negotiate (session);
  data_log_wait (our_log, "open");
  data_log_wait (their_log, "open");
  g_assert_cmpint (gst_wsctl_data_channel_get_id (ours), ==, 42);
  gst_wsctl_data_channel_send_string (ours, "there", &error);
  g_assert_no_error (error);
  data_log_wait (their_log, "text there");
  gst_wsctl_data_channel_send_string (theirs, "and back", &error);
  g_assert_no_error (error);
  data_log_wait (our_log, "text and back");

  data_log_free (our_log);
  data_log_free (their_log);
  data_session_free (session);
}

/* Sent before the close arrives before the close. */
static void
test_close (void)
{
  Pair *pair = pair_new (NULL);
  g_autoptr (GError) error = NULL;

  gst_wsctl_data_channel_send_string (pair->ours, "farewell", &error);
  g_assert_no_error (error);
  gst_wsctl_data_channel_close (pair->ours);
  g_assert_cmpint (gst_wsctl_data_channel_get_state (pair->ours), >=,
      GST_WSCTL_DATA_CHANNEL_STATE_CLOSING);
  g_assert_false (gst_wsctl_data_channel_send_string (pair->ours, "late",
          &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);
  gst_wsctl_data_channel_close (pair->ours);

  data_log_wait (pair->our_log, "close");
  data_log_wait (pair->their_log, "close");
  g_assert_cmpstr (data_log_get_message (pair->their_log, 0), ==,
      "text farewell");
  g_assert_cmpint (gst_wsctl_data_channel_get_state (pair->theirs), ==,
      GST_WSCTL_DATA_CHANNEL_STATE_CLOSED);

  pair_free (pair);
}

/* Closed before it was ever open */
static void
test_close_connecting (void)
{
  DataSession *session = data_session_new ();
  g_autoptr (GstWsctlDataChannel) channel =
      data_side_create (&session->sides[0], "short", NULL);
  DataLog *log = data_log_new (channel);
  g_autoptr (GError) error = NULL;

  g_assert_false (gst_wsctl_data_channel_send_string (channel, "early",
          &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);
  gst_wsctl_data_channel_close (channel);
  data_session_negotiate (session);
  data_log_wait (log, "close");
  g_assert_false (data_log_has (log, "open"));

  data_log_free (log);
  data_session_free (session);
}

#define LOW 262144

/* 'on-buffered-amount-low' wakes who waits. */
static gboolean
is_low (gpointer data)
{
  return gst_wsctl_data_channel_get_buffered_amount (data) <= LOW;
}

/* More is refused, in words; and there is room again. */
static void
test_back_pressure (void)
{
  Pair *pair = pair_new (NULL);
  g_autofree guint8 *zeros = g_malloc0 (16384);
  g_autoptr (GBytes) block = g_bytes_new_static (zeros, 16384);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  pair->their_log->quiet = TRUE;
  g_object_set (pair->ours, "max-buffered-amount",
      G_GUINT64_CONSTANT (1048576), "buffered-amount-low-threshold",
      (guint64) LOW, NULL);
  while (gst_wsctl_data_channel_send_data (pair->ours, block, &error)) {
    n++;
    g_assert_cmpuint (gst_wsctl_data_channel_get_buffered_amount (pair->ours),
        <=, 1048576);
    g_assert_cmpuint (n, <, 100000);
  }
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_WOULD_BLOCK);
  g_clear_error (&error);

  test_wait_until (NULL, is_low, pair->ours, 0, "room for more");
  gst_wsctl_data_channel_send_data (pair->ours, block, &error);
  g_assert_no_error (error);
  data_log_wait_messages (pair->their_log, n + 1);
  g_assert_cmpuint (pair->their_log->n_bytes, ==, (n + 1) * 16384ULL);

  pair_free (pair);
}

/* What waits for a new carrier goes out with it, in order. */
static void
test_carried_on (void)
{
  Pair *pair = pair_new (NULL);
  DataSession *next = data_session_new ();
  g_autoptr (GstStructure) our_request =
      gst_wsctl_data_channel_get_request (pair->ours);
  g_autoptr (GstStructure) their_request =
      gst_wsctl_data_channel_get_request (pair->theirs);
  g_autoptr (GObject) our_inner = NULL;
  g_autoptr (GObject) their_inner = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_emit_by_name (next->sides[0].webrtcbin, "create-data-channel",
      "chat", our_request, &our_inner);
  g_signal_emit_by_name (next->sides[1].webrtcbin, "create-data-channel",
      "chat", their_request, &their_inner);
  gst_wsctl_data_channel_attach (pair->ours, our_inner, next);
  gst_wsctl_data_channel_attach (pair->theirs, their_inner, next);
  gst_wsctl_data_channel_detach (pair->ours, pair->session->sides[0].webrtcbin);
  gst_wsctl_data_channel_detach (pair->theirs,
      pair->session->sides[1].webrtcbin);

  gst_wsctl_data_channel_send_string (pair->ours, "one", &error);
  g_assert_no_error (error);
  gst_wsctl_data_channel_send_string (pair->ours, "two", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gst_wsctl_data_channel_get_buffered_amount (pair->ours), ==,
      6);
  data_session_negotiate (next);
  data_log_wait (pair->their_log, "text two");
  g_assert_cmpstr (data_log_get_message (pair->their_log, 0), ==, "text one");
  g_assert_false (data_log_has (pair->their_log, "close"));
  gst_wsctl_data_channel_close (pair->theirs);
  data_log_wait (pair->our_log, "close");

  pair_free (pair);
  data_session_free (next);
}

/* Its webrtcbin goes away below it. */
static void
test_end (void)
{
  Pair *pair = pair_new (NULL);
  g_autoptr (GError) lost = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_PEER_CONNECTION_FAILED, "the peer is gone");
  g_autoptr (GError) error = NULL;

  gst_wsctl_data_channel_end (pair->ours, lost);
  gst_wsctl_data_channel_end (pair->ours, NULL);
  g_assert_true (data_log_has (pair->our_log, "close: the peer is gone"));
  g_assert_false (data_log_has (pair->our_log, "close"));
  g_assert_false (gst_wsctl_data_channel_send_string (pair->ours, "late",
          &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);

  pair_free (pair);
}

typedef struct
{
  DataSide *side;
  guint n;
} Count;

static gboolean
has_elements (gpointer data)
{
  Count *count = data;

  return data_side_count_elements (count->side) == count->n;
}

/* Opened and closed again and again: nothing stays, and ids are used again. */
static void
test_cycles (void)
{
  Pair *pair = pair_new (NULL);
  Count ours = { &pair->session->sides[0],
    data_side_count_elements (&pair->session->sides[0])
  };
  Count theirs = { &pair->session->sides[1],
    data_side_count_elements (&pair->session->sides[1])
  };
  guint i;

  for (i = 0; i < 20; i++) {
    g_autoptr (GstWsctlDataChannel) channel =
        data_side_create (ours.side, "cycle", NULL);
    DataLog *log = data_log_new (channel);
    g_autoptr (GstWsctlDataChannel) other = NULL;

    data_log_wait (log, "open");
    other = data_side_wait_channel (theirs.side);
    gst_wsctl_data_channel_close (i % 2 == 0 ? channel : other);
    data_log_wait (log, "close");
    g_assert_cmpint (gst_wsctl_data_channel_get_id (channel), <, 8);
    data_log_free (log);
  }
  test_wait_until (NULL, has_elements, &ours, 0, "our elements to go");
  test_wait_until (NULL, has_elements, &theirs, 0, "their elements to go");

  pair_free (pair);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/data-channel/options", test_options);
  test_add ("/data-channel/messages", test_messages);
  test_add ("/data-channel/properties", test_properties);
  test_add ("/data-channel/negotiated", test_negotiated);
  test_add ("/data-channel/close", test_close);
  test_add ("/data-channel/close-connecting", test_close_connecting);
  test_add ("/data-channel/back-pressure", test_back_pressure);
  test_add ("/data-channel/carried-on", test_carried_on);
  test_add ("/data-channel/end", test_end);
  test_add ("/data-channel/cycles", test_cycles);

  return g_test_run ();
}
