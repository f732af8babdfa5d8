#!/usr/bin/env python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Python application that plays two streams in one pipeline.

Its one argument is wsctl-server. It ends with an error when pictures of both
have not come in time, or when something goes wrong on the way.
"""
import subprocess
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

FRAMES = 30
TIMEOUT_S = 60


class Application:
    def __init__(self, uri):
        self.loop = GLib.MainLoop()
        self.counts = {"one": 0, "two": 0}
        self.problem = None
        self.pipelines = [
            self.launch(f"videotestsrc is-live=true ! wsctlsink uri={uri}one"),
            self.launch(f"videotestsrc is-live=true ! wsctlsink uri={uri}two"),
        ]
        self.play(uri)
        GLib.timeout_add_seconds(TIMEOUT_S, self.end, "no pictures in time")

    def launch(self, line):
        pipeline = Gst.parse_launch(line)
        bus = pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.on_error)
        pipeline.set_state(Gst.State.PLAYING)
        return pipeline

    def play(self, uri):
        """The publishers may come later than this."""
        player = self.launch(" ".join(
            f"wsctlsrc uri={uri}{name} wait-for-stream=true ! videoconvert ! "
            f"fakesink name={name} sync=true signal-handoffs=true"
            for name in self.counts))
        for name in self.counts:
            player.get_by_name(name).connect("handoff", self.on_frame)
        self.pipelines.append(player)

    def on_frame(self, sink, buffer, pad):
        self.counts[sink.get_name()] += 1
        if all(count >= FRAMES for count in self.counts.values()):
            GLib.idle_add(self.end, None)

    def on_error(self, bus, message):
        error, _ = message.parse_error()
        self.end(f"{message.src.get_name()}: {error.message}")

    def end(self, problem):
        self.problem = problem
        self.loop.quit()
        return GLib.SOURCE_REMOVE

    def run(self):
        self.loop.run()
        for pipeline in reversed(self.pipelines):
            pipeline.get_bus().remove_signal_watch()
            pipeline.set_state(Gst.State.NULL)
        return self.problem


def main():
    Gst.init(None)
    server = subprocess.Popen([sys.argv[1], "--port=0"],
                              stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[-1]
        problem = Application(f"{address}/webrtc/").run()
    finally:
        server.terminate()
        server.wait()
    if problem is not None:
        sys.exit(problem)


main()
