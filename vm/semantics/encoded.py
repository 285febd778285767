"""Operands as they stand in the code: what an engine knows that executes an instruction at its place in the code, on its frame.

In:  the address of an instruction's word, the frame. Out: `Encoded`, the part of the operand protocol that reads and writes operands.
Holds: `self.pc`, `self.fp` and `self.rfp` are pointers, `self.wide` tells whether a `wide` prefix comes before the word: a bool, or an i1 where only
the program
that runs knows.
"""
from myna.compiler.bytecode.opcodes import BYTE_KINDS

from .. import layout
from .protocol import F64, I8, I16, I32, I64, Meaning, i64


class Encoded(Meaning):
    """See above."""

    def __init__(self, builder, op, wide, pc, fp, rfp=None):
        super().__init__(builder)
        self.op, self.wide, self.pc, self.fp, self.rfp = op, wide, pc, fp, rfp
        self._byte, self._word, self._cached = {}, {}, {}
        for operand in op.operands if op else ():
            if operand.kind in BYTE_KINDS:
                self._byte[operand.name] = (1 + len(self._byte), operand.kind)
            else:
                self._word[operand.name] = 1 + len(self._word)
        self.words = op.words if op else 1
        # All byte operands are decoded at the entry, so that every path shares them.
        self._operand = {name: self._decode(at, kind) for name, (at, kind) in self._byte.items()}

    def _decode(self, at, kind):
        b = self.b
        if kind == "h":
            return b.sext(self.load(I16, self.pc, 2), I64)
        low = b.zext(self.load(I8, self.pc, at), I64)
        signed = kind == "i"
        if self.wide is False:
            return self._signed(low, I8) if signed else low
        wide = b.or_(low, b.shl(b.zext(self.load(I8, self.pc, at - 4), I64), i64(8)))
        wide, low = (self._signed(wide, I16), self._signed(low, I8)) if signed else (wide, low)
        return wide if self.wide is True else b.select(self.wide, wide, low)

    def _signed(self, value, type_):
        return self.b.sext(self.b.trunc(value, type_), I64)

    def read(self, name, index=0):
        if (name, index) not in self._cached:
            self._cached[name, index] = self.load(I64, self.slot(name), 8 * index)
        return self._cached[name, index]

    def write(self, name, value, index=0):
        """Set tagged register operand `name`, or one after it."""
        self.store(value, self.slot(name), 8 * index)

    def slot(self, name):
        """The address of a tagged register operand."""
        return self.b.gep(self.fp, [self._operand[name]], source_etype=I64)

    def raw_slot(self, name):
        """The address of a raw register operand."""
        return self.b.gep(self.rfp, [self._operand[name]], source_etype=I64)

    def read_raw(self, name):
        """The word of a raw register."""
        return self.load(I64, self.raw_slot(name))

    def read_float(self, name):
        """The double in a raw register."""
        return self.load(F64, self.raw_slot(name))

    def write_raw(self, name, value):
        """Set a raw register to an i64 or a double."""
        self.store(value, self.raw_slot(name))

    def immediate(self, name):
        """A signed immediate as i64."""
        return self._operand[name]

    def count(self, name):
        """An unsigned byte operand as i64."""
        return self._operand[name]

    def word(self, name):
        """An extension word as i32."""
        return self.load(I32, self.word_address(name))

    def word_address(self, name):
        """The address of an extension word."""
        return self.address(self.pc, 4 * self._word[name])

    def constant(self, name):
        """The word of a constant: the extension holds its distance in bytes from this instruction."""
        return self.load(I64, self.address(self.pc, self.b.sext(self.word(name), I64)))

    raw_constant = constant     # the loader points a raw constant's distance at its unboxed word

    def closure(self):
        """The running closure's word."""
        return self.load(I64, self.fp, -8 * layout.FRAME_HEADER)

    def return_address(self):
        """The address of the next instruction."""
        return self.address(self.pc, 4 * self.words)
