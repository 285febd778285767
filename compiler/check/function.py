"""Functions: their signatures, their bodies, and the results that nobody wrote.

In:  Function nodes. Out: Function types. Holds: a function's body is checked once in a round. When its result is needed
earlier, to infer it, it is checked then; a recursive function without a written result gives dynamic, or, when all its
parameters have types, what the round before found.
"""
from myna.compiler.check import attributes, declare, evolve, flow
from myna.compiler.check.checker import Context, Deferred, expression
from myna.compiler.resolve.scopes import Variable
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import DYNAMIC, ERROR, NEVER, NONE, Function, TypeParam
from myna.compiler.types.show import a
from myna.compiler.types.unify import assignable, join


def prepare(c, node, scopes, context, want=None):
    """The Deferred of a function: its signature is known, its body is not looked at. `want` types its parameters."""
    outer = c.scopes
    type_params = ()
    if node.type_params:
        type_params = tuple([TypeParam(p.name, node) for p in node.type_params])
        scopes = (*scopes, {p.name: p for p in type_params})
        c.scopes = scopes
        for param, written in zip(type_params, node.type_params):
            if written.bound is not None:
                param.bound = declare.type_of(c, written.bound)
    c.scopes = scopes
    types, names, required, rest = [], [], None, None
    for number, param in enumerate(node.params):
        if param.attributes:
            attributes.check(c, param, attributes.PARAMETER)
        if param.type is not None:
            t = declare.type_of(c, param.type)
        else:
            t = want.params[number] if want is not None and number < len(want.params) else DYNAMIC
            if t is DYNAMIC and c.strict and want is None:
                c.warn("E0661", f"`{param.name}` has no type, so it is dynamic", param.pos, f"write `{param.name}: dynamic` if that is meant")
        if param.rest:
            rest = t
            held = model.instance(builtin.LIST, [t])
        else:
            if param.default is not None and required is None:
                required = number
            held = t
            types.append(t)
            names.append(param.name)
        if param.var is not None:       # a method without a body has no variables
            param.var.type = held
            if param.type is not None:
                c.annotated.add(param.var)
    written = declare.type_of(c, node.result) if node.result is not None else None
    c.scopes = outer
    d = Deferred(node, scopes, context)
    d.signature = model.function(types, DYNAMIC if written is None else written, names, required, rest, type_params)
    if written is not None or node.body is None:
        d.type = d.signature
    return d


def type_when_known(c, d):
    """The type of a function, after its body was checked if that is what tells its result."""
    if d.type is None:
        if d.state == 1:
            return assumed(c, d)
        check_body(c, d)
    return d.type


def with_result(f, result):
    """`f` with another result."""
    return model.function(f.params, result, f.names, f.required, f.rest, f.type_params)


def assumed(c, d):
    """The type of a function whose result is being inferred."""
    if any(p.type is None for p in d.node.params):
        return d.signature
    d.context.returns += 1
    return with_result(d.signature, evolve.renewed(c, c.results.get(d.node, ERROR)))


def check_body(c, d, hint=None):
    """Check a function's body; returns its result type."""
    node, outer = d.node, (c.facts, c.context, c.scopes, c.breaks)
    d.state = 1
    around = d.context
    d.context = c.context = Context(node, d.type.result if d.type is not None else None, around.this, around.decl, around.static)
    c.context.hint = hint
    c.scopes = d.scopes
    c.facts = inherited(d.facts)
    for param in node.params:
        if param.default is not None:
            declared = None if param.type is None else param.var.type
            t = c.expr(param.default, declared)
            if declared is not None:
                fits(c, param.default, t, declared)
    body = node.body
    if body.__class__ is ast.Block:
        from myna.compiler.check.stmt import block
        block(c, body)
        falls = c.facts is not None
        if falls and d.type is None:
            c.context.returned = join_results(c.context.returned, NONE)
        elif falls:
            missing_return(c, node, d.type.result)
    elif body is not None:
        returned_value(c, body, body)
    result = c.context.returned
    inferred = d.context.returns
    c.facts, c.context, c.scopes, c.breaks = outer
    d.state = 2
    if d.type is None:
        result = NEVER if result is ERROR and body.__class__ is ast.Block else declare.solid(result)
        if inferred and (node not in c.results or evolve.renewed(c, c.results[node]) is not result):
            c.results[node] = result if node not in c.results else DYNAMIC
            c.again = True
        d.type = with_result(d.signature, result)
    c.functions[node] = d.type
    return result


def join_results(known, t):
    """The type of a function that may return a `known` or a `t`."""
    return DYNAMIC if known is not NONE and known is not ERROR and t is NONE else join(known, t)


def inherited(facts):
    """What a function may rely on of what was known where it was made: facts about variables that never change."""
    kept = {}
    for key, t in (facts or {}).items():
        root = key
        if root.__class__ is Variable and root.writes == (0 if root.explicit else 1) and t is not flow.UNSET:
            kept[key] = t
    return kept


def returned_value(c, node, expr):
    """Check what a function returns. `expr` is None for nothing."""
    context = c.context
    wanted = context.result
    t = NONE if expr is None else c.expr(expr, context.hint if wanted is None or wanted.loose else wanted)
    if wanted is None and expr is not None and becomes(t, context.hint):
        c.places[expr] = t = context.hint       # a function literal where one that gives such numbers is expected
    if wanted is None:
        context.returned = join_results(context.returned, t) if context.returned is not NONE or t is NONE else DYNAMIC
        if context.returned is t and expr is not None:
            evolve.carried(c, expr, t)
    elif wanted is NONE and expr is not None and node is expr:
        pass            # `fun f(): None => g()` drops the value
    elif expr is not None:
        fits(c, expr, t, wanted, "E0608", "returns")
    elif not assignable(NONE, wanted):
        c.error("E0608", f"`return` without a value in a function that returns {a(wanted)}", node.pos)


def becomes(t, hint):
    """Does a number become a number of another type where that is expected?"""
    return hint is not t and t.__class__ is model.Number and hint.__class__ is model.Number and assignable(t, hint)


def missing_return(c, node, result):
    """Report the end of a function that must return a value."""
    if result.loose or assignable(NONE, result):
        return
    called = f"`{node.name}`" if node.name else "this function"
    pos = node.result.pos if node.result is not None else node.pos
    if result is NEVER:
        c.error("E0607", f"{called} has the result `never`, but its end can be reached", pos)
    else:
        c.error("E0607", f"{called} must return {a(result)}, but its end can be reached", pos,
                "return a value on every way through it")


CONVERSIONS = {model.INT: "int", model.FLOAT: "float", model.STRING: "str"}


def fits(c, node, t, wanted, code="E0601", verb="is"):
    """Note that the value of `node`, a `t`, goes where a `wanted` is expected; report it unless it fits. True when it fits."""
    if t is wanted:
        c.places.pop(node, None)
        if t.evolving:
            c.carried.add(node)
        return True
    c.places[node] = wanted
    if t.evolving or wanted.evolving:
        evolve.meets(c, node, t, wanted)
    if assignable(t, wanted):
        return True
    inner = model.plain(t)
    if inner is not t and assignable(inner, wanted):
        c.error("E0613", f"this may be None, and {a(wanted)} is needed", anchor(node),
                "test it with `!= None` first, or give another value with `??`")
        return False
    help = None
    if wanted in CONVERSIONS and (inner.__class__ is model.Number or inner is model.STRING):
        help = f"convert it: `{CONVERSIONS[wanted]}(…)`"
    elif t is NONE:
        help = f"a place that may hold None has the type {a(model.optional(wanted))}"
    told = {"is": f"this is {a(t)}, and {a(wanted)} is needed",
            "returns": f"this function returns {a(wanted)}, not {a(t)}"}[verb]
    c.error(code, told, anchor(node), help)
    return False


def anchor(node):
    """The offset of the token that a message about an expression points at."""
    while node.__class__ in (ast.Call, ast.TypeApply) and node.callee.__class__ in (ast.Name, ast.Field, ast.Call, ast.TypeApply):
        node = node.callee
    return node.pos


@expression(ast.Function)
def literal(c, node, want):
    """A function as an expression; its unwritten parameter types come from what is expected here."""
    want = model.plain(want) if want is not None else None
    if want.__class__ is not Function:
        want = None
    d = prepare(c, node, c.scopes, c.context, want)
    d.facts = c.facts
    check_body(c, d, want.result if want is not None and want.result is not NONE else None)
    return d.type


def method_type(c, member):
    """The type of a method."""
    return type_when_known(c, method(c, member))


def method(c, member):
    """The Deferred of a method."""
    node = member.node.function
    d = c.deferred.get(node)
    if d is None:
        decl = member.owner
        static = member.node.static
        this = None if static else decl.self_type()
        scopes = c.scope_of[decl]
        d = c.deferred[node] = prepare(c, node, scopes, Context(None, None, this, decl, static))
        if member.name in c.overridden:
            d.type = d.signature        # an override without a written result may return anything
    return d
