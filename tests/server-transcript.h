/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A recorded session of MistServer, of tests/data/transcripts */
typedef struct
{
  gboolean from_client;
  gboolean is_close;
  JsonNode *message;
} TranscriptLine;

/* Of TranscriptLine. Transfer full. */
GPtrArray *transcript_load (const gchar * name);
/* NULL when there is no such string */
const gchar *transcript_get_string (const TranscriptLine * line,
    const gchar * member);
const gchar *transcript_get_type (const TranscriptLine * line);

G_END_DECLS
