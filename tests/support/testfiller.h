/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A stand-in for an encoder that a small machine could not run: fills each frame
 * that leaves the source pad of a vp8enc up to the size that a bitrate allows, a
 * tenth more or less, key frames to two and a half times as much. 30 frames a
 * second. */
typedef guint (*TestFillerFunc) (gpointer data);

/* @get_bitrate: bit/s, on the streaming thread */
void test_filler_add (GstPad * pad, guint32 seed, TestFillerFunc get_bitrate,
    gpointer data);

G_END_DECLS
