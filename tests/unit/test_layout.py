"""The layout of programs, and `myna fmt`."""
import subprocess
from pathlib import Path

import pytest

from myna.compiler import driver, layout, options
from myna.compiler.bytecode import codec
from myna.compiler.bytecode.text import disassemble
from myna.compiler.diagnostics import CompileError
from myna.compiler.layout import concrete
from myna.compiler.source import Source, decode
from myna.vm import host

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("stdlib", "examples", "tests")
LAID_OUT = ("examples", "tests/bench")     # the rest says by its layout what it tests


def laid_out(text):
    """The layout of a text."""
    return layout.layout(Source("text.ms", text))


@pytest.mark.quick
@pytest.mark.parametrize("text, expected", [
    ("", ""),
    ("// only a comment", "// only a comment\n"),
    ("let   x=1 ;print( x )", "let x = 1\nprint(x)\n"),
    ("let a = 1\n\n\n\nlet b = 2\n", "let a = 1\n\nlet b = 2\n"),
    ("let a = b; -c", "let a = b;\n-c\n"),
    ("x = -a-b*~c\nlet y=!a&&b\n", "x = -a - b * ~c\nlet y = !a && b\n"),
    ("for(i in 0 .. n-1){}\n", "for (i in 0..n - 1) {}\n"),
    ("fun f( a:int,b=2,...c ):int=>a", "fun f(a: int, b = 2, ...c): int => a\n"),
    ("let m=Map < string , List<int> > ( )", "let m = Map<string, List<int>>()\n"),
    ("class A(x:int)extends B<int>(x)implements C,D{fun []( i:int )=>i\nfun -()=>0}",
     "class A(x: int) extends B<int>(x) implements C, D {\n    fun [](i: int) => i\n    fun -() => 0\n}\n"),
    ("let y=match(x){-1=>\"a\",[1,...]=>{b}\n{p:1}|A.B(_)if c=>d\n_=>e}",
     "let y = match (x) {\n    -1 => \"a\",\n    [1, ...] => { b }\n    {p: 1} | A.B(_) if c => d,\n    _ => e,\n}\n"),
    ("if(a){b}else if(c){d}\nelse{e}", "if (a) { b } else if (c) { d }\nelse { e }\n"),
    ("if(a){\nb}\nelse{c}", "if (a) {\n    b\n} else { c }\n"),
    ("if(a)\nb\nelse c\n", "if (a)\n    b\nelse c\n"),
    ("try{a}catch(e:E){b}finally{c}", "try { a } catch (e: E) { b } finally { c }\n"),
    ("let r={a:1,b:{c:2}}\nlet m={\"k\":1,[x]:2}\n", "let r = {a: 1, b: {c: 2}}\nlet m = {\"k\": 1, [x]: 2}\n"),
    ("let s = \"a ${ f( 1 , \"b\" ) :>8} // c\"", "let s = \"a ${ f( 1 , \"b\" ) :>8} // c\"\n"),
    ("@test fun f(){}\n@a( 1 )\n@b\nclass C", "@test fun f() {}\n@a(1)\n@b\nclass C\n"),
    ("match(x){\n1=>a,2=>b\n3=>{c},4=>d}", "match (x) {\n    1 => a, 2 => b,\n    3 => { c }\n    4 => d,\n}\n"),
    ("class A\n  extends B", "class A\n    extends B\n"),
    ("enum E{A,B(x:int)\nfun f()=>1}", "enum E {\n    A, B(x: int),\n    fun f() => 1\n}\n"),
    ("from \"a/b\" import c as d,e\nimport x as y", "from \"a/b\" import c as d, e\nimport x as y\n"),
    ("xs\n.map(f)\n.filter(g)\n|> h", "xs\n    .map(f)\n    .filter(g)\n    |> h\n"),
    ("let t=(1,2,)\n", "let t = (1, 2)\n"),
    ("a?.b?[c]:d ?? e", "a?.b ? [c] : d ?? e\n"),
    ("extern \"m\" fun cos(x:float):float?", "extern \"m\" fun cos(x: float): float?\n"),
    ("let f=fun(x)=>x as int?\n", "let f = fun(x) => x as int?\n"),
])
def test_what_is_on_a_line(text, expected):
    assert laid_out(text) == expected
    assert laid_out(expected) == expected


LONG = "a_rather_long_name_that_takes_nearly_half_of_the_line"


@pytest.mark.quick
@pytest.mark.parametrize("text, expected", [
    (f"let x = [{LONG}, {LONG}, {LONG}]", f"let x = [\n    {LONG}, {LONG},\n    {LONG},\n]\n"),
    (f"let x = f({LONG}, [{LONG}, 1, {LONG}])", f"let x = f({LONG}, [\n    {LONG}, 1, {LONG},\n])\n"),
    (f"{LONG}.map(fun(x) {{ {LONG}(x); return {LONG} }})",
     f"{LONG}.map(fun(x) {{\n    {LONG}(x)\n    return {LONG}\n}})\n"),
    (f"fun f(x: int): string => {LONG}.map({LONG})", f"fun f(x: int): string =>\n    {LONG}.map({LONG})\n"),
    (f"fun f(x: {LONG}, y: int): int {{ return {LONG} }}", f"fun f(x: {LONG}, y: int): int {{\n    return {LONG}\n}}\n"),
    (f"if ({LONG} && {LONG} || {LONG}) {{ a }}", f"if ({LONG} && {LONG}\n    || {LONG}) {{ a }}\n"),
    (f"let x = {LONG} ? {LONG} : {LONG}", f"let x = {LONG}\n    ? {LONG}\n    : {LONG}\n"),
    (f"try {{ {LONG} }} catch (e) {{ {LONG}({LONG}) }}", f"try {{\n    {LONG}\n}} catch (e) {{\n    {LONG}({LONG})\n}}\n"),
    ("let grid = [\n1, 2,\n3, 4]", "let grid = [\n    1, 2,\n    3, 4,\n]\n"),
])
def test_what_is_too_long_breaks(text, expected):
    assert laid_out(text) == expected
    assert laid_out(expected) == expected


@pytest.mark.quick
@pytest.mark.parametrize("text, expected", [
    ("a // one\nlonger   // two\n", "a // one\nlonger   // two\n"),
    ("a         // aligned\nlonger=1  // aligned\n", "a         // aligned\nlonger = 1  // aligned\n"),
    ("fun f() { // why\n// first\n\n// second\n}\n", "fun f() { // why\n    // first\n\n    // second\n}\n"),
    ("f(a, // one\nb // two\n)", "f(\n    a, // one\n    b, // two\n)\n"),
    ("let x = /* inside */ 3 /* behind */", "let x = /* inside */ 3 /* behind */\n"),
    ("/* a\n  b */\nx; // c", "/* a\n  b */\nx // c\n"),
    ("a\n\n// about b\n\nb\n// end", "a\n\n// about b\n\nb\n// end\n"),
    ("let x = a\n// why b\n+ b", "let x = a\n    // why b\n    + b\n"),
])
def test_comments_stay(text, expected):
    assert laid_out(text) == expected
    assert laid_out(expected) == expected


def comments(source):
    """The texts of all comments."""
    tree, end = concrete.read(source)
    return [comment.text for token in [*tree.tokens(), end] for comment in token.before + token.after]


def compiled(source):
    """The bytecode of a program, without its lines; None: it does not compile."""
    try:
        data = driver.compile_listed(source, options.from_environment("ms"))[0]
    except CompileError:
        return None
    return [line.split(maxsplit=1)[1] if line.startswith("  @") else line.strip() for line in disassemble(codec.decode(data)).splitlines()
            if not line.startswith(".starts")]


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for folder in FOLDERS
                                  for path in sorted((ROOT / folder).rglob("*.ms")) if "_build" not in path.parts])
def test_every_program_keeps_its_meaning(path):
    try:
        source = decode(str(path), path.read_bytes(), "ms")
        with driver.deep_recursion(source):
            made = layout.layout(source)
    except CompileError:
        return
    again = Source(str(path), made)
    with driver.deep_recursion(again):
        assert layout.layout(again) == made
    assert sorted(comments(again)) == sorted(comments(source))
    assert compiled(again) == compiled(source)


@pytest.mark.quick
@pytest.mark.parametrize("folder", LAID_OUT)
def test_the_projects_own_programs_are_laid_out(folder):
    for path in sorted((ROOT / folder).rglob("*.ms")):
        text = path.read_text(encoding="utf-8")
        assert laid_out(text) == text, f"myna fmt {path.relative_to(ROOT)}"


# --- the command ---

def fmt(*arguments, **rest):
    """Run `myna fmt`."""
    return subprocess.run([host.LAUNCHER, "fmt", *arguments], capture_output=True, text=True, timeout=60, **rest)


@pytest.fixture
def place(launcher, tmp_path, monkeypatch):
    """A folder with a file that is laid out, one that is not, and one that does not parse."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.ms").write_text("let x = 1\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ugly.ms").write_text("let x=1\n")
    (tmp_path / "broken.ms").write_text("let = 1\n")
    return tmp_path


def test_files_are_written(place):
    done = fmt("good.ms", "sub")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 of 2 files changed\n")
    assert (place / "sub" / "ugly.ms").read_text() == "let x = 1\n"


def test_checking_changes_nothing(place):
    done = fmt("--check", "good.ms", "sub")
    assert (done.returncode, done.stdout) == (1, "sub/ugly.ms\n")
    done = fmt("--diff", "sub")
    assert done.returncode == 1 and "-let x=1\n+let x = 1\n" in done.stdout
    assert (place / "sub" / "ugly.ms").read_text() == "let x=1\n"
    assert fmt("--check", "good.ms").returncode == 0


def test_what_does_not_parse_is_left_alone(place):
    done = fmt(".")
    assert done.returncode == 1 and "broken.ms:1:1: error[E02" in done.stderr and "1 of 3 files changed" in done.stderr
    assert (place / "broken.ms").read_text() == "let = 1\n"


def test_standard_input(place):
    done = fmt("-", input="f( )")
    assert (done.returncode, done.stdout, done.stderr) == (0, "f()\n", "")
    assert fmt("-", input="let x = \"").returncode == 1


def test_wrong_usage(place):
    (place / "old.mit").write_text("x = 1;")
    for arguments, said in ((), "which files"), (("nothing.ms",), "no file nothing.ms"), (("old.mit",), "not a Myna program"):
        done = fmt(*arguments)
        assert done.returncode == 2 and said in done.stderr
