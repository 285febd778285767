"""Programs in text form that between them execute every instruction, and what they print.

In:  nothing. Out: `CASES`, name -> Case. Holds: registers are numbered below 10, r9 is scratch, jumps are by label, so that
`test_instructions` can renumber all registers for the wide forms.

`say r1` stands for a call of `print`, `say "text"` prints a constant.
"""
import re
from typing import NamedTuple

from engines.machine import body


class Case(NamedTuple):
    """A program, the lines it prints, how it ends (the first line of standard error, or "")."""
    text: str
    output: str
    error: str = ""
    wide: bool = True       # may its registers be renumbered?


CASES = {}


def case(name, code, output, error="", raw=0, rest="", before="", wide=True):
    """Add a program whose main function has this code and ten registers."""
    text = body(code + "\nretnone", 10, rest, before)
    if raw:
        text = text.replace("registers 10\n", f"registers 10 raw {raw}\n", 1)
    text = re.sub(r"^\s*say (r\d)$", r"prim r9, \1, print", text, flags=re.M)
    text = re.sub(r'^\s*say (".*")$', r"loadk r9, \1\nprim r9, r9, print", text, flags=re.M)
    CASES[name] = Case(text, "".join(line.strip() + "\n" for line in output.split("|")) if output else "", error, wide)


def results(name, setup, rows, **options):
    """A case that prints the result in r0 of each row's instructions; `rows` are (instructions, printed form)."""
    code = "\n".join([setup, *(f"{line}\nsay r0" for line, _ in rows)])
    case(name, code, "|".join(shown for _, shown in rows), **options)


def jumps(name, setup, rows, **options):
    """A case of conditional jumps: `rows` are (instruction without its target, whether it jumps)."""
    code = [setup]
    for i, (line, _) in enumerate(rows):
        code.append(f'{line}, T{i}\nsay "goes on"\njump E{i}\nT{i}:\nsay "jumps"\nE{i}:')
    case(name, "\n".join(code), "|".join("jumps" if taken else "goes on" for _, taken in rows), **options)


def raises(name, setup, line, error, **options):
    """A case that ends with an error."""
    case(name, f"{setup}\n{line}", "", error, **options)


# --- loads, variables, captures ---

results("loads", "", [
    ("loadi r0, -32768", "-32768"), ("loadi r0, 32767", "32767"), ("loadk r0, 9223372036854775807", "9223372036854775807"),
    ("loadk r0, 1e300", "1e+300"), ('loadk r0, "text"', "text"), ("loadnone r0", "None"), ("loadtrue r0", "true"), ("loadfalse r0", "false"),
    ("loadi r1, 7\nmove r0, r1", "7"), ("loadk r0, bigint -0xffffffffffffffffffff", "-1208925819614629174706175"), ("loadk r0, bigint 0x0", "0"),
])
results("fillnone", "loadi r3, 3\nfillnone r1, 2\nfillnone r3, 0", [("move r0, r1", "None"), ("move r0, r2", "None"), ("move r0, r3", "3")])
case("checkset", 'loadi r0, 1\ncheckset r0, "x"\nsay r0\nloadunset r0\ncheckset r0, "x"', "1", "UninitializedVariableError: x")
case("globals", "loadi r0, 5\nsetglobal r0, a\ngetglobal r1, a\nsay r1\ngetglobal r1, b", "5", "UninitializedVariableError: b", before=".globals a, b")
results("builtin", "", [("builtin r2, str\nloadi r4, 12\ncall r2, 1\nmove r0, r2", "12"), ("builtin r0, print", "<fun print>")])
results("cells", "loadi r1, 1\nnewcell r2, r1", [("getcell r0, r2", "1"), ("loadi r1, 2\nsetcell r2, r1\ngetcell r0, r2", "2"),
                                                 ("list r3, r1, 1\nsetcell r2, r3\nloadnone r3\ngetcell r0, r2", "[2]")])
raises("getcell of no cell", "loadi r1, 1", "getcell r0, r1", "RuntimeError: damaged program: a register does not hold a cell")
raises("setcell of no cell", "loadi r1, 1", "setcell r1, r1", "RuntimeError: damaged program: a register does not hold a cell")
raises("closure over no cell", "loadi r1, 1", "closure r0, fun 1", "RuntimeError: damaged program: a register does not hold a cell",
       rest='.function 1 "f" registers 1\n.capture cell r1\nretnone')
case("closures", """
    loadi r1, 10
    newcell r1, r1
    loadi r2, 20
    closure r3, fun 1
    move r4, r3
    call r4, 0
    say r4
    getcell r0, r1
    say r0
    """, "20|11", rest="""
    .function 1 "outer" registers 10
    .capture cell r1
    .capture value r2
        getupcell r0, 0
        addi r0, r0, 1
        setupcell r0, 0
        closure r1, fun 2
        call r1, 0
        ret r1
    .function 2 "inner" registers 10
    .capture value up 1
        getup r0, 0
        ret r0
    """)
case("a closure of nothing", "closure r1, fun 1\ncall r1, 0\nsay r1", "7", rest='.function 1 "f" registers 10\nloadi r0, 7\nret r0')

# --- arithmetic on tagged values ---

NUMBERS = "loadi r1, 7\nloadi r2, -2\nloadk r3, 2.5\nloadk r4, 4611686018427387903\nloadk r5, 9223372036854775807"
results("arithmetic", NUMBERS, [
    ("add r0, r1, r2", "5"), ("add r0, r1, r3", "9.5"), ("add r0, r4, r1", "4611686018427387910"), ("sub r0, r1, r2", "9"), ("sub r0, r3, r3", "0.0"),
    ("mul r0, r1, r2", "-14"), ("mul r0, r3, r3", "6.25"), ("mul r0, r4, r2", "-9223372036854775806"), ("div r0, r1, r2", "-3"),
    ("div r0, r1, r3", "2.8"), ("mod r0, r1, r2", "1"), ("mod r0, r1, r3", "2.0"), ("neg r0, r1", "-7"), ("neg r0, r3", "-2.5"),
    ("addi r0, r1, -100", "-93"), ("addi r0, r3, 1", "3.5"), ("subi r0, r1, 100", "-93"), ("muli r0, r1, -3", "-21"), ("divi r0, r1, 2", "3"),
    ("modi r0, r1, 4", "3"), ("addk r0, r1, 1000000", "1000007"), ("addk r0, r1, 0.5", "7.5"), ("subk r0, r1, 1000000", "-999993"),
    ("mulk r0, r1, 1000000", "7000000"), ("divk r0, r3, 0.5", "5.0"), ("addw r0, r5, r1", "-9223372036854775802"),
    ("subw r0, r2, r5", "9223372036854775807"), ("mulw r0, r5, r1", "9223372036854775801"),
])
results("wide immediates", NUMBERS, [("addi r0, r1, 1000", "1007"), ("subi r0, r1, -1000", "1007"), ("muli r0, r1, 1000", "7000"),
                                     ("divi r0, r5, 30000", "307445734561825"), ("modi r0, r1, 30000", "7"), ("add32i r0, r1, -30000", "-29993"),
                                     ("sub32i r0, r1, 30000", "-29993")])
results("concatenation", 'loadk r1, "a"\nloadi r2, 5', [("add r0, r1, r2", "a5"), ("add r0, r2, r1", "5a"), ("addi r0, r1, 3", "a3"), ("addk r0, r1, 1.5", "a1.5")])
results("bits", "loadi r1, 12\nloadi r2, 10\nloadi r3, 2\nloadtrue r4\nloadfalse r5", [
    ("bitand r0, r1, r2", "8"), ("bitor r0, r1, r2", "14"), ("bitxor r0, r1, r2", "6"), ("shl r0, r1, r3", "48"), ("shr r0, r1, r3", "3"),
    ("bitnot r0, r1", "-13"), ("bitand r0, r4, r5", "false"), ("bitor r0, r4, r5", "true"), ("bitxor r0, r4, r4", "false"),
])
results("32 bits", "loadk r1, 2147483647\nloadi r2, 2\nloadi r3, -1\nloadk r4, -2147483648\nloadk r5, \"s\"", [
    ("add32 r0, r1, r2", "-2147483647"), ("add32 r0, r5, r2", "s2"), ("sub32 r0, r4, r2", "2147483646"), ("mul32 r0, r1, r1", "1"),
    ("div32 r0, r4, r3", "-2147483648"), ("div32 r0, r3, r2", "0"), ("add32i r0, r1, 1", "-2147483648"), ("add32i r0, r5, 1", "s1"),
    ("sub32i r0, r4, 1", "2147483647"), ("neg32 r0, r4", "-2147483648"), ("neg32 r0, r2", "-2"),
])
results("logic", "loadtrue r1\nloadfalse r2", [("and r0, r1, r2", "false"), ("and r0, r1, r1", "true"), ("or r0, r2, r1", "true"), ("or r0, r2, r2", "false"),
                                               ("not r0, r1", "false"), ("not r0, r2", "true")])
for op in ("add", "sub", "mul"):
    raises(f"{op} overflow", "loadk r1, 9223372036854775807\nloadk r2, -9223372036854775807", f"{op} r0, r{2 if op == 'sub' else 1}, r1",
           "OverflowError: the result does not fit an int")
raises("neg overflow", "loadk r1, -9223372036854775808", "neg r0, r1", "OverflowError: the result does not fit an int")
for op, right in (("div", "r2"), ("mod", "r2"), ("divi", "0"), ("modi", "0"), ("divk", "#0")):
    raises(f"{op} by zero", "loadk r2, 0\nloadi r1, 5", f"{op} r0, r1, {right}", "DivisionByZeroError: division by zero")
for op in ("add", "sub", "mul", "div", "mod", "addw", "subw", "mulw", "bitand", "bitor", "bitxor", "shl", "shr", "add32", "sub32", "mul32", "div32"):
    raises(f"{op} of None", "loadnone r1\nloadi r2, 1", f"{op} r0, r1, r2", "TypeError")
for op in ("neg", "bitnot", "neg32", "not"):
    raises(f"{op} of None", "loadnone r1", f"{op} r0, r1", "TypeError")
for op in ("and", "or"):
    raises(f"{op} of None", "loadnone r1\nloadtrue r2", f"{op} r0, r2, r1", "TypeError: a bool is needed here, not None")
raises("shift too far", "loadi r1, 1\nloadi r2, 64", "shl r0, r1, r2", "ValueError: shift count 64 is not in 0..63")

# --- comparisons and jumps ---

PAIR = 'loadi r1, 1\nloadi r2, 2\nloadk r3, 2.0\nloadk r4, inf\nsub r4, r4, r4\nloadk r5, "a"\nloadk r6, "b"\nloadk r7, 9223372036854775807'
results("comparisons", PAIR, [
    ("lt r0, r1, r2", "true"), ("lt r0, r2, r3", "false"), ("lt r0, r5, r6", "true"), ("lt r0, r4, r1", "false"), ("lt r0, r1, r7", "true"),
    ("le r0, r2, r3", "true"), ("le r0, r4, r4", "false"), ("le r0, r6, r5", "false"), ("eq r0, r2, r3", "true"), ("eq r0, r4, r4", "false"),
    ("eq r0, r5, r6", "false"), ("ne r0, r1, r2", "true"), ("ne r0, r4, r4", "true"), ("ne r0, r5, r5", "false"),
])
jumps("jumps on values", "loadtrue r1\nloadfalse r2\nloadnone r3\nloadunset r4", [
    ("jtrue r1", True), ("jtrue r2", False), ("jfalse r2", True), ("jfalse r1", False), ("jnone r3", True), ("jnone r1", False),
    ("jnotnone r1", True), ("jnotnone r3", False), ("jset r3", True), ("jset r4", False),
])
jumps("jumps on pairs", PAIR, [
    ("jlt r1, r2", True), ("jlt r2, r3", False), ("jlt r4, r1", False), ("jle r2, r3", True), ("jle r2, r1", False), ("jnlt r4, r1", True),
    ("jnlt r1, r2", False), ("jnle r4, r4", True), ("jnle r5, r6", False), ("jeq r2, r3", True), ("jeq r1, r2", False), ("jeq r5, r5", True),
    ("jne r1, r2", True), ("jne r2, r3", False), ("jne r4, r4", True),
])
jumps("jumps on immediates", PAIR + "\nloadi r8, -5", [
    ("jlti r8, -4", True), ("jlti r8, -5", False), ("jlti r4, 1", False), ("jlei r8, -5", True), ("jlei r3, 1", False), ("jgti r2, 1", True),
    ("jgti r2, 2", False), ("jgti r7, 100", True), ("jgei r3, 2", True), ("jgei r1, 2", False), ("jnlti r4, 1", True), ("jnlti r1, 2", False),
    ("jnlei r4, 1", True), ("jnlei r1, 1", False), ("jngti r4, 1", True), ("jngti r2, 1", False), ("jngei r4, 1", True), ("jngei r2, 2", False),
    ("jeqi r2, 2", True), ("jeqi r3, 2", True), ("jeqi r5, 2", False), ("jnei r5, 2", True), ("jnei r2, 2", False), ("jnei r4, 2", True),
    ("jlti r1, 1000", True), ("jgti r1, -1000", True), ("jnei r1, 1000", True),
])
for op in ("jtrue", "jfalse"):
    raises(f"{op} of an int", "loadi r1, 1", f"{op} r1, L\nL:", "TypeError: a bool is needed here, not int")
for op in ("lt", "le"):
    raises(f"{op} of None", "loadnone r1", f"{op} r0, r1, r1", "TypeError: None and None cannot be ordered")
for op in ("jlt", "jle", "jnlt", "jnle"):
    raises(f"{op} of None", "loadnone r1\nloadi r2, 1", f"{op} r1, r2, L\nL:", "TypeError: None and int cannot be ordered")
for op in ("jlti", "jlei", "jgti", "jgei", "jnlti", "jnlei", "jngti", "jngei"):
    raises(f"{op} of None", "loadnone r1", f"{op} r1, 1, L\nL:", "TypeError: None and int cannot be ordered")


# --- loops ---

def loop(name, prepare, start, limit, output):
    """A counting loop."""
    case(name, f"loadk r1, {start}\nloadk r2, {limit}\n{prepare} r1, END\nBODY:\nsay r3\nforloop r1, BODY\nEND:\nsay \"end\"", output + "|end" if output else "end")


loop("range", "forprep", 0, 3, "0|1|2")
loop("empty range", "forprep", 3, 3, "")
loop("inclusive range", "forprepi", -1, 1, "-1|0|1")
loop("empty inclusive range", "forprepi", 2, 1, "")
loop("range of boxed ints", "forprep", 4611686018427387902, 4611686018427387905, "4611686018427387902|4611686018427387903|4611686018427387904")
loop("range to the last int", "forprepi", 9223372036854775806, 9223372036854775807, "9223372036854775806|9223372036854775807")
loop("range between small and boxed", "forprepi", -4611686018427387905, -4611686018427387903,
     "-4611686018427387905|-4611686018427387904|-4611686018427387903")
for op in ("forprep", "forprepi", "forloop"):
    raises(f"{op} of a string", 'loadi r1, 1\nloadk r2, "x"' if op != "forloop" else 'loadk r1, "x"\nloadi r2, 2', f"{op} r1, L\nL:",
           "TypeError: a range needs ints, not string")


def iteration(name, setup, output):
    """A loop over what `setup` puts into r1."""
    case(name, f"{setup}\nloadi r2, 0\nBODY:\niternext r1, END\nsay r3\njump BODY\nEND:\nsay \"end\"", output + "|end" if output else "end")


ITEMS = 'loadi r4, 1\nloadi r5, 2\nloadk r6, "c"\nloadnone r7\n'
iteration("iterate a list", ITEMS + "list r1, r4, 4", "1|2|c|None")
iteration("iterate an empty list", "list r1, r4, 0", "")
iteration("iterate a tuple", ITEMS + "tuple r1, r4, 2", "1|2")
iteration("iterate a string", 'loadk r1, "aé€😀"', "a|é|€|😀")
iteration("iterate a long string", 'loadk r1, "a"\nloadk r4, "0123456789012345678901234567890123456789"\n'
          'add r1, r4, r1\nprim r1, r1, string.upper\nloadi r4, 39\nloadi r5, 41\nmove r3, r1\nprim r1, r3, string.slice', "9|A")
iteration("iterate a record", ITEMS + "record r1, r4, {x, y}", "x|y")
iteration("iterate a map", ITEMS + "map r1, r4, 2", "(1, 2)|(c, None)")


def pairs(name, setup, output):
    """A loop over the pairs of what `setup` puts into r1; what is no pair is shown, and that the loop left."""
    case(name, f"{setup}\nloadi r2, 0\nBODY:\niterpair r1, OUT\nsay r3\nsay r4\njump BODY\nOUT:\njset r4, END\nsay \"no pair\"\nsay r3\nEND:\nsay \"end\"",
         output + "|end" if output else "end")


PARTS = 'loadi r4, 1\nloadi r5, 2\nloadk r6, "c"\nloadnone r7\n'
pairs("pairs of a map", PARTS + "map r1, r4, 2", "1|2|c|None")
pairs("pairs of an empty map", "map r1, r4, 0", "")
pairs("pairs of a map without its first key", PARTS + "map r1, r4, 2\nmove r2, r1\nmove r3, r4\nprim r0, r2, map.remove", "c|None")
pairs("pairs of a list", PARTS + "tuple r8, r6, 2\ntuple r7, r4, 2\nlist r1, r7, 2", "1|2|c|None")
pairs("pairs of a tuple", PARTS + "tuple r8, r6, 2\ntuple r7, r4, 2\ntuple r1, r7, 2", "1|2|c|None")
pairs("no pairs of a list", PARTS + "list r1, r4, 2", "no pair|1")
pairs("a tuple of three", PARTS + "tuple r8, r4, 3\nlist r1, r8, 1", "no pair|(1, 2, c)")
pairs("no pairs of a string", 'loadk r1, "ab"', "no pair|a")
raises("pairs of an int", "loadi r1, 1\nloadi r2, 0", "iterpair r1, L\nL:", "TypeError: int cannot be iterated")
raises("pairs from a strange place", "map r1, r4, 0\nloadi r2, -9", "iterpair r1, L\nL:", "RuntimeError: damaged program: an iteration's position")
raises("pairs from no place", "map r1, r4, 0\nloadnone r2", "iterpair r1, L\nL:", "RuntimeError: damaged program: an iteration's position")
jumps("untuple", PARTS + "tuple r1, r4, 2\nlist r2, r4, 2", [("untuple r7, r1, 2", False), ("untuple r0, r1, 3", True), ("untuple r0, r2, 2", True), ("untuple r0, r4, 0", True)])
results("parts of a tuple", PARTS + "tuple r1, r4, 3", [("untuple r2, r1, 3, L0\nL0:\nmove r0, r4", "c"), ("untuple r1, r1, 3, L1\nL1:\ntuple r0, r1, 3", "(1, 2, c)")])

raises("iterate an int", "loadi r1, 1\nloadi r2, 0", "iternext r1, L\nL:", "TypeError: int cannot be iterated")
raises("iterate from a strange place", "map r1, r4, 0\nloadi r2, -9", "iternext r1, L\nL:", "RuntimeError: damaged program: an iteration's position")
raises("iterate from no place", "map r1, r4, 0\nloadnone r2", "iternext r1, L\nL:", "RuntimeError: damaged program: an iteration's position")

# --- objects ---

results("records", ITEMS + "record r1, r4, {x, y}", [
    ('getfield r0, r1, "y"', "2"), ('setfield r1, r6, "x"\ngetfield r0, r1, "x"', "c"), ('setfield r1, r1, "self"\ngetfield r0, r1, "y"', "2"),
    ("record r0, r4, {}", "{}"), ("record r0, r4, {a, b, c}", "{a: 1, b: 2, c: c}"), ('loadk r2, "y"\ngetindex r0, r1, r2', "2"),
    ("loadi r2, 3\nsetindex r1, r6, r6\nsetindex r1, r2, r6\ngetindex r0, r1, r2", "c"),
])
raises("no such field", ITEMS + "record r1, r4, {x}", 'getfield r0, r1, "y"', "FieldError: the record has no field 'y'")
raises("field of None", "loadnone r1", 'getfield r0, r1, "y"', "FieldError: None has no field 'y'")
raises("set a field of None", "loadnone r1", 'setfield r1, r1, "y"', "FieldError: None has no field 'y' to set")
results("lists", ITEMS + "list r1, r4, 3", [("append r1, r7\nmove r0, r1", "[1, 2, c, None]"), ("getindex r0, r1, r4", "2"),
                                            ("setindex r1, r4, r1\nloadi r2, 1\nsetindex r1, r2, r6\nmove r0, r1", "[1, c, c, None]"),
                                            ("list r0, r4, 0", "[]")])
raises("index out of range", ITEMS + "list r1, r4, 2", "getindex r0, r1, r5", "IndexError: index 2 is out of range for length 2")
raises("set out of range", ITEMS + "list r1, r4, 2", "setindex r1, r5, r5", "IndexError: index 2 is out of range for length 2")
raises("append to None", "loadnone r1", "append r1, r1", "TypeError: None is not a list")
INTS = ITEMS + "loadi r1, 2\nloadi r2, 7\nloadi r3, 3\nprim r1, r1, array_of_kind\ntypeargs type types<int>\n"
results("arrays of ints", INTS, [("loadi r2, 1\ngetindex.int r0, r1, r2", "7"), ("loadi r2, 1\nsetindex.int r1, r2, r5\ngetindex.int r0, r1, r2", "2"),
                                 ("list r2, r4, 2\nloadi r3, 1\ngetindex.int r0, r2, r3", "2"),
                                 ("list r2, r4, 2\nloadi r3, 1\nsetindex.int r2, r3, r6\nmove r0, r2", "[1, c]"),
                                 ("loadk r2, 9223372036854775807\nloadi r3, 0\nsetindex.int r1, r3, r2\ngetindex.int r0, r1, r3", "9223372036854775807")])
raises("array index out of range", INTS, "getindex.int r0, r1, r5", "IndexError: index 2 is out of range for length 2")
raises("set an array out of range", INTS, "setindex.int r1, r5, r5", "IndexError: index 2 is out of range for length 2")
raises("index of None", "loadnone r1", "getindex r0, r1, r1", "TypeError: None cannot be indexed")
raises("set an item of None", "loadnone r1", "setindex r1, r1, r1", "TypeError: None has no items to set")
results("tuples", ITEMS, [("tuple r0, r4, 3", "(1, 2, c)"), ("tuple r0, r4, 0", "()"), ("tuple r1, r4, 3\ngetindex r0, r1, r4", "2"),
                          ("tuple r1, r4, 2\ntuple r2, r4, 2\neq r0, r1, r2", "true")])
results("maps", ITEMS, [("map r0, r4, 2", "{1: 2, c: None}"), ("map r0, r4, 0", "{}"), ("map r1, r4, 2\ngetindex r0, r1, r4", "2"),
                        ("setindex r1, r5, r6\ngetindex r0, r1, r5", "c"), ("loadk r2, 1.0\ngetindex r0, r1, r2", "2"), ("getindex r0, r1, r7", "None")])
raises("a list as a key", "list r4, r4, 0", "map r0, r4, 1", "TypeError")

POINT = '.class 0 "Point"\n.fields x, y\n.class 1 "Point3" parent 0\n.fields z\n'
results("instances", ITEMS, [
    ("object r1, type class 0\ngetslot r0, r1, 1", "None"), ("construct r1, r4, type class 1\ngetslot r0, r1, 2", "c"),
    ("setslot r1, r7, 2\ngetslot r0, r1, 2", "None"), ("list r2, r4, 2\nsetslot r1, r2, 0\nloadnone r2\ngetslot r0, r1, 0", "[1, 2]"),
    ('getfield r0, r1, "y"', "2"), ('setfield r1, r6, "y"\ngetfield r0, r1, "y"', "c"), ("object r0, type class 0", "Point(x: None, y: None)"),
], before=POINT)
raises("slot of another class", "object r1, type class 0", "getslot r0, r1, 2", "FieldError: Point has no field number 2", before=POINT)
raises("set a slot of another class", "object r1, type class 0", "setslot r1, r1, 200", "FieldError: Point has no field number 200", before=POINT)
raises("slot of None", "loadnone r1", "getslot r0, r1, 0", "FieldError: None has no field number 0", before=POINT)
results("type tests", ITEMS + "construct r1, r4, type class 1\nobject r2, type class 0", [
    ("is r0, r1, type class 0", "true"), ("is r0, r2, type class 1", "false"), ("is r0, r4, type int", "true"), ("is r0, r4, type float", "false"),
    ("is r0, r4, type number", "true"), ("is r0, r7, type string?", "true"), ("is r0, r7, type string", "false"), ("is r0, r7, type class 0?", "true"),
    ("is r0, r6, type string", "true"), ("is r0, r1, type object", "true"), ("is r0, r1, type error", "false"), ("is r0, r6, type dynamic", "true"),
    ('cast r0, r4, type int, ""', "1"), ('cast r2, r1, type class 0, ""\ngetslot r0, r2, 0', "1"), ('cast r0, r7, type list?, ""', "None"),
], before=POINT)
jumps("jumps on types", ITEMS + "construct r1, r4, type class 1", [
    ("jis r1, type class 1", True), ("jis r1, type class 0", True), ("jis r4, type string", False), ("jisnt r4, type string", True),
    ("jisnt r1, type class 0", False), ("jisnt r7, type int?", False),
], before=POINT)
results("casts that convert", "loadi r4, 3\nloadk r5, 0.5\nloadunset r6", [
    ('cast r0, r4, type float, ""', "3.0"), ('cast r0, r5, type float?, ""', "0.5"), ('cast r0, r4, type float?, ""', "3.0"),
    ('cast r0, r6, type int, ""\nloadi r0, 1', "1"), ('cast r0, r5, type number, ""', "0.5"),
])
case("checkint", 'loadi r1, 5\ncheckint r1, "x"\nsay r1\nloadk r1, 9223372036854775807\ncheckint r1, "x"\nsay r1\nloadunset r1\ncheckint r1, "x"', "5|9223372036854775807")
raises("checkint of a float", "loadk r1, 0.5", 'checkint r1, "x"', "CastError: x: float is not int")
raises("cast of a float", "loadk r1, 0.5", 'cast r0, r1, type int, ""', "CastError: float is not int")
FLOATS = ITEMS + "loadk r8, 0.5\nconstruct r1, r8, type class 0\nlist r2, r4, 2\nlist r3, r8, 1"
results("floats in fields and lists", FLOATS, [
    ("getslot.float w0, r1, 0\nboxfloat r0, w0", "0.5"), ("setslot r1, r4, 1\ngetslot.float w0, r1, 1\nboxfloat r0, w0", "1.0"),
    ("rloadk w0, 1e300\nsetslot.float r1, w0, 1\ngetslot r0, r1, 1", "1e+300"), ("rloadk w0, 0.0\nsetslot.float r1, w0, 0\ngetslot r0, r1, 0", "0.0"),
    ("rloadk w0, 2.5\nsetslot.float r1, w0, 1\ngetslot.float w1, r1, 1\nboxfloat r0, w1", "2.5"),
    ("loadi r9, 0\ngetindex.float w0, r3, r9\nboxfloat r0, w0", "0.5"), ("loadi r9, 0\ngetindex.float w0, r2, r9\nboxfloat r0, w0", "1.0"),
], before=POINT, raw=2)
raises("float slot of None", "loadnone r1", "getslot.float w0, r1, 0", "FieldError: None has no field number 0", before=POINT, raw=2)
raises("float slot past the end", "object r1, type class 0", "getslot.float w0, r1, 2", "FieldError: Point has no field number 2", before=POINT, raw=2)
raises("float slot without a float", "object r1, type class 0", "getslot.float w0, r1, 0", "TypeError: None is not a float", before=POINT, raw=2)
raises("set float slot of None", "loadnone r1\nrloadk w0, 0.5", "setslot.float r1, w0, 0", "FieldError: None has no field number 0", before=POINT, raw=2)
raises("item that is no float", "loadnone r1\nlist r2, r1, 1\nloadi r3, 0", "getindex.float w0, r2, r3", "TypeError: None is not a float", raw=2)
raises("cast", "loadnone r1", 'cast r0, r1, type int, "x"', "CastError: x: None is not int")
raises("cast to a class", "object r1, type class 0", 'cast r0, r1, type class 1, ""', "CastError: Point is not Point3", before=POINT)

# --- generic types ---

LISTS = ITEMS + "list r1, r4, 2\nreify r1, type list<int>\nmap r2, r4, 1\nreify r2, type map<int, int?>\nlist r3, r4, 2\n"
results("types of containers", LISTS, [
    ("is r0, r1, type list<int>", "true"), ("is r0, r1, type list<float>", "false"), ("is r0, r1, type list", "true"),
    ("is r0, r3, type list<int>", "false"), ("is r0, r2, type map<int, int?>", "true"), ("is r0, r2, type map<int, int>", "false"),
    ("is r0, r2, type map<int, dynamic>", "true"), ("tuple r0, r4, 3\nis r0, r0, type tuple<int, int, string>", "true"),
    ("tuple r0, r4, 3\nis r0, r0, type tuple<int, int>", "false"), ("record r0, r4, {x}\nis r0, r0, type record<x: int>", "true"),
    ("record r0, r4, {x}\nis r0, r0, type record<x: int, y: int>", "false"), ("is r0, r5, type u8", "true"), ("is r0, r5, type never", "false"),
    ("loadi r0, 300\nis r0, r0, type u8", "false"), ("setitem r1, r4, r5\ngetindex r0, r1, r4", "2"),
    ("setindex r1, r4, r4\ngetindex r0, r1, r4", "1"), ("setindex r2, r5, r7\ngetindex r0, r2, r5", "None"),
])
raises("a wrong item", LISTS, "setindex r1, r4, r6", "CastError: an element of List<int>: string is not int")
raises("a wrong key", LISTS, "setindex r2, r6, r4", "CastError: an element of Map<int, int?>: string is not int")
raises("reify what is no container", LISTS, "reify r4, type list<int>", "CastError: int is not List<int>")
results("rest parameters", ITEMS + "list r1, r4, 2", [
    ('gather r1, type list<float>, "x"\nmove r0, r1', "[1.0, 2.0]"), ("is r0, r1, type list<float>", "true")])
raises("a wrong rest argument", ITEMS + "list r1, r4, 3", 'gather r1, type list<int>, "x"', "CastError: x: string is not int")
BOX = '.class 0 "Box" params 1\n.fields x\n.types param 0\n.class 1 "Pair" parent 0 params 2\n.supers class 0<list<param 1>>\n'
results("types of instances", ITEMS + "construct r1, r4, type class 0<int>\nconstruct r2, r4, type class 1<string, int>\nconstruct r3, r4, type class 0", [
    ("is r0, r1, type class 0<int>", "true"), ("is r0, r1, type class 0<string>", "false"), ("is r0, r1, type class 0", "true"),
    ("is r0, r2, type class 0<list<int>>", "true"), ("is r0, r2, type class 0<list<string>>", "false"), ("is r0, r2, type class 0", "true"),
    ("is r0, r3, type class 0<int>", "false"), ("reify r3, type class 0<int>\nis r0, r3, type class 0<int>", "true"),
    ("gettype r8, r1, type list<param 0>\nlist r0, r4, 0\nreifyr r0, r8\nis r0, r0, type list<int>", "true"),
    ("gettype r8, r2, type param 0<class 0>\nisr r0, r7, r8", "false"), ("gettype r8, r2, type param 0<class 0>?\nisr r0, r7, r8", "true"),
    ("gettype r8, r1, type param 0\nisr r0, r4, r8", "true"), ('gettype r8, r1, type param 0\ncastr r0, r4, r8, ""', "1"),
    ("gettype r8, r1, type param 7\nisr r0, r6, r8", "true"),
], before=BOX)
raises("cast by number", ITEMS + "construct r1, r4, type class 0<list<int>>\ngettype r8, r1, type param 0", 'castr r0, r4, r8, "x"',
       "CastError: x: int is not List<int>", before=BOX)
raises("no type's number", ITEMS, "isr r0, r4, r6", "RuntimeError: damaged program: a register does not hold a type")
GENERIC = """
.function 1 "generic" params 1 registers 10
bindtypes r1
jointypes r1, r0, 1
gettype r2, r1, type map<param 0, param 1>
map r3, r0, 0
reifyr r3, r2
ret r3
"""
STRINGS = "loadi r4, 1\nconstruct r0, r4, type class 0<string>\ngettype r0, r0, type types<param 0>\nclosure r1, fun 1\nmove r3, r0\n"
results("type arguments of a call", "", [
    (STRINGS + "call r1, 1\ntypeargs type types<int>\nis r0, r1, type map<string, int>", "true"),
    (STRINGS + "call r1, 1\ntypeargsr r0\nis r0, r1, type map<string, string>", "true"),
    (STRINGS + "call r1, 1\nis r0, r1, type map<string, dynamic>", "true"),
    (STRINGS + "loadi r3, 0\ncall r1, 1\nis r0, r1, type map<string, dynamic>", "false"),
], rest=GENERIC, before=BOX)
results("tostring", ITEMS + "list r1, r4, 3", [("tostring r0, r4", "1"), ("tostring r0, r6", "c"), ("tostring r0, r7", "None"), ("tostring r0, r1", "[1, 2, c]")])

# --- calls ---

ADDER = '.function 1 "adder" params 2 registers 10\nadd r2, r0, r1\nret r2'
case("call", "closure r1, fun 1\nloadi r3, 30\nloadi r4, 12\ncall r1, 2\nsay r1", "42", rest=ADDER)
raises("call of an int", "loadi r1, 1", "call r1, 0", "TypeError: int is not a function")
OPTIONAL = '.function 1 "f" params 3 optional 1 rest registers 10\njset r1, GIVEN\nloadi r1, 5\nGIVEN:\nlist r3, r0, 3\nret r3'
case("call of a function with optional parameters", "closure r1, fun 1\nloadi r3, 1\ncall r1, 1\nsay r1", "[1, 5, []]", rest=OPTIONAL)
case("call of a function with a rest parameter", "closure r1, fun 1\nloadi r3, 1\nloadi r4, 2\nloadi r5, 3\nloadi r6, 4\ncall r1, 4\nsay r1",
     "[1, 2, [3, 4]]", rest=OPTIONAL)
raises("too few arguments", "closure r1, fun 1", "call r1, 0", "ArgumentError: f takes at least 1 argument, not 0", rest=OPTIONAL)
raises("wrong count", "closure r1, fun 1", "call r1, 1", "ArgumentError: adder takes 2 arguments, not 1", rest=ADDER)
case("invoke a method", """
    construct r3, r4, type class 0
    loadi r4, 5
    invoke r1, 1, 0, "plus"
    say r1
    """, "15", before='.class 0 "C"\n.fields x\n.method plus fun 1\n', rest="""
    .function 1 "plus" params 2 registers 10
        loadi r2, 10
        setslot r0, r2, 0
        getfield r2, r0, "x"
        add r2, r2, r1
        ret r2
    """)
case("invoke twice, cached", """
    construct r5, r4, type class 0
    loadi r6, 0
    AGAIN:
    move r3, r5
    invoke r1, 0, 0, "name"
    say r1
    addi r6, r6, 1
    jlti r6, 3, AGAIN
    """, "C|C|C", before='.class 0 "C"\n.fields x\n.method name fun 1\n', rest='.function 1 "name" params 1 registers 10\nloadk r1, "C"\nret r1')
case("invoke a field", """
    closure r4, fun 1
    record r3, r4, {f}
    loadi r4, 1
    loadi r5, 2
    invoke r1, 2, 0, "f"
    say r1
    """, "3", rest=ADDER)
case("invoke a field, cached", """
    closure r4, fun 1
    record r7, r4, {f}
    loadi r8, 0
    AGAIN:
    move r3, r7
    loadi r4, 1
    move r5, r8
    invoke r1, 2, 0, "f"
    say r1
    addi r8, r8, 1
    jlti r8, 3, AGAIN
    """, "1|2|3", rest=ADDER)
case("invoke a method of a list", 'loadi r4, 1\nlist r7, r4, 1\nmove r3, r7\nloadi r4, 2\ninvoke r1, 1, 0, "push"\nsay r1\nsay r7', "None|[1, 2]")
raises("no such method", "loadnone r3", 'invoke r1, 0, 0, "f"', "FieldError: None has no method 'f'")
CHECKED = '.function 1 "f" params 2 registers 10 checks 3\ncast r1, r1, type int, "f"\nsub r2, r0, r1\nret r2'
case("callknown", "loadi r3, 30\nloadi r4, 12\ncallknown r1, 2, 0, fun 1\nsay r1", "18", rest=ADDER.replace("add r2", "sub r2"))
case("callknown skips checks", "loadi r3, 30\nloadk r4, 0.5\ncallknown r1, 2, 0, fun 1\nsay r1", "29.5", rest=CHECKED, wide=False)
raises("call checks", "closure r1, fun 1\nloadi r3, 30\nloadk r4, 0.5", "call r1, 2", "CastError: f: float is not int", rest=CHECKED, wide=False)
SIGNED = CHECKED.replace("checks 3\n", "checks 3\n.signature type function<int, int, int>\n")
TYPED = "closure r1, fun 1\nloadi r3, 30\nloadk r4, 0.5\ncalltyped r1, 2, type function<int, int, {}>, IN\nsay r1\nIN:\nsay r1"
case("calltyped", TYPED.format("int"), "29.5", rest=SIGNED, wide=False)
case("calltyped of a function of another type", TYPED.format("float").replace("0.5", "12"), "18|18", rest=SIGNED, wide=False)
case("calltyped of a function without a signature", TYPED.format("int").replace("0.5", "12"), "18|18", rest=ADDER.replace("add r2", "sub r2"))
raises("calltyped of no function", "loadnone r1\nloadi r3, 30\nloadi r4, 12", "calltyped r1, 2, type function<int, int, int>, IN\nIN:\nsay r1",
       "TypeError: None is not a function")
case("invokeknown skips checks", "loadk r4, 0.5\nobject r3, type class 0\ninvokeknown r1, 1, 0, \"m\"\nsay r1", "1.5",
     before='.class 0 "C"\n.method m fun 1\n', rest='.function 1 "m" params 2 registers 10 checks 3\ncast r1, r1, type int, "f"\naddi r2, r1, 1\nret r2', wide=False)
case("invokeknown", "loadk r4, 0.5\nobject r3, type class 0\ninvokeknown r1, 1, 0, \"m\"\nsay r1", "1.5",
     before='.class 0 "C"\n.method m fun 1\n', rest='.function 1 "m" params 2 registers 10\naddi r2, r1, 1\nret r2')
VIRTUAL = dict(before='.class 0 "C"\n.method m fun 1\n.class 1 "D" parent 0\n.method n fun 2\n.method m fun 2\n.class 2 "Other"\n',
               rest='.function 1 "m" params 2 registers 10 checks 3\ncast r1, r1, type int, "f"\naddi r2, r1, 1\nret r2\n'
                    '.function 2 "m" params 2 registers 10 checks 3\ncast r1, r1, type int, "f"\naddi r2, r1, 2\nret r2', wide=False)
for number, (class_, result) in enumerate([(0, "1.5"), (1, "2.5")]):
    case(f"invokevirtual {number}", f"loadk r4, 0.5\nobject r3, type class {class_}\ninvokevirtual r1, 1, 0, type class 0, \"m\"\nsay r1", result, **VIRTUAL)
case("invokevirtual, wide", 'loadk r4, 0.5\nobject r3, type class 0\ninvokevirtual r1, 1, 0, type class 0, "m"\nsay r1', "1.5",
     before=VIRTUAL["before"], rest=VIRTUAL["rest"].replace(" checks 3", "").replace('cast r1, r1, type int, "f"\n', ""))
raises("invokevirtual of another class", "loadk r4, 0.5\nobject r3, type class 2", 'invokevirtual r1, 1, 0, type class 0, "m"',
       "FieldError: Other has no method 'm'", **VIRTUAL)
raises("invokevirtual of no instance", "loadk r4, 0.5\nloadnone r3", 'invokevirtual r1, 1, 0, type class 0, "m"',
       "FieldError: None has no method 'm'", **VIRTUAL)
raises("invoke checks", "loadk r4, 0.5\nobject r3, type class 0", 'invoke r1, 1, 0, "m"', "CastError: f: float is not int",
       before='.class 0 "C"\n.method m fun 1\n', rest='.function 1 "m" params 2 registers 10 checks 3\ncast r1, r1, type int, "f"\naddi r2, r1, 1\nret r2', wide=False)
case("a bound method", 'construct r2, r4, type class 0\ngetfield r1, r2, "me"\ncall r1, 0\nsay r1', "C(x: 0)", before='.class 0 "C"\n.fields x\n.method me fun 1\n',
     rest='.function 1 "me" params 1 registers 10\nret r0')
results("extern", "loadi r1, -7\nloadi r2, 2\nloadi r3, 0", [
    ('extern r0, r1, extern "c" "labs" function<int, int>', "7"), ('extern r0, r1, extern "c" "ldiv" function<int, int, class 0>', "Ldiv(quot: -3, rem: -1)"),
    ('extern r0, r3, extern "m" "exp" function<float, float>', "1.0"), ('extern r0, r3, extern "c" "srand" function<u32, none>', "None"),
], before='.class 0 "Ldiv" c struct\n.fields quot, rem\n.types int, int')
raises("extern of a wrong value", "loadtrue r1", 'extern r0, r1, extern "c" "labs" function<int, int>', "CastError: argument 1 of `labs`: bool is not int")
raises("extern of too large a value", "loadi r1, 256", 'extern r0, r1, extern "c" "abs" function<u8, i32>', "OverflowError: 256 does not fit u8")
raises("extern without a library", "", 'extern r0, r1, extern "none" "x" function<int>', "RuntimeError")
results("prim", 'loadk r1, 2.5\nloadi r2, 2', [("prim r0, r1, format", "2.50"), ("prim r0, r1, floor", "2"), ("prim r0, r1, input", "")])
case("retnone", 'closure r1, fun 1\ncall r1, 0\nsay r1', "None", rest='.function 1 "f" registers 10\nretnone')
case("throw a value", "loadi r1, 3\nlist r1, r1, 1\nthrow r1", "", "uncaught value: [3]")
case("throw nothing", "loadunset r1\nthrow r1", "", "RuntimeError: damaged program: an unset value is used")
