/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From what a user writes to the addresses of a session (docs/protocol.md,
 * "Addresses").
 */

#include "wsctladdress-private.h"

#include <string.h>

#include "wsctlerror.h"

/* A path is used as given only when it is longer than this. */
#define ROOT_PATH "/"
#define SIGNALLING_DIRECTORY "/webrtc/"

/* What RFC 3986 lets stand in a path segment; `+` has to be among them, because
 * some servers read %2B in a path as it is. */
#define SEGMENT_CHARACTERS "!$'()*+,;=:@"

static const struct
{
  const gchar *given;
  const gchar *used;
} schemes[] = {
  {"ws", "ws"},
  {"wss", "wss"},
  {"http", "ws"},
  {"https", "wss"},
  {"wsctl", "ws"},
  {"wsctls", "wss"},
};

/* What may be shown of an address that could not be read: neither user nor
 * password nor query, in case there is a token in it. */
static gchar *
hide_secrets (const gchar * end_point)
{
  gsize length = strcspn (end_point, "?#");
  const gchar *start = end_point;
  const gchar *at;

  for (at = end_point; at < end_point + length; at++) {
    if (*at == '@')
      start = at + 1;
  }

  return g_utf8_make_valid (start, end_point + length - start);
}

static void
set_error (GError ** error, const gchar * end_point, const gchar * why)
{
  g_autofree gchar *shown = hide_secrets (end_point);

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI,
      "The address '%s' cannot be used: %s", shown, why);
}

/* NULL when @end_point is a bare host; it has no "://" then, though it may have
 * a colon. */
static gchar *
get_scheme (const gchar * end_point)
{
  const gchar *separator = strstr (end_point, "://");

  if (separator == NULL
      || strcspn (end_point, "/?#@[") < (gsize) (separator - end_point))
    return NULL;

  return g_strndup (end_point, separator - end_point);
}

static const gchar *
translate_scheme (const gchar * scheme)
{
  guint i;

  if (scheme == NULL)
    return "wss";

  for (i = 0; i < G_N_ELEMENTS (schemes); i++) {
    if (g_ascii_strcasecmp (scheme, schemes[i].given) == 0)
      return schemes[i].used;
  }

  return NULL;
}

/* Encodes what people write into a path or a query as it is, such as a space.
 * What is encoded already stays. */
static void
append_encoded (GString * text, const gchar * rest)
{
  for (; *rest != '\0'; rest++) {
    if (strchr (" \"<>\\^`{|}", *rest) != NULL)
      g_string_append_printf (text, "%%%02X", (guint) * rest);
    else
      g_string_append_c (text, *rest);
  }
}

/* The '%' before the zone of an IPv6 address has to be encoded (RFC 6874), and
 * rarely is. */
static void
append_authority (GString * text, const gchar * authority, gsize length)
{
  const gchar *open = memchr (authority, '[', length);
  const gchar *zone = open != NULL
      ? memchr (open, '%', authority + length - open) : NULL;

  if (zone == NULL || g_str_has_prefix (zone, "%25")) {
    g_string_append_len (text, authority, length);
    return;
  }

  g_string_append_len (text, authority, zone - authority);
  g_string_append (text, "%25");
  g_string_append_len (text, zone + 1, authority + length - zone - 1);
}

static gchar *
normalize (const gchar * scheme, const gchar * rest)
{
  GString *text = g_string_new (scheme);
  gsize length = strcspn (rest, "/?#");

  g_string_append (text, "://");
  append_authority (text, rest, length);
  append_encoded (text, rest + length);

  return g_string_free (text, FALSE);
}

/* NULL when nothing is wrong with the characters. */
static const gchar *
find_bad_character (const gchar * rest)
{
  const gchar *path = rest + strcspn (rest, "/?#");
  const gchar *at;

  for (at = rest; *at != '\0'; at++) {
    if (g_ascii_iscntrl (*at))
      return "it has a control character";
    if (*at == ' ' && at < path)
      return "its host has a space";
    if (*at == '%' && at >= path
        && !(g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2])))
      return "a '%' in it is not followed by two hexadecimal digits; write a "
          "'%' as %25";
    if (*at == '#')
      return "a WebSocket has no fragment; write a '#' as %23";
  }

  return NULL;
}

static GUri *
parse_end_point (const gchar * end_point, GError ** error)
{
  g_autofree gchar *scheme = get_scheme (end_point);
  const gchar *used = translate_scheme (scheme);
  const gchar *rest = end_point
      + (scheme != NULL ? strlen (scheme) + strlen ("://") : 0);
  const gchar *why = used != NULL ? find_bad_character (rest)
      : "its scheme is none of ws, wss, http, https, wsctl, wsctls";
  g_autofree gchar *text = NULL;
  g_autoptr (GUri) uri = NULL;

  if (why != NULL) {
    set_error (error, end_point, why);
    return NULL;
  }

  text = normalize (used, rest);
  uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL) {
    set_error (error, end_point, "it is not a URL");
    return NULL;
  }
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || g_uri_get_port (uri) == 0) {
    set_error (error, end_point, "it has no host, or the port 0");
    return NULL;
  }

  return g_steal_pointer (&uri);
}

/* TRUE with *@name NULL when the path ends in a slash. */
static gboolean
read_stream_name (const gchar * path, gchar ** name)
{
  const gchar *last = strrchr (path, '/') + 1;

  *name = NULL;
  if (*last == '\0')
    return TRUE;

  /* Not g_uri_unescape_string's form rules: `+` stays. */
  *name = g_uri_unescape_string (last, NULL);
  if (*name != NULL && g_utf8_validate (*name, -1, NULL))
    return TRUE;
  g_clear_pointer (name, g_free);

  return FALSE;
}

/* What comes before /webrtc/: empty unless the server is behind a proxy that
 * gives it a directory. */
static gchar *
get_prefix (const gchar * path)
{
  const gchar *directory = g_strrstr (path, SIGNALLING_DIRECTORY);

  return directory != NULL ? g_strndup (path, directory - path) : g_strdup ("");
}

static gboolean
has_name (const gchar * pair, const gchar * name)
{
  gsize length = strlen (name);

  return strncmp (pair, name, length) == 0
      && (pair[length] == '=' || pair[length] == '\0');
}

/* Sets one parameter; others pass through as they were written. */
static void
set_parameter (GPtrArray * pairs, const gchar * name, const gchar * value)
{
  g_autofree gchar *escaped = NULL;
  guint i;

  if (value == NULL || *value == '\0')
    return;

  for (i = pairs->len; i > 0; i--) {
    if (has_name (g_ptr_array_index (pairs, i - 1), name))
      g_ptr_array_remove_index (pairs, i - 1);
  }
  escaped = g_uri_escape_string (value, NULL, FALSE);
  g_ptr_array_add (pairs, g_strdup_printf ("%s=%s", name, escaped));
}

static GPtrArray *
split_query (const gchar * query)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = g_strsplit (query != NULL ? query : "", "&", -1);
  guint i;

  for (i = 0; parts[i] != NULL; i++) {
    if (*parts[i] != '\0')
      g_ptr_array_add (pairs, g_strdup (parts[i]));
  }

  return pairs;
}

static gchar *
join_query (GPtrArray * pairs)
{
  GString *query = g_string_new (NULL);
  guint i;

  for (i = 0; i < pairs->len; i++) {
    if (i > 0)
      g_string_append_c (query, '&');
    g_string_append (query, g_ptr_array_index (pairs, i));
  }

  return g_string_free (query, pairs->len == 0);
}

/* GLib decodes the zone of an IPv6 address, and does not encode it again. */
static gchar *
encode_host (GUri * uri)
{
  const gchar *host = g_uri_get_host (uri);
  const gchar *zone = strchr (host, ':') != NULL ? strchr (host, '%') : NULL;
  g_autofree gchar *encoded = NULL;

  if (zone == NULL)
    return g_strdup (host);

  encoded = g_uri_escape_string (zone, NULL, FALSE);

  return g_strdup_printf ("%.*s%s", (gint) (zone - host), host, encoded);
}

static gchar *
build_uri (GUri * uri, const gchar * userinfo, const gchar * path,
    const gchar * query)
{
  g_autofree gchar *host = encode_host (uri);

  return g_uri_join (G_URI_FLAGS_ENCODED, g_uri_get_scheme (uri), userinfo,
      host, g_uri_get_port (uri), path, query, NULL);
}

static void
fill (GstWsctlAddress * address, GUri * uri, const gchar * path,
    const gchar * token, const gchar * audio, const gchar * video)
{
  g_autoptr (GPtrArray) pairs = split_query (g_uri_get_query (uri));
  const gchar *userinfo = g_uri_get_userinfo (uri);
  g_autofree gchar *plain_query = NULL;
  g_autofree gchar *query = NULL;

  set_parameter (pairs, "id", token);
  plain_query = join_query (pairs);
  set_parameter (pairs, "audio", audio);
  set_parameter (pairs, "video", video);
  query = join_query (pairs);

  address->host = g_strdup (g_uri_get_host (uri));
  address->signalling_uri = build_uri (uri, userinfo, path, query);
  address->display = build_uri (uri, NULL, path, NULL);

  if (address->stream_name != NULL) {
    g_autofree gchar *prefix = get_prefix (path);
    g_autofree gchar *name = g_uri_escape_string (address->stream_name,
        SEGMENT_CHARACTERS, FALSE);
    g_autofree gchar *metadata = g_strconcat (prefix, "/json_", name, ".js",
        NULL);
    g_autofree gchar *data = g_strconcat (prefix, "/", name, ".json", NULL);

    /* The first tracks are a matter of the media alone. */
    address->metadata_uri = build_uri (uri, userinfo, metadata, plain_query);
    address->data_uri = build_uri (uri, userinfo, data, plain_query);
  }
}

GstWsctlAddress *
gst_wsctl_address_new (const gchar * end_point, const gchar * stream_name,
    const gchar * token, const gchar * audio, const gchar * video,
    GError ** error)
{
  g_autoptr (GstWsctlAddress) address = g_new0 (GstWsctlAddress, 1);
  g_autoptr (GUri) uri = NULL;
  g_autofree gchar *path = NULL;

  if (end_point == NULL || *end_point == '\0') {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI,
        "There is no address: set the uri, for example "
        "wss://host/webrtc/STREAM");
    return NULL;
  }
  uri = parse_end_point (end_point, error);
  if (uri == NULL)
    return NULL;

  if (strlen (g_uri_get_path (uri)) > strlen (ROOT_PATH)) {
    path = g_strdup (g_uri_get_path (uri));
    if (!read_stream_name (path, &address->stream_name)) {
      set_error (error, end_point, "the name of its stream is not UTF-8 text");
      return NULL;
    }
    if (address->stream_name == NULL && stream_name != NULL
        && *stream_name != '\0')
      address->stream_name = g_utf8_make_valid (stream_name, -1);
  } else if (stream_name == NULL || *stream_name == '\0'
      || g_str_equal (stream_name, ".") || g_str_equal (stream_name, "..")
      || !g_utf8_validate (stream_name, -1, NULL)) {
    set_error (error, end_point,
        "it names no stream; write it as HOST/webrtc/STREAM");
    return NULL;
  } else {
    g_autofree gchar *segment = g_uri_escape_string (stream_name,
        SEGMENT_CHARACTERS, FALSE);

    path = g_strconcat (SIGNALLING_DIRECTORY, segment, NULL);
    address->stream_name = g_strdup (stream_name);
  }
  fill (address, uri, path, token, audio, video);

  return g_steal_pointer (&address);
}

void
gst_wsctl_address_free (GstWsctlAddress * address)
{
  g_free (address->signalling_uri);
  g_free (address->metadata_uri);
  g_free (address->data_uri);
  g_free (address->display);
  g_free (address->stream_name);
  g_free (address->host);
  g_free (address);
}
