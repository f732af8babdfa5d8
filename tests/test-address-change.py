#!/usr/bin/env python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A publisher whose machine gets another address goes on with that one.

Its one argument is wsctl-server. It makes two network namespaces, its own and
the server's, and is skipped where that is not allowed.
"""
import os
import shutil
import subprocess
import sys
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

SERVER = "10.77.0.1"
FIRST = "10.77.0.2"
SECOND = "10.77.0.3"
URI = f"ws://{SERVER}:8080/webrtc/live"
NEAR, FAR = "wsctl0", "wsctl1"
TOOLS = ["ip", "nsenter", "unshare"]
SKIPPED = 77

TIMEOUT_S = 40
NOTICE_S = 10
# The server keeps the name for a session that it does not hear of for ten
# seconds, too.
BACK_S = 5


def run(*command):
    subprocess.run(command, check=True)


def is_allowed():
    if not all(shutil.which(tool) for tool in TOOLS):
        return False
    script = f"ip link add name {NEAR} type veth peer name {FAR}"
    command = ["unshare", "--map-root-user", "--net", "sh", "-c", script]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def get_network(pid):
    return os.readlink(f"/proc/{pid}/ns/net")


class Peer:
    """The server's namespace, held by a process of its own, and the server."""

    def __init__(self, program):
        self.holder = subprocess.Popen(["unshare", "--net", "cat"],
                                       stdin=subprocess.PIPE)
        while get_network(self.holder.pid) == get_network("self"):
            time.sleep(0.01)
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "name", NEAR, "type", "veth",
            "peer", "name", FAR)
        run("ip", "link", "set", FAR, "netns", str(self.holder.pid))
        self.enter = ["nsenter", "--target", str(self.holder.pid), "--net"]
        run(*self.enter, "ip", "address", "add", f"{SERVER}/24", "dev", FAR)
        run(*self.enter, "ip", "link", "set", FAR, "up")
        run("ip", "address", "add", f"{FIRST}/24", "dev", NEAR)
        run("ip", "link", "set", NEAR, "up")
        self.server = subprocess.Popen(
            [*self.enter, program, "--host", SERVER, "--port", "8080"],
            stdout=subprocess.PIPE)
        assert b"listening on" in self.server.stdout.readline()

    def close(self):
        for process in self.server, self.holder:
            process.kill()
            process.wait()


class Publisher:
    def __init__(self):
        self.pipeline = Gst.parse_launch(
            "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! "
            f"wsctlsink name=sink uri={URI}")
        self.bus = self.pipeline.get_bus()
        self.pipeline.set_state(Gst.State.PLAYING)

    def wait(self, name):
        """Seconds until a message of that name"""
        begin = time.monotonic()
        while time.monotonic() - begin < TIMEOUT_S:
            message = self.bus.timed_pop_filtered(
                Gst.SECOND, Gst.MessageType.ELEMENT | Gst.MessageType.ERROR)
            if message is None:
                continue
            if message.type == Gst.MessageType.ERROR:
                raise SystemExit(message.parse_error())
            if message.get_structure().get_name() == name:
                return time.monotonic() - begin
        raise SystemExit(f"waited too long for {name}")

    def get_address(self):
        stats = self.pipeline.get_by_name("sink").get_property("stats")
        return stats.get_string("local-candidate")

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


def check(publisher):
    publisher.wait("wsctl-connected")
    publisher.wait("wsctl-media-report")
    assert FIRST in publisher.get_address(), publisher.get_address()

    run("ip", "address", "delete", f"{FIRST}/24", "dev", NEAR)
    run("ip", "address", "add", f"{SECOND}/24", "dev", NEAR)
    noticed = publisher.wait("wsctl-reconnecting")
    back = publisher.wait("wsctl-connected")
    publisher.wait("wsctl-media-report")
    print(f"noticed after {noticed:.1f} s, back {back:.1f} s later")
    assert SECOND in publisher.get_address(), publisher.get_address()
    assert noticed < NOTICE_S and back < BACK_S
    state = publisher.pipeline.get_state(0)[1]
    assert state == Gst.State.PLAYING, state


def main():
    if "--inside" not in sys.argv:
        if not is_allowed():
            print("Namespaces cannot be made here.")
            return SKIPPED
        command = ["unshare", "--map-root-user", "--net", sys.executable]
        return subprocess.run([*command, *sys.argv, "--inside"]).returncode

    Gst.init(None)
    peer = Peer(sys.argv[1])
    try:
        publisher = Publisher()
        check(publisher)
        publisher.close()
    finally:
        peer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
