"""From a graph to the text of an LLVM function.

In:  a `Graph`, a `Module` (`module.py`) that numbers constants and names functions. Out: `emit`, the text of one function.
Holds: a native function `T NAME(process, fp, arguments..., closure)` gives the result, or unset when an error was raised; where the result is raw, T is the pair of it and
whether an error was raised. `fp` is its frame on the value
stack, as the interpreter's frames are; the function keeps values in native registers and stores those that are tagged and live across what may collect into
their registers of the frame just before it, and reads them back after it. A value that is read back, and each parameter of a block, has a
variable (an `alloca`), from which LLVM makes values again. Parameters of the function behind the closure do not exist: calls hand over all.

A place where an error may pass tells the runtime (`rt_passed`), for the trace, and goes to the handler or returns unset.
"""
import struct

from myna.compiler.bytecode.opcodes import BY_NAME, CONSTANT_KINDS, WORD_KINDS

from .. import layout
from ..opt.graph import BOOL, FLOAT, INT, TAGGED
from ..opt.registers import RAW
from .meanings import JUMP, RAISED, SLOW, shapes, variant

TYPE = {TAGGED: "i64", "int": "i64", FLOAT: "double", BOOL: "i1"}
UNSET = layout.UNSET
_WORDS = {"none": layout.NONE, "true": layout.TRUE, "false": layout.FALSE, "unset": layout.UNSET}


def emit(module, graph, name, result=TAGGED):
    """The text of a function `name`; `result`: the representation of what it returns."""
    return _Function(module, graph, name, result).text()


def result_type(rep):
    """The LLVM type of what a native function returns."""
    return "i64" if rep == TAGGED else f"{{ {TYPE[rep]}, i1 }}"


class _Function:
    def __init__(self, module, graph, name, result):
        self.module, self.graph, self.name, self.result = module, graph, name, result
        self.lines, self.allocas = [], []
        self.starts = []            # (number of a line, word of the instruction that the lines from there on stand for): `debug.py`
        self.count = 0
        self.function = module.program.functions[graph.index]
        self.homes = {}             # Node -> its variable
        self.names = {}             # Node -> its LLVM value
        self.uses_words = self.overflows = False

    # -- text --

    def fresh(self, prefix="t"):
        """A new name."""
        self.count += 1
        return f"%{prefix}{self.count}"

    def line(self, text):
        self.lines.append("  " + text)

    def label(self, name):
        self.lines.append(f"{name[1:]}:")

    def let(self, text):
        """A new value."""
        name = self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    # -- values --

    def use(self, node):
        """The LLVM value of a node here."""
        if node.op == "const":
            return self.constant(node)
        home = self.homes.get(node)
        if home:
            return self.let(f"load {TYPE[node.rep]}, ptr {home}")
        return self.names[node]

    def define(self, node, value):
        """A node has its value now."""
        home = self.homes.get(node)
        if home:
            self.line(f"store {TYPE[node.rep]} {value}, ptr {home}")
        else:
            self.names[node] = value

    def constant(self, node):
        value = node.data[-1]
        if node.rep == FLOAT:
            return _double(value)
        if node.rep != TAGGED:
            return str(int(value))
        word = _WORDS.get(value) if len(node.data) == 1 and value in _WORDS else tagged(value)
        return str(word) if word is not None else self.pooled(node.data[1])

    def pooled(self, number):
        """A constant of the function that is known when the program is loaded."""
        at = self.module.constant(self.graph.index, number)
        return self.let(f"load i64, ptr getelementptr (i64, ptr @myna_constants, i64 {at}), !invariant.load !1")

    def register(self, number):
        """The address of a register of the frame."""
        return self.let(f"getelementptr i64, ptr %fp, i64 {number}") if number else "%fp"

    def store_register(self, number, value):
        self.line(f"store i64 {value}, ptr {self.register(number)}")

    # -- the whole --

    def text(self):
        """The function's text."""
        self._find_homes()
        params = self.graph.blocks[0].params
        self.closure = params[-1] if self.function.captures else None
        for number, block in enumerate(self.graph.blocks):
            block.number = number
        for param in params:
            self.names[param] = f"%a{params.index(param)}"
        self._prologue(params)
        for number, block in enumerate(self.graph.blocks):
            self.label(f"%b{number}")
            self._block(block)
        self.starts.append((len(self.lines), None))
        head = ", ".join(["ptr %process", "ptr %fp"] + [f"{TYPE[param.rep]} %a{i}" for i, param in enumerate(params)])
        if self.overflows:
            self._overflow_end()
        if self.uses_words:
            self._raised_end()
        mark, lines = self.module.located(self.graph.index, self.lines, self.starts)
        allocas = [f"  {name} = alloca {type_}" for name, type_ in self.allocas]
        return "\n".join([f"define internal {result_type(self.result)} {self.name}({head}) #0{mark} {{", "entry:", *allocas, *lines, "}", ""])

    def _prologue(self, params):
        self.allocas += [("%out", f"[{self._outs()} x i64]"), ("%raw", "i64")]
        for node, home in self.homes.items():
            self.allocas.append((home, TYPE[node.rep]))
        if self.closure:
            self.line(f"store i64 {self.names[self.closure]}, ptr {self.register(-layout.FRAME_HEADER)}")
        if self._needs_room():
            self._check_stacks()
        for param in params:
            if param in self.homes:
                self.line(f"store {TYPE[param.rep]} {self.names[param]}, ptr {self.homes[param]}")
        self.line("br label %b0")

    def _needs_room(self):
        """Must the function look whether its frame fits? What calls no native code needs little, which its caller has seen to."""
        calls = any(node.op == "enter" or node.op in BY_NAME and "call" in BY_NAME[node.op].effects for block in self.graph.blocks for node in block.nodes)
        return calls or self.graph.registers >= layout.FRAME_SLACK

    def _check_stacks(self):
        top = self.let(f"getelementptr i64, ptr %fp, i64 {self.graph.registers}")
        limit = self.let(f"load ptr, ptr {self.process_field('stack_limit')}")
        over = self.let(f"icmp uge ptr {top}, {limit}")
        self.allocas.append(("%sp", "i8"))
        lowest = self.let(f"load ptr, ptr {self.process_field('native_limit')}")
        deep = self.let(f"icmp ult ptr %sp, {lowest}")
        wrong = self.let(f"or i1 {over}, {deep}")
        self.line(f"br i1 {wrong}, label %extend, label %begin, !prof !2")
        self.label("%extend")
        self.store_closure()
        ok = self.let("call zeroext i1 @rt_stack(ptr %process, ptr %fp)")
        self.line(f"br i1 {ok}, label %begin, label %overflow")
        self.label("%overflow")
        self.return_error()
        self.label("%begin")

    def store_closure(self):
        """The frame gets its closure: the runtime may look at it now. One that captures is there from the beginning, since it may move."""
        if self.closure is None:
            closure = self.let(f"load i64, ptr {self.module_function()}, !invariant.load !1")
            self.line(f"store i64 {closure}, ptr {self.register(-layout.FRAME_HEADER)}")

    def return_error(self):
        """Return: an error was raised."""
        if self.result == TAGGED:
            self.line(f"ret i64 {UNSET}")
        else:
            self.line(f"ret {result_type(self.result)} {{ {TYPE[self.result]} undef, i1 true }}")

    def _outs(self):
        return max([4] + [len(node.writes) for block in self.graph.blocks for node in block.nodes])

    def process_field(self, name):
        return self.let(f"getelementptr i8, ptr %process, i64 {layout.OFFSET['Process'][name]}")

    def module_function(self):
        """The address of the runtime's Function."""
        return self.let(f"load ptr, ptr getelementptr (ptr, ptr @myna_functions, i64 {self.graph.index}), !invariant.load !1")

    def pc(self, node):
        """The address of a node's instruction."""
        code = self.let(f"getelementptr i8, ptr {self.module_function()}, i64 {layout.OFFSET['Function']['code']}")
        base = self.let(f"load ptr, ptr {code}, !invariant.load !1")
        return self.let(f"getelementptr i32, ptr {base}, i64 {node.place}")

    # -- what lives across what may collect --

    def _find_homes(self):
        """Find the tagged values that live across each node that may collect, and give variables to them."""
        blocks = self.graph.blocks
        live_in = {block: frozenset() for block in blocks}
        changed = True
        while changed:
            changed = False
            for block in reversed(blocks):
                live = self._live(block, live_in, None)
                if live != live_in[block]:
                    live_in[block], changed = live, True
        self.across = {}
        for block in blocks:
            self._live(block, live_in, self.across)
        homed = [param for block in blocks[1:] for param in block.params]
        seen = set(homed)
        for values in self.across.values():
            for value in values:
                if value not in seen:
                    seen.add(value)
                    homed.append(value)
        homed += [node for block in blocks for node in block.nodes if node.op == "caught" and node not in seen]
        for number, node in enumerate(homed):
            self.homes[node] = f"%h{number}"

    def _live(self, block, live_in, across):
        live = set()
        for edge in block.edges:
            live |= live_in[edge.block]
            live.update(filter(_moves, edge.values))
        for edge in block.edges:
            live.difference_update(edge.block.params)
        for node in reversed(block.nodes):
            live.discard(node)
            if across is not None and may_collect(node):
                kept = set(live)
                if node.unwind is not None:
                    kept |= self._unwound(node, live_in)
                kept.difference_update(_parts(block, node))
                across[node] = sorted(kept, key=lambda value: value.slot if value.slot is not None else -1)
            if node.unwind is not None:
                live |= self._unwound(node, live_in)
            live.update(filter(_moves, node.inputs))
        live.difference_update(block.params)
        return frozenset(live)

    def _unwound(self, node, live_in):
        edge = node.unwind
        return (set(live_in[edge.block]) | set(filter(_moves, edge.values))) - set(edge.block.params)

    def spill(self, values):
        for value in values:
            self.line(f"store i64 {self.use(value)}, ptr {self.register(self.slot(value))}")

    def reload(self, values):
        for value in values:
            self.line(f"store i64 {self.let(f'load i64, ptr {self.register(self.slot(value))}')}, ptr {self.homes[value]}")

    def slot(self, value):
        """The register of the frame that keeps a value; the closure's is in the frame's header."""
        return -layout.FRAME_HEADER if value is self.closure else value.slot

    # -- blocks --

    def _block(self, block):
        for node in block.nodes:
            if node.op == "part" or node.op == "const":
                continue
            self.starts.append((len(self.lines), node.place))
            emitter = _OPERATIONS.get(node.op)
            if emitter:
                emitter(self, block, node)
            else:
                self._instruction(block, node)

    def go(self, edge):
        """Give the parameters of an edge's block their values, and go there."""
        values = [self.use(value) for value in edge.values]
        for param, value in zip(edge.block.params, values):
            self.line(f"store {TYPE[param.rep]} {value}, ptr {self.homes[param]}")
        self.line(f"br label %b{edge.block.number}")

    def _jump(self, block, node):
        self.go(block.edges[0])

    def _branch(self, block, node):
        condition = self.use(node.inputs[0])
        taken, other = self.fresh("taken"), self.fresh("other")
        self.line(f"br i1 {condition}, label {taken}, label {other}")
        for label, edge in ((taken, block.edges[0]), (other, block.edges[1])):
            self.label(label)
            self.go(edge)

    def _ret(self, block, node):
        value = self.use(node.inputs[0])
        if self.result == TAGGED:
            self.line(f"ret i64 {value}")
        else:
            type_ = result_type(self.result)
            pair = self.let(f"insertvalue {type_} {{ {TYPE[self.result]} undef, i1 false }}, {TYPE[self.result]} {value}, 0")
            self.line(f"ret {type_} {pair}")

    def _enter(self, block, node):
        version = self.module.versions.general(self.graph.index)
        result, raised = self._call_version(version, "%fp", node.inputs)
        error, fine = self.fresh("error"), self.fresh("fine")
        self.line(f"br i1 {raised}, label {error}, label {fine}, !prof !2")
        self.label(error)
        self.return_error()
        self.label(fine)
        self.define(node, result)

    def _call_version(self, version, fp, inputs):
        """(the result, whether an error was raised) of a call of a function's version."""
        arguments = ", ".join(["ptr %process", f"ptr {fp}"] + [f"{TYPE[value.rep]} {self.use(value)}" for value in inputs])
        rep = version.reps()[1]
        given = self.let(f"call {result_type(rep)} {self.module.symbol(version.index, version.number)}({arguments})")
        if rep == TAGGED:
            return given, self.let(f"icmp eq i64 {given}, {UNSET}")
        raised = self.let(f"extractvalue {result_type(rep)} {given}, 1")
        return self.let(f"extractvalue {result_type(rep)} {given}, 0"), raised

    def _compare(self, block, node):
        kind = "fcmp" if node.inputs[0].rep == FLOAT else "icmp"
        self.define(node, self.let(f"{kind} {node.data[0]} {TYPE[node.inputs[0].rep]} {self.use(node.inputs[0])}, {self.use(node.inputs[1])}"))

    def _boolean(self, block, node):
        self.define(node, self.let(f"select i1 {self.use(node.inputs[0])}, i64 {layout.TRUE}, i64 {layout.FALSE}"))

    def _next(self, block, node):
        self.define(node, self.let(f"add nsw i64 {self.use(node.inputs[0])}, 1"))

    def _move(self, block, node):
        self.define(node, self.use(node.inputs[0]))

    def _caught(self, block, node):
        pass        # the edge has set its variable

    # -- errors --

    def raised(self, block, node):
        """Here an error is on its way; what lives across the node is in the frame."""
        if node.unwind is None:
            self.uses_words = True
            self.line(f"store i32 {node.place}, ptr %word")
            self.line("br label %raised")
            return
        edge = node.unwind
        self.line(f"call void @rt_passed(ptr %process, ptr {self.module_function()}, i32 {node.place})")
        self.line(f"store ptr %fp, ptr {self.process_field('fp')}")
        self.store_closure()
        error = self.let("call i64 @rt_caught(ptr %process)")
        stops = self.let(f"icmp eq i64 {error}, {UNSET}")
        stop, caught = self.fresh("stop"), self.fresh("caught")
        self.line(f"br i1 {stops}, label {stop}, label {caught}")
        self.label(stop)
        self.return_error()
        self.label(caught)
        self.reload([value for value in self.across[node] if value in self.homes])
        self.line(f"store i64 {error}, ptr {self.homes[edge.block.nodes[0]]}")
        self.go(edge)

    def _overflow_end(self):
        """Where ints that overflow go to, with the instruction's word set."""
        self.label("%overflows")
        word = self.let("load i32, ptr %word")
        code = self.let(f"getelementptr i8, ptr {self.module_function()}, i64 {layout.OFFSET['Function']['code']}")
        pc = self.let(f"getelementptr i32, ptr {self.let(f'load ptr, ptr {code}, !invariant.load !1')}, i32 {word}")
        self.store_closure()
        self.line(f"store ptr %fp, ptr {self.process_field('fp')}")
        self.line(f"store ptr {pc}, ptr {self.process_field('pc')}")
        self.line("call zeroext i1 @rt_overflow(ptr %process)")
        self.line("br label %raised")

    def _raised_end(self):
        self.allocas.append(("%word", "i32"))
        self.label("%raised")
        word = self.let("load i32, ptr %word")
        self.line(f"call void @rt_passed(ptr %process, ptr {self.module_function()}, i32 {word})")
        self.return_error()

    # -- instructions --

    def _instruction(self, block, node):
        name, raw = node.op, node.data.get("reps", {})
        shape = shapes()[variant(name, raw)]
        is_call = "call" in BY_NAME[name].effects
        kept = self.across.get(node, ())
        values = {(operand, index): self.use(value) for (operand, index, _), value in zip(node.reads, node.inputs)}
        in_memory = {p.name for p in shape.params if p.kind == "memory"}
        if is_call:
            self.spill(kept)
            self.store_closure()
        if is_call or in_memory:
            self.store_inputs(node, values, None if is_call else in_memory)
        arguments = self._arguments(node, shape, values)
        positions = {result: number for number, result in enumerate(shape.results)}
        for (operand, index), number in positions.items():
            if any(p.kind == "x" and p.name == operand for p in shape.params):
                self.line(f"store i64 {values.get((operand, index), 0)}, ptr {self.out(number)}")
        outcome = self._fast_and_cold(block, node, shape, values, arguments, is_call, kept, positions)
        if is_call:
            if shape.raises or shape.slow:
                self._if_raised(block, node, outcome)
            self.reload(kept)
        self._results(block, node, positions)
        if node.rep == BOOL:
            self.define(node, self.let(f"icmp eq i8 {outcome}, {JUMP}"))
        if name == "throw":
            self.line("unreachable")

    def _fast_and_cold(self, block, node, shape, values, arguments, is_call, kept, positions):
        """Call the two functions of the instruction; gives the outcome."""
        too_far = is_call and node.data["a"] + layout.FRAME_HEADER > 255        # links have no room for that
        if shape.fast and not too_far:
            pc = [f"ptr {self.pc(node)}"] if is_call else []
            apart = "" if block in self.module.hot else " #2"
            outcome = self.let(f"call i8 @fast.{variant(node.op, node.data.get('reps', {}))}({', '.join(['ptr %process', 'ptr %out', *pc, *arguments])}){apart}")
            if not shape.slow:
                return outcome
            slow, join = self.fresh("slow"), self.fresh("join")
            here = self.fresh("fast")
            self.line(f"br label {here}")
            self.label(here)
            is_slow = self.let(f"icmp eq i8 {outcome}, {SLOW}")
            self.line(f"br i1 {is_slow}, label {slow}, label {join}, !prof !2")
            self.label(slow)
            cold = self._cold(block, node, shape, values, is_call, kept, positions)
            end = self.fresh("cold")
            self.line(f"br label {end}")
            self.label(end)
            self.line(f"br label {join}")
            self.label(join)
            return self.let(f"phi i8 [{outcome}, {here}], [{cold}, {end}]")
        return self._cold(block, node, shape, values, is_call, kept, positions)

    def _cold(self, block, node, shape, values, is_call, kept, positions):
        if not is_call:
            self.spill(kept)
            self.store_closure()
            self.store_inputs(node, values, None)       # before anything collects
            self._box_inputs(block, node, values)
        raw = [number for number, (operand, _, register) in enumerate(node.writes) if register >= RAW]
        arguments = ["ptr %process", "ptr %raw" if raw else "ptr null", "ptr %fp", f"ptr {self.pc(node)}"]
        for p in shape.params:
            if p.index:
                continue
            if p.kind in "rxd" or p.kind == "memory":
                arguments.append(f"ptr {self.register(node.data[p.name])}")
            else:
                arguments.append(self._operand(node, p, values))
        outcome = self.let(f"call i8 @cold.{node.op}({', '.join(arguments)})")
        if not is_call:
            self._if_raised(block, node, outcome)
            self.reload(kept)
        if raw:
            self.line(f"store i64 {self.let('load i64, ptr %raw')}, ptr {self.out(0)}")
        kinds = {p.name: p.kind for p in shape.params}
        wanted = node.data.get("reps", {})
        if wanted.get("a") in (INT, FLOAT):
            self._unbox_result(block, node, wanted["a"])
            return outcome
        for (operand, index), number in positions.items():
            if kinds.get(operand) in ("x", "d", "memory"):
                word = self.let(f"load i64, ptr {self.register(node.data[operand] + index)}")
                self.line(f"store i64 {word}, ptr {self.out(number)}")
        return outcome

    def _box_inputs(self, block, node, values):
        """The cold function takes words: box the inputs that the fast one takes raw, into their registers."""
        for (operand, _, register), value in zip(node.reads, node.inputs):
            if operand in node.data.get("reps", {}) and value.rep != TAGGED:
                bits = values[operand, 0]
                if value.rep == FLOAT:
                    bits = self.let(f"bitcast double {bits} to i64")
                outcome = self.let(f"call i8 @cold.{'boxint' if value.rep == INT else 'boxfloat'}(ptr %process, ptr null, ptr %fp, ptr {self.pc(node)}, "
                                   f"ptr {self.register(register)}, i64 {bits})")
                self._if_raised(block, node, outcome)

    def _unbox_result(self, block, node, rep):
        """The cold function has given a word: unbox it to where the fast one leaves its result."""
        name = "unboxint" if rep == INT else "unboxfloat"
        outcome = self.let(f"call i8 @cold.{name}(ptr %process, ptr %raw, ptr %fp, ptr {self.pc(node)}, ptr {self.register(node.data['a'])})")
        self._if_raised(block, node, outcome)
        self.line(f"store i64 {self.let('load i64, ptr %raw')}, ptr {self.out(0)}")

    def _if_raised(self, block, node, outcome):
        bad = self.let(f"icmp eq i8 {outcome}, {RAISED}")
        raised, fine = self.fresh("error"), self.fresh("fine")
        self.line(f"br i1 {bad}, label {raised}, label {fine}, !prof !2")
        self.label(raised)
        self.raised(block, node)
        self.label(fine)

    def store_inputs(self, node, values, operands):
        """Store the inputs that are tagged registers to these; `operands`: only those of them."""
        for (operand, index, register), value in zip(node.reads, node.inputs):
            if value.rep == TAGGED and register is not None and register < RAW and (operands is None or operand in operands):
                self.store_register(register, values[operand, index])

    def out(self, number):
        return self.let(f"getelementptr i64, ptr %out, i64 {number}") if number else "%out"

    def _arguments(self, node, shape, values):
        return [self._operand(node, p, values) for p in shape.params if p.type is not None]

    def _operand(self, node, p, values):
        if p.kind == "memory":
            return f"ptr {self.register(node.data[p.name])}"
        if p.kind in "rx" or p.kind == "closure":
            return f"{p.type} {values.get((p.name, p.index), 0)}"        # a register that is only written has no value
        if p.kind == "S":
            value, source = values[p.name, 0], node.inputs[[r[0] for r in node.reads].index(p.name)]
            return f"i64 {self.let(f'bitcast double {value} to i64') if source.rep == FLOAT else value}"
        if p.kind == "C":
            return f"ptr {self.cache(node, p)}"
        if p.kind == "delta":
            return f"i64 {node.data['a'] + layout.FRAME_HEADER}"
        if p.kind in CONSTANT_KINDS:
            return f"i64 {self._pooled_operand(node.data[p.name])}"
        return f"{'i32' if p.kind in 'GPI' else 'i64'} {node.data[p.name]}"

    def _pooled_operand(self, number):
        value = self.function.consts[number]
        word = tagged(value)
        return word if word is not None else self.pooled(number)

    def cache(self, node, param):
        """The address of a cache, a word of the instruction."""
        words = [o.name for o in BY_NAME[node.op].operands if o.kind in WORD_KINDS]
        return self.let(f"getelementptr i32, ptr {self.pc(node)}, i64 {1 + words.index(param.name)}")

    def _results(self, block, node, positions):
        outputs = [node] if node.writes and node.rep not in (BOOL, None) else [None] * len(node.writes)
        for part in _parts(block, node):
            outputs[part.data[0]] = part
        for (operand, index, register), output in zip(node.writes, outputs):
            if output is None:
                continue
            if (operand, index) in positions:
                value = self.let(f"load {TYPE[output.rep]}, ptr {self.out(positions[operand, index])}")
            else:
                value = self.let(f"load i64, ptr {self.register(register)}")
            self.define(output, value)

    def _checked(self, block, node):
        """Arithmetic that raises when it overflows, where nothing catches that here."""
        if node.unwind is not None:
            return self._instruction(block, node)
        operands = [self.use(value) for value in node.inputs]
        if node.op == "addi.int":
            operands.append(node.data["i"])
        elif node.op == "neg.int":
            operands.insert(0, 0)
        kind = "sub" if node.op == "neg.int" else node.op[:3]
        pair = self.let(f"call {{ i64, i1 }} @llvm.s{kind}.with.overflow.i64(i64 {operands[0]}, i64 {operands[1]})")
        over = self.let(f"extractvalue {{ i64, i1 }} {pair}, 1")
        wrong, fine = self.fresh("over"), self.fresh("fine")
        self.line(f"br i1 {over}, label {wrong}, label {fine}, !prof !2")
        self.label(wrong)
        self.uses_words = self.overflows = True
        self.line(f"store i32 {node.place}, ptr %word")
        self.line("br label %overflows")
        self.label(fine)
        self.define(node, self.let(f"extractvalue {{ i64, i1 }} {pair}, 0"))

    def _checkslots(self, block, node):
        """Fields of an instance can be reached without further ado from here on."""
        value = self.use(node.inputs[0])
        outcome = self.let(f"call i8 @fast.checkslots(ptr %process, ptr %out, i64 {value}, i64 {node.data[0] - 1})")
        bad = self.let(f"icmp ne i8 {outcome}, 0")
        wrong, fine = self.fresh("wrong"), self.fresh("fine")
        self.line(f"br i1 {bad}, label {wrong}, label {fine}, !prof !2")
        self.label(wrong)
        self.spill(self.across.get(node, ()))
        self.store_closure()
        self.store_register(node.data[1], value)
        self.line(f"store ptr %fp, ptr {self.process_field('fp')}")
        self.line(f"store ptr {self.pc(node)}, ptr {self.process_field('pc')}")
        self.line(f"call zeroext i1 @rt_not_slot(ptr %process, ptr {self.register(node.data[1])}, i64 {node.data[0] - 1})")
        self.raised(block, node)
        self.label(fine)

    def _divide(self, block, node):
        """A division by a constant cannot fail, but for two of them."""
        divisor = node.inputs[1]
        if divisor.op != "const" or divisor.data[-1] in (0, -1):
            return self._instruction(block, node)
        operation = "sdiv" if node.op == "div.int" else "srem"
        self.define(node, self.let(f"{operation} i64 {self.use(node.inputs[0])}, {self.use(divisor)}"))

    def _callknown(self, block, node):
        """A call of a function that is known, with all arguments."""
        version = self.module.versions.chosen(self.graph, node)
        far = node.data["a"] + layout.FRAME_HEADER
        if version is None:
            return self._instruction(block, node)
        binds = self.module.binds(version.index)
        kept = self.across[node]
        self.spill(kept)
        for (operand, _, register), value in zip(node.reads, node.inputs):
            if operand == "t":
                self.store_register(register, self.use(value))
        fp = self.register(far)
        if binds:
            back = self.let(f"getelementptr i32, ptr {self.pc(node)}, i64 {BY_NAME['callknown'].words}")
            link = self.let(f"or i64 {self.let(f'ptrtoint ptr {back} to i64')}, {far << layout.LINK_DELTA_SHIFT}")
            self.store_register(far - 1, link)
        result, bad = self._call_version(version, fp, [value for value, access in zip(node.inputs, node.reads) if access[0] == "a"])
        raised, fine = self.fresh("error"), self.fresh("fine")
        self.line(f"br i1 {bad}, label {raised}, label {fine}, !prof !2")
        self.label(raised)
        self.raised(block, node)
        self.label(fine)
        self.reload(kept)
        self.define(node, result)


_OPERATIONS = {"jump": _Function._jump, "branch": _Function._branch, "ret": _Function._ret, "enter": _Function._enter, "move": _Function._move,
               "caught": _Function._caught, "callknown": _Function._callknown, "compare": _Function._compare, "boolean": _Function._boolean,
               "next": _Function._next, **dict.fromkeys(("add.int", "sub.int", "mul.int", "addi.int", "neg.int"), _Function._checked),
               "checkslots": _Function._checkslots, "div.int": _Function._divide, "mod.int": _Function._divide}
_CHECKED = {"add.int", "sub.int", "mul.int", "addi.int", "neg.int"}


def may_collect(node):
    """May other values move, or change, while the node runs?"""
    if node.op in _CHECKED or node.op == "checkslots":
        return node.unwind is not None      # else it does not come back
    return node.op in shapes() and (shapes()[node.op].slow or "call" in BY_NAME[node.op].effects)


def _moves(value):
    """Can the collector move what the value refers to?"""
    return value.rep == TAGGED and value.op != "const"


def _parts(block, node):
    at = block.nodes.index(node) + 1 if node.writes else len(block.nodes)
    while at < len(block.nodes) and block.nodes[at].op == "part" and block.nodes[at].inputs[0] is node:
        yield block.nodes[at]
        at += 1


def tagged(value):
    """The word of a constant, if it has one that is known before the program is loaded."""
    return layout.word_of(value) if value.__class__ in (int, float) else None


def _double(value):
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
