"""Any program survives the text form, any text and any bytes are answered with a program or the documented error."""
from array import array

import pytest
from hypothesis import given, settings, strategies as st

from myna.compiler.bytecode import codec, opcodes
from myna.compiler.bytecode.listing import CONSTANT_KINDS, Code, Index
from myna.compiler.bytecode.program import KINDS, Capture, Class, Function, FunctionRef, Handler, Method, Names, Program, Type
from myna.compiler.bytecode.text import assemble, disassemble
from myna.compiler.diagnostics import CompileError

FUZZ = settings(max_examples=25, deadline=None)
U32 = st.integers(0, 2**32 - 1)
U16 = st.integers(0, 2**16 - 1)
BYTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(["", "a", "\udcff", '"', "\\", "\n", "a.b", "L1"])
CONSTANTS = st.one_of(st.integers(-2**63, 2**63 - 1), st.floats(), BYTES, st.builds(FunctionRef, U32),
                      st.lists(BYTES, max_size=3).map(Names), st.builds(Type, st.sampled_from(KINDS), st.just(0) | U32, st.booleans()))
CLASSES = st.builds(Class, BYTES, st.none() | BYTES | st.integers(0, 2**31 - 2), st.lists(BYTES, max_size=2),
                    st.lists(st.builds(Method, BYTES, U32), max_size=2), st.lists(U32, max_size=2), st.booleans())
REGISTERS = st.integers(0, 255) | st.integers(0, 300) | U16
OPERANDS = {**dict.fromkeys("drxDSwn", REGISTERS), **dict.fromkeys("ih", st.integers(-32768, 32767)),
            **dict.fromkeys("IJ", st.integers(-9, 9) | st.integers(-2**31, 2**31 - 1)), "G": st.integers(0, 5), "P": st.integers(0, 20)}


@st.composite
def codes(draw):
    """Instructions with any operands, mixed with arbitrary words."""
    out = Code(None, 0)
    for op in draw(st.lists(st.sampled_from(opcodes.OPS[1:]) | U32, max_size=12)):
        if op.__class__ is int:
            out.code.append(op)
            continue
        operands = [Index(draw(st.integers(0, 6))) if o.kind in CONSTANT_KINDS else draw(OPERANDS[o.kind])
                    for o in op.operands if o.kind != "C"]
        out.emit(op, operands, draw(U32) if op.operands and op.operands[-1].kind == "C" else 0)
    return out.code


@st.composite
def functions(draw):
    """Functions whose parts need not fit each other."""
    f = Function(draw(st.none() | BYTES), draw(U32), draw(st.booleans()))
    f.nregs, f.nraw, f.body = draw(U32), draw(U32), draw(U32)
    f.captures = draw(st.lists(st.builds(Capture, st.booleans(), st.booleans(), U16), max_size=3))
    f.consts = draw(st.lists(CONSTANTS, max_size=6))
    if draw(st.booleans()):
        f.signed = True
        f.consts.insert(0, Type("function"))
    f.code = draw(codes())
    word = st.integers(0, len(f.code) + 1) | U32
    f.handlers = draw(st.lists(st.builds(Handler, word, word, word, U32), max_size=3))
    pairs = draw(st.lists(st.tuples(word, st.integers(0, 99) | U32), max_size=5))
    if draw(st.booleans()):
        pairs.sort()
    f.lines = array("I", [n for pair in pairs for n in pair])
    return f


@st.composite
def programs(draw):
    """Programs of such functions."""
    starts = draw(st.sampled_from([(0,), (0, 10, 25), (0, 5, 5), (3,), ()]) | st.lists(U32, max_size=4))
    p = Program(draw(BYTES), starts)
    p.globals = draw(st.lists(BYTES, max_size=4))
    p.classes = draw(st.lists(CLASSES, max_size=2))
    p.functions = draw(st.lists(functions(), min_size=1, max_size=2))
    return p


@FUZZ
@given(programs(), st.booleans())
def test_text_round_trip(program, meanings):
    text = disassemble(program, meanings)
    assert codec.encode(assemble(text)) == codec.encode(program)


@FUZZ
@given(programs())
def test_binary_round_trip(program):
    data = codec.encode(program)
    assert codec.encode(codec.decode(data)) == data


WORDS = [".program", ".starts", ".globals", ".function", ".capture", ".const", ".try", ".positions", ".word", "@", ":", ",", "..",
         "->", "{", "}", "#", "\n", "0", "1", "-7", "70000", "1e9", "0x1f", '"a"', '"\\q"', "r0", "w1", "r99999", "L1", "fun",
         ".class", ".fields", ".method", ".interfaces", "type", "class", "int", "?", "parent", "params", "registers", "classic", "cell", "up", "cache", "float", "inf", "add", "jump", "jlt", "loadk", "record", "call",
         "getfield", "wide", "print", "9" * 5000, "//", '"', "é"]


@FUZZ
@given(st.lists(st.sampled_from(WORDS)).map(" ".join) | st.text())
def test_any_text(text):
    head = '.function 0 params 0 registers 1\n'
    for source in (text, head + text):
        try:
            codec.encode(assemble(source))
        except CompileError as error:
            assert str(error)


@FUZZ
@given(programs(), st.data())
def test_mutated_text(program, data):
    lines = disassemble(program).split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    cut = data.draw(st.integers(0, len(lines[at])))
    lines[at] = lines[at][:cut] + data.draw(st.sampled_from(WORDS)) + lines[at][cut + 1:]
    try:
        codec.encode(assemble("\n".join(lines)))
    except CompileError as error:
        assert str(error)


@FUZZ
@given(programs(), st.lists(st.tuples(st.integers(0, 2**16), U32 | st.integers(0, 40)), min_size=1, max_size=3), st.integers(0, 9))
def test_mutated_bytes(program, changes, cut):
    words = array("I", codec.encode(program))
    for at, value in changes:
        words[at % len(words)] = value
    data = words.tobytes()
    for damaged in (data, data[:len(data) - cut]):
        try:
            decoded = codec.decode(damaged)
        except codec.DecodeError:
            continue
        assert codec.encode(assemble(disassemble(decoded))) == codec.encode(decoded)


@FUZZ
@given(st.binary(max_size=200))
def test_any_bytes(data):
    head = array("I", [codec.MAGIC, codec.fingerprint(), 2 + len(data) // 4])
    for damaged in (data, head.tobytes() + data[:len(data) & ~3]):
        try:
            codec.decode(damaged)
        except codec.DecodeError:
            pass
