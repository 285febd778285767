"""Functions in the place of their calls, and objects that are not made. Every graph is verified."""
from graphs import operations, versions

LOOP = "fun main(n: int) {{ var out = 0.0\n for (i in 0..n) {{ {} }}\n print(out) }}\nmain(5)"
VEC = """class Vec(x: float, y: float) {
 fun add(o: Vec): Vec => Vec(this.x + o.x, this.y + o.y)
 fun dot(o: Vec): float => this.x * o.x + this.y * o.y }
"""
MADE = {"construct", "object", "closure", "newcell", "tuple", "record"}


def made(source, name="main"):
    """The operations of the only version of a function."""
    (version,) = versions(source, name)
    return operations(version.graph)


def test_a_small_function_stands_where_it_is_called():
    source = "fun half(x: float): float => x / 2.0\n" + LOOP.format("out += half(i * 1.0)")
    found = made(source)
    assert "callknown" not in found and "div.float" in found


def test_its_nodes_say_where_they_come_from():
    source = "fun half(x: float): float => x / 2.0\n" + LOOP.format("out += half(i * 1.0)")
    (version,) = versions(source, "main")
    (node,) = [node for block in version.graph.blocks for node in block.nodes if node.op == "div.float"]
    scope = node.place.scope
    assert scope.function.name == "half" and scope.call.scope is version.graph.scope and scope.base > 0
    assert version.graph.registers >= scope.base + scope.function.nregs


def test_what_runs_once_is_not_inlined():
    assert "callknown" in made("fun half(x: float): float => x / 2.0\nfun main(n: int) { print(half(n * 1.0)) }\nmain(5)")


def test_a_function_is_not_inlined_into_itself():
    source = "fun down(n: int): int => n < 1 ? 0 : down(n - 1) + 1\n" + LOOP.format("out += down(i)")
    assert made(source).count("callknown") == 1 or made(source, "down").count("callknown") == 1


def test_errors_go_to_the_handler_around_the_call():
    source = "fun risky(x: int): int { if (x > 3) { throw Error(\"no\") } return x }\n" + LOOP.format("try { out += risky(i) } catch (e) { out -= 1.0 }")
    (version,) = versions(source, "main")
    (node,) = [node for block in version.graph.blocks for node in block.nodes if node.op == "throw"]
    handler = node.unwind.block.nodes[0]
    assert handler.op == "caught" and handler.place.scope is version.graph.scope and node.place.scope is not handler.place.scope


def test_an_object_that_nothing_else_sees_is_not_made():
    found = made(VEC + LOOP.format("let v = Vec(i * 1.0, 2.0)\n out += v.add(v).dot(Vec(1.0, 1.0))"))
    assert not MADE & {*found} and not {"getslot", "isclass", "boxfloat"} & {*found[:found.index("branch")]}


def test_objects_that_flow_together_are_not_made():
    source = VEC + "fun main(n: int) { var at = Vec(0.0, 0.0)\n for (i in 0..n) { at = at.add(Vec(i * 1.0, 1.0)) }\n print(at.x + at.y) }\nmain(5)"
    assert not MADE & {*made(source)}


def test_an_object_that_changes_after_it_has_flowed_is_made():
    source = VEC + LOOP.format("let v = i > 2 ? Vec(1.0, 1.0) : Vec(2.0, 2.0)\n v.x = 3.0\n out += v.x")
    assert made(source).count("construct") == 2


def test_an_object_that_something_keeps_is_made():
    source = VEC + "let all: List<Vec> = []\n" + LOOP.format("let v = Vec(1.0, 1.0)\n if (i == 3) { all.push(v) }\n out += v.x") + "\nprint(all.length)"
    assert "construct" in made(source)


def test_an_error_object_is_made():
    assert "construct" in made(LOOP.format('let e = Error("a")\n out += e.message.length'))


def test_a_closure_and_what_it_shares_are_not_made():
    source = "fun twice(f: fun(int): int, x: int): int => f(f(x))\n" + LOOP.format("var calls = 0\n out += twice(fun(x: int): int { calls += 1\n return x + i }, 3) + calls")
    found = made(source)
    assert not MADE & {*found} and not {"getcell", "setcell", "getupcell", "call", "calltyped", "isfunction"} & {*found}


def test_a_closure_in_a_closure_is_not_made():
    source = "fun apply(f: fun(int): int, x: int): int => f(x)\n" + LOOP.format("out += apply(fun(x: int): int => apply(fun(y: int): int => y + x + i, 1), 2)")
    assert not MADE & {*made(source)}


def test_a_closure_that_leaves_is_made():
    assert "closure" in made("let all = []\n" + LOOP.format("all.push(fun() => i)\n out += 1.0"))


def test_parts_of_a_tuple_are_values():
    source = "fun divide(a: int, b: int): (int, int) => (a / b, a % b)\n" + LOOP.format("let (q, r) = divide(i, 2)\n out += q * r")
    assert not {"tuple", "untuple"} & {*made(source)}


def test_fields_of_a_record_are_values():
    found = made(LOOP.format("let r = {a: i, b: 2}\n r.a += 1\n out += r.a * r.b"))
    assert not {"record", "getfield", "setfield"} & {*found}


def test_a_field_has_a_register_of_its_own():
    (version,) = versions(VEC + LOOP.format("let v = Vec(i * 1.0, 2.0)\n print(v.x)\n out += v.y"), "main")
    assert version.graph.extra == 1          # the other one is a constant
