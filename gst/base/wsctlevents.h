/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GstWsctlEventFunc:
 * @object: the object that the event comes from
 * @event: the name of the event, as given when subscribing
 * @args: (element-type GValue) (transfer none): the arguments of the event
 * @user_data: the data given when subscribing
 *
 * Called for each event, on the thread that the signal of this name comes
 * from.
 */
typedef void (*GstWsctlEventFunc) (GObject * object, const gchar * event,
    GPtrArray * args, gpointer user_data);

gulong gst_wsctl_on (GObject * object, const gchar * event,
    GCancellable * cancellable, GstWsctlEventFunc func, gpointer user_data,
    GDestroyNotify destroy, GError ** error);
gulong gst_wsctl_once (GObject * object, const gchar * event,
    GCancellable * cancellable, GstWsctlEventFunc func, gpointer user_data,
    GDestroyNotify destroy, GError ** error);
void gst_wsctl_off (GObject * object, gulong id);

G_END_DECLS
