"""Writes which code points are letters and digits, as sorted ranges in C.

In:  Python's copy of the Unicode data. Out: the text of unicode.h. Holds: ranges ascend and do not touch, so that one
binary search decides.
"""
import sys
import unicodedata

HEAD = f"/* Generated from Unicode {unicodedata.unidata_version}. */"


def ranges(test):
    """[(first, last)] of the code points past ASCII for which the test of the general category is true."""
    found = []
    for code in range(0x80, sys.maxunicode + 1):
        if test(unicodedata.category(chr(code))):
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return found


def header():
    """The text of unicode.h."""
    out = [HEAD, "typedef struct CodeRange { uint32_t first, last; } CodeRange;"]
    for name, test in (("letter", lambda category: category[0] == "L"), ("digit", lambda category: category == "Nd")):
        out += [f"static const CodeRange {name}_ranges[] = {{", *(f"    {{{first:#x}, {last:#x}}}," for first, last in ranges(test)), "};"]
    return "\n".join([*out, ""])
