"""Calls of function values and methods, by way of what they probably call.

In:  a program's graphs as `build` made them. Out: `Targets(program, graphs).expand(graph)`: in code that may run often, a call of a value that only
few functions can be, or of a method that only few classes have, becomes tests (`isfunction`, `isclass`), known calls, and the old call for everything
else; `fold`, once facts are known, drops tests with a known answer.
Holds: the program is all there is, so its functions and classes are all that a program of it can meet (class hierarchy analysis: Dean, Grove and
Chambers, 1995); the old call stays, so nothing depends on it.
"""
from .facts import INT, OTHER, Fact, of_type
from .graph import BOOL, TAGGED, Block, Edge, Node, components, in_loops
from .registers import LINK, binds, decode, globals_read

MOST_FUNCTIONS, MOST_CLASSES = 3, 4     # that a call is tested for
MADE = {"construct", "object", "closure", "newcell", "tuple", "record"}      # what a function makes, of a shape that is known
_TESTS = {"isclass", "isfunction", "untuple", "jnone", "jnotnone", "jset"}
_VALUES, _METHODS = {"call", "calltyped"}, {"invoke", "invokeknown", "invokevirtual"}


class Targets:
    """What calls of a program may enter. `graphs`: of all its functions."""

    def __init__(self, program, graphs):
        self.program = program
        self.made = _made(program, graphs)
        self.values = [index for index in self.made if self._can_be_entered(index)]
        self.concrete = sorted({f.consts[item.operands["type"]].index for f in program.functions for item in decode(f)
                                if item.op.name in ("construct", "object") and f.consts[item.operands["type"]].kind == "class"})
        self.hot = self._hot(graphs)
        self.found = {}         # name of a method -> its functions by class

    def _can_be_entered(self, index):
        f = self.program.functions[index]
        return not (f.rest or f.optional or f.classic or binds(f))

    def _hot(self, graphs):
        """The functions that may run often: see heat.py, which knows more precisely once versions exist."""
        named = {}
        for class_ in self.program.classes:
            for method in class_.methods:
                named.setdefault(method.name, []).append(method.function)

        def callees(graph, node):
            if node.op == "callknown":
                return [node.constant("f").index]
            if node.op in _METHODS:
                return named.get(node.constant("name"), ())
            return self.values if node.op.startswith("call") else ()

        calls = {graph.index: {index for block in graph.blocks for node in block.nodes for index in callees(graph, node)} for graph in graphs}
        todo = [index for graph in graphs for block in in_loops(graph) for node in block.nodes for index in callees(graph, node)]
        todo += _recursive(calls)
        hot = set()
        while todo:
            index = todo.pop()
            if index not in hot:
                hot.add(index)
                todo += calls.get(index, ())
        return hot

    # -- candidates --

    def _functions(self, node):
        """Functions that a call of a value may enter, behind their checks."""
        found = [index for index in self.values if self._fits(node, index)]
        return found if len(found) <= MOST_FUNCTIONS else []

    def _fits(self, node, index):
        """Can the call of a value skip the function's checks, if that is what it calls?"""
        f = self.program.functions[index]
        if f.nparams != node.data["n"]:
            return False
        return f.consts[0] == node.constant("type") if node.op == "calltyped" and f.signed else not f.checks and node.op == "call"

    def _classes(self, node):
        """(class, function) pairs that a call of a method may enter, behind the checks."""
        name, found = node.constant("name"), []
        if name not in self.found:
            self.found[name] = [(c, f) for c in self.concrete if (f := self._method(c, name)) is not None]
        for class_, index in self.found[name]:
            f = self.program.functions[index]
            if f.nparams == node.data["n"] + 1 and self._can_be_entered(index) and (not f.checks or node.op != "invoke"):
                if node.op != "invokevirtual" or is_below(self.program, class_, node.constant("type").index):
                    found.append((class_, index))
        return found if len(found) <= MOST_CLASSES else []

    def _method(self, class_, name):
        while isinstance(class_, int):
            for method in self.program.classes[class_].methods:
                if method.name == name:
                    return method.function
            if any(m.name == name for i in self.program.classes[class_].interfaces for m in self.program.classes[i].methods):
                return None         # perhaps its default: left to the runtime
            class_ = self.program.classes[class_].parent
        return None

    # -- the rewriting --

    def expand(self, graph):
        """See above."""
        self._expand(graph, self.often(graph), self._functions)

    def expand_made(self, graph, often):
        """The same for calls, in the blocks `often`, of closures that are made in the graph, and of methods of such instances; tests of these are dropped.
        New blocks join `often`."""
        fold_made(graph)
        before = set(graph.blocks)
        self._expand(graph, often, self._made_function)
        often.update(block for block in graph.blocks if block not in before)
        fold_made(graph)

    def often(self, graph):
        """The blocks that may run often."""
        return set(graph.blocks if graph.index in self.hot else in_loops(graph))

    def _made_function(self, node):
        value = made_value(node.inputs[0])
        index = value.constant("f").index if value.op == "closure" else None
        return [index] if index is not None and self._can_be_entered(index) and self._fits(node, index) else []

    def _expand(self, graph, often, functions):
        todo, became = [block for block in graph.blocks if block in often], {}
        while todo:
            rest = self._expand_block(graph, todo.pop(), became, functions)
            if rest is not None:
                todo.append(rest)
        if became:
            _replace(graph, became)
            graph.blocks = graph.order()

    def _expand_block(self, graph, block, became, functions):
        """Expand the first call of a block that can be; gives the new block with what follows it, if there is one."""
        for at, node in enumerate(block.nodes):
            if node.op not in _VALUES | _METHODS or any(access[0] == "t" for access in node.reads):
                continue
            value, tests = node.inputs[0], []
            if node.op in _METHODS:
                if functions == self._functions:        # else it was tried before
                    tests = [(Node("isclass", [value], (class_,), BOOL), index, class_) for class_, index in self._classes(node)]
            elif node.rep != BOOL or _is_simple(graph, block, at):
                tests = [(Node("isfunction", [value], (index,), BOOL), index, None) for index in functions(node)]
            if tests:
                calls = [(test, self._known_call(node, index, class_)) for test, index, class_ in tests]
                return _split_typed(graph, block, at, calls, became) if node.rep == BOOL else _split(block, at, calls, became)
        return None

    def _known_call(self, node, index, class_):
        """The known call of a function in the place of a call."""
        taken = [(access, value) for access, value in zip(node.reads, node.inputs) if access[1] >= LINK]
        unwind = node.unwind and Edge(node.unwind.block, node.unwind.values)
        data = {"a": node.data["a"], "n": len(taken), "raw": 0, "target": index, "this": class_}
        call = Node("callknown", [value for _, value in taken], data, TAGGED, node.place, unwind, node.data["a"])
        call.reads, call.writes = [access for access, _ in taken], [("a", 0, node.data["a"])]
        if self.program.functions[index].captures:
            call.inputs.append(node.inputs[0])
            call.reads.append(("closure", 0, None))
        return call


def _made(program, graphs):
    """The functions that are made into values which something may call: not those that only go to variables which nothing reads."""
    read, found = globals_read(program), set()
    for graph in graphs:
        nodes = [node for block in graph.blocks for node in block.nodes]
        used = {value for node in nodes if node.op != "setglobal" or node.data["g"] in read for value in node.inputs}
        used.update(value for block in graph.blocks for edge in block.leaving() for value in edge.values)
        found |= {node.constant("f").index for node in nodes if node.op == "closure" and node in used}
    return sorted(found)


def _recursive(calls):
    """Functions that may come back to themselves, if only through others."""
    return [index for part in components(calls, lambda index: calls.get(index, ())) for index in part if len(part) > 1 or index in calls.get(index, ())]


def _is_simple(graph, block, at):
    """Is the call, which jumps when the type of its result is known, followed by nothing but its result, and then by the check of that?"""
    end = block.nodes[at + 1:]
    if [node.op for node in end] != ["part", "branch"] or end[0].inputs[0] is not block.nodes[at]:
        return False
    to, other = block.edges[0].block, block.edges[1].block
    into = [b for b in graph.blocks for edge in b.leaving() if edge.block is to]
    if to is other:
        return into == [block, block]
    return (sorted(map(id, into)) == sorted(map(id, (block, other))) and [b for b in graph.blocks for edge in b.leaving() if edge.block is other] == [block]
            and [edge.block for edge in other.edges] == [to])


def _chain(block, calls, old, after, given):
    """The tests at the end of a block, the known calls, then the old call; `given(result)`: what a known call's edge to `after` carries."""
    for number, (test, call) in enumerate(calls):
        known, following = Block(), old if number == len(calls) - 1 else Block()
        known.nodes, known.edges = [call, Node("jump", place=call.place)], [Edge(after, given(call))]
        block.nodes += [test, Node("branch", [test], place=call.place)]
        block.edges = [Edge(known), Edge(following)]
        block = following


def _split(block, at, calls, became):
    """Tests, known calls and the old call in place of a call; gives the block of what follows it. `became`: value -> (what it is behind the call, the blocks before that)."""
    node, old, after = block.nodes[at], Block(), Block()
    result = Node("param", rep=TAGGED, slot=node.slot)
    after.params, after.nodes, after.edges = [result], block.nodes[at + 1:], block.edges
    old.nodes, old.edges = [node, Node("jump", place=node.place)], [Edge(after, [node])]
    became[node] = result, {old}
    block.nodes = block.nodes[:at]
    _chain(block, calls, old, after, lambda call: [call])
    return after


def _split_typed(graph, block, at, calls, became):
    """The same for a typed call, of which `_is_simple` holds."""
    node, part, old = block.nodes[at], block.nodes[at + 1], Block()
    to, other = block.edges
    after, check, before = to.block, other.block, list(to.values)
    result = Node("param", rep=TAGGED, slot=part.slot)
    after.params.append(result)
    old.nodes, old.edges, block.nodes = block.nodes[at:], block.edges, block.nodes[:at]
    became[part] = result, {old}
    if check is after:
        to.values.append(part)
        other.values.append(part)
    else:
        between, promised = Block(), Node("narrow", [part], (of_type(node.constant("type").args[-1]),), TAGGED, node.place, slot=part.slot)
        between.nodes = [promised, Node("jump", place=node.place)]
        between.edges = [Edge(after, [*(promised if value is part else value for value in before), promised])]
        old.edges = [Edge(between), other]
        checked = part
        if any(n.op == "checkint" and n.inputs == [part] for n in check.nodes):
            checked = Node("narrow", [part], (Fact(INT),), TAGGED, node.place, slot=part.slot)
            check.nodes.insert(len(check.nodes) - 1, checked)
        check.edges[0].values.append(checked)
        became[part] = result, {old, between, check}
    _chain(block, calls, old, after, lambda call: [*(call if value is part else value for value in before), call])


def replace_values(graph, now):
    """Use other values in the place of the keys of `now`."""
    for block in graph.blocks:
        for node in block.nodes:
            node.inputs = [now.get(value, value) for value in node.inputs]
        for edge in block.leaving():
            edge.values = [now.get(value, value) for value in edge.values]


def _replace(graph, became):
    """What follows an old call uses the parameter that has taken its result's place."""
    def now(value, block):
        while value in became and block not in became[value][1]:
            value = became[value][0]
        return value

    for block in graph.order():
        for node in block.nodes:
            node.inputs = [now(value, block) for value in node.inputs]
        for edge in block.leaving():
            edge.values = [now(value, block) for value in edge.values]


def fold(graph, known, program):
    """Drop tests whose answer the Facts `known` tell."""
    _fold(graph, lambda test: answer_of(test, known, program))


def made_value(value):
    """Where a value comes from, by way of moves."""
    while value.op in ("move", "narrow"):
        value = value.inputs[0]
    return value


def fold_made(graph):
    """Drop tests of what is made in the graph. That of a tuple's length has the parts behind it, and stays."""
    _fold(graph, lambda test: None if test.op == "untuple" else answer_of_made(test))


def answer_of_made(test):
    """The answer to a test of what is made in the graph; None: it is another."""
    value = made_value(test.inputs[0]) if test.op in _TESTS else test
    if value.op not in MADE:
        return None
    if test.op == "untuple":
        return value.op != "tuple" or value.data["n"] != test.data["n"]
    if test.op == "isfunction":
        return value.op == "closure" and value.constant("f").index == test.data[0]
    if test.op == "isclass":
        return value.op in ("construct", "object") and value.constant("type")[:2] == ("class", test.data[0])
    return test.op != "jnone"


def _fold(graph, answer_to):
    changed = False
    for block in graph.blocks:
        condition = block.nodes[-1].inputs[0] if block.nodes[-1].op == "branch" else None
        answer = condition and answer_to(condition)
        if answer is not None:
            block.nodes[-1] = Node("jump", place=block.nodes[-1].place)
            block.edges = [block.edges[not answer]]
            changed = True
    if changed:
        graph.blocks = graph.order()


def answer_of(test, known, program):
    """What is known of the answer to a test: a bool or None."""
    if test.op not in ("isclass", "isfunction"):
        return None
    fact = known.get(test.inputs[0])
    if fact is None or not fact.forms:
        return None
    type_, wanted = fact.type, test.data[0]
    if not fact.forms & OTHER:
        return False
    if type_ is None or type_.kind in ("object", "dynamic", "param"):
        return None
    if type_.kind == "closure":
        if test.op != "isfunction" or not fact.sure or type_.index != wanted:
            return False
        return True if fact.forms == OTHER else None
    if test.op == "isclass" and type_.kind == "class":
        return None if is_below(program, wanted, type_.index) else False
    return None if test.op == "isfunction" and type_.kind in ("function", "class") else False


def is_below(program, class_, other):
    """Is a class another, or below it, or does it have it as an interface?"""
    if program.classes[other].interface:
        return True             # perhaps
    while isinstance(class_, int):
        if class_ == other:
            return True
        class_ = program.classes[class_].parent
    return False
