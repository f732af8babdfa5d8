/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlencoderslot.h"

#include "gstwsctlencoder.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlencoderslot_debug);
#define GST_CAT_DEFAULT wsctlencoderslot_debug

struct _GstWsctlEncoderSlot
{
  GstBin *bin;                  /* our owner */
  const GstWsctlCodec *codec;
  GstCaps *input;
  GstWsctlSetUpFunc set_up;
  gpointer set_up_data;

  /* The streaming thread, or nobody yet */
  GPtrArray *factories;
  guint next;
  GstElement *before;
  GstElement *after;
  GPtrArray *elements;          /* between the two, in the order of the flow */

  GMutex lock;
  GstElement *encoder;          /* lock to change it or to read elsewhere */
  guint bitrate_bps;            /* lock; 0: as it comes */
  GError *complaint;            /* lock: the first one */

  gint failed;                  /* atomic: the encoder has posted an error */
  gint proven;                  /* atomic: something has come out */
};

GstWsctlEncoderSlot *
gst_wsctl_encoder_slot_new (GstBin * bin, const GstWsctlCodec * codec,
    const GstCaps * input, GstWsctlSetUpFunc set_up, gpointer data)
{
  GstWsctlEncoderSlot *self = g_new0 (GstWsctlEncoderSlot, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlencoderslot_debug, "wsctlencoderslot", 0,
      "WebRTC WebSocket control: the encoder of a chain");

  self->bin = bin;
  self->codec = codec;
  self->input = gst_caps_ref ((GstCaps *) input);
  self->set_up = set_up;
  self->set_up_data = data;
  self->factories = gst_wsctl_encoder_list (codec, input);
  self->elements = g_ptr_array_new ();
  g_mutex_init (&self->lock);

  return self;
}

static void
note_complaint (GstWsctlEncoderSlot * self, GstElement * encoder,
    const gchar * text)
{
  g_mutex_lock (&self->lock);
  if (self->complaint == NULL)
    self->complaint = g_error_new (GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_ENCODING_FAILED, "no encoder for %s works here; %s "
        "says: %s", self->codec->name,
        GST_OBJECT_NAME (gst_element_get_factory (encoder)), text);
  g_mutex_unlock (&self->lock);
}

/* An encoder that has opened its device, or NULL when there is none left. */
static GstElement *
make_encoder (GstWsctlEncoderSlot * self, const GstWsctlEncoderRow ** row)
{
  while (self->next < self->factories->len) {
    GstElementFactory *factory =
        g_ptr_array_index (self->factories, self->next++);
    GstElement *encoder = gst_element_factory_create (factory, "encoder");

    if (encoder == NULL)
      continue;

    *row = gst_wsctl_encoder_table_find (GST_OBJECT_NAME (factory),
        self->codec->name);
    if (!self->set_up (encoder, self->set_up_data))
      gst_wsctl_encoder_set_up (encoder, *row);
    if (gst_element_set_state (encoder, GST_STATE_READY)
        != GST_STATE_CHANGE_FAILURE)
      return encoder;

    GST_INFO_OBJECT (self->bin, "%s does not start", GST_OBJECT_NAME (factory));
    note_complaint (self, encoder, "it does not start");
    gst_element_set_state (encoder, GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (encoder));
  }

  return NULL;
}

static void
add (GstWsctlEncoderSlot * self, GstElement * element)
{
  gst_bin_add (self->bin, element);
  g_ptr_array_add (self->elements, element);
}

/* Transfer none, or NULL */
static GstElement *
add_new (GstWsctlEncoderSlot * self, const gchar * factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element != NULL)
    add (self, element);

  return element;
}

static void
add_filter (GstWsctlEncoderSlot * self, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);

  g_object_set (filter, "caps", caps, NULL);
  add (self, filter);
}

/* H.264 has the size of a picture in pairs of pixels. */
static gboolean
needs_even_size (const GstWsctlCodec * codec)
{
  return g_str_has_prefix (codec->name, "H26");
}

/* Leaves out the last row or column of an odd number. */
static GstPadProbeReturn
on_crop_event (GstPad * pad, GstPadProbeInfo * info, gpointer crop)
{
  GstStructure *structure;
  GstCaps *caps;
  gint width = 0, height = 0;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;

  gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
  structure = gst_caps_get_structure (caps, 0);
  gst_structure_get_int (structure, "width", &width);
  gst_structure_get_int (structure, "height", &height);
  g_object_set (crop, "right", width & 1, "bottom", height & 1, NULL);

  return GST_PAD_PROBE_OK;
}

static gboolean
add_crop (GstWsctlEncoderSlot * self)
{
  GstElement *crop = add_new (self, "videocrop");
  g_autoptr (GstPad) sink = NULL;

  if (crop == NULL)
    return FALSE;

  sink = gst_element_get_static_pad (crop, "sink");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_crop_event,
      crop, NULL);

  return TRUE;
}

/* As many frames as come in, each of one of its fields */
static gboolean
add_deinterlacer (GstWsctlEncoderSlot * self)
{
  GstElement *deinterlacer = add_new (self, "deinterlace");

  if (deinterlacer == NULL)
    return FALSE;
  gst_util_set_object_arg (G_OBJECT (deinterlacer), "fields", "top");

  return TRUE;
}

/* Memory of a device goes to an encoder that takes it untouched. */
static gboolean
add_converters (GstWsctlEncoderSlot * self, GstElement * encoder,
    const GstWsctlEncoderRow * row)
{
  if (self->codec->kind == GST_WSCTL_MEDIA_KIND_AUDIO)
    return TRUE;

  if (gst_wsctl_encoder_is_in_device (self->input)) {
    const gchar *download = gst_wsctl_encoder_find_download (self->input);

    if (gst_wsctl_encoder_takes (gst_element_get_factory (encoder),
            self->input))
      return TRUE;
    if (download == NULL || add_new (self, download) == NULL)
      return FALSE;
  }
  if (add_new (self, "videoconvert") == NULL)
    return FALSE;
  if (row->formats != NULL) {
    g_autofree gchar *text =
        g_strdup_printf ("video/x-raw, format=(string)%s", row->formats);

    add_filter (self, text);
  }

  return (!gst_wsctl_encoder_is_interlaced (self->input)
      || add_deinterlacer (self))
      && (!needs_even_size (self->codec) || add_crop (self));
}

static gboolean
link_all (GstWsctlEncoderSlot * self)
{
  GstElement *last = self->before;
  guint i;

  for (i = 0; i < self->elements->len; i++) {
    GstElement *element = g_ptr_array_index (self->elements, i);

    if (!gst_element_link (last, element))
      return FALSE;
    last = element;
  }

  return gst_element_link (last, self->after);
}

static void
take_encoder (GstWsctlEncoderSlot * self, GstElement * encoder)
{
  guint bitrate_bps;

  g_mutex_lock (&self->lock);
  gst_object_replace ((GstObject **) & self->encoder, GST_OBJECT (encoder));
  bitrate_bps = self->bitrate_bps;
  g_mutex_unlock (&self->lock);

  if (encoder != NULL && bitrate_bps > 0)
    gst_wsctl_encoder_set_bitrate (encoder, bitrate_bps);
}

static void
clear (GstWsctlEncoderSlot * self)
{
  guint i;

  take_encoder (self, NULL);
  for (i = 0; i < self->elements->len; i++) {
    GstElement *element = g_ptr_array_index (self->elements, i);

    gst_element_set_locked_state (element, TRUE);
    gst_element_set_state (element, GST_STATE_NULL);
    gst_bin_remove (self->bin, element);
  }
  g_ptr_array_set_size (self->elements, 0);
  g_atomic_int_set (&self->failed, FALSE);
  g_atomic_int_set (&self->proven, FALSE);
}

static GstPadProbeReturn
on_output (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlEncoderSlot *self = data;

  g_atomic_int_set (&self->proven, TRUE);

  return GST_PAD_PROBE_REMOVE;
}

static gboolean
put_in (GstWsctlEncoderSlot * self, GstElement * encoder,
    const GstWsctlEncoderRow * row)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (encoder, "src");
  gboolean converted = add_converters (self, encoder, row);

  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_output, self, NULL);
  add (self, encoder);
  if (row->profile != NULL)
    add_filter (self, row->profile);
  if (!converted || !link_all (self)) {
    note_complaint (self, encoder, "it does not take this input");
    clear (self);
    return FALSE;
  }
  take_encoder (self, encoder);

  return TRUE;
}

static gboolean
fill (GstWsctlEncoderSlot * self, GError ** error)
{
  const GstWsctlEncoderRow *row = NULL;
  GstElement *encoder;

  while ((encoder = make_encoder (self, &row)) != NULL) {
    if (put_in (self, encoder, row)) {
      GST_INFO_OBJECT (self->bin, "%s encodes %s",
          GST_OBJECT_NAME (gst_element_get_factory (encoder)),
          self->codec->name);
      return TRUE;
    }
  }

  g_mutex_lock (&self->lock);
  if (self->complaint != NULL)
    g_propagate_error (error, g_error_copy (self->complaint));
  else
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "an encoder for %s is not installed", self->codec->name);
  g_mutex_unlock (&self->lock);

  return FALSE;
}

/* Does any encoder take pictures out of this memory, or anything else? */
static gboolean
check_memory (GstWsctlEncoderSlot * self, GError ** error)
{
  g_autofree gchar *memory = NULL;
  const gchar *download;
  guint i;

  if (!gst_wsctl_encoder_is_in_device (self->input))
    return TRUE;
  for (i = 0; i < self->factories->len; i++) {
    if (gst_wsctl_encoder_takes (g_ptr_array_index (self->factories, i),
            self->input))
      return TRUE;
  }

  memory = gst_caps_features_to_string (gst_caps_get_features (self->input, 0));
  download = gst_wsctl_encoder_find_download (self->input);
  if (download == NULL)
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_UNSUITABLE_MEDIA,
        "the video that comes in is in %s, which no encoder here takes; convert "
        "it to system memory before", memory);
  else if (!gst_registry_check_feature_version (gst_registry_get (), download,
          0, 0, 0))
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "the video that comes in is in %s, and the element '%s', which takes it "
        "out of there, is not installed", memory, download);
  else
    return TRUE;

  return FALSE;
}

/* Of one row or column, an even number is none. */
static gboolean
check_size (GstWsctlEncoderSlot * self, GError ** error)
{
  const GstStructure *structure = gst_caps_get_structure (self->input, 0);
  gint width = 2, height = 2;

  gst_structure_get_int (structure, "width", &width);
  gst_structure_get_int (structure, "height", &height);
  if (!needs_even_size (self->codec) || (width > 1 && height > 1))
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_UNSUITABLE_MEDIA,
      "the picture that comes in, of %dx%d, is too small for %s", width, height,
      self->codec->name);

  return FALSE;
}

gboolean
gst_wsctl_encoder_slot_fill (GstWsctlEncoderSlot * self, GstElement * before,
    GstElement * after, GError ** error)
{
  self->before = before;
  self->after = after;

  return check_memory (self, error) && check_size (self, error)
      && fill (self, error);
}

gboolean
gst_wsctl_encoder_slot_replace (GstWsctlEncoderSlot * self, GError ** error)
{
  guint i;

  if (self->encoder != NULL) {
    note_complaint (self, self->encoder, "it does not take this input");
    GST_INFO_OBJECT (self->bin, "%s fails; trying the next",
        GST_OBJECT_NAME (gst_element_get_factory (self->encoder)));
  }
  clear (self);
  if (!fill (self, error))
    return FALSE;

  for (i = self->elements->len; i > 0; i--)
    gst_element_sync_state_with_parent (g_ptr_array_index (self->elements,
            i - 1));

  return TRUE;
}

gboolean
gst_wsctl_encoder_slot_take_error (GstWsctlEncoderSlot * self,
    GstMessage * message)
{
  g_autoptr (GstElement) encoder = NULL;
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->lock);
  if (self->encoder != NULL)
    encoder = gst_object_ref (self->encoder);
  g_mutex_unlock (&self->lock);

  if (encoder == NULL || !gst_object_has_as_ancestor (GST_MESSAGE_SRC (message),
          GST_OBJECT (encoder)))
    return FALSE;

  gst_message_parse_error (message, &error, NULL);
  note_complaint (self, encoder, error->message);
  g_atomic_int_set (&self->failed, TRUE);

  return TRUE;
}

gboolean
gst_wsctl_encoder_slot_has_failed (GstWsctlEncoderSlot * self,
    GstFlowReturn ret)
{
  if (g_atomic_int_get (&self->failed))
    return TRUE;

  /* What comes back before anything has gone out is its own. */
  return !g_atomic_int_get (&self->proven) && (ret == GST_FLOW_NOT_NEGOTIATED
      || ret == GST_FLOW_ERROR || ret == GST_FLOW_NOT_SUPPORTED);
}

void
gst_wsctl_encoder_slot_set_bitrate (GstWsctlEncoderSlot * self,
    guint bitrate_bps)
{
  g_autoptr (GstElement) encoder = NULL;

  g_mutex_lock (&self->lock);
  self->bitrate_bps = bitrate_bps;
  if (self->encoder != NULL)
    encoder = gst_object_ref (self->encoder);
  g_mutex_unlock (&self->lock);

  if (encoder != NULL && bitrate_bps > 0)
    gst_wsctl_encoder_set_bitrate (encoder, bitrate_bps);
}

void
gst_wsctl_encoder_slot_free (GstWsctlEncoderSlot * self)
{
  gst_clear_object (&self->encoder);
  g_clear_error (&self->complaint);
  g_ptr_array_unref (self->factories);
  g_ptr_array_unref (self->elements);
  gst_caps_unref (self->input);
  g_mutex_clear (&self->lock);
  g_free (self);
}
