"""What is known of a value: which forms it may have, and the type that the program promises.

In:  bytecode types. Out: `Fact`, `join`, `of_type`. Holds: a Fact without forms tells of a value that does not exist (yet); facts only grow by `join`.
A promised type comes from the type checker by way of the bytecode, which is not proof: what is made of it must be guarded.
"""
from typing import NamedTuple

from myna.compiler.bytecode.program import Type

INT, FLOAT, BOOL, NONE, UNSET, OTHER = 1, 2, 4, 8, 16, 32
NUMBER, ANY = INT | FLOAT, INT | FLOAT | BOOL | NONE | OTHER

_FORMS = {"dynamic": ANY, "none": NONE, "bool": BOOL, "int": INT, "float": FLOAT, "number": NUMBER, "param": ANY, "never": 0, "types": ANY,
          "f32": FLOAT, **dict.fromkeys(("i8", "i16", "i32", "u8", "u16", "u32", "u64"), INT), "object": ANY}


class Fact(NamedTuple):
    """`forms`: bits of what the value may be; `type`: the type it is promised to have, unless it is no object, or None; `sure`: it is certain that it has."""
    forms: int
    type: object = None
    sure: bool = False


NOTHING, ANYTHING = Fact(0), Fact(ANY | UNSET)


def join(a, b):
    """What is known of a value that is one or the other."""
    if not a.forms:
        return b
    if not b.forms:
        return a
    if not (a.forms & OTHER and b.forms & OTHER):       # only objects have types
        return Fact(a.forms | b.forms, *(a if a.forms & OTHER else b)[1:])
    same = a.type == b.type
    return Fact(a.forms | b.forms, a.type if same else None, same and a.sure and b.sure)


def of_type(type_):
    """What a promise says."""
    forms = _FORMS.get(type_.kind, OTHER)
    return Fact(forms | NONE if type_.optional else forms, type_._replace(optional=False) if forms == OTHER else None)


def meet(promise, given):
    """What is known of a value that is promised this, and that."""
    if promise.forms & given.forms == 0:
        return promise
    type_, sure = (given.type, given.sure) if given.type is not None and not promise.sure else (promise.type, promise.sure)
    forms = promise.forms & given.forms
    return Fact(forms, type_ if forms & ~(NONE | UNSET) == OTHER else None, sure)


def of_constant(value):
    """What is known of a constant of the program."""
    if value.__class__ is int:
        return Fact(INT)
    return Fact(FLOAT if value.__class__ is float else OTHER)


def item_of(type_):
    """The promised type of what a container holds, or None."""
    if type_ is not None and type_.kind in ("list", "array", "set") and type_.args:
        return type_.args[0]
    return Type("int") if type_ is not None and type_.kind in ("range", "bytes") else None
