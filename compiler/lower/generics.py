"""Type arguments at run time: where a function finds its own, how a call gives them, how new values get theirs.

In:  static types, calls, literals. Out: instructions. Holds:
- a call of a generic function is followed by `typeargs`, where some type argument is not dynamic; a function that needs its type
  arguments reads them there (`bindtypes`), so nobody else pays, and a caller that knows of no types gives none: all are dynamic;
- a method of a generic class finds the class's arguments in `this`; a closure captures what its maker has;
- a type with parameters is resolved by `gettype`, which gives its number; instructions whose name ends in `r` take that.
"""
from typing import NamedTuple

from myna.compiler.bytecode.program import BIVARIANT, COVARIANT, INVARIANT, Capture, Type
from myna.compiler.lower import statics, types
from myna.compiler.syntax import ast
from myna.compiler.types import members, model
from myna.compiler.types.convert import CHECK, conversion
from myna.compiler.types.model import DYNAMIC

ANY = Type("dynamic")


class Environment(NamedTuple):
    """Where type arguments are. `owners`: the nodes whose parameters they are, outermost first. They lie in R[register],
    as the number of a "types" or as an instance of the class with the number `class_`, or are captured[capture]."""
    owners: tuple
    register: int = None
    capture: int = None
    class_: int = None

    def param(self, t):
        """The constant that stands for a type parameter."""
        node = t.owner.node if t.owner.__class__ is model.Declaration else t.owner
        before = 0
        for owner in self.owners:
            names = [p.name for p in owner.type_params]
            if owner is node and t.name in names:
                return Type("param", before + names.index(t.name), False, () if self.class_ is None else (Type("class", self.class_),))
            before += len(names)
        return ANY

    def count(self):
        """How many type arguments there are."""
        return sum(len(owner.type_params) for owner in self.owners)


NOTHING = Environment(())


def own_params(scope):
    """Whether a function declares type parameters."""
    return scope.node.__class__ is ast.Function and bool(scope.node.type_params)


def has_this(scope):
    """Whether a scope is a method or an initialiser of a generic class's instances."""
    owner = scope.owner
    return owner is not None and owner.kind not in ("variant", "machine") and bool(owner.node.type_params) and (
        bool(scope.params) and scope.params[0].name == "this")


def enclosing(scope):
    """What declares the type parameters that are in sight around a function, outermost first."""
    owners = []
    while scope.parent is not None and scope.owner is None:
        scope = scope.parent
        if own_params(scope):
            owners.append(scope.node)
        if has_this(scope):
            owners.append(scope.owner.node)
    return tuple(reversed(owners))


def environment(f, params, captures):
    """At the beginning of a function: the Environment that it has from outside, or None."""
    scope = f.scope
    if has_this(scope) and params and params[0] is scope.params[0]:
        return Environment((scope.owner.node,), register=0, class_=statics.number(f, scope.owner))
    if len(captures) > len(scope.captures):
        return Environment(enclosing(scope), capture=len(scope.captures))
    return None


def bind(f):
    """Before a function's body: find its own type arguments, if it needs them, beside those around it."""
    node, b, outer = f.scope.node, f.b, f.env
    if not own_params(f.scope) or not needs(f, node.body):
        return
    b.pos = node.pos
    register = f.local()
    b.bindtypes(register)
    owners = (node,)
    if outer is not None:
        around = f.temp()
        if outer.class_ is not None:
            params = [outer.param(p) for p in class_params(f.scope.owner)]
            b.gettype(around, outer.register, Type("types", args=tuple(params)))
        else:
            b.getup(around, outer.capture)
        b.jointypes(register, around, outer.count())
        f.top = f.locals
        owners = (*outer.owners, node)
    f.env = Environment(owners, register=register)


def class_params(info):
    """The TypeParams of a class, or of a variant's enum."""
    decl = statics.declaration(info)
    return decl.type_params if decl is not None and len(decl.type_params) <= types.LARGEST else ()


def bind_class(f, info):
    """In the constructor of a generic class: find the class's type arguments."""
    node = info.base.node if info.kind == "variant" else info.node
    if class_params(info):
        register = f.local()
        f.b.bindtypes(register)
        f.env = Environment((node,), register=register)


_MAKES = frozenset((ast.List, ast.MapLit, ast.Call))
_TESTS = frozenset((ast.Is, ast.As, ast.PType, ast.Catch))


def needs(f, root):
    """May what stands in `root` need type arguments? Functions that do not are not slowed down."""
    known = f.module.linking.needs.get((root, f.special))
    if known is None:
        known = f.module.linking.needs[root, f.special] = any(needs_node(f, node) for node in ast.walk(root))
    return known


def needs_node(f, node):
    """Does this node alone need them?"""
    t, kind = f.types.get(node, DYNAMIC), node.__class__
    if kind in _MAKES and (t.generic or any(arg.generic for arg in call_types(f, node) or ())):
        return True
    if kind in _TESTS:
        return node.type is not None and f.types.get(node.type, DYNAMIC).generic
    if kind is ast.Function:
        return any(p.var is not None and p.var.type is not None and f.known(p.var.type).generic for p in node.params)
    place = f.places.get(node)
    return place is not None and place.generic and conversion(t, place) is CHECK


def class_types(f, info, entry):
    """Write the types of a class into its entry: its parameters, what it inherits, its fields."""
    decl = statics.declaration(info)
    if decl is None:
        return
    env = Environment((decl.node,))
    variant = decl.variants[info.name] if info.kind == "variant" else None
    entry.params = len(decl.type_params) if len(decl.type_params) <= types.LARGEST else 0
    entry.variance = {None: INVARIANT, "+": COVARIANT, "*": BIVARIANT}[decl.variance] if decl.type_params else INVARIANT
    above = [decl.self_type()] if variant else statics.supertypes(decl)
    if any(map(generic_above, above)):
        entry.supers = [types.of(f, t, env) for t in above]
    members = {m.name: m for m in variant.params or ()} if variant else decl.members
    found = [members[name].type if name in members else None for name in entry.fields]
    if any(t is not None and not t.loose for t in found):
        entry.types = [types.of(f, t or DYNAMIC, env) for t in found]


def generic_above(t):
    """Has a class, or one above it, type parameters?"""
    decl = t.decl
    if decl.generic_above is None:
        decl.generic_above = bool(t.args) or any([generic_above(up) for up in statics.supertypes(decl)])
    return decl.generic_above


# --- closures ---

def captured(f, scope):
    """Does a function that is declared inside a generic one need the type arguments around it?"""
    return scope.owner is None and bool(enclosing(scope)) and needs(f, scope.node)


def capture(f, node):
    """The Capture of the type arguments for a function literal, or None."""
    env = f.env
    if env is None or not captured(f, node.scope):
        return None
    return Capture(env.capture is not None, False, env.register if env.capture is None else env.capture)


# --- numbers of types, calls ---

def number(f, type_):
    """A new temporary with the number of a type that has parameters in it."""
    env, dst = f.env, f.temp()
    if env.capture is None:
        f.b.gettype(dst, env.register, type_)
    else:
        f.b.getup(dst, env.capture)
        f.b.gettype(dst, dst, type_)
    return dst


def call_types(f, node):
    """The static type arguments of a call, or None."""
    found = f.module.checked.type_args.get(node)
    if found is None and node.__class__ is ast.Call and node.callee.__class__ is ast.TypeApply:
        found = f.module.checked.type_args.get(node.callee)
    return found if found is None or f.special is None else [f.known(t) for t in found]


def method_types(f, node):
    """The type arguments of a method call. A function that was added to a built-in type also has those of its receiver."""
    callee = node.callee.callee if node.callee.__class__ is ast.TypeApply else node.callee
    receiver = model.plain(f.types.get(callee.obj, DYNAMIC))
    found, own = members.find(receiver, callee.name), call_types(f, node)
    if found is None or found[0].extension is None:
        return own
    member, mapping = found
    function, rest = member.extension, iter(own or ())
    known = getattr(function.params[0], "args", ())
    held = {p: (mapping or {}).get(q, DYNAMIC) for p, q in zip(known, member.owner.type_params)}
    return [held[p] if p in held else next(rest, DYNAMIC) for p in function.type_params]


def arguments(f, node, method=False):
    """What a call, or a `method` call, gives: None, a Type, or a new temporary with its number."""
    found = method_types(f, node) if method else call_types(f, node)
    if found is None or len(found) > types.LARGEST:
        return None
    args = types.given([types.of(f, t) for t in found])
    if not args:
        return None
    type_ = Type("types", args=args)
    return number(f, type_) if types.is_open(type_) else type_


def settle(f, args, window, dst):
    """End a call whose result is in R[window]; `args`, what it gave, may lie in a temporary below."""
    if args is None or args.__class__ is Type:
        return f.result(window, dst, window)
    if dst is not None:
        return f.result(window, dst, args)
    f.b.move(args, window)
    f.top = args + 1
    return args


# --- new values ---

def reify(f, register, t):
    """A new container or instance in R[register] gets its type, whose arguments may all be dynamic."""
    if t is None or model.plain(t).__class__ is not model.Nominal:
        return
    type_ = types.of(f, model.plain(t))
    if types.is_open(type_):
        top = f.top
        f.top = max(top, register + 1)
        f.b.reifyr(register, number(f, type_))
        f.top = top
    elif type_.args:
        f.b.reify(register, type_)


def rest_type(f, node, param):
    """The type of the list of a call's further arguments."""
    t = f.known(param.var.type) if param.var is not None else None
    callee = f.types.get(node.callee) if t is not None and t.generic else None
    args = call_types(f, node)
    if callee.__class__ is model.ClassValue:
        callee = callee.decl.signature
    if callee.__class__ is model.Function and args and len(args) == len(callee.type_params):
        t = model.substitute(t, dict(zip(callee.type_params, args)))
    return t


def class_type(f, info, t):
    """(constant, static type or None) to make an instance of a class with, `t` being the static type of the new value: a type
    with parameters is given to the instance afterwards."""
    raw = Type("class", statics.number(f, info))
    params = class_params(info)
    if not params or t is None or t.__class__ is not model.Nominal or len(t.args) != len(params):
        return raw, None
    args = types.of(f, t).args
    if any(map(types.is_open, args)):
        return raw, raw._replace(args=args)
    return raw._replace(args=args), None


def construct(f, dst, base, info, t):
    """R[dst] := a new instance of a class, its fields from R[base] on; `t` is its static type."""
    type_, later = class_type(f, info, t)
    f.b.construct(dst, base, type_)
    reify_later(f, dst, later)


def reify_later(f, register, type_):
    """Give a new instance a type with parameters, if there is one."""
    if type_ is not None:
        top = f.top
        f.top = max(top, register + 1)
        f.b.reifyr(register, number(f, type_))
        f.top = top


def own_type(f, info):
    """The type of `this` in the constructor of a class."""
    decl = statics.declaration(info)
    return None if decl is None else decl.self_type()

