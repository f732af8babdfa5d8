/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A webrtcbin as servers of this protocol want it: everything on one transport,
 * and candidates where the user says.
 */

#include "wsctlwebrtcbin-private.h"

#include <gst/video/video.h>
#include <gst/webrtc/webrtc.h>
#include <nice/interfaces.h>

#include "wsctlcategory-private.h"
#include "wsctlerror.h"
#include "wsctljitterdelay-private.h"
#include "wsctlplatform-private.h"
#include "wsctlrepeater-private.h"
#include "wsctlretransmission-private.h"
#include "wsctlrtprewriter-private.h"
#include "wsctlsparetrack-private.h"
#include "wsctltransportcc-private.h"
#include "wsctlwarmup-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlwebrtcbin_debug);
#define GST_CAT_DEFAULT wsctlwebrtcbin_debug

/* The least that RFC 8445, 14.2 allows between two checks. libnice does each of
 * its steps (first check, nomination, the verdict) on this timer only: at its
 * default of 20 ms they come to 60 ms on a path that takes no time at all. */
#define ICE_PACING_MS 5

/* Of the bin, of the transport, and of who looks at it */
#define N_RECEIVER_REFS 3

/* So many packets in a row are a beginning; with one, a swap of the first two
 * would cost the first picture. */
#define START_PACKETS 2

/* RTCP may have 5 % of it (RFC 3550, 6.2): 500 kbit/s, and rarely has. */
#define SESSION_BANDWIDTH_BPS 1e7

/* libnice leaves the loopback out, and without a network there is nothing else: a
 * server or a peer on this machine can be reached all the same. */
static const gchar *const *
get_addresses (const GstWsctlConnectionParams * params)
{
  static const gchar *const loopback[] = { "127.0.0.1", NULL };
  GList *others;

  if (params->local_addresses != NULL)
    return params->local_addresses;

  others = nice_interfaces_get_local_ips (FALSE);
  if (others == NULL)
    return loopback;
  g_list_free_full (others, g_free);

  return NULL;
}

static void
set_up_ice (GstElement * webrtcbin, NiceAgent * agent, GstObject * ice,
    const GstWsctlConnectionParams * params)
{
  const gchar *const *addresses = get_addresses (params);
  guint i;

  /* Without checks a dead peer is never noticed, and UPnP would ask every
   * network around for a router. It must be said this early. */
  g_object_set (agent, "keepalive-conncheck", TRUE, "upnp", FALSE,
      "stun-pacing-timer", ICE_PACING_MS, NULL);

  for (i = 0; addresses != NULL && addresses[i] != NULL; i++) {
    gboolean added = FALSE;

    g_signal_emit_by_name (ice, "add-local-ip-address", addresses[i], &added);
    if (!added)
      GST_WARNING_OBJECT (webrtcbin, "'%s' is not an address of this machine",
          addresses[i]);
  }
}

/* When to ask for a packet again: after two that were sent later, or when it is
 * so late that nothing at the sender explains it. The jitter buffer's own rule is
 * half the distance of packets, and sounds of 20 ms often leave in the rhythm of
 * a sound card. It is asked for anew at this distance, for a repeat is lost as
 * easily: the jitter buffer learns the round trip only from repair flows, and
 * believes in 40 ms without one, which leaves room for a single try in a latency
 * of 100 ms. */
#define NACK_REORDER_PACKETS 1
#define NACK_DELAY_MS 40
#define NACK_REPEAT_MS 30

/* Asked to, it waits for the next packet at the time that it expects it, and gives
 * it up for lost: the first one behind a pause, and all up to the next key frame
 * with it. What is really lost shows when later ones come.
 *
 * It does not know what the first packet of a stream is, and waits for the whole
 * of its latency whether an earlier one comes, unless it is told what makes a
 * beginning. */
static void
on_new_jitterbuffer (GstElement * rtpbin, GstElement * jitterbuffer,
    guint session, guint ssrc, gpointer data)
{
  g_object_set (jitterbuffer, "rtx-next-seqnum", FALSE,
      "faststart-min-packets", START_PACKETS,
      "rtx-delay-reorder", NACK_REORDER_PACKETS, "rtx-min-delay",
      NACK_DELAY_MS, "rtx-retry-timeout", NACK_REPEAT_MS,
      "rtx-min-retry-timeout", NACK_REPEAT_MS, NULL);
  gst_wsctl_jitter_delay_watch (jitterbuffer);
}

/* A session knows no bandwidth but the default of 64 kbit/s, of which RTCP gets
 * so little that only every other NACK is in time. */
static void
on_rtpbin_element_added (GstBin * rtpbin, GstElement * element, gpointer data)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  if (g_strcmp0 (GST_OBJECT_NAME (factory), "rtpsession") == 0)
    g_object_set (element, "bandwidth", SESSION_BANDWIDTH_BPS, NULL);
}

static void
set_up_rtpbin (GstElement * webrtcbin, gboolean retransmission)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtcbin), "rtpbin");

  if (rtpbin == NULL)
    return;

  /* Asks again for what is lost. By itself webrtcbin does so only for SSRCs that
   * the answer announces, and servers of this protocol announce none. */
  g_object_set (rtpbin, "do-retransmission", retransmission, NULL);
  g_signal_connect (rtpbin, "element-added",
      G_CALLBACK (on_rtpbin_element_added), NULL);
  g_signal_connect (rtpbin, "new-jitterbuffer",
      G_CALLBACK (on_new_jitterbuffer), NULL);
}

/* Its own part sends again only over a repair flow (RFC 4588), which MistServer
 * does not know. */
static GstElement *
on_request_aux_sender (GstElement * webrtcbin, GstObject * transport,
    gpointer data)
{
  return g_object_new (GST_WSCTL_TYPE_REPEATER, "name",
      GST_WSCTL_REPEATER_NAME, NULL);
}

/* webrtcbin needs the latency of what is upstream to tell the running time of a
 * packet. It learns it when it is asked for it, which no pipeline does in time:
 * until then its sender reports repeat the same time, and it warns of every
 * packet. */
static void
learn_latency (GstElement * webrtcbin, gpointer data)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();

  gst_element_query (webrtcbin, query);
}

/* On a streaming thread: what is upstream is linked by now. */
static GstPadProbeReturn
on_first_data (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstElement) webrtcbin = gst_pad_get_parent_element (pad);

  if (webrtcbin != NULL)
    learn_latency (webrtcbin, NULL);

  return GST_PAD_PROBE_REMOVE;
}

static GstPadProbeReturn
on_sink_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_STREAM_START)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
        | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_first_data, NULL, NULL);

  return GST_PAD_PROBE_OK;
}

/* Each new track may have another latency. */
static void
on_pad_added (GstElement * webrtcbin, GstPad * pad, gpointer data)
{
  if (GST_PAD_IS_SINK (pad))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        on_sink_event, NULL, NULL);
}

/* On webrtcbin's own thread. What came before the transport was there was asked
 * for in vain. */
static void
on_connection_state (GstElement * webrtcbin, GParamSpec * pspec, gpointer data)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (webrtcbin, "connection-state", &state, NULL);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    gst_element_call_async (webrtcbin, learn_latency, NULL, NULL);
}

static void
set_up_webrtcbin (GstElement * webrtcbin,
    const GstWsctlConnectionParams * params)
{
  guint i;

  gst_util_set_object_arg (G_OBJECT (webrtcbin), "bundle-policy", "max-bundle");
  g_object_set (webrtcbin, "latency", params->latency_ms, NULL);
  g_signal_connect (webrtcbin, "pad-added", G_CALLBACK (on_pad_added), NULL);
  g_signal_connect (webrtcbin, "notify::connection-state",
      G_CALLBACK (on_connection_state), NULL);
  g_signal_connect (webrtcbin, "request-aux-sender",
      G_CALLBACK (on_request_aux_sender), NULL);
  if (params->stun_server != NULL)
    g_object_set (webrtcbin, "stun-server", params->stun_server, NULL);
  if (params->relay_only)
    gst_util_set_object_arg (G_OBJECT (webrtcbin), "ice-transport-policy",
        "relay");

  for (i = 0; params->turn_servers != NULL && params->turn_servers[i] != NULL;
      i++) {
    gboolean added = FALSE;

    /* The address holds a password: it is not written anywhere. */
    g_signal_emit_by_name (webrtcbin, "add-turn-server",
        params->turn_servers[i], &added);
    if (!added)
      GST_WARNING_OBJECT (webrtcbin, "TURN server %u is not accepted", i + 1);
  }
}

/* What it is going to make for the first offer, when the certificate is there */
static void
load_parts (void)
{
  static const gchar *const parts[] = { "srtpenc", "nicesrc", "rtpstorage" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (parts); i++)
    gst_wsctl_warmup_load (parts[i]);
}

GstElement *
gst_wsctl_webrtcbin_new (const GstWsctlConnectionParams * params,
    NiceAgent ** agent, GError ** error)
{
  GstElement *webrtcbin = gst_element_factory_make ("webrtcbin", NULL);
  g_autoptr (GstObject) ice = NULL;

  GST_WSCTL_CATEGORY_INIT (wsctlwebrtcbin_debug, "wsctlwebrtcbin",
      "WebRTC WebSocket control: webrtcbin");

  if (webrtcbin == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "the element 'webrtcbin' is not installed (GStreamer Bad Plug-ins)");
    return NULL;
  }
  gst_object_ref_sink (webrtcbin);

  g_object_get (webrtcbin, "ice-agent", &ice, NULL);
  g_object_get (ice, "agent", agent, NULL);
  set_up_webrtcbin (webrtcbin, params);
  set_up_rtpbin (webrtcbin, !params->no_retransmission);
  set_up_ice (webrtcbin, *agent, ice, params);
  load_parts ();

  return webrtcbin;
}

/* Until 1.25 the pad that sends comes with the agreement, and one that is asked
 * for by its caps is another transceiver's. Since then it comes only when it is
 * asked for, before the agreement. */
void
gst_wsctl_webrtcbin_request_sink_pad (GstElement * webrtcbin, GstCaps * caps)
{
  g_autoptr (GstPad) pad = NULL;

  if (!gst_wsctl_platform_is_since (25, 1))
    return;

  pad = gst_element_request_pad (webrtcbin,
      gst_element_get_pad_template (webrtcbin, "sink_%u"), NULL, caps);
  if (pad == NULL)
    GST_WARNING_OBJECT (webrtcbin, "no pad to send %" GST_PTR_FORMAT, caps);
}

void
gst_wsctl_webrtcbin_add_media (GstElement * webrtcbin,
    GstWsctlMediaKind kind, gboolean sending, GstCaps * caps)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) preferences = gst_caps_copy (caps);
  GstStructure *first = gst_caps_get_structure (preferences, 0);

  /* Announced once, with the first codec; the payloader takes it from here. */
  if (!gst_structure_has_field (first, "ssrc"))
    gst_structure_set (first, "ssrc", G_TYPE_UINT, g_random_int (), NULL);
  if (kind == GST_WSCTL_MEDIA_KIND_VIDEO && sending)
    gst_wsctl_transport_cc_offer (preferences);

  /* Said before the offer: the default, sendrecv, is nothing that a server of
   * this protocol answers. */
  g_signal_emit_by_name (webrtcbin, "add-transceiver",
      sending ? GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY :
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, preferences, &transceiver);
  if (kind == GST_WSCTL_MEDIA_KIND_VIDEO)
    g_object_set (transceiver, "do-nack", sending
        || gst_wsctl_retransmission_is_allowed (webrtcbin), NULL);
  /* Of no use, and no cost, until the answer takes it and something is lost */
  if (kind == GST_WSCTL_MEDIA_KIND_VIDEO && sending)
    g_object_set (transceiver, "fec-type", GST_WEBRTC_FEC_TYPE_ULP_RED,
        "fec-percentage", 0, NULL);
  if (sending)
    gst_wsctl_webrtcbin_request_sink_pad (webrtcbin, preferences);
}

static gint
compare_kind (gconstpointer item, gconstpointer wanted)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  GstWebRTCKind kind = GST_WEBRTC_KIND_UNKNOWN;

  g_object_get (g_value_get_object (item), "transceiver", &transceiver, NULL);
  if (transceiver != NULL)
    g_object_get (transceiver, "kind", &kind, NULL);

  return kind == GPOINTER_TO_INT (wanted) ? 0 : 1;
}

/* The pad that sends @kind, once there is one. Transfer full. */
static GstPad *
find_sink_pad (GstElement * webrtcbin, GstWsctlMediaKind kind)
{
  g_autoptr (GstIterator) pads = gst_element_iterate_sink_pads (webrtcbin);
  GstWebRTCKind wanted = kind == GST_WSCTL_MEDIA_KIND_AUDIO
      ? GST_WEBRTC_KIND_AUDIO : GST_WEBRTC_KIND_VIDEO;
  GValue item = G_VALUE_INIT;
  GstPad *found = NULL;

  if (gst_iterator_find_custom (pads, compare_kind, &item,
          GINT_TO_POINTER (wanted)))
    found = g_value_dup_object (&item);
  if (G_IS_VALUE (&item))
    g_value_unset (&item);

  return found;
}

static gboolean
remove_details (GQuark field, GValue * value, gpointer data)
{
  static const gchar *const kept[] = {
    "media", "payload", "clock-rate", "encoding-name", NULL
  };

  return g_strv_contains (kept, g_quark_to_string (field));
}

/* The pad takes nothing but its preferences, which name the profile and level
 * that were offered; what an encoder writes for its own picture size need not be
 * the same. The agreement is over by now: the codec is enough. */
static void
relax_preferences (GstWebRTCRTPTransceiver * transceiver)
{
  g_autoptr (GstCaps) caps = NULL;
  guint ssrc = 0;
  guint i;

  g_object_get (transceiver, "codec-preferences", &caps, NULL);
  if (caps == NULL)
    return;

  caps = gst_caps_make_writable (caps);
  gst_structure_get_uint (gst_caps_get_structure (caps, 0), "ssrc", &ssrc);
  for (i = 0; i < gst_caps_get_size (caps); i++)
    gst_structure_filter_and_map_in_place (gst_caps_get_structure (caps, i),
        remove_details, NULL);
  if (ssrc != 0)
    gst_caps_set_simple (caps, "ssrc", G_TYPE_UINT, ssrc, NULL);
  g_object_set (transceiver, "codec-preferences", caps, NULL);
}

/* With the preferences as they were offered */
static void
attach_rewriter (GstPad * sink, const GstCaps * agreed)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) offered = NULL;

  g_object_get (sink, "transceiver", &transceiver, NULL);
  if (transceiver != NULL)
    g_object_get (transceiver, "codec-preferences", &offered, NULL);
  gst_wsctl_rtp_rewriter_attach (sink, agreed, offered);
  if (transceiver != NULL)
    relax_preferences (transceiver);
}

GstPad *
gst_wsctl_webrtcbin_get_sink_pad (GstElement * webrtcbin,
    GstWsctlMediaKind kind, const GstCaps * agreed)
{
  GstPad *pad = find_sink_pad (webrtcbin, kind);

  if (pad != NULL)
    attach_rewriter (pad, agreed);

  return pad;
}

void
gst_wsctl_webrtcbin_set_fec_percentage (GstElement * webrtcbin,
    GstWsctlMediaKind kind, guint percentage)
{
  g_autoptr (GstPad) pad = find_sink_pad (webrtcbin, kind);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  if (pad != NULL)
    g_object_get (pad, "transceiver", &transceiver, NULL);
  if (transceiver != NULL)
    g_object_set (transceiver, "fec-percentage", percentage, NULL);
}

static gint
compare_section (gconstpointer item, gconstpointer wanted)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  guint section = G_MAXUINT;

  g_object_get (g_value_get_object (item), "transceiver", &transceiver, NULL);
  if (transceiver != NULL)
    g_object_get (transceiver, "mlineindex", &section, NULL);

  return section == GPOINTER_TO_UINT (wanted) ? 0 : 1;
}

GstPad *
gst_wsctl_webrtcbin_get_sink_pad_of_section (GstElement * webrtcbin,
    guint section)
{
  g_autoptr (GstIterator) pads = gst_element_iterate_sink_pads (webrtcbin);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  GValue item = G_VALUE_INIT;
  GstPad *found = NULL;

  if (gst_iterator_find_custom (pads, compare_section, &item,
          GUINT_TO_POINTER (section)))
    found = g_value_dup_object (&item);
  if (G_IS_VALUE (&item))
    g_value_unset (&item);
  if (found == NULL)
    return NULL;

  g_object_get (found, "transceiver", &transceiver, NULL);
  if (transceiver != NULL)
    relax_preferences (transceiver);

  return found;
}

void
gst_wsctl_webrtcbin_set_live (GstPad * sink, gboolean live)
{
  g_autoptr (GstPad) target = gst_ghost_pad_get_target (GST_GHOST_PAD (sink));
  g_autoptr (GstElement) clocksync = NULL;

  if (target != NULL)
    clocksync = gst_pad_get_parent_element (target);
  if (clocksync != NULL
      && g_object_class_find_property (G_OBJECT_GET_CLASS (clocksync),
          "sync") != NULL)
    g_object_set (clocksync, "sync", !live, NULL);
}

/* What is not live upstream is paced by webrtcbin. */
static gboolean
is_live (GstPad * track)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;

  if (gst_pad_query (track, query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  gst_query_unref (query);

  return live;
}

/* Of the caps that it has, or may have */
static gboolean
check_track (GstPad * sink, GstPad * track, GError ** error)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (track);

  if (caps == NULL)
    caps = gst_pad_query_caps (track, NULL);

  return gst_wsctl_rtp_rewriter_check (sink, caps, error);
}

static gboolean
link_track (GstPad * sink, GstPad * track, GError ** error)
{
  GstPadLinkReturn result = gst_pad_link (track, sink);

  if (result == GST_PAD_LINK_OK)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_REPLACE_TRACK_FAILED,
      "the new track cannot be linked: %s", gst_pad_link_get_name (result));

  return FALSE;
}

/* webrtcbin times its reports by a latency that it learns when it is asked for
 * one. */
static void
begin_track (GstElement * webrtcbin, GstPad * sink, GstPad * track)
{
  GstQuery *query = gst_query_new_latency ();

  gst_wsctl_webrtcbin_set_live (sink, is_live (track));
  gst_element_query (webrtcbin, query);
  gst_query_unref (query);
  gst_pad_push_event (sink,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

gboolean
gst_wsctl_webrtcbin_replace_track (GstElement * webrtcbin,
    GstWsctlMediaKind kind, const GstCaps * agreed, GstPad * track,
    GError ** error)
{
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) old = NULL;

  if (agreed != NULL)
    sink = gst_wsctl_webrtcbin_get_sink_pad (webrtcbin, kind, agreed);
  if (sink == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_REPLACE_TRACK_FAILED,
        "no %s is being sent, so none can be replaced",
        gst_wsctl_media_kind_get_nick (kind));
    return FALSE;
  }
  if (track != NULL && !check_track (sink, track, error))
    return FALSE;

  old = gst_pad_get_peer (sink);
  /* Before it is unlinked: nothing that it pushes may meet no one. */
  if (old != NULL) {
    gst_wsctl_spare_track_begin (old);
    gst_pad_unlink (old, sink);
  }
  if (track == NULL)
    return TRUE;
  if (!link_track (sink, track, error)) {
    if (old != NULL)
      gst_pad_link (old, sink);
    return FALSE;
  }
  begin_track (webrtcbin, sink, track);

  return TRUE;
}

/* Its thread may be at work on a description when its children are stopped; then
 * one of these blocks a pad once more, with a reference to itself, which goes when
 * that is stopped again. Nobody else has more than two. */
static void
release_receiver (const GValue * item, gpointer data)
{
  GstElement *receiver = g_value_get_object (item);

  if (g_strcmp0 (G_OBJECT_TYPE_NAME (receiver), "TransportReceiveBin") != 0
      || GST_OBJECT_REFCOUNT_VALUE (receiver) <= N_RECEIVER_REFS)
    return;

  GST_DEBUG_OBJECT (receiver, "is stopped again");
  gst_element_set_locked_state (receiver, TRUE);
  gst_element_set_state (receiver, GST_STATE_READY);
  gst_element_set_state (receiver, GST_STATE_NULL);
}

void
gst_wsctl_webrtcbin_stop (GstElement * webrtcbin)
{
  g_autoptr (GstIterator) children = NULL;

  gst_element_set_state (webrtcbin, GST_STATE_NULL);
  children = gst_bin_iterate_elements (GST_BIN (webrtcbin));
  gst_iterator_foreach (children, release_receiver, NULL);
}
