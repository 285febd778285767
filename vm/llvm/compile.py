"""LLVM: from a program to object code.

In:  a Program, an `aot.program.Build`. Out: `compile_program`: an object file, or an archive of several; or LLVM's or the assembler's text;
`compile_units`, the same of LLVM text.
Holds: the LLVM of the C compiler does the work, in processes of its own, several at once: it is the same as llvmlite's, but built to be fast, and
nothing has to be loaded. What comes out does not depend on how many run at once.
"""
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor

from ..toolchain import zig
from . import shapes
from .debug import Debug
from .module import Module

FORMS = {"obj": ("-c", ".o"), "asm": ("-S", ".s"), "llvm": ("-S -emit-llvm", ".ll")}


def compile_program(program, how, form, whole):
    """The bytes of a program in a form (see FORMS). `whole`: one object file, else it may be an archive of several."""
    module = Module(program, inline=how.level > 0, debug=how.debug and Debug(program, how.debug))
    return compile_units(module.units(how.target.llvm, whole), how, form)


def compile_units(texts, how, form):
    """The bytes of what units of LLVM text become in a form; of several units, an archive."""
    with tempfile.TemporaryDirectory(prefix="myna-") as folder:
        with open(os.path.join(folder, "meanings.bc"), "wb") as file:
            file.write(shapes.bitcode())
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            made = list(pool.map(lambda item: _compile(folder, *item, how, form), enumerate(texts)))
        if len(made) > 1:
            zig(folder, "ar", "rcsD", "program.a", *made, where=folder)
            made = ["program.a"]
        with open(os.path.join(folder, made[0]), "rb") as file:
            return file.read()


def _compile(folder, number, text, how, form):
    """The file that a unit becomes. The compiler is told names without folders, since it may mention them in what it makes."""
    options, suffix = FORMS[form]
    source, out = f"{number}.ll", f"unit{number}{suffix}"
    with open(os.path.join(folder, source), "w", encoding="utf-8") as file:
        file.write(text)
    cpu = how.target.cpu + ("-fast_shld_rotate" if how.target.cpu.startswith("x86_64") else "")
    position = ["-fPIC"] if how.library else ["-fno-pic", "-fno-pie"] if how.target.system == "Linux" else []
    zig(folder, "cc", "-target", how.target.launcher, f"-mcpu={cpu}", f"-O{how.level}", "-g" if how.debug else "-g0", "-w", "-fno-sanitize=all", "-fno-stack-protector",
        *position, "-Xclang", "-mlink-builtin-bitcode", "-Xclang", "meanings.bc", *options.split(), source, "-o", out, quiet=True, where=folder)
    return out
