/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlbin.h"
#include "gstwsctlreconnect.h"
#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* The inside of the base class, for its own two files: the element, and the
 * sessions that it has one after the other. */
typedef struct
{
  GstWsctlLoop *loop;           /* from begin to end: between sessions as well */

  GMutex lock;
  GstWsctlConfig *config;       /* lock */
  GstWsctlReconnect reconnect;  /* lock */
  GstWsctlController *controller;       /* lock; while there is a session */
  guint number;                 /* lock: of the session */
  gboolean active;              /* lock: sessions may be made */
  gboolean away;                /* lock: one has failed, another follows */
  gboolean playing;             /* lock: sessions may be opened */
  gboolean wanted;              /* lock: its media are known */
  gboolean opening;             /* lock: begun */
  gboolean told;                /* lock: how it ended */
  GstStructure *report;         /* lock: the server's last */
  gint64 report_us;             /* lock: when it came */

  /* Held while a session is put into the bin or taken out of it. Never taken on
   * the loop. Recursive, as the lock of states is: whoever hears of an error in
   * between may change a state. */
  GRecMutex swap_lock;

  GSource *timer;               /* the loop only: until the next try */
} GstWsctlBinPrivate;

GstWsctlBinPrivate *gst_wsctl_bin_get_private (GstWsctlBin * self);

/* Signals and messages. No lock held. */
void gst_wsctl_bin_emit_open (GstWsctlBin * self, GstStructure * stream);
void gst_wsctl_bin_emit_connected (GstWsctlBin * self);
void gst_wsctl_bin_emit_reconnecting (GstWsctlBin * self,
    const GstWsctlReconnectPlan * plan, const GError * error);
void gst_wsctl_bin_emit_close (GstWsctlBin * self, const GError * error);

/* Sessions, in the order of a life. Application's thread. */
gboolean gst_wsctl_bin_begin (GstWsctlBin * self);
/* Everything is in PAUSED. */
gboolean gst_wsctl_bin_finish_begin (GstWsctlBin * self);
/* In PLAYING what is wanted is opened; what is open stays so in PAUSED. */
void gst_wsctl_bin_set_playing (GstWsctlBin * self, gboolean playing);
/* Returns with nothing more to come, from this session or another. */
void gst_wsctl_bin_close (GstWsctlBin * self);
/* Everything is in READY. */
void gst_wsctl_bin_end (GstWsctlBin * self);

/* Any thread: the session is over, another may follow … */
void gst_wsctl_bin_lose (GstWsctlBin * self, const GError * error);
/* … or none will. */
void gst_wsctl_bin_close_by_hand (GstWsctlBin * self);

G_END_DECLS
