"""The lexer: tokens of both dialects, line ends, strings and numbers, and lexical errors."""

import re

import pytest

from myna.compiler.syntax import build_tables
from myna.compiler.syntax.lexer import Lexer

REGEX = re.compile(build_tables.load().REGEX)


def lex(text, dialect="ms"):
    errors = []
    types, values = Lexer(REGEX, text, dialect, lambda code, *rest: errors.append(code)).run()
    assert types[-1] == "$end" and len(types) == len(values)
    return types[:-1], [value for _, value in values[:-1]], errors


def types(text, dialect="ms"):
    found, _, errors = lex(text, dialect)
    assert not errors
    return " ".join(found)


def literal(text, dialect="ms"):
    (_, *_), values, errors = lex(text, dialect)
    assert not errors
    return values[0]


def error(text, dialect="ms"):
    return lex(text, dialect)[2]


@pytest.mark.parametrize("text, expected", [
    ("a b", "NAME NAME SEMI"),
    ("x += 1", "NAME AUGASSIGN INT SEMI"),
    ("a <<= b", "NAME AUGASSIGN NAME SEMI"),
    ("0..10", "INT RANGE INT SEMI"),
    ("0..=10", "INT RANGE INT SEMI"),
    ("1.5", "FLOAT SEMI"),
    ("1.x", "INT DOT NAME SEMI"),
    ("a?.b ?? c", "NAME SAFEDOT NAME COALESCE NAME SEMI"),
    ("a |> b || c | d", "NAME PIPE NAME OROR NAME BAR NAME SEMI"),
    ("class", "CLASS"),
    ("x.class", "NAME DOT NAME SEMI"),
    ("from + type + init + after", "NAME ADD NAME ADD NAME ADD NAME SEMI"),
    ("a // b", "NAME SEMI"),
    ("a /* b /* c */ d */ e", "NAME NAME SEMI"),
])
def test_tokens(text, expected):
    assert types(text) == expected


@pytest.mark.parametrize("text, expected", [
    ("a\nb", "NAME SEMI NAME SEMI"),
    ("a\n\n\nb", "NAME SEMI NAME SEMI"),
    ("a\n+ b", "NAME ADD NAME SEMI"),
    ("a +\nb", "NAME ADD NAME SEMI"),
    ("a\n.b", "NAME DOT NAME SEMI"),
    ("a\n(b)", "NAME SEMI LPAREN NAME RPAREN SEMI"),
    ("a\n[b]", "NAME SEMI LBRACKET NAME RBRACKET SEMI"),
    ("(a\nb)", "LPAREN NAME NAME RPAREN SEMI"),
    ("a /*\n*/ b", "NAME SEMI NAME SEMI"),
    ("a // c\nb", "NAME SEMI NAME SEMI"),
    ("a;\nb", "NAME SEMI NAME SEMI"),
    ("{ a }", "LBRACE NAME SEMI RBRACE SEMI"),
    ("if (a)\nb\nelse\nc", "IF LPAREN NAME RPAREN NAME SEMI ELSE NAME SEMI"),
    ("if (a) b else c", "IF LPAREN NAME RPAREN NAME SEMI ELSE NAME SEMI"),
    ("if (a) {}\nelse {}", "IF LPAREN NAME RPAREN LBRACE RBRACE ELSE LBRACE RBRACE SEMI"),
    ("fun f()\n{}", "FUN NAME LPAREN RPAREN LBRACE RBRACE SEMI"),
    ("f(fun()\n{ a\nb })", "NAME LPAREN FUN LPAREN RPAREN LBRACE NAME SEMI NAME SEMI RBRACE RPAREN SEMI"),
    ("return\n{a}", "RETURN SEMI LBRACE NAME SEMI RBRACE SEMI"),
])
def test_line_ends(text, expected):
    assert types(text) == expected


def test_classic_inserts_nothing():
    assert types("a\nb }", "classic") == "NAME NAME RBRACE"


def test_braces_of_records_and_blocks():
    assert types("x = {}; {} f({})") == (
        "NAME ASSIGN LRECORD RBRACE SEMI LBRACE RBRACE NAME LPAREN LRECORD RBRACE RPAREN SEMI")


def test_classic_keywords():
    assert types("let class for", "classic") == "NAME NAME NAME"
    assert types("global if else while return fun true false None", "classic") == (
        "GLOBAL IF ELSE WHILE RETURN FUN TRUE FALSE NONE")


@pytest.mark.parametrize("text, value", [
    ("0", 0), ("007", 7), ("1_000", 1000), ("0xFF", 255), ("0b1_0", 2), ("1.5", 1.5), ("1e9", 1e9), ("2.5e-3", 0.0025),
    ("9223372036854775808", 2**63),
])
def test_numbers(text, value):
    assert literal(text) == value
    assert type(literal(text)) is type(value)


@pytest.mark.parametrize("text", ["12abc", "0x", "0b2", "1_", "1__0", "1.5x", "0xfg"])
def test_malformed_numbers(text):
    assert error(text) == ["E0104"]


def test_numbers_out_of_range():
    assert error("1" * 5000) == ["E0105"]
    assert error("1e999") == ["E0105"]
    assert error("1" * 5000, "classic") == ["E0105"]


@pytest.mark.parametrize("text, value", [
    ('"plain"', "plain"), (r'"\n\t\\\""', '\n\t\\"'), (r'"\r\0\$"', "\r\0$"), (r'"\u{e9}\u{1F600}"', "é\U0001f600"),
    ('"a $ b"', "a $ b"), ('"é"', "é"), ('""', ""),
])
def test_strings(text, value):
    assert literal(text) == value


def test_interpolation():
    found, values, errors = lex('"a ${b + "${c}"} d ${ {e: 1} }"')
    assert found == ("STR_HEAD NAME ADD STR_HEAD NAME STR_TAIL STR_MID LRECORD NAME COLON INT SEMI RBRACE "
                     "STR_TAIL SEMI").split()
    assert values[0] == "a " and values[6] == " d " and not errors


def test_classic_strings():
    assert literal('"a\nb ${c} $"', "classic") == "a\nb ${c} $"
    assert error(r'"\q"', "classic") == ["E0103"]
    assert error(r'"\r"', "classic") == ["E0103"]


@pytest.mark.parametrize("text, code", [
    ('"abc', "E0102"), (r'"\q"', "E0103"), (r'"\u{110000}"', "E0103"), (r'"\u{d800}"', "E0103"),
    (r'"\u41"', "E0103"), ("/* a", "E0106"), ("@", "E0101"), ("a # b", "E0101"), ("“a”", "E0101"), ("\x00", "E0101")])
def test_errors(text, code):
    assert error(text)[0] == code


def test_first_line_of_a_script():
    assert types("#!/usr/bin/env myna\na") == "NAME SEMI"
    assert types("\ufeffa") == "NAME SEMI"


def test_blanks_at_the_end():
    assert types("a \t ") == "NAME SEMI"
    assert types("   ") == ""


def test_run_again_from_the_middle():
    lexer = Lexer(REGEX, "(a\nb)", "ms", None)
    assert lexer.run()[0] == ["LPAREN", "NAME", "NAME", "RPAREN", "SEMI", "$end"]
    assert lexer.run(1)[0] == ["NAME", "SEMI", "NAME", "RPAREN", "SEMI", "$end"]
