/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The sessions of an element: the first is made and opened from READY to PAUSED,
 * another follows one that failed (docs/reconnect.md), the last is closed and
 * waited for on the way back. Nothing here waits for the network.
 *
 * A session ends on the loop, which must not change a state. So it leaves a
 * note: a thread of GStreamer's takes the dead session out of the bin, and puts
 * the next one in when the delay is over. A note carries the number of the
 * session that it is about; one that is about another comes too late.
 */

#include "gstwsctlbinprivate.h"

#include "gstwsctlerrors.h"
#include "wsctlcontroller-private.h"
#include "wsctlerror.h"
#include "wsctlwebrtcbin-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlbinsession_debug);
#define GST_CAT_DEFAULT wsctlbinsession_debug

#define PRIVATE(self) gst_wsctl_bin_get_private (self)

GstWsctlController *
gst_wsctl_bin_get_controller (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlController *controller;

  g_mutex_lock (&priv->lock);
  controller = priv->controller != NULL ? g_object_ref (priv->controller)
      : NULL;
  g_mutex_unlock (&priv->lock);

  return controller;
}

GstElement *
gst_wsctl_bin_get_webrtcbin (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller == NULL)
    return NULL;

  return gst_object_ref (gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (controller)));
}

/* TRUE the first time: one end, one word about it. */
static gboolean
claim_end (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlBinClass *klass = GST_WSCTL_BIN_GET_CLASS (self);
  gboolean first;

  g_mutex_lock (&priv->lock);
  first = !priv->told;
  priv->told = TRUE;
  g_mutex_unlock (&priv->lock);
  if (first && klass->over != NULL)
    klass->over (self);

  return first;
}

static void
post_error (GstWsctlBin * self, const gchar * uri, const GError * error)
{
  if (claim_end (self))
    gst_wsctl_errors_post (GST_ELEMENT (self),
        GST_WSCTL_BIN_GET_CLASS (self)->role, uri, error);
}

/* What is lost while somebody stops it is no news either. */
static gboolean
is_active (GstWsctlBinPrivate * priv)
{
  gboolean active;

  g_mutex_lock (&priv->lock);
  active = priv->active;
  g_mutex_unlock (&priv->lock);

  return active;
}

/* What breaks while a dead session is taken apart is no news. */
static gboolean
is_away (GstWsctlBinPrivate * priv)
{
  gboolean away;

  g_mutex_lock (&priv->lock);
  away = priv->away;
  g_mutex_unlock (&priv->lock);

  return away;
}

void
gst_wsctl_bin_fail (GstWsctlBin * self, const GError * error)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);
  g_autofree gchar *uri = NULL;

  if (is_away (PRIVATE (self))) {
    GST_INFO_OBJECT (self, "while reconnecting: %s", error->message);
    return;
  }

  if (controller != NULL) {
    uri = gst_wsctl_controller_get_display_uri (controller);
    gst_wsctl_controller_close (controller, error);
  }
  post_error (self, uri, error);
}

void
gst_wsctl_bin_lose (GstWsctlBin * self, const GError * error)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller != NULL)
    gst_wsctl_controller_close (controller, error);
}

static void
on_open (GstWsctlController * controller, GstStructure * stream,
    GstWsctlBin * self)
{
  GST_INFO_OBJECT (self, "open: %" GST_PTR_FORMAT, stream);
  gst_wsctl_bin_emit_open (self, stream);
  GST_WSCTL_BIN_GET_CLASS (self)->opened (self,
      gst_wsctl_controller_get_answer (controller));
}

static void
on_connected (GstWsctlController * controller, GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_mutex_lock (&priv->lock);
  gst_wsctl_reconnect_connected (&priv->reconnect, g_get_monotonic_time ());
  g_mutex_unlock (&priv->lock);

  gst_wsctl_bin_emit_connected (self);
  GST_WSCTL_BIN_GET_CLASS (self)->connected (self);
}

/* To a publisher, what the server has received; to a player, where it is */
static void
on_report (GstWsctlController * controller, GstStructure * report,
    GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_mutex_lock (&priv->lock);
  gst_clear_structure (&priv->report);
  priv->report = gst_structure_copy (report);
  priv->report_us = g_get_monotonic_time ();
  g_mutex_unlock (&priv->lock);
}

static void run_leave (GstElement * element, gpointer number);
static void run_return (GstElement * element, gpointer number);

static gboolean
on_delay_over (gpointer data)
{
  GstWsctlBin *self = data;
  GstWsctlBinPrivate *priv = PRIVATE (self);
  guint number;

  g_mutex_lock (&priv->lock);
  number = priv->number;
  g_mutex_unlock (&priv->lock);
  gst_element_call_async (GST_ELEMENT (self), run_return,
      GUINT_TO_POINTER (number), NULL);

  return G_SOURCE_REMOVE;
}

/* FALSE: there is nothing to wait for. */
static gboolean
plan_return (GstWsctlBin * self, const GError * error,
    GstWsctlReconnectPlan * plan, guint * number)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  gboolean planned;

  g_mutex_lock (&priv->lock);
  planned = priv->active && !priv->told
      && gst_wsctl_reconnect_plan (&priv->reconnect, error,
      g_get_monotonic_time (), g_random_double (), plan);
  priv->away |= planned;
  *number = priv->number;
  g_mutex_unlock (&priv->lock);

  return planned;
}

/* On the loop */
static gboolean
begin_return (GstWsctlBin * self, const GError * error)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlReconnectPlan plan;
  guint number;

  if (!plan_return (self, error, &plan, &number))
    return FALSE;

  GST_INFO_OBJECT (self, "try %u in %u ms, for: %s", plan.attempt,
      plan.delay_ms, error->message);
  gst_wsctl_loop_clear_timer (&priv->timer);
  priv->timer =
      gst_wsctl_loop_add_timer (priv->loop, plan.delay_ms, on_delay_over,
      gst_object_ref (self), gst_object_unref);
  gst_element_call_async (GST_ELEMENT (self), run_leave,
      GUINT_TO_POINTER (number), NULL);
  gst_wsctl_bin_emit_reconnecting (self, &plan, error);

  return TRUE;
}

/* Says how often it was tried, if it was. */
static GError *
add_attempts (GstWsctlBinPrivate * priv, const GError * error)
{
  guint attempts;

  g_mutex_lock (&priv->lock);
  attempts = priv->reconnect.attempt;
  g_mutex_unlock (&priv->lock);
  if (attempts == 0)
    return g_error_copy (error);

  return g_error_new (error->domain, error->code,
      "%s (given up at try %u to reconnect)", error->message, attempts);
}

static void
give_up (GstWsctlBin * self, const gchar * uri, const GError * error)
{
  g_autoptr (GError) told = add_attempts (PRIVATE (self), error);

  post_error (self, uri, told);
}

/* In order, or by a server that goes away in order and that is not waited for */
static gboolean
is_end (GstWsctlBinPrivate * priv, const GError * error)
{
  gboolean established;

  g_mutex_lock (&priv->lock);
  established = priv->reconnect.established;
  g_mutex_unlock (&priv->lock);

  return error == NULL || (established
      && g_error_matches (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_GOING_AWAY));
}

static void
on_close (GstWsctlController * controller, const GError * error,
    GstWsctlBin * self)
{
  g_autofree gchar *uri = gst_wsctl_controller_get_display_uri (controller);

  gst_wsctl_bin_emit_close (self, error);
  if (error != NULL && begin_return (self, error))
    return;

  if (is_end (PRIVATE (self), error)) {
    if (claim_end (self))
      GST_WSCTL_BIN_GET_CLASS (self)->ended (self);
  } else if (is_active (PRIVATE (self))) {
    give_up (self, uri, error);
  }
}

static GstWsctlController *
make_controller (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  g_autoptr (GstWsctlConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  GstWsctlController *controller;

  g_mutex_lock (&priv->lock);
  config = gst_wsctl_config_copy (priv->config);
  g_mutex_unlock (&priv->lock);

  controller = gst_wsctl_controller_new (config,
      GST_WSCTL_BIN_GET_CLASS (self)->role, &error);
  if (controller == NULL) {
    post_error (self, NULL, error);
    return NULL;
  }

  g_signal_connect_object (controller, "on-open", G_CALLBACK (on_open), self,
      0);
  g_signal_connect_object (controller, "on-connected",
      G_CALLBACK (on_connected), self, 0);
  g_signal_connect_object (controller, "on-media-report",
      G_CALLBACK (on_report), self, 0);
  g_signal_connect_object (controller, "on-playing", G_CALLBACK (on_report),
      self, 0);
  g_signal_connect_object (controller, "on-close", G_CALLBACK (on_close), self,
      0);

  return controller;
}

static gboolean
put_session (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlController *controller = make_controller (self);

  if (controller == NULL)
    return FALSE;

  g_mutex_lock (&priv->lock);
  priv->controller = controller;
  priv->number++;
  priv->wanted = FALSE;
  priv->opening = FALSE;
  priv->away = FALSE;
  g_mutex_unlock (&priv->lock);
  gst_bin_add (GST_BIN (self), gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (controller)));

  return TRUE;
}

/* It waits for what is on its way through it, and that may be held downstream by
 * a sink in PAUSED. A bin waits for all its children when its own state changes,
 * also for one whose state is locked. So it leaves first: the pipeline goes on to
 * READY, and the sink lets go. */
static void
take_webrtcbin (GstWsctlBin * self)
{
  g_autoptr (GstElement) webrtcbin = gst_wsctl_bin_get_webrtcbin (self);

  if (webrtcbin == NULL)
    return;

  gst_element_set_locked_state (webrtcbin, TRUE);
  gst_bin_remove (GST_BIN (self), webrtcbin);
  gst_wsctl_webrtcbin_stop (webrtcbin);
}

static void
drop_controller (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlController *controller;

  g_mutex_lock (&priv->lock);
  controller = g_steal_pointer (&priv->controller);
  g_mutex_unlock (&priv->lock);
  g_clear_object (&controller);
}

/* Returns with nothing more to come from the session. */
static void
close_session (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller == NULL)
    return;

  g_signal_handlers_disconnect_by_data (controller, self);
  gst_wsctl_controller_close_sync (controller);
  GST_WSCTL_BIN_GET_CLASS (self)->stopping (self);
}

static gboolean
is_current (GstWsctlBinPrivate * priv, gpointer number)
{
  gboolean current;

  g_mutex_lock (&priv->lock);
  current = priv->active && !priv->told
      && priv->number == GPOINTER_TO_UINT (number);
  g_mutex_unlock (&priv->lock);

  return current;
}

/* With swap_lock held: takes out what failed, once; pads and their links stay. */
static void
leave_locked (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller == NULL)
    return;

  close_session (self);
  take_webrtcbin (self);
  GST_WSCTL_BIN_GET_CLASS (self)->suspended (self);
  drop_controller (self);
}

static void
run_leave (GstElement * element, gpointer number)
{
  GstWsctlBin *self = GST_WSCTL_BIN (element);
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_rec_mutex_lock (&priv->swap_lock);
  if (is_current (priv, number))
    leave_locked (self);
  g_rec_mutex_unlock (&priv->swap_lock);
}

static void
get_states (GstWsctlBin * self, GstState * states)
{
  GST_OBJECT_LOCK (self);
  states[0] = GST_STATE (self);
  states[1] = GST_STATE_PENDING (self);
  GST_OBJECT_UNLOCK (self);
}

/* The application may be changing ours meanwhile: what the child took over from
 * then is put right here. */
static void
follow_state (GstWsctlBin * self, GstElement * webrtcbin)
{
  GstState before[2], after[2];

  do {
    get_states (self, before);
    gst_element_sync_state_with_parent (webrtcbin);
    get_states (self, after);
  } while (before[0] != after[0] || before[1] != after[1]);
}

/* With swap_lock held */
static void
return_locked (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller = NULL;

  leave_locked (self);
  if (!put_session (self))
    return;

  controller = gst_wsctl_bin_get_controller (self);
  follow_state (self, gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (controller)));
  GST_WSCTL_BIN_GET_CLASS (self)->started (self, controller);
}

static void
run_return (GstElement * element, gpointer number)
{
  GstWsctlBin *self = GST_WSCTL_BIN (element);
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_rec_mutex_lock (&priv->swap_lock);
  if (is_current (priv, number))
    return_locked (self);
  g_rec_mutex_unlock (&priv->swap_lock);
}

/* The server is told by the error that the publisher returns. */
static void
leave_for (GstWsctlBin * self, const GError * error)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller != NULL) {
    g_signal_handlers_disconnect_by_data (controller, self);
    gst_wsctl_controller_close (controller, error);
  }
  gst_wsctl_bin_emit_close (self, error);
}

static void
run_renew (GstElement * element, gpointer number)
{
  GstWsctlBin *self = GST_WSCTL_BIN (element);
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlReconnectPlan plan = { 1, 0 };
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_CLOSED,
      "the media have changed; another session follows");

  g_rec_mutex_lock (&priv->swap_lock);
  if (is_current (priv, number) && !is_away (priv)) {
    leave_for (self, error);
    gst_wsctl_bin_emit_reconnecting (self, &plan, error);
    return_locked (self);
  }
  g_rec_mutex_unlock (&priv->swap_lock);
}

void
gst_wsctl_bin_renew (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  guint number;

  g_mutex_lock (&priv->lock);
  number = priv->number;
  g_mutex_unlock (&priv->lock);
  gst_element_call_async (GST_ELEMENT (self), run_renew,
      GUINT_TO_POINTER (number), NULL);
}

gboolean
gst_wsctl_bin_begin (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  GST_DEBUG_CATEGORY_INIT (wsctlbinsession_debug, "wsctlbinsession", 0,
      "WebRTC WebSocket control: sessions of an element");

  priv->loop = gst_wsctl_loop_get_shared ();
  g_mutex_lock (&priv->lock);
  gst_wsctl_reconnect_begin (&priv->reconnect);
  gst_clear_structure (&priv->report);
  priv->active = TRUE;
  priv->away = FALSE;
  priv->playing = FALSE;
  priv->told = FALSE;
  g_mutex_unlock (&priv->lock);

  return put_session (self);
}

gboolean
gst_wsctl_bin_finish_begin (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  return GST_WSCTL_BIN_GET_CLASS (self)->started (self, controller);
}

static void
run_clear_timer (gpointer data)
{
  GstWsctlBinPrivate *priv = data;

  gst_wsctl_loop_clear_timer (&priv->timer);
}

void
gst_wsctl_bin_close (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_mutex_lock (&priv->lock);
  priv->active = FALSE;
  priv->number++;
  g_mutex_unlock (&priv->lock);
  gst_wsctl_loop_call_sync (priv->loop, run_clear_timer, priv);

  g_rec_mutex_lock (&priv->swap_lock);
  close_session (self);
  g_rec_mutex_unlock (&priv->swap_lock);
}

static void
do_nothing (gpointer data)
{
}

void
gst_wsctl_bin_end (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  GST_WSCTL_BIN_GET_CLASS (self)->stopped (self);
  take_webrtcbin (self);
  drop_controller (self);

  /* The session, and webrtcbin with it, goes on the loop: somebody who leaves
   * the process next must not do so underneath it. */
  gst_wsctl_loop_call_sync (priv->loop, do_nothing, NULL);
  g_clear_pointer (&priv->loop, gst_wsctl_loop_unref);
}

/* How it went, the signals tell. On the loop, for an answer goes to the context
 * of whoever asked, and the application's may never run. */
static void
run_open (gpointer data)
{
  gst_wsctl_controller_open_async (data, NULL, NULL, NULL);
}

/* Once both have come: the media, and the state. */
static void
open_when_due (GstWsctlBinPrivate * priv)
{
  g_autoptr (GstWsctlController) controller = NULL;

  g_mutex_lock (&priv->lock);
  if (priv->wanted && priv->playing && !priv->opening
      && priv->controller != NULL) {
    priv->opening = TRUE;
    controller = g_object_ref (priv->controller);
  }
  g_mutex_unlock (&priv->lock);

  if (controller != NULL)
    gst_wsctl_loop_call (priv->loop, run_open, g_steal_pointer (&controller),
        g_object_unref);
}

void
gst_wsctl_bin_open (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_mutex_lock (&priv->lock);
  priv->wanted = TRUE;
  g_mutex_unlock (&priv->lock);
  open_when_due (priv);
}

void
gst_wsctl_bin_set_playing (GstWsctlBin * self, gboolean playing)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_mutex_lock (&priv->lock);
  priv->playing = playing;
  g_mutex_unlock (&priv->lock);
  open_when_due (priv);
}

/* Between two sessions there is none that could tell of its end. */
static void
run_end_away (gpointer data)
{
  GstWsctlBin *self = data;
  GstWsctlBinPrivate *priv = PRIVATE (self);

  if (!is_away (priv) || !claim_end (self))
    return;

  gst_wsctl_loop_clear_timer (&priv->timer);
  gst_wsctl_bin_emit_close (self, NULL);
  GST_WSCTL_BIN_GET_CLASS (self)->ended (self);
}

void
gst_wsctl_bin_close_by_hand (GstWsctlBin * self)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_get_shared ();

  gst_wsctl_bin_lose (self, NULL);
  gst_wsctl_loop_call (loop, run_end_away, gst_object_ref (self),
      gst_object_unref);
}
