/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/wsctl/wsctlconfig.h>
#include <gst/wsctl/wsctlconnection.h>
#include <gst/wsctl/wsctlcontroller.h>
#include <gst/wsctl/wsctldatachannel.h>
#include <gst/wsctl/wsctlerror.h>
#include <gst/wsctl/wsctlevents.h>
#include <gst/wsctl/wsctlmanagedstream.h>
#include <gst/wsctl/wsctlmedia.h>
#include <gst/wsctl/wsctlstreamstate.h>
#include <gst/wsctl/wsctlpool.h>
#include <gst/wsctl/wsctltrack.h>
#include <gst/wsctl/wsctltransport.h>
