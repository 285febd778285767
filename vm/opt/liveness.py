"""Which values live across a node.

In:  a Graph; which of its values matter, and which nodes. Out: `across`: Node -> the values that are used after it, on the way to its handler too.
Holds: lists are in the order of slots, so that emission is the same each time.
"""


def across(graph, matters, nodes):
    """See above; `matters(value)` and `nodes(node)` choose. The node's own results are not among the values."""
    blocks = graph.blocks
    live_in = {block: frozenset() for block in blocks}
    changed = True
    while changed:
        changed = False
        for block in reversed(blocks):
            live = _scan(block, live_in, matters, nodes, None)
            if live != live_in[block]:
                live_in[block], changed = live, True
    found = {}
    for block in blocks:
        _scan(block, live_in, matters, nodes, found)
    return found


def _scan(block, live_in, matters, nodes, found):
    """The values that live at the block's beginning."""
    live = set()
    for edge in block.edges:
        live |= live_in[edge.block]
        live.update(filter(matters, edge.values))
    for edge in block.edges:
        live.difference_update(edge.block.params)
    for node in reversed(block.nodes):
        live.discard(node)
        unwound = _unwound(node.unwind, live_in, matters) if node.unwind is not None else ()
        if found is not None and nodes(node):
            kept = live.union(unwound).difference(parts(block, node))
            found[node] = sorted(kept, key=lambda value: value.slot if value.slot is not None else -1)
        live.update(unwound)
        live.update(filter(matters, node.inputs))
    live.difference_update(block.params)
    return frozenset(live)


def _unwound(edge, live_in, matters):
    return (set(live_in[edge.block]) | set(filter(matters, edge.values))) - set(edge.block.params)


def parts(block, node):
    """The results of a node that has several: they stand behind it."""
    at = block.nodes.index(node) + 1 if node.writes else len(block.nodes)
    while at < len(block.nodes) and block.nodes[at].op == "part" and block.nodes[at].inputs[0] is node:
        yield block.nodes[at]
        at += 1
