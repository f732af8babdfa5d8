/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Test media: pictures with a number in each, and silence with a beep every half
 * second. Pictures and sound begin together, with number 0 and a beep. */

#define SOURCE_FPS 15
#define SOURCE_BEEP_NS (GST_SECOND / 2)
#define SOURCE_FILM_S 10        /* how long "film" is */
#define SOURCE_SHORT_S 5        /* "short" */
#define SOURCE_LONG_S 30        /* "long" */
#define SOURCE_LOOP_S 2         /* "loop" */

/* What goes before these elements in a launch line. source_media_mark() puts the
 * numbers in at "stamp" and the beeps at "beep". */
#define SOURCE_PICTURE_CAPS "video/x-raw,format=I420,width=640,height=32," \
    "framerate=15/1"
#define SOURCE_PICTURE "videotestsrc pattern=black name=picture ! " \
    SOURCE_PICTURE_CAPS " ! identity name=stamp ! "
#define SOURCE_LIVE_PICTURE "videotestsrc is-live=true pattern=black " \
    "name=picture ! " SOURCE_PICTURE_CAPS " ! identity name=stamp ! "
#define SOURCE_SOUND_CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1"
#define SOURCE_SOUND "audiotestsrc wave=white-noise samplesperbuffer=960 " \
    "name=sound ! " SOURCE_SOUND_CAPS " ! identity name=beep ! "
#define SOURCE_LIVE_SOUND "audiotestsrc is-live=true wave=white-noise " \
    "samplesperbuffer=960 name=sound ! " SOURCE_SOUND_CAPS \
    " ! identity name=beep ! "
#define SOURCE_X264 "x264enc speed-preset=ultrafast tune=zerolatency " \
    "bframes=0 key-int-max=30 ! "

/* Marks what passes the elements "stamp" and "beep" of @bin, if it has them. */
void source_media_mark (GstElement * bin);

/* A directory with the files of the test: film.mp4 (H.264, AAC), film.mkv (H.264,
 * Opus), film.ts (H.264, AAC), the same of the others, and loop00.jpg …
 * Made when first asked for; transfer none. Any thread. */
const gchar *source_media_get_dir (void);
void source_media_remove_dir (void);

/* One picture, or one beep, that a sink has shown */
typedef struct
{
  gint64 at_us;                 /* g_get_monotonic_time() */
  GstClockTime time;            /* running time */
  guint number;                 /* of the picture; beeps are counted */
} SourceMoment;

/* Looks at what sinks show. */
typedef struct _SourceWatch SourceWatch;

SourceWatch *source_watch_new (void);
void source_watch_free (SourceWatch * self);
/* The fakesinks "video" and "audio" of @bin, if it has them. They end before
 * @self does. */
void source_watch_attach (SourceWatch * self, GstElement * bin);
/* Waits until there are @n moments of the kind. FALSE after @timeout_ms */
gboolean source_watch_wait (SourceWatch * self, gboolean sound, guint n,
    guint timeout_ms);
guint source_watch_count (SourceWatch * self, gboolean sound);
/* SourceMoment, a copy of those from @first on; transfer full */
GArray *source_watch_get (SourceWatch * self, gboolean sound, guint first);
/* Pictures whose number cannot be read */
guint source_watch_count_unreadable (SourceWatch * self);
/* How much later sound is than pictures, in milliseconds: in the second half, when
 * a player is in step. Both have been shown. */
gdouble source_watch_get_offset_ms (SourceWatch * self);

G_END_DECLS
