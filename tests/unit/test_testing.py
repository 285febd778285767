"""`myna test`: what it runs, what it tells."""
import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from myna import discovery
from myna.vm import host

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
SHAPES = '''import test
import "sub/helpers" as helpers
var calls = 0
/// The area: `area(2)` is `4`, `shapes.area(1.5)` is `2.25`, `area(None)` throws `TypeError`,
/// `helpers.half(area(2))` is `2`.
fun area(x) => x * x
fun hidden(x) { calls += 1; return calls }
@test fun squares() { test.assert_equal(area(3), 9); hidden(1) }
@test fun once() { test.assert_equal(hidden(1), 1) }
@test fun _private() { test.assert_equal(input(), "") }
'''
WRONG = '''import test
/// `double(2)` is `5`, `double(` is `4`, `nothing_such()` is `4`,
/// `double(1)` throws `ValueError`, `double(4)` is
/// `8`.
fun double(x: int): int => x + x
print("loaded")
@test fun fails() {
    print("about to")
    test.assert_equal("the quick brown fox jumps", "the quick brown dog jumps")
}
@test fun hangs() { while (true) {} }
'''


@pytest.fixture
def place(tools_place):
    """A folder with two programs."""
    (tools_place / "sub").mkdir()
    (tools_place / "shapes.ms").write_text(SHAPES)
    (tools_place / "sub" / "helpers.ms").write_text("fun half(n: int): int => n / 2\n")
    (tools_place / "sub" / "wrong.ms").write_text(WRONG)
    return tools_place


def run(*arguments):
    """Run `myna test`."""
    return subprocess.run([host.LAUNCHER, "test", *arguments], capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)


def results(done):
    """Name -> object, of the JSON report."""
    return {each["name"]: each for each in map(json.loads, done.stdout.splitlines()) if "name" in each}


def test_what_passes(place):
    """cite: test.run.1, test.run.2, test.report.2, test.example.1, test.example.2"""
    done = run("shapes.ms")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("7 passed in ")


def test_what_fails_is_shown(place):
    """cite: test.report.1, test.example.3"""
    done = run("sub", "--timeout", "1")
    assert done.returncode == 65
    assert "FAIL sub/wrong.ms:7: fails\n    AssertionError: found \"the quick brown fox jumps\"" in done.stdout
    assert "at fails (sub/wrong.ms:9:" in done.stdout and "reflect" not in done.stdout
    assert '    expected  "the quick brown dog jumps"\n                               ^\n' in done.stdout
    assert "    printed:\n      loaded\n      about to\n" in done.stdout
    assert "FAIL sub/wrong.ms:11: hangs\n    no end after 1 seconds\n" in done.stdout
    assert "FAIL sub/wrong.ms:2: `double(2)` is `5`\n    found 4, expected 5\n" in done.stdout
    assert "FAIL sub/wrong.ms:3: `double(1)` throws `ValueError`\n    found nothing, expected ValueError\n" in done.stdout
    assert "1 passed, 4 failed, 2 did not compile in " in done.stdout


def test_a_filter(place):
    """cite: test.run.3"""
    assert list(results(run("-k", "once", "--format=json"))) == ["once"]
    assert set(results(run("-k", "wrong.ms::`double(4", "--format", "json"))) == {"`double(4)` is `8`"}
    done = run("-k", "nothing of the kind")
    assert (done.returncode, done.stdout) == (1, "") and "no tests found" in done.stderr


def test_json(place):
    found = results(run("--format=json", "--timeout=1", "-j", "2"))
    assert len(found) == 7 + 7
    outcomes = {name: each["outcome"] for name, each in found.items()}
    assert outcomes["squares"] == outcomes["_private"] == outcomes["`area(2)` is `4`"] == "passed"
    assert outcomes["fails"] == "failed" and outcomes["`double(` is `4`"] == outcomes["`nothing_such()` is `4`"] == "error"
    assert found["fails"]["output"] == "loaded\nabout to\n" and found["fails"]["line"] == 7


def test_junit(place):
    done = run("--format=junit", "--timeout=1")
    root = ElementTree.fromstring(done.stdout)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("14", "4", "2")
    assert [suite.get("name") for suite in root] == ["shapes.ms", "sub/wrong.ms"]
    assert len(root.findall(".//failure")) == 4 and root.find(".//testcase[@name='fails']/system-out").text == "loaded\nabout to\n"


def test_a_file_that_does_not_compile(place):
    (place / "shapes.ms").write_text("@test fun f() { let x: int = \"a\" }\n")
    done = run("shapes.ms")
    assert done.returncode == 65 and "    shapes.ms:1:30: error[E0601]" in done.stdout
    (place / "shapes.ms").write_text("@test fun f( {}\n")
    done = run(".", "-k", "shapes")
    assert done.returncode == 65 and "shapes.ms:1:" in done.stderr


def test_wrong_usage(place):
    for arguments, said in (("nowhere",), "no file nowhere"), (("-j", "none"), "-j none"), (("--format=x",), "formats are"), (("--what",), "no option"):
        done = run(*arguments)
        assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_examples_have_lines():
    found = discovery.examples("// no\n/// a: `1` is `2`, `x`\n    /// is `y`.\nfun f\n\n/// `a\n/// b` throws\n/// `E`")
    assert [(each.expression, each.throws, each.value, each.line) for each in found] == [
        ("1", False, "2", 2), ("x", False, "y", 2), ("a b", True, "E", 6)]


def test_the_library_keeps_its_examples(tools_place):
    """What the standard library's comments say is so."""
    done = run(str(ROOT / "stdlib"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split(" passed")[0]) > 80
