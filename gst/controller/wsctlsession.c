/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The executor of the step table (wsctlsteps.c). Opening the socket, making the
 * offer and the certificates run side by side; the channel keeps the offer until
 * it is open.
 */

#include "wsctlsession-private.h"

#include <gst/gst.h>
#include <string.h>

#include "wsctlconfigchannel-private.h"
#include "wsctlerror.h"
#include "wsctlwatch-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsession_debug);
#define GST_CAT_DEFAULT wsctlsession_debug

#define WATCH_INTERVAL_MS 1000
#define MAX_HELD 64
#define FAREWELL_MS 200         /* the end of a stream is told so much later */

struct _GstWsctlSession
{
  GObject parent;

  GstWsctlLoop *loop;
  GstWsctlConfig *config;
  GstWsctlConnection *connection;
  GstWsctlSessionCallbacks callbacks;
  gpointer data;
  GDestroyNotify destroy;

  GstWsctlChannel *channel;
  GPtrArray *held;              /* gchar *: commands, until it is open */
  GstWsctlStep step;
  GError *error;                /* why it is closing */
  GSource *step_timer;
  GSource *watch_timer;
  GstWsctlWatch watch;
  gboolean late;                /* said so */
  gboolean stopped;             /* "on_stop" has come: step_timer ends it */
};

G_DEFINE_FINAL_TYPE (GstWsctlSession, gst_wsctl_session, G_TYPE_OBJECT);

static void enter_step (GstWsctlSession * self);

static void
advance (GstWsctlSession * self, GstWsctlTrigger trigger)
{
  GstWsctlStep next = gst_wsctl_step_next (self->step, trigger);

  if (next == self->step)
    return;

  GST_INFO_OBJECT (self, "%s -> %s", gst_wsctl_step_get_nick (self->step),
      gst_wsctl_step_get_nick (next));
  self->step = next;
  enter_step (self);
}

/* The first error wins. */
static void
fail (GstWsctlSession * self, const GError * error)
{
  if (self->step == GST_WSCTL_STEP_CLOSED)
    return;

  if (self->error == NULL && error != NULL)
    self->error = g_error_copy (error);
  advance (self, GST_WSCTL_TRIGGER_CLOSE);
}

static void
fail_with (GstWsctlSession * self, GstWsctlError code, const gchar * text)
{
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR, code, text);

  fail (self, error);
}

static void
on_connection_state (GstWsctlConnection * connection, GParamSpec * pspec,
    GstWsctlSession * self)
{
  switch (gst_wsctl_connection_get_state (connection)) {
    case GST_WSCTL_CONNECTION_STATE_CONNECTED:
      if (!self->stopped)       /* What ends does not begin. */
        advance (self, GST_WSCTL_TRIGGER_CONNECTED);
      break;
    case GST_WSCTL_CONNECTION_STATE_FAILED:
      if (!self->stopped)       /* DTLS goes down with what stops. */
        fail (self, gst_wsctl_connection_get_error (connection));
      break;
    default:
      break;
  }
}

static gboolean
on_step_timeout (gpointer data)
{
  GstWsctlSession *self = data;
  GstWsctlError code;
  const gchar *text = gst_wsctl_step_get_timeout_text (self->step, &code);
  g_autofree gchar *names =
      gst_wsctl_connection_get_lookup_failure (self->connection);
  g_autofree gchar *full = NULL;

  if (self->stopped) {
    fail (self, NULL);
    return G_SOURCE_REMOVE;
  }

  full = g_strconcat (text, names != NULL ? " And " : NULL, names, NULL);
  fail_with (self, code, full);

  return G_SOURCE_REMOVE;
}

static void
restart_step_timer (GstWsctlSession * self)
{
  GstWsctlError code;

  gst_wsctl_loop_clear_timer (&self->step_timer);
  if (gst_wsctl_step_get_timeout_text (self->step, &code) != NULL)
    self->step_timer = gst_wsctl_loop_add_timer (self->loop,
        self->config->connect_timeout_ms, on_step_timeout, self, NULL);
}

static gboolean
on_watch (gpointer data)
{
  GstWsctlSession *self = data;
  GstWsctlTraffic traffic;
  GstWsctlWatchVerdict verdict;
  const gchar *text;

  gst_wsctl_connection_get_traffic (self->connection, &traffic);
  self->watch.last_packet_us = traffic.last_received_us;
  if (gst_wsctl_connection_is_sending (self->connection)) {
    self->watch.resting = traffic.sending_since_us == 0;
    self->watch.awake_since_us = traffic.sending_since_us;
  }
  verdict = gst_wsctl_watch_judge (&self->watch, g_get_monotonic_time ());
  text = gst_wsctl_watch_get_text (verdict);
  if (text != NULL)
    fail_with (self, GST_WSCTL_ERROR_CONNECTION_IDLE, text);
  else if (verdict == GST_WSCTL_WATCH_LATE && !self->late)
    GST_WARNING_OBJECT (self, "no report from the server for %u ms",
        self->config->report_timeout_ms / 3);
  self->late = verdict == GST_WSCTL_WATCH_LATE;

  return G_SOURCE_CONTINUE;
}

/* What the servers of this protocol say of a stream that has no publisher */
static gboolean
is_without_stream (GstWsctlSession * self, const gchar * message)
{
  return message != NULL && !gst_wsctl_connection_is_sending (self->connection)
      && (strstr (message, "Stream open failed") != NULL
      || strstr (message, "Stream is offline") != NULL);
}

static void
take_error_event (GstWsctlSession * self, const GstWsctlEvent * event)
{
  g_autoptr (GError) error = NULL;

  if (self->step >= GST_WSCTL_STEP_OPEN) {
    GST_WARNING_OBJECT (self, "the server says of '%s': %s", event->command,
        event->message);
    return;
  }

  if (is_without_stream (self, event->message))
    error = g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_STREAM_FAILED,
        GST_WSCTL_SESSION_NO_STREAM " (the server says: %s)", event->message);
  else
    error = g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_STREAM_FAILED,
        "the server cannot serve the stream: %s",
        event->message != NULL ? event->message : "no reason given");
  fail (self, error);
}

/* The stream has ended, or the server has: that its close code tells. */
static void
take_stop_event (GstWsctlSession * self)
{
  if (self->step < GST_WSCTL_STEP_OPEN)
    fail (self, NULL);
  if (self->step == GST_WSCTL_STEP_CLOSED || self->stopped)
    return;

  self->stopped = TRUE;
  gst_wsctl_loop_clear_timer (&self->step_timer);
  self->step_timer = gst_wsctl_loop_add_timer (self->loop, FAREWELL_MS,
      on_step_timeout, self, NULL);
}

static void
on_message (GstWsctlChannel * channel, const gchar * text,
    GstWsctlSession * self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlEvent) event = gst_wsctl_event_parse (text, &error);

  if (event == NULL) {
    GST_WARNING_OBJECT (self, "message ignored: %s", error->message);
    return;
  }

  switch (event->type) {
    case GST_WSCTL_EVENT_UNKNOWN:
      GST_INFO_OBJECT (self, "message of unknown type '%s' ignored",
          event->name);
      break;
    case GST_WSCTL_EVENT_ERROR:
      take_error_event (self, event);
      break;
    case GST_WSCTL_EVENT_TIME:
    case GST_WSCTL_EVENT_MEDIA_RECEIVE:
      self->watch.last_report_us = g_get_monotonic_time ();
      if (event->paused >= 0)
        gst_wsctl_watch_take_pause (&self->watch, event->paused,
            g_get_monotonic_time ());
      break;
    case GST_WSCTL_EVENT_PAUSE:
      gst_wsctl_watch_take_pause (&self->watch, event->paused > 0,
          g_get_monotonic_time ());
      break;
    case GST_WSCTL_EVENT_WARNING:
      GST_WARNING_OBJECT (self, "the server warns: %s", event->message);
      break;
    default:
      break;
  }

  /* Closing on the way ends the telling. */
  if (self->step != GST_WSCTL_STEP_CLOSED)
    self->callbacks.event (event, self->data);
  if (event->type == GST_WSCTL_EVENT_STOP)
    take_stop_event (self);
}

static void
on_channel_closed (GstWsctlChannel * channel, const GError * error,
    GstWsctlSession * self)
{
  fail (self, self->stopped && !g_error_matches (error, GST_WSCTL_ERROR,
          GST_WSCTL_ERROR_GOING_AWAY) ? NULL : error);
}

static void
on_offer (GObject * connection, GAsyncResult * result, gpointer data)
{
  g_autoptr (GstWsctlSession) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *offer = NULL;

  offer = gst_wsctl_connection_create_offer_finish (self->connection, result,
      &error);
  if (self->step != GST_WSCTL_STEP_OFFERING)
    return;
  if (offer == NULL) {
    fail (self, error);
    return;
  }

  GST_LOG_OBJECT (self, "offer made");
  advance (self, GST_WSCTL_TRIGGER_OFFER);
  self->callbacks.negotiate (offer, self->data);
}

static void
start (GstWsctlSession * self)
{
  g_autoptr (GError) error = NULL;

  if (self->channel == NULL)
    self->channel = gst_wsctl_config_new_channel (self->config,
        GST_WSCTL_CONFIG_CHANNEL_SESSION, &error);
  if (self->channel == NULL) {
    fail (self, error);
    return;
  }

  g_signal_connect (self->channel, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->channel, "closed", G_CALLBACK (on_channel_closed),
      self);
  gst_wsctl_channel_open (self->channel);

  gst_wsctl_connection_create_offer_async (self->connection, on_offer,
      g_object_ref (self));
}

/* To a server, a command before the answer is an error that ends the session
 * (MistServer: "on_error"), so what was asked for early goes out now. */
static void
send_held (GstWsctlSession * self)
{
  guint i;

  for (i = 0; i < self->held->len; i++)
    gst_wsctl_channel_send (self->channel, g_ptr_array_index (self->held, i),
        NULL);
  g_ptr_array_set_size (self->held, 0);
}

static void
finish (GstWsctlSession * self)
{
  gst_wsctl_loop_clear_timer (&self->step_timer);
  gst_wsctl_loop_clear_timer (&self->watch_timer);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  if (self->channel != NULL) {
    g_signal_handlers_disconnect_by_data (self->channel, self);
    if (self->error != NULL)
      gst_wsctl_channel_close_to_return (self->channel);
    else
      gst_wsctl_channel_close (self->channel);
  }
  gst_wsctl_connection_close (self->connection);
  if (self->error != NULL)
    GST_INFO_OBJECT (self, "closed: %s", self->error->message);
  self->callbacks.closed (self->error, self->data);
}

static void
enter_step (GstWsctlSession * self)
{
  restart_step_timer (self);

  switch (self->step) {
    case GST_WSCTL_STEP_OFFERING:
      start (self);
      break;
    case GST_WSCTL_STEP_OPEN:
      send_held (self);
      self->callbacks.opened (gst_wsctl_connection_get_answer
          (self->connection), self->data);
      /* It may have been quicker than webrtcbin's own reply. */
      on_connection_state (self->connection, NULL, self);
      break;
    case GST_WSCTL_STEP_CONNECTED:
      self->watch_timer = gst_wsctl_loop_add_timer (self->loop,
          WATCH_INTERVAL_MS, on_watch, self, NULL);
      self->callbacks.connected (self->data);
      break;
    case GST_WSCTL_STEP_CLOSED:
      finish (self);
      break;
    default:
      break;
  }
}

static void
on_answer_set (GObject * connection, GAsyncResult * result, gpointer data)
{
  g_autoptr (GstWsctlSession) self = data;
  g_autoptr (GError) error = NULL;

  if (gst_wsctl_connection_set_answer_finish (self->connection, result, &error))
    advance (self, GST_WSCTL_TRIGGER_ANSWER_SET);
  else if (self->step != GST_WSCTL_STEP_CLOSED)
    fail (self, error);
}

void
gst_wsctl_session_take_answer (GstWsctlSession * self, const gchar * sdp,
    const GError * error)
{
  if (self->step != GST_WSCTL_STEP_NEGOTIATING)
    return;

  if (sdp == NULL) {
    fail (self, error);
    return;
  }

  advance (self, GST_WSCTL_TRIGGER_ANSWER);
  gst_wsctl_connection_set_answer_async (self->connection, sdp, on_answer_set,
      g_object_ref (self));
}

GstWsctlSession *
gst_wsctl_session_new (GstWsctlLoop * loop, GstWsctlConfig * config,
    GstWsctlConnection * connection,
    const GstWsctlSessionCallbacks * callbacks, gpointer data,
    GDestroyNotify destroy)
{
  GstWsctlSession *self = g_object_new (GST_WSCTL_TYPE_SESSION, NULL);

  self->loop = gst_wsctl_loop_ref (loop);
  self->config = g_object_ref (config);
  self->connection = g_object_ref (connection);
  self->callbacks = *callbacks;
  self->data = data;
  self->destroy = destroy;
  self->watch.idle_timeout_us = (gint64) config->idle_timeout_ms * 1000;
  self->watch.report_timeout_us = (gint64) config->report_timeout_ms * 1000;
  g_signal_connect (connection, "notify::state",
      G_CALLBACK (on_connection_state), self);

  return self;
}

void
gst_wsctl_session_set_channel (GstWsctlSession * self,
    GstWsctlChannel * channel)
{
  g_set_object (&self->channel, channel);
}

void
gst_wsctl_session_open (GstWsctlSession * self)
{
  advance (self, GST_WSCTL_TRIGGER_OPEN);
}

gboolean
gst_wsctl_session_send (GstWsctlSession * self, const gchar * text,
    GError ** error)
{
  if (self->step >= GST_WSCTL_STEP_OPEN)
    return gst_wsctl_session_send_now (self, text, error);

  if (self->held->len == MAX_HELD) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "%d commands wait for the session to open: no more are taken",
        MAX_HELD);
    return FALSE;
  }
  g_ptr_array_add (self->held, g_strdup (text));

  return TRUE;
}

gboolean
gst_wsctl_session_send_now (GstWsctlSession * self, const gchar * text,
    GError ** error)
{
  if (self->channel == NULL || self->step == GST_WSCTL_STEP_CLOSED) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "the session is not open");
    return FALSE;
  }

  return gst_wsctl_channel_send (self->channel, text, error);
}

void
gst_wsctl_session_close (GstWsctlSession * self, const GError * error)
{
  fail (self, error);
}

GstWsctlStep
gst_wsctl_session_get_step (GstWsctlSession * self)
{
  return self->step;
}

static void
gst_wsctl_session_dispose (GObject * object)
{
  GstWsctlSession *self = GST_WSCTL_SESSION (object);

  gst_wsctl_loop_clear_timer (&self->step_timer);
  gst_wsctl_loop_clear_timer (&self->watch_timer);
  if (self->channel != NULL)
    g_signal_handlers_disconnect_by_data (self->channel, self);
  g_clear_object (&self->channel);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_clear_object (&self->config);

  G_OBJECT_CLASS (gst_wsctl_session_parent_class)->dispose (object);
}

static void
gst_wsctl_session_finalize (GObject * object)
{
  GstWsctlSession *self = GST_WSCTL_SESSION (object);

  if (self->destroy != NULL)
    self->destroy (self->data);
  g_clear_error (&self->error);
  g_ptr_array_unref (self->held);
  gst_wsctl_loop_unref (self->loop);

  G_OBJECT_CLASS (gst_wsctl_session_parent_class)->finalize (object);
}

static void
gst_wsctl_session_class_init (GstWsctlSessionClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlsession_debug, "wsctlsession", 0,
      "WebRTC WebSocket control: session");

  object_class->dispose = gst_wsctl_session_dispose;
  object_class->finalize = gst_wsctl_session_finalize;
}

static void
gst_wsctl_session_init (GstWsctlSession * self)
{
  self->held = g_ptr_array_new_with_free_func (g_free);
}
