/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcontroller.h"

G_BEGIN_DECLS

/* Posts @error of a session as an error message with the domain and the code
 * that applications know. @uri: where to, without secrets, or NULL. No lock
 * held. Any thread. */
void gst_wsctl_errors_post (GstElement * element, GstWsctlRole role,
    const gchar * uri, const GError * error);

/* A structure with the strings `name` and `message` and the number `code` of
 * @error; empty for %NULL. Words, for a GError cannot be printed. */
GstStructure *gst_wsctl_errors_describe (const gchar * structure,
    const GError * error);

G_END_DECLS
