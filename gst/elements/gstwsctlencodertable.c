/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Settings: no look-ahead, no B-frames, no key frames but those asked for (the
 * server asks every two seconds, a new player at once), a small rate buffer, a
 * constant bitrate. Names and units are those of GStreamer 1.22 and, where they
 * changed, of later versions beside them.
 */

#include "gstwsctlencodertable.h"

#define KBIT 1000
/* In frames: half a minute, for encoders that cannot go without; and the two
 * seconds after which a server asks, for those that cannot be asked */
#define LONG_GOP "1024"
#define SHORT_GOP "60"
/* Half a second of the lowest useful picture, and far more than a network of
 * today takes */
#define LOWEST 10000
#define HIGHEST 100000000

#define MAIN "video/x-h265, profile=(string)main"
#define CONSTRAINED "video/x-h264, profile=(string)constrained-baseline"
/* Some call "baseline" what is in fact constrained: none makes the slice groups
 * that are the difference. */
#define BASELINE "video/x-h264, " \
    "profile=(string){ constrained-baseline, baseline }"
/* 4:2:0 of eight bits: the one chroma that every player decodes */
#define FORMATS "{ I420, YV12, NV12, NV21 }"

#define VPX "deadline=1 cpu-used=8 end-usage=cbr lag-in-frames=0 " \
    "keyframe-mode=disabled keyframe-max-dist=2000 " \
    "min-quantizer=4 max-quantizer=56 " \
    "buffer-size=150 buffer-initial-size=100 buffer-optimal-size=120 " \
    "max-intra-bitrate=250 error-resilient=default"
#define VA "rate-control=cbr key-int-max=" LONG_GOP " b-frames=0 ref-frames=1 " \
    "gf-group-size=1 hierarchical-level=1 cpb-size=0"
#define VAAPI "rate-control=cbr keyframe-period=" LONG_GOP " max-bframes=0"
/* Properties were renamed when nvcudah264enc and its like became nvh264enc. */
#define NV "preset=low-latency-hq tune=ultra-low-latency " \
    "rc-mode=cbr-ld-hq rc-mode=cbr rate-control=cbr " \
    "zerolatency=true zero-reorder-delay=true gop-size=-1 " \
    "bframes=0 b-frames=0 rc-lookahead=0"
#define JETSON "control-rate=constant_bitrate ratecontrol-enable=true " \
    "maxperf-enable=true preset-level=UltraFastPreset num-B-Frames=0 " \
    "iframeinterval=" LONG_GOP " idrinterval=" LONG_GOP
#define QSV "low-latency=true rate-control=cbr gop-size=" LONG_GOP " " \
    "idr-interval=0 b-frames=0 ref-frames=1"
#define AMF "usage=ultra-low-latency rate-control=cbr preset=speed " \
    "gop-size=1000"
#define VT "realtime=true allow-frame-reordering=false rate-control=cbr " \
    "max-keyframe-interval=" LONG_GOP
#define AMC "i-frame-interval=60"
#define MPP "rc-mode=cbr header-mode=each-idr gop=" LONG_GOP
#define V4L2 "extra-controls=controls,video_bitrate_mode=1," \
    "video_gop_size=" SHORT_GOP ",repeat_sequence_header=1;"

#define NO_BITRATE NULL, NULL, 1, 0, 0
#define BITRATE(property, unit) property, NULL, unit, LOWEST, HIGHEST
#define V4L2_BITRATE "extra-controls", "video_bitrate", 1, LOWEST, HIGHEST

/* In each codec, what machines have in hardware first: of the same rank, the
 * first row wins. A pattern stands behind the names that it would match. */
static const GstWsctlEncoderRow rows[] = {
  {"vaapih264enc", "H264", VAAPI " cabac=false dct8x8=false",
      BITRATE ("bitrate", KBIT), FORMATS, BASELINE},
  {"va*h264enc", "H264", VA " dct8x8=false cabac=false",
      BITRATE ("bitrate", KBIT), FORMATS, BASELINE},
  {"va*h264lpenc", "H264", VA " dct8x8=false cabac=false",
      BITRATE ("bitrate", KBIT), FORMATS, BASELINE},
  {"nvv4l2h264enc", "H264", JETSON " insert-sps-pps=true",
      BITRATE ("bitrate", 1), FORMATS, BASELINE},
  {"nv*h264*enc", "H264", NV " repeat-sequence-header=true",
      BITRATE ("bitrate", KBIT), FORMATS, BASELINE},
  {"qsvh264*enc", "H264", QSV, BITRATE ("bitrate", KBIT), FORMATS,
      BASELINE},
  {"amfh264*enc", "H264", AMF " cabac=false", BITRATE ("bitrate", KBIT),
      FORMATS, BASELINE},
  {"vtenc_h264*", "H264", VT, BITRATE ("bitrate", KBIT), FORMATS,
      BASELINE},
  {"mpph264enc", "H264", MPP " profile=baseline", BITRATE ("bps", 1),
      FORMATS, NULL},
  {"amcvidenc-*", "H264", AMC, BITRATE ("bitrate", 1), FORMATS,
      BASELINE},
  {"v4l2*h264enc", "H264", V4L2, V4L2_BITRATE, FORMATS, BASELINE,
      FALSE, TRUE},
  {"x264enc", "H264", "tune=zerolatency speed-preset=ultrafast bframes=0 "
        "b-adapt=false key-int-max=2560 vbv-buf-capacity=120 "
        "byte-stream=true sliced-threads=true threads=2",
      BITRATE ("bitrate", KBIT), FORMATS, CONSTRAINED},
  {"openh264enc", "H264", "complexity=low rate-control=bitrate gop-size=2560 "
        "background-detection=false scene-change-detection=false",
      BITRATE ("bitrate", 1), FORMATS, CONSTRAINED},

  {"vaapivp8enc", "VP8", VAAPI, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"va*vp8enc", "VP8", VA, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"mppvp8enc", "VP8", MPP, BITRATE ("bps", 1), FORMATS, NULL},
  {"nvv4l2vp8enc", "VP8", JETSON, BITRATE ("bitrate", 1), FORMATS, NULL},
  {"amcvidenc-*", "VP8", AMC, BITRATE ("bitrate", 1), FORMATS, NULL},
  {"v4l2*vp8enc", "VP8", V4L2, V4L2_BITRATE, FORMATS, NULL,
      FALSE, TRUE},
  {"vp8enc", "VP8", VPX, BITRATE ("target-bitrate", 1), FORMATS, NULL},

  {"vaapivp9enc", "VP9", VAAPI, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"va*vp9enc", "VP9", VA, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"va*vp9lpenc", "VP9", VA, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"qsvvp9*enc", "VP9", QSV, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"nvv4l2vp9enc", "VP9", JETSON, BITRATE ("bitrate", 1), FORMATS, NULL},
  {"amcvidenc-*", "VP9", AMC, BITRATE ("bitrate", 1), FORMATS, NULL},
  {"v4l2*vp9enc", "VP9", V4L2, V4L2_BITRATE, FORMATS, NULL,
      FALSE, TRUE},
  {"vp9enc", "VP9", VPX " row-mt=true", BITRATE ("target-bitrate", 1),
      FORMATS, NULL},

  {"va*av1enc", "AV1", VA, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"va*av1lpenc", "AV1", VA, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"nvv4l2av1enc", "AV1", JETSON, BITRATE ("bitrate", 1), FORMATS, NULL},
  {"nv*av1*enc", "AV1", NV, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"qsvav1*enc", "AV1", QSV, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"amfav1*enc", "AV1", AMF, BITRATE ("bitrate", KBIT), FORMATS, NULL},
  {"amcvidenc-*", "AV1", AMC, BITRATE ("bitrate", 1), FORMATS, NULL},
  /* Of its own it leaves libaom no range of quantizers, which aborts. */
  {"av1enc", "AV1", "usage-profile=realtime cpu-used=10 end-usage=cbr "
        "min-quantizer=2 max-quantizer=56 lag-in-frames=0 keyframe-mode=auto keyframe-max-dist="
        SHORT_GOP " "
        "buf-sz=150 buf-initial-sz=100 buf-optimal-sz=120 row-mt=true",
      BITRATE ("target-bitrate", KBIT), FORMATS, NULL, FALSE, TRUE},
  {"rav1enc", "AV1", "low-latency=true speed-preset=10 "
        "max-key-frame-interval=" LONG_GOP,
      BITRATE ("bitrate", 1), FORMATS, NULL},
  /* Low delay is a parameter that early versions do not pass on. */
  {"svtav1enc", "AV1", "preset=12 intra-period-length=-1 "
        "parameters-string=pred-struct=1:rc=2:lookahead=0",
      BITRATE ("target-bitrate", KBIT), FORMATS, NULL, TRUE},

  {"vaapih265enc", "H265", VAAPI, BITRATE ("bitrate", KBIT), FORMATS, MAIN},
  {"va*h265enc", "H265", VA, BITRATE ("bitrate", KBIT), FORMATS, MAIN},
  {"va*h265lpenc", "H265", VA, BITRATE ("bitrate", KBIT), FORMATS, MAIN},
  {"nvv4l2h265enc", "H265", JETSON " insert-sps-pps=true",
      BITRATE ("bitrate", 1), FORMATS, MAIN},
  {"nv*h265*enc", "H265", NV " repeat-sequence-header=true",
      BITRATE ("bitrate", KBIT), FORMATS, MAIN},
  {"qsvh265*enc", "H265", QSV, BITRATE ("bitrate", KBIT), FORMATS, MAIN},
  {"amfh265*enc", "H265", AMF, BITRATE ("bitrate", KBIT), FORMATS, MAIN},
  {"vtenc_h265*", "H265", VT, BITRATE ("bitrate", KBIT), FORMATS, MAIN},
  {"mpph265enc", "H265", MPP, BITRATE ("bps", 1), FORMATS, MAIN},
  {"amcvidenc-*", "H265", AMC, BITRATE ("bitrate", 1), FORMATS, MAIN},
  {"v4l2*h265enc", "H265", V4L2, V4L2_BITRATE, FORMATS, MAIN, FALSE, TRUE},
  {"x265enc", "H265", "tune=zerolatency speed-preset=ultrafast "
        "key-int-max=2560 option-string=bframes=0",
      BITRATE ("bitrate", KBIT), FORMATS, MAIN, TRUE},

  {"opusenc", "OPUS", "perfect-timestamp=true inband-fec=true",
      "bitrate", NULL, 1, 6000, 510000, NULL, NULL},
  {"alawenc", "PCMA", "", NO_BITRATE, NULL, NULL},
  {"mulawenc", "PCMU", "", NO_BITRATE, NULL, NULL},
  {NULL}
};

const GstWsctlEncoderRow *
gst_wsctl_encoder_table_get (void)
{
  return rows;
}

const GstWsctlEncoderRow *
gst_wsctl_encoder_table_find (const gchar * factory, const gchar * codec)
{
  const GstWsctlEncoderRow *row;

  for (row = rows; row->factory != NULL; row++) {
    if ((codec == NULL || g_str_equal (row->codec, codec))
        && g_pattern_match_simple (row->factory, factory))
      return row;
  }

  return NULL;
}
