"""The builder: operands, wide forms, labels, constants, positions, limits."""
from array import array

import pytest

from myna.compiler.bytecode.builder import Builder, TooLarge, method_name
from myna.compiler.bytecode.opcodes import BY_NAME, MAX_NARROW, OPS
from myna.compiler.bytecode.program import Handler


def code_of(name):
    """The opcode of an instruction."""
    return BY_NAME[name].code


def test_every_instruction_has_a_method():
    for op in OPS[1:]:
        assert getattr(Builder, method_name(op)).__doc__ == op.doc
    assert (method_name(BY_NAME["and"]), method_name(BY_NAME["add.int"])) == ("and_", "add_int")


def test_narrow_word():
    b = Builder("f", 0)
    b.add(1, 2, 3)
    b.loadi(4, -2)
    b.addi(5, 6, -1)
    assert b.code == array("I", [code_of("add") | 0x03020100, code_of("loadi") | 0xFFFE0400, code_of("addi") | 0xFF060500])


def test_wide_word():
    b = Builder("f", 0)
    b.add(1, 0x1234, 3)
    b.addi(1, 2, -129)
    assert b.code == array("I", [0x00120000, code_of("add") | 0x03340100, 0xFF000000, code_of("addi") | 0x7F020100])


def test_registers_near_the_narrow_limit():
    b = Builder("f", 0)
    b.move(0, MAX_NARROW)
    assert len(b.code) == 1
    b.move(0, MAX_NARROW + 1)
    assert len(b.code) == 3


def test_too_large():
    b = Builder("f", 0)
    for bad in (lambda: b.move(0, 65536), lambda: b.loadi(0, 32768), lambda: b.addi(0, 0, -32769)):
        with pytest.raises(TooLarge):
            bad()
    with pytest.raises(TooLarge):
        b.finish(65536)


def test_labels():
    b = Builder("f", 0)
    top, end = b.here(), b.label()
    b.jlt(0, 1, end)
    b.getfield(0, 0, "x")
    b.jump(top)
    b.place(end)
    b.retnone()
    f = b.finish(2)
    assert f.code[1] == 5 and f.code[6] == 2**32 - 7
    assert len(f.code) == 8


def test_constants_are_shared_by_type():
    b = Builder("f", 0)
    numbers = [b.const(v) for v in (1, 1.0, "1", 0.0, -0.0, 1, 1.0, "1", -0.0)]
    assert numbers == [0, 1, 2, 3, 4, 0, 1, 2, 4]


def test_positions_of_what_can_raise():
    b = Builder("f", 0)
    b.pos = 3
    b.move(0, 1)
    b.add(0, 0, 0)
    b.add(0, 0, 0)
    b.pos = 9
    b.move(0, 1)
    b.call(0, 0)
    assert b.finish(3).lines == array("I", [1, 3, 4, 9])


def test_handlers():
    b = Builder("f", 0)
    start, end, target = b.here(), b.label(), b.label()
    b.handler(start, end, target, 2)
    b.add(0, 0, 0)
    b.place(end)
    b.retnone()
    b.place(target)
    b.ret(2)
    assert b.finish(3).handlers == [Handler(0, 1, 2, 2)]
