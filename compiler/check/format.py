"""Formats of values in strings: `"${x:>8.2f}"`, and `format(x, ">8.2f")`.

In:  Format nodes; calls of the predefined function. Out: the type string; E0653 for a format that cannot be right. Holds: of a value that
may have a method `format`, any format may be right.
"""
from myna.compiler.check.checker import expression
from myna.compiler.resolve.scopes import BUILTIN
from myna.compiler.syntax import ast
from myna.compiler.types import formats, model
from myna.compiler.types import members as builtin
from myna.compiler.types.model import NEVER, STRING, Nominal, Number, TypeParam
from myna.compiler.types.show import a


@expression(ast.Format)
def format_(c, node, want):
    check(c, c.expr(node.value), node.format, node.pos)
    return STRING


def check_call(c, node):
    """Check a call, if it is one of the predefined function with a format that is written out."""
    callee = node.callee
    if callee.__class__ is ast.Name and callee.name == "format" and callee.var.kind is BUILTIN and len(node.args) == 2:
        value, form = node.args
        if form.__class__ is ast.String and value in c.types:
            check(c, c.types[value], form.value, form.pos)


def check(c, t, text, pos):
    """Report what is wrong with a format for a value of type `t`."""
    t = model.plain(t)
    found = None if formats_itself(t) else formats.fault(text, kind(t), a(t))
    if found is not None:
        c.error("E0653", found, pos, f"a format is {formats.FORM}")


def formats_itself(t):
    """May a value of type `t` have a method `format`?"""
    own = t.__class__ is Nominal and t.decl.node is not None
    return t.loose or t is NEVER or t.__class__ is TypeParam or own and (builtin.find(t, "format") is not None or not builtin.complete(t))


def kind(t):
    """The kind of format for a value of type `t`. What is no number is printed first."""
    return "string" if t.__class__ is not Number else "float" if t.floating else "int"
