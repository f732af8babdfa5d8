/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlsrcwanted.h"

#include "gstwsctlmissing.h"
#include "gstwsctlreceivechain.h"
#include "wsctlcodec-private.h"

/* Counted from wsctlsrc's first */
enum
{
  PROP_VIDEO_CAPS,
  PROP_AUDIO_CAPS,
};

struct _GstWsctlSrcWanted
{
  GMutex lock;
  GstCaps *caps[GST_WSCTL_N_MEDIA_KINDS];       /* lock; NULL: all */
};

GstWsctlSrcWanted *
gst_wsctl_src_wanted_new (void)
{
  GstWsctlSrcWanted *self = g_new0 (GstWsctlSrcWanted, 1);

  g_mutex_init (&self->lock);

  return self;
}

void
gst_wsctl_src_wanted_free (GstWsctlSrcWanted * self)
{
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    gst_clear_caps (&self->caps[kind]);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
is_wanted (GstWsctlSrcWanted * self, const GstWsctlCodec * codec)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (codec->encoded_caps);
  gboolean wanted;

  g_mutex_lock (&self->lock);
  wanted = self->caps[codec->kind] == NULL
      || gst_caps_can_intersect (self->caps[codec->kind], caps);
  g_mutex_unlock (&self->lock);

  return wanted;
}

/* Which codec it will be, the server says: most likely the first of each kind. */
void
gst_wsctl_src_wanted_warm_up (GstWsctlSrcWanted * self)
{
  gboolean warm[GST_WSCTL_N_MEDIA_KINDS] = { FALSE, };
  const GstWsctlCodec *codec;

  for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
    if (warm[codec->kind] || !gst_wsctl_codec_can_receive (codec)
        || !is_wanted (self, codec))
      continue;
    gst_wsctl_receive_chain_warm_up (codec);
    warm[codec->kind] = TRUE;
  }
}

GstCaps *
gst_wsctl_src_wanted_make_offer (GstWsctlSrcWanted * self,
    GstWsctlMediaKind kind)
{
  GstCaps *offer = gst_caps_new_empty ();
  const GstWsctlCodec *codec;

  for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
    if (codec->kind == kind && gst_wsctl_codec_can_receive (codec)
        && is_wanted (self, codec))
      gst_caps_append (offer, gst_wsctl_codec_get_offer_caps (codec, -1));
  }

  return offer;
}

void
gst_wsctl_src_wanted_post_missing (GstWsctlSrcWanted * self,
    GstElement * element)
{
  const GstWsctlCodec *codec = gst_wsctl_codec_get_all ();

  while (codec->name != NULL && !is_wanted (self, codec))
    codec++;
  if (codec->name != NULL)
    gst_wsctl_missing_post_for_receiving (element, codec);
}

void
gst_wsctl_src_wanted_install_properties (GObjectClass * klass, guint first)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  /**
   * wsctlsrc:video-caps:
   *
   * The video codecs to ask for, as caps of elementary streams; %NULL for all
   * that can be received, EMPTY for no video.
   */
  g_object_class_install_property (klass, first + PROP_VIDEO_CAPS,
      g_param_spec_boxed ("video-caps", "Video caps",
          "Video codecs to ask for", GST_TYPE_CAPS, flags));

  /**
   * wsctlsrc:audio-caps:
   *
   * The audio codecs to ask for, likewise.
   */
  g_object_class_install_property (klass, first + PROP_AUDIO_CAPS,
      g_param_spec_boxed ("audio-caps", "Audio caps",
          "Audio codecs to ask for", GST_TYPE_CAPS, flags));
}

static GstWsctlMediaKind
get_kind (guint index)
{
  return index == PROP_AUDIO_CAPS ? GST_WSCTL_MEDIA_KIND_AUDIO
      : GST_WSCTL_MEDIA_KIND_VIDEO;
}

gboolean
gst_wsctl_src_wanted_set_property (GstWsctlSrcWanted * self, guint index,
    const GValue * value)
{
  if (index >= GST_WSCTL_SRC_WANTED_N_PROPS)
    return FALSE;

  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->caps[get_kind (index)],
      (GstCaps *) gst_value_get_caps (value));
  g_mutex_unlock (&self->lock);

  return TRUE;
}

gboolean
gst_wsctl_src_wanted_get_property (GstWsctlSrcWanted * self, guint index,
    GValue * value)
{
  if (index >= GST_WSCTL_SRC_WANTED_N_PROPS)
    return FALSE;

  g_mutex_lock (&self->lock);
  gst_value_set_caps (value, self->caps[get_kind (index)]);
  g_mutex_unlock (&self->lock);

  return TRUE;
}
