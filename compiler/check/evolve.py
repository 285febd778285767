"""Empty literals: what the elements of `[]`, `Map()` and `Set()` are where nothing around the literal says it.

In:  the literals of a round of checking, and what becomes of their values. Out: `c.elements`, (literal, number of its type
argument) -> the type of its elements, for the rounds that follow.
Holds: in a round that asks, such a literal has an `Open` for each type argument, a loose type of its own; all that holds the
value carries it along. What is stored, and what the places with types that it goes to need, is noted in it. A value that leaves
the code where its type is seen has *escaped*: then only a place that needs a type decides, for without it the program would fail
there anyway; no store decides.

A place carries a value when the type that it has mentions the Open. Expressions whose value is looked at only are noted by
`carried`; every other expression of such a type is an escape.
"""
from myna.compiler.types import model
from myna.compiler.types.model import DYNAMIC, ERROR, NEVER, NONE, Nominal, Open, TypeParam
from myna.compiler.types.unify import assignable, join_parts, supertype

ASKING = 3      # rounds that ask; each may learn from what the one before decided


def element(c, node, number, field=False):
    """The type argument `number` of the empty literal `node`: known, or an Open."""
    known = c.elements.get((node, number))
    if known is not None:
        return renewed(c, known)
    if c.round >= ASKING:
        return DYNAMIC
    made = c.open.get((node, number))
    if made is None:
        made = c.open[node, number] = Open(c.scopes)
    return made


def renewed(c, t):
    """A type of an earlier round, with the declarations and type parameters of this one."""
    kind = t.__class__
    if kind is TypeParam:
        for scope in reversed(c.scopes):
            found = scope.get(t.name)
            if found.__class__ is TypeParam and getattr(found.owner, "node", found.owner) is getattr(t.owner, "node", t.owner):
                return found
        return DYNAMIC
    if kind is Nominal:
        return model.instance(c.declarations.get(t.decl.node, t.decl), [renewed(c, arg) for arg in t.args])
    if kind is model.Optional:
        return model.optional(renewed(c, t.inner))
    if kind is model.Tuple:
        return model.tuple_of([renewed(c, item) for item in t.items])
    if kind is model.Record:
        return model.record([(name, renewed(c, field)) for name, field in t.fields], t.open)
    if kind is model.Function:
        return model.function([renewed(c, param) for param in t.params], renewed(c, t.result), t.names, t.required,
                              t.rest and renewed(c, t.rest)) if not t.type_params else DYNAMIC
    return DYNAMIC if kind in (model.ClassValue, model.ModuleValue) else t


def carried(c, node, t):
    """The value of `node`, a `t`, goes where its type is seen."""
    if t.evolving:
        c.carried.add(node)


def meets(c, node, t, wanted):
    """The value of `node`, a `t`, goes where a `wanted` is expected; one of the two mentions an Open."""
    if wanted.__class__ is Open:
        wanted.stores.add(DYNAMIC if t.evolving else t)
        wanted.waits = wanted.waits or t.loose or t.evolving
        if not t.loose:
            c.carried.add(node)
        return
    if not wanted.loose:
        c.carried.add(node)
        same(t, wanted)
        if model.plain(t).__class__ is not Nominal and t is not wanted:
            escape(t)


def same(t, wanted):
    """Note what the type arguments of both types say of the Opens in them."""
    t, wanted = model.plain(t), model.plain(wanted)
    if t is wanted or t.__class__ is not Nominal or wanted.__class__ is not Nominal:
        return
    up = supertype(t, wanted.decl)
    for mine, other in zip(up.args if up is not None else (), wanted.args):
        for one, known in ((mine, other), (other, mine)):
            if one.__class__ is not Open:
                continue
            if known.loose:
                one.escaped = one.escaped or known is not one
            elif known.evolving:
                one.waits = True
            else:
                one.needed.add(known)
        if mine.evolving or other.evolving:
            same(mine, other)


def decide(c):
    """Decide the Opens of a round; whether any was met, so that the next round has other types."""
    if not c.open:
        return False
    for node, t in c.types.items():
        if t.evolving and node not in c.carried:
            escape(t)
    decided = {key: decision(made) for key, made in c.open.items()}
    last = all([found is DYNAMIC for found in decided.values()])
    for key, found in decided.items():
        if found is not DYNAMIC or last or not c.open[key].waits:
            c.elements[key] = found
    return True


def escape(t):
    """All Opens in `t` have escaped."""
    if t.__class__ is Open:
        return          # an element: that a value of unknown type is used says nothing of the container
    for part in model.parts(t):
        if part.__class__ is Open:
            part.escaped = True
        elif part.evolving:
            escape(part)


def decision(made):
    """What the elements of an empty literal are."""
    stores = [t for t in made.stores if t is not ERROR and t is not NEVER]
    if made.needed:
        found, *others = made.needed
        if others or not all([t.loose or assignable(t, found) for t in stores]):
            return DYNAMIC
    else:
        found = ERROR
        if made.escaped:
            return DYNAMIC
        for t in stores:
            found = join_parts(found, t)
    if found.loose or found is NONE or not in_scope(found, made.scopes):
        return DYNAMIC
    return found


def in_scope(t, scopes):
    """Are the type parameters in `t` those of the function or class around the literal?"""
    if t.__class__ is TypeParam:
        return any([t in scope.values() for scope in scopes])
    return not t.generic or all([in_scope(part, scopes) for part in model.parts(t)])
