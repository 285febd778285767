"""The machine's verifier and loader: each of their rules broken once at least, and what lies just inside the rules.

Programs are written by hand, since the compiler emits nothing that is rejected.
"""
import struct

import pytest

from engines.machine import body, encode, reason, run
from myna.compiler.bytecode import codec, opcodes
from myna.compiler.bytecode.opcodes import BY_NAME, MAX_NARROW, OPS
from myna.compiler.bytecode.program import KINDS, FunctionRef, Names, Type
from myna.compiler.bytecode.text import assemble

CALLEE = '.function 1 "callee" params 1 registers 1\nret r0'
CALLEE0 = '.function 1 "callee" registers 1\nretnone'
CAPTURING = '.function 1 "inner" registers 1\n.capture cell r0\ngetupcell r0, 0\nret r0'


def word(name, a=0, b=0, c=0):
    """An instruction word as the text form's `.word`."""
    return f".word {BY_NAME[name].code | a << 8 | b << 16 | c << 24}"


def main(code, registers=8, raw=0, rest="", before=""):
    """A program whose main function has raw registers too."""
    return body(code, registers, rest, before).replace(f"registers {registers}\n", f"registers {registers} raw {raw}\n", 1)


REJECTED = {
    # registers
    "register read": (main("move r0, r8\nretnone"), "move: tagged register 8 of 8"),
    "register written": (main("loadnone r8\nretnone"), "loadnone: tagged register 8 of 8"),
    "wide register": (main("move r0, r300\nretnone"), "move: tagged register 300 of 8"),
    "register of none": (main("loadnone r0\nretnone", 0), "loadnone: tagged register 0 of 0"),
    "raw register written": (main("rloadi w2, 1\nretnone", raw=2), "rloadi: raw register 2 of 2"),
    "raw register read": (main("boxint r0, w0\nretnone"), "boxint: raw register 0 of 0"),
    "raw and tagged are told apart": (main("unboxint w0, r2\nretnone", 2, 1), "unboxint: tagged register 2 of 2"),
    "fillnone": (main("fillnone r4, 5\nretnone"), "fillnone: registers 4..8 of 8"),
    "loop over pairs": (main("iterpair r5, +0\nretnone"), "iterpair: registers 5..8 of 8"),
    "untuple": (main("untuple r6, r0, 3, +0\nretnone"), "untuple: registers 6..8 of 8"),
    "loop": (main("forloop r6, +0\nretnone"), "forloop: registers 6..8 of 8"),
    "loop's entry": (main("forprep r6, +0\nretnone"), "forprep: registers 6..8 of 8"),
    "inclusive loop's entry": (main("forprepi r7, +0\nretnone"), "forprepi: registers 7..9 of 8"),
    "iteration": (main("iternext r6, +0\nretnone"), "iternext: registers 6..8 of 8"),
    "record": (main("record r0, r7, {a, b}\nretnone"), "record: registers 7..8 of 8"),
    "list": (main("list r0, r7, 2\nretnone"), "list: registers 7..8 of 8"),
    "tuple": (main("tuple r0, r5, 4\nretnone"), "tuple: registers 5..8 of 8"),
    "map": (main("map r0, r5, 2\nretnone"), "map: registers 5..8 of 8"),
    "largest map": (main("map r0, r5, 65535\nretnone"), "map: registers 5..131074 of 8"),
    "primitive's arguments": (main("prim r0, r7, format\nretnone"), "prim: registers 7..8 of 8"),
    # windows of calls
    "call": (main("call r6, 1\nretnone"), "call: registers 6..8 of 8"),
    "call without arguments": (main("call r7, 0\nretnone"), "call: registers 7..8 of 8"),
    "call of many": (main("call r0, 65535\nretnone"), "call: registers 0..65536 of 8"),
    "invoke": (main('invoke r6, 0, 0, "m"\nretnone'), "invoke: registers 6..8 of 8"),
    "callraw": (main("callraw r6, 1, 0\nretnone"), "callraw: registers 6..8 of 8"),
    "callraw into our raw registers": (main("callraw r0, 0, 2\nretnone", raw=3), "callraw: the callee's raw registers begin at 2, ours are 3"),
    "callraw past all raw registers": (main("callraw r0, 0, 253\nretnone"), "callraw: the callee's raw registers begin at 253, ours are 0"),
    "callknown with a wrong count": (main("callknown r0, 0, 0, fun 1\nretnone", rest=CALLEE), "callknown: not a function of 0 parameters without captures"),
    "callknown of a closure": (main("callknown r0, 0, 0, fun 1\nretnone", rest=CAPTURING), "callknown: not a function of 0 parameters without captures"),
    "callknown into our raw registers": (main("callknown r0, 0, 0, fun 1\nretnone", raw=1, rest=CALLEE0), "callknown: the callee's raw registers begin at 0, ours are 1"),
    "callknown of many": (main("callknown r7, 0, 0, fun 1\nretnone", rest=CALLEE0), "callknown: registers 7..8 of 8"),
    "invokevirtual of many": (main('invokevirtual r6, 0, 0, type class 0, "m"\nretnone', rest='.class 0 "C"\n.method m fun 1\n' + CALLEE), "invokevirtual: registers 6..8 of 8"),
    "invokevirtual without a class": (main('invokevirtual r0, 0, 0, type int, "m"\nretnone'), "invokevirtual: the class has no method of this name"),
    "calltyped with a wrong count": (main("calltyped r0, 0, type function<int, int>, OUT\nOUT:\nretnone"), "calltyped: not the type of a function of 0 parameters"),
    "calltyped with no function type": (main("calltyped r0, 0, type int, OUT\nOUT:\nretnone"), "calltyped: not the type of a function of 0 parameters"),
    "calltyped of many": (main("calltyped r7, 0, type function<int>, OUT\nOUT:\nretnone"), "calltyped: registers 7..8 of 8"),
    "calltyped with raw registers": (main("calltyped r0, 0, type function<int>, OUT\nOUT:\nretnone", raw=1), "a function with raw registers calls with calltypedraw"),
    "calltypedraw into our raw registers": (main("calltypedraw r0, 0, 2, type function<int>, OUT\nOUT:\nretnone", raw=3), "calltypedraw: the callee's raw registers begin at 2, ours are 3"),
    "invokeknown": (main('invokeknown r6, 0, 0, "m"\nretnone'), "invokeknown: registers 6..8 of 8"),
    "checks into an instruction": (body("retnone", rest='.function 1 "f" registers 1 checks 1\nloadk r0, 1\nretnone'), "the checks of arguments end at 1"),
    "checks past the end": (body("retnone", rest='.function 1 "f" registers 1 checks 9\nretnone'), "the checks of arguments end at 9"),
    "call with raw registers": (main("call r0, 0\nretnone", raw=1), "a function with raw registers calls with callraw"),
    "invoke with raw registers": (main('invoke r0, 0, 0, "m"\nretnone', raw=1), "invoke: the callee's raw registers begin at 0, ours are 1"),
    "narrow call too high": (main(f"{word('call', 253)}\nretnone", 400), "call needs its wide form"),
    "narrow call with too many": (main(f"{word('call', 0, 253)}\nretnone", 400), "call needs its wide form"),
    "narrow callraw too high": (main(f"{word('callraw', 255)}\nretnone", 400), "callraw needs its wide form"),
    "narrow invoke too high": (main(f"{word('invoke', 253)}\n.word 0\n.word 0\n.const \"m\"\nretnone", 400), "invoke needs its wide form"),
    # instructions
    "no code": (main(""), "no code"),
    "halt": (main(word("halt")), f"no such instruction: {BY_NAME['halt'].code}"),
    "unknown instruction": (main(f".word {len(OPS)}\nretnone"), f"no such instruction: {len(OPS)}"),
    "last opcode": (main(".word 0xff\nretnone"), "no such instruction: 255"),
    "wide at the end": (main("retnone\n.word 0"), "a wide prefix at the end"),
    "wide twice": (main(".word 0\n.word 0\nretnone"), "no such instruction: 0"),
    "wide jump": (main(f".word 0\n{word('jump')}\n.word 0\nretnone"), "jump has no wide form"),
    "wide return of None": (main(f".word 0\n{word('retnone')}"), "retnone has no wide form"),
    "cut off": (main(f"retnone\n{word('loadk')}"), "loadk runs over the end of the code"),
    "cut off after wide": (main(f"retnone\n.word 0\n{word('getfield')}\n.word 0"), "getfield runs over the end of the code"),
    "runs off the end": (main("loadnone r0"), "the code runs off its end"),
    "jump at the end": (main("L: loadnone r0\njtrue r0, L".replace("L: ", "L:\n")), "the code runs off its end"),
    "call at the end": (main("call r0, 0"), "the code runs off its end"),
    # jumps
    "jump past the end": (main("jump +1\nretnone"), "jump: jump to 3"),
    "jump before the start": (main("jump -3\nretnone"), "jump: jump to -1"),
    "jump into an instruction": (main("jump +1\nloadk r0, 1\nretnone"), "jump: jump to 3"),
    "jump behind a wide prefix": (main("jump +1\nmove r300, r0\nretnone", 400), "jump: jump to 3"),
    "jump to itself's operand": (main("jump -1\nretnone"), "jump: jump to 1"),
    "conditional jump": (main("jnone r0, +9\nretnone"), "jnone: jump to 11"),
    "raw jump": (main("jlt.int w0, w0, +9\nretnone", raw=1), "jlt.int: jump to 11"),
    "farthest jump": (main(f"jump {2**31 - 1}\nretnone"), f"jump: jump to {2**31 + 1}"),
    "farthest jump back": (main(f"jump {-2**31}\nretnone"), f"jump: jump to {2 - 2**31}"),
    "loop's jump": (main("forloop r0, +1\nretnone"), "forloop: jump to 3"),
    "type test's jump": (main("jis r0, type int, +4\nretnone"), "jis: jump to 7"),
    # constants
    "no constant": (main("loadk r0, #0\nretnone"), "loadk: constant 0 of 0"),
    "constant past the end": (main(".const 1\nloadk r0, #1\nretnone"), "loadk: constant 1 of 1"),
    "function as a value": (main(".const fun 0\nloadk r0, #0\nretnone"), "loadk: a constant of the wrong kind"),
    "names as a value": (main(".const {a}\nloadk r0, #0\nretnone"), "loadk: a constant of the wrong kind"),
    "type as a value": (main(".const type int\nloadk r0, #0\nretnone"), "loadk: a constant of the wrong kind"),
    "string as a number": (main('.const "s"\naddk r0, r0, #0\nretnone'), "addk: a constant of the wrong kind"),
    "string as a raw number": (main('.const "s"\nrloadk w0, #0\nretnone', raw=1), "rloadk: a constant of the wrong kind"),
    "int as a name": (main(".const 1\ngetfield r0, r0, #0\nretnone"), "getfield: a constant of the wrong kind"),
    "int as a method's name": (main(".const 1\ninvoke r0, 0, 0, #0\nretnone"), "invoke: a constant of the wrong kind"),
    "int as a variable's name": (main(".const 1\ncheckset r0, #0\nretnone"), "checkset: a constant of the wrong kind"),
    "int as a function": (main(".const 1\nclosure r0, #0\nretnone"), "closure: a constant of the wrong kind"),
    "string as names": (main('.const "s"\nrecord r0, r0, #0\nretnone'), "record: a constant of the wrong kind"),
    "string as a type": (main('.const "s"\ncast r0, r0, #0, ""\nretnone'), "cast: a constant of the wrong kind"),
    "names as a type": (main(".const {a}\njisnt r0, #0, +0\nretnone"), "jisnt: a constant of the wrong kind"),
    # types
    "instance of no class": (main("object r0, type int\nretnone"), "an instance of no class"),
    "instance of a class or None": (main("object r0, type class 0?\nretnone", before='.class 0 "C"'), "an instance of no class"),
    "fields of no class": (main("construct r0, r0, type dynamic\nretnone"), "an instance of no class"),
    "construct": (main("construct r0, r7, type class 0\nretnone", before='.class 0 "C"\n.fields x, y'), "construct: registers 7..8 of 8"),
    "construct with inherited fields": (main("construct r0, r7, type class 1\nretnone",
                                             before='.class 0 "B"\n.fields x\n.class 1 "C" parent 0\n.fields y'), "construct: registers 7..8 of 8"),
    "construct an error": (main("construct r0, r6, type class 0\nretnone", before='.class 0 "E" parent "Error"'),
                           "construct: registers 6..8 of 8"),
    "no such class": (main("is r0, r0, type class 0\nretnone"), "damaged program: a type's class"),
    "a list of two types": (main("is r0, r0, type list<int, int>\nretnone"), "damaged program: a type's parts"),
    "type arguments of no class": (main("is r0, r0, type class 0<int>\nretnone", before='.class 0 "C"'), "damaged program: a type's parts"),
    "a param outside of gettype": (main("is r0, r0, type list<param 0>\nretnone"), "is: a type with parameters"),
    "a supertype that is none": (main("retnone", before='.class 0 "C" params 1\n.class 1 "D"\n.supers class 0<int>'), "damaged program: a class's supertype"),
    "its own supertype": (main("retnone", before='.class 0 "C" params 1\n.supers class 0<list<param 0>>'), "damaged program: a class's supertype"),
    "types of too few fields": (main("retnone", before='.class 0 "C"\n.fields a, b\n.types int'), "damaged program: a class's types"),
    "a variance that is none": (main("retnone", before='.class 0 "C" variance 3'), "damaged program: a class's type parameters"),
    "class past the end": (main("is r0, r0, type class 1\nretnone", before='.class 0 "C"'), "damaged program: a type"),
    # globals and primitives
    "no global": (main("getglobal r0, #0\nretnone"), "global 0 of 0"),
    "global past the end": (main("setglobal r0, #2\nretnone", before=".globals a, b"), "global 2 of 2"),
    "no such primitive": (main("builtin r0, #9999\nretnone"), "no such primitive: 9999"),
    "no such primitive to run": (main("prim r0, r0, #4294967295\nretnone"), "no such primitive: 4294967295"),
    # captures
    "captured of none": (main("getup r0, 0\nretnone"), "capture 0 of 0"),
    "captured cell of none": (main("getupcell r0, 0\nretnone"), "capture 0 is not a cell"),
    "captured value as a cell": (body("retnone", rest='.function 1 "f" registers 1\n.capture value r0\ngetupcell r0, 0\nret r0'),
                                 "in f, word 0: capture 0 is not a cell"),
    "captured value set as a cell": (body("retnone", rest='.function 1 "f" registers 1\n.capture value r0\nsetupcell r0, 0\nret r0'),
                                     "capture 0 is not a cell"),
    "captured past the end": (body("retnone", rest='.function 1 "f" registers 1\n.capture value r0\ngetup r0, 1\nret r0'), "capture 1 of 1"),
    "capture of a register that is not there": (body("closure r0, fun 1\nretnone", 1, CAPTURING.replace("cell r0", "cell r1")),
                                                "closure: capture 0 does not exist"),
    "capture of a capture that is not there": (body("closure r0, fun 1\nretnone", 1, CAPTURING.replace(".capture cell r0", ".capture cell up 0")),
                                               "closure: capture 0 does not exist"),
    "capture of the wrong kind": (body("retnone", 1, '.function 1 "f" registers 1\n.capture value r0\nclosure r0, fun 2\nret r0\n'
                                       '.function 2 "g" registers 1\n.capture cell up 0\nretnone'), "closure: capture 0 is of the wrong kind"),
    # handlers
    "handler's range is empty": (main(".try 1..1 -> 0, r0\nloadnone r0\nretnone"), "handler 0 is out of range"),
    "handler's range is reversed": (main(".try 1..0 -> 0, r0\nloadnone r0\nretnone"), "handler 0 is out of range"),
    "handler's range past the end": (main(".try 0..3 -> 0, r0\nloadnone r0\nretnone"), "handler 0 is out of range"),
    "handler past the end": (main(".try 0..1 -> 2, r0\nloadnone r0\nretnone"), "handler 0 is out of range"),
    "handler in an instruction": (main(".try 0..1 -> 1, r0\nloadk r0, 1\nretnone"), "handler 0 is out of range"),
    "handler behind a wide prefix": (main(".try 0..1 -> 1, r0\nmove r300, r0\nretnone", 400), "handler 0 is out of range"),
    "handler's register": (main(".try 0..1 -> 1, r8\nloadnone r0\nretnone"), "handler 0: register 8 of 8"),
    "second handler": (main(".try 0..1 -> 1, r0\n.try 0..1 -> 1, r4294967295\nloadnone r0\nretnone"), "handler 1: register 4294967295 of 8"),
    # functions
    "line table": (main(".positions 1 5 0 6\nloadnone r0\nretnone"), "the line table is not in order"),
    "more parameters than registers": (body("retnone", rest='.function 1 "f" params 2 registers 1\nretnone'), "a function's registers"),
    "too many registers": (main("retnone", 65536), "a function's registers"),
    "too many raw registers": (main("retnone", raw=253), "a function's registers"),
    "main takes parameters": ('.program "t"\n.function 0 "main" params 1 registers 1\nretnone', "the main function takes nothing"),
    "main captures": (main(".capture value r0\nretnone"), "the main function takes nothing"),
    "no such function": (main("closure r0, fun 1\nretnone"), "damaged program: a function constant"),
    "no function": ('.program "t"', "damaged program: functions"),
    "a record's field twice": (main("record r0, r0, {a, a}\nretnone"), "a record names a field twice"),
    "too many fields": (main("record r0, r0, {" + ", ".join(f"f{i}" for i in range(256)) + "}\nretnone", 300), "too many names in a record"),
    # classes
    "a class is its own parent": (main("retnone", before='.class 0 "C" parent 0'), "a class before its parent"),
    "a class before its parent": (main("retnone", before='.class 0 "C" parent 1\n.class 1 "D"'), "a class before its parent"),
    "a parent that the machine does not have": (main("retnone", before='.class 0 "C" parent "Nothing"'), "no such class of the machine"),
    "its own interface": (main("retnone", before='.class 0 "C"\n.interfaces 0'), "an interface"),
    "an interface that comes later": (main("retnone", before='.class 0 "C"\n.interfaces 1\n.class 1 "I"'), "an interface"),
    "a method of no function": (main("retnone", before='.class 0 "C"\n.method m fun 1'), "damaged program: a method"),
    "methods of no type": (main("retnone", before='.class 0 "int" extends\n.method m fun 1'), "damaged program: a method"),
    "methods of an unknown type": (body("retnone", rest=".function 1 params 1 registers 1\nretnone", before='.class 0 "bool" extends\n.method m fun 1'),
                                   "methods of a built-in type"),
    "fields of a built-in type": (main("retnone", before='.class 0 "list" extends\n.fields x'), "methods of a built-in type"),
    "an instance of a built-in type's methods": (main("is r0, r0, type class 0\nretnone", before='.class 0 "list" extends'), "damaged program: a type"),
    "a subclass of a built-in type's methods": (main("retnone", before='.class 0 "list" extends\n.class 1 "C" parent 0'), "a class's parent"),
    "an interface of a built-in type's methods": (main("retnone", before='.class 0 "list" extends\n.class 1 "C"\n.interfaces 0'), "an interface"),
    "a method without this": (main("retnone", before='.class 0 "C"\n.method m fun 0'), "a method captures, or has no this"),
    "a method that captures": (body("retnone", rest=CAPTURING.replace("registers 1", "params 1 registers 1"), before='.class 0 "C"\n.method m fun 1'),
                               "a method captures, or has no this"),
    "too many fields of a class": (main("retnone", before='.class 0 "C"\n.fields ' + ", ".join(f"f{i}" for i in range(251))), "a class is too large"),
    "too many inherited fields": (main("retnone", before='.class 0 "B"\n.fields ' + ", ".join(f"f{i}" for i in range(250)) +
                                       '\n.class 1 "C" parent 0\n.fields g'), "a class is too large"),
    "too many methods": (body("retnone", rest=CALLEE, before='.class 0 "C"\n' + "\n".join(f".method m{i} fun 1" for i in range(1024))),
                         "a class is too large"),
    "too many inherited methods": (body("retnone", rest=CALLEE, before='.class 0 "I"\n' + "\n".join(f".method m{i} fun 1" for i in range(600)) +
                                        '\n.class 1 "C" parent 0\n' + "\n".join(f".method n{i} fun 1" for i in range(600))), "a class is too large"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_rejected(name):
    text, why = REJECTED[name]
    assert why in (reason(text) or "")


def test_a_rejected_program_does_not_run(tmp_path):
    status, output, errors = run(encode(main("loadi r0, 1\nprim r0, r0, print\nloadnone r0")), tmp_path / "p.mync")
    assert status == 70 and output == "" and "the code runs off its end" in errors


ACCEPTED = {
    "only a return": main("retnone", 0),
    "last register": main("move r7, r7\nret r7"),
    "last wide register": main("move r65534, r65534\nret r65534", 65535),
    "wide form of a small register": main(f".word 0\n{word('move', 1, 2)}\nretnone"),
    "wide loadi": main("loadi r300, -32768\nretnone", 301),
    "fillnone to the end": main("fillnone r4, 4\nretnone"),
    "fillnone of nothing": main("fillnone r7, 0\nretnone"),
    "call's window at the end": main("call r5, 1\nretnone"),
    "highest narrow call": main(f"{word('call', MAX_NARROW)}\nretnone", MAX_NARROW + 2),
    "callraw's window at the end": main(f"{word('callraw', 6, 0, 252)}\nretnone", raw=252),
    "callraw without raw registers": main("callraw r0, 0, 0\nretnone"),
    "invoke's window at the end": main('invoke r5, 0, 0, "m"\nretnone'),
    "empty list": main("list r0, r7, 0\nretnone"),
    "empty record": main("record r0, r7, {}\nretnone"),
    "largest record": main("record r0, r0, {" + ", ".join(f"f{i}" for i in range(255)) + "}\nretnone", 255),
    "loop at the end": main("L:\nforloop r5, L\nretnone"),
    "jump to itself": main("L:\njump L"),
    "jump to a wide prefix": main("jump +0\nmove r300, r0\nretnone", 400),
    "ends with throw": main("throw r0"),
    "code after the end": main("retnone\nloadnone r0\nretnone"),
    "handler of all the code": main(".try 0..2 -> 1, r7\nloadnone r0\nretnone"),
    "handler's range ends inside an instruction": main(".try 0..1 -> 2, r7\nloadk r0, 1\nretnone"),
    "lines past the code": main(".positions 0 1 0 2 99 4294967295\nretnone"),
    "constants that nothing uses": main('.const type int\n.const fun 0\n.const {a}\n.const "s"\n.const inf\nretnone'),
    "a cache that is not empty": main('getfield r0, r0, "x", cache 77\nretnone'),
    "largest class": main("construct r0, r0, type class 0\nretnone", 250, before='.class 0 "C"\n.fields ' + ", ".join(f"f{i}" for i in range(250))),
    "many methods": body("retnone", rest=CALLEE, before='.class 0 "C"\n' + "\n".join(f".method m{i} fun 1" for i in range(1023))),
    "a method twice": body("retnone", rest=CALLEE, before='.class 0 "C"\n.method m fun 1\n.method m fun 1'),
    "one function in many classes": body("retnone", rest=CALLEE, before='.class 0 "C"\n.method m fun 1\n.class 1 "D"\n.method n fun 1'),
    "a class of the machine": main("object r0, type class 0\nretnone", before='.class 0 "Error" parent "Error"'),
    "recursive main": main("closure r0, fun 0\nretnone"),
    "every kind of type": main("\n".join(f"is r0, r0, type {kind}?" for kind in KINDS if kind != "param") + "\nretnone", before='.class 0 "C"'),
    "names of globals twice": main("getglobal r0, #1\nretnone", before=".globals a, a"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name):
    assert reason(ACCEPTED[name]) is None


def test_every_instruction_needs_its_words():
    for op in OPS[1:]:
        if op.words > 1:
            cut_off = "\n".join([word(op.name), *[".word 0"] * (op.words - 2)])
            assert f"{op.name} runs over the end of the code" in reason(main(cut_off))


def test_every_instruction_needs_its_registers():
    for op in OPS[1:]:
        first = op.operands[0].kind if op.operands else ""
        if first and first in "drxwDS":
            why = reason(main("\n".join([word(op.name), *[".word 0"] * (op.words - 1), "retnone"]), 0))
            assert f"{op.name}: {'raw' if first in 'DS' else 'tagged'} register 0 of 0" in why


# --- the file: `words` are its 32-bit words ---

SAMPLE = body('loadk r0, "text"\nloadk r1, 5\nrecord r2, r0, {a}\nis r3, r0, type class 0\n.try 0..1 -> 0, r0\nretnone',
              rest=CAPTURING, before='.globals g\n.starts 0 4\n.class 0 "C"\n.fields x\n.class 1 "D" parent 0\n.method m fun 2') \
    + '.function 2 "method" params 1 registers 1\nret r0\n'
HEADER = ["magic", "version", "length", "strings", "globals", "files", "functions", "classes"]


def words():
    """The sample's words, to be damaged."""
    data = encode(SAMPLE)
    return list(struct.unpack(f"<{len(data) // 4}I", data))


def why_not(damaged):
    """The reason why such words are rejected; their length is put right."""
    if len(damaged) > 2 and damaged[2] != 0xBAD:
        damaged = damaged[:2] + [len(damaged)] + damaged[3:]
    return reason(struct.pack(f"<{len(damaged)}I", *damaged))


@pytest.mark.parametrize("field, value, why", [
    ("magic", 1, "not a compiled program"), ("version", 1, "compiled by another version"), ("length", 0xBAD, "wrong length"),
    ("files", 0, "files"), ("strings", 0xFFFFFFFF, "strings"), ("strings", 1, ""), ("globals", 0xFFFFFFFF, "globals"),
    ("globals", 10_000, "globals"), ("files", 0xFFFFFFFF, "files"), ("files", 2, ""), ("functions", 0, "functions"), ("functions", 0xFFFFFFFF, "functions"),
    ("classes", 0xFFFFFFFF, "functions"), ("functions", 2, "damaged"), ("functions", 4, "damaged"), ("classes", 0, "damaged"),
])
def test_header(field, value, why):
    damaged = words()
    damaged[HEADER.index(field)] = value
    assert why in why_not(damaged)


def test_the_sample_itself_is_fine():
    assert why_not(words()) is None


def test_lengths():
    data = encode(SAMPLE)
    for end in range(len(data)):
        assert reason(data[:end]) is not None
    assert reason(data + b"\0\0\0\0") == "damaged program: wrong length"
    assert why_not(words() + [0]) == "damaged program: something after the end"
    for cut in range(3, len(words())):
        assert why_not(words()[:cut]) is not None


def test_any_damaged_word_is_survived():
    good = words()
    for at in range(len(good)):
        for value in (0, 1, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, good[at] + 1, good[at] ^ 0x100):
            damaged = good.copy()
            damaged[at] = value & 0xFFFFFFFF
            reason(struct.pack(f"<{len(damaged)}I", *damaged))


FUNCTION = ["name", "nparams", "nregs", "nraw", "body", "flags", "optional", "captures", "consts", "handlers", "lines", "code", "const words",
            "file"]


def function_start():
    """Where the main function's words begin in the sample: its code is the only one with so many words."""
    f = assemble(SAMPLE).functions[0]
    head = [0, 8, 0, 0, 0, 0, 0, len(f.consts), 1, len(f.lines) // 2, len(f.code)]
    all_words = words()
    return next(i for i in range(len(all_words)) if all_words[i + 1:i + 12] == head)


@pytest.mark.parametrize("field, value, why", [
    ("name", 10_000, "a function's name"), ("nparams", 1, "the main function takes nothing"), ("nparams", 9, "a function's registers"),
    ("optional", 1, "a function's optional parameters"), ("flags", 2, "a function's optional parameters"),
    ("nregs", 65536, "a function's registers"), ("nraw", 253, "a function's registers"), ("captures", 0xFFFFFFFF, "a function's length"),
    ("consts", 0xFFFFFFFF, "constants"), ("consts", 3, "constants"), ("consts", 5, "constants"), ("handlers", 0xFFFFFFFF, "a function's length"),
    ("lines", 0xFFFFFFFF, "a function's length"), ("code", 0xFFFFFFFF, "a function's length"), ("code", 0, ""), ("const words", 0, "constants"),
    ("const words", 0xFFFFFFFF, "a function's length"), ("file", 1, "a function's file"),
])
def test_function_header(field, value, why):
    damaged = words()
    damaged[function_start() + FUNCTION.index(field)] = value
    assert why in why_not(damaged)


@pytest.mark.parametrize("offset, value, why", [
    (0, 99, "a constant's kind"), (1, 10_000, "a string constant"), (2, 99, "a constant's kind"), (6, 0xFFFFFFFF, "names"),
    (6, 2, ""), (7, 10_000, "a field's name"), (9, 99, "a type"), (10, 2, "a type"),
])
def test_constants(offset, value, why):
    """The sample's: string (2 words), int (3), names (3), type (3)."""
    damaged = words()
    start = function_start() + len(FUNCTION)
    assert [damaged[start + i] for i in (0, 2, 5, 8)] == [codec.K_STRING, codec.K_INT, codec.K_NAMES, codec.K_TYPE]
    damaged[start + offset] = value
    assert why in why_not(damaged)


@pytest.mark.parametrize("damage", [(1, 3), (1, 10_000), (1, 1), (2, 0)])
def test_bigint_constants(damage):
    """Two limbs, the last not 0; zero is not negative."""
    program = assemble(main("loadk r0, bigint 0x0\nretnone" if damage == (1, 1) else "loadk r0, bigint 0x100000000\nretnone"))
    data = bytearray(codec.encode(program))
    assert reason(bytes(data)) is None
    constant = struct.pack("<II", codec.K_BIGINT, 0 if damage == (1, 1) else 4)
    at = data.index(constant) + 4 * damage[0]
    if damage == (2, 0):
        at += 4
    data[at:at + 4] = struct.pack("<I", damage[1])
    assert reason(bytes(data)).startswith("damaged program")


def test_a_function_constant_names_a_function():
    program = assemble(main("closure r0, fun 0\nretnone"))
    program.functions[0].consts[0] = FunctionRef(1)
    assert reason(codec.encode(program)) == "damaged program: a function constant"


def test_long_names():
    """Names are interned up to 64 KiB; a longer string is no name."""
    long = "x" * 65537
    assert reason(main(f'loadk r0, "{long}"\nretnone')) is None
    program = assemble(main("record r0, r0, {a}\nretnone"))
    program.functions[0].consts[0] = Names([long])
    assert reason(codec.encode(program)) == "damaged program: a field's name is too long"
    assert reason(main("retnone", before=f'.class 0 "{long}"')) == "damaged program: a class's names"


def test_a_long_reason_is_cut():
    text = reason(body("loadnone r0", name="f" * 1000))
    assert text.startswith("in fff") and "runs off its end" in text


def test_types_of_classes():
    program = assemble(main("is r0, r0, type int\nretnone", before='.class 0 "C"'))
    program.functions[0].consts[0] = Type("class", 0, True)
    assert reason(codec.encode(program)) is None
    assert opcodes.BY_NAME["is"].operands[2].kind == "Y"


@pytest.mark.parametrize("type_, fine", [
    ("function<int>", True), ("function<array<u8>?, string?, none>", True), ("function<function<i32, none>, bool>", True), ("function<class 0, class 0>", True),
    ("function<class 1?, class 1>", True), ("function<class 2<f32>, none>", True),
    ("int", False), ("function", False), ("function<list<int>, none>", False), ("function<int?, none>", False), ("function<bytes, bytes>", False),
    ("function<array<string>, none>", False), ("function<class 0?, none>", False), ("function<class 2, none>", False), ("function<class 3, none>", False),
    ("function<class 4, none>", False), ("function<function<bytes, none>, none>", False), ("function<param 0, none>", False), ("function<dynamic, none>", False),
])
def test_functions_of_c(type_, fine):
    before = """.class 0 "Struct" c struct
.fields x, p
.types f32, class 1?
.class 1 "Pointer" c pointer
.fields address
.types int
.class 2 "Ref" params 1 c reference
.fields value
.types param 0
.class 3 "Plain"
.fields x
.types int
.class 4 "Circle" c struct
.fields inner
.types class 4"""
    code = "\n".join(f"loadnone r{i}" for i in range(3)) + f'\nextern r0, r0, extern "c" "f" {type_}\nretnone'
    assert reason(main(code, registers=3, before=before)) == (None if fine else "damaged program: a function of C, or for C")
