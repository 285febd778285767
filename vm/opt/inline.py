"""Which calls are worth to be inlined.

In:  a version of a function. Out: `is_small`: it is inlined wherever a call may run often; `unrolled`: how often its calls of itself are inlined into it.
Holds: sizes are counts of operations, those that make no code left out. LLVM does the inlining, and has an opinion of its own on the rest.
"""
SMALL = 24              # operations of a function that is inlined where it may run often
MOST_UNROLLED = 160     # operations that a function may grow to by inlining calls of itself
_FREE = {"const", "part", "jump", "move", "caught"}


def size(graph):
    """The number of operations."""
    return sum(node.op not in _FREE for block in graph.blocks for node in block.nodes)


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
