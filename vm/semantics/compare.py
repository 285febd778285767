"""Comparisons to a value, and fused with a jump.

The negated jumps (`jnlt`) exist because NaN makes `not a < b` differ from `a >= b`.
"""
from .protocol import I64, i64, semantics
from .. import layout


def _compare(op, kind, finish, slow):
    """Compare b with c by `kind`, giving the i1 to `finish`; `slow` ends the instruction otherwise."""
    x, y = op.read(op.left), op.read(op.right)
    with op.attempt():
        op.guard(op.both_fixnums(x, y), likely=False)
        finish(op.b.icmp_signed(kind, x, y))
    with op.attempt():
        op.guard(op.both_flonums(x, y), likely=False)
        finish(op.b.fcmp_ordered(kind, op.flonum_double(x), op.flonum_double(y)))
    with op.attempt():
        finish(op.b.fcmp_ordered(kind, op.number_double(x, exact=True), op.number_double(y, exact=True)))
    slow()


_SIGN = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


def _to_bool(op, negate):
    def finish(condition):
        op.write("a", op.boolean(op.b.not_(condition) if negate else condition))
        op.next()
    return finish


def _to_jump(op, negate):
    return lambda condition: op.branch("to", op.b.not_(condition) if negate else condition)


@semantics("lt", "le")
def compare(op, name):
    op.left, op.right = "b", "c"
    finish = _to_bool(op, False)
    _compare(op, _SIGN[name], finish, lambda: finish(op.truth("rt_" + name, op.slot("b"), op.slot("c"))))


@semantics("jlt", "jle", "jnlt", "jnle")
def jump_compare(op, name):
    op.left, op.right = "a", "b"
    kind = name[-2:]
    finish = _to_jump(op, "n" in name)
    _compare(op, _SIGN[kind], finish, lambda: finish(op.truth("rt_" + kind, op.slot("a"), op.slot("b"))))


@semantics("jlti", "jlei", "jgti", "jgei", "jnlti", "jnlei", "jngti", "jngei")
def jump_compare_immediate(op, name):
    kind = name[-3:-1]
    finish = _to_jump(op, "n" in name)
    x, i = op.read("a"), op.immediate("i")
    with op.attempt():
        op.guard(op.is_fixnum(x), likely=False)
        finish(op.b.icmp_signed(_SIGN[kind], x, op.int_fixnum(i)))
    with op.attempt():
        op.guard(op.is_flonum(x), likely=False)
        finish(op.b.fcmp_ordered(_SIGN[kind], op.flonum_double(x), op.b.sitofp(i, op.F64)))
    finish(op.truth(f"rt_{kind}i", op.slot("a"), i))


def _equal(op, left, right, finish):
    """Fixnums and special constants inline; the rest (a boxed NaN, 1 == 1.0, strings) is the runtime's."""
    x, y = op.read(left), op.read(right)
    b = op.b
    with op.attempt():
        op.guard(op.both_fixnums(x, y), likely=False)
        finish(b.icmp_unsigned("==", x, y))
    with op.attempt():
        op.guard(op.is_special(x), likely=False)
        finish(b.icmp_unsigned("==", x, y))
    finish(op.truth("rt_eq", op.slot(left), op.slot(right)))


@semantics("eq", "ne")
def equal(op, name):
    _equal(op, "b", "c", _to_bool(op, name == "ne"))


@semantics("jeq", "jne")
def jump_equal(op, name):
    _equal(op, "a", "b", _to_jump(op, name == "jne"))


@semantics("jeqi", "jnei")
def jump_equal_immediate(op, name):
    finish = _to_jump(op, name == "jnei")
    x, i = op.read("a"), op.immediate("i")
    with op.attempt():
        op.guard(op.is_fixnum(x))
        finish(op.b.icmp_unsigned("==", x, op.int_fixnum(i)))
    finish(op.truth("rt_eqi", op.slot("a"), i))


# --- typed ---

@semantics("lt.int", "le.int", "eq.int")
def raw_compare(op, name):
    condition = op.b.icmp_signed(_SIGN[name[:2]], op.read_raw("b"), op.read_raw("c"))
    op.write_raw("a", op.b.zext(condition, I64))
    op.next()


@semantics("lt.float", "le.float", "eq.float")
def raw_compare_float(op, name):
    condition = op.b.fcmp_ordered(_SIGN[name[:2]], op.read_float("b"), op.read_float("c"))
    op.write_raw("a", op.b.zext(condition, I64))
    op.next()


@semantics("jlt.int", "jle.int", "jeq.int", "jne.int")
def raw_jump(op, name):
    op.branch("to", op.b.icmp_signed(_SIGN[name[1:3]], op.read_raw("a"), op.read_raw("b")))


@semantics("jlti.int", "jgti.int", "jeqi.int", "jnei.int")
def raw_jump_immediate(op, name):
    op.branch("to", op.b.icmp_signed(_SIGN[name[1:3]], op.read_raw("a"), op.immediate("i")))


@semantics("jlt.float", "jle.float", "jnlt.float", "jnle.float", "jeq.float", "jne.float")
def raw_jump_float(op, name):
    kind = name.split(".")[0][-2:]
    compare_ = op.b.fcmp_unordered if kind == "ne" else op.b.fcmp_ordered
    condition = compare_(_SIGN[kind], op.read_float("a"), op.read_float("b"))
    op.branch("to", op.b.not_(condition) if name.startswith("jn") and kind != "ne" else condition)


# --- booleans ---

@semantics("and", "or")
def logical(op, name):
    b, x, y = op.b, op.read("b"), op.read("c")
    with op.attempt():
        op.guard(_is_bool(op, x))
        op.guard(_is_bool(op, y))
        op.write("a", (b.and_ if name == "and" else b.or_)(x, y))
        op.next()
    wrong = b.select(_is_bool(op, x), y, x)
    op.slow("rt_not_bool", wrong)


@semantics("not")
def not_(op):
    x = op.read("b")
    with op.attempt():
        op.guard(_is_bool(op, x))
        op.write("a", op.b.xor(x, i64(layout.TRUE_BIT)))
        op.next()
    op.slow("rt_not_bool", x)


def _is_bool(op, x):
    return op.b.icmp_unsigned("==", op.b.or_(x, i64(layout.TRUE_BIT)), i64(layout.TRUE))


@semantics("jtrue", "jfalse")
def jump_bool(op, name):
    x = op.read("a")
    with op.attempt():
        op.guard(_is_bool(op, x))
        op.branch("to", op.b.icmp_unsigned("==", x, i64(layout.TRUE if name == "jtrue" else layout.FALSE)))
    op.slow("rt_not_bool", x)


@semantics("jnone", "jnotnone", "jset")
def jump_none(op, name):
    op.branch("to", op.b.icmp_unsigned("==" if name == "jnone" else "!=", op.read("a"), i64(layout.UNSET if name == "jset" else layout.NONE)))
