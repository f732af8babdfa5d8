/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table of all that can be configured: what each property is called and
 * where it is kept. Everything that is done to all of them goes by it.
 */

#include "wsctlconfig-private.h"

#define DEFAULT_USER_AGENT "GStreamer wsctl/" WSCTL_VERSION
#define DEFAULT_SSL_STRICT TRUE
#define DEFAULT_CONNECT_TIMEOUT_MS 10000
/* A dead path is noticed within ten seconds, the interval of looking included.
 * The longest pause between two reports of RTCP is 6.2 s (RFC 3550, 6.2). */
#define DEFAULT_IDLE_TIMEOUT_MS 8000
#define DEFAULT_REPORT_TIMEOUT_MS 30000
#define DEFAULT_MAX_MESSAGE_SIZE (1024 * 1024)
#define DEFAULT_LATENCY_MS 100
/* The largest numbers that make sense: a negative one that somebody sets as one
 * without a sign is larger. */
#define MAX_TIMEOUT_MS (24 * 60 * 60 * 1000)
#define MAX_LATENCY_MS (10 * 60 * 1000)
#define MAX_MESSAGE_SIZE (1024 * 1024 * 1024)
#define DEFAULT_DO_RETRANSMISSION TRUE

/* Below every index */
#define MIN_TRACK GST_WSCTL_CONFIG_NO_TRACK

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

typedef enum
{
  FIELD_STRING,
  FIELD_STRINGS,                /* GstArray of strings here, GStrv inside */
  FIELD_HEADERS,                /* GstStructure */
  FIELD_BOOLEAN,
  FIELD_UINT,
  FIELD_TRACK,                  /* gint */
  FIELD_POLICY,
} FieldType;

/* One property: what it is called, and where it is kept. */
typedef struct
{
  const gchar *name;
  const gchar *nick;
  const gchar *blurb;
  FieldType type;
  gsize offset;
  guint minimum, maximum, initial;      /* FIELD_UINT; FIELD_BOOLEAN: initial */
  const gchar *text;            /* FIELD_STRING: the default */
} Field;

#define FIELD(type, member) \
    FIELD_ ## type, G_STRUCT_OFFSET (GstWsctlConfig, member)

static const Field fields[GST_WSCTL_CONFIG_N_PROPS] = {
  /**
   * GstWsctlConfig:uri:
   *
   * Where to connect: ws, wss, http, https, wsctl or wsctls, or a bare host with
   * the stream's name in #GstWsctlConfig:stream. http means ws, no scheme means
   * wss. (docs/protocol.md, "Addresses")
   */
  [GST_WSCTL_CONFIG_PROP_URI] = {"uri", "URI",
      "Address of the server and the stream", FIELD (STRING, uri)},
  /**
   * GstWsctlConfig:stream:
   *
   * The name of the stream, when #GstWsctlConfig:uri has no path.
   */
  [GST_WSCTL_CONFIG_PROP_STREAM] = {"stream", "Stream",
        "Name of the stream when the address has no path",
      FIELD (STRING, stream)},
  /**
   * GstWsctlConfig:access-token:
   *
   * Sent to the server as `id` in the query of the address. It is written to no
   * log and to no message.
   */
  [GST_WSCTL_CONFIG_PROP_ACCESS_TOKEN] = {"access-token", "Access token",
        "Token that the server asks for; never logged",
      FIELD (STRING, access_token)},
  /**
   * GstWsctlConfig:extra-headers:
   *
   * HTTP headers for the opening request of the socket, as souphttpsrc has them:
   * a structure with a string field each.
   */
  [GST_WSCTL_CONFIG_PROP_EXTRA_HEADERS] = {"extra-headers", "Extra headers",
        "Extra HTTP headers for the request that opens the socket",
      FIELD (HEADERS, extra_headers)},
  /**
   * GstWsctlConfig:user-agent:
   *
   * The User-Agent of the opening request.
   */
  [GST_WSCTL_CONFIG_PROP_USER_AGENT] = {"user-agent", "User-Agent",
        "User-Agent of the request that opens the socket",
      FIELD (STRING, user_agent), 0, 0, 0, DEFAULT_USER_AGENT},
  /**
   * GstWsctlConfig:ssl-strict:
   *
   * Whether the server's TLS certificate must be valid.
   */
  [GST_WSCTL_CONFIG_PROP_SSL_STRICT] = {"ssl-strict", "SSL strict",
        "Whether the server's TLS certificate must be valid",
      FIELD (BOOLEAN, ssl_strict), FALSE, TRUE, DEFAULT_SSL_STRICT},
  /**
   * GstWsctlConfig:ssl-ca-file:
   *
   * A file of PEM certificates to verify the server with, instead of the
   * system's. A relative path starts at the working directory.
   */
  [GST_WSCTL_CONFIG_PROP_SSL_CA_FILE] = {"ssl-ca-file", "SSL CA file",
        "PEM file of the authorities to trust instead of the system's",
      FIELD (STRING, ssl_ca_file)},
  /**
   * GstWsctlConfig:connect-timeout:
   *
   * How long each step of connecting may take, in milliseconds: the socket, the
   * server's answer, the media path.
   */
  [GST_WSCTL_CONFIG_PROP_CONNECT_TIMEOUT] = {"connect-timeout",
        "Connect timeout", "Longest time for each step of connecting, in ms",
        FIELD (UINT, connect_timeout_ms), 1, MAX_TIMEOUT_MS,
      DEFAULT_CONNECT_TIMEOUT_MS},
  /**
   * GstWsctlConfig:idle-timeout:
   *
   * After this many milliseconds without a packet from the server the session
   * ends with an error; 0 waits for ever.
   */
  [GST_WSCTL_CONFIG_PROP_IDLE_TIMEOUT] = {"idle-timeout", "Idle timeout",
        "Time without a packet after which the session ends, in ms; "
        "0 for never", FIELD (UINT, idle_timeout_ms), 0,
        MAX_TIMEOUT_MS,
      DEFAULT_IDLE_TIMEOUT_MS},
  /**
   * GstWsctlConfig:report-timeout:
   *
   * Once the server has sent reports, this many milliseconds without one, and
   * without a packet, end the session with an error; 0 waits for ever.
   */
  [GST_WSCTL_CONFIG_PROP_REPORT_TIMEOUT] = {"report-timeout",
        "Report timeout", "Time without a report after which the session ends, "
        "in ms; 0 for never", FIELD (UINT, report_timeout_ms), 0,
        MAX_TIMEOUT_MS,
      DEFAULT_REPORT_TIMEOUT_MS},
  /**
   * GstWsctlConfig:max-message-size:
   *
   * The largest message that is taken from the server, in bytes.
   */
  [GST_WSCTL_CONFIG_PROP_MAX_MESSAGE_SIZE] = {"max-message-size",
        "Max message size", "Largest message taken from the server, in bytes",
        FIELD (UINT, max_message_size), 1024, MAX_MESSAGE_SIZE,
      DEFAULT_MAX_MESSAGE_SIZE},
  /**
   * GstWsctlConfig:stun-server:
   *
   * As webrtcbin's: `stun://host:port`. There is none by default: servers of this
   * protocol do not need it.
   */
  [GST_WSCTL_CONFIG_PROP_STUN_SERVER] = {"stun-server", "STUN server",
        "STUN server of the form stun://hostname:port",
      FIELD (STRING, stun_server)},
  /**
   * GstWsctlConfig:turn-servers:
   *
   * As webrtcsink's: a GstArray of `turn(s)://user:password@host:port`.
   */
  [GST_WSCTL_CONFIG_PROP_TURN_SERVERS] = {"turn-servers", "TURN servers",
        "TURN servers of the form turn(s)://username:password@host:port",
      FIELD (STRINGS, turn_servers)},
  /**
   * GstWsctlConfig:ice-transport-policy:
   *
   * As webrtcbin's: `relay` uses nothing but TURN servers.
   */
  [GST_WSCTL_CONFIG_PROP_ICE_TRANSPORT_POLICY] = {"ice-transport-policy",
        "ICE transport policy", "Which candidates may be used",
      FIELD (POLICY, ice_transport_policy)},
  /**
   * GstWsctlConfig:local-addresses:
   *
   * A GstArray of the addresses of this machine to send from. Empty means all of
   * them; or the loopback address when the server of a session is on it, or when
   * there is no other.
   */
  [GST_WSCTL_CONFIG_PROP_LOCAL_ADDRESSES] = {"local-addresses",
        "Local addresses", "Addresses of this machine to use; empty for all",
      FIELD (STRINGS, local_addresses)},
  /**
   * GstWsctlConfig:latency:
   *
   * How long received media is held, in milliseconds. Setting it fixes that: see
   * wsctlsrc:latency-mode.
   */
  [GST_WSCTL_CONFIG_PROP_LATENCY] = {"latency", "Latency",
        "Amount of ms to buffer; setting it fixes it", FIELD (UINT, latency_ms),
        0, MAX_LATENCY_MS,
      DEFAULT_LATENCY_MS},
  /**
   * GstWsctlConfig:audio-track:
   *
   * The audio track to play, by the index that the server gives it. -1 leaves the
   * choice to `multi-bitrate` and, before that, to the server; -2 is for none.
   */
  [GST_WSCTL_CONFIG_PROP_AUDIO_TRACK] = {"audio-track", "Audio track",
        "Index of the audio track to play, -1 for any, -2 for none",
      FIELD (TRACK, audio_track)},
  /**
   * GstWsctlConfig:video-track:
   *
   * The video track to play, by the index that the server gives it. -1 leaves the
   * choice to `multi-bitrate` and, before that, to the server; -2 is for none.
   */
  [GST_WSCTL_CONFIG_PROP_VIDEO_TRACK] = {"video-track", "Video track",
        "Index of the video track to play, -1 for any, -2 for none",
      FIELD (TRACK, video_track)},
  /**
   * GstWsctlConfig:do-retransmission:
   *
   * Whether to ask again for packets that are lost (NACK; RFC 4585, 6.2.1).
   */
  [GST_WSCTL_CONFIG_PROP_DO_RETRANSMISSION] = {"do-retransmission",
        "Do retransmission", "Ask again for packets that are lost",
        FIELD (BOOLEAN, do_retransmission), 0, 0,
      DEFAULT_DO_RETRANSMISSION},
  /**
   * GstWsctlConfig:use-data-channel:
   *
   * Whether timed data come on a WebRTC data channel of the session in place of a
   * WebSocket of their own. wsctl-server has both; MistServer 3.9 sends no media beside
   * such a channel. (docs/protocol.md, "Data channels")
   */
  [GST_WSCTL_CONFIG_PROP_USE_DATA_CHANNEL] = {"use-data-channel",
        "Use data channel", "Take timed data from a WebRTC data channel",
      FIELD (BOOLEAN, use_data_channel)},
};

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
new_spec (const Field * field)
{
  switch (field->type) {
    case FIELD_STRING:
      return g_param_spec_string (field->name, field->nick, field->blurb,
          field->text, FLAGS);
    case FIELD_STRINGS:
      return gst_param_spec_array (field->name, field->nick, field->blurb,
          g_param_spec_string (field->name, field->nick, field->blurb, NULL,
              FLAGS), FLAGS);
    case FIELD_HEADERS:
      return g_param_spec_boxed (field->name, field->nick, field->blurb,
          GST_TYPE_STRUCTURE, FLAGS);
    case FIELD_BOOLEAN:
      return g_param_spec_boolean (field->name, field->nick, field->blurb,
          field->initial, FLAGS);
    case FIELD_UINT:
      return g_param_spec_uint (field->name, field->nick, field->blurb,
          field->minimum, field->maximum, field->initial, FLAGS);
    case FIELD_TRACK:
      return g_param_spec_int (field->name, field->nick, field->blurb,
          MIN_TRACK, G_MAXINT, GST_WSCTL_CONFIG_ANY_TRACK,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_PLAYING);
    case FIELD_POLICY:
      return g_param_spec_enum (field->name, field->nick, field->blurb,
          get_policy_type (), GST_WSCTL_ICE_TRANSPORT_POLICY_ALL, FLAGS);
  }

  g_return_val_if_reached (NULL);
}

static GStrv
dup_strings (const GValue * value)
{
  guint n = gst_value_array_get_size (value);
  GStrv strings;
  guint i;

  if (n == 0)
    return NULL;

  strings = g_new0 (gchar *, n + 1);
  for (i = 0; i < n; i++) {
    const gchar *string =
        g_value_get_string (gst_value_array_get_value (value, i));

    /* A NULL would end the list here and leak the rest. */
    strings[i] = g_strdup (string != NULL ? string : "");
  }

  return strings;
}

static void
give_strings (GStrv strings, GValue * value)
{
  guint i;

  for (i = 0; strings != NULL && strings[i] != NULL; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_string (&item, strings[i]);
    gst_value_array_append_and_take_value (value, &item);
  }
}

static const Field *
find_field (guint prop_id)
{
  return prop_id > GST_WSCTL_CONFIG_PROP_0
      && prop_id < GST_WSCTL_CONFIG_N_PROPS ? &fields[prop_id] : NULL;
}

/* FALSE for a property that is not of this table. */
gboolean
gst_wsctl_config_set_value (GstWsctlConfig * self, guint prop_id,
    const GValue * value)
{
  const Field *field = find_field (prop_id);
  gpointer member;

  if (field == NULL)
    return FALSE;

  member = G_STRUCT_MEMBER_P (self, field->offset);
  switch (field->type) {
    case FIELD_STRING:
      g_free (*(gchar **) member);
      *(gchar **) member = g_value_dup_string (value);
      break;
    case FIELD_STRINGS:
      g_strfreev (*(GStrv *) member);
      *(GStrv *) member = dup_strings (value);
      break;
    case FIELD_HEADERS:
      gst_clear_structure ((GstStructure **) member);
      *(GstStructure **) member = g_value_dup_boxed (value);
      break;
    case FIELD_BOOLEAN:
      *(gboolean *) member = g_value_get_boolean (value);
      break;
    case FIELD_UINT:
      *(guint *) member = g_value_get_uint (value);
      break;
    case FIELD_TRACK:
      *(gint *) member = g_value_get_int (value);
      break;
    case FIELD_POLICY:
      *(GstWsctlIceTransportPolicy *) member = g_value_get_enum (value);
      break;
  }

  return TRUE;
}

/* FALSE for a property that is not of this table. */
gboolean
gst_wsctl_config_get_value (GstWsctlConfig * self, guint prop_id,
    GValue * value)
{
  const Field *field = find_field (prop_id);
  gconstpointer member;

  if (field == NULL)
    return FALSE;

  member = G_STRUCT_MEMBER_P (self, field->offset);
  switch (field->type) {
    case FIELD_STRING:
      g_value_set_string (value, *(gchar * const *) member);
      break;
    case FIELD_STRINGS:
      give_strings (*(const GStrv *) member, value);
      break;
    case FIELD_HEADERS:
      g_value_set_boxed (value, *(GstStructure * const *) member);
      break;
    case FIELD_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) member);
      break;
    case FIELD_UINT:
      g_value_set_uint (value, *(const guint *) member);
      break;
    case FIELD_TRACK:
      g_value_set_int (value, *(const gint *) member);
      break;
    case FIELD_POLICY:
      g_value_set_enum (value, *(const GstWsctlIceTransportPolicy *) member);
      break;
  }

  return TRUE;
}

void
gst_wsctl_config_install_properties (GObjectClass * klass, gboolean receiving)
{
  guint i;

  for (i = 1; i < GST_WSCTL_CONFIG_N_PROPS; i++) {
    if (receiving || i < GST_WSCTL_CONFIG_PROP_LATENCY)
      g_object_class_install_property (klass, i, new_spec (&fields[i]));
  }
}

void
gst_wsctl_config_install_reach_properties (GObjectClass * klass)
{
  static const guint reach[] = {
    GST_WSCTL_CONFIG_PROP_URI, GST_WSCTL_CONFIG_PROP_ACCESS_TOKEN,
    GST_WSCTL_CONFIG_PROP_EXTRA_HEADERS, GST_WSCTL_CONFIG_PROP_USER_AGENT,
    GST_WSCTL_CONFIG_PROP_SSL_STRICT, GST_WSCTL_CONFIG_PROP_SSL_CA_FILE,
    GST_WSCTL_CONFIG_PROP_CONNECT_TIMEOUT,
    GST_WSCTL_CONFIG_PROP_MAX_MESSAGE_SIZE, GST_WSCTL_CONFIG_PROP_STUN_SERVER,
    GST_WSCTL_CONFIG_PROP_TURN_SERVERS,
    GST_WSCTL_CONFIG_PROP_ICE_TRANSPORT_POLICY,
    GST_WSCTL_CONFIG_PROP_LOCAL_ADDRESSES, GST_WSCTL_CONFIG_PROP_LATENCY
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (reach); i++)
    g_object_class_install_property (klass, reach[i],
        new_spec (&fields[reach[i]]));
}

static void
clear_field (GstWsctlConfig * self, const Field * field)
{
  gpointer member = G_STRUCT_MEMBER_P (self, field->offset);

  if (field->type == FIELD_STRING)
    g_clear_pointer ((gchar **) member, g_free);
  else if (field->type == FIELD_STRINGS)
    g_clear_pointer ((GStrv *) member, g_strfreev);
  else if (field->type == FIELD_HEADERS)
    gst_clear_structure ((GstStructure **) member);
}

static void
set_default (GstWsctlConfig * self, const Field * field)
{
  gpointer member = G_STRUCT_MEMBER_P (self, field->offset);

  if (field->type == FIELD_STRING)
    *(gchar **) member = g_strdup (field->text);
  else if (field->type == FIELD_BOOLEAN)
    *(gboolean *) member = field->initial != 0;
  else if (field->type == FIELD_UINT)
    *(guint *) member = field->initial;
  else if (field->type == FIELD_TRACK)
    *(gint *) member = GST_WSCTL_CONFIG_ANY_TRACK;
}

void
gst_wsctl_config_init_fields (GstWsctlConfig * self)
{
  guint i;

  for (i = 1; i < GST_WSCTL_CONFIG_N_PROPS; i++)
    set_default (self, &fields[i]);
}

void
gst_wsctl_config_clear_fields (GstWsctlConfig * self)
{
  guint i;

  for (i = 1; i < GST_WSCTL_CONFIG_N_PROPS; i++)
    clear_field (self, &fields[i]);
}
