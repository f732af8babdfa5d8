/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctllookups-private.h"

#include <gio/gio.h>
#include <string.h>

#include "wsctlcategory-private.h"
#include "wsctlremote-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctllookups_debug);
#define GST_CAT_DEFAULT wsctllookups_debug

#define MAX_LOOKUPS 64
#define MAX_ADDRESSES 4         /* of one name */

struct _GstWsctlLookups
{
  gatomicrefcount refs;
  GstWsctlLoop *loop;
  GstElement *webrtcbin;
  GstWsctlLookupFunc func;      /* NULL: nobody wants to know */
  gpointer data;
  GCancellable *cancellable;
  GHashTable *seen;             /* candidates: bundled media repeat them */
  GPtrArray *failures;          /* "'NAME' (REASON)" */
  GPtrArray *pending;           /* Lookup */
};

typedef struct
{
  GstWsctlLookups *owner;
  guint mline;
  GStrv words;
} Lookup;

GstWsctlLookups *
gst_wsctl_lookups_new (GstWsctlLoop * loop, GstElement * webrtcbin)
{
  GstWsctlLookups *self = g_new0 (GstWsctlLookups, 1);

  GST_WSCTL_CATEGORY_INIT (wsctllookups_debug, "wsctllookups",
      "WebRTC WebSocket control: host names of candidates");

  g_atomic_ref_count_init (&self->refs);
  self->loop = gst_wsctl_loop_ref (loop);
  self->webrtcbin = gst_object_ref (webrtcbin);
  self->cancellable = g_cancellable_new ();
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->failures = g_ptr_array_new_with_free_func (g_free);
  self->pending = g_ptr_array_new ();

  return self;
}

void
gst_wsctl_lookups_unref (GstWsctlLookups * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gst_object_unref (self->webrtcbin);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->seen);
  g_ptr_array_unref (self->failures);
  g_ptr_array_unref (self->pending);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

void
gst_wsctl_lookups_set_func (GstWsctlLookups * self, GstWsctlLookupFunc func,
    gpointer data)
{
  self->func = func;
  self->data = data;
}

void
gst_wsctl_lookups_close (GstWsctlLookups * self)
{
  self->func = NULL;
  g_cancellable_cancel (self->cancellable);
}

static void
free_lookup (Lookup * lookup)
{
  g_strfreev (lookup->words);
  gst_wsctl_lookups_unref (lookup->owner);
  g_free (lookup);
}

static void
give (GstWsctlLookups * self, guint mline, const GStrv words)
{
  g_autofree gchar *joined = g_strjoinv (" ", words);
  g_autofree gchar *candidate = g_strconcat ("candidate:", joined, NULL);

  GST_DEBUG_OBJECT (self->webrtcbin, "section %u: %s", mline, candidate);
  g_signal_emit_by_name (self->webrtcbin, "add-ice-candidate", mline,
      candidate);
}

/* Only a UDP candidate of RTP is of interest beyond webrtcbin. */
static void
tell_found (GstWsctlLookups * self, const GStrv words)
{
  guint64 port;

  if (self->func != NULL
      && strcmp (words[GST_WSCTL_REMOTE_COMPONENT], "1") == 0
      && g_ascii_strcasecmp (words[GST_WSCTL_REMOTE_TRANSPORT], "udp") == 0
      && g_ascii_string_to_unsigned (words[GST_WSCTL_REMOTE_PORT], 10, 1,
          G_MAXUINT16, &port, NULL))
    self->func (words[GST_WSCTL_REMOTE_ADDRESS], port, self->data);
}

static gchar *
describe_failure (const gchar * name, const gchar * why)
{
  return g_strdup_printf ("'%s' (%s)", name, why);
}

/* Several candidates may have the same name. */
static void
add_failure (GPtrArray * failures, gchar * failure)
{
  if (g_ptr_array_find_with_equal_func (failures, failure, g_str_equal, NULL))
    g_free (failure);
  else
    g_ptr_array_add (failures, failure);
}

static void
lookup_done (GObject * resolver, GAsyncResult * result, gpointer data)
{
  Lookup *lookup = data;
  GstWsctlLookups *self = lookup->owner;
  gchar **address = &lookup->words[GST_WSCTL_REMOTE_ADDRESS];
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver),
      result, &error);
  GList *item;
  guint n;

  g_ptr_array_remove_fast (self->pending, lookup);
  if (g_cancellable_is_cancelled (self->cancellable)) {
    g_resolver_free_addresses (addresses);
    free_lookup (lookup);
    return;
  }

  if (error != NULL) {
    GST_WARNING_OBJECT (self->webrtcbin, "the host name '%s' of a candidate "
        "could not be looked up: %s", *address, error->message);
    add_failure (self->failures, describe_failure (*address, error->message));
  }
  for (item = addresses, n = 0; item != NULL && n < MAX_ADDRESSES;
      item = item->next, n++) {
    g_free (*address);
    *address = g_inet_address_to_string (item->data);
    give (self, lookup->mline, lookup->words);
    tell_found (self, lookup->words);
  }
  if (error != NULL && self->func != NULL)
    self->func (NULL, 0, self->data);
  g_resolver_free_addresses (addresses);
  free_lookup (lookup);
}

static void
look_up (GstWsctlLookups * self, guint mline, GStrv words)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Lookup *lookup = g_new (Lookup, 1);

  g_atomic_ref_count_inc (&self->refs);
  lookup->owner = self;
  lookup->mline = mline;
  lookup->words = words;
  g_ptr_array_add (self->pending, lookup);
  g_resolver_lookup_by_name_async (resolver, words[GST_WSCTL_REMOTE_ADDRESS],
      self->cancellable, lookup_done, lookup);
}

/* A zone is a name of the machine that wrote it; libnice refuses an address with
 * one that is unknown here. */
static void
remove_foreign_zone (gchar * address)
{
  gchar *zone = strchr (address, '%');
  g_autoptr (GSocketAddress) known =
      zone != NULL ? g_inet_socket_address_new_from_string (address, 0) : NULL;

  if (zone != NULL && known == NULL)
    *zone = '\0';
}

void
gst_wsctl_lookups_add (GstWsctlLookups * self, guint mline,
    const gchar * candidate)
{
  g_auto (GStrv) words = gst_wsctl_remote_split_candidate (candidate);

  /* What is no candidate is for webrtcbin to judge, such as the end of them. */
  if (words == NULL) {
    g_signal_emit_by_name (self->webrtcbin, "add-ice-candidate", mline,
        candidate);
  } else if (g_hostname_is_ip_address (words[GST_WSCTL_REMOTE_ADDRESS])) {
    remove_foreign_zone (words[GST_WSCTL_REMOTE_ADDRESS]);
    give (self, mline, words);
  } else if (g_hash_table_size (self->seen) < MAX_LOOKUPS
      && g_hash_table_add (self->seen, g_strdup (candidate))) {
    look_up (self, mline, g_steal_pointer (&words));
  }
}

gboolean
gst_wsctl_lookups_is_pending (GstWsctlLookups * self)
{
  return self->pending->len > 0;
}

gchar *
gst_wsctl_lookups_get_failure (GstWsctlLookups * self)
{
  g_autoptr (GPtrArray) all = g_ptr_array_copy (self->failures,
      (GCopyFunc) g_strdup, NULL);
  g_autofree gchar *names = NULL;
  guint i;

  g_ptr_array_set_free_func (all, g_free);
  for (i = 0; i < self->pending->len; i++) {
    const Lookup *lookup = g_ptr_array_index (self->pending, i);

    add_failure (all, describe_failure (lookup->words[GST_WSCTL_REMOTE_ADDRESS],
            "no answer yet"));
  }
  if (all->len == 0)
    return NULL;

  g_ptr_array_add (all, NULL);
  names = g_strjoinv (", ", (gchar **) all->pdata);

  return g_strdup_printf ("the other side's host name %s could not be "
      "looked up", names);
}
