"""From bytecode to a graph: registers become values.

In:  a Program that the verifier accepts, the index of a function. Out: `body`, the graph of what runs behind the function's checks;
`checked`, that of the checks, which ends by entering the body; `direct`, which does nothing else.
Holds: what `graph.verify` checks. Values are found as in "Simple and Efficient Construction of Static Single Assignment Form" (Braun
et al., 2013), but with liveness: a block that several edges lead to has a parameter for each register that is live there, and
parameters that always get the same value are dropped again.
"""
from .facts import OTHER, Fact
from .graph import BOOL, FLOAT, INT, TAGGED, Block, Edge, Graph, Node, Place
from .registers import RAW, SOMETIMES, accesses, decode

_ENDS = {"jump", "ret", "retnone", "throw", "halt"}
_SPECIAL = {"loadnone": "none", "loadtrue": "true", "loadfalse": "false", "loadunset": "unset"}
_USES_CLOSURE = {"getup", "getupcell", "setupcell"}
TYPE_ARGUMENTS = {"typeargs", "typeargsr"}


def body(program, index):
    """The graph of function `index` from behind its checks on."""
    return _Builder(program, index).graph_from(program.functions[index].checks)


def checked(program, index):
    """The graph of the checks of function `index`, ending with `enter`; None: it has none."""
    f = program.functions[index]
    return _Builder(program, index).graph_from(0, f.checks) if f.checks else None


def direct(program, index):
    """A graph that only enters the body of function `index`: for calls whose arguments need no checks."""
    builder = _Builder(program, index)
    entry = builder.graph.blocks[0]
    builder._add_params()
    builder._enter(entry, entry.params[:builder.function.nparams])
    return builder.graph


class _Part:
    """Instructions that follow each other, up to one that may go elsewhere."""

    def __init__(self, start):
        self.start = start
        self.items = []
        self.next = []          # words where it may go on: where its last instruction jumps to first
        self.used = self.set = self.live = 0    # registers as bits: read before written, written, live at the beginning
        self.block = None
        self.edges = 0          # that lead here
        self.tested = None      # (register, Type that what it holds was found to have on the only way here)
        self.state = None       # register -> Node at the beginning


class _Builder:
    def __init__(self, program, index):
        self.program, self.function = program, program.functions[index]
        self.graph = Graph(index, self.function)

    def graph_from(self, start, stop=None):
        """The graph of the instructions from word `start` on; at word `stop` the body is entered."""
        self.start, self.stop = start, stop
        self._divide()
        self._find_live()
        self._make_blocks()
        _prune(self.graph)
        _settle(self.graph)
        return self.graph

    # -- parts --

    def _divide(self):
        """Split the code into parts."""
        f = self.function
        self.items = {item.at: item for item in decode(f)}
        starts = {self.start, *(h.target for h in f.handlers)}
        for item in self.items.values():
            if item.target is not None:
                starts |= {item.target, item.end}
            elif item.op.name in _ENDS:
                starts.add(item.end)
        if self.stop is not None:
            starts.add(self.stop)
        self.parts = {}
        part = None
        for at, item in self.items.items():
            if at in starts:
                part = self.parts[at] = _Part(at)
            if part is not None:
                part.items.append(item)
        for part in self.parts.values():
            last = part.items[-1]
            part.next = [last.target] if last.target is not None else []
            if last.op.name not in _ENDS and last.end in self.parts:
                part.next.append(last.end)
        if self.stop is not None:
            self.parts[self.stop] = end = _Part(self.stop)      # nothing of it but that the parameters are live
            end.next = []

    def handler(self, item):
        """The handler of errors that an instruction raises, or None."""
        if not item.op.effects & {"throw", "call"}:
            return None
        word = item.end - item.op.words
        return next((h for h in self.function.handlers if h.start <= word < h.end), None)

    def accesses(self, item):
        """What it reads and writes; a call also reads the register with its type arguments."""
        reads, writes = accesses(item, self.function, self.program)
        following = self.items.get(item.end)
        if following is not None and following.op.name == "typeargsr" and item.op.effects & {"call", "throw"}:
            reads = [*reads, ("t", 0, following.operands["t"])]
        return reads, writes

    # -- liveness --

    def _find_live(self):
        self.access = {}
        parts = self._reachable()
        for part in parts:
            for item in part.items:
                self.access[item.at] = self.accesses(item)
        more = True
        while more:
            for part in parts:
                self._scan(part)
            self._spread(parts)
            more = [part for part in parts if part.items and self._keeps(part)]

    def _spread(self, parts):
        changed = True
        while changed:
            changed = False
            for part in reversed(parts):
                live = self._live_before(part)
                if live != part.live:
                    part.live, changed = live, True

    def _keeps(self, part):
        """Does the part's last instruction leave registers alone on a way where they are used? Then it reads them, and gives them back."""
        item = part.items[-1]
        if item.op.name not in SOMETIMES:
            return False
        way, first = SOMETIMES[item.op.name]
        live, (reads, writes) = self.parts[part.next[way]].live, self.access[item.at]
        kept = [access for access in writes if access[1] >= first and access not in reads and _bit(access[2], self.function) & live]
        self.access[item.at] = [*reads, *kept], writes
        return bool(kept)

    def _reachable(self):
        """The parts that can be reached, in depth-first order; their `edges` are counted."""
        out, seen, todo = [], set(), [self.start]
        self.parts[self.start].edges += 1
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            part = self.parts[at]
            out.append(part)
            targets = {h.target for item in part.items if (h := self.handler(item))}
            for target in targets:
                self.parts[target].edges += 2       # from the middle: its values are parameters
            for target in part.next:
                self.parts[target].edges += 1
            todo += [*targets, *part.next]
        return out

    def _scan(self, part):
        part.used = part.set = 0
        if part.start == self.stop:
            part.used = (1 << self.function.nparams) - 1
        for item in part.items:
            reads, writes = self.access[item.at]
            for _, _, register in reads:
                part.used |= _bit(register, self.function) & ~part.set
            for _, _, register in writes:
                part.set |= _bit(register, self.function)

    def _live_before(self, part):
        live = 0
        for target in part.next:
            live |= self.parts[target].live
        live = live & ~part.set | part.used
        set_ = 0
        for item in part.items:
            h = self.handler(item)
            if h:
                live |= self.parts[h.target].live & ~_bit(h.register, self.function) & ~set_
            for _, _, register in self.access[item.at][1]:
                set_ |= _bit(register, self.function)
        return live

    # -- blocks --

    def _make_blocks(self):
        entry, state, todo = self.graph.blocks[0], self._add_params(), []
        entry.nodes.append(Node("jump", place=Place(self.graph.scope, self.start)))
        entry.edges.append(self._edge(self.start, state, todo))
        while todo:
            part = todo.pop()
            self.graph.blocks.append(part.block)
            self._fill(part, dict(part.state), todo)

    def _add_params(self):
        """The function's parameters; gives what the registers hold then."""
        state = {register: Node("param", rep=TAGGED, slot=register) for register in range(self.function.nparams)}
        self.closure = Node("param", rep=TAGGED) if self.function.captures else None
        self.graph.blocks[0].params = [*state.values(), *([self.closure] if self.closure else [])]
        return state

    def _edge(self, at, state, todo, dropped=None):
        """An edge to the part at a word, with what its block takes of `state`. A part met for the first time gets its block."""
        part = self.parts[at]
        if part.block is None:
            part.block = Block()
            part.params = []
            if part.edges > 1:
                part.params = [r for r in _registers(part.live, self.function) if r != dropped]
                nodes = [Node("param", rep=TAGGED if r < RAW else None, slot=r if r < RAW else None) for r in part.params]
                part.block.params = nodes
                part.state = dict(zip(part.params, nodes))
            else:
                part.state = state
            todo.append(part)
        return Edge(part.block, [self._value(state, r) for r in part.params])

    def _value(self, state, register):
        """What a register holds; it may hold nothing of use."""
        if register not in state:
            state[register] = node = Node("const", data=("unset",) if register < RAW else (0,), rep=TAGGED if register < RAW else INT, slot=register if register < RAW else None)
            self.graph.blocks[0].nodes.insert(0, node)
        return state[register]

    def _fill(self, part, state, todo):
        block = part.block
        handlers = {h.target: h.register for h in self.function.handlers}
        if part.start in handlers:
            register = handlers[part.start]
            state[register] = self._add(block, Node("caught", rep=TAGGED, slot=register, place=self._place(part.items[0])))
        if part.tested:
            register, type_ = part.tested
            state[register] = self._add(block, Node("narrow", [state[register]], (Fact(OTHER, type_, True),), TAGGED, slot=register))
        if part.start == self.stop:
            self._enter(block, [self._value(state, r) for r in range(self.function.nparams)])
            return
        for item in part.items:
            condition = self._instruction(block, item, state, todo)
        last = part.items[-1]
        if last.op.name in ("ret", "throw"):
            return
        if condition is not None:
            self._add(block, Node("branch", [condition], place=self._place(last)))
        elif last.op.name != "retnone":
            self._add(block, Node("jump", place=self._place(last)))
        else:
            none = self._add(block, Node("const", data=("none",), rep=TAGGED, slot=0))
            self._add(block, Node("ret", [none], place=self._place(last)))
            return
        if not part.next:       # the code ends here: what the verifier accepts does not get here
            raise AssertionError("a verified function ends with a return")
        self._note_test(part, last)
        for target in part.next:
            block.edges.append(self._edge(target, dict(state) if len(part.next) > 1 else state, todo))

    def _note_test(self, part, item):
        """What a test whether a value is an instance of a class tells on one of its ways."""
        way = {"jis": 0, "jisnt": 1}.get(item.op.name)
        if way is None or self.parts[part.next[way]].edges != 1:
            return
        type_ = self.function.consts[item.operands["type"]]
        if type_.kind == "class" and not type_.optional and not self.program.classes[type_.index].interface:
            self.parts[part.next[way]].tested = item.operands["a"], type_

    def _enter(self, block, arguments):
        closure = [self.closure] if self.closure else []
        place = Place(self.graph.scope, self.function.checks)
        self._add(block, Node("ret", [self._add(block, Node("enter", [*arguments, *closure], rep=TAGGED, slot=0, place=place))], place=place))

    def _add(self, block, node):
        block.nodes.append(node)
        return node

    def _instruction(self, block, item, state, todo):
        """Add the nodes of an instruction; gives the condition under which it jumps, or None."""
        name, o = item.op.name, item.operands
        if name in _SPECIAL or name in ("loadk", "loadi"):
            data = ("constant", o["k"], self.function.consts[o["k"]]) if name == "loadk" else (_SPECIAL.get(name) or o["i"],)
            state[o["a"]] = self._add(block, Node("const", data=data, rep=TAGGED, slot=o["a"], place=self._place(item)))
        elif name == "fillnone":
            for register in range(o["a"], o["a"] + o["n"]):
                state[register] = self._add(block, Node("const", data=("none",), rep=TAGGED, slot=register))
        elif name == "rmove":
            state[o["a"]] = self._value(state, o["b"])
        elif name in ("rloadi", "rloadk"):
            value = o["i"] if name == "rloadi" else self.function.consts[o["k"]]
            state[o["a"]] = self._add(block, Node("const", data=(value,), rep=FLOAT if isinstance(value, float) else INT))
        elif name in TYPE_ARGUMENTS or name in ("jump", "retnone"):
            pass
        else:
            return self._operation(block, item, state, todo)
        return None

    def _place(self, item):
        return Place(self.graph.scope, item.end - item.op.words)

    def _operation(self, block, item, state, todo):
        name, (reads, writes) = item.op.name, self.access[item.at]
        inputs = [self._value(state, register) for _, _, register in reads]
        node = Node(name, inputs, item.operands, place=self._place(item))
        node.reads, node.writes = reads, writes
        if name in _USES_CLOSURE:
            node.inputs = [*inputs, self.closure]
            node.reads = [*reads, ("closure", 0, None)]
        handler = self.handler(item)
        if handler:
            node.unwind = self._edge(handler.target, state, todo, handler.register)
        self._add(block, node)
        if name in ("ret", "throw"):
            return None
        jumps = item.target is not None
        if jumps:
            node.rep = BOOL
        if len(writes) == 1 and not jumps:
            node.rep, node.slot = _rep(name, writes[0]), writes[0][2] if writes[0][2] < RAW else None
            state[writes[0][2]] = node
        else:
            for number, access in enumerate(writes):
                part = Node("part", [node], (number,), _rep(name, access), slot=access[2])
                state[access[2]] = self._add(block, part)
        return node if jumps else None


def _rep(name, access):
    if access[2] < RAW:
        return TAGGED
    floats = name.endswith(".float") and not name.startswith(("lt", "le", "eq")) or name in ("unboxfloat", "float.int")
    return FLOAT if floats else INT


def _bit(register, function):
    return 1 << (register if register < RAW else register - RAW + function.nregs)


def _registers(bits, function):
    out, number = [], 0
    while bits:
        low = bits & -bits
        number = low.bit_length() - 1
        out.append(number if number < function.nregs else number - function.nregs + RAW)
        bits ^= low
    return out


def _prune(graph):
    """Drop parameters that always get the same value, and blocks that cannot be reached."""
    graph.blocks = graph.order()
    became = {}

    def find(value):
        while value in became:
            value = became[value]
        return value

    into = {block: [] for block in graph.blocks}
    for block in graph.blocks:
        for edge in block.leaving():
            into[edge.block].append(edge)
    changed = True
    while changed:
        changed = False
        for block in graph.blocks[1:]:
            for at in range(len(block.params) - 1, -1, -1):
                param = block.params[at]
                values = {find(edge.values[at]) for edge in into[block]} - {param}
                value = next(iter(values)) if len(values) == 1 else None
                if value is not None and value.slot == param.slot:
                    became[param] = value
                    del block.params[at]
                    for edge in into[block]:
                        del edge.values[at]
                    changed = True
    for block in graph.blocks:
        for node in block.nodes:
            node.inputs = [find(value) for value in node.inputs]
        for edge in block.leaving():
            edge.values = [find(value) for value in edge.values]


def _settle(graph):
    """Give raw parameters the representation of what they get."""
    waiting = [(edge, block) for block in graph.blocks for edge in block.leaving()]
    while waiting:
        left = []
        for edge, block in waiting:
            for param, value in zip(edge.block.params, edge.values):
                if param.rep is None:
                    param.rep = value.rep
            if any(param.rep is None for param in edge.block.params):
                left.append((edge, block))
        if len(left) == len(waiting):
            break
        waiting = left
