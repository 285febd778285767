"""A function as a graph in SSA form: blocks with parameters, nodes that stand for instructions, edges that carry values.

In:  nothing; `build` makes graphs, passes change them. Out: the classes, `text` (a printed form), `verify`.
Holds: a node is defined before its uses in every path; each edge gives a value for each parameter of the block that it leads to;
values on an edge have the parameter's representation. A node that may raise inside a `try` has an edge to the handler, `unwind`.

Operations are the instructions of the table where one fits (`add`, `getslot`, `call`), so that emission can use their meanings, and
a few of the graph's own (`OWN`). An instruction's node has its operands in `data`, a dict, and in `reads` and `writes` which operands
its inputs and results are. An instruction with one result is that value; one with several has a `part` for each, behind it. An
instruction that may jump is itself whether it does, a bool, which the block's `branch` looks at; its results are parts.
"""
from typing import NamedTuple

# Instructions that may take operands raw which are tagged registers in the table, or give such a result: operand -> the representations it may have.
RAW_OPERANDS = {
    "getindex": {"c": ("int",), "a": ("int", "float")}, "getindex.int": {"c": ("int",), "a": ("int",)}, "getindex.float": {"c": ("int",)},
    **dict.fromkeys(("setindex", "setindex.int", "setitem"), {"b": ("int",), "c": ("int", "float")}),
    "setslot": {"a": ("instance",), "b": ("int", "float")}, "getslot": {"b": ("instance",), "a": ("int", "float")},
    "getslot.float": {"b": ("instance",)}, "setslot.float": {"a": ("instance",)}, "append": {"b": ("int", "float")},
}
# "instance" is the representation of a word that is known to refer to an instance with enough fields: `checkslots` went before. So it is with these
# containers,
# and `checkkind`: where their index is an int, the element (operand a when it is read, c when it is written) may have these representations, None
# being a word.
CONTAINERS = {"list": (None, "int", "float"), "array.int": ("int",), "array.float": ("float",), "array.bool": (None,)}
INDEXED = {"getindex": ("b", "c", "a"), "getindex.int": ("b", "c", "a"), "getindex.float": ("b", "c", None),      # operands: the container, the index, the element
           **dict.fromkeys(("setindex", "setindex.int", "setitem"), ("a", "b", "c"))}

# How a value lies in a machine register: a tagged word, an unboxed int, double or bool; None: there is no value.
TAGGED, INT, FLOAT, BOOL = "tagged", "int", "float", "bool"

# Operations that are no instructions. Values: a block's parameter; a constant, `data` (what: a constant of the program, an int or
# one of "none", "true", …); result number `data` of its input; the error that a handler caught; what the function's body gives with the inputs as
# parameters; an instance has at least `data` fields, and is of the class `data`, if that is known; or a container is of the
# kind `data`, else an error is raised; as the instructions, for a raw slot (`layouts.py`); the length of a container of a kind that was checked; whether LLVM's predicate `data` holds of the inputs;
# that as a word; the int after the input, which is not the last; whether the input is an instance of just the
# class, or a value of the function, with number `data`; the input, of which the Fact `data` is promised here, or was found out if it is sure; the frame of the place's
# scope has the input as its closure. Ends of blocks:
# go on at the only edge; at the first edge if the input is true, else at the second; return the input.
OWN = {"param", "const", "part", "caught", "enter", "checkslots", "checkkind", "getslot.raw", "setslot.raw", "length", "compare", "boolean", "next", "isclass", "isfunction", "narrow", "frame", "jump", "branch", "ret"}


class Scope:
    """A function whose instructions are in a graph: `function`, number `index` of the program; `base`: its first register among those of the graph's
    frame; `call`: the Place of the call that it was inlined for, None of the graph's own; `has_closure`: its frame gets a closure by `frame`."""

    __slots__ = ("index", "function", "base", "call", "has_closure")

    def __init__(self, index, function, base=0, call=None):
        self.index, self.function, self.base, self.call, self.has_closure = index, function, base, call, False

    def chain(self):
        """It, the one that it was inlined into, and so on."""
        scope = self
        while scope is not None:
            yield scope
            scope = scope.call and scope.call.scope


class Place(NamedTuple):
    """Of an instruction: the word of its function's code, behind a prefix."""
    scope: Scope
    word: int


class Edge:
    """From the end of a block, or from a node that raises, to a block; `values` are for the block's parameters."""

    __slots__ = ("block", "values")

    def __init__(self, block, values=()):
        self.block = block
        self.values = list(values)


class Node:
    """An operation. `inputs`: Nodes; `data`: what else the operation needs; `rep`: of its result; `place`: the Place
    of the instruction that it comes from, for constants, traces and lines; `unwind`: the Edge to a handler, or None; `slot`: the register of the
    frame that keeps a tagged value while others run."""

    __slots__ = ("op", "inputs", "data", "rep", "place", "unwind", "slot", "reads", "writes", "number")

    def __init__(self, op, inputs=(), data=(), rep=None, place=None, unwind=None, slot=None):
        self.op = op
        self.inputs = list(inputs)
        self.data = data
        self.rep = rep
        self.place = place
        self.unwind = unwind
        self.slot = slot
        self.reads = self.writes = ()
        self.number = -1        # for printing

    def constant(self, name):
        """The constant that operand `name` says."""
        return self.place.scope.function.consts[self.data[name]]


class Block:
    """`params` and `nodes` in order; the last node ends it, and `edges` are where it may go on."""

    __slots__ = ("params", "nodes", "edges", "number")

    def __init__(self):
        self.params = []
        self.nodes = []
        self.edges = []
        self.number = -1

    def leaving(self):
        """All Edges that lead out of it: those of nodes that raise first."""
        for node in self.nodes:
            if node.unwind is not None:
                yield node.unwind
        yield from self.edges


class Graph:
    """Of `function`, number `index` of the program: `blocks`, the entry first, whose parameters are the function's, and its closure if it
    captures anything; `registers`: of the frame; `extra`: words below it that are registers too, with numbers below those of its header; `scope`: its own."""

    __slots__ = ("index", "function", "blocks", "registers", "extra", "scope")

    def __init__(self, index, function):
        self.index = index
        self.function = function
        self.registers = function.nregs
        self.extra = 0
        self.scope = Scope(index, function)
        self.blocks = [Block()]

    def order(self):
        """The blocks that can be reached, in reverse postorder."""
        done, out, stack = {self.blocks[0]}, [], [(self.blocks[0], iter([*self.blocks[0].leaving()]))]
        while stack:
            block, rest = stack[-1]
            for edge in rest:
                if edge.block not in done:
                    done.add(edge.block)
                    stack.append((edge.block, iter([*edge.block.leaving()])))
                    break
            else:
                out.append(block)
                stack.pop()
        return out[::-1]


def number(graph):
    """Give blocks and values the numbers that they are printed with."""
    values = 0
    for at, block in enumerate(graph.blocks):
        block.number = at
        for node in (*block.params, *block.nodes):
            node.number = -1
            if node.rep is not None:
                node.number, values = values, values + 1


def text(graph):
    """The graph for people and tests."""
    number(graph)
    out = [f"graph {graph.function.name or '(a function)'}"]
    for block in graph.blocks:
        params = ", ".join(f"v{param.number}: {param.rep}" for param in block.params)
        out.append(f"b{block.number}({params}):")
        for node in block.nodes:
            out.append("  " + _line(node, block.edges if node is block.nodes[-1] else ()))
    return "\n".join(out) + "\n"


def _line(node, edges):
    result = f"v{node.number}: {node.rep} = " if node.rep is not None else ""
    operands = [f"v{value.number}" for value in node.inputs] + [_item(item) for item in _data(node)]
    unwind = f" unwind {_edge(node.unwind)}" if node.unwind is not None else ""
    goes = " → " + " | ".join(map(_edge, edges)) if edges else ""
    return f"{result}{node.op} {', '.join(operands)}".rstrip() + unwind + goes


def _data(node):
    """What of its data a reader wants to see: no registers, which the inputs tell."""
    if node.data.__class__ is dict:
        registers = {name for name, _, _ in (*node.reads, *node.writes)}
        return [value for name, value in node.data.items() if name not in registers and name != "to"]
    return node.data


def _item(item):
    return repr(item) if item.__class__ is str else str(item)


def _edge(edge):
    return f"b{edge.block.number}({', '.join(f'v{value.number}' for value in edge.values)})"


class Damaged(AssertionError):
    """A graph breaks a rule; the message has the rule and the graph's text."""


def verify(graph):
    """Check the rules above; raises Damaged. Linear but for the sets of values that are known in each block."""
    number(graph)

    def need(condition, rule, where):
        if not condition:
            raise Damaged(f"{rule}: {where}\n{text(graph)}")

    order = graph.order()
    before = predecessors(order)
    above = _dominators(order, before)
    home = {}
    for block in order:
        for place, node in enumerate((*block.params, *block.nodes)):
            need(node not in home, "a node stands in one place", f"b{block.number}")
            home[node] = (block, place)

    def known(value, block, place):
        if value not in home:
            return False
        at, position = home[value]
        if at is block:
            return position < place
        while block is not None and block is not at:
            block = above[block]
        return block is at

    for block in order:
        need(block.nodes, "a block has an end", f"b{block.number}")
        for node in block.params:
            need(node.op == "param" and not node.inputs, "parameters have no inputs", f"b{block.number}")
        for place, node in enumerate(block.nodes, len(block.params)):
            where = f"b{block.number}: {_line(node, ())}"
            need(all(known(value, block, place) for value in node.inputs), "inputs are defined before", where)
            need(all(value.rep is not None for value in node.inputs), "inputs are values", where)
        for edge in block.leaving():
            where = f"b{block.number} → {_edge(edge)}"
            need(edge.block in before, "edges lead to blocks of the graph", where)
            need([v.rep for v in edge.values] == [p.rep for p in edge.block.params], "edges give what the parameters take", where)
            need(all(known(value, block, len(block.params) + len(block.nodes)) for value in edge.values), "edges carry known values", where)


def in_loops(graph):
    """The blocks from which a way leads back to themselves."""
    def following(block):
        return [edge.block for edge in block.leaving()]
    parts = components(graph.blocks, following)
    return {block for part in parts for block in part if len(part) > 1 or block in following(block)}


def components(roots, following):
    """The strongly connected components of what can be reached from `roots`, as lists; one comes after those that it leads to. `following`
    gives what a member leads to (Tarjan, 1972, without recursion)."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []
    work = []

    def enter(member):
        index[member] = low[member] = len(index)
        stack.append(member)
        on_stack.add(member)
        work.append((member, iter(following(member))))

    for root in roots:
        if root not in index:
            enter(root)
        while work:
            member, rest = work[-1]
            for other in rest:
                if other not in index:
                    enter(other)
                    break
                if other in on_stack:
                    low[member] = min(low[member], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[member])
                if low[member] == index[member]:
                    part = []
                    while not part or part[-1] is not member:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    found.append(part)
    return found


def dominators(graph, order):
    """Block → its immediate dominator, the entry's None; `order` is `graph.order()`."""
    return _dominators(order, predecessors(order))


def predecessors(order):
    """Block → the blocks with edges to it."""
    before = {block: [] for block in order}
    for block in order:
        for edge in block.leaving():
            before[edge.block].append(block)
    return before


def _dominators(order, before):
    """Block → its immediate dominator, the entry's None (Cooper, Harvey and Kennedy, 2001: A simple, fast dominance algorithm)."""
    at = {block: n for n, block in enumerate(order)}
    found = {order[0]: order[0]}
    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            new = None
            for other in before[block]:
                if other not in found:
                    continue
                if new is None:
                    new = other
                    continue
                one = other
                while one is not new:
                    while at[one] > at[new]:
                        one = found[one]
                    while at[new] > at[one]:
                        new = found[new]
            if found.get(block) is not new:
                found[block], changed = new, True
    found[order[0]] = None
    return found
