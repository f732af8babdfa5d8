/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmanagedstream.h"

G_BEGIN_DECLS

/* A sink pad of wsctlpool with what hangs on it: with its first caps it becomes
 * a track that goes to all peers; raw media is encoded, once. */
#define GST_TYPE_WSCTL_POOL_INPUT (gst_wsctl_pool_input_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlPoolInput, gst_wsctl_pool_input, GST,
    WSCTL_POOL_INPUT, GstGhostPad)

/* On the streaming thread */
typedef struct
{
  void (*ready) (GstWsctlPoolInput * input, gpointer bin);
  void (*error) (GstWsctlPoolInput * input, const GError * error,
      gpointer bin);
} GstWsctlPoolInputCallbacks;

GstWsctlPoolInput *gst_wsctl_pool_input_new (GstBin * bin,
    GstPadTemplate * template, GstWsctlMediaKind kind,
    const GstWsctlPoolInputCallbacks * callbacks);
/* Before data comes. @wanted: caps of elementary streams that raw media is to
 * be encoded to, or NULL; the first that can be had is taken. */
void gst_wsctl_pool_input_start (GstWsctlPoolInput * self, GstWsctlPool * pool,
    const GstCaps * wanted);
/* Is its track there? Any thread. */
gboolean gst_wsctl_pool_input_is_ready (GstWsctlPoolInput * self);
/* NULL before it is ready. Transfer full. Any thread. */
GstWsctlManagedStream *gst_wsctl_pool_input_get_stream (GstWsctlPoolInput *
    self);
/* Everything is in READY: takes the track and its chain away. */
void gst_wsctl_pool_input_stop (GstWsctlPoolInput * self);
/* Takes away all, with the pad. */
void gst_wsctl_pool_input_remove (GstWsctlPoolInput * self);

G_END_DECLS
