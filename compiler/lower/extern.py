"""Functions of C: the bodies of `extern` functions.

In:  `ast.Extern` nodes. Out: an `extern` instruction that takes the parameters, which are its function's first registers.
Holds: the constant names the library as the machine looks for it.
"""
import os

from myna.compiler.bytecode.program import Extern, Type
from myna.compiler.lower import types
from myna.compiler.lower.registers import expression
from myna.compiler.syntax import ast


@expression(ast.Extern)
def call(f, node, dst):
    """Call the function of C."""
    t = f.module.checked.functions[f.scope.node]
    signature = Type("function", args=tuple([types.of(f, part) for part in (*t.params, t.result)]))
    if dst is None:
        dst = f.temp()
    f.b.pos = f.scope.node.pos
    f.b.extern(dst, 0, Extern(library(f.module.source.name, node.library), node.symbol, signature))
    return dst


def library(path, written):
    """The library of the file at `path`: one with a `/` lies where the file says, seen from there, as imports do."""
    if "/" not in written or os.path.isabs(written):
        return written
    return os.path.join(os.path.normpath(os.path.join(os.path.dirname(path) or ".", os.path.dirname(written))), os.path.basename(written))
