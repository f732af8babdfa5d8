/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

/* GST_DEBUG_CATEGORY_INIT() outside of a class_init, where two threads may come
 * at once: a second pool's worker makes the elements of a link, too. */
#define GST_WSCTL_CATEGORY_INIT(category, name, description) \
  G_STMT_START { \
    static gsize once = 0; \
    if (g_once_init_enter (&once)) { \
      GST_DEBUG_CATEGORY_INIT (category, name, 0, description); \
      g_once_init_leave (&once, 1); \
    } \
  } G_STMT_END
