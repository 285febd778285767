"""The parser: trees of both dialects, what classic refuses, errors and recovery, depth, and the way back to text."""

import pathlib
import subprocess
import sys
import time

import pytest

from myna.compiler.diagnostics import CompileError
from myna.compiler.source import Source, decode
from myna.compiler.syntax import ast, build_tables, parser, spec
from myna.compiler.syntax.parser import parse
from myna.compiler.syntax.unparse import dump, unparse

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "ast"


def tree(text, dialect="ms"):
    return parse(Source("f", text), dialect)


def errors(text, dialect="ms"):
    """The (code, line, column) of each error of `text`, which must have one."""
    with pytest.raises(CompileError) as caught:
        tree(text, dialect)
    return [(d.code, *d.source.position(d.pos)) for d in caught.value.diagnostics]


def codes(text, dialect="ms"):
    return [code for code, *_ in errors(text, dialect)]


def grouped(node):
    """An expression with all its operators in parentheses."""
    kind = type(node)
    if kind is ast.Binary or kind is ast.Logic:
        return f"({grouped(node.left)} {node.op} {grouped(node.right)})"
    if kind is ast.Unary:
        return f"({node.op}{grouped(node.operand)})"
    if kind is ast.Cond:
        return f"({grouped(node.cond)} ? {grouped(node.then)} : {grouped(node.orelse)})"
    if kind is ast.Range:
        return f"({grouped(node.low)} .. {grouped(node.high)})"
    if kind is ast.Call:
        return f"{grouped(node.callee)}({', '.join(map(grouped, node.args))})"
    if kind is ast.Field:
        return f"{grouped(node.obj)}.{node.name}"
    if kind is ast.Index:
        return f"{grouped(node.obj)}[{grouped(node.index)}]"
    if kind is ast.Function:
        return f"(fun => {grouped(node.body)})"
    return str(node.name if kind is ast.Name else node.value)


@pytest.mark.parametrize("text, expected", [
    ("a + b * c", "(a + (b * c))"),
    ("a - b - c", "((a - b) - c)"),
    ("a << b + c", "(a << (b + c))"),
    ("a..b + 1", "(a .. (b + 1))"),
    ("a < b..c", "(a < (b .. c))"),
    ("a < b & c < d", "((a < b) & (c < d))"),
    ("a & b ^ c | d", "(((a & b) ^ c) | d)"),
    ("!a == b", "(!(a == b))"),
    ("!a & b", "((!a) & b)"),
    ("a == !b", "(a == (!b))"),
    ("!!a", "(!(!a))"),
    ("a || b && c", "(a || (b && c))"),
    ("a ?? b || c", "(a ?? (b || c))"),
    ("a ?? b ?? c", "(a ?? (b ?? c))"),
    ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
    ("a ?? b ? c : d", "((a ?? b) ? c : d)"),
    ("-a * b", "((-a) * b)"),
    ("-a.b", "(-a.b)"),
    ("~-a", "(~(-a))"),
    ("-5", "-5"),
    ("-5 .x", "(-5.x)"),
    ("a - -5", "(a - -5)"),
    ("-(5)", "(-5)"),
    ("a +% b *% c", "(a +% (b *% c))"),
    ("f(x).y[0](z)", "f(x).y[0](z)"),
    ("a |> f", "f(a)"),
    ("a |> f(b) |> g", "g(f(a, b))"),
    ("a ?? b |> f", "f((a ?? b))"),
    ("a ? b |> f : c", "(a ? f(b) : c)"),
    ("a |> (f(b))", "f(b)(a)"),
    ("a |> o.m(b)", "o.m(a, b)"),
    ("fun(x) => x ? a : b", "(fun => (x ? a : b))"),
    ("fun(x) => fun(y) => x + y", "(fun => (fun => (x + y)))"),
    ("a + fun(x) => x + 1", "(a + (fun => (x + 1)))"),
])
def test_precedence(text, expected):
    (statement,) = tree(f"r = {text}").body
    assert grouped(statement.value) == expected


@pytest.mark.parametrize("text", ["a < b < c", "a == b != c", "a..b..c"])
def test_not_associative(text):
    assert codes(f"x = {text}") == ["E0210"]


def test_offsets_point_at_the_telling_token():
    (statement,) = tree("r = a.bc + f(d)[e]").body
    assert statement.pos == 2
    total = statement.value
    assert (total.pos, total.left.pos, total.right.pos, total.right.obj.pos) == (9, 6, 15, 12)


def test_single_statement_bodies_are_blocks():
    (statement,) = tree("if (a) b = 1\nelse if (c) d()\nelse e()").body
    assert type(statement.then) is ast.Block
    assert type(statement.orelse) is ast.If
    assert type(statement.orelse.orelse) is ast.Block


def test_else_belongs_to_the_nearest_if():
    (statement,) = tree("if (a) if (b) c() else d()").body
    assert statement.orelse is None
    assert statement.then.body[0].orelse is not None


def test_lines():
    assert len(tree("a()\n(b)\n[c]\n-d\ne = 1;; f()").body) == 5


def test_records():
    (statement,) = tree('r = {a: 1, b: 2; d: {},}').body
    assert [name for name, _ in statement.value.fields] == ["a", "b", "d"]


def test_a_brace_opens_a_block():
    assert type(tree("{ a() }").body[0]) is ast.Block


def test_interpolation_is_canonical():
    (first, second) = tree('a = "${"x"} y"\nb = "${c}${"d"}e"').body
    assert type(first.value) is ast.String and first.value.value == "x y"
    assert [type(part) for part in second.value.parts] == [ast.Name, ast.String]


def test_int_limits():
    assert tree("x = -9223372036854775808").body[0].value.value == -2**63
    assert tree("x = -2147483648;", "classic").body[0].value.value == -2**31
    assert codes("x = 9223372036854775808") == ["E0105"]
    assert codes("x = 1 - 9223372036854775808") == ["E0105"]
    assert codes("x = -9223372036854775809") == ["E0105"]
    assert codes("x = 2147483648;", "classic") == ["E0105"]
    assert codes("x = -(2147483648);", "classic") == ["E0105"]


@pytest.mark.parametrize("text, expected", [
    ("f(a < b, c > (d))", ["TypeApply"]),           # C#'s rule
    ("f(a < b, c > d)", ["Binary", "Binary"]),
    ("f(a < b, c > -d)", ["Binary", "Binary"]),
    ("f(a < b, c >= d)", ["Binary", "Binary"]),
    ("f(a < b, c<d>>e)", ["Binary", "Binary"]),
    ("f(a < (b), c > d)", ["Binary", "Binary"]),
    ("f(a<b>(c), d)", ["Call", "Name"]),
    ("f(a<b, c<d>>(e))", ["Call"]),
    ("f(a<b>.c, d)", ["Field", "Name"]),
    ("f(a ? b < c : d > (e))", ["Cond"]),
    ("f(a < b ? c > (d) : e)", ["Cond"]),
    ("f(a < 1, b > (2))", ["Binary", "Binary"]),
    ("f(a < b && c > (d))", ["Logic"]),
    ("f(a<fun(int): b, {x: c}, (d, e?)>(1))", ["Call"]),
    ("f(a.b<c>(d))", ["Call"]),
    ("f(a<b\n>(c))", ["Call"]),
])
def test_angle_brackets(text, expected):
    (statement,) = tree(text).body
    found = [type(argument).__name__ for argument in statement.expr.args]
    assert found == expected or found == ["Call"] and expected == ["TypeApply"]


@pytest.mark.parametrize("text, expected", [
    ("a ? b : c", "Cond"), ("a?b:c", "Cond"), ("a ? -b : c", "Cond"), ("a ?\n b : c", "Cond"), ("a ? {b: c} : d", "Cond"),
    ("a is b ? c : d", "Cond"), ("a is b? ? c : d", "Cond"), ("a as b?", "As"), ("a as b? ?? c", "Logic"), ("a is b? && c", "Logic"),
])
def test_question_marks(text, expected):
    (statement,) = tree(f"r = {text}").body
    assert type(statement.value).__name__ == expected


def test_words_that_are_names_elsewhere():
    tree("from = type; type = init; init = after\nafter(from)\ntype.x = from is A\nf(from, type)\nif (init) from else type")
    tree("from m import from, type as init\ntype type = init\nclass init { var type = 1\n init { } }")
    assert type(tree("match (x) { after => 1 }").body[0].expr.arms[0].pattern) is ast.PName


def test_map_or_record():
    kinds = [type(s.value).__name__ for s in tree('a = {}\nb = {x: 1}\nc = {"x": 1}\nd = {[x]: 1}').body]
    assert kinds == ["Record", "Record", "MapLit", "MapLit"]


def test_large_numbers():
    assert tree("x = " + "9" * 3000 + "n").body[0].value.value == 10**3000 - 1
    assert codes("x = " + "9" * 5000 + "n") == ["E0104"]
    assert tree("match (x) { -9223372036854775808 => 1 }")
    assert codes("match (x) { 9223372036854775808 => 1 }") == ["E0105"]


@pytest.mark.parametrize("text", [
    "f(x).y[0](z);", "x = fun() { };", "x = {};", "x = {a: 1; b: fun() { return {}; };};", "x = - (-1);", "x = !(!y);",
    "x = a - -b;", "x = (a < b) == c;", "x[{}] = fun() { };", "if (fun() { }) { } else { }", "while ({}) { }", "return {};",
    "x = !a & !b | !c;", 'x = "a\n$b ${c}";', "let = class + for;", "f(fun() { }, {});", "global x;", "// end",
    "x = -(2147483647) - 2147483647;",
])
def test_classic_accepts(text):
    module = tree(text, "classic")
    assert dump(tree(unparse(module, "classic"), "classic")) == dump(module)


def test_classic_programs_are_ms_programs():
    text = "f = fun(a) {\n x = {a: a; b: !a & a == 1 | -a < 2;};\n return x.a[1](2).z; };\nwhile (f(1)) { global y; y = f; }"
    assert dump(tree(text, "classic")) == dump(tree(text, "ms"))


@pytest.mark.parametrize("text, code", [
    ("x + 1;", "E0211"), ("x;", "E0211"), ("(f());", "E0211"), ("x = --1;", "E0212"), ("x = - -y;", "E0212"),
    ("x = !!y;", "E0212"), ("x = 1 + !y;", "E0212"), ("x = a == !b;", "E0212"), ("x = -!b;", "E0212"),
    ("x = 1 < 2 < 3;", "E0210"), ("x = fun() { } + 1;", "E0212"), ("x = (fun() { });", "E0212"), ("x = ({});", "E0212"),
    ("x = {}.a;", "E0212"), ("(f(x)).y = 1;", "E0212"), ("x = (a).b;", "E0212"), ('x = "a".b;', "E0212"),
    ("x = 5[0];", "E0212"), ("if (a) x = 1;", "E0212"), ("while (a) f();", "E0212"), ("if (a) { } else if (b) { }", "E0212"),
    ("x = {a: 1};", "E0212"), ("x = {a: 1, b: 2;};", "E0212"), ("x = 1.5;", "E0212"), ("x = 0x10;", "E0212"),
    ("x = 1_000;", "E0212"), ("/* c */", "E0212"), ("x = a ? b : c;", "E0212"), ("x = a && b;", "E0212"),
    ("x = a != b;", "E0212"), ("x = a % b;", "E0212"), ("x = ~a;", "E0212"), ("x = a ^ b;", "E0212"), ("x = [];", "E0212"),
    ("x = 0..1;", "E0212"), ("x = a?.b;", "E0212"), ("x = a |> b;", "E0212"), ("x += 1;", "E0212"), (";", "E0212"),
    ("f(1,);", "E0212"), ("x = fun(a,) { };", "E0212"), ("return;", "E0212"), ("fun f() { }", "E0212"), ("{ }", "E0212"),
    ("x = fun() => 1;", "E0212"), ("global a, b;", "E0212"), ("x = 1", "E0202"), ("x = fun() { }", "E0202"),
    ('x = "\\q";', "E0103"), ('x = "\\r";', "E0103"), ("let x = 1;", "E0201"), ("for (i in x) { }", "E0201"), ("x.if = 1;", "E0206"),
    ('x = {"a": 1;};', "E0212"),
])
def test_classic_refuses(text, code):
    assert codes(text, "classic")[0] == code


@pytest.mark.parametrize("text, expected", [
    ("x = (1 + * 2\ny = 3\nz = = 4", [("E0201", 1, 10), ("E0201", 3, 5)]),
    ("f(1, 2\ny = 3", [("E0203", 1, 2)]),
    ("f(\n a b\n c,\n d)\nx = = 1", [("E0201", 2, 4), ("E0201", 5, 5)]),
    ("x = [1, 2\ny = 1", [("E0203", 1, 5)]),
    ("if (x {\n y = 1\n}", [("E0203", 1, 4)]),
    ("if x { y = 1 } else { z = 1 }\nw = = 1", [("E0201", 1, 4), ("E0201", 2, 5)]),
    ("if (x = 1) { y = 2 }", [("E0208", 1, 7)]),
    ("a = b = c", [("E0208", 1, 7)]),
    ("foo(a]\ny = 1", [("E0203", 1, 6)]),
    ("foo(a))\ny = 1", [("E0204", 1, 7)]),
    ("}\nx = = 1", [("E0204", 1, 1), ("E0201", 2, 5)]),
    ("while (true) {\n x = 1\n", [("E0203", 1, 14)]),
    ("f(fun() {\n x = ?\n y = 2\n})\nz = = 1", [("E0201", 2, 6), ("E0201", 5, 5)]),
    ("let class = 1\nlet x = = 2", [("E0206", 1, 5), ("E0201", 2, 9)]),
    ("while = 3", [("E0206", 1, 1)]),
    ("class = 1", [("E0206", 1, 1)]),
    ("x = static\ny = 1", [("E0206", 1, 5)]),
    ("else { }", [("E0207", 1, 1)]),
    ("catch (e) { }", [("E0207", 1, 1)]),
    ("try { }", [("E0201", 1, 8)]),
    ("f() = 1", [("E0209", 1, 5)]),
    ("a?.b = 1", [("E0209", 1, 6)]),
    ("(a) = 1", [("E0209", 1, 5)]),
    ("x = 1 +\n", [("E0205", 2, 1)]),
    ('x = "abc\ny = = 1', [("E0102", 1, 5)]),
    ('x = "a ${b + } c"\ny = 1', [("E0201", 1, 14)]),
    ('x = "a ${b', [("E0203", 1, 5)]),
    ("x = @ y z\nz = = 2", [("E0101", 1, 5), ("E0201", 2, 5)]),
    ("fun f(a, a) { }", [("E0213", 1, 10)]),
    ("x = 1 y = 2", [("E0201", 1, 7)]),
    ("class A {\n area() => 1\n fun b() { x = = 1 }\n x: int = 3\n}\ny = = 3",
     [("E0201", 2, 2), ("E0201", 3, 16), ("E0201", 4, 2), ("E0201", 6, 5)]),
    ("match (x) {\n A => = 1,\n B => 2\n C => = 3\n}\ny = = 3", [("E0201", 2, 7), ("E0201", 4, 7), ("E0201", 6, 5)]),
    ("enum E { A, B, A }", [("E0213", 1, 16)]),
    ("fun f<T, T>() { }", [("E0213", 1, 10)]),
    ("while (c);", [("E0201", 1, 10)]),
    ("x = " + "(" * 50, [("E0203", 1, 54)]),
])
def test_errors(text, expected):
    assert errors(text) == expected


@pytest.mark.parametrize("text, expected", [
    ("x = 1\ny = 2;", [("E0202", 1, 5)]),
    ("f = fun() { return 1 };\ny = ;", [("E0202", 1, 20), ("E0201", 2, 5)]),
    ("f(g(1;\ny = 2;", [("E0203", 1, 2)]),
    ("if (x) { } ; else { }", [("E0212", 1, 12)]),
    ("if (x) { y = 1;", [("E0203", 1, 8)]),
])
def test_classic_errors(text, expected):
    assert errors(text, "classic") == expected


@pytest.mark.parametrize("text, message, help", [
    ("x = 1 y = 2", "expected the end of the statement, found `y`", None),
    ("f(a b)", "expected `)` or `,`, found `b`", None),
    ("for (i of x) { }", "expected `,` or `in`, found `of`", None),
    ("elif (x) { }", None, "instead of `elif`, write `else if`"),
    ("x = a and b", None, "instead of `and`, write `&&`"),
    ("x = not b", None, "instead of `not`, write `!`"),
    ("while x { }", "expected `(`, found `x`", "write while (…) { … }"),
    ("if (a = b) { }", None, "to compare, write =="),
    ("fun f(x) = x * 2", "expected `=>`, found `=`", None),
    ("fun f(x) -> int { return x }", "expected `:`, found `->`", None),
    ("fun f(a, b { return a }", "this `(` is never closed", "expected `)` before `{`"),
    ("let x: = 3", "expected a type, found `=`", None),
    ("func f(x) { }", None, "instead of `func`, write `fun`"),
    ("class A { area() => 1 }", "expected a member or `}`, found `area`", "a method begins with `fun`, a field with `let` or `var`"),
    ("class A { public fun f() { } }", None,
     "all members can be used from outside; a name that begins with _ is private to its module"),
    ("class A : B { }", None, "write `extends` before the base class, `implements` before interfaces"),
    ("class A { fun f() }", "the method `f` has no body", None),
    ("interface I { var x }", "an interface has no fields and no `init`", None),
    ("match (x) { A => 1 B => 2 }", None, "on one line, arms are separated by commas"),
    ("match (x) {\n A -> 1\n B => 2 }", "expected `=>`, found `->`", None),
    ("match (x) {\n A = 1,\n B => 2 }", "expected `=>`, found `=`", None),
    ("match x { A => 1 }", "expected `(`, found `x`", "write match (…) { … }"),
    ("enum E { A B }", None, "variants are separated by commas"),
    ("x = {a: 1, \"b\": 2}", None, 'write {a: 1} or {"a": 1}'),
    ("f(a: 1, 2)", None, "arguments with names come last"),
    ("fun f(...xs, y) { }", "`xs` takes all arguments that are left, so it must be the last parameter", None),
    ("int x = 3", None, "a type stands behind the name: name: type"),
    ("let x: List<int = 1", None, "this `<` is not the beginning of a list of types: its `>` is missing, or something in it is no type"),
    ("super(x)", None, "`super` stands only in super.method(…); the base's arguments stand in the head: class A(x) extends B(x)"),
    ("f(x => x)", None, "a function is written fun(x) => …"),
    ("try { } catch e { }", None, "write catch (e) { … }"),
    ("match (a) { after 3 => 1 }", "`after` stands only in `receive`", None),
    ("x = a is B is C", "comparisons do not chain", None),
    ("@test x = 3", "expected a declaration, found `x`", None),
    ("import \"a-b\"", "this module needs a name", 'write import "a-b" as name'),
    ("let this = 1", "`this` is a reserved word and cannot be a name", "choose another name, such as this_"),
])
def test_messages(text, message, help):
    with pytest.raises(CompileError) as caught:
        tree(text)
    (diagnostic,) = caught.value.diagnostics
    assert message is None or diagnostic.message == message
    assert help is None or diagnostic.help == help


def test_many_errors_are_cut():
    assert len(errors("x = = 1\n" * 1000)) == parser.MAX_ERRORS + 1
    assert codes("@ @ @\n" * 10_000)[-1] == "E0402"
    assert len(errors("x = a % b;\n" * 1000, "classic")) == parser.MAX_ERRORS + 1


N = 100_000


@pytest.mark.parametrize("text", [
    "x = " + "+".join(["a"] * N), "f" + "()" * N, "f" + ".x" * N + "()", "x" + " |> f" * N,
    "x = " + "(" * 3000 + "1" + ")" * 3000, "if (a) {" * 1500 + "}" * 1500, "/*" * N + "*/" * N,
    "x = " + "-" * 10_000 + "y", "x = " + "match (a) { b => " * 1500 + "1" + "}" * 1500, "class A { " * 1500 + "}" * 1500,
    "let x: " + "List<" * 5000 + "int" + ">" * 5000 + " = 1",
    "match (x) { " + "a => 1, " * 20_000 + "}", "enum E { " + ", ".join(f"A{i}" for i in range(20_000)) + "}", "a = fun() { " * 1500 + "}" * 1500,
], ids=lambda text: text[:12])
def test_deep(text):
    module = tree(text)
    unparse(module)


@pytest.mark.parametrize("text", [
    "x = " + "(" * N + "1" + ")" * N, "{" * N + "}" * N, "x = " + "-" * N + "1", "x = " + "!" * N + "y",
    "if (a) { }" + "else if (a) { }" * N, "x = " + "[" * N + "]" * N, "x = " + "fun() => " * N, 'x = "' + '${"' * N,
    "x = " + "{a: " * N, "match (a) { x => " * N, "let x: " + "List<" * N + "int" + ">" * N, "let x: " + "(" * N, "class A { " * N, "match (x) { " + "[" * N,
    "let x: " + "fun(): " * N + "int",
    "x = " + "a ? b : " * N, "x = " + "a ?? " * N + "b",
], ids=lambda text: text[:12])
def test_too_deep(text):
    assert "E0401" in codes(text)


@pytest.mark.parametrize("text", [")" * N, "}" * N, "?" * N, '"' * N, "x = ( 1\n" * 3000, "{ (" * N, "'" * N,
                                  "a<" * N, "a<b>" * N, "class A<" * N, "fun<" * N, "match (a) {" * 3000, "class A {" * N, "@a " * N], ids=lambda t: t[:8])
@pytest.mark.parametrize("dialect", ["ms", "classic"])
def test_no_hang(text, dialect):
    start = time.monotonic()
    assert len(errors(text, dialect)) <= parser.MAX_ERRORS + 1
    assert time.monotonic() - start < 20        # a generous bound: the work is linear


@pytest.mark.parametrize("path", sorted(p for p in GOLDEN.iterdir() if p.suffix in (".mit", ".ms")), ids=lambda p: p.name)
def test_golden(path, request):
    dialect = "classic" if path.suffix == ".mit" else "ms"
    source = decode(path.name, path.read_bytes(), dialect)
    module = parse(source, dialect)
    expected = path.with_name(path.name + ".ast")
    if request.config.getoption("--update", default=False):
        expected.write_text(dump(module, source), encoding="utf-8")
    assert dump(module, source) == expected.read_text(encoding="utf-8")
    assert dump(parse(Source("again", unparse(module, dialect)), dialect)) == dump(module)


@pytest.mark.parametrize("text", [
    "({a: 1}).b()", "(-a).b()", "(-5).x()", "x = (fun(a) => a)(1)", "x = (a ? b : c) ? d : e", "x = -(-5)", "x = -(5)",
    "x = !(a & b) == c", "x = (!a) == b", "x = (a..b)[0]", 'x = "a\\$ \\u{1f600} ${{"if": 1}}\\r\\0"', "var x", "f()\n(-a)",
    "x = (a == b) == c", "x = (a ?? b) ?? c", "a?.b?.c", "fun f() => {}", "({}).x = 1", "try { } finally { }", "throw {}",
    "return", "fun f(a, b) { global c, d\n break; continue }", "x = 1.0e300 + 1e-7", "while (a) { } ; { }", "({}).a[0] += 2",
    "x = (a as B).c", "x = (a as B) < c", "x = (f<A>) - 1", "var x: (A?)?", "var x: (fun(A): B)?", "extern \"c\" fun f(); { }",
    "x = match (a) { b => ({c: 1}) }", "match (a) { (b | c) | d => 1 }", "match (a) { {b} => 1 }", "({\"a\": 1}).b()",
])
def test_text_of_tree(text):
    module = tree(text)
    assert dump(tree(unparse(module))) == dump(module)


def test_page_of_the_specification():
    path = pathlib.Path(__file__).parents[2] / "language-spec" / "grammar.md"
    assert path.read_text(encoding="utf-8") == spec.page(), "write it anew with python -m myna.compiler.syntax.spec"


def test_tables_on_disk_are_those_of_the_grammar(tmp_path):
    build_tables.build(tmp_path / "tables.py")
    space = {}
    exec((tmp_path / "tables.py").read_text(encoding="utf-8"), space)
    made = build_tables.make()
    assert all(space[name] == value for name, value in vars(made).items())


def test_stale_tables_are_made_anew(monkeypatch):
    made = build_tables.make()
    stale = type(made)(**vars(made) | {"SIGNATURE": "old"})
    monkeypatch.setitem(sys.modules, "myna.compiler.syntax._tables", stale)
    import myna.compiler.syntax as package
    monkeypatch.setattr(package, "_tables", stale, raising=False)
    assert build_tables.load().SIGNATURE == build_tables.signature()


def test_conflicts_fail_the_build(monkeypatch):
    without = tuple(level for level in build_tables.PRECEDENCE if "CARET" not in level)
    monkeypatch.setattr(build_tables, "PRECEDENCE", without)
    with pytest.raises(build_tables.GrammarError, match="conflict"):
        build_tables.make()


def test_parsing_imports_no_ply(tmp_path):
    """PLY makes the tables; with tables at hand, a program is parsed without it."""
    build_tables.build(tmp_path / "_tables.py")
    code = ("import sys, importlib.util as u\n"
            f"spec = u.spec_from_file_location('myna.compiler.syntax._tables', {str(tmp_path / '_tables.py')!r})\n"
            "module = u.module_from_spec(spec); spec.loader.exec_module(module)\n"
            "import myna.compiler.syntax as package\n"
            "package._tables = sys.modules[spec.name] = module\n"
            "from myna.compiler.syntax.parser import parse\n"
            "from myna.compiler.source import Source\n"
            "parse(Source('f', 'x = 1'), 'ms')\n"
            "assert not any(name.split('.')[0] in ('ply', 'inspect', 'json') for name in sys.modules)\n")
    subprocess.run([sys.executable, "-c", code], check=True)
