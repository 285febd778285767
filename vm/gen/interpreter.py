"""Generates the direct-threaded interpreter: one native function an instruction, from the table and the semantics.

In:  `compiler.bytecode.opcodes`, `vm.semantics`, `vm.runtime_api`. Out: `build_ir(triple)` gives the module's LLVM text,
`build_object(triple, cpu, path)` an object file with the symbols
    interpreter_handlers            dispatch table: 256 narrow handlers, then 256 wide ones
    interpreter_counting_handlers   the same, counting executed instructions in the process
    interpreter_start               preserve_none function that enters at the process's saved pc
Holds: a handler is `void (pc, fp, process, table, rfp)` in the preserve_none convention, so all five stay in registers, and
ends in a tail call of the next one; `pc` is the address of the current instruction's word (after a `wide` prefix).
A native call in a handler would cost its fast path a stack frame, so each instruction with a fast path is emitted twice:
`op_NAME` calls nothing and tail-calls its twin `cold_NAME`, which does the whole instruction again with the calls in
place. So what precedes a runtime call in a meaning must be harmless to repeat.
The technique is Deegen's and CPython 3.14's; see also "Copy-and-Patch Compilation" (Xu and Kjolstad, 2021).
"""
from functools import cache

from llvmlite import binding as llvm
from llvmlite import ir

from myna.compiler.bytecode.opcodes import BY_NAME, OPS

from .. import layout
from ..semantics import SEMANTICS
from ..semantics.encoded import Encoded
from ..semantics.protocol import I1, I8, I32, I64, PTR, VOID, Callee, i32, i64

STATE = ("pc", "fp", "process", "table", "rfp")
HANDLER = ir.FunctionType(VOID, [PTR] * len(STATE))
CONVENTION = "preserve_nonecc"


class Handler(Encoded):
    """The interpreter's operand protocol: operands are decoded from the instruction word at `pc`."""

    def __init__(self, module, function, op, wide):
        pc, fp, self.process, self.table, rfp = function.args
        self.module = module
        self.called = False         # has this meaning both a fast path and a call of the runtime?
        super().__init__(ir.IRBuilder(function.append_basic_block("entry")), op, wide, pc, fp, rfp)

    # -- control --
    def dispatch(self, pc, fp=None, rfp=None, bank=0):
        """Go to the handler of the instruction at `pc`."""
        b = self.b
        opcode = b.zext(self.load(I8, pc), I64)
        if bank:
            opcode = b.add(opcode, i64(256))
        handler = b.load(b.gep(self.table, [opcode], source_etype=I64), typ=PTR)
        self._tail_call(Callee(handler, HANDLER), pc, fp or self.fp, rfp or self.rfp)

    def _tail_call(self, callee, pc, fp, rfp):
        self.b.call(callee, [pc, fp, self.process, self.table, rfp], cconv=CONVENTION, tail="musttail")
        self.b.ret_void()

    def next(self):
        """Continue at the next instruction."""
        self.dispatch(self.return_address())

    def target(self, name):
        """The address of the jump target."""
        distance = self.b.sext(self.word(name), I64)
        return self.address(self.return_address(), self.b.shl(distance, i64(2)))

    def jump(self, name):
        """Continue at the jump target, by way of the runtime when it asked to be polled."""
        target = self.target(name)
        calm = self.b.icmp_unsigned("==", self.process_field(I64, "poll"), i64(0))
        with self.when(calm, likely=True):
            self.dispatch(target)
        self._tail_call(self.module.globals["interpreter_poll"], target, self.fp, self.rfp)

    def enter(self, callee, frame, raw, skip=None, to=None):
        """Begin a call's frame: link word, then the callee's first instruction, or the one `skip` words on. It returns to the
        jump target `to`, or else to the next instruction."""
        b = self.b
        back = self.return_address() if to is None else self.target(to)
        delta = b.add(self._operand["a"], i64(layout.FRAME_HEADER))
        link = b.or_(b.ptrtoint(back, I64), b.shl(delta, i64(layout.LINK_DELTA_SHIFT)))
        rfp = self.rfp
        if not isinstance(raw, ir.Constant):
            link = b.or_(link, b.shl(raw, i64(layout.LINK_RAW_SHIFT)))
            rfp = b.gep(self.rfp, [raw], source_etype=I64)
            self.guard(b.icmp_unsigned("<", b.ptrtoint(rfp, I64), self.process_field(I64, "raw_limit")))
        self.store(link, frame, -8)
        code = self.field(PTR, callee, "Closure", "code")
        self.dispatch(code if skip is None else b.gep(code, [skip], source_etype=I32), frame, rfp)

    def leave(self, value):
        """Return `value` to the caller: see the link word in layout.py."""
        b = self.b
        link = self.load(I64, self.fp, -8)
        plain = b.icmp_unsigned("==", b.and_(link, i64(layout.LINK_WIDE)), i64(0))
        with self.when(plain, likely=True):
            self.store(value, self.fp, -16)
            delta = b.and_(b.lshr(link, i64(layout.LINK_DELTA_SHIFT)), i64(255))
            raw = b.lshr(link, i64(layout.LINK_RAW_SHIFT))
            fp = b.gep(self.fp, [b.neg(delta)], source_etype=I64)
            rfp = b.gep(self.rfp, [b.neg(raw)], source_etype=I64)
            pc = b.inttoptr(b.and_(link, i64((1 << layout.LINK_DELTA_SHIFT) - 4)), PTR)
            self.dispatch(pc, fp, rfp)
        self.reenter("rt_return", value)

    def stop(self):
        """Leave the interpreter."""
        self._save(self.pc)
        self.b.ret_void()

    # -- the runtime --
    def _save(self, pc):
        for name, value in (("pc", pc), ("fp", self.fp), ("rfp", self.rfp)):
            self.store(value, self.process, layout.OFFSET["Process"][name])

    def _call(self, name, *args):
        self.called = self.called or len(self.b.function.blocks) > 1
        return super()._call(name, *args)

    def _check(self, ok):
        """Go to the unwinder unless `ok`."""
        with self.when(self.b.not_(ok), likely=False):
            self._tail_call(self.module.globals["interpreter_raise"], self.pc, self.fp, self.rfp)

    def slow(self, name, *args):
        """Let runtime entry `name` do the rest of the instruction, then continue at the next one or at the error's handler."""
        if self._effects(name):
            self._save(self.pc)
        self._check(self._call(name, *args))
        if "moves_stack" in self._effects(name):
            fp, rfp = self.process_field(PTR, "fp"), self.process_field(PTR, "rfp")
            self.dispatch(self.return_address(), fp, rfp)
        else:
            self.next()

    def truth(self, name, *args):
        """The i1 that a "truth" entry answers."""
        if self._effects(name):
            self._save(self.pc)
        answer = self._call(name, *args)
        with self.when(self.b.icmp_unsigned("==", answer, i32(2)), likely=False):
            self._tail_call(self.module.globals["interpreter_raise"], self.pc, self.fp, self.rfp)
        return self.b.icmp_unsigned("==", answer, i32(1))

    def reenter(self, name, *args):
        """Let runtime entry `name` choose where to continue."""
        self._save(self.pc)
        self._check(self._call(name, *args))
        self._resume()

    def _resume(self):
        self.dispatch(*(self.process_field(PTR, n) for n in ("pc", "fp", "rfp")))

    def fast_calls(self):
        """i1: may this handler build link words? Not with wide operands."""
        return ir.Constant(I1, int(not self.wide))


class FastHandler(Handler):
    """A handler that calls nothing: where the runtime is needed it goes to its cold twin."""

    def __init__(self, module, function, op, wide, twin):
        self._twin = twin
        super().__init__(module, function, op, wide)

    def _to_twin(self):
        self._tail_call(self._twin, self.pc, self.fp, self.rfp)

    def slow(self, name, *args):
        self._to_twin()

    reenter = slow

    def truth(self, name, *args):
        self._to_twin()
        self.b.position_at_end(self.b.append_basic_block("unreachable"))
        return ir.Constant(I1, 0)

    def _remember(self, holder, slot, value):
        self._to_twin()
        self.b.position_at_end(self.b.append_basic_block("unreachable"))


def _function(module, name, linkage="internal"):
    function = ir.Function(module, HANDLER, name)
    function.calling_convention = CONVENTION
    function.attributes.add("nounwind")
    function.linkage = linkage
    return function


def _table(module, name, entries):
    array = ir.ArrayType(PTR, len(entries))
    table = ir.GlobalVariable(module, array, name)
    table.global_constant = True
    table.initializer = ir.Constant(array, entries)
    table.align = 64
    return table


def _emit_handler(module, op, wide):
    """The handler of one instruction: the fast one if its meaning has a fast path."""
    name = f"wide_{op.name}" if wide else op.name
    cold = _function(module, f"cold_{name}")
    handler = Handler(module, cold, op, wide)
    SEMANTICS[op.name](handler)
    if not handler.called:
        return cold
    fast = _function(module, f"op_{name}")
    SEMANTICS[op.name](FastHandler(module, fast, op, wide, cold))
    return fast


def _emit_raise_and_poll(module):
    """Where handlers go when an error was raised, and when a taken jump finds `poll` set (pc is then the target)."""
    raise_ = Handler(module, _function(module, "interpreter_raise"), None, False)
    poll = Handler(module, _function(module, "interpreter_poll"), None, False)
    raise_._call("rt_unwind")
    raise_._resume()
    poll.reenter("rt_poll")


def _emit_wide(module):
    """The handler of the `wide` prefix: on to the second half of the table."""
    handler = Handler(module, _function(module, "op_wide"), OPS[0], False)
    handler.dispatch(handler.return_address(), bank=1)
    return module.globals["op_wide"]


def _emit_count(module, handlers):
    """The handler in all places of the counting table: count, then do what `handlers` says."""
    handler = Handler(module, _function(module, "op_count"), None, False)
    counter = handler.address(handler.process, layout.OFFSET["Process"]["instructions"])
    handler.store(handler.b.add(handler.load(I64, counter), i64(1)), counter)
    opcode = handler.b.zext(handler.load(I8, handler.pc), I64)
    real = handler.b.load(handler.b.gep(handlers, [opcode], source_etype=I64), typ=PTR)
    handler._tail_call(Callee(real, HANDLER), handler.pc, handler.fp, handler.rfp)
    return module.globals["op_count"]


def build_ir(triple):
    """The interpreter's module as LLVM text."""
    module = ir.Module("interpreter")
    module.triple = triple
    _emit_raise_and_poll(module)
    wide = _emit_wide(module)
    narrow = [wide] + [_emit_handler(module, op, False) for op in OPS[1:]]
    broad = [wide] + [_emit_handler(module, op, True) for op in OPS[1:]]
    halt = narrow[BY_NAME["halt"].code]
    for half in (narrow, broad):
        half += [halt] * (256 - len(half))
    handlers = _table(module, "interpreter_handlers", narrow + broad)
    _table(module, "interpreter_counting_handlers", [_emit_count(module, handlers)] * 256 + broad)
    Handler(module, _function(module, "interpreter_start", ""), None, False)._resume()
    return str(module)


@cache
def _set_options():
    """Options of LLVM for the whole process. Loops run over a few arguments or fields: a call of memmove, or vectors, would cost more
    than they do. And each way through a handler has its own end, rather than a jump to another's."""
    for option in ("-disable-loop-idiom-all", "-enable-tail-merge=false"):
        llvm.set_option("myna", option)


def build_object(triple, cpu, path, optimize=3):
    """Compile the interpreter for `triple` and `cpu` into the object file `path`."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(triple)
    # a rotation by `shld` costs three cycles where `ror` costs one
    features = "-fast-shld-rotate" if triple.startswith("x86_64") else ""
    machine = target.create_target_machine(cpu=cpu, features=features, opt=optimize, reloc="pic", codemodel="small")
    module = llvm.parse_assembly(build_ir(triple))
    module.verify()
    _set_options()
    tuning = llvm.create_pipeline_tuning_options(speed_level=optimize)
    tuning.loop_vectorization = tuning.loop_unrolling = False
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(module, passes)
    with open(path, "wb") as f:
        f.write(machine.emit_object(module))
    return module
