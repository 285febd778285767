"""Reads inputs, runs them, prints what comes out: whatever reads them.

In:  what the command was given. Out: the exit status. Holds: nothing that an input does ends the loop, but `:quit` and the end of what is read.
"""
import os
import sys

from myna.repl import commands, show
from myna.subcommand import coloured

INTERRUPTED = 130       # the status of an input that Ctrl-C has ended


class Leave(Exception):
    """`:quit`, or the program has ended itself with `status`; None: it did not."""

    def __init__(self, status=None):
        self.status = status


class Repl:
    """A session, and how its results are shown. `session` is made when it is needed first."""

    def __init__(self, **options):
        self.options = options
        self.made = None
        self.inputs = []            # the texts that ran, for `:save`
        self.files = []             # those that were loaded, for `:reload`
        self.failed = False
        self.colours = coloured(sys.stdout)

    @property
    def session(self):
        """The Session."""
        if self.made is None:
            from myna.repl.session import Session
            self.made = Session(**self.options)
        return self.made

    def reset(self):
        """Forget all that the inputs have made."""
        if self.made is not None:
            self.made.end()
        self.made = None
        self.inputs.clear()

    def handle(self, text):
        """Run what was read: an input or a command. Raises Leave."""
        if text.lstrip().startswith(":"):
            commands.run(self, text.strip()[1:])
        elif text.strip():
            self.evaluate(text)

    def evaluate(self, text, name=None):
        """Run an input and show what came of it; the Outcome."""
        outcome = self.session.run(text, name)
        self.show(outcome)
        if not outcome.diagnostics and name is None:
            self.inputs.append(text)
        return outcome

    def show(self, outcome):
        """Print the value of an input, or what is wrong with it. Raises Leave when it has ended the program."""
        self.failed |= outcome.status != 0
        self.complain(outcome.diagnostics)
        if outcome.exited:
            raise Leave(outcome.status)
        if outcome.status == INTERRUPTED:
            self.interrupted()
        if outcome.value is not None:
            print(show.value(outcome.value, outcome.type, width(), self.colours))
        for line in show.stale(outcome.stale, self.colours):
            print(line)
        sys.stdout.flush()

    def interrupted(self):
        """Say that Ctrl-C has ended an input."""
        self.failed = True
        print(show.paint("interrupted", "note", self.colours), flush=True)

    def broken(self, error):
        """Report a bug of ours. What it has left is not known, so the session begins anew."""
        from myna.tools import internal_error
        internal_error(error)
        self.failed = True
        self.reset()
        print("myna: the session was reset", file=sys.stderr, flush=True)

    def complain(self, diagnostics):
        """Print what is wrong with an input."""
        sys.stdout.flush()
        self.failed |= bool(diagnostics)
        for diagnostic in diagnostics:
            print(diagnostic.text(coloured(sys.stderr)), file=sys.stderr, flush=True)

    def load(self, path):
        """Run a file as one input. Raises OSError."""
        from myna.compiler import source
        from myna.compiler.diagnostics import CompileError
        with open(path, "rb") as file:
            data = file.read()
        if path not in self.files:
            self.files.append(path)
        try:
            text = source.decode(path, data, "ms").text
        except CompileError as error:
            from myna.repl.session import BAD_PROGRAM, Outcome
            return self.show(Outcome(BAD_PROGRAM, tuple(error.diagnostics)))
        return self.show(self.session.run(text, path, results=False))


def width():
    """Columns of the terminal."""
    import shutil
    return shutil.get_terminal_size().columns


def main(files):
    """Load the files, then read inputs until they end; the exit status."""
    repl = Repl()
    interactive = sys.stdin.isatty()
    if not interactive:
        from myna.repl.piped import inputs
    elif os.environ.get("TERM") in (None, "", "dumb") or not sys.stdout.isatty():
        from myna.repl.plain import inputs
    else:
        from myna.repl import light
        light.load()
        from myna.repl.terminal import inputs
    try:
        for path in files:
            commands.load(repl, path)
        for text in inputs(repl):
            try:
                repl.handle(text)
            except KeyboardInterrupt:       # while it was compiled
                repl.interrupted()
            except Exception as error:      # Leave is one, but not a bug
                if isinstance(error, (Leave, BrokenPipeError)):
                    raise
                repl.broken(error)
    except Leave as end:
        if end.status is not None:
            return end.status
    return 1 if repl.failed and not interactive else 0
