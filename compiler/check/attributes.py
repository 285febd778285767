"""Attributes: `@name(args)` before declarations.

In:  declarations with `attributes`. Out: errors and warnings; `Variable.deprecated`. Holds: arguments of attributes are literals, so
an attribute is the same whenever it is looked at. The language knows the attributes of KNOWN, which stand where they mean
something. Any other name is the program's own: what it means is up to those who read it by reflection.
"""
from typing import NamedTuple

from myna.compiler.suggest import similar
from myna.compiler.syntax import ast

FUNCTION, INNER, EXTERN, METHOD, FIELD, TYPE, VARIANT, PARAMETER = (
    "function", "function in a function", "function of C", "method", "field", "type", "variant", "parameter")
EVERYWHERE = (FUNCTION, INNER, EXTERN, METHOD, FIELD, TYPE, VARIANT)


class Known(NamedTuple):
    """An attribute of the language: what it may stand before, how many strings it takes at least and at most."""
    targets: tuple
    least: int = 0
    most: int = 0


KNOWN = {
    "test": Known((FUNCTION,)),
    "bench": Known((FUNCTION,)),
    "inline": Known((FUNCTION, INNER, METHOD)),
    "noinline": Known((FUNCTION, INNER, METHOD)),
    "export": Known((FUNCTION,), 0, 1),
    "symbol": Known((EXTERN,), 1, 1),
    "blocking": Known((EXTERN,)),
    "c": Known((TYPE,), 0, 1),
    "deprecated": Known(EVERYWHERE, 0, 1),
}
# What the library gives a meaning to: nobody means another name that is almost one of these.
LIBRARY = ("json", "skip")
_PLURAL = {FUNCTION: "functions at the top level of a module", METHOD: "methods", FIELD: "fields", EXTERN: "`extern` functions", TYPE: "classes"}


def check(c, node, target):
    """Check the attributes of a declaration, which is a `target`."""
    seen = set()
    for attribute in node.attributes:
        name = attribute.name
        arguments(c, attribute)
        if target == PARAMETER:
            c.error("E0670", "only parameters of classes and variants, which are fields, have attributes", attribute.pos, end=end(attribute))
        elif name in KNOWN:
            known(c, attribute, node, target)
            if name in seen:
                c.error("E0670", f"`@{name}` stands here twice", attribute.pos, end=end(attribute))
        else:
            near = close(name)
            if near is not None:
                c.warn("E0672", f"`@{name}` is no attribute of the language", attribute.pos, near, end(attribute))
        seen.add(name)


def end(attribute):
    """Where the name of an attribute ends."""
    return attribute.pos + 1 + len(attribute.name)


def close(name):
    """The help for a name that is almost that of a known attribute, or None."""
    if name in LIBRARY:
        return None
    known = [other for other in (*KNOWN, *LIBRARY) if abs(len(other) - len(name)) <= 1 and other[0] == name[0]]
    found = similar(name, known)
    return found.replace("`", "`@", 1) if found else None


def arguments(c, attribute):
    """Report what is no literal, and names that are given twice."""
    names = set()
    for arg in attribute.args:
        value = arg.value if arg.__class__ is ast.NamedArg else arg
        if not literal(value):
            c.error("E0671", f"an argument of `@{attribute.name}` is a literal", value.pos,
                    "it is a number, a string, true, false, None, or a list of these")
        if value is not arg:
            if arg.name in names:
                c.error("E0671", f"`{arg.name}` is given twice", arg.pos)
            names.add(arg.name)


def literal(node):
    """Is it a literal that attributes can have?"""
    if node.__class__ is ast.Unary and node.op == "-":
        node = node.operand
        return node.__class__ in (ast.Int, ast.Float)
    if node.__class__ is ast.List:
        return all(literal(item) for item in node.items)
    return node.__class__ in (ast.Int, ast.Float, ast.String, ast.Bool, ast.NoneLit)


def known(c, attribute, node, target):
    """Check an attribute of the language."""
    name, args, rule = attribute.name, attribute.args, KNOWN[attribute.name]
    if target not in rule.targets:
        places = [_PLURAL[place] for place in rule.targets if place in _PLURAL]
        c.error("E0670", f"`@{name}` has no meaning for a {target}", attribute.pos, f"it stands before {' and '.join(places)}", end(attribute))
        return
    if not rule.least <= len(args) <= rule.most or any(arg.__class__ is not ast.String for arg in args):
        wanted = "no arguments" if rule.most == 0 else "a string" if rule.least else "at most a string"
        c.error("E0671", f"`@{name}` takes {wanted}", attribute.pos, end=end(attribute))
    elif name in ("export", "symbol") and args and not (args[0].value.isascii() and args[0].value.isidentifier()):
        c.error("E0671", f"`{args[0].value}` cannot be the name of a C function", args[0].pos)
    elif name in ("test", "bench") and any(p.default is None and not p.rest for p in node.function.params):
        c.error("E0670", f"`@{name}` stands before a function that is called without arguments", attribute.pos, end=end(attribute))
    elif name == "deprecated" and target in (FUNCTION, INNER, EXTERN):
        node.var.deprecated = node


# --- uses of what is deprecated ---

def reason(node):
    """Why a declaration is deprecated, "" when nobody said; None: it is not."""
    for attribute in getattr(node, "attributes", None) or ():
        if attribute.name == "deprecated":
            return attribute.args[0].value if attribute.args and attribute.args[0].__class__ is ast.String else ""
    return None


def warn(c, node, declared):
    """Warn of a use of what `declared` declares, if that is deprecated."""
    why = reason(declared)
    if why is not None:
        c.warn("E0673", f"`{node.name}` is deprecated" + (f": {why}" if why else ""), node.pos)


def variable(var):
    """The declaration of a function, class or variant that a variable names, or None."""
    return None if var is None else var.deprecated or getattr(var.info, "node", None)
