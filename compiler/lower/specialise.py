"""Specialised bodies: a generic function that is called with value types is lowered once more, for just these.

In:  a call's static type arguments. Out: a `Specialisation`, which the function's Lowering looks through at the checker's types.
Holds: in a specialised body, and in the functions inside it, no type parameter is left, so floats are raw, function values have
closed signatures, and nobody hands type arguments over. All other calls share one body (as in C#: Kennedy and Syme, 2001).
"""
from myna.compiler.resolve.scopes import Scope
from myna.compiler.types import model

MOST = 8        # specialised bodies of one function
VALUES = {model.INT, model.FLOAT, model.BOOL}


class Specialisation:
    """The Scope of a generic function and what its type parameters stand for."""

    __slots__ = ("root", "mapping", "made")

    def __init__(self, root, mapping):
        self.root = root
        self.mapping = mapping
        self.made = {}          # a type with parameters -> the one without: one object, as types are compared by identity

    def of(self, t):
        """A static type in the specialised body."""
        if t is None or not t.generic:
            return t
        if t not in self.made:
            self.made[t] = model.substitute(t, self.mapping)
        return self.made[t]

    def holds(self, scope):
        """Is this the specialised function or one inside it?"""
        while scope is not None and scope is not self.root:
            scope = scope.parent
        return scope is not None


class Types:
    """A mapping from nodes to static types, seen from a specialised body."""

    __slots__ = ("known", "special")

    def __init__(self, known, special):
        self.known = known
        self.special = special

    def get(self, node, default=None):
        """As of a dict."""
        return self.special.of(self.known.get(node, default))

    def __getitem__(self, node):
        return self.special.of(self.known[node])


def wanted(f, scope, args):
    """The Specialisation for a call of a generic function of the same module with these type arguments; None: it shares the body."""
    params = getattr(scope.node, "type_params", None)
    if not params or not args or scope.owner is not None or scope.class_ is not None or len(params) != len(args) or not VALUES.issuperset(args):
        return None
    if scope.parent is None or scope.parent.parent is not None or f.module.resolution.scope is not scope.parent:
        return None
    made = f.module.linking.special.setdefault(scope, {})
    key = tuple(args)
    if key not in made and len(made) < MOST:
        declared = f.module.checked.functions[scope.node].type_params
        made[key] = Specialisation(scope, dict(zip(declared, args)))
    return made.get(key)


def inside(f, scope):
    """The Specialisation that a function has for standing in the specialised body that is being lowered, or None. The body's own function has none: a call
    of it may have other type arguments."""
    return f.special if scope.__class__ is Scope and f.special is not None and scope is not f.special.root and f.special.holds(scope) else None
