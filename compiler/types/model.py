"""Types as the checker sees them.

In:  nothing. Out: the singletons INT, FLOAT … and the makers `optional`, `function`, `tuple_of`, `record`, `instance`.
Holds: types are immutable and shared: two types are equal exactly when they are one object, so `is` compares them.
       (A class, interface, enum or type parameter is what its declaration is; two of one name differ.)
"""
from weakref import WeakValueDictionary

MAX_SIZE = 10_000       # parts of a type, counted as often as they are written out; a larger one is dynamic

_shared = WeakValueDictionary()     # (class, parts…) -> the type of these parts


class Type:
    """Base of all types. `loose`: consistent with every type. `generic`: a type parameter stands in it. `size`: its parts.
    `evolving`: an Open stands in it."""
    __slots__ = ("__weakref__",)
    loose = False
    generic = False
    evolving = False
    size = 1

    def __repr__(self):
        from myna.compiler.types.show import show
        return show(self)


class Simple(Type):
    """A type that is its name."""
    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name


class Number(Simple):
    """A number type. `bits` is None for bigint."""
    __slots__ = ("bits", "floating")

    def __init__(self, name, bits, floating=False):
        super().__init__(name)
        self.bits = bits
        self.floating = floating


class Loose(Simple):
    """A type that is consistent with every type: checked at run time, or wrong already."""
    __slots__ = ()
    loose = True


class Open(Loose):
    """What the elements of an empty literal are, while that is being found out (see `check.evolve`)."""
    __slots__ = ("scopes", "stores", "needed", "escaped", "waits")
    evolving = True

    def __init__(self, scopes):
        super().__init__("dynamic")
        self.scopes = scopes        # of types, around the literal
        self.stores = set()         # types of what is stored
        self.needed = set()         # types that places with types need here
        self.escaped = False        # code that does not see the type may store something
        self.waits = False          # what is known of it may become more when others are decided


INT = Number("int", 64)
FLOAT = Number("float", 64, True)
BIGINT = Number("bigint", None)
SIZED = {f"{letter}{bits}": Number(f"{letter}{bits}", bits) for letter in "iu" for bits in (8, 16, 32, 64)}
SIZED["f32"] = Number("f32", 32, True)
BOOL = Simple("bool")
STRING = Simple("string")
NONE = Simple("None")
BYTES = Simple("bytes")
NEVER = Simple("never")             # of an expression that gives no value: it throws, or never ends
DYNAMIC = Loose("dynamic")
ERROR = Loose("?")                  # of an expression that was reported, or is being inferred: joins as nothing

SIMPLE = {t.name: t for t in (INT, FLOAT, BIGINT, BOOL, STRING, NONE, BYTES, NEVER, DYNAMIC, *SIZED.values())}


class Optional(Type):
    """`inner?`; `inner` is neither optional nor None nor loose."""
    __slots__ = ("inner", "generic", "evolving", "size")

    def __init__(self, inner):
        self.inner = inner
        self.generic = inner.generic
        self.evolving = inner.evolving
        self.size = inner.size


class Tuple(Type):
    """`(a, b)`"""
    __slots__ = ("items", "generic", "evolving", "size")

    def __init__(self, items):
        self.items = items
        self.generic = any([t.generic for t in items])
        self.evolving = any([t.evolving for t in items])
        self.size = 1 + sum([t.size for t in items])


class Record(Type):
    """`{x: int}`: `fields` is a tuple of (name, type). An `open` one comes from a literal: the program may add fields
    and change what they hold, so nothing is known about them."""
    __slots__ = ("fields", "open", "generic", "evolving", "size")

    def __init__(self, fields, open_):
        self.fields = fields
        self.open = open_
        self.generic = any([t.generic for _, t in fields])
        self.evolving = any([t.evolving for _, t in fields])
        self.size = 1 + sum([t.size for _, t in fields])


class Function(Type):
    """A function's type. `names` has a parameter's name or None for each of `params`; the first `required` have no
    default; `rest` is the type of further arguments' values, or None; `type_params` makes it generic."""
    __slots__ = ("params", "result", "names", "required", "rest", "type_params", "generic", "evolving", "size")

    def __init__(self, params, result, names, required, rest, type_params):
        self.params = params
        self.result = result
        self.names = names
        self.required = required
        self.rest = rest
        self.type_params = type_params
        self.generic = result.generic or any([t.generic for t in params]) or rest is not None and rest.generic
        self.evolving = result.evolving or any([t.evolving for t in params]) or rest is not None and rest.evolving
        self.size = 1 + result.size + sum([t.size for t in params])


class TypeParam(Type):
    """`T` inside what declares it. `bound` is a type or None, set when the declaration is resolved."""
    __slots__ = ("name", "bound", "owner")
    generic = True

    def __init__(self, name, owner=None):
        self.name = name
        self.bound = None
        self.owner = owner


class Nominal(Type):
    """An instance of a class, interface or enum: `List<int>`."""
    __slots__ = ("decl", "args", "generic", "evolving", "found", "size")

    def __init__(self, decl, args):
        self.decl = decl
        self.args = args
        self.generic = any([t.generic for t in args])
        self.evolving = any([t.evolving for t in args])
        self.size = 1 + sum([t.size for t in args])
        self.found = {}         # name -> (Member, its type here): a cache of `members.find`


class ClassValue(Type):
    """The class, interface or enum itself as a value: `Circle` in `Circle(1.0)`; `args` when given: `Box<int>`."""
    __slots__ = ("decl", "args")

    def __init__(self, decl, args):
        self.decl = decl
        self.args = args


class ModuleValue(Type):
    """A module where a value could stand: `m` in `m.f()`. `info` is the resolver's: `info.statics` has the module's variables."""
    __slots__ = ("info",)

    def __init__(self, info):
        self.info = info

    @property
    def name(self):
        """How messages call it."""
        return f"module {self.info.name}"


CLASS, INTERFACE, ENUM = "class", "interface", "enum"


class Declaration:
    """A class, interface or enum. `complete`: all members are known, so another one is a mistake."""

    __slots__ = ("name", "kind", "node", "type_params", "base", "interfaces", "members", "statics", "variants", "params",
                 "complete", "variance", "lazy", "nested", "signature", "state", "init_order", "known",
                 "only_above", "generic_above")

    def __init__(self, name, kind, node=None):
        self.name = name
        self.kind = kind
        self.node = node            # None of a built-in one
        self.type_params = ()
        self.base = None            # Nominal
        self.interfaces = []        # of Nominal
        self.members = {}           # name -> Member
        self.statics = {}           # name -> Member
        self.variants = {}          # name -> Variant, of an enum
        self.params = []            # of the constructor: Members
        self.complete = True
        self.variance = None        # "+" where all type arguments are covariant
        self.lazy = None            # name -> text, of a built-in one: members that nobody asked for yet
        self.nested = {}            # name -> Declaration or alias
        self.signature = None       # Function: what calling the class does
        self.state = 0              # of resolving its header: 0 not begun, 1 begun, 2 done
        self.init_order = None      # names of the fields that its own code assigns
        self.known = None           # whether it and all above it are complete, when somebody asked
        self.only_above = None      # of a class without type parameters, what it extends or implements if that is one
        self.generic_above = None   # whether it or something above it has type parameters, when somebody asked

    def __repr__(self):
        return f"<{self.kind} {self.name}>"

    def self_type(self):
        """The type of `this`."""
        return instance(self, self.type_params)


class Member:
    """A field or method. `type` is None while it is not resolved: `checker.member_type` does that."""

    __slots__ = ("name", "kind", "owner", "node", "type", "mutable", "private", "abstract", "override", "pos", "variable",
                 "extension")

    def __init__(self, name, kind, owner, node=None, type_=None, mutable=True, pos=0):
        self.name = name
        self.kind = kind            # "field", "method"
        self.owner = owner          # Declaration
        self.node = node
        self.type = type_
        self.mutable = mutable
        self.private = name.startswith("_")
        self.abstract = False       # a method without a body
        self.override = False
        self.extension = None       # of a method added to a built-in type: the type of the function that it is
        self.pos = pos


class Variant:
    """A constructor of an enum. `params` is None for one without parentheses, else Members."""

    __slots__ = ("name", "owner", "node", "params", "signature")

    def __init__(self, name, owner, node):
        self.name = name
        self.owner = owner
        self.node = node
        self.params = None
        self.signature = None       # Function, or the enum's type


# --- makers ---

def _share(cls, *parts):
    key = (cls, *parts)
    found = _shared.get(key)
    if found is None:
        found = _shared[key] = cls(*parts)
    return found


def _bounded(t):
    """`t`, unless it is too large: types are shared, so one can be exponentially larger than its text."""
    return t if t.size <= MAX_SIZE else DYNAMIC


def _part(t):
    """`t` as a part of a type that is too large otherwise."""
    return t if t.size <= 1 else DYNAMIC


def optional(inner):
    """`inner?`"""
    if inner.loose or inner is NONE or inner.__class__ is Optional:
        return inner
    return NONE if inner is NEVER else _share(Optional, inner)


def tuple_of(items):
    """The tuple type of these types."""
    return _bounded(_share(Tuple, tuple(items)))


def record(fields, open_=False):
    """The record type of (name, type) pairs."""
    return _bounded(_share(Record, tuple(fields), open_))


def function(params, result, names=None, required=None, rest=None, type_params=()):
    """A function type."""
    params = tuple(params)
    names = tuple(names) if names is not None else (None,) * len(params)
    made = _share(Function, params, result, names, len(params) if required is None else required, rest, tuple(type_params))
    if made.size <= MAX_SIZE:
        return made
    return _share(Function, tuple(map(_part, params)), _part(result), names, made.required, rest and _part(rest), made.type_params)


def instance(decl, args=()):
    """The type of the instances of `decl` with these type arguments."""
    made = _share(Nominal, decl, tuple(args))
    return made if made.size <= MAX_SIZE else _share(Nominal, decl, tuple(map(_part, made.args)))


def class_value(decl, args=None):
    """The type of the class itself."""
    return _share(ClassValue, decl, args)


def module_value(info):
    """The type of the module itself."""
    return _share(ModuleValue, info)


def plain(t):
    """`t` without its `?`."""
    return t.inner if t.__class__ is Optional else t


def parts(t):
    """The types that a type is made of."""
    kind = t.__class__
    if kind is Nominal:
        return t.args
    if kind is Optional:
        return (t.inner,)
    if kind is Tuple:
        return t.items
    if kind is Record:
        return [field for _, field in t.fields]
    return (*t.params, t.result, *((t.rest,) if t.rest is not None else ())) if kind is Function else ()


def substitute(t, mapping):
    """`t` with type parameters replaced as `mapping` says; others stay."""
    if not t.generic:
        return t
    kind = t.__class__
    if kind is TypeParam:
        return mapping.get(t, t)
    if kind is Nominal:
        return instance(t.decl, [substitute(a, mapping) for a in t.args])
    if kind is Optional:
        return optional(substitute(t.inner, mapping))
    if kind is Function:
        return function([substitute(p, mapping) for p in t.params], substitute(t.result, mapping), t.names, t.required,
                        t.rest and substitute(t.rest, mapping), t.type_params)
    if kind is Tuple:
        return tuple_of([substitute(i, mapping) for i in t.items])
    return record([(name, substitute(f, mapping)) for name, f in t.fields], t.open)


def arguments_of(t):
    """Type parameter -> argument of an instance."""
    return dict(zip(t.decl.type_params, t.args))
