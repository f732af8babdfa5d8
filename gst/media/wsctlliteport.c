/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One UDP socket for all sessions. A check finds its peer by the ufrag in its
 * USERNAME; once a peer has accepted a check, everything else from that
 * address is the peer's. What has no peer costs a look into a hash table.
 */

#include "wsctlliteport-private.h"

#include <gio/gnetworking.h>
#include <gst/gst.h>
#include <openssl/ssl.h>

#include "wsctlcertificate-private.h"
#include "wsctlerror.h"
#include "wsctllitedtls-private.h"
#include "wsctllitesocket-private.h"
#include "wsctllitesrtp-private.h"
#include "wsctllitestun-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlliteport_debug);
#define GST_CAT_DEFAULT wsctlliteport_debug

/* So many packets are taken before other sources of the context get their
 * turn. */
#define BATCH_SIZE 32
#define FINGERPRINT_ALGORITHM "sha-256"

struct _GstWsctlLitePort
{
  GObject parent_instance;

  GMainContext *context;
  GSocket *socket;              /* NULL once closed */
  GSource *source;
  guint16 number;
  GStrv candidates;
  gchar *fingerprint;
  SSL_CTX *tls;
  StunAgent stun;
  guint8 *buffer;               /* BATCH_SIZE packets */

  GHashTable *peers;            /* ufrag -> peer, which takes itself away */
  GHashTable *addresses;        /* GstWsctlLiteAddress -> peer, likewise */
};

G_DEFINE_FINAL_TYPE (GstWsctlLitePort, gst_wsctl_lite_port, G_TYPE_OBJECT);

static guint
hash_address (gconstpointer data)
{
  const GstWsctlLiteAddress *address = data;
  guint hash = 5381;
  gsize i;

  for (i = 0; i < address->size; i++)
    hash = hash * 33 + address->bytes[i];

  return hash;
}

static gboolean
fill_address (GSocketAddress * source, GstWsctlLiteAddress * address)
{
  gssize size = g_socket_address_get_native_size (source);

  if (size <= 0 || size > (gssize) sizeof (address->bytes))
    return FALSE;
  address->size = size;

  return g_socket_address_to_native (source, address->bytes, size, NULL);
}

static void
receive_check (GstWsctlLitePort * self, const guint8 * packet, gsize size,
    GSocketAddress * source, const GstWsctlLiteAddress * address)
{
  g_autoptr (GstWsctlLitePeer) peer = NULL;
  gchar ufrag[GST_WSCTL_LITE_UFRAG_SIZE + 1];

  if (!gst_wsctl_lite_stun_parse_ufrag (&self->stun, packet, size, ufrag))
    return;

  peer = g_hash_table_lookup (self->peers, ufrag);
  if (peer == NULL)
    return;
  g_object_ref (peer);
  gst_wsctl_lite_peer_receive_check (peer, packet, size, source, address);
}

/* RFC 7983, 7: the first byte tells what it is. */
static void
receive_packet (GstWsctlLitePort * self, guint8 * packet, gsize size,
    GSocketAddress * source)
{
  g_autoptr (GstWsctlLitePeer) peer = NULL;
  GstWsctlLiteAddress address;
  gboolean is_check = packet[0] <= 3;
  gboolean is_dtls = packet[0] >= 20 && packet[0] <= 63;
  gboolean is_media = packet[0] >= 128 && packet[0] <= 191;

  if (!(is_check || is_dtls || is_media) || !fill_address (source, &address))
    return;

  if (is_check) {
    receive_check (self, packet, size, source, &address);
    return;
  }

  peer = g_hash_table_lookup (self->addresses, &address);
  if (peer == NULL)
    return;
  g_object_ref (peer);
  if (is_dtls)
    gst_wsctl_lite_peer_receive_dtls (peer, packet, size);
  else
    gst_wsctl_lite_peer_receive_media (peer, packet, size, &address);
}

static gboolean
on_readable (GSocket * socket, GIOCondition condition, gpointer data)
{
  g_autoptr (GstWsctlLitePort) self = g_object_ref (data);
  GSocketAddress *sources[BATCH_SIZE] = { NULL, };
  GInputMessage messages[BATCH_SIZE] = { {NULL,}, };
  GInputVector vectors[BATCH_SIZE];
  g_autoptr (GError) error = NULL;
  gint n, i;

  for (i = 0; i < BATCH_SIZE; i++) {
    vectors[i].buffer = self->buffer + i * GST_WSCTL_LITE_PACKET_SIZE;
    vectors[i].size = GST_WSCTL_LITE_PACKET_SIZE;
    messages[i].address = &sources[i];
    messages[i].vectors = &vectors[i];
    messages[i].num_vectors = 1;
  }

  n = g_socket_receive_messages (socket, messages, BATCH_SIZE, 0, NULL, &error);
  if (n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    GST_WARNING_OBJECT (self, "Could not receive: %s", error->message);

  for (i = 0; i < n; i++) {
    gboolean whole = (messages[i].flags & MSG_TRUNC) == 0;

    /* A callback may have closed the port. */
    if (whole && messages[i].bytes_received > 0 && self->socket != NULL)
      receive_packet (self, vectors[i].buffer, messages[i].bytes_received,
          sources[i]);
    g_clear_object (&sources[i]);
  }

  return G_SOURCE_CONTINUE;
}

static gboolean
set_certificate (GstWsctlLitePort * self, GError ** error)
{
  g_autofree gchar *pem = gst_wsctl_certificate_new_pem (error);
  g_autofree gchar *digest = NULL;

  if (pem == NULL)
    return FALSE;

  digest = gst_wsctl_certificate_get_fingerprint (pem, FINGERPRINT_ALGORITHM,
      error);
  self->tls = digest != NULL
      ? gst_wsctl_lite_dtls_context_new (pem, error) : NULL;
  if (self->tls == NULL)
    return FALSE;
  self->fingerprint = g_strconcat (FINGERPRINT_ALGORITHM, " ", digest, NULL);

  return TRUE;
}

static gboolean
set_socket (GstWsctlLitePort * self, const gchar * host, guint16 port,
    const gchar * const *advertise, GError ** error)
{
  self->socket = gst_wsctl_lite_socket_open (host, port, error);
  if (self->socket == NULL)
    return FALSE;

  self->number = gst_wsctl_lite_socket_get_port (self->socket);
  self->candidates = gst_wsctl_lite_socket_get_candidates (self->socket,
      advertise, error);
  if (self->candidates == NULL)
    return FALSE;

  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, self->context);

  return TRUE;
}

GstWsctlLitePort *
gst_wsctl_lite_port_new (const gchar * bind_host, guint16 port,
    const gchar * const *advertise, GError ** error)
{
  g_autoptr (GstWsctlLitePort) self =
      g_object_new (GST_WSCTL_TYPE_LITE_PORT, NULL);

  if (!gst_wsctl_lite_srtp_init (error) || !set_certificate (self, error)
      || !set_socket (self, bind_host, port, advertise, error)) {
    g_prefix_error (error, "UDP port %u: ", port);
    return NULL;
  }
  GST_INFO_OBJECT (self, "Open on port %u", self->number);

  return g_steal_pointer (&self);
}

/* Ends the sessions first, while they can still say so to the other side. */
void
gst_wsctl_lite_port_close (GstWsctlLitePort * self)
{
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_CLOSED, "The server's UDP port was closed");
  g_autoptr (GstWsctlLitePort) hold = NULL;
  GList *peers, *item;

  g_return_if_fail (GST_WSCTL_IS_LITE_PORT (self));

  if (self->socket == NULL)
    return;

  hold = g_object_ref (self);
  peers = g_hash_table_get_values (self->peers);
  g_list_foreach (peers, (GFunc) g_object_ref, NULL);
  for (item = peers; item != NULL; item = item->next)
    gst_wsctl_lite_peer_end (item->data, error);
  g_list_free_full (peers, g_object_unref);

  /* One of them may have closed the port in its callback. */
  if (self->socket == NULL)
    return;
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
  GST_INFO_OBJECT (self, "Closed port %u", self->number);
}

guint16
gst_wsctl_lite_port_get_port (GstWsctlLitePort * self)
{
  return self->number;
}

const gchar *
gst_wsctl_lite_port_get_fingerprint (GstWsctlLitePort * self)
{
  return self->fingerprint;
}

GStrv
gst_wsctl_lite_port_get_candidates (GstWsctlLitePort * self)
{
  return g_strdupv (self->candidates);
}

GMainContext *
gst_wsctl_lite_port_get_context (GstWsctlLitePort * self)
{
  return self->context;
}

SSL_CTX *
gst_wsctl_lite_port_get_tls (GstWsctlLitePort * self)
{
  return self->tls;
}

StunAgent *
gst_wsctl_lite_port_get_stun (GstWsctlLitePort * self)
{
  return &self->stun;
}

gboolean
gst_wsctl_lite_port_add_peer (GstWsctlLitePort * self, const gchar * ufrag,
    GstWsctlLitePeer * peer)
{
  if (g_hash_table_contains (self->peers, ufrag))
    return FALSE;

  return g_hash_table_insert (self->peers, g_strdup (ufrag), peer);
}

void
gst_wsctl_lite_port_remove_peer (GstWsctlLitePort * self, const gchar * ufrag)
{
  g_hash_table_remove (self->peers, ufrag);
}

void
gst_wsctl_lite_port_add_address (GstWsctlLitePort * self,
    const GstWsctlLiteAddress * address, GstWsctlLitePeer * peer)
{
  g_hash_table_replace (self->addresses, g_memdup2 (address,
          sizeof (*address)), peer);
}

void
gst_wsctl_lite_port_remove_address (GstWsctlLitePort * self,
    const GstWsctlLiteAddress * address, GstWsctlLitePeer * peer)
{
  if (g_hash_table_lookup (self->addresses, address) == peer)
    g_hash_table_remove (self->addresses, address);
}

gboolean
gst_wsctl_lite_port_send (GstWsctlLitePort * self, GSocketAddress * address,
    const guint8 * packet, gsize size)
{
  g_autoptr (GError) error = NULL;

  if (self->socket == NULL)
    return FALSE;

  if (g_socket_send_to (self->socket, address, (const gchar *) packet, size,
          NULL, &error) == (gssize) size)
    return TRUE;
  GST_LOG_OBJECT (self, "Could not send %" G_GSIZE_FORMAT " bytes: %s", size,
      error != NULL ? error->message : "cut short");

  return FALSE;
}

static void
gst_wsctl_lite_port_dispose (GObject * object)
{
  gst_wsctl_lite_port_close (GST_WSCTL_LITE_PORT (object));

  G_OBJECT_CLASS (gst_wsctl_lite_port_parent_class)->dispose (object);
}

static void
gst_wsctl_lite_port_finalize (GObject * object)
{
  GstWsctlLitePort *self = GST_WSCTL_LITE_PORT (object);

  /* Each peer holds the port. */
  g_assert (g_hash_table_size (self->peers) == 0);
  g_assert (g_hash_table_size (self->addresses) == 0);

  g_hash_table_unref (self->addresses);
  g_hash_table_unref (self->peers);
  SSL_CTX_free (self->tls);
  g_free (self->buffer);
  g_free (self->fingerprint);
  g_strfreev (self->candidates);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (gst_wsctl_lite_port_parent_class)->finalize (object);
}

static void
gst_wsctl_lite_port_class_init (GstWsctlLitePortClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = gst_wsctl_lite_port_dispose;
  object_class->finalize = gst_wsctl_lite_port_finalize;

  GST_DEBUG_CATEGORY_INIT (wsctlliteport_debug, "wsctlliteport", 0,
      "UDP port of the server");
}

static void
gst_wsctl_lite_port_init (GstWsctlLitePort * self)
{
  self->context = g_main_context_ref_thread_default ();
  self->buffer = g_malloc (BATCH_SIZE * GST_WSCTL_LITE_PACKET_SIZE);
  self->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->addresses = g_hash_table_new_full (hash_address,
      gst_wsctl_lite_address_equal, g_free, NULL);
  gst_wsctl_lite_stun_init (&self->stun);
}
