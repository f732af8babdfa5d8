/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What all streams together may keep: the largest forgets first.
 */

#include "server-session.h"
#include "testsupport.h"
#include "wsctlservermemory-private.h"

#define GOP 15                  /* frames */
#define MAX_BYTES (200 * 1024)
#define N_FRAMES 150

static GstWsctlServerMemory *memory;

/* A holder of so many bytes that forgets 10 at a time */
static gboolean
forget (gpointer holder)
{
  gsize *bytes = holder;

  if (*bytes == 0)
    return FALSE;
  *bytes -= 10;
  gst_wsctl_server_memory_count (memory, holder, *bytes);

  return TRUE;
}

static void
test_largest (void)
{
  gsize small = 30, large = 100;

  memory = gst_wsctl_server_memory_new (90, forget);
  gst_wsctl_server_memory_count (memory, &small, small);
  gst_wsctl_server_memory_trim (memory);
  g_assert_cmpuint (small, ==, 30);
  gst_wsctl_server_memory_count (memory, &large, large);
  gst_wsctl_server_memory_trim (memory);
  g_assert_cmpuint (small, ==, 30);
  g_assert_cmpuint (large, ==, 60);
  g_assert_cmpuint (gst_wsctl_server_memory_get_used (memory), ==, 90);

  /* What grows past the other is the largest then. */
  gst_wsctl_server_memory_count (memory, &small, small = 80);
  gst_wsctl_server_memory_trim (memory);
  g_assert_cmpuint (small + large, ==, 90);
  g_assert_cmpuint (ABS ((gint) small - (gint) large), <=, 10);

  gst_wsctl_server_memory_remove (memory, &small);
  gst_wsctl_server_memory_remove (memory, &large);
  g_assert_cmpuint (gst_wsctl_server_memory_get_used (memory), ==, 0);
  g_clear_pointer (&memory, gst_wsctl_server_memory_free);
}

static gboolean
has_frames (gpointer data)
{
  return gst_wsctl_server_count_frames (data, "live", "video") >= N_FRAMES
      && gst_wsctl_server_count_frames (data, "large", "video") >= N_FRAMES;
}

/* Two streams of a server that has room for some seconds only: the small one
 * keeps all of its past, and both can be played. */
static void
test_streams (void)
{
  const GstWsctlServerParams params = {.max_bytes = MAX_BYTES };
  g_autoptr (ServerSession) session = server_session_new (&params);
  g_autofree gchar *large =
      g_strdup_printf ("webrtcbin name=w " CLIENT_LARGE_VIDEO, GOP);
  g_autofree gchar *small =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO, GOP);
  g_autoptr (Client) first =
      server_session_publish (session, "/webrtc/live", small);
  g_autoptr (Client) second =
      server_session_publish (session, "/webrtc/large", large);
  g_autoptr (Client) player = NULL;

  client_poll_until (first, has_frames, session->server,
      "frames reach the server");
  g_assert_cmpuint (gst_wsctl_server_get_size (session->server, "live")
      + gst_wsctl_server_get_size (session->server, "large"), <=, MAX_BYTES);
  g_assert_cmpuint (gst_wsctl_server_get_size (session->server, "live"), >, 0);

  player = server_session_open (session, "/webrtc/large");
  client_start_player (player, TRUE, FALSE);
  client_offer (player);
  g_free (client_take_answer (player));
  client_wait_media (player, 10, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/memory/largest", test_largest);
  test_add ("/server/memory/streams", test_streams);

  return g_test_run ();
}
