"""Types where they have a meaning at run time (`is`, `as`, `catch`, patterns, superclasses): the classes they name.

In:  type nodes. Out: the `var` of each TypeName that heads one, None for a predefined type.
Holds: what a type has inside (`List<T>`'s T) is left alone: the checker knows it.
"""
from myna.compiler.resolve.scopes import STATIC, UNKNOWN, Scope
from myna.compiler.suggest import TYPES
from myna.compiler.syntax import ast

# Predefined types -> kinds of bytecode types (`program.KINDS`).
PREDEFINED = {"dynamic": "dynamic", "None": "none", "bool": "bool", "int": "int", "float": "float", "string": "string",
              "number": "number", "List": "list", "Map": "map", "Set": "set", "Array": "array", "Range": "range", "bytes": "bytes",
              "bigint": "bigint", "Function": "function", "Record": "record", "Tuple": "tuple", "object": "object", "never": "never", "Type": "type"}
# What the sized numbers are outside of arrays: an int in a range, or a float.
PREDEFINED |= {name: name for name in ("i8", "i16", "i32", "u8", "u16", "u32", "u64")} | {"i64": "int", "f32": "f32"}

# Predefined interfaces: the checker and the machine know what their methods are for.
INTERFACES = {"Comparable", "Iterable", "Iterator"}


def use(r, node):
    """Resolve the name that heads a type."""
    while node.__class__ is ast.TypeOptional:
        node = node.inner
    if node.__class__ is not ast.TypeName:
        return
    if r.type_params.get(node.name):
        return          # type arguments are found at run time
    node.var = static_name(r, node.name)
    if node.var is not None and node.var.kind is UNKNOWN:
        node.var = None
    elif node.var is None and node.name not in PREDEFINED and node.name not in INTERFACES:
        r.error("E0311", f"no type is called `{node.name}`", node, r.suggest(in_sight(r), node.name, TYPES))
    elif node.var is not None and node.var.kind is not STATIC and not is_variant(node.var):
        r.error("E0311", f"`{node.name}` is not a type", node)


def show_params(r, params, change=1):
    """Type parameters come in sight, or go out of it with `change` -1."""
    for param in params:
        r.type_params[param.name] = r.type_params.get(param.name, 0) + change


def in_sight(r):
    """The names of types in sight."""
    yield from PREDEFINED
    yield from (name for name, stack in r.visible.items() if stack and stack[-1].kind is STATIC)


def resolve_alias(var):
    """The Variable of the class that an alias stands for, or `var` itself."""
    seen = set()
    while hasattr(var.info, "type") and var not in seen:
        seen.add(var)
        type_ = var.info.type
        if type_.__class__ is not ast.TypeName or type_.var is None:
            break
        var = type_.var
    return var


def check_value(r, node):
    """Report a name that stands for no value where one is needed."""
    info = resolve_alias(node.var).info
    if info.__class__ is Scope or getattr(info, "kind", None) in ("class", "variant", "machine"):
        return
    what = "module" if not hasattr(info, "kind") and hasattr(info, "statics") else "type"
    r.error("E0317", f"`{node.name}` is a {what}, not a value", node)


def is_variant(var):
    """Whether a variable is an enum's variant (one without parameters is a global)."""
    return getattr(var.info, "kind", None) == "variant"


def class_of(r, node):
    """The ClassInfo that a supertype names. None: it is predefined and means nothing at run time, or was reported."""
    if node.__class__ is ast.TypeName and node.name in INTERFACES and static_name(r, node.name) is None:
        node.var = None
        return None
    errors = len(r.errors)
    use(r, node)
    var = node.var if node.__class__ is ast.TypeName else None
    if var is not None and hasattr(var.info, "kind"):
        return var.info
    if len(r.errors) == errors and (node.__class__ is not ast.TypeName or node.name in PREDEFINED or var is not None):
        r.error("E0312", "this is not a class", node, width=1)
    return None


def static_name(r, dotted):
    """The Variable of a class, variant or alias called `a` or `a.b` in sight, or None."""
    first, *rest = dotted.split(".")
    stack = r.visible.get(first)
    var = stack[-1] if stack else None
    for name in rest:
        var = getattr(getattr(var, "info", None), "statics", {}).get(name)
    return var
