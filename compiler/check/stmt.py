"""Statements.

In:  statement nodes. Out: types of variables, facts behind each statement. Holds: `c.facts` is None behind a statement that
no execution leaves at its end.
"""
from myna.compiler.check import attributes, declare, evolve, extern, flow
from myna.compiler.check.checker import STMT, statement
from myna.compiler.check.expr import stored_element
from myna.compiler.check.function import anchor, check_body, fits, prepare, returned_value
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import (
    BYTES, DYNAMIC, ERROR, INT, NEVER, NONE, STRING, ClassValue, ModuleValue, Nominal, Optional, Record, Tuple, TypeParam)
from myna.compiler.types.show import a
from myna.compiler.types.unify import assignable, join, supertype


def statements(c, body):
    """Check statements in order. What follows a `return` is checked too, with what was known there."""
    dead = False
    for stmt in body:
        if c.facts is None:
            if not dead:
                dead = True
                if stmt.__class__ is not ast.FunDecl:
                    c.warn("E0652", "this is never reached", stmt.pos)
            c.facts = last
        last = c.facts
        STMT[stmt.__class__](c, stmt)
    if dead:
        c.facts = None


@statement(ast.Block)
def block(c, node):
    """A block; its declarations are known in all of it."""
    body = node.body
    outer, variants = c.scopes, c.variants
    for stmt in body:
        if stmt.__class__ in _HOISTED:
            made = enter(c, body)
            statements(c, body)
            leave(c, made)
            break
    else:
        statements(c, body)
    c.scopes, c.variants = outer, variants


_HOISTED = {ast.FunDecl, *declare.DECLARES}


def enter(c, body):
    """Declare the types and functions of a block; what it declares."""
    scope = {}
    c.variants = dict(c.variants)
    made = declare.collect(c, body, scope)
    if scope:
        c.scopes = (*c.scopes, scope)
        declare.settle(c, scope, made)
    for stmt in body:
        if stmt.__class__ is ast.FunDecl:
            foreign = stmt.function.body.__class__ is ast.Extern
            if stmt.attributes:
                attributes.check(c, stmt, attributes.EXTERN if foreign else attributes.FUNCTION if body is c.module.body else attributes.INNER)
            d = c.deferred[stmt.var] = prepare(c, stmt.function, c.scopes, c.context)
            stmt.var.type = d.type
            if foreign:
                extern.check(c, stmt, d.signature)
            elif stmt.attributes:
                extern.exported(c, stmt, d.signature)
    return made


def leave(c, made):
    """Check the classes of a block."""
    from myna.compiler.check.class_ import check
    facts = c.facts
    for decl in made:
        c.facts = {}
        check(c, decl)
    c.facts = facts


@statement(ast.ClassDecl, ast.InterfaceDecl, ast.EnumDecl, ast.TypeAlias, ast.Import, ast.ImportFrom, ast.Global)
def nothing(c, node):
    """Done when the block was entered."""


@statement(ast.FunDecl)
def fun_decl(c, node):
    d = c.deferred[node.var]
    d.facts = c.facts
    if c.context.node is None and c.context.this is None and len(c.scopes) <= 2:
        c.queue.append(d)
    elif d.state == 0:
        check_body(c, d)
    if d.state == 2:
        node.var.type = d.type


@statement(ast.ExprStmt)
def expr_stmt(c, node):
    if c.expr(node.expr, c.wanted.get(node)) is NEVER:
        c.facts = None


@statement(ast.Let)
def let(c, node):
    var, value = node.var, node.value
    declared = declare.type_of(c, node.type) if node.type is not None else None
    if value is None:
        if declared is None:
            var.type = DYNAMIC
            return
        var.type = declared
        c.annotated.add(var)
        if not assignable(NONE, declared):
            c.facts = flow.with_fact(c.facts, var, flow.UNSET)
        return
    if declared is not None:
        c.annotated.add(var)
        var.type = declared
        t = c.expr(value, declared)
        if fits(c, value, t, declared):
            flow.assigned(c, var, t)
    elif var in c.widened:
        var.type = DYNAMIC
        flow.assigned(c, var, c.expr(value))
    else:
        t = c.expr(value)
        var.type = DYNAMIC if t is NONE and var.writes else declare.solid(t)
        if c.strict and var.type is DYNAMIC and t is not ERROR and node.mutable:
            c.warn("E0661", f"`{node.name}` is dynamic", node.pos, f"give it a type: `var {node.name}: …`")
        if var.type is t:
            evolve.carried(c, value, t)
        if t is NONE:
            flow.assigned(c, var, t)
    if var.type is NEVER:
        c.facts = None


@statement(ast.LetPattern)
def let_pattern(c, node):
    from myna.compiler.check.match import pattern
    t = c.expr(node.value)
    evolve.carried(c, node.value, t)
    pattern(c, node.pattern, declare.solid(t), node.mutable)


@statement(ast.Assign)
def assign(c, node):
    target = node.target
    kind = target.__class__
    if kind is ast.Name:
        return assign_name(c, node, target, target.var)
    if kind is ast.Field:
        wanted = field_target(c, target)
        now = c.types.get(target)
    else:
        t = c.expr(target.obj)
        evolve.carried(c, target.obj, t)
        if t.__class__ is Optional:
            c.error("E0613", f"this may be None: it is {a(t)}", anchor(target.obj), "test it with `!= None` first")
            t = ERROR
        key = c.expr(target.index, t.args[0] if t.__class__ is Nominal and t.decl is builtin.MAP else None)
        wanted = stored_element(c, target, t, key)
        now = wanted
    if node.op is not None:
        value = compound(c, node, now if now is not None else ERROR)
    else:
        value = c.expr(node.value, wanted)
    if wanted is not None:
        stored(c, node, value, wanted)
    if kind is ast.Field:
        c.facts = flow.without(c.facts, {target.name})
        key = flow.path(target)
        if key is not None and wanted is not None and wanted.__class__ is Optional and assignable(value, wanted, False) and (
                not value.loose):
            c.facts = flow.with_fact(c.facts, key, value)


def stored(c, node, t, wanted):
    """`fits` for what an assignment stores, a `t`. A compound one computes that, so the place is noted of the assignment itself."""
    fitting = fits(c, node.value, t, wanted)
    if node.op is not None:
        place = c.places.pop(node.value, None)
        if place is not None:
            c.places[node] = place
    return fitting


def compound(c, node, now):
    """The type of `target op value`; the target holds a `now`."""
    made = ast.Binary(node.pos, node.op, node.target, node.value)
    from myna.compiler.check.expr import operate
    t = c.types[node] = operate(c, made, now, c.expr(node.value))
    return t


def assign_name(c, node, target, var):
    """`name = value`: the variable's type is the first value's, if none is written."""
    known = var.type
    if known is None and var.kind == "builtin":
        known = c.expr(target)
    if node.op is not None:
        t = compound(c, node, c.expr(target))
    else:
        t = c.expr(node.value, known) if var in c.annotated else welcome(c, node.value, known)
    c.types[target] = t
    if var in c.annotated or c.outside(var):
        if var in c.own and not known.loose and not stays(t, known):
            c.strayed.add(var)
        if stored(c, node, t, known):
            flow.assigned(c, var, t)
        return
    known = var.type
    if c.strict and not var.explicit and known is None and var.pos == target.pos:
        c.warn("E0660", f"`{var.name}` is declared by this assignment", target.pos, f"write `var {var.name} = …` or `let {var.name} = …`")
    if known is None:
        many = var.writes > (0 if var.explicit else 1)
        if var in c.widened or many and (t is NONE or c.round >= c.last_round):
            var.type = DYNAMIC
        elif t is ERROR and many:
            return
        else:
            var.type = declare.solid(t)
    elif known.evolving or t.evolving:
        evolve.meets(c, node.value, t, known)
    elif not known.loose and t is not ERROR and t is not NEVER and not stays(t, known):
        c.widen(var)
    if var.type is t and t.evolving:
        c.carried.update((target, node.value))
    flow.assigned(c, var, t)


def welcome(c, node, want):
    """The type of an expression that takes the type `want` if it can."""
    count = len(c.errors)
    t = c.expr(node, want)
    if want is None or want.loose or len(c.errors) == count:
        return t
    for code, _, pos, *_ in c.errors[count:]:
        c.reported.discard((code, pos))
    del c.errors[count:]
    for part in ast.walk(node):
        c.places.pop(part, None)
    return c.expr(node)


def stays(t, known):
    """Does a variable that holds a `known` so far keep its type when a `t` is assigned?"""
    return t is known or not t.loose and join(known, t) is known


def field_target(c, target):
    """The type that an assignment to a field needs; DYNAMIC when anything may be stored, None after an error."""
    t = c.expr(target.obj)
    evolve.carried(c, target.obj, t)
    c.types[target] = DYNAMIC
    if t.loose or t is NEVER:
        return DYNAMIC
    if t.__class__ is Optional:
        c.error("E0613", f"this may be None: it is {a(t)}", target.pos, "test it with `!= None` first")
        return None
    if t.__class__ is Record and t.open:
        return DYNAMIC
    from myna.compiler.check.call import member, member_of
    found = builtin.find(t, target.name) if t.__class__ not in (Record, ClassValue, ModuleValue) else None
    if found is not None:
        if declare.foreign(c, found[0]):
            declare.private(c, target, found[0])
            return None
        wanted = member_of(c, found)
        problem = unchangeable(c, found[0])
        if problem:
            c.error("E0630", problem, target.pos)
            return None
    else:
        wanted = member(c, target, t)
        if t.__class__ is ModuleValue and wanted is not ERROR:
            c.error("E0303", f"`{target.name}` of the module `{t.info.name}` cannot be assigned to", target.pos, "only the module itself can assign to its variables")
            return None
        if t.__class__ is ClassValue:
            static = t.decl.statics.get(target.name)
            problem = static is not None and unchangeable(c, static)
            if problem or target.name in t.decl.variants:
                c.error("E0630", problem or f"`{target.name}` cannot be assigned to", target.pos)
                return None
    c.types[target] = wanted
    key = flow.path(target)
    if key is not None and c.facts and key in c.facts:
        c.types[target] = c.facts[key]
    return None if wanted is ERROR else wanted


def unchangeable(c, member):
    """Why a member cannot be assigned to here, or None."""
    if member.kind == "method":
        return f"`{member.name}` is a method, so it cannot be assigned to"
    if member.mutable or member.owner.node is None and not builtin.complete(member.owner.self_type()) and member.name != "length":
        return None
    if c.context.decl is member.owner and c.context.init:
        return None
    return f"`{member.name}` is declared with `let`, so it cannot be assigned to again" if member.node is not None else (
        f"`{member.name}` cannot be assigned to")


# --- control ---

@statement(ast.If)
def if_(c, node):
    """A chain of `else if` is walked in a loop."""
    after = None
    while True:
        yes, no = flow.condition(c, node.cond)
        before = c.facts
        c.facts = yes
        branch(c, node.then, before)
        after = flow.merge(after, c.facts)
        c.facts = no
        rest = node.orelse
        if rest.__class__ is not ast.If:
            break
        if no is None:
            c.facts = before        # never reached, but checked
        node = rest
    if rest is not None:
        branch(c, rest, before)
    c.facts = flow.merge(after, c.facts)


def branch(c, node, before):
    """A block that is never reached where the condition tells so: it is checked, and what it leaves does not count."""
    if c.facts is None:
        c.facts = before
        block(c, node)
        c.facts = None
    else:
        block(c, node)


@statement(ast.While)
def while_(c, node):
    flow.forget(c, node)
    yes, no = flow.condition(c, node.cond)
    loop(c, node.body, yes, no)


def loop(c, body, facts, after):
    """A loop's body; `after` is what is known when its condition ends it."""
    outer, c.breaks = c.breaks, []
    before = c.facts
    c.facts = facts
    branch(c, body, before)
    for facts in c.breaks:
        after = flow.merge(after, facts)
    c.breaks = outer
    c.facts = after


@statement(ast.For)
def for_(c, node):
    t = c.expr(node.iterable)
    evolve.carried(c, node.iterable, t)
    element = element_of(c, node.iterable, t)
    if element.__class__ is model.Open:
        element = DYNAMIC
    flow.forget(c, node)
    name = node.name
    if isinstance(name, str):
        node.var.type = declare.solid(element)
        if node.var.writes and element is NONE:
            node.var.type = DYNAMIC
    else:
        from myna.compiler.check.match import pattern
        pattern(c, name, element, True)
    loop(c, node.body, c.facts, c.facts)


def element_of(c, node, t):
    """The type of the values that a loop over a `t` gives."""
    if t.loose or t is NEVER:
        return DYNAMIC
    if t.__class__ is Optional:
        c.error("E0613", f"this may be None: it is {a(t)}", anchor(node), "test it with `!= None` first, or write `?? []`")
        return ERROR
    if t is STRING:
        return STRING
    if t is BYTES:
        return INT
    if t.__class__ is Nominal or t.__class__ is TypeParam and t.bound is not None:
        if t.__class__ is Nominal and t.decl is builtin.MAP:
            return model.tuple_of(t.args)
        up = supertype(t if t.__class__ is Nominal else t.bound, builtin.ITERABLE)
        if up is not None:
            return up.args[0]
        for name in ("next", "iter"):
            found = builtin.find(t, name)
            if found is not None:
                from myna.compiler.check.call import member_of
                return given_by(name, member_of(c, found))
        if t.__class__ is TypeParam or not builtin.complete(t):
            return DYNAMIC
    elif t.__class__ in (Record, Tuple):
        return DYNAMIC
    c.error("E0612", f"{a(t)} has no elements to go through", anchor(node), "write `0..n` to count" if t is INT else None)
    return ERROR


def given_by(name, method):
    """The type of the values of a loop over something that has the method `next` or `iter`."""
    if method.__class__ is not model.Function or method.result.loose:
        return DYNAMIC
    if name == "next":
        return method.result
    over = method.result
    up = supertype(over, builtin.ITERABLE) if over.__class__ is Nominal else None
    return up.args[0] if up is not None else STRING if over is STRING else DYNAMIC


@statement(ast.Break)
def break_(c, node):
    c.breaks.append(c.facts)
    c.facts = None


@statement(ast.Continue)
def continue_(c, node):
    c.facts = None


@statement(ast.Return)
def return_(c, node):
    if c.context.node is None or c.context.init:    # resolving has reported a value that `init` returns
        if node.value is not None:
            c.expr(node.value)
    else:
        returned_value(c, node, node.value)
    c.facts = None


@statement(ast.Throw)
def throw(c, node):
    c.expr(node.value)
    c.facts = None


@statement(ast.Try)
def try_(c, node):
    before = c.facts
    block(c, node.body)
    after = c.facts
    c.facts = before
    flow.forget(c, node.body)
    caught = c.facts
    for clause in node.catches or ():
        c.facts = caught
        catch(c, clause)
        after = flow.merge(after, c.facts)
    if node.final_body is not None:
        c.facts = before
        flow.forget(c, node)
        block(c, node.final_body)
        after = None if c.facts is None or after is None else flow.without(after, flow.writes(c, node.final_body))
    c.facts = after


def catch(c, node):
    """One `catch`: its variable has the written type."""
    t = declare.type_of(c, node.type) if node.type is not None else DYNAMIC
    if node.var is not None:
        node.var.type = t
    block(c, node.body)
