"""A heap limit holds for the whole process: its peak resident size stays close above the limit, however much garbage there is."""
import re
import subprocess
import sys
from pathlib import Path

import pytest

import runner

OVERHEAD = 10 << 20     # bytes above the limit for code, stack and the machine's own tables: what courses allow

# Each prints 500000 and waits for a line of input, so that its size can be read while it lives.
PROGRAMS = {
    "records.mit": "i = 0; while (i < 500000) { r = {a: i; b: {c: i;};}; i = i + 1; } print(i); input();",
    "closures.mit": "m = fun(n) { return fun() { return n; }; }; i = 0; while (i < 500000) { f = m(i); i = i + 1; } print(i); input();",
    "strings.mit": 'i = 0; while (i < 500000) { s = "text " + i + " and more"; t = s + s; i = i + 1; } print(i); input();',
    "lists.ms": "for (i in 0..500000) { let xs = [i, [i], i + 0.5] }\nprint(500000)\ninput()\n",
    "live.mit": "l = None; i = 0; while (i < 500000) { if (i / 50 * 50 == i) { l = {n: l;}; } else { g = {n: i;}; } i = i + 1; } print(i); input();",
}


def _peak(pid):
    """Peak resident size of a process in bytes, since its last exec."""
    return int(re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) << 10


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("megabytes", [4, 16])
@pytest.mark.parametrize("name", PROGRAMS)
def test_resident_size(name, megabytes, tmp_path):
    path = tmp_path / name
    path.write_text(PROGRAMS[name])
    limit = ["--heap-limit", f"{megabytes}M"]
    assert runner.run(path, "interp", limit).stdout == "500000\n"
    # Now it is compiled, so this run measures the machine alone.
    with subprocess.Popen([*runner.command(), "run", *limit, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with process.stdin:
            assert process.stdout.readline() == b"500000\n"
            peak = _peak(process.pid)
    assert process.returncode == 0
    assert peak <= (megabytes << 20) + OVERHEAD
