/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlConfig:
 *
 * All that a session needs to know before it begins. A controller takes a copy:
 * what is changed afterwards changes nothing below.
 *
 * The properties are those of the elements, with the same names, types and
 * units. Not thread-safe: one thread at a time.
 *
 * Since: 0.1
 */

#include "wsctlconfig-private.h"

#define DEFAULT_USER_AGENT "GStreamer wsctl/" WSCTL_VERSION
#define DEFAULT_SSL_STRICT TRUE
#define DEFAULT_CONNECT_TIMEOUT_MS 10000
#define DEFAULT_IDLE_TIMEOUT_MS 10000
#define DEFAULT_REPORT_TIMEOUT_MS 30000
#define DEFAULT_MAX_MESSAGE_SIZE (1024 * 1024)
#define DEFAULT_LATENCY_MS 100

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

G_DEFINE_FINAL_TYPE (GstWsctlConfig, gst_wsctl_config, G_TYPE_OBJECT);

static const GEnumValue policy_values[] = {
  {GST_WSCTL_ICE_TRANSPORT_POLICY_ALL,
      "GST_WSCTL_ICE_TRANSPORT_POLICY_ALL", "all"},
  {GST_WSCTL_ICE_TRANSPORT_POLICY_RELAY,
      "GST_WSCTL_ICE_TRANSPORT_POLICY_RELAY", "relay"},
  {0, NULL, NULL}
};

static GType
get_policy_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlIceTransportPolicy", policy_values));

  return type;
}

static GParamSpec *
new_string_array_spec (const gchar * name, const gchar * nick,
    const gchar * blurb)
{
  return gst_param_spec_array (name, nick, blurb,
      g_param_spec_string (name, nick, blurb, NULL, FLAGS), FLAGS);
}

static GParamSpec *
new_spec (guint prop_id)
{
  switch (prop_id) {
      /**
       * GstWsctlConfig:uri:
       *
       * Where to connect: ws, wss, http, https, wsctl or wsctls, or a bare host with
       * the stream's name in #GstWsctlConfig:stream. http means ws, no scheme means wss.
       * (docs/protocol.md, "Addresses")
       */
    case GST_WSCTL_CONFIG_PROP_URI:
      return g_param_spec_string ("uri", "URI",
          "Address of the server and the stream", NULL, FLAGS);
      /**
       * GstWsctlConfig:stream:
       *
       * The name of the stream, when #GstWsctlConfig:uri has no path.
       */
    case GST_WSCTL_CONFIG_PROP_STREAM:
      return g_param_spec_string ("stream", "Stream",
          "Name of the stream when the address has no path", NULL, FLAGS);
      /**
       * GstWsctlConfig:access-token:
       *
       * Sent to the server as `id` in the query of the address. It is written to no
       * log and to no message.
       */
    case GST_WSCTL_CONFIG_PROP_ACCESS_TOKEN:
      return g_param_spec_string ("access-token", "Access token",
          "Token that the server asks for; never logged", NULL, FLAGS);
      /**
       * GstWsctlConfig:extra-headers:
       *
       * HTTP headers for the opening request of the socket, as souphttpsrc has them:
       * a structure with a string field each.
       */
    case GST_WSCTL_CONFIG_PROP_EXTRA_HEADERS:
      return g_param_spec_boxed ("extra-headers", "Extra headers",
          "Extra HTTP headers for the request that opens the socket",
          GST_TYPE_STRUCTURE, FLAGS);
      /**
       * GstWsctlConfig:user-agent:
       *
       * The User-Agent of the opening request.
       */
    case GST_WSCTL_CONFIG_PROP_USER_AGENT:
      return g_param_spec_string ("user-agent", "User-Agent",
          "User-Agent of the request that opens the socket", DEFAULT_USER_AGENT, FLAGS);
      /**
       * GstWsctlConfig:ssl-strict:
       *
       * Whether the server's TLS certificate must be valid.
       */
    case GST_WSCTL_CONFIG_PROP_SSL_STRICT:
      return g_param_spec_boolean ("ssl-strict", "SSL strict",
          "Whether the server's TLS certificate must be valid", DEFAULT_SSL_STRICT, FLAGS);
      /**
       * GstWsctlConfig:ssl-ca-file:
       *
       * A file of PEM certificates to verify the server with, instead of the
       * system's.
       */
    case GST_WSCTL_CONFIG_PROP_SSL_CA_FILE:
      return g_param_spec_string ("ssl-ca-file", "SSL CA file",
          "PEM file of the authorities to trust instead of the system's", NULL, FLAGS);
      /**
       * GstWsctlConfig:connect-timeout:
       *
       * How long each step of connecting may take, in milliseconds: the socket, the
       * server's answer, the media path.
       */
    case GST_WSCTL_CONFIG_PROP_CONNECT_TIMEOUT:
      return g_param_spec_uint ("connect-timeout", "Connect timeout",
          "Longest time for each step of connecting, in ms",
          1, G_MAXUINT, DEFAULT_CONNECT_TIMEOUT_MS, FLAGS);
      /**
       * GstWsctlConfig:idle-timeout:
       *
       * After this many milliseconds without a packet from the server the session
       * ends with an error; 0 waits for ever.
       */
    case GST_WSCTL_CONFIG_PROP_IDLE_TIMEOUT:
      return g_param_spec_uint ("idle-timeout", "Idle timeout",
          "Time without a packet after which the session ends, in ms; 0 for never",
          0, G_MAXUINT, DEFAULT_IDLE_TIMEOUT_MS, FLAGS);
      /**
       * GstWsctlConfig:report-timeout:
       *
       * Once the server has sent reports, this many milliseconds without one, and
       * without a packet, end the session with an error; 0 waits for ever.
       */
    case GST_WSCTL_CONFIG_PROP_REPORT_TIMEOUT:
      return g_param_spec_uint ("report-timeout", "Report timeout",
          "Time without a report after which the session ends, in ms; 0 for never",
          0, G_MAXUINT, DEFAULT_REPORT_TIMEOUT_MS, FLAGS);
      /**
       * GstWsctlConfig:max-message-size:
       *
       * The largest message that is taken from the server, in bytes.
       */
    case GST_WSCTL_CONFIG_PROP_MAX_MESSAGE_SIZE:
      return g_param_spec_uint ("max-message-size", "Max message size",
          "Largest message taken from the server, in bytes",
          1024, G_MAXINT, DEFAULT_MAX_MESSAGE_SIZE, FLAGS);
      /**
       * GstWsctlConfig:stun-server:
       *
       * As webrtcbin's: `stun://host:port`. There is none by default: servers of this
       * protocol do not need it.
       */
    case GST_WSCTL_CONFIG_PROP_STUN_SERVER:
      return g_param_spec_string ("stun-server", "STUN server",
          "STUN server of the form stun://hostname:port", NULL, FLAGS);
      /**
       * GstWsctlConfig:turn-servers:
       *
       * As webrtcsink's: a GstArray of `turn(s)://user:password@host:port`.
       */
    case GST_WSCTL_CONFIG_PROP_TURN_SERVERS:
      return new_string_array_spec ("turn-servers", "TURN servers",
          "TURN servers of the form turn(s)://username:password@host:port");
      /**
       * GstWsctlConfig:ice-transport-policy:
       *
       * As webrtcbin's: `relay` uses nothing but TURN servers.
       */
    case GST_WSCTL_CONFIG_PROP_ICE_TRANSPORT_POLICY:
      return g_param_spec_enum ("ice-transport-policy", "ICE transport policy",
          "Which candidates may be used", get_policy_type (),
          GST_WSCTL_ICE_TRANSPORT_POLICY_ALL, FLAGS);
      /**
       * GstWsctlConfig:local-addresses:
       *
       * A GstArray of the addresses of this machine to send from. Empty means all of
       * them, or the loopback address when the server is on it.
       */
    case GST_WSCTL_CONFIG_PROP_LOCAL_ADDRESSES:
      return new_string_array_spec ("local-addresses", "Local addresses",
          "Addresses of this machine to use; empty for all");
      /**
       * GstWsctlConfig:latency:
       *
       * How much the jitter buffer holds, in milliseconds.
       */
    case GST_WSCTL_CONFIG_PROP_LATENCY:
      return g_param_spec_uint ("latency", "Latency",
          "Amount of ms to buffer",
          0, G_MAXUINT, DEFAULT_LATENCY_MS, FLAGS);
      /**
       * GstWsctlConfig:audio-track:
       *
       * The first audio track to play: an index, `auto` or `none`; %NULL leaves it to
       * the server.
       */
    case GST_WSCTL_CONFIG_PROP_AUDIO_TRACK:
      return g_param_spec_string ("audio-track", "Audio track",
          "First audio track to play: an index, auto or none", NULL, FLAGS);
      /**
       * GstWsctlConfig:video-track:
       *
       * The first video track to play: an index, `auto` or `none`; %NULL leaves it to
       * the server.
       */
    case GST_WSCTL_CONFIG_PROP_VIDEO_TRACK:
      return g_param_spec_string ("video-track", "Video track",
          "First video track to play: an index, auto or none", NULL, FLAGS);
    default:
      g_return_val_if_reached (NULL);
  }
}

static void
take_strings (GStrv * field, const GValue * value)
{
  guint n = gst_value_array_get_size (value);
  guint i;

  g_strfreev (*field);
  *field = NULL;
  if (n == 0)
    return;

  *field = g_new0 (gchar *, n + 1);
  for (i = 0; i < n; i++)
    (*field)[i] = g_value_dup_string (gst_value_array_get_value (value, i));
}

static void
give_strings (GStrv field, GValue * value)
{
  guint i;

  for (i = 0; field != NULL && field[i] != NULL; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_string (&item, field[i]);
    gst_value_array_append_and_take_value (value, &item);
  }
}

static void
take_string (gchar ** field, const GValue * value)
{
  g_free (*field);
  *field = g_value_dup_string (value);
}

/* FALSE for a property that is not of this table. */
gboolean
gst_wsctl_config_set_value (GstWsctlConfig * self, guint prop_id,
    const GValue * value)
{
  switch (prop_id) {
    case GST_WSCTL_CONFIG_PROP_URI:
      take_string (&self->uri, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_STREAM:
      take_string (&self->stream, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_ACCESS_TOKEN:
      take_string (&self->access_token, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_EXTRA_HEADERS:
      gst_clear_structure (&self->extra_headers);
      self->extra_headers = g_value_dup_boxed (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_USER_AGENT:
      take_string (&self->user_agent, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_SSL_STRICT:
      self->ssl_strict = g_value_get_boolean (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_SSL_CA_FILE:
      take_string (&self->ssl_ca_file, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_CONNECT_TIMEOUT:
      self->connect_timeout_ms = g_value_get_uint (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_IDLE_TIMEOUT:
      self->idle_timeout_ms = g_value_get_uint (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_REPORT_TIMEOUT:
      self->report_timeout_ms = g_value_get_uint (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_MAX_MESSAGE_SIZE:
      self->max_message_size = g_value_get_uint (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_STUN_SERVER:
      take_string (&self->stun_server, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_TURN_SERVERS:
      take_strings (&self->turn_servers, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_ICE_TRANSPORT_POLICY:
      self->ice_transport_policy = g_value_get_enum (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_LOCAL_ADDRESSES:
      take_strings (&self->local_addresses, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_LATENCY:
      self->latency_ms = g_value_get_uint (value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_AUDIO_TRACK:
      take_string (&self->audio_track, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_VIDEO_TRACK:
      take_string (&self->video_track, value);
      return TRUE;
    default:
      return FALSE;
  }
}

/* FALSE for a property that is not of this table. */
gboolean
gst_wsctl_config_get_value (GstWsctlConfig * self, guint prop_id,
    GValue * value)
{
  switch (prop_id) {
    case GST_WSCTL_CONFIG_PROP_URI:
      g_value_set_string (value, self->uri);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_STREAM:
      g_value_set_string (value, self->stream);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_ACCESS_TOKEN:
      g_value_set_string (value, self->access_token);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_EXTRA_HEADERS:
      g_value_set_boxed (value, self->extra_headers);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_USER_AGENT:
      g_value_set_string (value, self->user_agent);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_SSL_STRICT:
      g_value_set_boolean (value, self->ssl_strict);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_SSL_CA_FILE:
      g_value_set_string (value, self->ssl_ca_file);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_CONNECT_TIMEOUT:
      g_value_set_uint (value, self->connect_timeout_ms);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_IDLE_TIMEOUT:
      g_value_set_uint (value, self->idle_timeout_ms);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_REPORT_TIMEOUT:
      g_value_set_uint (value, self->report_timeout_ms);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_MAX_MESSAGE_SIZE:
      g_value_set_uint (value, self->max_message_size);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_STUN_SERVER:
      g_value_set_string (value, self->stun_server);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_TURN_SERVERS:
      give_strings (self->turn_servers, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_ICE_TRANSPORT_POLICY:
      g_value_set_enum (value, self->ice_transport_policy);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_LOCAL_ADDRESSES:
      give_strings (self->local_addresses, value);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_LATENCY:
      g_value_set_uint (value, self->latency_ms);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_AUDIO_TRACK:
      g_value_set_string (value, self->audio_track);
      return TRUE;
    case GST_WSCTL_CONFIG_PROP_VIDEO_TRACK:
      g_value_set_string (value, self->video_track);
      return TRUE;
    default:
      return FALSE;
  }
}

void
gst_wsctl_config_install_properties (GObjectClass * klass, gboolean receiving)
{
  guint i;

  for (i = 1; i < GST_WSCTL_CONFIG_N_PROPS; i++) {
    if (receiving || i < GST_WSCTL_CONFIG_PROP_LATENCY)
      g_object_class_install_property (klass, i, new_spec (i));
  }
}

static gboolean
append_header (GQuark field, const GValue * value, gpointer data)
{
  if (G_VALUE_HOLDS_STRING (value))
    g_ptr_array_add (data, g_strdup_printf ("%s: %s",
            g_quark_to_string (field), g_value_get_string (value)));

  return TRUE;
}

GStrv
gst_wsctl_config_get_header_lines (GstWsctlConfig * self)
{
  g_autoptr (GPtrArray) lines = NULL;

  if (self->extra_headers == NULL)
    return NULL;

  lines = g_ptr_array_new ();
  gst_structure_foreach (self->extra_headers, append_header, lines);
  g_ptr_array_add (lines, NULL);

  return (GStrv) g_ptr_array_steal (lines, NULL);
}

/**
 * gst_wsctl_config_new:
 * @uri: (nullable): the address of the server and the stream
 *
 * Returns: (transfer full): a configuration with the defaults
 */
GstWsctlConfig *
gst_wsctl_config_new (const gchar * uri)
{
  return g_object_new (GST_WSCTL_TYPE_CONFIG, "uri", uri, NULL);
}

/**
 * gst_wsctl_config_copy:
 * @self: a configuration
 *
 * Returns: (transfer full): another one with the same values
 */
GstWsctlConfig *
gst_wsctl_config_copy (GstWsctlConfig * self)
{
  GstWsctlConfig *copy;
  guint n, i;
  g_autofree GParamSpec **specs = NULL;

  g_return_val_if_fail (GST_WSCTL_IS_CONFIG (self), NULL);

  copy = gst_wsctl_config_new (NULL);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &n);
  for (i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;

    g_object_get_property (G_OBJECT (self), specs[i]->name, &value);
    g_object_set_property (G_OBJECT (copy), specs[i]->name, &value);
    g_value_unset (&value);
  }

  return copy;
}

static void
gst_wsctl_config_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  if (!gst_wsctl_config_set_value (GST_WSCTL_CONFIG (object), prop_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
gst_wsctl_config_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  if (!gst_wsctl_config_get_value (GST_WSCTL_CONFIG (object), prop_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
gst_wsctl_config_finalize (GObject * object)
{
  GstWsctlConfig *self = GST_WSCTL_CONFIG (object);

  g_free (self->uri);
  g_free (self->stream);
  g_free (self->access_token);
  gst_clear_structure (&self->extra_headers);
  g_free (self->user_agent);
  g_free (self->ssl_ca_file);
  g_free (self->stun_server);
  g_strfreev (self->turn_servers);
  g_strfreev (self->local_addresses);
  g_free (self->audio_track);
  g_free (self->video_track);

  G_OBJECT_CLASS (gst_wsctl_config_parent_class)->finalize (object);
}

static void
gst_wsctl_config_class_init (GstWsctlConfigClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gst_wsctl_config_set_property;
  object_class->get_property = gst_wsctl_config_get_property;
  object_class->finalize = gst_wsctl_config_finalize;

  gst_wsctl_config_install_properties (object_class, TRUE);
}

static void
gst_wsctl_config_init (GstWsctlConfig * self)
{
  self->user_agent = g_strdup (DEFAULT_USER_AGENT);
  self->ssl_strict = DEFAULT_SSL_STRICT;
  self->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
  self->idle_timeout_ms = DEFAULT_IDLE_TIMEOUT_MS;
  self->report_timeout_ms = DEFAULT_REPORT_TIMEOUT_MS;
  self->max_message_size = DEFAULT_MAX_MESSAGE_SIZE;
  self->ice_transport_policy = GST_WSCTL_ICE_TRANSPORT_POLICY_ALL;
  self->latency_ms = DEFAULT_LATENCY_MS;
}
