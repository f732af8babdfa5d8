/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "testresolver.h"

typedef GResolver TestResolver;
typedef GResolverClass TestResolverClass;

struct _TestResolverSwap
{
  GResolver *before;
};

static GType test_resolver_get_type (void);
G_DEFINE_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER);

static void
look_up (GResolver * resolver, const gchar * name, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);

  if (g_str_equal (name, "here.test"))
    g_task_return_pointer (task, g_list_append (NULL,
            g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4)),
        (GDestroyNotify) g_resolver_free_addresses);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR,
        G_RESOLVER_ERROR_NOT_FOUND, "Nobody knows %s", name);
}

static void
look_up_with_flags (GResolver * resolver, const gchar * name,
    GResolverNameLookupFlags flags, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  look_up (resolver, name, cancellable, callback, data);
}

static GList *
finish_lookup (GResolver * resolver, GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_class_init (TestResolverClass * klass)
{
  klass->lookup_by_name_async = look_up;
  klass->lookup_by_name_finish = finish_lookup;
  klass->lookup_by_name_with_flags_async = look_up_with_flags;
  klass->lookup_by_name_with_flags_finish = finish_lookup;
}

static void
test_resolver_init (TestResolver * self)
{
}

TestResolverSwap *
test_resolver_install (void)
{
  g_autoptr (GResolver) resolver =
      g_object_new (test_resolver_get_type (), NULL);
  TestResolverSwap *swap = g_new (TestResolverSwap, 1);

  swap->before = g_resolver_get_default ();
  g_resolver_set_default (resolver);

  return swap;
}

void
test_resolver_swap_free (TestResolverSwap * swap)
{
  g_resolver_set_default (swap->before);
  g_object_unref (swap->before);
  g_free (swap);
}
