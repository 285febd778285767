"""Stack bytecode as data: the table of instructions and the functions that the reader makes.

In:  nothing. Out: `INSTRUCTIONS`, `StackFunction`, the diagnostic codes of this package. Holds: one row an instruction,
which reader, checker and translator share.
"""
from typing import NamedTuple

from ..diagnostics import Diagnostic, register

register({
    "E0521": "malformed stack bytecode",
    "E0522": "index out of range in stack bytecode",
    "E0523": "label that is missing or stands in two places",
    "E0524": "operand stack underflow or unbalanced join",
    "E0525": "wrong kind of operand",
    "E0526": "function without `return`",
    "E0527": "stack bytecode too large",
})

VALUE, REFERENCE, FUNCTION = "value", "reference", "function"


class Instruction(NamedTuple):
    """A row of the table. `pops` lists kinds, the top of the stack last; `effect` is "" unless that is not all."""
    name: str
    operand: str        # "", or what the number after the name selects
    pops: tuple
    pushes: int         # values
    effect: str


_KINDS = {"v": VALUE, "r": REFERENCE, "f": FUNCTION}
_TABLE = """
load_const      constant    -       1
load_func       function    -       0   load_func
load_local      local       -       1
store_local     local       v       0
load_global     name        -       1
store_global    name        v       0
push_ref        reference   -       0   push_ref
load_ref        -           r       1
store_ref       -           rv      0
alloc_record    -           -       1
field_load      name        v       1
field_store     name        vv      0
index_load      -           vv      1
index_store     -           vvv     0
alloc_closure   count       -       1   alloc_closure
call            count       -       1   call
return          -           v       0   end
add             -           vv      1
sub             -           vv      1
mul             -           vv      1
div             -           vv      1
neg             -           v       1
gt              -           vv      1
geq             -           vv      1
eq              -           vv      1
and             -           vv      1
or              -           vv      1
not             -           v       1
goto            label       -       0   goto
if              label       v       0   if
label           label       -       0   label
dup             -           -       0   dup
swap            -           -       0   swap
pop             -           -       0   pop
startwhile      -           -       0
endwhile        -           -       0
"""


def _row(name, operand, pops, pushes, effect=""):
    kinds = () if pops == "-" else tuple(_KINDS[k] for k in pops)
    return Instruction(name, "" if operand == "-" else operand, kinds, int(pushes), effect)


INSTRUCTIONS = {row.name: row for row in (_row(*line.split()) for line in _TABLE.strip().splitlines())}
PRIMITIVE_NAMES = ("print", "input", "intcast")     # what functions 0, 1, 2 of the main function are when empty


class StackFunction:
    """One function literal. `code` holds (name, operand or None) pairs, `positions` where each stands in the source."""
    __slots__ = ("pos", "functions", "constants", "parameter_count", "local_vars", "local_ref_vars", "free_vars", "names",
                 "labels", "code", "positions", "places", "is_main")

    def __init__(self, pos):
        self.pos = pos
        self.functions = []
        self.constants = []
        self.parameter_count = 0
        self.local_vars, self.local_ref_vars, self.free_vars, self.names = [], [], [], []
        self.labels = []            # (number, index, source position) as declared
        self.code = []
        self.positions = []
        self.places = {}            # label number → index of its instruction; the checker fills it
        self.is_main = False

    def primitive(self, index):
        """The name of the primitive that functions[index] stands for, or None."""
        if self.is_main and index < len(PRIMITIVE_NAMES) and not self.functions[index].code:
            return PRIMITIVE_NAMES[index]
        return None


def diagnostic(source, code, message, pos, length=1):
    """A Diagnostic about `length` characters at `pos`."""
    return Diagnostic(code, message, source, pos, pos + length)
