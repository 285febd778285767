"""Objects that nothing outside of a function sees are not made: their fields become values.

In:  a Graph, what does not escape (`escape.py`). Out: `replace_objects(graph, program)`: the same graph without these objects (scalar replacement of
aggregates). A field is a variable that is assigned where the object is made or changed, and gets its values in SSA form as in "Simple and Efficient
Construction of Static Single Assignment Form" (Braun et al., 2013).
Holds: a field has a register of its own, below those of the frame (`graph.extra`), since it lives longer than what was put into it.
"""
from collections import deque

from ..layout import FRAME_HEADER
from .escape import NOTHING_OF_OBJECTS, Escape, given
from .graph import TAGGED, Node
from .registers import RAW, binds
from .straighten import straighten
from .targets import MADE, fold_made, made_value

MOST_ROUNDS = 8         # objects in objects in objects


def replace_objects(graph, program):
    """See above. What is only in such objects is gone after them."""
    for _ in range(MOST_ROUNDS):
        fold_made(graph)
        straighten(graph)
        if binds(graph.function) or not any(node.op in MADE for block in graph.blocks for node in block.nodes):
            break
        found = Escape(graph, program)
        if not any(root.op != "param" for root in found.shapes):
            break
        _Replacement(graph, found).run()
    straighten(graph)


class _Replacement:
    def __init__(self, graph, escape):
        self.graph, self.escape, self.shapes = graph, escape, escape.shapes
        self.slots = {}             # (object, field) -> its register
        self.writes = {}            # (object, field) -> block -> [(place in the block, value)]
        self.arrives = {}           # (object, field), block -> its value at the block's beginning
        self.blocks = escape.blocks     # the others cannot be reached any more
        self.into = {block: [] for block in self.blocks}        # block -> [(Edge, the block it leaves, its place there)]
        self.unfilled = deque()     # (block, function of (Edge, block, place) to a value): a new parameter of the block, whose edges do not give it yet
        self.instead = {}           # node -> the nodes in its place
        self.constants = []         # for the graph's beginning

    def run(self):
        """See `replace_objects`."""
        self._number()
        for block in self.blocks:
            for at, node in enumerate(block.nodes):
                self._write(block, at, node)
        for block in self.blocks:
            for at, node in enumerate(block.nodes):
                self._read(block, at, node)
        self._give_params()
        while self.unfilled:
            block, given_by = self.unfilled.popleft()
            for edge, before, at in self.into[block]:
                edge.values.append(given_by(edge, before, at))
        self._clean()

    def _number(self):
        for block in self.blocks:
            places = {node.unwind: at for at, node in enumerate(block.nodes) if node.unwind is not None}
            for edge in self.escape.taken(block):
                self.into[edge.block].append((edge, block, places.get(edge, len(block.nodes))))

    # -- variables --

    def _slot(self, variable):
        if variable not in self.slots:
            self.graph.extra += 1
            self.slots[variable] = -FRAME_HEADER - self.graph.extra
        return self.slots[variable]

    def _assign(self, variable, block, at, value):
        self.writes.setdefault(variable, {}).setdefault(block, []).append((at, value))

    def _value(self, variable, block, at):
        """What a variable is before node number `at` of a block."""
        passed = []
        while True:
            found = [value for place, value in self.writes[variable].get(block, ()) if place < at]
            if found:
                value = found[-1]
                break
            if (variable, block) in self.arrives:
                value = self.arrives[variable, block]
                break
            passed.append(block)
            if len(self.into[block]) != 1:
                value = Node("param", rep=TAGGED, slot=self._slot(variable))
                self._new_param(block, value, lambda edge, before, place: self._value(variable, before, place))
                break
            _, block, at = self.into[block][0]
        for between in passed:
            self.arrives[variable, between] = value
        return value

    def _new_param(self, block, param, given_by):
        block.params.append(param)
        self.unfilled.append((block, given_by))

    def _copy(self, variable, value, place):
        """A node that is the value in the variable's register."""
        slot = self._slot(variable)
        return Node("move", [value], {"a": slot, "b": value.slot or 0}, TAGGED, place, slot=slot)

    # -- what assigns --

    def _write(self, block, at, node):
        for param in block.params if at == 0 else ():
            if param in self.shapes:
                for name in self.shapes[param][2]:
                    value = Node("param", rep=TAGGED, slot=self._slot((param, name)))
                    self._assign((param, name), block, -1, value)
        if node in self.shapes:
            self.instead[node] = []
            for name in self.shapes[node][2]:
                value = self._initial(node, name)
                if value.op != "const":
                    value = self._copy((node, name), value, node.place)
                    self.instead[node].append(value)
                self._assign((node, name), block, at, value)
        elif node.op in ("setslot", "setslot.float", "setfield", "setcell", "setupcell") and (variable := self._variable(node, "a")):
            slot = self._slot(variable)
            if node.op == "setslot.float":
                value = given(node, "b", 0)
                _become(node, "boxfloat", [value], {"a": slot, "b": RAW}, [("b", 0, RAW)], [("a", 0, slot)])
            else:
                value = given(node, "a" if node.op == "setupcell" else "b", 0)
                _become(node, "move", [value], {"a": slot, "b": value.slot or 0})
            node.rep, node.slot = TAGGED, slot
            self._assign(variable, block, at, node)

    def _initial(self, node, name):
        """What an object's field is when it is made."""
        if node.op == "object":
            return self._constant("none")
        if node.op == "closure":
            capture = self.escape.captures(node)[name]
            if not capture.from_parent:
                value = given(node, "f", name)
                return self._constant("none") if made_value(value) in self.shapes else value      # a cell: nothing looks for it
            return self._captured_by_parent(node, capture)
        if node.op == "record":
            return given(node, "b", self.shapes[node][2].index(name))
        return given(node, "b", name)

    def _captured_by_parent(self, node, capture):
        parent = self.escape.parent(node)
        if parent in self.shapes:
            return self.writes[parent, capture.index][self.escape.home[parent]][0][1]
        slot = self._slot((node, "parent", capture.index))
        value = Node("getup", [parent], {"a": slot, "i": capture.index}, TAGGED, node.place, slot=slot)
        value.reads, value.writes = [("closure", 0, None)], [("a", 0, slot)]
        self.instead[node].append(value)
        return value

    def _constant(self, word):
        self.constants.append(Node("const", data=(word,), rep=TAGGED))
        return self.constants[-1]

    def _variable(self, node, operand):
        """The field that an access is to, if its object is not made."""
        if node.op in ("getup", "getupcell", "setupcell"):
            root = made_value(node.inputs[-1])
            if root not in self.shapes:
                return None
            return (root, node.data["i"]) if node.op == "getup" else (self.escape.captured(root, node.data["i"]), 0)
        root = made_value(given(node, operand, 0))
        if root not in self.shapes:
            return None
        return root, 0 if node.op.endswith("cell") else node.constant("name") if node.op.endswith("field") else node.data["i"]

    # -- what reads --

    def _read(self, block, at, node):
        op = node.op
        if op in ("getslot", "getslot.float", "getfield", "getcell", "getup", "getupcell") and (variable := self._variable(node, "b")):
            value = self._value(variable, block, at)
            if op == "getslot.float":
                _become(node, "unboxfloat", [value], {"a": RAW, "b": value.slot or 0}, [("b", 0, value.slot)], [("a", 0, RAW)])
            else:
                _become(node, "move", [value], {"a": node.slot, "b": value.slot or 0})
        elif op in ("isclass", "isfunction", "jnone", "jnotnone", "jset") and (root := made_value(node.inputs[0])) in self.shapes:
            answer = op in ("jnotnone", "jset") or op == "isclass" and self.shapes[root][:2] == ("instance", node.data[0])
            answer = answer or op == "isfunction" and root.op == "closure" and root.constant("f").index == node.data[0]
            _become(node, "const", [], (int(answer),))
        elif op == "untuple" and (root := made_value(node.inputs[0])) in self.shapes:
            for part in (part for part in block.nodes if part.op == "part" and part.inputs[0] is node):
                value = self._value((root, node.writes[part.data[0]][1]), block, at)
                _become(part, "move", [value], {"a": part.slot, "b": value.slot or 0})
            _become(node, "const", [], (0,))
        elif op in NOTHING_OF_OBJECTS and made_value(node.inputs[0]) in self.shapes:
            self.instead[node] = []
            if op == "frame":
                node.place.scope.has_closure = False

    # -- ways --

    def _give_params(self):
        """Parameters that were objects: their fields are parameters."""
        for block in self.blocks:
            for number, param in [*enumerate(block.params)]:
                for name in self.shapes[param][2] if param in self.shapes else ():
                    self._new_param(block, self.writes[param, name][block][0][1], self._field_given(number, name))

    def _field_given(self, number, name):
        return lambda edge, before, at: self._value((made_value(edge.values[number]), name), before, at)

    def _clean(self):
        for block in self.blocks:
            gone = {number for number, param in enumerate(block.params) if param in self.shapes}
            if gone:
                block.params = [param for number, param in enumerate(block.params) if number not in gone]
                for edge, _, _ in self.into[block]:
                    edge.values = [value for number, value in enumerate(edge.values) if number not in gone]
            block.nodes = [other for node in block.nodes for other in self.instead.get(node, (node,))]
        self.graph.blocks[0].nodes[:0] = self.constants


def _become(node, op, inputs, data, reads=(), writes=()):
    node.op, node.inputs, node.data, node.reads, node.writes, node.unwind = op, list(inputs), data, list(reads), list(writes), None
