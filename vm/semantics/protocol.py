"""The operand protocol: what an instruction's meaning may say, and the LLVM helpers that all meanings share.

In:  an engine's subclass of `Meaning`, which knows where operands live and how control leaves. Out: the class every
function in this package is written against, and the registry `SEMANTICS` (instruction name -> function).
Holds: a meaning reads operands by their names in the instruction table, and every path through it ends in exactly one of
`next`, `jump`, `slow`, `raise_`, `enter`, `leave`. Fast paths come first, each inside `attempt()`; a failed `guard`
continues after the attempt: an interpreter puts the next attempt there, a compiler may put an exit there.
"""
from contextlib import contextmanager

from llvmlite import ir

from .. import layout, runtime_api

I1, I8, I16, I32, I64 = (ir.IntType(n) for n in (1, 8, 16, 32, 64))
F64, PTR, VOID = ir.DoubleType(), ir.PointerType(), ir.VoidType()
LIKELY = (2000, 1)
DESCRIPTION, VALUE, NUMBER = range(3)       # what a load or store may be of
_PARAM = {"Function*": PTR, "Value*": PTR, "i64*": PTR, "u32*": PTR, "void*": PTR, "Value": I64, "i64": I64, "u64": I64, "u32": I32, "f64": F64}
_RESULT = {"ok": I1, "truth": I32, "value": I64, "void": VOID}

SEMANTICS = {}


def semantics(*names):
    """Register a function as the meaning of the named instructions. It is called with (op) or, for several, (op, name)."""
    def register(function):
        for name in names:
            assert name not in SEMANTICS, name
            SEMANTICS[name] = function if len(names) == 1 else (lambda op, n=name: function(op, n))
        return function
    return register


def i64(value):
    """A 64-bit constant from a Python int of either sign."""
    return ir.Constant(I64, value & (1 << 64) - 1)


def i32(value):
    """A 32-bit constant."""
    return ir.Constant(I32, value & 0xFFFFFFFF)


class Callee:
    """A loaded code address in the form that `builder.call` wants."""
    type = PTR

    def __init__(self, address, function_type):
        self._address, self.function_type = address, function_type

    def get_reference(self):
        """As llvmlite's values write themselves."""
        return self._address.get_reference()


class Meaning:
    """Base of the engines' operand protocols: the parts that do not depend on where operands live."""
    F64 = F64
    raw_slots = False       # may instances have raw slots (layout.OBJECT_RAW)?

    def __init__(self, builder):
        self.b = builder
        self._fail = None

    # -- what an engine provides --
    def read(self, name, index=0):
        """The word of tagged register operand `name` (i64), or of the register `index` after it."""
        raise AssertionError("provided by the engine")

    def raw(self, name):
        """What an operand that is a tagged register in the table is for this engine: None, or "int" or "float", where the engine has it unboxed; then
        `read_raw` or `read_float` reads it, and `read` makes a word of it, guarding that it fits one."""
        return None

    def share(self, *names):
        """Read these operands here, so that all paths from here on share that, unless they are raw."""
        for name in names:
            if not self.raw(name):
                self.read(name)

    def read_index(self, name):
        """An operand that numbers an element, in the form that `index` and `index_bytes` take; guards that it is a fixnum, or raw."""
        word = self.read(name)
        self.guard(self.is_fixnum(word))
        return word

    def index(self, word):
        """The number as an i64."""
        return self.fixnum_int(word)

    def index_bytes(self, word):
        """Eight times the number."""
        return self.b.shl(word, i64(2))         # a fixnum is twice its int

    def read_int(self, name):
        """An int operand as an i64; guards that it is a fixnum, or raw."""
        word = self.read(name)
        self.guard(self.is_fixnum(word))
        return self.fixnum_int(word)

    def write_int(self, name, value):
        """Write an int as a fixnum and go on; guards that it is one."""
        fixnum, overflow = self.overflowing("add", value, value)
        self.guard(self.b.not_(overflow))
        self.write(name, fixnum)
        self.next()

    # -- control --
    @contextmanager
    def attempt(self):
        """A fast path: guards inside it that fail continue after the `with` block."""
        outer, self._fail = self._fail, self.b.append_basic_block("otherwise")
        yield
        assert self.b.block.is_terminated, "a fast path must leave the instruction"
        self.b.position_at_end(self._fail)
        self._fail = outer

    def guard(self, condition, likely=True):
        """Go on only if `condition` (i1) holds."""
        ok = self.b.append_basic_block("ok")
        branch = self.b.cbranch(condition, ok, self._fail)
        if likely:
            branch.set_weights(LIKELY)
        self.b.position_at_end(ok)

    @contextmanager
    def when(self, condition, likely=None):
        """Code for when `condition` holds; it must leave the instruction. What follows is for when it does not."""
        then, after = self.b.append_basic_block("then"), self.b.append_basic_block("else")
        branch = self.b.cbranch(condition, then, after)
        if likely is not None:
            branch.set_weights(LIKELY if likely else LIKELY[::-1])
        self.b.position_at_end(then)
        yield
        assert self.b.block.is_terminated
        self.b.position_at_end(after)

    def branch(self, name, condition):
        """Jump if `condition` (i1), else continue at the next instruction."""
        with self.when(condition):
            self.jump(name)
        self.next()

    # -- the runtime --
    def _call(self, name, *args):
        entry = runtime_api.ENTRIES.get(name) or runtime_api.NATIVE[name]
        assert len(args) == len(entry.params), name
        function = self.module.globals.get(name)
        if function is None:
            types = [PTR] + [_PARAM[t] for t in entry.params]
            function = ir.Function(self.module, ir.FunctionType(_RESULT[entry.result], types), name)
            if entry.result == "ok":
                function.return_value.attributes.add("zeroext")
        return self.b.call(function, [self.process, *args])

    def _effects(self, name):
        return runtime_api.ENTRIES[name].effects

    def barrier(self, holder, slot, value):
        """After storing `value` into `slot` of the object `holder`: heap.h's heap_barrier."""
        b = self.b
        gc = self.header(I8, holder, 2)
        old = b.icmp_unsigned("==", b.and_(gc, ir.Constant(I8, layout.GC_OLD | layout.GC_REMEMBERED)), ir.Constant(I8, layout.GC_OLD))
        slow, after = b.append_basic_block("barrier"), b.append_basic_block("stored")
        b.cbranch(b.and_(old, self.is_ref(value)), slow, after).set_weights(LIKELY[::-1])
        b.position_at_end(slow)
        self._remember(holder, slot, value)
        b.branch(after)
        b.position_at_end(after)

    def _remember(self, holder, slot, value):
        self._call("heap_barrier_slow", self.address(holder, -layout.REF_TAG), slot, value)

    def bump(self, size):
        """The address (i64) of `size` new bytes in the nursery; guards that they are there."""
        b = self.b
        start = self.process_field(I64, "alloc")
        end = b.add(start, size)
        self.guard(b.icmp_unsigned("<=", end, self.process_field(I64, "alloc_limit")))
        self.store(end, self.process, layout.OFFSET["Process"]["alloc"])
        return start

    def repeat(self, count, body):
        """Run `body(i)` for i from 0 to count - 1 (i64)."""
        b = self.b
        before, loop, after = b.block, b.append_basic_block("loop"), b.append_basic_block("done")
        b.cbranch(b.icmp_unsigned("==", count, i64(0)), after, loop)
        b.position_at_end(loop)
        i = b.phi(I64)
        i.add_incoming(i64(0), before)
        body(i)
        following = b.add(i, i64(1))
        i.add_incoming(following, b.block)
        b.cbranch(b.icmp_unsigned("<", following, count), loop, after)
        b.position_at_end(after)

    # -- memory --
    def load(self, type_, address, offset=0):
        """Load from `address` (i64 or pointer) plus a constant byte offset."""
        return self.b.load(self.address(address, offset), typ=type_)

    def store(self, value, address, offset=0):
        """Store to `address` (i64 or pointer) plus a constant byte offset."""
        self.b.store(value, self.address(address, offset))

    def address(self, base, offset=0):
        """A pointer `offset` bytes after `base` (i64 or pointer); `offset` an int or an i64 value."""
        if base.type == I64:
            base = self.b.inttoptr(base, PTR)
        if isinstance(offset, int):
            if offset == 0:
                return base
            offset = i64(offset)
        return self.b.gep(base, [offset], source_etype=I8)

    def mark(self, access, what):
        """Tell a compiler that this load or store is of what describes a value of the program, of a VALUE, or of the NUMBER in a raw slot; none is of two of these."""
        return access

    def store_item(self, value, address, offset=0):
        """Store what a program may see: an element, a field, a variable."""
        self.mark(self.b.store(value, self.address(address, offset)), VALUE)

    def load_item(self, type_, address, offset=0):
        """Load what a program may see."""
        return self.mark(self.load(type_, address, offset), VALUE)

    def load_number(self, address, offset):
        """Load the double in a raw slot."""
        return self.mark(self.load(F64, address, offset), NUMBER)

    def store_number(self, value, address, offset):
        """Set a raw slot."""
        self.mark(self.b.store(value, self.address(address, offset)), NUMBER)

    def header(self, type_, reference, at=0):
        """Load a part of the header of the object that the word `reference` points to, `at` bytes from its beginning."""
        return self.mark(self.load(type_, reference, at - layout.REF_TAG), DESCRIPTION)

    def field(self, type_, reference, struct, name):
        """Load a field of the object that the word `reference` points to."""
        value = self.load(type_, reference, layout.OFFSET[struct][name] - layout.REF_TAG)
        return value if (struct, name) == ("Cell", "value") else self.mark(value, DESCRIPTION)

    def process_field(self, type_, name):
        """Load a field of the process."""
        return self.mark(self.load(type_, self.process, layout.OFFSET["Process"][name]), DESCRIPTION)

    # -- values --
    def null(self):
        """A null pointer for a runtime entry."""
        return ir.Constant(PTR, None)

    def both_fixnums(self, x, y):
        """i1: the low bits of both words are 0."""
        return self.b.icmp_unsigned("==", self.b.and_(self.b.or_(x, y), i64(1)), i64(0))

    def is_fixnum(self, x):
        """i1: the word is a fixnum."""
        return self.b.icmp_unsigned("==", self.b.and_(x, i64(1)), i64(0))

    def is_flonum(self, x):
        """i1: the word is a flonum (zero is not)."""
        return self.b.icmp_unsigned("==", self.b.and_(x, i64(layout.FLONUM_MASK)), i64(layout.FLONUM_TAG))

    def both_flonums(self, x, y):
        """i1: both words are flonums."""
        return self.is_flonum(self.b.and_(x, y))

    def is_special(self, x):
        """i1: None, true, false or unset, which equal themselves only (the constant zero also equals the int)."""
        return self.b.icmp_unsigned("==", self.b.and_(x, i64(~(layout.TRUE_BIT | 8))), i64(layout.NONE))

    def is_ref(self, x):
        """i1: the word is a reference."""
        return self.b.icmp_unsigned("==", self.b.and_(x, i64(layout.REF_MASK)), i64(layout.REF_TAG))

    def type_byte(self, reference):
        """i8: the type number of the object."""
        return self.header(I8, reference)

    def is_type(self, type_byte, name):
        """i1: compare a type byte."""
        return self.b.icmp_unsigned("==", type_byte, ir.Constant(I8, layout.TYPES[name]))

    def fixnum_int(self, x):
        """The integer of a fixnum."""
        return self.b.ashr(x, i64(1))

    def int_fixnum(self, x):
        """The fixnum of an integer known to fit."""
        return self.b.shl(x, i64(1))

    def boolean(self, condition):
        """The word true or false."""
        return self.b.select(condition, i64(layout.TRUE), i64(layout.FALSE))

    def flonum_double(self, x):
        """The double of a flonum word."""
        return self.b.bitcast(self.b.sub(self.rotate_right3(x), i64(layout.FLONUM_BIAS)), F64)

    def number_double(self, x, exact=False):
        """The double of a word that is a fixnum, a flonum or zero; guards that it is one of them.

        `exact` also guards that a fixnum has no more than 53 bits, so that the double is the same number."""
        b = self.b
        fixnum, other, flonum, join = (b.append_basic_block(n) for n in ("fixnum", "other", "flonum", "double"))
        b.cbranch(self.is_fixnum(x), fixnum, other)
        b.position_at_end(fixnum)
        if exact:
            self.guard(b.icmp_unsigned("<", b.add(x, i64(1 << 54)), i64(1 << 55)))
        from_int, fixnum = b.sitofp(self.fixnum_int(x), F64), b.block
        b.branch(join)
        b.position_at_end(other)
        zero = b.block
        b.cbranch(b.icmp_unsigned("==", x, i64(layout.FLONUM_ZERO)), join, flonum)
        b.position_at_end(flonum)
        self.guard(self.is_flonum(x))
        from_flonum, end = self.flonum_double(x), b.block
        b.branch(join)
        b.position_at_end(join)
        phi = b.phi(F64)
        for value, block in ((from_int, fixnum), (ir.Constant(F64, 0.0), zero), (from_flonum, end)):
            phi.add_incoming(value, block)
        return phi

    def write_double(self, name, d):
        """Write a double as a flonum and go on; guards that it is one. Zero is tried second."""
        b = self.b
        bits = b.bitcast(d, I64)
        word = self.rotate_left3(b.add(bits, i64(layout.FLONUM_BIAS)))
        outer, self._fail = self._fail, b.append_basic_block("no_flonum")
        self.guard(self.is_flonum(word))
        self.write(name, word)
        self.next()
        b.position_at_end(self._fail)
        self._fail = outer
        self.guard(b.icmp_unsigned("==", bits, i64(0)))
        self.write(name, i64(layout.FLONUM_ZERO))
        self.next()

    def rotate_left3(self, x):
        """Rotate left by three (the back end sees the idiom)."""
        return self.b.or_(self.b.shl(x, i64(3)), self.b.lshr(x, i64(61)))

    def rotate_right3(self, x):
        """Rotate right by three."""
        return self.b.or_(self.b.lshr(x, i64(3)), self.b.shl(x, i64(61)))

    def overflowing(self, operation, x, y):
        """(result, i1 overflow) of signed `add`, `sub` or `mul`, on words of equal width."""
        pair = getattr(self.b, f"s{operation}_with_overflow")(x, y)
        return self.b.extract_value(pair, 0), self.b.extract_value(pair, 1)
