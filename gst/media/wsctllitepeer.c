/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One session on the server's UDP port: it is reached by a check, connected
 * by DTLS, and ends once. A callback may close it, and may let go of it.
 */

#include "wsctlliteport-private.h"

#include <gst/gst.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "wsctlerror.h"
#include "wsctllitedtls-private.h"
#include "wsctllitesrtp-private.h"
#include "wsctllitestun-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctllitepeer_debug);
#define GST_CAT_DEFAULT wsctllitepeer_debug

/* RFC 8445, 5.3 asks for 128 bits: six to a character. */
#define PWD_SIZE 32

typedef enum
{
  STATE_NEW,
  STATE_REACHED,
  STATE_CONNECTED,
  STATE_CLOSED,
} State;

static const gchar *const state_names[] = {
  "new", "reached", "connected", "closed"
};

struct _GstWsctlLitePeer
{
  GObject parent_instance;

  State state;
  GstWsctlLitePort *port;       /* NULL once closed */
  gchar *ufrag;
  gchar *pwd;
  gchar *username;              /* of its checks: our ufrag, a colon, theirs */
  GstWsctlLitePeerCallbacks callbacks;
  gpointer data;

  GstWsctlLitePaths paths;
  gint64 last_seen;

  GstWsctlLiteDtls *dtls;       /* NULL once closed */
  gboolean ignores_dtls;        /* a test wants it so */
  GSource *timer;               /* while DTLS may have to send again */
  GstWsctlLiteSrtp *srtp;       /* while connected */
};

G_DEFINE_FINAL_TYPE (GstWsctlLitePeer, gst_wsctl_lite_peer, G_TYPE_OBJECT);

/* @size of the characters that RFC 8839, 5.4 allows, unguessable */
static gchar *
make_secret (gsize size)
{
  static const gchar characters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  gchar *text = g_malloc0 (size + 1);
  gsize i;

  if (RAND_bytes ((guchar *) text, size) != 1)
    g_error ("No random numbers");
  for (i = 0; i < size; i++)
    text[i] = characters[(guchar) text[i] % 64];

  return text;
}

static void
set_state (GstWsctlLitePeer * self, State state)
{
  GST_INFO_OBJECT (self, "%s: %s -> %s", self->ufrag,
      state_names[self->state], state_names[state]);
  self->state = state;
}

static void
clear_timer (GstWsctlLitePeer * self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
forget_path (GstWsctlLitePeer * self, GstWsctlLitePath * path,
    GstWsctlLitePort * port)
{
  if (path->source == NULL)
    return;

  gst_wsctl_lite_port_remove_address (port, &path->address, self);
  g_clear_object (&path->source);
}

/* Says goodbye and lets go of everything but the names. No callback. */
static void
release (GstWsctlLitePeer * self)
{
  g_autoptr (GstWsctlLitePort) port = NULL;
  guint i;

  if (self->port == NULL)
    return;

  gst_wsctl_lite_dtls_shut_down (self->dtls);
  g_clear_pointer (&self->dtls, gst_wsctl_lite_dtls_free);
  g_clear_pointer (&self->srtp, gst_wsctl_lite_srtp_free);
  clear_timer (self);

  port = g_steal_pointer (&self->port);
  gst_wsctl_lite_port_remove_peer (port, self->ufrag);
  self->paths.selected = NULL;
  for (i = 0; i < GST_WSCTL_LITE_MAX_PATHS; i++)
    forget_path (self, &self->paths.places[i], port);
  set_state (self, STATE_CLOSED);
}

void
gst_wsctl_lite_peer_end (GstWsctlLitePeer * self, const GError * error)
{
  if (self->port == NULL)
    return;

  if (error != NULL)
    GST_INFO_OBJECT (self, "%s: %s", self->ufrag, error->message);
  release (self);
  if (self->callbacks.closed != NULL)
    self->callbacks.closed (self, error, self->data);
}

static void
send_dtls (const guint8 * datagram, gsize size, gpointer data)
{
  GstWsctlLitePeer *self = data;

  if (self->paths.selected != NULL)
    gst_wsctl_lite_port_send (self->port, self->paths.selected->source,
        datagram, size);
}

static void
take_sctp (const guint8 * packet, gsize size, gpointer data)
{
  GstWsctlLitePeer *self = data;

  self->last_seen = g_get_monotonic_time ();
  if (self->callbacks.sctp != NULL)
    self->callbacks.sctp (self, packet, size, self->data);
}

static void
connect_media (GstWsctlLitePeer * self)
{
  guint8 material[GST_WSCTL_LITE_MATERIAL_SIZE];
  guint profile = gst_wsctl_lite_dtls_get_profile (self->dtls);
  gsize size = gst_wsctl_lite_srtp_get_material_size (profile);
  g_autoptr (GError) error = NULL;

  if (size == 0 || size > sizeof (material)
      || !gst_wsctl_lite_dtls_export (self->dtls, material, size)) {
    g_set_error (&error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_PEER_CONNECTION_FAILED,
        "DTLS did not agree on keys for SRTP");
    gst_wsctl_lite_peer_end (self, error);
    return;
  }

  self->srtp = gst_wsctl_lite_srtp_new (profile, material, TRUE, &error);
  OPENSSL_cleanse (material, sizeof (material));
  if (self->srtp == NULL) {
    gst_wsctl_lite_peer_end (self, error);
    return;
  }

  set_state (self, STATE_CONNECTED);
  if (self->callbacks.connected != NULL)
    self->callbacks.connected (self, self->data);
}

static gboolean on_timeout (gpointer data);

static void
follow_dtls (GstWsctlLitePeer * self, GstWsctlLiteDtlsState state,
    const GError * error)
{
  guint delay_ms;

  clear_timer (self);
  if (gst_wsctl_lite_dtls_get_timeout (self->dtls, &delay_ms)) {
    self->timer = g_timeout_source_new (delay_ms);
    g_source_set_callback (self->timer, on_timeout, self, NULL);
    g_source_attach (self->timer, gst_wsctl_lite_port_get_context (self->port));
  }

  switch (state) {
    case GST_WSCTL_LITE_DTLS_HANDSHAKE:
      break;
    case GST_WSCTL_LITE_DTLS_CONNECTED:
      if (self->srtp == NULL)
        connect_media (self);
      break;
    case GST_WSCTL_LITE_DTLS_ENDED:
    case GST_WSCTL_LITE_DTLS_FAILED:
      gst_wsctl_lite_peer_end (self, error);
      break;
  }
}

static gboolean
on_timeout (gpointer data)
{
  g_autoptr (GstWsctlLitePeer) self = g_object_ref (data);
  g_autoptr (GError) error = NULL;
  GstWsctlLiteDtlsState state =
      gst_wsctl_lite_dtls_retransmit (self->dtls, &error);

  follow_dtls (self, state, error);

  return G_SOURCE_REMOVE;
}

void
gst_wsctl_lite_peer_receive_dtls (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size)
{
  g_autoptr (GError) error = NULL;
  GstWsctlLiteDtlsState state;

  if (self->ignores_dtls)
    return;

  state = gst_wsctl_lite_dtls_receive (self->dtls, packet, size, &error);
  follow_dtls (self, state, error);
}

void
gst_wsctl_lite_peer_ignore_dtls (GstWsctlLitePeer * self)
{
  g_return_if_fail (GST_WSCTL_IS_LITE_PEER (self));

  self->ignores_dtls = TRUE;
}

static GstWsctlLitePath *
add_path (GstWsctlLitePeer * self, GSocketAddress * source,
    const GstWsctlLiteAddress * address)
{
  GstWsctlLitePath *path = gst_wsctl_lite_paths_get_place (&self->paths);

  forget_path (self, path, self->port);
  path->source = g_object_ref (source);
  path->address = *address;
  path->nominated = FALSE;

  return path;
}

static void
on_selected (GstWsctlLitePeer * self, GSocketAddress * source)
{
  g_autofree gchar *text =
      g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (source));

  GST_INFO_OBJECT (self, "%s: sends to %s", self->ufrag, text);
  if (self->state != STATE_NEW)
    return;

  set_state (self, STATE_REACHED);
  if (self->callbacks.reached != NULL)
    self->callbacks.reached (self, self->data);
}

void
gst_wsctl_lite_peer_receive_check (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size, GSocketAddress * source,
    const GstWsctlLiteAddress * address)
{
  struct sockaddr_storage native = { 0, };
  GstWsctlLiteCheckResult result;
  GstWsctlLiteCheck check;
  GstWsctlLitePath *path;

  memcpy (&native, address->bytes, address->size);
  result = gst_wsctl_lite_stun_answer (gst_wsctl_lite_port_get_stun
      (self->port), packet, size, self->username, self->pwd, &native,
      address->size, &check);
  if (check.reply_size > 0)
    gst_wsctl_lite_port_send (self->port, source, check.reply,
        check.reply_size);
  if (result != GST_WSCTL_LITE_CHECK_VALID)
    return;

  path = gst_wsctl_lite_paths_find (&self->paths, address);
  if (path == NULL)
    path = add_path (self, source, address);
  gst_wsctl_lite_port_add_address (self->port, address, self);
  self->last_seen = g_get_monotonic_time ();
  if (gst_wsctl_lite_paths_check (&self->paths, path, check.nominated,
          check.priority, self->last_seen))
    on_selected (self, source);
}

/* RFC 5761, 4: the packet types of RTCP are no payload types of RTP. */
static gboolean
is_rtcp (const guint8 * packet)
{
  return packet[1] >= 192 && packet[1] <= 223;
}

void
gst_wsctl_lite_peer_receive_media (GstWsctlLitePeer * self, guint8 * packet,
    gsize size, const GstWsctlLiteAddress * address)
{
  gboolean rtcp = size > 1 && is_rtcp (packet);
  GstWsctlLitePath *path;

  if (self->srtp == NULL
      || !gst_wsctl_lite_srtp_unprotect (self->srtp, packet, &size, rtcp))
    return;

  self->last_seen = g_get_monotonic_time ();
  path = gst_wsctl_lite_paths_find (&self->paths, address);
  if (path != NULL)
    path->last_seen = self->last_seen;

  if (rtcp && self->callbacks.rtcp != NULL)
    self->callbacks.rtcp (self, packet, size, self->data);
  else if (!rtcp && self->callbacks.rtp != NULL)
    self->callbacks.rtp (self, packet, size, self->data);
}

GstWsctlLitePeer *
gst_wsctl_lite_peer_new (GstWsctlLitePort * port, const gchar * remote_ufrag,
    const gchar * remote_fingerprint,
    const GstWsctlLitePeerCallbacks * callbacks, gpointer data)
{
  GstWsctlLitePeer *self;

  g_return_val_if_fail (GST_WSCTL_IS_LITE_PORT (port), NULL);
  g_return_val_if_fail (remote_ufrag != NULL, NULL);
  g_return_val_if_fail (remote_fingerprint != NULL, NULL);
  g_return_val_if_fail (callbacks != NULL, NULL);

  self = g_object_new (GST_WSCTL_TYPE_LITE_PEER, NULL);
  self->port = g_object_ref (port);
  self->callbacks = *callbacks;
  self->data = data;
  do {
    g_free (self->ufrag);
    self->ufrag = make_secret (GST_WSCTL_LITE_UFRAG_SIZE);
  } while (!gst_wsctl_lite_port_add_peer (port, self->ufrag, self));
  self->pwd = make_secret (PWD_SIZE);
  self->username = g_strconcat (self->ufrag, ":", remote_ufrag, NULL);
  self->dtls = gst_wsctl_lite_dtls_new (gst_wsctl_lite_port_get_tls (port),
      remote_fingerprint, send_dtls, take_sctp, self);

  return self;
}

const gchar *
gst_wsctl_lite_peer_get_ufrag (GstWsctlLitePeer * self)
{
  return self->ufrag;
}

const gchar *
gst_wsctl_lite_peer_get_pwd (GstWsctlLitePeer * self)
{
  return self->pwd;
}

gboolean
gst_wsctl_lite_peer_is_connected (GstWsctlLitePeer * self)
{
  return self->srtp != NULL;
}

gint64
gst_wsctl_lite_peer_get_last_seen (GstWsctlLitePeer * self)
{
  return self->last_seen;
}

static gboolean
send_media (GstWsctlLitePeer * self, const guint8 * packet, gsize size,
    gboolean rtcp)
{
  /* libsrtp wants it aligned. */
  guint64 copy[GST_WSCTL_LITE_PACKET_SIZE / sizeof (guint64)];

  if (self->srtp == NULL || size > sizeof (copy))
    return FALSE;

  memcpy (copy, packet, size);

  return gst_wsctl_lite_srtp_protect (self->srtp, (guint8 *) copy, &size, rtcp)
      && gst_wsctl_lite_port_send (self->port, self->paths.selected->source,
      (const guint8 *) copy, size);
}

gboolean
gst_wsctl_lite_peer_send_rtp (GstWsctlLitePeer * self, const guint8 * packet,
    gsize size)
{
  g_return_val_if_fail (GST_WSCTL_IS_LITE_PEER (self), FALSE);

  return send_media (self, packet, size, FALSE);
}

gboolean
gst_wsctl_lite_peer_send_rtcp (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size)
{
  g_return_val_if_fail (GST_WSCTL_IS_LITE_PEER (self), FALSE);

  return send_media (self, packet, size, TRUE);
}

gboolean
gst_wsctl_lite_peer_send_sctp (GstWsctlLitePeer * self, const guint8 * packet,
    gsize size)
{
  g_return_val_if_fail (GST_WSCTL_IS_LITE_PEER (self), FALSE);

  return self->dtls != NULL
      && gst_wsctl_lite_dtls_say (self->dtls, packet, size);
}

void
gst_wsctl_lite_peer_close (GstWsctlLitePeer * self)
{
  g_return_if_fail (GST_WSCTL_IS_LITE_PEER (self));

  release (self);
}

static void
gst_wsctl_lite_peer_dispose (GObject * object)
{
  release (GST_WSCTL_LITE_PEER (object));

  G_OBJECT_CLASS (gst_wsctl_lite_peer_parent_class)->dispose (object);
}

static void
gst_wsctl_lite_peer_finalize (GObject * object)
{
  GstWsctlLitePeer *self = GST_WSCTL_LITE_PEER (object);

  g_free (self->ufrag);
  g_free (self->pwd);
  g_free (self->username);

  G_OBJECT_CLASS (gst_wsctl_lite_peer_parent_class)->finalize (object);
}

static void
gst_wsctl_lite_peer_class_init (GstWsctlLitePeerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = gst_wsctl_lite_peer_dispose;
  object_class->finalize = gst_wsctl_lite_peer_finalize;

  GST_DEBUG_CATEGORY_INIT (wsctllitepeer_debug, "wsctllitepeer", 0,
      "One session on the server's UDP port");
}

static void
gst_wsctl_lite_peer_init (GstWsctlLitePeer * self)
{
}
