"""The primitives: functions written in C that programs see as built-ins, and their names in each dialect.

In:  nothing. Out: `PRIMITIVES` in order of their numbers. The machine's table of C functions (`prim_<name>`) is
generated from this one. Holds: a number never changes its meaning within one version of the bytecode.
"""
from typing import NamedTuple


class Primitive(NamedTuple):
    number: int
    name: str       # of the C function, with `.` as `_`
    arity: int
    dialects: str   # where it is a predefined name: "classic", "ms", both, or "" (reached as a method or by the compiler)
    doc: str


_TABLE = """
print       | 1 | classic ms | print(v): write the printed form of v and a newline; gives None
input       | 0 | classic ms | input(): the next line of standard input without its newline, "" at the end
intcast     | 1 | classic    | intcast(s): the integer a string spells in decimal
sqrt        | 1 | ms         | sqrt(x): square root as a float
floor       | 1 | ms         | floor(x): greatest int not above x
int         | 1 | ms         | int(x): an int from a number (truncated) or a string
float       | 1 | ms         | float(x): a float from a number or a string
str         | 1 | ms         | str(v): the printed form of v
len         | 1 | ms         | len(v): length of a string in code points, of a list, or number of a record's fields
clock       | 0 | ms         | clock(): CPU time of the program in seconds
format      | 2 | ms         | format(x, digits): x with that many decimals
Error       | 1 | ms         | Error(message): an error value for `throw`
list.push   | 2 |            | xs.push(v): append v
list.pop    | 1 |            | xs.pop(): remove and give the last item
"""


def _row(number, line):
    name, arity, dialects, doc = (part.strip() for part in line.split("|", 3))
    return Primitive(number, name, int(arity), dialects, doc)


PRIMITIVES = tuple(_row(number, line) for number, line in enumerate(_TABLE.strip().splitlines()))
BY_NAME = {p.name: p for p in PRIMITIVES}


def predefined(dialect):
    """Name -> Primitive of the names that a program in this dialect ("classic" or "ms") starts with."""
    return {p.name: p for p in PRIMITIVES if dialect in p.dialects.split()}
