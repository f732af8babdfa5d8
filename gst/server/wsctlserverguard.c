/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The limits that keep one client from being a trouble to the others.
 */

#include "wsctlserverguard-private.h"

#include <string.h>

#define MAX_ITEMS 200           /* of data at once, and … */
#define ITEMS_A_SECOND 100
#define MAX_GIVERS 1000         /* that are remembered */

struct _GstWsctlServerGuard
{
  gchar *publish_token;
  gchar *play_token;
  gchar *pool_token;
  guint max_visits;
  guint max_visits_per_address;
  guint n_visits;
  GHashTable *addresses;        /* address to the number of its visits */
  GHashTable *givers;           /* address to its bucket */
};

GstWsctlServerGuard *
gst_wsctl_server_guard_new (const gchar * publish_token,
    const gchar * play_token, guint max_visits, guint max_visits_per_address)
{
  GstWsctlServerGuard *self = g_new0 (GstWsctlServerGuard, 1);

  self->publish_token = g_strdup (publish_token);
  self->play_token = g_strdup (play_token);
  self->max_visits = max_visits;
  self->max_visits_per_address = max_visits_per_address;
  self->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  self->givers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);

  return self;
}

GstWsctlServerGuard *
gst_wsctl_server_guard_new_wider (GstWsctlServerGuard * other,
    guint more_visits, guint more_visits_per_address)
{
  return gst_wsctl_server_guard_new (NULL, NULL,
      other->max_visits + more_visits,
      other->max_visits_per_address + more_visits_per_address);
}

void
gst_wsctl_server_guard_free (GstWsctlServerGuard * self)
{
  g_hash_table_unref (self->addresses);
  g_hash_table_unref (self->givers);
  g_free (self->publish_token);
  g_free (self->play_token);
  g_free (self->pool_token);
  g_free (self);
}

/* Takes as long as @given is, however much of it is right. */
static gboolean
is_token (const gchar * token, const gchar * given)
{
  gsize size = strlen (token);
  gsize given_size = given != NULL ? strlen (given) : 0;
  volatile guint8 difference = size != given_size || size == 0;
  gsize i;

  for (i = 0; i < given_size; i++)
    difference |= (guint8) given[i] ^ (guint8) token[i % (size + 1)];

  return difference == 0;
}

gboolean
gst_wsctl_server_guard_may_publish (GstWsctlServerGuard * self,
    const gchar * token)
{
  return self->publish_token == NULL || is_token (self->publish_token, token);
}

gboolean
gst_wsctl_server_guard_may_play (GstWsctlServerGuard * self,
    const gchar * token)
{
  if (self->play_token == NULL || is_token (self->play_token, token))
    return TRUE;

  return self->publish_token != NULL && is_token (self->publish_token, token);
}

void
gst_wsctl_server_guard_set_pool_token (GstWsctlServerGuard * self,
    const gchar * token)
{
  g_free (self->pool_token);
  self->pool_token = g_strdup (token);
}

gboolean
gst_wsctl_server_guard_may_manage (GstWsctlServerGuard * self,
    const gchar * token)
{
  return self->pool_token != NULL && is_token (self->pool_token, token);
}

gboolean
gst_wsctl_server_guard_asks_publishers (GstWsctlServerGuard * self)
{
  return self->publish_token != NULL;
}

static guint
count_visits (GstWsctlServerGuard * self, const gchar * address)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->addresses, address));
}

gboolean
gst_wsctl_server_guard_has_room (GstWsctlServerGuard * self,
    const gchar * address)
{
  return self->n_visits < self->max_visits
      && count_visits (self, address) < self->max_visits_per_address;
}

void
gst_wsctl_server_guard_enter (GstWsctlServerGuard * self, const gchar * address)
{
  self->n_visits++;
  g_hash_table_insert (self->addresses, g_strdup (address),
      GUINT_TO_POINTER (count_visits (self, address) + 1));
}

void
gst_wsctl_server_guard_leave (GstWsctlServerGuard * self, const gchar * address)
{
  guint n_visits = count_visits (self, address);

  g_return_if_fail (n_visits > 0);

  self->n_visits--;
  if (n_visits == 1)
    g_hash_table_remove (self->addresses, address);
  else
    g_hash_table_insert (self->addresses, g_strdup (address),
        GUINT_TO_POINTER (n_visits - 1));
}

gboolean
gst_wsctl_server_bucket_take (GstWsctlServerBucket * self, guint size,
    guint each_second, gint64 now_us)
{
  gdouble passed_s = (now_us - self->taken_us) / (gdouble) G_USEC_PER_SEC;

  self->n_taken = MAX (self->n_taken - passed_s * each_second, 0);
  self->taken_us = now_us;
  if (self->n_taken + 1 > size)
    return FALSE;
  self->n_taken++;

  return TRUE;
}

/* A bucket that is full again is as good as none. */
static gboolean
is_rested (gpointer address, gpointer bucket, gpointer now_us)
{
  return *(gint64 *) now_us - ((GstWsctlServerBucket *) bucket)->taken_us
      > MAX_ITEMS * G_USEC_PER_SEC / ITEMS_A_SECOND;
}

gboolean
gst_wsctl_server_guard_may_give (GstWsctlServerGuard * self,
    const gchar * address, gint64 now_us)
{
  GstWsctlServerBucket *bucket = g_hash_table_lookup (self->givers, address);

  if (bucket == NULL) {
    if (g_hash_table_size (self->givers) >= MAX_GIVERS)
      g_hash_table_foreach_remove (self->givers, is_rested, &now_us);
    if (g_hash_table_size (self->givers) >= MAX_GIVERS)
      return FALSE;
    bucket = g_new0 (GstWsctlServerBucket, 1);
    g_hash_table_insert (self->givers, g_strdup (address), bucket);
  }

  return gst_wsctl_server_bucket_take (bucket, MAX_ITEMS, ITEMS_A_SECOND,
      now_us);
}
