"""Calls of C functions of many types: abi.ms calls what abi.c has, under every engine, and in a standalone program."""
import os
import subprocess
import sys
from pathlib import Path

import pytest
import runner

from myna import tools
from myna.compiler import driver
from myna.compiler.source import Source
from myna.vm import host, toolchain
from myna.vm.llvm.externs import libraries

HERE = Path(__file__).resolve().parent
LIBRARY = "libabi.dylib" if sys.platform == "darwin" else "libabi.so"


def compile_c(*options):
    """Compile abi.c."""
    command = [sys.executable, "-m", "ziglang", "cc", "-O2", "-fno-sanitize=undefined", *options, HERE / "abi.c"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The path of abi.ms beside its library."""
    folder = tmp_path_factory.mktemp("abi")
    compile_c("-shared", "-nostdlib", "-fPIC", "-o", folder / LIBRARY)
    path = folder / "abi.ms"
    path.write_text((HERE / "abi.ms").read_text().replace("LIBRARY", LIBRARY))
    return path


@pytest.mark.parametrize("engine", [name for name, engine in runner.ENGINES.items() if engine.level is None])     # the others cannot load libraries
def test_calls(program, engine):
    report = runner.check(program, engine)
    assert report is None, report


def standalone(path, *options):
    """What a standalone program of a file does."""
    out = path.with_suffix("")
    subprocess.run([host.LAUNCHER, "build", "-O0", *options, "-o", out, path], check=True, timeout=runner.HANG,
                   env={**os.environ, "MYNA_PYTHON": sys.executable, "MYNA_TOOLS": tools.__file__, "MYNA_CACHE": str(path.parent / "cache")})
    done = subprocess.run([out], capture_output=True, text=True, timeout=runner.HANG)
    return list(runner.compare(runner.parse(runner.read(path)), runner.Run(done.returncode, done.stdout, done.stderr), False))


def test_a_standalone_program_is_linked_with_what_it_calls(program):
    compile_c("-c", "-target", toolchain.host().launcher, "-o", program.parent / "abi.o")
    assert not standalone(program, "--link", program.parent / "abi.o")


@pytest.mark.parametrize("options, why", [
    ([], "myna: the program calls functions of z; `--link FILE` names an object file or a static library that has them"),
    (["--link", "libz.a"], "myna: there is no file libz.a to link with"),
])
def test_what_is_missing_is_told(options, why, tmp_path):
    (tmp_path / "x.ms").write_text('extern "z" fun adler(): int\nadler()')
    command = [sys.executable, tools.__file__, "build", *options, "x.ms"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=runner.HANG)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, why)


def test_libraries_to_link_with():
    source = 'extern "z" fun a()\nextern "c" fun b()\nextern "z" fun d()\nextern "/x/y.so" fun e()\na()\nb()\nd()\ne()'
    assert libraries(driver.compile_source(Source("x.ms", source))) == ["z", "/x/y.so"]
