"""Name resolution: which variable a name means, how variables are stored, and the mistakes it reports."""

from pathlib import Path

import pytest

from myna.compiler.diagnostics import CompileError
from myna.compiler.driver import deep_recursion
from myna.compiler.resolve import PRELUDE, bodies, resolve
from myna.compiler.resolve.resolver import MAIN_REGISTERS
from myna.compiler.source import Source
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import parse

ROOT = Path(__file__).resolve().parents[2]


def resolved(text, dialect="ms"):
    source = Source("f", text)
    module = parse(source, dialect)
    return module, resolve(module, source, dialect)


def kinds(text, dialect="ms"):
    """Name -> kinds of all variables of that name that a Name in `text` means, in the order of their functions."""
    module, _ = resolved(text, dialect)
    found = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            found.setdefault(node.name, {})[node.var] = node.var.kind
    return {name: list(variables.values()) for name, variables in found.items()}


def kind(text, name, dialect="ms"):
    """The kind of the only variable called `name`."""
    (only,) = kinds(text, dialect)[name]
    return only


def errors(text):
    with pytest.raises(CompileError) as caught:
        resolved(text)
    return [(d.code, *d.source.position(d.pos)) for d in caught.value.diagnostics]


# --- classic ---

def classic(text, name):
    return kind(text, name, "classic")


def test_classic_top_level_variables_live_in_registers_unless_functions_use_them():
    text = "a = 1; b = 2; f = fun() { return a; }; g = fun() { return f(); };"
    assert classic(text + "print(b);", "b") == "register"
    assert classic(text, "a") == "global"
    assert classic(text, "f") == "global"


def test_classic_predefined_names_are_builtin_until_assigned():
    assert classic("print(1); f = fun() { print(2); };", "print") == "builtin"
    assert classic("print = 1; x = print;", "print") == "register"
    assert classic("print = 1; f = fun() { print(2); };", "print") == "global"
    assert classic("f = fun() { global print; print = 1; }; print(3);", "print") == "global"


def test_classic_assignment_makes_a_local_of_the_whole_body():
    assert kinds("x = 1; f = fun() { y = x; x = 2; };", "classic")["x"] == ["register", "register"]


def test_classic_global_binds_in_the_whole_body_and_in_functions_below():
    assert classic("f = fun() { x = 1; global x; }; print(x);", "x") == "global"
    assert classic("f = fun() { global x; return fun() { return x; }; }; x = 1;", "x") == "global"
    assert classic("f = fun(x) { global x; x = 1; }; print(x);", "x") == "global"
    assert classic("f = fun(print) { global print; print = 1; }; print(2);", "print") == "global"


@pytest.mark.parametrize("body, expected", [
    ("return fun() { return p; };", "register"),
    ("p = 1; return fun() { return p; };", "cell"),
    ("g = fun() { return p; }; p = 1;", "cell"),
    ("v = p; return fun() { return v; };", "register"),
    ("g = fun() { return v; }; v = 1;", "cell"),
    ("if (p) { v = 1; g = fun() { return v; }; }", "register"),
    ("if (p) { v = 1; } g = fun() { return v; };", "cell"),
    ("while (p) { v = 1; g = fun() { return v; }; }", "cell"),
    ("v = 1; v = 2; g = fun() { return v; };", "cell"),
    ("v = fun() { return v; };", "cell"),
    ("v = 1; while (p) { g = fun() { return fun() { return v; }; }; }", "register"),
])
def test_classic_captures(body, expected):
    name = "v" if "v" in body else "p"
    assert classic("f = fun(p) {" + body + "};", name) == expected


def test_classic_closures_of_one_activation_share_a_token():
    _, resolution = resolved("f = fun() { return fun() { return fun() { return 1; }; }; };", "classic")
    top, f, g, h = resolution.scopes
    assert (top.token, f.captures) == (None, {})
    assert list(g.captures) == [f.token] and list(h.captures) == [g.token]


def body_numbers(text):
    return [scope.body_number for scope in resolved(text, "classic")[1].scopes[1:]]


def test_equal_functions_share_a_body_number():
    a, b, c, d, e = body_numbers(
        "a = fun(x) { return x + 1; }; b = fun( x ) {return (x+1);}; c = fun(y) { return y + 1; };"
        "d = fun(x) { return x + 2; }; e = fun(x) { return x - 1; };")
    assert a == b and len({a, c, d, e}) == 4 and 0 not in (a, c, d, e)


def test_equal_functions_with_functions_inside():
    f, inner_f, g, inner_g, h, inner_h = body_numbers(
        "f = fun() { return fun(x) { return x; }; }; g = fun() { return fun(x) { return x; }; };"
        "h = fun() { return fun(y) { return y; }; };")
    assert f == g != h and inner_f == inner_g != inner_h and f != inner_f


def test_literals_of_different_kinds_differ():
    assert len(set(body_numbers('a = fun() { return 1; }; b = fun() { return true; }; c = fun() { return "1"; };'))) == 3


def test_body_numbers_of_deep_trees():
    depth = 3000
    text = "f = fun() { x = " + "(-" * depth + "y" + ")" * depth + "; };"
    with deep_recursion(Source("f", text)):
        first, second = body_numbers(text + text)
    assert first == second


def test_many_top_level_variables_overflow_into_globals():
    count = MAIN_REGISTERS + 50
    _, resolution = resolved("".join(f"v{i} = {i};" for i in range(count)), "classic")
    assert len(resolution.globals) == 50


# --- Myna ---

def test_blocks_shadow():
    assert len(kinds("let x = 1\n{ let x = 2; print(x) }\nprint(x)")["x"]) == 2


def test_implicit_variables_belong_to_their_function():
    assert len(kinds("x = 1\nfun f() { x = 2 }\nprint(x)")["x"]) == 2
    assert kind("x = 1\nfun f() { return x }", "x") == "global"
    assert kind("fun f() { global x\n x = 2 }\nx = 1", "x") == "global"


def test_assignment_reaches_declared_variables_of_outer_functions():
    assert kind("var x = 1\nfun f() { x = 2 }", "x") == "global"
    assert kind("fun f() { var x = 1\n fun g() { x = 2 } }", "x") == "cell"


@pytest.mark.parametrize("text, name, expected", [
    ("fun f(p) { return fun() => p }", "p", "register"),
    ("fun f(p) { p += 1\n return fun() => p }", "p", "cell"),
    ("fun f() { let v = 1\n return fun() => v }", "v", "register"),
    ("fun f() { var v = 1\n v = 2\n return fun() => v }", "v", "cell"),
    ("fun f() { fun g() => v\n let v = 1\n g() }", "v", "cell"),
    ("fun f() { fun g() => g }", "g", "cell"),
    ("fun f() { fun g() => 1\n fun h() => g }", "g", "register"),
    ("for (i in 0..3) { print(fun() => i) }", "i", "register"),
    ("for (i in 0..3) { i += 1\n print(fun() => i) }", "i", "cell"),
    ("while (true) { let v = 1\n print(fun() => v) }", "v", "register"),
    ("fun f() { while (true) { v = 1\n print(fun() => v) } }", "v", "cell"),
    ("try { } catch (e) { print(fun() => e) }", "e", "register"),
])
def test_captures(text, name, expected):
    assert kind(text, name) == expected


@pytest.mark.parametrize("text, expected", [
    ("print(x)", [("E0301", 1, 7)]),
    ("fun f() { return x }\nfun g() { return x }", [("E0301", 1, 18)]),
    ("print(x)\nlet x = 1", [("E0302", 1, 7)]),
    ("let x = x", [("E0302", 1, 9)]),
    ("let x = 1\nx = 2", [("E0303", 2, 1)]),
    ("let x = 1\nfun f() { x += 2 }", [("E0303", 2, 11)]),
    ("let x = 1\nfun f() { global x\n x = 2 }", [("E0303", 3, 2)]),
    ("fun f() { }\nf = 2", [("E0303", 2, 1)]),
    ("let x = 1\nvar x = 2", [("E0304", 2, 5)]),
    ("break", [("E0305", 1, 1)]),
    ("while (true) { fun f() { continue } }", [("E0305", 1, 26)]),
    ("fun f() { x = 1\n global x }", [("E0306", 2, 2)]),
    ("fun f() { print(x)\n global x }\nx = 1", [("E0306", 2, 2)]),
    ("print(a)\nprint(b)", [("E0301", 1, 7), ("E0301", 2, 7)]),
])
def test_errors(text, expected):
    assert errors(text) == expected


def test_errors_suggest_the_nearest_name():
    with pytest.raises(CompileError) as caught:
        resolved("fun f(length) { return lenght }")
    assert caught.value.diagnostics[0].help == "did you mean `length`?"


def test_errors_are_limited():
    assert len(errors("".join(f"print(v{i})\n" for i in range(1000)))) == 51     # the last says that there were more


def test_functions_may_use_what_is_declared_below():
    assert kind("fun f() => limit\nlet limit = 1\nf()", "limit") == "global"


def test_predefined_names_can_be_shadowed():
    assert kinds("let len = 1\nprint(len)\nfun f(print) => print")["print"] == ["builtin", "register"]


def test_tree_numbers_do_not_depend_on_position():
    one = parse(Source("f", "f(1, x.y)"), "ms")
    other = parse(Source("f", "\n\n f( 1,x . y )"), "ms")
    trees, known = {}, {}
    assert bodies.tree(one, trees, known) == bodies.tree(other, trees, known)


# --- classes, patterns ---

def info(text, name):
    """The ClassInfo of a class that `text` declares."""
    return next(found for found in resolved(text)[1].classes if found.name == name)


def test_classes_are_static_and_variants_without_parameters_global():
    found = kinds("class C(x) {}\nenum E { A, B(x) }\nprint(C); print(E.A); print(A); print(B)")
    assert (found["C"], found["E"], found["A"], found["B"]) == (["static"], ["static"], ["global"], ["static"])


def test_fields_are_numbered_superclass_first_and_once():
    text = "class C(b, c) extends B(1, 2) { var d; var a }\nclass B(a, b) extends Error(a) {}"
    assert list(info(text, "C").slots) == ["message", "cause", "(trace)", "a", "b", "c", "d"]
    assert list(info(text, "C").slots.values()) == list(range(7))


def test_methods_are_found_in_superclasses_then_interfaces():
    text = "interface I { fun a() => 1; fun b() => 2 }\nclass A implements I { fun b() => 3 }\nclass B extends A { fun c() => 4 }"
    assert [info(text, "B").find_method(name).name for name in "abc"] == ["I.a", "A.b", "B.c"]
    assert info(text, "B").find_method("d") is None


def test_methods_capture_nothing_but_functions_in_them_capture_this():
    _, resolution = resolved("fun f() { class C(x) { fun m() => fun() => this.x } return C(1) }")
    captures = {scope.name: [var.name for var in scope.captures] for scope in resolution.scopes}
    assert captures == {"top level": [], "f": [], "C": [], "C.m": [], None: ["this"]}


def test_a_name_in_a_pattern_is_a_variant_where_one_is_in_sight():
    module, _ = resolved("fun f(x) { enum E { A }\n match (x) { A => 1, _ => 2 } }\nmatch (1) { A => A }")
    found = [node.var.info is not None for node in ast.walk(module) if isinstance(node, ast.PName)]
    assert found == [True, False]


def test_alternatives_share_their_variables():
    module, _ = resolved("match (1) { (x, 1) | [_, x] => x, _ => 0 }")
    assert len({node.var for node in ast.walk(module) if isinstance(node, ast.PName)}) == 1


def test_every_inheritance_circle_is_reported_once():
    assert errors("class A extends B {}\nclass B extends C {}\nclass C extends A {}\nclass D extends A {}") == [("E0313", 1, 7)]
    assert errors("interface I extends J {}\ninterface J extends I {}") == [("E0313", 1, 11)]


def test_a_long_chain_of_classes():
    text = "class A0(x) {}\n" + "".join(f"class A{i + 1} extends A{i}(1) {{ var y{i} }}\n" for i in range(200))
    assert len(info(text, "A200").slots) == 201


def test_the_prelude_is_what_its_modules_show():
    for name in {*PRELUDE.values()}:
        text = (ROOT / "stdlib" / f"{name}.ms").read_text()
        shown = {line.split("(")[0].removeprefix("fun ") for line in text.splitlines() if line.startswith("fun ")}
        assert {key for key, module in PRELUDE.items() if module == name} == {n for n in shown if not n.startswith("_")}
