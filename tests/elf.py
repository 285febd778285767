"""64-bit ELF files, as far as tests look into them.

In:  the path of a file. Out: its `sections`, the names that it shows to others (`shown`) and needs from them (`needed`).
"""
import struct

NO_BITS = 8     # a section's type: it has no bytes in the file


def sections(path):
    """Name → bytes of the sections."""
    data = path.read_bytes()
    at, = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    rows = [struct.unpack_from("<II16xQQ", data, at + number * size) for number in range(count)]
    text = data[rows[names][2]:]
    return {_text(text, name): b"" if kind == NO_BITS else data[start:start + length] for name, kind, start, length in rows}


def _dynamic(path):
    found = sections(path)
    for name, _, _, section, _, _ in struct.iter_unpack("<IBBHQQ", found[".dynsym"]):
        if name:
            yield _text(found[".dynstr"], name), section


def shown(path):
    """The names that a shared library defines."""
    return {name for name, section in _dynamic(path) if section}


def needed(path):
    """The names that it takes from others."""
    return {name for name, section in _dynamic(path) if not section}


def _text(data, at):
    return data[at:data.index(b"\0", at)].decode()
