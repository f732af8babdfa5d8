/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

/* The codecs that wsctlsrc is to ask for: what can be received, as far as its
 * properties have nothing against it. Any thread. */
typedef struct _GstWsctlSrcWanted GstWsctlSrcWanted;

GstWsctlSrcWanted *gst_wsctl_src_wanted_new (void);
void gst_wsctl_src_wanted_free (GstWsctlSrcWanted * self);

/* For the offer: transfer full, EMPTY for none */
GstCaps *gst_wsctl_src_wanted_make_offer (GstWsctlSrcWanted * self,
    GstWsctlMediaKind kind);
/* Loads what will most likely be needed, on threads beside. */
void gst_wsctl_src_wanted_warm_up (GstWsctlSrcWanted * self);
/* Of what is needed to receive anything */
void gst_wsctl_src_wanted_post_missing (GstWsctlSrcWanted * self,
    GstElement * element);

/* wsctlsrc's properties, numbered from @first on. FALSE for another. */
#define GST_WSCTL_SRC_WANTED_N_PROPS GST_WSCTL_N_MEDIA_KINDS
void gst_wsctl_src_wanted_install_properties (GObjectClass * klass,
    guint first);
gboolean gst_wsctl_src_wanted_set_property (GstWsctlSrcWanted * self,
    guint index, const GValue * value);
gboolean gst_wsctl_src_wanted_get_property (GstWsctlSrcWanted * self,
    guint index, GValue * value);

G_END_DECLS
