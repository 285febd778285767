"""Classes, interfaces and enums: what must hold of a declaration, and the bodies in it.

In:  a Declaration whose members are collected. Out: errors; the types of all members.
Holds: when it is done, every field has a value before it can be read, an override fits what it overrides, and a class has
       every method of its interfaces.
"""
from myna.compiler.check import declare, extern
from myna.compiler.check.checker import Context
from myna.compiler.check.call import constructor, match_arguments
from myna.compiler.check.function import check_body, fits, method, type_when_known
from myna.compiler.check.stmt import block
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import CLASS, DYNAMIC, ENUM, INTERFACE, NONE, Function, substitute
from myna.compiler.types.show import a, show
from myna.compiler.types.unify import assignable


def check(c, decl):
    """Check a declaration and what is nested in it."""
    outer = c.facts, c.context, c.scopes
    c.scopes = c.scope_of[decl]
    c.facts = {}
    if decl.kind == CLASS:
        base_arguments(c, decl)
        implemented(c, decl)
    extern.check_class(c, decl)
    for member in [*decl.members.values(), *decl.statics.values()]:
        if member.kind == "method":
            check_method(c, decl, member)
        else:
            check_field(c, decl, member)
    for item in decl.node.members:
        if item.__class__ is ast.InitDecl:
            c.context = Context(item, NONE, decl.self_type(), decl, False)
            c.context.init = True
            c.facts = {}
            block(c, item.body)
    if decl.kind == ENUM:
        for variant in decl.variants.values():
            for member in variant.params or ():
                t = declare.member_type(c, member)
                if member.node.var is not None:
                    member.node.var.type = t
    c.facts, c.context, c.scopes = outer
    for inner in decl.nested.values():
        if inner.__class__ is model.Declaration:
            check(c, inner)


def check_field(c, decl, member):
    """A field's value fits its type; a field that must have one has one."""
    t = declare.member_type(c, member)
    node = member.node
    value = node.default if node.__class__ is ast.Param else node.value
    if value is not None:
        static = node.__class__ is ast.FieldDecl and node.static
        c.context = Context(node, None, None if static else decl.self_type(), decl, static)
        c.facts = {}
        written = t if node.type is not None else None
        found = c.expr(value, written)
        if written is not None:
            fits(c, value, found, written)
    elif node.__class__ is ast.FieldDecl and node.type is not None and not assignable(NONE, t) and not given_later(decl, member):
        c.error("E0633", f"the field `{member.name}` never gets a value", member.pos,
                f"give it one, make it a parameter of the class, or write {a(model.optional(t))}")
    elif node.type is None and node.__class__ is ast.Param and c.strict:
        c.warn("E0661", f"`{member.name}` has no type, so it is dynamic", member.pos)
    above = overridden(c, decl, member.name)
    if above is not None and above[0].kind == "method" and not (member.node.__class__ is ast.FieldDecl and member.node.static):
        c.error("E0625", f"`{member.name}` is a method in `{above[0].owner.name}`, and a field here", member.pos)


def given_later(decl, member):
    """Does an `init` or any other part of the class assign the field?"""
    if decl.init_order is None:
        decl.init_order = {n.target.name for item in decl.node.members for n in ast.walk(item)
                           if n.__class__ is ast.Assign and n.target.__class__ is ast.Field and n.target.obj.__class__ is ast.This}
    return member.name in decl.init_order


# --- methods ---

def check_method(c, decl, member):
    """A method's body, and what it overrides."""
    static = member.node.static
    d = method(c, member)
    above = None if static else overridden(c, decl, member.name)
    if d.state == 0 and d.node.body is not None:
        check_body(c, d, promised(c, decl, member.name) if above is not None and d.node.result is None else None)
    elif d.node.body is None:
        d.state = 2
    member.type = type_when_known(c, d)
    if static:
        return
    if above is None:
        if member.override and builtin.complete(decl.self_type()):
            names = (n for up in parents(decl) for n in builtin.names(up))
            c.error("E0626", f"`{member.name}` overrides nothing", member.pos, c.similar(member.name, names) or "remove `override`")
        return
    inherited, mapping = above
    if declare.foreign(c, inherited):
        c.error("E0321", f"`{member.name}` is private to the module that declares `{inherited.owner.name}`, whose subclasses in other modules "
                "cannot have one of their own", member.pos, "choose another name")
        return
    if not member.override and not (inherited.owner.node is None) and decl.kind != INTERFACE:
        c.error("E0624", f"`{member.name}` overrides `{inherited.owner.name}.{member.name}`", member.pos,
                f"write `override fun {member.name}`")
    check_override(c, member, inherited, mapping)


def promised(c, decl, name):
    """The result that is written for the method `name` in what `decl` extends or implements, or None."""
    key = decl, name
    if key not in c.promises:
        c.promises[key] = written_above(c, decl, name)
    return c.promises[key]


def written_above(c, decl, name):
    for up in parents(decl):
        found = builtin.find(up, name)
        if found is None or found[0].kind != "method":
            continue
        member, mapping = found
        if member.node is not None and member.node.function.result is None:
            result = promised(c, member.owner, name)
        else:
            t = member.type or declare.member_type(c, member)
            result = t.result if t.__class__ is Function and not t.type_params else None
        if result is not None:
            return substitute(result, mapping) if mapping else result
    return None


def parents(decl):
    """What a declaration extends and implements."""
    return [*((decl.base,) if decl.base is not None else ()), *decl.interfaces]


def overridden(c, decl, name):
    """(Member, mapping) of the member called so in what `decl` extends or implements, or None."""
    if c.declared.get(name) == 1 and own_family(c, decl):
        return None         # nothing else has it: a long chain of classes is not climbed in vain
    for up in parents(decl):
        found = builtin.find(up, name)
        if found is not None:
            return found
    return None


def own_family(c, decl):
    """Are all that `decl` extends and implements declared in this module?"""
    known = c.families.get(decl)
    if known is None:
        known = c.families[decl] = decl in c.scope_of and all([own_family(c, up.decl) for up in parents(decl)])
    return known


def check_override(c, member, inherited, mapping):
    """Report an override whose signature does not fit."""
    wanted = inherited.type or declare.member_type(c, inherited)
    if inherited.kind != "method":
        c.error("E0625", f"`{member.name}` is a field in `{inherited.owner.name}`, and a method here", member.pos)
        return
    if mapping:
        wanted = substitute(wanted, mapping)
    own = member.type
    if wanted.__class__ is not Function or own.__class__ is not Function:
        return
    if len(own.type_params) == len(wanted.type_params) and own.type_params:
        wanted = substitute(wanted, dict(zip(wanted.type_params, own.type_params)))
        own = model.function(own.params, own.result, own.names, own.required, own.rest)
    if inherited.node is not None and inherited.node.function.result is None:
        result = promised(c, member.owner, member.name) or DYNAMIC
        wanted = model.function(wanted.params, result, wanted.names, wanted.required, wanted.rest)
    if own.result is not wanted.result:
        c.promised.setdefault(member.node.function, wanted.result)
    if not assignable(own, wanted):
        c.error("E0625", f"`{member.name}` is {a(own)}, and in `{inherited.owner.name}` it is {a(wanted)}", member.pos)


# --- bases and interfaces ---

def base_arguments(c, decl):
    """The arguments in `extends Base(…)` fit the base's constructor; they see the parameters, but no `this`."""
    node, base = decl.node, decl.base
    args = node.base_args or ()
    c.context = Context(node, None, None, decl, False)
    for param in node.params or ():
        if param.var is not None and hasattr(param.var, "type"):
            member = decl.members.get(param.name)
            if member is not None:
                param.var.type = declare.member_type(c, member)
    if base is None or base.decl.node is None:
        if base is not None and base.decl.signature is None and args:
            for arg in args:
                c.expr(arg)
        elif args:
            for arg in args:
                c.expr(arg.value if arg.__class__ is ast.NamedArg else arg)
        return
    signature = constructor(c, base.decl)
    plain = model.function(signature.params, signature.result, signature.names, signature.required, signature.rest)
    if base.args:
        plain = substitute(plain, model.arguments_of(base))
    call = ast.Call(node.base.pos, ast.Name(node.base.pos, base.decl.name), list(args))
    for arg, param in match_arguments(c, call, plain, base.decl.name):
        t = c.expr(arg, param)
        if param is not None:
            fits(c, arg, t, param, "E0602")


def implemented(c, decl):
    """Report the methods without a body that a class does not have. Those of interfaces above its base are the base's business."""
    if not builtin.complete(decl.self_type()) and any(not up.decl.complete and up.decl.node is not None for up in parents(decl)):
        return
    missing = {}
    own = decl.self_type()
    for up in interfaces(decl):
        for name in (*up.decl.members, *(up.decl.lazy or ())):
            member = builtin.own_member(up.decl, name)
            if member.abstract:
                found = builtin.find(own, member.name)
                if found is None or found[0].abstract:
                    missing[member.name] = (up, member)
                elif found[0].owner is not decl and found[0].owner.kind == CLASS and up in decl.interfaces:
                    inherited_fits(c, decl, found, up, member)
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        up, member = next(iter(missing.values()))
        c.error("E0627", f"`{decl.name}` implements `{show(up)}`, but not {names}", decl.node.pos,
                f"write `override fun {signature_text(c, member)}`")


def inherited_fits(c, decl, found, up, member):
    """Report a method that a class inherits and that does not fit what its interface `up` asks."""
    types = []
    for one, mapping in (found, (member, model.arguments_of(up) if up.args else None)):
        t = one.type or declare.member_type(c, one)
        types.append(substitute(t, mapping) if mapping else t)
    have, wanted = types
    plain = have.__class__ is Function and wanted.__class__ is Function and not have.type_params and not wanted.type_params
    if plain and not assignable(have, wanted):
        owner = found[0].owner.name
        c.error("E0625", f"`{owner}.{member.name}` is {a(have)}, and in `{up.decl.name}` it is {a(wanted)}", decl.node.pos)


def interfaces(decl):
    """The interfaces that a class implements, and all above these, each once."""
    seen, waiting = set(), decl.interfaces[::-1]
    while waiting:
        up = waiting.pop()
        if up.decl not in seen:
            seen.add(up.decl)
            yield up
            waiting += up.decl.interfaces[::-1]


def signature_text(c, member):
    """`name(a: A): R` of a method."""
    t = declare.member_type(c, member)
    params = ", ".join(f"{n or '_'}: {show(p)}" for n, p in zip(t.names, t.params))
    name = member.name if member.node is None else member.node.function.name
    return f"{name}({params})" + (
        "" if t.result is NONE or t.result.loose else f": {show(t.result)}")
