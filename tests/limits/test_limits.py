"""Programs of sizes that nobody writes by hand: each runs, or is refused with a clean message. Never a crash or a hang.

What must work is far above what people write, and what a program generator might. Beyond it a compile error says what
there is too much of.
"""
from typing import NamedTuple

import pytest

import runner


class Case(NamedTuple):
    """A generated program, and what it prints, the code of its compile error, or its runtime error."""
    name: str
    suffix: str
    text: object            # a function, so that large texts are made only when their turn comes
    output: str = ""
    code: str = ""
    error: str = ""


def _repeat(text, n):
    return lambda: text * n


def _lines(form, n, *more):
    """`form` with {i} for 0 … n-1, a line each, and more lines."""
    return lambda: "\n".join([*(form.replace("{i}", str(i)) for i in range(n)), *more, ""])


def _nested(opening, inner, closing, depth, before="", after=""):
    return lambda: before + opening * depth + inner + closing * depth + after


def _names(form, n, separator=", "):
    return separator.join(form.replace("{i}", str(i)) for i in range(n))


LONG = [
    Case("lines", ".ms", lambda: "x = 0\n" + "x = x + 1\n" * 100_000 + "print(x)\n", "100000"),
    Case("lines_classic", ".mit", lambda: "x = 0;\n" + "x = x + 1;\n" * 100_000 + "print(x);\n", "100000"),
    Case("statements_on_one_line", ".mit", lambda: "x = 0;" + "x = x + 1;" * 20_000 + "print(x);", "20000"),
    Case("statements_in_a_function", ".ms", lambda: "fun f() {\nvar x = 0\n" + "x += 1\n" * 20_000 + "return x\n}\nprint(f())\n", "20000"),
    Case("if_over_a_large_block", ".mit", lambda: "x = 0; while (x < 1) {" + "x = x + 1;" * 20_000 + "} print(x);", "20000"),
    Case("empty_lines", ".ms", lambda: "\n" * 500_000 + "print(1)\n", "1"),
    Case("comment", ".mit", lambda: "//" + "x" * 5_000_000 + "\nprint(1);", "1"),
    Case("comment_lines", ".ms", lambda: "// line\n" * 200_000 + "print(1)\n", "1"),
    Case("list_literal", ".ms", lambda: f"let xs: List<float> = [{'1, ' * 100_000}]\nprint(xs.length)\n", "100000"),
    Case("list_of_lists", ".ms", lambda: f"let xs = [{'[1], ' * 20_000}]\nprint(xs.length)\n", "20000"),
    Case("map_literal", ".ms", lambda: f"let m = {{{_names(chr(34) + 'k{i}' + chr(34) + ': {i}', 20_000)}}}\nprint(m.length)\n", "20000"),
    Case("name", ".ms", lambda: f"let {'x' * 100_000} = 1\nprint({'x' * 100_000})\n", "1"),
    Case("string_literal", ".mit", lambda: f's = "{"x" * 5_000_000}"; t = s; print(s == t);', "true"),
    Case("string_escapes", ".ms", lambda: f'let s = "{chr(92) + "n"}{(chr(92) + "t") * 300_000}"\nprint(s.length)\n', "300001"),
    Case("int_literal", ".ms", lambda: f"let x = {'9' * 100_000}\n", code="E0105"),
    Case("int_literal_classic", ".mit", lambda: f"x = {'9' * 100_000};\n", code="E0105"),
    Case("int_literal_zeros", ".mit", lambda: f"print({'0' * 1_000}7);", "7"),
    Case("float_literal", ".ms", lambda: f"print(0.{'3' * 1_000})\n", "0.3333333333333333"),
    Case("interfaces", ".ms", lambda: _lines("interface I{i} {\n}", 100)() + f"class C implements {_names('I{i}', 100)} {{\n}}\nclass D extends C {{\n}}\n"
         + "fun test(x) => x is I3 && x is I99 && x is C && !(x is D)\nprint(test(C()))\nprint(test(3))\n", "true\nfalse"),
    Case("sum", ".ms", lambda: "print(1" + " + 1" * 20_000 + ")\n", "20001"),
    Case("sum_classic", ".mit", lambda: "print(1" + " + 1" * 20_000 + ");", "20001"),
    Case("joined_strings", ".ms", lambda: 'print(("a"' + ' + "b"' * 5_000 + ").length)\n", "5001"),
    Case("conjunction", ".ms", lambda: "print(true" + " && true" * 5_000 + ")\n", "true"),
    Case("conjunction_classic", ".mit", lambda: "print(true" + " & true" * 5_000 + ");", "true"),
    Case("else_if", ".ms", lambda: "let x = 999\nif (x == -1) {}\n" + "".join(f"else if (x == {i}) {{ print({i}) }}\n" for i in range(1000)), "999"),
    Case("calls_in_a_row", ".ms", lambda: "let r = {}\nr.f = fun() => r\nprint(r" + ".f()" * 3_000 + " == r)\n", "true"),
    Case("fields_in_a_row", ".mit", lambda: "r = {n: 5;}; r.r = r; print(r" + ".r" * 3_000 + ".n);", "5"),
    Case("interpolations", ".ms", lambda: 'let x = 7\nprint("' + "${x}" * 1_000 + '".length)\n', "1000"),
]

MANY = [
    Case("locals_300", ".ms", lambda: "fun f(a) {\n" + "".join(f"let v{i} = a + {i}\n" for i in range(300)) + f"return {_names('v{i}', 300, ' + ')}\n}}\nprint(f(1))\n", str(300 + sum(range(300)))),
    Case("locals_3000", ".ms", lambda: "fun f(a) {\n" + "".join(f"let v{i} = a + {i}\n" for i in range(3000)) + "return v0 + v1500 + v2999\n}\nprint(f(1))\n", str(3 + 1500 + 2999)),
    Case("locals_300_classic", ".mit", lambda: "f = fun(a) {\n" + "".join(f"v{i} = a + {i};\n" for i in range(300)) + f"return {_names('v{i}', 300, ' + ')};\n}};\nprint(f(1));\n", str(300 + sum(range(300)))),
    Case("locals_3000_classic", ".mit", lambda: "f = fun(a) {\n" + "".join(f"v{i} = a + {i};\n" for i in range(3000)) + "return v0 + v1500 + v2999;\n};\nprint(f(1));\n", str(3 + 1500 + 2999)),
    Case("captured_1000", ".ms", lambda: "fun f(a) {\n" + "".join(f"var v{i} = a + {i}\n" for i in range(1000)) + f"v999 = 0\nreturn fun() => {_names('v{i}', 1000, ' + ')}\n}}\nprint(f(0)())\n", str(sum(range(999)))),
    Case("captured_1000_classic", ".mit", lambda: "f = fun(a) {\n" + "".join(f"v{i} = a + {i};\n" for i in range(1000)) + f"g = fun() {{ return {_names('v{i}', 1000, ' + ')}; }};\nv999 = 0;\nreturn g;\n}};\nprint(f(0)());\n", str(sum(range(999)))),
    Case("globals_5000", ".ms", lambda: "".join(f"g{i} = {i}\n" for i in range(5000)) + "fun f() => g0 + g2500 + g4999\nprint(f())\n", "7499"),
    Case("globals_5000_classic", ".mit", lambda: "".join(f"g{i} = {i};\n" for i in range(5000)) + "f = fun() { return g0 + g2500 + g4999; };\nprint(f());\n", "7499"),
    Case("top_level_variables_1000", ".ms", lambda: "".join(f"let v{i} = {i}\n" for i in range(1000)) + f"print({_names('v{i}', 1000, ' + ')})\n", str(sum(range(1000)))),
    Case("parameters_250", ".ms", lambda: f"fun f({_names('p{i}', 250)}) => p0 + p249\nprint(f({_names('{i}', 250)}))\n", "249"),
    Case("arguments_300", ".mit", lambda: f"f = fun({_names('p{i}', 300)}) {{ return p0 + p299; }};\nprint(f({_names('{i}', 300)}));\n", "299"),
    Case("arguments_100000", ".mit", lambda: f"print({_names('{i}', 100_000)});\n", code="E0403"),
    Case("constants_70000", ".ms", lambda: "var s = 0\n" + "".join(f"s += {i + 1_000_000}\n" for i in range(70_000)) + "print(s)\n", str(sum(range(1_000_000, 1_070_000)))),
    Case("strings_20000", ".mit", lambda: "r = {};\n" + "".join(f'r["k{i}"] = "v{i}";\n' for i in range(20_000)) + 'print(r.k0 + r.k19999);\n', "v0v19999"),
    Case("list_items_20000", ".ms", lambda: f"let xs = [{_names('{i}', 20_000)}]\nprint(xs[19999] + xs.length)\n", "39999"),
    Case("record_fields_5000", ".mit", lambda: f"r = {{{_names('f{i}: {i};', 5_000, ' ')}}};\nprint(r.f0 + r.f4999);\n", "4999"),
    Case("functions_10000", ".ms", lambda: "".join(f"fun f{i}() => {i}\n" for i in range(10_000)) + "print(f0() + f9999())\n", "9999"),
    Case("functions_10000_classic", ".mit", lambda: "".join(f"f{i} = fun() {{ return {i}; }};\n" for i in range(10_000)) + "print(f0() + f9999());\n", "9999"),
    Case("handlers_2000", ".ms", lambda: "var n = 0\n" + "try { throw 1 } catch (e) { n += e }\n" * 2_000 + "print(n)\n", "2000"),
    Case("arms_10000", ".ms", lambda: "let x = 9999\nprint(match (x) {\n" + _names("{i} => {i}", 10_000, ",\n") + ",\n_ => 0\n})\n", "9999"),
    Case("class_chain_2000", ".ms", lambda: "class C0 { fun m() => 0 }\n" + "".join(
        f"class C{i} extends C{i - 1} {{ override fun m() => {i}; fun m{i % 900}() => {i} }}\n".replace("; fun", ";" + " override" * (i > 900) + " fun")
        for i in range(1, 2000)) + "print(C1999().m1())\n", "1801"),
    Case("arms_10000_strings", ".ms", lambda: 'let x = "s9999"\nprint(match (x) {\n' + _names('"s{i}" => {i}', 10_000, ",\n") + ",\n_ => 0\n})\n", "9999"),
    Case("arms_10000_variants", ".ms", lambda: f"enum E {{ {_names('V{i}(x: int)', 10_000)} }}\nfun f(e: E): int => match (e) {{\n"
         + _names("V{i}(x) => x", 10_000, ",\n") + "\n}\nprint(f(V9999(7)))\n", "7"),
    Case("arms_3000_records", ".ms", lambda: "let x: {a: int} = {a: 2999}\nprint(match (x) {\n" + _names("{a: {i}} => {i}", 3_000, ",\n") + ",\n_ => 0\n})\n", "2999"),
    Case("arms_3000_lists", ".ms", lambda: "let x = [2999]\nprint(match (x) {\n" + _names("[{i}, ...rest] => {i}", 3_000, ",\n") + ",\n_ => 0\n})\n", "2999"),
    Case("variant_missing_of_10000", ".ms", lambda: f"enum E {{ {_names('V{i}', 10_000)} }}\nfun f(e: E): int => match (e) {{\n"
         + _names("V{i} => {i}", 9_999, ",\n") + "\n}\n", code="E0640"),
    Case("interface_chain_1500", ".ms", lambda: "interface I0 { fun m(): int => 7 }\n" + "".join(
        f"interface I{i} extends I{i - 1} {{ fun m{i % 900}(): int => {i} }}\n" for i in range(1, 900)) + "class C implements I899\nprint(C().m())\n", "7"),
    Case("tuple_types_doubled", ".ms", lambda: "type A0 = int\ntype B0 = int?\n" + "".join(
        f"type A{i} = (A{i - 1}, A{i - 1})\ntype B{i} = (B{i - 1}, B{i - 1})\n" for i in range(1, 100)) + "fun f(x: A99) { let y: B99 = x }\nprint(1)\n", "1"),
    Case("map_types_doubled", ".ms", lambda: "let m0 = {\"a\": 1}\n" + "".join(f"let m{i} = {{\"a\": (m{i - 1}, m{i - 1})}}\n" for i in range(1, 60)) + "print(m59.length)\n", "1"),
    Case("methods_1500", ".ms", lambda: "class C { " + _names("fun m{i}() => {i}", 1500, "; ") + " }\nprint(C().m0())\n", code="E0403"),
    Case("generic_classes_100", ".ms", lambda: "".join(
        f"class G{i}<T>(item: T, next: G{(i + 1) % 100}<List<T>>?) {{ fun after(): G{(i + 1) % 100}<List<T>>? => this.next }}\n"
        for i in range(100)) + "let g: G0<int> = G0(1, G1([2], None))\nprint(g.after()?.item)\n", "[2]"),
    Case("functions_below_3000", ".ms", lambda: "print(f0())\n" + "".join(f"fun f{i}() {{ return f{i + 1}() }}\n" for i in range(2999, -1, -1))
         + "fun f3000() => 7\n", "7"),
    Case("errors", ".ms", _lines("let x{i} = = {i}", 5_000), code="E0402"),
    Case("errors_20000", ".ms", _lines('let x{i}: int = "a"', 20_000), code="E0402"),
    Case("errors_of_names_and_types", ".ms", _lines("let x{i}: Type{i} = y{i}.z + true", 5_000), code="E0402"),
    Case("errors_of_members", ".ms", _lines("print(C(1).member{i})", 5_000, "class C(members: int)"), code="E0605"),
    Case("unknown_names", ".ms", _lines("print(x{i})", 5_000), code="E0301"),
]

DEPTH, TOO_DEEP = 1_000, 100_000    # nesting that must work; nesting that must be refused

DEEP = [
    Case(f"{name}_{depth}", suffix, _nested(opening, inner, closing, depth, before, after), *((output,) if depth == DEPTH else ("", "E0401")))
    for depth in (DEPTH, TOO_DEEP)
    for name, suffix, before, opening, inner, closing, after, output in [
        ("parentheses", ".ms", "print(", "(", "7", ")", ")\n", "7"),
        ("parentheses_classic", ".mit", "print(", "(", "7", ")", ");", "7"),
        ("sums", ".mit", "print(", "(1 + ", "1", ")", ");", "1001"),
        ("minuses", ".ms", "print(", "-(", "7", ")", ")\n", "7"),
        ("nots", ".mit", "print(", "!(", "true", ")", ");", "true"),
        ("blocks", ".ms", "", "{", "print(1)", "}", "\n", "1"),
        ("ifs", ".mit", "", "if (true) {", "print(1);", "}", "", "1"),
        ("whiles", ".ms", "", "while (true) {", "print(1)", "; break }", "\n", "1"),
        ("records", ".mit", "r = ", "{a: ", "1", ";}", "; print(r.a.a.a == None);", "false"),
        ("lists", ".ms", "let xs = ", "[", "1", "]", "\nprint(xs.length)\n", "1"),
        ("calls", ".ms", "let f = fun(x) => x + 1\nprint(", "f(", "0", ")", ")\n", "1000"),
        ("indexes", ".mit", "r = {}; r[1] = 1; print(", "r[", "1", "]", ");", "1"),
        ("alternatives", ".ms", "let x = 1\nprint(match (x) { ", "(", "0", " | 1)", " => 8, _ => 9 })\n", "8"),
        ("alternatives_of_lists", ".ms", "let x: dynamic = 1\nprint(match (x) { ", "([", "0", "] | 1)", " => 8, _ => 9 })\n", "8"),
        ("types", ".ms", "let x: ", "List<", "int", ">", " = []\nprint(1)\n", "1"),
        ("matches", ".ms", "let x = 1\nprint(", "match (x) { 1 => ", "5", ", _ => 0 }", ")\n", "5"),
        ("functions", ".ms", "let f = ", "fun() => ", "5", "", f"\nprint(f{'()' * DEPTH})\n", "5"),
        ("conditionals", ".ms", "print(", "true ? (", "1", ") : 2", ")\n", "1"),
    ]
] + [
    Case("functions_with_blocks_200", ".mit", lambda: "x = 3; f = " + "fun() { return " * 200 + "x" + "; }" * 200 + f"; print(f{'()' * 200});", "3"),
    Case("captures_through_200_functions", ".mit", lambda: "f = fun(x) { return " + "fun() { return " * 200 + "x" + "; }" * 200 + f"; }}; print(f(8){'()' * 200});", "8"),
    Case("tries_200", ".ms", lambda: "try { " * 200 + "throw 5" + " } catch (e) { throw e + 1 }" * 200 + "\n", error="uncaught value: 205"),
    Case("finallys_12", ".ms", lambda: "var n = 0\nfun f() { " + "try { " * 12 + "return 1" + " } finally { n += 1 }" * 12 + " }\nf()\nprint(n)\n", "12"),
    Case("strings_in_strings_50", ".ms", lambda: "print(" + '"${' * 50 + "1" + '}"' * 50 + ")\n", "1"),
    Case("comments_in_comments", ".ms", lambda: "/*" * 50_000 + "*/" * 50_000 + "\nprint(1)\n", "1"),
    Case("open_parentheses", ".mit", lambda: "x = " + "(" * 200_000, code="E"),
    Case("open_braces", ".ms", lambda: "{" * 200_000, code="E"),
    Case("open_brackets", ".ms", lambda: "x = " + "[" * 200_000, code="E"),
    Case("open_functions", ".mit", lambda: "f = " + "fun() { return " * 100_000, code="E"),
    Case("closed_only", ".ms", lambda: ")" * 100_000, code="E"),
    Case("minuses_only", ".ms", lambda: "x = " + "-" * 100_000 + "1\n", code="E0401"),
]

DATA = [
    Case("deep_record_printed", ".mit", lambda: "r = None; i = 0; while (i < 300000) { r = {r: r;}; i = i + 1; } s = {}; s[r] = i; print(s[\"\" + r]);", "300000"),
    Case("deep_list_printed", ".ms", lambda: "var xs = []\nfor (i in 0..300000) xs = [xs]\ntry { print(str(xs).length > 0) } catch (e) { print(true) }\n", "true"),
    Case("wide_record_printed", ".mit", lambda: 'r = {}; i = 0; while (i < 50000) { r["k" + i] = i; i = i + 1; } s = {}; s[r] = 1; print(s["" + r]);', "1"),
    Case("shared_record_printed", ".mit", lambda: "r = {}; i = 0; while (i < 12) { r = {a: r; b: r;}; i = i + 1; } s = {}; s[r] = 1; print(s[\"\" + r]);", "1"),
    Case("function_bodies_compared", ".mit", lambda: "f = fun() { return " + "(1 + " * 900 + "1" + ")" * 900 + "; }; g = fun() { return " + "(1 + " * 900 + "1" + ")" * 900 + "; }; print(f == g);", "true"),
]

FILES = [
    Case("empty", ".ms", lambda: ""),
    Case("empty_classic", ".mit", lambda: ""),
    Case("empty_bytecode", ".mitbc", lambda: "", code="E0521"),
    Case("only_spaces", ".ms", lambda: " \t\n \n"),
    Case("zero_bytes", ".ms", lambda: "\0" * 1000, code="E0101"),
    Case("zero_bytes_classic", ".mit", lambda: "\0", code="E0101"),
    Case("all_bytes", ".mit", lambda: "".join(map(chr, range(256))), code="E"),
    Case("all_bytes_bytecode", ".mitbc", lambda: "".join(map(chr, range(256))), code="E0521"),
    Case("byte_order_mark", ".ms", lambda: "\xef\xbb\xbfprint(1)\n", "1"),
    Case("no_line_end", ".ms", lambda: "print(1)", "1"),
    Case("machine_code", ".ms", lambda: "\x7fELF\x02\x01\x01" + "\xff" * 200, code="E0107"),
]


def _function(code, locals=""):
    return ("function { functions = [], constants = [1, true], parameter_count = 0, local_vars = [" + locals + "], local_ref_vars = [], "
            "free_vars = [], names = [], labels = {}, instructions = [" + code + "] }")


BYTECODE = [
    Case("instructions_100000", ".mitbc", lambda: _function("load_const 0 pop\n" * 50_000)),
    Case("labels_10000", ".mitbc", lambda: _function("".join(f"load_const 1 if {i}\nlabel {i}\n" for i in range(10_000)))),
    Case("stack_100000", ".mitbc", lambda: _function("load_const 0\n" * 100_000)),
    Case("locals_3000", ".mitbc", lambda: _function("load_const 0 store_local 2999 load_local 0 pop", _names("v{i}", 3000))),
    Case("functions_nested_20000", ".mitbc", lambda: "function { functions = [" * 20_000, code="E0521"),
    Case("backward_jumps", ".mitbc", lambda: _function("goto 5000\n" + "".join(f"label {i}\nload_const 1 if {i - 1 if i else 5001}\n" for i in range(5000)) + "label 5000 goto 4999 label 5001")),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in LONG + MANY + DEEP + DATA + FILES + BYTECODE])
def test_size(case, tmp_path):
    path = tmp_path / f"{case.name}{case.suffix}"
    path.write_bytes(case.text().encode("latin-1"))
    expected = runner.Expectations(case.output.split("\n") if case.output else [], case.error or None, [], [], [], [], None, [], [])
    result = runner.run(path, "interp")
    if case.code:
        assert result.status == runner.DOES_NOT_COMPILE, result.stderr[:2000]
        assert f"error[{case.code}" in result.stderr and "Traceback" not in result.stderr, result.stderr[:2000]
        assert not result.stdout
    else:
        problems = list(runner.compare(expected, result, classic=case.suffix != ".ms"))
        assert not problems, "\n".join([*problems, result.stderr[:2000]])
