/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsctllitechannels-private.h"
#include "wsctlmessage-private.h"
#include "wsctlserver-private.h"
#include "wsctlserverconstraint-private.h"
#include "wsctlserverguard-private.h"
#include "wsctlserveringest-private.h"
#include "wsctlserveroutlet-private.h"
#include "wsctlserverplayer-private.h"
#include "wsctlserversdp-private.h"
#include "wsctlservertranscoder-private.h"

G_BEGIN_DECLS

typedef struct _GstWsctlServerSession GstWsctlServerSession;

/* What all sessions of a server share. On the server's thread. */
typedef struct
{
  GstWsctlLoop *loop;
  GstWsctlLitePort *port;
  GHashTable *streams;          /* name to GstWsctlServerStream */
  GArray *renditions;           /* to make of every stream; NULL: none */
  GList *sessions;              /* of GstWsctlServerSession */
  guint n_sessions;
  guint last_id;
  GstWsctlServerGuard *guard;
  gboolean tls;
  gboolean takeover;            /* who comes last publishes */
  gboolean stopping;            /* a stream that ends does so with the server */
  guint connect_timeout_ms;
  GstWsctlDialect dialect;
  guint keyframe_interval_ms;
  gint64 keep_ns;               /* of each stream … */
  gsize max_stream_bytes;       /* … and no more than this */
  GstWsctlServerMemory *memory; /* of all streams */
  GstWsctlServerFault faults;
  GstWsctlServerLogFunc log;
  gpointer log_data;
  /* A stream of this name came, went, or has another format. */
  void (*stream_changed) (const gchar * name, gpointer data);
  /* An item of timed data, JSON, of the client with that address */
  void (*give) (const gchar * name, const gchar * json, const gchar * address,
      gpointer data);
  gpointer data;
} GstWsctlServerCore;

/* How the socket goes */
typedef enum
{
  GST_WSCTL_SERVER_END_CLOSE,   /* with a close frame, code 1000 */
  GST_WSCTL_SERVER_END_AWAY,    /* likewise, code 1001: the server itself ends */
  GST_WSCTL_SERVER_END_DROP,    /* just the TCP connection: 1006 */
} GstWsctlServerEnd;

/* What the socket's request says; copied */
typedef struct
{
  const gchar *name;            /* of the stream */
  const gchar *address;         /* of the client */
  gboolean may_publish;
  gboolean may_play;
  const gchar *audio;           /* the first tracks; NULL: any */
  const gchar *video;
} GstWsctlServerSessionParams;

/* Only for wsctlserversession.c, -offer.c, -play.c, -channels.c, -commands.c and
 * -playercommands.c */
struct _GstWsctlServerSession
{
  GstWsctlServerCore *core;
  guint id;
  gchar *name;                  /* as asked for: STREAM or STREAM~RENDITION */
  gchar *stream_name;
  gchar *rendition;             /* NULL: the stream itself */
  gchar *address;
  gboolean may_publish;
  gboolean may_play;
  gchar *audio;
  gchar *video;
  SoupWebsocketConnection *socket;
  GstWsctlServerOutlet outlet;
  gboolean stuck;               /* nobody reads at the other end */
  GstWsctlServerBucket commands;
  gint64 opened_us;
  gboolean ended;
  gboolean returning;           /* its socket was lost, or goes away */
  GstWsctlServerFault faults;   /* as they were at the offer */
  gint64 offered_us;            /* 0: no offer yet */

  /* Media; NULL before an answer, and when none is served */
  GstWsctlLitePeer *peer;
  GstWsctlServerStream *stream;
  gulong subscription;
  GstWsctlServerIngest *ingest; /* a publisher's */
  GPtrArray *transcoders;       /* likewise; NULL: none */
  GstWsctlServerPlayer *player; /* a player's */
  GSource *second_timer;

  /* Data channels; NULL: none were offered */
  GstWsctlLiteChannels *channels;
  GSource *tick_timer;          /* while something is on its way */
  GSource *control_timer;       /* while a command waits */
  GQueue controls;              /* gchar *: commands */
  GstWsctlServerBucket items;   /* of a publisher's data */

  /* Commands */
  GstWsctlServerConstraint constraint;
  guint nack;
  guint drop;
  guint keyframe_interval_ms;
  gdouble play_rate;            /* 0: auto */
};

/* A session for a socket that has just opened. Transfer none: it frees itself
 * after its end. */
GstWsctlServerSession *gst_wsctl_server_session_new (GstWsctlServerCore *
    core, SoupWebsocketConnection * socket,
    const GstWsctlServerSessionParams * params);
/* Lets go of the media at once and of the socket soon; idempotent. */
void gst_wsctl_server_session_end (GstWsctlServerSession * self,
    GstWsctlServerEnd how, const gchar * why);
void gst_wsctl_server_session_send (GstWsctlServerSession * self,
    const GstWsctlEvent * event);
void gst_wsctl_server_session_send_text (GstWsctlServerSession * self,
    const gchar * text);
void gst_wsctl_server_session_send_error (GstWsctlServerSession * self,
    const gchar * command, const gchar * message);
void gst_wsctl_server_session_send_stop (GstWsctlServerSession * self);
void gst_wsctl_server_session_log (GstWsctlServerSession * self,
    const gchar * format, ...) G_GNUC_PRINTF (2, 3);

/* wsctlserveroffer.c; the peer is made once */
void gst_wsctl_server_session_take_offer (GstWsctlServerSession * self,
    const gchar * text);
void gst_wsctl_server_session_open_peer (GstWsctlServerSession * self,
    const GstWsctlServerMedia * media);

/* wsctlserverchannels.c; open_channels() when there is a peer and data channels
 * were offered, close_channels() outside of the peer's callbacks */
void gst_wsctl_server_session_open_channels (GstWsctlServerSession * self,
    GstWsctlServerOffer * offer);
void gst_wsctl_server_session_take_sctp (GstWsctlServerSession * self,
    const guint8 * packet, gsize size);
void gst_wsctl_server_session_stop_channels (GstWsctlServerSession * self);
void gst_wsctl_server_session_close_channels (GstWsctlServerSession * self);
/* The client has opened a channel for commands, and is answered there. */
gboolean gst_wsctl_server_session_has_control (GstWsctlServerSession * self);
gboolean gst_wsctl_server_session_send_control (GstWsctlServerSession * self,
    const gchar * text);
/* An item of timed data, JSON, if a player has opened a channel for such */
void gst_wsctl_server_session_send_item (GstWsctlServerSession * self,
    const gchar * item);

/* wsctlserverplay.c: with the session's stream */
void gst_wsctl_server_session_play (GstWsctlServerSession * self,
    GstWsctlServerOffer * offer);

/* wsctlservercommands.c; @text NULL for what is no text */
void gst_wsctl_server_session_take_message (GstWsctlServerSession * self,
    const gchar * text);
/* Once a second while there is media */
void gst_wsctl_server_session_send_reports (GstWsctlServerSession * self);

/* wsctlserverplayercommands.c; FALSE for what is not a player's */
gboolean gst_wsctl_server_session_run_player_command (GstWsctlServerSession *
    self, const GstWsctlCommand * command);
void gst_wsctl_server_session_send_time (GstWsctlServerSession * self);
/* That it catches up from a key frame, and that it has */
void gst_wsctl_server_session_send_fast_forward (GstWsctlServerSession * self);

G_END_DECLS
