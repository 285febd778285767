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
    lint: bool = False          # warn of unused variables and of names that hide others
    strict: bool = False        # also warn of what only careful programs avoid: implicit variables, implicit `dynamic`


# Switches of the environment: name -> what it does. Most are for developing Myna itself.
SWITCHES = {
    "MYNA_DUMP": "stages to print on standard error while compiling, with commas: ast, resolved, types, bytecode",
    "MYNA_ENGINE": "how to run a program: interp",
    "MYNA_GC": "modes of the collector, with commas: stress (collect at every allocation), verify, move",
    "MYNA_STACK": "modes of the value stack: stress (move it at every call)",
    "MYNA_HEAP_LIMIT": "memory that a standalone program may use: 500k, 4M, 1G",
    "MYNA_HASH_SEED": "the number that maps' hashes begin with, instead of a random one",
    "MYNA_CACHE": "folder for compiled programs, instead of the user's cache folder",
    "MYNA_PYTHON": "the Python that the native command starts; `python -m myna` sets it",
    "MYNA_TOOLS": "the script with the parts of the command that are in Python; `python -m myna` sets it",
}


def switch(name):
    """The values of a switch, a set of words."""
    if name not in SWITCHES:
        raise KeyError(name)
    return frozenset(word for word in os.environ.get(name, "").split(",") if word)


def from_environment(dialect):
    """The options of a dialect, with the dumps that the environment asks for."""
    return Options(dialect, switch("MYNA_DUMP"))
