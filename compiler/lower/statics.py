"""What is known while compiling: classes as tables of the program, members of classes by name, `this` and `super`.

In:  nodes, `Variable`s and `ClassInfo`s. Out: `program.Class`es, numbers of classes and fields, Variables of members.
Holds: a class enters the program's table after its superclass and its interfaces, when something first needs it.
"""
from itertools import takewhile
from typing import NamedTuple

from myna.compiler.bytecode.program import C_KINDS, Class, Method, Type
from myna.compiler.resolve.classes import INTERFACES, ClassInfo
from myna.compiler.resolve.modules import ModuleInfo, public
from myna.compiler.resolve.scopes import REGISTER, Scope, Variable
from myna.compiler.syntax import ast
from myna.compiler.types import members, model
from myna.compiler.types.model import DYNAMIC

# --- tables ---

def type_of(f, info):
    """The constant that names a class."""
    return Type("class", number(f, info))


def number(f, info):
    """The index of a class in the program's table, where it and all above it are entered if they are not there."""
    linking = f.module.linking
    if info.kind == "machine":
        return linking.outside_class(info.name)
    if info in linking.foreign:
        return linking.outside_class(info)
    if info not in linking.classes:
        missing_ones = [*takewhile(lambda each: each not in linking.classes and each not in linking.foreign and each.kind != "machine",
                                  info.ancestors())]
        for ancestor in reversed(missing_ones):
            enter(f, ancestor)
    return linking.classes[info]


class Renamed(NamedTuple):
    """A method whose parameters have other names than those of one that it overrides. `above`: all above its class, as numbers of
    the module's classes."""
    above: tuple
    class_: str
    method: str
    names: tuple


def renamed(f, info):
    """Note the methods of a class whose parameters have other names than in what they override."""
    decl = declaration(info)
    above = supertypes(decl) if decl is not None else ()
    for name, scope in info.methods.items() if above else ():
        names = tuple([param.name for param in scope.node.params])
        for t in above:
            found = members.find(t, name)
            known = getattr(found[0].type, "names", ()) if found is not None else ()
            if names[:len(known)] != known:
                numbers = tuple([number(f, each) for each in info.all_above()])
                f.module.linking.renamed.append(Renamed(numbers, info.name, name, names))
                break


def supertypes(decl):
    """What a class of the program inherits from classes of the program, and the predefined interfaces that it implements."""
    base = [decl.base] if decl.base is not None and decl.base.decl.node is not None else []
    return [*base, *decl.interfaces]


def declaration(info):
    """The checker's Declaration of a class, or of a variant's enum; None for a class of the machine."""
    node = info.base.node if info.kind == "variant" else info.node
    t = None if info.kind == "machine" else getattr(node.var, "type", None)
    return t.decl if t.__class__ is model.ClassValue else None


def predefined_interfaces(info):
    """The ClassInfos of the predefined interfaces that a class names."""
    decl = declaration(info) if info.kind in ("class", "interface") else None
    return [INTERFACES[t.decl.name] for t in decl.interfaces if t.decl.node is None] if decl is not None else []


def enter(f, info):
    """Enter one class; its superclass is there."""
    linking, base = f.module.linking, info.base
    interfaces = [number(f, interface) for interface in [*info.interfaces, *predefined_interfaces(info)]]
    table = linking.program.classes
    entry = Class(info.name, None if base is None else number(f, base), structural=info.kind == "variant", interface=info.kind == "interface")
    inherited = len(base.slots) if base is not None else 0
    entry.fields = list(info.slots)[inherited:]
    entry.interfaces = interfaces
    entry.methods = [Method(name, linking.method(scope).index) for name, scope in info.methods.items()]
    entry.methods += linking.describe(f, info)
    entry.c = c_kind(info)
    renamed(f, info)
    linking.classes[info] = len(table)
    table.append(entry)
    linking.entered.append((f, info, entry))


def c_kind(info):
    """What C sees of a class's instances: a place in C_KINDS."""
    for attribute in getattr(info.node, "attributes", None) or ():
        if attribute.name == "c":
            return C_KINDS.index(attribute.args[0].value if attribute.args else "struct")
    return 0


# --- members that are known while compiling ---

MISSING = Variable("(missing)", None, 0, True)      # after an error
DEEPEST = 8     # names in a path such as `module.Class.Nested.Variant`; longer chains are fields of values


def static(f, node):
    """The Variable that a name means, or a path of names through classes; None for anything else."""
    path, depth = [], 0
    while node.__class__ is ast.Field and depth < DEEPEST:
        path.append(node)
        node = node.obj
        depth += 1
    if node.__class__ is not ast.Name:
        return None
    var = node.var
    while path:
        node = path.pop()
        info = var.info
        if info.__class__ is ModuleInfo:
            var = info.statics.get(node.name)
        elif info.__class__ is ClassInfo and info.constant is None:
            var = member(info, node.name)
        else:
            return None
        if var is None:
            missing(f, info, node)
            return MISSING
    return var


def missing(f, info, node):
    """Report a member that a module or class does not have."""
    name = node.name
    if info.__class__ is ClassInfo:
        f.module.error("E0316", f"`{info.name}` has no static member `{name}`", node.pos, len(name))
    elif public(name):
        f.module.error("E0321", f"the module `{info.name}` has no `{name}`", node.pos, len(name))
    else:
        f.module.error("E0321", f"`{name}` is private to the module `{info.name}`", node.pos, len(name))


def member(info, name):
    """A static member of a class or one above it."""
    for ancestor in info.ancestors():
        if name in ancestor.statics:
            return ancestor.statics[name]
    return None


def value(f, var, node, dst):
    """The value of a STATIC variable: a class's constructor, a static function."""
    info = var.info
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    if info.__class__ is Scope:
        f.b.closure(dst, f.module.linking.method(info))
    elif info.__class__ is ClassInfo and info.kind in ("class", "variant", "machine"):
        f.b.closure(dst, f.module.linking.constructor(info))
    return dst


def slot(f, node):
    """The number of the field that `obj.name` surely means, or None."""
    if node.obj.__class__ is ast.This:
        return f.scope.class_.slots.get(node.name)
    found = None if node.safe else field_of(f, node)
    return None if found is None else found[0]


def field_of(f, node):
    """(number, type) of the field that `obj.name` means, where the class of `obj` is certain; else None."""
    t = f.types.get(node.obj, DYNAMIC)
    if t.__class__ is not model.Nominal or t.decl.node.__class__ is not ast.ClassDecl or not certain(f, node.obj, t):
        return None
    number, found = t.decl.node.info.slots.get(node.name), members.find(t, node.name)
    if number is None or found is None or found[0].type is None:
        return None
    member, mapping = found
    return number, model.substitute(member.type, mapping) if mapping else member.type


def class_of(f, node, name):
    """The constant of the class, or the enum, that a value is certain to be an instance of, if that has a method `name`; or None."""
    t = f.types.get(node, DYNAMIC)
    declared = t.__class__ is model.Nominal and t.decl.node.__class__ in (ast.ClassDecl, ast.EnumDecl)
    if not declared or members.find(t, name)[0].owner.node is None:
        return None         # methods of predefined interfaces are no methods of the class
    return type_of(f, t.decl.node.info) if certain(f, node, t) else None


def certain(f, node, t):
    """Is the value of `node` a `t` whatever other functions do meanwhile? A field, or a variable that others assign to, may have
    changed since a test narrowed its type."""
    if node.__class__ is ast.Name:
        var = node.var
        return f.known(var.type) is t or var.kind is REGISTER and var.scope is f.scope
    if node.__class__ is ast.Field:
        known = members.find(f.types.get(node.obj, DYNAMIC), node.name)
        return known is not None and known[0].type is t
    return True


def super_method(f, node):
    """The Scope of the method that `super.name` means, or None after an error."""
    info = f.scope.class_
    for above in [*([info.base] if info.base is not None else []), *info.interfaces]:
        scope = above.find_method(node.name)
        if scope is not None:
            return scope
    f.module.error("E0316", f"nothing above `{info.name}` has a method `{node.name}`", node.pos, len(node.name))
    return None
