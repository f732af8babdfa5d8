/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* When another session follows one that failed, and how soon. Pure: time and
 * chance are given. Not thread-safe. */

typedef enum
{
  GST_WSCTL_RECONNECT_NEVER,
  GST_WSCTL_RECONNECT_ESTABLISHED,
  GST_WSCTL_RECONNECT_ALWAYS,
} GstWsctlReconnectMode;

/* All zero is no valid one: see gst_wsctl_reconnect_init(). */
typedef struct
{
  GstWsctlReconnectMode mode;
  guint min_delay_ms;
  guint max_delay_ms;
  gint retries;                 /* in a row; -1: no limit */

  gboolean established;         /* media could flow, once since begin */
  gint64 connected_us;          /* this session's; 0: not connected */
  gint64 lost_us;               /* since when it is away; 0: it is not */
  guint attempt;                /* how many since it could last be relied on */
  guint n_reconnects;           /* how often it came back since begin */
} GstWsctlReconnect;

/* What to do, and what to say of it */
typedef struct
{
  guint attempt;                /* from 1 on */
  guint delay_ms;
} GstWsctlReconnectPlan;

void gst_wsctl_reconnect_init (GstWsctlReconnect * self);
/* The element starts: forgets what has been. */
void gst_wsctl_reconnect_begin (GstWsctlReconnect * self);
void gst_wsctl_reconnect_connected (GstWsctlReconnect * self, gint64 now_us);
/* A session has ended with @error. FALSE: no other one follows. @chance: 0 to 1 */
gboolean gst_wsctl_reconnect_plan (GstWsctlReconnect * self,
    const GError * error, gint64 now_us, gdouble chance,
    GstWsctlReconnectPlan * plan);
/* Before the @attempt-th try (from 1 on) */
guint gst_wsctl_reconnect_get_delay_ms (const GstWsctlReconnect * self,
    guint attempt, gdouble chance);

/* Properties: so many from a number on. FALSE for one that is not of them. */
#define GST_WSCTL_RECONNECT_N_PROPS 4
void gst_wsctl_reconnect_install_properties (GObjectClass * klass,
    guint first_id);
gboolean gst_wsctl_reconnect_set_value (GstWsctlReconnect * self, guint index,
    const GValue * value);
gboolean gst_wsctl_reconnect_get_value (const GstWsctlReconnect * self,
    guint index, GValue * value);

G_END_DECLS
