/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A resolver that knows the name "here.test" as 127.0.0.1 and no other, because
 * no test asks the internet. It is the process's until it is freed. */
typedef struct _TestResolverSwap TestResolverSwap;

TestResolverSwap *test_resolver_install (void);
void test_resolver_swap_free (TestResolverSwap * swap);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestResolverSwap, test_resolver_swap_free)

G_END_DECLS
