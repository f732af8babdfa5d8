#!/usr/bin/env python3
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Three gst-launch-1.0 with the README's line see and hear each other, and go on
when a fourth leaves, dies, or falls silent; within 10 s they know.

Its one argument is wsctl-server. Reports in TAP. Of the line only the port is
another, and the sinks, which say what they get.
"""
import collections
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE_S = 40
GONE_S = 10
N_MORE = 15
BUFFER = re.compile("/GstFakeSink:(..): last-message = chain")
SINK = "fakesink sync=true silent=false name="


class Process:
    """A program, and what it has said so far."""

    def __init__(self, words):
        self.lines = []
        self.n_buffers = collections.Counter()
        self.over = False
        self.news = threading.Condition()
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace")
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                if buffer := BUFFER.search(line):
                    self.n_buffers[buffer[1]] += 1
                else:
                    self.lines.append(line.rstrip())
                self.news.notify_all()
        with self.news:
            self.over = True
            self.news.notify_all()

    def wait_until(self, condition, what):
        with self.news:
            self.news.wait_for(lambda: condition() or self.over, PATIENCE_S)
            if not condition():
                tail = "\n".join(self.lines)[-3000:]
                raise AssertionError(f"waited in vain for {what}:\n{tail}")

    def find(self, pattern):
        return [line for line in self.lines if re.search(pattern, line)]

    def wait(self, pattern, n=1):
        """The @n-th line that has @pattern."""
        self.wait_until(lambda: len(self.find(pattern)) >= n,
                        f"{n} of '{pattern}'")
        return self.find(pattern)[n - 1]

    def wait_more(self, sink):
        """More buffers at that sink"""
        n = self.n_buffers[sink] + N_MORE
        self.wait_until(lambda: self.n_buffers[sink] >= n, f"more at {sink}")

    def end(self, number=signal.SIGINT):
        """Its status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.reader.join()
        return self.process.wait()


def get_line(address):
    """That of the README, with sinks named v0, a0, v1 and a1"""
    readme = (ROOT / "README.md").read_text()
    line = next(line.strip() for line in readme.splitlines()
                if "gst-launch-1.0 wsctlpool" in line)
    line = line.replace("127.0.0.1:8080", address)
    for name, sink in (("v", "autovideosink"), ("a", "autoaudiosink")):
        first, second, rest = line.split(sink)
        line = f"{first}{SINK}{name}0{second}{SINK}{name}1{rest}"
    return line


def join(line):
    return Process(["gst-launch-1.0", "-m", "-v"] + shlex.split(line)[1:])


def check_flow(members):
    for member in members:
        for sink in ("v0", "v1", "a0", "a1"):
            member.wait_more(sink)


def get_fourth(members, n_before):
    """The id of who came last, when it has been seen and heard by all."""
    said = members[0].wait("wsctl-peer", n_before + 1)
    peer = re.search(r"peer=\(string\)([^;, ]+)", said)[1]
    for member in members:
        member.wait(f"wsctl-track.*{peer}", 2)
    return peer


def check_leaves(members, line, number):
    """How long it took until all knew, in s"""
    n_before = len(members[0].find("wsctl-peer"))
    fourth = join(line)
    try:
        peer = get_fourth(members, n_before)
        start = time.monotonic()
        fourth.process.send_signal(number)
        for member in members:
            member.wait(f"wsctl-close.*{peer}")
        took = time.monotonic() - start
    finally:
        fourth.end(signal.SIGKILL)
    assert took < GONE_S, f"it took {took:.1f} s until all knew"
    check_flow(members)
    return took


WAYS = (("leaves", signal.SIGINT), ("is killed", signal.SIGKILL),
        ("falls silent", signal.SIGSTOP))


def run(members, line):
    members += [join(line) for _ in range(3)]
    check_flow(members)
    print("ok 1 three see and hear each other", flush=True)
    for number, (what, sent) in enumerate(WAYS, 2):
        took = check_leaves(members, line, sent)
        print(f"# known to all after {took:.2f} s")
        print(f"ok {number} a fourth {what}", flush=True)
    statuses = [member.end() for member in members]
    errors = [text for member in members for text in member.find("ERROR")]
    assert statuses == [0, 0, 0] and not errors, f"{statuses} {errors}"
    print(f"ok {len(WAYS) + 2} the three end in order", flush=True)


def main():
    members = []
    print(f"1..{len(WAYS) + 2}", flush=True)
    server = Process([sys.argv[1], "--port", "0"])
    try:
        address = server.wait("listening on").split("ws://")[1].strip()
        run(members, get_line(address))
    except AssertionError as error:
        print("\n".join(f"# {text}" for text in str(error).splitlines()))
        print("Bail out! It does not do what the README says.")
    finally:
        for process in members + [server]:
            process.end(signal.SIGKILL)


main()
