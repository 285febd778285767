"""Builds one function's instructions: a method for each instruction, labels, constants, source positions.

In:  calls such as `b.add(dst, x, y)`, `b.jlt(x, y, label)`, `b.getfield(dst, obj, "name")`. Out: `finish()` gives the
`program.Function`. Holds: methods take operands in the table's order without caches; register operands are ints below
65,536, wide forms are chosen here and nowhere else; a `Label` may be used before it is placed.
Instruction `and` is the method `and_` (so `or_`, `not_`, `is_`), `add.int` is `add_int`.
"""
import struct

from .opcodes import CONSTANT_KINDS, MAX_NARROW, OPS, WORD_KINDS
from .program import Function, Handler

LIMIT = 65535           # of registers and other byte operands in their wide form
_BYTE = {"i": "& 255"}
_RESERVED = {"and", "or", "not", "is"}


class TooLarge(Exception):
    """The function needs more registers, constants or code than an instruction can name."""


class Label:
    """A place in the code: `position` is its word offset once placed, `uses` the jumps that wait for it."""
    __slots__ = ("position", "uses")

    def __init__(self):
        self.position = None
        self.uses = []


def method_name(op):
    """The builder's method for an instruction."""
    name = op.name.replace(".", "_")
    return name + "_" if name in _RESERVED else name


class Builder:
    """See the module. `pos` is the source offset that instructions emitted from now on are charged to."""

    def __init__(self, name, nparams, classic=False):
        self.function = Function(name, nparams, classic)
        self.code = self.function.code
        self.lines = self.function.lines
        self.pos = 0
        self._line_pos = -1
        self._consts = {}
        self._labels = []
        self._handlers = []

    def label(self):
        """A new label, not placed yet."""
        return Label()

    def place(self, label):
        """Put `label` here."""
        label.position = len(self.code)
        if label.uses:
            self._labels.append(label)

    def here(self):
        """A label placed here, for backward jumps."""
        label = Label()
        label.position = len(self.code)
        return label

    def const(self, value):
        """The index of a constant; equal constants of one type share it (0.0 and -0.0 differ)."""
        key = (value, value.__class__) if value.__class__ is not float else struct.pack("d", value)
        index = self._consts.get(key)
        if index is None:
            index = self._consts[key] = len(self.function.consts)
            self.function.consts.append(value)
        return index

    def handler(self, start, end, target, register):
        """Errors raised between the labels `start` and `end` continue at the label `target`. Call inner ones first."""
        self._handlers.append((start, end, target, register))

    def capture(self, capture):
        """Append to the capture list; the index to use with getup, getupcell and setupcell."""
        self.function.captures.append(capture)
        return len(self.function.captures) - 1

    def finish(self, nregs, nraw=0, body=0):
        """Resolve labels and return the Function."""
        code = self.code
        for label in self._labels:
            for at in label.uses:
                code[at] = (label.position - at - code[at]) & 0xFFFFFFFF
        function = self.function
        function.nregs, function.nraw, function.body = nregs, nraw, body
        if max(nregs, nraw, len(function.captures)) > LIMIT:
            raise TooLarge("registers")
        function.handlers = [Handler(s.position, e.position, t.position, r) for s, e, t, r in self._handlers]
        return function

    def _mark(self):
        """Record the source position of the instruction that begins here."""
        self._line_pos = self.pos
        self.lines.append(len(self.code))
        self.lines.append(self.pos)

    def _wide(self, a, b, c):
        if max(a, b, c) > LIMIT or min(a, b, c) < -32768:
            raise TooLarge("operands")
        self.code.append(WIDE | (a >> 8 & 255) << 8 | (b >> 8 & 255) << 16 | (c >> 8 & 255) << 24)

    def _jump(self, label, after):
        """Append the distance to `label`, `after` words lying between this one and the next instruction's first."""
        if label.position is None:
            label.uses.append(len(self.code))
            self.code.append(after)
        else:
            self.code.append((label.position - len(self.code) - after) & 0xFFFFFFFF)


WIDE = OPS[0].code


def _method(op):
    """Write the emitting method of one instruction as Python source: straight code, as there are ten to a source line."""
    params, lines, parts, fields = [], [], [str(op.code)], ["0", "0", "0"]
    wide, signed, at = [], [], 0
    for operand in op.operands:
        if operand.kind in WORD_KINDS:
            continue
        name = operand.name + "_"
        params.append(name)
        if operand.kind == "h":
            lines.append(f"    if not -32768 <= {name} < 32768: raise TooLarge('immediate')")
            parts.append(f"({name} & 65535) << 16")
            continue
        elif operand.kind == "i":
            signed.append(name)
            lines.append(f"    if not -32768 <= {name} < 32768: raise TooLarge('immediate')")
            parts.append(f"({name} & 255) << {8 * at + 8}")
        else:
            wide.append(name)
            parts.append(f"{name} << {8 * at + 8}")
        fields[at] = name
        at += 1
    if "throw" in op.effects:
        lines.append("    if self.pos != self._line_pos: self._mark()")
    lines.append("    code = self.code")
    word = f"    code.append({' | '.join(parts)})"
    if wide or signed:
        narrow = [f"{name} <= {MAX_NARROW}" for name in wide]
        narrow += [f"-128 <= {name} < 128" for name in signed]
        masked = " | ".join([str(op.code)] + [f"({f} & 255) << {8 * i + 8}" for i, f in enumerate(fields) if f != "0"]
                            + [part for part in parts if "65535" in part])
        lines += [f"    if {' and '.join(narrow)}:", "    " + word, "    else:",
                  f"        self._wide({', '.join(fields)})", f"        code.append({masked})"]
    else:
        lines.append(word)
    words = [o for o in op.operands if o.kind in WORD_KINDS]
    for i, operand in enumerate(words):
        name = operand.name + "_"
        if operand.kind == "C":
            lines.append("    code.append(0)")
            continue
        params.append(name)
        if operand.kind in CONSTANT_KINDS:
            lines.append(f"    code.append(self.const({name}))")
        elif operand.kind == "J":
            lines.append(f"    self._jump({name}, {len(words) - i})")
        elif operand.kind == "G":
            lines += ["    self.function.globals.append(len(code))", f"    code.append({name})"]
        else:
            lines.append(f"    code.append({name} & 0xFFFFFFFF)")
    doc = f'    """{op.doc}"""'
    return "\n".join([f"def {method_name(op)}({', '.join(['self'] + params)}):", doc] + lines)


def _add_methods():
    space = {"TooLarge": TooLarge}
    exec("\n".join(map(_method, OPS[1:])), space)
    for op in OPS[1:]:
        setattr(Builder, method_name(op), space[method_name(op)])


_add_methods()
