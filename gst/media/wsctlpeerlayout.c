/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each of our offers is the first of a new webrtcbin, which numbers its sections
 * as it likes and puts the one of the data channels last. A peer that keeps its
 * connection takes such an offer only with every section where it was before.
 * The text is changed on its way to the peer, and the answer's on its way back;
 * webrtcbin does not hear of it.
 */

#include "wsctlpeerlayout-private.h"

#include <string.h>

#define GROUP "a=group:BUNDLE "
#define MID "a=mid:"

struct _GstWsctlPeerLayout
{
  GPtrArray *parts;             /* of the offer: the session, then sections */
  GArray *order;                /* guint: the section at each of the places */
  GPtrArray *own_mids;          /* by section */
  GPtrArray *mids;              /* by place */
};

/* Strings: what is in front of the first section, and each section. */
static GPtrArray *
split (const gchar * text)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);
  const gchar *start = text;
  const gchar *next;

  while ((next = strstr (start, "\nm=")) != NULL) {
    g_ptr_array_add (parts, g_strndup (start, next + 1 - start));
    start = next + 1;
  }
  /* Whatever is last may not be so afterwards. */
  g_ptr_array_add (parts, g_strconcat (start,
          g_str_has_suffix (start, "\n") ? "" : "\r\n", NULL));

  return parts;
}

/* The value of the line that begins with @name; NULL: there is none. */
static gchar *
find_value (const gchar * part, const gchar * name)
{
  g_autofree gchar *start = g_strconcat ("\n", name, NULL);
  const gchar *found = strstr (part, start);

  return found != NULL ? g_strndup (found + strlen (start),
      strcspn (found + strlen (start), "\r\n")) : NULL;
}

static gchar *
replace_value (const gchar * part, const gchar * name, const gchar * value)
{
  g_autofree gchar *start = g_strconcat ("\n", name, NULL);
  const gchar *found = strstr (part, start);
  const gchar *end;

  if (found == NULL)
    return g_strdup (part);

  found += strlen (start);
  end = found + strcspn (found, "\r\n");

  return g_strdup_printf ("%.*s%s%s", (gint) (found - part), part, value, end);
}

/* The place of @word among @words; -1: none. */
static gint
find_word (GPtrArray * words, const gchar * word)
{
  guint i;

  for (i = 0; word != NULL && i < words->len; i++) {
    if (strcmp (words->pdata[i], word) == 0)
      return i;
  }

  return -1;
}

static gboolean
is_data (GstWsctlPeerLayout * self, guint section)
{
  return g_str_has_prefix (self->parts->pdata[section + 1], "m=application");
}

/* The first section not yet placed that is for data, or is not. */
static gboolean
place (GstWsctlPeerLayout * self, gboolean * placed, gboolean for_data,
    const gchar * mid)
{
  guint i;

  for (i = 0; i < self->own_mids->len; i++) {
    if (placed[i] || is_data (self, i) != for_data)
      continue;
    placed[i] = TRUE;
    g_array_append_val (self->order, i);
    g_ptr_array_add (self->mids, g_strdup (mid != NULL ? mid
            : self->own_mids->pdata[i]));
    return TRUE;
  }

  return FALSE;
}

/* A mid that is new must not be one of before. */
static void
place_rest (GstWsctlPeerLayout * self, gboolean * placed)
{
  guint i;

  for (i = 0; i < self->own_mids->len; i++) {
    g_autofree gchar *mid = g_strdup (self->own_mids->pdata[i]);

    if (placed[i])
      continue;
    while (find_word (self->mids, mid) >= 0) {
      gchar *longer = g_strconcat (mid, "x", NULL);

      g_free (mid);
      mid = longer;
    }
    g_array_append_val (self->order, i);
    g_ptr_array_add (self->mids, g_steal_pointer (&mid));
  }
}

GstWsctlPeerLayout *
gst_wsctl_peer_layout_new (const gchar * offer, const GstWsctlPeerSdp * agreed)
{
  g_autoptr (GstWsctlPeerLayout) self = g_new0 (GstWsctlPeerLayout, 1);
  g_autofree gboolean *placed = NULL;
  guint i;

  self->parts = split (offer);
  self->order = g_array_new (FALSE, FALSE, sizeof (guint));
  self->own_mids = g_ptr_array_new_with_free_func (g_free);
  self->mids = g_ptr_array_new_with_free_func (g_free);
  for (i = 1; i < self->parts->len; i++) {
    gchar *mid = find_value (self->parts->pdata[i], MID);

    if (mid == NULL)
      return NULL;
    g_ptr_array_add (self->own_mids, mid);
  }

  placed = g_new0 (gboolean, self->parts->len);
  for (i = 0; i < agreed->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (agreed->media, i);

    if (!place (self, placed, medium->is_data, medium->mid))
      return NULL;
  }
  place_rest (self, placed);

  return g_steal_pointer (&self);
}

void
gst_wsctl_peer_layout_free (GstWsctlPeerLayout * self)
{
  g_ptr_array_unref (self->parts);
  g_array_unref (self->order);
  g_ptr_array_unref (self->own_mids);
  g_ptr_array_unref (self->mids);
  g_free (self);
}

/* The transport is that of the first: it may not be there for the bundle only
 * (RFC 9143, 7.2). */
static gchar *
make_first (const gchar * part)
{
  g_auto (GStrv) lines = g_strsplit (part, "\n", -1);
  g_autoptr (GString) text = g_string_new (NULL);
  const gchar *port = strchr (part, ' ');
  guint i;

  if (port == NULL || !g_str_has_prefix (port, " 0 "))
    return g_strdup (part);

  g_string_append_len (text, part, port - part);
  g_string_append_printf (text, " 9%s", lines[0] + (port - part) + 2);
  for (i = 1; lines[i] != NULL; i++) {
    if (!g_str_has_prefix (lines[i], "a=bundle-only"))
      g_string_append_printf (text, "\n%s", lines[i]);
  }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

gchar *
gst_wsctl_peer_layout_get_offer (GstWsctlPeerLayout * self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) group = g_string_new (NULL);
  g_autofree gchar *session = NULL;
  guint i;

  for (i = 0; i < self->mids->len; i++)
    g_string_append_printf (group, "%s%s", i > 0 ? " " : "",
        (gchar *) self->mids->pdata[i]);
  session = replace_value (self->parts->pdata[0], GROUP, group->str);
  g_string_append (text, session);
  for (i = 0; i < self->order->len; i++) {
    guint section = g_array_index (self->order, guint, i);
    g_autofree gchar *part =
        replace_value (self->parts->pdata[section + 1], MID,
        self->mids->pdata[i]);
    g_autofree gchar *first = i == 0 ? make_first (part) : NULL;

    g_string_append (text, first != NULL ? first : part);
  }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The bundle of an answer may leave out what is rejected. */
static gchar *
translate_group (GstWsctlPeerLayout * self, const gchar * session)
{
  g_autofree gchar *group = find_value (session, GROUP);
  g_autoptr (GString) own = g_string_new (NULL);
  g_auto (GStrv) words = NULL;
  guint i;

  if (group == NULL)
    return g_strdup (session);

  words = g_strsplit (group, " ", -1);
  for (i = 0; words[i] != NULL; i++) {
    gint at = find_word (self->mids, words[i]);

    if (at >= 0)
      g_string_append_printf (own, "%s%s", own->len > 0 ? " " : "",
          (gchar *) self->own_mids->pdata[g_array_index (self->order, guint,
                  at)]);
  }

  return replace_value (session, GROUP, own->str);
}

gchar *
gst_wsctl_peer_layout_read_answer (GstWsctlPeerLayout * self,
    const gchar * answer)
{
  g_autoptr (GPtrArray) parts = split (answer);
  g_autoptr (GString) text = NULL;
  g_autofree gchar *session = NULL;
  guint section;

  if (parts->len != self->parts->len)
    return NULL;

  session = translate_group (self, parts->pdata[0]);
  text = g_string_new (session);
  for (section = 0; section < self->order->len; section++) {
    g_autofree gchar *part = NULL;
    guint at = 0;

    while (g_array_index (self->order, guint, at) != section)
      at++;
    part = replace_value (parts->pdata[at + 1], MID,
        self->own_mids->pdata[section]);
    g_string_append (text, part);
  }

  return g_string_free (g_steal_pointer (&text), FALSE);
}
