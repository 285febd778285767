"""Elements of arrays, tagged ones and the commonest unboxed ones; the runtime does the others.

In:  the operands of `getindex`, `setindex`, `getindex.float`. Out: the instruction's end, inside an attempt.
"""
from .. import layout
from .protocol import F64, I1, I8, I16, I32, I64, i32, i64

TAG = layout.REF_TAG
ITEMS = layout.OFFSET["Packed"]["bytes"] - TAG      # of a tagged array too (array.c asserts it)


def _element(op, array, key):
    """The kind of what may be an array (its type and aux bytes), and the byte offset of its word number `key`, an operand's name; guards that the
    index is in range. Reading a length is harmless in any object: all have two words."""
    b = op.b
    op.guard(op.is_ref(array))
    number = op.read_index(key)
    op.guard(b.icmp_unsigned("<", op.index(number), op.field(I64, array, "Packed", "length")))
    return op.header(I16, array), b.add(op.index_bytes(number), i64(ITEMS))


def _packed(op, kind, element):
    return op.b.icmp_unsigned("==", kind, I16(layout.packed_header(element)))


def _byte_offset(op, key):
    return op.b.add(op.index(op.read_index(key)), i64(ITEMS))


def known_element(op, container, kind, key):
    """(holder word, byte offset) of element `key`, an operand's name, of a container that is known to be of a kind (see `opt/graph.py: CONTAINERS`); guards that the
    index is in range."""
    b = op.b
    number = op.read_index(key)
    op.guard(b.icmp_unsigned("<", op.index(number), op.field(I64, container, "Packed", "length")))      # a list's length is at the same place
    if kind == "list":
        return op.field(I64, container, "List", "items"), b.add(op.index_bytes(number), i64(layout.OFFSET["Array"]["items"] - TAG))
    return container, b.add(op.index(number) if kind == "array.bool" else op.index_bytes(number), i64(ITEMS))


def get_known(op, container, kind, key):
    """R[a] := container[key]"""
    holder, offset = known_element(op, container, kind, key)
    if kind == "array.bool":
        op.write("a", op.boolean(op.b.trunc(op.load_item(I8, holder, offset), I1)))
        op.next()
    elif kind == "array.int":
        op.write_int("a", op.load_item(I64, holder, offset))
    elif kind == "array.float":
        op.write_raw("a", op.load_item(I64, holder, offset))
        op.next()
    else:
        op.write("a", op.load_item(I64, holder, offset))
        op.next()


def put_known(op, container, kind, key, value, admits):
    """container[key] := value, an operand's name; `admits(container, word)`: guard that a list may hold it"""
    b = op.b
    if kind == "array.int":
        value = op.read_int(value)
    elif kind == "array.float":
        value = op.read_float(value)
    else:
        value = op.read(value)
    if kind == "list":
        admits(container, value)
    if kind == "array.bool":
        true = b.icmp_unsigned("==", value, i64(layout.TRUE))
        op.guard(b.or_(true, b.icmp_unsigned("==", value, i64(layout.FALSE))))
        value = b.zext(true, I8)
    holder, offset = known_element(op, container, kind, key)
    slot = op.address(holder, offset)
    op.store_item(value, slot)
    if kind == "list":
        op.barrier(holder, slot, value)
    op.next()


def get(op, array, key):
    """R[a] := array[key]"""
    b = op.b
    kind, offset = _element(op, array, key)
    with op.when(_packed(op, kind, "I64"), likely=True):
        op.write_int("a", op.load(I64, array, offset))
    with op.when(_packed(op, kind, "F64")):
        op.write_double("a", op.load(F64, array, offset))
    with op.when(_packed(op, kind, "BOOL")):
        op.write("a", op.boolean(b.trunc(op.load(I8, array, _byte_offset(op, key)), I1)))
        op.next()
    op.guard(op.is_type(b.trunc(kind, I8), "ARRAY"))
    op.write("a", op.load(I64, array, offset))
    op.next()


def get_int(op, array, key):
    """R[a] := array[key], an int"""
    kind, offset = _element(op, array, key)
    op.guard(_packed(op, kind, "I64"))
    op.write_int("a", op.load(I64, array, offset))


def put_int(op, array, key, value):
    """array[key] := value, an operand's name too, an int"""
    kind, offset = _element(op, array, key)
    op.guard(_packed(op, kind, "I64"))
    op.store_item(op.read_int(value), op.address(array, offset))
    op.next()


def _store_int(op, array, offset, value):
    op.guard(op.is_fixnum(value))
    op.store_item(op.fixnum_int(value), op.address(array, offset))
    op.next()


def get_float(op, array, key):
    """W[a] := array[key], an unboxed float"""
    kind, offset = _element(op, array, key)
    op.guard(_packed(op, kind, "F64"))
    op.write_raw("a", op.load(I64, array, offset))
    op.next()


def put_float(op, array, key, value):
    """array[key] := value, an unboxed float"""
    kind, offset = _element(op, array, key)
    op.guard(_packed(op, kind, "F64"))
    op.store_item(value, op.address(array, offset))
    op.next()


def put(op, array, key, value, untyped):
    """array[key] := value; `untyped`: guard that a tagged array may hold any values"""
    b = op.b
    kind, offset = _element(op, array, key)
    with op.when(_packed(op, kind, "I64"), likely=True):
        _store_int(op, array, offset, value)
    with op.when(_packed(op, kind, "F64")):
        slot = op.address(array, offset)
        with op.when(op.is_flonum(value), likely=True):
            op.store_item(op.flonum_double(value), slot)
            op.next()
        op.store_item(op.number_double(value), slot)
        op.next()
    with op.when(_packed(op, kind, "BOOL")):
        true = b.icmp_unsigned("==", value, i64(layout.TRUE))
        op.guard(b.or_(true, b.icmp_unsigned("==", value, i64(layout.FALSE))))
        op.store_item(b.zext(true, I8), op.address(array, _byte_offset(op, key)))
        op.next()
    op.guard(op.is_type(b.trunc(kind, I8), "ARRAY"))
    if untyped:
        op.guard(b.icmp_unsigned("==", op.header(I32, array, 4), i32(0)))
    slot = op.address(array, offset)
    op.store_item(value, slot)
    op.barrier(array, slot, value)
    op.next()
