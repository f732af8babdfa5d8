/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlconfig.h"

G_BEGIN_DECLS

/* One table of properties for the configuration and for the elements: an
 * element installs the same ones under the same numbers, and keeps its values
 * in a configuration of its own. */
enum
{
  GST_WSCTL_CONFIG_PROP_0,
  GST_WSCTL_CONFIG_PROP_URI,
  GST_WSCTL_CONFIG_PROP_STREAM,
  GST_WSCTL_CONFIG_PROP_ACCESS_TOKEN,
  GST_WSCTL_CONFIG_PROP_EXTRA_HEADERS,
  GST_WSCTL_CONFIG_PROP_USER_AGENT,
  GST_WSCTL_CONFIG_PROP_SSL_STRICT,
  GST_WSCTL_CONFIG_PROP_SSL_CA_FILE,
  GST_WSCTL_CONFIG_PROP_CONNECT_TIMEOUT,
  GST_WSCTL_CONFIG_PROP_IDLE_TIMEOUT,
  GST_WSCTL_CONFIG_PROP_REPORT_TIMEOUT,
  GST_WSCTL_CONFIG_PROP_MAX_MESSAGE_SIZE,
  GST_WSCTL_CONFIG_PROP_STUN_SERVER,
  GST_WSCTL_CONFIG_PROP_TURN_SERVERS,
  GST_WSCTL_CONFIG_PROP_ICE_TRANSPORT_POLICY,
  GST_WSCTL_CONFIG_PROP_LOCAL_ADDRESSES,
  GST_WSCTL_CONFIG_PROP_LATENCY,
  GST_WSCTL_CONFIG_PROP_AUDIO_TRACK,
  GST_WSCTL_CONFIG_PROP_VIDEO_TRACK,
  GST_WSCTL_CONFIG_PROP_DO_RETRANSMISSION,
  GST_WSCTL_CONFIG_PROP_USE_DATA_CHANNEL,
  GST_WSCTL_CONFIG_N_PROPS
};

typedef enum
{
  GST_WSCTL_ICE_TRANSPORT_POLICY_ALL,
  GST_WSCTL_ICE_TRANSPORT_POLICY_RELAY,
} GstWsctlIceTransportPolicy;

#define GST_WSCTL_CONFIG_ANY_TRACK -1
#define GST_WSCTL_CONFIG_NO_TRACK -2

/* The fields, for those below who get a copy. */
struct _GstWsctlConfig
{
  GObject parent;

  gchar *uri;
  gchar *stream;
  gchar *access_token;
  GstStructure *extra_headers;
  gchar *user_agent;
  gboolean ssl_strict;
  gchar *ssl_ca_file;
  guint connect_timeout_ms;
  guint idle_timeout_ms;
  guint report_timeout_ms;
  guint max_message_size;
  gchar *stun_server;
  GStrv turn_servers;
  GstWsctlIceTransportPolicy ice_transport_policy;
  GStrv local_addresses;
  guint latency_ms;
  gint audio_track;             /* an index, or one of those below */
  gint video_track;
  gboolean do_retransmission;
  gboolean use_data_channel;
};

/* @receiving: also those that only a player has. */
void gst_wsctl_config_install_properties (GObjectClass * klass,
    gboolean receiving);
/* Those that say how to reach a server and peers, for an element that has no
 * stream. */
void gst_wsctl_config_install_reach_properties (GObjectClass * klass);
gboolean gst_wsctl_config_set_value (GstWsctlConfig * self, guint prop_id,
    const GValue * value);
gboolean gst_wsctl_config_get_value (GstWsctlConfig * self, guint prop_id,
    GValue * value);
/* The defaults; and nothing more to free. */
void gst_wsctl_config_init_fields (GstWsctlConfig * self);
void gst_wsctl_config_clear_fields (GstWsctlConfig * self);
/* How a server is asked for a track; NULL for any. Transfer full. */
gchar *gst_wsctl_config_get_selector (gint track);
/* "Name: value" lines of extra-headers; NULL when there are none. */
GStrv gst_wsctl_config_get_header_lines (GstWsctlConfig * self);

G_END_DECLS
