/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctldatachannel.h"

static const GEnumValue states[] = {
  {GST_WSCTL_DATA_CHANNEL_STATE_CONNECTING,
      "GST_WSCTL_DATA_CHANNEL_STATE_CONNECTING", "connecting"},
  {GST_WSCTL_DATA_CHANNEL_STATE_OPEN, "GST_WSCTL_DATA_CHANNEL_STATE_OPEN",
      "open"},
  {GST_WSCTL_DATA_CHANNEL_STATE_CLOSING,
      "GST_WSCTL_DATA_CHANNEL_STATE_CLOSING", "closing"},
  {GST_WSCTL_DATA_CHANNEL_STATE_CLOSED, "GST_WSCTL_DATA_CHANNEL_STATE_CLOSED",
      "closed"},
  {0, NULL, NULL}
};

GType
gst_wsctl_data_channel_state_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlDataChannelState", states));

  return type;
}
