"""The text form of a program: assembler and disassembler.

In:  a `program.Program` (`disassemble`), or a text (`assemble`). Out: the text, or the Program; bad text raises
CompileError. Holds: `assemble(disassemble(p))` encodes to the bytes that `p` encodes to, for every Program that `codec`
can decode, verified or not. The assembler checks spelling and ranges only, so that malformed code can be written down.

One item a line, `//` comments. A program:

    .program "fib.ms"                       its name
    .starts 0 31 52                         offsets of the source's lines (left out: one line)
    .file "other.ms"                        another file that functions come from; its `.starts` follow
    .globals print, "odd name"              names of the globals
    .class 0 "Circle" parent 2 structural params 1 variance 1 c struct   a class; `parent` (an index, or the name of the machine's class)
                                            and what follows may be left out
    .class 1 "list" extends                 no class: methods that the program adds to a built-in type
    .class 2 "Shape" interface              others may name it in their `.interfaces`
    .fields r, "odd name"                   of that class, as the next four
    .supers class 1<param 0>, class 2<int>  types
    .types int, list<param 0>?
    .interfaces 1 3
    .method area fun 4
    .function 0 "fib" params 3 optional 1 rest registers 9 raw 2 checks 3 body 3 file 1 classic    all but `params` and `registers` may be left out
    .capture cell r3                        or `value`; `up 3` instead of the register: captured[3] of the maker
    .const "text"                           only where the order of uses does not give the table of constants
    .try L1..L2 -> L3, r5                   a handler, innermost first
    .positions 0 12 4 31                    word, offset pairs; only where they do not begin at instructions
    L1:                                     a label
      @2:5  getfield r1, r0, "x"            `@line:column` (or `@offset`) is the source position from here on
            jlti r1, -2, L1                 an instruction, operands in the order of the table
            .word 0x000000ff                a word as it is

Operands: `r0` tagged and `w0` raw registers, counts and immediates as numbers, labels, globals and primitives by name;
constants as `12`, `3.5`, `"text"`, `fun 3`, `{a, b}` (a record's names), `type int`, `type class 3?` (`?`: or None),
`type map<string, record<x: int>>`, `extern "m" "cos" function<float, float>`, `export "name" fun 3 function<int, int> "doc" {x}`, `float 0x7ff8000000000000` (bits of a float), `bigint -0xff`.
`#3` stands for a constant, global or primitive by index, `+3` and `-3` for a jump by distance, `cache 3` for a cache that
is not empty, a plain number for a place in `.try` by word. Registers and immediates that need it get the wide form.
"""
import math
import re
import struct
from array import array
from typing import NamedTuple

from ..diagnostics import CompileError, Diagnostic, register
from ..source import Source
from . import opcodes, primitives
from .builder import TooLarge
from .listing import ESCAPES, IDENTIFIER, RAW_KINDS, REGISTER_KINDS, Code, Index, disassemble
from .opcodes import CONSTANT_KINDS
from .program import (
    BIVARIANT, C_KINDS, INVARIANT, KINDS, TYPE_DEPTH, BigInt, Capture, Class, Export, Extern, FunctionRef, Handler, Method, Names, Program, SourceFile, Type)

__all__ = ["assemble", "disassemble"]

register({
    "E0501": "malformed bytecode text",
    "E0502": "unknown instruction or directive",
    "E0503": "unknown name in bytecode text",
    "E0504": "label that is missing or placed twice",
    "E0505": "number out of range in bytecode text",
})

U16, U32 = 1 << 16, 1 << 32

_TOKENS = re.compile(r"""
    (?P<space>[ \t\r]+ | //[^\n]*)
  | (?P<newline>\n)
  | (?P<string>"(?:[^"\\\n]|\\[^\n])*+")
  | (?P<open>"(?:[^"\\\n]|\\[^\n])*+\\?)
  | (?P<number>[+-]?(?:0[xX][0-9a-fA-F]+ | [0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)? | inf\b))
  | (?P<name>\.?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<mark>\.\. | -> | [@:,?{}<>\#])
  | (?P<bad>.)
""", re.VERBOSE | re.DOTALL)


class _Token(NamedTuple):
    kind: str       # newline, string, open (no closing quote), number, name, mark, bad, end
    text: str
    pos: int

    def shown(self):
        """The token in a message."""
        return {"newline": "the end of the line", "end": "the end of the text"}.get(self.kind) or f"`{self.text[:40]}`"


def _scan(text):
    tokens = [_Token(m.lastgroup, m.group(), m.start()) for m in _TOKENS.finditer(text) if m.lastgroup != "space"]
    return tokens + [_Token("newline", "", len(text)), _Token("end", "", len(text))]


def assemble(text, name="<assembly>"):
    """The Program that a text describes; `name` is what messages call the text. Raises CompileError."""
    return _Assembler(Source(name, text)).program()


class _Place(NamedTuple):
    """A label as the text uses it."""
    name: str
    token: _Token


class _Assembler:
    def __init__(self, source):
        self.source = source
        self.tokens = _scan(source.text)
        self.at = 0
        self.result = Program("")
        self.globals = {}
        self.builder = None         # of the function at hand

    # -- tokens --

    def fail(self, code, message, token=None):
        """Raise: the token (or the next one) is wrong."""
        token = token or self.tokens[self.at]
        raise CompileError([Diagnostic(code, message, self.source, token.pos, token.pos + len(token.text))])

    def take(self, kind, what):
        """The next token, which must be of this kind."""
        token = self.tokens[self.at]
        if token.kind != kind:
            self.fail("E0501", f"expected {what}, found {token.shown()}")
        self.at += 1
        return token

    def accept(self, text):
        """Whether the next token is this name or mark; then it is taken."""
        token = self.tokens[self.at]
        if token.text != text or token.kind not in ("name", "mark"):
            return False
        self.at += 1
        return True

    def expect(self, text):
        """Take this name or mark."""
        if not self.accept(text):
            self.fail("E0501", f"expected `{text}`, found {self.tokens[self.at].shown()}")

    def at_line_end(self):
        """Whether the line has no more tokens."""
        return self.tokens[self.at].kind == "newline"

    def number(self, what, low=0, high=U32 - 1):
        """An integer in [low, high]."""
        token = self.take("number", what)
        value = _integer(token.text)
        if value is None:
            self.fail("E0501", f"expected {what}, found {token.shown()}", token)
        if not low <= value <= high:
            self.fail("E0505", f"{what} must lie between {low} and {high}", token)
        return value

    def string(self):
        """The value of a string literal."""
        token = self.take("string", "a string")
        try:
            value = _ESCAPE.sub(_unescape, token.text[1:-1])
            value.encode("utf-8", "surrogateescape")
            return value
        except ValueError:
            self.fail("E0501", "a string with an unknown escape or a character that does not exist", token)

    def name_or_string(self, what):
        """An identifier, or any name in quotes."""
        if self.tokens[self.at].kind == "string":
            return self.string()
        token = self.take("name", what)
        if not IDENTIFIER.fullmatch(token.text):
            self.fail("E0501", f"expected {what}, found {token.shown()}", token)
        return token.text

    def names(self, end):
        """Comma-separated names up to where `end()` is true."""
        out = []
        while not end():
            if out:
                self.expect(",")
            out.append(self.name_or_string("a name"))
        return out

    # -- lines --

    def program(self):
        """The whole text."""
        while self.tokens[self.at].kind != "end":
            self.line()
            self.take("newline", "the end of the line")
        self.finish_function()
        return self.result

    def line(self):
        """One line up to its end."""
        if self.at_line_end():
            return
        if self.accept("@"):
            self.position()
            if self.at_line_end():
                return
        token = self.take("name", "an instruction, a directive or a label")
        if token.text == ".word":
            self.code(token).append(self.number("a word"))
        elif token.text in _DIRECTIVES:
            _DIRECTIVES[token.text](self)
        elif self.accept(":"):
            self.place(token)
        elif token.text in opcodes.BY_NAME and token.text != "wide":
            self.instruction(opcodes.BY_NAME[token.text], token)
        else:
            self.fail("E0502", f"there is no instruction or directive `{token.text}`", token)

    def code(self, token=None):
        """The code of the function at hand."""
        if self.builder is None:
            self.fail("E0501", "this must stand inside a function", token)
        return self.builder.code

    def set_name(self):
        """`.program`"""
        self.result.files[0] = self.result.files[0]._replace(name=self.string())

    def file(self):
        """`.file`"""
        self.result.files.append(SourceFile(self.string()))

    def starts(self):
        """`.starts`"""
        file = self.result.files[-1]
        if file.line_starts.__class__ is tuple:
            file = self.result.files[-1] = file._replace(line_starts=array("I"))
        while not self.at_line_end():
            file.line_starts.append(self.number("an offset"))

    def global_names(self):
        """`.globals`"""
        for name in self.names(self.at_line_end):
            self.globals.setdefault(name, len(self.result.globals))
            self.result.globals.append(name)

    def ordinal(self, what, items):
        """The index of the function or class that begins here: the next one."""
        if self.number(f"the {what}'s index") != len(items):
            self.fail("E0501", f"each {what} stands in order: this one is {what} {len(items)}", self.tokens[self.at - 1])

    def class_(self):
        """`.class`"""
        self.ordinal("class", self.result.classes)
        c = Class(self.string())
        if self.accept("parent"):
            named = self.tokens[self.at].kind == "string"
            c.parent = self.string() if named else self.number("the parent's index", 0, U32 // 2 - 2)
        c.structural = self.accept("structural")
        c.extends = self.accept("extends")
        c.interface = self.accept("interface")
        if self.accept("params"):
            c.params = self.number("a count of type parameters")
        if self.accept("variance"):
            c.variance = self.number("a variance", INVARIANT, BIVARIANT + 1)
        if self.accept("c"):
            c.c = self.by_name(_C_KINDS, "form in C")
        self.result.classes.append(c)

    def member(self):
        """The class at hand, for the directives that add to it."""
        if not self.result.classes:
            self.fail("E0501", "this must stand after a class", self.tokens[self.at - 1])
        return self.result.classes[-1]

    def fields(self):
        """`.fields`"""
        self.member().fields += self.names(self.at_line_end)

    def interfaces(self):
        """`.interfaces`"""
        c = self.member()
        while not self.at_line_end():
            c.interfaces.append(self.number("a class's index"))

    def supers(self):
        """`.supers`"""
        self.member().supers += self.types()

    def field_types(self):
        """`.types`"""
        self.member().types += self.types()

    def types(self):
        """Types up to the end of the line."""
        out = []
        while not self.at_line_end():
            if out:
                self.expect(",")
            out.append(self.type())
        return out

    def method(self):
        """`.method`"""
        c = self.member()
        name = self.name_or_string("the method's name")
        self.expect("fun")
        c.methods.append(Method(name, self.number("a function's index")))

    def function(self):
        """`.function`"""
        self.finish_function()
        self.ordinal("function", self.result.functions)
        name = self.string() if self.tokens[self.at].kind == "string" else None
        self.builder = Code(name, 0)
        self.labels, self.label_uses, self.handlers = {}, [], []
        f = self.builder.function
        while not self.at_line_end():
            token = self.take("name", "`params`, `optional`, `rest`, `registers`, `raw`, `checks`, `body`, `file` or `classic`")
            if token.text in ("classic", "rest"):
                setattr(f, token.text, True)
            elif token.text in _HEADER_FIELDS:
                setattr(f, _HEADER_FIELDS[token.text], self.number(f"the number after `{token.text}`"))
            else:
                self.fail("E0501", f"unknown property `{token.text}` of a function", token)

    def signature(self):
        """`.signature`"""
        self.code()
        self.expect("type")
        self.builder.function.signed = True
        self.builder.add_const(self.type())

    def capture(self):
        """`.capture`"""
        self.code()
        is_cell = self.accept("cell")
        if not is_cell:
            self.expect("value")
        if self.accept("up"):
            capture = Capture(True, is_cell, self.number("an index", 0, U16 - 1))
        else:
            capture = Capture(False, is_cell, self.register("r"))
        self.builder.function.captures.append(capture)

    def constant_entry(self):
        """`.const`"""
        self.code()
        token = self.tokens[self.at]
        value = self.constant()
        if value.__class__ is Index:
            self.fail("E0501", "expected a constant's value", token)
        self.builder.add_const(value)

    def handler(self):
        """`.try`"""
        self.code()
        start = self.handler_place()
        self.expect("..")
        end = self.handler_place()
        self.expect("->")
        target = self.handler_place()
        self.expect(",")
        self.handlers.append((start, end, target, self.register("r", U32 - 1)))

    def handler_place(self):
        """A label or a word's number."""
        if self.tokens[self.at].kind == "number":
            return self.number("a word's number")
        return self.label()

    def positions(self):
        """`.positions`"""
        self.code()
        while not self.at_line_end():
            self.builder.lines.append(self.number("a word's number"))
            self.builder.lines.append(self.number("an offset"))

    def position(self):
        """What follows `@`."""
        at = len(self.code())
        token = self.tokens[self.at]
        value = self.number("a line or an offset")
        if self.accept(":"):
            file = self.builder.function.file
            starts = self.result.files[file].line_starts if file < len(self.result.files) else ()
            if not 1 <= value <= len(starts):
                self.fail("E0505", f"the source has no line {value}", token)
            value = starts[value - 1] + self.number("a column", 1) - 1
            if value >= U32:
                self.fail("E0505", "the position lies outside any source", token)
        self.builder.lines.append(at)
        self.builder.lines.append(value)

    def place(self, token):
        """A label stands here."""
        self.code(token)
        label = self.label_named(token.text)
        if label.position is not None:
            self.fail("E0504", f"the label `{token.text}` stands in two places", token)
        self.builder.place(label)

    def label_named(self, name):
        """The builder's label for a name."""
        if name not in self.labels:
            self.labels[name] = self.builder.label()
        return self.labels[name]

    def label(self):
        """A use of a label."""
        token = self.take("name", "a label")
        self.label_uses.append(token)
        return self.label_named(token.text)

    def finish_function(self):
        """Resolve labels and add the function at hand to the program."""
        if self.builder is None:
            return
        for token in self.label_uses:
            if self.labels[token.text].position is None:
                self.fail("E0504", f"the label `{token.text}` stands nowhere", token)
        f = self.builder.function
        nregs, nraw, body, captures, f.captures = f.nregs, f.nraw, f.body, f.captures, []
        self.builder.finish(0)
        f.nregs, f.nraw, f.body, f.captures = nregs, nraw, body, captures
        f.handlers = [Handler(*(p if p.__class__ is int else p.position for p in h[:3]), h[3]) for h in self.handlers]
        self.result.functions.append(f)
        self.builder = None

    # -- instructions --

    def instruction(self, op, token):
        """The operands of an instruction, and its words."""
        self.code(token)
        operands, cache = [], 0
        for i, (kind, name) in enumerate(op.operands):
            if kind == "C":
                cache = self.cache()
                continue
            if i:
                self.expect(",")
            operands.append(self.operand(kind, name))
        try:
            self.builder.emit(op, operands, cache)
        except TooLarge:
            self.fail("E0505", "an operand is too large for this instruction", token)

    def cache(self):
        """A cache operand, which is left out when 0."""
        if not self.accept(","):
            return 0
        self.expect("cache")
        return self.number("a cache word")

    def operand(self, kind, name):
        """One operand of this kind."""
        if kind in REGISTER_KINDS:
            return self.register("r")
        if kind in RAW_KINDS:
            return self.register("w")
        if kind in CONSTANT_KINDS:
            return self.constant()
        if kind == "J":
            return self.jump()
        if kind == "G":
            return self.by_name(self.globals, "global")
        if kind == "P":
            return self.by_name(_PRIMITIVE_NUMBERS, "primitive")
        low, high = _RANGES[kind]
        return self.number(f"`{name}`", low, high)

    def register(self, letter, high=U16 - 1):
        """A register's number."""
        what = "a raw register such as `w0`" if letter == "w" else "a register such as `r0`"
        token = self.take("name", what)
        value = _integer(token.text[1:]) if token.text[0] == letter else None
        if value is None:
            self.fail("E0501", f"expected {what}, found {token.shown()}", token)
        if value > high:
            self.fail("E0505", f"a register's number must lie between 0 and {high}", token)
        return value

    def jump(self):
        """A label, or a distance with its sign."""
        if self.tokens[self.at].kind == "number":
            return self.number("a distance", -U32 // 2, U32 // 2 - 1)
        return self.label()

    def by_name(self, table, what):
        """A global or primitive by name, or `#` and its number."""
        if self.accept("#"):
            return self.number(f"the {what}'s number")
        token = self.tokens[self.at]
        if token.kind == "string":
            name = self.string()
        else:
            name = self.take("name", f"a {what}").text
        if name not in table:
            self.fail("E0503", f"there is no {what} `{name[:40]}`", token)
        return table[name]

    def constant(self):
        """A constant's value, or an Index."""
        token = self.tokens[self.at]
        if token.kind == "string":
            return self.string()
        if self.accept("#"):
            return Index(self.number("a constant's number"))
        if self.accept("fun"):
            return FunctionRef(self.number("a function's index"))
        if self.accept("type"):
            return self.type()
        if self.accept("extern"):
            return Extern(self.string(), self.string(), self.type())
        if self.accept("export"):
            return self.export()
        if self.accept("{"):
            names = Names(self.names(lambda: self.tokens[self.at].text == "}"))
            self.expect("}")
            return names
        if self.accept("float"):
            return struct.unpack("<d", struct.pack("<Q", self.number("the bits of a float", 0, (1 << 64) - 1)))[0]
        if self.accept("bigint"):
            return self.bigint()
        if token.kind == "name" and token.text == "inf":
            self.at += 1
            return math.inf
        if token.kind == "number" and _integer(token.text) is None:
            self.at += 1
            return float(token.text)
        return self.number("a constant", -1 << 63, (1 << 63) - 1)

    def export(self):
        """What stands behind `export`."""
        symbol = self.string()
        self.expect("fun")
        function, type_, doc = self.number("a function's index"), self.type(), self.string()
        self.expect("{")
        names = tuple(self.names(lambda: self.tokens[self.at].text == "}"))
        self.expect("}")
        return Export(symbol, function, type_, names, doc)

    def bigint(self):
        """A whole number of any size in hexadecimal digits."""
        token = self.take("number", "a hexadecimal number")
        if not _HEX.fullmatch(token.text):
            self.fail("E0501", f"expected a hexadecimal number, found {token.shown()}", token)
        return BigInt(int(token.text, 16))

    def type(self, depth=0):
        """A type's kind, index, parts and `?`."""
        token = self.take("name", "a kind of type")
        if token.text not in KINDS:
            self.fail("E0503", f"there is no kind of type `{token.text[:40]}`", token)
        if depth > TYPE_DEPTH:
            self.fail("E0505", "this type is nested too deep", token)
        index = self.number("a class's index") if self.tokens[self.at].kind == "number" else 0
        args, names = [], []
        if self.accept("<"):
            while not self.accept(">"):
                if args:
                    self.expect(",")
                if token.text == "record":
                    names.append(self.name_or_string("a field's name"))
                    self.expect(":")
                args.append(self.type(depth + 1))
        return Type(token.text, index, self.accept("?"), tuple(args), tuple(names))


_DIRECTIVES = {".class": _Assembler.class_, ".file": _Assembler.file, ".fields": _Assembler.fields, ".interfaces": _Assembler.interfaces,
               ".supers": _Assembler.supers, ".types": _Assembler.field_types,
               ".method": _Assembler.method, ".program": _Assembler.set_name, ".starts": _Assembler.starts, ".globals": _Assembler.global_names,
               ".function": _Assembler.function, ".signature": _Assembler.signature, ".capture": _Assembler.capture, ".const": _Assembler.constant_entry,
               ".try": _Assembler.handler, ".positions": _Assembler.positions}
_HEADER_FIELDS = {"params": "nparams", "optional": "optional", "registers": "nregs", "raw": "nraw", "body": "body", "checks": "checks",
                  "file": "file"}
_C_KINDS = {name: number for number, name in enumerate(C_KINDS)}
_PRIMITIVE_NUMBERS = {p.name: p.number for p in primitives.PRIMITIVES}
_RANGES = {"n": (0, U16 - 1), "i": (-U16 // 2, U16 // 2 - 1), "h": (-U16 // 2, U16 // 2 - 1), "I": (-U32 // 2, U32 // 2 - 1)}
_INTEGER = re.compile(r"[+-]?(?:[0-9]+|0[xX][0-9a-fA-F]+)")
_HEX = re.compile(r"[+-]?0[xX][0-9a-fA-F]+")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_UNESCAPES = {escape[1]: char for char, escape in ESCAPES.items()}


def _integer(text):
    """The value of a decimal or hexadecimal integer; None for other text. Absurdly long ones read as 2^99."""
    if not _INTEGER.fullmatch(text):
        return None
    if len(text) > 30:
        return -1 << 99 if text[0] == "-" else 1 << 99
    return int(text, 16 if "x" in text.lower() else 10)


def _unescape(match):
    """The character of an escape; raises ValueError for an unknown one."""
    code, char = match.groups()
    if code is not None:
        return chr(int(code, 16))
    if char not in _UNESCAPES:
        raise ValueError(char)
    return _UNESCAPES[char]
