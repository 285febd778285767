"""Types as constants of the bytecode, and the expressions that test them.

In:  type nodes, `Is` and `As`. Out: `program.Type`s, instructions. Holds: type arguments are not tested.
"""
from myna.compiler.bytecode.program import Type
from myna.compiler.lower import statics
from myna.compiler.lower.registers import COND, EXPR, condition, expression
from myna.compiler.resolve.classes import Alias, machine_classes
from myna.compiler.resolve.types import PREDEFINED
from myna.compiler.syntax import ast
from myna.compiler.types import model

KINDS = {ast.TypeFunction: "function", ast.TypeTuple: "tuple", ast.TypeRecord: "record"}
STRUCTURAL = {model.Function: "function", model.Tuple: "tuple", model.Record: "record"}
ERRORS = machine_classes()


def of(f, t):
    """The constant of a static type; what has none is dynamic."""
    kind = t.__class__
    if kind is model.Optional:
        return of(f, t.inner)._replace(optional=True)
    if kind is model.Nominal:
        if t.decl.node is not None:
            return of_class(f, t.decl.node.info)
        machine = ERRORS.get(t.decl.name)
        return Type(PREDEFINED.get(t.decl.name, "dynamic")) if machine is None else of_class(f, machine.info)
    if kind is model.Number:
        return Type(PREDEFINED[t.name])
    if kind is model.Simple:
        return Type(PREDEFINED.get(t.name, "dynamic"))
    return Type(STRUCTURAL.get(kind, "dynamic"))


def constant(f, node):
    """The constant of a type, or None (after an error) for one that cannot be tested."""
    optional, seen = False, set()
    while True:
        if node.__class__ is ast.TypeOptional:
            optional, node = True, node.inner
            continue
        if node.__class__ is not ast.TypeName:
            return Type(KINDS[node.__class__], 0, optional)
        if node.var is None:
            return named(f, node, optional)
        info = node.var.info
        if info.__class__ is not Alias:
            return of_class(f, info, optional)
        if info in seen:
            f.module.error("E0313", f"`{node.name}` stands for itself", node.pos, len(node.name))
            return None
        seen.add(info)
        node = info.type


def named(f, node, optional):
    """A predefined type or a type parameter."""
    kind = PREDEFINED.get(node.name)
    if kind is None:
        return Type("dynamic", 0, optional)
    return Type(kind, 0, optional)


def of_class(f, info, optional=False):
    """The constant of a class."""
    if info.kind == "machine" and info.name == "Error":
        return Type("error", 0, optional)
    return Type("class", statics.number(f, info), optional)


@expression(ast.Is)
def is_(f, node, dst):
    mark = f.top
    register = EXPR[node.value.__class__](f, node.value, None)
    f.top = mark
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    f.b.is_(dst, register, constant(f, node.type))
    return dst


@condition(ast.Is)
def is_condition(f, node, label, when):
    mark = f.top
    register = EXPR[node.value.__class__](f, node.value, None)
    f.top = mark
    f.b.pos = node.pos
    (f.b.jis if when else f.b.jisnt)(register, constant(f, node.type), label)


@expression(ast.As)
def as_(f, node, dst):
    mark = f.top
    register = EXPR[node.value.__class__](f, node.value, None)
    f.top = mark
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    f.b.cast(dst, register, constant(f, node.type), "")
    return dst
