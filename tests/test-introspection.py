#!/usr/bin/python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library from another language: what C's types become in GIR."""

import sys
import unittest

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWsctl", "1.0")
from gi.repository import Gio, GLib, GObject, Gst, GstWsctl

Gst.init(None)


def new_controller(uri="ws://127.0.0.1:9/webrtc/as%2B1"):
    return GstWsctl.Controller.new(GstWsctl.Config.new(uri), GstWsctl.Role.PLAY)


class Errors(unittest.TestCase):
    def test_domain(self):
        with self.assertRaises(GLib.Error) as caught:
            new_controller("ftp://nowhere")
        error = caught.exception
        self.assertTrue(
            error.matches(GstWsctl.error_quark(), GstWsctl.Error.INVALID_URI))
        self.assertFalse(
            error.matches(GstWsctl.error_quark(), GstWsctl.Error.CLOSED))

    def test_names(self):
        self.assertEqual(GstWsctl.error_get_name(GstWsctl.Error.ACCESS_DENIED),
                         "Access denied")


class Config(unittest.TestCase):
    def test_properties(self):
        config = GstWsctl.Config(uri="ws://h/webrtc/s", ssl_strict=False)
        config.props.connect_timeout = 1234
        copy = config.copy()
        config.props.connect_timeout = 1
        self.assertEqual(copy.props.connect_timeout, 1234)
        self.assertEqual(copy.props.uri, "ws://h/webrtc/s")
        self.assertFalse(copy.props.ssl_strict)


class Controller(unittest.TestCase):
    def setUp(self):
        self.loop = GLib.MainLoop()
        GLib.timeout_add_seconds(20, self.loop.quit)

    def close_and_wait(self, controller):
        """Closes, and runs until the last of the handlers has been called."""
        controller.connect(
            "on-close", lambda *_: GLib.idle_add(self.loop.quit))
        controller.close()
        self.loop.run()

    def test_properties(self):
        controller = new_controller()
        self.assertEqual(controller.props.stream_name, "as+1")
        self.assertEqual(controller.props.role, GstWsctl.Role.PLAY)
        self.assertTrue(controller.set_codecs(["VP8", "OPUS"]))
        self.assertEqual(controller.props.codecs, ["VP8", "OPUS"])
        self.assertFalse(controller.props.opened)
        self.assertIsInstance(controller.get_connection().get_element(),
                              Gst.Element)
        self.assertEqual(controller.get_connection().get_state(),
                         GstWsctl.ConnectionState.NEW)

    def test_events(self):
        controller = new_controller()
        cancellable = Gio.Cancellable()
        heard = []

        def on_event(name):
            return lambda source, event, args: heard.append((name, event))

        GstWsctl.on(controller, "on-close", None, on_event("on"))
        GstWsctl.once(controller, "on-close", None, on_event("once"))
        GstWsctl.on(controller, "on-close", cancellable, on_event("cancelled"))
        off = GstWsctl.on(controller, "on-close", None, on_event("off"))
        GstWsctl.off(controller, off)
        cancellable.cancel()
        self.close_and_wait(controller)
        self.assertEqual(sorted(heard),
                         [("on", "on-close"), ("once", "on-close")])
        self.assertTrue(controller.props.closed)

    def test_unknown_event(self):
        with self.assertRaises(GLib.Error) as caught:
            GstWsctl.on(new_controller(), "on-nothing", None, lambda *_: None)
        self.assertTrue(caught.exception.matches(
            GstWsctl.error_quark(), GstWsctl.Error.FAILED))

    def test_open_fails(self):
        """Not in a pipeline: the error is the call's."""
        controller = new_controller()
        errors = []

        def opened(source, result):
            try:
                source.open_finish(result)
            except GLib.Error as error:
                errors.append(error)
            self.loop.quit()

        controller.open_async(None, opened)
        self.loop.run()
        self.assertTrue(errors[0].matches(
            GstWsctl.error_quark(), GstWsctl.Error.FAILED))
        self.close_and_wait(controller)

    def test_subclass(self):
        """The negotiation can be taken over."""

        class Own(GstWsctl.Controller):
            def do_negotiate_async(self, offer, cancellable, callback, data):
                pass

            def do_negotiate_finish(self, result):
                return None

        controller = GObject.new(
            Own, config=GstWsctl.Config.new("ws://h/webrtc/s"))
        self.assertTrue(controller.init(None))
        self.assertEqual(controller.props.stream_name, "s")
        self.close_and_wait(controller)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
