/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "testpipeline.h"
#include "testrelay.h"
#include "wsctlmedia.h"

G_BEGIN_DECLS

/* A publisher whose pictures carry numbers, and whose sound is a short noise
 * every half second; and a player that is told how long both take, from the clock
 * of the publisher to that of the player. One at a time. */
typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  TestPipeline *sender;
  TestPipeline *player;         /* who plays sets it; it ends with the rest */
} SyncMedia;

/* @relay: on the way of media, or NULL */
void sync_media_begin (SyncMedia * self, TestRelay * relay);
void sync_media_end (SyncMedia * self);
/* What comes to @sink, which is one of the player's, is looked at. */
void sync_media_watch (GstElement * sink, GstWsctlMediaKind kind);
/* The publisher gives nothing of it, or goes on. */
void sync_media_stall (GstWsctlMediaKind kind, gboolean stalled);

/* Pictures, or noises, that have been shown */
guint sync_media_count (GstWsctlMediaKind kind);
/* Waits for as many, since the beginning. Returns how long the last one took,
 * milliseconds. */
gdouble sync_media_wait (GstWsctlMediaKind kind, guint n);
/* How much longer sound takes than pictures, milliseconds, in the middle of some
 * seconds: it is an error when that is not close to nothing. */
gdouble sync_media_measure (void);

G_END_DECLS
