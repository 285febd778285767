"""The parser under random texts: a tree or a CompileError, never anything else, and text and tree agree."""

import pathlib
import random

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
         "${", "\\", "{", "}", "(", ")", ";", "@", "\t", "9223372036854775808"]

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


NAMES = ("a", "b", "f", "x1", "_y")
BINARY = ("+", "-", "*", "/", "%", "+%", "-%", "*%", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">=")


def expression(random, depth):
    """A random expression, `depth` levels deep at most."""
    kind = random.randrange(17 if depth else 6)
    name = random.choice(NAMES)

    def sub():
        return expression(random, depth - 1)

    def subs():
        return [sub() for _ in range(random.randrange(3))]

    makers = (
        lambda: ast.Name(0, name),
        lambda: ast.Int(0, random.choice((0, 7, -7, 2**63 - 1, -2**63))),
        lambda: ast.Float(0, random.choice((0.5, 1e300, 1e-7))),
        lambda: ast.String(0, random.choice(("", "s", 'q"\\\n\t', "${", "é\0\r"))),
        lambda: ast.Bool(0, random.random() < 0.5),
        lambda: ast.NoneLit(0),
        lambda: ast.Binary(0, random.choice(BINARY), sub(), sub()),
        lambda: ast.Unary(0, random.choice("-!~"), sub()),
        lambda: ast.Logic(0, random.choice(("&&", "||", "??")), sub(), sub()),
        lambda: ast.Cond(0, sub(), sub(), sub()),
        lambda: ast.Call(0, sub(), subs()),
        lambda: ast.Field(0, sub(), name, random.random() < 0.3),
        lambda: ast.Index(0, sub(), sub()),
        lambda: ast.List(0, subs()),
        lambda: ast.Record(0, [(random.choice(NAMES), sub()) for _ in range(random.randrange(3))]),
        lambda: ast.Range(0, sub(), sub(), random.random() < 0.5),
        lambda: function(random, depth, None),
    )
    return makers[kind]()


def function(random, depth, name):
    """A random function of either form."""
    body = block(random, depth - 1) if random.random() < 0.5 else expression(random, depth - 1)
    params = [ast.Param(0, param, None, None, False) for param in NAMES[:random.randrange(3)]]
    return ast.Function(0, name, [], params, None, body)


def block(random, depth):
    """A random block."""
    return ast.Block(0, [statement(random, depth - 1) for _ in range(random.randrange(3))] if depth > 0 else [])


def statement(random, depth):
    """A random statement."""
    kind = random.randrange(12 if depth > 0 else 7)
    name = random.choice(NAMES)
    value = expression(random, max(depth, 0))
    target = random.choice((ast.Name(0, name), ast.Field(0, value, name, False), ast.Index(0, value, value)))
    makers = (
        lambda: ast.ExprStmt(0, value),
        lambda: ast.Assign(0, target, random.choice((None, "+", "<<")), value),
        lambda: ast.Let(0, name, None, random.random() < 0.5, value),
        lambda: ast.Return(0, random.choice((None, value))),
        lambda: ast.Throw(0, value),
        lambda: random.choice((ast.Break(0), ast.Continue(0))),
        lambda: ast.Global(0, list(NAMES[:random.randrange(1, 3)])),
        lambda: ast.FunDecl(0, name, function(random, depth, name), []),
        lambda: ast.If(0, value, block(random, depth), random.choice((None, block(random, depth), ast.If(
            0, value, block(random, depth), None)))),
        lambda: ast.While(0, value, block(random, depth)),
        lambda: ast.For(0, name, value, block(random, depth)),
        lambda: random.choice((block(random, depth), ast.Try(0, block(random, depth), [ast.Catch(0, "e", None, block(random, depth))], None),
                               ast.Try(0, block(random, depth), [], block(random, depth)))),
    )
    return makers[kind]()


def test_random_trees_come_back_from_their_text():
    for seed in range(600):
        chance = random.Random(seed)
        module = ast.Module(0, [statement(chance, 3) for _ in range(3)])
        text = unparse(module)
        assert dump(parse(Source("f", text), "ms")) == dump(module), f"seed {seed}\n{text}"
