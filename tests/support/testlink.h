/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One direction of a bad network. Pure: the time is given, and chance has a
 * seed, so that the same packets at the same times have the same fate. A
 * packet may be lost, then waits in a queue for its share of the bandwidth,
 * then is on its way. */

/* All zero: a perfect link */
typedef struct
{
  guint64 rate_bps;             /* bandwidth; 0: no limit */
  guint bucket_bytes;           /* that go at once after a pause; 0: 3000 */
  guint queue_bytes;            /* more than that is dropped; 0: 64000 */
  guint delay_ms;
  guint jitter_ms;              /* up to that on top, in order */
  gdouble loss;                 /* share of packets, 0 to 1 */
  gdouble burst;                /* mean number lost in a row; up to 1: chance */
  gdouble reorder;              /* share of packets that others overtake */
  guint reorder_ms;             /* how late those are; 0: 20 */
  gboolean blackout;            /* nothing more gets in */
} TestConditions;

typedef struct
{
  guint64 n_in;                 /* packets */
  guint64 n_out;
  guint64 bytes_in;
  guint64 bytes_out;
  guint64 n_lost;               /* by chance */
  guint64 n_overflowed;         /* the queue was full */
  guint64 n_blacked_out;
  guint64 n_reordered;
  guint64 queue_delay_sum_us;   /* over those that left the queue */
  guint64 n_queued;             /* how many those are */
  guint64 queue_delay_max_us;
} TestLinkReport;

typedef struct _TestLink TestLink;

TestLink *test_link_new (guint32 seed);
void test_link_free (TestLink * self);
/* From now on; what is in the queue or on its way is not lost. */
void test_link_set (TestLink * self, const TestConditions * conditions,
    gint64 now_us);
void test_link_push (TestLink * self, GBytes * packet, gint64 now_us);
/* The next packet to arrive by now, or NULL. Transfer full. */
GBytes *test_link_pop (TestLink * self, gint64 now_us);
/* When test_link_pop() may have something; G_MAXINT64: nothing is inside */
gint64 test_link_get_next_us (TestLink * self);
const TestLinkReport *test_link_get_report (TestLink * self);
/* Adds @other to @report. */
void test_link_report_add (TestLinkReport * report,
    const TestLinkReport * other);
/* One line. Transfer full. */
gchar *test_link_report_to_string (const TestLinkReport * report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestLink, test_link_free)

G_END_DECLS
