"""Sources: offsets to lines and columns, and bytes to text."""

import pytest

from myna.compiler.diagnostics import CompileError
from myna.compiler.source import Source, decode


@pytest.mark.parametrize("offset, position", [
    (0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (5, (3, 2)), (99, (3, 2)), (-1, (1, 1))])
def test_position(offset, position):
    assert Source("f", "ab\n\nc").position(offset) == position


def test_columns_count_code_points():
    assert Source("f", "é\U0001f600x").position(2) == (1, 3)


def test_line_text():
    source = Source("f", "one\r\ntwo\n\nfour")
    assert [source.line_text(line) for line in (1, 2, 3, 4)] == ["one", "two", "", "four"]


def test_empty_text():
    source = Source("f", "")
    assert source.position(0) == (1, 1)
    assert source.line_text(1) == ""


def test_ms_must_be_utf8():
    with pytest.raises(CompileError) as caught:
        decode("f.ms", b"x = 1\ny = \"\xc3\xa9\xff\"\n", "ms")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0107"
    assert diagnostic.source.position(diagnostic.pos) == (2, 7)
    assert "offset 13" in diagnostic.message


def test_classic_keeps_bytes():
    source = decode("f.mit", b'x = "\xff\xc3\xa9";', "classic")
    assert source.text == 'x = "\udcff\xe9";'
    assert source.text.encode("utf-8", "surrogateescape") == b'x = "\xff\xc3\xa9";'
