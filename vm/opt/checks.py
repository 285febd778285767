"""Checks of instances and containers are done once.

In:  a Graph after representation selection, the Facts of its values. Out: the same graph; what is promised to be an instance or a container, and is
used as such, is checked where it comes to be (`checkslots`, `checkkind`), an item of a loop only on the way where there is one; other instances before the first access on each way. Accesses that come
after a check are marked as those to an "instance", or to a container of a kind, which need no check of their own.
Holds: an object stays what it is wherever the collector moves it, so a check holds in all blocks that its own dominates. A promise that does not hold
is an error that nothing in its function catches.
"""
from .facts import OTHER
from .graph import CONTAINERS, INDEXED, INT, Block, Edge, Node, dominators, predecessors
from .registers import SOMETIMES

_ACCESS = {"getslot": "b", "getslot.float": "b", "getslot.raw": "b", "setslot": "a", "setslot.float": "a", "setslot.raw": "a"}


def kind_of(fact):
    """The kind of container that a value is promised to be, by its name in CONTAINERS, or None."""
    if fact is None or fact.forms != OTHER or fact.type is None:
        return None
    if fact.type.kind == "list":
        return "list"
    kind = f"array.{fact.type.args[0].kind}" if fact.type.kind == "array" and fact.type.args and not fact.type.args[0].optional else None
    return kind if kind in CONTAINERS else None


def check_once(graph, facts, layouts):
    """Insert checks, mark accesses. `facts`: what is known of values; what is certain needs no check."""
    _Checks(graph, facts, layouts).run()


class _Checks:
    def __init__(self, graph, facts, layouts):
        self.graph, self.facts, self.layouts = graph, facts, layouts
        self.slots, self.kinds = {}, {}     # value that is checked where it comes to be -> (number of fields, class); kind of container
        self.places = {}                    # such a value -> (place, register) of its first use
        self.ways = {}                      # value that comes to be on one of two ways only -> the block where this one leads

    def run(self):
        """See `check_once`."""
        self._find_ways()
        order = self.graph.blocks = self.graph.order()
        for block in order:
            for node in block.nodes:
                self._mark(node)
        self._check_early(order)
        self._check_late(order)

    def _find_ways(self):
        order = self.graph.order()
        before = predecessors(order)
        for block in order:
            for value in block.nodes:
                if value.op == "part" and _on_one_way(value):
                    self.ways[value] = self._way(block, 1 - SOMETIMES[value.inputs[0].op][0], before)

    def _way(self, block, number, before):
        """The block that an edge leads to, a new one when others lead there as well."""
        edge = block.edges[number]
        if len(before.get(edge.block, [block])) > 1:
            between = Block()
            between.nodes, between.edges = [Node("jump", place=block.nodes[-1].place)], [Edge(edge.block, edge.values)]
            edge.block, edge.values = between, []
        return edge.block

    def _root(self, value):
        while value.op == "move":
            value = value.inputs[0]
        return value

    def _note(self, value, node, register):
        self.places.setdefault(value, (node.place, register))

    def _mark(self, node):
        reps = node.data.get("reps", {}) if node.data.__class__ is dict else {}
        if node.op in INDEXED:
            container, index, element = INDEXED[node.op]
            value = self._root(_input(node, container))
            kind = kind_of(self.facts.get(value))
            if kind is not None and reps.get(index) == INT and (reps.get(element) in CONTAINERS[kind] if element else "float" in CONTAINERS[kind]):
                node.data = {**node.data, "reps": {**reps, container: kind}}
                self._need_kind(value, kind, node, node.data[container])
        elif node.op == "length":
            value = self._root(node.inputs[0])
            self._need_kind(value, kind_of(self.facts.get(value)), node, node.data["b"])
        elif node.op in _ACCESS:
            value = self._root(_input(node, _ACCESS[node.op]))
            fact, class_ = self.facts.get(value), node.data.get("class")
            if class_ is not None and fact.forms == OTHER:
                self.slots[value] = 0 if fact.sure else max(self.slots.get(value, (0, None))[0], node.data["i"] + 1), class_
                self._note(value, node, node.data[_ACCESS[node.op]])

    def _need_kind(self, value, kind, node, register):
        if not self.facts[value].sure:
            self.kinds[value] = kind
            self._note(value, node, register)

    def _check_early(self, order):
        on_ways = {}
        for value, block in self.ways.items():
            on_ways.setdefault(block, []).extend(self._checks(value))
        for block in order:
            nodes, waiting = [], [check for param in block.params for check in self._checks(param)] + on_ways.get(block, [])
            for node in block.nodes:
                if node.op not in ("part", "caught"):       # parts stand together
                    nodes += waiting
                    waiting = []
                nodes.append(node)
                if node not in self.ways:
                    waiting += self._checks(node)
            block.nodes = nodes

    def _checks(self, value):
        place, register = self.places.get(value, (None, 0))
        count, class_ = self.slots.get(value, (0, None))
        if count:
            yield Node("checkslots", [value], (count, register, class_), place=place)
        if value in self.kinds:
            yield Node("checkkind", [value], (self.kinds[value], register), place=place)

    def _check_late(self, order):
        above = dominators(self.graph, order)
        handlers = {node.unwind.block for block in order for node in block.nodes if node.unwind is not None}
        before, checked = {}, {}    # block -> (value, class) -> number of fields that are known to be there at its beginning, and at its end
        for block in order:
            known = {}
            if above[block] is not None:        # a handler may be entered from the middle of a block
                known = dict((before if block in handlers else checked)[above[block]])
            before[block] = dict(known)
            needed = {}
            for node in block.nodes:
                if self._is_checked(node):
                    key = self._key(node)
                    needed[key] = max(needed.get(key, 0), node.data["i"] + 1)
            nodes = []
            for node in block.nodes:
                if self._is_checked(node):
                    (value, class_), register = self._key(node), node.data[_ACCESS[node.op]]
                    if (class_ is None or value not in self.slots) and known.get((value, class_), 0) <= node.data["i"]:
                        known[value, class_] = needed[value, class_]
                        nodes.append(Node("checkslots", [_input(node, _ACCESS[node.op])], (needed[value, class_], register, class_), place=node.place, unwind=node.unwind))
                    node.data = {**node.data, "reps": {**node.data.get("reps", {}), _ACCESS[node.op]: "instance"}}
                nodes.append(node)
            block.nodes = nodes
            checked[block] = known

    def _is_checked(self, node):
        """Not where only the run time knows whether the slot is raw: such an access looks for itself."""
        return node.op in _ACCESS and (node.data.get("class") is not None or not self.layouts.may_be_raw(node.data["i"]))

    def _key(self, node):
        return self._root(_input(node, _ACCESS[node.op])), node.data.get("class")


def _input(node, operand):
    return node.inputs[[access[0] for access in node.reads].index(operand)]


def _on_one_way(part):
    """Is it written on one of two ways only, while nobody reads what its register holds on the other? (It would be an input.)"""
    whole, number = part.inputs[0], part.data[0]
    if whole.op not in SOMETIMES or number >= len(whole.writes):
        return False
    operand, index, _ = whole.writes[number]
    return index >= SOMETIMES[whole.op][1] and (operand, index) not in [access[:2] for access in whole.reads]
