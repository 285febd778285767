"""Graphs: what building makes of bytecode, and what each pass removes. Every graph is verified after every pass."""
import pytest

import runner
from graphs import function, operations, program, versions
from myna.compiler import driver
from myna.compiler.bytecode import codec
from myna.compiler.source import Source
from myna.vm.opt import build
from myna.vm.opt.graph import Damaged, Edge, Node, text, verify
from myna.vm.opt.heat import levels
from myna.vm.opt.program import Versions
from myna.vm.opt.registers import SOMETIMES, accesses, decode


FIB = "fun fib(n) { if (n < 2) { return n } return fib(n - 1) + fib(n - 2) }\nprint(fib(20))"


def test_a_graph_as_text():
    compiled = program("fun most(a, b) => a < b ? b : a\nprint(most(1, 2))")
    graph = build.body(compiled, function(compiled, "most"))
    assert text(graph) == """graph most
b0(v0: tagged, v1: tagged):
  jump → b1()
b1():
  v2: bool = jnlt v0, v1
  branch v2 → b3() | b2()
b2():
  v3: tagged = move v1
  jump → b4(v3)
b3():
  v4: tagged = move v0
  jump → b4(v4)
b4(v5: tagged):
  ret v5
"""


def test_a_loop_has_parameters_for_what_changes_only():
    compiled = program("fun sum(n, k) { var s = 0\n var i = 0\n while (i < n) { s += k\n i += 1 }\n return s }\nprint(sum(3, 4))")
    graph = build.body(compiled, function(compiled, "sum"))
    assert sorted(len(block.params) for block in graph.blocks) == [0, 0, 0, 2, 2]       # s and i; n and k


def test_a_handler_gets_values_as_they_were():
    compiled = program("fun f(x) { var a = 1\n try { a = g(x)\n a = g(a) } catch (e) { return a }\n return a }\nfun g(x) => x\nprint(f(1))")
    graph = build.body(compiled, function(compiled, "f"))
    verify(graph)
    unwinds = [node.unwind for block in graph.blocks for node in block.nodes if node.unwind]
    assert len(unwinds) >= 2 and len({edge.block for edge in unwinds}) == 1
    assert unwinds[0].block.nodes[0].op == "caught" and unwinds[0].values != unwinds[1].values


def test_every_written_register_is_known():
    compiled = program("for ((a, b) in [(1, 2)]) print(a + b)")
    for f in compiled.functions:
        for item in decode(f):
            reads, writes = accesses(item, f, compiled)
            if item.op.name in SOMETIMES:
                assert writes


def test_the_verifier_finds_a_use_before_its_definition():
    compiled = program(FIB)
    graph = build.body(compiled, function(compiled, "fib"))
    block = next(b for b in graph.blocks if len(b.nodes) > 3)
    block.nodes[0], block.nodes[1] = block.nodes[1], block.nodes[0]
    with pytest.raises(Damaged, match="defined before"):
        verify(graph)


def test_the_verifier_finds_an_edge_with_too_few_values():
    compiled = program("fun f(x) { var s = 0\n for (i in 0..x) s += i\n return s }\nprint(f(3))")
    graph = build.body(compiled, function(compiled, "f"))
    edge = next(edge for block in graph.blocks for edge in block.edges if edge.values)
    edge.values.pop()
    with pytest.raises(Damaged, match="what the parameters take"):
        verify(graph)


def test_the_verifier_finds_a_block_without_end():
    compiled = program(FIB)
    graph = build.body(compiled, function(compiled, "fib"))
    graph.blocks[-1].nodes.clear()
    with pytest.raises(Damaged, match="has an end"):
        verify(graph)


def test_an_untyped_function_has_a_version_for_ints():
    general, ints = versions(FIB, "fib")
    assert general.reps() == (["tagged"], "tagged") and ints.reps() == (["int"], "int")
    found = operations(ints.graph)
    assert "add.int" in found and "compare" in found
    assert not {"add", "subi", "jnlti", "boxint", "unboxint"} & set(found)


def test_only_what_can_be_called_is_compiled():
    compiled = program(FIB + "\nfun unused(x) => x\nlet f = fun(x) => x + 1\nprint([f].length)")
    found = Versions(compiled)
    assert [version.reps()[0] for version in found.list if version.index == function(compiled, "fib")] == [["int"]]
    assert function(compiled, "fib") not in found.entrances and function(compiled, "unused") not in found.entrances
    assert len(found.entrances) == 2        # the main program, and the function that is a value
    assert not any(version.index == function(compiled, "unused") for version in found.list)


def test_floats_leave_their_tags():
    source = "fun area(r) => 3.0 * r * r / 2\nprint(area(2.5))"
    general, floats = versions(source, "area")
    assert floats.reps() == (["float"], "float")
    assert set(operations(floats.graph)) <= {"jump", "const", "mul.float", "div.float", "float.int", "ret"}
    assert "mulk" in operations(general.graph) or "mul" in operations(general.graph)


def test_loops_over_ints_become_comparisons():
    source = "fun sum(n: int): int { var s = 0\n for (i in 0..n) s += i\n for (i in 0..=n) s += i\n return s }\nprint(sum(4))"
    (version,) = versions(source, "sum")
    found = operations(version.graph)
    assert found.count("next") == 2 and not {"forprep", "forprepi", "forloop"} & set(found)


def test_bits_of_ints_are_raw():
    version, = versions("fun mix(x: int, by: int, data: bytes): int => (~x ^ x << by) +% (x >> 3) *% 5 -% data[by]\nprint(mix(input().length, 3, input().to_bytes()))", "mix")
    found = operations(version.graph)
    assert {"not.int", "shl.int", "shr.int", "addw.int", "subw.int", "mulw.int"} <= set(found)
    assert not {"bitnot", "shl", "shr", "addw", "subw", "mulw", "boxint"} & set(found)


def test_elements_take_raw_indices():
    source = "fun swap(xs: Array<int>, i: int, j: int) { let t = xs[i]\n xs[i] = xs[j]\n xs[j] = t }\nlet a = Array<int>(2, 7)\nswap(a, 0, 1)"
    (version,) = versions(source, "swap")
    assert not {"boxint", "unboxint"} & set(operations(version.graph))


POINT = "class P(x: float, y: float) { fun norm(): float => this.x * this.x + this.y * this.y }\n"


def test_the_instance_of_a_method_needs_no_check():
    (version,) = versions(POINT + "print(P(1.0, 2.0).norm())", "P.norm")
    assert "checkslots" not in operations(version.graph)
    assert operations(version.graph).count("getslot.raw") == 4


def test_an_instance_is_checked_where_it_comes_to_be():
    source = POINT + """
fun f(p: P, n: int): float { var s = 0.0
 for (i in 0..n) s += p.x * p.y
 return s }
let ps = [P(1.0, 2.0)]
print(f(ps[0], 3))
"""
    (version,) = versions(source, "f")
    assert operations(version.graph).count("checkslots") == 1
    assert version.graph.blocks[0].nodes[0].op == "checkslots"


def test_a_check_does_not_hold_where_it_was_not_done():
    source = POINT + """
fun f(p: P?, b: bool): float { if (p == None) return 0.0
 if (b) print(p.x)
 return p.x }
let ps: List<P?> = [P(1.0, 2.0)]
print(f(ps[0], false))
"""
    (version,) = versions(source, "f")
    assert operations(version.graph).count("checkslots") == 2


def test_a_check_does_not_hold_in_a_handler_that_may_come_before_it():
    source = POINT + """
fun f(p: P?): float { if (p == None) return 0.0
 try { g()
 print(p.x) } catch (e) { return p.x }
 return 1.0 }
fun g() { throw 1 }
let ps: List<P?> = [P(1.0, 2.0)]
print(f(ps[0]))
"""
    (version,) = versions(source, "f")
    handler = next(node.unwind.block for block in version.graph.blocks for node in block.nodes if node.unwind)
    assert "checkslots" in [node.op for node in handler.nodes]


def reps(graph, op):
    """What the operands of these operations are known to be."""
    return [node.data.get("reps") for block in graph.blocks for node in block.nodes if node.op == op]


def test_the_kind_of_a_container_is_checked_once():
    source = "fun sum(xs: Array<int>): int { var s = 0\n for (i in 0..xs.length) s += xs[i]\n return s }\nlet ys = [1].to_array()\nprint(sum(ys))"
    (version,) = versions(source, "sum")
    assert version.graph.blocks[0].nodes[0].op == "checkkind"
    assert reps(version.graph, "getindex.int") + reps(version.graph, "getindex") == [{"c": "int", "a": "int", "b": "array.int"}]
    assert "length" in operations(version.graph)


def test_a_new_list_is_known_in_functions_that_get_it():
    source = "fun fill(xs, n) { for (i in 0..n) xs[i] = i }\nlet list = [0, 0, 0]\nfill(list, 3)"
    (version,) = [v for v in versions(source, "fill") if v.reached]
    assert "checkkind" not in operations(version.graph)
    assert [found["a"] for found in reps(version.graph, "setindex") + reps(version.graph, "setindex.int")] == ["list"]


def test_a_method_that_few_classes_have_is_called_behind_a_test():
    source = """
class A(x: int) { fun get(): int => this.x }
class B(x: int) { fun get(): int => this.x + 1 }
fun sum(xs) { var s = 0
 for (x in xs) s += x.get()
 return s }
print(sum([A(1), B(2)]))
"""
    (version,) = versions(source, "sum", inlined=False)
    made = operations(version.graph)
    assert made.count("isclass") == 2 and made.count("callknown") == 2


def test_a_function_that_is_known_is_called_without_a_test():
    source = "fun twice(f, n) { var s = 0\n for (i in 0..n) s = f(s)\n return s }\nlet k = 3\nprint(twice(fun(x) => x + k, 4))"
    (version,) = [v for v in versions(source, "twice", inlined=False) if v.reached]
    made = operations(version.graph)
    assert "isfunction" not in made and "call" not in made and made.count("callknown") == 1


def test_a_typed_call_gives_its_result_raw():
    source = """
fun apply(f: fun(int): int, n: int): int { var s = 0
 for (i in 0..n) s = f(s)
 return s }
fun adder(k: int): fun(int): int => fun(x) => x + k
print(apply(adder(1), 3) + apply(fun(x) => x * 2, 3))
"""
    (version,) = versions(source, "apply")
    made = operations(version.graph)
    assert made.count("isfunction") == 2 and "boxint" in made       # for the call of other functions
    assert all(node.rep == "int" for block in version.graph.blocks for node in block.nodes if node.op == "callknown")


@pytest.mark.parametrize("path", runner.programs(["lang"])[::6], ids=lambda path: path.name)
def test_programs_become_graphs(path):
    if runner.parse(runner.read(path)).compile_errors:
        return
    compiled = codec.decode(driver.compile_file(str(path)))
    for index in range(len(compiled.functions)):
        for graph in (build.body(compiled, index), build.checked(compiled, index), build.direct(compiled, index)):
            if graph:
                verify(graph)
    found = Versions(compiled)
    for version in found.list:
        verify(version.graph)
    for graphs in found.entrances.values():
        for graph in filter(None, graphs):
            verify(graph)


def test_levels_count_loops_of_callers_too():
    compiled = program("""
fun inner(n) { for (i in 0..n) { for (j in 0..i) { print(j) } } }
fun outer(n) { while (n > 0) { inner(n)
 n = n - 1 } }
fun down(n) { if (n > 0) { down(n - 1) } }
class Vec(x: int) { fun +(other: Vec): Vec => Vec(this.x + other.x) }
fun sum(v) { for (i in 0..3) { v = v + v } }
outer(3)
down(3)
sum(Vec(1))
""")
    found = Versions(compiled, inlined=False)
    level = levels(found)
    deepest = {version.graph.function.name: max(level[block] for block in version.graph.blocks) for version in found.list}
    assert deepest == {"top level": 0, "outer": 1, "inner": 3, "down": 1, "sum": 1, "Vec.+": 1}
