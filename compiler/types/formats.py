"""Formats of values, as they stand in `"${x:>8.2f}"`: which there are, and which fit a kind of value.

In:  the text of a format. Out: `fault`, what is wrong with it. Holds: the machine's parser accepts the same (vm/native/prim_format.c).
"""
import re

FORM = "[[fill]align][sign][#][0][width][,][.precision][type]"
_FORMAT = re.compile(r"(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<sign>[-+ ])?(?P<alternate>#)?(?P<zero>0)?(?P<width>[0-9]+)?(?P<comma>,)?"
                     r"(?:\.(?P<precision>[0-9]+))?(?P<type>[bcdoxXeEfFgGs%?])?", re.S)
MOST_WIDTH = 1 << 20        # code points: a longer text is a mistake
MOST_DECIMALS = 1000        # no float has more digits that are not 0
_NUMBER_PARTS = ("sign", "alternate", "zero", "comma")
_FLOATS = "eEfFgG%"


def fault(text, kind, shown):
    """What is wrong with a format for a value of a kind ("int", "float", "string"), which is `shown` to people; or None."""
    found = _FORMAT.fullmatch(text)
    if found is None:
        return f"`{text}` is no format"
    for name in ("width", "precision"):
        digits = found[name] or ""
        if len(digits) > 9 or int(digits or 0) > MOST_WIDTH:
            return f"the {name} of the format is greater than {MOST_WIDTH}"
    return None if _FITS["string" if found["type"] == "?" else kind](found) else f"`{text}` is no format of {shown}"


def _string(found):
    return found["type"] in (None, "s", "?") and found["align"] != "=" and not any(found[name] for name in _NUMBER_PARTS)


def _float(found):
    return (found["type"] is None or found["type"] in _FLOATS) and int(found["precision"] or 0) <= MOST_DECIMALS


def _int(found):
    kind = found["type"] or "d"
    if kind in _FLOATS:
        return _float(found)
    if kind == "s" or found["precision"] is not None or found["comma"] and kind != "d" or found["alternate"] and kind not in "boxX":
        return False
    return kind != "c" or not found["sign"] and not found["zero"]


_FITS = {"int": _int, "float": _float, "string": _string}
