/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The STUN half of an ICE-lite agent. It never sends a check of its own, it
 * answers those of the other side (RFC 8445, 2.5).
 */

#include "wsctllitestun-private.h"

#include <netinet/in.h>
#include <string.h>
#include <stun/usages/ice.h>

/* RFC 8489, 14.5: HMAC-SHA1 */
#define INTEGRITY_SIZE 20

/* What a check may carry; any other attribute below 0x8000 is answered with
 * 420 (RFC 8489, 6.3.1). */
static const uint16_t known_attributes[] = {
  STUN_ATTRIBUTE_USERNAME,
  STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
  STUN_ATTRIBUTE_ERROR_CODE,
  STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES,
  STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
  STUN_ATTRIBUTE_PRIORITY,
  STUN_ATTRIBUTE_USE_CANDIDATE,
  0
};

void
gst_wsctl_lite_stun_init (StunAgent * agent)
{
  stun_agent_init (agent, known_attributes, STUN_COMPATIBILITY_RFC5389,
      STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
      STUN_AGENT_USAGE_USE_FINGERPRINT);
}

gboolean
gst_wsctl_lite_stun_parse_ufrag (StunAgent * agent, const guint8 * packet,
    gsize size, gchar ufrag[GST_WSCTL_LITE_UFRAG_SIZE + 1])
{
  StunMessage message = { agent, (uint8_t *) packet, size, };
  const guint8 *username;
  uint16_t username_size;

  if (size < STUN_MESSAGE_HEADER_LENGTH
      || stun_message_validate_buffer_length (packet, size, TRUE) != (int) size
      || !stun_message_has_cookie (&message)
      || stun_message_get_class (&message) != STUN_REQUEST
      || stun_message_get_method (&message) != STUN_BINDING)
    return FALSE;

  username = stun_message_find (&message, STUN_ATTRIBUTE_USERNAME,
      &username_size);
  if (username == NULL || username_size <= GST_WSCTL_LITE_UFRAG_SIZE
      || username[GST_WSCTL_LITE_UFRAG_SIZE] != ':')
    return FALSE;

  memcpy (ufrag, username, GST_WSCTL_LITE_UFRAG_SIZE);
  ufrag[GST_WSCTL_LITE_UFRAG_SIZE] = '\0';

  return TRUE;
}

/* A socket for both families sees IPv4 addresses as ::ffff:a.b.c.d, which the
 * other side would not know for its own. */
static socklen_t
unmap_address (const struct sockaddr_storage *from, socklen_t size,
    struct sockaddr_storage *to)
{
  const struct sockaddr_in6 *from6 = (const struct sockaddr_in6 *) from;
  struct sockaddr_in *to4 = (struct sockaddr_in *) to;
  gboolean is_ipv6 = from->ss_family == AF_INET6;

  memset (to, 0, sizeof (*to));
  if (!is_ipv6 || !IN6_IS_ADDR_V4MAPPED (&from6->sin6_addr)) {
    memcpy (to, from, size);
    return size;
  }

  to4->sin_family = AF_INET;
  to4->sin_port = from6->sin6_port;
  memcpy (&to4->sin_addr, &from6->sin6_addr.s6_addr[12], 4);

  return sizeof (*to4);
}

/* libnice reads a whole HMAC whatever the attribute's length says. */
static gboolean
has_whole_integrity (StunAgent * agent, const guint8 * packet, gsize size)
{
  StunMessage message = { agent, (uint8_t *) packet, size, };
  uint16_t length;

  return stun_message_find (&message, STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
      &length) != NULL && length == INTEGRITY_SIZE;
}

static void
answer_error (StunAgent * agent, const StunMessage * request, StunError code,
    GstWsctlLiteCheck * check)
{
  StunMessage reply;

  if (stun_agent_init_error (agent, &reply, check->reply,
          sizeof (check->reply), request, code))
    check->reply_size = stun_agent_finish_message (agent, &reply, NULL, 0);
}

static GstWsctlLiteCheckResult
answer_valid (StunAgent * agent, StunMessage * request,
    const struct sockaddr_storage *source, socklen_t source_size,
    GstWsctlLiteCheck * check)
{
  struct sockaddr_storage mapped;
  StunMessage reply;
  bool controlling = FALSE;

  /* A tie breaker of 0 loses no conflict: a lite agent is always the
   * controlled one, the other side gets a 487 and changes its role. */
  source_size = unmap_address (source, source_size, &mapped);
  check->reply_size = sizeof (check->reply);
  if (stun_usage_ice_conncheck_create_reply (agent, request, &reply,
          check->reply, &check->reply_size, &mapped, source_size, &controlling,
          0, STUN_USAGE_ICE_COMPATIBILITY_RFC5245)
      != STUN_USAGE_ICE_RETURN_SUCCESS)
    return GST_WSCTL_LITE_CHECK_IGNORED;

  check->nominated = stun_usage_ice_conncheck_use_candidate (request);
  check->priority = stun_usage_ice_conncheck_priority (request);

  return GST_WSCTL_LITE_CHECK_VALID;
}

GstWsctlLiteCheckResult
gst_wsctl_lite_stun_answer (StunAgent * agent, const guint8 * packet,
    gsize size, const gchar * username, const gchar * pwd,
    const struct sockaddr_storage *source, socklen_t source_size,
    GstWsctlLiteCheck * check)
{
  StunDefaultValidaterData credentials[] = {
    {(uint8_t *) username, strlen (username), (uint8_t *) pwd, strlen (pwd)},
    {NULL, 0, NULL, 0}
  };
  StunMessage request, reply;

  check->nominated = FALSE;
  check->priority = 0;
  check->reply_size = 0;
  if (!has_whole_integrity (agent, packet, size))
    return GST_WSCTL_LITE_CHECK_REFUSED;

  switch (stun_agent_validate (agent, &request, packet, size,
          stun_agent_default_validater, credentials)) {
    case STUN_VALIDATION_SUCCESS:
      return answer_valid (agent, &request, source, source_size, check);
    case STUN_VALIDATION_UNAUTHORIZED:
      answer_error (agent, &request, STUN_ERROR_UNAUTHORIZED, check);
      return GST_WSCTL_LITE_CHECK_REFUSED;
    case STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE:
      check->reply_size = stun_agent_build_unknown_attributes_error (agent,
          &reply, check->reply, sizeof (check->reply), &request);
      return GST_WSCTL_LITE_CHECK_IGNORED;
    default:
      return GST_WSCTL_LITE_CHECK_IGNORED;
  }
}
