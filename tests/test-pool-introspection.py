#!/usr/bin/python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pools from another language, over a transport that is written in it: every
member of the pool, of its connections and of the managed stream in a test of its
name."""

import json
import threading
import unittest

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWsctl", "1.0")
from gi.repository import GLib, GObject, Gst, GstWsctl

Gst.init(None)

PATIENCE_S = 30
VIDEO = ("videotestsrc is-live=true ! video/x-raw,width=64,height=64,"
         "framerate=30/1 ! vp8enc deadline=1 ! video/x-vp8 ! "
         "identity name=video")


class Office:
    """Passes on what members say; on the library's loop."""

    def __init__(self):
        self.members = []

    def join(self, member, pool):
        member.say("rtc:joined", {
            "client_id": member.name,
            "peers": [other.name for other in self.members],
            "descriptions": {other.name: {"name": other.name}
                             for other in self.members},
            "pool": pool})
        for other in self.members:
            other.say("rtc:peer", {"id": member.name})
        self.members.append(member)

    def leave(self, member):
        if member in self.members:
            self.members.remove(member)
            for other in self.members:
                other.say("rtc:close", {"id": member.name})

    def pass_on(self, member, type, data):
        to = data.pop("to", None) or data.pop("for", None)
        data["peer" if type == "rtc:sdp" else "from"] = member.name
        for other in self.members:
            if other.name == to:
                other.say(type, data)


class Transport(GObject.Object, GstWsctl.Transport):
    def __init__(self, office, name):
        super().__init__()
        self.office = office
        self.name = name
        self.sent = []
        self.is_closed = False

    def do_open(self):
        self.opened()

    def do_send(self, type, data):
        data = json.loads(data)
        self.sent.append((type, data))
        if type == "rtc:join":
            self.office.join(self, data["pool"])
        else:
            self.office.pass_on(self, type, data)
        return True

    def do_close(self):
        self.is_closed = True
        self.office.leave(self)
        self.closed()

    def say(self, type, data):
        self.received(type, json.dumps(data))


class Member:
    """One that takes part: its pool in a pipeline, and what is said to it."""

    def __init__(self, office, name, launch=None):
        self.transport = Transport(office, name)
        config = GstWsctl.Config.new("127.0.0.1")
        self.pool = GstWsctl.Pool.new_with_transport(config, self.transport)
        self.pipeline = Gst.parse_launch(launch) if launch else Gst.Pipeline()
        if launch and not isinstance(self.pipeline, Gst.Pipeline):
            pipeline = Gst.Pipeline()
            pipeline.add(self.pipeline)
            self.pipeline = pipeline
        self.pipeline.add(self.pool.get_element())
        self.track = None
        if launch:
            self.track = self.pool.create_track(
                Gst.Caps.from_string("video/x-vp8"))
            self.pipeline.get_by_name("video").get_static_pad("src").link(
                self.track.get_pad())
        self.pipeline.set_state(
            Gst.State.PLAYING if launch else Gst.State.READY)

    def end(self):
        self.pool.close()
        self.pipeline.set_state(Gst.State.NULL)


class Heard:
    """What an event brings, which comes on another thread."""

    def __init__(self, source, event):
        self.source = source
        self.args = None
        self.came = threading.Event()
        self.id = GstWsctl.on(source, event, None, self.on_event)

    def on_event(self, source, event, args):
        if self.args is None:
            self.args = list(args)
            self.came.set()

    def wait(self):
        if not self.came.wait(PATIENCE_S):
            raise AssertionError("the event did not come")
        GstWsctl.off(self.source, self.id)
        return self.args


class Case(unittest.TestCase):
    def setUp(self):
        self.office = Office()
        self.members = []
        self.ada = self.add("ada", VIDEO)
        self.join(self.ada)

    def tearDown(self):
        for member in self.members:
            member.end()

    def add(self, name, launch=None):
        member = Member(self.office, name, launch)
        self.members.append(member)
        return member

    def join(self, member):
        """The arguments of the event"""
        heard = Heard(member.pool, "join")
        member.pool.join("room")
        return heard.wait()

    def add_bob(self):
        """And the connection of Ada to him"""
        heard = Heard(self.ada.pool, "peer")
        bob = self.add("bob", VIDEO)
        self.join(bob)
        heard.wait()
        return bob, self.ada.pool.get_connection("bob")


class Pool(Case):
    def test_join(self):
        bob = self.add("bob")
        self.assertEqual(self.join(bob), ["room"])
        self.assertEqual(bob.transport.sent[0], ("rtc:join", {"pool": "room"}))
        with self.assertRaises(GLib.Error):
            bob.pool.join("room")

    def test_close(self):
        bob, _ = self.add_bob()
        bob.pool.close()
        self.assertTrue(bob.transport.is_closed)
        with self.assertRaises(GLib.Error) as caught:
            bob.pool.join("room")
        self.assertTrue(caught.exception.matches(
            GstWsctl.error_quark(), GstWsctl.Error.CLOSED))

    def test_id(self):
        bob = self.add("bob")
        self.assertIsNone(bob.pool.get_id())
        self.join(bob)
        self.assertEqual(bob.pool.get_id(), "bob")
        self.assertEqual(bob.pool.props.id, "bob")

    def test_connections(self):
        bob, _ = self.add_bob()
        self.assertEqual([connection.get_id() for connection
                          in bob.pool.get_connections()], ["ada"])

    def test_nconnections(self):
        self.assertEqual(self.ada.pool.get_nconnections(), 0)
        self.add_bob()
        self.assertEqual(self.ada.pool.get_nconnections(), 1)
        self.assertEqual(self.ada.pool.props.nconnections, 1)

    def test_get_connection(self):
        bob, _ = self.add_bob()
        self.assertEqual(bob.pool.get_connection("ada").get_id(), "ada")
        self.assertIsNone(bob.pool.get_connection("nobody"))

    def test_event_join(self):
        self.assertEqual(self.join(self.add("bob")), ["room"])

    def test_event_stop(self):
        heard = Heard(self.ada.pool, "stop")
        self.ada.transport.say("rtc:stop", {})
        self.assertEqual(heard.wait(), [])

    def test_event_close(self):
        bob, _ = self.add_bob()
        heard = Heard(self.ada.pool, "close")
        bob.pool.close()
        self.assertEqual(heard.wait()[0].get_id(), "bob")
        heard = Heard(self.ada.pool, "close")
        self.ada.pool.close()
        self.assertEqual(heard.wait(), [None])

    def test_event_describe(self):
        self.add_bob()
        heard = Heard(self.ada.pool, "describe")
        self.ada.transport.say(
            "rtc:describe", {"id": "bob", "description": [True, "x"]})
        connection, description = heard.wait()
        self.assertEqual(connection.get_id(), "bob")
        self.assertEqual(description.unpack(), [True, "x"])

    def test_event_peer(self):
        heard = Heard(self.ada.pool, "peer")
        self.join(self.add("bob"))
        self.assertEqual(heard.wait()[0].get_id(), "bob")

    def test_event_track(self):
        bob, connection = self.add_bob()
        heard = Heard(bob.pool, "track")
        connection.add_track(self.ada.track)
        source, pad = heard.wait()
        self.assertEqual(source.get_id(), "ada")
        self.assertEqual(pad.get_direction(), Gst.PadDirection.SRC)

    def test_event_datachannel(self):
        bob, connection = self.add_bob()
        heard = Heard(bob.pool, "datachannel")
        channel = connection.create_data_channel("chat", None)
        source, came = heard.wait()
        self.assertEqual(source.get_id(), "ada")
        self.assertEqual(came.get_label(), channel.get_label())

    def test_no_track(self):
        with self.assertRaises(GLib.Error):
            self.ada.pool.create_track(Gst.Caps.from_string("video/x-raw"))


class Connection(Case):
    def test_id(self):
        _, connection = self.add_bob()
        self.assertEqual(connection.get_id(), "bob")

    def test_description(self):
        bob, _ = self.add_bob()
        connection = bob.pool.get_connection("ada")
        self.assertEqual(connection.dup_description().unpack(),
                         {"name": "ada"})
        heard = Heard(bob.pool, "describe")
        bob.transport.say("rtc:describe", {"id": "ada", "description": 7})
        heard.wait()
        self.assertEqual(connection.dup_description().unpack(), 7)
        self.assertEqual(connection.props.description.unpack(), 7)

    def test_add_event_listener(self):
        _, connection = self.add_bob()
        for event in "track", "datachannel":
            self.assertGreater(
                GstWsctl.on(connection, event, None, lambda *_: None), 0)
        with self.assertRaises(GLib.Error) as caught:
            GstWsctl.on(connection, "icecandidate", None, lambda *_: None)
        self.assertIn("icecandidate", caught.exception.message)

    def test_remove_event_listener(self):
        bob, connection = self.add_bob()
        back = bob.pool.get_connection("ada")
        removed = Heard(back, "track")
        kept = Heard(back, "track")
        GstWsctl.off(back, removed.id)
        connection.add_track(self.ada.track)
        kept.wait()
        self.assertFalse(removed.came.is_set())

    def test_add_track(self):
        bob, connection = self.add_bob()
        heard = Heard(bob.pool.get_connection("ada"), "track")
        connection.add_track(self.ada.track)
        self.assertIsInstance(heard.wait()[0], Gst.Pad)

    def test_remove_track(self):
        bob, connection = self.add_bob()
        heard = Heard(bob.pool, "track")
        connection.add_track(self.ada.track)
        heard.wait()
        gone = threading.Event()
        bob.pool.get_element().connect("pad-removed", lambda *_: gone.set())
        connection.remove_track(self.ada.track)
        self.assertTrue(gone.wait(PATIENCE_S))

    def test_data_channel_raw(self):
        bob, connection = self.add_bob()
        heard = Heard(bob.pool, "datachannel")
        channel = connection.create_data_channel(
            "raw", Gst.Structure.from_string("options, ordered=false")[0])
        is_open = Heard(channel, "on-open")
        came = heard.wait()[1]
        is_open.wait()
        self.assertFalse(channel.props.ordered)
        text = Heard(came, "on-message-string")
        self.assertTrue(channel.send_string("hello"))
        self.assertEqual(text.wait(), ["hello"])
        arrived = threading.Event()
        got = []

        def on_data(_, data):
            got.append(data.get_data())
            arrived.set()

        came.connect("on-message-data", on_data)
        self.assertTrue(channel.send_data(GLib.Bytes.new(b"\0\1")))
        self.assertTrue(arrived.wait(PATIENCE_S))
        self.assertEqual(got, [b"\0\1"])
        over = Heard(channel, "on-close")
        channel.close()
        over.wait()
        self.assertEqual(channel.get_state(),
                         GstWsctl.DataChannelState.CLOSED)

    def test_data_channel(self):
        _, connection = self.add_bob()
        loop = GLib.MainLoop()
        found = []

        def on_open(source, result):
            found.append(source.open_data_channel_finish(result))
            loop.quit()

        connection.open_data_channel_async("a", None, 0, None, on_open)
        timer = GLib.timeout_add_seconds(PATIENCE_S, loop.quit)
        loop.run()
        GLib.source_remove(timer)
        self.assertEqual(found[0].get_state(), GstWsctl.DataChannelState.OPEN)


class ManagedStream(Case):
    def setUp(self):
        super().setUp()
        self.stream = GstWsctl.ManagedStream.new(
            self.ada.pool, [self.ada.track])
        self.add_bob()

    def test_mute(self):
        self.assertTrue(self.stream.mute("video"))
        self.assertTrue(self.ada.track.get_muted())
        with self.assertRaises(GLib.Error):
            self.stream.mute("smell")

    def test_unmute(self):
        self.stream.mute(None)
        self.assertTrue(self.stream.unmute("video"))
        self.assertFalse(self.ada.track.get_muted())
        with self.assertRaises(GLib.Error):
            self.stream.unmute("smell")

    def test_muted(self):
        self.assertFalse(self.stream.muted(None))
        self.stream.mute("video")
        self.assertTrue(self.stream.muted(None))
        self.assertTrue(self.stream.muted("video"))
        self.assertFalse(self.stream.muted("audio"))

    def test_has_stream(self):
        self.assertTrue(self.stream.has_stream(self.stream.get_stream("bob")))
        self.assertFalse(self.stream.has_stream("other"))

    def test_get_stream(self):
        self.assertIsNotNone(self.stream.get_stream("bob"))
        self.assertIsNone(self.stream.get_stream("nobody"))

    def test_get_connection(self):
        stream_id = self.stream.get_stream("bob")
        self.assertEqual(self.stream.get_connection(stream_id).get_id(), "bob")
        self.assertIsNone(self.stream.get_connection("other"))

    def test_closed(self):
        self.assertFalse(self.stream.props.closed)
        self.ada.pool.close()
        self.assertTrue(self.stream.get_closed())

    def test_tracks(self):
        self.assertEqual(self.stream.get_tracks(), [self.ada.track])
        self.assertEqual(self.ada.track.get_kind(), GstWsctl.MediaKind.VIDEO)

    def test_close(self):
        heard = Heard(self.stream, "close")
        self.stream.close()
        heard.wait()
        self.assertTrue(self.stream.get_closed())
        self.assertEqual(self.stream.get_tracks(), [])


if __name__ == "__main__":
    unittest.main()
