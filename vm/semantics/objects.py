"""Records, lists, indexing: the cached and the dense paths; everything else is the runtime's."""
from llvmlite import ir

from .. import layout
from . import arrays
from .protocol import F64, I1, I8, I32, I64, LIKELY, i32, i64, semantics

TAG = layout.REF_TAG
SLOTS = layout.OFFSET["Record"]["slots"] - TAG
ITEMS = layout.OFFSET["Array"]["items"] - TAG
ELEMENT_ITEMS = layout.OFFSET["Elements"]["items"] - TAG


def guard_type(op, value, name):
    """Guard that `value` refers to an object of this type."""
    op.guard(op.is_ref(value))
    op.guard(op.is_type(op.type_byte(value), name))


def guard_fields(op, value):
    """Guard that `value` refers to a record or an instance of a class, whose first fields lie at the same place."""
    op.guard(op.is_ref(value))
    both = op.b.or_(op.type_byte(value), I8(layout.TYPES["OBJECT"] ^ layout.TYPES["RECORD"]))
    op.guard(op.is_type(both, "OBJECT"))


def cached_slot(op, record):
    """The slot number that this site's cache word holds for the record's shape; guards that it does (see layout.py)."""
    return op.b.zext(_slot(op, op.word("c"), op.header(I32, record, 4)), I64)


def _slot(op, word, shape):
    """The slot number in a cache word; guards that it is of this shape (the upper half of a header)."""
    slot = op.b.sub(word, shape)
    op.guard(op.b.icmp_unsigned("<", slot, i32(1 << layout.SHAPE_SHIFT)))
    return slot


def shared_slot(op, record):
    """The same from the process's cache, which serves the sites that see many shapes."""
    b, name = op.b, op.constant("name")
    shape = op.header(I32, record, 4)
    hashed = b.xor(b.mul(b.lshr(shape, i32(layout.SHAPE_SHIFT)), i32(layout.FIELD_CACHE_SHAPE)), b.trunc(b.lshr(name, i64(3)), I32))
    entry = b.add(op.process_field(I64, "field_cache"), b.shl(b.zext(b.and_(hashed, i32(layout.FIELD_CACHE - 1)), I64), i64(4)))
    op.guard(b.icmp_unsigned("==", op.load(I64, entry, layout.OFFSET["FieldCache"]["name"]), name))
    return b.zext(_slot(op, op.load(I32, entry, layout.OFFSET["FieldCache"]["word"]), shape), I64)


def _raw_offset(op, slot):
    """The byte offset of a raw slot from its number with RAW_SLOT."""
    return op.b.add(op.b.shl(op.b.sub(slot, i64(layout.RAW_SLOT)), i64(3)), i64(SLOTS))


def _field_holder(op, record, slot, then, raw):
    """Call `then(holder word, byte offset)` for an inline slot, and again for one in the overflow array; and `raw(byte offset)` for a raw slot."""
    b = op.b
    inline = b.icmp_unsigned("<", slot, i64(layout.OVERFLOW_SLOT))
    with op.when(inline):
        then(record, b.add(b.shl(slot, i64(3)), i64(SLOTS)))
    if op.raw_slots:
        with op.when(b.icmp_unsigned(">=", slot, i64(layout.RAW_SLOT))):
            raw(_raw_offset(op, slot))
    overflow = op.field(I64, op.field(I64, record, "Record", "elements"), "Elements", "overflow")
    index = b.sub(slot, i64(layout.OVERFLOW_SLOT))
    then(overflow, b.add(b.shl(index, i64(3)), i64(ITEMS)))


@semantics("getfield")
def getfield(op):
    record = op.read("b")

    def finish(holder, offset):
        op.write("a", op.load(I64, holder, offset))
        op.next()

    def put_number(offset):
        op.write_double("a", op.load_number(record, offset))

    with op.attempt():
        guard_fields(op, record)
        _field_holder(op, record, cached_slot(op, record), finish, put_number)
    with op.attempt():
        guard_fields(op, record)
        slot = shared_slot(op, record)
        if op.raw_slots:
            with op.when(op.b.icmp_unsigned(">=", slot, i64(layout.RAW_SLOT))):
                put_number(_raw_offset(op, slot))
        op.guard(op.b.icmp_unsigned("<", slot, i64(layout.METHOD_SLOT)))    # neither a method nor in the overflow array
        finish(record, op.b.add(op.b.shl(slot, i64(3)), i64(SLOTS)))
    op.slow("rt_getfield", op.slot("a"), op.slot("b"), op.constant("name"), op.word_address("c"))


@semantics("setfield")
def setfield(op):
    record, value = op.read("a"), op.read("b")

    def finish(holder, offset):
        slot = op.address(holder, offset)
        op.store_item(value, slot)
        op.barrier(holder, slot, value)
        op.next()

    with op.attempt():
        guard_fields(op, record)
        slot = cached_slot(op, record)
        with op.when(op.b.icmp_unsigned("==", op.b.and_(slot, i64(layout.TYPED_SLOT | layout.OVERFLOW_SLOT)), i64(layout.TYPED_SLOT))):
            guard_type(op, record, "OBJECT")
            index = op.b.shl(op.b.xor(slot, i64(layout.TYPED_SLOT)), i64(3))
            types = op.load(I64, op.field(I64, record, "Object", "class_"), layout.OFFSET["Class"]["slot_types"])
            op.guard(op.b.icmp_unsigned("!=", types, i64(0)))       # of an instantiation of a generic class
            _guard_admitted(op, value, op.load(I64, types, index))
            finish(record, op.b.add(index, i64(SLOTS)))
        _field_holder(op, record, slot, finish, lambda offset: _put_number(op, record, offset, _number_of(op, value)))
    op.slow("rt_setfield", op.slot("a"), op.slot("b"), op.constant("name"), op.word_address("c"))


def _element(op, container, key, then, stored=None):
    """Call `then(holder word, byte offset, checked)` for a dense item of a list or a record; guards the rest.

    `checked` tells that the item may be unset, which only a record's items are. `stored`: guard that a list admits this value."""
    b = op.b
    op.guard(op.is_ref(container))
    number = op.read_index(key)
    offset = op.index_bytes(number)
    type_byte = op.type_byte(container)
    with op.when(op.is_type(type_byte, "LIST")):
        if stored is not None:
            _guard_item(op, container, stored)
        op.guard(b.icmp_unsigned("<", op.index(number), op.field(I64, container, "List", "length")))
        then(op.field(I64, container, "List", "items"), b.add(offset, i64(ITEMS)), False)
    op.guard(op.is_type(type_byte, "RECORD"))
    elements = op.field(I64, container, "Record", "elements")
    op.guard(op.is_ref(elements))
    count = b.zext(op.field(I32, elements, "Elements", "count"), I64)
    op.guard(b.icmp_unsigned("<", op.index(number), count))
    then(elements, b.add(offset, i64(ELEMENT_ITEMS)), True)


@semantics("getindex", "getindex.int")
def getindex(op, name):
    def finish(holder, offset, checked):
        value = op.load(I64, holder, offset)
        if checked:
            op.guard(op.b.icmp_unsigned("!=", value, i64(layout.UNSET)))
        op.write("a", value)
        op.next()

    op.share("b", "c")
    if op.raw("b"):
        with op.attempt():
            arrays.get_known(op, op.read("b"), op.raw("b"), "c")
        return op.slow("rt_getindex", op.slot("a"), op.slot("b"), op.slot("c"))
    if name == "getindex.int" or op.raw("a") == "int":
        with op.attempt():
            arrays.get_int(op, op.read("b"), "c")
    if op.raw("a") == "float":
        with op.attempt():
            arrays.get_float(op, op.read("b"), "c")
    with op.attempt():
        _element(op, op.read("b"), "c", finish)
    with op.attempt():
        arrays.get(op, op.read("b"), "c")
    op.slow("rt_getindex", op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("setindex", "setindex.int", "setitem")
def setindex(op, name):
    """Into a list whose type arguments are not all dynamic only `setitem` stores at once: the runtime looks at the value."""
    op.share("a", "b", "c")
    entry = "rt_setitem" if name == "setitem" else "rt_setindex"
    if op.raw("a"):
        def admits(list_, value):
            if name != "setitem":
                _guard_item(op, list_, value)

        with op.attempt():
            arrays.put_known(op, op.read("a"), op.raw("a"), "b", "c", admits)
        return op.slow(entry, op.slot("a"), op.slot("b"), op.slot("c"))
    if op.raw("c") == "float":
        with op.attempt():
            arrays.put_float(op, op.read("a"), "b", op.read_float("c"))

    def finish(holder, offset, checked):
        slot = op.address(holder, offset)
        if checked:                              # a new item may have to leave the map: the runtime's business
            op.guard(op.b.icmp_unsigned("!=", op.load(I64, slot), i64(layout.UNSET)))
        op.store_item(value, slot)
        op.barrier(holder, slot, value)
        op.next()

    if name == "setindex.int" or op.raw("c") == "int":
        with op.attempt():
            arrays.put_int(op, op.read("a"), "b", "c")
    value = op.read("c")
    with op.attempt():
        _element(op, op.read("a"), "b", finish, value if name != "setitem" else None)
    with op.attempt():
        arrays.put(op, op.read("a"), "b", value, name != "setitem")
    op.slow(entry, op.slot("a"), op.slot("b"), op.slot("c"))


@semantics("record")
def record(op):
    """The constant is the new record's header word; its aux byte is 0 when the fields fill the inline slots exactly."""
    b = op.b
    header = op.constant("t")
    count = b.and_(b.lshr(header, i64(24)), i64(255))
    with op.attempt():
        op.guard(b.icmp_unsigned("==", b.and_(header, i64(0xFF00)), i64(0)))
        size = b.add(b.shl(count, i64(3)), i64(SLOTS + TAG))
        object_ = op.bump(size)
        op.store(header, object_)
        op.store(i64(layout.NONE), object_, layout.OFFSET["Record"]["elements"])
        source = op.slot("b")

        def copy(i):
            at = b.shl(i, i64(3))
            op.store(op.load(I64, source, at), op.address(object_, SLOTS + TAG), at)
        op.repeat(count, copy)
        op.write("a", b.add(object_, i64(TAG)))
        op.next()
    op.slow("rt_record", op.slot("a"), op.slot("b"), header)


@semantics("list")
def list_(op):
    op.slow("rt_list", op.slot("a"), op.slot("b"), op.b.trunc(op.count("n"), I32))


@semantics("tuple", "map")
def collection(op, name):
    op.slow("rt_" + name, op.slot("a"), op.slot("b"), op.b.trunc(op.count("n"), I32))


@semantics("untuple")
def untuple(op):
    value, first, count = op.read("b"), op.slot("a"), op.count("n")
    with op.attempt():
        guard_type(op, value, "TUPLE")
        op.guard(op.b.icmp_unsigned("==", op.field(I64, value, "Tuple", "length"), count))

        def copy(i):
            at = op.b.shl(i, i64(3))
            op.store(op.load(I64, value, op.b.add(at, i64(layout.OFFSET["Tuple"]["items"] - TAG))), first, at)
        op.repeat(count, copy)
        op.next()
    op.jump("to")


@semantics("object")
def object_(op):
    op.slow("rt_object", op.slot("a"), op.null(), op.constant("type"))


@semantics("construct")
def construct(op):
    op.slow("rt_object", op.slot("a"), op.slot("b"), op.constant("type"))


def guard_slots(op, instance, number):
    """Guard that this is an instance with a field of this number (i64)."""
    guard_type(op, instance, "OBJECT")
    op.guard(op.b.icmp_unsigned("<", number, op.b.zext(op.header(I8, instance, 3), I64)))


def _slot_offset(op):
    """The byte offset of field number `i`."""
    return op.b.add(op.b.shl(op.count("i"), i64(3)), i64(SLOTS))


def _word_slot(op, name):
    """The byte offset of field number `i` of the instance in operand `name`; guards that it is one and has so many, and holds a word there."""
    if op.raw(name) != "instance":
        guard_slots(op, op.read(name), op.count("i"))
        if op.raw_slots:
            op.guard(op.b.icmp_unsigned("==", op.header(I8, op.read(name), 1), ir.Constant(I8, 0)))
    return _slot_offset(op)


def _number_slot(op, name):
    """The same where it holds a raw double."""
    b, instance = op.b, op.read(name)
    guard_slots(op, instance, op.count("i"))
    op.guard(b.icmp_unsigned("<", op.count("i"), i64(layout.RAW_SLOTS)))
    class_ = op.load(I64, op.field(I64, instance, "Object", "class_"), layout.OFFSET["Class"]["raw"])
    op.guard(b.trunc(b.lshr(op.load(I64, class_, layout.OFFSET["Class"]["raw_slots"]), op.count("i")), I1))
    return _slot_offset(op)


def _has_numbers(op, name):
    """May the instance in operand `name` have raw slots, as far as the engine knows?"""
    return op.raw_slots and op.raw(name) != "instance"


def _number_of(op, value):
    """The double of a word; guards that it is a flonum or zero."""
    zero = op.b.icmp_unsigned("==", value, i64(layout.FLONUM_ZERO))
    op.guard(op.b.or_(zero, op.is_flonum(value)))
    return op.b.select(zero, ir.Constant(F64, 0.0), op.flonum_double(value))


def _put_number(op, instance, offset, value):
    op.store_number(value, instance, offset)
    op.next()


@semantics("getslot")
def getslot(op):
    instance = op.read("b")
    with op.attempt():
        op.write("a", op.load_item(I64, instance, _word_slot(op, "b")))
        op.next()
    if _has_numbers(op, "b"):
        with op.attempt():
            op.write_double("a", op.load_number(instance, _number_slot(op, "b")))
    op.slow("rt_getslot", op.slot("a"), op.slot("b"), op.count("i"))


@semantics("setslot")
def setslot(op):
    instance, value = op.read("a"), op.read("b")
    with op.attempt():
        slot = op.address(instance, _word_slot(op, "a"))
        op.store_item(value, slot)
        op.barrier(instance, slot, value)
        op.next()
    if _has_numbers(op, "a"):
        with op.attempt():
            _put_number(op, instance, _number_slot(op, "a"), _number_of(op, value))
    op.slow("rt_setslot", op.slot("a"), op.count("i"), op.slot("b"))


@semantics("getslot.float")
def getslot_float(op):
    instance = op.read("b")
    with op.attempt():
        op.write_raw("a", float_of(op, op.load_item(I64, instance, _word_slot(op, "b"))))
        op.next()
    if _has_numbers(op, "b"):
        with op.attempt():
            op.write_raw("a", op.load_number(instance, _number_slot(op, "b")))
            op.next()
    op.slow("rt_float_slot", op.raw_slot("a"), op.slot("b"), op.count("i"))


@semantics("setslot.float")
def setslot_float(op):
    b, instance, value = op.b, op.read("a"), op.read_raw("b")
    with op.attempt():
        word = op.rotate_left3(b.add(value, i64(layout.FLONUM_BIAS)))
        op.guard(op.is_flonum(word))
        op.store_item(word, op.address(instance, _word_slot(op, "a")))
        op.next()
    if _has_numbers(op, "a"):
        with op.attempt():
            _put_number(op, instance, _number_slot(op, "a"), b.bitcast(value, F64))
    op.slow("rt_set_float_slot", op.slot("a"), op.count("i"), op.b.bitcast(value, F64))


@semantics("getindex.float")
def getindex_float(op):
    op.share("b", "c")

    def finish(holder, offset, checked):
        op.write_raw("a", float_of(op, op.load(I64, holder, offset)))
        op.next()

    kind = op.raw("b")
    if kind == "list":
        with op.attempt():
            finish(*arrays.known_element(op, op.read("b"), kind, "c"), False)
    elif kind:
        with op.attempt():
            arrays.get_known(op, op.read("b"), kind, "c")
    if kind:
        return op.slow("rt_float_item", op.raw_slot("a"), op.slot("b"), op.slot("c"))
    with op.attempt():
        _element(op, op.read("b"), "c", finish)
    with op.attempt():
        arrays.get_float(op, op.read("b"), "c")
    op.slow("rt_float_item", op.raw_slot("a"), op.slot("b"), op.slot("c"))


def float_of(op, word):
    """The double of a word; guards that it is a flonum."""
    op.guard(op.is_flonum(word))
    return op.flonum_double(word)


def _accepts(op, type_, form):
    """i1: all values of this form (see layout.ACCEPT_FIXNUM) are of the type."""
    return op.b.trunc(op.b.lshr(op.load(I64, type_, layout.OFFSET["Type"]["accept"]), form), I1)


def _guard_admitted(op, value, type_):
    """Guard that the value's form or class tells that it is of the type."""
    b = op.b
    forms = {layout.NONE: layout.ACCEPT_NONE, layout.FALSE: layout.ACCEPT_BOOL, layout.TRUE: layout.ACCEPT_BOOL,
             layout.UNSET: layout.ACCEPT_UNSET, layout.FLONUM_ZERO: layout.ACCEPT_FLONUM}
    accept = op.load(I64, type_, layout.OFFSET["Type"]["accept"])
    refers, other, instance, ok = (b.append_basic_block(name) for name in ("refers", "other", "instance", "admitted"))
    b.cbranch(op.is_ref(value), refers, other)
    b.position_at_end(other)

    def admit(form):
        op.guard(b.trunc(b.lshr(accept, form), I1))
        b.branch(ok)
    _by_form(op, value, admit, i64(layout.ACCEPT_FIXNUM), i64(layout.ACCEPT_FLONUM), lambda: _constant_case(op, value, forms))
    b.position_at_end(refers)
    b.cbranch(b.trunc(b.lshr(accept, b.zext(op.type_byte(value), I64)), I1), ok, instance)
    b.position_at_end(instance)
    op.guard(op.is_type(op.type_byte(value), "OBJECT"))
    at, mask, wanted = (op.load(t, type_, layout.OFFSET["Type"][field]) for t, field in ((I32, "test_at"), (I64, "test_mask"), (I64, "test_word")))
    found = op.load(I64, op.field(I64, value, "Object", "class_"), b.zext(at, I64))
    op.guard(b.icmp_unsigned("==", b.and_(found, mask), wanted))
    b.branch(ok)
    b.position_at_end(ok)


def _by_form(op, value, then, fixnum, flonum, constant):
    """Call `then` on each path of a value that is no reference: with `fixnum`, `flonum`, or what `constant()` gives."""
    b = op.b
    with op.when(op.is_fixnum(value)):
        then(fixnum)
    with op.when(op.is_flonum(value)):
        then(flonum)
    then(constant())


def _constant_case(op, value, cases):
    """The number below 256 that `cases` gives for a constant word (0 for those left out): bits 3 to 5 tell them apart."""
    table = sum(case << (word & 0x38) for word, case in cases.items())
    return op.b.and_(op.b.lshr(i64(table), op.b.and_(value, i64(0x38))), i64(255))


def _guard_item(op, list_, value):
    """Guard that a list whose items have a type admits a value of this form."""
    b = op.b
    plain, typed, after = (b.append_basic_block(name) for name in ("plain", "typed", "after"))
    header = op.header(I64, list_)
    b.cbranch(b.icmp_unsigned("==", b.lshr(header, i64(32)), i64(0)), after, typed).set_weights(LIKELY)
    b.position_at_end(typed)
    forms = {layout.NONE: layout.ITEM_NONE, layout.FALSE: layout.ITEM_BOOL, layout.TRUE: layout.ITEM_BOOL,
             layout.FLONUM_ZERO: layout.ITEM_FLONUM}
    string = b.append_basic_block("string")
    b.cbranch(op.is_ref(value), string, plain)
    b.position_at_end(string)
    kind = op.type_byte(value)
    op.guard(b.or_(op.is_type(kind, "STRING"), op.is_type(kind, "ROPE")))
    op.guard(b.trunc(b.lshr(header, i64(8 + layout.ITEM_STRING.bit_length() - 1)), I1))
    b.branch(after)
    b.position_at_end(plain)

    def admit(form):
        op.guard(b.icmp_unsigned("!=", b.and_(b.lshr(header, i64(8)), form), i64(0)))
        b.branch(after)
    _by_form(op, value, admit, i64(layout.ITEM_FIXNUM), i64(layout.ITEM_FLONUM), lambda: _constant_case(op, value, forms))
    b.position_at_end(after)


def _test(op, name, finish):
    """Give `finish` whether operand `name` is of the type: what the value's form or class tells at once, else the runtime."""
    value, type_ = op.read(name), op.constant("type")
    with op.attempt():
        _guard_admitted(op, value, type_)
        finish(I1(1))
    with op.attempt():
        op.guard(_accepts(op, type_, i64(layout.ACCEPT_DECIDED)))
        finish(I1(0))
    finish(op.truth("rt_is", value, type_))


@semantics("is")
def is_(op):
    def finish(condition):
        op.write("a", op.boolean(condition))
        op.next()
    _test(op, "b", finish)


@semantics("jis", "jisnt")
def jump_is(op, name):
    _test(op, "a", lambda condition: op.branch("to", op.b.not_(condition) if name == "jisnt" else condition))


@semantics("cast")
def cast(op):
    value, type_ = op.read("b"), op.constant("type")
    with op.attempt():
        _guard_admitted(op, value, type_)
        op.write("a", value)
        op.next()
    op.slow("rt_cast", op.slot("a"), op.slot("b"), type_, op.constant("place"))


@semantics("checkint")
def checkint(op):
    with op.attempt():
        op.guard(op.is_fixnum(op.read("a")))
        op.next()
    op.slow("rt_checkint", op.slot("a"), op.constant("place"))


@semantics("isr")
def isr(op):
    op.write("a", op.boolean(op.truth("rt_isr", op.read("b"), op.read("t"))))
    op.next()


@semantics("castr")
def castr(op):
    op.slow("rt_castr", op.slot("a"), op.slot("b"), op.read("t"), op.constant("place"))


@semantics("reify")
def reify(op):
    """A container notes the type's number in its header."""
    value, type_ = op.read("a"), op.constant("type")
    with op.attempt():
        op.guard(op.is_ref(value))
        holder = op.load(I8, type_, layout.OFFSET["Type"]["holder"])
        op.guard(op.b.icmp_unsigned("==", op.type_byte(value), holder))
        op.store(op.load(I32, type_, layout.OFFSET["Type"]["id"]), value, 4 - TAG)
        with op.when(op.is_type(holder, "LIST")):
            op.store(op.load(I8, type_, layout.OFFSET["Type"]["items"]), value, 1 - TAG)
            op.next()
        op.next()
    op.slow("rt_reify", op.slot("a"), type_)


@semantics("gather")
def gather(op):
    op.slow("rt_gather", op.slot("a"), op.constant("type"), op.constant("place"))


@semantics("reifyr")
def reifyr(op):
    op.slow("rt_reifyr", op.slot("a"), op.read("t"))


@semantics("gettype")
def gettype(op):
    """At once with the type arguments, or for an instance of the class, that the type was last resolved with."""
    b, env, type_ = op.b, op.read("b"), op.constant("type")
    resolved = op.load(I64, type_, layout.OFFSET["Type"]["resolved"])
    known = b.lshr(resolved, i64(32))

    def finish():
        op.write("a", op.int_fixnum(b.and_(resolved, i64(0xFFFFFFFF))))
        op.next()

    with op.attempt():
        op.guard(b.icmp_unsigned("==", env, op.int_fixnum(known)))
        finish()
    with op.attempt():
        guard_type(op, env, "OBJECT")
        own = op.load(I64, op.field(I64, env, "Object", "class_"), layout.OFFSET["Class"]["type"])
        op.guard(b.icmp_unsigned("==", b.zext(op.load(I32, own, layout.OFFSET["Type"]["id"]), I64), known))
        finish()
    op.slow("rt_gettype", op.slot("a"), op.slot("b"), type_)


@semantics("typeargs", "typeargsr")
def typeargs(op, name):
    """What the callee has read already."""
    op.next()


@semantics("bindtypes")
def bindtypes(op):
    op.slow("rt_bindtypes", op.slot("a"))


@semantics("jointypes")
def jointypes(op):
    op.slow("rt_jointypes", op.slot("a"), op.slot("b"), op.b.trunc(op.count("n"), I32))


@semantics("append")
def append(op):
    """At once where the list's storage has room and any value is admitted. The item is stored before it counts, so that what the
    barrier does may be done again."""
    b, list_, value = op.b, op.read("a"), op.read("b")
    with op.attempt():
        guard_type(op, list_, "LIST")
        _guard_item(op, list_, value)
        length, items = op.field(I64, list_, "List", "length"), op.field(I64, list_, "List", "items")
        op.guard(b.icmp_unsigned("<", length, op.field(I64, items, "Array", "length")))
        slot = op.address(items, b.add(b.shl(length, i64(3)), i64(ITEMS)))
        op.store_item(value, slot)
        op.barrier(items, slot, value)
        op.store(b.add(length, i64(1)), list_, layout.OFFSET["List"]["length"] - TAG)
        op.next()
    op.slow("rt_append", op.slot("a"), op.slot("b"))


@semantics("tostring")
def tostring(op):
    value = op.read("b")
    with op.attempt():
        op.guard(op.is_ref(value))
        op.guard(op.is_type(op.type_byte(value), "STRING"))
        op.write("a", value)
        op.next()
    op.slow("rt_tostring", op.slot("a"), op.slot("b"))


