"""Statements: blocks, assignments, branches, loops, jumps out of them. `tries` has try and throw.

In:  statement nodes. Out: instructions. Holds: between statements no temporary is in use; statements that cannot be
reached are not lowered. A loop's condition stands at its end, so that an iteration takes one jump.
"""
from myna.compiler.bytecode.builder import Label
from myna.compiler.bytecode.program import Type
from myna.compiler.lower import calls, floats, patterns, places, statics
from myna.compiler.lower.conditions import COMPARISONS, is_short
from myna.compiler.lower.expressions import combine, element, holds_ints, load_int, name_function, store
from myna.compiler.lower.registers import COND, EXPR, STMT, statement
from myna.compiler.resolve.patterns import bound
from myna.compiler.resolve.scopes import CELL, GLOBAL, REGISTER
from myna.compiler.syntax import ast
from myna.compiler.types import members, model
from myna.compiler.types.convert import CHECK, conversion, precise
from myna.compiler.types.model import DYNAMIC


def block_body(f, body, early=None):
    """Lower the statements of a block in the registers above what is in use."""
    outer = f.locals
    if early:
        early_cells(f, early)
    for stmt in body:
        if not f.live:
            break
        f.top = f.locals
        STMT[stmt.__class__](f, stmt)
    f.locals = f.top = outer


def early_cells(f, variables):
    """Closures made before these variables' declarations share their cells, so the cells are made first."""
    for var in variables:
        var.register = f.local()
        f.b.loadunset(var.register)
        f.b.newcell(var.register, var.register)


@statement(ast.Block)
def block(f, node):
    early = f.scope.early_cells
    block_body(f, node.body, early.get(node) if early else None)


@statement(ast.ExprStmt)
def expr_stmt(f, node):
    if node.expr.__class__ is not ast.Call or not calls.push(f, node.expr):
        EXPR[node.expr.__class__](f, node.expr, None)


@statement(ast.Global, ast.Import, ast.ImportFrom, ast.TypeAlias)
def names_only(f, node):
    """Only names are affected, and resolved already."""


# --- assignments and declarations ---

@statement(ast.Assign)
def assign(f, node):
    target = node.target
    kind = target.__class__
    if kind is ast.Name:
        assign_name(f, node, target)
    elif kind is ast.Field:
        assign_field(f, node, target)
    else:
        assign_index(f, node, target)


def assign_name(f, node, target):
    var, value = target.var, node.value
    name_function(value, target.name)
    if floats.raw_variable(f, target):
        floats.assign(f, node)
        return
    dst = var.register if var.kind is REGISTER and var.scope is f.scope else None
    if node.op is None:
        register = places.value(f, value, dst, f"`{var.name}`")
    else:
        mark = f.top
        left = EXPR[ast.Name](f, target, None)
        register = computed(f, node, left, mark, dst, f"`{var.name}`")
    if dst is None:
        store(f, target, register)
    elif var.tracked:
        f.assigned(var)


def computed(f, node, left, mark, dst, place):
    """What a compound assignment stores: R[left] op value, for its place."""
    wanted = f.places.get(node)
    binary = ast.Binary(node.pos, node.op, node.target, node.value)
    if wanted is None or conversion(f.types.get(node, DYNAMIC), wanted) is not CHECK:
        return combine(f, binary, left, mark, dst)
    register = combine(f, binary, left, mark, None)
    f.top = mark
    if dst is None:
        dst = f.temp()
    places.check(f, dst, register, wanted, place, node.pos)
    return dst


def assign_field(f, node, target):
    b = f.b
    var = statics.static(f, target)
    if var is not None:
        assign_static(f, node, target, var)
        return
    number = statics.slot(f, target)
    if number is not None and floats.slot(f, target) is not None and floats.assign_field(f, node, number):
        return
    obj = EXPR[target.obj.__class__](f, target.obj, None)
    name_function(node.value, target.name)
    if node.op is None:
        register = places.value(f, node.value, None, f"the field `{target.name}`")
    else:
        mark = f.top
        left = f.temp()
        b.pos = target.pos
        if number is None:
            b.getfield(left, obj, target.name)
        else:
            b.getslot(left, obj, number)
        register = computed(f, node, left, mark, None, f"the field `{target.name}`")
    b.pos = target.pos
    if number is None:
        b.setfield(obj, register, target.name)
    else:
        b.setslot(obj, register, number)


def assign_static(f, node, target, var):
    """`Class.name = value`"""
    if var is statics.MISSING:
        return
    if not var.assignable or var.scope is not None and var.scope.parent is None and (
            var.scope is not f.module.resolution.scope and var not in f.module.resolution.own):
        f.module.error("E0303", f"`{var.name}` cannot be assigned to", target.pos, len(target.name))
        return
    use = ast.Name(target.pos, target.name)
    use.var = var
    assign_name(f, ast.Assign(node.pos, use, node.op, node.value), use)


def assign_index(f, node, target):
    b = f.b
    obj = EXPR[target.obj.__class__](f, target.obj, None)
    at = EXPR[target.index.__class__](f, target.index, None)
    if node.op is None:
        register = places.value(f, node.value, None, "an element")
    else:
        mark = f.top
        left = f.temp()
        b.pos = target.pos
        element(f, target, left, obj, at)
        register = computed(f, node, left, mark, None, "an element")
    b.pos = target.pos
    t = f.types.get(target.obj)
    (b.setitem if exact_items(t) else b.setindex_int if holds_ints(t) else b.setindex)(obj, at, register)


def exact_items(t):
    """Does a static type tell exactly what a list holds, so that a value that fits it need not be checked when it is stored?"""
    return t.__class__ is model.Nominal and t.decl is members.LIST and not t.generic and precise(t)


@statement(ast.Let)
def let(f, node):
    value = node.value
    if value is not None:
        name_function(value, node.name)
    if node.var.raw >= 0:
        floats.typed(f, value, node.var.raw, f"`{node.name}`")
        return
    initialise(f, node.var, lambda dst: f.b.loadnone(dst) if value is None else places.value(f, value, dst, f"`{node.name}`"))


@statement(ast.FunDecl)
def fun_decl(f, node):
    var = node.var
    if var.kind is CELL and not var.early and var.first_capture == var.seq:
        # The function refers to itself: its cell must be there when its closure is made.
        var.register = f.local()
        f.b.loadunset(var.register)
        f.b.newcell(var.register, var.register)
        EXPR[ast.Function](f, node.function, f.top)
        f.reserve(f.top + 1)
        f.b.setcell(var.register, f.top)
    else:
        initialise(f, var, lambda dst: EXPR[ast.Function](f, node.function, dst))


def initialise(f, var, evaluate):
    """Give a declared variable its first value; `evaluate(dst)` lowers that into a register."""
    b, dst = f.b, f.top
    f.reserve(dst + 1)
    evaluate(dst)
    if var.kind is GLOBAL:
        b.setglobal(dst, f.module.linking.global_number(var))
    elif var.early:
        b.setcell(var.register, dst)
    else:
        var.register = f.local()
        if var.kind is CELL:
            b.newcell(dst, dst)


# --- branches ---

@statement(ast.If)
def if_stmt(f, node):
    """A chain of `else if` is lowered in a loop: its length is not limited."""
    if node.orelse is None and leaves_loop(f, node.then):
        loop = f.contexts[-1]
        COND[node.cond.__class__](f, node.cond, loop.end if node.then.body[0].__class__ is ast.Break else loop.next, True)
        return
    b, end = f.b, f.b.label()
    paths = []      # of the arms before: (log entries at its beginning, what it set)
    while True:
        other = b.label()
        COND[node.cond.__class__](f, node.cond, other, False)
        f.top = f.locals
        mark = len(f.log)
        block(f, node.then)
        paths.append((mark, f.forget(mark), f.live))
        if node.orelse is not None and f.live:
            b.jump(end)
        f.live = True
        b.place(other)
        if node.orelse.__class__ is not ast.If:
            break
        node = node.orelse
    if node.orelse is not None:
        block(f, node.orelse)
    while paths:
        f.merge(*paths.pop())
    b.place(end)


def leaves_loop(f, block):
    """Whether `block` is only a `break` or `continue` that no `finally` delays."""
    body = block.body
    return (len(body) > 0 and body[0].__class__ in (ast.Break, ast.Continue) and f.contexts[-1].__class__ is Loop)


# --- loops ---

class Loop:
    """What `break` and `continue` need of the loop around them."""

    __slots__ = ("end", "next")

    def __init__(self):
        self.end = Label()
        self.next = Label()


def loop_body(f, node, loop):
    """Lower the body of a loop. What it sets is not known after it, as it may not run."""
    mark = len(f.log)
    f.contexts.append(loop)
    block(f, node.body)
    f.contexts.pop()
    f.forget(mark)
    f.live = True


@statement(ast.While)
def while_stmt(f, node):
    b, cond, loop, outer = f.b, node.cond, Loop(), f.locals
    forever = cond.__class__ is ast.Bool and cond.value
    hoisted = hoist_constant(f, cond)
    if not forever:
        b.jump(loop.next)
    start = b.here()
    if forever:
        loop.next.position = start.position
    loop_body(f, node, loop)
    if forever:
        b.jump(start)
        f.live = bool(loop.end.uses)
    else:
        b.place(loop.next)
        f.top = f.locals
        COND[cond.__class__](f, cond, start, True)
    b.place(loop.end)
    if hoisted is not None:
        del f.constants[hoisted]
    f.locals = f.top = outer


def hoist_constant(f, cond):
    """Keep the constant of a comparison such as `i < 1000` in a register during the loop; the constant, or None."""
    if cond.__class__ is not ast.Binary or cond.op not in COMPARISONS:
        return None
    limit = cond.right
    if limit.__class__ is not ast.Int or is_short(limit) or limit.value in f.constants:
        return None
    register = f.local()
    load_int(f, limit.value, register)
    f.constants[limit.value] = register
    return limit.value


@statement(ast.For)
def for_stmt(f, node):
    outer = f.locals
    base = f.local()
    f.local()
    visible = f.local()
    if node.iterable.__class__ is ast.Range:
        for_range(f, node, base, visible)
    elif node.name.__class__ is ast.PTuple and len(node.name.items) == 2:
        f.local()
        for_items(f, node, base, f.b.iterpair, lambda: bind_pair(f, node, visible), lambda item, fail: f.b.untuple(visible, item, 2, fail))
    else:
        for_items(f, node, base, f.b.iternext, lambda: bind_items(f, node, visible), lambda item, fail: f.b.move(visible, item))
    f.locals = f.top = outer


def for_range(f, node, base, visible):
    """R[base] counts to the limit in R[base+1]; the body sees its own copy R[base+2]."""
    b, limits, loop = f.b, node.iterable, Loop()
    EXPR[limits.low.__class__](f, limits.low, base)
    EXPR[limits.high.__class__](f, limits.high, base + 1)
    b.pos = limits.pos
    (b.forprepi if limits.inclusive else b.forprep)(base, loop.end)
    start = b.here()
    bind_items(f, node, visible)
    loop_body(f, node, loop)
    b.place(loop.next)
    b.pos = limits.pos
    b.forloop(base, start)
    b.place(loop.end)


def for_items(f, node, base, advance, bind_parts, take):
    """R[base] is iterated over, R[base+1] is the position. `advance` is the instruction that puts the next item into the registers
    above, `take(register, fail)` does so with one that a method gave; `bind_parts()` binds what the body sees of it, and gives the
    label of items that do not fit, or None."""
    b, loop, out = f.b, Loop(), f.b.label()
    EXPR[node.iterable.__class__](f, node.iterable, base)
    b.loadi(base + 1, 0)
    b.place(loop.next)
    b.pos = node.iterable.pos
    advance(base, out)
    body = b.here()
    outer = f.locals
    misfit = bind_parts()
    loop_body(f, node, loop)
    f.locals = f.top = outer
    b.jump(loop.next)
    b.place(out)
    b.pos = node.iterable.pos
    if may_be_object(f, node.iterable):
        call_iterator(f, base, loop.end, body, take)
    if misfit is not None:
        b.jset(base + 3, loop.end)
        no_pair(f, node, base + 2, misfit)
    b.place(loop.end)


def call_iterator(f, base, end, body, take):
    """Where R[base] is an object, call its methods: the next item, or the end."""
    b, window = f.b, f.top
    receiver = window + calls.LINK
    f.reserve(receiver + 1)
    other, wrong = b.label(), b.label()
    b.jisnt(base, Type("object"), other)
    b.move(receiver, base)
    f.invoke(window, 0, "has_next", False)
    b.jfalse(window, end)
    b.move(receiver, base)
    f.invoke(window, 0, "next", False)
    take(window, wrong)
    b.jump(body)
    if wrong.uses:
        b.place(wrong)
        b.move(base + 2, window)
        b.loadunset(base + 3)
    b.place(other)


BUILT_IN = (members.LIST, members.ARRAY, members.MAP, members.SET, members.RANGE)


def may_be_object(f, node):
    """May the value of `node` be an instance of a class?"""
    t = f.types.get(node, DYNAMIC)
    known = t is model.STRING or t is model.BYTES or t.__class__ is model.Tuple or t.__class__ is model.Nominal and t.decl in BUILT_IN
    return not (known and statics.certain(f, node, t))


def bind_pair(f, node, register):
    """The variables of a loop over pairs, whose parts are in two registers; the label of parts that do not fit, which are put together."""
    b, misfit = f.b, f.b.label()
    for at, part in enumerate(node.name.items, register):
        if part.__class__ is ast.PName:
            bind(f, part.var, at)
            continue
        variables = bound(part)
        patterns.registers(f, variables)
        patterns.test(f, part, at, misfit)
        patterns.settle(f, variables)
    return misfit


def no_pair(f, node, register, misfit):
    """Raise a MatchError: of the item in R[register], or at `misfit` of its parts."""
    b, single = f.b, f.b.label()
    if misfit.uses:
        b.jump(single)
        b.place(misfit)
        b.tuple(register, register, 2)
        b.place(single)
    patterns.no_match(f, node, register)
    f.top = f.locals


def bind_items(f, node, register):
    """What a loop names of the item in a register: all of it, or parts by a pattern, which raises itself."""
    if node.var is not None:
        bind(f, node.var, register)
    else:
        patterns.bind_parts(f, node, register)


def bind(f, var, register):
    """The variable that a loop or `catch` sets in `register`; a captured one gets a cell of its own each time."""
    var.register = register
    if var.kind is CELL:
        var.register = f.local()
        f.b.newcell(var.register, register)


@statement(ast.Break, ast.Continue)
def leave_loop(f, node):
    jump_out(f, node.__class__)


def jump_out(f, kind):
    """Continue at the end or the next turn of the innermost loop, through the `finally` parts on the way."""
    target = f.contexts[-1]
    if target.__class__ is Loop:
        f.b.jump(target.end if kind is ast.Break else target.next)
    else:
        target.leave(f, kind)
    f.live = False


@statement(ast.Return)
def return_stmt(f, node):
    value = node.value
    if f.contexts and any(context.__class__ is not Loop for context in f.contexts):
        final = next(context for context in reversed(f.contexts) if context.__class__ is not Loop)
        if value is None:
            f.b.loadnone(final.value)
        else:
            places.result(f, value, final.value)
        final.leave(f, ast.Return)
    elif value is None or value.__class__ is ast.NoneLit:
        f.b.retnone()
    else:
        f.b.ret(places.result(f, value, None))
    f.live = False
