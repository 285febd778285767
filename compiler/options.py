"""What the user can choose: compile options, and the table of environment switches.

In:  keyword arguments; the environment. Out: `Options`, `switch(name)`.
Holds: every `MYNA_*` variable that any part reads has a row in `SWITCHES`.
"""
import os
from typing import NamedTuple


class Options(NamedTuple):
    """How to compile a file. `dump` names stages whose result is written to standard error."""
    dialect: str = "ms"         # "ms" or "classic"
    dump: frozenset = frozenset()


# Switches for developing Myna itself: name -> what it does.
SWITCHES = {
    "MYNA_DUMP": "stages to print while compiling, with commas: tokens, ast, resolved, bytecode",
    "MYNA_ENGINE": "how to run: interpreter, baseline, jit",
    "MYNA_GC": "modes of the collector, with commas: stress (collect at every allocation), verify, move",
    "MYNA_TRACE": "what the machine reports on standard error while it runs, with commas: gc, calls",
}


def switch(name):
    """The values of a switch, a set of words."""
    if name not in SWITCHES:
        raise KeyError(name)
    return frozenset(word for word in os.environ.get(name, "").split(",") if word)


def from_environment(dialect):
    """The options of a dialect, with the dumps that the environment asks for."""
    return Options(dialect, switch("MYNA_DUMP"))
