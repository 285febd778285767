"""Programs with names exchanged at random: they compile or have errors, and never anything else."""
import random
import re
import time
from pathlib import Path

import pytest

from myna.compiler.diagnostics import CompileError
from myna.compiler.driver import compile_source
from myna.compiler.source import Source

SECONDS = 2     # of each case
TOKENS = re.compile(r'\s+|\w+|"[^"]*"|//[^\n]*|[^\w\s]')
PROGRAMS = [TOKENS.findall(path.read_text(encoding="utf-8"))
            for path in sorted((Path(__file__).resolve().parents[1] / "lang").glob("*.ms"))]


def mutated(random_):
    """A program with one to four of its words exchanged for others."""
    tokens = list(random_.choice(PROGRAMS))
    words = [place for place, token in enumerate(tokens) if re.match(r"\w", token)]
    for _ in range(random_.randint(1, 4)):
        tokens[random_.choice(words)] = tokens[random_.choice(words)]
    return "".join(tokens)


@pytest.mark.parametrize("seed", range(3))
def test_exchanged_names(seed):
    random_, end = random.Random(seed), time.monotonic() + SECONDS
    while time.monotonic() < end:
        text = mutated(random_)
        try:
            assert compile_source(Source("fuzz.ms", text)).functions
        except CompileError as error:
            assert error.diagnostics
        except Exception as error:
            raise AssertionError(f"{error!r} for the program\n{text}") from error
