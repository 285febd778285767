"""Syntax tree → the text that golden tests compare and `MYNA_DUMP=ast` prints.

In:  an `ast.Module`, or any node below it.
Out: one node a line, indented.
Holds: the tree may be as deep as memory allows, and as wide.
"""

from myna.compiler.syntax import ast

# Lists that are shown only when there is something in them.
_OFTEN_EMPTY = frozenset(("type_params", "attributes", "args", "bases", "interfaces", "base_args", "members", "catches"))


def dump(node, source=None):
    """One node a line: its class, plain attributes, and children below it; with `source`, also line and column."""
    lines, work = [], [("", node, 0)]
    while work:
        label, item, depth = work.pop()
        line = "  " * depth + label
        if isinstance(item, list):
            lines.append(line + "[]" if not item else line.rstrip())
            work.extend((entry_label, entry, depth + 1) for entry_label, entry in reversed(list(_entries(item))))
            continue
        if not isinstance(item, ast.Node):
            lines.append(f"{line}{item!r}")
            continue
        plain, children = _fields(item)
        place = "@%d:%d" % source.position(item.pos) if source else ""
        lines.append(" ".join([line + type(item).__name__, *plain, *([place] if place else [])]))
        # Below a node, in source order; the label says which child it is.
        work.extend((f"{name}: ", child, depth + 1) for name, child in reversed(children))
    return "\n".join(lines) + "\n"


def _fields(node):
    """The attributes of `node` that are shown beside its name, and the children shown below it."""
    plain, children = [], []
    for name in node._fields:
        value = getattr(node, name)
        if name == "params" and value is not None and all(_is_plain(param) for param in value):
            plain.append(f"({', '.join(param.name for param in value)})")
        elif isinstance(value, ast.Node) or isinstance(value, (list, tuple)) and type(node) is not ast.Global:
            if value or name not in _OFTEN_EMPTY:
                children.append((name, value))
        elif value is not None:
            plain.append(f"{name}={ascii(value)}")      # on one line, whatever is in it
    return plain, children


def _entries(items):
    """The (label, node) of each item of a list; a field is a tuple of its name and a node, an entry of a map one of two nodes."""
    for item in items:
        if not isinstance(item, tuple):
            yield "", item
        elif isinstance(item[0], ast.Node):
            yield "key: ", item[0]
            yield "value: ", item[1]
        else:
            yield f"{item[0]}: ", item[1]


def _is_plain(param):
    """Whether a parameter is nothing but a name."""
    return type(param) is ast.Param and param.type is None and param.default is None and not param.rest and not param.attributes
