"""Standalone programs for other machines: they run under an emulator where there is one, and have the right format in any case.

`pytest tests/test_programs.py --engine aarch64` runs all programs in this way.
"""
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import runner

from myna.vm import toolchain

HERE = Path(__file__).resolve().parent
# For each thing that differs between machines a program: numbers, output and input, stacks, errors, the collector, calls of C.
SAMPLE = ("float_print_forms", "library_math", "floats", "int_limits_typed", "input_lines", "strings_unicode", "recursion_limit", "traces",
          "uncaught", "out_of_memory", "garbage_churn", "wrapping_hashes", "extern_callbacks")
HELLO = 'print("hello")\n'


def needs_emulator(target):
    """Skip the test where nothing runs programs for a target."""
    if not shutil.which(runner.EMULATORS[target]):
        pytest.skip(f"{runner.EMULATORS[target]} is not installed")


@pytest.fixture(scope="module")
def hello(tmp_path_factory):
    """Makes hello.ms for a target; its path."""
    folder = tmp_path_factory.mktemp("hello")
    (folder / "hello.ms").write_text(HELLO)

    def make(target):
        out = folder / target
        if not out.exists():
            runner.build(folder / "hello.ms", out, 2, target)
        return out
    return make


# --- running ---

@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("engine", [name for name, engine in runner.ENGINES.items() if engine.target and not engine.environment.get("MYNA_GC") and engine.level == 0])
def test_sample(name, engine):
    needs_emulator(runner.ENGINES[engine].target)
    report = runner.check(runner.HERE / "lang" / f"{name}.ms", engine)
    assert report is None, report


@pytest.mark.parametrize("target", runner.EMULATORS)
def test_calls_of_c(target, tmp_path):
    """Arguments and results of all kinds reach C, and C's callbacks the program, by the calling convention of the machine."""
    needs_emulator(target)
    path, library, out = tmp_path / "abi.ms", tmp_path / "abi.o", tmp_path / "abi"
    path.write_text((HERE / "abi.ms").read_text().replace("LIBRARY", "abi"))
    subprocess.run([sys.executable, "-m", "ziglang", "cc", "-O2", "-fno-sanitize=undefined", "-c", "-target", toolchain.target(target).launcher,
                    HERE / "abi.c", "-o", library], check=True)
    runner.build(path, out, 0, target, [str(library)])
    done = runner.emulated(target, out, {})
    assert not list(runner.compare(runner.parse(runner.read(path)), done, False))


# --- formats ---

def test_elf(hello):
    """AArch64, an executable with a fixed place, and no interpreter: it is linked with all that it needs."""
    data = hello("aarch64-linux").read_bytes()
    kind, machine, _, _, phoff, _, _, _, size, count = struct.unpack_from("<HHIQQQIHHH", data, 16)
    assert (data[:6], kind, machine) == (b"\x7fELF\2\1", 2, 183)
    assert {struct.unpack_from("<I", data, phoff + i * size)[0] for i in range(count)}.isdisjoint({2, 3})


def commands(data):
    """The load commands of a Mach-O file: (kind, bytes)."""
    count, at, found = struct.unpack_from("<I", data, 16)[0], 32, []
    for _ in range(count):
        kind, size = struct.unpack_from("<II", data, at)
        found.append((kind, data[at:at + size]))
        at += size
    return found


SEGMENT, LOAD_LIBRARY, SIGNATURE, MAIN, BUILD_VERSION = 0x19, 0xC, 0x1D, 0x80000028, 0x32


@pytest.mark.parametrize("target, cpu", [("aarch64-macos", 0x0100000C), ("x86_64-macos", 0x01000007)])
def test_mach_o(target, cpu, hello):
    """An executable that the system relocates, which needs its library only; what macOS runs on AArch64 must be signed."""
    data = hello(target).read_bytes()
    magic, machine, _, kind, _, _, flags = struct.unpack_from("<IIIIIII", data)
    assert (magic, machine, kind, flags >> 21 & 1) == (0xFEEDFACF, cpu, 2, 1)
    found = commands(data)
    libraries = [text[24:].split(b"\0")[0] for kind, text in found if kind == LOAD_LIBRARY]
    assert libraries == [b"/usr/lib/libSystem.B.dylib"]
    parts = dict(found)
    assert MAIN in parts and struct.unpack_from("<IHBB", parts[BUILD_VERSION], 8)[0] == 1
    if target == "aarch64-macos":
        at, size = struct.unpack_from("<II", parts[SIGNATURE], 8)
        assert struct.unpack_from(">I", data, at)[0] == 0xFADE0CC0 and at + size <= len(data)


def sections(data, at, count):
    """The sections of a PE file, by the address at which each lies in memory: (address, size, place in the file)."""
    return [(address, size, place) for size, address, _, place in (struct.unpack_from("<IIII", data, at + 40 * i + 8) for i in range(count))]


def imports(data, directory, parts):
    """The names of the libraries that a PE file needs."""
    def place(address):
        return next(address - start + offset for start, size, offset in parts if start <= address < start + size)
    at, found = place(directory), []
    while name := struct.unpack_from("<I", data, at + 12)[0]:
        start = place(name)
        found.append(data[start:data.index(b"\0", start)].decode().lower())
        at += 20
    return found


def test_pe(hello):
    """x86-64, for the console, at any address and without executable data; it needs what every Windows of today has."""
    data = hello("x86_64-windows").read_bytes()
    header = struct.unpack_from("<I", data, 60)[0]
    assert (data[:2], data[header:header + 4]) == (b"MZ", b"PE\0\0")
    machine, count, _, _, _, optional, _ = struct.unpack_from("<HHIIIHH", data, header + 4)
    magic, (subsystem, flags) = struct.unpack_from("<H", data, header + 24)[0], struct.unpack_from("<HH", data, header + 24 + 68)
    assert (machine, magic, subsystem, flags & 0x140) == (0x8664, 0x20B, 3, 0x140)
    directory = struct.unpack_from("<I", data, header + 24 + 120)[0]
    needed = imports(data, directory, sections(data, header + 24 + optional, count))
    assert "kernel32.dll" in needed and not [name for name in needed if name != "kernel32.dll" and not name.startswith("api-ms-win-crt-")]


@pytest.mark.parametrize("target", [name for name in toolchain.TARGETS if toolchain.target(name) != toolchain.host()])
def test_the_same_bytes(target, hello, tmp_path):
    first, out = hello(target), tmp_path / "other"
    runner.build(first.with_name("hello.ms"), out, 2, target)
    assert out.read_bytes() == first.read_bytes() and list(tmp_path.iterdir()) == [out]
