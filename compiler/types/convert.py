"""What must happen to a value of one static type before it may stand where another is expected.

In:  types. Out: `proves`, `conversion`. Holds: typed code trusts its types because every value that enters a typed place is
proven by its static type, or converted, or checked by the machine.
"""
from myna.compiler.types import model
from myna.compiler.types.model import NEVER, NONE, Function, Nominal, Number, Optional, Record, Tuple, TypeParam
from myna.compiler.types.unify import assignable, supertype

NOTHING, CHECK = None, "check"


def conversion(have, wanted):
    """What makes a `have` a `wanted`: NOTHING, or CHECK (the machine also makes a float of an int)."""
    if wanted is None or wanted.loose or wanted is NONE or wanted is NEVER or have is wanted:
        return NOTHING
    return NOTHING if proves(have, wanted) else CHECK


def proves(a, b):
    """Is every value of static type `a` a `b`, so that nothing need be checked? Unlike `assignable`, dynamic proves nothing."""
    if a is b or b.loose or a is NEVER:
        return True
    kind = b.__class__
    if a.loose:
        return False
    if kind is Optional:
        return a is NONE or proves(model.plain(a), b.inner)
    if a.__class__ is Optional or a is NONE or kind is Number:
        return False
    if kind is Nominal:
        return _nominal(a, b)
    if kind is Tuple:
        return a.__class__ is Tuple and all(map(proves, a.items, b.items))
    if kind is Record:
        return not getattr(a, "open", False) and assignable(a, b, False)
    if kind is TypeParam:
        return a.__class__ is TypeParam
    return kind is Function or assignable(a, b, False)


def _nominal(a, b):
    up = supertype(a, b.decl)
    if up is None:
        return False
    if up is b:
        return True
    covariant = b.decl.variance is not None
    return all(x is y or y.loose or not x.loose and (covariant and proves(x, y) or x is NEVER or x.generic or y.generic)
               for x, y in zip(up.args, b.args))


def precise(t):
    """Does `t` say all of what it describes: is nothing in it dynamic?"""
    if t.loose:
        return False
    kind = t.__class__
    if kind is Optional:
        return precise(t.inner)
    if kind is Nominal:
        return all(map(precise, t.args))
    return kind is not Tuple or all(map(precise, t.items))
