/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlrendition-private.h"

G_BEGIN_DECLS

typedef struct
{
  GArray *items;                /* GstWsctlRendition, best first */
  gint current;                 /* what is played or asked for; -1: unknown */
  gboolean fixed;
  gboolean asked;               /* another than was taken last */
} GstWsctlLadderState;

/* What every policy sees of the outside. Its state begins with this. */
typedef struct
{
  GstWsctlLadderState ladders[GST_WSCTL_N_LADDERS];
  GstWsctlRenditionReport report;       /* the last one */
} GstWsctlRenditionState;

/* Any function may be missing. */
typedef struct
{
  gsize size;                   /* of the policy's own state, zeros at first */
  void (*playing) (GstWsctlRenditionState * state, gint64 time_us);
  void (*report) (GstWsctlRenditionState * state, gint64 time_us,
      const GstWsctlRenditionReport * report);
} GstWsctlRenditionClass;

extern const GstWsctlRenditionClass gst_wsctl_rendition_linear;
extern const GstWsctlRenditionClass gst_wsctl_rendition_adaptive;

/* A ladder that a policy may move: it has several, and it is known which of them
 * is played. */
gboolean gst_wsctl_ladder_is_free (const GstWsctlLadderState * self);
/* By so many steps, 1 for the next better one; FALSE at the end of it. */
gboolean gst_wsctl_ladder_move (GstWsctlLadderState * self, gint steps);
/* 0 when it is not known */
guint64 gst_wsctl_ladder_get_bitrate (const GstWsctlLadderState * self,
    gint position);

G_END_DECLS
