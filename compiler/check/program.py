"""Checks one module: the rounds, and the order of its parts.

In:  a resolved tree and its Source. Out: `Checked`. Holds: module-level statements come first, so that the bodies
of functions and classes know the types of all module variables.
"""
from myna.compiler.check import call, class_, declare, evolve, expr, format, function, match, stmt   # noqa: F401  they fill the dispatch tables
from myna.compiler.check.checker import ROUNDS, Checker
from myna.compiler.check.strict import warn
from myna.compiler.syntax import ast
from myna.compiler.types.checked import Checked
from myna.compiler.types.model import CLASS, Declaration


def check(module, source, strict=False, lint=False, errors=(), library=False, earlier=None):
    """Check a resolved module; returns Checked. `lint` and `strict`: what to warn of, see `Options`. Raises CompileError with all
    errors; `errors` are those that were found before. `library`: it is a file of methods of predefined types. `earlier`: the
    scopes.Earlier of an input of a session."""
    widened, results, elements = set(), {}, {}
    for number in range(ROUNDS + 1):
        c = Checker(module, source, strict)
        c.round, c.last_round = number, ROUNDS
        c.widened, c.results, c.library, c.elements = widened, results, library, elements
        if earlier is not None:
            declare.enter_earlier(c, earlier)
        _round(c)
        if not (c.again or evolve.decide(c)):
            break
        _forget(c)
        for node in [node for node, t in results.items() if t.evolving]:
            del results[node]
    for decl in c.scope_of:
        if decl.__class__ is Declaration:
            signatures(c, decl)
    if strict or lint:
        warn(c)
    return Checked(c.types, c.places, c.functions, c.promised, c.type_args, c.finish(errors))


def signatures(c, decl):
    """Know how a class, or an enum's variants, are called: other modules cannot find that out."""
    if decl.kind == CLASS:
        call.constructor(c, decl)
    for variant in decl.variants.values():
        expr.variant_value(c, variant, None)


def _round(c):
    body = c.module.body
    made = stmt.enter(c, body)
    if len(c.scopes) == 1:
        c.scopes = (*c.scopes, {})
    stmt.statements(c, body)
    for d in c.queue:
        if d.state == 0:
            function.check_body(c, d)
        if d.node is not None:
            d.facts = {}
    for decl in made:
        class_.check(c, decl)
    for var, d in c.deferred.items():
        if var.__class__ is not ast.Function and d.type is not None:
            var.type = d.type


def _forget(c):
    """Take the types of all variables away: they are found anew."""
    for node, t in c.types.items():
        if node.__class__ is ast.Name and node.var is not None and not c.outside(node.var):
            node.var.type = None
