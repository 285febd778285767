"""Checks of instances are done once.

In:  a Graph after representation selection. Out: the same graph; before the first access to a field of a value on each way stands a `checkslots` for all accesses to
it in that block, and accesses that come after one are marked as those to an "instance", which need no check of their own.
Holds: an object stays what it is wherever the collector moves it, so a check holds in all blocks that its own dominates.
"""
from .graph import Node, dominators
from .registers import fields

_ACCESS = {"getslot": ("b", 0), "getslot.float": ("b", 0), "setslot": ("a", 0), "setslot.float": ("a", 0)}


def check_once(graph, facts, program):
    """Insert `checkslots`, mark accesses. `facts`: what is known of values; an instance of a class that is certain needs no check."""
    def certain(value):
        fact = facts.get(value)
        return fields(program, fact.type.index) if fact is not None and fact.sure and fact.type.kind == "class" else 0

    order = graph.order()
    above = dominators(graph, order)
    handlers = {node.unwind.block for block in order for node in block.nodes if node.unwind is not None}
    before, checked = {}, {}    # block -> value -> number of fields that are known to be there at its beginning, and at its end
    for block in order:
        known = {}
        if above[block] is not None:        # a handler may be entered from the middle of a block
            known = dict((before if block in handlers else checked)[above[block]])
        before[block] = dict(known)
        needed = {}
        for node in block.nodes:
            if node.op in _ACCESS:
                value = _value(node)
                needed[value] = max(needed.get(value, 0), node.data["i"] + 1)
        nodes = []
        for node in block.nodes:
            if node.op in _ACCESS:
                value = _value(node)
                if max(known.get(value, 0), certain(value)) <= node.data["i"]:
                    register = node.data[_ACCESS[node.op][0]]
                    nodes.append(Node("checkslots", [value], (needed[value], register), place=node.place, unwind=node.unwind))
                    known[value] = needed[value]
                node.data = {**node.data, "reps": {**node.data.get("reps", {}), _ACCESS[node.op][0]: "instance"}}
            elif node.op == "move":
                known[node] = max(known.get(node.inputs[0], 0), certain(node.inputs[0]))
            nodes.append(node)
        block.nodes = nodes
        checked[block] = known


def _value(node):
    operand = _ACCESS[node.op][0]
    return node.inputs[[access[0] for access in node.reads].index(operand)]
