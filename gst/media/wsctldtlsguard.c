/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * webrtcbin before 1.28.5 compares the peer's DTLS certificate with nothing, so
 * whoever is on the path could take the media. The certificate becomes known
 * inside the handshake, before any key exists; until it has been compared, SRTP
 * and DTLS application data are dropped in both directions, and once it is
 * refused, everything.
 *
 * Threads: elements appear on webrtcbin's own thread, packets on streaming
 * threads. What they share is atomic or set before they start.
 */

#include "wsctldtlsguard-private.h"

#include <string.h>

#include "wsctlcategory-private.h"
#include "wsctlcertificate-private.h"
#include "wsctlclienthello-private.h"
#include "wsctldatagram-private.h"
#include "wsctlsettle-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctldtlsguard_debug);
#define GST_CAT_DEFAULT wsctldtlsguard_debug

#define SENDING_PAUSE_US G_TIME_SPAN_SECOND
#define SETTLE_MS 500

/* Packets: more than are sent in the time in which one may go again; the default
 * of 128 are a tenth of a second at 10 Mbit/s. */
#define REPLAY_WINDOW_SIZE 4096

typedef enum
{
  VERDICT_NONE,
  VERDICT_ACCEPTED,
  VERDICT_REFUSED,
} Verdict;

struct _GstWsctlDtlsGuard
{
  gatomicrefcount refs;
  GWeakRef webrtcbin;
  gulong element_added_id;
  gchar *pem;
  gchar *fingerprint;           /* lock */
  gint verdict;                 /* atomic */
  gint closed;                  /* atomic */
  GstWsctlTraffic traffic;      /* lock */
  GstWsctlClientHello *hello;   /* nicesink's streaming thread */

  GMutex lock;
  GPtrArray *decrypting;        /* lock; GWeakRef: the sinks of srtpdec */
  void (*notify) (GstWsctlDtlsEvent event, gpointer data);      /* lock */
  gpointer data;
  GDestroyNotify destroy;
};

static GstWsctlDtlsGuard *
ref_guard (GstWsctlDtlsGuard * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_closure (gpointer data, GClosure * closure)
{
  gst_wsctl_dtls_guard_unref (data);
}

void
gst_wsctl_dtls_guard_unref (GstWsctlDtlsGuard * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  if (self->destroy != NULL)
    self->destroy (self->data);
  gst_wsctl_client_hello_free (self->hello);
  g_ptr_array_unref (self->decrypting);
  g_weak_ref_clear (&self->webrtcbin);
  g_mutex_clear (&self->lock);
  g_free (self->fingerprint);
  g_free (self->pem);
  g_free (self);
}

static gboolean
may_pass (GstWsctlDtlsGuard * self, GstPadProbeInfo * info)
{
  switch (g_atomic_int_get (&self->verdict)) {
    case VERDICT_ACCEPTED:
      return TRUE;
    case VERDICT_REFUSED:
      return FALSE;
    default:
      break;
  }

  return !gst_wsctl_datagram_has_media (info);
}

static GstPadProbeReturn
on_packet_received (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlDtlsGuard *self = data;

  g_mutex_lock (&self->lock);
  self->traffic.last_received_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->lock);

  return may_pass (self, info) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* Nobody is told once it is closed. */
static void
notify_locked (GstWsctlDtlsGuard * self, GstWsctlDtlsEvent event)
{
  if (self->notify != NULL)
    self->notify (event, self->data);
}


static GstPadProbeReturn
join_hello (GstWsctlDtlsGuard * self, GstPadProbeInfo * info)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstWsctlClientHelloResult result;
  g_autoptr (GBytes) joined = NULL;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_PAD_PROBE_OK;
  result = gst_wsctl_client_hello_push (self->hello, map.data, map.size,
      &joined);
  gst_buffer_unmap (buffer, &map);

  switch (result) {
    case GST_WSCTL_CLIENT_HELLO_PASS:
      return GST_PAD_PROBE_OK;
    case GST_WSCTL_CLIENT_HELLO_HELD:
      return GST_PAD_PROBE_DROP;
    case GST_WSCTL_CLIENT_HELLO_JOINED:
      GST_DEBUG ("joined a ClientHello of %" G_GSIZE_FORMAT " bytes",
          g_bytes_get_size (joined));
      GST_PAD_PROBE_INFO_DATA (info) = gst_buffer_new_wrapped_bytes (joined);
      gst_buffer_unref (buffer);
      return GST_PAD_PROBE_OK;
  }

  return GST_PAD_PROBE_OK;
}

static void
note_rtp_locked (GstWsctlDtlsGuard * self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us - self->traffic.last_sent_us > SENDING_PAUSE_US)
    self->traffic.sending_since_us = now_us;
  self->traffic.last_sent_us = now_us;
}

static void
note_sent (GstWsctlDtlsGuard * self, GstWsctlDatagram kind)
{
  g_mutex_lock (&self->lock);
  if (kind == GST_WSCTL_DATAGRAM_RTP)
    note_rtp_locked (self);
  else if (kind == GST_WSCTL_DATAGRAM_HANDSHAKE)
    notify_locked (self, GST_WSCTL_DTLS_FLIGHT);
  g_mutex_unlock (&self->lock);
}

static GstPadProbeReturn
on_packet_sent (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlDtlsGuard *self = data;

  if (!may_pass (self, info))
    return GST_PAD_PROBE_DROP;

  note_sent (self, gst_wsctl_datagram_get_kind (info));
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return join_hello (self, info);

  return GST_PAD_PROBE_OK;
}

/* Inside the handshake: the answer to a mismatch goes to the loop. */
static void
on_peer_pem (GstElement * dtlssrtpdec, GParamSpec * pspec,
    GstWsctlDtlsGuard * self)
{
  g_autofree gchar *pem = NULL;
  gboolean matches;

  g_object_get (dtlssrtpdec, "peer-pem", &pem, NULL);
  if (pem == NULL)
    return;

  g_mutex_lock (&self->lock);
  matches = self->fingerprint != NULL
      && gst_wsctl_certificate_matches (pem, self->fingerprint);
  g_atomic_int_set (&self->verdict,
      matches ? VERDICT_ACCEPTED : VERDICT_REFUSED);
  if (!matches)
    notify_locked (self, GST_WSCTL_DTLS_REFUSED);
  g_mutex_unlock (&self->lock);

  GST_INFO_OBJECT (dtlssrtpdec, "peer's certificate %s",
      matches ? "is the one described" : "refused");
}

static void
add_probe (GstElement * element, const gchar * pad_name,
    GstPadProbeCallback callback, GstWsctlDtlsGuard * self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, callback,
      ref_guard (self), (GDestroyNotify) gst_wsctl_dtls_guard_unref);
}

/* Past g_object_set(), which would tell every listener to deep-notify of the
 * private key: gst-launch-1.0 -v prints what it hears. */
static void
set_pem (GstElement * dtlsdec, const gchar * pem)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (dtlsdec);
  GParamSpec *pspec = g_object_class_find_property (klass, "pem");
  GValue value = G_VALUE_INIT;

  if (pem == NULL || pspec == NULL)
    return;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, pem);
  klass->set_property (G_OBJECT (dtlsdec), pspec->param_id, &value, pspec);
  g_value_unset (&value);
}

/* A certificate gives the element a new DTLS connection, to which it listens
 * from NULL to READY only; one that was given later refuses every peer. The
 * element is in webrtcbin by now, and the application may be setting that one's
 * state this moment: so it is taken out of this, and back when it is ready. */
static void
set_certificate (GstElement * dtlsdec, const gchar * pem)
{
  gst_element_set_locked_state (dtlsdec, TRUE);
  gst_element_set_state (dtlsdec, GST_STATE_NULL);
  set_pem (dtlsdec, pem);
  gst_element_set_locked_state (dtlsdec, FALSE);
  gst_element_sync_state_with_parent (dtlsdec);
}

/* srtpdec makes up the start of a stream again when its first packet meets it
 * while its pads stop, in a way that only elements with one sink may use: a
 * critical. So nothing comes to it any more by then. */
static GstPadProbeReturn
on_packet_to_decrypt (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlDtlsGuard *self = data;

  return g_atomic_int_get (&self->closed) ? GST_PAD_PROBE_DROP
      : GST_PAD_PROBE_OK;
}

/* Weak, for the probes of these pads hold the guard. */
static GWeakRef *
new_weak_ref (gpointer object)
{
  GWeakRef *ref = g_new (GWeakRef, 1);

  g_weak_ref_init (ref, object);

  return ref;
}

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
watch_srtpdec (GstWsctlDtlsGuard * self, GstElement * srtpdec)
{
  static const gchar *const names[] = { "rtp_sink", "rtcp_sink" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (srtpdec, names[i]);

    add_probe (srtpdec, names[i], on_packet_to_decrypt, self);
    g_mutex_lock (&self->lock);
    g_ptr_array_add (self->decrypting, new_weak_ref (pad));
    g_mutex_unlock (&self->lock);
  }
}

static void
on_deep_element_added (GstBin * webrtcbin, GstBin * bin, GstElement * element,
    GstWsctlDtlsGuard * self)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  const gchar *name = factory != NULL ? GST_OBJECT_NAME (factory) : "";

  if (strcmp (name, "nicesrc") == 0) {
    add_probe (element, "src", on_packet_received, self);
  } else if (strcmp (name, "nicesink") == 0) {
    add_probe (element, "sink", on_packet_sent, self);
  } else if (strcmp (name, "srtpenc") == 0) {
    /* A packet that is asked for again is the same packet. To libsrtp one from
     * before its window is an error, and that to a pipeline its end. */
    g_object_set (element, "allow-repeat-tx", TRUE, "replay-window-size",
        REPLAY_WINDOW_SIZE, NULL);
  } else if (strcmp (name, "srtpdec") == 0) {
    g_object_set (element, "replay-window-size", REPLAY_WINDOW_SIZE, NULL);
    watch_srtpdec (self, element);
  } else if (strcmp (name, "dtlsdec") == 0) {
    set_certificate (element, self->pem);
  } else if (strcmp (name, "dtlssrtpdec") == 0) {
    g_signal_connect_data (element, "notify::peer-pem",
        G_CALLBACK (on_peer_pem), ref_guard (self), unref_closure, 0);
  }
}

GstWsctlDtlsGuard *
gst_wsctl_dtls_guard_new (GstElement * webrtcbin, const gchar * pem,
    void (*notify) (GstWsctlDtlsEvent event, gpointer data), gpointer data,
    GDestroyNotify destroy)
{
  GstWsctlDtlsGuard *self = g_new0 (GstWsctlDtlsGuard, 1);

  GST_WSCTL_CATEGORY_INIT (wsctldtlsguard_debug, "wsctldtlsguard",
      "WebRTC WebSocket control: DTLS guard");

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  g_weak_ref_init (&self->webrtcbin, webrtcbin);
  self->decrypting = g_ptr_array_new_with_free_func (free_weak_ref);
  self->pem = g_strdup (pem);
  self->hello = gst_wsctl_client_hello_new ();
  self->notify = notify;
  self->data = data;
  self->destroy = destroy;
  self->element_added_id = g_signal_connect_data (webrtcbin,
      "deep-element-added", G_CALLBACK (on_deep_element_added),
      ref_guard (self), unref_closure, 0);

  return self;
}

void
gst_wsctl_dtls_guard_expect (GstWsctlDtlsGuard * self,
    const gchar * fingerprint)
{
  g_mutex_lock (&self->lock);
  g_free (self->fingerprint);
  self->fingerprint = g_strdup (fingerprint);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_dtls_guard_close (GstWsctlDtlsGuard * self)
{
  g_autoptr (GstElement) webrtcbin = g_weak_ref_get (&self->webrtcbin);

  g_atomic_int_set (&self->closed, TRUE);
  g_mutex_lock (&self->lock);
  self->notify = NULL;
  g_mutex_unlock (&self->lock);

  if (webrtcbin != NULL && self->element_added_id != 0)
    g_signal_handler_disconnect (webrtcbin, self->element_added_id);
  self->element_added_id = 0;
}

static GPtrArray *
list_decrypting (GstWsctlDtlsGuard * self)
{
  GPtrArray *pads = g_ptr_array_new_with_free_func (gst_object_unref);
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->decrypting->len; i++) {
    GstPad *pad = g_weak_ref_get (g_ptr_array_index (self->decrypting, i));

    if (pad != NULL)
      g_ptr_array_add (pads, pad);
  }
  g_mutex_unlock (&self->lock);

  return pads;
}

void
gst_wsctl_dtls_guard_settle (GstWsctlDtlsGuard * self)
{
  g_autoptr (GPtrArray) pads = list_decrypting (self);
  guint i;

  for (i = 0; i < pads->len; i++) {
    g_autoptr (GstPad) peer = gst_pad_get_peer (g_ptr_array_index (pads, i));

    if (peer != NULL && !gst_wsctl_settle_pad (peer, SETTLE_MS))
      GST_INFO_OBJECT (peer, "a packet is inside after %d ms", SETTLE_MS);
  }
}

void
gst_wsctl_dtls_guard_get_traffic (GstWsctlDtlsGuard * self,
    GstWsctlTraffic * traffic)
{
  g_mutex_lock (&self->lock);
  *traffic = self->traffic;
  g_mutex_unlock (&self->lock);

  if (g_get_monotonic_time () - traffic->last_sent_us > SENDING_PAUSE_US)
    traffic->sending_since_us = 0;
}
