"""Type propagation: what is known of each value of a graph.

In:  a Graph, Facts of its parameters, an oracle for calls. Out: `infer`: Node -> Fact; and the Fact of the result.
Holds: facts hold for every run, but for promised types (facts.py). Blocks are walked until nothing changes; facts only grow.
"""
from myna.compiler.bytecode.primitives import PRIMITIVES
from myna.compiler.bytecode.program import ELEMENTS, Type

from . import facts
from .facts import ANY, ANYTHING, BOOL, FLOAT, INT, NONE, NOTHING, NUMBER, OTHER, UNSET, Fact, join, meet, of_type
from .graph import BOOL as CONDITION, FLOAT as DOUBLE, INT as WORD
from .registers import decode
from .targets import answer_of, is_below

_SPECIAL = {"none": NONE, "true": BOOL, "false": BOOL, "unset": UNSET}
_BOOLS = {"lt", "le", "eq", "ne", "not", "and", "or", "is", "isr", "boxbool"}
_INTS = {"bitnot", "bitand", "bitor", "bitxor", "shl", "shr", "addw", "subw", "mulw"}
_IN_32_BITS = {"sub32", "mul32", "div32", "sub32i", "neg32"}
_HAVE_LENGTH = {"list", "array", "string", "map", "set", "tuple", "bytes", "range"}
_ARRAY_OF_KIND = next(p.number for p in PRIMITIVES if p.name == "array_of_kind")
_LONGEST = {"i64": "int", "f64": "float"}       # the names of types for kinds of elements, where they differ
_OBJECTS = {"list", "tuple", "map", "record", "builtin", "tostring", "construct", "object", "newcell"}


class Context:
    """The program, and what is asked about it: `result(node, index, facts of the arguments)` of a known call, `general_result(index)` of a function
    with any arguments that pass its checks, `get_global(number)` of a variable; `set_global(number, fact)` notes an assignment."""

    def __init__(self, program, result, general_result, get_global, set_global):
        self.program, self.result, self.general_result = program, result, general_result
        self.get_global, self.set_global = get_global, set_global
        self._methods = {}

    def field(self, type_, number):
        """The promised Type of a field of an instance, or None."""
        if type_ is None or type_.kind != "class":
            return None
        types = self.fields(type_.index)
        found = types[number] if types is not None and number < len(types) else None
        if found is not None and found.kind == "param":
            return type_.args[found.index] if found.index < len(type_.args) else None
        return found if found is not None and not found.args else None

    def fields(self, index):
        """The Types of all fields of a class; None: they are not all known."""
        class_ = self.program.classes[index]
        if isinstance(class_.parent, str):
            return None
        inherited = [] if class_.parent is None else self.fields(class_.parent)
        if inherited is None or (class_.fields and not class_.types):
            return None
        return [*inherited, *class_.types]

    def methods(self, class_, name):
        """The functions that a call of a method may enter: the class's, and those that override it."""
        key = class_, name
        if key not in self._methods:
            found = [m.function for index, c in enumerate(self.program.classes) if self._below(index, class_) for m in c.methods if m.name == name]
            at = self.program.classes[class_].parent
            while not isinstance(at, (str, type(None))):
                found += [m.function for m in self.program.classes[at].methods if m.name == name]
                at = self.program.classes[at].parent
            interfaces = any(self.program.classes[index].interfaces for index in range(len(self.program.classes)) if self._below(index, class_))
            self._methods[key] = None if interfaces and not found else found
        return self._methods[key]

    def _below(self, index, class_):
        while isinstance(index, int):
            if index == class_:
                return True
            index = self.program.classes[index].parent
        return False


def signature(function):
    """The function's type, or None."""
    return function.consts[0] if function.signed else None


def result_promise(function):
    """What a function promises to return."""
    type_ = signature(function)
    if type_ is None or not type_.args or type_.args[-1].args and type_.args[-1].kind == "class":
        return ANYTHING
    return of_type(type_.args[-1])


def param_promises(program, index, named):
    """What is known of the arguments behind a function's checks; the first of a method is an instance of its class. `named`: see `named_functions`."""
    function = program.functions[index]
    found = [Fact(ANY) for _ in range(function.nparams)]
    type_ = signature(function)
    if type_ is not None:
        for number, promised in enumerate(type_.args[:-1][:function.nparams]):
            found[number] = of_type(promised)
    else:
        for item in decode(function):
            if item.at >= function.checks:
                break
            if item.op.name == "checkint":
                found[item.operands["a"]] = Fact(INT)
            elif item.op.name == "cast" and item.operands["a"] == item.operands["b"] < function.nparams:
                found[item.operands["a"]] = of_type(function.consts[item.operands["type"]])
    if function.rest:
        found[-1] = Fact(OTHER)
    last = function.nparams - function.rest
    for number in range(last - function.optional, last):
        found[number] = Fact(found[number].forms | UNSET, found[number].type)
    owner = owners(program).get(index)
    if owner is not None and function.nparams:
        found[0] = Fact(OTHER, Type("class", owner), index not in named)
    return found


def named_functions(program):
    """The functions that known calls name, or that are made into values: those that call methods so need not have an instance."""
    return {f.consts[item.operands["f"]].index for f in program.functions for item in decode(f) if item.op.name in ("callknown", "closure")}


def callee(node):
    """The number of the function that a known call enters."""
    return node.data["target"] if "target" in node.data else node.constant("f").index


def call_facts(known, node):
    """What is known of the arguments of a known call; the test before one of a method tells of the first."""
    found = [known.get(value, NOTHING) for value, access in zip(node.inputs, node.reads) if access[0] == "a"]
    if node.data.get("this") is not None:
        found[0] = Fact(OTHER, Type("class", node.data["this"]), True)
    return found


def owners(program):
    """Function -> the class whose method it is."""
    return {method.function: number for number, class_ in enumerate(program.classes) if not class_.extends and not class_.interface
            for method in class_.methods}


def infer(graph, context, params):
    """(Node -> Fact, Fact of the result) where the function's parameters are as `params` says; the closure follows them."""
    return _Inference(graph, context).run(params)


class _Inference:
    def __init__(self, graph, context):
        self.graph, self.context = graph, context
        self.facts = {}
        self.given = {}         # Node of a new container -> the type that it gets
        for block in graph.blocks:
            for node in block.nodes:
                if node.op in ("reify", "gather"):
                    self.given[node.inputs[0]] = node.constant("type")

    def run(self, params):
        """See `infer`."""
        blocks = self.graph.blocks
        for param, fact in zip(blocks[0].params, [*params, Fact(OTHER)]):
            self.facts[param] = fact
        self.result = NOTHING
        todo, waiting = [blocks[0]], {blocks[0]}
        order = {block: number for number, block in enumerate(blocks)}
        while todo:
            todo.sort(key=order.__getitem__, reverse=True)
            block = todo.pop()
            waiting.discard(block)
            for target in self._walk(block):
                if target not in waiting:
                    waiting.add(target)
                    todo.append(target)
        return self.facts, self.result

    def _walk(self, block):
        """Blocks of which more is known now."""
        changed = []
        for node in block.nodes:
            if node.rep is not None:
                fact = join(self.facts.get(node, NOTHING), self.transfer(node))
                self.facts[node] = fact
            elif node.op == "ret":
                self.result = join(self.result, self.fact(node.inputs[0]))
            elif node.op == "setglobal":
                self.context.set_global(node.data["g"], self.fact(node.inputs[0]))
            if node.unwind is not None:
                changed += self._give(node.unwind)
        end = block.nodes[-1]
        answer = answer_of(end.inputs[0], self.facts, self.context.program) if end.op == "branch" else None
        for edge in block.edges if answer is None else [block.edges[not answer]]:
            changed += self._give(edge)
        return changed

    def _give(self, edge):
        changed = edge.block not in self.facts
        self.facts[edge.block] = True       # it is reached
        for param, value in zip(edge.block.params, edge.values):
            old = self.facts.get(param, NOTHING)
            new = join(old, self.fact(value))
            if new != old:
                self.facts[param], changed = new, True
        return [edge.block] if changed else []

    def fact(self, node):
        return self.facts.get(node, NOTHING)

    # -- nodes --

    def transfer(self, node):
        """The Fact of a node, from those of its inputs."""
        op = node.op
        if node.rep == CONDITION:
            return Fact(BOOL)
        if node.rep == WORD:
            return Fact(INT)
        if node.rep == DOUBLE:
            return Fact(FLOAT)
        method = _TRANSFER.get(op)
        if method:
            return method(self, node)
        if op in _BOOLS:
            return Fact(BOOL)
        if op in _INTS:
            return self._ints(node)
        if op in _IN_32_BITS:
            return Fact(INT)
        if op in _OBJECTS:
            made = node.constant("type") if op in ("construct", "object") else Type("list") if op == "list" else None
            return Fact(OTHER, self.given.get(node) or made, made is not None)
        return ANYTHING

    def _const(self, node):
        value = node.data[-1]
        return Fact(_SPECIAL[value]) if len(node.data) == 1 and value in _SPECIAL else facts.of_constant(value)

    def _move(self, node):
        return self.fact(node.inputs[0])

    def _arithmetic(self, node):
        x = self.fact(node.inputs[0]).forms
        if "i" in node.data and node.op != "neg":
            y = INT
        elif "k" in node.data:
            y = facts.of_constant(node.constant("k")).forms
        else:
            y = self.fact(node.inputs[-1]).forms
        if not x or not y:
            return NOTHING
        if (x | y) & ~NUMBER:
            return Fact(ANY)
        if x | y == INT:
            return Fact(INT)
        if node.op.startswith("mod"):
            return Fact(NUMBER)
        return Fact(FLOAT if x == FLOAT or y == FLOAT else NUMBER)

    def _ints(self, node):
        forms = [self.fact(value).forms for value in node.inputs]
        if not all(forms):
            return NOTHING
        return Fact(INT if set(forms) == {INT} else ANY)

    def _part(self, node):
        whole, number = node.inputs[0], node.data[0]
        operand, index, _ = whole.writes[number]
        if whole.op in ("forprep", "forprepi", "forloop"):
            return Fact(INT)
        if whole.op in ("iternext", "iterpair"):
            if whole.op == "iternext" and index == 2:
                item = facts.item_of(self.fact(whole.inputs[0]).type)
                kept = [value for value, access in zip(whole.inputs, whole.reads) if access[1] == 2]
                return join(of_type(item), self.fact(kept[0]) if kept else NOTHING) if item is not None else ANYTHING
            return self.fact(whole.inputs[0]) if index == 0 else Fact(ANY)
        return Fact(ANY)

    def _cast(self, node):
        to, given = of_type(node.constant("type")), self.fact(node.inputs[0])
        return Fact(to.forms | given.forms & UNSET, to.type)

    def _getslot(self, node):
        found = self.context.field(self.fact(node.inputs[0]).type, node.data["i"])
        return of_type(found) if found is not None else Fact(ANY)

    def _getfield(self, node):
        type_ = self.fact(node.inputs[0]).type
        has_length = type_ is not None and type_.kind in _HAVE_LENGTH
        return Fact(INT) if has_length and node.constant("name") == "length" else Fact(ANY)

    def _getglobal(self, node):
        return self.context.get_global(node.data["g"])

    def _getindex(self, node):
        item, index = facts.item_of(self.fact(node.inputs[0]).type), self.fact(node.inputs[1]).forms
        if not index:
            return NOTHING
        return of_type(item) if item is not None and index == INT else Fact(ANY)       # a range gives a part

    def _callknown(self, node):
        return self.context.result(node, callee(node), call_facts(self.facts, node))

    def _prim(self, node):
        """An array of a kind that the compiler knows."""
        number = node.inputs[-1].data[-1] if node.data["p"] == _ARRAY_OF_KIND and node.inputs[-1].op == "const" else None
        if number not in range(len(ELEMENTS)):
            return ANYTHING
        kind = list(ELEMENTS)[number]
        return Fact(OTHER, Type("array", args=(Type(_LONGEST.get(kind, kind)),)), True)

    def _closure(self, node):
        return Fact(OTHER, Type("closure", node.constant("f").index), True)

    def _narrow(self, node):
        promise, given = node.data[0], self.fact(node.inputs[0])
        if not given.forms or promise.sure and not given.forms & OTHER:
            return NOTHING
        if not promise.sure:
            return meet(promise, given)
        below = given.type is not None and given.type.kind == "class" and is_below(self.context.program, given.type.index, promise.type.index)
        return Fact(OTHER, given.type, given.sure) if below else promise

    def _invokevirtual(self, node):
        type_ = node.constant("type")
        found = self.context.methods(type_.index, node.constant("name"))
        if not found:
            return ANYTHING
        result = NOTHING
        for index in found:
            result = join(result, self.context.general_result(index))
        return result


_TRANSFER = {
    "getfield": _Inference._getfield, "getglobal": _Inference._getglobal, "getslot": _Inference._getslot, "getindex": _Inference._getindex,
    "getindex.int": _Inference._getindex, "const": _Inference._const, "move": _Inference._move, "part": _Inference._part, "cast": _Inference._cast,
    "narrow": _Inference._narrow, "closure": _Inference._closure, "prim": _Inference._prim, "callknown": _Inference._callknown,
    "invokevirtual": _Inference._invokevirtual, "caught": lambda self, node: Fact(ANY), "boxint": lambda self, node: Fact(INT),
    "boxfloat": lambda self, node: Fact(FLOAT),
    **dict.fromkeys(["add", "sub", "mul", "div", "mod", "addi", "subi", "muli", "divi", "modi", "addk", "subk", "mulk", "divk", "neg"], _Inference._arithmetic),
}
