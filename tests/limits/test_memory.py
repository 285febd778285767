"""A heap limit holds for the whole process: its peak resident size stays close above the limit, however much garbage there is."""
import os
import sys

import pytest

import runner

OVERHEAD = 10 << 20     # bytes above the limit for code, stack and the machine's own tables: what courses allow

PROGRAMS = {
    "records.mit": "i = 0; while (i < 500000) { r = {a: i; b: {c: i;};}; i = i + 1; } print(i);",
    "closures.mit": "m = fun(n) { return fun() { return n; }; }; i = 0; while (i < 500000) { f = m(i); i = i + 1; } print(i);",
    "strings.mit": 'i = 0; while (i < 500000) { s = "text " + i + " and more"; t = s + s; i = i + 1; } print(i);',
    "lists.ms": "for (i in 0..500000) { let xs = [i, [i], i + 0.5] }\nprint(500000)\n",
    "live.mit": "l = None; i = 0; while (i < 500000) { if (i / 50 * 50 == i) { l = {n: l;}; } else { g = {n: i;}; } i = i + 1; } print(i);",
}


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has other units elsewhere")
@pytest.mark.parametrize("megabytes", [4, 16])
@pytest.mark.parametrize("name", PROGRAMS)
def test_resident_size(name, megabytes, tmp_path):
    path = tmp_path / name
    path.write_text(PROGRAMS[name])
    limit = ["--heap-limit", f"{megabytes}M"]
    assert runner.run(path, "interp", limit).stdout == "500000\n"   # and now it is compiled: only the machine is measured
    child = os.posix_spawn(*_command([*limit, str(path)]), os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    assert status == 0
    assert usage.ru_maxrss * 1024 <= (megabytes << 20) + OVERHEAD


def _command(arguments):
    argv = [*runner.command(), "run", *arguments]
    return argv[0], argv
