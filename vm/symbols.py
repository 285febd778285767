"""The names that object files define or need from others.

In:  the bytes of a 64-bit ELF, Mach-O or COFF object file, one of which every target has. Out: `names`. Holds: what C calls x is x, in each.
"""
import struct

ELF, MACH_O, COFF = b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\x64\x86"       # what they begin with, COFF for x86-64
ELF_SYMBOLS, MACH_O_SYMBOLS = 2, 2      # of a section: its type; of a command: its number
ELF_SYMBOL, MACH_O_SYMBOL, COFF_SYMBOL = struct.Struct("<IBBHQQ"), struct.Struct("<IBBHQ"), struct.Struct("<8s8xBB")
COFF_EXTERNAL = (2, 105)        # storage classes; the other one is weak


def names(data):
    """The names of all symbols but those of the file's own."""
    if data.startswith(ELF):
        return {name for name, info in _elf(data) if info >> 4}             # its binding, of which 0 is local
    if data.startswith(MACH_O):
        return {name[1:] for name, kind in _mach_o(data) if kind & 1}       # external; C's names have a _ before them
    if data.startswith(COFF):
        return {name for name, kind in _coff(data) if kind in COFF_EXTERNAL}
    raise ValueError("neither ELF, Mach-O nor COFF")


def _elf(data):
    at, size, count = *struct.unpack_from("<Q", data, 40), *struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<4xI16xQQI", data, at + number * size) for number in range(count)]
    for kind, start, length, strings in sections:
        if kind == ELF_SYMBOLS:
            for name, info, *_ in ELF_SYMBOL.iter_unpack(data[start:start + length]):
                yield _text(data, sections[strings][1] + name), info


def _mach_o(data):
    count, at = *struct.unpack_from("<I", data, 16), 32
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command == MACH_O_SYMBOLS:
            start, symbols, strings = struct.unpack_from("<III", data, at + 8)
            for name, kind, *_ in MACH_O_SYMBOL.iter_unpack(data[start:start + symbols * MACH_O_SYMBOL.size]):
                yield _text(data, strings + name), kind
        at += size


def _coff(data):
    start, count = struct.unpack_from("<II", data, 8)
    strings, number = start + count * COFF_SYMBOL.size, 0
    while number < count:
        name, kind, more = COFF_SYMBOL.unpack_from(data, start + number * COFF_SYMBOL.size)
        long, at = struct.unpack("<II", name)
        yield (name.rstrip(b"\0").decode("utf-8", "replace") if long else _text(data, strings + at)), kind
        number += 1 + more


def _text(data, at):
    return data[at:data.index(b"\0", at)].decode("utf-8", "replace")
