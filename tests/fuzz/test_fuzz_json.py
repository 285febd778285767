"""The library's `json` against Python's: random values, random texts, and texts with damage."""
import json
import os
import random
import subprocess

import pytest
import runner

PROGRAM = """
import json
var line = input()
while (line != "") {
    try { print(json.stringify(json.parse(line))) } catch (e: json.ParseError) { print("wrong") }
    line = input()
}
"""
SCALARS = [None, True, False, 0, -1, 10**18, 2**63, -2**63 - 1, 10**40, 0.5, -0.0, 1e16, 1e22, 1.5e300, 5e-324, 123456.789, "", "a", "é",
           "\U0001f600", "\"\\/\b\f\n\r\t\x01\x1f\x7f", "x" * 300, "\u2028"]
PIECES = ["[", "]", "{", "}", ",", ":", '"', "\\", "\\u00e9", "\\ud83d\\ude00", "0", "1", "-", ".", "e", "E+", "null", "true", "fals", " ", "\t", "é", "\x7f"]


def value(rng, depth):
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return rng.choice(SCALARS) if rng.random() < 0.7 else rng.uniform(-1, 1) * 10.0 ** rng.randint(-30, 30)
    if kind < 0.7:
        return [value(rng, depth - 1) for _ in range(rng.randint(0, 5))]
    return {rng.choice(["a", "b", "é", "key", ""]) + str(rng.randint(0, 9)): value(rng, depth - 1) for _ in range(rng.randint(0, 5))}


def damaged(rng, text):
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(PIECES) + text[at + rng.randint(0, 2):]


def refuse(text):
    raise ValueError(text)


def finite(text):
    number = float(text)
    return number if abs(number) != float("inf") else refuse(text)


def expected(text):
    """What Python makes of it, without what only Python takes for JSON."""
    try:
        return json.dumps(json.loads(text, parse_constant=refuse, parse_float=finite), separators=(",", ":"), ensure_ascii=False).encode().decode()
    except (ValueError, RecursionError):     # UnicodeEncodeError, of half a surrogate pair, is a ValueError
        return "wrong"


def texts(rng, count):
    for _ in range(count):
        text = json.dumps(value(rng, 4), ensure_ascii=rng.random() < 0.5, indent=None, separators=rng.choice([(",", ":"), (" , ", "\t: ")]))
        yield text
        yield damaged(rng, text)
        yield "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 12))) + "]"


@pytest.mark.parametrize("engine", ["interp", "gc-stress"])
def test_same_as_python(engine, tmp_path):
    rng = random.Random(engine)
    lines = [text for text in texts(rng, 600 if engine == "interp" else 60) if text.strip() and "\n" not in text and "\r" not in text]
    program = tmp_path / "read.ms"
    program.write_text(PROGRAM)
    row = runner.ENGINES[engine]
    done = subprocess.run([*runner.command(), "run", *row.options, str(program)], input="\n".join(lines).encode(), capture_output=True,
                          timeout=300, env={**os.environ, **row.environment})
    assert done.returncode == 0, done.stderr
    answers = done.stdout.decode().split("\n")[:-1]
    assert len(answers) == len(lines)
    assert not [(line, answer, wanted) for line, answer in zip(lines, answers) if answer != (wanted := expected(line))][:5]
