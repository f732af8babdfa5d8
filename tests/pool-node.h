/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A pipeline with wsctlpool in it, named p: what it hears on the bus and gets.
 */

#pragma once

#include "pool-session.h"

G_BEGIN_DECLS

#define NODE_VIDEO "videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64,framerate=30/1 ! p.video "
#define NODE_ENCODED_VIDEO "videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64,framerate=30/1 ! vp8enc deadline=1 ! " \
    "p.video "
#define NODE_AUDIO "audiotestsrc is-live=true ! p.audio "

/* Counters are atomic: messages and data come on other threads. */
typedef struct
{
  GMainContext *context;
  GstElement *pipeline;
  GstElement *element;
  gint n_joined;
  gint n_peers;
  gint n_left;
  gint n_pads;
  gint n_pads_gone;
  gint n_errors;
  gint n_warnings;
  gint n_eos;
  gint n_channels;              /* wsctl-datachannel */
  gint n_video;                 /* decoded pictures */
  gint n_audio;
  GQuark error_domain;          /* set before n_errors */
} PoolNode;

/* In NULL, and in PLAYING */
PoolNode *pool_node_new (const gchar * uri, const gchar * launch);
PoolNode *pool_node_play (const gchar * uri, const gchar * launch);
/* Stops, and checks that nothing is left. */
void pool_node_free (PoolNode * self);

/* Waits until *@counter is @n or more, or until it has grown by @n. */
void pool_node_wait (gint * counter, gint n, const gchar * what);
void pool_node_wait_more (gint * counter, gint n, const gchar * what);
/* How many elements of that factory are in its wsctlpool, at any depth */
guint pool_node_count_elements (PoolNode * self, const gchar * factory);

G_END_DECLS
