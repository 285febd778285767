"""Type checking: what the types of all expressions are, and what must go wrong (see `checker`).

`check` is the pass; the tree of a classic program is not checked, its language has no types.
"""
from myna.compiler.check.program import check

__all__ = ["check"]
