"""Writes what is known of code points as sorted tables in C.

In:  Python's copy of the Unicode data. Out: the text of unicode.h, which letters and digits are in, and of unicode_text.h for the module
`text`: categories, widths, cases. Holds: ranges ascend and do not touch, so that one binary search decides.
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


CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
CASES = {"upper": str.upper, "lower": str.lower, "title": str.title, "fold": str.casefold}


def _width(char):
    """How many cells of a terminal it takes: 0 for what is put upon the letter before it, 2 for wide characters."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf") and char != "\xad" or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _starts(value):
    """Words (code point << 8 | value) where the value of code points, in ascending order, becomes another."""
    found = []
    for code in range(sys.maxunicode + 1):
        its = value(chr(code))
        if not found or found[-1] & 255 != its:
            found.append(code << 8 | its)
    return found


def _runs(change):
    """[[first, last, step, difference]] of the code points that become one other, [(code, others)] of those that become several."""
    runs, several = [], []
    for code in range(0x80, sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000 or change(chr(code)) == chr(code):
            continue
        others = [ord(c) for c in change(chr(code))]
        if len(others) > 1:
            several.append((code, others))
            continue
        last = runs[-1] if runs else None
        if last and last[3] == others[0] - code and code - last[1] in ((1, 2) if last[0] == last[1] else (last[2],)):
            last[2] = code - last[1]
            last[1] = code
        else:
            runs.append([code, code, 1, others[0] - code])
    return runs, several


def text_header():
    """The text of unicode_text.h."""
    out = [HEAD, "typedef struct CaseRun { uint32_t first, last, step; int32_t difference; } CaseRun;",
           "typedef struct CaseText { uint32_t code, others[3]; } CaseText;"]
    for name, value in (("category", lambda c: CATEGORIES.index(unicodedata.category(c))), ("width", _width)):
        out += [f"static const uint32_t {name}_starts[] = {{", *(f"    {word:#x}," for word in _starts(value)), "};"]
    for name, change in CASES.items():
        runs, several = _runs(change)
        out += [f"static const CaseRun {name}_runs[] = {{", *("    {%#x, %#x, %d, %d}," % tuple(run) for run in runs), "};"]
        out += [f"static const CaseText {name}_texts[] = {{",
                *("    {%#x, {%s}}," % (code, ", ".join(map(hex, others))) for code, others in several or [(0, [0])]), "};"]
    return "\n".join([*out, ""])
