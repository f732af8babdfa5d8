/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A pool and its transport, which may speak on any thread.
 */

#include "wsctlpoolinternal-private.h"

#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpooljoin_debug);
#define GST_CAT_DEFAULT wsctlpooljoin_debug

/* On its way to the loop; the pool is held weakly. */
typedef struct
{
  GWeakRef pool;
  gchar *type;
  gchar *data;
  GError *error;
} Note;

static Note *
new_note (GstWsctlPool * self)
{
  Note *note = g_new0 (Note, 1);

  g_weak_ref_init (&note->pool, self);

  return note;
}

static void
free_note (gpointer data)
{
  Note *note = data;

  g_weak_ref_clear (&note->pool);
  g_free (note->type);
  g_free (note->data);
  g_clear_error (&note->error);
  g_free (note);
}

void
gst_wsctl_pool_send (GstWsctlPool * self, const GstWsctlSsp * message)
{
  g_autofree gchar *text =
      gst_wsctl_ssp_to_json (message, GST_WSCTL_SSP_TO_SERVER);
  g_autofree gchar *type = NULL;
  g_autofree gchar *data = NULL;
  g_autoptr (GError) error = NULL;

  gst_wsctl_ssp_split (text, &type, &data);
  GST_LOG_OBJECT (self->bin, "sends %s", type);
  if (!gst_wsctl_transport_send (self->transport, type, data, &error))
    GST_WARNING_OBJECT (self->bin, "cannot send %s: %s", type, error->message);
}

static void
send_join (GstWsctlPool * self)
{
  g_autoptr (GstWsctlSsp) message = gst_wsctl_ssp_new (GST_WSCTL_SSP_JOIN);

  message->pool = g_steal_pointer (&self->wanted);
  gst_wsctl_pool_send (self, message);
}

static void
take_opened (gpointer data)
{
  g_autoptr (GstWsctlPool) self = g_weak_ref_get (&((Note *) data)->pool);

  if (self != NULL && !self->opened && self->wanted != NULL) {
    self->opened = TRUE;
    send_join (self);
  }
}

static void
on_opened (GstWsctlTransport * transport, GstWsctlPool * self)
{
  gst_wsctl_loop_call (self->loop, take_opened, new_note (self), free_note);
}

static void
take_received (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlPool) self = g_weak_ref_get (&note->pool);
  g_autoptr (GstWsctlSsp) message = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;

  if (self == NULL)
    return;

  text = gst_wsctl_ssp_join (note->type, note->data, &error);
  if (text != NULL)
    message = gst_wsctl_ssp_parse (text, GST_WSCTL_SSP_TO_CLIENT, &error);
  if (message == NULL) {
    GST_WARNING_OBJECT (self->bin, "a message is ignored: %s", error->message);
    return;
  }
  gst_wsctl_pool_take_message (self, message);
}

static void
on_received (GstWsctlTransport * transport, const gchar * type,
    const gchar * data, GstWsctlPool * self)
{
  Note *note = new_note (self);

  note->type = g_strdup (type);
  note->data = g_strdup (data);
  gst_wsctl_loop_call (self->loop, take_received, note, free_note);
}

static void
take_closed (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlPool) self = g_weak_ref_get (&note->pool);

  if (self != NULL)
    gst_wsctl_pool_leave (self, note->error, FALSE);
}

static void
on_closed (GstWsctlTransport * transport, const GError * error,
    GstWsctlPool * self)
{
  Note *note = new_note (self);

  if (error != NULL)
    note->error = g_error_copy (error);
  gst_wsctl_loop_call (self->loop, take_closed, note, free_note);
}

static void
run_open (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlPool) self = g_weak_ref_get (&note->pool);
  gboolean joining;

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  joining = self->state == GST_WSCTL_POOL_STATE_JOINING;
  g_mutex_unlock (&self->lock);
  if (!joining)
    return;

  self->wanted = g_steal_pointer (&note->type);
  gst_wsctl_transport_open (self->transport);
}

/**
 * gst_wsctl_pool_join:
 * @self: a pool
 * @pool: the name of the pool to join
 * @error: why it cannot be joined
 *
 * Joins a pool, once: #GstWsctlPool::join follows, or #GstWsctlPool::error and
 * #GstWsctlPool::close. Any thread; does not wait. docs/protocol.md, "Pool
 * signalling".
 *
 * Returns: %FALSE with @error for a name that is none, when a pool has been
 *   joined already, and after the close
 */
gboolean
gst_wsctl_pool_join (GstWsctlPool * self, const gchar * pool, GError ** error)
{
  GstWsctlPoolState state;
  Note *note;

  g_return_val_if_fail (GST_WSCTL_IS_POOL (self), FALSE);

  if (!gst_wsctl_ssp_is_id (pool)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI,
        "'%s' is no name of a pool: letters, digits and +._-~:@ make one",
        pool != NULL ? pool : "");
    return FALSE;
  }

  g_mutex_lock (&self->lock);
  state = self->state;
  if (state == GST_WSCTL_POOL_STATE_NEW)
    self->state = GST_WSCTL_POOL_STATE_JOINING;
  g_mutex_unlock (&self->lock);

  if (state == GST_WSCTL_POOL_STATE_CLOSED) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "the pool is closed: make another one");
    return FALSE;
  }
  if (state != GST_WSCTL_POOL_STATE_NEW) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "cannot join a pool: one is being joined or is joined already");
    return FALSE;
  }

  note = new_note (self);
  note->type = g_strdup (pool);
  gst_wsctl_loop_call (self->loop, run_open, note, free_note);

  return TRUE;
}

void
gst_wsctl_pool_connect_transport (GstWsctlPool * self)
{
  GST_DEBUG_CATEGORY_INIT (wsctlpooljoin_debug, "wsctlpooljoin", 0,
      "WebRTC WebSocket control: signalling of a pool");

  self->transport_ids[0] =
      g_signal_connect (self->transport, "opened", G_CALLBACK (on_opened),
      self);
  self->transport_ids[1] =
      g_signal_connect (self->transport, "received", G_CALLBACK (on_received),
      self);
  self->transport_ids[2] =
      g_signal_connect (self->transport, "closed", G_CALLBACK (on_closed),
      self);
}
