"""Moves, constants, globals, captured variables, boxing."""


from .. import layout
from .protocol import F64, I64, i64, semantics


@semantics("move")
def move(op):
    op.write("a", op.read("b"))
    op.next()


@semantics("loadk")
def loadk(op):
    op.write("a", op.constant("k"))
    op.next()


@semantics("loadi")
def loadi(op):
    op.write("a", op.int_fixnum(op.immediate("i")))
    op.next()


@semantics("loadnone", "loadtrue", "loadfalse", "loadunset")
def load_special(op, name):
    word = {"loadnone": layout.NONE, "loadtrue": layout.TRUE, "loadfalse": layout.FALSE, "loadunset": layout.UNSET}
    op.write("a", i64(word[name]))
    op.next()


@semantics("fillnone")
def fillnone(op):
    op.repeat(op.count("n"), lambda i: op.store(i64(layout.NONE), op.slot("a"), op.b.shl(i, i64(3))))
    op.next()


@semantics("checkset")
def checkset(op):
    with op.attempt():
        op.guard(op.b.icmp_unsigned("!=", op.read("a"), i64(layout.UNSET)))
        op.next()
    op.slow("rt_unset", op.constant("name"))


def _global(op):
    index = op.b.zext(op.word("g"), I64)
    return op.address(op.process_field(I64, "globals"), op.b.shl(index, i64(3)))


@semantics("getglobal")
def getglobal(op):
    value = op.load(I64, _global(op))
    with op.attempt():
        op.guard(op.b.icmp_unsigned("!=", value, i64(layout.UNSET)))
        op.write("a", value)
        op.next()
    op.slow("rt_unset_global", op.word("g"))


@semantics("setglobal")
def setglobal(op):
    op.store_item(op.read("a"), _global(op))
    op.next()


@semantics("builtin")
def builtin(op):
    op.slow("rt_builtin", op.slot("a"), op.word("p"))


def _captured(op):
    return op.load(I64, op.closure(), op.b.add(op.b.shl(op.count("i"), i64(3)),
                                               i64(layout.OFFSET["Closure"]["captured"] - layout.REF_TAG)))


@semantics("getup")
def getup(op):
    op.write("a", _captured(op))
    op.next()


@semantics("getupcell")
def getupcell(op):
    op.write("a", op.field(I64, _captured(op), "Cell", "value"))
    op.next()


@semantics("setupcell")
def setupcell(op):
    _set_cell(op, _captured(op), op.read("a"))


def _set_cell(op, cell, value):
    slot = op.address(cell, layout.OFFSET["Cell"]["value"] - layout.REF_TAG)
    op.store_item(value, slot)
    op.barrier(cell, slot, value)
    op.next()


@semantics("newcell")
def newcell(op):
    op.slow("rt_newcell", op.slot("a"), op.slot("b"))


@semantics("getcell")
def getcell(op):
    cell = op.read("b")
    with op.attempt():
        op.guard(op.is_ref(cell))
        op.guard(op.is_type(op.type_byte(cell), "CELL"))
        op.write("a", op.field(I64, cell, "Cell", "value"))
        op.next()
    op.slow("rt_not_cell")


@semantics("setcell")
def setcell(op):
    cell = op.read("a")
    with op.attempt():
        op.guard(op.is_ref(cell))
        op.guard(op.is_type(op.type_byte(cell), "CELL"))
        _set_cell(op, cell, op.read("b"))
    op.slow("rt_not_cell")


@semantics("closure")
def closure(op):
    op.slow("rt_closure", op.slot("a"), op.constant("f"))


@semantics("rmove")
def rmove(op):
    op.write_raw("a", op.read_raw("b"))
    op.next()


@semantics("rloadi")
def rloadi(op):
    op.write_raw("a", op.b.sext(op.word("i"), I64))
    op.next()


@semantics("rloadk")
def rloadk(op):
    """The loader put the unboxed word beside the tagged one (see load.c)."""
    op.write_raw("a", op.raw_constant("k"))
    op.next()


@semantics("unboxint")
def unboxint(op):
    x = op.read("b")
    with op.attempt():
        op.guard(op.is_fixnum(x))
        op.write_raw("a", op.fixnum_int(x))
        op.next()
    op.slow("rt_unbox_int", op.slot("b"), op.raw_slot("a"))


@semantics("unboxfloat")
def unboxfloat(op):
    x = op.read("b")
    with op.attempt():
        with op.when(op.is_fixnum(x)):
            op.write_raw("a", op.b.sitofp(op.fixnum_int(x), F64))
            op.next()
        op.guard(op.is_flonum(x))
        op.write_raw("a", op.flonum_double(x))
        op.next()
    op.slow("rt_unbox_float", op.slot("b"), op.raw_slot("a"))


@semantics("unboxbool")
def unboxbool(op):
    x = op.read("b")
    with op.attempt():
        op.guard(op.b.icmp_unsigned("==", op.b.or_(x, i64(layout.TRUE_BIT)), i64(layout.TRUE)))
        op.write_raw("a", op.b.zext(op.b.icmp_unsigned("==", x, i64(layout.TRUE)), I64))
        op.next()
    op.slow("rt_unbox_bool", op.slot("b"), op.raw_slot("a"))


@semantics("boxint")
def boxint(op):
    x = op.read_raw("b")
    with op.attempt():
        result, overflow = op.overflowing("add", x, x)
        op.guard(op.b.not_(overflow))
        op.write("a", result)
        op.next()
    op.slow("rt_box_int", op.slot("a"), x)


@semantics("boxfloat")
def boxfloat(op):
    d = op.read_float("b")
    with op.attempt():
        op.write_double("a", d)
    op.slow("rt_box_float", op.slot("a"), d)


@semantics("boxbool")
def boxbool(op):
    op.write("a", op.boolean(op.b.icmp_unsigned("!=", op.read_raw("b"), i64(0))))
    op.next()


