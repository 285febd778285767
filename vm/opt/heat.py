"""What may run often.

In:  the versions of a program that can be called, and its entrances. Out: `find_hot`: the blocks that may run many times in one run of the program;
`levels`: how deep in loops each block lies, callers included.
Holds: a block is hot in a loop; a version is hot whole when a hot block calls it or it calls itself. Methods are told apart by their names only, and
function values not at all; an operator may call any method of its name. The rest runs once, or a few times, so its code is kept small instead of fast.
"""
from .graph import components, dominators, in_loops
from .infer import callee

_BY_NAME = {"invoke", "invokeknown", "invokevirtual"}
_ORDER, _EQUAL = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}, {"eq": "==", "ne": "!="}
_SYMBOLS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "neg": "-", "bitand": "&", "bitor": "|", "bitxor": "^", "shl": "<<",
            "shr": ">>", "bitnot": "~", "addw": "+%", "subw": "-%", "mulw": "*%", **_ORDER, **_EQUAL}
_METHODS = {"getindex": ("[]",), "setindex": ("[]=",), "iternext": ("iter",), "iterpair": ("iter",)}       # of classes, that instructions call
_OF_VALUES = {"call", "callraw", "calltyped", "calltypedraw", "iternext", "iterpair"}


def symbol(op):
    """The operator that an instruction on words stands for, or None."""
    if "." in op:
        return None
    if op.startswith("j"):
        kind = op[1:].removeprefix("n") if op.startswith(("jnl", "jng")) else op[1:]
        kind = kind.removesuffix("i")
        return _ORDER.get(kind) or _EQUAL.get(kind)
    op = op.removesuffix("32i").removesuffix("32")
    return _SYMBOLS.get(op) or (_SYMBOLS.get(op[:-1]) if op[-1:] in "ik" else None)


def operators(op):
    """The names of the methods of classes that an instruction on words calls for instances."""
    found = symbol(op)
    if found in _ORDER.values():
        return (*_ORDER.values(), "compare")
    return _METHODS.get(op, ()) if found is None else ("==",) if found == "!=" else ("-", "-()") if found == "-" else (found,)


class Calls:
    """Who may call whom; `versions` is a `program.Versions`."""

    def __init__(self, versions):
        self.versions, self.named = versions, {}
        for class_ in versions.program.classes:
            for method in class_.methods:
                self.named.setdefault(method.name, []).append(versions.general(method.function))
        methods = {version for found in self.named.values() for version in found}
        self.values = [versions.general(index) for index in versions.entrances if index and versions.general(index) not in methods]

    def known(self, graph, node):
        """The version that a node calls and no other, or None."""
        if node.op != "callknown":
            return None
        return self.versions.chosen(graph, node) or self.versions.general(callee(node))

    def of(self, graph, node):
        """The versions that a node may call."""
        if node.op == "callknown":
            return [self.known(graph, node)]
        if node.op in _BY_NAME:
            return self.named.get(node.constant("name"), ())
        found = self.values if node.op in _OF_VALUES else ()
        return [*found, *(method for name in operators(node.op) for method in self.named.get(name, ()))]


def find_hot(versions):
    """See above; `versions` is a `program.Versions`."""
    calls = Calls(versions)
    loops = {version: in_loops(version.graph) for version in versions.list}
    hot, todo = set(), []

    def heat(found):
        for version in found:
            if version not in hot:
                hot.add(version)
                todo.append(version)

    for version in versions.list:
        for block in version.graph.blocks:
            for node in block.nodes:
                if block in loops[version] or calls.known(version.graph, node) is version:
                    heat(calls.of(version.graph, node))
    while todo:
        version = todo.pop()
        for block in version.graph.blocks:
            for node in block.nodes:
                heat(calls.of(version.graph, node))
    return {block for version in versions.list for block in (version.graph.blocks if version in hot else loops[version])}


def depths(graph):
    """Block -> the number of loops that it lies in."""
    order = graph.order()
    above = dominators(graph, order)
    at = {block: number for number, block in enumerate(order)}
    before = {block: [] for block in order}
    for block in order:
        for edge in block.leaving():
            before[edge.block].append(block)
    found = dict.fromkeys(order, 0)
    for head in order:
        inside = {head}
        todo = [block for block in before[head] if at[block] > at[head] and _above(head, block, above)]
        while todo:
            block = todo.pop()
            if block not in inside:
                inside.add(block)
                todo += before[block]
        if len(inside) > 1 or head in before[head]:
            for block in inside:
                found[block] += 1
    for block in in_loops(graph):           # one that is entered in several places has no head
        found[block] = max(found[block], 1)
    return found


def _above(one, other, above):
    """Does each way to `other` lead through `one`?"""
    while other is not one and other is not None:
        other = above[other]
    return other is one


def levels(versions):
    """Block -> the number of loops that it lies in, with those of the deepest call that leads to it; functions that call themselves count as a loop."""
    calls = Calls(versions)
    inner = {version: depths(version.graph) for version in versions.list}
    sites = {version: [(block, called) for block in inner[version] for node in block.nodes for called in calls.of(version.graph, node)]
             for version in versions.list}
    level = dict.fromkeys(versions.list, 0)
    for part in reversed(components(versions.list, lambda version: [called for _, called in sites.get(version, ())])):
        recursive = len(part) > 1 or any(called is part[0] for _, called in sites.get(part[0], ()))
        base = max(level.get(version, 0) for version in part) + recursive
        for version in part:
            level[version] = base
            for block, called in sites.get(version, ()):
                if called not in part:
                    level[called] = max(level.get(called, 0), base + inner[version][block])
    return {block: level[version] + depth for version, found in inner.items() for block, depth in found.items()}
