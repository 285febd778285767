"""Classic stack bytecode: hand-checked translations (tests/golden/mitbc), and what is rejected, with the place.

`MYNA_UPDATE_GOLDEN=1` writes the golden files anew: read the difference before you keep it.
"""
import os
import re
from pathlib import Path

import pytest

from myna.compiler.bytecode import codec
from myna.compiler.bytecode.text import disassemble
from myna.compiler.classic.mitbc import MAX_VARIANTS, translate
from myna.compiler.diagnostics import CompileError
from myna.compiler.source import Source

GOLDEN = Path(__file__).parent.parent / "golden" / "mitbc"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.mitbc")), ids=lambda p: p.stem)
def test_golden(path):
    text = disassemble(translate(Source(path.name, path.read_text())))
    expected = path.with_suffix(".txt")
    if os.environ.get("MYNA_UPDATE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()


def function(code="", functions="", constants="", params=0, local_vars="", refs="", free="", names="", labels=""):
    """The text of a function."""
    return (f"function {{ functions = [{functions}], constants = [{constants}], parameter_count = {params}, "
            f"local_vars = [{local_vars}], local_ref_vars = [{refs}], free_vars = [{free}], names = [{names}], "
            f"labels = {{{labels}}}, instructions = [\n{code} ] }}")


def errors(text):
    """(code, line, marked text, message) of each error in a text."""
    with pytest.raises(CompileError) as caught:
        translate(Source("t.mitbc", text))
    return [(d.code, d.source.position(d.pos)[0], d.source.text[d.pos:d.end], d.message) for d in caught.value.diagnostics]


def code(text, **fields):
    """The code of main after translation, without the listing's head."""
    lines = disassemble(translate(Source("t.mitbc", function(text, **fields)))).split("\n.function 0")[1].split("\n\n")[0]
    return [re.sub(r"^ *(@\S+)? *", "", line) for line in lines.splitlines()[1:]]


BAD_CODE = [
    # what is wrong, code of main, fields, diagnostic code, marked text, part of the message
    ("underflow", "add", {}, "E0524", "add", "needs 2 operands, but the operand stack holds 0"),
    ("underflow of call", "load_const 0\ncall 1", {"constants": "1"}, "E0524", "call", "needs 2 operands"),
    ("underflow of closure", "alloc_closure 0", {}, "E0524", "alloc_closure", "needs 1 operand,"),
    ("underflow of dup", "dup", {}, "E0524", "dup", "needs 1 operand"),
    ("underflow of swap", "load_const 0 swap", {"constants": "1"}, "E0524", "swap", "needs 2 operands"),
    ("underflow of pop", "pop", {}, "E0524", "pop", "needs 1 operand"),
    ("constant", "load_const 2", {"constants": "1, 2"}, "E0522", "load_const", "there is no constant 2, only 2"),
    ("function index", "load_func 0", {}, "E0522", "load_func", "no function 0"),
    ("local", "load_local 1", {"local_vars": "x"}, "E0522", "load_local", "no local 1"),
    ("store to a local", "alloc_record store_local 9", {}, "E0522", "store_local", "no local 9"),
    ("global name", "load_global 0", {}, "E0522", "load_global", "no name 0"),
    ("field name", "alloc_record field_load 3", {"names": "a"}, "E0522", "field_load", "no name 3"),
    ("reference", "push_ref 1", {"local_vars": "x", "refs": "x"}, "E0522", "push_ref", "no reference 1"),
    ("index in code that is never reached", "alloc_record return\nload_const 7", {}, "E0522", "load_const", "no constant 7"),
    ("unknown label", "goto 3", {}, "E0523", "goto", "label 3 stands nowhere"),
    ("label twice", "label 1\nlabel 1", {}, "E0523", "label", "label 1 stands in two places"),
    ("declared label elsewhere", "label 0", {"labels": "0 : 1"}, "E0523", "0", "the instruction at index 1 is not `label 0`"),
    ("unbalanced join", "load_const 0 if 0\nload_const 0\nlabel 0", {"constants": "true"}, "E0524", "load_const", "joins with 1 operands"),
    ("unbalanced loop", "label 0\nload_const 0\nload_const 0 if 0", {"constants": "true"}, "E0524", "if", "code joins with 1 operands"),
    ("join of references", "push_ref 0 load_const 0 if 0\npop push_ref 1\nlabel 0\npop",
     {"constants": "true", "local_vars": "x, y", "refs": "x, y"}, "E0524", "push_ref", "a reference 1 here, a reference 0"),
    ("reference for a value", "push_ref 0\nneg", {"local_vars": "x", "refs": "x"}, "E0525", "neg",
     "needs a value, but finds a reference (pushed by `push_ref`)"),
    ("value for a reference", "alloc_record\nload_ref", {}, "E0525", "load_ref", "needs a reference, but finds a value"),
    ("store through a value", "alloc_record alloc_record\nstore_ref", {}, "E0525", "store_ref", "needs a reference"),
    ("closure of a value", "alloc_record\nalloc_closure 0", {}, "E0525", "alloc_closure", "needs a function, but finds a value"),
    ("function as a value", "load_func 0\nstore_global 0", {"functions": function("alloc_record return"), "names": "f"},
     "E0525", "store_global", "needs a value, but finds a function"),
    ("captured value", "load_func 0 alloc_record\nalloc_closure 1", {"functions": function("alloc_record return", free="x")},
     "E0525", "alloc_closure", "needs a reference, but finds a value"),
    ("missing captures", "load_func 0\nalloc_closure 0", {"functions": function("alloc_record return", free="x")},
     "E0525", "alloc_closure", "the function has 1 free_vars"),
    ("returned reference", "push_ref 0\nreturn", {"local_vars": "x", "refs": "x"}, "E0525", "return", "needs a value"),
    ("argument that is a reference", "alloc_record push_ref 0\ncall 1", {"local_vars": "x", "refs": "x"}, "E0525", "call", "needs a value"),
    ("inner function without return", "", {"functions": function("\nlabel 0")}, "E0526", "label", "without `return`"),
    ("empty function", "", {"functions": ", ".join([function()] * 4)}, "E0526", "f", "without instructions"),
    ("empty function not in main", "", {"functions": function("alloc_record return", functions=function())}, "E0526", "f", "without instr"),
    ("too many parameters", "", {"functions": function("alloc_record return", params=2, local_vars="x")}, "E0522", "f", "2 parameters"),
    ("parameters of main", "", {"params": 1, "local_vars": "x"}, "E0521", "f", "the main function has no parameters"),
]


@pytest.mark.parametrize("text, fields, want, mark, message", [row[1:] for row in BAD_CODE], ids=[row[0] for row in BAD_CODE])
def test_bad_code(text, fields, want, mark, message):
    source = function(text, **fields)
    (found,) = errors(source)
    assert (found[0], found[2]) == (want, mark) and message in found[3]
    if "\n" in text:
        assert found[1] > 1


BAD_TEXT = [
    ("", "expected `function`, found the end of the file"),
    ("function {", "expected `functions`"),
    (function() + "x", "expected the end of the file, found `x`"),
    (function("fly 3"), "there is no instruction `fly`"),
    (function("load_const"), "expected the number of a constant, found `]`"),
    (function("load_const -1"), "the number of a constant cannot be -1"),
    (function("load_const 99999999999999999999"), "the number of a constant cannot be 99999999999999999999"),
    (function("add 3"), "expected an instruction or `]`, found `3`"),
    (function(constants="x"), "expected a constant, found `x`"),
    (function(constants="1 2"), "expected `,` or `]`, found `2`"),
    (function(constants="1,"), "expected a constant, found `]`"),
    (function(constants="2147483649"), "an integer constant must have 32 bits"),
    (function(constants="-2147483649"), "an integer constant must have 32 bits"),
    (function(constants="1" + "0" * 5000), "an integer constant must have 32 bits"),
    (function(constants='"a\\q"'), "unknown escape `\\q` in a string"),
    (function(constants='"a'), "a string that has no end"),
    (function(local_vars="1"), "expected a name, found `1`"),
    (function(labels="0 : 1, 1 : 2"), "expected `;` or `}`, found `,`"),
    (function(functions="1"), "expected `function`, found `1`"),
    (function(functions=function("alloc_record return") + " " + function()), "expected `,` or `]`, found `function`"),
    (function().replace("local_ref_vars", "free_vars"), "expected `local_ref_vars`, found `free_vars`"),
    (function() + "\0", "expected the end of the file"),
]


@pytest.mark.parametrize("text, message", BAD_TEXT)
def test_bad_text(text, message):
    ((found_code, _, _, found),) = errors(text)
    assert found_code in ("E0521", "E0522") and message in found


def test_errors_of_several_functions_come_together():
    inner = ", ".join(function(f"\nload_const {i} return") for i in range(40))
    found = errors(function("load_local 0", functions=inner))
    assert len(found) == 20
    assert [line for _, line, _, _ in found] == sorted(line for _, line, _, _ in found)


def test_what_readers_accept():
    text = ("// a comment\nfunction{functions=[],constants=[ -5 , \"a\\n\\t\\\\\\\"\nb\" , None],parameter_count=0,local_vars=[],local_ref_vars=[],"
            "free_vars=[],names=[],labels={0:0;1:1;},instructions=[label 0, label 1,\nload_const 1 // text\n,return],}// end")
    program = translate(Source("t", text))
    assert program.functions[0].consts == ['a\n\t\\"\nb']


def test_primitives_are_empty_functions_of_main():
    three = ", ".join([function()] * 3)
    assert code("load_func 1 alloc_closure 0 return", functions=three) == ["builtin r0, input", "ret r0"]


def test_capture_of_a_variable_that_is_no_local():
    assert code("push_ref 0 load_ref return", refs="ghost") == ["loadnone r0", "newcell r0, r0", "getcell r1, r0", "ret r1"]


def test_unreached_code_gives_nothing():
    assert code("goto 0 load_const 0 store_local 0 label 0", constants="1", local_vars="x") == ["loadnone r0", "retnone"]


def test_loop_markers_do_nothing():
    assert code("startwhile endwhile") == ["retnone"]


def test_many_lists_of_captures_of_one_function():
    names = ", ".join(f"v{i}" for i in range(MAX_VARIANTS + 1))
    text = "\n".join(f"load_func 0 push_ref {i} alloc_closure 1 pop" for i in range(MAX_VARIANTS + 1))
    inner = function("alloc_record return", free="x")
    ((found, _, _, message),) = errors(function(text, functions=inner, local_vars=names, refs=names))
    assert found == "E0527" and "different lists" in message


def test_too_many_operands():
    deep = "load_local 0 neg " * 70000 + "pop " * 70000
    ((found, _, _, message),) = errors(function(deep, local_vars="x"))
    assert found == "E0527" and "registers" in message
    joined = "alloc_record " * 300 + "label 0 load_const 0 if 0"
    assert errors(function(joined, constants="true"))[0][0] == "E0527"


def test_wide_window():
    """More than 250 operands below a call."""
    many = "alloc_record " * 300 + "load_global 0 load_const 0 call 1 return"
    assert code(many, names="f", constants="1")[-4:] == ["getglobal r300, f", "loadi r302, 1", "call r300, 1", "ret r300"]


def test_deep_nesting():
    text = function("alloc_record return")
    head, tail = function("load_func 0 alloc_closure 0 return", functions="@").split("@")
    depth = 10000
    program = translate(Source("deep", head * depth + text + tail * depth))
    assert len(program.functions) == depth + 1
    assert len({f.body for f in program.functions}) == depth + 1


def test_long_code():
    step = "load_local 0 load_const 0 add store_local 0 label {0} load_local 0 load_const 0 gt not if {0}\n"
    program = translate(Source("long", function("".join(step.format(i) for i in range(3000)), constants="1", local_vars="x")))
    assert codec.decode(codec.encode(program)).functions[0].code == program.functions[0].code


def test_positions():
    source = Source("t", function("load_global 0\nload_const 0 neg\nneg call 1", names="f", constants="true"))
    offsets = translate(source).functions[0].lines[1::2]
    assert [source.text[at:].split()[0] for at in offsets] == ["load_global", "neg", "neg", "call"]
