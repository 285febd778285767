"""How native code calls the meanings of instructions: each is two LLVM functions, which are made when Myna is built (`vm/gen/meanings.py`).

In:  the instruction table, the file `MEANINGS`. Out: `bitcode()`, a module with, for an instruction NAME,

    i8 @fast.NAME(process, out, operands...)        inlined where it is called; goes no further than the fast path
    i8 @cold.NAME(process, out, fp, word, operands...)  does the whole instruction, with the runtime's help; called, never inlined

and `shapes()`, what their operands are. Instructions that take raw operands in a graph (`RAW_OPERANDS`) have more functions, see `variant`. Both give
an outcome: `NEXT`, `JUMP`, `SLOW` (only the fast one: call the cold one), `RAISED`.
Holds: tagged registers are words for the fast function, which writes results to `out`, words in the order of `Shape.results`. The cold one finds its
operands in the code and in the frame `fp`: `word` is twice the number of the instruction's word, plus one behind a `wide` prefix. Where an operand is
raw in the table it has all operands as parameters (`at_word` tells), registers as pointers, and `word` is the number itself. Raw results go to `out`,
which is left out where there can be none. So a program's own module has little text. What precedes a call of the runtime is done twice.
"""
import json
from functools import cache
from typing import NamedTuple

from myna.compiler.bytecode.opcodes import CONSTANT_KINDS, OPS

from ..host import MEANINGS
from ..opt.graph import CONTAINERS, INDEXED, RAW_OPERANDS

NEXT, JUMP, SLOW, RAISED = range(4)
COLD_CONVENTION = "preserve_mostcc"

# What emission does itself: moves, constants, ends of blocks.
OWN = {"wide", "move", "loadk", "loadi", "loadnone", "loadtrue", "loadfalse", "loadunset", "fillnone", "jump", "ret", "retnone", "halt",
       "rmove", "rloadi", "rloadk", "typeargs", "typeargsr"}
# Registers that an operand of kind x stands for.
RUN = {"forprep": 3, "forprepi": 3, "forloop": 3, "iternext": 3, "iterpair": 4, "jointypes": 1}
# Operands that begin a run of registers, which lie in the frame for the fast function too; so does a call's window.
MEMORY = {"record": "b", "list": "b", "tuple": "b", "map": "b", "construct": "b", "prim": "b", "extern": "b", "untuple": "a"}
CLOSURE = {"getup", "getupcell", "setupcell"}


def variant(name, raw):
    """The name of an instruction's fast function that takes the operands in the dict `raw` so represented."""
    return "-".join([name, *(f"{operand}.{rep}" for operand, rep in sorted(raw.items()))])


def variants(name):
    """All non-empty choices of raw operands of an instruction."""
    choices = [{}]
    for operand, reps in RAW_OPERANDS.get(name, {}).items():
        choices = [{**choice, **({operand: rep} if rep else {})} for choice in choices for rep in (None, *reps)]
    if name in INDEXED:
        container, index, element = INDEXED[name]
        choices += [{**choice, container: kind} for choice in choices for kind, reps in CONTAINERS.items()
                    if choice.get(index) == "int" and (choice.get(element) in reps if element else "float" in reps)]
    return choices[1:]


class Param(NamedTuple):
    """An operand of the functions: `kind` as in the table, or "closure" or "delta" (distance of a call's frame in words)."""
    kind: str
    name: str
    index: int          # of the register in its run
    type: str           # of LLVM, in the fast function; tagged registers are pointers for the cold one; None: it has none


class Shape(NamedTuple):
    """How an instruction is called."""
    params: tuple       # of Param
    results: tuple      # of (operand, index), as they lie in `out`
    slow: bool          # may the fast function give SLOW? Then there is a cold one
    raises: bool        # may it give RAISED?
    fast: bool          # has it a fast path at all?


def params_of(op, raw={}):
    """The Params of an instruction."""
    out = []
    for kind, name in op.operands:
        if name in MEMORY.get(op.name, ()) or kind == "w":
            out.append(Param("memory", name, 0, "ptr"))
        elif kind in "rx":
            out += [Param(kind, name, index, "double" if raw.get(name) == "float" else "i64") for index in range(RUN.get(op.name, 1) if kind == "x" else 1)]
        elif kind == "d":
            out.append(Param("d", name, 0, None))
        elif kind in "Snih" or kind in CONSTANT_KINDS:
            out.append(Param(kind, name, 0, "i64"))
        elif kind in "GPI":
            out.append(Param(kind, name, 0, "i32"))
        elif kind == "C":
            out.append(Param(kind, name, 0, "ptr"))
    if op.operands and op.operands[0].kind == "w":
        out.append(Param("delta", "delta", 0, "i64"))
    if op.name in CLOSURE:
        out.append(Param("closure", "closure", 0, "i64"))
    return tuple(out)


def results_of(op):
    """(operand, index) of what an instruction writes, where that is not in memory for both functions."""
    out = []
    for kind, name in op.operands:
        if kind == "x":
            out += [(name, index) for index in range(RUN[op.name])]
        elif kind in "dDw" and name not in MEMORY.get(op.name, ()):
            out.append((name, 0))
    return tuple(out)


def at_word(op):
    """Does an instruction's cold function find all operands in the code and the frame? Else they are its parameters."""
    return not any(kind in "SD" for kind, _ in op.operands)


def unboxed(raw):
    """Of the choices of `variant`, those that the cold function knows too: ints and floats."""
    return {operand: rep for operand, rep in raw.items() if rep in ("int", "float")}


@cache
def _prepared():
    with open(MEANINGS, "rb") as file:
        head, _, bitcode = file.read().partition(b"\n")
    return (*json.loads(head), bitcode)


@cache
def shapes():
    """Instruction -> Shape."""
    found, flags = {}, _prepared()[0]
    for op in OPS:
        for raw in ({}, *variants(op.name)) if op.name not in OWN else ():
            name = variant(op.name, raw)
            found[name] = Shape(params_of(op, raw), results_of(op), *flags[name])
    return found


def functions():
    """All functions of the module: (name, calling convention or "", types of the parameters)."""
    return _prepared()[1]


def bitcode():
    """The module as bitcode. Its functions are external, so that linking keeps them."""
    return _prepared()[2]
