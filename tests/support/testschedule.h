/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "testlink.h"

G_BEGIN_DECLS

/* What a network does over time, as a text of steps. A step begins on a new
 * line or after a semicolon:
 *
 *   MS [up|down] NAME=VALUE …
 *
 * @MS counts from the start of the script. Without a direction it is for both.
 * What a step does not name stays as it was. The names and their units are
 *
 *   rate=BIT/S bucket=BYTES queue=BYTES delay=MS jitter=MS loss=PERCENT
 *   burst=PACKETS reorder=PERCENT late=MS blackout=0|1
 *
 * "0 delay=20; 5000 up rate=300000 queue=16000; 15000 up rate=0" narrows the
 * way up to 300 kbit/s for ten seconds. Text after a # is for people. */
typedef enum
{
  TEST_DIRECTION_UP,            /* from clients to the server */
  TEST_DIRECTION_DOWN,
  TEST_N_DIRECTIONS
} TestDirection;

typedef struct
{
  guint at_ms;
  TestConditions conditions[TEST_N_DIRECTIONS];
} TestStep;

/* TestStep by rising time, or NULL with an error that quotes the wrong step. The
 * first one changes @initial, an array by direction; NULL: a perfect link. */
GArray *test_schedule_parse (const gchar * text,
    const TestConditions * initial, GError ** error);

G_END_DECLS
