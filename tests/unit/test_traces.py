"""What an uncaught error shows: places in imported files, causes."""
import json
import subprocess

import runner

MODULE = """\
class PartError extends Error { }

fun inner(x) {
    return x.nothing
}
fun outer(x) {
    try { return inner(x) } catch (e) { throw PartError("outer failed", e) }
}
"""
MAIN = """\
import part
fun f() => part.outer(3)
f()
"""
TRACE = """\
PartError: outer failed
  at outer (part.ms:7:41)
  at f (main.ms:2:22)
  at top level (main.ms:3:2)
caused by: FieldError: int has no field 'nothing'
  at inner (part.ms:4:14)
  at outer (part.ms:7:23)
  at f (main.ms:2:22)
  at top level (main.ms:3:2)
"""


def run(folder, text, *options):
    (folder / "part.ms").write_text(MODULE)
    (folder / "main.ms").write_text(text)
    return subprocess.run([*runner.command(), "run", *options, "main.ms"], capture_output=True, text=True, cwd=folder).stderr


def test_text(tmp_path):
    """cite: err.trace.1, err.cause.1"""
    assert run(tmp_path, MAIN) == TRACE
    assert run(tmp_path, MAIN) == TRACE      # from the cache


def test_json(tmp_path):
    found = json.loads(run(tmp_path, MAIN, "--format=json"))
    assert found["error"] == "PartError" and found["cause"]["error"] == "FieldError" and "cause" not in found["cause"]
    assert found["cause"]["trace"].startswith("  at inner (part.ms:4:14)\n")


def test_circle_of_causes(tmp_path):
    text = 'let a = Error("a")\nlet b = Error("b", a)\na.cause = b\nthrow a\n'
    assert run(tmp_path, text).splitlines() == ["Error: a", "  at top level (main.ms:4:1)", "caused by: Error: b"]


def test_a_cause_that_is_no_error(tmp_path):
    assert run(tmp_path, 'throw Error("a", 3)').splitlines()[-1] == "caused by: value: 3"
