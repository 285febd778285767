"""Imports prompt_toolkit without what a prompt does not need, which is a quarter of the time that takes.

In:  nothing. Out: prompt_toolkit can be imported as usual. Holds: what is left out is there for everybody else, and for prompt_toolkit when
it needs it: `ssl`, which asyncio does without when it is missing, and the tables of `wcwidth`, of which ASCII has no need.
"""
import gc
import sys
from functools import cache
from types import ModuleType


def width(char):
    """As wcwidth.wcwidth."""
    if " " <= char <= "~":
        return 1
    return real()(char)


@cache
def real():
    """The function itself."""
    from wcwidth import wcwidth
    return wcwidth


def load():
    """Import it."""
    stand_in = ModuleType("wcwidth")
    stand_in.wcwidth = width
    hidden = {name: module for name, module in (("ssl", None), ("wcwidth", stand_in)) if name not in sys.modules}
    sys.modules.update(hidden)
    gc.disable()        # what is imported stays: looking for garbage in it takes time and finds none
    try:
        import prompt_toolkit   # noqa: F401
    finally:
        gc.enable()
        for name in hidden:
            del sys.modules[name]
