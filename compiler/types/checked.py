"""What checking a module finds out, for lowering.

In:  nothing; `check` fills it. Out: `Checked`; `UNCHECKED`, of a classic program, whose language has no types.
"""
from typing import NamedTuple


class Checked(NamedTuple):
    """`types`: expression node -> its static type. `places`: expression node -> the type of the place that its value goes to,
    where that is another. `functions`: Function node -> its type. `promised`: Function node of a method -> the result that what
    it overrides has. `type_args`: Call or TypeApply node -> the type arguments that it gives. `warnings`: Diagnostics."""
    types: dict
    places: dict
    functions: dict
    promised: dict
    type_args: dict
    warnings: list


UNCHECKED = Checked({}, {}, {}, {}, {}, [])
