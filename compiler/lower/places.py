"""Typed places: a value that enters one is converted, or checked, unless its static type proves that it fits.

In:  expression nodes whose value goes somewhere: a variable, a field, an argument, an element, a result. Out: the instructions
of the expression, and a `cast` where one is needed. Holds: whatever has a static type holds such a value at run time, so
nothing else need be checked. The machine's `cast` makes a float of an int, and lets pass an argument that was left out.
"""
from myna.compiler.lower import types
from myna.compiler.lower.registers import EXPR
from myna.compiler.syntax import ast
from myna.compiler.types.convert import CHECK, conversion
from myna.compiler.types.model import DYNAMIC, FLOAT


def value(f, node, dst, place):
    """Lower `node` for its place, which messages call `place`; the register, as of EXPR."""
    wanted = f.places.get(node)
    if wanted is None:
        return EXPR[node.__class__](f, node, dst)
    return fitting(f, node, dst, wanted, place)


def result(f, node, dst):
    """Lower what a function returns."""
    wanted = f.places.get(node)
    if wanted is None or wanted.loose:
        wanted = f.known(f.module.checked.promised.get(f.scope.node))
    if wanted is None:
        return EXPR[node.__class__](f, node, dst)
    return fitting(f, node, dst, wanted, f"the result of {called(f.scope.name)}")


def fitting(f, node, dst, wanted, place):
    """Lower `node`, whose value must be a `wanted`."""
    if conversion(f.types.get(node, DYNAMIC), wanted) is not CHECK:
        return EXPR[node.__class__](f, node, dst)
    if node.__class__ is ast.Int and wanted is FLOAT:
        return EXPR[ast.Float](f, ast.Float(node.pos, float(node.value)), dst)
    mark = f.top
    # A variable must not be seen with a value that does not fit; and a variable's value is cast on its way.
    apart = dst is None or dst < f.locals or node.__class__ is ast.Name
    register = EXPR[node.__class__](f, node, None if apart else dst)
    f.top = mark
    if dst is None:
        dst = f.temp()
    check(f, dst, register, wanted, place, node.pos)
    return dst


def check(f, dst, register, wanted, place, pos):
    """R[dst] := R[register], which must be a `wanted`."""
    type_ = types.of(f, wanted)
    if type_.kind == "dynamic":
        if dst != register:
            f.b.move(dst, register)
        return
    f.b.pos = pos
    types.cast(f, dst, register, type_, place)


def check_arguments(f, params):
    """At a function's entry: arguments of typed parameters. Known calls begin behind this. (A specialised body has no others.)"""
    if f.special is not None and f.special.root is f.scope:
        return
    written = {param.var: param for param in f.scope.node.params or ()} if params else {}
    known = f.module.reference is None and f.scope.parent is f.module.resolution.scope      # the receiver, when it is a method of a built-in type
    for var in params[known:]:
        if checked(f, var) and var in written and written[var].rest:
            gather(f, var)
        elif checked(f, var) and var in written:
            check(f, var.register, var.register, f.known(var.type), f"the parameter `{var.name}` of {called(f.scope.name)}", written[var].pos)
    f.b.function.checks = len(f.b.code)


def gather(f, var):
    """The list of a rest parameter, which the machine made, gets its type."""
    type_ = types.of(f, f.known(var.type))
    if type_.args and not types.is_open(type_):
        f.b.gather(var.register, type_, f"the parameter `{var.name}` of {called(f.scope.name)}")


def checked(f, var):
    """Must a parameter's argument be checked when nothing is known of it?"""
    return var.type is not None and conversion(DYNAMIC, f.known(var.type)) is CHECK


def called(name):
    """A function in a message."""
    return f"`{name}`" if name else "a function"
