/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "rendition-link.h"

G_BEGIN_DECLS

/* The same as rendition-link.h, in real time: three publishers of stand-in
 * pictures (support/testfiller.h), wsctl-server, the relay of the tests, and a
 * wsctlsrc whose decoded pictures are counted. The time begins with the first of
 * them. */
typedef struct
{
  GstWsctlRenditionPolicy policy;
  const RenditionLinkStep *steps;
  guint delay_ms;               /* one way */
  guint queue_bytes;
  gboolean verbose;             /* says each change of rendition */
} RenditionRigSetup;

/* Samples have what is shown; queue and capacity are not known from outside. */
RenditionLinkResult *rendition_rig_run (const RenditionRigSetup * setup);

G_END_DECLS
