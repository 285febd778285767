"""The tables of primitives of a standalone program: only those that it can call, so that the linker leaves out the others.

In:  a Program and its bytes. Out: `primitive_tables`, lines of LLVM text that define what `primitives.h` declares.
Holds: every primitive that the program can reach at run time is in them: by its number in an instruction, or as a method by its name,
which is then one of the program's strings; no program makes new names.
"""
from myna.compiler.bytecode import codec
from myna.compiler.bytecode.listing import Instruction, instructions
from myna.compiler.bytecode.primitives import PRIMITIVES

from ..layout import TYPES


def _numbers(program):
    """Numbers of primitives in instructions."""
    for f in program.functions:
        for instruction in instructions(f.code):
            if isinstance(instruction, Instruction):
                yield from (value for operand, value in zip(instruction.op.operands, instruction.operands) if operand.kind == "P")


def used_primitives(program, data):
    """The rows of the primitives that a program can call."""
    numbers, names = set(_numbers(program)), set(codec.strings(data))
    return [p for p in PRIMITIVES if p.number in numbers or (p.type and p.name.partition(".")[2] in names)]


def _text(name):
    return f'c"{name}\\00"', len(name) + 1


def primitive_tables(program, data):
    """Lines of LLVM text."""
    used = used_primitives(program, data)
    out, known = [], {p.number: f"ptr @primitive.{p.number}" for p in used}
    for p in used:
        symbol = "prim_" + p.name.replace(".", "_")
        constant, size = _text(p.name)
        out += [f"declare i1 @{symbol}(ptr, ptr, ptr)", f"@name.{p.number} = private unnamed_addr constant [{size} x i8] {constant}",
                f"@primitive.{p.number} = internal constant {{ptr, i32, i32, ptr}} {{ptr @name.{p.number}, i32 {p.arity}, i32 {p.required}, ptr @{symbol}}}"]
    count = max(known, default=-1) + 1
    entries = ", ".join(known.get(number, "ptr null") for number in range(count))
    rows = []
    for p in (p for p in used if p.type):
        offset = len(p.type) + 1        # the method's name is the end of the primitive's
        name = f"ptr getelementptr (i8, ptr @name.{p.number}, i64 {offset})"
        rows.append(f"{{i32, ptr, i32}} {{i32 {TYPES[p.type.upper()]}, {name}, i32 {p.number}}}")
    return [*out, f"@primitives = hidden constant [{count} x ptr] [{entries}]", f"@primitive_count = hidden constant i32 {count}",
            f"@method_rows = hidden constant [{len(rows)} x {{i32, ptr, i32}}] [{', '.join(rows)}]", f"@method_row_count = hidden constant i32 {len(rows)}"]
