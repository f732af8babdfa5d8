/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The one place where an error of a session becomes a message on the bus.
 */

#include "gstwsctlerrors.h"

#include "wsctlerror.h"
#include "wsctlsession-private.h"

typedef struct
{
  GQuark domain;
  gint code;
} Target;

static Target
get_target (const GError * error, GstWsctlRole role)
{
  Target resource = { GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED };
  gboolean publishing = role == GST_WSCTL_ROLE_PUBLISH;
  gint open = publishing ? GST_RESOURCE_ERROR_OPEN_WRITE
      : GST_RESOURCE_ERROR_OPEN_READ;
  gint use = publishing ? GST_RESOURCE_ERROR_WRITE : GST_RESOURCE_ERROR_READ;

  if (error->domain != GST_WSCTL_ERROR)
    return resource;

  switch ((GstWsctlError) error->code) {
    case GST_WSCTL_ERROR_INVALID_URI:
    case GST_WSCTL_ERROR_INVALID_OPTION:
      resource.code = GST_RESOURCE_ERROR_SETTINGS;
      break;
    case GST_WSCTL_ERROR_HOST_NOT_FOUND:
    case GST_WSCTL_ERROR_UNEXPECTED_STATUS:
    case GST_WSCTL_ERROR_STREAM_FAILED:
      resource.code = GST_RESOURCE_ERROR_NOT_FOUND;
      break;
    case GST_WSCTL_ERROR_ACCESS_DENIED:
      resource.code = GST_RESOURCE_ERROR_NOT_AUTHORIZED;
      break;
    case GST_WSCTL_ERROR_CONNECTION_FAILED:
    case GST_WSCTL_ERROR_TLS:
    case GST_WSCTL_ERROR_TIMED_OUT:
    case GST_WSCTL_ERROR_PEER_CONNECTION_FAILED:
    case GST_WSCTL_ERROR_SIP_FAILED:
    case GST_WSCTL_ERROR_FINGERPRINT_MISMATCH:
      resource.code = open;
      break;
    case GST_WSCTL_ERROR_CONNECTION_IDLE:
    case GST_WSCTL_ERROR_SERVER_SHUTDOWN:
    case GST_WSCTL_ERROR_SOCKET_DISCONNECTION:
    case GST_WSCTL_ERROR_MESSAGE_TOO_LARGE:
    case GST_WSCTL_ERROR_INVALID_MESSAGE:
    case GST_WSCTL_ERROR_REPLACE_TRACK_FAILED:
    case GST_WSCTL_ERROR_CLOSED:
    case GST_WSCTL_ERROR_WOULD_BLOCK:
    case GST_WSCTL_ERROR_GOING_AWAY:
      resource.code = use;
      break;
    case GST_WSCTL_ERROR_NO_COMMON_CODEC:
      resource.domain = GST_STREAM_ERROR;
      resource.code = GST_STREAM_ERROR_WRONG_TYPE;
      break;
    case GST_WSCTL_ERROR_ENCODING_FAILED:
      resource.domain = GST_STREAM_ERROR;
      resource.code = GST_STREAM_ERROR_ENCODE;
      break;
    case GST_WSCTL_ERROR_UNSUITABLE_MEDIA:
      resource.domain = GST_STREAM_ERROR;
      resource.code = GST_STREAM_ERROR_FORMAT;
      break;
    case GST_WSCTL_ERROR_MISSING_PLUGIN:
      resource.domain = GST_CORE_ERROR;
      resource.code = GST_CORE_ERROR_MISSING_PLUGIN;
      break;
    case GST_WSCTL_ERROR_FAILED:
      break;
  }

  return resource;
}

/* "" when there is nothing to advise */
static const gchar *
get_advice (GstElement * element, const GError * error)
{
  gboolean waits = TRUE;

  if (g_error_matches (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_STREAM_FAILED)
      && g_str_has_prefix (error->message, GST_WSCTL_SESSION_NO_STREAM)
      && g_object_class_find_property (G_OBJECT_GET_CLASS (element),
          "wait-for-stream") != NULL)
    g_object_get (element, "wait-for-stream", &waits, NULL);

  return waits ? "" : "; wait-for-stream=true waits for it";
}

static gchar *
make_sentence (GstElement * element, GstWsctlRole role, const gchar * uri,
    const GError * error)
{
  const gchar *what = role == GST_WSCTL_ROLE_PUBLISH ? "publish to"
      : "play from";

  return g_strdup_printf ("Could not %s %s: %s%s.", what,
      uri != NULL ? uri : "the server", error->message,
      get_advice (element, error));
}

static const gchar *
get_name (const GError * error)
{
  return error->domain == GST_WSCTL_ERROR
      ? gst_wsctl_error_get_name (error->code) : "Failed";
}

GstStructure *
gst_wsctl_errors_describe (const gchar * structure, const GError * error)
{
  GstStructure *description = gst_structure_new_empty (structure);

  if (error != NULL)
    gst_structure_set (description, "name", G_TYPE_STRING, get_name (error),
        "message", G_TYPE_STRING, error->message,
        "code", G_TYPE_INT, error->code, NULL);

  return description;
}

void
gst_wsctl_errors_post (GstElement * element, GstWsctlRole role,
    const gchar * uri, const GError * error)
{
  Target target = get_target (error, role);
  GstStructure *details = gst_wsctl_errors_describe ("wsctl-error", error);

  gst_structure_set (details, "error", G_TYPE_ERROR, error, NULL);

  gst_element_message_full_with_details (element, GST_MESSAGE_ERROR,
      target.domain, target.code, make_sentence (element, role, uri, error),
      g_strdup (get_name (error)), __FILE__, GST_FUNCTION, __LINE__, details);
}
