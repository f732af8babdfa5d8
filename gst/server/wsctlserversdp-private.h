/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlservercodec-private.h"

G_BEGIN_DECLS

/* An offer read, and its answer written as MistServer writes it
 * (docs/protocol.md, "One session is one WebSocket"). Pure, total over any
 * text. */

typedef enum
{
  GST_WSCTL_SERVER_DIRECTION_SENDRECV,
  GST_WSCTL_SERVER_DIRECTION_SENDONLY,
  GST_WSCTL_SERVER_DIRECTION_RECVONLY,
  GST_WSCTL_SERVER_DIRECTION_INACTIVE,
} GstWsctlServerDirection;

typedef struct
{
  guint8 pt;
  gchar *rtpmap;                /* "H264/90000", as written */
  gchar *fmtp;                  /* NULL when absent */
  const GstWsctlServerCodec *codec;     /* NULL when not supported */
} GstWsctlServerFormat;

typedef struct
{
  GstWsctlServerKind kind;
  gchar *media;                 /* the words of the m-line */
  gchar *protocol;
  gchar *payloads;              /* "96 98" */
  gchar *mid;
  gchar *ufrag;                 /* its own, or the session's */
  gchar *pwd;
  gchar *fingerprint;           /* "sha-256 AA:…" */
  gchar *setup;
  GstWsctlServerDirection direction;
  gboolean rejected;            /* port 0 without bundle-only */
  GPtrArray *formats;           /* of GstWsctlServerFormat, as offered */
  GstWsctlServerFormat *chosen; /* set by choose(); NULL: not served */
  gboolean channels;            /* set by choose_channels() */
} GstWsctlServerMedia;

typedef struct
{
  GPtrArray *medias;            /* of GstWsctlServerMedia */
} GstWsctlServerOffer;

/* What an answer says of this end */
typedef struct
{
  const gchar *ufrag;
  const gchar *pwd;
  const gchar *fingerprint;
  const gchar *const *candidates;
  guint64 session_id;
} GstWsctlServerAnswer;

GstWsctlServerOffer *gst_wsctl_server_offer_parse (const gchar * text);
void gst_wsctl_server_offer_free (GstWsctlServerOffer * self);
/* TRUE for a publisher's */
gboolean gst_wsctl_server_offer_is_sending (const GstWsctlServerOffer * self);
/* Chooses a format for the first medium of @kind that has one: of @codec, or
 * the best liked when NULL. NULL when there is none. */
GstWsctlServerMedia *gst_wsctl_server_offer_choose (GstWsctlServerOffer *
    self, GstWsctlServerKind kind, const GstWsctlServerCodec * codec);
/* The section of data channels; NULL when there is none. */
GstWsctlServerMedia *gst_wsctl_server_offer_choose_channels
    (GstWsctlServerOffer * self);
gchar *gst_wsctl_server_offer_answer (const GstWsctlServerOffer * self,
    const GstWsctlServerAnswer * answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerOffer,
    gst_wsctl_server_offer_free)

G_END_DECLS
