/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The codecs that the server takes in and gives out, best liked first: the
 * order is MistServer's. H.265 is last: few browsers play it.
 */

#include "wsctlservercodec-private.h"

#define PAY " mtu=1200 timestamp-offset=0 seqnum-offset=0"

/* Parameter sets go in front of every key frame, so that it is a start for any
 * player. They are taken out first (avc): a sender may put them before every
 * slice, where each would begin a new frame. */
static const GstWsctlServerCodec codecs[] = {
  {"H264", "H264", GST_WSCTL_SERVER_KIND_VIDEO, 90000,
        "profile-level-id=42e01f;level-asymmetry-allowed=1;"
        "packetization-mode=1",
        "rtph264depay ! capsfilter "
        "caps=video/x-h264,stream-format=avc,alignment=au ! "
        "h264parse config-interval=-1 ! capsfilter "
        "caps=video/x-h264,stream-format=byte-stream,alignment=au",
      "rtph264pay aggregate-mode=none config-interval=0" PAY},
  {"AV1", "AV1", GST_WSCTL_SERVER_KIND_VIDEO, 90000, NULL,
      "rtpav1depay ! av1parse", "rtpav1pay" PAY},
  {"VP9", "VP9", GST_WSCTL_SERVER_KIND_VIDEO, 90000, NULL,
      "rtpvp9depay", "rtpvp9pay picture-id-mode=15-bit" PAY},
  {"VP8", "VP8", GST_WSCTL_SERVER_KIND_VIDEO, 90000, NULL,
      "rtpvp8depay", "rtpvp8pay picture-id-mode=15-bit" PAY},
  {"HEVC", "H265", GST_WSCTL_SERVER_KIND_VIDEO, 90000,
        "level-id=153;profile-id=1;tier-flag=0;tx-mode=SRST",
        "rtph265depay ! capsfilter "
        "caps=video/x-h265,stream-format=hvc1,alignment=au ! "
        "h265parse config-interval=-1 ! capsfilter "
        "caps=video/x-h265,stream-format=byte-stream,alignment=au",
      "rtph265pay aggregate-mode=none config-interval=0" PAY},
  {"opus", "OPUS", GST_WSCTL_SERVER_KIND_AUDIO, 48000,
        "minptime=10;useinbandfec=1",
      "rtpopusdepay", "rtpopuspay" PAY},
  {"ALAW", "PCMA", GST_WSCTL_SERVER_KIND_AUDIO, 8000, NULL,
      "rtppcmadepay", "rtppcmapay" PAY},
  {"ULAW", "PCMU", GST_WSCTL_SERVER_KIND_AUDIO, 8000, NULL,
      "rtppcmudepay", "rtppcmupay" PAY},
};

/* The elements are the words of a launch line that stand at its start or
 * behind a '!'. */
static gboolean
is_installed (const gchar * launch)
{
  g_auto (GStrv) parts = g_strsplit (launch, " ! ", -1);
  guint i;

  for (i = 0; parts[i] != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (parts[i], " ", 2);
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (words[0]);

    if (factory == NULL)
      return FALSE;
  }

  return TRUE;
}

static gboolean
is_available (guint index)
{
  static gsize known[G_N_ELEMENTS (codecs)];    /* 1: yes, 2: no */

  if (g_once_init_enter (&known[index])) {
    gboolean all = is_installed (codecs[index].depayloader)
        && is_installed (codecs[index].payloader);

    g_once_init_leave (&known[index], all ? 1 : 2);
  }

  return known[index] == 1;
}

const gchar *
gst_wsctl_server_kind_get_name (GstWsctlServerKind kind)
{
  switch (kind) {
    case GST_WSCTL_SERVER_KIND_AUDIO:
      return "audio";
    case GST_WSCTL_SERVER_KIND_VIDEO:
      return "video";
    case GST_WSCTL_SERVER_KIND_OTHER:
      break;
  }

  return "meta";
}

const GstWsctlServerCodec *
gst_wsctl_server_codec_get_json (void)
{
  static const GstWsctlServerCodec json = {
    "JSON", "JSON", GST_WSCTL_SERVER_KIND_OTHER, 1000, NULL, NULL, NULL
  };

  return &json;
}

const GstWsctlServerCodec *
gst_wsctl_server_codec_find (GstWsctlServerKind kind, const gchar * encoding)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (codecs); i++) {
    if (codecs[i].kind == kind
        && g_ascii_strcasecmp (codecs[i].encoding, encoding) == 0)
      return is_available (i) ? &codecs[i] : NULL;
  }

  return NULL;
}

guint
gst_wsctl_server_codec_get_rank (const GstWsctlServerCodec * codec)
{
  return codec - codecs;
}
