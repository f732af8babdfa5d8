/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A track that is not sent at the moment: its source goes on, as a camera does
 * whose picture nobody looks at.
 */

#include "wsctlsparetrack-private.h"

static GstPadProbeReturn
drop_data (GstPad * track, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

static void
on_linked (GstPad * track, GstPad * peer, gpointer probe)
{
  g_signal_handlers_disconnect_by_func (track, on_linked, probe);
  gst_pad_remove_probe (track, GPOINTER_TO_SIZE (probe));
}

void
gst_wsctl_spare_track_begin (GstPad * track)
{
  gulong probe = gst_pad_add_probe (track,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, drop_data,
      NULL, NULL);

  g_signal_connect (track, "linked", G_CALLBACK (on_linked),
      GSIZE_TO_POINTER (probe));
}
