"""Programs in text form for typed instructions, operators that are methods, and errors that leave frames.

In:  nothing. Out: they are added to `instruction_cases.CASES`, under the rules that hold there.
"""
from engines.instruction_cases import case, jumps, raises, results

# --- raw registers ---

RAW = "rloadi w1, 7\nrloadi w2, -2\nrloadk w3, 9223372036854775807\nrloadi w4, 0"


def raw_results(name, setup, rows, box, **options):
    """As `results`, of what the rows put into w0."""
    results(name, setup, [(f"{line}\n{box} r0, w0", shown) for line, shown in rows], raw=8, **options)


raw_results("raw ints", RAW, [
    ("rloadi w0, -2147483648", "-2147483648"), ("rmove w0, w3", "9223372036854775807"), ("add.int w0, w1, w2", "5"), ("sub.int w0, w1, w2", "9"),
    ("mul.int w0, w1, w2", "-14"), ("div.int w0, w1, w2", "-3"), ("mod.int w0, w1, w2", "1"), ("addi.int w0, w1, -100", "-93"),
    ("neg.int w0, w1", "-7"), ("and.int w0, w1, w2", "6"), ("or.int w0, w1, w2", "-1"), ("xor.int w0, w1, w2", "-7"),
    ("addw.int w0, w3, w1", "-9223372036854775802"), ("subw.int w0, w2, w3", "9223372036854775807"), ("mulw.int w0, w3, w2", "2"),
    ("shl.int w0, w1, w1", "896"), ("shr.int w0, w2, w1", "-1"), ("shr.int w0, w3, w1", "72057594037927935"), ("not.int w0, w1", "-8"),
], "boxint")
raw_results("raw comparisons", RAW, [
    ("lt.int w0, w2, w1", "true"), ("lt.int w0, w1, w1", "false"), ("le.int w0, w1, w1", "true"), ("le.int w0, w1, w2", "false"),
    ("eq.int w0, w1, w1", "true"), ("eq.int w0, w1, w2", "false"),
], "boxbool")
FLOATS = "rloadk w1, 2.5\nrloadk w2, -0.5\nrloadk w3, inf\nsub.float w3, w3, w3\nrloadi w4, 9"
raw_results("raw floats", FLOATS, [
    ("rloadk w0, 1e-300", "1e-300"), ("add.float w0, w1, w2", "2.0"), ("sub.float w0, w1, w1", "0.0"), ("mul.float w0, w1, w2", "-1.25"),
    ("div.float w0, w1, w2", "-5.0"), ("neg.float w0, w1", "-2.5"), ("float.int w0, w4", "9.0"), ("float.int w0, w4\nsqrt.float w0, w0", "3.0"),
    ("sqrt.float w0, w2\neq.float w0, w0, w0\nfloat.int w0, w0", "0.0"),
], "boxfloat")
raw_results("raw comparisons of floats", FLOATS, [
    ("lt.float w0, w2, w1", "true"), ("lt.float w0, w1, w2", "false"), ("lt.float w0, w3, w1", "false"), ("le.float w0, w1, w1", "true"),
    ("le.float w0, w3, w3", "false"), ("eq.float w0, w1, w1", "true"), ("eq.float w0, w3, w3", "false"),
], "boxbool")
jumps("raw jumps", RAW, [
    ("jlt.int w2, w1", True), ("jlt.int w1, w2", False), ("jle.int w1, w1", True), ("jle.int w1, w2", False), ("jeq.int w1, w1", True),
    ("jeq.int w1, w2", False), ("jne.int w1, w2", True), ("jne.int w1, w1", False), ("jlti.int w2, -1", True), ("jlti.int w1, 7", False),
    ("jgti.int w1, 6", True), ("jgti.int w1, 7", False), ("jeqi.int w1, 7", True), ("jeqi.int w1, 8", False), ("jnei.int w1, 8", True),
    ("jnei.int w1, 7", False),
], raw=8)
jumps("raw jumps on floats", FLOATS, [
    ("jlt.float w2, w1", True), ("jlt.float w3, w1", False), ("jle.float w1, w1", True), ("jle.float w3, w3", False), ("jnlt.float w3, w1", True),
    ("jnlt.float w2, w1", False), ("jnle.float w3, w3", True), ("jnle.float w1, w1", False), ("jeq.float w1, w1", True), ("jeq.float w3, w3", False),
    ("jne.float w3, w3", True), ("jne.float w1, w1", False),
], raw=8)
raw_results("wide raw immediates", RAW, [("addi.int w0, w1, 1000", "1007")], "boxint", wide=False)
jumps("wide raw jumps", RAW, [("jlti.int w1, 1000", True), ("jgti.int w1, -1000", True), ("jeqi.int w1, 1000", False), ("jnei.int w1, -1000", True)],
      raw=8, wide=False)
results("boxes", "loadk r1, 9223372036854775807\nloadk r2, 1e300\nloadi r3, -5\nloadk r4, 0.0\nloadtrue r5\nloadk r6, 1.5", [
    ("unboxint w0, r1\nboxint r0, w0", "9223372036854775807"), ("unboxint w0, r3\nboxint r0, w0", "-5"), ("unboxfloat w0, r2\nboxfloat r0, w0", "1e+300"),
    ("unboxfloat w0, r4\nboxfloat r0, w0", "0.0"), ("unboxfloat w0, r6\nboxfloat r0, w0", "1.5"), ("unboxbool w0, r5\nboxbool r0, w0", "true"),
    ("unboxbool w0, r5\nrloadi w1, 0\nand.int w0, w0, w1\nboxbool r0, w0", "false"),
], raw=8)
for kind in ("int", "float", "bool"):
    raises(f"unbox{kind} of None", "loadnone r1", f"unbox{kind} w0, r1", "TypeError", raw=8)
for line in ("add.int w0, w3, w1", "sub.int w0, w5, w1", "mul.int w0, w3, w1", "addi.int w0, w3, 1", "neg.int w0, w5"):
    raises(f"{line.split()[0]} overflow", f"{RAW}\nrloadk w5, -9223372036854775808", line, "OverflowError: the result does not fit an int", raw=8)
for op in ("shl.int", "shr.int"):
    raises(f"{op} too far", RAW, f"{op} w0, w1, w2", "ValueError: shift count -2 is not in 0..63", raw=8)
raises("div.int overflow", "rloadk w1, -9223372036854775808\nrloadi w2, -1", "div.int w0, w1, w2", "OverflowError: the result does not fit an int", raw=8)
raises("div.int by zero", RAW, "div.int w0, w1, w4", "DivisionByZeroError: division by zero", raw=8)
raises("mod.int by zero", RAW, "mod.int w0, w1, w4", "DivisionByZeroError: division by zero", raw=8)
raw_results("mod.int of the extremes", "rloadk w1, -9223372036854775808\nrloadi w2, -1", [("mod.int w0, w1, w2", "0")], "boxint")

SQUARE = """
    .function 1 "square" params 1 registers 10 raw 3
        unboxint w0, r0
        mul.int w2, w0, w0
        rmove w1, w2
        boxint r1, w1
        ret r1
    """
case("callraw", """
    rloadi w0, 100
    rloadi w7, 7
    closure r1, fun 1
    boxint r3, w7
    callraw r1, 1, 8
    unboxint w1, r1
    add.int w1, w1, w0
    boxint r0, w1
    say r0
    boxint r0, w7
    say r0
    """, "149|7", raw=8, rest=SQUARE, wide=False)
case("callraw of a function that raises", """
    .try A..B -> CAUGHT, r5
    rloadi w0, 100
    A:
    closure r1, fun 1
    loadk r3, 9223372036854775807
    callraw r1, 1, 200
    B:
    retnone
    CAUGHT:
    getfield r0, r5, "message"
    say r0
    boxint r0, w0
    say r0
    """, "the result does not fit an int|100", raw=8, rest=SQUARE, wide=False)
case("calltypedraw", """
    rloadi w0, 100
    closure r1, fun 1
    loadi r3, 7
    calltypedraw r1, 1, 8, type function<int, int>, TRUSTED
    say r1
    TRUSTED:
    say r1
    boxint r0, w0
    say r0
    """, "49|100", raw=8, rest=SQUARE.replace(" raw 3", " raw 3\n.signature type function<int, int>"), wide=False)
case("callraw, deep", """
    closure r1, fun 1
    loadi r3, 400
    callraw r1, 1, 1
    say r1
    """, "80200", raw=1, wide=False, rest="""
    .function 1 "sum" params 1 registers 10 raw 100
        unboxint w99, r0
        jlei r0, 0, END
        closure r1, fun 1
        subi r3, r0, 1
        callraw r1, 1, 150
        unboxint w98, r1
        add.int w97, w98, w99
        boxint r1, w97
        ret r1
        END:
        ret r0
    """)

# --- operators that are methods ---

BINARY = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}
OPERATORS = '.class 0 "V"\n.fields x\n' + "".join(
    f'.method "{symbol}" fun {i}\n' for i, symbol in enumerate([*BINARY.values(), "-()", "<", "<=", "==", "[]", "[]=", "to_string"], 1))


def operator(number, name, params, code):
    """A method of the class, number `number` of the program's functions; its raw registers must not disturb the caller's."""
    return f'.function {number} "{name}" params {params} registers 10 raw 5\nrloadi w0, -1\nrloadi w4, -1\n{code}\n'


def field_of(register):
    """Code that replaces an instance by its field, and leaves other values."""
    return f"jisnt {register}, type class 0, L{register}\ngetslot {register}, {register}, 0\nL{register}:\n"


METHODS = "".join(
    operator(i, op, 2, field_of("r0") + field_of("r1") + f"{op} r2, r0, r1\nconstruct r3, r2, type class 0\nret r3") for i, op in enumerate(BINARY, 1))
METHODS += operator(6, "-()", 1, "getslot r1, r0, 0\nneg r1, r1\nconstruct r1, r1, type class 0\nret r1")
METHODS += "".join(operator(i, op, 2, field_of("r0") + field_of("r1") + f"{op} r2, r0, r1\nret r2") for i, op in ((7, "lt"), (8, "le"), (9, "eq")))
METHODS += operator(10, "get", 2, "getslot r2, r0, 0\nadd r2, r2, r1\nret r2")
METHODS += operator(11, "set", 3, "add r2, r1, r2\nsetslot r0, r2, 0\nret r2")
METHODS += operator(12, "to_string", 1, 'getslot r1, r0, 0\nloadk r2, "V"\nadd r2, r2, r1\nret r2')
TWO = "loadi r3, 7\nconstruct r1, r3, type class 0\nloadi r3, 2\nconstruct r2, r3, type class 0\nloadi r3, 100\nloadi r8, 88"
FIELD = "\ngetslot r0, r0, 0"
results("operators", TWO, [
    ("add r0, r1, r2" + FIELD, "9"), ("sub r0, r1, r2" + FIELD, "5"), ("mul r0, r1, r2" + FIELD, "14"), ("div r0, r1, r2" + FIELD, "3"),
    ("mod r0, r1, r2" + FIELD, "1"), ("neg r0, r1" + FIELD, "-7"), ("addi r0, r1, 3" + FIELD, "10"), ("subi r0, r1, 3" + FIELD, "4"),
    ("muli r0, r1, 3" + FIELD, "21"), ("divi r0, r1, 3" + FIELD, "2"), ("modi r0, r1, 3" + FIELD, "1"), ("addk r0, r1, 0.5" + FIELD, "7.5"),
    ("subk r0, r1, 0.5" + FIELD, "6.5"), ("mulk r0, r1, 0.5" + FIELD, "3.5"), ("divk r0, r1, 2.0" + FIELD, "3.5"), ("add r1, r1, r1\ngetslot r0, r1, 0", "14"),
    ("getindex r0, r1, r3", "114"), ("setindex r1, r3, r8\ngetslot r0, r1, 0", "188"), ("tostring r0, r1", "V188"), ("move r0, r8", "88"),
], before=OPERATORS, rest=METHODS)
results("operators that compare", TWO, [
    ("lt r0, r2, r1", "true"), ("lt r0, r1, r2", "false"), ("le r0, r1, r1", "true"), ("le r0, r1, r3", "true"), ("eq r0, r1, r1", "true"),
    ("eq r0, r1, r2", "false"), ("ne r0, r1, r2", "true"), ("ne r0, r1, r1", "false"), ("move r0, r8", "88"),
], before=OPERATORS, rest=METHODS)
jumps("operators that jump", TWO, [
    ("jlt r2, r1", True), ("jlt r1, r2", False), ("jle r1, r1", True), ("jle r1, r2", False), ("jnlt r1, r2", True), ("jnlt r2, r1", False),
    ("jnle r1, r2", True), ("jnle r2, r1", False), ("jeq r1, r1", True), ("jeq r1, r2", False), ("jne r1, r2", True), ("jne r1, r1", False),
    ("jlti r1, 8", True), ("jlti r1, 7", False), ("jlei r1, 7", True), ("jlei r1, 6", False), ("jnlti r1, 7", True), ("jnlti r1, 8", False),
    ("jnlei r1, 6", True), ("jnlei r1, 7", False),
], before=OPERATORS, rest=METHODS)
results("operators leave raw registers alone", TWO + "\nrloadi w0, 11\nrloadi w7, 22", [
    ("add r0, r1, r2\nboxint r0, w0", "11"), ("lt r0, r1, r2\nboxint r0, w7", "22"), ("setindex r1, r3, r8\nboxint r0, w0", "11"),
], raw=8, before=OPERATORS, rest=METHODS)
raises("an operator that the class has not", "object r1, type class 0", "add r0, r1, r1", "TypeError: C does not support +", before='.class 0 "C"')
raises("a comparison that gives no bool", "object r1, type class 0", "lt r0, r1, r1", "TypeError: a comparison must give a bool, not int",
       before='.class 0 "C"\n.method "<" fun 1', rest='.function 1 "lt" params 2 registers 10\nloadi r0, 1\nret r0')
raises("an operator of too many parameters", "object r1, type class 0", "add r0, r1, r1", "ArgumentError: + takes 2 arguments, not 1",
       before='.class 0 "C"\n.method "+" fun 1', rest='.function 1 "+" params 3 registers 10\nret r0')
case("an operator that raises", """
    .try A..B -> CAUGHT, r5
    object r1, type class 0
    rloadi w3, 33
    loadi r2, 5
    A:
    jlt r1, r2, B
    B:
    say "not here"
    CAUGHT:
    say r5
    boxint r0, w3
    say r0
    say r2
    """, "thrown|33|5", raw=8, before='.class 0 "C"\n.method "<" fun 1', rest='.function 1 "lt" params 2 registers 10 raw 9\nrloadi w3, 0\nloadk r2, "thrown"\nthrow r2')
case("operators in operators", "loadi r3, 50\nconstruct r1, r3, type class 0\nadd r0, r1, r1\nsay r0", "0", before='.class 0 "C"\n.fields n\n.method "+" fun 1',
     rest="""
    .function 1 "+" params 2 registers 10
        getslot r2, r0, 0
        jlei r2, 0, END
        subi r2, r2, 1
        construct r3, r2, type class 0
        add r4, r3, r3
        ret r4
        END:
        ret r2
    """)

# --- errors that leave frames ---

THROWER = """
    .function 1 "middle" params 1 registers 10
        closure r1, fun 2
        move r3, r0
        call r1, 1
        ret r1
    .function 2 "inner" params 1 registers 10
        jnei r0, 0, END
        loadi r1, 1
        loadi r2, 2
        list r1, r1, 2
        throw r1
        END:
        ret r0
    """
case("an error through frames", """
    .try A..B -> CAUGHT, r7
    closure r8, fun 1
    A:
    move r1, r8
    loadi r3, 1
    call r1, 1
    say r1
    move r1, r8
    loadi r3, 0
    call r1, 1
    B:
    say "not here"
    CAUGHT:
    say r7
    """, "1|[1, 2]", rest=THROWER)
case("the innermost handler", """
    .try A..B -> INNER, r1
    .try A..D -> OUTER, r2
    A:
    loadi r0, 1
    throw r0
    B:
    INNER:
    say r1
    addi r1, r1, 1
    throw r1
    D:
    OUTER:
    say r2
    """, "1|2")
case("a handler in the callee", 'closure r1, fun 1\ncall r1, 0\nsay r1', "caught 5", rest="""
    .function 1 "f" registers 10
    .try A..B -> CAUGHT, r3
        A:
        loadi r0, 5
        throw r0
        B:
        CAUGHT:
        loadk r4, "caught "
        add r4, r4, r3
        ret r4
    """)
case("an uncaught error through frames", "closure r1, fun 1\nloadi r3, 0\ncall r1, 1", "", "uncaught value: [1, 2]", rest=THROWER)
case("an error's message", """
    .try A..B -> CAUGHT, r1
    A:
    loadnone r0
    add r0, r0, r0
    B:
    CAUGHT:
    getfield r2, r1, "message"
    say r2
    is r2, r1, type error
    say r2
    """, "None and None do not support +|true")
case("recursion", "closure r1, fun 1\nloadi r3, 300\ncall r1, 1\nsay r1", "45150", rest="""
    .function 1 "sum" params 1 registers 10
        jlei r0, 0, END
        closure r1, fun 1
        subi r3, r0, 1
        call r1, 1
        list r4, r1, 1
        add r1, r1, r0
        ret r1
        END:
        ret r0
    """)
