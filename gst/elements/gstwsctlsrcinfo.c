/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlsrcinfo.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsrcinfo_debug);
#define GST_CAT_DEFAULT wsctlsrcinfo_debug

enum
{
  SIGNAL_ON_STATE,
  SIGNAL_ON_METADATA,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _GstWsctlSrcInfo
{
  gatomicrefcount refs;
  GstWsctlLoop *loop;
  GWeakRef element;
  GstWsctlSrcInfoCallbacks callbacks;
  gpointer data;

  GstWsctlStreamWatch *watch;   /* the loop only */

  GMutex lock;
  GstWsctlStreamState state;    /* lock */
  GstWsctlStreamDescription *description;       /* lock */
};

static GstWsctlSrcInfo *
ref_info (GstWsctlSrcInfo * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_info (gpointer data)
{
  GstWsctlSrcInfo *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_clear_pointer (&self->description, gst_wsctl_stream_description_free);
  g_weak_ref_clear (&self->element);
  g_mutex_clear (&self->lock);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

GstWsctlSrcInfo *
gst_wsctl_src_info_new (GstElement * element,
    const GstWsctlSrcInfoCallbacks * callbacks, gpointer data)
{
  GstWsctlSrcInfo *self = g_new0 (GstWsctlSrcInfo, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlsrcinfo_debug, "wsctlsrcinfo", 0,
      "WebRTC WebSocket control: stream of wsctlsrc");

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->loop = gst_wsctl_loop_get_shared ();
  g_weak_ref_init (&self->element, element);
  self->callbacks = *callbacks;
  self->data = data;

  return self;
}

void
gst_wsctl_src_info_free (GstWsctlSrcInfo * self)
{
  unref_info (self);
}

gboolean
gst_wsctl_src_info_is_inside (GstElement * element, const gchar * prefix)
{
  GstObject *object = gst_object_get_parent (GST_OBJECT (element));

  while (object != NULL
      && !g_str_has_prefix (G_OBJECT_TYPE_NAME (object), prefix)) {
    GstObject *parent = gst_object_get_parent (object);

    gst_object_unref (object);
    object = parent;
  }
  if (object == NULL)
    return FALSE;
  gst_object_unref (object);

  return TRUE;
}

/* In a urisourcebin is all that a player chooses from, it makes a collection of
 * that, and takes any other for another choice. */
void
gst_wsctl_src_info_post_streams (GstElement * element, GstMessage * message)
{
  if (gst_wsctl_src_info_is_inside (element, "GstURISourceBin"))
    gst_message_unref (message);
  else
    gst_element_post_message (element, message);
}

static void
post (GstElement * element, GstStructure * structure)
{
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element), structure));
}

static void
on_state (GstWsctlStreamState state, const gchar * message, gpointer data)
{
  GstWsctlSrcInfo *self = data;
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  GstStructure *structure;

  g_mutex_lock (&self->lock);
  self->state = state;
  g_mutex_unlock (&self->lock);
  if (element == NULL)
    return;

  structure = gst_structure_new ("wsctl-state", "state", G_TYPE_STRING,
      gst_wsctl_stream_state_get_nick (state), NULL);
  if (message != NULL)
    gst_structure_set (structure, "message", G_TYPE_STRING, message, NULL);
  post (element, structure);
  g_object_notify (G_OBJECT (element), "stream-state");
  g_signal_emit (element, signals[SIGNAL_ON_STATE], 0, state, message);
  self->callbacks.state (element, state, message, self->data);
}

static void
on_described (const GstWsctlStreamDescription * description, gpointer data)
{
  GstWsctlSrcInfo *self = data;
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  GstWsctlStreamDescription *old;

  g_mutex_lock (&self->lock);
  old = self->description;
  self->description = gst_wsctl_stream_description_copy (description);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&old, gst_wsctl_stream_description_free);
  if (element == NULL)
    return;

  post (element, gst_structure_new ("wsctl-metadata", "metadata",
          GST_TYPE_STRUCTURE, description->metadata, NULL));
  g_object_notify (G_OBJECT (element), "metadata");
  g_signal_emit (element, signals[SIGNAL_ON_METADATA], 0,
      description->metadata);
  if (description->changed)
    gst_wsctl_src_info_post_streams (element,
        gst_message_new_stream_collection (GST_OBJECT (element),
            description->collection));
  self->callbacks.described (element, description, self->data);
}

static void
on_failed (const GError * error, gpointer data)
{
  GstWsctlSrcInfo *self = data;
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);

  if (element != NULL)
    self->callbacks.failed (element, error, self->data);
}

static const GstWsctlStreamWatchCallbacks watch_callbacks = {
  on_state, on_described, on_failed
};

typedef struct
{
  GstWsctlSrcInfo *info;
  GstWsctlConfig *config;
} Start;

static void
free_start (gpointer data)
{
  Start *start = data;

  unref_info (start->info);
  g_object_unref (start->config);
  g_free (start);
}

static void
run_start (gpointer data)
{
  Start *start = data;
  GstWsctlSrcInfo *self = start->info;

  if (self->watch == NULL)
    self->watch = gst_wsctl_stream_watch_new (self->loop, start->config,
        &watch_callbacks, self);
}

void
gst_wsctl_src_info_start (GstWsctlSrcInfo * self, GstWsctlConfig * config)
{
  Start *start = g_new0 (Start, 1);

  start->info = ref_info (self);
  start->config = g_object_ref (config);
  gst_wsctl_loop_call (self->loop, run_start, start, free_start);
}

static void
run_stop (gpointer data)
{
  GstWsctlSrcInfo *self = data;

  g_clear_pointer (&self->watch, gst_wsctl_stream_watch_free);
}

void
gst_wsctl_src_info_stop (GstWsctlSrcInfo * self)
{
  GstWsctlStreamDescription *old;

  gst_wsctl_loop_call_sync (self->loop, run_stop, self);

  g_mutex_lock (&self->lock);
  self->state = GST_WSCTL_STREAM_STATE_UNKNOWN;
  old = g_steal_pointer (&self->description);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&old, gst_wsctl_stream_description_free);
}

GstWsctlStreamState
gst_wsctl_src_info_get_state (GstWsctlSrcInfo * self)
{
  GstWsctlStreamState state;

  g_mutex_lock (&self->lock);
  state = self->state;
  g_mutex_unlock (&self->lock);

  return state;
}

GstWsctlStreamDescription *
gst_wsctl_src_info_get_description (GstWsctlSrcInfo * self)
{
  GstWsctlStreamDescription *description = NULL;

  g_mutex_lock (&self->lock);
  if (self->description != NULL)
    description = gst_wsctl_stream_description_copy (self->description);
  g_mutex_unlock (&self->lock);

  return description;
}

void
gst_wsctl_src_info_install_signals (GType type)
{
  /**
   * wsctlsrc::on-state:
   * @self: the element
   * @state: what the server says of the stream
   * @message: (nullable): in its own words, when the stream cannot be had
   *
   * The stream has come, gone, or is on its way. Also the element message
   * `wsctl-state`. From the library's own thread: do not wait in a handler.
   * (docs/protocol.md, "Metadata channel")
   */
  signals[SIGNAL_ON_STATE] =
      g_signal_new ("on-state", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_WSCTL_TYPE_STREAM_STATE, G_TYPE_STRING);

  /**
   * wsctlsrc::on-metadata:
   * @self: the element
   * @metadata: as #wsctlsrc:metadata
   *
   * The server has described the stream: when it changes, and every few
   * seconds. Also the element message `wsctl-metadata`; a stream collection is
   * posted whenever tracks came or went. From the library's own thread.
   */
  signals[SIGNAL_ON_METADATA] =
      g_signal_new ("on-metadata", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);
}
