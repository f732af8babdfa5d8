/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Encoders that this machine does not have, by their names. */

/* One for each group of a file (tests/data/encoders.ini says what is in it):
 * elements with these properties that encode nothing. */
void test_encoder_register_all (GKeyFile * facts);

/* How the one that stands in for "vah264enc", before all others, does not
 * work */
typedef enum
{
  TEST_ENCODER_WORKS,
  TEST_ENCODER_FAILS_TO_START,  /* no device */
  TEST_ENCODER_REFUSES_CAPS,    /* not this size */
  TEST_ENCODER_FAILS_AT_ONCE,   /* with the first frame */
  TEST_ENCODER_FAILS_LATER,     /* with the tenth */
} TestEncoderFault;

void test_encoder_register_faulty (TestEncoderFault fault);
void test_encoder_unregister_faulty (void);
/* How many times it has been tried since it was registered */
guint test_encoder_count_tries (void);

/* One that takes NV12 in memory of this feature only, and encodes nothing */
void test_encoder_register_device (const gchar * name, const gchar * feature);

G_END_DECLS
