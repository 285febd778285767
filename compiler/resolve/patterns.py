"""Patterns: of `match`, `let`, `for`. Which names they bind, which are enum variants.

In:  a `resolver.Resolver` and pattern nodes. Out: the `var` of PName, PType and PConstructor; an Arm's `scope` is the list of
the variables that it binds.
Holds: every alternative of a pattern binds the same variables.
"""
from myna.compiler.resolve import types, walk
from myna.compiler.resolve.scopes import UNKNOWN, Region, Variable
from myna.compiler.syntax import ast


def names(r, pattern, binds=False):
    """Name -> the nodes that bind it, in order. With `binds`, a plain name is never a variant (`let`, `for`)."""
    found = {}
    collect(r, pattern, binds, found)
    return found


def collect(r, pattern, binds, found):
    """Add what `pattern` binds to `found`, and resolve the types and constructors in it."""
    kind = pattern.__class__
    if kind is ast.PName:
        if binds or not constant(r, pattern):
            bind(r, pattern, found)
    elif kind is ast.PType:
        types.use(r, pattern.type)
        if pattern.name is not None:
            bind(r, pattern, found)
    elif kind is ast.PConstructor:
        constructor(r, pattern)
    if kind is ast.POr:
        alternatives(r, pattern, binds, found)
    for part in PARTS.get(kind, no_parts)(pattern):
        collect(r, part, binds, found)


def no_parts(pattern):
    return ()


PARTS = {
    ast.PConstructor: lambda p: p.args or (), ast.PTuple: lambda p: p.items, ast.PRecord: lambda p: [part for _, part in p.fields],
    ast.PList: lambda p: [*p.items, *([p.rest] if p.rest is not None else [])],
}


def bind(r, node, found):
    if node.name in found:
        r.error("E0304", f"`{node.name}` is bound twice in this pattern", node)
    found.setdefault(node.name, []).append(node)


def constant(r, node):
    """Whether a name in a pattern is a variant without parameters, in sight here."""
    var = types.static_name(r, node.name)
    if var is not None and types.is_variant(var) and var.info.constant is None:
        count = len(var.info.params)
        r.error("E0643", f"`{node.name}` has {count} part{'s' * (count != 1)}", node, f"write `{node.name}({', '.join('_' * count)})`")
        return False
    if var is None or not getattr(var.info, "constant", None):
        return False
    node.var = var
    return True


def constructor(r, node):
    """Resolve `Name(…)` in a pattern."""
    node.var = types.static_name(r, node.name)
    if node.var is not None and node.var.kind is UNKNOWN:
        node.var = None
        return
    kind = getattr(getattr(node.var, "info", None), "kind", None)
    if kind not in ("variant", "class"):
        r.error("E0315", f"`{node.name}` is no class and no variant of an enum", node)
        node.var = None
        return
    given, wanted = len(node.args or ()), len(node.var.info.params)
    if given != wanted:
        r.error("E0315", f"`{node.name}` has {wanted} field{'s' * (wanted != 1)}, the pattern {given}", node)


def alternatives(r, node, binds, found):
    first = None
    for alternative in node.alternatives:
        own = names(r, alternative, binds)
        if first is None:
            first = own
            continue
        if own.keys() != first.keys():
            odd = sorted(own.keys() ^ first.keys())[0]
            r.error("E0315", f"`{odd}` is not bound by every alternative", node, width=1)
        for name, nodes in own.items():
            first.setdefault(name, []).extend(nodes)
    for name, nodes in (first or {}).items():
        if name in found:
            r.error("E0304", f"`{name}` is bound twice in this pattern", nodes[0])
        found.setdefault(name, []).extend(nodes)


def variables(r, pattern, binds=False):
    """New variables for what `pattern` binds, not in sight yet."""
    out = []
    for name, nodes in names(r, pattern, binds).items():
        var = Variable(name, r.scope, nodes[0].pos, True, binds)
        for node in nodes:
            node.var = var
        out.append(var)
    return out


def show(r, variables):
    """The variables come in sight, with their values."""
    for var in variables:
        r.settle_declaration(var)
        r.visible.setdefault(var.name, []).append(var)


# --- constructs ---

def declare_let(r, node, add):
    for name, nodes in names(r, node.pattern, True).items():
        var = add(nodes[0], name, node.mutable)
        for one in nodes:
            one.var = var


def let_pattern(r, node):
    walk.WALK[node.value.__class__](r, node.value)
    for var in bound(node.pattern):
        r.settle_declaration(var)


def bound(pattern):
    """The variables that a resolved pattern binds, in order, each once."""
    out = {}
    for node in ast.walk(pattern):
        if node.__class__ is ast.PName or node.__class__ is ast.PType:
            if node.var is not None and node.var.info is None:
                out[node.var] = None
    return list(out)


def match(r, node):
    walk.WALK[node.subject.__class__](r, node.subject)
    for arm in node.arms:
        outer = r.region
        r.region = region = Region(outer.repeats)
        arm.scope = variables(r, arm.pattern)
        show(r, arm.scope)
        if arm.guard is not None:
            walk.WALK[arm.guard.__class__](r, arm.guard)
        walk.WALK[arm.body.__class__](r, arm.body)
        walk.hide(r, arm.scope)
        r.seq += 1
        region.end = r.seq
        r.region = outer


def for_stmt(r, node):
    walk.WALK[node.iterable.__class__](r, node.iterable)
    if node.name.__class__ is str:
        node.var = Variable(node.name, r.scope, node.pos, True)
        own = [node.var]
    else:
        own = variables(r, node.name, True)
    for var in own:
        r.visible.setdefault(var.name, []).append(var)
    walk.loop_body(r, node.body, own)
    walk.hide(r, own)


walk.DECLARE[ast.LetPattern] = declare_let
walk.WALK[ast.LetPattern] = let_pattern
walk.WALK[ast.Match] = match
walk.WALK[ast.For] = for_stmt
