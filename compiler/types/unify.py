"""Relations between types: may a value of one go where another is expected, what is common to two, what a type argument is.

In:  types. Out: `assignable`, `join`, `bind`, `possible`, `supertype`.
Holds: a loose type is consistent with every type, at any depth. No function changes a type; `bind` changes its mapping only.
"""
from myna.compiler.types import model
from myna.compiler.types.members import box
from myna.compiler.types.model import (
    BIGINT, DYNAMIC, ENUM, ERROR, INT, INTERFACE, NEVER, NONE, ClassValue, Function, Nominal, Number, Optional,
    Record, Tuple, TypeParam, optional, substitute)


def supertype(t, decl):
    """`t` seen as an instance of `decl`, which it extends or implements; else None."""
    if t.__class__ is TypeParam:
        t = t.bound
    if t.__class__ is not Nominal:
        own = box(t)
        if own is None:
            return None
        t = own
    seen, stack = set(), [t]
    while stack:
        t = stack.pop()
        if t.decl is decl:
            return t
        if t.decl in seen:
            continue
        seen.add(t.decl)
        above = [*t.decl.interfaces, *((t.decl.base,) if t.decl.base is not None else ())]
        mapping = model.arguments_of(t) if t.args else None
        stack += [substitute(up, mapping) for up in above] if mapping else above
    return None


def incomplete(t):
    """Whether something above the class of `t` is not known, so that `t` may be of any type."""
    while t is not None:
        if t.decl.base is None:
            return not t.decl.complete and t.decl.node is not None
        t = t.decl.base
    return False


def assignable(a, b, widen=True):
    """May a value of type `a` go where `b` is expected? `widen`: an int may become a float on the way."""
    if a is b or a.loose or b.loose or a is NEVER:
        return True
    kind = b.__class__
    if kind is Optional:
        return a is NONE or assignable(model.plain(a), b.inner, widen)
    if a.__class__ is Optional or a is NONE or b is NONE:
        return False
    if kind is Number:
        return widen and a.__class__ is Number and (widens(a, b))
    if a.__class__ is TypeParam:
        return a.bound is not None and kind is not TypeParam and assignable(a.bound, b, widen)
    if kind is Nominal:
        return _nominal(a, b)
    if kind is Function:
        return _function(a, b)
    if kind is Tuple:
        return a.__class__ is Tuple and len(a.items) == len(b.items) and all(map(_item, a.items, b.items))
    if kind is Record:
        return _record(a, b)
    return False


def widens(a, b):
    """Does a number of type `a` go where `b` is expected? What a sized number holds is checked when it is stored."""
    if a is BIGINT:
        return False
    return b.floating or not a.floating and b is not BIGINT or a is INT


def _item(a, b):
    return assignable(a, b, False)


def _nominal(a, b):
    if a.__class__ is ClassValue or a.__class__ is Function or a.__class__ is Tuple:
        return False
    if a.__class__ is Record:
        return a.open and b.decl.name == "Map" and b.decl.node is None
    up = supertype(a, b.decl)
    if up is None:
        return a.__class__ is Nominal and incomplete(a)
    if up is b:
        return True
    variance = b.decl.variance
    for x, y in zip(up.args, b.args):
        if x is y or x.loose or y.loose:
            continue
        if not assignable(x, y, False) and not (variance == "*" and assignable(y, x, False)):
            return False
        if variance is None and not assignable(y, x, False):
            return False
    return True


def _function(a, b):
    if a.__class__ is ClassValue:
        a = a.decl.signature
        if a is None:
            return True
    if a.__class__ is not Function:
        return False
    if len(b.params) < a.required or len(b.params) > len(a.params) and a.rest is None:
        return False
    if a.type_params:
        a = substitute(a, dict.fromkeys(a.type_params, DYNAMIC))
    params = (*a.params, *((a.rest,) * (len(b.params) - len(a.params))))
    # a function that gives a value may stand where none is expected
    return all(map(_item, b.params, params)) and (b.result is NONE or assignable(a.result, b.result, False))


def _record(a, b):
    if a.__class__ is not Record:
        return a.__class__ is Nominal and a.decl.kind != ENUM and a.decl.node is not None
    if a.open or b.open:
        return True
    own = dict(a.fields)
    return all(name in own and assignable(own[name], t, False) for name, t in b.fields)


def join(a, b):
    """The type of what is an `a` or a `b`: one of them, or dynamic."""
    if a is b or b is ERROR or b is NEVER:
        return a
    if a is ERROR or a is NEVER:
        return b
    if a.loose or b.loose:
        return DYNAMIC
    if a.__class__ is Optional or b.__class__ is Optional:
        if a is NONE:
            return b
        inner = model.plain(a) if b is NONE else join(model.plain(a), model.plain(b))
        return optional(inner)
    if assignable(a, b, False) and not _loose_inside(a, b):
        return b
    return a if assignable(b, a, False) and not _loose_inside(b, a) else DYNAMIC


def join_parts(known, t):
    """The common type of values in one literal, or of two branches. What may be None by chance is dynamic."""
    if (known is NONE) != (t is NONE) and known is not ERROR and t is not ERROR and known is not NEVER and t is not NEVER:
        other = t if known is NONE else known
        return other if other.__class__ is Optional else DYNAMIC
    return join(known, t)


def _loose_inside(a, b):
    """Is `a` consistent with `b` but no subtype? Then neither may stand for both."""
    if a.__class__ is not b.__class__ or a.__class__ is not Nominal or a.decl is not b.decl:
        return a.__class__ is Record or a.__class__ is Function
    return any(x is not y and (y.loose or x.loose) for x, y in zip(a.args, b.args))


def bind(param, arg, mapping):
    """Learn from an argument of type `arg` for `param` what the type parameters in `mapping` are."""
    if not param.generic or arg is ERROR:
        return
    kind = param.__class__
    if kind is TypeParam:
        if param in mapping:
            known = mapping[param]
            mapping[param] = arg if known is None else join(known, arg)
    elif kind is Optional:
        if arg is not NONE:
            bind(param.inner, model.plain(arg), mapping)
    elif arg.loose:
        for inner in _parts(param):
            bind(inner, DYNAMIC, mapping)
    elif kind is Nominal:
        up = supertype(arg, param.decl)
        if up is not None:
            for x, y in zip(param.args, up.args):
                bind(x, y, mapping)
    elif kind is Function:
        if arg.__class__ is ClassValue:
            arg = arg.decl.signature
        if arg.__class__ is Function:
            for x, y in zip(param.params, arg.params):
                if not y.loose:
                    bind(x, y, mapping)
            bind(param.result, arg.result, mapping)
    elif kind is Tuple:
        if arg.__class__ is Tuple:
            for x, y in zip(param.items, arg.items):
                bind(x, y, mapping)
    elif kind is Record and arg.__class__ is Record:
        own = dict(arg.fields)
        for name, t in param.fields:
            bind(t, DYNAMIC if arg.open else own.get(name, ERROR), mapping)


def _parts(t):
    if t.__class__ is Nominal:
        return t.args
    if t.__class__ is Function:
        return (t.result,)
    return t.items if t.__class__ is Tuple else ()


def possible(a, b):
    """Can a value of static type `a` be a `b` at run time? False only when that is certain."""
    if a.loose or b.loose or a is NEVER or b is NEVER or assignable(a, b) or assignable(b, a):
        return True
    if a.__class__ is Optional or b.__class__ is Optional:
        both = (a is NONE or a.__class__ is Optional) and (b is NONE or b.__class__ is Optional)
        return both or possible(model.plain(a), model.plain(b))
    if a.__class__ is TypeParam or b.__class__ is TypeParam:
        return True
    if a.__class__ is Number and b.__class__ is Number:
        return True
    if a.__class__ is Nominal and b.__class__ is Nominal:
        return _both_possible(a, b)
    if a.__class__ is Tuple and b.__class__ is Tuple:
        return len(a.items) == len(b.items) and all(map(possible, a.items, b.items))
    if a.__class__ is Tuple:
        return b.__class__ is Nominal and b.decl.name == "Iterable"
    return a.__class__ is b.__class__ and a.__class__ in (Record, Function)


def _both_possible(a, b):
    if a.decl is b.decl:
        return all(map(possible, a.args, b.args))
    if supertype(a, b.decl) or supertype(b, a.decl) or incomplete(a) or incomplete(b):
        return True
    kinds = {a.decl.kind, b.decl.kind}
    # a class of the program may have a subclass that implements the interface
    return INTERFACE in kinds and ENUM not in kinds and all(t.decl.node is not None or t.decl.kind == INTERFACE for t in (a, b))

