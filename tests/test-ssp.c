/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The messages of a pool: each one there and back, and what nobody should ever
 * send.
 */

#include <string.h>

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlssp-private.h"

#define SDP(to) "{\"type\":\"rtc:sdp\",\"data\":{\"" to "\":\"b\"," \
    "\"description\":{\"type\":\"offer\",\"sdp\":\"v=0\"}}}"
#define CANDIDATE(to) "{\"type\":\"rtc:candidate\",\"data\":{\"" to "\":" \
    "\"b\",\"candidate\":{\"candidate\":\"candidate:1 1 UDP 1 ::1 9 typ " \
    "host\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"usernameFragment\":" \
    "\"f\"}}}"

/* What is read is written as it was. */
static void
test_there_and_back (void)
{
  static const struct
  {
    GstWsctlSspDirection direction;
    GstWsctlSspType type;
    const gchar *text;
  } cases[] = {
    {GST_WSCTL_SSP_TO_SERVER, GST_WSCTL_SSP_JOIN,
        "{\"type\":\"rtc:join\",\"data\":{\"pool\":\"p\"}}"},
    {GST_WSCTL_SSP_TO_SERVER, GST_WSCTL_SSP_SDP, SDP ("to")},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_SDP, SDP ("peer")},
    {GST_WSCTL_SSP_TO_SERVER, GST_WSCTL_SSP_CANDIDATE, CANDIDATE ("for")},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_CANDIDATE, CANDIDATE ("from")},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_CANDIDATE,
        "{\"type\":\"rtc:candidate\",\"data\":{\"from\":\"b\","
          "\"candidate\":null}}"},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_JOINED,
        "{\"type\":\"rtc:joined\",\"data\":{\"client_id\":\"a\",\"peers\":"
          "[\"b\",\"c\"],\"descriptions\":{\"b\":{\"name\":\"B\",\"n\":[1,"
          "true,\"x\"]},\"c\":null},\"pool\":\"p\"}}"},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_PEER,
        "{\"type\":\"rtc:peer\",\"data\":{\"id\":\"b\",\"uid\":\"b\"}}"},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_CLOSE,
        "{\"type\":\"rtc:close\",\"data\":{\"id\":\"b\",\"uid\":\"b\"}}"},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_STOP,
        "{\"type\":\"rtc:stop\",\"data\":{}}"},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_DESCRIBE,
        "{\"type\":\"rtc:describe\",\"data\":{\"id\":\"b\",\"uid\":\"b\","
          "\"description\":\"any JSON\"}}"},
    {GST_WSCTL_SSP_TO_CLIENT, GST_WSCTL_SSP_ERROR,
        "{\"type\":\"rtc:error\",\"data\":{\"message\":\"m\",\"reason\":"
          "\"r\"}}"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstWsctlSsp) message =
        gst_wsctl_ssp_parse (cases[i].text, cases[i].direction, &error);
    g_autofree gchar *text = NULL;

    g_assert_no_error (error);
    g_assert_cmpint (message->type, ==, cases[i].type);
    text = gst_wsctl_ssp_to_json (message, cases[i].direction);
    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static GstWsctlSsp *
parse (const gchar * text, GstWsctlSspDirection direction)
{
  g_autoptr (GError) error = NULL;
  GstWsctlSsp *message = gst_wsctl_ssp_parse (text, direction, &error);

  g_assert_no_error (error);

  return message;
}

/* Servers and clients of other ages */
static void
test_variants (void)
{
  g_autoptr (GstWsctlSsp) peer =
      parse ("{\"type\":\"rtc:peer\",\"data\":{\"uid\":7}}",
      GST_WSCTL_SSP_TO_CLIENT);
  g_autoptr (GstWsctlSsp) from =
      parse ("{\"type\":\"rtc:candidate\",\"data\":{\"from\":\"a\",\"for\":"
      "\"b\",\"candidate\":{\"candidate\":\"\"}}}", GST_WSCTL_SSP_TO_SERVER);
  g_autoptr (GstWsctlSsp) joined =
      parse ("{\"type\":\"rtc:joined\",\"data\":{\"client_id\":\"a\","
      "\"peers\":[\"b\",{},null,\"c d\"],\"descriptions\":5}}",
      GST_WSCTL_SSP_TO_CLIENT);
  g_autoptr (GstWsctlSsp) strange =
      parse ("{\"type\":\"rtc:other\"}", GST_WSCTL_SSP_TO_CLIENT);
  g_autoptr (GstWsctlSsp) misled =
      parse ("{\"type\":\"rtc:stop\"}", GST_WSCTL_SSP_TO_SERVER);

  g_assert_cmpstr (peer->id, ==, "7");
  g_assert_cmpstr (from->id, ==, "b");
  g_assert_null (from->candidate);
  g_assert_cmpuint (g_strv_length (joined->peers), ==, 1);
  g_assert_null (joined->pool);
  g_assert_cmpint (strange->type, ==, GST_WSCTL_SSP_UNKNOWN);
  g_assert_cmpstr (strange->name, ==, "rtc:other");
  g_assert_cmpint (misled->type, ==, GST_WSCTL_SSP_UNKNOWN);
}

static void
test_malformed (void)
{
  static const gchar *const cases[] = {
    "",
    "[]",
    "null",
    "{\"type\":5}",
    "{\"type\":\"rtc:join\"}",
    "{\"type\":\"rtc:join\",\"data\":[]}",
    "{\"type\":\"rtc:join\",\"data\":{\"pool\":\"\"}}",
    "{\"type\":\"rtc:join\",\"data\":{\"pool\":\"a b\"}}",
    "{\"type\":\"rtc:join\",\"data\":{\"pool\":\"../../etc\"}}",
    "{\"type\":\"rtc:join\",\"data\":{\"pool\":{}}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"to\":\"b\"}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"to\":\"b\",\"description\":\"v=0\"}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"description\":{\"type\":\"offer\","
        "\"sdp\":\"v=0\"}}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"to\":\"b\",\"description\":{\"type\":"
        "\"other\",\"sdp\":\"v=0\"}}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"to\":\"b\",\"description\":{\"type\":"
        "\"offer\",\"sdp\":\"\"}}}",
    "{\"type\":\"rtc:candidate\",\"data\":{\"candidate\":null}}",
    "{\"type\":\"rtc:candidate\",\"data\":{\"for\":\"b\",\"candidate\":{"
        "\"candidate\":\"a\\r\\na=x\"}}}",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstWsctlSsp) message =
        gst_wsctl_ssp_parse (cases[i], GST_WSCTL_SSP_TO_SERVER, &error);

    if (message != NULL)
      g_error ("taken: %s", cases[i]);
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
  }
}

static gchar *
fill (const gchar * start, gsize size, const gchar * end)
{
  g_autofree gchar *middle = g_strnfill (size, 'x');

  return g_strconcat (start, middle, end, NULL);
}

static void
test_limits (void)
{
  static const struct
  {
    const gchar *start;
    gsize largest;
    const gchar *end;
  } cases[] = {
    {"{\"type\":\"rtc:join\",\"data\":{\"pool\":\"",
        GST_WSCTL_SSP_MAX_ID_SIZE, "\"}}"},
    {"{\"type\":\"rtc:sdp\",\"data\":{\"to\":\"b\",\"description\":{\"type\":"
          "\"offer\",\"sdp\":\"", GST_WSCTL_SSP_MAX_SDP_SIZE, "\"}}}"},
    {"{\"type\":\"rtc:candidate\",\"data\":{\"for\":\"b\",\"candidate\":{"
          "\"candidate\":\"", GST_WSCTL_SSP_MAX_CANDIDATE_SIZE, "\"}}}"},
    {"", GST_WSCTL_SSP_MAX_MESSAGE_SIZE, ""},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *fits =
        fill (cases[i].start, cases[i].largest, cases[i].end);
    g_autofree gchar *large =
        fill (cases[i].start, cases[i].largest + 1, cases[i].end);
    g_autoptr (GstWsctlSsp) message = NULL;

    message = gst_wsctl_ssp_parse (fits, GST_WSCTL_SSP_TO_SERVER, NULL);
    g_assert_true ((message != NULL) == (*cases[i].start != '\0'));
    g_assert_null (gst_wsctl_ssp_parse (large, GST_WSCTL_SSP_TO_SERVER, NULL));
  }
}

static void
test_description (void)
{
  static const gchar *const good[] = { "1", "\"a\"", "{\"a\":[{}]}", "[]",
    "true", "null"
  };
  static const gchar *const bad[] = { "", "{", "1,\"x\":2", "1}", "nope" };
  g_autofree gchar *large =
      fill ("\"", GST_WSCTL_SSP_MAX_DESCRIPTION_SIZE, "\"");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GVariant) description =
        gst_wsctl_ssp_description_parse (good[i], strlen (good[i]), NULL);

    g_assert_nonnull (description);
    g_assert_false (g_variant_is_floating (description));
  }
  for (i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (gst_wsctl_ssp_description_parse (bad[i], strlen (bad[i]),
            NULL));
  g_assert_null (gst_wsctl_ssp_description_parse (NULL, 0, NULL));
  g_assert_null (gst_wsctl_ssp_description_parse (large, strlen (large), NULL));
}

/* For transports that send the type and the data apart */
static void
test_split (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *type = NULL;
  g_autofree gchar *data = NULL;
  g_autofree gchar *text = NULL;

  g_assert_true (gst_wsctl_ssp_split (SDP ("to"), &type, &data));
  g_assert_cmpstr (type, ==, "rtc:sdp");
  text = gst_wsctl_ssp_join (type, data, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, SDP ("to"));

  g_assert_false (gst_wsctl_ssp_split ("[]", &type, &data));
  g_assert_null (gst_wsctl_ssp_join ("rtc:stop", "[]", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
}

/* Any piece of a message is read or refused, and never more than that. */
static void
test_pieces (void)
{
  const gchar *whole = CANDIDATE ("from");
  gsize size;

  for (size = 0; size <= strlen (whole); size++) {
    g_autofree gchar *piece = g_strndup (whole, size);
    g_autoptr (GstWsctlSsp) message =
        gst_wsctl_ssp_parse (piece, GST_WSCTL_SSP_TO_CLIENT, NULL);

    g_assert_true ((message != NULL) == (size == strlen (whole)));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_add ("/ssp/there-and-back", test_there_and_back);
  test_add ("/ssp/variants", test_variants);
  test_add ("/ssp/malformed", test_malformed);
  test_add ("/ssp/limits", test_limits);
  test_add ("/ssp/description", test_description);
  test_add ("/ssp/split", test_split);
  test_add ("/ssp/pieces", test_pieces);

  return g_test_run ();
}
