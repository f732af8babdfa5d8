/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstWsctlMitigationMode:
 * @GST_WSCTL_MITIGATION_MODE_NONE: the picture stays as it is
 * @GST_WSCTL_MITIGATION_MODE_DOWNSCALED: it may be made smaller
 * @GST_WSCTL_MITIGATION_MODE_DOWNSAMPLED: every other frame may be left out
 *
 * What may be done to a picture that the bitrate is too low for. Names as in
 * webrtcsink.
 */
typedef enum
{
  GST_WSCTL_MITIGATION_MODE_NONE = 0,
  GST_WSCTL_MITIGATION_MODE_DOWNSCALED = 1 << 0,
  GST_WSCTL_MITIGATION_MODE_DOWNSAMPLED = 1 << 1,
} GstWsctlMitigationMode;

#define GST_WSCTL_MITIGATION_MODE_ALL \
    (GST_WSCTL_MITIGATION_MODE_DOWNSCALED | \
        GST_WSCTL_MITIGATION_MODE_DOWNSAMPLED)

#define GST_WSCTL_TYPE_MITIGATION_MODE (gst_wsctl_mitigation_mode_get_type ())
GType gst_wsctl_mitigation_mode_get_type (void);

/* A picture as it comes in, or as it is to be sent */
typedef struct
{
  gint width;
  gint height;
  gint fps_n;
  gint fps_d;
} GstWsctlPicture;

/* The picture to make of @input at this bitrate; @now is the one sent so far,
 * for what was made smaller grows again only with some room to spare. A pure
 * function. */
GstWsctlPicture gst_wsctl_mitigation_choose (GstWsctlMitigationMode modes,
    guint bitrate_bps, const GstWsctlPicture * input,
    const GstWsctlPicture * now);

/* What does it, in front of an encoder: a scaler with its filter in @bin, and
 * the frames that are left out. It tells the encoder a framerate, too. */
typedef struct _GstWsctlMitigation GstWsctlMitigation;

/* @able: FALSE for pictures that are not in our memory, which stay as they are */
GstWsctlMitigation *gst_wsctl_mitigation_new (GstBin * bin, gboolean able,
    GstElement ** first, GstElement ** last);
void gst_wsctl_mitigation_free (GstWsctlMitigation * self);
/* Any thread. 0 bit/s: not known, so nothing is done. */
void gst_wsctl_mitigation_set (GstWsctlMitigation * self,
    GstWsctlMitigationMode modes, guint bitrate_bps);

/* The streaming thread: with each caps event, the caps to go on with (transfer
 * full); */
GstCaps *gst_wsctl_mitigation_take_caps (GstWsctlMitigation * self,
    const GstCaps * caps);
/* with each buffer, whether it passes, and new caps to send before it, or
 * NULL. */
gboolean gst_wsctl_mitigation_take_buffer (GstWsctlMitigation * self,
    GstBuffer * buffer, GstCaps ** caps);

G_END_DECLS
