"""Bigints calculate as Python's ints do, on random numbers of very different lengths; long calculations can be interrupted."""
import random
import signal
import subprocess
import time

import pytest

from engines.machine import LAUNCHER, run
from myna.compiler import driver
from myna.compiler.bytecode import codec
from myna.compiler.options import Options
from myna.compiler.source import Source

EDGES = [0, 1, -1, 10**9, 10**18, 2**31, 2**32 - 1, 2**63, -2**63, 2**64 - 1, 2**1000 - 1, 1 - 2**1500, 2**4096 - 2**2000, 10**400]
LENGTHS = (10, 40, 64, 96, 128, 300, 1300, 3000, 9000)      # bits: one limb, Karatsuba's threshold, several levels of it
STEPS = 60


def compiled(text):
    return codec.encode(driver.compile_source(Source("p.ms", text), Options("ms")))


def quotient(a, b):
    """Truncated toward zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def step(random_, numbers):
    """A line of the program, and what it prints."""
    a, b, count = random_.choice(numbers), random_.choice(numbers), random_.randrange(200)
    program = f'a = bigint("{a:x}", 16); b = bigint("{b:x}", 16)\n'
    results = {"a": a, "a + b": a + b, "a - b": a - b, "a * b": a * b, "a & b": a & b, "a | b": a | b, "a ^ b": a ^ b, "~a": ~a, "-a": -a,
               f"a << {count}": a << count, f"a >> {count}": a >> count, "a < b": a < b, "a == b": a == b, "a.bit_length()": a.bit_length(),
               "bigint(str(a)) == a": True}
    if b:
        results |= {"a / b": quotient(a, b), "a % b": a - quotient(a, b) * b}
    if abs(a) < 2**1000:
        results |= {"float(a)": float(a), "a == float(a)": a == float(a), "a < float(a)": a < float(a), "bigint(float(a))": int(float(a))}
    program += "".join(f"print({text})\n" for text in results)
    return program, [str(value).lower() if isinstance(value, bool) else str(value) for value in results.values()]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mode", ["plain", "gc-move"])
def test_same_as_python(tmp_path, seed, mode):
    random_ = random.Random(seed)
    numbers = EDGES + [random_.getrandbits(length) * random_.choice((1, -1)) for length in LENGTHS for _ in range(3)]
    steps = [step(random_, numbers) for _ in range(STEPS)]
    status, output, error = run(compiled("".join(text for text, _ in steps)), tmp_path / "p.mync", mode)
    assert (status, error) == (0, "")
    assert output.splitlines() == [line for _, lines in steps for line in lines]


@pytest.mark.parametrize("text", ["x = x * x", "x = x * x; y = (x * 7n) / (x / 3n)", "print(str(x).length); x = x * x"])
def test_long_calculations_can_be_interrupted(tmp_path, text):
    path = tmp_path / "p.mync"
    path.write_bytes(compiled("var x = 3n\nwhile (x.bit_length() < 400000000) { " + text + " }"))
    child = subprocess.Popen([LAUNCHER, "run", "-b", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    assert child.wait(10) == 130
