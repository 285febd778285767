"""Calls: of functions, methods and primitives.

In:  `Call` nodes. Out: a call's window at the top of the temporaries: R[A] the callee, then the link, arguments from
R[A+2]; the result comes back in R[A]. Holds: the callee is evaluated before its arguments, they from left to right;
each goes directly to its place, so a nested call's window begins where its result is wanted.
"""
from typing import NamedTuple

from myna.compiler.bytecode.primitives import BY_NAME
from myna.compiler.bytecode.program import ELEMENTS
from myna.compiler.lower import classes, floats, generics, places, specialise, statics, types as typing
from myna.compiler.lower.expressions import consecutive
from myna.compiler.lower.registers import EXPR, expression, give
from myna.compiler.resolve.classes import ClassInfo
from myna.compiler.resolve.scopes import BUILTIN, CELL, STATIC, Scope
from myna.compiler.resolve.types import resolve_alias
from myna.compiler.syntax import ast
from myna.compiler.types import members, model
from myna.compiler.types.convert import CHECK, conversion, precise
from myna.compiler.types.model import BIGINT, DYNAMIC, FLOAT, INT


class Named(NamedTuple):
    """A call of a method of a class (a number of the module's) that names arguments, for parameters with these names."""
    class_: int
    method: str
    names: tuple
    pos: int


LINK = 2        # registers of a window before the first argument

# A receiver is computed in its place, two registers up, so a long chain `a.f().g()…` climbs. From this register on, where
# short instructions soon end, it is computed at the window's beginning and moved: the chain stays where it is.
FAR = 200


@expression(ast.Call)
def call(f, node, dst):
    callee = node.callee
    if callee.__class__ is ast.TypeApply:
        callee = callee.callee
    var = statics.static(f, callee)
    if var is not None:
        if var.kind is BUILTIN:
            primitive = var.index
            if any(arg.__class__ is ast.NamedArg for arg in node.args):
                pass        # `arguments` reports them
            elif floats.better_root(f, node):
                return floats.boxed(f, node, dst)
            elif primitive.required <= len(node.args) <= primitive.arity:
                return call_primitive(f, node, primitive, dst)
            elif not f.classic:
                wrong_count(f, node, primitive.name, primitive.arity, primitive.required)
        elif var.info is not None:
            return call_known(f, node, callee, resolve_alias(var), dst)
    if var is statics.MISSING:
        return EXPR[ast.NoneLit](f, node, dst)
    if var is None and callee.__class__ is ast.Field and not f.classic:
        return call_super(f, node, callee, dst) if callee.obj.__class__ is ast.Super else invoke(f, node, callee, dst)
    types = generics.arguments(f, node)
    mark = f.top
    EXPR[callee.__class__](f, callee, mark)
    arguments(f, node.args, mark + LINK, (), None)
    f.b.pos = node.pos
    type_ = typing.signature(f, f.types.get(callee, DYNAMIC)) if types is None else None
    if type_ is None or len(type_.args) != len(node.args) + 1:
        f.call(mark, len(node.args), types)
        untrusted(f, node, mark)
    else:
        trusted = f.b.label()
        f.call_typed(mark, len(node.args), type_, trusted)
        untrusted(f, node, mark)
        f.b.place(trusted)
    return generics.settle(f, types, mark, dst)


def untrusted(f, node, register):
    """Check the result of a function that is a value: only its being a function is known for certain."""
    t = f.types.get(node, DYNAMIC)
    if node is not f.tested and conversion(DYNAMIC, t) is CHECK:
        places.check(f, register, register, t, "the result of a function", node.pos)


def argument(params, number, name):
    """An argument in messages."""
    if number < len(params):
        return f"the parameter `{params[number].name}` of {places.called(name)}"
    return f"an argument of {places.called(name)}"


def arguments(f, args, at, params, name):
    """Lower `args` into the registers from `at` on."""
    for number, arg in enumerate(args):
        f.top = at
        if arg.__class__ is ast.NamedArg:
            f.module.error("E0318", f"it is not known here what takes `{arg.name}`", arg.pos, len(arg.name),
                           "only calls of declared functions and classes can name arguments")
            arg = arg.value
        places.value(f, arg, at, argument(params, number, name))
        at += 1
    f.reserve(at)


def call_primitive(f, node, primitive, dst):
    """A primitive that is known by name; its arguments lie in consecutive registers."""
    if primitive.name == "type_of" and not node.args:
        return type_itself(f, node, dst)
    types = generics.arguments(f, node) if primitive.name != "type_of" else None
    mark, args = f.top, node.args
    kind = element_kind(f, node) if primitive.name == "Array" else None
    if kind is not None:
        args = [*args, *[None] * (2 - len(args)), ast.Int(node.pos, kind)]
        primitive = BY_NAME["array_of_kind"]
    if len(args) == primitive.arity == 1:
        base = EXPR[args[0].__class__](f, args[0], None)
    else:
        base = consecutive(f, [*args, *[None] * (primitive.arity - len(args))])
    f.top = mark
    result = f.temp() if dst is None or types.__class__ is int else dst
    f.b.pos = node.pos
    f.b.prim(result, base, primitive.number)
    give(f, types)
    return generics.settle(f, types, result, dst) if types.__class__ is int else result


def type_itself(f, node, dst):
    """`type_of<T>()`."""
    found = generics.call_types(f, node) if node.callee.__class__ is ast.TypeApply else None
    if found is None:
        wrong_count(f, node, "type_of", 1)
        return EXPR[ast.NoneLit](f, node, dst)
    mark, type_ = f.top, typing.of(f, found[0])
    f.b.pos = node.pos
    if typing.is_open(type_):
        number = generics.number(f, type_)
    else:
        number = f.temp()
        f.b.gettype(number, number, type_)
    f.top = mark
    if dst is None:
        dst = f.temp()
    f.b.prim(dst, number, BY_NAME["reflect._type"].number)
    return dst


def element_kind(f, node):
    """The number of the kind of elements that an `Array(…)` has, `len(ELEMENTS)` for any values; None: its first value decides."""
    t = model.plain(f.types.get(node, DYNAMIC))
    element = t.args[0] if t.__class__ is model.Nominal and t.decl is members.ARRAY else DYNAMIC
    if element.__class__ is model.TypeParam or element.loose and node.callee.__class__ is not ast.TypeApply:
        return None
    name = {model.INT: "i64", model.FLOAT: "f64"}.get(element) or getattr(element, "name", None)
    return [*ELEMENTS].index(name) if name in ELEMENTS else len(ELEMENTS)


def wrong_count(f, node, name, most, least=None):
    """Report a call with more than `most` or fewer than `least` arguments."""
    range_ = f"{least} to {most}" if least not in (None, most) else str(most)
    f.module.error("E0307", f"`{name}` takes {range_} argument{'s' * (range_ != '1')}, not {len(node.args)}", node.pos, 1)


# --- functions that are known while compiling ---

def call_known(f, node, callee, var, dst):
    """A call of a declared function, a class, a static function: arguments may be left out, or named."""
    info = var.info
    if info.__class__ is ClassInfo and info.constant is None and info.kind in ("class", "variant", "machine"):
        return classes.construct(f, info, node, dst)
    special = specialise.wanted(f, info.scope, generics.call_types(f, node)) if info.__class__ is ast.Function else None
    reference = known_function(f, var, callee, special)
    types = generics.arguments(f, node) if special is None or reference is None else None
    mark = f.top
    if reference is None and var.kind is STATIC:
        statics.value(f, var, callee, mark)
    elif reference is None:
        EXPR[callee.__class__](f, callee, mark)
    f.reserve(mark + LINK)
    params = info.params if info.__class__ is ast.Function else info.node.params if info.__class__ is Scope else None
    count = len(node.args)
    if params is None or not is_special(node, params):
        if reference is not None and len(node.args) != len(params):
            wrong_count(f, node, var.name, len(params))
        arguments(f, node.args, mark + LINK, params or (), var.name)
    else:
        given = arrange(f, node, params, var.name)
        if reference is None and given[-1].__class__ is list:       # the machine makes the list
            given[-1:] = given[-1]
        place(f, node, params, given, var.name, mark + LINK)
        count = len(given)
    f.b.pos = node.pos
    if reference is None:
        f.call(mark, count, types)
    else:
        f.call_known(mark, count, reference, types)
    return generics.settle(f, types, mark, dst)


def known_function(f, var, callee, special):
    """The constant of a function that captures nothing and whose parameters the arguments fit, or None. `special`: its body for
    these type arguments."""
    info = var.info
    scope = info if info.__class__ is Scope else info.scope if info.__class__ is ast.Function and not var.writes else None
    if scope is None or scope.captures or f.classic or generics.captured(f, scope):
        return None
    if f.types.get(callee, DYNAMIC).loose and any(places.checked(f, param) for param in scope.params):
        return None
    return f.module.linking.method(scope, special or specialise.inside(f, scope))


def is_special(node, params):
    """Whether a call does more than give each parameter its argument in order."""
    return any(arg.__class__ is ast.NamedArg for arg in node.args) or any(
        param.rest or param.default is not None for param in params)


def call_super(f, node, callee, dst):
    """`super.name(…)`: a method of a superclass or an interface, for `this`."""
    scope = statics.super_method(f, callee)
    types = generics.arguments(f, node)
    mark, b = f.top, f.b
    if scope is None:
        return EXPR[ast.NoneLit](f, node, dst)
    f.reserve(mark + LINK + 1)
    EXPR[ast.This](f, callee.obj, mark + LINK)
    params = scope.node.params
    place(f, node, params, arrange(f, node, params, callee.name), callee.name, mark + LINK + 1)
    b.pos = node.pos
    f.call_known(mark, 1 + len(params), f.module.linking.method(scope), types)
    return generics.settle(f, types, mark, dst)


def arrange(f, node, params, name):
    """What each parameter gets: an expression node, a list of them (a rest parameter), or None (its default value)."""
    args, given = node.args, [None] * len(params)
    positional = [arg for arg in args if arg.__class__ is not ast.NamedArg]
    places = {param.name: number for number, param in enumerate(params)}
    rest = len(params) - 1 if params and params[-1].rest else None
    if rest is not None:
        given[rest] = positional[rest:]
        positional = positional[:rest]
    given[:len(positional)] = positional
    for arg in args:
        if arg.__class__ is ast.NamedArg:
            at = places.get(arg.name)
            if at is None or at == rest:
                f.module.error("E0318", f"`{name}` has no parameter `{arg.name}` that can be named", arg.pos, len(arg.name))
            elif given[at] is not None:
                f.module.error("E0318", f"`{arg.name}` is given twice", arg.pos, len(arg.name))
            else:
                given[at] = arg.value
    missing = [param for param, value in zip(params, given) if value is None and param.default is None]
    if len(given) > len(params) or missing and len(positional) == len(args):
        required = sum(param.default is None and not param.rest for param in params)
        wrong_count(f, node, name, len(params), required)
    elif missing:
        f.module.error("E0307", f"`{name}` needs a value for `{missing[0].name}`", node.pos, 1)
    return [value if value is not None else default_argument(f, param) for param, value in zip(params, given)]


def default_argument(f, param):
    """The node of a default value that the call gives, or None. Where another module has the parameter, its place is told here."""
    node, checked = constant_default(param), f.module.checked
    if node is not None and param.var is not None and param.var.type in (FLOAT, BIGINT) and node not in checked.types:
        checked.types[node], checked.places[node] = INT if is_int(node) else param.var.type, param.var.type
    return node


def is_int(node):
    """Is a literal an int?"""
    return (node.operand if node.__class__ is ast.Unary else node).__class__ is ast.Int


def constant_default(param):
    """The node of a default value that is a literal, or None."""
    value = param.default
    if value.__class__ is ast.Unary and value.op == "-" and value.operand.__class__ in (ast.Int, ast.Float):
        return value
    return value if value.__class__ in (ast.Int, ast.Float, ast.String, ast.Bool, ast.NoneLit) else None


def needs_function(arguments):
    """Whether some default value is not a literal, so that only the function itself can find it."""
    return any(argument is None for argument in arguments)


def place(f, node, params, given, name, at):
    """Lower arguments, in the order in which they stand in the call, into the registers from `at` on."""
    first = at
    end = at + len(given)
    named = any(arg.__class__ is ast.NamedArg for arg in node.args)
    values = list(enumerate(given, at))
    if named:
        f.reserve(end)
        order = {arg.value if arg.__class__ is ast.NamedArg else arg: number for number, arg in enumerate(node.args)}
        values.sort(key=lambda pair: order.get(pair[1], -1) if pair[1].__class__ is not list else -1)
    for register, value in values:
        f.top = end if named else register
        if value is None:
            f.b.loadunset(register)
        elif value.__class__ is list:
            EXPR[ast.List](f, ast.List(node.pos, value), register)
            generics.reify(f, register, generics.rest_type(f, node, params[register - first]))
        else:
            places.value(f, value, register, argument(params, register - first, name))
    f.reserve(max(end, at + 1))


def parameters(f, variables):
    """(Variable, ast.Param) of those of a function's parameters that are written."""
    written = {param.var: param for param in f.scope.node.params or ()}
    return [(var, written[var]) for var in variables if var in written]


def signature(f, variables):
    """Note which parameters calls may leave out. The machine gives a missing one the value unset."""
    function, params = f.b.function, [param for _, param in parameters(f, variables)]
    function.rest = bool(params) and params[-1].rest
    last = max((number for number, param in enumerate(params) if param.default is None and not param.rest), default=-1)
    function.optional = len(params) - 1 - last - function.rest


def literal_defaults(f, variables):
    """At a function's entry: missing parameters get default values that are literals. Known calls do so themselves."""
    for var, param in parameters(f, variables):
        if param.default is not None and constant_default(param) is not None:
            default_value(f, param)


def default_values(f, variables):
    """Behind that: missing parameters get other default values; captured parameters get their cells."""
    params = dict(parameters(f, variables))
    for var in variables:
        param = params.get(var)
        if param is not None and param.default is not None and constant_default(param) is None:
            default_value(f, param)
        if var.kind is CELL:
            f.b.newcell(var.register, var.register)


def default_value(f, param):
    """Give a parameter that is unset its default value."""
    after = f.b.label()
    f.b.pos = param.pos
    f.b.jset(param.var.register, after)
    f.reserve(f.top + 1)
    places.value(f, param.default, param.var.register, f"the parameter `{param.name}`")
    f.b.place(after)


def instance(t):
    """The Nominal type of values of `t`, or None."""
    t = model.plain(t)
    return t if t.__class__ is model.Nominal else members.box(t)


def method_type(f, callee):
    """The type of the method that `obj.name` surely means, or None."""
    t = instance(f.types.get(callee.obj, DYNAMIC))
    found = members.find(t, callee.name) if t is not None else None
    method = model.plain(f.types.get(callee, DYNAMIC))
    return method if found is not None and found[0].kind == "method" and method.__class__ is model.Function else None


def named_arguments(f, node, method, at):
    """Lower the arguments of a method call, some of them named, into the registers from `at` on. What they are in order, as of
    `arrange`: a default value is the method's business."""
    name = node.callee.name
    decl = instance(f.types[node.callee.obj]).decl
    if decl.node is not None:       # classes below it may call the parameters differently: the linker knows all classes
        f.module.named.append(Named(statics.number(f, decl.node.info), name, method.names, node.pos))
    left_out = ast.Tuple(node.pos, [])      # no literal
    params = [ast.Param(node.pos, param, None, None if number < method.required else left_out, False)
              for number, param in enumerate(method.names)]
    if method.rest is not None:
        params.append(ast.Param(node.pos, "", None, None, True))
    given = arrange(f, node, params, name)
    if method.rest is not None:
        given[-1:] = given[-1]
    while given and given[-1] is None:
        given.pop()
    place(f, node, params, given, name, at)
    return given


def push(f, node):
    """`xs.push(item)` of a list as a statement is one instruction; whether it was."""
    callee = node.callee
    if callee.__class__ is not ast.Field or callee.name != "push" or callee.safe or len(node.args) != 1:
        return False
    t = f.types.get(callee.obj)
    if t.__class__ is not model.Nominal or t.decl is not members.LIST or node.args[0].__class__ is ast.NamedArg:
        return False
    receiver = EXPR[callee.obj.__class__](f, callee.obj, None)
    item = places.value(f, node.args[0], None, "an element")
    f.b.pos = node.pos
    f.b.append(receiver, item)
    return True


def invoke(f, node, callee, dst):
    """`obj.name(…)`: the receiver is the first argument of the window."""
    types = generics.arguments(f, node, True)
    mark, b = f.top, f.b
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
    method, args = method_type(f, callee), node.args
    if method is not None and any(arg.__class__ is ast.NamedArg for arg in args):
        known, args = False, named_arguments(f, node, method, receiver + 1)
    else:
        known = method is not None and all(map(precise, method.params))
        arguments(f, args, receiver + 1, (), callee.name)
    b.pos = node.pos
    class_ = statics.class_of(f, callee.obj, callee.name) if known else None
    f.invoke(mark, len(args), callee.name, known and (method.params or class_ is not None), types, class_)
    if method is None:
        untrusted(f, node, mark)
    if callee.safe:
        f.forget(before)
        b.jump(end)
        b.place(none)
        b.loadnone(mark)
        b.place(end)
    return generics.settle(f, types, mark, dst)
