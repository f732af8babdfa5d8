/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * on, once and off over GObject signals, for those who come from JavaScript:
 * a GCancellable takes the place of an AbortSignal.
 */

#include "wsctlevents.h"

#include "wsctlerror.h"

/* Shared by the handler's closure and by the cancellable's. */
typedef struct
{
  gatomicrefcount refs;
  GWeakRef object;
  gchar *event;
  GstWsctlEventFunc func;
  gpointer data;
  GDestroyNotify destroy;
  GCancellable *cancellable;
  gulong cancelled_id;          /* set while the closure is kept */
  gint once;                    /* atomic: 1 until the only call is taken */

  /* An event or a cancel may come from another thread before the connecting
   * one has written down the id that it got. */
  GMutex lock;
  gulong id;                    /* lock; 0 once disconnected */
  gboolean over;                /* lock: to be disconnected */
} Subscription;

static void
unref_subscription (Subscription * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  if (self->destroy != NULL)
    self->destroy (self->data);
  g_clear_object (&self->cancellable);
  g_weak_ref_clear (&self->object);
  g_mutex_clear (&self->lock);
  g_free (self->event);
  g_free (self);
}

static void
disconnect_subscription (Subscription * self)
{
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);
  gulong id;

  g_mutex_lock (&self->lock);
  self->over = TRUE;
  id = self->id;
  self->id = 0;
  g_mutex_unlock (&self->lock);

  if (object != NULL && id != 0)
    gst_wsctl_off (object, id);
}

/* The closure has let go: after off, after the object's end, or after cancel.
 * g_cancellable_disconnect() would wait for ever from inside the cancelled
 * handler, so the handler is taken off without waiting. */
static void
on_closure_finalized (gpointer data, GClosure * closure)
{
  Subscription *self = data;

  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (self->cancellable, self->cancelled_id);
  unref_subscription (self);
}

static void
on_cancelled (GCancellable * cancellable, Subscription * self)
{
  disconnect_subscription (self);
}

static void
marshal_event (GClosure * closure, GValue * result, guint n_values,
    const GValue * values, gpointer hint, gpointer data)
{
  Subscription *self = closure->data;
  g_autoptr (GPtrArray) args = NULL;
  guint i;

  if (self->cancellable != NULL
      && g_cancellable_is_cancelled (self->cancellable))
    return;
  if (g_atomic_int_get (&self->once) != 0) {
    if (!g_atomic_int_compare_and_exchange (&self->once, 1, -1))
      return;
    disconnect_subscription (self);
  }

  args = g_ptr_array_new ();
  for (i = 1; i < n_values; i++)
    g_ptr_array_add (args, (gpointer) & values[i]);
  self->func (g_value_get_object (&values[0]), self->event, args, self->data);
}

/* Writes the id of the event's handler down, unless the event or a cancel was
 * faster and wants it gone. */
static void
keep_id (Subscription * self, gulong id)
{
  gboolean over;

  g_mutex_lock (&self->lock);
  self->id = id;
  over = self->over;
  g_mutex_unlock (&self->lock);

  if (over)
    disconnect_subscription (self);
}

/* What every GObject tells ("notify") is no event of its own, and an action is
 * nothing that it tells. */
static gboolean
find_event (GObject * object, const gchar * event, guint * signal,
    GQuark * detail)
{
  GSignalQuery query;

  if (!g_signal_parse_name (event, G_OBJECT_TYPE (object), signal, detail,
          TRUE))
    return FALSE;
  g_signal_query (*signal, &query);

  return query.itype != G_TYPE_OBJECT
      && !(query.signal_flags & G_SIGNAL_ACTION);
}

static gulong
subscribe (GObject * object, const gchar * event, gboolean once,
    GCancellable * cancellable, GstWsctlEventFunc func, gpointer user_data,
    GDestroyNotify destroy, GError ** error)
{
  Subscription *self;
  GClosure *closure;
  guint signal;
  GQuark detail;
  gulong id;

  if (!find_event (object, event, &signal, &detail)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "%s has no event named '%s'", G_OBJECT_TYPE_NAME (object), event);
    if (destroy != NULL)
      destroy (user_data);
    return 0;
  }

  /* An AbortSignal that has already fired subscribes nothing. */
  if (g_cancellable_set_error_if_cancelled (cancellable, error)) {
    if (destroy != NULL)
      destroy (user_data);
    return 0;
  }

  self = g_new0 (Subscription, 1);
  g_atomic_ref_count_init (&self->refs);
  g_weak_ref_init (&self->object, object);
  self->event = g_strdup (event);
  self->func = func;
  self->data = user_data;
  self->destroy = destroy;
  self->once = once ? 1 : 0;
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  g_mutex_init (&self->lock);

  closure = g_closure_new_simple (sizeof (GClosure), self);
  g_closure_set_marshal (closure, marshal_event);
  g_closure_add_finalize_notifier (closure, self, on_closure_finalized);
  g_closure_ref (closure);
  g_closure_sink (closure);
  id = g_signal_connect_closure_by_id (object, signal, detail, closure, FALSE);

  keep_id (self, id);

  /* Cancelled meanwhile, it calls on_cancelled() before it returns. */
  if (self->cancellable != NULL) {
    g_atomic_ref_count_inc (&self->refs);
    self->cancelled_id = g_cancellable_connect (self->cancellable,
        G_CALLBACK (on_cancelled), self, (GDestroyNotify) unref_subscription);
  }
  g_closure_unref (closure);

  return id;
}

/**
 * gst_wsctl_on:
 * @object: an object with signals: a controller, a connection, an element
 * @event: the name of a signal, "on-open" for example
 * @cancellable: (nullable): ends the subscription when cancelled
 * @func: (scope notified) (closure user_data) (destroy destroy): called for
 *   each event
 * @user_data: for @func
 * @destroy: frees @user_data when the subscription ends, and in case of an
 *   error
 * @error: set when @object has no such event, or when @cancellable was
 *   cancelled before
 *
 * Subscribes to an event, like addEventListener() with an AbortSignal. Any
 * thread; @func is called on the thread that the event comes from. What every
 * object has ("notify"), and an action, is no event.
 *
 * Returns: an id for gst_wsctl_off(), or 0 with @error set
 */
gulong
gst_wsctl_on (GObject * object, const gchar * event, GCancellable * cancellable,
    GstWsctlEventFunc func, gpointer user_data, GDestroyNotify destroy,
    GError ** error)
{
  g_return_val_if_fail (G_IS_OBJECT (object), 0);
  g_return_val_if_fail (event != NULL && func != NULL, 0);

  return subscribe (object, event, FALSE, cancellable, func, user_data, destroy,
      error);
}

/**
 * gst_wsctl_once:
 * @object: an object with signals: a controller, a connection, an element
 * @event: the name of a signal
 * @cancellable: (nullable): ends the subscription when cancelled
 * @func: (scope notified) (closure user_data) (destroy destroy): called for
 *   the first event, and not again
 * @user_data: for @func
 * @destroy: frees @user_data when the subscription ends, and in case of an
 *   error
 * @error: as for gst_wsctl_on()
 *
 * Like gst_wsctl_on(), for one event. Any thread.
 *
 * Returns: an id for gst_wsctl_off(), or 0 with @error set
 */
gulong
gst_wsctl_once (GObject * object, const gchar * event,
    GCancellable * cancellable, GstWsctlEventFunc func, gpointer user_data,
    GDestroyNotify destroy, GError ** error)
{
  g_return_val_if_fail (G_IS_OBJECT (object), 0);
  g_return_val_if_fail (event != NULL && func != NULL, 0);

  return subscribe (object, event, TRUE, cancellable, func, user_data, destroy,
      error);
}

/**
 * gst_wsctl_off:
 * @object: the object subscribed to
 * @id: what gst_wsctl_on() or gst_wsctl_once() returned
 *
 * Ends a subscription. One that has ended already, or 0, is no error. Any
 * thread.
 */
void
gst_wsctl_off (GObject * object, gulong id)
{
  g_return_if_fail (G_IS_OBJECT (object));

  if (id != 0 && g_signal_handler_is_connected (object, id))
    g_signal_handler_disconnect (object, id);
}
