"""Calls: of functions, methods and primitives.

In:  `Call` nodes. Out: a call's window at the top of the temporaries: R[A] the callee, then the link, arguments from
R[A+2]; the result comes back in R[A]. Holds: the callee is evaluated before its arguments, they from left to right;
each goes directly to its place, so a nested call's window begins where its result is wanted.
"""
from myna.compiler.lower.expressions import consecutive
from myna.compiler.lower.registers import EXPR, expression
from myna.compiler.resolve.scopes import BUILTIN
from myna.compiler.syntax import ast

LINK = 2        # registers of a window before the first argument

# A receiver is computed in its place, two registers up, so a long chain `a.f().g()…` climbs. From this register on, where
# short instructions soon end, it is computed at the window's beginning and moved: the chain stays where it is.
FAR = 200


@expression(ast.Call)
def call(f, node, dst):
    callee = node.callee
    if callee.__class__ is ast.Name and callee.var.kind is BUILTIN:
        primitive = callee.var.index
        if len(node.args) == primitive.arity:
            return call_primitive(f, node, primitive, dst)
        if not f.classic:
            wrong_count(f, node, primitive)
    elif callee.__class__ is ast.Field and not f.classic:
        return invoke(f, node, dst)
    mark = f.top
    EXPR[callee.__class__](f, callee, mark)
    arguments(f, node.args, mark + LINK)
    f.b.pos = node.pos
    f.b.call(mark, len(node.args))
    return f.result(mark, dst, mark)


def arguments(f, args, at):
    """Lower `args` into the registers from `at` on."""
    for arg in args:
        f.top = at
        EXPR[arg.__class__](f, arg, at)
        at += 1
    f.reserve(at)


def call_primitive(f, node, primitive, dst):
    """A primitive that is known by name; its arguments lie in consecutive registers."""
    mark, args = f.top, node.args
    if len(args) == 1:
        base = EXPR[args[0].__class__](f, args[0], None)
    else:
        base = consecutive(f, args)
    f.top = mark
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    f.b.prim(dst, base, primitive.number)
    return dst


def wrong_count(f, node, primitive):
    wanted, given = primitive.arity, len(node.args)
    f.module.error("E0307", f"`{node.callee.name}` takes {wanted} argument{'s' * (wanted != 1)}, not {given}", node.pos, 1)


def invoke(f, node, dst):
    """`obj.name(…)`: the receiver is the first argument of the window."""
    mark, b, callee = f.top, f.b, node.callee
    receiver = mark + LINK
    f.reserve(receiver + 1)
    if mark < FAR:
        f.top = receiver
        EXPR[callee.obj.__class__](f, callee.obj, receiver)
    else:
        b.move(receiver, EXPR[callee.obj.__class__](f, callee.obj, None))
    none, end = b.label(), b.label()
    if callee.safe:
        b.jnone(receiver, none)
    before = len(f.log)
    arguments(f, node.args, receiver + 1)
    b.pos = node.pos
    b.invoke(mark, len(node.args), callee.name)
    if callee.safe:
        f.forget(before)
        b.jump(end)
        b.place(none)
        b.loadnone(mark)
        b.place(end)
    return f.result(mark, dst, mark)
