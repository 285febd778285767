"""Blocks that follow each other become one.

In:  a Graph. Out: `straighten(graph)`: the same graph; a block that only one edge leads to has no parameters, and if nothing else follows the block before
it, they are one; branches whose way is known are jumps.
Holds: a value that took the place of a parameter is in that parameter's register.
"""
from .graph import Node


def straighten(graph):
    """See above."""
    _decide(graph)
    graph.blocks = graph.order()
    became = {}
    into = {block: [] for block in graph.blocks}
    handlers = set()
    for block in graph.blocks:
        for edge in block.edges:
            into[edge.block].append((block, edge))
        handlers.update(node.unwind.block for node in block.nodes if node.unwind is not None)
    gone = set()
    for block in graph.blocks[1:]:
        if len(into[block]) == 1 and block not in handlers:
            before, edge = into[block][0]
            while before in gone:
                before = became[before]
            moves = _moves(block, edge, became)
            if len(before.edges) == 1 and before is not block:
                before.nodes, before.edges = [*before.nodes[:-1], *moves, *block.nodes], block.edges
                gone.add(block)
                became[block] = before
            else:
                block.nodes = [*moves, *block.nodes]
            edge.values, block.params = [], []
    _replace(graph, became, gone)


def _decide(graph):
    for block in graph.blocks:
        end = block.nodes[-1]
        if end.op == "branch" and end.inputs[0].op == "const":
            block.nodes[-1] = Node("jump", place=end.place)
            block.edges = [block.edges[not end.inputs[0].data[0]]]


def _moves(block, edge, became):
    """What gives the block's parameters their values: nothing where a value is in the right register."""
    moves, place = [], next(node.place for node in block.nodes if node.place is not None)
    for param, value in zip(block.params, edge.values):
        if value.slot == param.slot:
            became[param] = value
        else:
            move = Node("move", [value], {"a": param.slot, "b": value.slot or 0}, param.rep, place, slot=param.slot)
            became[param] = move
            moves.append(move)
    return moves


def _replace(graph, became, gone):
    def now(value):
        while value in became:
            value = became[value]
        return value

    graph.blocks = [block for block in graph.blocks if block not in gone]
    for block in graph.blocks:
        for node in block.nodes:
            node.inputs = [now(value) for value in node.inputs]
        for edge in block.leaving():
            edge.values = [now(value) for value in edge.values]
