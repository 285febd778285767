"""What `myna build` makes of a program: an object file, or one of the forms that it takes on the way there.

In:  the bytes of a program that the verifier accepts, a `Build`. Out: `object_key`, which names the object file; `FORMS`, functions that make
it and the other forms, all with the same arguments.
Holds: the same arguments and sources give the same bytes, wherever and whenever. LLVM is imported only when something is made.
"""
from typing import NamedTuple

from myna.compiler.bytecode import codec

from .. import build
from ..toolchain import Target, digest
from .exports import Interface
from .live import without_dead

LEVELS = range(4)       # of optimisation: 0 compiles fastest, 2 is the usual one


class Build(NamedTuple):
    """How to compile: for which Target, optimised how much; `library`: for a shared library; `debug`: the folder from which the files' names are
    seen, absolute, if there is to be debug information."""
    target: Target
    level: int = 2
    library: bool = False
    debug: str | None = None


def object_key(data, how):
    """A name for the object file: different for whatever may make it different."""
    return digest(build.backend_id(), data, *how)


def living(data):
    """The Program of these bytes, without what nothing in it can run."""
    return without_dead(codec.decode(data))


def _compiled(form, whole=True):
    def make(data, how):
        from ..llvm.compile import compile_program
        return compile_program(living(data), how, form, whole)
    return make


def object_file(data, how):
    """The object file; for a large program an archive of several, which a library cannot be made of."""
    return _compiled("obj", whole=how.library)(data, how)


def externs(data, how, linked=True):
    """(the object file of the table of functions of C and of bridges to them, or None where the program has none; the libraries to link with).
    `linked`: the program is linked with these."""
    from ..llvm import externs as made
    program = living(data)
    if not made.externs(program):
        return None, []
    return made.compile_externs(program, how, linked), made.libraries(program)


def interface(data, taken=()):
    """The `exports.Interface` of a program. Raises exports.Refused."""
    return Interface(codec.decode(data), taken)


def header(data, how):
    """The C header of the functions that the program exports."""
    return interface(data).header().encode()


def graphs(data, how):
    """The graphs of all functions, as text."""
    from ..opt.graph import text
    from ..opt.program import Versions
    return "\n".join(text(version.graph) for version in Versions(codec.decode(data)).list).encode()


def bytecode(data, how):
    """The bytecode as text."""
    from myna.compiler.bytecode.text import disassemble
    return disassemble(codec.decode(data)).encode()


FORMS = {"bytecode": bytecode, "graph": graphs, "llvm": _compiled("llvm"), "asm": _compiled("asm"), "obj": _compiled("obj"), "header": header}
