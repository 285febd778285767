"""The binary form: everything comes back, damaged bytes are refused."""
import math
from array import array

import pytest

from myna.compiler.bytecode import codec
from myna.compiler.bytecode.program import BigInt, Capture, Export, Function, FunctionRef, Handler, Names, Program, SourceFile, Type


def sample():
    """A program that uses every part of the format."""
    f = Function("f", 2, classic=True)
    f.nregs, f.nraw, f.body = 70000, 3, 9
    f.captures = [Capture(True, False, 65535), Capture(False, True, 0)]
    f.consts = [0, -2**63, 2**63 - 1, 1.5, -0.0, math.inf, "", "é\0\n", "\udcff", FunctionRef(1), Names(), Names(("a", "é")),
                Export("f", 1, Type("function", args=(Type("int"), Type("none"))), ("x",), "Of\n\"it\"."), Export("", 0, Type("int")),
                BigInt(0), BigInt(-1), BigInt(2**32), BigInt(-3**5000)]
    f.handlers = [Handler(0, 1, 2, 3)]
    f.lines, f.code = array("I", [0, 5, 1, 2**32 - 1]), array("I", [1, 2, 2**32 - 1])
    program = Program("name.ms", [0, 10])
    program.files.append(SourceFile("other.ms", [0, 4]))
    f.file = 1
    program.globals, program.functions = ["x", "x", ""], [f, Function(None)]
    return program


FIELDS = "name nparams nregs nraw captures consts code handlers lines body classic optional rest file".split()


def test_everything_comes_back():
    program = sample()
    again = codec.decode(codec.encode(program))
    assert (again.name, again.globals, list(again.files[0].line_starts)) == ("name.ms", ["x", "x", ""], [0, 10])
    for old, new in zip(program.functions, again.functions, strict=True):
        assert [repr(getattr(old, f)) for f in FIELDS] == [repr(getattr(new, f)) for f in FIELDS]
    assert codec.encode(again) == codec.encode(program)


def test_layout():
    data = codec.encode(sample())
    words = array("I", data)
    assert words[0] == codec.MAGIC and words[1] == codec.fingerprint() and words[2] * 4 == len(data)


@pytest.mark.parametrize("data", [b"", b"Myna", b"x" * 64, bytes(36)])
def test_not_a_program(data):
    with pytest.raises(codec.DecodeError, match="not a compiled program"):
        codec.decode(data)


def test_another_version():
    words = array("I", codec.encode(sample()))
    words[1] ^= 1 << 20
    with pytest.raises(codec.DecodeError, match="another version"):
        codec.decode(words.tobytes())


def test_any_cut_is_noticed():
    data = codec.encode(sample())
    for length in range(36, len(data)):
        with pytest.raises(codec.DecodeError):
            codec.decode(data[:length])


def test_any_changed_count_is_survived():
    words = array("I", codec.encode(sample()))
    for at in range(3, len(words)):
        for value in (0, 1, 5, len(words), 2**31, 2**32 - 1):
            damaged = words[:]
            damaged[at] = value
            try:
                codec.decode(damaged.tobytes())
            except codec.DecodeError:
                pass
