"""The assembler and disassembler: how each thing is written, and what is not accepted."""
from array import array

import pytest

from myna.compiler.bytecode import codec, opcodes, spec
from myna.compiler.bytecode.builder import Builder
from myna.compiler.bytecode.program import BigInt, Capture, Export, Function, FunctionRef, Handler, Method, Names, Program, Type
from myna.compiler.bytecode.text import assemble, disassemble
from myna.compiler.diagnostics import CompileError

LISTING = """\
.program "fib.ms"
.starts 0 31 52
.globals print, "odd name", total

.class 0 "Shape"
.method area fun 1

.class 1 "odd name" parent 0 structural
.fields r, "two words"
.interfaces 0 7
.method "+" fun 1

.class 2 "E" parent "Error"

.class 3 "list" extends
.method map fun 1

.function 0 "main" params 0 registers 9
.try L1..L2 -> L2, r5
L1:
  @1:1    loadk r0, "a \\"b\\"\\n\\u{1b}"
          loadk r1, -3.5
          loadk r300, {host, "two words"}
          closure r1, fun 1
          getglobal r2, "odd name"
          builtin r3, list.push
          is r3, r4, type class 1?
          cast r3, r4, type int, ""
          jis r3, type float?, L2
  @2:5    getfield r1, r0, "x"
          jlti r1, -2, L1
          jumptable
L2:
          add.int w1, w2, w300
          ret r1

.function 1 params 1 registers 3 raw 2 body 4 classic
.capture cell r3
.capture value up 2
          ret r0
""".replace("          jumptable\n", "")


def one(code, head="params 0 registers 1"):
    """The only function of a program whose code is the text."""
    return assemble(f".function 0 {head}\n{code}").functions[0]


def test_listing_is_its_own_assembly():
    assert disassemble(assemble(LISTING)) == LISTING


def test_what_the_listing_says():
    program = assemble(LISTING)
    main, fib = program.functions
    assert (program.name, program.globals, list(program.files[0].line_starts)) == ("fib.ms", ["print", "odd name", "total"], [0, 31, 52])
    assert (main.name, main.nparams, main.nregs, main.nraw, main.body, main.classic) == ("main", 0, 9, 0, 0, False)
    assert main.consts == ['a "b"\n\x1b', -3.5, Names(("host", "two words")), FunctionRef(1), Type("class", 1, True), Type("int"), "", Type("float", 0, True), "x"]
    assert [(c.name, c.parent, c.fields, c.interfaces, c.structural) for c in program.classes] == [
        ("Shape", None, [], [], False), ("odd name", 0, ["r", "two words"], [0, 7], True), ("E", "Error", [], [], False), ("list", None, [], [], False)]
    assert [c.extends for c in program.classes] == [False, False, False, True]
    assert program.classes[1].methods == [Method("+", 1)]
    assert (fib.name, fib.nparams, fib.nregs, fib.nraw, fib.body, fib.classic) == (None, 1, 3, 2, 4, True)
    assert fib.captures == [Capture(False, True, 3), Capture(True, False, 2)]
    (handler,) = main.handlers
    assert (handler.start, handler.register) == (0, 5) and handler.end == handler.target
    assert main.lines[1::2] == array("I", [0, 35])


def test_same_words_as_the_builder():
    b = Builder("f", 1)
    top = b.here()
    end = b.label()
    b.jlti(0, 200, end)
    b.addi(0, 0, -1)
    b.getfield(300, 0, "x")
    b.call(0, 2)
    b.jump(top)
    b.place(end)
    b.ret(0)
    text = "L0:\njlti r0, 200, L1\naddi r0, r0, -1\ngetfield r300, r0, \"x\"\ncall r0, 2\njump L0\nL1: \nret r0"
    made = one(text)
    assert made.code == b.finish(1).code and made.consts == ["x"]


@pytest.mark.parametrize("op", opcodes.OPS[1:], ids=lambda op: op.name)
def test_every_instruction(op):
    sample = {**dict.fromkeys("drxw", "r7"), **dict.fromkeys("DS", "w7"), **dict.fromkeys("nihI", "5"), "K": "12", "N": '"x"',
              "F": "fun 0", "T": "{a}", "Y": "type class 2", "X": 'extern "m" "cos" function<float, float>', "J": "L1", "G": "g", "P": "print", "C": None}
    operands = [sample[o.kind] for o in op.operands if o.kind != "C"]
    text = f".globals g\n.function 0 params 0 registers 1\nL1:\n{op.name} {', '.join(operands)}"
    program = assemble(text)
    assert len(program.functions[0].code) == op.words and program.functions[0].code[0] & 255 == op.code
    again = disassemble(program)
    assert ".word" not in again and codec.encode(assemble(again)) == codec.encode(program)
    assert op.doc in disassemble(program, meanings=True)


@pytest.mark.parametrize("text, constant", [
    ("0", 0), ("-9223372036854775808", -2**63), ("0x10", 16), ("2.0", 2.0), ("-0.0", -0.0), ("1e+300", 1e300), ("inf", float("inf")),
    ('""', ""), ('"\\\\\\t\\"\\u{e9}é"', '\\\t"éé'), ('"\\u{dcff}"', "\udcff"), ("fun 7", FunctionRef(7)), ("{}", Names()),
    ("{a, \"\"}", Names(("a", ""))), ("bigint 0x0", BigInt(0)),
    ('export "f" fun 2 function<int, none> "Of\\n\\"it\\"." {x, "a b"}', Export("f", 2, Type("function", args=(Type("int"), Type("none"))), ("x", "a b"), 'Of\n"it".')),
    ("bigint -0xF" + "0" * 999, BigInt(-0xF << 4 * 999))])
def test_constants(text, constant):
    (value,) = one(f"loadk r0, {text}").consts
    assert value == constant and value.__class__ is constant.__class__ and repr(value) == repr(constant)


def test_constant_of_any_kind_anywhere():
    assert one("getfield r0, r0, 12\nclosure r0, \"x\"\nrecord r0, r0, fun 3").consts == [12, "x", FunctionRef(3)]


def test_unused_and_repeated_constants():
    text = ".const 1\n.const 1\n.const 2\nloadk r0, #1\nloadk r0, 2\nloadk r0, #9\nloadk r0, 3"
    f = one(text)
    assert f.consts == [1, 1, 2, 3] and f.code[1::2] == array("I", [1, 2, 9, 3])


def test_words_that_are_no_instructions():
    code = array("I", [0xFF, 0, opcodes.BY_NAME["move"].code | 0xFF000000, opcodes.BY_NAME["jump"].code])
    program = Program("x")
    f = Function(None)
    f.code = code
    program.functions.append(f)
    text = disassemble(program)
    assert text.count(".word") == 4 and assemble(text).functions[0].code == code


def test_jumps_into_an_instruction_and_out_of_the_code():
    f = one("jump +1\nloadk r0, 1\njump -70000\njump +5")
    assert [f.code[1], f.code[5], f.code[7]] == [1, 2**32 - 70000, 5]
    program = Program("x")
    program.functions.append(f)
    assert "jump +1\n" in disassemble(program) and assemble(disassemble(program)).functions[0].code == f.code


def test_handlers_and_positions_anywhere():
    program = Program("x", (0, 5))
    f = Function("f")
    f.code, f.handlers, f.lines = one("loadk r0, 1").code, [Handler(1, 9, 2, 77)], array("I", [1, 3, 1, 2])
    program.functions.append(f)
    again = assemble(disassemble(program)).functions[0]
    assert (again.handlers, again.lines) == (f.handlers, f.lines)


BAD = [
    ("add r1, r2", "E0501", "expected `,`, found the end of the line"),
    ("add r1, r2, 3", "E0501", "expected a register such as `r0`, found `3`"),
    ("add r1, r2, w3", "E0501", "expected a register such as `r0`, found `w3`"),
    ("add.int r1, w2, w3", "E0501", "expected a raw register such as `w0`, found `r1`"),
    ("add r1, r2, r70000", "E0505", "between 0 and 65535"),
    ("add r1, r2, r3 r4", "E0501", "expected the end of the line, found `r4`"),
    ("fly r1", "E0502", "no instruction or directive `fly`"),
    (".fly", "E0502", "no instruction or directive `.fly`"),
    ("wide 1, 2, 3", "E0502", "no instruction"),
    ("jump L9", "E0504", "the label `L9` stands nowhere"),
    ("L1:\nL1:", "E0504", "stands in two places"),
    (".try A..B -> C, r1", "E0504", "stands nowhere"),
    ("loadi r1, 40000", "E0505", "`i` must lie between -32768 and 32767"),
    ("loadk r1, 9223372036854775808", "E0505", "a constant must lie between"),
    ("loadk r1, " + "9" * 5000, "E0505", "a constant must lie between"),
    ("loadk r1, x", "E0501", "expected a constant"),
    ('loadk r1, "\\q"', "E0501", "unknown escape"),
    ('loadk r1, "\\u{d800}"', "E0501", "a character that does not exist"),
    ('loadk r1, "abc', "E0501", "expected a constant"),
    ("getglobal r1, nothing", "E0503", "there is no global `nothing`"),
    ("builtin r1, nothing", "E0503", "there is no primitive `nothing`"),
    (".word", "E0501", "expected a word, found the end of the line"),
    (".word -1", "E0505", "a word must lie between 0 and 4294967295"),
    ("@7:1 ret r0", "E0505", "the source has no line 7"),
    (".function 5 params 0", "E0501", "each function stands in order: this one is function 1"),
    (".class 5", "E0501", "each class stands in order: this one is class 0"),
    (".fields a", "E0501", "this must stand after a class"),
    ("is r0, r1, type wrong", "E0503", "there is no kind of type `wrong`"),
    (".function 1 colour 3", "E0501", "unknown property `colour`"),
    (".capture cell up 70000", "E0505", "between 0 and 65535"),
    (".const #1", "E0501", "expected a constant's value"),
    ("3", "E0501", "expected an instruction, a directive or a label, found `3`"),
]


@pytest.mark.parametrize("text, code, message", BAD, ids=[row[0][:20] for row in BAD])
def test_bad_text(text, code, message):
    with pytest.raises(CompileError) as caught:
        one(text)
    (found,) = caught.value.diagnostics
    assert found.code == code and message in found.message and found.source.position(found.pos)[0] >= 2


def test_instruction_outside_a_function():
    with pytest.raises(CompileError) as caught:
        assemble("ret r0")
    assert "inside a function" in str(caught.value)


def test_page_of_the_specification():
    page = spec.page()
    assert "| `jgti` | `r:a i:i J:to` | gc jump throw | jump if R[a] > i |" in page
    assert "| 1 | `input` | 0 | classic Myna |" in page
    assert "### Calls" in page and page.count("\n### ") == len(spec.TITLES)
    for op in opcodes.OPS:
        assert f"| {op.code} | `{op.name}` |" in page
