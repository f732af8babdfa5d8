/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every member of the managed stream, each in a test of its name. One sends, by
 * nothing but its stream; two receive.
 */

#include "pool-session.h"
#include "wsctlerror.h"
#include "wsctlmanagedstream.h"

typedef struct
{
  PoolParty *party;
  PoolClient *sender;
  PoolClient *receivers[2];
  GstWsctlManagedStream *stream;
  gint n_closed;
} Show;

static void
on_close (GstWsctlManagedStream * stream, Show * show)
{
  show->n_closed++;
}

static void
show_begin (Show * show)
{
  static const gchar *const launches[] =
      { POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO, "", "", NULL };
  GList *tracks = NULL;
  guint kind;

  show->party = pool_party_new (NULL, TRUE, launches);
  show->sender = show->party->clients[0];
  show->receivers[0] = show->party->clients[1];
  show->receivers[1] = show->party->clients[2];
  show->n_closed = 0;
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    tracks = g_list_append (tracks, show->sender->tracks[kind]);
  show->stream = gst_wsctl_managed_stream_new (show->sender->pool, tracks);
  g_list_free (tracks);
  g_signal_connect (show->stream, "close", G_CALLBACK (on_close), show);
}

static void
show_end (Show * show)
{
  test_assert_finalize (show->stream);
  pool_party_free (show->party);
}

static void
wait_both (Show * show, GstWsctlMediaKind kind, gint n)
{
  guint i;

  for (i = 0; i < 2; i++)
    pool_client_wait_media (show->receivers[i], kind, n);
}

/* Nobody gets any video, while there is sound: by the time that so much of it has
 * come, the last pictures on their way are here. */
static void
check_no_video (Show * show)
{
  guint i;

  wait_both (show, GST_WSCTL_MEDIA_KIND_AUDIO, 25);
  for (i = 0; i < 2; i++)
    g_atomic_int_set (&show->receivers[i]->n_buffers
        [GST_WSCTL_MEDIA_KIND_VIDEO], 0);
  wait_both (show, GST_WSCTL_MEDIA_KIND_AUDIO, 25);
  for (i = 0; i < 2; i++)
    g_assert_cmpint (g_atomic_int_get (&show->receivers[i]->n_buffers
            [GST_WSCTL_MEDIA_KIND_VIDEO]), ==, 0);
}

static void
test_mute (void)
{
  Show show;
  g_autoptr (GError) error = NULL;

  show_begin (&show);
  wait_both (&show, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  g_assert_false (gst_wsctl_managed_stream_mute (show.stream, "smell", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  g_assert_true (gst_wsctl_managed_stream_mute (show.stream, "video", NULL));
  check_no_video (&show);
  show_end (&show);
}

static void
test_unmute (void)
{
  Show show;
  g_autoptr (GError) error = NULL;

  show_begin (&show);
  wait_both (&show, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  g_assert_true (gst_wsctl_managed_stream_mute (show.stream, "video", NULL));
  check_no_video (&show);
  g_assert_false (gst_wsctl_managed_stream_unmute (show.stream, "smell",
          &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  g_assert_true (gst_wsctl_managed_stream_unmute (show.stream, "video", NULL));
  wait_both (&show, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  show_end (&show);
}

static void
check_muted (Show * show, gboolean audio, gboolean video)
{
  g_assert_cmpint (gst_wsctl_managed_stream_muted (show->stream, "audio"), ==,
      audio);
  g_assert_cmpint (gst_wsctl_managed_stream_muted (show->stream, "video"), ==,
      video);
  g_assert_cmpint (gst_wsctl_managed_stream_muted (show->stream, NULL), ==,
      audio && video);
}

static void
test_muted (void)
{
  Show show;

  show_begin (&show);
  check_muted (&show, FALSE, FALSE);
  gst_wsctl_managed_stream_mute (show.stream, "audio", NULL);
  check_muted (&show, TRUE, FALSE);
  gst_wsctl_managed_stream_mute (show.stream, NULL, NULL);
  check_muted (&show, TRUE, TRUE);
  gst_wsctl_managed_stream_unmute (show.stream, "audio", NULL);
  check_muted (&show, FALSE, TRUE);
  gst_wsctl_managed_stream_unmute (show.stream, NULL, NULL);
  check_muted (&show, FALSE, FALSE);
  g_assert_false (gst_wsctl_managed_stream_muted (show.stream, "smell"));
  show_end (&show);
}

/* Transfer full */
static gchar *
get_stream (Show * show, PoolClient * receiver)
{
  g_autofree gchar *peer = gst_wsctl_pool_get_id (receiver->pool);

  return gst_wsctl_managed_stream_get_stream (show->stream, peer);
}

static void
test_has_stream (void)
{
  Show show;
  guint i;

  show_begin (&show);
  for (i = 0; i < 2; i++) {
    g_autofree gchar *id = get_stream (&show, show.receivers[i]);

    g_assert_true (gst_wsctl_managed_stream_has_stream (show.stream, id));
  }
  g_assert_false (gst_wsctl_managed_stream_has_stream (show.stream, "other"));
  show_end (&show);
}

static void
do_nothing (gpointer data)
{
}

static void
test_get_stream (void)
{
  Show show;
  g_autofree gchar *one = NULL;
  g_autofree gchar *other = NULL;

  show_begin (&show);
  one = get_stream (&show, show.receivers[0]);
  other = get_stream (&show, show.receivers[1]);
  g_assert_nonnull (one);
  g_assert_nonnull (other);
  g_assert_cmpstr (one, !=, other);
  g_assert_null (gst_wsctl_managed_stream_get_stream (show.stream, "nobody"));

  gst_wsctl_pool_close (show.receivers[1]->pool);
  pool_client_wait (show.sender, &show.sender->n_left, 1, "one to be gone");
  /* The stream hears of it after the one that counts. */
  pool_client_call (show.sender, do_nothing);
  g_assert_null (get_stream (&show, show.receivers[1]));
  g_assert_false (gst_wsctl_managed_stream_has_stream (show.stream, other));
  show_end (&show);
}

static void
test_get_connection (void)
{
  Show show;
  guint i;

  show_begin (&show);
  for (i = 0; i < 2; i++) {
    g_autofree gchar *peer = gst_wsctl_pool_get_id (show.receivers[i]->pool);
    g_autofree gchar *id = get_stream (&show, show.receivers[i]);
    g_autoptr (GstWsctlConnection) connection =
        gst_wsctl_managed_stream_get_connection (show.stream, id);

    g_assert_cmpstr (gst_wsctl_connection_get_id (connection), ==, peer);
  }
  g_assert_null (gst_wsctl_managed_stream_get_connection (show.stream,
          "other"));
  show_end (&show);
}

/* By itself, with the pool */
static void
test_closed (void)
{
  Show show;
  gboolean closed = TRUE;

  show_begin (&show);
  g_object_get (show.stream, "closed", &closed, NULL);
  g_assert_false (closed);
  gst_wsctl_pool_close (show.sender->pool);
  g_assert_true (gst_wsctl_managed_stream_get_closed (show.stream));
  g_assert_cmpint (show.n_closed, ==, 1);
  show_end (&show);
}

/* And with the last of its tracks */
static void
test_tracks (void)
{
  Show show;
  GList *tracks;
  guint n = GST_WSCTL_N_MEDIA_KINDS;
  guint kind;

  show_begin (&show);
  wait_both (&show, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  wait_both (&show, GST_WSCTL_MEDIA_KIND_AUDIO, 5);
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    tracks = gst_wsctl_managed_stream_get_tracks (show.stream);
    g_assert_cmpuint (g_list_length (tracks), ==, n--);
    g_assert_nonnull (g_list_find (tracks, show.sender->tracks[kind]));
    g_list_free_full (tracks, g_object_unref);
    gst_pad_send_event (gst_wsctl_track_get_pad (show.sender->tracks[kind]),
        gst_event_new_eos ());
  }
  g_assert_null (gst_wsctl_managed_stream_get_tracks (show.stream));
  g_assert_true (gst_wsctl_managed_stream_get_closed (show.stream));
  g_assert_cmpint (show.n_closed, ==, 1);
  pool_client_wait (show.receivers[0], &show.receivers[0]->n_pads_gone, 2,
      "the pads to be gone");
  show_end (&show);
}

static void
test_close (void)
{
  Show show;
  guint i;

  show_begin (&show);
  wait_both (&show, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  wait_both (&show, GST_WSCTL_MEDIA_KIND_AUDIO, 5);
  gst_wsctl_managed_stream_close (show.stream);
  gst_wsctl_managed_stream_close (show.stream);
  g_assert_cmpint (show.n_closed, ==, 1);
  g_assert_true (gst_wsctl_managed_stream_get_closed (show.stream));
  for (i = 0; i < 2; i++)
    pool_client_wait (show.receivers[i], &show.receivers[i]->n_pads_gone, 2,
        "the pads to be gone");
  show_end (&show);
}

/* Who comes later is not left out. */
static void
test_future_peers (void)
{
  Show show;
  PoolClient *late;
  g_autofree gchar *id = NULL;

  show_begin (&show);
  wait_both (&show, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  late = pool_client_new (show.party->uri, NULL);
  pool_client_join (late);
  pool_client_wait_media (late, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  pool_client_wait_media (late, GST_WSCTL_MEDIA_KIND_AUDIO, 5);
  id = get_stream (&show, late);
  g_assert_nonnull (id);
  pool_client_free (late);
  show_end (&show);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/pool/stream/mute", test_mute);
  test_add ("/pool/stream/unmute", test_unmute);
  test_add ("/pool/stream/muted", test_muted);
  test_add ("/pool/stream/has-stream", test_has_stream);
  test_add ("/pool/stream/get-stream", test_get_stream);
  test_add ("/pool/stream/get-connection", test_get_connection);
  test_add ("/pool/stream/closed", test_closed);
  test_add ("/pool/stream/tracks", test_tracks);
  test_add ("/pool/stream/close", test_close);
  test_add ("/pool/stream/future-peers", test_future_peers);

  return g_test_run ();
}
