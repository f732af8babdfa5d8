/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All of it happens on the thread of the library's loop.
 */

#include "post-office.h"

#include <string.h>

#include "wsctlerror.h"
#include "wsctlloop-private.h"
#include "wsctlssp-private.h"

/* Of those that a description has, before which it is held back */
#define EARLY_CANDIDATES 3

#define TYPE_POST_BOX (post_box_get_type ())
G_DECLARE_FINAL_TYPE (PostBox, post_box, POST, BOX, GObject)
     typedef struct
     {
       PostBox *to;
       GstWsctlSsp *message;
     } Letter;

     struct _PostOffice
     {
       PostManner manner;
       GstWsctlLoop *loop;
       GPtrArray *boxes;        /* PostBox, those who have joined */
       guint n_boxes;
       GQueue held;             /* of Letter */
       gboolean answered;
     };

     struct _PostBox
     {
       GObject parent;

       PostOffice *office;
       gchar *id;
       Letter *description;     /* held back */
       guint n_candidates;      /* since then */
     };

     static void post_box_iface_init (GstWsctlTransportInterface * iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostBox, post_box, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (GST_WSCTL_TYPE_TRANSPORT, post_box_iface_init));

     static Letter *new_letter (PostBox * to, GstWsctlSsp * message)
{
  Letter *letter = g_new0 (Letter, 1);

  letter->to = g_object_ref (to);
  letter->message = message;

  return letter;
}

static void
free_letter (gpointer data)
{
  Letter *letter = data;

  g_object_unref (letter->to);
  gst_wsctl_ssp_free (letter->message);
  g_free (letter);
}

static void
deliver (PostBox * to, const GstWsctlSsp * message)
{
  g_autofree gchar *text =
      gst_wsctl_ssp_to_json (message, GST_WSCTL_SSP_TO_CLIENT);
  g_autofree gchar *type = NULL;
  g_autofree gchar *data = NULL;

  gst_wsctl_ssp_split (text, &type, &data);
  gst_wsctl_transport_received (GST_WSCTL_TRANSPORT (to), type, data);
}

static void
deliver_letter (Letter * letter)
{
  deliver (letter->to, letter->message);
  free_letter (letter);
}

/* Takes @letter. */
static void
hold_description (PostBox * from, Letter * letter)
{
  gboolean is_description = letter->message->type == GST_WSCTL_SSP_SDP;

  if (is_description) {
    if (from->description != NULL)
      deliver_letter (g_steal_pointer (&from->description));
    from->description = letter;
    from->n_candidates = 0;
    return;
  }

  deliver_letter (letter);
  if (from->description != NULL && ++from->n_candidates == EARLY_CANDIDATES)
    deliver_letter (g_steal_pointer (&from->description));
}

/* Takes @letter. */
static void
hold_candidates (PostOffice * self, Letter * letter)
{
  gboolean is_description = letter->message->type == GST_WSCTL_SSP_SDP;

  if (!is_description && !self->answered) {
    g_queue_push_tail (&self->held, letter);
    return;
  }

  if (is_description)
    self->answered = strcmp (letter->message->sdp_type, "answer") == 0;
  deliver_letter (letter);
  while (self->answered && self->held.length > 0)
    deliver_letter (g_queue_pop_head (&self->held));
}

static PostBox *
find_box (PostOffice * self, const gchar * id)
{
  guint i;

  for (i = 0; i < self->boxes->len; i++) {
    PostBox *box = g_ptr_array_index (self->boxes, i);

    if (g_strcmp0 (box->id, id) == 0)
      return box;
  }

  return NULL;
}

/* Takes @message. */
static void
pass_on (PostBox * from, GstWsctlSsp * message)
{
  PostOffice *self = from->office;
  PostBox *to = find_box (self, message->id);
  Letter *letter;

  g_assert_nonnull (to);
  g_free (message->id);
  message->id = g_strdup (from->id);
  letter = new_letter (to, message);
  switch (self->manner) {
    case POST_CANDIDATES_FIRST:
      hold_description (from, letter);
      break;
    case POST_CANDIDATES_LATE:
      hold_candidates (self, letter);
      break;
    case POST_TWICE:
      deliver (to, message);
      deliver_letter (letter);
      break;
    default:
      deliver_letter (letter);
      break;
  }
}

static void
tell_others (PostBox * box, GstWsctlSspType type)
{
  g_autoptr (GstWsctlSsp) message = gst_wsctl_ssp_new (type);
  guint i;

  message->id = g_strdup (box->id);
  for (i = 0; i < box->office->boxes->len; i++) {
    if (box->office->boxes->pdata[i] != box)
      deliver (box->office->boxes->pdata[i], message);
  }
}

static void
join (PostBox * box, const gchar * pool)
{
  g_autoptr (GstWsctlSsp) joined = gst_wsctl_ssp_new (GST_WSCTL_SSP_JOINED);
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  GPtrArray *boxes = box->office->boxes;
  guint i;

  for (i = 0; i < boxes->len; i++)
    g_strv_builder_add (ids, ((PostBox *) boxes->pdata[i])->id);
  joined->peers = g_strv_builder_end (ids);
  joined->id = g_strdup (box->id);
  joined->pool = g_strdup (pool);
  joined->descriptions = g_hash_table_new (g_str_hash, g_str_equal);
  deliver (box, joined);
  g_ptr_array_add (boxes, box);
  tell_others (box, GST_WSCTL_SSP_PEER);
}

static void
leave (PostBox * box)
{
  tell_others (box, GST_WSCTL_SSP_CLOSE);
  g_ptr_array_remove (box->office->boxes, box);
}

static void
open_box (GstWsctlTransport * transport)
{
  PostBox *box = POST_BOX (transport);
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_CONNECTION_FAILED, "the office is closed");

  if (box->office->manner == POST_REFUSED)
    gst_wsctl_transport_failed (transport, error);
  else if (box->office->manner != POST_SILENT)
    gst_wsctl_transport_opened (transport);
}

static gboolean
send_from (GstWsctlTransport * transport, const gchar * type,
    const gchar * data, GError ** error)
{
  PostBox *box = POST_BOX (transport);
  g_autofree gchar *text = gst_wsctl_ssp_join (type, data, error);
  g_autoptr (GstWsctlSsp) message =
      gst_wsctl_ssp_parse (text, GST_WSCTL_SSP_TO_SERVER, error);

  g_assert_nonnull (message);
  if (message->type == GST_WSCTL_SSP_JOIN)
    join (box, message->pool);
  else if (find_box (box->office, message->id) != NULL)
    pass_on (box, g_steal_pointer (&message));

  return TRUE;
}

static void
close_box (GstWsctlTransport * transport)
{
  leave (POST_BOX (transport));
  gst_wsctl_transport_closed (transport);
}

static void
post_box_iface_init (GstWsctlTransportInterface * iface)
{
  iface->open = open_box;
  iface->send = send_from;
  iface->close = close_box;
}

static void
post_box_finalize (GObject * object)
{
  PostBox *self = POST_BOX (object);

  g_clear_pointer (&self->description, free_letter);
  g_free (self->id);

  G_OBJECT_CLASS (post_box_parent_class)->finalize (object);
}

static void
post_box_class_init (PostBoxClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = post_box_finalize;
}

static void
post_box_init (PostBox * self)
{
}

GstWsctlTransport *
post_office_add (PostOffice * self)
{
  PostBox *box = g_object_new (TYPE_POST_BOX, NULL);

  box->office = self;
  box->id = g_strdup_printf ("box%u", ++self->n_boxes);

  return GST_WSCTL_TRANSPORT (box);
}

static void
run_lose (gpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_CONNECTION_FAILED, "the post is on strike");

  leave (data);
  gst_wsctl_transport_failed (data, error);
}

void
post_office_lose (PostOffice * self, GstWsctlTransport * transport)
{
  gst_wsctl_loop_call_sync (self->loop, run_lose, transport);
}

PostOffice *
post_office_new (PostManner manner)
{
  PostOffice *self = g_new0 (PostOffice, 1);

  self->manner = manner;
  self->loop = gst_wsctl_loop_get_shared ();
  self->boxes = g_ptr_array_new ();
  g_queue_init (&self->held);

  return self;
}

void
post_office_free (PostOffice * self)
{
  g_queue_clear_full (&self->held, free_letter);
  g_ptr_array_unref (self->boxes);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}
