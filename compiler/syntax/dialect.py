"""Takes from classic programs the syntax that only `.ms` has.

In:  the tree of a classic program, and the parse's context with what the tree does not show (parentheses).
Out: an error for each construct that classic's grammar lacks. (Rules whose trace is not in the tree, such as a comma
     too many, report themselves by `Context.only_ms`.)
Holds: a program without errors is one of the classic grammar:

    Expression is a Function, a Record or a Boolean; `(` Boolean `)`. `!` stands before a comparison and `-` before a
    unit, each once. A chain of fields, elements and calls begins with a name. Only a call is a statement by itself.
"""

from myna.compiler.syntax import ast

_BINARY = frozenset(("+", "-", "*", "/", "&", "|", "<", ">", "<=", ">=", "=="))
_INSTEAD = {"&&": "write &", "||": "write |", "!=": "write !(a == b)"}
_CHAIN = (ast.Name, ast.Field, ast.Index, ast.Call)
_WHOLE = (ast.Function, ast.Record)     # expressions that are no operands

_ONLY_MS = {
    ast.FunDecl: ("`fun name(…)` as a statement", "write name = fun(…) {…};"),
    ast.Logic: (None, None),
    ast.Cond: ("`? :`", "use an `if` statement"),
    ast.Range: ("ranges", None),
    ast.List: ("lists", None),
    ast.Block: ("a block as a statement", None),
    ast.Tuple: ("tuples", None),
    ast.MapLit: ("maps", "write names as keys: {name: value;}"),
    ast.NamedArg: ("arguments with names", None),
}


def check(module, context):
    """Report each use of syntax that classic does not have. Iterative: the tree may be deep."""
    stack = [module]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in _ONLY_MS:
            _report_only_ms(context, node)
        elif kind in _CHECKS:
            _CHECKS[kind](context, node)
        stack.extend(_children(node))


def _children(node):
    """The child nodes of `node`; of a block that is a body, its statements."""
    for name in node._fields:
        child = getattr(node, name)
        if isinstance(child, ast.Node):
            if type(child) is ast.Block:
                yield from child.body
            else:
                yield child
        elif type(child) is list:
            for item in child:
                if isinstance(item, ast.Node):
                    yield item
                elif type(item) is tuple:       # a record's field
                    yield item[1]


def _error(context, pos, length, message, help=None):
    context.error("E0212", message, pos, pos + length, help)


def _report_only_ms(context, node):
    what, help = _ONLY_MS[type(node)]
    if type(node) is ast.Logic:
        what, help = f"`{node.op}`", _INSTEAD.get(node.op)
    elif type(node) is ast.FunDecl:
        _error(context, node.pos, len(node.name), f"classic programs do not have {what}", help)
        return
    _error(context, node.pos, 1, f"classic programs do not have {what}", help)


def _statement(context, node):
    if type(node.expr) is not ast.Call or node.expr in context.parenthesised:
        context.error("E0211", "an expression is no statement, unless it is a call", node.pos, node.pos + 1,
                      "assign it to a variable, or call it")


def _return(context, node):
    if node.value is None:
        _error(context, node.pos, len("return"), "classic programs return a value", "write return None;")
    else:
        _whole(context, node.value)


def _whole(context, node):
    """`node` stands where any expression may; but a function or record takes no parentheses."""
    if isinstance(node, _WHOLE) and node in context.parenthesised:
        _error(context, node.pos, 1, "classic programs have no parentheses around a function or record")


def _operand(context, node, no_minus=False, no_not=False):
    if isinstance(node, _WHOLE):
        kind = "function" if type(node) is ast.Function else "record"
        _error(context, node.pos, 1, f"a {kind} cannot be an operand in a classic program", "assign it to a variable first")
    elif node not in context.parenthesised:
        minus = type(node) is ast.Unary and node.op == "-" or node in context.negative
        if no_minus and minus:
            _error(context, node.pos, 1, "classic programs have one `-` before an operand", "use parentheses: -(-x)")
        elif no_not and type(node) is ast.Unary and node.op == "!":
            _error(context, node.pos, 1, "a classic `!` stands before a whole comparison, and once", "use parentheses: (!x)")


def _unary(context, node):
    if node.op == "~":
        _error(context, node.pos, 1, "classic programs do not have `~`")
    else:
        _operand(context, node.operand, no_minus=node.op == "-", no_not=True)


def _binary(context, node):
    if node.op not in _BINARY:
        _error(context, node.pos, len(node.op), f"classic programs do not have `{node.op}`", _INSTEAD.get(node.op))
    tight = node.op not in ("&", "|")
    _operand(context, node.left, no_not=tight)
    _operand(context, node.right, no_not=tight)


def _chain(context, node, base):
    if not isinstance(base, _CHAIN) or base in context.parenthesised:
        _error(context, node.pos, 1, "a classic field, element or call begins with a name", "assign the value to a variable first")


def _call(context, node):
    _chain(context, node, node.callee)
    for argument in node.args:
        _whole(context, argument)


def _index(context, node):
    _chain(context, node, node.obj)
    _whole(context, node.index)


def _field(context, node):
    _chain(context, node, node.obj)
    if node.safe:
        _error(context, node.pos, len(node.name), "classic programs do not have `?.`")


def _record(context, node):
    for _, value in node.fields:
        _whole(context, value)


def _function(context, node):
    if node.result is not None:
        _error(context, node.result.pos, 1, "classic programs do not have types")
    if type(node.body) is not ast.Block:
        _error(context, node.pos, len("fun"), "classic programs do not have `=>`", "write fun(…) { return …; }")
        _whole(context, node.body)


_CHECKS = {
    ast.ExprStmt: _statement,
    ast.Return: _return,
    ast.Assign: lambda context, node: _whole(context, node.value),
    ast.If: lambda context, node: _whole(context, node.cond),
    ast.While: lambda context, node: _whole(context, node.cond),
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Call: _call,
    ast.Index: _index,
    ast.Field: _field,
    ast.Record: _record,
    ast.Function: _function,
}
