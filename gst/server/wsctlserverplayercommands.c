/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A player's commands: where in the stream, how fast, which tracks. What is
 * said is word for word what MistServer says; what is behind a picture's key
 * frame is its "fast-forward", which is over as soon as it has begun.
 */

#include "wsctlserversession-private.h"

#include <math.h>

#define FAST_FORWARD "fast-forward"
#define MIN_RATE 0.1
#define MAX_RATE 10.0
#define FORWARD_DISTANCE_NS (250 * GST_MSECOND)
/* Smaller than this, `unix` is how many milliseconds from now (MistServer). */
#define FIRST_UNIX_S 946684800
#define MAX_TIME_S 4e9

static gchar *
get_rate_name (gdouble rate)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  if (rate == 0)
    return g_strdup ("auto");

  return g_strdup (g_ascii_formatd (text, sizeof text, "%.6g", rate));
}

/* on_time: media times count from the stream's first frame. @play_rate: NULL
 * for the one in force. */
static void
send_time (GstWsctlServerSession * self, const gchar * play_rate)
{
  g_autoptr (GstWsctlEvent) event = NULL;
  gint64 epoch_ns = gst_wsctl_server_stream_get_epoch (self->stream);
  gint64 begin_ns, end_ns;

  if (!gst_wsctl_server_stream_get_span (self->stream, &begin_ns, &end_ns))
    return;

  event = gst_wsctl_event_new (GST_WSCTL_EVENT_TIME);
  event->begin_ms = (begin_ns - epoch_ns) / GST_MSECOND;
  event->end_ms = (end_ns - epoch_ns) / GST_MSECOND;
  event->current_ms = (gst_wsctl_server_player_get_position (self->player)
      - epoch_ns) / GST_MSECOND;
  event->next_ms = (gst_wsctl_server_player_get_next (self->player)
      - epoch_ns) / GST_MSECOND;
  event->unixoffset_ms = epoch_ns / GST_MSECOND;
  event->jitter_ms = 1;
  event->play_rate = play_rate != NULL ? g_strdup (play_rate)
      : get_rate_name (self->play_rate);
  event->tracks = gst_wsctl_server_player_get_tracks (self->player);
  event->live_point = gst_wsctl_server_player_is_live (self->player);
  if (gst_wsctl_server_player_is_paused (self->player)) {
    event->paused = TRUE;
    event->live_point = FALSE;
  }
  gst_wsctl_server_session_send (self, event);
}

void
gst_wsctl_server_session_send_time (GstWsctlServerSession * self)
{
  send_time (self, NULL);
}

static void
send_speed (GstWsctlServerSession * self, const gchar * play_rate,
    const gchar * previous, gint live_point)
{
  g_autoptr (GstWsctlEvent) event =
      gst_wsctl_event_new (GST_WSCTL_EVENT_SET_SPEED);

  event->play_rate = g_strdup (play_rate);
  event->play_rate_previous = g_strdup (previous);
  event->live_point = live_point;
  gst_wsctl_server_session_send (self, event);
}

void
gst_wsctl_server_session_send_fast_forward (GstWsctlServerSession * self)
{
  g_autofree gchar *rate = get_rate_name (self->play_rate);

  send_time (self, FAST_FORWARD);
  send_speed (self, rate, FAST_FORWARD, -1);
}

static void
send_warning (GstWsctlServerSession * self, const gchar * message)
{
  g_autoptr (GstWsctlEvent) event =
      gst_wsctl_event_new (GST_WSCTL_EVENT_WARNING);

  event->message = g_strdup (message);
  gst_wsctl_server_session_send (self, event);
}

static void
set_paused (GstWsctlServerSession * self, gboolean paused)
{
  g_autoptr (GstWsctlEvent) event = gst_wsctl_event_new (GST_WSCTL_EVENT_PAUSE);

  gst_wsctl_server_player_set_paused (self->player, paused);
  event->paused = paused;
  gst_wsctl_server_session_send (self, event);
}

/* From a client, so that it may be anything */
static gint64
to_ns (gdouble seconds)
{
  return CLAMP (seconds, -MAX_TIME_S, MAX_TIME_S) * GST_SECOND;
}

/* Nanoseconds since 1970, or -1 when no time is given */
static gint64
get_seek_time (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  gint64 epoch_ns = gst_wsctl_server_stream_get_epoch (self->stream);
  gint64 time_ns = -1;

  if (command->seek_time_ms >= 0)
    time_ns = epoch_ns + to_ns (command->seek_time_ms / 1e3);
  if (command->seek_unix_s < FIRST_UNIX_S)
    time_ns = MAX (g_get_real_time () * 1000
        + to_ns (command->seek_unix_s / 1e3), 0);
  else if (command->seek_unix_s >= FIRST_UNIX_S)
    time_ns = to_ns (command->seek_unix_s);
  if (time_ns >= 0 && command->ff_to_ms >= 0)
    time_ns = MAX (time_ns, epoch_ns + to_ns (command->ff_to_ms / 1e3));

  return time_ns;
}

static gboolean
go_to (GstWsctlServerSession * self, const GstWsctlCommand * command,
    gint64 time_ns)
{
  if (!command->seek_live)
    return gst_wsctl_server_player_seek (self->player, time_ns);

  /* There may be nothing yet; then what comes is the edge. */
  gst_wsctl_server_player_go_live (self->player);

  return TRUE;
}

static void
seek (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  g_autoptr (GstWsctlEvent) event = gst_wsctl_event_new (GST_WSCTL_EVENT_SEEK);
  gint64 time_ns = get_seek_time (self, command);
  gboolean forward;

  if (!command->seek_live && time_ns < 0)
    event->message = g_strdup ("seek_time missing");
  else if (!go_to (self, command, time_ns))
    event->message = g_strdup ("seek failed, continuing as-is");
  if (event->message != NULL) {
    gst_wsctl_server_session_send (self, event);
    return;
  }

  event->live_point = gst_wsctl_server_player_is_live (self->player);
  forward = event->live_point || command->ff_to_ms >= 0
      || gst_wsctl_server_player_get_lead (self->player)
      > (gint64) FORWARD_DISTANCE_NS;
  event->play_rate = forward ? g_strdup (FAST_FORWARD)
      : get_rate_name (self->play_rate);
  gst_wsctl_server_session_send (self, event);
  if (forward)
    gst_wsctl_server_session_send_fast_forward (self);
  else
    send_time (self, NULL);
}

static void
play (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  if (command->seek_live || get_seek_time (self, command) >= 0) {
    seek (self, command);
    return;
  }

  gst_wsctl_server_player_set_paused (self->player, FALSE);
  if (gst_wsctl_server_player_is_live (self->player))
    gst_wsctl_server_session_send_fast_forward (self);
  else
    send_time (self, NULL);
}

static void
set_speed (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  g_autofree gchar *previous = get_rate_name (self->play_rate);
  g_autofree gchar *rate = NULL;

  if (isnan (command->play_rate)) {
    g_autoptr (GstWsctlEvent) event =
        gst_wsctl_event_new (GST_WSCTL_EVENT_SET_SPEED);

    event->message = g_strdup ("play_rate missing");
    gst_wsctl_server_session_send (self, event);
    return;
  }

  self->play_rate = command->play_rate == 0 ? 0
      : CLAMP (command->play_rate, MIN_RATE, MAX_RATE);
  gst_wsctl_server_player_set_rate (self->player, self->play_rate);
  rate = get_rate_name (self->play_rate);
  send_speed (self, rate, previous,
      gst_wsctl_server_player_is_live (self->player));
  send_time (self, NULL);
}

static void
fast_forward (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  gint64 epoch_ns = gst_wsctl_server_stream_get_epoch (self->stream);
  gint64 time_ns = epoch_ns + to_ns (command->ff_to_ms / 1e3);

  if (command->ff_to_ms < 0) {
    send_warning (self, "Ignored fast_forward command: ff_to property "
        "missing");
    return;
  }

  if (time_ns > gst_wsctl_server_player_get_position (self->player))
    gst_wsctl_server_player_seek (self->player, time_ns);
  gst_wsctl_server_session_send_fast_forward (self);
}

static gboolean
is_number (const gchar * text)
{
  return *text != '\0' && strspn (text, "0123456789") == strlen (text);
}

/* "auto" keeps the track that is sent, and takes the first one after none. */
static GstWsctlServerTrack *
find_track (GstWsctlServerSession * self, GstWsctlServerKind kind,
    const gchar * selector)
{
  GPtrArray *tracks = gst_wsctl_server_stream_get_tracks (self->stream);
  GstWsctlServerTrack *chosen =
      gst_wsctl_server_player_get_track (self->player, kind);
  guint i;

  if (strcmp (selector, "auto") == 0)
    return chosen != NULL ? chosen
        : gst_wsctl_server_stream_find_track (self->stream, kind);

  chosen = NULL;
  for (i = 0; i < tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (tracks, i);

    if (track->codec->kind != kind)
      continue;
    if ((is_number (selector)
            && track->index == g_ascii_strtoull (selector, NULL, 10))
        || g_ascii_strcasecmp (selector, track->codec->name) == 0)
      return track;
    if ((strcmp (selector, "maxbps") == 0
            && (chosen == NULL || track->max_bps > chosen->max_bps))
        || (strcmp (selector, "minbps") == 0
            && (chosen == NULL || track->max_bps < chosen->max_bps)))
      chosen = track;
  }

  return chosen;
}

static void
select_track (GstWsctlServerSession * self, GstWsctlServerKind kind,
    const gchar * selector)
{
  gboolean none = g_strcmp0 (selector, "none") == 0
      || g_strcmp0 (selector, "-1") == 0;
  GstWsctlServerTrack *track;

  if (selector == NULL)
    return;

  track = none ? NULL : find_track (self, kind, selector);
  if ((track == NULL && !none && strcmp (selector, "auto") != 0)
      || !gst_wsctl_server_player_select (self->player, kind, track)) {
    g_autofree gchar *text = g_strdup_printf ("Ignored tracks command: no %s "
        "track '%s' for this session", gst_wsctl_server_kind_get_name (kind),
        selector);

    send_warning (self, text);
  }
}

static void
select_tracks (GstWsctlServerSession * self, const GstWsctlCommand * command)
{
  g_autofree gchar *rate = get_rate_name (self->play_rate);

  select_track (self, GST_WSCTL_SERVER_KIND_AUDIO, command->audio);
  select_track (self, GST_WSCTL_SERVER_KIND_VIDEO, command->video);
  if (command->seek_time_ms >= 0)
    gst_wsctl_server_player_seek (self->player, get_seek_time (self, command));
  send_speed (self, FAST_FORWARD, rate, -1);
  gst_wsctl_server_session_send_fast_forward (self);
}

gboolean
gst_wsctl_server_session_run_player_command (GstWsctlServerSession * self,
    const GstWsctlCommand * command)
{
  if (self->player == NULL)
    return FALSE;

  switch (command->type) {
    case GST_WSCTL_COMMAND_TRACKS:
      select_tracks (self, command);
      break;
    case GST_WSCTL_COMMAND_SEEK:
      seek (self, command);
      break;
    case GST_WSCTL_COMMAND_HOLD:
      set_paused (self, TRUE);
      break;
    case GST_WSCTL_COMMAND_PLAY:
      play (self, command);
      break;
    case GST_WSCTL_COMMAND_PAUSE:
      set_paused (self, !gst_wsctl_server_player_is_paused (self->player));
      break;
    case GST_WSCTL_COMMAND_SET_SPEED:
      set_speed (self, command);
      break;
    case GST_WSCTL_COMMAND_FAST_FORWARD:
      fast_forward (self, command);
      break;
    default:
      return FALSE;
  }

  return TRUE;
}
