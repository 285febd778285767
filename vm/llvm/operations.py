"""What each operation of a graph becomes in the text of an LLVM function.

In:  a `Function` on its way (`emit.py`), a block, a node. Out: `emit`, which appends the node's text; what emission wants to know of nodes.
Holds: an instruction is up to two calls (`shapes.py`): of its fast function, which is inlined, where that is worth its code; and of its cold one, which
does the whole instruction. Before the cold one all inputs that are words are in their registers.
"""
from myna.compiler.bytecode.opcodes import BY_NAME, CONSTANT_KINDS, WORD_KINDS

from .. import layout
from ..opt.graph import BOOL, FLOAT, INDEXED, INT, TAGGED
from ..opt.inline import is_small
from ..opt.liveness import parts
from ..opt.registers import RAW, fields
from .shapes import COLD_CONVENTION, JUMP, RAISED, SLOW, at_word, shapes, unboxed, variant

TYPE = {TAGGED: "i64", INT: "i64", FLOAT: "double", BOOL: "i1"}      # of LLVM, by representation
_CHECKS = {"checkslots", "checkkind"}
_ELEMENTS = {"array.int": "I64", "array.float": "F64", "array.bool": "BOOL"}      # kind of container -> of elements
_CHECKED = {"add.int", "sub.int", "mul.int", "addi.int", "neg.int"}


def result_type(rep):
    """The LLVM type of what a native function returns."""
    return "i64" if rep == TAGGED else f"{{ {TYPE[rep]}, i1 }}"


def tagged(value):
    """The word of a constant, if it has one that is known before the program is loaded."""
    return layout.word_of(value) if value.__class__ in (int, float) else None


def emit(f, block, node):
    """Append the text of a node."""
    if node.op not in _NOTHING:
        _OPERATIONS.get(node.op, _instruction)(f, block, node)


def may_collect(node):
    """May other values move, or change, while the node runs?"""
    if node.op in _CHECKED or node.op in _CHECKS:
        return node.unwind is not None      # else it does not come back
    return node.op in shapes() and (shapes()[node.op].slow or "call" in BY_NAME[node.op].effects)


def calls_code(node):
    """May the node run code of the program?"""
    return node.op == "enter" or node.op in BY_NAME and "call" in BY_NAME[node.op].effects


def looks_at_frame(node):
    """Does the runtime look at the frame when the node runs?"""
    return node.op in _CHECKS or node.op in shapes() and node.op != "callknown" and may_collect(node)


# -- ways --

def _jump(f, block, node):
    f.go(block.edges[0])


def _branch(f, block, node):
    taken, other = f.fresh("taken"), f.fresh("other")
    f.line(f"br i1 {f.use(node.inputs[0])}, label {taken}, label {other}")
    for label, edge in ((taken, block.edges[0]), (other, block.edges[1])):
        f.label(label)
        f.go(edge)


def _ret(f, block, node):
    value = f.use(node.inputs[0])
    if f.result == TAGGED:
        f.line(f"ret i64 {value}")
    else:
        type_ = result_type(f.result)
        pair = f.let(f"insertvalue {type_} {{ {TYPE[f.result]} undef, i1 false }}, {TYPE[f.result]} {value}, 0")
        f.line(f"ret {type_} {pair}")


# -- values --

def _compare(f, block, node):
    kind = "fcmp" if node.inputs[0].rep == FLOAT else "icmp"
    f.define(node, f.let(f"{kind} {node.data[0]} {TYPE[node.inputs[0].rep]} {f.use(node.inputs[0])}, {f.use(node.inputs[1])}"))


def _boolean(f, block, node):
    f.define(node, f.let(f"select i1 {f.use(node.inputs[0])}, i64 {layout.TRUE}, i64 {layout.FALSE}"))


def _next(f, block, node):
    f.define(node, f.let(f"add nsw i64 {f.use(node.inputs[0])}, 1"))


def _move(f, block, node):
    f.define(node, f.use(node.inputs[0]))


def _if(f, condition, then):
    """Whether a condition (i1) holds, and then what `then()` gives as an i1."""
    here, there, after = (f.fresh(name) for name in ("test", "look", "tested"))
    f.line(f"br label {here}")
    f.label(here)
    f.line(f"br i1 {condition}, label {there}, label {after}")
    f.label(there)
    found = then()
    f.line(f"br label {after}")
    f.label(after)
    return f.let(f"phi i1 [false, {here}], [{found}, {there}]")


def _frame(f, block, node):
    f.store_register(node.place.scope.base - layout.FRAME_HEADER, f.use(node.inputs[0]))


def _address(f, value, offset=0):
    """The address `offset` bytes behind the beginning of the object that a value refers to."""
    return f.let(f"inttoptr i64 {f.let(f'add i64 {f.use(value)}, {offset - layout.REF_TAG}')} to ptr")


def _test(f, value, look):
    """Whether a value is a reference, and then what `look(its address)` gives as an i1."""
    refers = f.let(f"icmp eq i64 {f.let(f'and i64 {f.use(value)}, {layout.REF_MASK}')}, {layout.REF_TAG}")
    return _if(f, refers, lambda: look(_address(f, value)))


def _has_header(f, address, class_):
    """Has an object the header of the instances of just this class, but for the collector's byte?"""
    header = f.let(f"and i64 {f.let(f'load i64, ptr {address}, !tbaa !5')}, {~(0xFF << 16)}")
    return f.let(f"icmp eq i64 {header}, {f.let(f'load i64, ptr getelementptr (i64, ptr @myna_headers, i64 {class_}), !invariant.load !1')}")


def _isclass(f, block, node):
    f.define(node, _test(f, node.inputs[0], lambda address: _has_header(f, address, node.data[0])))


def _isfunction(f, block, node):
    """By the function of a closure."""
    def look(address):
        byte = f.let(f"load i8, ptr {address}, !tbaa !5")
        is_closure = f.let(f"icmp eq i8 {byte}, {layout.TYPES['CLOSURE']}")
        at = f.let(f"getelementptr i8, ptr {address}, i64 {layout.OFFSET['Closure']['function']}")      # all objects have that many bytes
        function = f.let(f"load ptr, ptr {at}, !tbaa !5")
        same = f.let(f"icmp eq ptr {function}, {f.let(f'load ptr, ptr getelementptr (ptr, ptr @myna_functions, i64 {node.data[0]}), !invariant.load !1')}")
        return f.let(f"and i1 {is_closure}, {same}")
    f.define(node, _test(f, node.inputs[0], look))


def _checked(f, block, node):
    """Arithmetic that raises when it overflows, where nothing catches that here."""
    if node.unwind is not None:
        return _instruction(f, block, node)
    operands = [f.use(value) for value in node.inputs]
    if node.op == "addi.int":
        operands.append(node.data["i"])
    elif node.op == "neg.int":
        operands.insert(0, 0)
    kind = "sub" if node.op == "neg.int" else node.op[:3]
    pair = f.let(f"call {{ i64, i1 }} @llvm.s{kind}.with.overflow.i64(i64 {operands[0]}, i64 {operands[1]})")
    wrong, fine = f.unlikely(f.let(f"extractvalue {{ i64, i1 }} {pair}, 1"), "over")
    f.label(wrong)
    f.end("overflows", node)
    f.label(fine)
    f.define(node, f.let(f"extractvalue {{ i64, i1 }} {pair}, 0"))


def _divide(f, block, node):
    """A division by a constant cannot fail, but for two of them."""
    divisor = node.inputs[1]
    if divisor.op != "const" or divisor.data[-1] in (0, -1):
        return _instruction(f, block, node)
    operation = "sdiv" if node.op == "div.int" else "srem"
    f.define(node, f.let(f"{operation} i64 {f.use(node.inputs[0])}, {f.use(divisor)}"))


def _checkslots(f, block, node):
    """Fields of an instance can be reached without further ado from here on. Where some classes have raw slots, it must be one of its class, or
    have the same raw slots."""
    number, class_, layouts = node.data[0] - 1, node.data[2], f.module.versions.layouts
    if layouts.any and class_ is not None and not layouts.has_subclasses(class_):
        return _require(f, node, _test(f, node.inputs[0], lambda address: _has_header(f, address, class_)), number)
    outcome = f.let(f"call i8 @fast.checkslots(ptr %process, ptr %out, i64 {f.use(node.inputs[0])}, i64 {number})")
    has_slots = f.let(f"icmp eq i8 {outcome}, 0")
    if layouts.any and class_ is not None:
        has_slots = _if(f, has_slots, lambda: _has_layout(f, _address(f, node.inputs[0]), layouts.raw[class_], fields(f.module.program, class_)))
    _require(f, node, has_slots, number)


def _has_layout(f, address, raw, count):
    """Are just these of the first `count` slots of an instance raw?"""
    for type_, struct, field in (("ptr", "Object", "class_"), ("ptr", "Class", "raw"), ("i64", "Class", "raw_slots")):
        at = f.let(f"getelementptr i8, ptr {address}, i64 {layout.OFFSET[struct][field]}")
        address = slots = f.let(f"load {type_}, ptr {at}, !tbaa !5")
    return f.let(f"icmp eq i64 {f.let(f'and i64 {slots}, {(1 << min(count, layout.RAW_SLOTS)) - 1}')}, {raw}")


def _checkkind(f, block, node):
    """The same for elements of a container."""
    kind = node.data[0]
    type_ = "i8" if kind == "list" else "i16"

    def look(address):
        header = f.let(f"load {type_}, ptr {address}, !tbaa !5")
        return f.let(f"icmp eq {type_} {header}, {layout.TYPES['LIST'] if kind == 'list' else layout.packed_header(_ELEMENTS[kind])}")
    _require(f, node, _test(f, node.inputs[0], look), 0)


def _require(f, node, condition, number):
    """Go on if the condition holds; else raise what the cold function of the check raises."""
    value, register = node.inputs[0], node.data[1]
    wrong, fine = f.unlikely(f.let(f"xor i1 {condition}, true"), "wrong")
    f.label(wrong)
    if not f.is_in(value, register):
        f.store_register(register, f.use(value))
    scope, word = node.place
    f.need_closure(scope)
    f.line(f"call {COLD_CONVENTION} i8 @cold.{node.op}(ptr %process, ptr {f.frame(scope)}, i32 {word}, ptr {f.register(register)}, i64 {number})")
    f.failed(node)
    f.label(fine)


def _length(f, block, node):
    address = _address(f, node.inputs[0], layout.OFFSET["List"]["length"])
    f.define(node, f.let(f"load i64, ptr {address}, !tbaa !5"))


def _raw_slot(f, block, node):
    """A double in an instance: read, or set. A slot of one class overlaps no other, which LLVM is told."""
    number, class_ = node.data["i"], node.data["class"]
    address = _address(f, node.inputs[0], layout.OFFSET["Object"]["slots"] + 8 * number)
    mark = f.module.slot_mark(class_, number)
    if node.op == "getslot.raw":
        f.define(node, f.let(f"load double, ptr {address}, !tbaa {mark}"))
    else:
        f.line(f"store double {f.use(node.inputs[1])}, ptr {address}, !tbaa {mark}")


# -- calls of known functions --

def _call_version(f, version, fp, inputs, attribute=""):
    """(the result, whether an error was raised) of a call of a function's version."""
    arguments = ", ".join(["ptr %process", f"ptr {fp}"] + [f"{TYPE[value.rep]} {f.use(value)}" for value in inputs])
    rep = version.reps()[1]
    type_ = result_type(rep)
    name = f.itself if version.graph is f.graph else f.module.symbol(version.index, version.number)
    given = f.let(f"call {type_} {name}({arguments}){attribute}")
    if rep == TAGGED:
        return given, f.let(f"icmp eq i64 {given}, {layout.UNSET}")
    raised = f.let(f"extractvalue {type_} {given}, 1")
    return f.let(f"extractvalue {type_} {given}, 0"), raised


def _enter(f, block, node):
    version = f.module.versions.general(f.graph.index)
    result, raised = _call_version(f, version, "%fp", node.inputs, " #2" if version in f.module.called else "")     # else it is the only call
    error, fine = f.unlikely(raised, "error")
    f.label(error)
    f.return_error()
    f.label(fine)
    f.define(node, result)


def _callknown(f, block, node):
    """A call of a function that is known, with all arguments."""
    version = f.module.versions.chosen(f.graph, node)
    if version is None:
        return _instruction(f, block, node)
    far = node.data["a"] + layout.FRAME_HEADER
    for (operand, _, register), value in zip(node.reads, node.inputs):
        if operand == "t" and not f.is_in(value, register):
            f.store_register(register, f.use(value))
    fp = f.register(far)
    if f.module.binds(version.index):
        back = f.pc(node.place, BY_NAME["callknown"].words)
        f.store_register(far - 1, f.let(f"or i64 {f.let(f'ptrtoint ptr {back} to i64')}, {far - node.place.scope.base << layout.LINK_DELTA_SHIFT}"))
    attribute = " #3" if block in f.module.hot and version.graph is not f.graph and is_small(version) else ""
    result, bad = _call_version(f, version, fp, [value for value, access in zip(node.inputs, node.reads) if access[0] in ("a", "closure")], attribute)
    raised, fine = f.unlikely(bad, "error")
    f.label(raised)
    f.raised(node)
    f.label(fine)
    f.reload(f.across[node])
    f.define(node, result)


# -- new instances --

def _new(f, block, node):
    """An instance of a class, whose raw slots are set last."""
    class_ = node.constant("type").index
    (_allocate if block in f.module.hot else _instruction)(f, block, node)
    for (_, number, _), value in zip(node.reads, node.inputs):
        if f.module.versions.layouts.is_raw(class_, number):
            assert value.rep == FLOAT
            at = _address(f, node, layout.OFFSET["Object"]["slots"] + 8 * number)
            f.line(f"store double {f.use(value)}, ptr {at}, !tbaa {f.module.slot_mark(class_, number)}")


def _allocate(f, block, node):
    """From the nursery, if it has room."""
    instruction, class_ = _Instruction(f, block, node), node.constant("type").index
    count = fields(f.module.program, class_)
    alloc, limit = f.process_field("alloc"), f.process_field("alloc_limit")
    start = f.let(f"load i64, ptr {alloc}, !tbaa !5")
    end = f.let(f"add i64 {start}, {layout.OFFSET['Object']['slots'] + 8 * count}")
    slow, fine = f.unlikely(f.let(f"icmp ugt i64 {end}, {f.let(f'load i64, ptr {limit}, !tbaa !5')}"), "slow")
    join = f.fresh("join")
    f.label(slow)
    instruction.store_inputs(None)
    instruction.cold()
    f.reload(instruction.kept)
    result = f.register(node.data["a"])
    f.line(f"store i64 {f.let(f'load i64, ptr {result}')}, ptr %out")
    f.line(f"br label {join}")
    f.label(fine)
    f.line(f"store i64 {end}, ptr {alloc}, !tbaa !5")
    object_ = f.let(f"inttoptr i64 {start} to ptr")
    header = f.let(f"load i64, ptr getelementptr (i64, ptr @myna_headers, i64 {class_}), !invariant.load !1")
    at = f.let(f"getelementptr i8, ptr {object_}, i64 {layout.OFFSET['Object']['class_']}")
    f.line(f"store i64 {header}, ptr {object_}, !tbaa !5")
    f.line(f"store ptr {_class(f, node)}, ptr {at}, !tbaa !5")
    for number in range(count):
        if f.module.versions.layouts.is_raw(class_, number):
            continue
        value = instruction.values.get(("b", number), layout.NONE)
        at = f.let(f"getelementptr i8, ptr {object_}, i64 {layout.OFFSET['Object']['slots'] + 8 * number}")
        f.line(f"store i64 {value}, ptr {at}, !tbaa !7")
    f.line(f"store i64 {f.let(f'add i64 {start}, {layout.REF_TAG}')}, ptr %out")
    f.line(f"br label {join}")
    f.label(join)
    f.define(node, f.let("load i64, ptr %out"))


def _class(f, node):
    """The class of the instances that a node makes; of an instantiation the type knows it."""
    type_ = node.constant("type")
    if not type_.args:
        return f.let(f"load ptr, ptr getelementptr (ptr, ptr @myna_classes, i64 {type_.index}), !invariant.load !1")
    address = f.let(f"add i64 {f.pooled(node.place.scope.index, node.data['type'])}, {layout.OFFSET['Type']['class_']}")
    at = f.let(f"inttoptr i64 {address} to ptr")
    return f.let(f"load ptr, ptr {at}, !invariant.load !1")


# -- all other instructions --

def _instruction(f, block, node):
    _Instruction(f, block, node).emit()


class _Instruction:
    """An instruction: `shape` says how it is called, `values` has the LLVM values of its inputs."""

    def __init__(self, f, block, node):
        self.f, self.block, self.node = f, block, node
        self.raw = node.data.get("reps", {})
        self.shape = shapes()[variant(node.op, self.raw)]
        self.is_call = "call" in BY_NAME[node.op].effects
        self.scope = node.place.scope
        self.kept = f.across.get(node, ())
        self.values = {(operand, index): f.use(value) for (operand, index, _), value in zip(node.reads, node.inputs)}
        self.results = {result: number for number, result in enumerate(self.shape.results)}

    def emit(self):
        """Append it all."""
        f, node, shape = self.f, self.node, self.shape
        too_far = self.is_call and self.delta() > 255       # links have no room for that
        if shape.slow and (not shape.fast or too_far or self.block not in f.module.hot):
            self.store_inputs(None)
            outcome = self.cold()
            f.reload(self.kept)
            self.define_results(self.given_by_cold)
        else:
            outcome = self.fast()
            if self.is_call:
                f.reload(self.kept)
            self.define_results(self.given_by_fast)
        if node.rep == BOOL:
            f.define(node, f.let(f"icmp eq i8 {outcome}, {JUMP}"))
        if node.op == "throw":
            f.line("unreachable")

    def fast(self):
        """Call the fast function, then, where that is too slow, the cold one; gives the outcome."""
        f, node, shape = self.f, self.node, self.shape
        in_memory = {p.name for p in shape.params if p.kind == "memory"}
        if self.is_call:
            f.need_closure(self.scope)
        if self.is_call or in_memory:
            self.store_inputs(None if self.is_call else in_memory)
        for (operand, index), number in self.results.items():
            if any(p.kind == "x" and p.name == operand for p in shape.params):
                f.line(f"store i64 {self.values.get((operand, index), 0)}, ptr {self.out(number)}")
        pc = [f"ptr {f.pc(node.place)}"] if self.is_call else []
        arguments = ["ptr %process", "ptr %out", *pc, *(self.operand(p) for p in shape.params if p.type is not None)]
        outcome = f.let(f"call i8 @fast.{variant(node.op, self.raw)}({', '.join(arguments)})")
        if shape.raises:
            bad, fine = f.unlikely(f.let(f"icmp eq i8 {outcome}, {RAISED}"), "error")
            f.label(bad)
            f.raised(node)
            f.label(fine)
        return self.or_cold(outcome) if shape.slow else outcome

    def or_cold(self, outcome):
        """Call the cold function if the fast one said SLOW; its results go to where the fast one leaves its own."""
        f = self.f
        slow, fine = f.unlikely(f.let(f"icmp eq i8 {outcome}, {SLOW}"), "slow")
        join = f.fresh("join")
        f.label(slow)
        if not self.is_call:
            self.store_inputs(None)
        cold = self.cold(self.always_raises())
        if self.always_raises():
            f.label(fine)
            return outcome
        if not self.is_call:
            f.reload(self.kept)
        for result, number in self.results.items():
            given = self.given_by_cold(result, None)
            if given:
                f.line(f"store i64 {given}, ptr {self.out(number)}")
        end = f.fresh("cold")
        f.line(f"br label {end}")
        f.label(end)
        f.line(f"br label {join}")
        f.label(fine)
        f.line(f"br label {join}")
        f.label(join)
        return f.let(f"phi i8 [{outcome}, {fine}], [{cold}, {end}]")

    def cold(self, raises=False):
        """Call the cold function, whose inputs are in their registers; gives the outcome. `raises`: it always raises."""
        f, node = self.f, self.node
        kinds = {o.name: o.kind for o in BY_NAME[node.op].operands}
        raw = unboxed(self.raw)
        arguments = ["ptr %process"]
        if raw or not at_word(BY_NAME[node.op]):
            arguments.append(f"ptr {'%raw' if self.raw_result() else 'null'}")
        f.need_closure(self.scope)
        arguments.append(f"ptr {f.frame(self.scope)}")
        if raw:
            arguments.append(f.word(node))
            arguments += [self.operand(p) for p in self.shape.params if p.name in raw and kinds[p.name] in "rx"]
        elif at_word(BY_NAME[node.op]):
            arguments.append(f.word(node))
        else:
            arguments.append(f"i32 {node.place.word}")
            for p in self.shape.params:
                if not p.index:
                    arguments.append(f"ptr {f.register(node.data[p.name])}" if p.kind in "rxd" else self.operand(p))
        outcome = f.let(f"call {COLD_CONVENTION} i8 @cold.{variant(node.op, raw)}({', '.join(arguments)})")
        if raises:
            f.failed(node)
        elif "throw" in BY_NAME[node.op].effects or self.is_call:
            bad, fine = f.unlikely(f.let(f"icmp eq i8 {outcome}, {RAISED}"), "error")
            f.label(bad)
            f.failed(node)
            f.label(fine)
        return outcome

    def delta(self):
        """Of a call: the distance of the new frame from that of the scope, in words."""
        return self.node.data["a"] - self.scope.base + layout.FRAME_HEADER

    def always_raises(self):
        """Does what the fast function leaves to the cold one always raise? So it is with elements of a container of a known kind that have the form of the value:
        the index is out of range."""
        if self.node.op not in INDEXED:
            return False
        container, _, element = INDEXED[self.node.op]
        kind = self.raw.get(container)
        return kind is not None and (kind != "list" or self.node.op == "getindex" and element not in self.raw)

    def raw_result(self):
        """Is the result an int or a float?"""
        return self.node.rep in (INT, FLOAT)

    def given_by_fast(self, result, register):
        """The word of a result (operand, index) after the fast function, given as where to load it from."""
        number = self.results.get(result)
        return self.out(number) if number is not None else self.f.register(register)

    def given_by_cold(self, result, register):
        """The same after the cold one: a raw result, or what is in the register. Without a register: the word itself, or None if it lies in memory for both."""
        f, (operand, index) = self.f, result
        if self.raw_result():
            at = "%raw"
        else:
            at = f.register(register if register is not None else self.node.data[operand] + index)
        return at if register is not None else f.let(f"load i64, ptr {at}")

    def define_results(self, place):
        """The outputs are where `place` says."""
        f, node = self.f, self.node
        outputs = [node] if node.writes and node.rep not in (BOOL, None) else [None] * len(node.writes)
        for part in parts(self.block, node):
            outputs[part.data[0]] = part
        for (operand, index, register), output in zip(node.writes, outputs):
            if output is not None:
                f.define(output, f.let(f"load {TYPE[output.rep]}, ptr {place((operand, index), register)}"))

    def store_inputs(self, operands):
        """Store the inputs that are tagged registers to these; `operands`: only those of them."""
        f = self.f
        for (operand, index, register), value in zip(self.node.reads, self.node.inputs):
            if value.rep == TAGGED and register is not None and register < RAW and (operands is None or operand in operands) and not f.is_in(value, register):
                f.store_register(register, self.values[operand, index])

    def out(self, number):
        """Where the fast function leaves a result."""
        return self.f.let(f"getelementptr i64, ptr %out, i64 {number}") if number else "%out"

    def operand(self, p):
        """An argument for a Param."""
        f, node = self.f, self.node
        if p.kind == "memory":
            return f"ptr {f.register(node.data[p.name])}"
        if p.kind in "rx" or p.kind == "closure":
            return f"{p.type} {self.values.get((p.name, p.index), 0)}"        # a register that is only written has no value
        if p.kind == "S":
            value, source = self.values[p.name, 0], node.inputs[[r[0] for r in node.reads].index(p.name)]
            return f"i64 {f.let(f'bitcast double {value} to i64') if source.rep == FLOAT else value}"
        if p.kind == "C":
            words = [o.name for o in BY_NAME[node.op].operands if o.kind in WORD_KINDS]
            return f"ptr {f.let(f'getelementptr i32, ptr {f.pc(node.place)}, i64 {1 + words.index(p.name)}')}"
        if p.kind == "delta":
            return f"i64 {self.delta()}"
        if p.kind in CONSTANT_KINDS:
            word = tagged(node.constant(p.name))
            return f"i64 {word if word is not None else f.pooled(self.scope.index, node.data[p.name])}"
        return f"{'i32' if p.kind in 'GPI' else 'i64'} {node.data[p.name]}"


_NOTHING = {"part", "const", "caught"}      # parts and constants are where they are used; the edge to a handler has set what it caught
_OPERATIONS = {
    "jump": _jump, "branch": _branch, "ret": _ret, "enter": _enter, "callknown": _callknown,
    "move": _move, "narrow": _move, "frame": _frame, "compare": _compare, "boolean": _boolean, "next": _next, "isclass": _isclass, "isfunction": _isfunction, "length": _length,
    "getslot.raw": _raw_slot, "setslot.raw": _raw_slot,
    "checkslots": _checkslots, "checkkind": _checkkind, "construct": _new, "object": _new,
    "div.int": _divide, "mod.int": _divide, **dict.fromkeys(_CHECKED, _checked),
}
