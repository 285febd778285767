"""Hand-written bytecode for the tests of the machine: from text to bytes, to the verifier, to a run.

In:  programs in the text form of `compiler/bytecode/text.py`. Out: bytes, reasons for rejection, what a run printed.
Holds: a run is a process of its own with a limit of time, so one that crashes or hangs is a result like any other.
"""
import os
import subprocess

from myna.compiler.bytecode import codec
from myna.compiler.bytecode.text import assemble
from myna.vm.host import LAUNCHER, library

MODES = {
    "plain": {},
    "gc-stress": {"MYNA_GC": "stress,verify"},
    "gc-stress-move": {"MYNA_GC": "stress,move,verify"},
    "gc-move": {"MYNA_GC": "move,verify"},
    "stack-stress": {"MYNA_STACK": "stress"},
}
SECONDS = 60        # for one run: a hundred times what the slowest needs under stress


def encode(text):
    """The bytes of a program in text form."""
    return codec.encode(assemble(text))


def body(code, registers=8, rest="", before="", name="main"):
    """The text of a program whose main function has this code. `before`: directives of the program; `rest`: more functions."""
    return f'.program "test"\n{before}\n.function 0 "{name}" registers {registers}\n{code}\n{rest}\n'


def reason(program):
    """Why the machine rejects a program (bytes or text), or None."""
    return library.verify(program if isinstance(program, bytes) else encode(program))


def run(program, path, mode="plain", options=()):
    """Run a program's bytes, by way of a file: (exit status, standard output, standard error)."""
    path.write_bytes(program)
    environment = {k: v for k, v in os.environ.items() if k not in ("MYNA_GC", "MYNA_STACK")}
    done = subprocess.run([LAUNCHER, "run", *options, "-b", str(path)], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
                          env={**environment, **MODES[mode]})
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
