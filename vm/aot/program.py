"""What `myna build` makes of a program: an object file, or one of the forms that it takes on the way there.

In:  the bytes of a program that the verifier accepts, a `Build`. Out: `object_key`, which names the object file; `FORMS`, functions that make
it and the other forms, all with the same arguments.
Holds: the same arguments and sources give the same bytes, wherever and whenever. LLVM is imported only when something is made.
"""
from typing import NamedTuple

from myna.compiler.bytecode import codec

from .. import build
from ..toolchain import Target, digest

LEVELS = range(4)       # of optimisation: 0 compiles fastest, 2 is the usual one


class Build(NamedTuple):
    """How to compile: for which Target, optimised how much; `debug`: the folder from which the files' names are seen, absolute, if there is to
    be debug information."""
    target: Target
    level: int = 2
    debug: str | None = None


def object_key(data, how):
    """A name for the object file: different for whatever may make it different."""
    return digest(build.backend_id(), data, *how)


def _module(data, how):
    from ..llvm.compile import compile_module
    return compile_module(codec.decode(data), how.target.llvm, how.target.cpu.replace("_", "-"), how.level, how.debug)


def object_file(data, how):
    """The object file."""
    module, machine = _module(data, how)
    return machine.emit_object(module)


def externs(data, target):
    """(the object file of the table of functions of C and of bridges to them, or None where the program has none; the libraries to link with)"""
    from ..llvm import externs as made
    program = codec.decode(data)
    if not made.externs(program):
        return None, []
    return made.compile_externs(program, target.llvm, target.cpu.replace("_", "-")), made.libraries(program)


def assembly(data, how):
    """The assembler's text."""
    module, machine = _module(data, how)
    return machine.emit_assembly(module).encode()


def llvm_text(data, how):
    """LLVM's text, optimised."""
    return str(_module(data, how)[0]).encode()


def graphs(data, how):
    """The graphs of all functions, as text."""
    from ..opt.graph import text
    from ..opt.program import Versions
    return "\n".join(text(version.graph) for version in Versions(codec.decode(data)).list).encode()


def bytecode(data, how):
    """The bytecode as text."""
    from myna.compiler.bytecode.text import disassemble
    return disassemble(codec.decode(data)).encode()


FORMS = {"bytecode": bytecode, "graph": graphs, "llvm": llvm_text, "asm": assembly, "obj": object_file}
