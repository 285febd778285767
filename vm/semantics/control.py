"""Jumps, loops, calls, returns, errors."""
from .. import layout
from .objects import ITEMS, SLOTS, cached_slot, guard_fields, guard_type, shared_slot
from .protocol import I16, I32, I64, i32, i64, semantics

WORD = 8
TUPLE_ITEMS = layout.OFFSET["Tuple"]["items"] - layout.REF_TAG


@semantics("jump")
def jump(op):
    op.jump("to")


def _range(op):
    start, limit = op.read("a"), op.read("a", 1)
    op.guard(op.both_fixnums(start, limit))
    return start, limit


def _prepare_slowly(op, inclusive):
    enter = op.truth("rt_forprep", op.slot("a"), i64(inclusive))
    op.branch("to", op.b.not_(enter))


def _loop_head(op, start, limit):
    """Into the body with the visible variable set, or out of the loop."""
    with op.when(op.b.icmp_signed("<", start, limit)):
        op.write("a", start, 2)
        op.next()
    op.jump("to")


@semantics("forprep")
def forprep(op):
    with op.attempt():
        _loop_head(op, *_range(op))
    _prepare_slowly(op, 0)


@semantics("forprepi")
def forprep_inclusive(op):
    with op.attempt():
        start, limit = _range(op)
        limit, overflow = op.overflowing("add", limit, i64(2))
        op.guard(op.b.not_(overflow))
        op.write("a", limit, 1)
        _loop_head(op, start, limit)
    _prepare_slowly(op, 1)


@semantics("forloop")
def forloop(op):
    with op.attempt():
        start, limit = _range(op)
        following, overflow = op.overflowing("add", start, i64(2))
        op.guard(op.b.not_(overflow))
        op.write("a", following)
        with op.when(op.b.icmp_signed("<", following, limit)):
            op.write("a", following, 2)
            op.jump("to")
        op.next()
    op.branch("to", op.truth("rt_forloop", op.slot("a")))


def _list_item(op, iterated, position, at_end=lambda condition: None):
    """The item of a list at a position; guards that it is one and has it. `at_end(condition)` may leave the instruction
    where it has just no more."""
    b = op.b
    guard_type(op, iterated, "LIST")
    op.guard(op.is_fixnum(position))
    at, length = op.fixnum_int(position), op.field(I64, iterated, "List", "length")
    at_end(b.icmp_unsigned("==", at, length))
    op.guard(b.icmp_unsigned("<", at, length))
    return op.load(I64, op.field(I64, iterated, "List", "items"), b.add(b.shl(position, i64(2)), i64(ITEMS)))


def _advance(op, position, *parts):
    """Into the body, with what it sees, and the next position."""
    for number, part in enumerate(parts, 2):
        op.write("a", part, number)
    op.write("a", op.b.add(position, i64(2)), 1)
    op.next()


def _iterator_or(op, position, entry):
    """What no fast path takes. The position of an object whose methods the program calls is the fixnum -1."""
    with op.when(op.b.icmp_unsigned("==", position, i64(-2))):
        op.jump("to")
    more = op.truth(entry, op.slot("a"))
    op.branch("to", op.b.not_(more))


@semantics("iternext")
def iternext(op):
    b = op.b
    iterated, position = op.read("a"), op.read("a", 1)

    def leave(condition):
        with op.when(condition):
            op.jump("to")
    with op.attempt():
        _advance(op, position, _list_item(op, iterated, position, leave))
    with op.attempt():
        op.guard(op.is_ref(iterated))
        op.guard(op.is_type(op.type_byte(iterated), "RANGE"))
        start, end = op.field(I64, iterated, "Range", "start"), op.field(I64, iterated, "Range", "end")
        op.guard(op.is_fixnum(b.or_(b.or_(start, end), position)))
        item, overflow = op.overflowing("add", start, position)
        op.guard(b.not_(overflow))
        op.guard(b.icmp_signed("<", item, end))     # the end itself, which an inclusive range has, is left to the runtime
        _advance(op, position, item)
    _iterator_or(op, position, "rt_iternext")


@semantics("iterpair")
def iterpair(op):
    """A map's position has the number of the entry in its low 32 bits, above them how often the map had changed (access.c)."""
    b = op.b
    iterated, position = op.read("a"), op.read("a", 1)
    with op.attempt():
        op.guard(op.is_ref(iterated))       # a map without own keys (keys.c), whose aux byte is 0
        op.guard(b.icmp_unsigned("==", op.header(I16, iterated), I16(layout.TYPES["MAP"])))
        op.guard(op.is_fixnum(position))
        at = op.fixnum_int(position)
        op.guard(b.icmp_signed("==", b.ashr(at, i64(32)), op.field(I64, iterated, "Map", "changes")))
        entry = b.and_(at, i64(0xFFFFFFFF))
        op.guard(b.icmp_unsigned("<", entry, op.field(I64, iterated, "Map", "used")))
        pair = op.address(op.field(I64, iterated, "Map", "entries"), b.add(b.shl(entry, i64(4)), i64(ITEMS)))
        key = op.load(I64, pair)
        op.guard(b.icmp_unsigned("!=", key, i64(layout.UNSET)))
        _advance(op, position, key, op.load(I64, pair, WORD))
    with op.attempt():
        item = _list_item(op, iterated, position)
        guard_type(op, item, "TUPLE")
        op.guard(b.icmp_unsigned("==", op.field(I64, item, "Tuple", "length"), i64(2)))
        _advance(op, position, op.load(I64, item, TUPLE_ITEMS), op.load(I64, item, TUPLE_ITEMS + WORD))
    _iterator_or(op, position, "rt_iterpair")


def _enter(op, base, callee, count, raw, before=lambda: None, known=False, to=None):
    """Enter a closure of the right arity; guards that it is one and that the stack has room. `before` runs after the guards.
    `count` is None where that is known. `known`: behind the checks of its arguments; `to`: the jump target where the caller goes on,
    else at the next instruction."""
    b = op.b
    op.guard(op.fast_calls())
    op.guard(op.is_ref(callee))
    header = op.header(I32, callee)
    if count is not None:
        expected = b.or_(b.shl(b.trunc(count, I16), I16(8)), I16(layout.TYPES["CLOSURE"]))
        op.guard(b.icmp_unsigned("==", b.trunc(header, I16), expected))
    frame = op.address(base, WORD * layout.FRAME_HEADER)
    op.guard(b.icmp_unsigned("<", b.ptrtoint(frame, I64), op.process_field(I64, "stack_limit")))
    before()
    op.enter(callee, frame, raw, b.zext(b.lshr(header, I32(24)), I64) if known else None, to)


def _call(op, raw):
    base, count = op.slot("a"), op.count("n")
    with op.attempt():
        _enter(op, base, op.load(I64, base), count, raw)
    op.reenter("rt_call", base, op.b.trunc(count, I32), op.b.trunc(raw, I32), op.return_address(), i32(0))


@semantics("call")
def call(op):
    _call(op, i64(0))


@semantics("callraw")
def callraw(op):
    _call(op, op.count("raw"))


@semantics("callknown")
def callknown(op):
    base, count, raw = op.slot("a"), op.count("n"), op.count("raw")
    closure = op.load(I64, op.constant("f"), layout.OFFSET["Function"]["closure"])
    with op.attempt():
        _enter(op, base, closure, count, raw, lambda: op.store(closure, base), known=True)
    op.store(closure, base)
    op.reenter("rt_call", base, op.b.trunc(count, I32), op.b.trunc(raw, I32), op.return_address(), i32(1))


@semantics("calltyped", "calltypedraw")
def calltyped(op, name):
    base, raw = op.slot("a"), op.count("raw") if name == "calltypedraw" else i64(0)
    callee = op.load(I64, base)

    def guard_signature():
        guard_type(op, callee, "CLOSURE")
        signature = op.load(I64, op.field(I64, callee, "Closure", "function"), layout.OFFSET["Function"]["signature"])
        op.guard(op.b.icmp_unsigned("==", signature, op.constant("type")))

    with op.attempt():
        guard_signature()
        _enter(op, base, callee, None, raw, known=True, to="to")
    with op.attempt():
        guard_signature()
        op.reenter("rt_call", base, op.b.trunc(op.count("n"), I32), op.b.trunc(raw, I32), op.target("to"), i32(1))
    _call(op, raw)


@semantics("invoke", "invokeknown")
def invoke(op, name):
    """A method gets the instance as its first argument; a field's function is called without, so the arguments move down."""
    b = op.b
    base, count, raw, known = op.slot("a"), op.count("n"), op.count("raw"), name == "invokeknown"
    receiver = op.load(I64, base, WORD * layout.FRAME_HEADER)

    def is_method(slot):
        return b.icmp_unsigned("==", b.and_(slot, i64(layout.RAW_SLOT)), i64(layout.METHOD_SLOT))

    def enter_method(slot):
        guard_type(op, receiver, "OBJECT")
        methods = op.load(I64, op.field(I64, receiver, "Object", "class_"), layout.OFFSET["Class"]["methods"])
        method = op.load(I64, methods, b.shl(b.and_(slot, i64(layout.METHOD_SLOT - 1)), i64(3)))
        _enter(op, base, method, b.add(count, i64(1)), raw, lambda: op.store(method, base), known)

    def enter_field(slot):
        op.guard(b.icmp_unsigned("<", slot, i64(layout.MAX_INLINE + 1)))
        callee = op.load(I64, receiver, b.add(b.shl(slot, i64(3)), i64(SLOTS)))

        def move_arguments():
            op.store(callee, base)
            first = op.address(base, WORD * layout.FRAME_HEADER)

            def move(i):
                at = b.shl(i, i64(3))
                op.store(op.load(I64, op.address(first, WORD), at), first, at)
            op.repeat(count, move)
        _enter(op, base, callee, count, raw, move_arguments)

    for find in (cached_slot, shared_slot):
        with op.attempt():
            guard_fields(op, receiver)
            slot = find(op, receiver)
            with op.when(is_method(slot)):
                enter_method(slot)
            enter_field(slot)
    op.reenter("rt_invoke", base, b.trunc(count, I32), b.trunc(raw, I32), op.constant("name"), op.return_address(), i32(known))


@semantics("invokevirtual")
def invokevirtual(op):
    """By the number of the method, which it has in all subclasses too. What bytecode promises of the receiver need not be true: then
    another method of as many parameters is called, or the runtime looks for the name."""
    b = op.b
    base, count, raw = op.slot("a"), op.count("n"), op.count("raw")
    receiver = op.load(I64, base, WORD * layout.FRAME_HEADER)
    with op.attempt():
        guard_type(op, receiver, "OBJECT")
        class_ = op.field(I64, receiver, "Object", "class_")
        number = op.word("method")
        op.guard(b.icmp_unsigned("<", number, op.load(I32, class_, layout.OFFSET["Class"]["nmethods"])))
        method = op.load(I64, op.load(I64, class_, layout.OFFSET["Class"]["methods"]), b.shl(b.zext(number, I64), i64(3)))
        _enter(op, base, method, b.add(count, i64(1)), raw, lambda: op.store(method, base), True)
    op.reenter("rt_invoke", base, b.trunc(count, I32), b.trunc(raw, I32), op.constant("name"), op.return_address(), i32(2))


@semantics("prim")
def prim(op):
    op.slow("rt_prim", op.slot("a"), op.slot("b"), op.word("p"))


@semantics("extern")
def extern(op):
    op.slow("rt_extern", op.slot("a"), op.slot("b"), op.constant("x"))


@semantics("ret")
def ret(op):
    op.leave(op.read("a"))


@semantics("retnone")
def retnone(op):
    op.leave(i64(layout.NONE))


@semantics("throw")
def throw(op):
    op.slow("rt_throw", op.slot("a"))


@semantics("halt")
def halt(op):
    op.stop()


