#!/usr/bin/env python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""gst-play-1.0, on a terminal, with its own keys: back, faster, slower, a pause.

Its one argument is wsctl-server. It ends with an error when the clock that is
shown does not do what the key says. Without gst-play-1.0 it is skipped.
"""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

SKIPPED = 77
PATIENCE_S = 20 * float(os.environ.get("WSCTL_TEST_SLOW", "1"))
LEFT = b"\x1b[D"
CLOCK = re.compile(rb"(\d+):(\d\d):(\d\d\.\d) / (\d+):(\d\d):(\d\d\.\d)")
PUBLISH = ("videotestsrc is-live=true ! s.video audiotestsrc is-live=true ! "
           "s.audio wsctlsink name=s uri=")


def read_clock(match):
    """The position and the end, in seconds."""
    numbers = [float(text) for text in match.groups()]
    return (numbers[0] * 3600 + numbers[1] * 60 + numbers[2],
            numbers[3] * 3600 + numbers[4] * 60 + numbers[5])


class Player:
    def __init__(self, uri):
        self.text = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(LC_ALL="C", TERM="xterm")
            os.execvp("gst-play-1.0", [
                "gst-play-1.0", "--videosink=fakevideosink",
                "--audiosink=fakeaudiosink", uri])

    def find(self, pattern, what):
        """Waits for it in what has not been read yet."""
        end = time.monotonic() + PATIENCE_S
        while (match := re.search(pattern, self.text)) is None:
            left = max(end - time.monotonic(), 0)
            if not select.select([self.terminal], [], [], left)[0]:
                said = CLOCK.sub(b"", self.text).replace(b"\r", b"")
                sys.exit(f"waited for {what}, after {said[-200:]!r} and "
                         f"{self.text[-100:]!r}")
            self.text += os.read(self.terminal, 4096)
        self.text = self.text[match.end():]
        return match

    def wait(self, what, condition):
        """Waits until the clock is as it should be."""
        end = time.monotonic() + PATIENCE_S
        while True:
            position, stream_end = read_clock(self.find(CLOCK, what))
            if condition(position, stream_end):
                return position, stream_end
            if time.monotonic() > end:
                sys.exit(f"no {what}: at {position} of {stream_end}")

    def go_on(self, what, seconds):
        first, _ = self.wait(what, lambda *_: True)
        return self.wait(what, lambda now, _: now >= first + seconds)

    def press(self, key):
        os.write(self.terminal, key)

    def change_rate(self, key, rate):
        """One step at a time, each a seek. In the moment after one a sink knows no
        position, and gst-play-1.0 refuses another: nobody is that quick."""
        while True:
            self.press(key)
            match = self.find(rb"(.*rate.*?)([\d.]+)\D*\r\n", "a rate")
            if not match.group(1).endswith(b"Playback rate: "):
                sys.exit(f"no rate: {match.group(0)!r}")
            if float(match.group(2)) == rate:
                return
            self.find(CLOCK, "a position")

    def leave(self):
        self.press(b"q")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def go_back(player):
    before, _ = player.go_on("play", 1)
    player.press(LEFT)
    player.wait("way back", lambda now, _: now < before - 0.5)
    player.go_on("play after a seek", 1)


def hold(player):
    player.press(b" ")
    held, _ = player.wait("pause", lambda *_: b"Paused" in player.text[:20])
    for _ in range(5):
        now, _ = player.wait("pause", lambda *_: True)
        if abs(now - held) > 0.2:
            sys.exit(f"at {now} in a pause at {held}")
    player.press(b" ")
    player.wait("play after a pause", lambda now, _: now >= held + 0.5)


def play(player):
    player.go_on("play", 2)
    go_back(player)
    go_back(player)
    hold(player)
    player.change_rate(b"+", 2.0)
    position, end = player.go_on("play at 2x", 0.2)
    player.wait("play that comes nearer to the end at 2x",
                lambda now, now_end: now_end - now < end - position - 0.3)
    player.change_rate(b"-", 0.5)
    player.go_on("play at 0.5x", 0.5)
    if player.leave() != 0:
        sys.exit("gst-play-1.0 ends with an error")


def main():
    if shutil.which("gst-play-1.0") is None:
        sys.exit(SKIPPED)
    server = subprocess.Popen([sys.argv[1], "--port=0"],
                              stdout=subprocess.PIPE, text=True)
    processes = [server]
    try:
        uri = f"{server.stdout.readline().split()[-1]}/webrtc/live"
        processes.append(subprocess.Popen(
            ["gst-launch-1.0", "-q", *f"{PUBLISH}{uri}".split()]))
        while "connected" not in server.stdout.readline():
            pass
        player = Player(uri.replace("ws", "wsctl", 1))
        try:
            play(player)
        except SystemExit:
            os.kill(player.pid, signal.SIGKILL)
            raise
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


main()
