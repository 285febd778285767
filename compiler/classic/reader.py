"""Reads the text of stack bytecode.

In:  a Source. Out: the main function as a `StackFunction` tree, or CompileError. Holds: every name of an instruction is
in the table and has its number; nothing is known yet about what the numbers mean. Nesting is bounded by memory only.
"""
import re

from ..diagnostics import CompileError
from .stack_code import INSTRUCTIONS, StackFunction, diagnostic

_TOKENS = re.compile(r"""
    (?:[ \t\r\n\f\v]+ | //[^\n]*)*+
    (?: (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<int>-?[0-9]+)
  | (?P<mark>[{}\[\]=,;:])
  | (?P<string>"(?:[^"\\]|\\.)*+")
  | (?P<open>"(?:[^"\\]|\\.)*+\\?)
  | (?P<end>\Z)
  | (?P<bad>.))
""", re.VERBOSE | re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_UNESCAPED = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}
_WORDS = {"None": None, "true": True, "false": False}
INT_MIN, INT_MAX = -1 << 31, (1 << 31) - 1


def read(source):
    """The main function of a `.mitbc` text."""
    return _Reader(source).program()


class _Reader:
    def __init__(self, source):
        self.source = source
        self.tokens = [(m.lastgroup, m[m.lastindex], m.start(m.lastindex)) for m in _TOKENS.finditer(source.text)]
        self.at = 0

    # -- tokens --

    def fail(self, message, token=None, code="E0521"):
        """Raise: the token (or the next one) is wrong."""
        _, text, pos = token or self.tokens[self.at]
        raise CompileError([diagnostic(self.source, code, message, pos, len(text))])

    def unexpected(self, expected):
        """Raise: the next token is not what must stand here."""
        kind, text, _ = self.tokens[self.at]
        if kind == "open":
            self.fail("a string that has no end")
        self.fail(f"expected {expected}, found " + ("the end of the file" if kind == "end" else f"`{text[:40]}`"))

    def accept(self, text):
        """Whether the next token is this word or mark; then it is taken."""
        if self.tokens[self.at][1] != text or self.tokens[self.at][0] not in ("name", "mark"):
            return False
        self.at += 1
        return True

    def expect(self, text):
        """Take this word or mark."""
        if not self.accept(text):
            self.unexpected(f"`{text}`")

    def take(self, kind, what):
        """The next token, which must be of this kind."""
        token = self.tokens[self.at]
        if token[0] != kind:
            self.unexpected(what)
        self.at += 1
        return token

    def number(self, what):
        """A number that is not negative."""
        kind, text, _ = token = self.tokens[self.at]
        if kind != "int":
            self.unexpected(f"the number of a {what}")
        if text[0] == "-" or len(text) > 9:
            self.fail(f"the number of a {what} cannot be {text[:20]}", token, "E0522")
        self.at += 1
        return int(text)

    # -- functions --

    def program(self):
        """The whole text: one function."""
        stack = [self.begin()]
        stack[0].is_main = True
        while True:
            if self.accept("]"):
                function = stack.pop()
                self.rest(function)
                if not stack:
                    break
                stack[-1].functions.append(function)
                if self.accept(",") or self.tokens[self.at][1] == "]":
                    continue
                self.unexpected("`,` or `]`")
            stack.append(self.begin())
        if self.tokens[self.at][0] != "end":
            self.unexpected("the end of the file")
        return function

    def begin(self):
        """The start of a function up to its list of functions."""
        function = StackFunction(self.tokens[self.at][2])
        self.expect("function")
        self.expect("{")
        self.field("functions")
        self.expect("[")
        return function

    def field(self, name):
        """A field's name and `=`."""
        self.expect(name)
        self.expect("=")

    def rest(self, function):
        """The fields after the list of functions, and `}`."""
        self.expect(",")
        self.field("constants")
        function.constants = self.items(self.constant)
        self.expect(",")
        self.field("parameter_count")
        function.parameter_count = self.number("parameter")
        for name in ("local_vars", "local_ref_vars", "free_vars", "names"):
            self.expect(",")
            self.field(name)
            setattr(function, name, self.items(self.name))
        self.expect(",")
        self.field("labels")
        self.labels(function)
        self.expect(",")
        self.field("instructions")
        self.instructions(function)
        self.accept(",")
        self.expect("}")

    def items(self, item):
        """`[`, items with commas between, `]`."""
        self.expect("[")
        out = []
        while not self.accept("]"):
            if out and not self.accept(","):
                self.unexpected("`,` or `]`")
            out.append(item())
        return out

    def name(self):
        """A variable's or field's name."""
        return self.take("name", "a name")[1]

    def constant(self):
        """A constant's value."""
        token = kind, text, _ = self.tokens[self.at]
        if kind == "string":
            value = self.string(token)
        elif kind == "int":
            value = self.integer(token)
        elif kind == "name" and text in _WORDS:
            value = _WORDS[text]
        else:
            self.unexpected("a constant")
        self.at += 1
        return value

    def string(self, token):
        """The value of a string literal."""
        try:
            return _ESCAPE.sub(lambda m: _UNESCAPED[m.group(1)], token[1][1:-1])
        except KeyError as unknown:
            self.fail(f"unknown escape `\\{unknown.args[0]}` in a string", token)

    def integer(self, token):
        """An integer of 32 bits. 2147483648 is the operand of the `neg` that makes the smallest one."""
        value = int(token[1]) if len(token[1]) <= 11 else INT_MAX + 2
        if not INT_MIN <= value <= INT_MAX + 1:
            self.fail("an integer constant must have 32 bits", token, "E0522")
        return INT_MIN if value > INT_MAX else value

    def labels(self, function):
        """`{number : index; …}`, kept with their positions for the checker."""
        self.expect("{")
        while not self.accept("}"):
            pos = self.tokens[self.at][2]
            number = self.number("label")
            self.expect(":")
            function.labels.append((number, self.number("instruction"), pos))
            if not self.accept(";") and self.tokens[self.at][1] != "}":
                self.unexpected("`;` or `}`")

    def instructions(self, function):
        """`[`, instructions with or without commas between, `]`."""
        self.expect("[")
        tokens, code, positions = self.tokens, function.code, function.positions
        while tokens[self.at][0] == "name":
            _, text, pos = tokens[self.at]
            row = INSTRUCTIONS.get(text)
            if row is None:
                self.fail(f"there is no instruction `{text[:40]}`")
            self.at += 1
            code.append((text, self.number(row.operand) if row.operand else None))
            positions.append(pos)
            if tokens[self.at][1] == ",":
                self.at += 1
        if not self.accept("]"):
            self.unexpected("an instruction or `]`")
