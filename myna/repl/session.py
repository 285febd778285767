"""Runs inputs one by one, and keeps what they declare.

In:  texts. Out: for each an `Outcome`; what a program prints goes to standard output, the report of an uncaught error to standard error.
Holds: whatever an input does, the session goes on: one that does not compile changes nothing, one that fails or is interrupted keeps
what it did until then. What the variables of such an input hide comes back if they got no value.
"""
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import NamedTuple

from myna.compiler import driver
from myna.compiler import session as compiler
from myna.compiler.diagnostics import CompileError, Diagnostic
from myna.compiler.source import Source
from myna.vm.host import library

OK, ERROR, BAD_PROGRAM, INTERRUPTED = 0, 1, 65, 130     # exit statuses of a program
EXITED = 256            # is added to one that the program itself has chosen
NONE = "None"


@contextmanager
def undisturbed():
    """Ctrl-C ends a program that the machine runs, but nothing else: compiler and machine have to agree on what the session is. Gives a
    list that is not empty any more once it was pressed."""
    pressed = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


class Outcome(NamedTuple):
    """What became of an input."""
    status: int
    diagnostics: tuple = ()     # why it does not compile
    value: str | None = None    # the text of its value; None: it has none, or that is None
    type: str | None = None     # of the value
    stale: tuple = ()           # (name, names) of what was declared anew, and of what uses what it was
    compiling: float = 0        # seconds
    running: float = 0
    exited: bool = False        # the program has chosen the status, and wants to end


class Session:
    """One module and the process that it runs in. `options`: see `host.library`."""

    def __init__(self, **options):
        folder = os.environ.get("MYNA_CACHE")
        store = driver.Store(folder, library.build(), driver.digest) if folder else None
        self.compiler = compiler.Session(store)
        self.machine = library.Session(**{"gc": os.environ.get("MYNA_GC"), "stack": os.environ.get("MYNA_STACK"), **options})
        self.globals = {}           # name -> number of the global of each variable

    def run(self, text, name=None, results=True):
        """Compile and run an input, which messages call `name`. `results`: its value is wanted."""
        begun = time.perf_counter()
        try:
            module = self.compiler.compile(text, name, results)
        except CompileError as error:
            return Outcome(BAD_PROGRAM, tuple(error.diagnostics))
        except OSError as error:
            source = Source(name or "input", text)
            return Outcome(BAD_PROGRAM, (Diagnostic("E0322", f"a module cannot be read: {error.strerror}", source, 0, 1),))
        with undisturbed() as pressed:
            return self.run_module(module, begun, pressed)

    def run_module(self, module, begun, pressed):
        """Run what was compiled from the time `begun` on, unless Ctrl-C was `pressed`."""
        try:
            made = self.compiler.enter(module)
        except CompileError as error:
            return Outcome(BAD_PROGRAM, tuple(error.diagnostics))
        why = self.machine.load(made.program)
        if why is not None:
            raise RuntimeError(f"the machine rejects an input: {why}")
        sys.stdout.flush()
        compiled = time.perf_counter()
        status = INTERRUPTED if pressed else self.machine.run()
        ended = time.perf_counter()
        value, type_ = self.result(made) if status == OK else (None, None)
        return Outcome(status % EXITED, (), value, type_, self.adopt(made, status == OK), compiled - begun, ended - compiled, status >= EXITED)

    def result(self, made):
        """The text and the type of an input's value."""
        if made.result is None:
            return None, None
        known, found = made.result.type, self.machine.type(made.result.value)
        if found in (None, NONE):
            self.machine.clear(made.result.value)       # `_` stays what it was
            return None, None
        text = self.machine.text(made.result.text, 4 * compiler.MOST_SHOWN)
        self.machine.clear(made.result.text)
        return text, known if known is not None and not known.endswith("?") else found

    def adopt(self, made, ended):
        """Make known what an input has declared; if it has not `ended`, of the variables those that have got a value."""
        names = [name for name in made.names if self.has_value(made, name) or ended and name != compiler.RESULT]
        stale, replaced = self.compiler.adopt(made, names)
        self.globals.update((name, made.globals[name]) for name in names if name in made.globals)
        for old, new in replaced:
            self.machine.replace(old, new)
        return tuple(stale)

    def has_value(self, made, name):
        """Has a variable got a value, or is it none that needs one?"""
        return name not in made.globals or self.machine.type(made.globals[name]) is not None

    def type_of_variable(self, name):
        """The type of the value that a variable of the session has; None: there is none."""
        number = self.globals.get(name)
        return None if number is None else self.machine.type(number)

    def end(self):
        """Free all of it."""
        self.machine.end()
