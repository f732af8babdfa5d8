#!/usr/bin/env python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Three ways to say at what bitrate video is published: a property at the
start, the same property while it plays, and a policy that follows the network
between two limits.

Usage: bitrate.py ws://127.0.0.1:8080/webrtc/live, until it is interrupted.
bitrate.c is the same in C.
"""
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

STEP_S = 2


class Publisher:
    def __init__(self, uri):
        self.failed = False
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(
            "videotestsrc is-live=true pattern=snow "
            "! video/x-raw,width=640,height=360,framerate=30/1 "
            "! wsctlsink name=sink")
        self.sink = self.pipeline.get_by_name("sink")

        # 1. Fixed from the start. Without it the policy has it at once, and
        # begins with "start-bitrate".
        self.sink.set_property("uri", uri)
        self.sink.set_property("video-bitrate", 500000)
        self.sink.set_property("min-bitrate", 200000)
        self.sink.set_property("max-bitrate", 2500000)
        Gst.util_set_object_arg(self.sink, "congestion-control", "adaptive")

    def set_by_hand(self):
        # 2. The encoder and the server hear of it at once.
        print("by hand", flush=True)
        self.sink.set_property("video-bitrate", 800000)
        GLib.timeout_add_seconds(STEP_S, self.leave_to_policy)
        return GLib.SOURCE_REMOVE

    def leave_to_policy(self):
        # 3. From here on it is as high as the network takes, and each change
        # is told.
        print("policy", flush=True)
        self.sink.set_property("video-bitrate", 0)
        return GLib.SOURCE_REMOVE

    def print_bitrate(self):
        print(f"{self.sink.get_property('video-bitrate')} bit/s", flush=True)

    def on_message(self, bus, message):
        if message.type == Gst.MessageType.ELEMENT:
            if message.has_name("wsctl-connected"):
                print("connected", flush=True)
                self.print_bitrate()
                GLib.timeout_add_seconds(STEP_S, self.set_by_hand)
        elif message.type == Gst.MessageType.PROPERTY_NOTIFY:
            self.print_bitrate()
        elif message.type == Gst.MessageType.ERROR:
            error, _ = message.parse_error()
            print(error.message, file=sys.stderr)
            self.failed = True
            self.loop.quit()
        elif message.type == Gst.MessageType.EOS:
            self.loop.quit()

    def run(self):
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)
        # As messages of the bus, and so on this thread
        self.sink.add_property_notify_watch("video-bitrate", False)
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self.loop.quit)

        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        bus.remove_signal_watch()
        return 1 if self.failed else 0


def main():
    Gst.init(None)
    if len(sys.argv) != 2:
        print(f"Usage: {sys.argv[0]} ws://HOST:PORT/webrtc/NAME",
              file=sys.stderr)
        return 2
    return Publisher(sys.argv[1]).run()


sys.exit(main())
