"""Object, frame and process layouts, defined once.

In:  nothing. Out: the C header `layout.h` (`c_header()`), offsets for the emitters of LLVM IR (`OFFSET`), type numbers.
Holds: every heap object begins with one header word; all offsets are in bytes and multiples of the field's size; the
structs contain no padding that C and Python could disagree on (the C header asserts each offset).

Values are 64-bit words:

    …………………………………………… 0    fixnum: a 63-bit integer, shifted left by one
    …………………………………… 001    reference: address of a heap object (8-byte aligned) plus one
    …………………………………… 101    constant: None, false, true, unset, and the float zero
    ……………………………………  11    flonum: a double whose exponent lies in the common range (see `FLONUM_BIAS`)

A flonum is `rotl(bits + FLONUM_BIAS, 3)`: the bias makes the two top exponent bits of doubles between 2^-255 and 2^257
both ones, and the rotation brings them down as the tag, so decoding is a rotation and a subtraction. Zero lies outside
that range and is common: it is a constant, which costs the other floats nothing. All others outside the range are boxed.
"""
import struct

from myna.compiler.bytecode.program import ELEMENTS

# --- value words ---
FIXNUM_SHIFT = 1
REF_TAG, REF_MASK = 1, 7
FLONUM_TAG, FLONUM_MASK = 3, 3
FLONUM_BIAS = 0x300 << 52
FLONUM_ZERO = 0x25
NONE, FALSE, TRUE, UNSET = 0x05, 0x0D, 0x1D, 0x15   # true is false | TRUE_BIT
TRUE_BIT = 0x10

# --- object types: odd, so that an even first word is a forwarding address during a collection ---
TYPES = {
    "STRING": 1, "ROPE": 3,           # both are strings; a rope is flattened on demand
    "FLOAT": 5, "INT": 7,             # boxed: doubles outside the flonum range, ints outside 63 bits
    "CELL": 9, "CLOSURE": 11, "RECORD": 13, "LIST": 15,
    "ARRAY": 17,                      # values: a list's storage, a record's overflow fields
    "ELEMENTS": 19,                   # a record's indexed part: dense items, overflow fields, map
    "MAP": 21,                        # ordered hash map
    "BYTES": 23,                      # raw bytes, no references: the value, and a map's index
    "TUPLE": 25,
    "TRACE": 27,                      # raw bytes: where an error was raised
    "OBJECT": 29,                     # an instance of a class; RECORD | 16, since field caches take both
    "RANGE": 31,
    "SET": 33,                        # laid out as a map whose values are true
    "BIGINT": 35,
    "TYPE": 39,                       # a type as a value: immortal, one for each type
    "PACKED": 37,                     # an array of unboxed elements; the other arrays of a program are ARRAYs
}

ELEMENT_NUMBER = {name.upper(): number for number, name in enumerate(ELEMENTS)}      # of PACKED arrays


def packed_header(element):
    """The first two bytes of PACKED arrays of a kind of elements: type and aux."""
    return TYPES["PACKED"] | ELEMENT_NUMBER[element] << 8


# --- header: type:8 aux:8 gc:8 inl:8 id:32 ---
# aux: STRING flags; OBJECT_RAW; LIST forms of items that fit (0: not noted); CLOSURE arity (255: not in one byte); RANGE 1 when the end belongs to it; BIGINT 1 when negative;
#   PACKED kind of elements; MAP, SET kinds of keys (runtime.h)
# inl: RECORD inline capacity; OBJECT fields; CLOSURE words at the code's beginning that check the arguments (0: none, or more
#   than fit)
# id: STRING hash (0: not computed); RECORD, OBJECT shape number << SHAPE_SHIFT; CLOSURE number of captured values; LIST, MAP,
# SET, ARRAY number of its type (type.h), 0 while its type arguments are dynamic
STRING_ASCII, STRING_INTERNED = 1, 2
OBJECT_RAW = 1        # an instance whose class has raw slots: doubles as they are, no words. Only native programs have such classes (opt/layouts.py)
GC_OLD = 1            # in the old generation, large or immortal: a young collection does not move it
GC_REMEMBERED = 2     # in the remembered set (never set on a large array: its slots are remembered one by one)
GC_MARK = 4           # reached in the current old collection
GC_IMMORTAL = 8       # shared and constant: never marked, moved or freed; holds no references to any heap
GC_LARGE = 16         # allocated apart, does not move
GC_AGED = 32          # young, survived one collection

# A field cache word is `shape << SHAPE_SHIFT | slot`; 0 is empty. Slots from INLINE_SLOTS on lie in the elements' overflow array.
SHAPE_SHIFT = 12
MAX_SHAPES = 1 << 20
OVERFLOW_SLOT = 1 << 11   # bit in the slot number: the field lies at overflow[slot & (OVERFLOW_SLOT - 1)]
TYPED_SLOT = 1 << 9       # bit in the slot number where an instance's field is set: its type must be looked at
METHOD_SLOT = 1 << 10     # bit in the slot number at a method call: methods[slot & (METHOD_SLOT - 1)] of the class
RAW_SLOT = OVERFLOW_SLOT | METHOD_SLOT      # both: an instance's field holds a double as it is. No record has so many fields
MAX_INLINE = 255

# A process's cache of field sites that see many shapes: direct-mapped by (shape, name), an entry holds a name and a cache word.
FIELD_CACHE = 1024
FIELD_CACHE_SHAPE = 0x9E37      # the entry of (shape, name): shape * this ^ name >> 3, modulo FIELD_CACHE

# --- frames: R[-2] is the closure, R[-1] the link word, R[0..] the registers; a call's window begins at the closure ---
FRAME_HEADER = 2
# link word: bits 0..47 return address (even, so the word reads as a fixnum); bit 1 set: `ret` takes its slow path, since
# the frame is wide (delta 0: process.h's frame_wide_delta) or the collector's watermark; bits 48..55 distance in words from the caller's R[0] to ours; bits 56..63 the same for raw registers
LINK_DELTA_SHIFT, LINK_RAW_SHIFT, LINK_WIDE = 48, 56, 2
FRAME_SLACK = 264         # words: a function with no more registers needs no check of its own (`call` checks this much)



def word_of(value):
    """The word of an int or float of a program, or None where that is a boxed number."""
    if value.__class__ is int:
        return value << FIXNUM_SHIFT if -1 << 62 <= value < 1 << 62 else None
    bits = struct.unpack("<Q", struct.pack("<d", value))[0]
    if bits == 0:
        return FLONUM_ZERO
    biased = bits + FLONUM_BIAS & (1 << 64) - 1
    word = (biased << 3 | biased >> 61) & (1 << 64) - 1
    return word if word & FLONUM_MASK == FLONUM_TAG else None


W, P = "Value", "void *"
# A function as generated code sees it: its immortal closure, without what it captures; the function type that its
# checks admit and whose result it returns, or null: a call with so many arguments may enter it at once; its native code (process.h:
# Entry), null under the interpreter: `entry` checks the arguments, `known` does not; its code.
FUNCTION_HEAD = [("closure", "Value"), ("signature", "const struct Type *"), ("entry", "const void *"), ("known", "const void *"),
                 ("code", "const uint32_t *")]
# A class as the machine knows it: immortal, shared by processes. `methods` are immortal closures, superclasses' first.
# `depth` is the number of superclasses; `self` is the class itself; `display` its chain of superclasses and itself, the root first, as far as it has room (Cohen, 1991: Type-extension
# type tests can be performed in constant time); `implements` has the bits of its first INTERFACE_BITS interfaces; `raw` is itself, or what it is an instantiation of;
# only there `raw_slots` has the bits of those of its first RAW_SLOTS slots that hold doubles as they are.
CLASS_HEAD = [("shape", "uint64_t"), ("methods", "Value *"), ("parent", "struct Class *"), ("type", "const struct Type *"),
              ("slot_types", "const struct Type **"), ("nmethods", "uint32_t"), ("depth", "uint32_t"), ("self", "struct Class *"), ("implements", "uint64_t"), ("display", "struct Class *[8]"), ("raw", "struct Class *"), ("raw_slots", "uint64_t")]
DISPLAY, INTERFACE_BITS, RAW_SLOTS = 8, 64, 64
# A type (type.h). `accept` has a bit for each form of values that all belong to it: see ACCEPT_FIXNUM and the following, and
# the bit of an object's type number. An instance belongs to it when the word at `test_at` of its class, masked, is `test_word`.
# With ACCEPT_DECIDED no other value does. `resolved`: of a type with params, the number of the arguments it was last resolved with << 32 | number of the result.
# `class_`: whose direct instances belong to it, or null.
# `holder`: type number of the objects that have the type's number in their header, 0: none. `items`: which of the forms ITEM_… all
# belong to the items of such a list; it has them in its header's aux, so that generated code can store at once.
TYPE_HEAD = [("accept", "uint64_t"), ("test_mask", "uint64_t"), ("test_word", "uint64_t"), ("resolved", "uint64_t"), ("id", "uint32_t"), ("test_at", "uint32_t"),
             ("class_", "struct Class *"), ("holder", "uint8_t"), ("items", "uint8_t")]
ITEM_FIXNUM, ITEM_FLONUM, ITEM_BOOL, ITEM_NONE, ITEM_STRING = 1, 2, 4, 8, 16
ACCEPT_FIXNUM, ACCEPT_FLONUM, ACCEPT_NONE, ACCEPT_BOOL, ACCEPT_UNSET, ACCEPT_DECIDED = 0, 2, 4, 6, 8, 63

STRUCTS = {
    "String":   [("header", "uint64_t"), ("length", "int64_t"), ("bytes", "uint8_t[]")],
    "Rope":     [("header", "uint64_t"), ("length", "int64_t"), ("left", W), ("right", W)],
    "Float":    [("header", "uint64_t"), ("value", "double")],
    "Int":      [("header", "uint64_t"), ("value", "int64_t")],
    "Cell":     [("header", "uint64_t"), ("value", W)],
    "Closure":  [("header", "uint64_t"), ("function", "struct Function *"), ("code", "const uint32_t *"), ("captured", "Value[]")],
    "Record":   [("header", "uint64_t"), ("elements", W), ("slots", "Value[]")],
    "List":     [("header", "uint64_t"), ("length", "int64_t"), ("items", W)],
    "Array":    [("header", "uint64_t"), ("length", "int64_t"), ("items", "Value[]")],
    # `count` items are in use (some may be unset), `capacity` fit; `overflow` an Array or None, `map` a Map or None
    "Elements": [("header", "uint64_t"), ("count", "uint32_t"), ("capacity", "uint32_t"), ("overflow", W), ("map", W), ("items", "Value[]")],
    # `entries` is an Array of key, value pairs in insertion order (a deleted key is unset), `used` of them taken; `changes` counts added and removed keys; `index` Bytes of uint32
    "Map":      [("header", "uint64_t"), ("count", "int64_t"), ("used", "int64_t"), ("changes", "int64_t"), ("entries", W), ("index", W)],
    "Bytes":    [("header", "uint64_t"), ("length", "int64_t"), ("bytes", "uint8_t[]")],
    "Tuple":    [("header", "uint64_t"), ("length", "int64_t"), ("items", "Value[]")],
    "Bigint":   [("header", "uint64_t"), ("length", "int64_t"), ("limbs", "uint32_t[]")],   # the least first, the last not 0
    "Packed":   [("header", "uint64_t"), ("length", "int64_t"), ("bytes", "uint8_t[]")],
    "Range":    [("header", "uint64_t"), ("start", W), ("end", W)],      # ints
    "TypeValue": [("header", "uint64_t"), ("type", "const struct Type *")],
    "Object":   [("header", "uint64_t"), ("class_", "struct Class *"), ("slots", "Value[]")],
    "FieldCache": [("name", W), ("word", "uint32_t"), ("pad", "uint32_t")],
    "Error":    [("header", "uint64_t"), ("class_", "struct Class *"), ("message", W), ("cause", W), ("trace", W)],
}

# The head of a process: what generated code touches. The C side appends its own fields after it (process.h).
PROCESS_HEAD = [
    ("alloc", "uint8_t *"), ("alloc_limit", "uint8_t *"),       # nursery: next free byte, end
    ("fp", "Value *"), ("pc", "const uint32_t *"), ("rfp", "int64_t *"),  # saved around native calls
    ("stack_limit", "Value *"),     # a frame may begin below it; 0 forces the slow path (interrupt)
    ("raw_limit", "int64_t *"),
    ("native_limit", "char *"),     # native code needs a stack pointer above it
    ("globals", "Value *"),         # module variables, by machine-wide number
    ("poll", "uint64_t"),           # not 0: a back-edge must call the runtime
    ("instructions", "uint64_t"),   # counted only by the counting build of the handlers
    ("barrier_on", "uint64_t"),     # not 0 while the old generation is being marked
    ("field_cache", "FieldCache *"),    # for sites that see many shapes: see FIELD_CACHE
]

SIZES = {"uint64_t": 8, "int64_t": 8, "double": 8, "Value": 8, "char": 1, "uint32_t": 4, "uint8_t": 1}


def _size(ctype):
    element, _, count = ctype.rstrip("]").partition("[")
    return (8 if element.endswith("*") else SIZES[element]) * int(count or 1)


def offsets(fields):
    """Byte offset of each field of a struct; a flexible array's is where it begins."""
    at, out = 0, {}
    for name, ctype in fields:
        flexible = ctype.endswith("[]")
        out[name] = at
        at += 0 if flexible else _size(ctype)
    return out


OFFSET = {name: offsets(fields) for name, fields in STRUCTS.items()}
OFFSET["Process"] = offsets(PROCESS_HEAD)
OFFSET["Class"] = offsets(CLASS_HEAD)
OFFSET["Function"] = offsets(FUNCTION_HEAD)
OFFSET["Type"] = offsets(TYPE_HEAD)


def _declaration(ctype, field):
    element, bracket, count = ctype.partition("[")
    return f"{element} {field}{bracket}{count}"


def _struct(name, fields):
    def line(field, ctype):
        return f"    {_declaration(ctype, field)};"
    body = "\n".join(line(f, t) for f, t in fields)
    checks = "\n".join(f'_Static_assert(offsetof({name}, {f}) == {o}, "layout of {name}.{f}");' for f, o in offsets(fields).items())
    return f"typedef struct {name} {{\n{body}\n}} {name};\n{checks}\n"


def c_header():
    """The text of `layout.h`."""
    names = ("FIXNUM_SHIFT REF_TAG REF_MASK FLONUM_TAG FLONUM_MASK FLONUM_ZERO STRING_ASCII STRING_INTERNED GC_OLD "
             "GC_REMEMBERED GC_MARK GC_IMMORTAL GC_LARGE GC_AGED ITEM_FIXNUM ITEM_FLONUM ITEM_BOOL ITEM_NONE ITEM_STRING SHAPE_SHIFT MAX_SHAPES OVERFLOW_SLOT TYPED_SLOT METHOD_SLOT RAW_SLOT OBJECT_RAW RAW_SLOTS MAX_INLINE FIELD_CACHE FIELD_CACHE_SHAPE FRAME_HEADER "
             "LINK_DELTA_SHIFT LINK_RAW_SHIFT LINK_WIDE FRAME_SLACK ACCEPT_FIXNUM ACCEPT_FLONUM ACCEPT_NONE ACCEPT_BOOL "
             "ACCEPT_UNSET ACCEPT_DECIDED DISPLAY INTERFACE_BITS").split()
    out = ["/* Generated from vm/layout.py. */", "#ifndef MYNA_LAYOUT_H", "#define MYNA_LAYOUT_H",
           "#include <stddef.h>", "#include <stdint.h>", "typedef uint64_t Value;"]
    out += [f"#define {n} {globals()[n]}" for n in names]
    out += [f"#define FLONUM_BIAS UINT64_C({FLONUM_BIAS:#x})"]
    out += [f"#define V_{n} ((Value){globals()[n]:#x})" for n in ("NONE", "FALSE", "TRUE", "UNSET", "TRUE_BIT")]
    out += ["enum {"] + [f"    T_{n} = {v}," for n, v in TYPES.items()] + ["};"]
    out += ["enum ElementKind {"] + [f"    E_{n} = {i}," for n, i in ELEMENT_NUMBER.items()] + [f"    ELEMENT_KINDS = {len(ELEMENTS)}", "};"]
    out += ["static inline size_t packed_width(uint8_t kind) {",
            f"    static const uint8_t widths[] = {{{', '.join(map(str, ELEMENTS.values()))}}};", "    return widths[kind];", "}"]
    out += [_struct(n, f) for n, f in STRUCTS.items()]
    for macro, fields in (("PROCESS_HEAD", PROCESS_HEAD), ("CLASS_HEAD", CLASS_HEAD), ("FUNCTION_HEAD", FUNCTION_HEAD),
                          ("TYPE_HEAD", TYPE_HEAD)):
        out += [f"#define {macro} \\"] + [f"    {_declaration(t, f)}; \\" for f, t in fields] + ["    /* end */"]
    out += ["#endif", ""]
    return "\n".join(out)
