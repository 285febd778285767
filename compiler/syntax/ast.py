"""The untyped syntax tree: what the parser makes of a file.

In:  nothing; these are plain node classes.
Out: `Module` and below it statements and expressions.
Holds: a node is created once by the parser. `pos` is the offset in the source of the token that names the node best
(the operator of a binary expression, the `(` of a call, the name of a field or variable, the keyword of a statement),
so that an error at run time or compile time points there. Later stages add to it only what `resolve` documents
(`Name.var`, `Function.scope`); they never restructure it.
"""


class Node:
    """Base of all nodes. `_fields` lists the child attributes in source order, `pos` is an offset into the source."""
    __slots__ = ("pos",)
    _fields = ()

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{f}={getattr(self, f)!r}' for f in self._fields)})"


def _node(name, fields, extra="", doc=""):
    """Make a node class with `__slots__` and a flat `__init__` (a dataclass costs twice as much per node)."""
    names = fields.split()
    lines = [f"def __init__(self, pos{''.join(', ' + f for f in names)}):", "    self.pos = pos"]
    lines += [f"    self.{f} = {f}" for f in names]
    lines += [f"    self.{f} = None" for f in extra.split()]
    space = {}
    exec("\n".join(lines), space)
    slots = tuple(names + extra.split())
    return type(name, (Node,), {"__slots__": slots, "_fields": tuple(names), "__init__": space["__init__"], "__doc__": doc})


Module = _node("Module", "body", "scope", "A file: `body` is a list of statements.")

# Statements
Block = _node("Block", "body", "", "`{ … }`: a list of statements in a scope of their own.")
ExprStmt = _node("ExprStmt", "expr", "", "An expression for its effect.")
Assign = _node("Assign", "target op value", "",
               "`target op= value`; `op` is None or the binary operator's text; `target` is a Name, Field or Index.")
Let = _node("Let", "name mutable value", "var", "`let name = value`, or `var` when `mutable`; `value` may be None for `var`.")
FunDecl = _node("FunDecl", "name function", "var", "`fun name(…) {…}`: binds `name` in the surrounding scope.")
Return = _node("Return", "value", "", "`return value`; `value` is None when absent.")
If = _node("If", "cond then orelse", "", "`orelse` is None, a Block or another If.")
While = _node("While", "cond body")
For = _node("For", "name iterable body", "var", "`for (name in iterable) body`.")
Break = _node("Break", "")
Continue = _node("Continue", "")
Global = _node("Global", "names", "", "`global x;`: binds the names to the module's variables in the whole function body.")
Try = _node("Try", "body catch_name catch_body final_body", "var",
            "`catch_name`, `catch_body` and `final_body` are None when absent; the bodies are Blocks.")
Throw = _node("Throw", "value")

# Expressions
Name = _node("Name", "name", "var", "A variable; `var` is set by resolve.")
Int = _node("Int", "value")
Float = _node("Float", "value")
String = _node("String", "value", "", "`value` is a str.")
Bool = _node("Bool", "value")
NoneLit = _node("NoneLit", "")
Interp = _node("Interp", "parts", "", "`\"a ${e} b\"`: String nodes and expressions in turn.")
Unary = _node("Unary", "op operand", "", "`op` is one of - ! ~")
Binary = _node("Binary", "op left right", "",
               "`op` is one of + - * / % +% -% *% & | ^ << >> == != < <= > >=; both sides are evaluated.")
Logic = _node("Logic", "op left right", "", "`op` is && || or ??: the right side is evaluated only when needed.")
Cond = _node("Cond", "cond then orelse", "", "`cond ? then : orelse`")
Call = _node("Call", "callee args", "", "A `Field` callee makes it a method call.")
Field = _node("Field", "obj name safe", "", "`obj.name`, or `obj?.name` when `safe`.")
Index = _node("Index", "obj index")
List = _node("List", "items")
Record = _node("Record", "fields", "", "`fields` is a list of (name, value) in source order.")
Range = _node("Range", "low high inclusive")
Function = _node("Function", "name params body", "scope",
                 "A function literal or the function of a FunDecl: `name` is its name or None, `params` a list of "
                 "(name, pos), `body` a Block, or an expression for `=> e`.")


def walk(node):
    """Yield `node` and all nodes below it, parents first. Iterative: depth is bounded by memory only."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Node):
            yield item
            stack.extend(getattr(item, f) for f in reversed(item._fields))
        elif isinstance(item, (list, tuple)):
            stack.extend(reversed(item))
