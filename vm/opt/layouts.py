"""Which fields of instances hold doubles as they are, "raw", in a native program.

In:  a Program, the graphs of its functions as `build` made them. Out: `Layouts(program, graphs)`.
Holds: a slot is raw, or not, in the class that declares it and in all below. It is raw where its type is float and every instance has its float before
anything can look at it: when it is made, or in its constructor before the instance goes anywhere but into initialisers that do so. So no raw slot is
ever without a value. The interpreter knows nothing of this: none of its classes has raw slots.
"""
from ..layout import RAW_SLOTS
from .infer import callee
from .registers import LINK, fields

_READS, _WRITES = {"getslot", "getslot.float"}, {"setslot", "setslot.float"}
_HARMLESS = {"move", "reify", "reifyr"}     # to an instance that lacks fields
_NOTHING = {("none",), ("unset",)}


class Layouts:
    """`raw[class]`: a mask of the raw slots of an instance of just this class or one below."""

    def __init__(self, program, graphs):
        self.program, self.graphs = program, graphs
        self.raw, self.above = [], {class_.parent for class_ in program.classes}
        for number in range(len(program.classes)):
            self.raw.append(self._inherited(number) | self._declared(number))
        self._summaries = {}
        lost = {}               # class -> slots that something may look at too early
        for graph in graphs if any(self.raw) else ():
            for block in graph.blocks:
                for at, node in enumerate(block.nodes):
                    if node.op in ("construct", "object") and self.raw[made := node.constant("type").index]:
                        lost[made] = lost.get(made, 0) | (self._given(node, made) if node.op == "construct" else self._lost(graph, block, at, node, made))
        for number, slots in lost.items():
            while isinstance(number, int):      # a class's own slots, then those it inherits
                self._forget(number, slots & ~self._inherited(number))
                number = program.classes[number].parent
        self.any = 0            # slots that are raw in some class
        for slots in self.raw:
            self.any |= slots

    def is_raw(self, class_, slot):
        """Is this slot of instances of the class raw?"""
        return slot < RAW_SLOTS and bool(self.raw[class_] >> slot & 1)

    def may_be_raw(self, slot):
        """The same for an instance of some class."""
        return slot < RAW_SLOTS and bool(self.any >> slot & 1)

    def has(self, class_, slot):
        """Has every instance of the class such a slot?"""
        return slot < fields(self.program, class_)

    def owner(self, class_, slot):
        """The class that declares a slot of this class."""
        while isinstance(parent := self.program.classes[class_].parent, int) and slot < fields(self.program, parent):
            class_ = parent
        return class_

    def has_subclasses(self, class_):
        """May an instance of the class be one of another?"""
        return class_ in self.above

    def _inherited(self, number):
        parent = self.program.classes[number].parent
        return self.raw[parent] if isinstance(parent, int) else 0

    def _declared(self, number):
        class_, slots = self.program.classes[number], 0
        if class_.interface or class_.extends or class_.structural:     # what compares structures reads words
            return 0
        first = fields(self.program, number) - len(class_.fields)
        for slot, type_ in enumerate(class_.types, first):
            if type_.kind == "float" and not type_.optional and slot < RAW_SLOTS:
                slots |= 1 << slot
        return slots

    def _forget(self, number, slots):
        """These of a class's own slots are not raw, nor are they in those below."""
        for other in range(number, len(self.raw)):      # superclasses come first
            if other == number or self._is_below(other, number):
                self.raw[other] &= ~slots

    def _is_below(self, number, other):
        while isinstance(number, int) and number != other:
            number = self.program.classes[number].parent
        return number == other

    # -- what is set in time --

    def _given(self, node, made):
        """The slots that an instance made at once does not get."""
        return sum(1 << access[1] for access, value in zip(node.reads, node.inputs)
                   if self.is_raw(made, access[1]) and value.op == "const" and value.data in _NOTHING)

    def _lost(self, graph, block, at, value, made):
        """The slots of a new instance that something may look at before they are set."""
        return _Walk(self, graph, value, self.raw[made]).run(block, at + 1, 0)[1]

    def initialised(self, index, slots, done):
        """(slots that are set when function `index` returns, those it may look at before) where its first parameter is an instance with `slots`,
        of which `done` are set."""
        key = index, slots, done
        if key not in self._summaries:
            self._summaries[key] = done, slots & ~done      # where it calls itself
            graph = self.graphs[index]
            self._summaries[key] = _Walk(self, graph, graph.blocks[0].params[0], slots, True).run(graph.blocks[0], 0, done)
        return self._summaries[key]


class _Walk:
    """Where a new instance goes in a graph. `slots`: those that count; `borrowed`: the caller has it when the function returns."""

    def __init__(self, layouts, graph, value, slots, borrowed=False):
        self.layouts, self.graph, self.slots, self.borrowed = layouts, graph, slots, borrowed
        self.names = {value}
        for block in graph.order():
            for node in block.nodes:
                if node.op == "move" and node.inputs[0] in self.names:
                    self.names.add(node)

    def run(self, block, at, done):
        """(slots set where the function returns, slots that may be looked at too early), from node `at` of a block on, where `done` are set."""
        self.lost, self.end = 0, self.slots
        self.before, todo = {}, []
        self._nodes(block, at, done, todo)
        while todo:
            following = todo.pop()
            self._nodes(following, 0, self.before[following], todo)
        return self.end, self.lost

    def _nodes(self, block, at, done, todo):
        for node in block.nodes[at:]:
            if node.unwind is not None:
                self._go(node.unwind, done, todo)
            done = self._node(node, done)
        for edge in block.edges:
            self._go(edge, done, todo)

    def _go(self, edge, done, todo):
        if self.names.intersection(edge.values):
            done = self._seen(done)
        old = self.before.get(edge.block)
        new = done if old is None else old & done
        if new != old:
            self.before[edge.block] = new
            todo.append(edge.block)

    def _seen(self, done):
        """Anything may look at it: all that is not set is lost, and matters no more."""
        self.lost |= self.slots & ~done
        return self.slots

    def _node(self, node, done):
        """What is set after a node."""
        if node.op == "ret" and self.borrowed:
            self.end &= done
        used = [access for access, value in zip(node.reads, node.inputs) if value in self.names]
        if len(used) != sum(value in self.names for value in node.inputs):
            return self._seen(done)
        if not used or node.op in _HARMLESS:
            return done
        bit = 1 << node.data["i"] & self.slots if node.op in _READS | _WRITES else 0
        if node.op in _READS:
            self.lost |= bit & ~done
            return done
        if node.op in _WRITES and used == [("a", 0, node.data["a"])]:
            return done | bit
        if node.op == "callknown" and [access[:2] for access in used] == [("a", LINK)]:
            index = callee(node)
            if node.data["n"] == self.layouts.program.functions[index].nparams:
                done, lost = self.layouts.initialised(index, self.slots, done)
                self.lost |= lost
                return done
        return self._seen(done)
