"""Texts of what comes out of an input: its value, its type, what it made stale.

In:  an Outcome. Out: text, with escape sequences for colours where they are wanted. Holds: a value takes at most MOST_LINES lines,
and a line at most the terminal's width, as far as its parts allow.
"""
import re

MOST_LINES = 40         # of a value: what fits a screen, so that the input stays in sight
MOST_LINE = 2000        # code points of a part that cannot be broken, such as a long string

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[A-Za-z_]\w*|-?\d[\w.+-]*|[\[{(]|[\]})]|, ?|\s+|.', re.S)
COLOURS = {"string": "32", "number": "36", "constant": "35", "name": "", "type": "90", "note": "33"}
CONSTANTS = ("true", "false", "None")


def paint(text, kind, colours):
    """A text in the colour of its kind."""
    code = COLOURS[kind] if colours else ""
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def kind_of(token):
    """The kind of a token of a printed value."""
    if token[0] == '"':
        return "string"
    if token[0].isdigit() or token[0] == "-" and token[1:2].isdigit():
        return "number"
    return "constant" if token in CONSTANTS else "name"


def value(text, type_, width, colours):
    """A value and its type."""
    lines = broken(printable(text), width)
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = ["…"]
    shown = "\n".join("".join(paint(token, kind_of(token), colours) for token in TOKEN.findall(cut(line))) for line in lines)
    return f"{shown} {paint(': ' + type_, 'type', colours)}"


def cut(line):
    """A line without what is too much."""
    return line if len(line) <= MOST_LINE else line[:MOST_LINE] + "…"


def printable(text):
    """A text without what moves a terminal's cursor: a class's own `to_string` may give any."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def broken(text, width):
    """The lines of a value: containers that are too wide have their parts on lines of their own, those that hold no others as many on each as fit."""
    if len(text) <= width:
        return text.split("\n")
    tokens = TOKEN.findall(text)
    ends = closing(tokens)
    lines, line, at, depth = [], "", 0, 0
    open_ = []          # of the containers around: whether they are broken
    while at < len(tokens) and len(lines) <= MOST_LINES:
        token = tokens[at]
        if token in OPENS:
            whole = sum(map(len, tokens[at:ends[at] + 1])) if ends[at] is not None and ends[at] - at <= width else width
            if len(line) + whole < width:
                line += "".join(tokens[at:ends[at] + 1])
                at = ends[at] + 1
                continue
            lines.append(line + token)
            depth += 1
            open_.append(True)
            line = "  " * depth
        elif token in CLOSES and depth:
            depth -= 1
            open_.pop()
            if line.strip():
                lines.append(line)
            line = "  " * depth + token
        elif token.startswith(",") and depth:
            fits = simple(tokens, at) and len(line) + len(tokens[at + 1]) + len(", ,") <= width
            if fits:
                line += ", "
            else:
                lines.append(line + ",")
                line = "  " * depth
        else:
            line += token
        at += 1
    return [*lines, line] if line.strip() else lines


def simple(tokens, at):
    """Does the comma at `at` stand between two parts that are one token each?"""
    return at + 2 < len(tokens) and tokens[at + 2][0] in "]}," and tokens[at - 2][0] in "[{(," and tokens[at + 1] not in OPENS


OPENS, CLOSES = frozenset("[{("), frozenset("]})")


def closing(tokens):
    """For each bracket that opens where it is closed, or None."""
    ends, waiting = [None] * len(tokens), []
    for at, token in enumerate(tokens):
        if token in OPENS:
            waiting.append(at)
        elif token in CLOSES and waiting:
            ends[waiting.pop()] = at
    return ends


def stale(rows, colours):
    """Lines that tell what uses what was declared anew."""
    return [paint(f"note: {listed(users)} still {'uses' if len(users) == 1 else 'use'} the earlier `{name}`", "note", colours) for name, users in rows]


def listed(names):
    """Names as part of a sentence."""
    quoted = [f"`{name}`" if name.isidentifier() else name for name in names]
    return ", ".join(quoted[:-1]) + " and " + quoted[-1] if len(quoted) > 1 else quoted[0]
