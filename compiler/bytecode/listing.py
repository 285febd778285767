"""The disassembler: the text of a program, in the form that `text` describes.

In:  a `program.Program`, decoded from any bytes. Out: text that `text.assemble` turns into the same program.
Holds: an instruction is shown as such only where the builder would write exactly its words; other words are `.word`s.
"""
import math
import re
import struct
from bisect import bisect_right
from typing import NamedTuple

from . import opcodes, primitives
from .builder import Builder, method_name
from .opcodes import CONSTANT_KINDS
from .program import C_KINDS, BigInt, Export, Extern, FunctionRef, Names, Type

REGISTER_KINDS, RAW_KINDS = "drxw", "DS"
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ESCAPES = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


class Index(NamedTuple):
    """A constant given by its number instead of its value."""
    number: int


class Code(Builder):
    """A Builder that also takes constants by `Index` and jumps by distance, and leaves the line table alone."""

    def const(self, value):
        return value.number if value.__class__ is Index else super().const(value)

    def add_const(self, value):
        """Append a constant, even one that is in the table. Gives the index of the first equal one."""
        count = len(self.function.consts)
        first = self.const(value)
        if first < count:
            self.function.consts.append(value)
        return first

    def _jump(self, label, after):
        if label.__class__ is int:
            self.code.append(label & 0xFFFFFFFF)
        else:
            super()._jump(label, after)

    def _mark(self):
        pass

    def emit(self, op, operands, cache=0):
        """Append one instruction."""
        getattr(self, method_name(op))(*operands)
        if cache:
            self.code[-1] = cache


class Instruction(NamedTuple):
    """One decoded instruction. `operands` are ints, constants `Index`, without the cache."""
    at: int
    end: int
    op: opcodes.Op
    operands: tuple
    cache: int

    def target(self):
        """The word it may jump to, or None."""
        for operand, value in zip(self.op.operands, self.operands):
            if operand.kind == "J":
                return self.end + value
        return None


def _signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def _decode(code, at):
    """The Instruction at word `at`, or None if the words there are not what the builder would write."""
    first, high, start = code[at], 0, at
    if first & 255 == 0 and at + 1 < len(code):
        high, at = first, at + 1
        first = code[at]
    number = first & 255
    if not 0 < number < len(opcodes.OPS) or at + opcodes.OPS[number].words > len(code):
        return None
    op, cache, shift, operands = opcodes.OPS[number], 0, 8, []
    bits, word = (16 if high else 8), at + 1
    for kind, _ in op.operands:
        if kind in opcodes.WORD_KINDS:
            value, word = code[word], word + 1
            if kind == "C":
                cache = value
                continue
            value = Index(value) if kind in CONSTANT_KINDS else _signed(value, 32) if kind in "IJ" else value
        elif kind == "h":
            value = _signed(first >> 16, 16)
        else:
            value = first >> shift & 255 | (high >> shift & 255) << 8
            value = _signed(value, bits) if kind == "i" else value
            shift += 8
        operands.append(value)
    probe = Code(None, 0)
    probe.emit(op, operands, cache)
    if probe.code != code[start:word]:
        return None
    return Instruction(start, word, op, tuple(operands), cache)


def instructions(code):
    """Decode a function's code: Instructions, and the plain int of each word that is not one, in order."""
    at, out = 0, []
    while at < len(code):
        found = _decode(code, at)
        out.append(found or code[at])
        at = found.end if found else at + 1
    return out


def disassemble(program, meanings=False):
    """The text of a program; with `meanings` each instruction carries the table's description as a comment."""
    context = _Context(program, meanings)
    out = []
    for index, file in enumerate(program.files):
        out.append(f"{'.file' if index else '.program'} {_string(file.name)}")
        if list(file.line_starts) != [0]:
            out += _wrapped(".starts", map(str, file.line_starts), " ")
    if program.globals:
        out += _wrapped(".globals", map(_name, program.globals), ", ")
    for index, class_ in enumerate(program.classes):
        out += _class(index, class_)
    for index, function in enumerate(program.functions):
        out.append("")
        out += _Listing(context, index, function).lines()
    return "\n".join(out) + "\n"


def disassemble_function(program, index):
    """The text of one function of a program."""
    return "\n".join(_Listing(_Context(program, False), index, program.functions[index]).lines()) + "\n"


def _class(index, c):
    """The lines of one class."""
    parent = "" if c.parent is None else f" parent {_string(c.parent) if c.parent.__class__ is str else c.parent}"
    out = ["", f".class {index} {_string(c.name)}{parent}{' structural' * c.structural}{' extends' * c.extends}{' interface' * c.interface}"
           + (f" params {c.params}" if c.params else "") + (f" variance {c.variance}" if c.variance else "") + (f" c {C_KINDS[c.c]}" if c.c else "")]
    if c.fields:
        out += _wrapped(".fields", map(_name, c.fields), ", ")
    if c.interfaces:
        out += _wrapped(".interfaces", map(str, c.interfaces), " ")
    if c.supers:
        out += _wrapped(".supers", map(type_text, c.supers), ", ")
    if c.types:
        out += _wrapped(".types", map(type_text, c.types), ", ")
    return out + [f".method {_name(m.name)} fun {m.function}" for m in c.methods]


class _Context:
    """What the listings of a program's functions share."""

    def __init__(self, program, meanings):
        self.meanings = meanings
        self.starts = [list(file.line_starts) for file in program.files]
        self.ascending = [starts[:1] == [0] and all(a < b for a, b in zip(starts, starts[1:])) for starts in self.starts]
        first = {}
        self.globals = [_name(g) if first.setdefault(g, i) == i else f"#{i}" for i, g in enumerate(program.globals)]

    def global_text(self, index):
        """How a global is written as an operand."""
        return self.globals[index] if index < len(self.globals) else f"#{index}"

    def position(self, offset, file):
        """How a source position is written."""
        if file >= len(self.starts) or not self.ascending[file]:
            return f"@{offset}"
        starts = self.starts[file]
        line = bisect_right(starts, offset)
        return f"@{line}:{offset - starts[line - 1] + 1}"


def _wrapped(directive, items, separator, width=110):
    """Lines that begin with the directive and hold the items; at least one line."""
    lines, line = [], ""
    for item in items:
        if line and len(line) + len(item) > width:
            lines.append(line)
            line = ""
        line += (separator if line else "") + item
    return [f"{directive} {line}".rstrip() for line in lines + [line]]


def _string(text):
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(ESCAPES.get(c) or (c if c.isprintable() else f"\\u{{{ord(c):x}}}") for c in text) + '"'


def _name(text):
    return text if IDENTIFIER.fullmatch(text) else _string(text)


def constant_text(value):
    """How a constant is written."""
    kind = value.__class__
    if kind is str:
        return _string(value)
    if kind is FunctionRef:
        return f"fun {value.index}"
    if kind is Type:
        return "type " + type_text(value)
    if kind is Extern:
        return f"extern {_string(value.library)} {_string(value.symbol)} {type_text(value.type)}"
    if kind is Export:
        return f"export {_string(value.symbol)} fun {value.function} {type_text(value.type)} {_string(value.doc)} {{{', '.join(map(_name, value.names))}}}"
    if kind is Names:
        return "{" + ", ".join(map(_name, value)) + "}"
    if kind is BigInt:
        return f"bigint {int(value):#x}"
    if kind is float and math.isnan(value):
        return f"float 0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}"
    return repr(value)


def type_text(type_):
    """How a type is written inside a constant."""
    index = f" {type_.index}" if type_.index or type_.kind in ("class", "param") else ""
    names = [_name(name) + ": " for name in type_.names] or [""] * len(type_.args)
    args = ", ".join(name + type_text(arg) for name, arg in zip(names, type_.args))
    return f"{type_.kind}{index}{f'<{args}>' if args else ''}{'?' if type_.optional else ''}"


class _Listing:
    """The lines of one function."""

    def __init__(self, context, index, function):
        self.context, self.index, self.function = context, index, function
        self.items = instructions(function.code)
        self.boundaries = self._boundaries()
        self.labels = self._labels()
        probe = Code(None, 0)
        self.first_const = [probe.add_const(value) for value in function.consts]    # of each: the first equal one

    def _boundaries(self):
        at, out = 0, set()
        for item in self.items:
            out.add(at)
            at = item.end if item.__class__ is Instruction else at + 1
        out.add(at)
        return out

    def _labels(self):
        places = {i.target() for i in self.items if i.__class__ is Instruction}
        for start, end, target, _ in self.function.handlers:
            places |= {start, end, target}
        return {place: f"L{n}" for n, place in enumerate(sorted(places & self.boundaries), 1)}

    def lines(self):
        """The whole function."""
        out = [self._header()]
        out += [f".capture {'cell' if c.is_cell else 'value'} {'up ' if c.from_parent else 'r'}{c.index}"
                for c in self.function.captures]
        if self.function.signed:
            out.append(f".signature {constant_text(self.function.consts[0])}")
        if not self._consts_follow_uses():
            out += [f".const {constant_text(value)}" for value in self.function.consts[self.function.signed:]]
        out += [f".try {self._place(h.start)}..{self._place(h.end)} -> {self._place(h.target)}, r{h.register}"
                for h in self.function.handlers]
        positions = self._positions()
        if positions is None:
            out += _wrapped(".positions", map(str, self.function.lines), " ")
        return out + self._code(positions or {})

    def _header(self):
        f, name = self.function, ""
        if f.name is not None:
            name = " " + _string(f.name)
        given = (f" optional {f.optional}" if f.optional else "") + (" rest" if f.rest else "")
        extra = (f" raw {f.nraw}" if f.nraw else "") + (f" checks {f.checks}" if f.checks else "") + (f" body {f.body}" if f.body else "") + (f" file {f.file}" if f.file else "") + (" classic" if f.classic else "")
        return f".function {self.index}{name} params {f.nparams}{given} registers {f.nregs}{extra}"

    def _consts_follow_uses(self):
        """Whether assembling the uses alone gives the table of constants."""
        seen = {0: None} if self.function.signed else {}
        for item in self.items:
            if item.__class__ is Instruction:
                for value in item.operands:
                    if value.__class__ is Index:
                        seen.setdefault(value.number)
        return list(seen)[:len(self.first_const)] == self.first_const == list(range(len(self.first_const)))

    def _place(self, word):
        return self.labels.get(word, str(word))

    def _positions(self):
        """Word → source offset where every entry belongs to one instruction, in order; else None."""
        words = self.function.lines[::2]
        if any(a >= b for a, b in zip(words, words[1:])) or not self.boundaries.issuperset(words) or \
                (words and words[-1] >= len(self.function.code)):
            return None
        return dict(zip(words, self.function.lines[1::2]))

    def _code(self, positions):
        at, out = 0, []
        for item in self.items:
            if at in self.labels:
                out.append(self.labels[at] + ":")
            margin = self.context.position(positions[at], self.function.file) if at in positions else ""
            out.append(f"  {margin:<7} {self._item(item)}")
            at = item.end if item.__class__ is Instruction else at + 1
        if at in self.labels:
            out.append(self.labels[at] + ":")
        return out

    def _item(self, item):
        if item.__class__ is not Instruction:
            return f".word 0x{item:08x}"
        operands = [self._operand(o.kind, value, item) for o, value in zip(item.op.operands, item.operands)]
        if item.cache:
            operands.append(f"cache {item.cache}")
        text = f"{item.op.name} {', '.join(operands)}".rstrip()
        return f"{text:<36} // {item.op.doc}" if self.context.meanings else text

    def _operand(self, kind, value, item):
        if kind in REGISTER_KINDS:
            return f"r{value}"
        if kind in RAW_KINDS:
            return f"w{value}"
        if kind == "J":
            return self.labels.get(item.end + value) or f"{value:+d}"
        if kind in CONSTANT_KINDS:
            number = value.number
            known = number < len(self.first_const) and self.first_const[number] == number
            return constant_text(self.function.consts[number]) if known else f"#{number}"
        if kind == "G":
            return self.context.global_text(value)
        if kind == "P":
            return primitives.PRIMITIVES[value].name if value < len(primitives.PRIMITIVES) else f"#{value}"
        return str(value)
