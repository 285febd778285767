"""What of a program gets into an executable."""
import pytest

from myna.compiler import driver
from myna.compiler.bytecode.opcodes import BY_NAME
from myna.compiler.source import Source
from myna.vm.aot.live import without_dead

LIBRARY = {"Stream.read", "walk", "mkdir", "_Walk.next", "SystemError"}


def alive(text):
    """The names of the functions that do something."""
    program = without_dead(driver.compile_source(Source("test.ms", text)))
    return {f.name for f in program.functions if list(f.code) != [BY_NAME["retnone"].code]}


def test_nothing_of_a_module_that_is_only_imported():
    assert not LIBRARY & alive("import fs\nprint(1)\n")


@pytest.mark.parametrize("text, names", [
    ("fs.walk()", {"walk", "_Walk.next", "SystemError"}),
    ("fs.open('a').read()".replace("'", '"'), {"Stream.read", "SystemError"}),
    ("let f = fs.mkdir\nf(\"a\")", {"mkdir", "SystemError"}),
])
def test_what_is_used_lives_with_all_it_needs(text, names):
    assert LIBRARY & alive(f"import fs\n{text}\n") == names


CLASSES = """
interface Named { fun name(): string => "none" }
class A implements Named { fun used() { return this.inner() } fun inner() { return 1 } fun unused() { return 2 } fun +(other) { return this } fun to_string(): string => "A" }
class B extends A { override fun unused() { return 3 } }
class C { fun called() { return 4 } }
fun make() { return C() }
"""


@pytest.mark.parametrize("text, names", [
    ("print(A().used())", {"A.used", "A.inner", "A.+", "A.to_string"}),
    ("let f = A().used\nprint(f())", {"A.used", "A.inner", "A.+", "A.to_string"}),
    ("fun f(x) => x.unused()\nprint(f(B()))", {"A.unused", "B.unused", "A.+", "A.to_string"}),
    ("print(make())", set()),
    ("print(make().called())", {"C.called"}),
    ("fun f(x: Named) => x.name()\nprint(f(A()))", {"Named.name", "A.+", "A.to_string"}),
    ("print(type_of(A()).methods.length)", {"A.used", "A.inner", "A.unused", "A.+", "A.to_string", "C.called", "Named.name"}),
])
def test_methods(text, names):
    assert {name for name in alive(CLASSES + text + "\n") if name and "." in name and name[0] in "ABCN" and name.split(".")[0] in ("A", "B", "C", "Named")
            and "(" not in name} == names


def test_methods_of_built_in_types():
    assert "map" not in alive("print([1].sum())\n") and "map" in alive("print([1].map(fun(x) => x))\n")
    assert {"has_next", "next"} <= {name.rpartition(".")[2] for name in alive(
        "class I { var n = 0; fun has_next() { return this.n < 3 } fun next() { this.n += 1; return this.n } }\nfun all(x) => List(x)\nprint(all(I()))\n") if name}
