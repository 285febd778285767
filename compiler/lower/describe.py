"""What programs can learn of their classes by reflection: a hidden method of each class that tells it.

In:  `ClassInfo`s, their declarations and types. Out: methods that enter the classes' tables, in programs that mention `type_of`.
Holds: the method is called with the number of a type of its class as `this`. It gives a tuple, which `stdlib/reflect.ms` reads:

    (kind, module, attributes, interfaces, fields, methods, constructor, variants)
    attribute: (name, arguments, named arguments)     field, of those that have something to tell: (name, mutable, attributes)
    method: (name, parameters, result, attributes)    constructor: None, or (function, parameters)
    parameter: (name, type, optional, rest)

The functions with attributes at a module's top level stand in a class FUNCTIONS, whose method gives a list of

    (name, module, function, parameters, result, attributes)

Types are values of type Type, in terms of that type. Members that begin with `_` are left out. A class whose fields, or a superclass's,
have attributes, and a variant that has some, has the method under the name ATTRIBUTES too, which costs nothing and is quickly found.
"""
import os

from myna.compiler.bytecode.primitives import BY_NAME
from myna.compiler.bytecode.program import Class, Method, Type
from myna.compiler.lower import generics, statics, types
from myna.compiler.lower.registers import EXPR, expression
from myna.compiler.resolve.modules import public
from myna.compiler.resolve.scopes import Scope, Variable
from myna.compiler.syntax import ast
from myna.compiler.types import model
from myna.compiler.types.model import DYNAMIC

DESCRIBE, ATTRIBUTES = "(describe)", "(attributes)"     # class.c looks for them
FUNCTIONS = "(functions)"       # prim_type.c looks for it


class Emit:
    """An expression that no source can write: `emit(f, register)` lowers it."""

    __slots__ = ("pos", "emit")

    def __init__(self, pos, emit):
        self.pos, self.emit = pos, emit


@expression(Emit)
def emit(f, node, dst):
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    node.emit(f, dst)
    return dst


def methods(f, info):
    """The Methods to enter into the table of a class."""
    linking = f.module.linking
    if not linking.reflects or statics.declaration(info) is None:
        return []
    made = hidden(linking, linking.module, info.node.pos, info, lambda f: body(f, info, linking.module))
    noted = any(node.attributes for node in field_nodes(info)) or info.kind == "variant" and info.node.attributes
    return [Method(name, made) for name in (DESCRIBE, *([ATTRIBUTES] if noted else []))]


def hidden(linking, module, pos, key, lower_body):
    """The number of a method that tells something; `key` tells it from others."""
    scope = Scope(module.resolution.scope, ast.Function(pos, DESCRIBE, [], [], None, None), DESCRIBE, 0)
    scope.params = [Variable("this", scope, pos, True)]
    return linking.shared((key, DESCRIBE), scope, scope.params, lower_body).index


def enter_functions(linking):
    """Enter the class that tells of the module's functions with attributes."""
    module = linking.module
    nodes = [stmt for stmt in module.resolution.scope.node.body if stmt.__class__ is ast.FunDecl and stmt.attributes
             and public(stmt.name) and not stmt.function.scope.captures] if linking.reflects else []
    if nodes:
        made = hidden(linking, module, nodes[0].pos, module, lambda f: functions_body(f, module, nodes))
        linking.program.classes.append(Class(FUNCTIONS, methods=[Method(DESCRIBE, made)]))


def functions_body(f, module, nodes):
    """The code of the method that tells of functions."""
    f.env = generics.NOTHING
    found = []
    for node in nodes:
        pos, t = node.pos, module.checked.functions.get(node.function)
        code = code_of(pos, f.module.linking.method(node.function.scope))
        result = type_value(pos, DYNAMIC if t is None else t.result)
        found.append(ast.Tuple(pos, [ast.String(pos, node.name), module_name(module, pos), code, parameters(pos, node.function.params, t),
                                     result, attributes(node)]))
    give(f, listed(nodes[0].pos, found))


def code_of(pos, reference):
    """The function that a constant names."""
    return Emit(pos, lambda f, dst: f.b.closure(dst, reference))


def module_name(module, pos):
    """The name of a module."""
    return ast.String(pos, os.path.splitext(os.path.basename(module.source.name))[0])


def give(f, node):
    """Return the value of an expression."""
    register = EXPR[node.__class__](f, node, None)
    f.b.ret(register)
    f.live = False


def body(f, info, module):
    """The code of the method."""
    node, pos, decl = info.node, info.node.pos, statics.declaration(info)
    f.env = generics.Environment((decl.node,), register=0)
    kind = ast.String(pos, info.kind)
    parts = [kind, module_name(module, pos), attributes(node), interfaces(info, decl), fields(info), listed(pos, own_methods(info, decl)),
             constructor(f, info, decl), variants(info, decl)]
    give(f, ast.Tuple(pos, parts))


def listed(pos, items):
    """A list."""
    return ast.List(pos, list(items))


def type_value(pos, t):
    """A static type, or a program.Type, as a value of type Type."""
    def load(f, dst):
        type_ = t if t.__class__ is Type else types.of(f, t)
        f.b.gettype(dst, 0, type_)
        f.b.prim(dst, dst, BY_NAME["reflect._type"].number)
    return Emit(pos, load)


def attributes(node):
    """The attributes of a declaration."""
    made = []
    for each in node.attributes:
        named = [(ast.String(each.pos, arg.name), arg.value) for arg in each.args if arg.__class__ is ast.NamedArg]
        args = listed(each.pos, (arg for arg in each.args if arg.__class__ is not ast.NamedArg))
        made.append(ast.Tuple(each.pos, [ast.String(each.pos, each.name), args, ast.MapLit(each.pos, named)]))
    return listed(node.pos, made)


def interfaces(info, decl):
    """What it says that it implements."""
    return listed(info.node.pos, (type_value(info.node.pos, t) for t in decl.interfaces if info.kind != "variant"))


def field_nodes(info):
    """The declarations of its own fields."""
    if info.kind == "variant":
        return info.params
    own = [m for m in info.node.members if m.__class__ is ast.FieldDecl and not m.static]
    return [*info.params, *own] if info.kind == "class" else []


def fields(info):
    """Its own fields that have attributes or cannot change."""
    found = []
    for node in field_nodes(info):
        mutable = info.kind == "class" and getattr(node, "mutable", True)
        if public(node.name) and (node.attributes or not mutable):
            found.append(ast.Tuple(node.pos, [ast.String(node.pos, node.name), ast.Bool(node.pos, mutable), attributes(node)]))
    return listed(info.node.pos, found)


def own_methods(info, decl):
    """Its own methods, those without a body too."""
    for node in info.node.members if info.kind != "variant" else ():
        if node.__class__ is not ast.MethodDecl or node.static or not public(node.name):
            continue
        function, member = node.function, decl.members.get(node.name)
        t = member.type if member is not None and member.type.__class__ is model.Function else None
        result = type_value(node.pos, DYNAMIC if t is None else t.result)
        yield ast.Tuple(node.pos, [ast.String(node.pos, node.name), parameters(node.pos, function.params, t), result, attributes(node)])


def parameters(pos, params, t):
    """The parameters of a function of type `t`, or None where that is not known."""
    held = [*t.params, t.rest] if t is not None else [DYNAMIC] * len(params)
    return listed(pos, (parameter(param, known) for param, known in zip(params, held)))


def parameter(param, t):
    pos = param.pos
    optional = ast.Bool(pos, param.default is not None)
    return ast.Tuple(pos, [ast.String(pos, param.name), type_value(pos, t or DYNAMIC), optional, ast.Bool(pos, param.rest)])


def constructor(f, info, decl):
    """What makes an instance."""
    if info.kind not in ("class", "variant"):
        return ast.NoneLit(info.node.pos)
    members = decl.variants[info.name].params or () if info.kind == "variant" else decl.params
    known = {member.name: member.type for member in members}
    params = listed(info.node.pos, (parameter(param, element(param, known.get(param.name))) for param in info.params))
    return ast.Tuple(info.node.pos, [code_of(info.node.pos, f.module.linking.constructor(info)), params])


def element(param, t):
    """The type of a parameter's arguments, `t` being that of the field."""
    return t.args[0] if param.rest and t is not None and t.__class__ is model.Nominal else t


def variants(info, decl):
    """The types of an enum's variants."""
    def load(variant):
        def emit_type(f, dst):
            own = types.of(f, decl.self_type()).args
            type_value(variant.pos, statics.type_of(f, variant.info)._replace(args=own)).emit(f, dst)
        return Emit(variant.pos, emit_type)
    return listed(info.node.pos, map(load, info.node.variants if info.kind == "enum" else ()))
