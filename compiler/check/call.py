"""Members, elements and calls: what stands behind an expression.

In:  Field, Index, Call, TypeApply nodes. Out: their types. Holds: a chain `a.b(c)[d]…` is walked in a loop, its length is
not limited; arguments are checked from left to right, but lambdas whose parameter types the others decide come last.
"""
from myna.compiler.check import declare, evolve, format
from myna.compiler.check.checker import expression
from myna.compiler.check.expr import index_type, variant_value
from myna.compiler.check.flow import UNSET, path
from myna.compiler.check.function import anchor, fits
from myna.compiler.resolve.scopes import BUILTIN
from myna.compiler.suggest import MEMBERS
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import (
    BIGINT, BOOL, CLASS, DYNAMIC, ENUM, ERROR, NEVER, NONE, ClassValue, Function, ModuleValue, Nominal, Number, Optional, Record, Tuple,
    Open, TypeParam, substitute)
from myna.compiler.types.show import a
from myna.compiler.types.unify import assignable, bind

_BASE = {ast.Call: "callee", ast.Field: "obj", ast.Index: "obj", ast.TypeApply: "callee"}


@expression(ast.Call, ast.Field, ast.Index, ast.TypeApply)
def postfix(c, node, want):
    """Walk down to where the chain begins, then up again."""
    spine = []
    base = node
    while base.__class__ in _BASE:
        spine.append(base)
        base = getattr(base, _BASE[base.__class__])
    t = c.expr(base)
    types = c.types
    while spine:
        part = spine.pop()
        if t.evolving:
            c.carried.add(base)
        t = STEPS[part.__class__](c, part, t, want if part is node else None)
        if t.__class__ is Open:
            t = DYNAMIC
        types[part] = t
        base = part
    return t


# --- members ---

def field(c, node, t, want):
    """The type of `obj.name`, `obj` being a `t`."""
    facts = c.facts
    if facts:
        key = path(node)
        if key is not None:
            known = facts.get(key)
            if known is not None and known is not UNSET:
                return known
    if t.loose or t is NEVER:
        return DYNAMIC if t is not ERROR else ERROR
    if t.__class__ is Optional:
        if not node.safe:
            c.error("E0613", f"this may be None: it is {a(t)}", node.pos,
                    f"write `?.{node.name}`, or test it with `!= None` first")
            return ERROR
        return model.optional(member(c, node, t.inner, want))
    if node.safe and t is NONE:
        return NONE
    return member(c, node, t, want)


def member(c, node, t, want=None):
    """The type of a member of `t`, which is not optional."""
    name = node.name
    kind = t.__class__
    if kind is Record:
        return _record_field(c, node, t)
    if kind is ClassValue:
        return _static(c, node, t, want)
    if kind is ModuleValue:
        return _exported(c, node, t.info, want)
    found = builtin.find(t, name)
    if found is None:
        return _unknown(c, node, t)
    if found[0].private and declare.foreign(c, found[0]):
        declare.private(c, node, found[0])
        return ERROR
    return member_of(c, found)


def _exported(c, node, info, want):
    """What a module has."""
    var = info.statics.get(node.name)
    if var is None:
        if node.name.startswith("_"):
            c.error("E0321", f"`{node.name}` is private to the module `{info.name}`", node.pos, "names that begin with `_` are only for their own module")
        else:
            c.error("E0321", f"the module `{info.name}` has no `{node.name}`", node.pos, c.similar(node.name, info.statics))
        return ERROR
    variant = declare.variant_of(var)
    return variant_value(c, variant, want) if variant is not None else declare.exported_value(c, var)


def member_of(c, found):
    """The type of a member as `builtin.find` gives it."""
    member, mapping = found
    t = member.type if member.type is not None else declare.member_type(c, member)
    return substitute(t, mapping) if mapping and t.generic else t


def _record_field(c, node, t):
    for name, found in t.fields:
        if name == node.name:
            return DYNAMIC if t.open else found
    if not t.open:
        c.error("E0605", f"{a(t)} has no field `{node.name}`", node.pos, c.similar(node.name, [name for name, _ in t.fields]))
        return ERROR
    return DYNAMIC


def _unknown(c, node, t):
    """Report a member that does not exist, where that is certain."""
    name = node.name
    if t.__class__ is TypeParam:
        if t.bound is None:
            c.error("E0605", f"nothing is known about {a(t)}, so it has no member `{name}`", node.pos,
                    f"give it a bound: `{t.name}: …`")
            return ERROR
        t = t.bound
        if t.loose:
            return DYNAMIC
    if t is NONE:
        c.error("E0605", f"None has no member `{name}`", node.pos)
        return ERROR
    if t.__class__ is Nominal:
        if name in t.decl.statics:
            c.error("E0632", f"`{name}` is static: it belongs to the class, not to its instances", node.pos, f"write `{t.decl.name}.{name}`")
            return ERROR
        if not builtin.complete(t) or c.library and t.decl.node is None:
            return DYNAMIC
    elif t.__class__ is Function or t.__class__ is Tuple or not builtin.complete(t):
        return DYNAMIC
    c.error("E0605", f"{a(t)} has no member `{name}`", node.pos, c.similar(name, builtin.names(t), MEMBERS))
    return ERROR


def _static(c, node, t, want):
    """A member of a class itself: static members, an enum's constructors, nested classes."""
    decl, name = t.decl, node.name
    variant = decl.variants.get(name)
    if variant is not None:
        return variant_value(c, variant, want)
    found = decl.statics.get(name)
    if found is not None:
        if found.private and declare.foreign(c, found):
            declare.private(c, node, found)
            return ERROR
        return declare.member_type(c, found)
    inner = decl.nested.get(name)
    if inner.__class__ is model.Declaration:
        return model.class_value(inner)
    if decl.node is None or not decl.complete or decl.base is not None and name not in decl.members:
        return DYNAMIC
    if builtin.find(decl.self_type(), name) is not None:
        c.error("E0632", f"`{name}` belongs to the instances of `{decl.name}`, not to the {decl.kind}", node.pos,
                f"declare it `static`, or write `{decl.name}(…).{name}`" if decl.kind == CLASS else None)
        return ERROR
    c.error("E0605", f"the {decl.kind} `{decl.name}` has no member `{name}`", node.pos, c.similar(name, [*decl.statics, *decl.variants]))
    return ERROR


def index(c, node, t, want):
    """The type of `obj[index]`."""
    wanted = t.args[0] if t.__class__ is Nominal and t.decl is builtin.MAP else None
    return index_type(c, node, t, c.expr(node.index, wanted))


def type_apply(c, node, t, want):
    """The type of `callee<args>`."""
    args = c.type_args[node] = [declare.type_of(c, arg) for arg in node.args]
    if t.loose:
        return DYNAMIC
    if t.__class__ is ClassValue:
        if not declare.check_count(c, node, t.decl.name, t.decl.type_params, args):
            return ERROR
        declare.check_bounds(c, node, t.decl.type_params, args)
        return model.class_value(t.decl, tuple(args))
    params = t.type_params if t.__class__ is Function else ()
    name = node.callee.name if node.callee.__class__ in (ast.Name, ast.Field) else "this"
    if not declare.check_count(c, node, name, params, args):
        return ERROR
    declare.check_bounds(c, node, params, args)
    return substitute(model.function(t.params, t.result, t.names, t.required, t.rest), dict(zip(params, args)))


# --- calls ---

def call(c, node, t, want):
    """The type of a call of a `t`."""
    callee = node.callee
    kind = t.__class__
    optional = callee.__class__ is ast.Field and callee.safe and kind is Optional
    if t is NONE and callee.__class__ is ast.Field and callee.safe:
        loose_arguments(c, node)
        return NONE
    if optional:
        t = t.inner
        kind = t.__class__
    if kind is Function:
        result = call_function(c, node, t, want)
        format.check_call(c, node)
        if callee.__class__ is ast.Name and callee.var.kind is BUILTIN:
            c.carried.update(node.args)         # predefined functions store nothing
    elif t.loose or t is NEVER:
        loose_arguments(c, node)
        return t if t is ERROR else DYNAMIC
    elif kind is ClassValue:
        result = construct(c, node, t, want)
    else:
        loose_arguments(c, node)
        return not_callable(c, node, t)
    return model.optional(result) if optional else result


def loose_arguments(c, node):
    for arg in node.args:
        c.expr(arg.value if arg.__class__ is ast.NamedArg else arg)


def not_callable(c, node, t):
    if t.__class__ is Optional and t.inner.__class__ in (Function, ClassValue):
        c.error("E0613", "this function may be None", anchor(node), "test it with `!= None` first")
        return ERROR
    if t.__class__ in (Nominal, TypeParam):
        bare = t if t.__class__ is Nominal else t.bound
        if bare is None or bare.loose or not builtin.complete(bare):
            return DYNAMIC if bare is not None else ERROR
        if node.callee.__class__ is ast.Name and not node.args and t.decl.kind == ENUM:
            c.error("E0610", f"`{node.callee.name}` takes no arguments, so it stands without `()`", anchor(node))
            return t
    help = f"`{node.callee.name}` is a field: write it without `()`" if node.callee.__class__ is ast.Field and not node.args else None
    c.error("E0610", f"{a(t)} is no function, so it cannot be called", anchor(node), help)
    return ERROR


def construct(c, node, t, want):
    """The type of a call of a class."""
    decl = t.decl
    if decl.kind != CLASS:
        loose_arguments(c, node)
        help = "call one of its constructors" if decl.kind == ENUM else "call a class that implements it"
        c.error("E0628", f"the {decl.kind} `{decl.name}` has no instances of its own", anchor(node), help)
        return ERROR
    signature = constructor(c, decl)
    if signature is None:
        loose_arguments(c, node)
        return model.instance(decl, [DYNAMIC] * len(decl.type_params))
    if t.args is not None:
        mapping = dict(zip(decl.type_params, t.args))
        signature = substitute(model.function(signature.params, signature.result, signature.names, signature.required,
                                              signature.rest), mapping)
    result = call_function(c, node, signature, want, decl.name)
    if decl is builtin.ARRAY and len(node.args) == 1 and not has_zero(result.args[0]):
        c.error("E0603", f"{a(result)} needs a first value for its elements", anchor(node), "write it behind the length")
    return result


def has_zero(t):
    """Whether an array's elements of type `t` have a value when none is given: 0, false or None."""
    return t.loose or t is NONE or t is BOOL or t.__class__ is Optional or t.__class__ is Number and t is not BIGINT


def constructor(c, decl):
    """The signature of calling a class, or None when it is not known."""
    if decl.signature is None and decl.node is not None:
        types = [declare.member_type(c, m) for m in decl.params]
        written = decl.node.params or []
        required = next((i for i, p in enumerate(written) if p.default is not None), None)
        rest = None
        if written and written[-1].rest:
            rest = types.pop().args[0]
        decl.signature = model.function(types, decl.self_type(), [m.name for m in decl.params[:len(types)]], required, rest,
                                        decl.type_params)
    return decl.signature


def called(node):
    """What a call calls, for messages."""
    callee = node.callee
    while callee.__class__ is ast.TypeApply:
        callee = callee.callee
    if callee.__class__ in (ast.Name, ast.Field):
        return f"`{callee.name}`"
    return "`super`" if callee.__class__ is ast.Super else "this function"


def call_function(c, node, f, want=None, name=None):
    """The type of a call of a function of type `f`; the arguments are checked."""
    args = node.args
    if f.type_params:
        return generic_call(c, node, f, want, name)
    params = f.params
    if len(args) == len(params) and f.rest is None:
        for arg, param in zip(args, params):
            if arg.__class__ is ast.NamedArg:
                break
            t = c.expr(arg, param)
            fits(c, arg, t, param, "E0602")
        else:
            return f.result
    for arg, param in match_arguments(c, node, f, name):
        t = c.expr(arg, param)
        if param is not None:
            fits(c, arg, t, param, "E0602")
    return f.result


def match_arguments(c, node, f, name=None):
    """(argument, parameter's type or None) of a call, in order; a wrong number or name is reported."""
    pairs, given, positional = [], set(), 0
    params = f.params
    for arg in node.args:
        if arg.__class__ is ast.NamedArg:
            param = _named(c, arg, f, given, node)
            pairs.append((arg.value, param))
        elif positional < len(params):
            given.add(positional)
            pairs.append((arg, params[positional]))
            positional += 1
        else:
            pairs.append((arg, f.rest))
            positional += 1
    _check_count(c, node, f, given, positional, name)
    return pairs


def _named(c, arg, f, given, node):
    if arg.name not in f.names:
        if any(f.names) or not f.params:
            c.error("E0604", f"{called(node)} has no parameter `{arg.name}`", arg.pos, c.similar(arg.name, [n for n in f.names if n]))
        else:
            given.update(range(len(f.params)))      # a function value: its parameters have no names that are known here
        return None
    at = f.names.index(arg.name)
    if at in given:
        c.error("E0604", f"`{arg.name}` is given twice", arg.pos)
        return None
    given.add(at)
    return f.params[at]


def _check_count(c, node, f, given, positional, name):
    wanted = len(f.params)
    what = f"`{name}`" if name else called(node)
    if positional > wanted and f.rest is None:
        only = f"{'at most ' * (f.required < wanted)}{wanted} argument{'s' * (wanted != 1)}" if wanted else "no arguments"
        c.error("E0603", f"{what} takes {only}, not {len(node.args)}", anchor(node))
    missing = [i for i in range(f.required) if i not in given]
    if missing:
        named = [f.names[i] for i in missing if f.names[i]]
        help = f"missing: {', '.join(named)}" if len(named) == len(missing) else None
        least = "at least " if f.required < wanted or f.rest is not None else ""
        c.error("E0603", f"{what} takes {least}{f.required} argument{'s' * (f.required != 1)}, not {len(node.args)}", anchor(node), help)


def generic_call(c, node, f, want, name=None):
    """A call of a generic function: its type arguments come from the arguments and from what is expected."""
    mapping = dict.fromkeys(f.type_params)
    expected = dict.fromkeys(f.type_params)
    if want is not None and not want.loose and want.__class__ is not TypeParam:
        bind(f.result, model.plain(want), expected)
        expected = {p: t if t is not None and not t.loose and t is not NEVER else None for p, t in expected.items()}
    later, pairs = [], match_arguments(c, node, f, name)
    types = [ERROR] * len(pairs)
    for number, (arg, param) in enumerate(pairs):
        if param is None:
            c.expr(arg)
        elif arg.__class__ is ast.Function and any(p.type is None for p in arg.params):
            later.append(number)
        else:
            types[number] = t = c.expr(arg, hinted(param, expected, mapping))
            bind(param, t, mapping)
    for number in later:
        arg, param = pairs[number]
        types[number] = t = c.expr(arg, hinted(param, expected, mapping, True))
        bind(param, t, mapping)
    for p, t in mapping.items():
        wanted = expected[p]
        if t is None or t is NEVER:
            mapping[p] = wanted if wanted is not None else unknown_argument(c, node, f, p)
        elif wanted is not None and assignable(t, wanted):
            mapping[p] = wanted
        elif t is NONE and f.result.__class__ is Nominal:
            mapping[p] = DYNAMIC            # what has only None so far may get anything
    if any(p.bound is not None for p in f.type_params):
        declare.check_bounds(c, node, f.type_params, [mapping[p] for p in f.type_params], [node.callee] * len(f.type_params))
    c.type_args[node] = [*mapping.values()]
    for (arg, param), t in zip(pairs, types):
        if param is not None:
            fits(c, arg, t, substitute(param, mapping), "E0602")
    return substitute(f.result, mapping)


def unknown_argument(c, node, f, param):
    """What a type argument is that neither the arguments of the call nor what is expected of it tell."""
    decl = f.result.decl if f.result.__class__ is Nominal else None
    if decl is not None and decl.kind == ENUM:
        return NEVER
    if (decl is builtin.MAP or decl is builtin.SET) and not node.args:
        return evolve.element(c, node, decl.type_params.index(param))
    return DYNAMIC


def hinted(param, expected, mapping, final=False):
    """A parameter's type as a hint for its argument: with what is known of the type arguments; None when that is nothing.
    `final`: what is not known is dynamic. A function literal's result may be anything where that is not known."""
    if not param.generic:
        return param
    known, holes = {}, {}
    for p, t in mapping.items():
        wanted = expected[p]
        t = wanted if wanted is not None else t if final else None
        if t is None:
            if not final and param.__class__ is not Function:
                return None
            holes[p] = ERROR
            t = DYNAMIC
        known[p] = t
    hint = substitute(param, known)
    if not holes or hint.__class__ is not Function:
        return hint
    return model.function(hint.params, substitute(param.result, {**known, **holes}), hint.names, hint.required, hint.rest, hint.type_params)


STEPS = {ast.Call: call, ast.Field: field, ast.Index: index, ast.TypeApply: type_apply}


@expression(ast.NamedArg)
def named_argument(c, node, want):
    """Outside of a call that is known."""
    return c.expr(node.value, want)


