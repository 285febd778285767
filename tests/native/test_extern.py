"""Calls of C functions of many types: abi.ms calls what abi.c has, under every engine, and in a standalone program."""
import subprocess
import sys
from pathlib import Path

import pytest
import runner

from myna.compiler import driver
from myna.compiler.bytecode import codec
from myna.vm import build
from myna.vm.llvm.compile import compile_program
from myna.vm.llvm.externs import compile_externs, libraries

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


@pytest.mark.parametrize("engine", runner.ENGINES)
def test_calls(program, engine):
    report = runner.check(program, engine)
    assert report is None, report


def standalone(path, objects):
    """Make a standalone program of a file, beside it; its path."""
    target = build.host()
    compiled, cpu = codec.decode(driver.compile_file(path)), target.cpu.replace("_", "-")
    for name, data in (("main.o", compile_program(compiled, target.llvm, cpu, 0)), ("externs.o", compile_externs(compiled, target.llvm, cpu))):
        (path.parent / name).write_bytes(data)
        objects = [*objects, path.parent / name]
    build.link_program(objects, path.with_suffix(""))
    return path.with_suffix("")


def test_a_standalone_program_is_linked_with_what_it_calls(program):
    compile_c("-c", "-target", build.host().launcher, "-o", program.parent / "abi.o")
    done = subprocess.run([standalone(program, [program.parent / "abi.o"])], capture_output=True, text=True, timeout=runner.HANG)
    assert not list(runner.compare(runner.parse(runner.read(program)), runner.Run(done.returncode, done.stdout, done.stderr), False))


@pytest.mark.parametrize("name", ["callbacks", "pointers", "uncaught"])
def test_standalone_programs_call_the_c_library(name, tmp_path):
    path = tmp_path / f"{name}.ms"
    path.write_text((runner.HERE / "lang" / f"extern_{name}.ms").read_text())
    done = subprocess.run([standalone(path, [])], capture_output=True, text=True, timeout=runner.HANG)
    assert not list(runner.compare(runner.parse(runner.read(path)), runner.Run(done.returncode, done.stdout, done.stderr), False))


def test_libraries_to_link_with():
    source = 'extern "z" fun a()\nextern "c" fun b()\nextern "z" fun d()\nextern "/x/y.so" fun e()\na()\nb()\nd()\ne()'
    from myna.compiler.source import Source
    assert libraries(driver.compile_source(Source("x.ms", source))) == ["z", "/x/y.so"]
