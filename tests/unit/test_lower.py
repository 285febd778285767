"""Lowering: the bytecode of each construct as goldens, and what instructions must (not) appear."""

import pathlib

import pytest

from myna.compiler.bytecode import codec
from myna.compiler.bytecode.text import assemble, disassemble
from myna.compiler.diagnostics import CompileError
from myna.compiler.driver import compile_file, compile_source
from myna.compiler.options import Options
from myna.compiler.source import Source, decode

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "bytecode"


def program(text, dialect="ms"):
    return compile_source(Source("f", text), Options(dialect))


def code(text, dialect="ms", function=0):
    """The instructions of one function without positions and directives, one string each."""
    listing = disassemble(program(text, dialect)).split(".function")[function + 1].splitlines()[1:]
    lines = [line.split("  ", 1)[-1].strip() if "@" in line else line.strip() for line in listing]
    lines = [line.split(maxsplit=1)[1] if line.startswith("@") else line for line in lines]
    return [line for line in lines if line and not line.startswith(".") and not line.endswith(":")]


def names(text, dialect="ms", function=0):
    return [line.split()[0] for line in code(text, dialect, function)]


def codes(text, dialect="ms"):
    with pytest.raises(CompileError) as caught:
        program(text, dialect)
    return [d.code for d in caught.value.diagnostics]


@pytest.mark.parametrize("path", sorted(p for p in GOLDEN.iterdir() if p.suffix in (".mit", ".ms")), ids=lambda p: p.name)
def test_golden(path, request):
    dialect = "classic" if path.suffix == ".mit" else "ms"
    source = decode(path.name, path.read_bytes(), dialect)
    listing = disassemble(compile_source(source, Options(dialect)))
    expected = path.with_name(path.name + ".bytecode")
    if request.config.getoption("--update", default=False):
        expected.write_text(listing, encoding="utf-8")
    assert listing == expected.read_text(encoding="utf-8")
    assert codec.encode(assemble(listing)) == compiled_bytes(path.name, source, dialect)


def compiled_bytes(name, source, dialect):
    compiled = compile_source(source, Options(dialect))
    compiled.files[0] = compiled.files[0]._replace(name=name)
    return codec.encode(compiled)


def test_an_empty_loop_takes_two_instructions_an_iteration():
    assert code("i = 0; while (i < 100) { i = i + 1; }", "classic") == [
        "loadi r0, 0", "jump L2", "add32i r0, r0, 1", "jlti r0, 100, L1", "retnone"]


def test_a_loop_limit_is_loaded_once():
    assert code("i = 0; while (i < 100000) { i = i + 1; }", "classic") == [
        "loadi r0, 0", "loadk r1, 100000", "jump L2", "add32i r0, r0, 1", "jlt r0, r1, L1", "retnone"]


def test_arguments_go_directly_to_their_places():
    assert code("fun f(g, h) { return g(h(1, 2), h(g, 3)) }", function=1) == [
        "move r2, r0", "move r4, r1", "loadi r6, 1", "loadi r7, 2", "call r4, 2",
        "move r5, r1", "move r7, r0", "loadi r8, 3", "call r5, 2", "call r2, 2", "ret r2"]


def test_operands_in_registers_are_used_in_place():
    assert code("fun f(a, b) { return a + b * a }", function=1) == ["mul r2, r1, r0", "add r2, r0, r2", "ret r2"]


def test_results_go_directly_to_variables():
    assert code("x = 1; y = 2; x = x * y - 3;", "classic") == [
        "loadi r0, 1", "loadi r1, 2", "mul32 r2, r0, r1", "sub32i r0, r2, 3", "retnone"]


def test_a_variable_keeps_its_value_until_the_whole_right_side_is_known():
    # `x` must not change before `f()` has returned.
    assert code("fun g(x, f) { x = x ?? f(x)\n return x }", function=1) == [
        "move r2, r0", "jnotnone r2, L1", "move r3, r1", "move r5, r0", "call r3, 1", "move r2, r3", "move r0, r2", "ret r0"]


def test_comparisons_evaluate_the_left_side_first():
    assert code("fun f(a, b) => a() > b()", function=1) == [
        "move r2, r0", "call r2, 0", "move r3, r1", "call r3, 0", "lt r2, r3, r2", "ret r2"]


def test_negated_comparisons_are_right_for_nan():
    assert "jnlt r0, r1, L1" in code("fun f(a, b) { if (a < b) { return 1 } }", function=1)
    assert "jngei r0, 5, L1" in code("fun f(a) { if (a >= 5) { return 1 } }", function=1)


def test_classic_and_or_are_eager():
    assert names("fun f(a, b) { if (a && b) { return 1 } }", function=1)[:2] == ["jfalse", "jfalse"]
    assert names("f = fun(a, b) { if (a & b) { return 1; } };", "classic", 1)[:2] == ["and", "jfalse"]


def test_subtraction_of_a_constant_is_no_addition():
    # "a" - 5 must raise; "a" + -5 would concatenate.
    assert code("fun f(x) => x - 5", function=1)[0] == "subi r1, r0, 5"
    assert code("fun f(x) => x - 500", function=1)[0] == "subk r1, r0, 500"


def test_wide_immediates_are_left_to_constants():
    assert code("fun f(x) => x + 127", function=1)[0] == "addi r1, r0, 127"
    assert code("fun f(x) => x + 128", function=1)[0] == "addk r1, r0, 128"
    assert code("f = fun(x) { return x + 128; };", "classic", 1)[:2] == ["loadi r1, 128", "add32 r1, r0, r1"]


@pytest.mark.parametrize("text, checks", [
    ("x = 1; print(x);", 0),
    ("if (true) { x = 1; } print(x);", 1),
    ("if (true) { x = 1; } print(x); print(x);", 1),
    ("if (true) { x = 1; } else { x = 2; } print(x);", 0),
    ("if (true) { x = 1; } else { return 1; } print(x);", 0),
    ("while (true) { x = 1; print(x); } print(x);", 0),
    ("c = true; while (c) { x = 1; print(x); } print(x);", 1),
    ("c = true; while (c) { print(x); x = 1; }", 1),
    ("if (true) { if (true) { x = 1; } else { x = 2; } } else { x = 3; } print(x);", 0),
    ("if (true) { if (true) { x = 1; } } else { x = 3; } print(x);", 1),
    ("x = x + 1;", 1),
    ("f = fun() { y = y + 1; };", 0),
])
def test_unset_variables_are_checked_where_needed(text, checks):
    assert sum(line.startswith("checkset") for line in disassemble(program(text, "classic")).replace("@", "\n@").split()) == checks


@pytest.mark.parametrize("text, checks", [
    ("fun f(c) { if (c) { x = 1 }\n return x }", 1),
    ("fun f(c) { try { x = 1 } catch (e) { }\n return x }", 1),
    ("fun f(c) { try { x = 1 } catch (e) { return 1 }\n return x }", 0),
    ("fun f(c) { try { x = 1 } finally { c() }\n return x }", 0),
    ("fun f(c) { try { c() } finally { x = 1 }\n return x }", 0),
    ("fun f(c) { fun g() => h\n fun h() => 1\n return g }", 1),
    ("fun f(c) { fun g() => h()\n fun h() => 1\n return g }", 0),
    ("fun f(c) { fun g() => g()\n return g }", 0),
])
def test_unset_variables_of_functions(text, checks):
    assert disassemble(program(text)).count("checkset") == checks


def test_an_unset_variable_is_not_initialised_when_it_need_not_be():
    assert code("f = fun() { x = 1; return x; };", "classic", 1) == ["loadi r0, 1", "ret r0"]
    assert code("f = fun(c) { if (c) { x = 1; } return x; };", "classic", 1)[0] == "loadnone r1"


def test_primitives_are_called_directly_unless_the_count_is_wrong():
    assert names("print(1);", "classic") == ["loadi", "prim", "retnone"]
    assert names("print(1, 2);", "classic") == ["builtin", "loadi", "loadi", "call", "retnone"]
    assert codes("print(1, 2)") == ["E0603"]


def test_classic_closures_capture_their_activation_first():
    listing = disassemble(program("f = fun(a) { return fun() { return a; }; };", "classic"))
    assert ".capture cell r1\n.capture value r0" in listing
    assert names("f = fun(a) { return fun() { return a; }; };", "classic", 1)[:2] == ["loadnone", "newcell"]


def test_duplicate_fields_are_all_evaluated():
    assert code("fun f(g) => {a: g(1), b: 2, a: g(3)}", function=1)[-2:] == ["record r1, r1, {a, b}", "ret r1"]


def test_code_after_a_jump_is_left_out():
    assert code("fun f() { return 1\n print(2) }", function=1) == ["loadi r0, 1", "ret r0"]


def test_finally_stands_once():
    nested = "try { f() } finally { " * 20 + "f()" + " }" * 20
    assert disassemble(program("fun f() { }\n" + nested)).count("call") == 21


@pytest.mark.parametrize("text", [
    "x = 1" + " + 1" * 20000,
    "a = true; x = a" + " & a" * 20000,
    "x = {}; x = x" + ".y" * 20000,
    "x = {}; x = x" + "()" * 20000,
    "x = {" + "".join(f"f{i}: {i};" for i in range(3000)) + "}",
    "x = 1; x(" + ", ".join("1" for _ in range(3000)) + ")",
    "x = fun() { " + "".join(f"v{i} = {i};" for i in range(3000)) + "}",
])
def test_long_input(text):
    codec.encode(program(text + ";", "classic"))


@pytest.mark.parametrize("text", [
    "let a = true\nlet x = a" + " && a" * 20000,
    "let a: dynamic = 1\nlet x = a" + ".b()" * 20000,
    "let x = [" + ", ".join("1" for _ in range(3000)) + "]",
    "let x = 1\nif (x == 1) { } " + "else if (x == 2) { } " * 3000,
    "let x = 1\n" + "{ let x = 2\n" * 1000 + "}" * 1000,
    "let x = " + "(" * 5000 + "1" + ")" * 5000,
    "let x = " + "-(" * 5000 + "1" + ")" * 5000,
    "let x = " + "fun() => " * 3000 + "1",
])
def test_deep_input(text):
    codec.encode(program(text))


def test_too_large_is_an_error():
    assert codes("x = 1; x(" + ", ".join("1" for _ in range(70000)) + ");", "classic") == ["E0403"]


def test_extensions_choose_the_dialect(tmp_path):
    for name, classic in (("a.mit", True), ("a.ms", False)):
        path = tmp_path / name
        path.write_text("print(1);")
        assert codec.decode(compile_file(str(path))).functions[0].classic is classic


def test_dump(tmp_path, monkeypatch, capsys):
    path = tmp_path / "a.ms"
    path.write_text("x = 1")
    monkeypatch.setenv("MYNA_DUMP", "ast,resolved,bytecode")
    compile_file(str(path))
    shown = capsys.readouterr().err
    assert "Module" in shown and "register x" in shown and "retnone" in shown


# --- classes, patterns, arguments ---

POINT = "class P(x, y) {}\n"


def test_a_class_of_parameters_is_made_without_a_call():
    assert names(POINT + "let p = P(1, 2)") == ["loadi", "loadi", "construct", "retnone"]
    assert names(POINT + "let p = P(y: 1, x: 2)") == ["loadi", "loadi", "construct", "retnone"]
    assert names("class P(x, y = 2) {}\nlet p = P(1)") == ["loadi", "loadi", "construct", "retnone"]


def test_fields_of_this_are_slots():
    text = "class A(a) {}\nclass B(b) extends A(1) { fun m() => this.a + this.b; fun n(o) => o.a }"
    assert names(text, function=1) == ["getslot", "getslot", "add", "ret"]
    assert names(text, function=2) == ["getfield", "ret"]


def test_a_constructor_of_values_makes_the_instance_last():
    text = "class A(a) { var n = 0; var m = a }\nlet a = A(1)"
    assert names(text, function=1) == ["move", "loadi", "move", "construct", "ret"]
    text = "class A(a) { var n = 0; var m = this.n }\nlet a = A(1)"
    assert names(text, function=1)[:2] == ["object", "move"]


def test_a_default_value_that_is_a_literal_is_put_in_place_by_the_call():
    assert names("fun f(x = 1) => x\nf()") == ["closure", "loadi", "callknown", "retnone"]
    assert names("fun f(x = 1) => x", function=1) == ["jset", "loadi", "ret"]     # which known calls skip
    assert "move" in names("fun f(x, y = x) => y", function=1)


def test_a_pattern_that_always_fits_ends_a_match():
    assert "throw" not in names("fun f(x) => match (x) { 1 => 2, n => n }", function=1)
    assert "throw" in names("fun f(x) => match (x) { 1 => 2 }", function=1)


def test_classes_enter_the_table_after_what_is_above_them():
    text = "class B extends A implements I {}\nclass A {}\ninterface I extends J {}\ninterface J {}"
    table = program(text).classes
    places = {c.name: number for number, c in enumerate(table)}
    assert places["A"] < places["B"] and places["J"] < places["I"] < places["B"]
    assert table[places["B"]].parent == places["A"]


def test_nested_matches_are_not_limited():
    depth = 1000
    assert program("print(" + "match (1) { _ => " * depth + "1" + " }" * depth + ")")
