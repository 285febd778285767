"""Classes: construction, initialisers, declarations.

In:  `ClassInfo`s and declarations. Out: instructions and functions. Holds: fields are set in this order: the superclass's,
those that are parameters, those that are declared; then `init` blocks run.

A class whose fields are its parameters is made where it is called, by one `construct`. Any other has a constructor: a
function that makes the instance, initialises it and returns it. Only a subclass's instance is initialised by a separate
function.
"""
from myna.compiler.lower import calls, generics, places, statements, statics
from myna.compiler.lower.registers import EXPR, STMT, expression, statement
from myna.compiler.resolve.scopes import Scope, Variable
from myna.compiler.syntax import ast
from myna.compiler.types import model


def module_entry(f):
    """All classes of the module enter the program; variants without parameters get their instances."""
    for info in f.module.resolution.classes:
        statics.number(f, info)
    for info in f.module.resolution.classes:
        if info.constant is not None:
            f.reserve(f.top + 1)
            never = [model.NEVER for _ in generics.class_params(info)]
            generics.construct(f, f.top, f.top, info, model.instance(statics.declaration(info), never) if never else None)
            f.b.setglobal(f.top, f.module.linking.global_number(info.constant))


# --- construction ---

def construct(f, info, node, dst):
    """`Class(…)`, or a base class's part of a constructor."""
    arguments = calls.arrange(f, node, info.params, info.name)
    mark = f.top
    if info.plain and not calls.needs_function(arguments):
        base = fields(f, info, node, arguments)
        f.top = mark
        if dst is None:
            dst = f.temp()
        f.b.pos = node.pos
        generics.construct(f, dst, base, info, f.types.get(node))
        return dst
    types = generics.arguments(f, node)
    mark = f.top
    f.reserve(mark + calls.LINK)
    calls.place(f, node, info.params, arguments, info.name, mark + calls.LINK)
    f.b.pos = node.pos
    f.call_known(mark, len(info.params), f.module.linking.constructor(info), types)
    return generics.settle(f, types, mark, dst)


def fields(f, info, node, arguments):
    """The fields of an instance of a plain class, in consecutive registers; the first of them."""
    base, given, wanted = f.top, len(info.params), len(info.slots)
    calls.place(f, node, info.params, arguments, info.name, base)
    for register in range(base + given, base + wanted):
        f.b.loadnone(register)
    f.reserve(base + max(wanted, 1))
    return base


def constructor(linking, info):
    """The constant that names the function that makes an instance."""
    scope = info.scope
    if info.kind == "class":
        return linking.shared(info, scope, scope.params[1:], lambda f: constructor_body(f, info))
    if info.kind == "machine":
        scope = Scope(linking.main, ast.Function(0, info.name, [], info.params, None, None), info.name, 0)
        scope.params = [Variable(param.name, scope, 0, True) for param in info.params]
    return linking.shared(info, scope, scope.params, lambda f: plain_body(f, info))


def plain_body(f, info):
    """The constructor of a variant or a class of the machine: its parameters are the fields."""
    generics.bind_class(f, info)
    first = f.top
    for register in range(len(info.slots)):
        if register < len(info.params):
            f.b.move(first + register, register)
        else:
            f.b.loadnone(first + register)
    f.reserve(first + max(1, len(info.slots)))
    generics.construct(f, first, first, info, generics.own_type(f, info))
    f.b.ret(first)
    f.live = False


def constructor_body(f, info):
    """The constructor of a class. Where nothing needs `this` before all fields are known, they are found first."""
    generics.bind_class(f, info)
    if not needs_this(info):
        call = base_call(info)
        given = info.base is not None and (call.args or info.base.kind != "machine")
        arguments = calls.arrange(f, call, info.base.params, info.base.name) if given else []
        if not calls.needs_function(arguments):
            direct_body(f, info, call, arguments)
            return
    this = info.scope.params[0]
    this.register = f.local()
    type_, later = generics.class_type(f, info, generics.own_type(f, info))
    f.b.object(this.register, type_)
    generics.reify_later(f, this.register, later)
    initialise(f, info, this.register)
    f.b.ret(this.register)
    f.live = False


def needs_this(info):
    """Whether a class's initialisation uses the instance, or is more than values for fields."""
    members = info.node.members
    return info.base is not None and not info.base.plain or any(m.__class__ is ast.InitDecl for m in members) or any(
        node.__class__ in (ast.This, ast.Super) for m in members if m.__class__ is ast.FieldDecl for node in ast.walk(m.value))


def direct_body(f, info, call, arguments):
    """All fields in consecutive registers, in the order of their slots, then the instance."""
    first, b, inherited = f.top, f.b, len(info.base.slots) if info.base is not None else 0
    end = first + len(info.slots)
    f.reserve(max(end, first + 1))
    calls.place(f, call, info.base.params if info.base is not None else (), arguments, info.name, first)
    values = {param.name: param_name(param) for param in info.params}
    values.update((m.name, m.value) for m in info.node.members if m.__class__ is ast.FieldDecl and not m.static)
    for number in range(first + len(arguments), first + inherited):
        b.loadnone(number)
    for name, value in values.items():
        f.top = end
        if value is not None:
            places.value(f, value, first + info.slots[name], f"the field `{name}`")
        else:
            b.loadnone(first + info.slots[name])
    b.pos = info.node.pos
    generics.construct(f, first, first, info, generics.own_type(f, info))
    b.ret(first)
    f.live = False


def initialiser(linking, info):
    """The constant that names the function that initialises `this`, an instance of a subclass."""
    scope = info.scope
    return linking.shared((info, "initialiser"), scope, scope.params, lambda g: initialise(g, info, 0))


def initialise(f, info, this):
    """Set the fields of R[this]: the superclass's part first, then parameters, then declared fields, then `init` blocks."""
    node, b = info.node, f.b
    if info.base is not None:
        initialise_base(f, info, this)
    for param in info.params:
        EXPR[ast.Name](f, param_name(param), f.top)
        f.reserve(f.top + 1)
        b.setslot(this, f.top, info.slots[param.name])
    for member in node.members:
        if member.__class__ is ast.FieldDecl and not member.static and member.value is not None:
            f.top = f.locals
            register = places.value(f, member.value, None, f"the field `{member.name}`")
            b.pos = member.pos
            b.setslot(this, register, info.slots[member.name])
    for member in node.members:
        if member.__class__ is ast.InitDecl:
            f.top = f.locals
            statements.block(f, member.body)
            f.live = True
    f.top = f.locals


def param_name(param):
    """The use of a parameter."""
    node = ast.Name(param.pos, param.name)
    node.var = param.var
    return node


def base_call(info):
    """The arguments for the superclass, as a call of it."""
    return ast.Call(info.node.pos, None, info.node.base_args)


def initialise_base(f, info, this):
    """The superclass's part: its fields directly if they are just its parameters, else a call of its initialiser."""
    base, b, mark, node = info.base, f.b, f.top, base_call(info)
    if base.kind == "machine" and not node.args:
        return
    arguments = calls.arrange(f, node, base.params, base.name)
    if base.plain and not calls.needs_function(arguments):
        calls.place(f, node, base.params, arguments, base.name, mark)
        for number, param in enumerate(base.params):
            b.setslot(this, mark + number, base.slots[param.name])
    else:
        b.move(mark + calls.LINK, this)
        f.reserve(mark + calls.LINK + 1)
        calls.place(f, node, base.params, arguments, base.name, mark + calls.LINK + 1)
        b.pos = node.pos
        f.call_known(mark, 1 + len(base.params), f.module.linking.initialiser(base))
    f.top = mark


# --- statements and expressions ---

@statement(ast.ClassDecl, ast.InterfaceDecl, ast.EnumDecl)
def declaration(f, node):
    """Static fields get their values; all else exists already."""
    for member in node.members:
        if member.__class__ is ast.FieldDecl:
            if member.static:
                static_field(f, node.info, member)
        elif member.__class__ not in (ast.MethodDecl, ast.InitDecl):
            STMT[member.__class__](f, member)


def static_field(f, info, node):
    if node.value is None:
        register = f.top
        f.reserve(register + 1)
        f.b.loadnone(register)
    else:
        register = places.value(f, node.value, None, f"the field `{node.name}`")
    f.b.setglobal(register, f.module.linking.global_number(info.statics[node.name]))
    f.top = f.locals


@expression(ast.TypeApply)
def type_apply(f, node, dst):
    return EXPR[node.callee.__class__](f, node.callee, dst)
