/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pipelines, taps and servers for the tests of the elements.
 */

#include "testpipeline.h"

#include "testsupport.h"

/* To NULL it takes less than a second, whatever the server does. */
#define STOP_MS 1000
#define WAIT_MS 15000
/* The server's default */
#define CONNECT_TIMEOUT_MS 10000

struct _TestPipeline
{
  gatomicrefcount refs;         /* the test's and the bus handler's */
  GstElement *element;          /* lock, where a message comes in */
  GMutex lock;
  GCond cond;
  GPtrArray *messages;          /* lock */
  GPtrArray *forgotten;         /* lock: kept for those who still look */
};

static gint64
get_deadline (guint wait_ms)
{
  return g_get_monotonic_time ()
      + test_scale_ms (wait_ms) * G_TIME_SPAN_MILLISECOND;
}

static void
run_recalculate (GstElement * pipeline, gpointer data)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline));
}

/* A message holds its source, and with it the whole of a session that is long
 * over; nobody waits for these. */
static gboolean
is_kept (GstMessage * message)
{
  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_STATE_CHANGED:
    case GST_MESSAGE_STREAM_STATUS:
    case GST_MESSAGE_LATENCY:
    case GST_MESSAGE_QOS:
    case GST_MESSAGE_TAG:
      return FALSE;
    case GST_MESSAGE_ELEMENT:
      return !gst_message_has_name (message, "application/x-rtp-source-sdes");
    default:
      return TRUE;
  }
}

/* Whoever drops a message owns it. */
static GstBusSyncReply
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  TestPipeline *self = data;

  g_mutex_lock (&self->lock);
  if (self->element == NULL) {
    gst_message_unref (message);
  } else {
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
      gst_element_call_async (self->element, run_recalculate, NULL, NULL);
    if (is_kept (message))
      g_ptr_array_add (self->messages, message);
    else
      gst_message_unref (message);
    g_cond_broadcast (&self->cond);
  }
  g_mutex_unlock (&self->lock);

  return GST_BUS_DROP;
}

/* A message may be on its way on another thread when the test is through. */
static void
unref_pipeline (gpointer data)
{
  TestPipeline *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_ptr_array_unref (self->messages);
  g_ptr_array_unref (self->forgotten);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

/* Where all is slower, our elements wait longer to connect, but for those whose
 * test has set it. */
static void
be_patient (const GValue * item, gpointer data)
{
  GstElement *element = g_value_get_object (item);
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (element),
      "connect-timeout");
  GstElementFactory *factory = gst_element_get_factory (element);
  GValue value = G_VALUE_INIT;

  if (spec == NULL || factory == NULL
      || !g_str_has_prefix (GST_OBJECT_NAME (factory), "wsctl"))
    return;

  g_value_init (&value, G_TYPE_UINT);
  g_object_get_property (G_OBJECT (element), spec->name, &value);
  if (g_param_value_defaults (spec, &value))
    g_object_set (element, spec->name,
        test_scale_ms (g_value_get_uint (&value)), NULL);
  g_value_unset (&value);
}

static void
make_patient (GstElement * element)
{
  g_autoptr (GstIterator) elements =
      gst_bin_iterate_recurse (GST_BIN (element));

  gst_iterator_foreach (elements, be_patient, NULL);
}

TestPipeline *
test_pipeline_new (const gchar * format, ...)
{
  TestPipeline *self = g_new0 (TestPipeline, 1);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *line = NULL;
  GstBus *bus;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);

  self->element = gst_parse_launch_full (line, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS | GST_PARSE_FLAG_PLACE_IN_BIN, &error);
  g_assert_no_error (error);
  if (!GST_IS_PIPELINE (self->element)) {
    GstElement *pipeline = gst_pipeline_new (NULL);

    gst_bin_add (GST_BIN (pipeline), self->element);
    self->element = pipeline;
  }
  test_warm_up ();
  make_patient (self->element);

  g_atomic_ref_count_init (&self->refs);
  g_atomic_ref_count_inc (&self->refs);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);
  self->forgotten =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);
  bus = gst_element_get_bus (self->element);
  gst_bus_set_sync_handler (bus, on_message, self, unref_pipeline);
  gst_object_unref (bus);

  return self;
}

GstElement *
test_pipeline_get (TestPipeline * self)
{
  return self->element;
}

GstElement *
test_pipeline_find (TestPipeline * self, const gchar * name)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (self->element), name);

  g_assert_nonnull (element);

  return element;
}

void
test_pipeline_set_state (TestPipeline * self, GstState state)
{
  g_assert_cmpint (gst_element_set_state (self->element, state), !=,
      GST_STATE_CHANGE_FAILURE);
}

void
test_pipeline_play (TestPipeline * self)
{
  test_pipeline_set_state (self, GST_STATE_PLAYING);
}

void
test_pipeline_stop (TestPipeline * self)
{
  gint64 begin_us = g_get_monotonic_time ();
  gint64 took_ms;

  test_say ("the pipeline going to NULL");
  g_assert_cmpint (gst_element_set_state (self->element, GST_STATE_NULL), ==,
      GST_STATE_CHANGE_SUCCESS);
  took_ms = (g_get_monotonic_time () - begin_us) / G_TIME_SPAN_MILLISECOND;
  g_assert_cmpint (took_ms, <, test_scale_ms (STOP_MS));
}

void
test_pipeline_free (TestPipeline * self)
{
  GstBus *bus = gst_element_get_bus (self->element);
  GstElement *element;

  test_pipeline_stop (self);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (bus);
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->messages, 0);
  g_ptr_array_set_size (self->forgotten, 0);
  element = g_steal_pointer (&self->element);
  g_mutex_unlock (&self->lock);
  test_assert_finalize (element);
  unref_pipeline (self);
}

/* With the lock held */
static GstMessage *
find_message (TestPipeline * self, TestMatch match, gconstpointer data,
    guint * count)
{
  GstMessage *found = NULL;
  guint i, n = 0;

  for (i = 0; i < self->messages->len; i++) {
    GstMessage *message = g_ptr_array_index (self->messages, i);

    if (!match (message, data))
      continue;
    n++;
    if (found == NULL)
      found = message;
  }
  if (count != NULL)
    *count = n;

  return found;
}

static gboolean
is_bad (GstMessage * message, gconstpointer data)
{
  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
}

static void
say_bad (GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning (message, &error, &debug);
  else
    gst_message_parse_error (message, &error, &debug);
  g_test_message ("%s says: %s (%s)", GST_MESSAGE_SRC_NAME (message),
      error->message, debug);
}

static gboolean
is_bad_or_warning (GstMessage * message, gconstpointer data)
{
  return is_bad (message, data)
      || GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING;
}

/* With the lock held */
static GStrv
list_bad (TestPipeline * self)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  guint i;

  for (i = 0; i < self->messages->len; i++) {
    GstMessage *message = g_ptr_array_index (self->messages, i);
    g_autoptr (GError) error = NULL;
    g_autofree gchar *debug = NULL;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &error, &debug);
    else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
      gst_message_parse_warning (message, &error, &debug);
    else
      continue;
    g_ptr_array_add (texts, g_strdup_printf ("%s (%s)", error->message, debug));
  }
  g_ptr_array_add (texts, NULL);

  return (GStrv) g_ptr_array_free (g_steal_pointer (&texts), FALSE);
}

GStrv
test_pipeline_wait_bad (TestPipeline * self, guint timeout_ms)
{
  gint64 end_us = get_deadline (timeout_ms);
  GStrv texts;

  g_mutex_lock (&self->lock);
  while (find_message (self, is_bad_or_warning, NULL, NULL) == NULL
      && g_cond_wait_until (&self->cond, &self->lock, end_us));
  texts = list_bad (self);
  g_mutex_unlock (&self->lock);

  return texts;
}

GstMessage *
test_pipeline_wait_match (TestPipeline * self, TestMatch match,
    gconstpointer data, const gchar * what)
{
  gint64 end_us = get_deadline (WAIT_MS);
  GstMessage *found;

  test_say (what);
  g_mutex_lock (&self->lock);
  while ((found = find_message (self, match, data, NULL)) == NULL) {
    GstMessage *bad = find_message (self, is_bad, NULL, NULL);

    if (bad != NULL)
      say_bad (bad);
    if (bad != NULL || !g_cond_wait_until (&self->cond, &self->lock, end_us))
      break;
  }
  g_mutex_unlock (&self->lock);

  if (found == NULL)
    g_error ("Waited in vain for: %s", what);

  return found;
}

static gboolean
is_element (GstMessage * message, gconstpointer name)
{
  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_message_has_name (message, name);
}

const GstStructure *
test_pipeline_wait_element (TestPipeline * self, const gchar * name)
{
  return gst_message_get_structure (test_pipeline_wait_match (self, is_element,
          name, name));
}

typedef struct
{
  const gchar *name;
  const gchar *field;
  const gchar *text;
} Wanted;

static gboolean
is_wanted (GstMessage * message, gconstpointer data)
{
  const Wanted *wanted = data;

  return is_element (message, wanted->name)
      && g_strcmp0 (gst_structure_get_string (gst_message_get_structure
          (message), wanted->field), wanted->text) == 0;
}

const GstStructure *
test_pipeline_wait_text (TestPipeline * self, const gchar * name,
    const gchar * field, const gchar * text)
{
  const Wanted wanted = { name, field, text };

  return gst_message_get_structure (test_pipeline_wait_match (self, is_wanted,
          &wanted, text));
}

static gboolean
is_type (GstMessage * message, gconstpointer data)
{
  return GST_MESSAGE_TYPE (message) == GPOINTER_TO_UINT (data);
}

GstMessage *
test_pipeline_wait_type (TestPipeline * self, GstMessageType type)
{
  return test_pipeline_wait_match (self, is_type, GUINT_TO_POINTER (type),
      gst_message_type_get_name (type));
}

gboolean
test_pipeline_wait_count (TestPipeline * self, GstMessageType type, guint n,
    guint timeout_ms)
{
  gint64 end_us = get_deadline (timeout_ms);
  guint count;

  g_mutex_lock (&self->lock);
  do
    find_message (self, is_type, GUINT_TO_POINTER (type), &count);
  while (count < n && g_cond_wait_until (&self->cond, &self->lock, end_us));
  g_mutex_unlock (&self->lock);

  return count >= n;
}

static guint
count (TestPipeline * self, TestMatch match, gconstpointer data)
{
  guint n;

  g_mutex_lock (&self->lock);
  find_message (self, match, data, &n);
  g_mutex_unlock (&self->lock);

  return n;
}

guint
test_pipeline_count_element (TestPipeline * self, const gchar * name)
{
  return count (self, is_element, name);
}

guint
test_pipeline_count_type (TestPipeline * self, GstMessageType type)
{
  return count (self, is_type, GUINT_TO_POINTER (type));
}

void
test_pipeline_expect_error (TestPipeline * self, GQuark domain, gint code,
    const gchar * text)
{
  GstMessage *message = test_pipeline_wait_type (self, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  g_test_message ("%s", error->message);
  g_assert_error (error, domain, code);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' is not in '%s'", text, error->message);

  test_pipeline_stop (self);
  g_assert_cmpuint (test_pipeline_count_type (self, GST_MESSAGE_ERROR), ==, 1);
}

void
test_pipeline_assert_healthy (TestPipeline * self)
{
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->messages->len; i++) {
    GstMessage *message = g_ptr_array_index (self->messages, i);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
        || GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
      say_bad (message);
      g_assert_not_reached ();
    }
  }
  g_mutex_unlock (&self->lock);
}

void
test_pipeline_forget (TestPipeline * self)
{
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->messages->len; i++)
    g_ptr_array_add (self->forgotten,
        gst_message_ref (g_ptr_array_index (self->messages, i)));
  g_ptr_array_set_size (self->messages, 0);
  g_mutex_unlock (&self->lock);
}

GstWsctlServer *
test_wsctl_server_new (GstWsctlServerFault faults)
{
  const GstWsctlServerParams params = {
    .connect_timeout_ms = test_scale_ms (CONNECT_TIMEOUT_MS),
  };
  GstWsctlServer *server = gst_wsctl_server_new (&params);
  g_autoptr (GError) error = NULL;

  gst_wsctl_server_start (server, &error);
  g_assert_no_error (error);
  gst_wsctl_server_set_faults (server, faults);

  return server;
}

gchar *
test_wsctl_server_get_uri (GstWsctlServer * server, const gchar * name)
{
  return g_strdup_printf ("ws://127.0.0.1:%u/webrtc/%s",
      gst_wsctl_server_get_port (server), name);
}

/* The server has no event for these; each question waits for its thread. */
void
test_wsctl_server_wait_frames (GstWsctlServer * server,
    const gchar * stream, const gchar * kind, guint64 n)
{
  gint64 end_us = get_deadline (WAIT_MS);

  test_say ("frames that reach the server");
  while (gst_wsctl_server_count_frames (server, stream, kind) < n) {
    if (g_get_monotonic_time () > end_us)
      g_error ("Waited in vain for %s at the server", kind);
    g_usleep (5000);
  }
}

void
test_wsctl_server_wait_sessions (GstWsctlServer * server, guint n)
{
  gint64 end_us = get_deadline (WAIT_MS);

  test_say ("the server's sessions");
  while (gst_wsctl_server_count_sessions (server) != n) {
    if (g_get_monotonic_time () > end_us)
      g_error ("Waited in vain for %u sessions at the server, there are %u", n,
          gst_wsctl_server_count_sessions (server));
    g_usleep (5000);
  }
}

static guint
count_entries (const gchar * path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);

  return n;
}

guint
test_count_threads (void)
{
  return count_entries ("/proc/self/task");
}

guint
test_count_descriptors (void)
{
  return count_entries ("/proc/self/fd");
}
