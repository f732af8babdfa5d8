#!/usr/bin/python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pools from another language, over a transport that is written in it."""

import json
import unittest

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWsctl", "1.0")
from gi.repository import GLib, GObject, Gst, GstWsctl

Gst.init(None)


class Transport(GObject.Object, GstWsctl.Transport):
    """A server with one peer in each pool, inside of the transport."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.is_closed = False

    def do_open(self):
        self.opened()

    def do_send(self, type, data):
        self.sent.append((type, json.loads(data)))
        if type == "rtc:join":
            self.say("rtc:joined", {"client_id": "me", "peers": ["ada"],
                                    "descriptions": {"ada": {"n": 1}},
                                    "pool": json.loads(data)["pool"]})
        return True

    def do_close(self):
        self.is_closed = True
        self.closed()

    def say(self, type, data):
        self.received(type, json.dumps(data))


class Pool(unittest.TestCase):
    def setUp(self):
        self.loop = GLib.MainLoop()
        self.timeout = GLib.timeout_add_seconds(20, self.loop.quit)
        self.transport = Transport()
        self.pool = GstWsctl.Pool.new_with_transport(
            GstWsctl.Config.new("127.0.0.1"), self.transport)
        self.pipeline = Gst.Pipeline.new()
        self.pipeline.add(self.pool.get_element())
        self.pipeline.set_state(Gst.State.READY)

    def tearDown(self):
        self.pool.close()
        self.pipeline.set_state(Gst.State.NULL)
        GLib.source_remove(self.timeout)

    def run_until(self, signal, start):
        """The arguments of @signal, which comes from the loop's thread."""
        found = []

        def on_signal(_, *args):
            found.extend(args)
            GLib.idle_add(self.loop.quit)

        self.pool.connect(signal, on_signal)
        start()
        self.loop.run()
        return found

    def join(self):
        return self.run_until("join", lambda: self.pool.join("room"))

    def test_join(self):
        self.assertEqual(self.join(), ["room"])
        self.assertEqual(self.transport.sent[0],
                         ("rtc:join", {"pool": "room"}))
        with self.assertRaises(GLib.Error):
            self.pool.join("room")

    def test_id_connections_nconnections(self):
        self.assertIsNone(self.pool.get_id())
        self.join()
        self.assertEqual(self.pool.get_id(), "me")
        self.assertEqual(self.pool.get_nconnections(), 1)
        connections = self.pool.get_connections()
        self.assertEqual([c.get_id() for c in connections], ["ada"])

    def test_get_connection(self):
        self.join()
        self.assertEqual(self.pool.get_connection("ada").get_id(), "ada")
        self.assertIsNone(self.pool.get_connection("nobody"))

    def test_description(self):
        self.join()
        connection = self.pool.get_connection("ada")
        self.assertEqual(connection.dup_description().unpack(), {"n": 1})
        described = self.run_until("describe", lambda: self.transport.say(
            "rtc:describe", {"id": "ada", "description": [True, "x"]}))
        self.assertEqual(described[1].unpack(), [True, "x"])
        self.assertEqual(connection.dup_description().unpack(), [True, "x"])

    def test_peer_and_close(self):
        self.join()
        came = self.run_until("peer", lambda: self.transport.say(
            "rtc:peer", {"id": "bob"}))
        self.assertEqual(came[0].get_id(), "bob")
        left = self.run_until("close", lambda: self.transport.say(
            "rtc:close", {"id": "bob"}))
        self.assertEqual(left[0].get_id(), "bob")
        self.assertEqual(self.pool.get_nconnections(), 1)

    def test_stop(self):
        self.join()
        self.run_until("stop", lambda: self.transport.say("rtc:stop", {}))
        self.assertEqual(self.pool.get_nconnections(), 0)

    def test_close(self):
        self.join()
        self.pool.close()
        self.assertTrue(self.transport.is_closed)
        with self.assertRaises(GLib.Error) as caught:
            self.pool.join("room")
        self.assertTrue(caught.exception.matches(
            GstWsctl.error_quark(), GstWsctl.Error.CLOSED))

    def test_managed_stream(self):
        track = self.pool.create_track(Gst.Caps.from_string("video/x-vp8"))
        self.assertEqual(track.get_kind(), GstWsctl.MediaKind.VIDEO)
        self.assertEqual(track.get_pad().get_direction(),
                         Gst.PadDirection.SINK)
        stream = GstWsctl.ManagedStream.new(self.pool, [track])
        self.join()
        stream_id = stream.get_stream("ada")
        self.assertTrue(stream.has_stream(stream_id))
        self.assertEqual(stream.get_connection(stream_id).get_id(), "ada")
        self.assertEqual(stream.get_tracks(), [track])
        self.assertTrue(stream.mute("video"))
        self.assertTrue(stream.muted(None))
        self.assertTrue(track.get_muted())
        self.assertTrue(stream.unmute(None))
        self.assertFalse(stream.muted(None))
        with self.assertRaises(GLib.Error):
            stream.mute("smell")
        stream.close()
        self.assertTrue(stream.get_closed())
        self.assertEqual(stream.get_tracks(), [])

    def test_no_track(self):
        with self.assertRaises(GLib.Error):
            self.pool.create_track(Gst.Caps.from_string("video/x-raw"))


if __name__ == "__main__":
    unittest.main()
