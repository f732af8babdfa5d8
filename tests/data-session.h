/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Two webrtcbins in one process, with nothing but data channels between them.
 */

#pragma once

#include "wsctldatachannel-private.h"

G_BEGIN_DECLS

typedef struct
{
  GstWsctlLoop *loop;
  GstElement *webrtcbin;
  GMainContext *context;        /* the test's, woken by what happens */
  GMutex lock;
  GQueue channels;              /* lock; GstWsctlDataChannel, of the peer */
} DataSide;

typedef struct
{
  GstElement *pipeline;
  DataSide sides[2];
} DataSession;

DataSession *data_session_new (void);
void data_session_free (DataSession * self);
/* The first side offers, once it has a channel. Waits until both know what the
 * other said. */
void data_session_negotiate (DataSession * self);

/* A channel that @side makes */
GstWsctlDataChannel *data_side_create (DataSide * side, const gchar * label,
    const GstStructure * options);
/* Waits for one that the peer made. Transfer full. */
GstWsctlDataChannel *data_side_wait_channel (DataSide * side);
guint data_side_count_elements (DataSide * side);

/* What a channel says: kept, in order, as "open", "close", "close: ERROR",
 * "low", "text …" and "data N" */
typedef struct
{
  GstWsctlDataChannel *channel;
  GMainContext *context;
  GMutex lock;
  GPtrArray *said;              /* lock */
  guint64 n_bytes;              /* lock */
  guint n_messages;             /* lock */
  gboolean quiet;               /* messages are only counted */
} DataLog;

DataLog *data_log_new (GstWsctlDataChannel * channel);
void data_log_free (DataLog * self);
void data_log_wait (DataLog * self, const gchar * what);
void data_log_wait_messages (DataLog * self, guint n);
/* The @n-th message, as it is in `said`. Transfer none. */
const gchar *data_log_get_message (DataLog * self, guint n);
gboolean data_log_has (DataLog * self, const gchar * what);

G_END_DECLS
