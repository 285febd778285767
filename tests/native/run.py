"""Builds and runs the C tests of the native runtime, `*_test.c`.

In:  vm/native/, the tests; a line `sources: a.c b.c ...` in a test's opening comment says what it links.
Out: `run(test, variant)`, the completed process, or `Unavailable`. Variants: `undefined` (the ziglang package's compiler,
undefined-behaviour checks) and `address` (the system's compiler, which has the run-time library for memory errors and leaks).
`python tests/native/run.py [test [case ...]]` runs them and shows what they print.
"""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from shutil import which

from myna.vm.gen import headers

HERE = Path(__file__).resolve().parent
NATIVE = HERE.parent.parent / "vm" / "native"
FLAGS = ["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fno-strict-aliasing", "-fno-math-errno"]
VARIANTS = ("undefined", "address")
SECONDS = 120


class Unavailable(Exception):
    """This machine cannot build the variant; the text says why."""


def tests():
    """The test files, by name."""
    return sorted(HERE.glob("*_test.c"))


def sources(test):
    """The files of the runtime that a test links."""
    names = re.search(r"sources:([^*]+)", test.read_text()).group(1).split()
    return [NATIVE / name for name in names]


@cache
def _directory():
    folder = tempfile.TemporaryDirectory(prefix="myna-native-")
    headers.write_headers(folder.name)
    return folder


@cache
def _compiler(variant):
    if variant == "undefined":
        return [sys.executable, "-m", "ziglang", "cc", "-fsanitize=undefined", *_cpu()]
    probe = Path(_directory().name) / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    found = [name for name in ("clang", "gcc", "cc") if which(name)]
    for name in found:
        command = [name, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        if subprocess.run([*command, probe, "-o", probe.with_suffix("")], capture_output=True).returncode == 0 \
                and subprocess.run([probe.with_suffix("")], capture_output=True).returncode == 0:
            return command
    raise Unavailable("no compiler with AddressSanitizer's run-time library: " + (", ".join(found) + " cannot" if found else "none installed"))


def _cpu():
    return ["-mcpu=x86_64_v2"] if os.uname().machine in ("x86_64", "AMD64") else []


@cache
def _object(source, variant):
    out = Path(_directory().name) / f"{source.stem}-{variant}.o"
    command = [*_compiler(variant), *FLAGS, "-I", _directory().name, "-I", NATIVE, "-I", HERE, "-c", source, "-o", out]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{source.name} does not compile:\n{done.stderr}")
    return out


def build(test, variant):
    """The test's executable."""
    compiler = _compiler(variant)
    _directory()        # now, as two threads that ask for it first would make two and lose one
    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(lambda source: _object(source, variant), [test, *sources(test)]))
    out = objects[0].with_suffix("")
    done = subprocess.run([*compiler, *objects, "-lm", "-o", out], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


def run(test, variant, *cases):
    """Build and run a test (or only some of its cases); output and errors are in `.stdout`."""
    return subprocess.run([build(test, variant), *cases], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=SECONDS)


def main(arguments):
    """Run what was asked for; the exit status."""
    failed = False
    for test in tests():
        if arguments and test.stem != arguments[0]:
            continue
        for variant in VARIANTS:
            try:
                done = run(test, variant, *arguments[1:])
            except Unavailable as reason:
                print(f"{test.name}, {variant}: skipped: {reason}")
                continue
            print(f"{test.name}, {variant}: {'failed' if done.returncode else 'passed'}\n{done.stdout}", end="")
            failed |= done.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
