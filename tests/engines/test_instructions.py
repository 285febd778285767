"""Every instruction, executed from hand-written bytecode in its narrow and its wide form, in every mode of collector and stack."""
import re
import signal
import subprocess
import time

import pytest

from engines import frame_cases, instruction_cases
from engines.machine import MODES, SECONDS, body, encode, reason, run
from myna.compiler.bytecode.opcodes import BY_NAME, BYTE_KINDS, OPS
from myna.compiler.bytecode.text import assemble
from myna.vm.host import LAUNCHER

CASES = instruction_cases.CASES
assert frame_cases      # it has added its cases
UP = 300                # what is added to a register's number for the wide forms: more than eight bits hold
TAGGED = set("drxw")
NO_WIDE_FORM = {"wide", "halt", "callraw", "calltypedraw", *(op.name for op in OPS if not any(o.kind in BYTE_KINDS for o in op.operands))}


def high_bytes(op, line):
    """The prefix of an instruction of raw registers: only its immediate, if negative, has high bits."""
    kinds = [o.kind for o in op.operands if o.kind in BYTE_KINDS]
    negative = "i" in kinds and re.search(r"-\d", line)
    return 0xFF << 8 * kinds.index("i") + 8 if negative else 0


def widen(text):
    """The same program in wide forms: registers renumbered, a prefix before instructions that have raw ones only."""
    out = []
    for line in text.splitlines():
        name = line.split()[0] if line.split() else ""
        if name == ".function":
            line = re.sub(r"registers (\d+)", lambda m: f"registers {int(m[1]) + UP}", line)
            params = int((re.search(r"params (\d+)", line) or [0, 0])[1])
            out += [line, *(f"move r{UP + i}, r{i}" for i in range(params))]
            continue
        op = BY_NAME.get(name)
        if op and name not in NO_WIDE_FORM and not any(o.kind in TAGGED for o in op.operands):
            out.append(f".word {high_bytes(op, line)}")
        out.append(re.sub(r"(?<![\w\"])r(\d)\b", lambda m: f"r{UP + int(m[1])}", line))
    return "\n".join(out)


PROGRAMS = {name: (case, case.text) for name, case in CASES.items()}
PROGRAMS |= {f"{name}, wide": (case, widen(case.text)) for name, case in CASES.items() if case.wide}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name, mode, tmp_path):
    case, text = PROGRAMS[name]
    status, output, error = run(encode(text), tmp_path / "program.mync", mode)
    first = error.split("\n")[0]
    assert (output, first if ": " in case.error else first.split(":")[0]) == (case.output, case.error)
    assert status == (1 if case.error else 0)


def forms(text):
    """The instructions of a program: (name, whether it has a wide prefix)."""
    for function in assemble(text).functions:
        at, wide = 0, False
        while at < len(function.code):
            op = OPS[function.code[at] & 255]
            if op.name != "wide":
                yield op.name, wide
            wide = op.name == "wide"
            at += op.words


def test_no_instruction_is_left_out():
    used = {form for _, text in PROGRAMS.values() for form in forms(text)}
    narrow, wide = ({name for name, form in used if form == kind} for kind in (False, True))
    names = {op.name for op in OPS} - {"wide", "halt"}
    assert names - narrow == set()
    assert names - NO_WIDE_FORM - wide == set()


def test_all_programs_are_accepted():
    for _, text in PROGRAMS.values():
        assert reason(text) is None


# --- deep stacks: too slow to move them at every call ---

DEEP = """
.function 1 "sum" params 1 registers {registers}
    jlei r0, 0, END
    closure r{window}, fun 1
    subi r{argument}, r0, 1
    call r{window}, 1
    add r0, r0, r{window}
    END:
    ret r0
"""


@pytest.mark.parametrize("registers, window, depth", [(10, 1, 200_000), (400, 390, 20_000), (65535, 65000, 300), (400, 1, 20_000), (260, 253, 20_000)])
@pytest.mark.parametrize("mode", ["plain", "gc-move"])
def test_deep_recursion(registers, window, depth, mode, tmp_path):
    text = body(f"closure r1, fun 1\nloadk r3, {depth}\ncall r1, 1\nprim r9, r1, print\nretnone", 10,
                DEEP.format(registers=registers, window=window, argument=window + 2))
    assert run(encode(text), tmp_path / "p.mync", mode) == (0, f"{depth * (depth + 1) // 2}\n", "")


@pytest.mark.parametrize("registers, window", [(10, 1), (400, 390), (65535, 1)])
def test_endless_recursion_is_caught(registers, window, tmp_path):
    code = ".try A..B -> CAUGHT, r5\nA:\nclosure r1, fun 1\nloadk r3, 1000000000\ncall r1, 1\nB:\nCAUGHT:\ngetfield r0, r5, \"message\"\n" \
        "prim r9, r0, print\nretnone"
    text = body(code, 10, DEEP.format(registers=registers, window=window, argument=window + 2))
    status, output, _ = run(encode(text), tmp_path / "p.mync", options=["--heap-limit", "64M"])
    assert status == 0 and output.startswith("stack overflow")


def test_endless_operators_are_caught(tmp_path):
    code = ".try A..B -> CAUGHT, r5\nA:\nobject r1, type class 0\nadd r0, r1, r1\nB:\nCAUGHT:\ngetfield r0, r5, \"message\"\nprim r9, r0, print\nretnone"
    text = body(code, 10, '.function 1 "+" params 2 registers 2 raw 20\nadd r0, r0, r1\nret r0', '.class 0 "C"\n.method "+" fun 1')
    status, output, _ = run(encode(text), tmp_path / "p.mync", options=["--heap-limit", "64M"])
    assert status == 0 and output.startswith("stack overflow")


ENDLESS = {
    "loop": body("L:\njump L"),
    "calls": body(".try 0..4 -> 0, r1\nclosure r0, fun 0\ncall r0, 0\nretnone"),
    "handlers": body("L:\n.try 0..1 -> 0, r0\nthrow r0"),
    "operators": body(".try 0..4 -> A, r0\nA:\nobject r1, type class 0\nadd r0, r1, r1\nretnone", 10,
                      '.function 1 "+" params 2 registers 2\nL:\n.try 0..1 -> 0, r0\nadd r0, r1, r1\nret r0', '.class 0 "C"\n.method "+" fun 1'),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_programs_can_be_interrupted(name, tmp_path):
    path = tmp_path / "p.mync"
    path.write_bytes(encode(ENDLESS[name]))
    child = subprocess.Popen([LAUNCHER, "run", "-b", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    assert child.wait(SECONDS) == 130


def test_the_shared_memory_error_keeps_nothing(tmp_path):
    """The error for when there is no memory belongs to no heap: what a program stores there must not outlive a collection."""
    code = """
        .try A..B -> CAUGHT, r1
        loadk r2, "0123456789abcdef"
        loadi r3, 10000
        prim r2, r2, string.repeat
        list r4, r2, 0
        A:
        loadk r6, "x"
        add r5, r2, r6
        prim r5, r5, string.upper
        append r4, r5
        jump A
        B:
        CAUGHT:
        fillnone r2, 4
        list r2, r1, 1
        setfield r1, r2, "message"
        setslot r1, r2, 1
        loadi r5, 0
        AGAIN:
        list r6, r1, 1
        addi r5, r5, 1
        jlti r5, 30000, AGAIN
        getfield r0, r1, "message"
        prim r9, r0, print
        retnone
    """
    status, output, _ = run(encode(body(code, 10)), tmp_path / "p.mync", "gc-move", ["--heap-limit", "4M"])
    assert (status, output) == (0, "None\n")
