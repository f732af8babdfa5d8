/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What is measured, and in which process: sessions run in children of the
 * program, which are fresh when asked for and have nothing of the server in
 * them. A child is told by lines, "go URI" and "stop", and answers by lines:
 * what happened, a space, and g_get_monotonic_time(), which is the same clock in
 * every process. */

/* Of both clients; times are from "start" on. */
#define BENCH_START "start"
#define BENCH_STATE "state"     /* gst_element_set_state() has returned */
#define BENCH_OPEN "open"
#define BENCH_CONNECTED "connected"
#define BENCH_FRAME "frame"     /* decoded, when playing; at the server else */
#define BENCH_STOPPED "stopped"
/* In a first session: when the platform's certificate is there, and how long
 * after it the first frame was. Each key pair takes as long as chance will have
 * it, so that only this says what a first session costs beside. */
#define BENCH_CERTIFICATE "certificate"
#define BENCH_REST "rest"

#define BENCH_PICTURE "videotestsrc is-live=true " \
    "! video/x-raw,width=320,height=240,framerate=30/1 "

/* A kind of session, in a child */
typedef struct
{
  const gchar *name;
  gpointer (*start) (const gchar * uri);
  void (*stop) (gpointer session);
} BenchClient;

extern const BenchClient bench_feed, bench_publish, bench_play;
extern const BenchClient bench_plain_publish, bench_plain_play;
/* No session at all: the first DTLS element of a process */
extern const BenchClient bench_certificate;

/* Child: says that @what happens now. Any thread. */
void bench_note (const gchar * what);
/* Child: plays, as bench_note(), when @pad is given its first buffer. */
void bench_note_first_buffer (GstPad * pad);
/* Child: serves until its standard input ends. */
int bench_child_run (const gchar * name);

/* Parent: a child of this program */
typedef struct _BenchProcess BenchProcess;

BenchProcess *bench_process_new (const gchar * name);
void bench_process_free (BenchProcess * self);
void bench_process_tell (BenchProcess * self, const gchar * command,
    const gchar * argument);
/* Reads on until @what is known; ends the program when the child ends. */
gint64 bench_process_wait (BenchProcess * self, const gchar * what);
void bench_process_forget (BenchProcess * self);

/* Results: times in microseconds by client, session and event */
typedef struct _BenchReport BenchReport;

BenchReport *bench_report_new (void);
void bench_report_free (BenchReport * self);
void bench_report_add (BenchReport * self, const gchar * client,
    const gchar * session, const gchar * event, gint64 time_us);
void bench_report_print (BenchReport * self);
void bench_report_print_json (BenchReport * self);

G_END_DECLS
