/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The messages of a pool (docs/protocol.md, "Pool signalling"): JSON text from and to
 * typed values. Pure, total over any input. What a message does not carry is
 * NULL, numbers -1. */
typedef enum
{
  GST_WSCTL_SSP_UNKNOWN,
  GST_WSCTL_SSP_JOIN,           /* to the server only */
  GST_WSCTL_SSP_SDP,            /* both ways */
  GST_WSCTL_SSP_CANDIDATE,      /* both ways */
  GST_WSCTL_SSP_JOINED,         /* to a client only, from here on */
  GST_WSCTL_SSP_PEER,
  GST_WSCTL_SSP_CLOSE,
  GST_WSCTL_SSP_STOP,
  GST_WSCTL_SSP_DESCRIBE,
  GST_WSCTL_SSP_ERROR,
} GstWsctlSspType;

/* Who reads it: some members have a name for each. */
typedef enum
{
  GST_WSCTL_SSP_TO_SERVER,
  GST_WSCTL_SSP_TO_CLIENT,
} GstWsctlSspDirection;

/* Limits of what is taken */
#define GST_WSCTL_SSP_MAX_MESSAGE_SIZE (256 * 1024)
#define GST_WSCTL_SSP_MAX_SDP_SIZE (64 * 1024)
#define GST_WSCTL_SSP_MAX_CANDIDATE_SIZE 1024
#define GST_WSCTL_SSP_MAX_ID_SIZE 128
#define GST_WSCTL_SSP_MAX_PEERS 256
#define GST_WSCTL_SSP_MAX_DESCRIPTION_SIZE (16 * 1024)

typedef struct
{
  GstWsctlSspType type;
  gchar *name;                  /* the `type` as written */
  gchar *pool;                  /* rtc:join, rtc:joined */
  /* rtc:joined: the client's own; else the other peer: who it is for, or who
   * it is from or about */
  gchar *id;
  GStrv peers;                  /* rtc:joined */
  GHashTable *descriptions;     /* rtc:joined: id to GVariant */
  gchar *sdp_type;              /* rtc:sdp: "offer", "answer" */
  gchar *sdp;
  gchar *candidate;             /* rtc:candidate; NULL: there are no more */
  gchar *sdp_mid;
  gint64 sdp_mline_index;
  gchar *username_fragment;
  GVariant *description;        /* rtc:describe */
  gchar *message;               /* rtc:error */
  gchar *reason;
} GstWsctlSsp;

GstWsctlSsp *gst_wsctl_ssp_new (GstWsctlSspType type);
GstWsctlSsp *gst_wsctl_ssp_parse (const gchar * text,
    GstWsctlSspDirection direction, GError ** error);
gchar *gst_wsctl_ssp_to_json (const GstWsctlSsp * message,
    GstWsctlSspDirection direction);
void gst_wsctl_ssp_free (GstWsctlSsp * message);

/* An id of a pool or a peer: 1 to 128 bytes of printable ASCII but the space
 * and what is special in a URL or in JSON */
gboolean gst_wsctl_ssp_is_id (const gchar * id);
/* Any JSON value, as a GVariant that is not floating; NULL with an error for
 * what is none or too large. */
GVariant *gst_wsctl_ssp_description_parse (const gchar * text, gsize size,
    GError ** error);

/* The `type` and the `data` of a message as text, for a transport that sends
 * them apart; and back. FALSE, NULL for what is no message. */
gboolean gst_wsctl_ssp_split (const gchar * text, gchar ** type,
    gchar ** data);
gchar *gst_wsctl_ssp_join (const gchar * type, const gchar * data,
    GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlSsp, gst_wsctl_ssp_free)

G_END_DECLS
