/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "source-media.h"
#include "testpipeline.h"

G_BEGIN_DECLS

/* A table of sources. Each row is published by wsctlsink, and a player shows what
 * arrives; several rows run at once. */

typedef enum
{
  SOURCE_VIDEO = 1 << 0,
  SOURCE_AUDIO = 1 << 1,
} SourceMedia;

typedef struct _SourceRun SourceRun;

/* One row */
typedef struct
{
  const gchar *name;            /* of the test */
  /* A launch line. SINK is wsctlsink, named "s", with its address; DIR the
   * directory of the test's files; HTTP a server with the same files. */
  const gchar *line;
  /* What a player gets, at the right speed and without holes. None: the source
   * only has its message. */
  SourceMedia media;
  /* Text of the one error or warning; NULL: there is none */
  const gchar *message;
  guint period;                 /* numbers of pictures begin anew; 0: they do not */
  gboolean jumps;               /* "act" changes what is played */
  guint holes;                  /* that are due between two pictures */
  /* Called in READY, in PLAYING, and once the player shows something. May be
   * NULL. */
  void (*prepare) (SourceRun * run);
  void (*started) (SourceRun * run);
  void (*act) (SourceRun * run);
  /* In place of a player that measures; returns what is wrong, transfer full, or
   * NULL. */
  gchar *(*check) (SourceRun * run);
  /* Why it cannot pass yet: it is run all the same. NULL: it passes */
  const gchar *todo;
} SourceRow;

struct _SourceRun
{
  const SourceRow *row;
  TestPipeline *publisher;
  TestPipeline *player;         /* NULL: none */
  SourceWatch *watch;           /* what the player shows */
  gchar *name;                  /* of the stream */
  GString *log;
  GThread *helper;              /* "act" may start one, which looks at: */
  gint stopping;                /* atomic */
};

/* A server for all rows. The arguments as main() gets them: rows that are chosen
 * by "-p" run one by one. */
void source_rig_begin (int argc, char **argv);
void source_rig_end (void);
GstWsctlServer *source_rig_get_server (void);
/* Another word for lines, "RTSP" for example */
void source_rig_add_word (const gchar * word, const gchar * value);
/* A line with SINK and the like replaced; transfer full */
gchar *source_rig_expand (const gchar * line, const gchar * stream);
/* Registers the rows as tests, which start in this order, @n_at_once together. */
void source_rig_add (const SourceRow * rows, guint n, guint n_at_once);

G_END_DECLS
