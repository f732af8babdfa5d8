/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* How a family of encoders is set up for live media: one row of a constant
 * table. */
typedef struct
{
  const gchar *factory;         /* name, or a pattern of names */
  const gchar *codec;
  /* name=value, by spaces; what a version does not have is left out. */
  const gchar *settings;
  /* Where the bitrate goes; @bitrate_field in it when it is a structure. NULL
   * when there is none to set. */
  const gchar *bitrate_property;
  const gchar *bitrate_field;
  guint bitrate_unit;           /* bit/s */
  guint min_bitrate_bps;
  guint max_bitrate_bps;
  const gchar *formats;         /* of raw media that lead to @profile */
  const gchar *profile;         /* caps that it must make, or NULL */
  gboolean slow;                /* known to hold frames back: taken last */
  /* A GstForceKeyUnit event from downstream is not heeded by some version, so
   * the settings have a key frame every two seconds. */
  gboolean deaf;
} GstWsctlEncoderRow;

/* Ends with a NULL factory. */
const GstWsctlEncoderRow *gst_wsctl_encoder_table_get (void);
/* The row of a factory's name for this codec (NULL: for any), or NULL. */
const GstWsctlEncoderRow *gst_wsctl_encoder_table_find (const gchar * factory,
    const gchar * codec);

G_END_DECLS
