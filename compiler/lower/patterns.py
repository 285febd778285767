"""match, destructuring: patterns as tests and bindings.

In:  `Match`, `LetPattern`, patterns. Out: instructions. Holds: arms are tried in order; a pattern's variables have their
registers before it is tried, and are only read after all of it matched; a pattern uses temporaries, which are free after it.
"""
from myna.compiler.bytecode import primitives
from myna.compiler.bytecode.program import Type
from myna.compiler.lower import types
from myna.compiler.lower.conditions import is_short
from myna.compiler.lower.registers import COND, EXPR, STMT, expression, statement
from myna.compiler.lower.statics import certain, type_of
from myna.compiler.resolve import patterns
from myna.compiler.resolve.classes import machine_classes
from myna.compiler.resolve.scopes import CELL, GLOBAL, REGISTER
from myna.compiler.syntax import ast
from myna.compiler.types.model import ENUM, Nominal

SLICE = primitives.BY_NAME["list.slice"].number
MATCH_ERROR = machine_classes()["MatchError"].info


# --- tests ---

def test(f, pattern, register, fail):
    """Jump to `fail` unless R[register] matches, else fall through with the pattern's variables set."""
    f.b.pos = pattern.pos
    top = f.top
    TESTS[pattern.__class__](f, pattern, register, fail)
    f.top = top


def wild(f, pattern, register, fail):
    """Everything matches."""


def name(f, pattern, register, fail):
    info = pattern.var.info
    if info is not None:
        f.b.jisnt(register, type_of(f, info), fail)
    elif pattern.var.register != register:
        f.b.move(pattern.var.register, register)


def literal(f, pattern, register, fail):
    value = pattern.value
    if value.__class__ is ast.NoneLit:
        f.b.jnotnone(register, fail)
    elif is_short(value):
        f.b.jnei(register, value.value, fail)
    else:
        f.b.jne(register, EXPR[value.__class__](f, value, None), fail)


def typed(f, pattern, register, fail):
    types.branch(f, register, types.constant(f, pattern.type), fail, False)
    if pattern.name is not None:
        f.b.move(pattern.var.register, register)


def constructor(f, pattern, register, fail):
    f.b.jisnt(register, type_of(f, pattern.var.info), fail)
    fields(f, pattern, register, fail)


def fields(f, pattern, register, fail):
    """Match the fields of a variant that R[register] is known to be."""
    info = pattern.var.info
    for part, param in zip(pattern.args or (), info.params):
        number = info.slots[param.name]
        inside(f, part, fail, lambda dst, number=number: f.b.getslot(dst, register, number))


def inside(f, part, fail, load):
    """Match a part of a value, which `load(dst)` fetches."""
    if part.__class__ is ast.PWild:
        return
    if part.__class__ is ast.PName and part.var.info is None:
        load(part.var.register)
        return
    register = f.temp()
    load(register)
    test(f, part, register, fail)
    f.top = register


def tuple_(f, pattern, register, fail):
    parts = pattern.items
    first = side_by_side(parts)
    if first is not None:
        f.b.untuple(first, register, len(parts), fail)
        return
    base = f.top
    f.top += len(parts)
    f.reserve(f.top)
    f.b.untuple(base, register, len(parts), fail)
    for at, part in enumerate(parts, base):
        test(f, part, at, fail)


def side_by_side(parts):
    """The first of the registers of some variables' patterns, if these are in order; else None."""
    if not parts or any(part.__class__ is not ast.PName or part.var.info is not None for part in parts):
        return None
    first = parts[0].var.register
    return first if all(part.var.register == at for at, part in enumerate(parts, first)) else None


def length(f, register, wanted, fail, exact):
    """Jump to `fail` unless the length of R[register] is `wanted`, or at least that."""
    b, count = f.b, f.temp()
    b.getfield(count, register, "length")
    if wanted < 128:
        (b.jnei if exact else b.jlti)(count, wanted, fail)
    else:
        limit = f.temp()
        b.loadk(limit, wanted)
        (b.jne if exact else b.jlt)(count, limit, fail)
    f.top = count


def items(f, parts, register, fail):
    """Match the first items of a tuple or list."""
    for number, part in enumerate(parts):
        inside(f, part, fail, lambda dst, number=number: item(f, dst, register, number))


def item(f, dst, register, number):
    at = f.temp()
    f.b.loadi(at, number)
    f.b.getindex(dst, register, at)
    f.top = at


def list_(f, pattern, register, fail):
    f.b.jisnt(register, Type("list"), fail)
    length(f, register, len(pattern.items), fail, pattern.rest is None)
    items(f, pattern.items, register, fail)
    if pattern.rest.__class__ is ast.PName:
        rest(f, pattern.rest.var.register, register, len(pattern.items))


def rest(f, dst, register, start):
    """R[dst] := a list of the items from `start` on, of the same type."""
    b, base = f.b, f.temp()
    b.move(base, register)
    b.loadi(f.temp(), start)
    b.loadunset(f.temp())
    b.prim(dst, base, SLICE)
    f.top = base


def record(f, pattern, register, fail):
    """A record, or an instance, with these fields."""
    b, fits = f.b, f.b.label()
    b.jis(register, Type("record"), fits)
    b.jisnt(register, Type("object"), fail)
    b.place(fits)
    for field, part in pattern.fields:
        value, start = f.temp(), b.here()
        b.getfield(value, register, field)
        # A missing field raises, which means here that the pattern does not match.
        missing, found = b.label(), b.label()
        b.handler(start, b.here(), missing, value)
        b.jump(found)
        b.place(missing)
        b.jump(fail)
        b.place(found)
        test(f, part, value, fail)
        f.top = value


def alternatives(f, pattern, register, fail):
    b, matched = f.b, f.b.label()
    for alternative in pattern.alternatives[:-1]:
        other = b.label()
        test(f, alternative, register, other)
        b.jump(matched)
        b.place(other)
    test(f, pattern.alternatives[-1], register, fail)
    b.place(matched)


TESTS = {ast.PWild: wild, ast.PName: name, ast.PLiteral: literal, ast.PType: typed, ast.PConstructor: constructor,
         ast.PTuple: tuple_, ast.PList: list_, ast.PRecord: record, ast.POr: alternatives}


# --- match ---

def variant(pattern):
    """The ClassInfo of the variant whose instances alone a pattern takes, or None."""
    return pattern.var.info if pattern.__class__ in (ast.PConstructor, ast.PName) else None


def takes_all(part):
    """Does a pattern take every value?"""
    return part.__class__ is ast.PWild or part.__class__ is ast.PName and part.var.info is None


def is_last_variant(f, node):
    """Is the variant of the last arm of a `match` the only one that is left when that arm is tried?"""
    t = f.types.get(node.subject)
    if t.__class__ is not Nominal or t.decl.kind != ENUM or not node.arms or not certain(f, node.subject, t):
        return False
    taken = {variant(pattern) for one in node.arms[:-1] if one.guard is None
             for pattern in (one.pattern.alternatives if one.pattern.__class__ is ast.POr else [one.pattern])
             if variant(pattern) is not None and all(map(takes_all, getattr(pattern, "args", None) or ()))}
    last = variant(node.arms[-1].pattern)
    variants = {var.info for var in t.decl.node.info.statics.values() if getattr(var.info, "base", None) is t.decl.node.info}
    return last is not None and taken | {last} == variants


@expression(ast.Match)
def match(f, node, dst):
    """The value of the first arm that fits. What is in use stays: arms hold statements, which begin above it."""
    b, outer, mark, end = f.b, f.locals, f.top, f.b.label()
    if dst is not None and dst >= mark:
        f.top = dst + 1
        f.reserve(f.top)
    f.locals = f.top
    result = f.local() if dst is None or dst < outer else dst
    subject = fixed(f, node.subject)
    if subject is None:
        subject = EXPR[node.subject.__class__](f, node.subject, f.local())
    paths = []      # of the arms: (log entries at its beginning, what it set, whether its end is reached)
    surely = node.arms[-1] if is_last_variant(f, node) else None
    for one in node.arms:
        entries = len(f.log)
        other = arm(f, one, subject, result, end, fields if one is surely and one.pattern.__class__ is ast.PConstructor else
                    wild if one is surely else test)
        paths.append((entries, f.forget(entries), f.live))
        if not other.uses:
            break
    else:
        no_match(f, node, subject)
    f.live = False
    while paths:
        f.merge(*paths.pop())
    f.live = True
    b.place(end)
    f.locals = outer
    return f.result(result, dst, mark)


def fixed(f, node):
    """The register of a variable that nothing assigns to, or None."""
    if node.__class__ is not ast.Name or node.var.kind is not REGISTER or node.var.scope is not f.scope or node.var.tracked:
        return None
    return node.var.register if node.var.explicit and not node.var.writes and node.var.raw < 0 else None


def arm(f, node, subject, result, end, test):
    """Try one arm; what does not match continues after it, at the label that is returned."""
    b, outer, other = f.b, f.locals, f.b.label()
    for var in node.scope:
        var.register = f.local()
    test(f, node.pattern, subject, other)
    for var in node.scope:
        if var.kind is CELL:
            b.newcell(var.register, var.register)
    if node.guard is not None:
        COND[node.guard.__class__](f, node.guard, other, False)
    f.live, f.top = True, f.locals
    body(f, node.body, result)
    if f.live and other.uses:
        b.jump(end)
    b.place(other)
    f.locals = f.top = outer
    return other


def body(f, node, result):
    """The value of an arm: an expression's, or that of a block's last statement if it is an expression, else None."""
    if node.__class__ is not ast.Block:
        EXPR[node.__class__](f, node, result)
        return
    last = node.body[-1] if node.body else None
    if last.__class__ is not ast.ExprStmt:
        STMT[ast.Block](f, node)
        f.b.loadnone(result)
        return
    outer, early = f.locals, f.scope.early_cells.get(node)
    from myna.compiler.lower.statements import early_cells
    if early:
        early_cells(f, early)
    for stmt in node.body[:-1]:
        if f.live:
            f.top = f.locals
            STMT[stmt.__class__](f, stmt)
    f.top = f.locals
    if f.live:
        EXPR[last.expr.__class__](f, last.expr, result)
    f.locals = f.top = outer


def no_match(f, node, subject):
    """Raise a MatchError that shows the value."""
    b, message = f.b, f.temp()
    b.pos = node.pos
    b.loadk(message, "no pattern matches ")
    b.tostring(f.temp(), subject)
    b.add(message, message, message + 1)
    b.loadnone(message + 1)
    b.loadnone(f.temp())
    b.construct(message, message, type_of(f, MATCH_ERROR))
    b.throw(message)
    f.top = message


# --- destructuring ---

@statement(ast.LetPattern)
def let_pattern(f, node):
    variables = patterns.bound(node.pattern)
    fresh = registers(f, variables)
    subject = f.temp()
    EXPR[node.value.__class__](f, node.value, subject)
    cells = [var.register for var in variables]
    for var, register in zip(variables, fresh):
        var.register = register
    destructure(f, node, node.pattern, subject)
    settle(f, variables, cells)


def bind_parts(f, node, register):
    """The variables of a `for` loop's pattern, anew for each item, which is in a register."""
    variables = patterns.bound(node.name)
    registers(f, variables)
    destructure(f, node, node.name, register)
    settle(f, variables)


def registers(f, variables):
    """New registers for variables that a pattern sets; those whose cells were made early keep the register of the cell."""
    fresh = [f.local() for _ in variables]
    for var, register in zip(variables, fresh):
        if not var.early:
            var.register = register
    return fresh


def destructure(f, node, pattern, subject):
    """Bind what `pattern` names to the parts of R[subject]; raises a MatchError if it does not fit."""
    b, fail, end = f.b, f.b.label(), f.b.label()
    test(f, pattern, subject, fail)
    if fail.uses:
        b.jump(end)
        b.place(fail)
        no_match(f, node, subject)
        b.place(end)


def settle(f, variables, cells=()):
    """Variables that are not just in a register go where they belong; `cells`: the registers of cells that were made early."""
    for number, var in enumerate(variables):
        if var.kind is GLOBAL:
            f.b.setglobal(var.register, f.module.linking.global_number(var))
        elif var.early:
            f.b.setcell(cells[number], var.register)
            var.register = cells[number]
        elif var.kind is CELL:
            f.b.newcell(var.register, var.register)
