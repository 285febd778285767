"""From a graph to the text of an LLVM function.

In:  a `Graph`, a `Module` (`module.py`) that numbers constants and names functions. Out: `emit`, the text of one function.
Holds: a native function `T NAME(process, fp, arguments..., closure)` gives the result, or unset when an error was raised; where the result is raw, T is the
pair of it and whether an error was raised. `fp` is its frame on the value stack, as the interpreter's frames are. A tagged value that lives across what may
collect is in its register of the frame from where it is defined, and is read back after what has collected. (Where a graph has `extra` registers, `fp` is so much higher than what it was given.) A value that is read back, and
each parameter of a block, has a variable (an `alloca`), from which LLVM makes values again. Parameters of the function behind the closure do not exist: calls
hand over all.

A place where an error may pass tells the runtime (`rt_passed`), for the trace, and goes to the handler or returns unset. What each operation becomes is in
`operations.py`.
"""
import struct

from .. import layout
from ..opt.graph import FLOAT, TAGGED, Place
from ..opt.liveness import across
from . import operations
from .operations import TYPE, result_type, tagged

UNSET = layout.UNSET
_WORDS = {"none": layout.NONE, "true": layout.TRUE, "false": layout.FALSE, "unset": layout.UNSET}


def emit(module, graph, name, result=TAGGED, itself=None, room=0):
    """The text of a function `name`; `result`: the representation of what it returns; `itself`: the function that its calls of itself enter;
    `room`: words of the stack beyond its frame that it has to see to, or None where its caller has seen to its frame."""
    return Function(module, graph, name, result, itself or name, room).text()


class Function:
    """A function on its way to text."""

    def __init__(self, module, graph, name, result, itself, room):
        self.module, self.graph, self.name, self.result = module, graph, name, result
        self.itself, self.room = itself, room
        self.lines, self.allocas = [], []
        self.starts = []            # (number of a line, Place of the instruction that the lines from there on stand for): `debug.py`
        self.count = 0
        self.function = module.program.functions[graph.index]
        self.homes = {}             # Node -> its variable
        self.names = {}             # Node -> its LLVM value
        self.across = {}            # Node that may collect -> the values to be read back after it
        self.kept = set()           # values that are in their registers of the frame
        self.ends = {}              # what the end of the function needs: "raised", "failed", "overflows", by name and Scope

    # -- text --

    def fresh(self, prefix="t"):
        """A new name."""
        self.count += 1
        return f"%{prefix}{self.count}"

    def line(self, text):
        """Append an instruction."""
        self.lines.append("  " + text)

    def label(self, name):
        """A block of LLVM's begins."""
        self.lines.append(f"{name[1:]}:")

    def let(self, text):
        """A new value."""
        name = self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    def unlikely(self, condition, name):
        """Go to a new label, which is given, if the condition (i1) holds; go on here if not."""
        there, here = self.fresh(name), self.fresh("fine")
        self.line(f"br i1 {condition}, label {there}, label {here}, !prof !2")
        return there, here

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
        if node in self.kept:
            self.store_register(self.slot(node), value)

    def constant(self, node):
        """The value of a constant."""
        value = node.data[-1]
        if node.rep == FLOAT:
            return _double(value)
        if node.rep != TAGGED:
            return str(int(value))
        word = _WORDS.get(value) if len(node.data) == 1 and value in _WORDS else tagged(value)
        return str(word) if word is not None else self.pooled(node.place.scope.index, node.data[1])

    def pooled(self, index, number):
        """Constant `number` of function `index`, which is known when the program is loaded."""
        at = self.module.constant(index, number)
        return self.let(f"load i64, ptr getelementptr (i64, ptr @myna_constants, i64 {at}), !invariant.load !1")

    def register(self, number):
        """The address of a register of the frame."""
        return self.let(f"getelementptr i64, ptr %fp, i64 {number}") if number else "%fp"

    def store_register(self, number, value):
        """Write a word to a register."""
        self.line(f"store i64 {value}, ptr {self.register(number)}")

    def slot(self, value):
        """The register of the frame that keeps a value; the closure's is in the frame's header."""
        return -layout.FRAME_HEADER if value is self.closure else value.slot

    def is_in(self, value, register):
        """Is the value in this register already?"""
        return value in self.kept and value.slot == register

    def reload(self, values):
        """Read back what a collection may have moved."""
        for value in values:
            self.line(f"store i64 {self.let(f'load i64, ptr {self.register(self.slot(value))}')}, ptr {self.homes[value]}")

    # -- the whole --

    def text(self):
        """The function's text."""
        params = self.graph.blocks[0].params
        self.closure = params[-1] if self.function.captures else None
        self._find_homes()
        for number, block in enumerate(self.graph.blocks):
            block.number = number
        self._prologue(params)
        for number, block in enumerate(self.graph.blocks):
            self.label(f"%b{number}")
            for node in block.nodes:
                self.starts.append((len(self.lines), node.place))
                operations.emit(self, block, node)
        self.starts.append((len(self.lines), None))
        self._endings()
        head = ", ".join(["ptr %process", "ptr %frame" if self.graph.extra else "ptr %fp"] + [f"{TYPE[param.rep]} %a{i}" for i, param in enumerate(params)])
        allocas = [f"  {name} = alloca {type_}" for name, type_ in self.allocas]
        attributes = 0 if self.room is not None else 3
        mark, lines = self.module.located(self.graph.index, self.lines, self.starts)
        return "\n".join([f"define internal {result_type(self.result)} {self.name}({head}) #{attributes}{mark} {{", "entry:", *allocas, *lines, "}", ""])

    def _find_homes(self):
        """Find the values that live across each node that may collect, and give variables to them."""
        blocks = self.graph.blocks
        self.across = across(self.graph, _moves, operations.may_collect)
        homed = dict.fromkeys(param for block in blocks[1:] for param in block.params)
        for values in self.across.values():
            homed.update(dict.fromkeys(values))
            self.kept.update(values)
        homed.update(dict.fromkeys(node for block in blocks for node in block.nodes if node.op == "caught"))
        self.homes = {node: f"%h{number}" for number, node in enumerate(homed)}

    def _prologue(self, params):
        outs = max([4] + [len(node.writes) for block in self.graph.blocks for node in block.nodes])
        self.allocas += [("%out", f"[{outs} x i64]"), ("%raw", "i64"), *((home, TYPE[node.rep]) for node, home in self.homes.items())]
        if self.graph.extra:
            self.line(f"%fp = getelementptr i64, ptr %frame, i64 {self.graph.extra}")
        nodes = [node for block in self.graph.blocks for node in block.nodes]
        self.has_closure = any(node.op == "enter" or operations.looks_at_frame(node) and node.place.scope is self.graph.scope for node in nodes)
        if self.closure:
            self.store_register(-layout.FRAME_HEADER, f"%a{params.index(self.closure)}")
        elif self.has_closure and not any(node.op == "enter" for node in nodes):       # it is there already where words are taken from the frame
            self.store_closure(self.graph.scope)
        needs_room = any(map(operations.calls_code, nodes)) or self.graph.registers + self.graph.extra >= layout.FRAME_SLACK   # else the caller has seen to it
        if needs_room and self.room is not None:
            self._check_stacks()
        for number, param in enumerate(params):
            self.define(param, f"%a{number}")
        self.line("br label %b0")

    def _check_stacks(self):
        top = self.let(f"getelementptr i64, ptr %fp, i64 {self.graph.registers + self.room}")
        limit = self.let(f"load ptr, ptr {self.process_field('stack_limit')}")
        over = self.let(f"icmp uge ptr {top}, {limit}")
        self.allocas.append(("%sp", "i8"))
        lowest = self.let(f"load ptr, ptr {self.process_field('native_limit')}")
        deep = self.let(f"icmp ult ptr %sp, {lowest}")
        wrong = self.let(f"or i1 {over}, {deep}")
        self.line(f"br i1 {wrong}, label %extend, label %begin, !prof !2")
        self.label("%extend")
        self.need_closure(self.graph.scope)
        ok = self.let(f"call zeroext i1 @rt_stack(ptr %process, ptr %fp, i64 {self.graph.registers + self.room})")
        self.line(f"br i1 {ok}, label %begin, label %overflow")
        self.label("%overflow")
        self.return_error()
        self.label("%begin")

    def need_closure(self, scope):
        """The runtime will look at the frame of a scope: its closure must be there."""
        if not scope.has_closure if scope is not self.graph.scope else not self.closure and not self.has_closure:
            self.store_closure(scope)

    def store_closure(self, scope):
        """Make the frame of a scope one of its function."""
        closure = self.let(f"load i64, ptr {self.module_function(scope)}, !invariant.load !1")
        self.store_register(scope.base - layout.FRAME_HEADER, closure)

    def process_field(self, name):
        """The address of a field of the process."""
        return self.let(f"getelementptr i8, ptr %process, i64 {layout.OFFSET['Process'][name]}")

    def module_function(self, scope):
        """The address of the runtime's Function."""
        return self.let(f"load ptr, ptr getelementptr (ptr, ptr @myna_functions, i64 {scope.index}), !invariant.load !1")

    def frame(self, scope):
        """The address of a scope's frame."""
        return self.register(scope.base)

    def pc(self, place, behind=0):
        """The address of the word so far behind a Place."""
        code = self.let(f"getelementptr i8, ptr {self.module_function(place.scope)}, i64 {layout.OFFSET['Function']['code']}")
        base = self.let(f"load ptr, ptr {code}, !invariant.load !1")
        return self.let(f"getelementptr i32, ptr {base}, i64 {place.word + behind}")

    def word(self, node):
        """An instruction as cold functions are told it: its word's number, and whether a prefix stands before it."""
        scope, word = node.place
        return f"i32 {word << 1 | (word in self.module.wide_places(scope.index))}"

    # -- edges --

    def go(self, edge):
        """Give the parameters of an edge's block their values, and go there."""
        values = [self.use(value) for value in edge.values]
        for param, given, value in zip(edge.block.params, edge.values, values):
            self.line(f"store {TYPE[param.rep]} {value}, ptr {self.homes[param]}")
            if param in self.kept and not self.is_in(given, param.slot):
                self.store_register(param.slot, value)
        self.line(f"br label %b{edge.block.number}")

    # -- errors --

    def return_error(self):
        """Return: an error was raised."""
        if self.result == TAGGED:
            self.line(f"ret i64 {UNSET}")
        else:
            self.line(f"ret {result_type(self.result)} {{ {TYPE[self.result]} undef, i1 true }}")

    def passed(self, place):
        """An error passes here: the trace is told."""
        self.passed_word(place.scope, place.word)

    def passed_word(self, scope, word):
        """The same of a word that may be known only when the program runs."""
        self.line(f"call void @rt_passed(ptr %process, ptr {self.module_function(scope)}, i32 {word})")

    def raised(self, node):
        """Here an error is on its way through a node."""
        if node.unwind is None:
            self.end("raised", node)
        else:
            self.passed(node.place)
            self.failed(node)

    def failed(self, node):
        """The same, where the runtime has been told."""
        edge, scope = node.unwind, node.place.scope
        if edge is None:
            self.line(f"br label {self.end_of('failed', scope)}")
            return
        handler = edge.block.nodes[0].place.scope
        for inner in scope.chain():
            if inner is handler:
                break
            self.passed(inner.call)
        self.need_closure(handler)
        error = self.let(f"call i64 @rt_caught(ptr %process, ptr {self.frame(handler)})")
        stops = self.let(f"icmp eq i64 {error}, {UNSET}")
        stop, caught = self.fresh("stop"), self.fresh("caught")
        self.line(f"br i1 {stops}, label {stop}, label {caught}")
        self.label(stop)
        for inner in handler.chain():
            if inner.call:
                self.passed(inner.call)
        self.return_error()
        self.label(caught)
        self.reload(self.across[node])
        self.define(edge.block.nodes[0], error)
        self.go(edge)

    def end(self, name, node):
        """Go to an end of the function that wants to know the instruction: "raised", or "overflows", where an int does."""
        self.line(f"store i32 {node.place.word}, ptr %word")
        self.line(f"br label {self.end_of(name, node.place.scope)}")

    def end_of(self, name, scope):
        """The label of an end of the function."""
        number = self.ends.setdefault((name, scope), len(self.ends))
        return f"%{name}{number}"

    def _endings(self):
        done = 0
        while done < len(self.ends):        # which grows
            name, scope = [*self.ends][done]
            self.label(self.end_of(name, scope))
            if name == "failed":
                self._leave(scope)
            else:
                word = self.let("load i32, ptr %word")
                if name == "overflows":
                    self._overflow(scope)
                self.passed_word(scope, word)
                self.line(f"br label {self.end_of('failed', scope)}")
            done += 1
        if any(name != "failed" for name, _ in self.ends):
            self.allocas.append(("%word", "i32"))

    def _overflow(self, scope):
        self.need_closure(scope)
        self.line(f"store ptr {self.frame(scope)}, ptr {self.process_field('fp')}")
        self.line(f"store ptr {self.pc(Place(scope, 0))}, ptr {self.process_field('pc')}")
        self.line("call zeroext i1 @rt_overflow(ptr %process)")

    def _leave(self, scope):
        if scope.call:
            self.passed(scope.call)
            self.line(f"br label {self.end_of('failed', scope.call.scope)}")
        else:
            self.return_error()


def _moves(value):
    """Can the collector move what the value refers to?"""
    return value.rep == TAGGED and value.op != "const"


def _double(value):
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
