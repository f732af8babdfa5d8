/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Addresses: a table of what users write, and what is no address.
 */

#include <string.h>

#include "testsupport.h"
#include "wsctladdress-private.h"
#include "wsctlerror.h"

#define UUID "bc3f535f-37f3-458b-8171-b4c5e77a6137"

typedef struct
{
  const gchar *end_point;
  const gchar *stream;
  const gchar *token;
  const gchar *audio;
  const gchar *video;
  const gchar *signalling;
  const gchar *metadata;
  const gchar *data;
  const gchar *display;
  const gchar *name;
  const gchar *host;
} Case;

static const Case cases[] = {
  /* A bare host */
  {"host", "s", NULL, NULL, NULL, "wss://host/webrtc/s",
        "wss://host/json_s.js", "wss://host/s.json", "wss://host/webrtc/s",
      "s", "host"},
  {"host:8080", "s", NULL, NULL, NULL, "wss://host:8080/webrtc/s",
        "wss://host:8080/json_s.js", "wss://host:8080/s.json",
      "wss://host:8080/webrtc/s", "s", "host"},
  {"host/webrtc/s?a=http://x", NULL, NULL, NULL, NULL,
        "wss://host/webrtc/s?a=http://x", "wss://host/json_s.js?a=http://x",
      "wss://host/s.json?a=http://x", "wss://host/webrtc/s", "s", "host"},

  /* Schemes */
  {"ws://h/", "s", NULL, NULL, NULL, "ws://h/webrtc/s", "ws://h/json_s.js",
      "ws://h/s.json", "ws://h/webrtc/s", "s", "h"},
  {"http://h", "s", NULL, NULL, NULL, "ws://h/webrtc/s", "ws://h/json_s.js",
      "ws://h/s.json", "ws://h/webrtc/s", "s", "h"},
  {"HTTPS://h", "s", NULL, NULL, NULL, "wss://h/webrtc/s",
      "wss://h/json_s.js", "wss://h/s.json", "wss://h/webrtc/s", "s", "h"},
  {"wsctl://h/webrtc/s", NULL, NULL, NULL, NULL, "ws://h/webrtc/s",
      "ws://h/json_s.js", "ws://h/s.json", "ws://h/webrtc/s", "s", "h"},
  {"wsctls://h/webrtc/s", NULL, NULL, NULL, NULL, "wss://h/webrtc/s",
      "wss://h/json_s.js", "wss://h/s.json", "wss://h/webrtc/s", "s", "h"},

  /* The plus of a stream name */
  {"wss://h/webrtc/as+" UUID, NULL, NULL, NULL, NULL,
        "wss://h/webrtc/as+" UUID, "wss://h/json_as+" UUID ".js",
        "wss://h/as+" UUID ".json", "wss://h/webrtc/as+" UUID, "as+" UUID,
      "h"},
  {"wss://h/webrtc/as%2Bx", NULL, NULL, NULL, NULL, "wss://h/webrtc/as%2Bx",
        "wss://h/json_as+x.js", "wss://h/as+x.json", "wss://h/webrtc/as%2Bx",
      "as+x", "h"},
  {"h", "as+x", NULL, NULL, NULL, "wss://h/webrtc/as+x",
        "wss://h/json_as+x.js", "wss://h/as+x.json", "wss://h/webrtc/as+x",
      "as+x", "h"},

  /* Names that want escaping */
  {"h", "a b/c?d#e%f&g", NULL, NULL, NULL,
        "wss://h/webrtc/a%20b%2Fc%3Fd%23e%25f%26g",
        "wss://h/json_a%20b%2Fc%3Fd%23e%25f%26g.js",
        "wss://h/a%20b%2Fc%3Fd%23e%25f%26g.json",
      "wss://h/webrtc/a%20b%2Fc%3Fd%23e%25f%26g", "a b/c?d#e%f&g", "h"},
  {"h", "\xc3\xa9", NULL, NULL, NULL, "wss://h/webrtc/%C3%A9",
        "wss://h/json_%C3%A9.js", "wss://h/%C3%A9.json",
      "wss://h/webrtc/%C3%A9", "\xc3\xa9", "h"},

  {"ws://h/webrtc/a b|c?x=d e", NULL, NULL, NULL, NULL,
        "ws://h/webrtc/a%20b%7Cc?x=d%20e", "ws://h/json_a%20b%7Cc.js?x=d%20e",
        "ws://h/a%20b%7Cc.json?x=d%20e", "ws://h/webrtc/a%20b%7Cc", "a b|c",
      "h"},
  {"ws://h/webrtc/a%20b+\xc3\xa9", NULL, NULL, NULL, NULL,
        "ws://h/webrtc/a%20b+%C3%A9", "ws://h/json_a%20b+%C3%A9.js",
        "ws://h/a%20b+%C3%A9.json", "ws://h/webrtc/a%20b+%C3%A9",
      "a b+\xc3\xa9", "h"},

  /* A path is used as given, and the name of a stream beside it is not. */
  {"wss://h/webrtc/one", "other", NULL, NULL, NULL, "wss://h/webrtc/one",
        "wss://h/json_one.js", "wss://h/one.json", "wss://h/webrtc/one",
      "one", "h"},
  {"wss://h/a/webrtc/s", NULL, NULL, NULL, NULL, "wss://h/a/webrtc/s",
        "wss://h/a/json_s.js", "wss://h/a/s.json", "wss://h/a/webrtc/s", "s",
      "h"},
  {"wss://h/x/", NULL, NULL, NULL, NULL, "wss://h/x/", NULL, NULL,
      "wss://h/x/", NULL, "h"},

  /* Queries */
  {"h", "s", "to+k&n", "1", "auto",
        "wss://h/webrtc/s?id=to%2Bk%26n&audio=1&video=auto",
        "wss://h/json_s.js?id=to%2Bk%26n", "wss://h/s.json?id=to%2Bk%26n",
      "wss://h/webrtc/s", "s", "h"},
  {"wss://h/webrtc/s?x=a+b&id=old&y&ideal=1", NULL, "new", NULL, "0",
        "wss://h/webrtc/s?x=a+b&y&ideal=1&id=new&video=0",
        "wss://h/json_s.js?x=a+b&y&ideal=1&id=new",
        "wss://h/s.json?x=a+b&y&ideal=1&id=new", "wss://h/webrtc/s", "s",
      "h"},
  {"wss://h/webrtc/s?id=old", NULL, NULL, NULL, NULL,
        "wss://h/webrtc/s?id=old", "wss://h/json_s.js?id=old",
      "wss://h/s.json?id=old", "wss://h/webrtc/s", "s", "h"},
  {"wss://h?x=1", "s", NULL, NULL, NULL, "wss://h/webrtc/s?x=1",
        "wss://h/json_s.js?x=1", "wss://h/s.json?x=1", "wss://h/webrtc/s",
      "s", "h"},

  /* Hosts */
  {"ws://[::1]:80/webrtc/s", NULL, NULL, NULL, NULL,
        "ws://[::1]:80/webrtc/s", "ws://[::1]:80/json_s.js",
      "ws://[::1]:80/s.json", "ws://[::1]:80/webrtc/s", "s", "::1"},
  {"ws://[fe80::1%25lo]:80/webrtc/s", NULL, NULL, NULL, NULL,
        "ws://[fe80::1%25lo]:80/webrtc/s", "ws://[fe80::1%25lo]:80/json_s.js",
        "ws://[fe80::1%25lo]:80/s.json", "ws://[fe80::1%25lo]:80/webrtc/s",
      "s", "fe80::1%lo"},
  {"[fe80::1%lo]", "s", NULL, NULL, NULL, "wss://[fe80::1%25lo]/webrtc/s",
        "wss://[fe80::1%25lo]/json_s.js", "wss://[fe80::1%25lo]/s.json",
      "wss://[fe80::1%25lo]/webrtc/s", "s", "fe80::1%lo"},
  {"[2001:db8::1]", "s", NULL, NULL, NULL, "wss://[2001:db8::1]/webrtc/s",
        "wss://[2001:db8::1]/json_s.js", "wss://[2001:db8::1]/s.json",
      "wss://[2001:db8::1]/webrtc/s", "s", "2001:db8::1"},
  {"127.0.0.1:4433", "s", NULL, NULL, NULL, "wss://127.0.0.1:4433/webrtc/s",
        "wss://127.0.0.1:4433/json_s.js", "wss://127.0.0.1:4433/s.json",
      "wss://127.0.0.1:4433/webrtc/s", "s", "127.0.0.1"},
  {"wss://me:pw@h/webrtc/s", NULL, NULL, NULL, NULL,
        "wss://me:pw@h/webrtc/s", "wss://me:pw@h/json_s.js",
      "wss://me:pw@h/s.json", "wss://h/webrtc/s", "s", "h"},
};

static void
test_new_free (void)
{
  g_autoptr (GError) error = NULL;
  GstWsctlAddress *address =
      gst_wsctl_address_new ("host", "s", NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  gst_wsctl_address_free (address);
}

static void
test_table (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *c = &cases[i];
    g_autoptr (GError) error = NULL;
    g_autoptr (GstWsctlAddress) address = gst_wsctl_address_new (c->end_point,
        c->stream, c->token, c->audio, c->video, &error);

    g_test_message ("%s", c->end_point);
    g_assert_no_error (error);
    g_assert_cmpstr (address->signalling_uri, ==, c->signalling);
    g_assert_cmpstr (address->metadata_uri, ==, c->metadata);
    g_assert_cmpstr (address->data_uri, ==, c->data);
    g_assert_cmpstr (address->display, ==, c->display);
    g_assert_cmpstr (address->stream_name, ==, c->name);
    g_assert_cmpstr (address->host, ==, c->host);
  }
}

/* What is no address is told in a sentence, and never with the secret. */
static void
test_malformed (void)
{
  static const struct
  {
    const gchar *end_point;
    const gchar *stream;
  } bad[] = {
    {NULL, "s"},
    {"", "s"},
    {"ftp://h/webrtc/s?id=SECRET", NULL},
    {"://h", "s"},
    {"wss://", "s"},
    {"wss:///webrtc/s", NULL},
    {"wss://me:SECRET@/webrtc/s", NULL},
    {"wss://h", NULL},
    {"wss://h/", ""},
    {"h", "."},
    {"h", ".."},
    {"h", "\xff"},
    {"h:port", "s"},
    {"h:99999", "s"},
    {"h:0", "s"},
    {"h:-1", "s"},
    {"wss://h/webrtc/s#x?id=SECRET", NULL},
    {"wss://h h/webrtc/s?id=SECRET", NULL},
    {"ws://[fe80::1%25]/webrtc/s?id=SECRET", NULL},
    {"wss://h/webrtc/s\n?id=SECRET", NULL},
    {"wss://h/webrtc/%00?id=SECRET", NULL},
    {"wss://h/webrtc/%ff?id=SECRET", NULL},
    {"wss://h/webrtc/%zz?id=SECRET", NULL},
    {"wss://[::1/webrtc/s", NULL},
    {"wss://[h]/webrtc/s", NULL},
    {"wss://me:SECRET@h:x/webrtc/s", NULL},
    {"wss://h/\xff?id=SECRET", NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstWsctlAddress) address =
        gst_wsctl_address_new (bad[i].end_point, bad[i].stream, NULL, NULL,
        NULL, &error);

    g_test_message ("case %u", i);
    g_assert_null (address);
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_null (strstr (error->message, "SECRET"));
  }
}

static void
test_sentence (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gst_wsctl_address_new ("ftp://me:pw@host/x?id=1", NULL, NULL,
          NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==, "The address 'host/x' cannot be used: "
      "its scheme is none of ws, wss, http, https, wsctl, wsctls");
  g_clear_error (&error);

  g_assert_null (gst_wsctl_address_new ("ws://host/webrtc/5% off", NULL, NULL,
          NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==, "The address 'ws://host/webrtc/5% off' "
      "cannot be used: a '%' in it is not followed by two hexadecimal digits; "
      "write a '%' as %25");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/address/new-free", test_new_free);
  test_add ("/address/table", test_table);
  test_add ("/address/malformed", test_malformed);
  test_add ("/address/sentence", test_sentence);

  return g_test_run ();
}
