"""Type checking: inferred types, narrowing, what is no error. (What is an error has its programs in tests/errors.)"""
import pytest

from myna.compiler.check import check
from myna.compiler.diagnostics import CompileError
from myna.compiler.driver import compile_source, deep_recursion
from myna.compiler.options import Options
from myna.compiler.resolve import resolve
from myna.compiler.source import Source
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import parse
from myna.compiler.types.show import show


def checked(text, strict=False):
    """(module, Checked) of a program."""
    source = Source("f.ms", text)
    with deep_recursion(source):
        module = parse(source, "ms")
        resolve(module, source, "ms")
        return module, check(module, source, strict)


def type_of(text):
    """The type of the argument of the program's last `print`."""
    module, found = checked(text)
    calls = [node for node in ast.walk(module) if node.__class__ is ast.Call and node.callee.__class__ is ast.Name
             and node.callee.name == "print"]
    return show(found.types[calls[-1].args[0]])


def codes(text):
    try:
        checked(text)
    except CompileError as error:
        return [d.code for d in error.diagnostics]
    return []


def warnings(text, strict=False):
    return [d.code for d in checked(text, strict)[1].warnings]


@pytest.mark.parametrize("text, expected", [
    ("print(1)", "int"), ("print(1 + 2.0)", "float"), ("print(7 / 2)", "int"), ("print(1 < 2)", "bool"), ('print(1 + "a")', "string"),
    ('print("a${1}")', "string"), ("print([1, 2])", "List<int>"), ('print([1, "a"])', "List<dynamic>"), ("print([])", "List<dynamic>"),
    ("print((1, true))", "(int, bool)"), ('print({"a": 1})', "Map<string, int>"), ("print({a: 1})", "record"),
    ("print(true ? 1 : 2)", "int"), ('print(true ? 1 : "a")', "dynamic"), ("print(fun(x) => 1)", "fun(dynamic): int"),
    ("print(fun(x: int): int => x)", "fun(int): int"), ("let x = 5; print(x)", "int"), ("x = 5; print(x)", "int"),
    ("x = 5; x = x + 1; print(x)", "int"), ("var x = 5; fun f() { x = None } ; print(x)", "dynamic"),
    ("fun f(n: int) => n * 2\nprint(f(1))", "int"), ("fun f(n) => n\nprint(f(1))", "dynamic"),
    ("fun f() { print(0) }\nprint(f())", "None"), ("fun h() => g(1)\nfun g(n: int) => [n]\nprint(h())", "List<int>"),
    ("fun fib(n: int) => n < 2 ? n : fib(n - 1) + fib(n - 2)\nprint(fib(5))", "int"),
    ("fun id<T>(x: T): T => x\nprint(id([1]))", "List<int>"),
    ("fun map<A, B>(xs: List<A>, f: fun(A): B): List<B> => [f(xs[0])]\nprint(map([1], fun(x) => x + 0.5))", "List<float>"),
    ("class P(x: int)\nprint(P(1))", "P"), ("class P(x: int)\nprint(P(1).x)", "int"),
    ("class B<T>(value: T)\nprint(B(1))", "B<int>"), ("class B<T>(value: T)\nprint(B(1).value)", "int"),
    ("class B<T>(value: T)\nprint(B<float>(1).value)", "float"),
    ("class A<T>(v: T) { fun get() => this.v }\nclass S extends A<string>(\"a\")\nprint(S().get())", "string"),
    ("enum T<E> { L, N(v: E) }\nprint(N(1))", "T<int>"), ("enum T<E> { L, N(v: E) }\nprint(match (N(1)) { L => 0, N(v) => v })", "int"),
    ("let (a, b) = (1, \"x\"); print(b)", "string"), ("for (x in [1.5]) { print(x) }", "float"), ("for (c in \"ab\") { print(c) }", "string"),
    ("for (i in 0..3) { print(i) }", "int"), ("let xs: List<float> = [1, 2]; print(xs)", "List<float>"), ("print([1, 2].pop())", "int"),
    ("let r: {x: int} = {x: 1}; print(r.x)", "int"), ("print(5 is int)", "bool"), ("let x: dynamic = 1; print(x as int)", "int"),
])
def test_inferred_types(text, expected):
    assert type_of(text) == expected


NODE = "class Node(value: int, next: Node?) { fun sum(): int => 1 }\n"


@pytest.mark.parametrize("text, expected", [
    ("fun f(n: Node?) { if (n != None) { print(n) } }", "Node"), ("fun f(n: Node?) { if (n == None) { return }; print(n) }", "Node"),
    ("fun f(n: Node?) { if (!(n == None)) { print(n) } }", "Node"), ("fun f(n: Node?) { if (n != None && n.value > 1) { print(n) } }", "Node"),
    ("fun f(n: Node?) { if (n == None || n.value > 1) { return }; print(n) }", "Node"),
    ("fun f(n: Node?) { while (n != None) { print(n); n = n.next } }", "Node"), ("fun f(n: Node?) { n = Node(1, None); print(n) }", "Node"),
    ("fun f(n: Node) { if (n.next != None) { print(n.next) } }", "Node"), ("fun f(n: Node?) { print(n ?? Node(1, None)) }", "Node"),
    ("fun f(n: Node?) { print(n?.value) }", "int?"), ("fun f(n: Node?) { if (n == None) { throw 1 }; print(n) }", "Node"),
    ("fun f(x: dynamic) { if (x is Node) { print(x) } }", "Node"), ("fun f(x: dynamic) { if (!(x is string)) { return }; print(x) }", "string"),
    ("fun f(x: Node?) { let y = x == None ? 0 : x.value; print(y) }", "int"),
    ("fun f(x: Node?) { match (x) { None => 1, n => print(n) } }", "Node"),
    ("fun f(x: dynamic) => match (x) { s: string => print(s), _ => None }", "string"),
    ("fun f(n: Node?) { if (n != None) { print(1) }; print(n) }", "Node?"),
    ("fun f(n: Node?) { if (n == None) { n = Node(1, None) }; print(n) }", "Node"),
])
def test_narrowing(text, expected):
    assert type_of(NODE + text) == expected


@pytest.mark.parametrize("text", [
    "x = 1\nx = \"a\"\nx = [x]\nprint(x)",                                      # untyped code
    "node = None\nfun f() { global node; node = {v: 1} }\nf()\nprint(node.v)",
    "r = {}\nr.x = 1\nr[\"y\"] = 2\nprint(r.x + r.y)",
    "fun f(a, b) { if (a) { return b } }\nprint(f(true, 1) + 1)",
    "total = 0\nfun add(x) { global total; total = total + x }\nadd(1.5)",
    "var best: int? = 1\nfor (x in [1, 2]) { if (x > best) { best = x } }",         # assigned in the loop, but never None
    "var n: int\nif (true) { n = 1 } else { n = 2 }\nprint(n)",
    "fun f(n: int): int { while (true) { if (n > 3) { return n }; n += 1 } }",      # no way to the end
    "fun f(n: int): int { try { return n } finally { print(n) } }",
    "fun f(n: int): int { if (n > 1) { return 1 } else { throw 2 } }",
    "fun f(n: int): int => match (n) { 0 => 1, _ => { throw 2 } }",
    "fun each<T>(xs: List<T>, f: fun(T)) { for (x in xs) { f(x) } }\neach([1], fun(x) { print(x + 1) })",
    "interface S { fun area() }\nclass C(r) implements S { override fun area() => this.r * 2 }\nprint(C(2).area() + 1)",
    "class A { fun v() { return None } }\nclass B extends A { override fun v() { return 1 } }\nfun f(a: A) => a.v() + 1",
    "enum T<E> { L, N(l: T<E>, v: E) }\nlet t: T<int> = N(N(L, 1), 2)",
    "fun f(): float => 1", "let f: float = 1", "let xs: List<int?> = [1, None]", "fun f(x: int?) => x == 1",
    "class A(x: int) { fun ==(other: A): bool => this.x == other.x }\nprint(A(1) == A(1))",
    "class V(x: int) { fun -(): V => V(-this.x) }\nprint(-V(1))",
    "fun cmp<T: Comparable<T>>(a: T, b: T): bool => a < b\nprint(cmp(1, 2))",
    "type Op = fun(int, int): int\nlet add: Op = fun(a, b) => a + b\nprint(add(1, 2))",
    "class E(code: int) extends Error(\"e\")\ntry { throw E(1) } catch (e: E) { print(e.code + 1) }",
    "fun f(x: int) { fun g() => x\n return g() + h() }\nfun h() => 1",
])
def test_no_false_errors(text):
    assert codes(text) == []


def test_all_independent_errors_are_reported_in_order():
    assert codes('let a: int = ""\nprint(1 - "x")\nif (5) { }') == ["E0601", "E0606", "E0609"]


def test_one_mistake_is_one_error():
    assert codes("class P(x: int)\nlet a = P(1).y\nlet b = a + 1\nlet c: string = b.z(a)\nfor (d in c) { }") == ["E0605"]


def test_nothing_is_reported_of_an_assumption_that_failed():
    assert codes("x = 1\nwhile (x != None) { if (x is string) { print(x.length) }; x = \"a\" }") == []


def test_warnings():
    assert warnings("print(1 == \"a\")") == ["E0651"]
    assert warnings("fun f() { return 1; print(2) }") == ["E0652"]
    assert warnings("fun f(b: bool) => match (b) { true => 1, false => 2, _ => 3 }") == ["E0641"]
    assert warnings("fun f(n: int) => match (n) { 1 | 2 => 1, 2 => 2, _ => 3 }") == ["E0641"]


def test_strict():
    """cite: T3.7"""
    assert warnings("@tests fun f() { }\n@tset fun g() { }\n@json @slow fun h() { }") == ["E0672", "E0672"]
    assert warnings("x = 1\nfun f(a) { let b = 1 }") == []
    assert warnings("x = 1\nfun f(a) { let b = 1 }", True) == ["E0660", "E0661", "E0662"]


def test_variables_have_types():
    module, _ = checked("let x = [1]")
    assert show(module.body[0].var.type) == "List<int>"


@pytest.mark.parametrize("text", [
    "let x = 1" + " + 1" * 20_000, "let a = {b: 1}\nlet x = a" + ".b" * 3000, "fun f() { return f }\nf" + "()" * 3000,
    "let a = 1\nif (a == 0) { }" + " else if (a == 1) { }" * 3000, "let x = " + "[" * 1000 + "]" * 1000,
    "let b = true\nlet x = " + "b ? 1 : " * 2000 + "2", "let b = true\nlet x = b" + " && b" * 5000,
    "class C0\n" + "\n".join(f"class C{i} extends C{i - 1}" for i in range(1, 500)),
    "type A0 = int\n" + "\n".join(f"type A{i} = (A{i - 1}, A{i - 1})" for i in range(1, 60)) + "\nlet x: dynamic = 1\nlet y: A59 = x",
    "fun f(n: int) => match (n) { " + ", ".join(f"{i} => 1" for i in range(1000)) + ", _ => 0 }",
], ids=range(10))
def test_large_programs(text):
    assert codes(text) == []


def test_match_with_too_many_combinations_is_left_alone():
    row = ", ".join(["0 | 1 | 2"] * 20)
    bools = ", ".join(["int"] * 20)
    assert codes(f"fun f(t: ({bools})) => match (t) {{ ({row}) => 1, _ => 2 }}") == []


def test_classic_programs_are_not_checked():
    compile_source(Source("f.mit", "x = 1 - \"a\";"), Options("classic"))
