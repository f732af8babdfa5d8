/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/wsctl/wsctlerror.h>
#include <gst/wsctl/wsctlevents.h>
