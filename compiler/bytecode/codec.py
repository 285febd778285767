"""The binary form of a program: what is cached, loaded and verified by the machine.

In:  a `program.Program`, or bytes. Out: bytes (`encode`), a Program (`decode`, which checks only what it needs to read:
the machine's verifier is what stands between any bytes and execution).

Everything is 32-bit little-endian words. The file:
    magic, VERSION, words in the whole file, counts of strings, globals, files, functions, classes
    strings: each byte length, bytes padded with zeros to a word
    globals: string numbers
    files: each name (string number), count of lines, their first offsets in code points
    classes: each name, parent (0 none, 1 + class index, or string number of a machine's class | 1 << 31), flags (bit 0:
        structural; variance << 1; bit 3: extends; bit 4: interface; c << 5), counts of fields, methods, interfaces, type parameters; field names, methods (name, function),
        interfaces
    the classes' types, after all classes: each counts of supers and of types of fields; supers, types of fields
    functions: each
        name (string number + 1, or 0), nparams, nregs, nraw, body, flags (bit 0: classic, bit 1: rest, bit 2: signed; checks << 8), optional,
        counts of captures, constants, handlers, line entries, code words; and of words in constants; number of its file
        captures (flags | index << 16; bit 0 from_parent, bit 1 is_cell), constants, handlers (4 words), lines (2 words), code
    a constant: kind word, then by kind: 0 int and 1 float (low, high), 2 string (number), 3 function (index),
        4 names (count, string numbers), 5 type, 6 bigint (count of words << 1 | negative, the words of its magnitude, the last not 0),
        7 extern (library, symbol: string numbers; type), 8 export (symbol: string number, function; type; doc, names: count, string numbers)
    a type: kind | optional << 8 | count of parts << 16, index, a record's field names (string numbers), the parts (types)
A version is bound to one instruction table: `fingerprint` changes with it.
"""
import struct
import sys
import zlib
from array import array
from functools import cache

from . import opcodes, primitives
from .program import (
    KINDS, TYPE_DEPTH, VERSION, BigInt, Capture, Class, Export, Extern, Function, FunctionRef, Handler, Method, Names, Program, SourceFile, Type)

MAGIC = 0x616E794D   # "Myna"
K_INT, K_FLOAT, K_STRING, K_FUNCTION, K_NAMES, K_TYPE, K_BIGINT, K_EXTERN, K_EXPORT = range(9)
HEADER_WORDS, FUNCTION_WORDS, CLASS_WORDS = 8, 14, 7
MACHINE_CLASS = 1 << 31


@cache
def fingerprint():
    """A 32-bit number of the instruction and primitive tables; stands in the file as part of the version."""
    text = repr([(op.name, op.operands) for op in opcodes.OPS]) + repr([(p.name, p.arity) for p in primitives.PRIMITIVES])
    return (zlib.crc32(text.encode()) & 0xFFFFFF00) | VERSION


# What a word numbers, so that a linker can put another number there: a string, a string or nothing (0), a function, a class, a
# class or nothing (0), a string behind MACHINE_CLASS, a global, a file.
STRING, NAME, FUNCTION, CLASS, PARENT, MACHINE, GLOBAL, FILE = range(8)


class Same:
    """A table in which everything has the number that it had."""

    def __getitem__(self, number):
        return number


class Writer:
    """Words of a program, and for each of the kinds above the `places` of the words that are such numbers. `functions` and
    `classes` give those their numbers."""
    __slots__ = ("words", "places", "strings", "functions", "classes")

    def __init__(self, strings, functions=Same(), classes=Same()):
        self.words = array("I")
        self.places = tuple([array("I") for _ in range(8)])
        self.strings = strings          # text -> its number
        self.functions, self.classes = functions, classes

    def number(self, kind, value):
        """Append a number of a kind."""
        self.places[kind].append(len(self.words))
        self.words.append(value)

    def string(self, text):
        """Append the number of a string."""
        self.number(STRING, self.strings.setdefault(text, len(self.strings)))


def encode(program):
    """The program as bytes."""
    strings = {}
    w = Writer(strings)
    for name in program.globals:
        w.string(name)
    for file in program.files:
        encode_file(file, w)
    for class_ in program.classes:
        encode_class(class_, w)
    for class_ in program.classes:
        encode_class_types(class_, w)
    for function in program.functions:
        encode_function(function, w)
    return assemble([*map(string_record, strings)], len(program.globals), len(program.files), len(program.functions), len(program.classes), [w.words])


def assemble(records, nglobals, nfiles, nfunctions, nclasses, parts):
    """The bytes of a program, given the records of its strings, how many things it has, and the words behind the strings in parts."""
    text = b"".join(records)
    size = HEADER_WORDS + len(text) // 4 + sum(map(len, parts))
    head = array("I", [MAGIC, fingerprint(), size, len(records), nglobals, nfiles, nfunctions, nclasses])
    return b"".join([_bytes(head), text, *map(_bytes, parts)])


def _bytes(words):
    if sys.byteorder == "big":
        words = array("I", words)
        words.byteswap()
    return words.tobytes()


def string_record(text):
    """The bytes of a string."""
    data = text.encode("utf-8", "surrogateescape")
    return b"".join((len(data).to_bytes(4, "little"), data, bytes(-len(data) % 4)))


def record_string(record):
    """The string of a record."""
    return record[4:4 + int.from_bytes(record[:4], "little")].decode("utf-8", "surrogateescape")


def encode_file(file, w):
    """Write a file."""
    w.string(file.name)
    w.words.append(len(file.line_starts))
    w.words.extend(file.line_starts)


def encode_function(f, w):
    """Write a function."""
    words = w.words
    start = len(words)
    words.extend((0, f.nparams, f.nregs, f.nraw, f.body, f.classic | f.rest << 1 | f.signed << 2 | f.checks << 8, f.optional,
                  len(f.captures), len(f.consts), len(f.handlers), len(f.lines) // 2, len(f.code), 0, f.file))
    w.places[FILE].append(start + FUNCTION_WORDS - 1)
    if f.name is not None:
        w.places[NAME].append(start)
        words[start] = w.strings.setdefault(f.name, len(w.strings)) + 1
    words.extend([c.from_parent | c.is_cell << 1 | c.index << 16 for c in f.captures])
    consts = len(words)
    for value in f.consts:
        _encode_constant(value, w)
    words[start + FUNCTION_WORDS - 2] = len(words) - consts
    for handler in f.handlers:
        words.extend(handler)
    words.extend(f.lines)
    code = len(words)
    words.extend(f.code)
    w.places[GLOBAL].extend([code + at for at in f.globals])


def _encode_bigint(value, words):
    magnitude = abs(value)
    count = (magnitude.bit_length() + 31) // 32
    words.extend((K_BIGINT, count << 1 | (value < 0)))
    words.extend(struct.unpack(f"<{count}I", magnitude.to_bytes(4 * count, "little")))


def _encode_constant(value, w):
    kind, words = value.__class__, w.words
    if kind is str:
        words.append(K_STRING)
        w.string(value)
    elif kind is int:
        words.extend((K_INT, value & 0xFFFFFFFF, value >> 32 & 0xFFFFFFFF))
    elif kind is float:
        words.extend((K_FLOAT, *struct.unpack("<II", struct.pack("<d", value))))
    elif kind is FunctionRef:
        words.append(K_FUNCTION)
        w.number(FUNCTION, w.functions[value.index])
    elif kind is Type:
        words.append(K_TYPE)
        _encode_type(value, w)
    elif kind is BigInt:
        _encode_bigint(value, words)
    elif kind is Extern:
        words.append(K_EXTERN)
        w.string(value.library)
        w.string(value.symbol)
        _encode_type(value.type, w)
    elif kind is Export:
        words.append(K_EXPORT)
        w.string(value.symbol)
        w.number(FUNCTION, w.functions[value.function])
        _encode_type(value.type, w)
        words.append(1 + len(value.names))
        for text in (value.doc, *value.names):
            w.string(text)
    else:
        words.extend((K_NAMES, len(value)))
        for name in value:
            w.string(name)


def _encode_type(type_, w):
    words = w.words
    words.append(KINDS.index(type_.kind) | type_.optional << 8 | len(type_.args) << 16)
    if type_.kind == "class":
        w.number(CLASS, w.classes[type_.index])
    else:
        words.append(type_.index)
    for name in type_.names:
        w.string(name)
    for arg in type_.args:
        _encode_type(arg, w)


def encode_class(c, w):
    """Write a class."""
    words = w.words
    w.string(c.name)
    if isinstance(c.parent, str):
        w.number(MACHINE, MACHINE_CLASS | w.strings.setdefault(c.parent, len(w.strings)))
    else:
        w.number(PARENT, 0 if c.parent is None else w.classes[c.parent] + 1)
    words.extend((c.structural | c.variance << 1 | c.extends << 3 | c.interface << 4 | c.c << 5, len(c.fields), len(c.methods), len(c.interfaces), c.params))
    for field in c.fields:
        w.string(field)
    for method in c.methods:
        w.string(method.name)
        w.number(FUNCTION, w.functions[method.function])
    for interface in c.interfaces:
        w.number(CLASS, w.classes[interface])


def encode_class_types(c, w):
    """Write the types of a class."""
    w.words.extend((len(c.supers), len(c.types)))
    for type_ in (*c.supers, *c.types):
        _encode_type(type_, w)


class DecodeError(ValueError):
    """The bytes are not a program of this version."""


def strings(data):
    """The strings of an encoded program: its texts, and all names of its fields and methods."""
    at, out = 4 * HEADER_WORDS, []
    for _ in range(int.from_bytes(data[12:16], "little")):
        out.append(record_string(data[at:]))
        at += 4 + (int.from_bytes(data[at:at + 4], "little") + 3 & ~3)
    return out


def decode(data):
    """The Program that `data` encodes. Raises DecodeError."""
    try:
        return _decode(data)
    except DecodeError:
        raise
    except (IndexError, struct.error, ValueError, TypeError, MemoryError) as e:
        raise DecodeError(f"damaged program: {e}") from None


def _decode(data):
    words = array("I", data[:len(data) & ~3])
    if sys.byteorder == "big":
        words.byteswap()
    if len(words) < HEADER_WORDS or words[0] != MAGIC:
        raise DecodeError("not a compiled program")
    if words[1] != fingerprint():
        raise DecodeError("compiled by another version")
    if words[2] * 4 != len(data):
        raise DecodeError("damaged program: wrong length")
    nstrings, nglobals, nfiles, nfunctions, nclasses = words[3:HEADER_WORDS]
    at, strings = HEADER_WORDS, []
    for _ in range(nstrings):
        length = words[at]
        if length > len(data):
            raise DecodeError("damaged program: string length")
        strings.append(data[4 * at + 4:4 * at + 4 + length].decode("utf-8", "surrogateescape"))
        at += 1 + (length + 3) // 4
    program = Program("")
    program.globals = [strings[i] for i in words[at:at + nglobals]]
    at += nglobals
    program.files.clear()
    for _ in range(nfiles):
        program.files.append(SourceFile(strings[words[at]], words[at + 2:at + 2 + words[at + 1]]))
        at += 2 + words[at + 1]
    if not program.files:
        raise DecodeError("damaged program: files")
    for _ in range(nclasses):
        class_, at = _decode_class(words, at, strings)
        program.classes.append(class_)
    for class_ in program.classes:
        at = _decode_class_types(class_, words, at, strings)
    for _ in range(nfunctions):
        function, at = _decode_function(words, at, strings)
        program.functions.append(function)
    if at != len(words):
        raise DecodeError("damaged program: wrong length")
    return program


def _decode_function(words, at, strings):
    (name, nparams, nregs, nraw, body, flags, optional, ncaptures, nconsts, nhandlers, nlines, ncode, nconst_words,
     file) = words[at:at + FUNCTION_WORDS]
    f = Function(strings[name - 1] if name else None, nparams, bool(flags & 1))
    f.nregs, f.nraw, f.body, f.checks, f.optional, f.rest, f.file = nregs, nraw, body, flags >> 8, optional, bool(flags & 2), file
    f.signed = bool(flags & 4)
    at += FUNCTION_WORDS
    f.captures = [Capture(bool(w & 1), bool(w & 2), w >> 16) for w in words[at:at + ncaptures]]
    at += ncaptures
    end = at + nconst_words
    for _ in range(nconsts):
        value, at = _decode_const(words, at, strings)
        f.consts.append(value)
        if at > end:
            break
    if at != end:
        raise DecodeError("damaged program: constants")
    if f.signed and not (f.consts and isinstance(f.consts[0], Type)):
        raise DecodeError("damaged program: a signature")
    f.handlers = [Handler(*words[i:i + 4]) for i in range(at, at + 4 * nhandlers, 4)]
    at += 4 * nhandlers
    f.lines = words[at:at + 2 * nlines]
    at += 2 * nlines
    f.code = words[at:at + ncode]
    if at + ncode > len(words):
        raise DecodeError("damaged program: a function's length")
    return f, at + ncode


def _decode_class(words, at, strings):
    name, parent, flags, nfields, nmethods, ninterfaces, params = words[at:at + CLASS_WORDS]
    c = Class(strings[name], structural=bool(flags & 1), extends=bool(flags & 8), interface=bool(flags & 16))
    c.variance, c.params, c.c = flags >> 1 & 3, params, flags >> 5 & 3
    c.parent = None if parent == 0 else strings[parent ^ MACHINE_CLASS] if parent & MACHINE_CLASS else parent - 1
    at += CLASS_WORDS
    c.fields = [strings[i] for i in words[at:at + nfields]]
    at += nfields
    c.methods = [Method(strings[words[i]], words[i + 1]) for i in range(at, at + 2 * nmethods, 2)]
    at += 2 * nmethods
    c.interfaces = list(words[at:at + ninterfaces])
    return c, at + ninterfaces


def _decode_class_types(c, words, at, strings):
    supers, types = words[at:at + 2]
    at += 2
    for count, into in ((supers, c.supers), (types, c.types)):
        for _ in range(count):
            type_, at = _decode_type(words, at, strings)
            into.append(type_)
    return at


def _decode_type(words, at, strings, depth=0):
    word, index = words[at:at + 2]
    count, at, kind = word >> 16, at + 2, KINDS[word & 255]
    if depth > TYPE_DEPTH:
        raise DecodeError("damaged program: a type is nested too deep")
    names = tuple(strings[i] for i in words[at:at + count]) if kind == "record" else ()
    at += len(names)
    args = []
    for _ in range(count):
        arg, at = _decode_type(words, at, strings, depth + 1)
        args.append(arg)
    return Type(kind, index, bool(word & 256), tuple(args), names), at


def _decode_const(words, at, strings):
    kind = words[at]
    if kind in (K_INT, K_FLOAT):
        low, high = words[at + 1:at + 3]
        return struct.unpack("<q" if kind == K_INT else "<d", struct.pack("<II", low, high))[0], at + 3
    if kind == K_STRING:
        return strings[words[at + 1]], at + 2
    if kind == K_FUNCTION:
        return FunctionRef(words[at + 1]), at + 2
    if kind == K_NAMES:
        count = words[at + 1]
        return Names(strings[i] for i in words[at + 2:at + 2 + count]), at + 2 + count
    if kind == K_TYPE:
        return _decode_type(words, at + 1, strings)
    if kind == K_BIGINT:
        count, negative = words[at + 1] >> 1, words[at + 1] & 1
        at += 2
        magnitude = int.from_bytes(struct.pack(f"<{count}I", *words[at:at + count]), "little")
        return BigInt(-magnitude if negative else magnitude), at + count
    if kind == K_EXTERN:
        type_, end = _decode_type(words, at + 3, strings)
        return Extern(strings[words[at + 1]], strings[words[at + 2]], type_), end
    if kind == K_EXPORT:
        type_, end = _decode_type(words, at + 3, strings)
        count, end = words[end], end + 1
        doc, *names = [strings[i] for i in words[end:end + count]]
        return Export(strings[words[at + 1]], words[at + 2], type_, tuple(names), doc), end + count
    raise DecodeError("damaged program: constant kind")
