"""Diagnostics: the text for people, JSON for tools, and the catalogue of codes."""

import json

import pytest

from myna.compiler import diagnostics
from myna.compiler.diagnostics import CODES, CompileError, Diagnostic, register, render_json
from myna.compiler.source import Source


def make(text, pos, end, help=None):
    return Diagnostic("E0201", "wrong", Source("f.ms", text), pos, end, help)


def test_text():
    assert make("a = 1\nbc = ?\n", 11, 12, "do better").text() == (
        "f.ms:2:6: error[E0201]: wrong\n"
        "    bc = ?\n"
        "         ^\n"
        "    help: do better")


def test_span_ends_with_its_line():
    assert make("abc\ndef", 1, 6).text().splitlines()[2] == "     ^^"


def test_end_of_file_has_a_caret():
    assert make("ab", 2, 2).text().splitlines()[1:] == ["    ab", "      ^"]


def test_tabs_are_widened():
    assert make("\tx\ty", 3, 4).text().splitlines()[1:] == ["        x    y", "             ^"]


def test_long_line_shows_a_window():
    lines = make("a" * 500 + "B" + "c" * 500, 500, 501).text().splitlines()
    assert len(lines[1]) < 120
    assert lines[1][lines[2].index("^")] == "B"
    assert lines[1].strip()[0] == lines[1][-1] == "…"


def test_control_characters_are_not_printed():
    text = make("a\x1b[31m\udcff", 0, 1).text()
    assert "\x1b" not in text
    text.encode("utf-8")


def test_color():
    text = make("abc", 0, 1).text(color=True)
    assert "\x1b[1;31merror[E0201]\x1b[0m" in text


def test_json():
    line = render_json([make("a\nbcd", 2, 4, "help")])
    assert json.loads(line) == {
        "code": "E0201", "severity": "error", "message": "wrong", "file": "f.ms", "line": 2, "column": 1,
        "end_line": 2, "end_column": 3, "help": "help"}
    assert "\n" not in line


def test_codes_have_one_owner():
    with pytest.raises(ValueError):
        register({"E0101": "again"})
    with pytest.raises(ValueError):
        Diagnostic("E9999", "no such code", Source("f", ""), 0, 0)


def test_register(monkeypatch):
    monkeypatch.setattr(diagnostics, "CODES", dict(CODES))
    register({"E9998": "new"})
    assert diagnostics.CODES["E9998"] == "new"


def test_compile_error_reads_as_text():
    assert "f.ms:1:1: error[E0201]: wrong" in str(CompileError([make("a", 0, 1)]))
