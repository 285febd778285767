"""A session in a terminal of its own, as a user has it: keys go in, what is printed comes out.

In:  keys as text. Out: what the terminal got, without the escape sequences that move and colour. Holds: every wait ends, by what it waits for
or by an assertion that shows what came instead.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import runner

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]|\x1b\][^\x07]*\x07")
WAIT = 40               # seconds: a loaded machine takes some to start
ENTER, CTRL_C, CTRL_D, UP, TAB, CTRL_R = "\r", "\x03", "\x04", "\x1b[A", "\t", "\x12"


class Screen:
    """`myna repl` with some environment; leave it with `close`."""

    def __init__(self, folder, columns=80, lines=24, term="xterm-256color", arguments=()):
        environment = {**os.environ, "TERM": term, "XDG_STATE_HOME": str(folder), "PROMPT_TOOLKIT_NO_CPR": "1"}
        environment.pop("NO_COLOR", None)
        command = [*runner.command(), "repl", *arguments]
        self.child, self.fd = pty.fork()
        if not self.child:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.text = ""          # what came and was not waited for
        self.raw = ""           # the same with its escape sequences
        self.closed = False

    def read(self, seconds):
        """Take what comes; False at the end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 1 << 16).decode("utf-8", "replace")
        except OSError:
            return False
        self.raw += data
        self.text = ESCAPES.sub("", self.raw).replace("\r", "")
        return bool(data)

    def wait(self, pattern):
        """Wait for what matches; the text up to its end."""
        end = time.monotonic() + WAIT
        while not (found := re.search(pattern, self.text)):
            assert self.read(0.1) or re.search(pattern, self.text), f"the end came before {pattern!r}:\n{self.text}"
            assert time.monotonic() < end, f"waiting for {pattern!r}:\n{self.text}"
        before = self.text[:found.end()]
        self.raw, self.text = self.text[found.end():], self.text[found.end():]
        return before

    def keys(self, text):
        """Press keys."""
        os.write(self.fd, text.encode())

    def enter(self, text, pattern):
        """Type an input, and wait for what it prints."""
        self.keys(text + ENTER)
        return self.wait(pattern)

    def close(self):
        """Kill it; the exit status."""
        os.kill(self.child, signal.SIGKILL)
        return self.end()

    def leave(self):
        """Ctrl-D; the exit status."""
        self.keys(CTRL_D)
        end = time.monotonic() + WAIT
        while self.read(0.1):
            assert time.monotonic() < end, self.text
        return self.end()

    def end(self):
        """Wait for its end; the exit status."""
        self.closed = True
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
