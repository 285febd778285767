"""LLVM: from a program to object code.

In:  a Program, an `aot.program.Build`. Out: `compile_program`: an object file, or an archive of several; or LLVM's or the assembler's text;
`target_machine`, for
modules that are made with llvmlite.
Holds: the LLVM of the C compiler does the work, in processes of its own, several at once: it is the same as llvmlite's, but built to be fast, and
nothing has to be imported. What comes out does not depend
on how many run at once.
"""
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor

from ..toolchain import zig
from . import meanings
from .debug import Debug
from .module import Module

FORMS = {"obj": ("-c", ".o"), "asm": ("-S", ".s"), "llvm": ("-S -emit-llvm", ".ll")}


def target_machine(triple, cpu, optimize, library=False):
    """llvmlite's machine for a target; `library`: the code may lie anywhere, as that of shared libraries does."""
    from llvmlite import binding as llvm
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(triple)
    features = "-fast-shld-rotate" if triple.startswith("x86_64") else ""
    return target.create_target_machine(cpu=cpu, features=features, opt=optimize, reloc="pic" if library or "windows" in triple else "static", codemodel="small")


def compile_program(program, how, form, whole):
    """The bytes of a program in a form (see FORMS). `whole`: one object file, else it may be an archive of several."""
    module = Module(program, inline=how.level > 0, debug=how.debug and Debug(program, how.debug))
    texts = module.units(how.target.llvm, whole)
    with tempfile.TemporaryDirectory(prefix="myna-") as folder:
        with open(os.path.join(folder, "meanings.bc"), "wb") as file:
            file.write(meanings.bitcode())
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            made = list(pool.map(lambda item: _compile(folder, *item, how, form), enumerate(texts)))
        if len(made) > 1:
            archive = os.path.join(folder, "program.a")
            zig(folder, "ar", "rcsD", archive, *made)
            made = [archive]
        with open(made[0], "rb") as file:
            return file.read()


def _compile(folder, number, text, how, form):
    """The path of what a unit becomes. The compiler is told names without folders, since it may mention them in what it makes."""
    options, suffix = FORMS[form]
    source, out = f"{number}.ll", f"unit{number}{suffix}"
    with open(os.path.join(folder, source), "w", encoding="utf-8") as file:
        file.write(text)
    cpu = how.target.cpu + ("-fast_shld_rotate" if how.target.cpu.startswith("x86_64") else "")
    position = ["-fPIC"] if how.library else ["-fno-pic", "-fno-pie"] if how.target.system == "Linux" else []
    zig(folder, "cc", "-target", how.target.launcher, f"-mcpu={cpu}", f"-O{how.level}", "-g" if how.debug else "-g0", "-w", "-fno-sanitize=all", "-fno-stack-protector",
        *position, "-Xclang", "-mlink-builtin-bitcode", "-Xclang", "meanings.bc", *options.split(), source, "-o", out, quiet=True, where=folder)
    return os.path.join(folder, out)
