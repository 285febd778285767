"""The functions of C that a standalone program is linked with.

In:  a Program, a triple and a CPU. Out: `compile_externs`, the object file of the table `linked_externs` (vm/native/c_extern.h), in which the
runtime finds them; `libraries`, what the program must be linked with besides.
Holds: LLVM is imported only when something is made. The table is an object of its own, so that no name that a program gives to a function of C meets those of its code.
"""
from myna.compiler.bytecode.program import Extern

TABLE = "linked_externs"
OWN = ("c", "m")        # libraries that every program is linked with


def externs(program):
    """The distinct (library, symbol) pairs of a program's functions of C, in order."""
    found = {(k.library, k.symbol): None for f in program.functions for k in f.consts if k.__class__ is Extern}
    return [(library, symbol) for library, symbol in found if symbol and symbol != TABLE]


def libraries(program):
    """The libraries that a program's functions of C are in, as their declarations name them, besides the C library."""
    return list({library: None for library, _ in externs(program) if library not in OWN})


def _escaped(text):
    """The characters of a string in LLVM's text."""
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\{byte:02X}" for byte in data), len(data) + 1


def text(program, triple):
    """The table as an LLVM module."""
    out, rows, declared = [f'target triple = "{triple}"'], [], {}
    for number, pair in enumerate(externs(program)):
        for kind, name in zip("ls", pair):
            escaped, size = _escaped(name)
            out.append(f'@{kind}{number} = private constant [{size} x i8] c"{escaped}\\00"')
        function = declared.setdefault(pair[1], f'@"{_escaped(pair[1])[0]}"')
        rows.append(f"{{ptr, ptr, ptr}} {{ptr @l{number}, ptr @s{number}, ptr {function}}}")
    rows.append("{ptr, ptr, ptr} zeroinitializer")
    out += [f"declare void {function}()" for function in declared.values()]
    return "\n".join([*out, f"@{TABLE} = constant [{len(rows)} x {{ptr, ptr, ptr}}] [{', '.join(rows)}]", ""])


def compile_externs(program, triple, cpu):
    """The object file of the table."""
    from llvmlite import binding as llvm

    from .compile import target_machine
    return target_machine(triple, cpu, 0).emit_object(llvm.parse_assembly(text(program, triple)))
