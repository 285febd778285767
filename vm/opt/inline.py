"""Functions in the place of calls of them.

In:  a graph whose calls are known where they can be (`targets.py`). Out: `Inliner(program, targets).run(graph)`: the same graph, in which small functions
stand where they were called, in code that may run often; calls of a closure that is made in the graph are known calls. `is_small`, `unrolled`: which calls
LLVM inlines, of those that are left.
Holds: what was inlined uses the registers that the called function's frame would have, so that the runtime finds that frame as it would be; its nodes have
a Scope of their own, which says so, and whose calls the trace tells. What is promised of parameters and results is said by `narrow`.
Sizes are counts of operations, those that make no code left out.
"""
from myna.compiler.bytecode.opcodes import BY_NAME
from myna.compiler.bytecode.program import Type

from . import build
from .facts import ANY, OTHER, Fact
from .graph import TAGGED, Block, Edge, Node, Place, Scope
from .infer import callee, result_promise
from .registers import LINK, RAW, binds
from .straighten import straighten
from .targets import MADE, made_value, replace_values

SMALL = 24              # operations of a function that is inlined where it may run often
WITH_OBJECTS = 60       # the same of one that is given what its caller has made: then that may not be needed any more
MOST_GROWN = 400        # operations that a function may grow by
MOST_NESTED = 8         # calls that lead into each other
MOST_UNROLLED = 160     # operations that a function may grow to by inlining calls of itself
_FREE = {"const", "part", "jump", "move", "caught", "narrow"}


def size(graph):
    """The number of operations."""
    return sum(node.op not in _FREE for block in graph.blocks for node in block.nodes)


class Inliner:
    """See above; `targets`: of the program; `promises`: what is known of each function's arguments."""

    def __init__(self, program, targets, promises):
        self.program, self.targets, self.promises = program, targets, promises
        self.bodies = {}            # function -> (its graph, with known calls; its size), or None where it cannot be inlined

    def run(self, graph):
        """See above."""
        hot = self.targets.often(graph)
        grown, again = 0, bool(hot)
        while again:
            again = False
            straighten(graph)
            self.targets.expand_made(graph, hot)
            todo = [block for block in graph.blocks if block in hot]
            while todo:
                block = todo.pop()
                found = self._first(graph, block, MOST_GROWN - grown)
                if found:
                    at, body, count = found
                    grown, again = grown + count, True
                    todo.append(self._inline(graph, block, at, body, hot))
            graph.blocks = graph.order()

    # -- what is worth it --

    def _first(self, graph, block, room):
        """(place in the block, body, its size) of the first call that is inlined, or None."""
        for at, node in enumerate(block.nodes):
            if node.op != "callknown" or node.data["n"] != self.program.functions[callee(node)].nparams:
                continue
            index = callee(node)
            given = any(made_value(value).op in MADE for value in node.inputs)
            body = None if self._nested(node.place.scope, index, given) else self._body(index)
            if body is None or (self.program.functions[index].captures and not ("target" in node.data and made_value(node.inputs[-1]).op == "closure")):
                continue
            if body[1] <= min(WITH_OBJECTS if given or any(n.op in MADE for b in body[0].blocks for n in b.nodes) else SMALL, room):
                return at, *body
        return None

    def _nested(self, scope, index, given):
        """Does the function run there already, once more than the function values that it is given may make it, or are the calls nested too deeply?"""
        chain = [outer.index for outer in scope.chain()]
        return len(chain) > MOST_NESTED or chain.count(index) > given

    def _body(self, index):
        if index not in self.bodies:
            self.bodies[index] = self._make_body(index)
        return self.bodies[index]

    def _make_body(self, index):
        function = self.program.functions[index]
        if function.rest or function.classic or binds(function):
            return None
        graph = build.body(self.program, index)
        self.targets.expand(graph)
        return graph, size(graph)

    # -- how it is done --

    def _inline(self, graph, block, at, body, hot):
        """Put a body in the place of node number `at` of a block; gives the block of what follows it."""
        node, after = block.nodes[at], Block()
        scope = Scope(callee(node), body.function, node.data["a"] + LINK, node.place)
        result = Node("param", rep=TAGGED, slot=node.slot)
        copy = _Copy(self.promises[scope.index], scope, node, after)
        entry = copy.of(body)
        promised = _promised(result, result_promise(body.function), node.place)
        after.params, after.nodes, after.edges = [result], [*promised, *block.nodes[at + 1:]], block.edges
        block.nodes, block.edges = [*block.nodes[:at], *copy.before, Node("jump", place=node.place)], [Edge(entry)]
        graph.registers = max(graph.registers, scope.base + body.registers)
        graph.blocks += [*copy.blocks.values(), after]
        hot.update(copy.blocks.values())
        hot.add(after)
        replace_values(graph, {node: promised[0] if promised else result})
        return after


class _Copy:
    """Of a body, for a call: its nodes with the registers of the place where it is."""

    def __init__(self, promises, scope, call, after):
        self.promises, self.scope, self.call, self.after = promises, scope, call, after
        self.blocks, self.nodes = {}, {}
        self.before = []            # nodes that make the call's arguments the parameters

    def of(self, body):
        """Make it; gives the block where it begins."""
        order = body.order()
        for block in order:
            self.blocks[block] = Block()
        self._take_arguments(body)
        for block in order[1:]:
            self.blocks[block].params = [self._node(param) for param in block.params]
        for block in order:
            for node in block.nodes:
                self._node(node)
        for block in order:
            copy = self.blocks[block]
            for node in block.nodes:
                self._connect(node, copy)
            if copy.edges == []:
                copy.edges = [self._edge(edge) for edge in block.edges]
        return self.blocks[order[0]]

    def _take_arguments(self, body):
        for number, param in enumerate(body.blocks[0].params):
            if number >= body.function.nparams:
                closure = self.nodes[param] = self.call.inputs[-1]
                self.before.append(Node("frame", [closure], place=Place(self.scope, 0)))
                self.scope.has_closure = True
                continue
            value, register = self.call.inputs[number], self.scope.base + number
            if value.slot != register:
                move = Node("move", [value], {"a": register, "b": value.slot or 0}, TAGGED, slot=register, place=self.call.place)
                self.before.append(move)
                value = move
            this = self.call.data.get("this") if number == 0 else None
            promised = _promised(value, self.promises[number] if this is None else Fact(OTHER, Type("class", this), True), self.call.place)
            self.before += promised
            self.nodes[param] = promised[0] if promised else value

    def _node(self, node):
        """A node as it will be, but for its inputs and edges."""
        slot = node.slot if node.slot is None else node.slot + self.scope.base
        copy = self.nodes[node] = Node(node.op, (), self._data(node), node.rep, node.place and Place(self.scope, node.place.word), None, slot)
        copy.reads, copy.writes = ([(name, index, self._register(register)) for name, index, register in accesses] for accesses in (node.reads, node.writes))
        return copy

    def _register(self, register):
        return register if register is None or register >= RAW else register + self.scope.base

    def _data(self, node):
        if node.data.__class__ is not dict:
            return node.data
        kinds = {o.name: o.kind for o in BY_NAME[node.op].operands} if node.op in BY_NAME else {}
        return {name: self._register(value) if kinds.get(name, "") in "drxw" and name in kinds else value for name, value in node.data.items()}

    def _connect(self, node, block):
        copy = self.nodes[node]
        copy.inputs = [self.nodes[value] for value in node.inputs]
        if node.unwind is not None:
            copy.unwind = self._edge(node.unwind)
        elif self.call.unwind is not None and node.op in BY_NAME and BY_NAME[node.op].effects & {"throw", "call"}:
            copy.unwind = Edge(self.call.unwind.block, self.call.unwind.values)
        if node.op == "ret":
            copy = Node("jump", place=copy.place)
            block.edges = [Edge(self.after, [self.nodes[node.inputs[0]]])]
        block.nodes.append(copy)

    def _edge(self, edge):
        return Edge(self.blocks[edge.block], [self.nodes[value] for value in edge.values])


def _promised(value, fact, place):
    """The node that says what is promised of a value, if that tells anything; as a list."""
    return [Node("narrow", [value], (fact,), TAGGED, place, slot=value.slot)] if fact.forms & ANY != ANY else []


# -- what LLVM inlines --

def is_small(version):
    """See above."""
    return size(version.graph) <= SMALL


def calls_of_itself(version, chosen):
    """The nodes that call the version itself; `chosen(graph, node)`: the version that a known call enters."""
    return [node for block in version.graph.blocks for node in block.nodes if node.op == "callknown" and chosen(version.graph, node) is version]


def unrolled(version, calls):
    """How many levels of calls of itself are inlined into a version; `calls`: how many there are."""
    depth, grown, copies = 0, size(version.graph), 1
    while calls:
        copies *= calls
        grown += copies * size(version.graph)
        if grown > MOST_UNROLLED or depth == 3:
            break
        depth += 1
    return depth
