/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A server of pools without a network, and the transport of an application that
 * reaches it: it hands over what peers say in the manner that a test asks for.
 */

#pragma once

#include "wsctltransport.h"

G_BEGIN_DECLS

typedef enum
{
  POST_PLAIN,
  POST_CANDIDATES_FIRST,        /* some of them before their description */
  POST_CANDIDATES_LATE,         /* all of them after the answer */
  POST_TWICE,                   /* everything */
  POST_REFUSED,                 /* the office does not open */
  POST_SILENT,                  /* nor does it say so */
} PostManner;

typedef struct _PostOffice PostOffice;

PostOffice *post_office_new (PostManner manner);
/* After its transports have gone */
void post_office_free (PostOffice * self);
/* Transfer full */
GstWsctlTransport *post_office_add (PostOffice * self);
/* Any thread: the transport is lost, and the others hear of it. */
void post_office_lose (PostOffice * self, GstWsctlTransport * transport);

G_END_DECLS
