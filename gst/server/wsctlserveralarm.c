/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A source that is never ready but by its time. GLib's own timer would be made
 * anew for each packet that waits.
 */

#include "wsctlserveralarm-private.h"

static gboolean
dispatch (GSource * source, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (source, -1);

  return func (data);
}

static GSourceFuncs functions = {.dispatch = dispatch };

GSource *
gst_wsctl_server_alarm_new (GstWsctlLoop * loop, GSourceFunc func,
    gpointer data)
{
  GSource *alarm = g_source_new (&functions, sizeof (GSource));

  g_source_set_static_name (alarm, "wsctl-server-alarm");
  g_source_set_callback (alarm, func, data, NULL);
  g_source_attach (alarm, gst_wsctl_loop_get_context (loop));

  return alarm;
}

void
gst_wsctl_server_alarm_set (GSource * alarm, gint64 time_us)
{
  g_source_set_ready_time (alarm, time_us);
}
