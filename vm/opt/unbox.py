"""Representation selection: ints and floats leave their tags.

In:  a Graph, the Facts of its values, and the reps that calls want. Out: the same graph, rewritten: values that are known to be ints or floats are raw,
instructions on them are the typed ones, and what needs a tagged word gets one where it needs it (`boxint`, `boxfloat`).
Holds: a fact may rest on a promise, so a tagged value becomes raw by an instruction that checks (`unboxint`, `unboxfloat`). A word that is boxed
for one use has that use's register as its slot.
"""
from myna.compiler.bytecode.opcodes import BY_NAME

from ..layout import word_of
from .checks import kind_of
from .facts import ANYTHING, INT as INTS, FLOAT as FLOATS, NONE, NUMBER, UNSET, Fact
from .graph import BOOL, FLOAT, INT, RAW_OPERANDS, TAGGED, Block, Edge, Node
from .registers import RAW, SOMETIMES

_PREDICATES = {"lt": ("slt", "olt"), "le": ("sle", "ole"), "gt": ("sgt", "ogt"), "ge": ("sge", "oge"), "eq": ("eq", "oeq"), "ne": ("ne", "une"),
               "nlt": ("sge", "uge"), "nle": ("sgt", "ugt"), "ngt": ("sle", "ule"), "nge": ("slt", "ult")}
_COMPARISONS = {"lt", "le", "eq", "ne"}
_TO_RAW = {"add": "add", "sub": "sub", "mul": "mul", "div": "div", "mod": "mod", "bitand": "and", "bitor": "or", "bitxor": "xor",
           "bitnot": "not", "addw": "addw", "subw": "subw", "mulw": "mulw", "shl": "shl", "shr": "shr"}


def rep_of(fact):
    """The representation of a value of which this is known."""
    return INT if fact.forms == INTS else FLOAT if fact.forms == FLOATS else TAGGED


def unbox(graph, known, versions, result, layouts, tagged_params=False):
    """Rewrite a graph. `versions(node)`: for a known call the (reps of the parameters, rep of the result); `result`: the rep that the function returns;
    `layouts`: Layouts; `tagged_params`: its own parameters stay words."""
    _Rewriter(graph, known, versions, result, layouts).run(tagged_params)
    drop_unused(graph)
    return graph


class _Rewriter:
    def __init__(self, graph, known, versions, result, layouts):
        self.graph, self.known, self.versions, self.result, self.layouts = graph, known, versions, result, layouts
        self.raw = {}           # value -> its raw Node
        self.word = {}          # value -> its tagged Node, where it has one
        self.lowered = {}       # loop instruction that is replaced -> what its registers hold then, by index
        self.place = None       # of the instruction at hand: what is inserted belongs to it
        self.pending = []       # parts that become raw behind the last of their node's
        self.inclusive = self._limits()
        self.arriving = {}      # block -> parts that become raw at its beginning, since they do not exist on the other way
        self.wanted = _only_unboxed(graph)
        for param, node in self.wanted.items():
            known[param] = Fact(INTS if node.op == "unboxint" else FLOATS)
        self.entries = {}
        for block in graph.blocks:
            for edge in block.leaving():
                self.entries[edge.block] = self.entries.get(edge.block, 0) + 1

    def fact(self, node):
        """What is known of a value; nothing is known of one that never comes to be."""
        fact = self.known.get(node)
        return fact if fact is not None and fact.forms else ANYTHING

    def run(self, tagged_params):
        """See `unbox`."""
        self.early = []         # for the beginning of the first block
        self.place = self.graph.blocks[0].nodes[-1].place
        first = self.graph.blocks[0]
        for block in self.graph.blocks:
            for param in block.params:
                self._param(param, block is first and tagged_params)
        for block in self.graph.blocks:
            self.nodes, self.block = [], block
            self.place = next(node.place for node in block.nodes if node.place is not None)
            if block is first:
                self.nodes += self.early
            for part, rep in self.arriving.pop(block, ()):
                self.raw[part] = self._unboxed(part, rep, self.nodes)
            for node in block.nodes:
                self._node(node)
            block.nodes = self.nodes
        self.graph.blocks = self.graph.order()

    def _param(self, param, stays):
        rep = rep_of(self.fact(param))
        if param.rep != TAGGED:
            self.raw[param] = param
        elif rep == TAGGED or stays:
            self.word[param] = param
            if rep != TAGGED:
                self.raw[param] = self._unboxed(param, rep, self.early)
        else:
            param.rep, param.slot = rep, None
            self.raw[param] = param

    def _unboxed(self, word, rep, into):
        node = Node("unboxint" if rep == INT else "unboxfloat", [word], {"a": RAW, "b": None}, rep, place=self.place)
        node.reads, node.writes = [("b", 0, word.slot)], [("a", 0, RAW)]
        node.data = {"a": RAW, "b": word.slot if word.slot is not None else 0}
        into.append(node)
        return node

    # -- values --

    def add(self, node):
        """Append a node."""
        self.nodes.append(node)
        return node

    def as_raw(self, value, rep, place=None):
        """A raw form of a value that is known to be a number, or that must be one at `place`."""
        if value.rep == BOOL:
            return value
        found = self.raw.get(value)
        if found is None:
            if value.op == "const" and rep_of(self.fact(value)) != TAGGED:
                found = self.add(Node("const", data=(value.data[-1],), rep=rep_of(self.fact(value))))
            else:
                node = self._unboxed(self.as_word(value, value.slot), rep, self.nodes)
                node.place = place or node.place
                return node
        if found.rep == rep:
            return found
        if rep == FLOAT:
            return self.simple("float.int", [found], FLOAT)
        return self._unboxed(self._box(found, value.slot), rep, self.nodes)      # a broken promise

    def simple(self, op, inputs, rep, origin=None):
        """A typed instruction; `origin`: the node whose errors it raises."""
        names = [o.name for o in BY_NAME[op].operands if o.kind in "SrJ" and o.name != "to"]
        node = Node(op, inputs, {}, rep, place=origin.place if origin else self.place, unwind=origin.unwind if origin else None)
        node.reads = [(name, 0, RAW) for name in names]
        node.writes = [("a", 0, RAW)]
        return self.add(node)

    def as_word(self, value, register):
        """A tagged form of a value, for a use that expects it in this register."""
        found = self.word.get(value)
        if found is not None:
            return found
        raw = self.raw.get(value)
        if raw is None:
            return value
        if raw.op == "const":
            return self.add(Node("const", data=(raw.data[-1],), rep=TAGGED, slot=register)) if word_of(raw.data[-1]) is not None else self._box(raw, register)
        return self._box(raw, register)

    def _box(self, raw, register):
        node = Node("boxint" if raw.rep == INT else "boxfloat", [raw], {"a": register or 0, "b": RAW}, TAGGED, place=self.place, slot=register or 0)
        node.reads, node.writes = [("b", 0, RAW)], [("a", 0, register or 0)]
        return self.add(node)

    def same(self, node, value):
        """`node` is the same number as `value`. It has no word: that of `value` is kept in a register that may hold something else while `node` lives."""
        self.raw[node] = self.as_raw(value, rep_of(self.fact(value)))

    # -- nodes --

    def _node(self, node):
        if node.place is not None:
            self.place = node.place
        for method in (self._dropped, self._arithmetic, self._comparison):
            if method(node):
                return
        special = getattr(self, "_op_" + node.op.replace(".", "_"), None)
        if special and special(node):
            return
        self._keep(node)

    def _keep(self, node):
        """The node stays; its inputs are what it expects."""
        if node.op == "const":
            self.nodes.append(node)
            return
        free = RAW_OPERANDS.get(node.op, {})
        chosen = {}
        registers = [access[2] for access in node.reads] if node.reads else [value.slot for value in node.inputs]
        kinds = {o.name: o.kind for o in BY_NAME[node.op].operands} if node.op in BY_NAME else {}
        inputs = []
        for number, value in enumerate(node.inputs):
            raw = node.reads and kinds.get(node.reads[number][0]) == "S"
            if raw:
                inputs.append(self.raw.get(value, value))
            elif value.rep == BOOL or node.op == "part":
                inputs.append(value)
            elif node.reads and rep_of(self.fact(value)) in free.get(node.reads[number][0], ()):
                rep = chosen[node.reads[number][0]] = rep_of(self.fact(value))
                inputs.append(self.as_raw(value, rep))
            else:
                inputs.append(self.as_word(value, registers[number] if registers[number] is not None and registers[number] < RAW else value.slot))
        node.inputs = inputs
        if node.unwind is not None:
            self._edge(node.unwind)
        if node.op == "jump":
            self._edge(self.block.edges[0])
        elif node.op == "branch":
            for edge in self.block.edges:
                self._apart(edge)
        self.nodes.append(node)
        rep = rep_of(self.fact(node))
        if node.rep == TAGGED and rep in free.get("a", ()):
            chosen["a"] = node.rep = rep
        if chosen:
            node.data = {**node.data, "reps": chosen}
        self._kept(node)

    def _kept(self, node):
        """Note the forms of a node's result."""
        if node.rep == TAGGED:
            self.word[node] = node
            rep = rep_of(self.fact(node))
            if rep != TAGGED and node.op != "part":
                self.raw[node] = self._unboxed(node, rep, self.nodes)
        elif node.rep in (INT, FLOAT):
            self.raw[node] = node

    def _limits(self):
        """The limits of inclusive ranges that only their loops look at. Such a loop needs no limit beyond the last int."""
        found = {node for block in self.graph.blocks for node in block.nodes
                 if node.op == "part" and node.inputs[0].op == "forprepi" and node.data[0] == 1}
        for block in self.graph.blocks:
            for node in block.nodes:
                found.difference_update(value for at, value in enumerate(node.inputs) if node.op != "forloop" or at != 1)
            for edge in block.leaving():
                found.difference_update(edge.values)
        return found

    def _op_part(self, node):
        """Parts stand together behind their node: they become raw after the last of them."""
        if node.inputs[0] in self.lowered:
            self.raw[node] = self.lowered[node.inputs[0]][node.inputs[0].writes[node.data[0]][1]]
            return True
        self.nodes.append(node)
        self.word[node] = node
        rep = rep_of(self.fact(node))
        siblings = [n for n in self.block.nodes if n.op == "part" and n.inputs[0] is node.inputs[0]]
        whole = node.inputs[0]
        way, first = SOMETIMES.get(whole.op, (0, 255))
        access = whole.writes[node.data[0]]
        if rep != TAGGED and access[1] >= first:
            target = self.block.edges[1 - way].block
            if access not in whole.reads and self.entries[target] == 1:
                self.arriving.setdefault(target, []).append((node, rep))
        elif rep != TAGGED:
            self.pending.append((node, rep))
        if node is siblings[-1]:
            for part, its in self.pending:
                self.raw[part] = self._unboxed(part, its, self.nodes)
            self.pending = []
        return True

    def _edge(self, edge):
        """What an edge carries in the forms that the parameters have."""
        places = [self.wanted[param].place if param in self.wanted else None for param in edge.block.params]
        edge.values = [self.as_raw(value, param.rep, place) if param.rep in (INT, FLOAT) else self.as_word(value, param.slot) if param.rep == TAGGED else value
                       for param, value, place in zip(edge.block.params, edge.values, places)]

    def _apart(self, edge):
        """The same for one of several edges: what has to be done for it is done on it alone."""
        before, self.nodes = self.nodes, []
        self._edge(edge)
        if self.nodes:
            between = Block()
            between.nodes = [*self.nodes, Node("jump", place=self.place)]
            between.edges = [Edge(edge.block, edge.values)]
            edge.block, edge.values = between, []
        self.nodes = before

    def _dropped(self, node):
        """Moves of raw values, checks of what is known."""
        op = node.op
        if op == "move" or op == "narrow" and rep_of(self.fact(node)) == rep_of(self.fact(node.inputs[0])):
            if rep_of(self.fact(node.inputs[0])) != TAGGED:
                self.same(node, node.inputs[0])
                return True
            return False
        if op == "checkint":
            return self.fact(node.inputs[0]).forms == INTS
        if op == "checkset":
            return not self.fact(node.inputs[0]).forms & UNSET
        if op in ("jset", "jnone", "jnotnone"):
            wanted = UNSET if op == "jset" else NONE
            if self.fact(node.inputs[0]).forms & wanted:
                return False
            node.op, node.inputs, node.data, node.reads, node.place = "const", [], (int(op != "jnone"),), (), node.place
            self.nodes.append(node)
            return True
        if op == "boxint" or op == "boxfloat":
            self.raw[node] = self.raw.get(node.inputs[0], node.inputs[0])
            return True
        if op in ("unboxint", "unboxfloat"):
            rep = rep_of(self.fact(node.inputs[0]))
            if rep == TAGGED or (op == "unboxint" and rep == FLOAT):
                return False
            self.raw[node] = self.as_raw(node.inputs[0], INT if op == "unboxint" else FLOAT)
            return True
        if op == "cast":
            return self._cast(node)
        return False

    def _cast(self, node):
        if node.constant("type").kind not in ("int", "float"):
            return False
        from_, to = self.fact(node.inputs[0]).forms, self.fact(node).forms
        if from_ == to and to in (INTS, FLOATS):
            self.same(node, node.inputs[0])
            return True
        if from_ == INTS and to == FLOATS:
            self.raw[node] = self.as_raw(node.inputs[0], FLOAT)
            return True
        return False

    def _operands(self, node):
        """The values of a binary instruction; an immediate or a constant is a new one."""
        values = list(node.inputs)
        if "i" in node.data:
            values.append(self._constant(node.data["i"]))
        elif "k" in node.data:
            values.append(self._constant(node.constant("k")))
        return values

    def _constant(self, value):
        node = Node("const", data=(value,), rep=FLOAT if isinstance(value, float) else INT)
        self.known[node] = Fact(FLOATS if node.rep == FLOAT else INTS)
        self.raw[node] = node
        return node

    def _arithmetic(self, node):
        name = node.op
        kind = name if name in _TO_RAW or name == "neg" else name[:-1]
        if kind not in _TO_RAW and kind != "neg" or (kind != name and name[-1:] not in "ik") or node.rep != TAGGED:
            return False
        values = self._operands(node)
        forms = [self.fact(value).forms for value in values]
        if any(f & ~NUMBER for f in forms):
            return False
        out = self.fact(node).forms
        if out == INTS and all(f == INTS for f in forms):
            raw = [self._placed(value, INT) for value in values]
            op = f"{_TO_RAW.get(kind, kind)}.int"
        elif out == FLOATS and kind in ("add", "sub", "mul", "div", "neg") and all(f in (INTS, FLOATS) for f in forms):
            raw = [self._placed(value, FLOAT) for value in values]
            op = f"{kind}.float"
        else:
            return False
        if node.unwind is not None and op.endswith(".int"):
            self._edge(node.unwind)
        self.raw[node] = self.simple(op, raw, INT if op.endswith(".int") else FLOAT, node if op.endswith(".int") else None)
        return True

    def _placed(self, value, rep):
        if value.op == "const" and value.rep != TAGGED and value not in self.nodes[-2:]:
            self.nodes.append(value)
        return self.as_raw(value, rep)

    def _comparison(self, node):
        name = node.op[1:] if node.rep == BOOL else node.op
        if node.rep == BOOL and not node.op.startswith("j"):
            return False
        if "i" in node.data and name.endswith("i"):
            name = name[:-1]
        if name not in (_PREDICATES if node.rep == BOOL else _COMPARISONS) or "." in node.op:
            return False
        values = self._operands(node)
        forms = {self.fact(value).forms for value in values}
        if forms == {INTS}:
            rep = INT
        elif forms == {FLOATS} or (forms == {INTS, FLOATS} and "i" in node.data):
            rep = FLOAT
        else:
            return False
        raw = [self._placed(value, rep) for value in values]
        return self._compared(node, _PREDICATES[name][rep == FLOAT], raw)

    def _compared(self, node, predicate, raw):
        if node.rep == BOOL:
            node.op, node.inputs, node.data, node.reads, node.writes, node.unwind = "compare", raw, (predicate,), (), node.writes, None
            self.nodes.append(node)
            return True
        condition = self.add(Node("compare", raw, (predicate,), BOOL))
        node.op, node.inputs, node.data, node.reads, node.writes, node.unwind = "boolean", [condition], (), (), (), None
        self.nodes.append(node)
        self.word[node] = node
        return True

    def _loop(self, node, low, limit, predicate):
        """Replace a loop's instruction: the count is `low`, the loop goes on or ends by a comparison."""
        self.lowered[node] = {0: low, 1: limit, 2: low}
        node.op, node.inputs, node.data, node.unwind = "compare", [low, limit], (predicate,), None
        node.reads = ()
        self.nodes.append(node)
        return True

    def _range(self, node):
        if any(self.fact(value).forms != INTS for value in node.inputs[:2]):
            return None
        return [self.as_raw(value, INT) for value in node.inputs[:2]]

    def _op_forprep(self, node):
        found = self._range(node)
        return bool(found) and self._loop(node, *found, "sge")

    def _op_forprepi(self, node):
        found = self._range(node)
        if not found:
            return False
        parts = [n for n in self.block.nodes if n.op == "part" and n.inputs[0] is node and n.data[0] == 1]
        if any(part not in self.inclusive for part in parts):
            return False
        return self._loop(node, *found, "sgt")

    def _op_forloop(self, node):
        found = self._range(node)
        if not found:
            return False
        following = self.add(Node("next", [found[0]], rep=INT))
        if node.inputs[1] not in self.inclusive or node.inputs[1].inputs[0] not in self.lowered:
            return self._loop(node, following, found[1], "slt")
        self._loop(node, found[0], found[1], "slt")         # the last int has none after it
        self.lowered[node] = {0: following, 2: following}
        return True

    def _op_ret(self, node):
        if self.result == TAGGED:
            return False
        node.inputs = [self.as_raw(node.inputs[0], self.result)]
        self.nodes.append(node)
        return True

    def _op_getslot(self, node):
        """A raw slot of an instance of a known class. Of other instances of known classes the class is noted."""
        return self._find_class(node, node.inputs[0]) and self._raw_access(node, "getslot.raw", [])

    _op_getslot_float = _op_getslot

    def _op_setslot(self, node):
        return self._find_class(node, node.inputs[0]) and self._raw_access(node, "setslot.raw", [self.as_raw(node.inputs[1], FLOAT)])

    _op_setslot_float = _op_setslot

    def _find_class(self, node, instance):
        """Note the class of the instance that a node reads or changes, if it is known; is the slot raw?"""
        type_ = self.fact(instance).type
        if type_ is None or type_.kind != "class" or not self.layouts.has(type_.index, node.data["i"]):
            return False
        node.data = {**node.data, "class": type_.index}
        return self.layouts.is_raw(type_.index, node.data["i"])

    def _raw_access(self, node, op, values):
        node.op, node.inputs = op, [self.as_word(node.inputs[0], node.inputs[0].slot), *values]
        if node.unwind is not None:
            self._edge(node.unwind)
        self.nodes.append(node)
        if not values:
            node.rep, node.slot = FLOAT, None
            self.raw[node] = node
        return True

    def _op_construct(self, node):
        """What raw slots get is raw."""
        class_ = node.constant("type").index
        node.inputs = [self.as_raw(value, FLOAT) if self.layouts.is_raw(class_, access[1]) else self.as_word(value, access[2])
                       for value, access in zip(node.inputs, node.reads)]
        if node.unwind is not None:
            self._edge(node.unwind)
        self.nodes.append(node)
        self._kept(node)
        return True

    def _op_getfield(self, node):
        """The length of a container of a known kind is there, an int."""
        if node.constant("name") != "length" or kind_of(self.fact(node.inputs[0])) is None:
            return False
        node.op, node.data, node.reads, node.writes, node.rep, node.slot, node.unwind = "length", {"b": node.data["b"]}, (), (), INT, None, None
        node.inputs = [self.as_word(node.inputs[0], node.inputs[0].slot)]
        self.nodes.append(node)
        self.raw[node] = node
        return True

    def _op_callknown(self, node):
        found = self.versions(node)
        if found is None:
            return False
        params, result = found
        for number, access in enumerate(node.reads):
            value = node.inputs[number]
            wanted = params[access[1] - 2] if access[0] == "a" else TAGGED
            node.inputs[number] = self.as_raw(value, wanted) if wanted != TAGGED else self.as_word(value, access[2])
        if node.unwind is not None:
            self._edge(node.unwind)
        self.nodes.append(node)
        node.rep = result
        if result == TAGGED:
            self._kept(node)
        else:
            node.slot = None
            self.raw[node] = node
        return True

    def _op_enter(self, node):
        params, result = self.versions(node)
        node.inputs = [self.as_raw(value, wanted) if wanted != TAGGED else self.as_word(value, value.slot) for value, wanted in zip(node.inputs, params)]
        node.rep = result
        self.nodes.append(node)
        (self.word if result == TAGGED else self.raw)[node] = node
        return True


def _only_unboxed(graph):
    """Parameter of a block -> what unboxes it there, if nothing else uses it: then it may arrive unboxed."""
    uses, found = {}, {}
    for block in graph.blocks:
        for node in block.nodes:
            for value in node.inputs:
                uses.setdefault(value, []).append(node)
        for edge in block.leaving():
            for value in edge.values:
                uses.setdefault(value, []).append(None)
    for block in graph.blocks[1:]:
        for param in block.params:
            first = next((node for node in block.nodes if node.op not in ("const", "move") and node.op != "part"), None)
            if uses.get(param) == [first] and first.op in ("unboxint", "unboxfloat") and first.unwind is None and param.rep == TAGGED:
                found[param] = first
    return found


_PURE = {"const", "closure", "unboxint", "unboxfloat", "boxint", "boxfloat", "boolean", "compare", "next", "float.int", "part", "move", "narrow", "isclass", "isfunction", "length"}


def drop_unused(graph):
    """Remove conversions, constants, closures and the like that nothing uses."""
    uses = {}
    for block in graph.blocks:
        for node in block.nodes:
            for value in node.inputs:
                uses[value] = uses.get(value, 0) + 1
        for edge in block.leaving():
            for value in edge.values:
                uses[value] = uses.get(value, 0) + 1
    for block in reversed(graph.blocks):
        kept = []
        for node in reversed(block.nodes):
            if node.op in _PURE and not uses.get(node) and node.rep is not None:
                for value in node.inputs:
                    uses[value] -= 1
            else:
                kept.append(node)
        block.nodes = kept[::-1]
