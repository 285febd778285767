"""Declarations of types, and types as written.

In:  ClassDecl, InterfaceDecl, EnumDecl, TypeAlias and import nodes; type nodes. Out: Declarations in `c.scopes`, the types
that type nodes mean. Holds: a declaration's header (parameters, what it extends) and its members' types are resolved when
they are first needed, so the order of declarations does not matter; a circle among them is reported once.
"""
from myna.compiler.check import attributes, evolve
from myna.compiler.suggest import TYPES
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import (
    CLASS, DYNAMIC, ENUM, ERROR, INTERFACE, NONE, Declaration, Member, Nominal, TypeParam, Variant)
from myna.compiler.types.show import a
from myna.compiler.types.unify import assignable

KINDS = {ast.ClassDecl: CLASS, ast.InterfaceDecl: INTERFACE, ast.EnumDecl: ENUM}
DECLARES = frozenset((*KINDS, ast.TypeAlias, ast.Import, ast.ImportFrom))


class Alias:
    """`type name<params> = type`; `type` is None until it is resolved."""

    __slots__ = ("node", "params", "type", "state")

    def __init__(self, node):
        self.node = node
        self.params = ()
        self.type = None
        self.state = 0


def collect(c, body, scope):
    """Enter what the statements of a block declare into `scope`, in front of `c.scopes`; the Declarations."""
    made = []
    for stmt in body:
        kind = stmt.__class__
        if kind in KINDS:
            made.append(declaration(c, stmt, scope))
        elif kind is ast.TypeAlias:
            scope[stmt.name] = alias = made_alias(stmt)
            c.scope_of[alias] = None
        elif kind is ast.Import:
            info = stmt.var.info if stmt.var is not None else None
            scope[stmt.alias] = info or DYNAMIC
            if info is not None:
                stmt.var.type = model.module_value(info)
        elif kind is ast.ImportFrom:
            for item in stmt.names:
                imported(c, item, scope)
    return made


def enter_earlier(c, earlier):
    """Enter what earlier inputs of a session have declared."""
    c.own, c.strayed = earlier.own, earlier.strayed
    c.scopes[0].update(earlier.types)
    c.variants.update(earlier.variants)


def note_earlier(earlier, name):
    """Note what the checker has to know of a name that an input has declared."""
    for found, noted in ((exported_type(earlier.names[name]), earlier.types), (variant_of(earlier.names[name]), earlier.variants)):
        noted.pop(name, None)
        if found is not None:
            noted[name] = found


def made_alias(node):
    """The Alias of a declaration, which other modules find by its variable."""
    alias = Alias(node)
    if node.var is not None and node.var.info is not None:
        node.var.info.checked = alias
    return alias


def imported(c, item, scope):
    """Enter what `from m import item` makes known."""
    scope[item.alias] = exported_type(item.var) or DYNAMIC
    variant = variant_of(item.var)
    if variant is not None:
        c.variants[item.alias] = variant
    elif item.var is not None and item.var.type is None:
        item.var.type = exported_value(c, item.var)


def exported_type(var):
    """The Declaration, Alias or ModuleInfo that another module's variable names, or None."""
    t = var.type if var is not None else None
    if t.__class__ is model.ClassValue:
        return t.decl
    info = getattr(var, "info", None)
    return getattr(info, "checked", None) or (info if hasattr(info, "statics") and not hasattr(info, "kind") else None)


def type_in_module(c, node, info, name):
    """What the type `module.name` means; DYNAMIC after an error."""
    found = exported_type(info.statics.get(name))
    if found is None and variant_of(info.statics.get(name)) is None:
        types = [known for known, var in info.statics.items() if exported_type(var) is not None]
        c.error("E0615", f"the module `{info.name}` has no type `{name}`", node.pos, c.similar(name, types))
    return found or DYNAMIC


def variant_of(var):
    """The Variant that a variable names, or None."""
    info = getattr(var, "info", None)
    if getattr(info, "kind", None) != "variant":
        return None
    enum = info.base.node.var.type
    return enum.decl.variants.get(var.name) if enum.__class__ is model.ClassValue else None


def exported_value(c, var):
    """The type of another module's variable as a value."""
    if var.type is None and var.kind == "builtin":
        var.type = builtin.predefined(var.index)
    return var.type or DYNAMIC


def private(c, node, member):
    """Report the use of a private member of another module's class."""
    c.error("E0321", f"`{member.name}` is private to the module that declares `{member.owner.name}`", node.pos,
            "names that begin with `_` are only for their own module")


def foreign(c, member):
    """Is it a private member of a class that another module declares?"""
    node = member.owner.node
    return member.private and node is not None and member.owner not in c.scope_of and getattr(node, "var", None) not in c.own


def settle(c, scope, made):
    """Give what `collect` has made the scopes it stands in, and resolve all of it."""
    for item in scope.values():
        if item in c.scope_of:
            c.scope_of[item] = c.scopes
    for decl in made:
        place(c, decl, c.scopes)
    for decl in made:
        members_of(c, decl)
    for item in scope.values():
        if item.__class__ is Alias:
            alias_type(c, item)


def declaration(c, node, scope):
    """Enter a class, interface or enum, and what is nested in it."""
    decl = Declaration(node.name, KINDS[node.__class__], node)
    scope[node.name] = ERROR if node.name in scope else decl    # declared twice, it may mean either
    c.scope_of[decl] = None
    c.declarations[node] = decl
    if node.var is not None and hasattr(node.var, "type"):
        node.var.type = model.class_value(decl)
    decl.type_params = tuple(TypeParam(p.name, decl) for p in node.type_params or ())
    if node.attributes:
        attributes.check(c, node, attributes.TYPE)
    for item in node.members:
        if item.__class__ in KINDS:
            declaration(c, item, decl.nested)
        elif item.__class__ is ast.TypeAlias:
            decl.nested[item.name] = made_alias(item)
    if decl.kind == ENUM:
        decl.variance = "+"
        for variant in node.variants:
            if variant.name in decl.variants:
                c.error("E0623", f"`{decl.name}` has two variants called `{variant.name}`", variant.pos)
            if variant.attributes:
                attributes.check(c, variant, attributes.VARIANT)
            decl.variants[variant.name] = c.variants[variant.name] = Variant(variant.name, decl, variant)
    elif decl.kind == INTERFACE:
        decl.variance = "*"
    return decl


def place(c, decl, scopes):
    """Note the scopes of `decl`: what surrounds it, its type parameters, and what is nested in it."""
    own = {p.name: p for p in decl.type_params}
    own.update(decl.nested)
    c.scope_of[decl] = scopes = (*scopes, own) if own else scopes
    for inner in decl.nested.values():
        if inner.__class__ is Alias:
            c.scope_of[inner] = scopes
        else:
            place(c, inner, scopes)


# --- headers and members ---

def header(c, decl):
    """Resolve what `decl` extends and implements. Iterative in nothing: a chain of classes is as deep as it is long."""
    if decl.state == 2 or decl.node is None:
        return
    if decl.state == 1:     # it is above itself: resolving has reported that
        decl.complete = False
        return
    decl.state = 1
    outer, c.scopes = c.scopes, c.scope_of[decl]
    node = decl.node
    for param, written in zip(decl.type_params, node.type_params or ()):
        if written.bound is not None:
            param.bound = type_of(c, written.bound)
    if decl.kind == CLASS:
        if node.base is not None:
            decl.base = above(c, decl, node.base, CLASS)
        decl.interfaces = [t for t in [above(c, decl, i, INTERFACE) for i in node.interfaces or ()] if t]
    elif decl.kind == INTERFACE:
        decl.interfaces = [t for t in [above(c, decl, i, INTERFACE) for i in node.bases or ()] if t]
    c.scopes = outer
    parents = [*((decl.base,) if decl.base is not None else ()), *decl.interfaces]
    if len(parents) == 1 and not decl.type_params:
        decl.only_above = parents[0]
    decl.state = 2


def above(c, decl, node, kind):
    """The class or interface that `decl` names as being above it, or None after an error."""
    t = type_of(c, node, bounds=False)
    if t.loose:
        decl.complete = False
        return None
    if t.__class__ is not Nominal or t.decl.kind != kind:   # resolving has reported what cannot stand there
        decl.complete = False
        return None
    if t.decl.state != 2:
        header(c, t.decl)
        if t.decl.state == 1:
            decl.complete = False
            return None
    return t


_TARGETS = {ast.FieldDecl: attributes.FIELD, ast.MethodDecl: attributes.METHOD}


def members_of(c, decl):
    """Collect the members of `decl` and of what is nested in it, without their types."""
    header(c, decl)
    node = decl.node
    if decl.kind == CLASS:
        field_attributes(c, node.params or ())
        for param in node.params or ():
            member = add_member(c, decl, Member(param.name, "field", decl, param, None, True, param.pos), False)
            decl.params.append(member)
    for item in node.members:
        kind = item.__class__
        if kind in _TARGETS and item.attributes:
            attributes.check(c, item, _TARGETS[kind])
        if kind is ast.FieldDecl:
            add_member(c, decl, Member(item.name, "field", decl, item, None, item.mutable, item.pos), item.static)
        elif kind is ast.MethodDecl:
            member = Member(item.name, "method", decl, item, None, False, item.pos)
            member.abstract = item.function.body is None
            member.override = item.override
            if item.override:
                c.overridden.add(item.name)
            add_member(c, decl, member, item.static)
    if decl.kind == ENUM:
        for variant in decl.variants.values():
            if variant.node.params is not None:
                field_attributes(c, variant.node.params)
                variant.params = [Member(p.name, "field", decl, p, None, False, p.pos) for p in variant.node.params]
    for inner in decl.nested.values():
        if inner.__class__ is Alias:
            alias_type(c, inner)
        else:
            members_of(c, inner)


def field_attributes(c, params):
    """Check the attributes of parameters that are fields."""
    for param in params:
        if param.attributes:
            attributes.check(c, param, attributes.FIELD)


def add_member(c, decl, member, static):
    """Enter a member; a second one of its name is reported."""
    name = member.name
    table = decl.statics if static else decl.members
    if name in decl.members or name in decl.statics or name in decl.variants:
        c.error("E0623", f"`{decl.name}` has two members called `{name}`", member.pos)
        return member
    table[name] = member
    c.declared[name] = c.declared.get(name, 0) + 1
    return member


def member_type(c, member):
    """The type of a field or method."""
    if member.type is not None:
        return member.type
    if member.owner not in c.scope_of:      # another module's, which could not tell
        return DYNAMIC
    outer, c.scopes = c.scopes, c.scope_of[member.owner]
    node = member.node
    if member.kind == "method":
        from myna.compiler.check.function import method_type
        member.type = method_type(c, member)
        found, member.type = member.type, None if member.type.result is ERROR else member.type
    elif node.__class__ is ast.Param and node.rest:
        element = DYNAMIC if node.type is None else type_of(c, node.type)
        found = member.type = model.instance(builtin.LIST, [element])
    elif node.type is not None:
        found = member.type = type_of(c, node.type)
    else:
        found = member.type = inferred_field(c, member)
    c.scopes = outer
    return found


def inferred_field(c, member):
    """The type of a field without a written one: its value's when it is a literal or the field cannot change."""
    value = member.node.default if member.node.__class__ is ast.Param else member.node.value
    if value.__class__ in LITERALS:
        t = LITERALS[value.__class__]
        return DYNAMIC if t is NONE else t
    if value is None or member.node.__class__ is ast.Param:
        return DYNAMIC
    member.type = DYNAMIC       # while its own value is looked at
    facts, context = c.facts, c.context
    from myna.compiler.check.checker import Context
    c.facts, c.context = {}, Context(None, None, member.owner.self_type(), member.owner, False)
    c.muted += 1
    t = c.expr(value)
    c.muted -= 1
    if t.evolving:
        evolve.carried(c, value, t)
        evolve.escape(t)        # whoever has the object may store
    c.facts, c.context = facts, context
    return solid(t) if not t.loose and t is not NONE else DYNAMIC


LITERALS = {ast.Int: model.INT, ast.Float: model.FLOAT, ast.String: model.STRING, ast.Interp: model.STRING, ast.Bool: model.BOOL,
            ast.NoneLit: NONE, ast.BigInt: model.BIGINT}


def solid(t):
    """`t` as the type of a variable: what was left open in it may become anything."""
    if t is ERROR or t is model.NEVER:
        return DYNAMIC
    if t.__class__ is Nominal and any(x is model.NEVER or x is ERROR for x in t.args):
        return model.instance(t.decl, [DYNAMIC if x is model.NEVER or x is ERROR else x for x in t.args])
    return t


# --- types as written ---

def type_of(c, node, bounds=True):
    """The type that a type node means. `bounds`: check those of its arguments now."""
    kind = node.__class__
    if kind is ast.TypeName:
        t = named(c, node, bounds)
    elif kind is ast.TypeOptional:
        t = model.optional(type_of(c, node.inner, bounds))
    elif kind is ast.TypeFunction:
        params = [type_of(c, p, bounds) for p in node.params]
        t = model.function(params, NONE if node.result is None else type_of(c, node.result, bounds))
    elif kind is ast.TypeTuple:
        t = model.tuple_of([type_of(c, i, bounds) for i in node.items])
    else:
        t = model.record([(name, type_of(c, f, bounds)) for name, f in node.fields])
    c.types[node] = t
    return t


def look_up(c, name):
    """What a type's name means here: a Declaration, Alias or Type, or None."""
    for scope in reversed(c.scopes):
        if name in scope:
            return scope[name]
    return model.SIMPLE.get(name) or builtin.BUILTINS.get(name)


def named(c, node, bounds):
    """The type of a TypeName."""
    first, *rest = node.name.split(".")
    item = look_up(c, first)
    if item is None:
        names = (name for scope in (model.SIMPLE, builtin.BUILTINS, *c.scopes) for name in scope)
        c.error("E0615", f"there is no type `{first}`", node.pos, c.similar(first, names, TYPES))
    for name in rest:
        if hasattr(item, "statics") and item.__class__ is not Declaration:
            item = type_in_module(c, node, item, name)
            continue
        if item.__class__ is not Declaration:
            break
        inner = item.nested.get(name)
        if inner is None and item.complete:
            c.error("E0615", f"`{item.name}` has no type `{name}` in it", node.pos, c.similar(name, item.nested))
        item = inner
    if item is None:
        for arg in node.args or ():
            type_of(c, arg, bounds)
        return ERROR
    args = [type_of(c, arg, bounds) for arg in node.args or ()]
    if item.__class__ is Alias:
        return _of_alias(c, node, item, args)
    if item.__class__ is not Declaration:
        if args and not item.loose:
            c.error("E0616", f"`{node.name}` takes no type arguments", node.pos)
        return item
    return instantiate(c, node, item, args, bounds)


def instantiate(c, node, decl, args, bounds=True):
    """The type `decl<args>`. Without arguments a generic type's are dynamic."""
    params = decl.type_params
    if not args:
        return model.instance(decl, [DYNAMIC] * len(params))
    if not check_count(c, node, decl.name, params, args):
        return model.instance(decl, [DYNAMIC] * len(params))
    if bounds and decl.node is not None:
        header(c, decl)
        check_bounds(c, node, params, args)
    return model.instance(decl, args)


def check_count(c, node, name, params, args):
    """Are there as many type arguments as parameters?"""
    if len(args) == len(params):
        return True
    wanted = f"{len(params)} type argument{'s' * (len(params) != 1)}" if params else "no type arguments"
    c.error("E0616", f"`{name}` takes {wanted}, not {len(args)}", node.pos)
    return False


def check_bounds(c, node, params, args, written=None):
    """Report the arguments that are outside the bounds of their parameters."""
    mapping = dict(zip(params, args))
    for number, (param, arg) in enumerate(zip(params, args)):
        if param.bound is not None and arg is not None:
            bound = model.substitute(param.bound, mapping)
            if not satisfies(arg, bound):
                at = written[number] if written else node.args[number] if getattr(node, "args", None) else node
                c.error("E0617", f"{a(arg)} is not allowed for `{param.name}`: it is no {a(bound)}", at.pos)


def satisfies(t, bound):
    """Is the type argument `t` within `bound`?"""
    return assignable(t, bound, False) or t.__class__ is TypeParam and t.bound is not None and satisfies(t.bound, bound)


def alias_type(c, alias):
    """The type that an alias stands for."""
    if alias.state == 2:
        return alias.type
    if alias.state == 1:
        c.error("E0619", f"the type `{alias.node.name}` contains itself", alias.node.pos, "use a class or an enum for a type that contains itself")
        alias.type = ERROR
        return ERROR
    alias.state = 1
    outer = c.scopes
    alias.params = tuple(TypeParam(p.name, alias) for p in alias.node.type_params or ())
    c.scopes = c.scope_of[alias] or c.scopes
    if alias.params:
        c.scopes = (*c.scopes, {p.name: p for p in alias.params})
    t = type_of(c, alias.node.type, False)
    alias.type = ERROR if alias.type is ERROR else t
    c.scopes = outer
    alias.state = 2
    return alias.type


def _of_alias(c, node, alias, args):
    t = alias_type(c, alias)
    if not alias.params:
        if args:
            c.error("E0616", f"`{node.name}` takes no type arguments", node.pos)
        return t
    if not args:
        args = [DYNAMIC] * len(alias.params)
    elif not check_count(c, node, node.name, alias.params, args):
        return ERROR
    return model.substitute(t, dict(zip(alias.params, args)))
