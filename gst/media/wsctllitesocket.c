/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server's UDP socket and its host candidates.
 */

#include "wsctllitesocket-private.h"

#include <gio/gnetworking.h>
#include <nice/interfaces.h>

#include "wsctlerror.h"

/* A key frame comes and goes in one burst. */
#define SOCKET_BUFFER_SIZE (2 * 1024 * 1024)
/* RFC 8445, 5.1.2.1, for a host candidate of component 1 */
#define HOST_PRIORITY(local) ((126u << 24) | ((guint) (local) << 8) | 255u)

static GSocket *
open_socket (GInetAddress * host, guint16 port, GError ** error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (host, port);
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (host),
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);

  if (socket == NULL)
    return NULL;

  g_socket_set_blocking (socket, FALSE);
#ifdef IPV6_V6ONLY
  if (g_inet_address_get_is_any (host)
      && g_inet_address_get_family (host) == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, FALSE, NULL);
#endif
  /* The system may give less: that is no error. */
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER_SIZE, NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER_SIZE, NULL);
  if (!g_socket_bind (socket, address, FALSE, error))
    return NULL;

  return g_steal_pointer (&socket);
}

/* Any address of both families, or of IPv4 on a system without IPv6. */
static GSocket *
open_any_socket (guint16 port, GError ** error)
{
  g_autoptr (GInetAddress) any6 = g_inet_address_new_any (G_SOCKET_FAMILY_IPV6);
  g_autoptr (GInetAddress) any4 = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  GSocket *socket = open_socket (any6, port, NULL);

  return socket != NULL ? socket : open_socket (any4, port, error);
}

GSocket *
gst_wsctl_lite_socket_open (const gchar * host, guint16 port, GError ** error)
{
  g_autoptr (GInetAddress) address = NULL;

  if (host == NULL)
    return open_any_socket (port, error);

  address = g_inet_address_new_from_string (host);
  if (address == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "'%s' is not an address to bind to", host);
    return NULL;
  }

  return open_socket (address, port, error);
}

guint16
gst_wsctl_lite_socket_get_port (GSocket * socket)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);

  return G_IS_INET_SOCKET_ADDRESS (local)
      ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local)) : 0;
}

/* Without a word about what to advertise: the address that the socket is
 * bound to, or all of this machine. */
static GStrv
find_own_addresses (GSocket * socket)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GInetAddress *host;
  GList *all, *item;

  host = local != NULL
      ? g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local))
      : NULL;
  if (host != NULL && !g_inet_address_get_is_any (host)) {
    g_autofree gchar *text = g_inet_address_to_string (host);

    g_strv_builder_add (builder, text);
    return g_strv_builder_end (builder);
  }

  /* Loopback is for a machine that has nothing else. */
  all = nice_interfaces_get_local_ips (FALSE);
  if (all == NULL)
    all = nice_interfaces_get_local_ips (TRUE);
  for (item = all; item != NULL; item = item->next) {
    g_autoptr (GInetAddress) address =
        g_inet_address_new_from_string (item->data);

    /* A link-local one means nothing without its interface. */
    if (address != NULL && !g_inet_address_get_is_link_local (address))
      g_strv_builder_add (builder, item->data);
  }
  g_list_free_full (all, g_free);

  return g_strv_builder_end (builder);
}

/* An address by itself is reached at the socket's own port; one with a port
 * belongs to something that passes packets on, a NAT for example. */
static gboolean
parse_advertised (const gchar * text, gchar ** address, guint16 * port,
    GError ** error)
{
  g_autoptr (GSocketConnectable) parsed = NULL;
  GNetworkAddress *network;

  if (g_hostname_is_ip_address (text)) {
    *address = g_strdup (text);
    return TRUE;
  }

  parsed = g_network_address_parse (text, 0, NULL);
  network = (GNetworkAddress *) parsed;
  if (network == NULL || g_network_address_get_port (network) == 0
      || !g_hostname_is_ip_address (g_network_address_get_hostname (network))) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "'%s' is not an address to advertise", text);
    return FALSE;
  }
  *address = g_strdup (g_network_address_get_hostname (network));
  *port = g_network_address_get_port (network);

  return TRUE;
}

GStrv
gst_wsctl_lite_socket_get_candidates (GSocket * socket,
    const gchar * const *addresses, GError ** error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) own = NULL;
  guint i;

  if (addresses == NULL) {
    own = find_own_addresses (socket);
    addresses = (const gchar * const *) own;
  }

  for (i = 0; addresses[i] != NULL; i++) {
    guint16 port = gst_wsctl_lite_socket_get_port (socket);
    g_autofree gchar *address = NULL;
    g_autofree gchar *line = NULL;

    if (!parse_advertised (addresses[i], &address, &port, error))
      return NULL;
    line = g_strdup_printf ("%u 1 udp %u %s %u typ host", i + 1,
        HOST_PRIORITY (G_MAXUINT16 - i), address, port);
    g_strv_builder_add (builder, line);
  }

  return g_strv_builder_end (builder);
}
