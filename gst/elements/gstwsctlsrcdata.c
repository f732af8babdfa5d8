/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   loop --> appsrc --> this pad
 *
 * The items come on a WebSocket of their own or on a data channel of the session.
 *
 * on_time tells which time of the media the server sends now, and so when the
 * media of another time are played here. It may be late, never early: the
 * earliest one of some seconds is right.
 */

#include "gstwsctlsrcdata.h"

#include <string.h>

#include "wsctlconnection-private.h"
#include "wsctldatawatch-private.h"
#include "wsctlloop-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsrcdata_debug);
#define GST_CAT_DEFAULT wsctlsrcdata_debug

#define MAX_OUTLETS 16
#define MAX_QUEUED 64           /* items, before their time is known … */
#define MAX_BUFFERS 256         /* … and before somebody takes them */
/* Not late, but another time line: a seek, a pause */
#define MAX_LATE_NS (GST_SECOND)

enum
{
  SIGNAL_ON_DATA,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct
{
  guint track;
  GstElement *appsrc;           /* NULL: could not be made */
  GstPad *pad;
} Outlet;

typedef struct
{
  gint64 time_ms;
  gint64 duration_ms;
  guint track;
  gchar *json;
} Item;

struct _GstWsctlSrcData
{
  gatomicrefcount refs;
  GstWsctlLoop *loop;
  GWeakRef element;
  gchar *tracks;                /* NULL: all */

  /* The loop only */
  GstWsctlController *controller;       /* NULL once stopped */
  gulong playing_id;
  GstWsctlDataWatch *watch;
  gboolean is_placed;
  gint64 offset_ns;             /* from a time of the media to running time */
  GQueue queue;                 /* Item: until it is placed */

  GMutex expose_lock;           /* held while a pad appears */
  gboolean active;              /* expose_lock: pads may appear */

  GMutex lock;
  GPtrArray *outlets;           /* lock */
};

static GstStaticPadTemplate data_template =
GST_STATIC_PAD_TEMPLATE ("data_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS (GST_WSCTL_DATA_CAPS));

static void
free_item (gpointer data)
{
  Item *item = data;

  g_free (item->json);
  g_free (item);
}

static GstWsctlSrcData *
ref_data (GstWsctlSrcData * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_data (gpointer data)
{
  GstWsctlSrcData *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_queue_clear_full (&self->queue, free_item);
  g_ptr_array_unref (self->outlets);
  g_weak_ref_clear (&self->element);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->expose_lock);
  g_free (self->tracks);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

static void
unref_closure (gpointer data, GClosure * closure)
{
  unref_data (data);
}

/* With the lock held */
static Outlet *
find_outlet_locked (GstWsctlSrcData * self, guint track)
{
  guint i;

  for (i = 0; i < self->outlets->len; i++) {
    Outlet *outlet = g_ptr_array_index (self->outlets, i);

    if (outlet->track == track)
      return outlet;
  }

  return NULL;
}

/* What nobody has linked must not end the stream with an error. */
static GstPadProbeReturn
drop_unlinked (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return gst_pad_is_linked (data) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

static GstElement *
make_appsrc (void)
{
  GstElement *appsrc = gst_element_factory_make ("appsrc", NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple (GST_WSCTL_DATA_CAPS);

  if (appsrc == NULL)
    return NULL;

  g_object_set (appsrc, "is-live", TRUE, "format", GST_FORMAT_TIME, "caps",
      caps, "max-buffers", (guint64) MAX_BUFFERS, "max-bytes", (guint64) 0,
      NULL);
  gst_util_set_object_arg (G_OBJECT (appsrc), "leaky-type", "downstream");

  return appsrc;
}

static void
add_pad (GstElement * element, Outlet * outlet)
{
  g_autofree gchar *name = g_strdup_printf ("data_%u", outlet->track);
  g_autoptr (GstPadTemplate) template =
      gst_static_pad_template_get (&data_template);
  g_autoptr (GstPad) target =
      gst_element_get_static_pad (outlet->appsrc, "src");

  gst_bin_add (GST_BIN (element), outlet->appsrc);
  outlet->pad = gst_ghost_pad_new_from_template (name, target, template);
  gst_pad_add_probe (target, GST_PAD_PROBE_TYPE_BUFFER, drop_unlinked,
      gst_object_ref (outlet->pad), gst_object_unref);
  gst_pad_set_active (outlet->pad, TRUE);
  gst_element_add_pad (element, outlet->pad);
  gst_element_sync_state_with_parent (outlet->appsrc);
}

typedef struct
{
  GstWsctlSrcData *data;
  Outlet *outlet;
} Expose;

static void
free_expose (gpointer data)
{
  Expose *expose = data;

  unref_data (expose->data);
  g_free (expose);
}

/* On a thread that may make pads */
static void
run_expose (GstElement * element, gpointer data)
{
  Expose *expose = data;

  g_mutex_lock (&expose->data->expose_lock);
  if (expose->data->active)
    add_pad (element, expose->outlet);
  g_mutex_unlock (&expose->data->expose_lock);
}

/* Transfer full, or NULL. It keeps what is pushed before its pad is there. */
static GstElement *
get_appsrc (GstWsctlSrcData * self, GstElement * element, guint track)
{
  GstElement *appsrc = NULL;
  Expose *expose = NULL;
  Outlet *outlet;

  g_mutex_lock (&self->lock);
  outlet = find_outlet_locked (self, track);
  if (outlet == NULL && self->outlets->len < MAX_OUTLETS) {
    outlet = g_new0 (Outlet, 1);
    outlet->track = track;
    outlet->appsrc = make_appsrc ();
    g_ptr_array_add (self->outlets, outlet);
    if (outlet->appsrc != NULL) {
      gst_object_ref_sink (outlet->appsrc);
      expose = g_new0 (Expose, 1);
      expose->data = ref_data (self);
      expose->outlet = outlet;
    }
  }
  if (outlet != NULL && outlet->appsrc != NULL)
    appsrc = gst_object_ref (outlet->appsrc);
  g_mutex_unlock (&self->lock);

  if (expose != NULL)
    gst_element_call_async (element, run_expose, expose, free_expose);

  return appsrc;
}

static void
push_item (GstWsctlSrcData * self, GstElement * element, const Item * item)
{
  g_autoptr (GstElement) appsrc = get_appsrc (self, element, item->track);
  gint64 time_ns = item->time_ms * (gint64) GST_MSECOND + self->offset_ns;
  GstFlowReturn ret;
  GstBuffer *buffer;

  if (appsrc == NULL)
    return;

  buffer = gst_buffer_new_memdup (item->json, strlen (item->json));
  GST_BUFFER_PTS (buffer) = MAX (time_ns, 0);
  if (item->duration_ms >= 0)
    GST_BUFFER_DURATION (buffer) = item->duration_ms * GST_MSECOND;
  g_signal_emit_by_name (appsrc, "push-buffer", buffer, &ret);
  gst_buffer_unref (buffer);
}

static void
push_queued (GstWsctlSrcData * self, GstElement * element)
{
  Item *item;

  while (self->is_placed && (item = g_queue_pop_head (&self->queue)) != NULL) {
    push_item (self, element, item);
    free_item (item);
  }
}

static void
on_playing (GstWsctlController * controller, GstStructure * report,
    GstWsctlSrcData * self)
{
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  GstClockTime running;
  gint64 current_ms, offset_ns;

  if (element == NULL
      || !gst_structure_get_int64 (report, "current", &current_ms))
    return;
  running = gst_element_get_current_running_time (element);
  if (!GST_CLOCK_TIME_IS_VALID (running))
    return;

  offset_ns = (gint64) running - current_ms * (gint64) GST_MSECOND;
  if (!self->is_placed || offset_ns < self->offset_ns
      || offset_ns - self->offset_ns > (gint64) MAX_LATE_NS)
    self->offset_ns = offset_ns;
  self->is_placed = TRUE;
  push_queued (self, element);
}

static void
on_item (gint64 time_ms, gint64 duration_ms, gint64 track, const gchar * json,
    gpointer data)
{
  GstWsctlSrcData *self = data;
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  Item *item;

  if (element == NULL)
    return;

  track = CLAMP (track, 0, G_MAXINT);
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("wsctl-data", "time", G_TYPE_INT64, time_ms,
              "track", G_TYPE_UINT, (guint) track, "data", G_TYPE_STRING, json,
              NULL)));
  g_signal_emit (element, signals[SIGNAL_ON_DATA], 0, time_ms, (guint) track,
      json);

  if (self->queue.length >= MAX_QUEUED)
    free_item (g_queue_pop_head (&self->queue));
  item = g_new0 (Item, 1);
  item->time_ms = time_ms;
  item->duration_ms = duration_ms;
  item->track = track;
  item->json = g_strdup (json);
  g_queue_push_tail (&self->queue, item);
  push_queued (self, element);
}

GstWsctlSrcData *
gst_wsctl_src_data_new (GstElement * element, const gchar * tracks)
{
  GstWsctlSrcData *self = g_new0 (GstWsctlSrcData, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlsrcdata_debug, "wsctlsrcdata", 0,
      "WebRTC WebSocket control: timed data of wsctlsrc");

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  g_mutex_init (&self->expose_lock);
  g_queue_init (&self->queue);
  self->loop = gst_wsctl_loop_get_shared ();
  g_weak_ref_init (&self->element, element);
  self->tracks = g_strcmp0 (tracks, "all") != 0 ? g_strdup (tracks) : NULL;
  self->outlets = g_ptr_array_new_with_free_func (g_free);

  return self;
}

/* Nothing of it runs on the loop yet, or any more. */
void
gst_wsctl_src_data_start (GstWsctlSrcData * self,
    GstWsctlController * controller)
{
  g_mutex_lock (&self->expose_lock);
  self->active = TRUE;
  g_mutex_unlock (&self->expose_lock);

  self->is_placed = FALSE;
  self->controller = g_object_ref (controller);
  self->playing_id = g_signal_connect_data (controller, "on-playing",
      G_CALLBACK (on_playing), ref_data (self), unref_closure, 0);
}

typedef struct
{
  GstWsctlSrcData *data;
  GstWsctlConfig *config;
} Start;

static void
free_start (gpointer data)
{
  Start *start = data;

  unref_data (start->data);
  g_object_unref (start->config);
  g_free (start);
}

static void
run_start (gpointer data)
{
  Start *start = data;
  GstWsctlSrcData *self = start->data;

  if (self->controller != NULL && self->watch == NULL)
    self->watch = gst_wsctl_data_watch_new (self->loop, start->config,
        gst_wsctl_connection_get_data_channel
        (gst_wsctl_controller_get_connection (self->controller)),
        self->tracks, on_item, self);
}

void
gst_wsctl_src_data_connected (GstWsctlSrcData * self, GstWsctlConfig * config)
{
  Start *start = g_new0 (Start, 1);

  start->data = ref_data (self);
  start->config = g_object_ref (config);
  gst_wsctl_loop_call (self->loop, run_start, start, free_start);
}

static void
run_stop (gpointer data)
{
  GstWsctlSrcData *self = data;

  g_clear_pointer (&self->watch, gst_wsctl_data_watch_free);
  g_clear_signal_handler (&self->playing_id, self->controller);
  g_clear_object (&self->controller);
}

void
gst_wsctl_src_data_stop (GstWsctlSrcData * self)
{
  g_mutex_lock (&self->expose_lock);
  self->active = FALSE;
  g_mutex_unlock (&self->expose_lock);

  gst_wsctl_loop_call_sync (self->loop, run_stop, self);
}

void
gst_wsctl_src_data_end (GstWsctlSrcData * self)
{
  g_autoptr (GPtrArray) sources =
      g_ptr_array_new_with_free_func (gst_object_unref);
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->outlets->len; i++) {
    Outlet *outlet = g_ptr_array_index (self->outlets, i);

    if (outlet->appsrc != NULL)
      g_ptr_array_add (sources, gst_object_ref (outlet->appsrc));
  }
  g_mutex_unlock (&self->lock);

  for (i = 0; i < sources->len; i++) {
    GstFlowReturn ret;

    g_signal_emit_by_name (g_ptr_array_index (sources, i), "end-of-stream",
        &ret);
  }
}

static void
remove_outlet (GstElement * element, Outlet * outlet)
{
  if (outlet->appsrc == NULL)
    return;

  if (outlet->pad != NULL) {
    gst_pad_set_active (outlet->pad, FALSE);
    gst_element_remove_pad (element, outlet->pad);
    gst_element_set_locked_state (outlet->appsrc, TRUE);
    gst_element_set_state (outlet->appsrc, GST_STATE_NULL);
    gst_bin_remove (GST_BIN (element), outlet->appsrc);
  }
  gst_object_unref (outlet->appsrc);
}

void
gst_wsctl_src_data_free (GstWsctlSrcData * self)
{
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  guint i;

  for (i = 0; i < self->outlets->len; i++)
    remove_outlet (element, g_ptr_array_index (self->outlets, i));
  g_ptr_array_set_size (self->outlets, 0);
  unref_data (self);
}

void
gst_wsctl_src_data_install (GstElementClass * klass)
{
  /**
   * wsctlsrc::on-data:
   * @self: the element
   * @time: of the media, in ms since the stream began
   * @track: the index of its track
   * @data: JSON, as the server has it
   *
   * An item of timed data has come, which may be before its time. Also the
   * element message `wsctl-data`. From the library's own thread: do not wait in a
   * handler. (docs/protocol.md, "Timed data")
   */
  signals[SIGNAL_ON_DATA] =
      g_signal_new ("on-data", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT64, G_TYPE_UINT,
      G_TYPE_STRING);

  gst_element_class_add_static_pad_template (klass, &data_template);
}
