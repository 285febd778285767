"""`match` and patterns.

In:  Match, Receive and pattern nodes. Out: their types; types of the variables that patterns bind.
Holds: a pattern that cannot match the type it is given is reported once; what it binds has a type all the same.
"""
from myna.compiler.check import declare, evolve, flow
from myna.compiler.check.checker import expression
from myna.compiler.check.exhaustive import constructor_of, examine, is_none
from myna.compiler.check.expr import settled_join
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import (
    CLASS, DYNAMIC, ENUM, ERROR, NEVER, NONE, Declaration, Nominal, Optional, Record, Tuple, plain)
from myna.compiler.types.show import a
from myna.compiler.types.unify import bind, join, join_parts, possible


@expression(ast.Match)
def match(c, node, want):
    t = c.expr(node.subject)
    evolve.carried(c, node.subject, t)
    errors = len(c.reported)
    result = arms(c, node, t, want)
    if len(c.reported) == errors or not c.errors:
        examine(c, node, node.arms, t)
    return result


def arms(c, node, t, want):
    """The common type of the arms of a `match` or `receive`; `t` is the subject's type."""
    subject = flow.path(node.subject) if node.__class__ is ast.Match else None
    before, after, result, left = c.facts, None, ERROR, t
    for arm in node.arms:
        c.facts = before
        matched = pattern(c, arm.pattern, left)
        if subject is not None and before is not None and matched is not left and not matched.loose:
            c.facts = flow.with_fact(before, subject, matched)
        elif subject is not None and before is not None and left is not t:
            c.facts = flow.with_fact(before, subject, left)
        if arm.guard is not None:
            yes, _ = flow.condition(c, arm.guard)
            c.facts = yes if yes is not None else c.facts
        elif is_none(arm.pattern) and left.__class__ is Optional:
            body, leaves = arm_body(c, arm.body, want)
            result, after, left = together(result, body, want), flow.merge(after, leaves), left.inner
            continue
        body, leaves = arm_body(c, arm.body, want)
        result, after = together(result, body, want), flow.merge(after, leaves)
    c.facts = after if node.arms else before
    if c.facts is None and before is not None:
        c.facts = before if result is not NEVER else before
    return result if result is not ERROR else DYNAMIC


def together(result, body, want):
    return body if result is ERROR else settled_join(result, body, want)


def arm_body(c, body, want):
    """(type of an arm's body, what is known behind it). A block gives its last statement's value if that is an expression."""
    if body.__class__ is ast.Block:
        from myna.compiler.check.stmt import block
        last = body.body[-1] if body.body else None
        gives = last.__class__ is ast.ExprStmt
        if gives:
            c.wanted[last] = want
        block(c, body)
        return (NEVER, None) if c.facts is None else (c.types[last.expr] if gives else NONE, c.facts)
    t = c.expr(body, want)
    return t, None if t is NEVER else c.facts


# --- patterns ---

def pattern(c, node, t, mutable=False):
    """Check a pattern for values of type `t`; returns the narrower type of what it matches."""
    return PATTERN[node.__class__](c, node, t)


def wild(c, node, t):
    return t


def literal(c, node, t):
    found = c.expr(node.value)
    if not possible(t, found):
        never(c, node, t, found)
    return found if found is NONE else t


def never(c, node, t, found):
    """Report a pattern that matches no value of its type."""
    c.error("E0642", f"this pattern is for {a(found)}, and the value is {a(t)}", node.pos)


def bound(c, var, t):
    """A pattern's variable holds a `t`. Alternatives bind one variable several times."""
    if var is None:
        return
    if t.__class__ is model.Open:
        t = DYNAMIC
    if var in c.bound_now and var.type is not None:
        t = join(var.type, t)
    c.bound_now.add(var)
    var.type = declare.solid(t) if t is not NONE or not var.writes else DYNAMIC


def name(c, node, t):
    variant = constructor_of(c, node, t)
    if variant is None:
        if node.var is None or getattr(node.var, "info", None) is None:     # else another module's variant
            bound(c, node.var, t)
        return t
    if variant.params:
        c.error("E0643", f"`{variant.name}` has {count(variant.params)}", node.pos,
                f"write `{variant.name}({', '.join('_' * len(variant.params))})`")
    return of_variant(c, node, variant, t)


def count(params):
    return f"{len(params)} part{'s' * (len(params) != 1)}"


def of_variant(c, node, variant, t):
    """The type of what an enum's constructor matches."""
    decl = variant.owner
    have = plain(t)
    if have.__class__ is Nominal and have.decl is decl:
        return have
    whole = model.instance(decl, [DYNAMIC] * len(decl.type_params))
    if not possible(t, whole):
        never(c, node, t, whole)
    return whole


def typed(c, node, t):
    wanted = declare.type_of(c, node.type)
    if not possible(t, wanted):
        never(c, node, t, wanted)
    if node.name is not None:
        bound(c, node.var, wanted)
    return wanted


def constructor(c, node, t):
    variant = constructor_of(c, node, t)
    if variant is not None:
        whole = of_variant(c, node, variant, t)
        types = [declare.member_type(c, m) for m in variant.params or ()]
        mapping = model.arguments_of(whole)
        parts(c, node, variant.name, [model.substitute(p, mapping) for p in types])
        return whole
    decl = class_of(c, node)
    if decl is None:
        for arg in node.args:
            pattern(c, arg, ERROR)
        return t
    c.pattern_classes[node] = decl
    whole = class_type(decl, plain(t))
    if not possible(t, whole):
        never(c, node, t, whole)
    mapping = model.arguments_of(whole)
    parts(c, node, decl.name, [model.substitute(declare.member_type(c, m), mapping) for m in decl.params])
    return whole


def class_of(c, node):
    """The class that a constructor pattern names, or None."""
    first, *rest = node.name.split(".")
    item = declare.look_up(c, first)
    for part in rest:
        if hasattr(item, "statics") and item.__class__ is not Declaration:
            item = declare.exported_type(item.statics.get(part))
        elif item.__class__ is Declaration:
            item = item.nested.get(part)
    if item.__class__ is Declaration and item.kind == CLASS and item.node is not None:
        return item
    return None


def class_type(decl, t):
    """`decl` as the type of a part of the values of type `t`, with the type arguments that this implies."""
    mapping = dict.fromkeys(decl.type_params)
    if t.__class__ is Nominal and mapping:
        from myna.compiler.types.unify import supertype
        up = supertype(decl.self_type(), t.decl)
        if up is not None:
            bind(up, t, mapping)
    return model.instance(decl, [mapping[p] or DYNAMIC for p in decl.type_params])


def parts(c, node, called, types):
    """The patterns between a constructor's parentheses."""
    if len(node.args) != len(types):
        c.error("E0643", f"`{called}` has {count(types)}, not {len(node.args)}", node.pos,
                None if node.args or not types else f"write `{called}({', '.join('_' * len(types))})`")
    for number, arg in enumerate(node.args):
        pattern(c, arg, types[number] if number < len(types) else ERROR)


def tuple_(c, node, t):
    have = plain(t)
    items = have.items if have.__class__ is Tuple else None
    if items is not None and len(items) != len(node.items):
        c.error("E0643", f"{a(have)} has {count(items)}, not {len(node.items)}", node.pos)
        items = None
    elif items is None and not have.loose and have.__class__ is not model.TypeParam and not (
            have.__class__ is Nominal and not builtin.complete(have)):
        never(c, node, t, model.tuple_of([DYNAMIC] * len(node.items)))
    for number, item in enumerate(node.items):
        pattern(c, item, items[number] if items is not None else DYNAMIC)
    return have


def list_(c, node, t):
    have = plain(t)
    element = DYNAMIC
    if have.__class__ is Nominal and have.decl in (builtin.LIST, builtin.ARRAY):
        element = have.args[0]
    elif not have.loose and have.__class__ is not model.TypeParam and not possible(have, model.instance(builtin.LIST, [DYNAMIC])):
        never(c, node, t, model.instance(builtin.LIST, [DYNAMIC]))
    for item in node.items:
        pattern(c, item, element)
    if node.rest is not None:
        pattern(c, node.rest, model.instance(builtin.LIST, [element]))
    return have


def record(c, node, t):
    have = plain(t)
    own = dict(have.fields) if have.__class__ is Record and not have.open else None
    for field_name, inner in node.fields:
        found = DYNAMIC
        if own is not None:
            found = own.get(field_name, ERROR)
            if found is ERROR:
                c.error("E0605", f"{a(have)} has no field `{field_name}`", node.pos, c.similar(field_name, own))
        elif have.__class__ is Nominal:
            found = _object_field(c, node, have, field_name)
        pattern(c, inner, found)
    if have.__class__ not in (Record, Nominal, model.TypeParam) and not have.loose:
        never(c, node, t, model.record((), True))
    return have


def _object_field(c, node, have, field_name):
    found = builtin.find(have, field_name)
    if found is not None:
        if declare.foreign(c, found[0]):
            declare.private(c, node, found[0])
            return ERROR
        from myna.compiler.check.call import member_of
        return member_of(c, found)
    if builtin.complete(have):
        c.error("E0605", f"{a(have)} has no field `{field_name}`", node.pos, c.similar(field_name, builtin.names(have)))
        return ERROR
    return DYNAMIC


def alternatives(c, node, t):
    result = ERROR
    for part in node.alternatives:
        result = join_parts(result, pattern(c, part, t))
    return result if not result.loose else t


PATTERN = {ast.PWild: wild, ast.PLiteral: literal, ast.PName: name, ast.PType: typed, ast.PConstructor: constructor,
           ast.PTuple: tuple_, ast.PList: list_, ast.PRecord: record, ast.POr: alternatives}
