"""The machine does what the evaluator of syntax trees does, on random classic programs, in all modes of the collector."""
import random

from hypothesis import HealthCheck, Phase, assume, given, settings, strategies as st

from engines.machine import MODES, run
from fuzz.classic_evaluator import Evaluator, Unfinished
from fuzz.classic_programs import program
from myna.compiler import driver
from myna.compiler.bytecode import codec
from myna.compiler.options import Options
from myna.compiler.source import Source
from myna.compiler.syntax import ast
from myna.compiler.syntax.ast import walk
from myna.compiler.syntax.parser import parse

FUZZ = settings(max_examples=500, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],     # nothing to shrink in a seed
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])


def expected(source):
    """The lines that the program should print, or None when it does not end soon."""
    try:
        return Evaluator().run(parse(source, "classic"))
    except (Unfinished, RecursionError):
        return None


def is_ambiguous(tree):
    """Does some function declare a parameter `global`? The rules leave open which of the two the name then is."""
    for function in walk(tree):
        if isinstance(function, ast.Function):
            names = {param.name for param in function.params}
            if any(isinstance(node, ast.Global) and names.intersection(node.names) for node in walk(function)):
                return True
    return False


@FUZZ
@given(st.integers(0, 2**32), st.sampled_from([mode for mode in MODES if mode != "stack-stress"]))
def test_same_as_the_evaluator(tmp_path, seed, mode):
    text = program(random.Random(seed))
    source = Source("program.mit", text)
    lines = expected(source)
    assume(lines is not None and not is_ambiguous(parse(source, "classic")))
    compiled = codec.encode(driver.compile_source(source, Options("classic")))
    status, output, _ = run(compiled, tmp_path / "program.mync", mode)
    printed = output.splitlines()
    if status == 1:
        printed[-1] = printed[-1].partition(":")[0]
    assert printed == lines, text
