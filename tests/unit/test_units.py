"""Modules that are compiled one by one: what a change compiles again, and that it makes no difference to the program."""
import os
import random
import shutil
from pathlib import Path

import pytest

from myna.compiler import driver, library, source
from myna.compiler.bytecode import codec
from myna.compiler.diagnostics import CompileError
from myna.compiler.options import Options
from myna.compiler.units import unit as units

PROGRAMS = Path(__file__).resolve().parents[1] / "lang"
LIBRARY_PARTS = {own.file for own in library.METHODS} | {"reflect"}


class Recorder(driver.Store):
    """A store that knows what was compiled."""

    def __init__(self, folder):
        super().__init__(str(folder), "build", driver.digest)
        self.saved = []

    def save(self, path, text, reflects, data):
        self.saved.append(os.path.splitext(os.path.basename(path))[0])
        super().save(path, text, reflects, data)


def compiled(folder, store=None, name="main.ms"):
    """The bytes of a program, or the codes of its errors."""
    path = os.path.join(folder, name)
    with open(path, "rb") as file:
        text = source.decode(path, file.read(), "ms")
    try:
        return driver.compile_listed(text, Options(), store)[0]
    except CompileError as error:
        return sorted((d.code, d.source.name, d.pos) for d in error.diagnostics)


class Project:
    """Files, and the units that a store has of them."""

    def __init__(self, folder, files):
        self.folder, self.cache = folder, folder / "cache"
        self.write(files)
        self.build()
        assert isinstance(compiled(folder), bytes)

    def write(self, files):
        for name, text in files.items():
            (self.folder / f"{name}.ms").write_text(text)

    def build(self):
        """Compile with the store; what was compiled. The program is what it is without one."""
        store = Recorder(self.cache)
        made = compiled(self.folder, store)
        assert made == compiled(self.folder)
        return {name for name in store.saved if name not in LIBRARY_PARTS}

    def change(self, **files):
        self.write(files)
        return self.build()


LIBRARY = """
class Point(x: int, y: int = 2) {
    fun sum(): int => this.x + this.y
    fun scale(by: int, plus: int = 1): int => this.sum() * by + plus
}
type Number = int
enum Shape { Dot, Line(length: int) }
let limit = 10
fun twice(n: Number): Number { return n * 2 }
fun _hidden() => 1
fun generic<T>(x: T): List<T> => [x]
"""
USER = """
import lib
fun use(): dynamic {
    let p = lib.Point(1)
    return p.sum() + p.x + lib.twice(lib.limit) + lib.generic(3)[0] + p.scale(2)
}
fun made() => lib.Point(4)
"""
MAIN = "import user\nprint(user.use())\n"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path, {"lib": LIBRARY, "user": USER, "main": MAIN})


def test_nothing_changed(project):
    assert project.build() == set()


@pytest.mark.parametrize("old, new", [
    ("return n * 2", "return n * 3 + 1"), ("fun _hidden() => 1", "fun _other(a) { return [a] }"), ("this.x + this.y", "this.y - this.x"),
    ("let limit = 10", "\n\n// a comment\nlet limit = 11"), ("fun generic", "let _a = 3\nfun generic"),
    ("return n * 2", 'let a = Point(3, 3)\nprint("${a.sum()}")\nreturn n')])
def test_what_is_in_functions_concerns_nobody_else(project, old, new):
    assert project.change(lib=LIBRARY.replace(old, new)) == {"lib"}
    assert project.change(lib=LIBRARY) == set()         # both texts are known now


@pytest.mark.parametrize("old, new", [
    ("y: int = 2", "y: int = 3"),                               # a default value that callers write down
    ("y: int = 2", "z: string, y: int = 2"),                    # an error
    ("class Point(x: int", "class Point(z: int = 0, x: int"),   # other slots
    ("plus: int = 1", "plus: int = 5"),
    ("type Number = int", "type Number = float"),
    ("fun twice(n", "fun twice(m"),                             # a name that arguments can have
    ("let limit = 10", "let limit = 10.5"),
    ("let limit = 10", "let border = 10"),                      # an error
    ("Dot, ", "Dot, Circle, "),
    ("(n: Number): Number", "(n: Number): dynamic"),
    ("fun generic<T>(x: T)", "fun generic<T>(x: T, y = 3)"),
])
def test_what_others_see_concerns_them(project, old, new):
    text = LIBRARY.replace(old, new).replace("return n * 2", "return m * 2" if "twice(m" in new else "return n * 2")
    done = project.change(lib=text)
    failed = isinstance(compiled(project.folder), list)
    assert done == {"lib"} if failed else {"lib", "user", "main"}       # `made` shows a Point to those who import `user`
    project.change(lib=LIBRARY, user=USER.replace("fun made", "fun _made"))
    done = project.change(lib=text)
    assert failed or "user" in done and "main" not in done              # nothing of `lib` can be seen there now


def test_a_result_that_nobody_wrote(project):
    assert project.change(user=USER.replace("lib.Point(4)", "3")) == {"user", "main"}
    assert project.change(user=USER.replace("lib.Point(4)", "4")) == {"user"}


def test_names_that_come_through_another_module(tmp_path):
    files = {"a": "let x = 1\n", "b": "import a\nlet y = 2\n", "c": "import b\nlet z = b.a.x\n", "d": "import b\nlet z = b.y\n",
             "main": "import c\nimport d\nprint(c.z + d.z)\n"}
    project = Project(tmp_path, files)
    assert project.change(a="let x = 1.5\n") == {"a", "c", "main"}
    assert project.change(a="let x = 2.5\n") == {"a"}


def test_types_that_come_from_far(tmp_path):
    files = {"a": "class A(x: int) { }\n", "b": "import a\nfun make() => a.A(1)\n", "c": "import b\nfun get() => b.make().x\n",
             "main": "import c\nprint(c.get())\n"}
    project = Project(tmp_path, files)
    assert project.change(a="class A(y: int, x: int = 7) { }\n") == {"a", "b", "c"}
    assert project.change(a="class A(y: int, x: float = 7.0) { }\n") == {"a", "b", "c", "main"}
    assert project.change(a="class A(y: int) { }\n") >= {"a", "b"}       # and `c` has an error


def test_classes_of_classes_of_other_modules(tmp_path):
    base = "class Base(a: int, b: int = 1) { var c = 3\n fun m(x: int): int => x + this.a\n static fun s() => 4 }\ninterface I { fun d() => 5 }\n"
    middle = "import base\nclass Middle(z: int) extends base.Base(z) implements base.I { override fun m(x: int): int => super.m(x) + 1 }\n"
    main = ("import middle\nimport base\nclass Last(q: int) extends middle.Middle(q) { fun f() => this.a + this.c + this.m(1) + this.d() }\n"
            "print(Last(3).f() + base.Base.s())\nlet make = base.Base\nprint(make(1).m(2))\n")
    project = Project(tmp_path, {"base": base, "middle": middle, "main": main})
    assert project.change(base=base.replace("var c = 3", "var c = 4")) == {"base"}
    assert project.change(base=base.replace("x + this.a", "x - this.a")) == {"base"}
    assert project.change(base=base.replace("var c", "var e = 1\nvar c")) == {"base", "middle", "main"}


def test_files_that_come_and_go(tmp_path):
    project = Project(tmp_path, {"main": 'import math\nimport "part" as part\nprint(math.sqrt(4.0))\nprint(part.a)\n', "part": "let a = 1\n"})
    assert project.change(math="fun sqrt(x) => x\n") == {"math", "main"}
    (tmp_path / "math.ms").unlink()
    assert project.build() == {"main"}
    (tmp_path / "part.ms").unlink()
    assert compiled(tmp_path, Recorder(project.cache))[0][0] == "E0322"
    assert project.change(part="let a = 1\n") == set()
    assert project.change(part="import main\nlet a = 1\n") == set()     # a circle is no program
    assert compiled(tmp_path, Recorder(project.cache))[0][0] == "E0322"


def test_a_name_of_the_prelude(tmp_path):
    project = Project(tmp_path, {"main": "import a\nprint(a.f())\n", "a": "fun f() => 0..3 |> to_list\n"})
    assert project.change(a="fun f() => 0..4 |> to_list\n") == {"a"}
    assert project.change(a="fun f() => [0]\n") == {"a", "main"}


def test_methods_of_built_in_types_that_any_module_mentions(tmp_path):
    project = Project(tmp_path, {"main": "import a\nprint(a.f([1]))\n", "a": "fun f(x: dynamic): int { return x.length }\n"})
    few = codec.decode(compiled(tmp_path))
    assert project.change(a="fun f(x: dynamic): int { return x.min() + x.max() }\n") == {"a"}
    methods = {m.name for c in codec.decode(compiled(tmp_path)).classes if c.extends for m in c.methods}
    assert {"min", "max"} <= methods and not any(c.extends for c in few.classes)


def test_programs_that_look_at_types(tmp_path):
    """What reflection takes is in all classes of a program that mentions `type_of` anywhere, and of no other."""
    plain = "class A(x: int) { }\nfun f() => A(1).x\n"
    project = Project(tmp_path, {"main": "import a\nimport b\nprint(a.f())\nb.f(a.A(1))\n", "a": plain, "b": "fun f(x) => x\n"})
    assert project.change(b="fun f(x) => type_of(x).name\n") >= {"a", "b", "main"}
    assert "(describe)" in {m.name for c in codec.decode(compiled(tmp_path)).classes for m in c.methods}
    assert project.change(a=plain + "\nfun more() => 1\n") == {"a", "main"}
    assert project.change(b="// not type_of\nfun f(x) => x\n") >= {"b"}
    assert "(describe)" not in {m.name for c in codec.decode(compiled(tmp_path)).classes for m in c.methods}


def test_arguments_that_a_class_of_another_module_calls_differently(tmp_path):
    files = {"a": "class A() { fun m(x: int): int => x }\n", "b": "import a\nfun f(o: a.A) => o.m(x: 1)\n",
             "c": "import a\nclass C() extends a.A() { override fun m(x: int): int => x }\n", "main": "import b\nimport c\nprint(b.f(c.C()))\n"}
    project = Project(tmp_path, files)
    project.write({"c": files["c"].replace("m(x: int): int => x", "m(y: int): int => y")})
    found = compiled(tmp_path, Recorder(project.cache))
    assert found == compiled(tmp_path) == [("E0318", str(tmp_path / "b.ms"), files["b"].index("(x: 1"))]


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:100], lambda data: data[:-4], lambda data: b"\0" * len(data),
                                    lambda data: data[:500] + b"\xff" + data[501:]])
def test_damaged_entries(project, damage):
    for entry in project.cache.iterdir():
        entry.write_bytes(damage(entry.read_bytes()))
    assert project.build() >= {"lib", "user", "main"}
    assert project.build() == set()


def test_nonsense_is_no_unit(project):
    """Bytes with a right digest that no compiler wrote: at worst the unit cannot be used."""
    rng = random.Random(1)
    entries = [entry.read_bytes()[16:] for entry in project.cache.iterdir()]
    for _ in range(300):
        data = bytearray(rng.choice(entries))
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(data) // 4) * 4
            data[at:at + 4] = rng.choice((rng.randrange(1 << 32), rng.randrange(64))).to_bytes(4, "little")
        try:
            unit = units.decode(driver.digest(bytes(data)) + data, driver.digest)
        except units.Damaged:
            continue
        assert isinstance(unit, units.Unit)


@pytest.mark.parametrize("folder", ["/dev/null", "/dev/null/deep", "/proc/nothing"])
def test_a_store_that_cannot_be(project, folder):
    assert compiled(project.folder, Recorder(folder)) == compiled(project.folder)


def test_units_belong_to_one_build_and_one_path(project):
    store = Recorder(project.cache)
    store.build = "other"
    compiled(project.folder, store)
    assert {"lib", "user", "main"} <= {*store.saved}
    shutil.copytree(project.folder, project.folder / "copy")
    store = Recorder(project.cache)
    compiled(project.folder / "copy", store)
    assert {*store.saved} == {"lib", "user", "main"}


# --- the same program, however it came to be ---

def copies(folder):
    """Programs of several files."""
    shutil.copytree(PROGRAMS / "modules", folder / "modules")
    return [folder / "modules" / name for name in ("imports.ms", "types.ms")]


EDITS = [("1", "2"), ("2", "1.5"), ("int", "float"), ("fun ", "fun  "), ("let ", "var "), (": ", ":  "), ("x", "xx"), ("=> ", "=> 1 + "),
         ("class ", "class X"), ("{", "{\n"), ("return", "return 1 +"), ("string", "int")]


def test_edits_by_chance(tmp_path):
    rng = random.Random(7)
    mains = copies(tmp_path)
    files = {path: path.read_text() for path in sorted((tmp_path / "modules").rglob("*.ms"))}
    store = Recorder(tmp_path / "cache")
    sound = 0
    for step in range(40):
        path = rng.choice([*files])
        old, new = rng.choice(EDITS)
        text = path.read_text()
        at = text.find(old, rng.randrange(len(text)))
        path.write_text(text[:at] + new + text[at + len(old):] if at >= 0 else text)
        for main in mains:
            made = compiled(main.parent, store, main.name)
            assert made == compiled(main.parent, None, main.name), (step, path, old, new)
            sound += isinstance(made, bytes)
        if isinstance(made, list) or rng.random() < 0.1:
            path.write_text(files[path])
    assert sound > 15


@pytest.mark.parametrize("name", ["library_math.ms", "library_json.ms", "library_methods.ms", "stdlib_math_iter.ms", "readme_tour.ms"])
def test_programs_with_parts_of_the_library(name, tmp_path):
    shutil.copy(PROGRAMS / name, tmp_path / name)
    fresh = compiled(tmp_path, None, name)
    assert compiled(tmp_path, Recorder(tmp_path / "cache"), name) == fresh
    again = Recorder(tmp_path / "cache")
    assert compiled(tmp_path, again, name) == fresh and not again.saved


def test_a_files_unit_does_not_depend_on_what_else_was_compiled(tmp_path):
    """The files of methods name each other's methods: whichever comes first, all are as they would be."""
    mentions = {"list": "xs.sort_by(1)", "map": "xs.merge(1)", "iterable": "xs.group_by(1)", "string": "xs.title()",
                "search": "xs.index_of(1)", "set": "xs.add_all(1)"}
    made = {}
    for name, text in mentions.items():
        (tmp_path / f"{name}_first.ms").write_text(f"let xs: dynamic = 1\n{text}\n")
        cache = tmp_path / name
        compiled(tmp_path, Recorder(cache), f"{name}_first.ms")
        for entry in cache.iterdir():
            made.setdefault(entry.name, set()).add(entry.read_bytes())
    assert len(made) == len(library.METHODS) and all(len(found) == 1 for found in made.values())
