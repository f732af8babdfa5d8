#!/usr/bin/env python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Meets others in a pool: shows a test picture to all, takes the pictures of all,
and greets each by a data channel. With the element alone, by its signals.

Usage: pool.py ws://127.0.0.1:8080 room NAME, until it is interrupted.
"""
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402


def say(text):
    print(text, flush=True)


class Member:
    def __init__(self, uri, pool, name):
        self.name = name
        self.failed = False
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(
            f"wsctlpool name=p uri={uri} pool={pool} "
            "videotestsrc is-live=true "
            "! video/x-raw,width=320,height=180,framerate=30/1 ! p.video")
        self.element = self.pipeline.get_by_name("p")
        self.element.connect("pad-added", self.on_pad_added)
        # These come from the library's own thread, and must not wait.
        self.element.connect("on-peer", self.on_peer)
        self.element.connect("on-close", self.on_close)
        self.element.connect("on-datachannel", self.on_datachannel)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)

    def on_pad_added(self, element, pad):
        """A track of a peer: what is linked decides whether it is decoded."""
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        sink = Gst.parse_bin_from_description(
            "queue ! videoconvert ! fakesink sync=true", True)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))
        say(f"track {pad.get_name()}")

    def on_peer(self, element, peer):
        say(f"peer {peer}")
        channel = element.emit("create-data-channel", peer, "greeting", None)
        channel.connect("on-open", self.on_open)
        channel.connect("on-message-string", self.on_answer, peer)

    def on_open(self, channel):
        channel.emit("send-string", f"hello from {self.name}")

    def on_answer(self, channel, text, peer):
        say(f"{peer} answers: {text}")
        channel.emit("close")

    def on_datachannel(self, element, peer, channel):
        channel.connect("on-message-string", self.on_greeting, peer)

    def on_greeting(self, channel, text, peer):
        say(f"{peer} says: {text}")
        channel.emit("send-string", f"hello, I am {self.name}")

    def on_close(self, element, peer):
        say(f"left {peer}" if peer else "closed")

    def on_message(self, bus, message):
        if message.type == Gst.MessageType.ERROR:
            error, _ = message.parse_error()
            print(error.message, file=sys.stderr)
            self.failed = True
            self.loop.quit()
        elif message.type == Gst.MessageType.EOS:
            self.loop.quit()

    def interrupt(self):
        self.loop.quit()
        return GLib.SOURCE_REMOVE

    def run(self):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT,
                             self.interrupt)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        return 1 if self.failed else 0


def main():
    Gst.init(None)
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    return Member(*sys.argv[1:]).run()


sys.exit(main())
