"""Calls of C functions of many types: abi.ms calls what abi.c has, under every engine."""
import subprocess
import sys
from pathlib import Path

import pytest
import runner

HERE = Path(__file__).resolve().parent
LIBRARY = "libabi.dylib" if sys.platform == "darwin" else "libabi.so"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The path of abi.ms beside its library."""
    folder = tmp_path_factory.mktemp("abi")
    command = [sys.executable, "-m", "ziglang", "cc", "-shared", "-nostdlib", "-fPIC", "-O2", "-fno-sanitize=undefined"]
    done = subprocess.run([*command, HERE / "abi.c", "-o", folder / LIBRARY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    path = folder / "abi.ms"
    path.write_text((HERE / "abi.ms").read_text().replace("LIBRARY", LIBRARY))
    return path


@pytest.mark.parametrize("engine", runner.ENGINES)
def test_calls(program, engine):
    report = runner.check(program, engine)
    assert report is None, report
