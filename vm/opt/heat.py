"""What may run often.

In:  the versions of a program that can be called, and its entrances. Out: `find_hot`: the blocks that may run many times in one run of the program.
Holds: a block is hot in a loop; a version is hot whole when a hot block calls it or it calls itself. Methods are told apart by their names only, and
function values not at all. The rest runs once, or a few times, so its code is kept small instead of fast.
"""
from .graph import in_loops

_BY_NAME = {"invoke", "invokeknown", "invokevirtual"}
_OF_VALUES = {"call", "callraw", "calltyped", "calltypedraw", "iternext", "iterpair"}


def find_hot(versions):
    """See above; `versions` is a `program.Versions`."""
    named = {}
    for class_ in versions.program.classes:
        for method in class_.methods:
            named.setdefault(method.name, []).append(versions.general(method.function))
    methods = {version for found in named.values() for version in found}
    values = [versions.general(index) for index in versions.entrances if versions.general(index) not in methods]
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
                if block in loops[version] or _enters(versions, version.graph, node) is version:
                    heat(_callees(versions, version.graph, node, named, values))
    while todo:
        version = todo.pop()
        for block in version.graph.blocks:
            for node in block.nodes:
                heat(_callees(versions, version.graph, node, named, values))
    return {block for version in versions.list for block in (version.graph.blocks if version in hot else loops[version])}


def _enters(versions, graph, node):
    return versions.chosen(graph, node) if node.op == "callknown" else None


def _callees(versions, graph, node, named, values):
    """The versions that a node may call."""
    if node.op == "callknown":
        return [versions.chosen(graph, node) or versions.general(graph.function.consts[node.data["f"]].index)]
    if node.op in _BY_NAME:
        return named.get(graph.function.consts[node.data["name"]], ())
    return values if node.op in _OF_VALUES else ()
