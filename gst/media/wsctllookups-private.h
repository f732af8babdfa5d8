/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* Hands remote candidates to webrtcbin, and looks up those that have a host name
 * for an address (RFC 8839, 5.1; mDNS as far as the system's resolver knows it).
 * On the loop. */
typedef struct _GstWsctlLookups GstWsctlLookups;

/* A lookup has ended: with @address, or without, when it has failed. */
typedef void (*GstWsctlLookupFunc) (const gchar * address, guint16 port,
    gpointer data);

GstWsctlLookups *gst_wsctl_lookups_new (GstWsctlLoop * loop,
    GstElement * webrtcbin);
void gst_wsctl_lookups_unref (GstWsctlLookups * self);
void gst_wsctl_lookups_set_func (GstWsctlLookups * self,
    GstWsctlLookupFunc func, gpointer data);
/* Ends all lookups; @func is called no more. */
void gst_wsctl_lookups_close (GstWsctlLookups * self);

void gst_wsctl_lookups_add (GstWsctlLookups * self, guint mline,
    const gchar * candidate);

/* TRUE when a name is being looked up */
gboolean gst_wsctl_lookups_is_pending (GstWsctlLookups * self);
/* Names that have no address so far, and why, as the end of a sentence, or NULL.
 * Transfer full. */
gchar *gst_wsctl_lookups_get_failure (GstWsctlLookups * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlLookups, gst_wsctl_lookups_unref)

G_END_DECLS
