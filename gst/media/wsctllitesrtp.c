/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * SRTP with libsrtp, both ways for any SSRC, because the descriptions need not
 * announce them.
 *
 * AES-CM comes before GCM: a packet that is sent again for a NACK, and by
 * mistake differs from the first, costs GCM its authentication key.
 */

#include "wsctllitesrtp-private.h"

#include <gst/gst.h>
#include <openssl/crypto.h>
#include <srtp2/srtp.h>
#include <string.h>

#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctllitesrtp_debug);
#define GST_CAT_DEFAULT wsctllitesrtp_debug

/* A NACK may bring a packet that is this much older than the newest. */
#define WINDOW_SIZE 1024
/* libsrtp keeps a stream for every SSRC that it has seen, and looks through
 * them one by one. */
#define MAX_SSRCS 64
/* SRTCP adds its index to what SRTP adds. */
#define MAX_TRAILER_SIZE (SRTP_MAX_TRAILER_LEN + 4)
#define MIN_RTP_SIZE 12
#define MIN_RTCP_SIZE 8
/* The longest key and salt of the profiles */
#define MAX_KEY_SIZE (GST_WSCTL_LITE_MATERIAL_SIZE / 2)

struct _GstWsctlLiteSrtp
{
  srtp_t in;
  srtp_t out;
  guint32 ssrcs[MAX_SSRCS];     /* that have come in */
  guint n_ssrcs;
};

/* libsrtp can be initialized once in a process, by one thread, and does not say
 * whether it is. GStreamer's plugin does it when it is loaded; so that comes
 * first where there is one. */
static gboolean
initialize (void)
{
  g_autoptr (GstPlugin) plugin = NULL;

  if (gst_is_initialized ())
    plugin = gst_plugin_load_by_name ("srtp");

  return plugin != NULL || srtp_init () == srtp_err_status_ok;
}

/* Some milliseconds the first time, so not to be left to a client's
 * handshake. */
gboolean
gst_wsctl_lite_srtp_init (GError ** error)
{
  static gsize state = 0;

  if (g_once_init_enter (&state)) {
    gboolean ready = initialize ();

    GST_DEBUG_CATEGORY_INIT (wsctllitesrtp_debug, "wsctllitesrtp", 0,
        "SRTP of the server");
    g_once_init_leave (&state, ready ? 1 : 2);
  }

  if (state != 1)
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "libsrtp does not work");

  return state == 1;
}

static gboolean
is_offered (guint profile)
{
  return profile == srtp_profile_aes128_cm_sha1_80
      || profile == srtp_profile_aead_aes_128_gcm;
}

gsize
gst_wsctl_lite_srtp_get_material_size (guint profile)
{
  if (!is_offered (profile))
    return 0;

  return 2 * (srtp_profile_get_master_key_length (profile)
      + srtp_profile_get_master_salt_length (profile));
}

static srtp_err_status_t
create_session (srtp_t * session, guint profile, srtp_ssrc_type_t direction,
    const guint8 * key, const guint8 * salt)
{
  gsize key_size = srtp_profile_get_master_key_length (profile);
  gsize salt_size = srtp_profile_get_master_salt_length (profile);
  guint8 master[MAX_KEY_SIZE];
  srtp_policy_t policy = { {direction, 0}, };
  srtp_err_status_t status;

  memcpy (master, key, key_size);
  memcpy (master + key_size, salt, salt_size);
  policy.key = master;
  policy.window_size = WINDOW_SIZE;
  policy.allow_repeat_tx = 1;

  status = srtp_crypto_policy_set_from_profile_for_rtp (&policy.rtp, profile);
  if (status == srtp_err_status_ok)
    status =
        srtp_crypto_policy_set_from_profile_for_rtcp (&policy.rtcp, profile);
  if (status == srtp_err_status_ok)
    status = srtp_create (session, &policy);
  OPENSSL_cleanse (master, sizeof (master));

  return status;
}

GstWsctlLiteSrtp *
gst_wsctl_lite_srtp_new (guint profile, const guint8 * material,
    gboolean is_server, GError ** error)
{
  g_autoptr (GstWsctlLiteSrtp) self = g_new0 (GstWsctlLiteSrtp, 1);
  const guint8 *keys[2], *salts[2];
  gsize key_size, salt_size;

  if (!gst_wsctl_lite_srtp_init (error))
    return NULL;
  if (!is_offered (profile)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_PEER_CONNECTION_FAILED,
        "SRTP profile %u is not available", profile);
    return NULL;
  }

  key_size = srtp_profile_get_master_key_length (profile);
  salt_size = srtp_profile_get_master_salt_length (profile);
  keys[0] = material;
  keys[1] = keys[0] + key_size;
  salts[0] = keys[1] + key_size;
  salts[1] = salts[0] + salt_size;

  is_server = is_server ? 1 : 0;
  if (create_session (&self->in, profile, ssrc_any_inbound, keys[!is_server],
          salts[!is_server]) != srtp_err_status_ok
      || create_session (&self->out, profile, ssrc_any_outbound,
          keys[is_server], salts[is_server]) != srtp_err_status_ok) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_PEER_CONNECTION_FAILED,
        "SRTP profile %u could not be set up", profile);
    return NULL;
  }

  return g_steal_pointer (&self);
}

void
gst_wsctl_lite_srtp_free (GstWsctlLiteSrtp * self)
{
  if (self->in != NULL)
    srtp_dealloc (self->in);
  if (self->out != NULL)
    srtp_dealloc (self->out);
  g_free (self);
}

gboolean
gst_wsctl_lite_srtp_protect (GstWsctlLiteSrtp * self, guint8 * packet,
    gsize * size, gboolean is_rtcp)
{
  srtp_err_status_t status;
  int length = *size;

  if (*size < (is_rtcp ? MIN_RTCP_SIZE : MIN_RTP_SIZE)
      || *size > GST_WSCTL_LITE_PACKET_SIZE - MAX_TRAILER_SIZE)
    return FALSE;

  if (is_rtcp)
    status = srtp_protect_rtcp (self->out, packet, &length);
  else
    status = srtp_protect (self->out, packet, &length);
  if (status != srtp_err_status_ok) {
    GST_DEBUG ("A packet of %" G_GSIZE_FORMAT " bytes was not encrypted: %d",
        *size, status);
    return FALSE;
  }
  *size = length;

  return TRUE;
}

static gboolean
has_seen (GstWsctlLiteSrtp * self, guint32 ssrc)
{
  guint i;

  for (i = 0; i < self->n_ssrcs; i++) {
    if (self->ssrcs[i] == ssrc)
      return TRUE;
  }

  return FALSE;
}

gboolean
gst_wsctl_lite_srtp_unprotect (GstWsctlLiteSrtp * self, guint8 * packet,
    gsize * size, gboolean is_rtcp)
{
  srtp_err_status_t status;
  int length = *size;
  gboolean seen;
  guint32 ssrc;

  if (*size < (is_rtcp ? MIN_RTCP_SIZE : MIN_RTP_SIZE))
    return FALSE;

  ssrc = GST_READ_UINT32_BE (packet + (is_rtcp ? 4 : 8));
  seen = has_seen (self, ssrc);
  if (!seen && self->n_ssrcs == MAX_SSRCS)
    return FALSE;

  if (is_rtcp)
    status = srtp_unprotect_rtcp (self->in, packet, &length);
  else
    status = srtp_unprotect (self->in, packet, &length);
  if (status != srtp_err_status_ok) {
    GST_LOG ("A packet of %" G_GSIZE_FORMAT " bytes was dropped: %d", *size,
        status);
    return FALSE;
  }

  if (!seen)
    self->ssrcs[self->n_ssrcs++] = ssrc;
  *size = length;

  return TRUE;
}
