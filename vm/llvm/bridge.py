"""Bridges: machine code that calls a function of C whose parameters and result are numbers, so that nothing is looked up at a call.

In:  a program.Extern, the address of its function. Out: a function `i32 bridge(Process *, const Value *arguments, Value *result)` in a
module: NOT_DONE (the runtime does it, or raises: nothing was called), DONE, or RAISED.
Holds: a bridge does what rt_extern does (vm/native/c_extern.c), which calls it first where there is one. It takes the common forms of
numbers only: an int beyond 63 bits, or a float that is no flonum, is left to the runtime.
"""
from llvmlite import ir

from .. import layout
from ..semantics.protocol import F64, I1, I8, I16, I32, I64, PTR, VOID, Meaning, i64

NOT_DONE, DONE, RAISED = range(3)
F32 = ir.FloatType()
# Kind of a bytecode type -> (its type in LLVM, whether it has a sign)
INTS = {"i8": (I8, True), "i16": (I16, True), "i32": (I32, True), "int": (I64, True), "u8": (I8, False), "u16": (I16, False),
        "u32": (I32, False), "u64": (I64, False)}
FLOATS = {"float": F64, "f32": F32}
RESULTS = {*INTS, *FLOATS, "bool", "none"} - {"u64"}        # a u64 may be too large for an int


def possible(extern):
    """Can there be a bridge to this function?"""
    *params, result = extern.type.args
    return all(p.kind in INTS or p.kind in FLOATS or p.kind == "bool" for p in params) and result.kind in RESULTS and not any(
        part.optional for part in extern.type.args)


class _Target:
    """The address of a C function, with its type, in the form that `builder.call` wants."""
    type = PTR

    def __init__(self, value, function_type):
        self._value, self.function_type = value, function_type

    def get_reference(self):
        """The address."""
        return self._value.get_reference()


class _Bridge(Meaning):
    """Meanings of what a bridge does: `write` gives the result, `next` ends it."""

    def __init__(self, module, function):
        super().__init__(ir.IRBuilder(function.append_basic_block("entry")))
        self.module = module
        self.process, self.arguments, self.result = function.args

    def write(self, name, word):
        self.store(word, self.result)

    def next(self):
        self.b.ret(I32(DONE))

    def argument(self, number, kind):
        """An argument as C takes it; guards that it has the common form of its kind."""
        word = self.load(I64, self.arguments, 8 * number)
        if kind in FLOATS:
            double = self.number_double(word)
            return double if kind == "float" else self.b.fptrunc(double, F32)
        if kind == "bool":
            self.guard(self.b.icmp_unsigned("==", self.b.or_(word, i64(layout.TRUE_BIT)), i64(layout.TRUE)))
            return self.b.icmp_unsigned("==", word, i64(layout.TRUE))
        type_, signed = INTS[kind]
        self.guard(self.is_fixnum(word))
        whole = self.fixnum_int(word)
        if not signed:
            self.guard(self.b.icmp_signed(">=", whole, i64(0)))
        if type_ == I64:
            return whole
        narrow = self.b.trunc(whole, type_)
        self.guard(self.b.icmp_unsigned("==", self.widened(narrow, kind), whole))
        return narrow

    def widened(self, value, kind):
        """An int of a kind in 64 bits."""
        type_, signed = INTS[kind]
        return value if type_ == I64 else (self.b.sext if signed else self.b.zext)(value, I64)

    def give(self, value, kind):
        """End with the result of a call."""
        if kind == "none":
            self.write("result", i64(layout.NONE))
            self.next()
        elif kind == "bool":
            self.write("result", self.boolean(value))
            self.next()
        elif kind in INTS:
            self.give_int(self.widened(value, kind))
        else:
            self.give_float(value if kind == "float" else self.b.fpext(value, F64))

    def give_int(self, whole):
        """A fixnum, or a boxed int."""
        with self.attempt():
            doubled, overflow = self.overflowing("add", whole, whole)
            self.guard(self.b.not_(overflow))
            self.write("result", doubled)
            self.next()
        self.boxed("rt_box_int", whole)

    def give_float(self, double):
        """A flonum or zero, or a boxed float."""
        with self.attempt():
            self.write_double("result", double)
        self.boxed("rt_box_float", double)

    def boxed(self, entry, value):
        """The runtime makes the result."""
        done = self._call(entry, self.result, value)
        self.b.ret(self.b.select(done, I32(DONE), I32(RAISED)))


def function_type(extern):
    """The type of the C function."""
    types = {**{kind: type_ for kind, (type_, _) in INTS.items()}, **FLOATS, "bool": I1, "none": VOID}
    *params, result = [types[part.kind] for part in extern.type.args]
    return ir.FunctionType(result, params)


def _extended(kind):
    """What C expects of the upper part of a register with a small number."""
    return ("zeroext",) if kind == "bool" or kind in INTS and not INTS[kind][1] else ("signext",) if kind in INTS and kind != "int" else ()


def add(module, name, extern, address):
    """Add the bridge to a function at `address`, an LLVM value; the bridge."""
    function = ir.Function(module, ir.FunctionType(I32, [PTR, PTR, PTR]), name)
    function.linkage = "internal"
    op = _Bridge(module, function)
    *params, result = [part.kind for part in extern.type.args]
    with op.attempt():
        values = [op.argument(number, kind) for number, kind in enumerate(params)]
        attributes = {number: _extended(kind) for number, kind in enumerate(params) if _extended(kind)}
        called = op.b.call(_Target(address, function_type(extern)), values, arg_attrs=attributes)
        op.give(called, result)
    op.b.ret(I32(NOT_DONE))
    return function
