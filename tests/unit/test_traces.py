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


def test_a_long_trace_shows_its_ends(tmp_path):
    """cite: err.trace.2"""
    lines = run(tmp_path, 'fun down(n) { if (n == 0) { throw Error("deep") } down(n - 1) }\ndown(98)\n').splitlines()
    places = [line for line in lines if line.startswith("  at ")]
    assert lines[0] == "Error: deep" and len(places) == 20 and len(lines) == 22
    assert "80" in lines[17] and places[-1] == "  at top level (main.ms:2:5)"


def test_an_error_thrown_again_keeps_its_places_and_gets_more(tmp_path):
    """cite: err.trace.3"""
    text = 'fun make() => Error("kept")\nfun first() { throw make() }\nfun again(e) { throw e }\ntry { first() } catch (e) { again(e) }\n'
    before = ["Error: kept", "  at first (main.ms:2:15)", "  at top level (main.ms:4:12)"]
    assert run(tmp_path, text).splitlines() == [*before, "  at again (main.ms:3:16)", "  at top level (main.ms:4:34)"]


def test_finally_changes_no_trace_of_an_uncaught_error(tmp_path):
    """cite: err.trace.3"""
    text = 'fun down(n) { %-10s{ if (n == 0) { throw Error("deep") } down(n - 1) }%s }\ntry { down(98) } finally { }\n'
    ways = [("if (true)", ""), ("try", " finally { }"), ("try", " catch (e) { throw e }"), ("try", " catch (e: TypeError) { }")]
    plain, *others = [run(tmp_path, text % way) for way in ways]
    assert plain.splitlines()[17] == "  ... 80 more ..." and plain.endswith("  at top level (main.ms:2:11)\n")
    assert others == [plain] * 3
