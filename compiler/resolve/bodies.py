"""Numbers the functions of a classic program by their syntax trees, for `==` of functions.

In:  the function scopes, outer before inner. Out: `body_number` of each but the module's, from 1.
Holds: two functions share a number exactly when their parameter names and their bodies are equal as syntax trees,
wherever they stand. Linear in the size of the trees, any depth.
"""
from myna.compiler.syntax import ast


def number(scopes):
    """Set `body_number` of all `scopes` but the first."""
    alike = {}
    for scope in scopes[1:]:
        alike.setdefault((scope.size, len(scope.node.params), len(scope.node.body.body)), []).append(scope)
    trees, known, shared, count = {}, {}, {}, 0
    # Inner functions first, so that an outer one finds the trees in it done.
    for group in reversed(alike.values()):
        for scope in reversed(group):
            key = tree(scope.node, trees, known) if len(group) > 1 else scope
            body = shared.get(key)
            if body is None:
                count += 1
                body = shared[key] = count
            scope.body_number = body


def tree(root, trees, known):
    """A number for `root` that equal trees share. `trees` and `known` are kept from call to call."""
    order, stack = [], [root]
    while stack:
        node = stack.pop()
        if isinstance(node, (list, tuple)):
            stack.extend(node)
        elif isinstance(node, ast.Node) and node not in known:
            order.append(node)
            stack.extend(getattr(node, field) for field in node._fields)
    for node in reversed(order):
        key = (node.__class__, *[encode(getattr(node, field), known) for field in node._fields])
        known[node] = trees.setdefault(key, len(trees))
    return known[root]


def encode(value, known):
    """A field as part of a hashable key."""
    if isinstance(value, ast.Node):
        return (known[value],)
    if isinstance(value, (list, tuple)):
        return tuple([encode(item, known) for item in value])
    return value
