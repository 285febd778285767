"""Which fields native programs keep as bare doubles: those that nothing sees before they are set."""
import pytest

from myna.compiler import driver
from myna.compiler.source import Source
from myna.vm.opt import build
from myna.vm.opt.layouts import Layouts
from myna.vm.opt.program import Versions
from myna.vm.opt.registers import fields


def raw_fields(source):
    """Class -> the names of its raw fields, inherited ones too."""
    program = driver.compile_source(Source("test.ms", source))
    layouts = Layouts(program, [build.body(program, index) for index in range(len(program.functions))])

    def names(number):
        class_ = program.classes[number]
        above = names(class_.parent) if isinstance(class_.parent, int) else [None] * (fields(program, number) - len(class_.fields))
        return above + class_.fields
    return {class_.name: [name for slot, name in enumerate(names(number)) if layouts.is_raw(number, slot)]
            for number, class_ in enumerate(program.classes)}


def test_floats_are_raw_and_nothing_else():
    source = "class P(x: float, n: int, y, z: float?) { var w: float = 1.0; var u = 0.5 }\nprint(P(1.0, 2, 3.0, 4.0))"
    assert raw_fields(source)["P"] == ["x", "w", "u"]


def test_a_field_is_raw_in_all_classes_below():
    source = "class P(x: float)\nclass Q(y: float) extends P(y)\nclass R() extends Q(1.0) { var z: float = this.x }\nprint([P(1.0), R()])"
    found = raw_fields(source)
    assert (found["P"], found["Q"], found["R"]) == (["x"], ["x", "y"], ["x", "y", "z"])


def test_classes_of_errors_and_generic_ones():
    found = raw_fields('class E(code: float) extends Error("e") {}\nclass B<T>(item: T, w: float)\nprint(B(1.0, 2.0))\nthrow E(1.0)')
    assert (found["E"], found["B"]) == (["code"], ["w"])


def test_parts_of_variants_are_words():
    assert not raw_fields("enum S { Circle(r: float), Dot }\nprint(Circle(1.0))")["Circle"]


@pytest.mark.parametrize("body, raw", [
    ("var a = look(this); var x: float = 1.0", []),                 # another function
    ("init { seen = this }\n var x: float = 1.0", ["x"]),           # `init` comes last
    ("var a = [this].length; var x: float = 1.0", []),              # a container
    ("var a = this.me(); var x: float = 1.0\n fun me() => 1", []),  # a method
    ("var a = fun() => this; var x: float = 1.0", []),              # a closure
    ("var a: dynamic = this.x; var x: float = 1.0", []),            # read itself
    ("var y: float = 1.0; var x: float = this.y", ["y", "x"]),
    ("var y: float = 1.0; var a = look(this); var x: float = 1.0", ["y"]),
    ("var x: float = 1.0\n init { try { look(this) } catch (e) { } }", ["x"]),
    ("var y: float = b() ? 1.0 : 2.0; var x: float = this.y", ["y", "x"]),
])
def test_what_is_seen_before_it_is_set_is_a_word(body, raw):
    source = f"var seen: dynamic = None\nfun look(o) {{ seen = o; return 1 }}\nfun b() => true\nclass C() {{ {body} }}\nprint(C().x)"
    assert raw_fields(source)["C"] == raw


def test_an_initialiser_above_that_shows_the_instance():
    source = "var seen: dynamic = None\nclass P(x: float) { init { seen = this } }\nclass Q(y: float) extends P(y * 2)\nprint([P(1.0), Q(1.0)])"
    found = raw_fields(source)
    assert (found["P"], found["Q"]) == (["x"], ["x"])


def test_a_field_that_a_subclass_never_sets():
    found = raw_fields("class P(x: float)\nclass Q() extends P(1.0) { var a = this; }\nprint(Q())")
    assert found["P"] == ["x"]


def test_accesses_whose_class_is_not_known_look_for_themselves():
    source = "class P(x: float)\nclass Q(y) extends P(1.0)\nfun f(p: P) => p is Q ? p.y : p.x\nfun g(p) => p.x\nprint(f(Q(1)))\nprint(g(P(1.0)))"
    program = driver.compile_source(Source("test.ms", source))
    nodes = [node for version in Versions(program).list for block in version.graph.blocks for node in block.nodes]
    assert {"getslot.raw", "getfield"} <= {node.op for node in nodes}
