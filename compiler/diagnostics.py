"""What the compiler tells its user: coded messages that point into a source text.

In:  a code of the catalogue, a message, and the span in the source that it is about.
Out: text for people (a source line with a caret span) or one JSON object a line for tools.
Holds: every code has one row in `CODES`; a diagnostic with another code cannot be made.
"""

# Code → title. A title says in a few words what kind of mistake it is; the message of a diagnostic says which one.
# E01xx lexical, E02xx syntax, E03xx names and scopes, E04xx limits, E05xx bytecode text.
CODES = {}


def register(codes):
    """Add the rows of `codes` (code → title) to the catalogue. A code has one owner: a second row is an error."""
    twice = CODES.keys() & codes.keys()
    if twice:
        raise ValueError(f"diagnostic codes registered twice: {sorted(twice)}")
    CODES.update(codes)


register({
    "E0101": "unknown character",
    "E0102": "string without an end",
    "E0103": "unknown escape in a string",
    "E0104": "malformed number",
    "E0105": "number out of range",
    "E0106": "comment without an end",
    "E0107": "text that is not UTF-8",
    "E0108": "format without an end",
    "E0201": "unexpected token",
    "E0202": "missing semicolon",
    "E0203": "bracket without its closing partner",
    "E0204": "closing bracket without its opening partner",
    "E0205": "unexpected end of file",
    "E0206": "reserved word used as a name",
    "E0207": "`else`, `catch` or `finally` without its statement",
    "E0208": "assignment where a condition is expected",
    "E0209": "assignment to something that cannot be assigned to",
    "E0210": "chained comparison",
    "E0211": "expression used as a statement",
    "E0212": "syntax that classic programs do not have",
    "E0213": "the same name twice",
    "E0214": "rest parameter before the last",
    "E0215": "module without a name",
    "E0216": "member that does not belong there",
    "E0217": "`after` out of place",
    "E0218": "argument without a name behind one with a name",
    "E0219": "record and map mixed",
    "E0401": "nesting too deep",
    "E0402": "too many errors",
})


class Diagnostic:
    """One message about the span `pos` … `end` of `source` (offsets; `end` is exclusive)."""

    __slots__ = ("code", "message", "source", "pos", "end", "help", "severity")

    def __init__(self, code, message, source, pos, end, help=None, severity="error"):
        if code not in CODES:
            raise ValueError(f"unknown diagnostic code {code}")
        self.code = code
        self.message = message
        self.source = source
        self.pos = pos
        self.end = max(end, pos)
        self.help = help
        self.severity = severity

    def __repr__(self):
        return f"Diagnostic({self.code}, {self.message!r}, {self.pos}..{self.end})"

    def text(self, color=False):
        """The message for people: headline, source line, caret span, help."""
        return _render(self, style(color))

    def json(self):
        """The message for tools: one JSON object on one line."""
        import json     # not needed on the way to running a program
        line, column = self.source.position(self.pos)
        end_line, end_column = self.source.position(self.end)
        return json.dumps({
            "code": self.code, "severity": self.severity, "message": printable(self.message),
            "file": printable(self.source.name), "line": line, "column": column, "end_line": end_line,
            "end_column": end_column, "help": self.help and printable(self.help)}, ensure_ascii=False)


class CompileError(Exception):
    """The program does not compile; `diagnostics` says why, in source order."""

    def __init__(self, diagnostics):
        super().__init__(diagnostics)
        self.diagnostics = list(diagnostics)

    def __str__(self):
        return render(self.diagnostics)


MAX_ERRORS = 50     # of one file that are shown; a text with more is not a program


def limited(diagnostics):
    """`diagnostics` of one source in order, the first MAX_ERRORS of them; E0402 says that there were more."""
    ordered = sorted(diagnostics, key=lambda d: (d.pos, d.code))
    if len(ordered) > MAX_ERRORS:
        del ordered[MAX_ERRORS:]
        last = ordered[-1]
        ordered.append(Diagnostic("E0402", "too many errors: the rest is not shown", last.source, last.pos, last.end))
    return ordered


def render(diagnostics, color=False):
    """The text form of several diagnostics, a line each or more."""
    return "\n".join(d.text(color) for d in diagnostics)


def render_json(diagnostics):
    """One JSON object a line."""
    return "\n".join(d.json() for d in diagnostics)


TAB_WIDTH = 4       # columns to which a tab is shown; fixed, so that the caret stands under its character everywhere
WINDOW = 100        # columns of a long source line that are shown: fits a usual terminal with the margin
LEAD = 40           # of them at most this many before the caret, so that the error's context stays in view

_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "help": "\x1b[1;36m", "off": "\x1b[0m"}
_PLAIN = dict.fromkeys(_COLORS, "")


def style(color):
    """The escape sequences of text for people: of "error", "warning", "bold", "help" and "off"."""
    return _COLORS if color else _PLAIN


def quote(source, pos, end, mark="", off=""):
    """The line of a source with a caret span under `pos` … `end`, as two lines of text."""
    line, column = source.position(pos)
    end_line, end_column = source.position(end)
    text = source.line_text(line)
    start = min(column - 1, len(text))
    stop = end_column - 1 if end_line == line else len(text)
    shown, before, width = _window(text, start, max(stop, start + 1))
    return ["    " + shown, "    " + " " * before + mark + "^" * width + off]


def _render(diagnostic, style):
    source = diagnostic.source
    line, column = source.position(diagnostic.pos)
    mark, off = style.get(diagnostic.severity, style["error"]), style["off"]
    lines = [f"{style['bold']}{printable(source.name)}:{line}:{column}:{off} {mark}{diagnostic.severity}"
             f"[{diagnostic.code}]{off}{style['bold']}: {printable(diagnostic.message)}{off}",
             *quote(source, diagnostic.pos, diagnostic.end, mark, off)]
    if diagnostic.help:
        lines.append(f"    {style['help']}help:{off} {printable(diagnostic.help)}")
    return "\n".join(line.rstrip() for line in lines)


def _window(text, start, stop):
    """What is shown of a line: (text, columns before the caret, columns under it)."""
    low = max(0, start - LEAD) if len(text) > WINDOW else 0
    high = min(len(text), low + WINDOW)
    head = "…" if low else ""
    tail = "…" if high < len(text) else ""
    before = len(head + printable(text[low:start]))
    width = max(1, len(printable(text[start:min(stop, high)])))
    return head + printable(text[low:high]) + tail, before, width


def printable(text):
    """`text` with tabs widened and what a terminal would not show as one column (controls, lone surrogates) replaced."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " * TAB_WIDTH if c == "\t" else "�" for c in text)
