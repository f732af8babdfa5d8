/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "testpipeline.h"

G_BEGIN_DECLS

/* A player of one medium of a stream, which looks at what it gets. */
typedef struct _TestPlayer TestPlayer;

/* Sent as video, it is black and white by turns. */
#define TEST_BLINK "videotestsrc is-live=true pattern=blink ! "
#define TEST_TONE "audiotestsrc is-live=true samplesperbuffer=480 ! "

/* @kind: "video" or "audio". Plays; waits for the stream, if nobody publishes it yet. */
TestPlayer *test_player_new (GstWsctlServer * server, const gchar * stream,
    const gchar * kind);
/* Waits until wsctlsrc has given such caps. */
void test_player_wait_caps (TestPlayer * self, const gchar * caps);
/* Waits for a black picture and a white one. */
void test_player_wait_blink (TestPlayer * self);
/* Waits for a second of sound that is like this. */
void test_player_wait_sound (TestPlayer * self, gboolean left, gboolean right);
/* Stops; without an error or a warning. */
void test_player_free (TestPlayer * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPlayer, test_player_free)

G_END_DECLS
