"""`myna build --debug`: lines and functions for debuggers and profilers, and the same code as without."""
import os
import re
import shutil
import subprocess

import pytest
from elf import sections

from myna.vm import host
from myna.vm.llvm.debug import quoted

pytestmark = pytest.mark.usefixtures("built")

SECONDS = 60
PROGRAM = """class Box(value: int) {
    fun show(): string => "a ${this.value}"
    fun +(other: Box): Box {
        return Box(this.value + other.value)
    }
}
fun sum(n: int): int {
    var total = 0
    for (i in 0..n) {
        if (i % 3 == 0) { total = total + fact(i % 20) }
    }
    return total
}
fun fact(n: int): int => n < 2 ? 1 : n * fact(n - 1)
let twice = fun(x) => x * 2
print(sum(40))
print((Box(1) + Box(2)).show())
print(twice("x".length))
"""


@pytest.fixture
def place(launcher, tmp_path, monkeypatch):
    """A folder to work in, with the program."""
    (tmp_path / "shapes.ms").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(*options):
    """What `myna build` prints."""
    return subprocess.run([host.LAUNCHER, "build", "shapes.ms", *options], stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=True).stdout


def lines_of(assembly):
    """Function → its lines that have code."""
    found, current = {}, None
    for line in assembly.splitlines():
        if label := re.match(r'"([^"]*)#\d+\.\w+":', line):
            current = found.setdefault(label[1], set())
        elif current is not None and (place := re.match(r"\s*\.loc\s+1 (\d+)", line)):
            current.add(int(place[1]))
    return found


def test_lines(place):
    found = lines_of(build("--debug", "--emit=asm", "-O0"))
    assert found["sum"] >= {9, 10} and 14 in found["fact"] and found["Box.+"] >= {3, 4} and found["top level"] >= {16, 17, 18}
    inlined = set().union(*lines_of(build("--debug", "--emit=asm")).values())
    assert inlined >= {9, 10, 14, 16, 17, 18}


def test_functions_have_their_names(place):
    said = build("--debug", "--emit=llvm", "-O0")
    assert {"sum", "fact", "Box.show", "Box.+", "top level"} <= set(re.findall(r'!DISubprogram\(name: "([^"]*)"', said))
    assert f'DIFile(filename: "shapes.ms", directory: "{place}")' in said


@pytest.mark.skipif(host.LIBRARY.endswith("dylib"), reason="executables are no ELF files here")
@pytest.mark.parametrize("level", "02")
def test_the_same_code(place, level):
    build("-o", "plain", f"-O{level}")
    build("-o", "debug", f"-O{level}", "--debug")
    plain, debug = sections(place / "plain"), sections(place / "debug")
    assert plain[".text"] == debug[".text"] and plain[".rodata"] == debug[".rodata"]
    assert ".debug_line" in debug and not [name for name in plain if name.startswith((".debug", ".symtab"))]
    assert str(place).encode() not in (place / "plain").read_bytes()


@pytest.mark.skipif(not shutil.which("gdb"), reason="needs gdb")
def test_a_debugger(place):
    build("-o", "debug", "--debug")
    command = ["gdb", "-batch", "-nx", "-ex", "break shapes.ms:14", "-ex", "run", "-ex", "bt", os.path.join(place, "debug")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS).stdout
    if "hit Breakpoint 1" not in said and "Breakpoint 1, " not in said:
        pytest.skip("gdb may not run programs here")
    assert re.search(r"#0 .*fact \(\) at shapes.ms:14", said) and "() at shapes.ms:10" in said


def test_quoted():
    assert quoted('a"b\\c\nü') == '"a\\22b\\5Cc\\0A\\C3\\BC"'
