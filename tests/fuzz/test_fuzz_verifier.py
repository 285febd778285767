"""What the verifier accepts cannot crash the machine: random programs, and programs with random words changed.

Accepted programs run many to a process, each with a heap limit and a timer that interrupts it through the library. The
process notes the number of the program at hand, so that a crash names its program.
"""
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from hypothesis import Phase, given, settings, strategies as st

from engines import frame_cases, instruction_cases
from engines.machine import encode
from myna.compiler.bytecode import codec
from myna.compiler.bytecode.listing import disassemble
from myna.compiler.bytecode.opcodes import BY_NAME, BYTE_KINDS, OPS
from myna.compiler.bytecode.primitives import PRIMITIVES
from myna.compiler.bytecode.program import KINDS, Capture, Class, Export, Extern, Function, FunctionRef, Handler, Method, Names, Program, Type
from myna.vm.host import library
from myna.vm.opt.registers import decode

FUZZ = settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])   # nothing to shrink in a seed
BATCH = 40                  # programs a process
SECONDS = 60                # for a process: what its programs need at most is BATCH times the interruption below
MODES = ["", "stress,verify", "move,verify"]
assert frame_cases          # it has added its cases

RUNNER = """
import sys, threading
from pathlib import Path
from myna.vm.host import library

INTERRUPT_AFTER, HEAP_LIMIT = 0.05, 16 << 20      # seconds, bytes
STATUSES = {0, 1, 70, 130}                        # fine, uncaught error, out of memory, interrupted
folder, mode, stack = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
for number in range(int(sys.argv[4])):
    (folder / "now").write_text(str(number))
    program = (folder / str(number)).read_bytes()
    timer = threading.Timer(INTERRUPT_AFTER, library.load().myna_interrupt)
    timer.start()
    status = library.run(program, heap_limit=HEAP_LIMIT, gc=mode or None, stack=stack or None)
    timer.cancel()
    assert status in STATUSES, f"status {status}"
"""


def run_all(programs, mode, stack):
    """Run verified programs in one process; on a crash or a hang, fail with the program."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, program in enumerate(programs):
            (folder / str(number)).write_bytes(program)
        try:
            done = subprocess.run([sys.executable, "-c", RUNNER, name, mode, stack, str(len(programs))], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=SECONDS)
            status, errors = done.returncode, done.stderr.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            status, errors = "a hang", ""
        if status != 0:
            bad = programs[int((folder / "now").read_text())]
            raise AssertionError(f"{status}, MYNA_GC={mode} MYNA_STACK={stack}: {errors[-600:]}\n{disassemble(codec.decode(bad))}")


# --- random programs: every operand is one that the verifier may like ---

NAMES = ["a", "b", "message", "length", "push", "m", "+", "<", "==", "[]", "[]=", "to_string"]
INTS = [0, 1, -1, 2, 3, 7, 255, 2**31, 2**62, -2**62 - 1, 2**63 - 1, -2**63]
FLOATS = [0.0, -0.0, 1.5, 1e300, 1e-310, float("inf"), float("nan")]

EXTERNS = [Extern("m", "cos", Type("function", args=(Type("float"), Type("float")))), Extern("c", "labs", Type("function", args=(Type("int"), Type("int")))),
           Extern("c", "strlen", Type("function", args=(Type("string"), Type("int")))), Extern("c", "no such", Type("function", args=(Type("none"),)))]


def random_type(r, program, depth=0):
    """A type that is made right, if perhaps not right where it stands."""
    optional = r.random() < 0.2
    if r.random() < 0.5:
        index = r.randrange(len(program.classes))
        count = program.classes[index].params if r.random() < 0.7 and depth < 4 else 0
        return Type("class", index, optional, tuple(random_type(r, program, depth + 1) for _ in range(count)))
    kind = r.choice([k for k in KINDS if k not in ("class", "param") or k == "param" and r.random() < 0.3])
    counts = {"list": 1, "set": 1, "array": 1, "map": 2, "tuple": r.randrange(3), "record": r.randrange(3), "function": r.randrange(1, 3),
              "types": r.randrange(3)}
    count = counts.get(kind, 0) if depth < 4 else 0
    args = tuple(random_type(r, program, depth + 1) for _ in range(count))
    return Type(kind, r.randrange(3) if kind == "param" else 0, optional, args, tuple(r.sample(NAMES, count)) if kind == "record" else ())


def constant(r, kind, program):
    """A constant for an operand of this kind."""
    if kind == "N":
        return r.choice(NAMES)
    if kind == "F":
        return FunctionRef(r.randrange(len(program.functions)))
    if kind == "T":
        return Names(r.sample(NAMES, r.randrange(4)))
    if kind == "X":
        return r.choice(EXTERNS) if r.random() < 0.9 else Export("f", r.randrange(len(program.functions)), random_type(r, program), ("x",), "doc")
    if kind == "Y":
        return random_type(r, program)
    return r.choice(INTS + FLOATS + NAMES * (kind == "K"))


MAKERS = [BY_NAME[name] for name in ("loadi", "loadk", "loadunset", "newcell", "closure", "record", "list", "tuple", "map", "object", "construct", "builtin")]


def byte_operand(r, kind, f):
    """A value for an operand inside the instruction's word."""
    if kind in "DS":
        return r.randrange(f.nraw or 1)
    if kind in "drxw":
        return r.randrange(min(f.nregs, 4) if r.random() < 0.4 else f.nregs)
    return r.choice([0, 0, 1, 1, 2, 3, f.nraw]) if kind == "n" else r.randrange(256)


def word_operand(r, kind, f, program):
    """A value for an operand in a word of its own; None for a jump, whose target is chosen when all places are known."""
    if kind in "KNFTYX":
        f.consts.append(constant(r, kind, program))
        return len(f.consts) - 1
    if kind in "GP":
        return r.randrange(len(program.globals) if kind == "G" else len(PRIMITIVES))
    return None if kind == "J" else r.randrange(2**32)


def instruction(r, f, program, ops):
    """The words of a random instruction of these."""
    op = r.choice(ops)
    values = [byte_operand(r, o.kind, f) for o in op.operands if o.kind in BYTE_KINDS]
    words = [op.code | sum((v & 255) << 8 * i + 8 for i, v in enumerate(values))]
    high = sum((v >> 8) << 8 * i + 8 for i, v in enumerate(values))
    return ([high] if high else []) + words + [word_operand(r, o.kind, f, program) for o in op.operands if o.kind not in BYTE_KINDS]


def fill(r, f, program):
    """Give a function its code and handlers: mostly, an error goes on at the next instruction, so that all are executed."""
    starts, jumps = [], []
    length = r.randrange(3, 25)
    for i in range(-6, length):
        words = instruction(r, f, program, MAKERS if i < 0 else OPS[1:])
        starts.append(len(f.code))
        f.code.extend(w or 0 for w in words)
        if None in words:
            jumps.append(len(f.code) - 1)
    starts.append(len(f.code))
    f.code.append(BY_NAME["retnone"].code)
    for place in jumps:
        target = r.choice(starts) if r.random() < 0.3 else r.choice([s for s in starts if s > place])
        f.code[place] = target - place - 1 & 0xFFFFFFFF
    if r.random() < 0.7:
        f.handlers = [Handler(begin, end, end, r.randrange(f.nregs)) for begin, end in zip(starts, starts[1:])]
    for _ in range(r.choice([0, 0, 1, 2])):
        begin = r.randrange(len(f.code))
        f.handlers.append(Handler(begin, r.randrange(begin + 1, len(f.code) + 1), r.choice(starts), r.randrange(f.nregs)))


def skeleton(r):
    """A program without code: functions, classes, globals."""
    program = Program("random")
    program.globals = ["g", "h"]
    for i in range(r.randrange(2, 6)):
        f = Function(f"f{i}", r.randrange(min(i, 3) + 1))
        f.nregs = f.nparams + r.choice([4, 6, 8, 8, 300])
        f.nraw = r.choice([0, 0, 0, 4])
        f.classic = r.random() < 0.2
        program.functions.append(f)
    if len(program.functions) > 2 and not program.functions[-1].nparams:
        program.functions[-1].captures = [Capture(False, True, 1), Capture(False, False, 2)]
    methods = [i for i, f in enumerate(program.functions) if f.nparams]
    for i in range(r.randrange(1, 4)):
        c = Class(f"C{i}", r.choice([None, None, "Error", *range(i)]), r.sample(NAMES[:4], r.randrange(3)), structural=r.random() < 0.3)
        if methods:
            c.methods = [Method(name, r.choice(methods)) for name in r.sample(NAMES, r.randrange(8))]
        c.params, c.variance = r.randrange(3), r.randrange(3)
        program.classes.append(c)
    for c in program.classes:
        if c.parent.__class__ is int and r.random() < 0.8:
            count = program.classes[c.parent].params
            c.supers.append(Type("class", c.parent, False, tuple(random_type(r, program, 2) for _ in range(count))))
        if r.random() < 0.7:
            c.types = [random_type(r, program) for _ in c.fields]
    return program


REASON = re.compile(r"in f(\d+), word (\d+): ")
NOTHING = BY_NAME["fillnone"].code      # of no registers


def random_program(r):
    """A random program's bytes; what the verifier dislikes is replaced by an instruction that does nothing."""
    program = skeleton(r)
    for f in program.functions:
        fill(r, f, program)
    while True:
        data = codec.encode(program)
        why = library.verify(data)
        found = why and REASON.match(why)
        if not found:
            return None if why else data
        function, at = program.functions[int(found[1])], int(found[2])
        end = at + 1 if function.code[at] & 255 else at + 2
        end += OPS[function.code[end - 1] & 255].words - 1
        if "handler" in why or function.code[at] == NOTHING:
            return None
        for i in range(at, end):
            function.code[i] = NOTHING


def mutant(r, data):
    """The bytes with a few words changed; the length is right."""
    words = list(struct.unpack(f"<{len(data) // 4}I", data))
    for _ in range(r.choice([1, 1, 2, 3, 5])):
        at = r.randrange(4, len(words))
        words[at] = r.choice([words[at] ^ 1 << r.randrange(32), words[at] + r.choice([-1, 1, 256, -256]), r.choice(words), r.randrange(12)]) & 0xFFFFFFFF
    return struct.pack(f"<{len(words)}I", *words)


def is_harmless(data):
    """Does a program keep its hands off files and processes?"""
    return not any(item.op.name in ("prim", "builtin") and item.operands["p"] in OUTSIDE for f in codec.decode(data).functions for item in decode(f))


def some(make, count):
    """`count` programs from `make`, those left out that the verifier rejects, or that could do harm; few tries find none."""
    programs = (make() for _ in range(count * 20))
    accepted = (p for p in programs if p is not None and library.verify(p) is None and is_harmless(p))
    return [p for p, _ in zip(accepted, range(count))]


OUTSIDE = {p.number for p in PRIMITIVES if p.name.partition(".")[0] in ("os", "fs", "io", "subprocess")}
SEEDS, MODE, STACK = st.integers(0, 2**32), st.sampled_from(MODES), st.sampled_from(["", "", "stress"])
VALID = [encode(case.text) for case in instruction_cases.CASES.values()]


@FUZZ
@given(SEEDS, MODE, STACK)
def test_random_programs(seed, mode, stack):
    r = random.Random(seed)
    run_all(some(lambda: random_program(r), BATCH), mode, stack)


@FUZZ
@given(SEEDS, MODE, STACK)
def test_mutants(seed, mode, stack):
    r = random.Random(seed)
    run_all(some(lambda: mutant(r, r.choice(VALID)), BATCH), mode, stack)


@FUZZ
@given(st.binary(max_size=400), SEEDS)
def test_any_bytes(data, seed):
    """As they come, and behind a header that is right."""
    library.verify(data)
    r = random.Random(seed)
    counts = [r.choice([0, 1, 2, 3, 0xFFFFFFFF]) for _ in range(6)]
    header = struct.pack("<10I", codec.MAGIC, codec.fingerprint(), 10 + len(data) // 4, 0, *counts)
    library.verify(header + data[:len(data) & ~3])
