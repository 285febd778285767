"""The names in object files of all formats."""
import subprocess
import sys

import pytest

from myna.vm import symbols, toolchain

TEXT = """
extern int needed(void), a_name_of_more_than_eight_letters;
static __attribute__((noinline)) int own(int x) { return x + needed(); }
int shown(int x) { return own(x) + a_name_of_more_than_eight_letters; }
int data = 3;
"""


@pytest.mark.parametrize("target", toolchain.TARGETS)
def test_names(target, tmp_path):
    (tmp_path / "x.c").write_text(TEXT)
    command = [sys.executable, "-m", "ziglang", "cc", "-target", toolchain.target(target).launcher, "-O1", "-fno-sanitize=undefined", "-c", "x.c", "-o", "x.o"]
    subprocess.run(command, check=True, cwd=tmp_path)
    assert symbols.names((tmp_path / "x.o").read_bytes()) >= {"needed", "shown", "data", "a_name_of_more_than_eight_letters"}
    assert "own" not in symbols.names((tmp_path / "x.o").read_bytes())


def test_something_else():
    with pytest.raises(ValueError, match="neither"):
        symbols.names(b"#!/bin/sh")
