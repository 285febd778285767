"""`myna bench`: what it runs, keeps and compares. Nothing here depends on how fast anything is."""
import json
import subprocess

import pytest

from myna import benchmarks
from myna.vm import host

PROGRAM = '''print("loaded")
@bench fun nothing() {}
@bench fun some() { var sum = 0; for (i in 0..100) { sum += i } print(sum) }
fun no_benchmark() { throw Error("called") }
'''


@pytest.fixture
def place(tools_place):
    """A folder with benchmarks."""
    (tools_place / "work.ms").write_text(PROGRAM)
    (tools_place / "bad.ms").write_text('@bench fun breaks() { throw Error("no") }\n@bench fun _private() {}\n')
    return tools_place


def run(*arguments):
    """Run `myna bench`."""
    return subprocess.run([host.LAUNCHER, "bench", *arguments], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("native", [[], ["--native"]])
def test_benchmarks_run(place, native):
    """cite: test.bench.1"""
    done = run("work.ms", "--format=json", "--samples", "3", *native)
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["file"], each["name"], each["samples"]) for each in found] == [("work.ms", "nothing", 3), ("work.ms", "some", 3)]
    assert all(0 <= each["least"] <= each["low"] <= each["median"] <= each["high"] and each["calls"] >= 1 for each in found)


def test_results_are_kept_and_compared(place):
    """cite: test.bench.2"""
    assert run("work.ms", "-k", "some", "--samples=3", "--save", "then.json").returncode == 0
    row = json.loads((place / "then.json").read_text())
    for factor, said in ((1000, "times as fast"), (0.001, "times as slow")):
        faked = {**row, **{key: row[key] * factor for key in ("median", "low", "high")}}
        (place / "then.json").write_text(json.dumps(faked))
        done = run("work.ms", "--samples=3", "--compare=then.json")
        assert done.returncode == 0 and done.stdout.splitlines()[1].endswith(said)
        assert "as before" not in done.stdout and "times" not in done.stdout.splitlines()[0]     # `nothing` was not saved


def test_what_is_a_difference():
    timing = benchmarks.Timing("a.ms", "f", 10, [1.0, 2.0, 3.0, 4.0, 5.0])
    assert timing.median == 3.0 and timing.quartiles == (2.0, 4.0)
    assert benchmarks._compared(timing, {"low": 4.0, "high": 5.0, "median": 4.5}, False) == "as before"
    assert benchmarks._compared(timing, {"low": 5.0, "high": 7.0, "median": 6.0}, False) == "2.00 times as fast"


def test_what_goes_wrong(place):
    done = run("bad.ms", "-k", "breaks", "--samples=1")
    assert done.returncode == 1 and "bad.ms: breaks: Error: no\n" in done.stderr
    done = run("bad.ms", "-k", "_private")
    assert done.returncode == 65 and "`_private` is private" in done.stderr
    done = run("-k", "nothing of the kind")
    assert done.returncode == 1 and "no benchmarks found" in done.stderr
    for arguments, said in (("--compare", "work.ms"), "does not hold results"), (("--samples=0",), "whole number"), (("old.txt",), "no file"):
        done = run(*arguments)
        assert done.returncode == 2 and said in done.stderr
