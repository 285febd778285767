"""The standard library as the compiler knows it: where it lies, and which methods of built-in types it has.

In:  nothing. Out: `FOLDER`; `METHODS`; `method_files`, the files whose methods a program may call.
Holds: a file of methods declares functions, each with the receiver first, and nothing else; they use no name of the file's top
level, so its top level never runs. A program gets those methods whose names it mentions.
"""
import os
import re
from functools import cache
from typing import NamedTuple

# Beside the compiler, in a checkout as in an installed package.
FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "stdlib")


class Methods(NamedTuple):
    """A file of methods: `declaration` is the type of their receivers as the checker knows it, `types` are the machine's."""
    file: str
    declaration: str
    types: tuple

    @property
    def path(self):
        """Where the file is."""
        return os.path.join(FOLDER, "methods", self.file + ".ms")


# Of two methods for one type the earlier file's counts.
METHODS = (
    Methods("list", "List", ("list",)),
    Methods("search", "List", ("list",)),
    Methods("string", "string", ("string",)),
    Methods("map", "Map", ("map",)),
    Methods("set", "Set", ("set",)),
    Methods("iterable", "Iterable", ("list", "range", "set", "string", "tuple", "bytes", "array", "object")),
)

def module_name(path):
    """The name of the library's module in the file at `path`, or None."""
    return os.path.splitext(os.path.basename(path))[0] if os.path.dirname(path) == FOLDER else None


_FUNCTION = re.compile(r"^fun (\w+)", re.M)


@cache
def _names(methods):
    """The names of the methods in a file."""
    with open(methods.path, encoding="utf-8") as file:
        return frozenset(_FUNCTION.findall(file.read()))


def method_files(names):
    """The files that have methods with some of these names."""
    return [methods for methods in METHODS if not names.isdisjoint(_names(methods))]
