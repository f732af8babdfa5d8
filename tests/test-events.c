/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * on, once and off.
 */

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlevents.h"

/* An object with an event */
typedef GObject TestEmitter;
typedef GObjectClass TestEmitterClass;

static guint hello_signal;

static GType test_emitter_get_type (void);
G_DEFINE_TYPE (TestEmitter, test_emitter, G_TYPE_OBJECT);

static void
test_emitter_class_init (TestEmitterClass * klass)
{
  hello_signal = g_signal_new ("hello", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL, G_TYPE_NONE,
      2, G_TYPE_INT, G_TYPE_STRING);
}

static void
test_emitter_init (TestEmitter * self)
{
}

typedef struct
{
  gint calls;
  gint destroyed;
  gulong id;                    /* taken off in the handler, when not 0 */
  GCancellable *cancellable;    /* cancelled in the handler, when not NULL */
  GObject *again;               /* emitted once more in the handler */
} Seen;

static GObject *
make_emitter (void)
{
  return g_object_new (test_emitter_get_type (), NULL);
}

static void
emit (GObject * object)
{
  g_signal_emit (object, hello_signal, 0, 7, "seven");
}

static void
on_hello (GObject * object, const gchar * event, GPtrArray * args,
    gpointer data)
{
  Seen *seen = data;

  g_assert_cmpstr (event, ==, "hello");
  g_assert_cmpuint (args->len, ==, 2);
  g_assert_cmpint (g_value_get_int (g_ptr_array_index (args, 0)), ==, 7);
  g_assert_cmpstr (g_value_get_string (g_ptr_array_index (args, 1)), ==,
      "seven");

  g_atomic_int_inc (&seen->calls);
  if (seen->id != 0)
    gst_wsctl_off (object, seen->id);
  if (seen->cancellable != NULL)
    g_cancellable_cancel (seen->cancellable);
  if (seen->again != NULL)
    emit (g_steal_pointer (&seen->again));
}

static void
on_destroy (gpointer data)
{
  g_atomic_int_inc (&((Seen *) data)->destroyed);
}

static gulong
subscribe (GObject * object, Seen * seen, gboolean once,
    GCancellable * cancellable)
{
  g_autoptr (GError) error = NULL;
  gulong id = (once ? gst_wsctl_once : gst_wsctl_on) (object, "hello",
      cancellable, on_hello, seen, on_destroy, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (id, !=, 0);

  return id;
}

static void
assert_seen (Seen * seen, gint calls, gint destroyed)
{
  g_assert_cmpint (seen->calls, ==, calls);
  g_assert_cmpint (seen->destroyed, ==, destroyed);
}

/* The object goes, and its subscription with it. */
static void
test_new_free (void)
{
  Seen seen = { 0, };
  GObject *object = make_emitter ();
  GCancellable *cancellable = g_cancellable_new ();

  subscribe (object, &seen, FALSE, cancellable);
  test_assert_finalize (object);
  assert_seen (&seen, 0, 1);
  test_assert_finalize (cancellable);
}

static void
test_on_off (void)
{
  Seen seen = { 0, };
  g_autoptr (GObject) object = make_emitter ();
  gulong id = subscribe (object, &seen, FALSE, NULL);

  emit (object);
  emit (object);
  assert_seen (&seen, 2, 0);

  gst_wsctl_off (object, id);
  assert_seen (&seen, 2, 1);
  emit (object);
  gst_wsctl_off (object, id);
  gst_wsctl_off (object, 0);
  assert_seen (&seen, 2, 1);
}

static void
test_once (void)
{
  Seen seen = { 0, };
  g_autoptr (GObject) object = make_emitter ();
  gulong id = subscribe (object, &seen, TRUE, NULL);

  /* Also when the event comes again from inside the handler */
  seen.again = object;
  emit (object);
  emit (object);
  assert_seen (&seen, 1, 1);
  gst_wsctl_off (object, id);
}

static void
test_off_in_handler (void)
{
  Seen seen = { 0, };
  g_autoptr (GObject) object = make_emitter ();

  seen.id = subscribe (object, &seen, FALSE, NULL);
  emit (object);
  emit (object);
  assert_seen (&seen, 1, 1);
}

static void
test_cancel (void)
{
  Seen seen = { 0, };
  Seen inside = { 0, };
  Seen before = { 0, };
  g_autoptr (GObject) object = make_emitter ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) other = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  subscribe (object, &seen, FALSE, cancellable);
  emit (object);
  g_cancellable_cancel (cancellable);
  assert_seen (&seen, 1, 1);

  inside.cancellable = other;
  subscribe (object, &inside, FALSE, other);
  emit (object);
  emit (object);
  assert_seen (&inside, 1, 1);
  assert_seen (&seen, 1, 1);

  /* Cancelled before: nothing is subscribed. */
  g_assert_cmpuint (gst_wsctl_on (object, "hello", cancellable, on_hello,
          &before, on_destroy, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  emit (object);
  assert_seen (&before, 0, 1);
}

static void
test_unknown_event (void)
{
  Seen seen = { 0, };
  g_autoptr (GObject) object = make_emitter ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (gst_wsctl_on (object, "goodbye", NULL, on_hello, &seen,
          on_destroy, &error), ==, 0);
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==,
      "TestEmitter has no event named 'goodbye'");
  assert_seen (&seen, 0, 1);
}

static gpointer
emit_many (gpointer object)
{
  guint i;

  for (i = 0; i < 2000; i++)
    emit (object);

  return NULL;
}

/* Events from one thread while another one subscribes: each is called once at
 * most, and each is freed once. */
static void
test_threads (void)
{
  static Seen seen[500];
  GObject *object = make_emitter ();
  g_autoptr (GThread) thread = NULL;
  guint i;

  thread = g_thread_new ("emit", emit_many, object);
  for (i = 0; i < G_N_ELEMENTS (seen); i++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();

    subscribe (object, &seen[i], TRUE, cancellable);
    if (i % 2 == 0)
      g_cancellable_cancel (cancellable);
  }
  g_thread_join (g_steal_pointer (&thread));
  emit (object);

  test_assert_finalize (object);
  for (i = 0; i < G_N_ELEMENTS (seen); i++) {
    g_assert_cmpint (seen[i].calls, <=, 1);
    g_assert_cmpint (seen[i].calls + (i % 2 == 0), >=, 1);
    g_assert_cmpint (seen[i].destroyed, ==, 1);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/events/new-free", test_new_free);
  test_add ("/events/on-off", test_on_off);
  test_add ("/events/once", test_once);
  test_add ("/events/off-in-handler", test_off_in_handler);
  test_add ("/events/cancel", test_cancel);
  test_add ("/events/unknown-event", test_unknown_event);
  test_add ("/events/threads", test_threads);

  return g_test_run ();
}
