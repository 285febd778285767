"""What an instruction does to registers.

In:  a function's code. Out: `decode`, its instructions; for each instruction the registers that it reads and writes, by operand.
Holds: an access is (operand, index, register): register number `index` of the run that begins at the operand. Raw registers have numbers
from `RAW` on. What the operand kinds of the instruction table leave open (runs of registers, calls' windows) is said here. `SOMETIMES` tells of
registers that are written on one of two ways only. A window's link, and what lies above, is not read after the call: it counts as untouched.
"""
from typing import NamedTuple

from myna.compiler.bytecode.opcodes import BYTE_KINDS, OPS
from myna.compiler.bytecode.primitives import PRIMITIVES

RAW = 1 << 16       # the number of the first raw register
LINK = 2            # registers of a window before the first argument


class Instruction(NamedTuple):
    """Words [at, end) of the code. `operands`: name -> number; constants by their index, jumps as the word they lead to."""
    at: int
    end: int
    op: object
    operands: dict

    @property
    def target(self):
        """The word that it may jump to, or None."""
        return self.operands.get("to")


def decode(function):
    """The Instructions of a verified function, in order."""
    code, at, out = function.code, 0, []
    while at < len(code):
        start, word, high = at, code[at], 0
        if word & 255 == 0:
            at += 1
            high, word = word, code[at]
        out.append(_instruction(OPS[word & 255], start, at, word, high, code))
        at = out[-1].end
    return out


def _instruction(op, start, at, word, high, code):
    operands, shift, extension, end = {}, 8, at + 1, at + op.words
    for kind, name in op.operands:
        if kind == "h":
            value = _signed(word >> 16, 16)
        elif kind in BYTE_KINDS:
            value = word >> shift & 255 | (high >> shift & 255) << 8
            value = _signed(value, 16 if high else 8) if kind == "i" else value + RAW if kind in "DS" else value
            shift += 8
        else:
            value, extension = code[extension], extension + 1
            value = _signed(value, 32) if kind == "I" else end + _signed(value, 32) if kind == "J" else value
        operands[name] = value
    return Instruction(start, end, op, operands)


def binds(function):
    """Does a function look for type arguments behind its call?"""
    return any(item.op.name == "bindtypes" for item in decode(function))


def globals_read(program):
    """The numbers of the variables of modules that something reads."""
    return {item.operands["g"] for f in program.functions for item in decode(f) if item.op.name == "getglobal"}


def _signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def _run(name, first, count, start=0):
    return [(name, index, first + index) for index in range(start, start + count)]


def _closure(o, function, program):
    made = program.functions[function.consts[o["f"]].index]
    return [("f", n, capture.index) for n, capture in enumerate(made.captures) if not capture.from_parent], []


def fields(program, class_):
    """How many fields an instance of a class has, inherited ones too. Errors have three of their own."""
    parent = program.classes[class_].parent
    inherited = 0 if parent is None else 3 if isinstance(parent, str) else fields(program, parent)
    return inherited + len(program.classes[class_].fields)


def _loop(count, written):
    """The first two registers are read, those from number `written` on are written; the operand's own is both."""
    return lambda o, f, p: (_run("a", o["a"], 2)[1:], _run("a", o["a"], count)[written:])


def _in(count):
    """Operand b begins a run of `count(operands, function, program)` registers."""
    return lambda o, f, p: (_run("b", o["b"], count(o, f, p)), [])


# Instruction -> accesses (read, written) beyond the operand's own register. Where the operand itself is no register that counts, `_ONLY` has the instruction.
_MORE = {
    "fillnone": lambda o, f, p: ([], _run("a", o["a"], o["n"])),
    "closure": _closure,
    "call": lambda o, f, p: (_run("a", o["a"], 1) + _run("a", o["a"], o["n"], LINK), _run("a", o["a"], 1)),
    "callknown": lambda o, f, p: (_run("a", o["a"], o["n"], LINK), _run("a", o["a"], 1)),
    "invoke": lambda o, f, p: (_run("a", o["a"], o["n"] + 1, LINK), _run("a", o["a"], 1)),
    "forprep": _loop(3, 2),
    "forprepi": _loop(3, 1),
    "forloop": _loop(3, 2),
    "iternext": _loop(3, 1),
    "iterpair": _loop(4, 1),
    "record": _in(lambda o, f, p: len(f.consts[o["t"]])),
    "list": _in(lambda o, f, p: o["n"]),
    "tuple": _in(lambda o, f, p: o["n"]),
    "untuple": lambda o, f, p: ([("b", 0, o["b"])], _run("a", o["a"], o["n"])),
    "map": _in(lambda o, f, p: 2 * o["n"]),
    "construct": _in(lambda o, f, p: fields(p, f.consts[o["type"]].index)),
    "prim": _in(lambda o, f, p: PRIMITIVES[o["p"]].arity),
    "extern": _in(lambda o, f, p: len(f.consts[o["x"]].type.args) - 1),
}
for _same, _names in {"call": ["callraw", "calltyped", "calltypedraw"], "invoke": ["invokeknown", "invokevirtual"]}.items():
    _MORE.update(dict.fromkeys(_names, _MORE[_same]))
# Instructions whose operand of this name is no access of its own: `_MORE` says all about it.
_RUNS = {**dict.fromkeys(["fillnone", "untuple"], "ab"), **dict.fromkeys(["record", "list", "tuple", "map", "construct", "prim", "extern"], "b")}


# Instruction -> (where it goes without writing its registers: 0 its jump target, 1 the next instruction; the first of them, by index).
SOMETIMES = {"forprep": (0, 2), "forprepi": (0, 2), "forloop": (1, 2), "iternext": (0, 2), "iterpair": (0, 2), "untuple": (0, 0)}


def accesses(instruction, function, program):
    """(accesses that read, accesses that write) of an instruction."""
    op, o = instruction.op, instruction.operands
    reads, writes = [], []
    for kind, name in op.operands:
        if name in _RUNS.get(op.name, ""):
            continue
        if kind in "rSx":
            reads.append((name, 0, o[name]))
        if kind in "dDx":
            writes.append((name, 0, o[name]))
    more = _MORE.get(op.name)
    if more:
        also_read, also_written = more(o, function, program)
        reads, writes = reads + also_read, writes + also_written
    return reads, writes
