"""The binary form of a program: what is cached, loaded and verified by the machine.

In:  a `program.Program`, or bytes. Out: bytes (`encode`), a Program (`decode`, which checks only what it needs to read:
the machine's verifier is what stands between any bytes and execution).

Everything is 32-bit little-endian words. The file:
    magic, VERSION, words in the whole file, counts of strings, globals, files, functions, classes
    strings: each byte length, bytes padded with zeros to a word
    globals: string numbers
    files: each name (string number), count of lines, their first offsets in code points
    classes: each name, parent (0 none, 1 + class index, or string number of a machine's class | 1 << 31), flags (bit 0:
        structural; variance << 1; bit 3: extends; bit 4: interface), counts of fields, methods, interfaces, type parameters; field names, methods (name, function),
        interfaces
    the classes' types, after all classes: each counts of supers and of types of fields; supers, types of fields
    functions: each
        name (string number + 1, or 0), nparams, nregs, nraw, body, flags (bit 0: classic, bit 1: rest, bit 2: signed; checks << 8), optional,
        counts of captures, constants, handlers, line entries, code words; and of words in constants; number of its file
        captures (flags | index << 16; bit 0 from_parent, bit 1 is_cell), constants, handlers (4 words), lines (2 words), code
    a constant: kind word, then by kind: 0 int and 1 float (low, high), 2 string (number), 3 function (index),
        4 names (count, string numbers), 5 type, 6 bigint (count of words << 1 | negative, the words of its magnitude, the last not 0)
    a type: kind | optional << 8 | count of parts << 16, index, a record's field names (string numbers), the parts (types)
A version is bound to one instruction table: `fingerprint` changes with it.
"""
import struct
import sys
import zlib
from array import array

from . import opcodes, primitives
from .program import (
    KINDS, TYPE_DEPTH, VERSION, BigInt, Capture, Class, Function, FunctionRef, Handler, Method, Names, Program, SourceFile, Type)

MAGIC = 0x616E794D   # "Myna"
K_INT, K_FLOAT, K_STRING, K_FUNCTION, K_NAMES, K_TYPE, K_BIGINT = range(7)
HEADER_WORDS, FUNCTION_WORDS, CLASS_WORDS = 8, 14, 7
MACHINE_CLASS = 1 << 31


def fingerprint():
    """A 32-bit number of the instruction and primitive tables; stands in the file as part of the version."""
    text = repr([(op.name, op.operands) for op in opcodes.OPS]) + repr([(p.name, p.arity) for p in primitives.PRIMITIVES])
    return (zlib.crc32(text.encode()) & 0xFFFFFF00) | VERSION


def encode(program):
    """The program as bytes."""
    strings = {}

    def string(text):
        return strings.setdefault(text, len(strings))

    body = array("I", [string(g) for g in program.globals])
    for file in program.files:
        body.extend((string(file.name), len(file.line_starts)))
        body.extend(file.line_starts)
    for class_ in program.classes:
        _encode_class(class_, body, string)
    for class_ in program.classes:
        body.extend((len(class_.supers), len(class_.types)))
        for type_ in (*class_.supers, *class_.types):
            _encode_type(type_, body, string)
    for function in program.functions:
        _encode_function(function, body, string)
    text = _encode_strings(strings)
    head = array("I", [MAGIC, fingerprint(), HEADER_WORDS + len(text) // 4 + len(body), len(strings), len(program.globals),
                       len(program.files), len(program.functions), len(program.classes)])
    return b"".join([_bytes(head), text, _bytes(body)])


def _bytes(words):
    if sys.byteorder == "big":
        words = array("I", words)
        words.byteswap()
    return words.tobytes()


def _encode_strings(strings):
    out = []
    for text in strings:
        data = text.encode("utf-8", "surrogateescape")
        out += (struct.pack("<I", len(data)), data, b"\0" * (-len(data) % 4))
    return b"".join(out)


def _encode_function(f, out, string):
    consts = array("I")
    for value in f.consts:
        kind = value.__class__
        if kind is str:
            consts.extend((K_STRING, string(value)))
        elif kind is int:
            consts.extend((K_INT, value & 0xFFFFFFFF, value >> 32 & 0xFFFFFFFF))
        elif kind is float:
            consts.extend((K_FLOAT, *struct.unpack("<II", struct.pack("<d", value))))
        elif kind is FunctionRef:
            consts.extend((K_FUNCTION, value.index))
        elif kind is Type:
            consts.append(K_TYPE)
            _encode_type(value, consts, string)
        elif kind is BigInt:
            _encode_bigint(value, consts)
        else:
            consts.extend((K_NAMES, len(value), *map(string, value)))
    out.extend((0 if f.name is None else string(f.name) + 1, f.nparams, f.nregs, f.nraw, f.body, f.classic | f.rest << 1 | f.signed << 2 | f.checks << 8,
                f.optional, len(f.captures), len(f.consts), len(f.handlers), len(f.lines) // 2, len(f.code), len(consts), f.file))
    out.extend(c.from_parent | c.is_cell << 1 | c.index << 16 for c in f.captures)
    out.extend(consts)
    for handler in f.handlers:
        out.extend(handler)
    out.extend(f.lines)
    out.extend(f.code)


def _encode_bigint(value, out):
    magnitude = abs(value)
    words = (magnitude.bit_length() + 31) // 32
    out.extend((K_BIGINT, words << 1 | (value < 0)))
    out.extend(struct.unpack(f"<{words}I", magnitude.to_bytes(4 * words, "little")))


def _encode_type(type_, out, string):
    out.extend((KINDS.index(type_.kind) | type_.optional << 8 | len(type_.args) << 16, type_.index))
    out.extend(map(string, type_.names))
    for arg in type_.args:
        _encode_type(arg, out, string)


def _encode_class(c, out, string):
    parent = 0 if c.parent is None else MACHINE_CLASS | string(c.parent) if isinstance(c.parent, str) else c.parent + 1
    flags = c.structural | c.variance << 1 | c.extends << 3 | c.interface << 4
    out.extend((string(c.name), parent, flags, len(c.fields), len(c.methods), len(c.interfaces), c.params))
    out.extend(map(string, c.fields))
    for method in c.methods:
        out.extend((string(method.name), method.function))
    out.extend(c.interfaces)


class DecodeError(ValueError):
    """The bytes are not a program of this version."""


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
    c.variance, c.params = flags >> 1 & 3, params
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
    raise DecodeError("damaged program: constant kind")
