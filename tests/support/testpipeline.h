/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlserver-private.h"

G_BEGIN_DECLS

/* A pipeline whose every message is kept, so that a test can wait for one that
 * came before it looked, and count those that must be single. */
typedef struct _TestPipeline TestPipeline;

/* A launch line; the test fails when it cannot be made. */
TestPipeline *test_pipeline_new (const gchar * format, ...) G_GNUC_PRINTF (1,
    2);
/* To NULL, within a second; a second time it does nothing. */
void test_pipeline_stop (TestPipeline * self);
/* Stops as well. */
void test_pipeline_free (TestPipeline * self);

/* State: returns when the change is made, or began if it is asynchronous. */
void test_pipeline_set_state (TestPipeline * self, GstState state);
void test_pipeline_play (TestPipeline * self);
/* Transfer none */
GstElement *test_pipeline_get (TestPipeline * self);
/* By name; transfer full */
GstElement *test_pipeline_find (TestPipeline * self, const gchar * name);

/* Messages; transfer none, valid until the pipeline is freed. */
const GstStructure *test_pipeline_wait_element (TestPipeline * self,
    const gchar * name);
/* One whose string @field is @text */
const GstStructure *test_pipeline_wait_text (TestPipeline * self,
    const gchar * name, const gchar * field, const gchar * text);
/* One that @match takes; @what: said when none comes */
typedef gboolean (*TestMatch) (GstMessage * message, gconstpointer data);
GstMessage *test_pipeline_wait_match (TestPipeline * self, TestMatch match,
    gconstpointer data, const gchar * what);
GstMessage *test_pipeline_wait_type (TestPipeline * self, GstMessageType type);
/* Until there are @n of @type, @timeout_ms at most. FALSE: there are not */
gboolean test_pipeline_wait_count (TestPipeline * self, GstMessageType type,
    guint n, guint timeout_ms);
guint test_pipeline_count_element (TestPipeline * self, const gchar * name);
guint test_pipeline_count_type (TestPipeline * self, GstMessageType type);
/* Waits for the error, stops, and checks that it was the only one. @text: what
 * its sentence holds. */
void test_pipeline_expect_error (TestPipeline * self, GQuark domain, gint code,
    const gchar * text);
/* Waits for an error or a warning, @timeout_ms at most. Returns the texts of all
 * so far. */
GStrv test_pipeline_wait_bad (TestPipeline * self, guint timeout_ms);
/* No error and no warning so far */
void test_pipeline_assert_healthy (TestPipeline * self);
/* Forgets what came so far. */
void test_pipeline_forget (TestPipeline * self);

/* A pad that is watched: what has passed it. */
typedef struct _TestTap TestTap;

TestTap *test_tap_new (TestPipeline * pipeline, const gchar * element,
    const gchar * pad);
TestTap *test_tap_new_for_element (GstElement * element, const gchar * pad);
/* Waits until @n more buffers have passed. */
void test_tap_wait (TestTap * self, guint n);
/* Waits until caps of this name have come with a buffer. */
void test_tap_wait_caps (TestTap * self, const gchar * caps);
void test_tap_wait_eos (TestTap * self);
guint test_tap_count (TestTap * self);
/* The last one; transfer full, or NULL */
GstBuffer *test_tap_get_buffer (TestTap * self);
GstCaps *test_tap_get_caps (TestTap * self);
void test_tap_free (TestTap * self);

/* wsctl-server, started, with these faults */
GstWsctlServer *test_wsctl_server_new (GstWsctlServerFault faults);
/* "ws://127.0.0.1:PORT/webrtc/NAME" */
gchar *test_wsctl_server_get_uri (GstWsctlServer * server, const gchar * name);
/* Waits until frames have come in. */
void test_wsctl_server_wait_frames (GstWsctlServer * server,
    const gchar * stream, const gchar * kind, guint64 n);
void test_wsctl_server_wait_sessions (GstWsctlServer * server, guint n);

/* How many threads and file descriptors this process has */
guint test_count_threads (void);
guint test_count_descriptors (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPipeline, test_pipeline_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestTap, test_tap_free)

G_END_DECLS
