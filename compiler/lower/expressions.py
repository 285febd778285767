"""Expressions: names, literals, operators, fields, lists, records. See `registers` for the rules of `dst`."""

from myna.compiler.bytecode import primitives
from myna.compiler.bytecode.builder import Builder as B
from myna.compiler.bytecode.program import BigInt, Names
from myna.compiler.lower import floats, generics, places, statics
from myna.compiler.lower.registers import COND, EXPR, expression
from myna.compiler.resolve.scopes import BUILTIN, CELL, GLOBAL, REGISTER, STATIC
from myna.compiler.resolve.types import resolve_alias
from myna.compiler.syntax import ast
from myna.compiler.types import members, model
from myna.compiler.types.model import FLOAT

CHUNK = 250     # items of a literal that are put into registers at once, so that short instructions reach them

MODERN_OPS = {"+": B.add, "-": B.sub, "*": B.mul, "/": B.div, "%": B.mod, "+%": B.addw, "-%": B.subw, "*%": B.mulw,
              "&": B.bitand, "|": B.bitor, "^": B.bitxor, "<<": B.shl, ">>": B.shr,
              "==": B.eq, "!=": B.ne, "<": B.lt, "<=": B.le}
CLASSIC_OPS = {"+": B.add32, "-": B.sub32, "*": B.mul32, "/": B.div32, "&": B.and_, "|": B.or_,
               "==": B.eq, "!=": B.ne, "<": B.lt, "<=": B.le}
SWAPPED = {">": B.lt, ">=": B.le}
# With a constant on the right: an 8-bit one, any other number.
MODERN_SHORT = {"+": B.addi, "-": B.subi, "*": B.muli, "/": B.divi, "%": B.modi}
MODERN_CONST = {"+": B.addk, "-": B.subk, "*": B.mulk, "/": B.divk}
CLASSIC_SHORT = {"+": B.add32i, "-": B.sub32i}


# --- names ---

@expression(ast.Name, ast.This)
def name(f, node, dst):
    """Read a variable."""
    var = node.var
    kind = var.kind
    if kind is STATIC:
        return statics.value(f, resolve_alias(var), node, dst)
    if kind is REGISTER and var.scope is f.scope:
        if var.raw >= 0:
            return floats.boxed(f, node, dst)
        register = var.register
        if var.tracked and not var.assigned:
            check_set(f, node, register)
        if dst is None or dst == register:
            return register
        f.b.move(dst, register)
        return dst
    if dst is None:
        dst = f.temp()
    if kind is GLOBAL:
        f.b.pos = node.pos
        f.b.getglobal(dst, f.module.linking.global_number(var))
    elif kind is BUILTIN:
        f.b.builtin(dst, var.index.number)
    else:
        captured(f, node, dst)
    return dst


def check_set(f, node, register):
    """Raise unless the variable in `register` is set."""
    f.b.pos = node.pos
    f.b.checkset(register, node.name)
    f.assigned(node.var)


def captured(f, node, dst):
    """Read a variable that lives in a cell or belongs to an outer function."""
    b, var = f.b, node.var
    b.pos = node.pos
    if var.scope is f.scope:
        b.getcell(dst, var.register)
        if var.tracked and not var.assigned and not f.classic:
            check_set(f, node, dst)
        return
    at = f.scope.captures[var]
    if var.kind is CELL:
        b.getupcell(dst, at)
        if var.checked:
            b.checkset(dst, node.name)
    else:
        b.getup(dst, at)


def store(f, node, value):
    """Assign the register `value` to the variable of the Name `node`, which is not in a register of this function."""
    b, var = f.b, node.var
    b.pos = node.pos
    if var.kind is GLOBAL:
        b.setglobal(value, f.module.linking.global_number(var))
    elif var.scope is f.scope:
        b.setcell(var.register, value)
    else:
        b.setupcell(value, f.scope.captures[var])
    f.assigned(var)


# --- literals ---

@expression(ast.Int)
def int_(f, node, dst):
    value = node.value
    if f.types.get(node) is FLOAT:
        return constant(f, ast.Float(node.pos, float(value)), dst)
    if dst is None:
        dst = f.constants.get(value)
        if dst is not None:
            return dst
        dst = f.temp()
    load_int(f, value, dst)
    return dst


def load_int(f, value, dst):
    """Load an int by the shortest instruction."""
    if -32768 <= value < 32768:
        f.b.loadi(dst, value)
    else:
        f.b.loadk(dst, value)


@expression(ast.Float, ast.String)
def constant(f, node, dst):
    if dst is None:
        dst = f.temp()
    f.b.loadk(dst, node.value)
    return dst


@expression(ast.BigInt)
def bigint(f, node, dst):
    if dst is None:
        dst = f.temp()
    f.b.loadk(dst, BigInt(node.value))
    return dst


@expression(ast.Bool)
def bool_(f, node, dst):
    if dst is None:
        dst = f.temp()
    if node.value:
        f.b.loadtrue(dst)
    else:
        f.b.loadfalse(dst)
    return dst


@expression(ast.NoneLit)
def none(f, node, dst):
    if dst is None:
        dst = f.temp()
    f.b.loadnone(dst)
    return dst


# --- operators ---

@expression(ast.Binary)
def binary(f, node, dst):
    """Chains such as `a + b + c` are lowered in a loop: their length is not limited."""
    if floats.better_raw(f, node):
        return floats.boxed(f, node, dst)
    mark = f.top
    chain = [node]
    left = node.left
    while left.__class__ is ast.Binary:
        chain.append(left)
        left = left.left
    first = chain[-1]
    if first.op == "*" and constant_form(f, "*", left) is not None:     # 2 * x is x * 2
        left, first = first.right, ast.Binary(first.pos, "*", first.right, left)
        chain[-1] = first
    register = EXPR[left.__class__](f, left, None)
    while chain:
        node = chain.pop()
        register = combine(f, node, register, mark, None if chain else dst)
    return register


def combine(f, node, left, mark, dst):
    """R[dst] := R[left] op right side; temporaries from `mark` on are released."""
    right, op, b = node.right, node.op, f.b
    short = constant_form(f, op, right)
    if short is None:
        other = EXPR[right.__class__](f, right, None)
    f.top = mark
    if dst is None:
        dst = f.temp()
    b.pos = node.pos
    if short is not None:
        short(b, dst, left, right.value)
    elif op in SWAPPED:
        SWAPPED[op](b, dst, other, left)
    else:
        (CLASSIC_OPS if f.classic else MODERN_OPS)[op](b, dst, left, other)
    return dst


def constant_form(f, op, right):
    """The emitter of `op` with the constant `right` in the instruction, or None."""
    kind = right.__class__
    if kind is ast.Int:
        if -128 <= right.value < 128:
            short = (CLASSIC_SHORT if f.classic else MODERN_SHORT).get(op)
            if short is not None:
                return short
    elif kind is not ast.Float:
        return None
    return None if f.classic else MODERN_CONST.get(op)


@expression(ast.Unary)
def unary(f, node, dst):
    if node.op == "-" and node.operand.__class__ is ast.BigInt:
        return bigint(f, ast.BigInt(node.pos, -node.operand.value), dst)
    mark, b = f.top, f.b
    operand = EXPR[node.operand.__class__](f, node.operand, None)
    f.top = mark
    if dst is None:
        dst = f.temp()
    b.pos = node.pos
    if node.op == "!":
        b.not_(dst, operand)
    elif node.op == "~":
        b.bitnot(dst, operand)
    elif f.classic:
        b.neg32(dst, operand)
    else:
        b.neg(dst, operand)
    return dst


@expression(ast.Logic)
def logic(f, node, dst):
    """`a ?? b`, or the truth of `a && b`, `a || b`."""
    if node.op != "??":
        return truth(f, node, dst)
    mark, b = f.top, f.b
    work, end = f.work(dst), b.label()
    EXPR[node.left.__class__](f, node.left, work)
    b.jnotnone(work, end)
    before = len(f.log)
    EXPR[node.right.__class__](f, node.right, work)
    f.forget(before)
    b.place(end)
    return f.result(work, dst, mark)


def truth(f, node, dst):
    """The bool that the condition `node` comes to."""
    mark, b = f.top, f.b
    no, end = b.label(), b.label()
    COND[node.__class__](f, node, no, False)
    f.top = mark
    if dst is None:
        dst = f.temp()
    b.loadtrue(dst)
    b.jump(end)
    b.place(no)
    b.loadfalse(dst)
    b.place(end)
    return dst


@expression(ast.Cond)
def cond(f, node, dst):
    b = f.b
    other, end = b.label(), b.label()
    if dst is None:
        dst = f.temp()
    inner = f.top
    COND[node.cond.__class__](f, node.cond, other, False)
    f.top, before = inner, len(f.log)
    EXPR[node.then.__class__](f, node.then, dst)
    f.top = inner
    f.forget(before)
    b.jump(end)
    b.place(other)
    EXPR[node.orelse.__class__](f, node.orelse, dst)
    f.forget(before)
    b.place(end)
    f.top = inner
    return dst


@expression(ast.Interp)
def interp(f, node, dst):
    """The parts' printed forms, one after another."""
    mark, b = f.top, f.b
    work = f.work(dst)
    for number, part in enumerate(node.parts):
        if number == 0:
            printed(f, part, work)
            continue
        top = f.top
        register = printed(f, part, None)
        b.pos = node.pos
        b.add(work, work, register)
        f.top = top
    if not node.parts:
        b.loadk(work, "")
    return f.result(work, dst, mark)


def printed(f, part, dst):
    """The printed form of `part`."""
    if part.__class__ is ast.String:
        return constant(f, part, dst)
    if part.__class__ is ast.Format:
        return formatted(f, part, dst)
    mark = f.top
    register = EXPR[part.__class__](f, part, None)
    f.top = mark
    if dst is None:
        dst = f.temp()
    f.b.pos = part.pos
    f.b.tostring(dst, register)
    return dst


def formatted(f, node, dst):
    base, b = f.top, f.b
    EXPR[node.value.__class__](f, node.value, base)
    f.reserve(base + 2)
    b.loadk(base + 1, node.format)
    f.top = base
    if dst is None:
        dst = f.temp()
    b.pos = node.pos
    b.prim(dst, base, primitives.BY_NAME["format"].number)
    return dst


# --- fields and items ---

@expression(ast.Field)
def field(f, node, dst):
    mark, b = f.top, f.b
    var = statics.static(f, node)
    if var is not None:
        return static_field(f, node, var, dst)
    obj = EXPR[node.obj.__class__](f, node.obj, None)
    f.top = mark
    if node.safe:
        return safe_field(f, node, obj, dst)
    if dst is None:
        dst = f.temp()
    b.pos = node.pos
    number = statics.slot(f, node)
    if number is None:
        b.getfield(dst, obj, node.name)
    else:
        b.getslot(dst, obj, number)
    return dst


def static_field(f, node, var, dst):
    """The value of a class's member."""
    if var is statics.MISSING:
        return none(f, node, dst)
    use = ast.Name(node.pos, node.name)
    use.var = var
    return name(f, use, dst)


def safe_field(f, node, obj, dst):
    """`obj?.name`: None where `obj` is None."""
    mark, b = f.top, f.b
    work, end = f.work(dst), b.label()
    if work != obj:
        b.move(work, obj)
    b.jnone(work, end)
    b.pos = node.pos
    b.getfield(work, work, node.name)
    b.place(end)
    return f.result(work, dst, mark)


@expression(ast.Index)
def index(f, node, dst):
    mark, b = f.top, f.b
    obj = EXPR[node.obj.__class__](f, node.obj, None)
    at = EXPR[node.index.__class__](f, node.index, None)
    f.top = mark
    if dst is None:
        dst = f.temp()
    b.pos = node.pos
    element(f, node, dst, obj, at)
    return dst


def element(f, node, dst, obj, at):
    """R[dst] := R[obj][R[at]], as the Index `node` says"""
    (f.b.getindex_int if holds_ints(f.types.get(node.obj)) else f.b.getindex)(dst, obj, at)


def holds_ints(t):
    """Is a static type that of arrays of ints?"""
    return t.__class__ is model.Nominal and t.decl is members.ARRAY and t.args[0] is model.INT


# --- lists, records, ranges ---

def consecutive(f, nodes):
    """Lower `nodes`, None for nothing, into consecutive new registers; the first of them, which exists even when there are none."""
    base = f.top
    for at, node in enumerate(nodes, base):
        f.top = at
        if node is None:
            f.b.loadunset(at)
            continue
        places.value(f, node, at, "an element")
    f.reserve(base + max(1, len(nodes)))
    f.top = base
    return base


@expression(ast.List)
def list_(f, node, dst):
    mark, b = f.top, f.b
    items = node.items
    if len(items) <= CHUNK:
        base = consecutive(f, items)
        if dst is None:
            dst = f.temp()
        b.pos = node.pos
        b.list(dst, base, len(items))
        generics.reify(f, dst, f.types.get(node))
        return dst
    work = f.work(dst)
    base = consecutive(f, items[:CHUNK])
    b.pos = node.pos
    b.list(work, base, CHUNK)
    generics.reify(f, work, f.types.get(node))
    for item in items[CHUNK:]:
        top = f.top
        register = places.value(f, item, None, "an element")
        b.pos = node.pos
        b.append(work, register)
        f.top = top
    return f.result(work, dst, mark)


@expression(ast.Tuple)
def tuple_(f, node, dst):
    base = consecutive(f, node.items)
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    f.b.tuple(dst, base, len(node.items))
    return dst


@expression(ast.MapLit)
def map_(f, node, dst):
    """Many entries are set one after another."""
    mark, b, entries = f.top, f.b, node.entries
    work = f.work(dst) if len(entries) > CHUNK // 2 else None
    base = consecutive(f, [part for entry in entries[:CHUNK // 2] for part in entry])
    if dst is None and work is None:
        dst = f.temp()
    b.pos = node.pos
    b.map(dst if work is None else work, base, min(len(entries), CHUNK // 2))
    generics.reify(f, dst if work is None else work, f.types.get(node))
    if work is None:
        return dst
    for key, value in entries[CHUNK // 2:]:
        at = places.value(f, key, None, "an element")
        register = places.value(f, value, None, "an element")
        b.pos = node.pos
        b.setitem(work, at, register)
        f.top = base
    return f.result(work, dst, mark)


def name_function(node, name):
    """Give a function literal the name of the variable or field it is assigned to, for traces."""
    if node.__class__ is ast.Function and node.scope.name is None:
        node.scope.name = name


@expression(ast.Record)
def record(f, node, dst):
    """All values are evaluated in order; of fields with one name the last value wins."""
    mark, b = f.top, f.b
    fields = node.fields
    big = len(fields) > CHUNK
    work = f.work(dst) if big else None
    base, registers = f.top, {}
    for field_name, value in fields[:CHUNK]:
        name_function(value, field_name)
        at = registers.setdefault(field_name, base + len(registers))
        f.top = base + len(registers) if at < base + len(registers) - 1 else at
        places.value(f, value, at, f"the field `{field_name}`")
    f.reserve(base + max(1, len(registers)))
    f.top = base
    if not big and dst is None:
        dst = f.temp()
    b.pos = node.pos
    b.record(work if big else dst, base, Names(registers))
    if not big:
        return dst
    for field_name, value in fields[CHUNK:]:
        name_function(value, field_name)
        register = places.value(f, value, None, f"the field `{field_name}`")
        b.pos = node.pos
        b.setfield(work, register, field_name)
        f.top = base
    return f.result(work, dst, mark)


@expression(ast.Range)
def range_(f, node, dst):
    """A `for` loop over one does not come here: it counts without making it."""
    base = consecutive(f, (node.low, node.high, ast.Bool(node.pos, node.inclusive)))
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    f.b.prim(dst, base, primitives.BY_NAME["range"].number)
    return dst
