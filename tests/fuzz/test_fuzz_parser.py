"""The parser under random texts: a tree or a CompileError, never anything else, and text and tree agree."""

import pathlib
import random

from fuzz import trees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myna.compiler.diagnostics import CODES, CompileError, render_json
from myna.compiler.source import Source, decode
from myna.compiler.syntax import ast, parser
from myna.compiler.syntax.parser import parse
from myna.compiler.syntax.tokens import KEYWORDS, OPERATORS
from myna.compiler.syntax.unparse import dump, unparse

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "ast"
PROGRAMS = [path.read_text(encoding="utf-8") for path in sorted(GOLDEN.iterdir()) if path.suffix in (".ms", ".mit")]

WORDS = [*OPERATORS, *KEYWORDS["ms"], "a", "b", "f", "1", "2.5", "0x1", '"s"', '"a ${', '} b"', '"', "\n", "// c\n", "/*", "*/",
         "${", "\\", "{", "}", "(", ")", ";", "@", "\t", "9223372036854775808", "@a", "12n", "A<int>", "fun f<T>(", "class A {", "match (a) {", "enum E {", "_"]

dialects = st.sampled_from(["ms", "classic"])
few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def check(text, dialect):
    """Parse `text`; a tree must come back from its own text, and errors must be sound."""
    try:
        module = parse(Source("f", text), dialect)
    except CompileError as error:
        found = error.diagnostics
        assert 0 < len(found) <= parser.MAX_ERRORS + 1
        assert all(d.code in CODES and 0 <= d.pos <= d.end and d.pos <= len(text) for d in found)
        str(error).encode("utf-8")
        assert render_json(found).count("\n") == len(found) - 1
    else:
        again = unparse(module, dialect)
        assert dump(parse(Source("again", again), dialect)) == dump(module), again


@few
@given(st.text(max_size=200), dialects)
def test_text(text, dialect):
    check(text, dialect)


@few
@given(st.binary(max_size=200), dialects)
def test_bytes(data, dialect):
    try:
        source = decode("f", data, dialect)
    except CompileError:
        return
    check(source.text, dialect)


@few
@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from(["", " "]), dialects)
def test_tokens(words, separator, dialect):
    check(separator.join(words), dialect)


@few
@given(st.sampled_from(PROGRAMS), st.randoms(use_true_random=False), st.integers(1, 4), dialects)
def test_mutated_programs(text, random, count, dialect):
    for _ in range(count):
        at = random.randrange(len(text) + 1)
        end = min(len(text), at + random.choice((0, 1, 2, 10)))
        text = text[:at] + random.choice(["", " ", *WORDS, text[at:end] * 2]) + text[end:]
    check(text, dialect)


@few
@given(st.sampled_from(PROGRAMS), st.data(), dialects)
def test_cut_programs(text, data, dialect):
    check(text[:data.draw(st.integers(0, len(text)))], dialect)


def test_random_trees_come_back_from_their_text():
    for seed in range(600):
        chance = random.Random(seed)
        module = ast.Module(0, [trees.statement(chance, 3) for _ in range(3)])
        text = unparse(module)
        assert dump(parse(Source("f", text), "ms")) == dump(module), f"seed {seed}\n{text}"
