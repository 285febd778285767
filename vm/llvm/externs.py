"""The functions of C that a standalone program is linked with.

In:  a Program, an `aot.program.Build`. Out: `compile_externs`, the object file of the table `linked_externs` (vm/native/c_extern.h), in which the
runtime finds them, and of bridges to those that have some; `libraries`, what the program must be linked with besides.
Holds: LLVM is imported only when something is made. The table is an object of its own, so that no name that a program gives to a
function of C meets those of its code.
"""
from myna.compiler.bytecode.program import Extern

from .. import runtime_api

TABLE, COUNT = "linked_externs", "linked_extern_count"
TAKEN = {TABLE, COUNT, "", *runtime_api.ENTRIES}        # names that mean something else in the object file
OWN = ("c", "m")        # libraries that every program is linked with


def externs(program):
    """The Externs of a program in the order in which the machine reads them, each as often as it stands there."""
    return [k for f in program.functions for k in f.consts if k.__class__ is Extern]


def libraries(program):
    """The libraries that a program's functions of C are in, as their declarations name them, besides the C library."""
    return list({extern.library: None for extern in externs(program) if extern.library not in OWN})


def text(program, triple, linked=True):
    """The table and the bridges as LLVM's text. `linked`: the program is linked with libraries besides its own, and those functions are there."""
    from llvmlite import ir

    from . import bridge
    module, pointer, symbols, bridges, rows = ir.Module("externs"), ir.PointerType(), {}, {}, []
    module.triple, null = triple, ir.Constant(pointer, None)
    for extern in externs(program):
        address = bridged = null
        if extern.symbol not in TAKEN and (linked or extern.library in OWN):
            if extern.symbol not in symbols:
                symbols[extern.symbol] = ir.GlobalVariable(module, ir.IntType(8), extern.symbol)
            address = symbols[extern.symbol]
            if extern not in bridges:
                bridges[extern] = bridge.add(module, f"(bridge {len(bridges)})", extern, address) if bridge.possible(extern) else null
            bridged = bridges[extern]
        rows.append([address, bridged])
    row = ir.LiteralStructType([pointer, pointer])
    table = ir.Constant(ir.ArrayType(row, len(rows)), [ir.Constant(row, parts) for parts in rows])
    for name, value in ((TABLE, table), (COUNT, ir.Constant(ir.IntType(32), len(rows)))):
        variable = ir.GlobalVariable(module, value.type, name)
        variable.global_constant, variable.initializer, variable.align = True, value, 16      # as C's ABI has arrays
    return str(module)


def compile_externs(program, how, linked=True):
    """The object file of the table."""
    from .compile import compile_units
    return compile_units([text(program, how.target.llvm, linked)], how, "obj")
