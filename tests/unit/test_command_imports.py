"""A program that imports others comes from the cache until one of these changes."""
import os
import subprocess
import sys

import pytest

import myna
from myna.vm import host

TOOLS = os.path.join(os.path.dirname(myna.__file__), "tools.py")


@pytest.fixture
def run(tmp_path):
    """Runs main.ms and gives what it prints; `run.cached()`: whether that needs no compiler."""
    def start(python=sys.executable):
        return subprocess.run([host.LAUNCHER, "run", "main.ms"], capture_output=True, text=True, cwd=tmp_path,
                              env={**os.environ, "MYNA_CACHE": str(tmp_path / "cache"), "MYNA_PYTHON": python, "MYNA_TOOLS": TOOLS})

    def output():
        return start().stdout

    # Without a compiler only the cache can help.
    output.cached = lambda: start("/nowhere/python").returncode == 0
    return output


@pytest.fixture
def files(tmp_path):
    (tmp_path / "main.ms").write_text("import part\nprint(part.answer())\n")
    (tmp_path / "part.ms").write_text("import math\nfun answer() => math.clamp(1, 1, 9)\n")
    return tmp_path


def test_unchanged(files, run):
    assert run() == "1\n" and run.cached()
    (files / "part.ms").touch()
    assert run.cached()


def test_changed_import(files, run):
    run()
    (files / "part.ms").write_text("import math\nfun answer() => math.clamp(2, 1, 9)\n")
    assert not run.cached() and run() == "2\n" and run.cached()


def test_removed_import(files, run):
    run()
    (files / "part.ms").unlink()
    assert not run.cached() and run() == ""


def test_a_file_that_takes_the_place_of_a_library_module(files, run):
    run()
    (files / "math.ms").write_text("fun clamp(x, y, z) => 7\n")
    assert not run.cached() and run() == "7\n" and run.cached()
    (files / "math.ms").unlink()
    assert run() == "1\n"


def test_damaged_entry(files, run):
    run()
    for entry in (files / "cache").iterdir():
        data = bytearray(entry.read_bytes())
        data[len(data) // 2] ^= 1
        entry.write_bytes(data)
    assert not run.cached() and run() == "1\n"


def test_a_cache_that_cannot_be_written(files, run):
    (files / "cache").write_text("a file")
    assert run() == run() == "1\n"
