"""What checking a module finds out, for lowering.

In:  nothing; `check` fills it. Out: `Checked`; `UNCHECKED`, of a classic program, whose language has no types.
"""
from typing import NamedTuple


class Checked(NamedTuple):
    """`types`: expression node -> its static type. `places`: expression node -> the type of the place that its value goes to,
    where that is another. `functions`: Function node -> its type. `promised`: Function node of a method -> the result that what
    it overrides has. `warnings`: Diagnostics."""
    types: dict
    places: dict
    functions: dict
    promised: dict
    warnings: list


UNCHECKED = Checked({}, {}, {}, {}, [])
