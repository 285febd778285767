"""Arithmetic: dynamic on tagged words, classic in 32 bits, typed on raw words.

Fixnum paths work on the shifted words, so add and subtract need no untagging; both overflow checks are the processor's.
"""
from .protocol import F64, I32, I64, i64, semantics


def _dynamic(op, kind, x, y, both_fixnum):
    """Try fixnums, then doubles, then one of each."""
    with op.attempt():
        op.guard(both_fixnum, likely=False)
        _fixnum(op, kind, x, y)
    if kind != "mod":
        with op.attempt():
            op.guard(op.both_flonums(x, y), likely=False)
            _double(op, kind, op.flonum_double(x), op.flonum_double(y))
        with op.attempt():
            op.guard(op.b.not_(both_fixnum))        # ints that overflowed do not become floats
            _double(op, kind, op.number_double(x), op.number_double(y))


def _fixnum(op, kind, x, y):
    if kind == "div" or kind == "mod":
        return _divide(op, kind, x, y)
    if kind == "mul":
        x = op.fixnum_int(x)
    result, overflow = op.overflowing(kind, x, y)
    op.guard(op.b.not_(overflow))
    op.write("a", result)
    op.next()


def _divide(op, kind, x, y):
    """Fixnums that fit 32 bits, since a 64-bit division costs three times as much; y not 0 or -1. The rest is slow."""
    b = op.b
    x, y = op.fixnum_int(x), op.fixnum_int(y)
    narrow = b.icmp_unsigned("==", b.lshr(b.or_(x, y), i64(32)), i64(0))
    op.guard(b.icmp_unsigned(">", b.add(y, i64(1)), i64(1)))
    with op.when(narrow):
        operation = b.udiv if kind == "div" else b.urem
        op.write("a", op.int_fixnum(b.zext(operation(b.trunc(x, I32), b.trunc(y, I32)), I64)))
        op.next()
    operation = b.sdiv if kind == "div" else b.srem
    op.write("a", op.int_fixnum(operation(x, y)))
    op.next()


def _double(op, kind, x, y):
    operation = {"add": op.b.fadd, "sub": op.b.fsub, "mul": op.b.fmul, "div": op.b.fdiv}[kind]
    op.write_double("a", operation(x, y))


@semantics("add", "sub", "mul", "div", "mod")
def binary(op, name):
    x, y = op.read("b"), op.read("c")
    _dynamic(op, name, x, y, op.both_fixnums(x, y))
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("addi", "subi", "muli", "divi", "modi")
def immediate(op, name):
    x, i = op.read("b"), op.immediate("i")
    _dynamic(op, name[:-1], x, op.int_fixnum(i), op.is_fixnum(x))
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), i)


@semantics("addk", "subk", "mulk", "divk")
def constant(op, name):
    """A float constant first, with a float and with an int; then an int constant."""
    b, x, k = op.b, op.read("b"), op.constant("k")
    kind = name[:-1]
    with op.attempt():
        op.guard(op.both_flonums(x, k), likely=False)
        _double(op, kind, op.flonum_double(x), op.flonum_double(k))
    with op.attempt():
        op.guard(op.is_fixnum(x), likely=False)
        op.guard(op.is_flonum(k), likely=False)
        _double(op, kind, b.sitofp(op.fixnum_int(x), F64), op.flonum_double(k))
    with op.attempt():
        op.guard(op.both_fixnums(x, k), likely=False)
        _fixnum(op, kind, x, k)
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), k)


@semantics("neg")
def neg(op):
    x = op.read("b")
    with op.attempt():
        op.guard(op.is_fixnum(x))
        result, overflow = op.overflowing("sub", i64(0), x)
        op.guard(op.b.not_(overflow))
        op.write("a", result)
        op.next()
    with op.attempt():
        op.guard(op.is_flonum(x))
        op.write_double("a", op.b.fneg(op.flonum_double(x)))
    op.slow("rt_neg", op.slot("a"), op.slot("b"))


@semantics("addw", "subw", "mulw")
def wrapping(op, name):
    x, y = op.read("b"), op.read("c")
    with op.attempt():
        op.guard(op.both_fixnums(x, y))
        _fixnum(op, name[:-1], x, y)
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("shl", "shr")
def shift(op, name):
    """A result that is no fixnum is slow, and so are counts outside 0..63."""
    b, x, y = op.b, op.read("b"), op.read("c")
    with op.attempt():
        op.guard(op.both_fixnums(x, y))
        count = op.fixnum_int(y)
        op.guard(b.icmp_unsigned("<", count, i64(64)))
        if name == "shl":
            result = b.shl(x, count)
            op.guard(b.icmp_signed("==", b.ashr(result, count), x))
        else:
            result = b.and_(b.ashr(x, count), i64(-2))
        op.write("a", result)
        op.next()
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("bitand", "bitor", "bitxor")
def bitwise(op, name):
    x, y = op.read("b"), op.read("c")
    with op.attempt():
        op.guard(op.both_fixnums(x, y))
        operation = {"bitand": op.b.and_, "bitor": op.b.or_, "bitxor": op.b.xor}[name]
        op.write("a", operation(x, y))
        op.next()
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("bitnot")
def bitnot(op):
    x = op.read("b")
    with op.attempt():
        op.guard(op.is_fixnum(x))
        op.write("a", op.b.xor(x, i64(-2)))
        op.next()
    op.slow("rt_bitnot", op.slot("a"), op.slot("b"))


# --- classic: 32-bit two's complement in a fixnum ---

def _wrap32(op, shifted):
    """The word of a 32-bit integer from a shifted sum of any width: sign-extend bit 32."""
    return op.b.ashr(op.b.shl(shifted, i64(31)), i64(31))


@semantics("add32", "sub32", "mul32")
def classic(op, name):
    x, y = op.read("b"), op.read("c")
    b = op.b
    with op.attempt():
        op.guard(op.both_fixnums(x, y))
        operation = {"add32": b.add, "sub32": b.sub, "mul32": b.mul}[name]
        op.write("a", _wrap32(op, operation(op.fixnum_int(x) if name == "mul32" else x, y)))
        op.next()
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("div32")
def div32(op):
    x, y = op.read("b"), op.read("c")
    b = op.b
    with op.attempt():
        op.guard(op.both_fixnums(x, y))
        op.guard(b.icmp_unsigned(">", b.add(y, i64(2)), i64(2)))      # neither 0 nor -1
        quotient = b.sdiv(b.trunc(op.fixnum_int(x), I32), b.trunc(op.fixnum_int(y), I32))
        op.write("a", op.int_fixnum(b.sext(quotient, I64)))
        op.next()
    op.slow("rt_div32", op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("add32i", "sub32i")
def classic_immediate(op, name):
    x, i = op.read("b"), op.immediate("i")
    with op.attempt():
        op.guard(op.is_fixnum(x))
        operation = op.b.add if name == "add32i" else op.b.sub
        op.write("a", _wrap32(op, operation(x, op.int_fixnum(i))))
        op.next()
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), i)


@semantics("neg32")
def neg32(op):
    x = op.read("b")
    with op.attempt():
        op.guard(op.is_fixnum(x))
        op.write("a", _wrap32(op, op.b.neg(x)))
        op.next()
    op.slow("rt_neg32", op.slot("a"), op.slot("b"))


# --- typed: raw words ---

@semantics("add.int", "sub.int", "mul.int")
def raw_int(op, name):
    with op.attempt():
        result, overflow = op.overflowing(name[:3], op.read_raw("b"), op.read_raw("c"))
        op.guard(op.b.not_(overflow))
        op.write_raw("a", result)
        op.next()
    op.slow("rt_overflow")


@semantics("addi.int")
def raw_int_immediate(op):
    with op.attempt():
        result, overflow = op.overflowing("add", op.read_raw("b"), op.immediate("i"))
        op.guard(op.b.not_(overflow))
        op.write_raw("a", result)
        op.next()
    op.slow("rt_overflow")


@semantics("div.int", "mod.int")
def raw_divide(op, name):
    b, x, y = op.b, op.read_raw("b"), op.read_raw("c")
    with op.attempt():
        op.guard(b.icmp_unsigned("==", b.lshr(b.or_(x, y), i64(32)), i64(0)))
        op.guard(b.icmp_unsigned("!=", y, i64(0)))
        operation = b.udiv if name == "div.int" else b.urem
        op.write_raw("a", b.zext(operation(b.trunc(x, I32), b.trunc(y, I32)), I64))
        op.next()
    op.slow("rt_" + name.replace(".", "_"), op.raw_slot("a"), x, y)


@semantics("neg.int")
def raw_neg(op):
    with op.attempt():
        result, overflow = op.overflowing("sub", i64(0), op.read_raw("b"))
        op.guard(op.b.not_(overflow))
        op.write_raw("a", result)
        op.next()
    op.slow("rt_overflow")


@semantics("and.int", "or.int", "xor.int")
def raw_bitwise(op, name):
    operation = {"and.int": op.b.and_, "or.int": op.b.or_, "xor.int": op.b.xor}[name]
    op.write_raw("a", operation(op.read_raw("b"), op.read_raw("c")))
    op.next()


@semantics("addw.int", "subw.int", "mulw.int")
def raw_wrapping(op, name):
    operation = {"addw.int": op.b.add, "subw.int": op.b.sub, "mulw.int": op.b.mul}[name]
    op.write_raw("a", operation(op.read_raw("b"), op.read_raw("c")))
    op.next()


@semantics("shl.int", "shr.int")
def raw_shift(op, name):
    x, count = op.read_raw("b"), op.read_raw("c")
    with op.attempt():
        op.guard(op.b.icmp_unsigned("<", count, i64(64)))
        op.write_raw("a", (op.b.shl if name == "shl.int" else op.b.ashr)(x, count))
        op.next()
    op.slow("rt_shift_count", count)


@semantics("not.int")
def raw_not(op):
    op.write_raw("a", op.b.xor(op.read_raw("b"), i64(-1)))
    op.next()


@semantics("add.float", "sub.float", "mul.float", "div.float")
def raw_float(op, name):
    b = op.b
    operation = {"add": b.fadd, "sub": b.fsub, "mul": b.fmul, "div": b.fdiv}[name[:3]]
    op.write_raw("a", operation(op.read_float("b"), op.read_float("c")))
    op.next()


@semantics("neg.float")
def raw_float_neg(op):
    op.write_raw("a", op.b.fneg(op.read_float("b")))
    op.next()


@semantics("sqrt.float")
def raw_float_sqrt(op):
    intrinsic = op.b.module.declare_intrinsic("llvm.sqrt", [F64])
    op.write_raw("a", op.b.call(intrinsic, [op.read_float("b")]))
    op.next()


@semantics("float.int")
def raw_int_to_float(op):
    op.write_raw("a", op.b.sitofp(op.read_raw("b"), F64))
    op.next()


