"""Generates the meanings of instructions as LLVM functions for native code: see `vm/llvm/shapes.py`, which says what they are.

In:  the instruction table, `vm.semantics`, `vm.runtime_api`. Out: `prepare()`, what stands in the file `MEANINGS`. That takes longer than to compile a
small program, so it is done when Myna is built.
"""
import json
from typing import NamedTuple

from llvmlite import ir

from myna.compiler.bytecode.opcodes import BY_NAME, OPS

from .. import layout
from ..llvm.shapes import COLD_CONVENTION, JUMP, NEXT, OWN, RAISED, SLOW, at_word, params_of, results_of, unboxed, variant, variants
from ..semantics import SEMANTICS
from ..semantics.encoded import Encoded
from ..semantics.objects import guard_slots
from ..semantics.protocol import F64, I1, I8, I32, I64, PTR, Callee, Meaning, i32, i64

ENTRY = ir.FunctionType(I64, [PTR, PTR])        # native code of a function: (process, frame)
ERROR, AGAIN = 2, 3         # what rt_resume says, besides the answers 0 and 1
_TYPES = {"i64": I64, "i32": I32, "double": F64, "ptr": PTR}

def alias_kinds(module):
    """The tags of LLVM's type-based alias analysis, in the order of `protocol.DESCRIPTION` and the following."""
    if not hasattr(module, "alias_kinds"):
        root = module.add_metadata(["Myna"])
        types = [module.add_metadata([name, root, i64(0)]) for name in ("description", "value", "number")]
        module.alias_kinds = [module.add_metadata([type_, type_, i64(0)]) for type_ in types]
    return module.alias_kinds


class _Native(Meaning):
    """Control in native code: an instruction's function returns an outcome."""
    raw_slots = True

    def end(self, outcome):
        """Return an outcome."""
        self.b.ret(ir.Constant(I8, outcome))

    def next(self):
        self.end(NEXT)

    def jump(self, name):
        self.end(JUMP)

    def target(self, name):
        """Where a call with a known result goes on."""
        return self.return_address()

    def mark(self, access, what):
        access.set_metadata("tbaa", alias_kinds(self.module)[what])
        return access

    def fast_calls(self):
        return ir.Constant(I1, 1)

    def enter(self, callee, frame, raw, skip=None, to=None):
        b = self.b
        link = b.or_(b.ptrtoint(self.return_address(), I64), b.shl(self.distance(), i64(layout.LINK_DELTA_SHIFT)))
        self.store(link, frame, -8)
        function = self.field(PTR, callee, "Closure", "function")
        entry = self.load(PTR, function, layout.OFFSET["Function"]["entry" if skip is None else "known"])
        self.entered(b.call(Callee(entry, ENTRY), [self.process, frame]), to)

    def distance(self):
        """The distance of a call's frame from this one in words, an i64."""
        raise AssertionError("provided by the form")

    def entered(self, value, to=None):
        """A call gave `value`: it is the result, or an error was raised."""
        with self.when(self.b.icmp_unsigned("==", value, i64(layout.UNSET)), likely=False):
            self.end(RAISED)
        self.write("a", value)
        self.next() if to is None else self.jump(to)


class _Operands(_Native):
    """Operands are parameters of the function."""

    def __init__(self, module, function, op, params):
        super().__init__(ir.IRBuilder(function.append_basic_block("entry")))
        self.module, self.op, self._params = module, op, params
        self.process, self.out = params["process", 0], params.get(("out", 0))
        self.results = results_of(op)

    def distance(self):
        return self._params["delta", 0]

    def immediate(self, name):
        return self._params[name, 0]

    count = word_address = immediate

    def word(self, name):
        value = self._params[name, 0]
        return self.load(I32, value) if value.type == PTR else value       # a cache is a word of the code

    constant = raw_constant = immediate

    def slot(self, name):
        return self._params[name, 0]

    def closure(self):
        return self._params["closure", 0]

    def read_raw(self, name):
        return self._params[name, 0]

    def read_float(self, name):
        return self.b.bitcast(self._params[name, 0], F64)

    def raw_slot(self, name):
        return self.address(self.out, 8 * self.results.index((name, 0)))

    def return_address(self):
        """The address behind the instruction: only asked for the type arguments of a call, and for its cache."""
        return self.address(self._params["pc", 0], 4 * self.op.words)


class _Index(NamedTuple):
    """A raw operand that numbers an element."""
    value: object


class _Fast(_Operands):
    def __init__(self, module, function, op, params, raw):
        super().__init__(module, function, op, params)
        self.slows = self.raised = self.done = False
        self._raw = raw

    def raw(self, name):
        return self._raw.get(name)

    def read(self, name, index=0):
        if self._raw.get(name) not in ("int", "float"):
            return self._params[name, index]
        return self._word_of_int(name) if self._raw[name] == "int" else self._word_of_float(name)

    def _need(self, condition):
        """Only the cold function can go on unless `condition`."""
        with self.when(self.b.not_(condition), likely=False):
            self.end(SLOW)

    def _word_of_int(self, name):
        value = self._params[name, 0]
        self._need(self.b.icmp_unsigned("<", self.b.add(value, i64(1 << 62)), i64(1 << 63)))
        return self.b.shl(value, i64(1), flags=["nsw"])

    def _word_of_float(self, name):
        b = self.b
        bits = b.bitcast(self._params[name, 0], I64)
        zero = b.icmp_unsigned("==", bits, i64(0))
        word = self.rotate_left3(b.add(bits, i64(layout.FLONUM_BIAS)))
        self._need(b.or_(zero, self.is_flonum(word)))
        return b.select(zero, i64(layout.FLONUM_ZERO), word)

    def read_index(self, name):
        return _Index(self._params[name, 0]) if name in self._raw else super().read_index(name)

    def index(self, word):
        return word.value if isinstance(word, _Index) else super().index(word)

    def index_bytes(self, word):
        return self.b.shl(word.value, i64(3)) if isinstance(word, _Index) else super().index_bytes(word)

    def read_int(self, name):
        return self._params[name, 0] if name in self._raw else super().read_int(name)

    def read_float(self, name):
        value = self._params[name, 0]
        return value if value.type == F64 else super().read_float(name)

    def write(self, name, value, index=0):
        if name in self._raw:
            value = self._int_of_word(value) if self._raw[name] == "int" else self._float_of_word(value)
        self._give(name, value, index)

    def _give(self, name, value, index=0):
        self.store(value, self.out, 8 * self.results.index((name, index)))

    write_raw = _give

    def write_int(self, name, value):
        if self._raw.get(name) != "int":
            return super().write_int(name, value)
        self._give(name, value)
        self.next()

    def _int_of_word(self, word):
        self._need(self.is_fixnum(word))
        return self.fixnum_int(word)

    def _float_of_word(self, word):
        zero = self.b.icmp_unsigned("==", word, i64(layout.FLONUM_ZERO))
        self._need(self.b.or_(zero, self.is_flonum(word)))
        return self.b.select(zero, ir.Constant(F64, 0.0), self.flonum_double(word))

    def slot(self, name):
        value = self._params.get((name, 0))
        return value if value is not None and value.type == PTR else self.null()    # for the runtime, which is not called

    def end(self, outcome):
        self.slows, self.raised, self.done = self.slows or outcome == SLOW, self.raised or outcome == RAISED, self.done or outcome < SLOW
        super().end(outcome)

    def slow(self, name, *args):
        self.end(SLOW)

    reenter = slow

    def truth(self, name, *args):
        self.end(SLOW)
        self.b.position_at_end(self.b.append_basic_block("unreachable"))
        return ir.Constant(I1, 0)


class _Cold(_Native):
    """The whole instruction, with the runtime's help."""

    def start(self, word):
        """Tell the process where it is: at this word (i32) of the function whose closure is in the frame."""
        self.function = self.field(PTR, self.closure(), "Closure", "function")
        self.place = word
        self.pc = self.address(self.load(PTR, self.function, layout.OFFSET["Function"]["code"]), self.b.shl(self.b.zext(word, I64), i64(2)))
        self.store(self.pc, self.process, layout.OFFSET["Process"]["pc"])
        self.store(self.fp, self.process, layout.OFFSET["Process"]["fp"])

    def closure(self):
        return self.load(I64, self.fp, -8 * layout.FRAME_HEADER)

    def end(self, outcome):
        if outcome == RAISED:
            self._call("rt_passed", self.function, self.place)
        super().end(outcome)

    def _resumed(self, again):
        """The runtime did not do it: an error, or a method has to run first."""
        b = self.b
        state = self._call("rt_resume")
        with self.when(b.icmp_unsigned("==", state, i32(ERROR)), likely=False):
            self.end(RAISED)
        with self.when(b.icmp_unsigned("==", state, i32(AGAIN))):
            b.branch(again)
        return state

    def _loop(self):
        again = self.b.append_basic_block("again")
        self.b.branch(again)
        self.b.position_at_end(again)
        return again

    def _until(self, name, args):
        """Call an "ok" entry until it is done."""
        again = self._loop()
        ok = self._call(name, *args)
        done = self.b.append_basic_block("done")
        wrong = self.b.append_basic_block("not_done")
        self.b.cbranch(ok, done, wrong)
        self.b.position_at_end(wrong)
        self._resumed(again)
        return ok, done

    def slow(self, name, *args):
        if not self._effects(name):
            self._call(name, *args)
            return self.next()
        ok, done = self._until(name, args)
        self.b.branch(done)
        self.b.position_at_end(done)
        self.next()

    def reenter(self, name, *args):
        b = self.b
        ok, done = self._until(name, args)
        self.entered(self.load(I64, args[0]))       # a method of the library called it, and wrote where the result belongs
        b.position_at_end(done)
        self.entered(self._call("rt_enter", self.fp, args[0]))

    def truth(self, name, *args):
        b = self.b
        again = self._loop()
        answer = self._call(name, *args)
        if not self._effects(name):
            return b.icmp_unsigned("==", answer, i32(1))
        known, before = b.append_basic_block("known"), b.block
        wrong = b.append_basic_block("not_known")
        b.cbranch(b.icmp_unsigned("==", answer, i32(2)), wrong, known)
        b.position_at_end(wrong)
        state = self._resumed(again)
        after = b.block
        b.branch(known)
        b.position_at_end(known)
        phi = b.phi(I32)
        phi.add_incoming(answer, before)
        phi.add_incoming(state, after)
        return b.icmp_unsigned("==", phi, i32(1))


class _ColdAtWord(_Cold, Encoded):
    """Operands are those of the instruction itself."""

    def __init__(self, module, function, op, params):
        self.module = module
        self.process, self.fp, word = (params[name, 0] for name in ("process", "fp", "word"))
        Meaning.__init__(self, ir.IRBuilder(function.append_basic_block("entry")))
        self.start(self.b.lshr(word, i32(1)))
        Encoded.__init__(self, self.b, op, self.b.trunc(word, I1), self.pc, self.fp)

    def read(self, name, index=0):
        return self.load(I64, self.slot(name), 8 * index)      # anew: what was read before a collection is stale

    def distance(self):
        return self.b.add(self.count("a"), i64(layout.FRAME_HEADER))


class _ColdOfOperands(_Cold, _Operands):
    """Operands are parameters: registers of the frame are pointers."""

    def __init__(self, module, function, op, params):
        _Operands.__init__(self, module, function, op, params)
        self.fp = params["fp", 0]
        self.start(params["word", 0])

    def read(self, name, index=0):
        if self._params[name, 0].type == I64:
            return self._params[name, 0]
        return self.load(I64, self._params[name, 0], 8 * index)

    def write(self, name, value, index=0):
        if (name, 0) in self._params:
            self.store(value, self._params[name, 0], 8 * index)
        else:
            self.write_raw(name, value)

    def write_raw(self, name, value):
        self.store(value, self.out, 8 * self.results.index((name, 0)))


def _function(module, name, params, attributes):
    function = ir.Function(module, ir.FunctionType(I8, [type_ for _, type_ in params]), name)
    function.linkage = "internal"
    for attribute in attributes:
        function.attributes.add(attribute)
    return function, {key: argument for (key, _), argument in zip(params, function.args)}


def _fast(module, op, params, raw={}):
    needs_pc = op.operands and op.operands[0].kind == "w"
    types = [(("process", 0), PTR), (("out", 0), PTR)] + ([(("pc", 0), PTR)] if needs_pc else [])
    types += [((p.name, p.index), _TYPES[p.type]) for p in params if p.type is not None]
    function, values = _function(module, f"fast.{variant(op.name, raw)}", types, ["alwaysinline", "nounwind"])
    meaning = _Fast(module, function, op, values, raw)
    SEMANTICS[op.name](meaning)
    return meaning


def _checkslots(module):
    """i8 @fast.checkslots(process, out, word, number): is the word an instance with a field of this number? NEXT or SLOW."""
    types = [(("process", 0), PTR), (("out", 0), PTR), (("a", 0), I64), (("i", 0), I64)]
    function, values = _function(module, "fast.checkslots", types, ["alwaysinline", "nounwind"])
    meaning = _Fast(module, function, BY_NAME["getslot"], values, {})
    with meaning.attempt():
        guard_slots(meaning, values["a", 0], values["i", 0])
        meaning.next()
    meaning.end(SLOW)


def _cold_function(module, name, types, out):
    """A function that changes no registers of its caller but those for results; and its parameters by name."""
    head = [(("process", 0), PTR)] + ([(("out", 0), PTR)] if out else []) + [(("fp", 0), PTR), (("word", 0), I32)]
    function, values = _function(module, f"cold.{name}", head + types, ["noinline", "nounwind", "cold"])
    function.calling_convention = COLD_CONVENTION
    return function, values


def _cold(module, op, params):
    if at_word(op):
        function, values = _cold_function(module, op.name, [], False)
        meaning = _ColdAtWord(module, function, op, values)
    else:
        types = [((p.name, 0), PTR if p.kind in "rxd" else _TYPES[p.type]) for p in params if not p.index]
        function, values = _cold_function(module, op.name, types, True)
        meaning = _ColdOfOperands(module, function, op, values)
    SEMANTICS[op.name](meaning)


def _cold_variant(module, op, raw):
    """The cold function of an instruction that takes or gives operands raw: the one that takes words, between boxing and unboxing."""
    reads = [name for kind, name in op.operands if name in raw and kind in "rx"]
    types = [((name, 0), F64 if raw[name] == "float" else I64) for name in reads]
    function, values = _cold_function(module, variant(op.name, raw), types, True)
    meaning = _ColdAtWord(module, function, op, values)
    b, word, plain = meaning.b, values["word", 0], meaning.place

    def call(name, out, word, *args):
        outcome = b.call(module.globals[f"cold.{name}"], [meaning.process, *([out] if out is not None else []), meaning.fp, word, *args])
        with meaning.when(b.icmp_unsigned("==", outcome, ir.Constant(I8, RAISED)), likely=False):
            b.ret(outcome)
        return outcome

    null = ir.Constant(PTR, None)
    for name in reads:
        value = values[name, 0]
        is_int = value.type == I64
        call("boxint" if is_int else "boxfloat", null, plain, meaning.slot(name), value if is_int else b.bitcast(value, I64))
    if at_word(op):
        outcome = call(op.name, None, word)
    else:
        outcome = call(op.name, values["out", 0], plain, *(meaning.slot(name) for kind, name in op.operands if kind != "D"))
    if "a" in raw and "a" not in reads:
        call("unboxint" if raw["a"] == "int" else "unboxfloat", values["out", 0], plain, meaning.slot("a"))
    b.ret(outcome)


def _cold_checks(module):
    """i8 @cold.checkslots(process, fp, word, register, number): raises that the instance has no field of this number.
    i8 @cold.checkkind(process, fp, word, register, 0): raises that this is not the container that it should be."""
    for name, entry in (("checkslots", "rt_not_slot"), ("checkkind", "rt_not_container")):
        function, values = _cold_function(module, name, [(("a", 0), PTR), (("i", 0), I64)], False)
        meaning = _ColdOfOperands(module, function, BY_NAME["getslot"], values)
        meaning._call(entry, values["a", 0], values["i", 0])
        meaning.end(RAISED)


def _build():
    """The module, and instruction -> the flags of its Shape."""
    module, flags, done = ir.Module("meanings"), {}, set()
    for op in sorted(OPS, key=lambda op: op.name not in ("boxint", "boxfloat", "unboxint", "unboxfloat")):     # which variants call
        if op.name in OWN:
            continue
        params = params_of(op)
        fast = _fast(module, op, params)
        if fast.slows:
            _cold(module, op, params)
        flags[op.name] = (fast.slows, fast.raised, fast.done)
        for raw in variants(op.name):
            fast = _fast(module, op, params_of(op, raw), raw)
            flags[variant(op.name, raw)] = (fast.slows, fast.raised, fast.done)
            name = variant(op.name, unboxed(raw))
            if unboxed(raw) and name not in done:
                done.add(name)
                _cold_variant(module, op, unboxed(raw))
    _checkslots(module)
    _cold_checks(module)
    return module, flags


def prepare():
    """What stands in the file `MEANINGS`: flags and functions in one line, then the module as bitcode, for any target."""
    from llvmlite import binding as llvm        # LLVM itself, which takes a while to load
    module, flags = _build()
    text = str(module).replace("define internal", "define").replace(f'target triple = "{module.triple}"', "")
    made = [(function.name, function.calling_convention or "", [str(argument.type) for argument in function.args])
            for function in module.functions if function.name.startswith(("fast.", "cold."))]
    return json.dumps([flags, made]).encode() + b"\n" + llvm.parse_assembly(text).as_bitcode()
