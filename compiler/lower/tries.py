"""try, catch, finally, throw.

In:  `Try` and `Throw` nodes. Out: instructions and the function's handlers, inner ones first.
A `finally` part is lowered once. Whoever goes through it first loads the number of the way to continue afterwards into a
register, and the value that goes along (an error, a returned value) into another; after the part, a chain of comparisons
continues that way. So nested parts make code of linear size.
"""
from myna.compiler.bytecode.builder import Label
from myna.compiler.lower import statements, types
from myna.compiler.lower.registers import EXPR, statement
from myna.compiler.syntax import ast

NORMAL, THROW = 0, 1
LEAVE = {ast.Return: 2, ast.Break: 3, ast.Continue: 4}


class Finally:
    """A `finally` part around this place: registers for the way and the value, the part's label, the ways used."""

    __slots__ = ("way", "value", "label", "used")

    def __init__(self, f):
        self.way = f.local()
        self.value = f.local()
        self.label = Label()
        self.used = set()

    def leave(self, f, kind):
        """Go through this part, then on by `kind`."""
        self.used.add(kind)
        f.b.loadi(self.way, LEAVE[kind])
        f.b.jump(self.label)


@statement(ast.Throw)
def throw(f, node):
    register = EXPR[node.value.__class__](f, node.value, None)
    f.b.pos = node.pos
    f.b.throw(register)
    f.live = False


@statement(ast.Try)
def try_stmt(f, node):
    if node.final_body is None:
        try_catch(f, node)
    else:
        try_finally(f, node)


def protected(f, lower):
    """Run `lower()` between two labels; (start, end, what it set, whether its end is reached). None of it stays known."""
    mark, b = len(f.log), f.b
    start = b.here()
    lower()
    # A place of its own for the end: a jump may lead here.
    return start, b.here(), f.forget(mark), f.live


def try_catch(f, node):
    """The error comes to the variable's register."""
    b, outer, mark = f.b, f.locals, len(f.log)
    after, handler = b.label(), b.label()
    start, end, set_, live = protected(f, lambda: statements.block(f, node.body))
    if live:
        b.jump(after)
    error = f.local()
    if start.position < end.position:
        b.handler(start, end, handler, error)
    b.place(handler)
    f.live = True
    paths = [(mark, set_, live)]
    for catch in node.catches:
        other = catch_one(f, catch, error)
        paths.append((mark, f.forget(mark), f.live))
        if other is None:
            break
        if f.live:
            b.jump(after)
        b.place(other)
    else:
        b.pos = node.pos
        b.throw(error)
    f.live = False
    while paths:
        f.merge(*paths.pop())
    b.place(after)
    f.locals = f.top = outer


def catch_one(f, catch, error):
    """One part that catches the error in a register; the label where errors of other types go on, or None."""
    other, f.live = None, True
    if catch.type is not None:
        other = f.b.label()
        types.branch(f, error, types.constant(f, catch.type), other, False)
    outer = f.locals
    statements.bind(f, catch.var, error)
    statements.block(f, catch.body)
    f.locals = f.top = outer
    return other


def try_finally(f, node):
    b, outer = f.b, f.locals
    final, handler = Finally(f), b.label()
    f.contexts.append(final)
    start, end, set_, live = protected(f, lambda: try_catch(f, node) if node.catches else statements.block(f, node.body))
    f.contexts.pop()
    if live:
        b.loadi(final.way, NORMAL)
        b.jump(final.label)
    if start.position < end.position:
        b.handler(start, end, handler, final.value)
    b.place(handler)
    b.loadi(final.way, THROW)
    b.place(final.label)
    f.live = True
    statements.block(f, node.final_body)
    if f.live:
        continue_ways(f, final, node, live)
        f.live = live
        if live:
            for var in set_:
                f.assigned(var)
    f.locals = f.top = outer


def continue_ways(f, final, node, live):
    """After the part: go on the way that led to it; the normal one, if there is one (`live`), falls through."""
    b = f.b
    for kind in sorted(final.used, key=LEAVE.get):
        other = b.label()
        b.jnei(final.way, LEAVE[kind], other)
        if kind is ast.Return:
            return_value(f, final.value)
        else:
            statements.jump_out(f, kind)
        b.place(other)
    normal = b.label()
    if live:
        b.jnei(final.way, THROW, normal)
    b.pos = node.pos
    b.throw(final.value)
    b.place(normal)


def return_value(f, register):
    """Return R[register], through the `finally` parts further out."""
    for context in reversed(f.contexts):
        if context.__class__ is Finally:
            f.b.move(context.value, register)
            context.leave(f, ast.Return)
            return
    f.b.ret(register)
