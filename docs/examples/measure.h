/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What the demo measures. Any thread. */
typedef struct _Measure Measure;

typedef enum
{
  MOMENT_PUBLISH_START,
  MOMENT_PUBLISH_OPEN,
  MOMENT_PUBLISH_CONNECTED,
  MOMENT_PLAY_START,
  MOMENT_PLAY_OPEN,
  MOMENT_PLAY_CONNECTED,
  MOMENT_FIRST_FRAME,
  N_MOMENTS
} Moment;

Measure *measure_new (void);
void measure_free (Measure * self);

/* Now is @moment; only the first time counts. TRUE for that one. */
gboolean measure_mark (Measure * self, Moment moment);
/* In ms; -1 when one of them never came. */
gdouble measure_get_interval (Measure * self, Moment from, Moment to);

/* A stamp for what is captured now */
guint32 measure_make_stamp (Measure * self);
/* A frame is decoded; @stamp is NULL when it could not be read. */
void measure_add_decoded (Measure * self, const guint32 * stamp);
/* A frame is shown. */
void measure_add_shown (Measure * self, const guint32 * stamp);
void measure_add_audio (Measure * self, GstClockTime duration);

/* Why this is no success; NULL when it is one. */
const gchar *measure_get_fault (Measure * self);
void measure_print (Measure * self);
void measure_print_json (Measure * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Measure, measure_free)

G_END_DECLS
