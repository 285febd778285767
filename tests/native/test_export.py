"""Functions that C calls: the library that `myna build --lib` makes of shapes.ms, its header, and executables whose C calls the program."""
import ctypes
import os
import subprocess
import sys
from pathlib import Path

import elf
import pytest
import runner

from myna import checkout, tools
from myna.vm import host, toolchain

HERE = Path(__file__).resolve().parent
SUFFIX = ".dylib" if sys.platform == "darwin" else ".so"
SECONDS = 600       # for a build: the first one for another machine compiles the runtime
QUADS = {"__trunctfdf2", "__extenddftf2"}       # of the compiler's library, where long double has 128 bits
SHOWN = {"distance", "twice", "greet", "middle", "joined", "scale_all", "checksum", "divide", "move", "open_database", "address_of", "narrow",
         "many", "count", "say", "deep", "fails", "sort", "work", "shapes_error"}


def build(*arguments, cwd):
    """Run `myna build`; what it says."""
    environment = {**os.environ, "MYNA_PYTHON": sys.executable, "MYNA_TOOLS": tools.__file__, "MYNA_CACHE": str(cwd / "cache")}
    return subprocess.run([host.LAUNCHER, "build", *arguments], capture_output=True, text=True, timeout=SECONDS, env=environment, cwd=cwd)


def compile_c(*arguments, cwd, target=()):
    """Run the C compiler of the package."""
    subprocess.run([sys.executable, "-m", "ziglang", "cc", *target, "-O1", "-Wall", "-Wextra", "-fno-sanitize=undefined", *arguments], check=True, cwd=cwd)


@pytest.fixture(scope="module", autouse=True)
def built():
    """The native parts, up to date."""
    if checkout.is_checkout():
        checkout.refresh()


@pytest.fixture(scope="module")
def shapes(built, tmp_path_factory):
    """A folder with the library, its header, and a program in C that is linked with it."""
    folder = tmp_path_factory.mktemp("shapes")
    for name in ("shapes.ms", "shapes.c"):
        (folder / name).write_bytes((HERE / name).read_bytes())
    done = build("--lib", "-O1", "shapes.ms", cwd=folder)
    assert done.returncode == 0, done.stderr
    target = ["-target", toolchain.host().library] if sys.platform == "linux" else []
    compile_c("shapes.c", "-L.", "-lshapes", "-Wl,-rpath," + str(folder), "-o", "shapes", cwd=folder, target=target)
    return folder


# --- libraries ---

@pytest.mark.parametrize("modes", ["", "stress,verify", "stress,move,verify"])
def test_a_program_in_c(shapes, modes):
    """cite: c.export.1, c.export.2, c.export.3, c.export.4, c.export.5, c.shared.2, c.shared.3"""
    done = subprocess.run([shapes / "shapes"], capture_output=True, text=True, timeout=runner.HANG, env={**os.environ, "MYNA_GC": modes})
    assert (done.returncode, done.stderr) == (0, "") and done.stdout == (HERE / "shapes.out").read_text()


@pytest.mark.skipif(SUFFIX != ".so", reason="libraries are no ELF files here")
def test_it_shows_nothing_else(shapes):
    """cite: c.shared.1"""
    assert elf.shown(shapes / "libshapes.so") == SHOWN


def test_the_header(shapes):
    """cite: c.shared.5"""
    text = (shapes / "shapes.h").read_text()
    for part in ("/* The distance of two points.\n * It is never negative * / */\ndouble distance(Point a, Point b);", "char *greet(const char *name, int32_t default_);",
                 "void scale_all(float *xs, int64_t xs_length, double by);", "uint32_t checksum(const void *data, int64_t data_length);",
                 "typedef struct Database Database;", "Database *open_database(int64_t size);", "int64_t divide(int64_t a, int64_t b, int64_t *rest);"):
        assert part in text
    (shapes / "both.cpp").write_text('#include "shapes.h"\n#include "shapes.h"\nint64_t f(void) { return twice(1); }\n')
    compile_c("-Werror", "-c", "both.cpp", "-o", "both.o", cwd=shapes)
    assert build("--emit=header", "shapes.ms", cwd=shapes).stdout == text


def test_python(shapes):
    library = ctypes.CDLL(shapes / f"libshapes{SUFFIX}")
    library.shapes_error.restype = ctypes.c_char_p
    library.distance.restype = ctypes.c_double
    point = type("Point", (ctypes.Structure,), {"_fields_": [("x", ctypes.c_double), ("y", ctypes.c_double)]})
    assert library.distance(point(0, 0), point(6, 8)) == 10.0 and library.shapes_error() is None
    assert library.divide(ctypes.c_int64(1), ctypes.c_int64(0), None) == 0
    assert library.shapes_error() == b"ValueError: argument 3 of `divide` gets a null pointer"


UNLOADING = """
import ctypes, _ctypes, sys
for _ in range(3):
    library = ctypes.CDLL(sys.argv[1])
    print(library.twice(4), library.count(), flush=True)
    _ctypes.dlclose(library._handle)
print(sys.argv[1] in open("/proc/self/maps").read())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems may keep libraries")
def test_unloading(shapes):
    """cite: c.shared.4"""
    done = subprocess.run([sys.executable, "-c", UNLOADING, shapes / "libshapes.so"], capture_output=True, text=True, timeout=runner.HANG)
    assert (done.stdout, done.stderr) == ("shapes begin\n8 1\n" * 3 + "False\n", "")


def test_a_top_level_that_fails(tmp_path):
    """cite: c.shared.2"""
    (tmp_path / "bad.ms").write_text('print("begins")\n@export fun f(): int => 1\nthrow Error("not today")\n')
    assert build("--lib", "-O0", "bad.ms", "-o", f"x{SUFFIX}", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.glob("x.*")) == ["x.h", f"x{SUFFIX}"]
    library = ctypes.CDLL(tmp_path / f"x{SUFFIX}")
    library.bad_error.restype = ctypes.c_char_p
    for _ in range(2):
        assert (library.f(), library.bad_error()) == (0, b"Error: not today\n  at top level (bad.ms:3:1)")


def test_libraries_of_modules_use_other_libraries(tmp_path):
    """cite: c.export.6, c.shared.6"""
    (tmp_path / "part.ms").write_text('extern "c" fun labs(x: int): int\n@export("part_abs") fun absolute(x: int): int => labs(x)\n')
    (tmp_path / "whole.ms").write_text('import part\nextern "surely_nowhere" fun nothing()\n@export fun none(): None { nothing() }\n')
    assert build("--lib", "-O0", "--debug", "whole.ms", cwd=tmp_path).returncode == 0
    library = ctypes.CDLL(tmp_path / f"libwhole{SUFFIX}")
    library.whole_error.restype = ctypes.c_char_p
    assert library.part_abs(ctypes.c_int64(-5)) == 5
    library.none()
    assert b'RuntimeError: the library "surely_nowhere" of `nothing` cannot be loaded' in library.whole_error()


@pytest.mark.parametrize("source, why", [
    ("print(1)", "the program exports none: `@export` before a function makes it one"),
    ("@export fun list_new(): None {}", "no function can be exported as `list_new`: the name is in use already"),
    ("@export fun malloc(): None {}", "no function can be exported as `malloc`"),
    ("@export fun register(): None {}", "no function can be exported as `register`"),
    ("@export fun rt_mine(): None {}", "no function can be exported as `rt_mine`"),
    ("@export fun x_error(): None {}", "two functions are exported as `x_error`"),
    ('@export fun a(): None {}\n@export("a") fun b(): None {}', "two functions are exported as `a`"),
])
def test_what_cannot_be_a_library(source, why, tmp_path):
    """cite: c.export.7"""
    (tmp_path / "x.ms").write_text(source)
    done = build("--lib", "x.ms", cwd=tmp_path)
    assert done.returncode == 2 and why in done.stderr and not list(tmp_path.glob("libx*"))


@pytest.mark.parametrize("target", ["aarch64-linux", "aarch64-macos"])
def test_other_machines(target, shapes):
    suffix, magic = (".so", b"\x7fELF") if target.endswith("linux") else (".dylib", b"\xcf\xfa\xed\xfe")
    done = build("--lib", "-O0", "--target", target, "-o", f"other{suffix}", "shapes.ms", cwd=shapes)
    assert done.returncode == 0, done.stderr
    assert (shapes / f"other{suffix}").read_bytes().startswith(magic)
    if suffix == ".so":
        assert elf.shown(shapes / "other.so") == SHOWN and elf.needed(shapes / "other.so") - elf.needed(shapes / "libshapes.so") <= QUADS


# --- executables ---

CALLER = """
#include "squares.h"
#include <pthread.h>
#include <string.h>
static void *elsewhere(void *why) {
    square(2);
    return strcpy(why, squares_error());
}
int64_t sum_of_squares(int64_t n) {
    int64_t sum = 0;
    for (int64_t i = 1; i <= n; i++) {
        sum += square(i);
        if (squares_error()) break;
    }
    return sum;
}
int64_t first_after(const char *data) {
    churn();
    return *data;
}
const char *on_a_thread(void) {
    static char why[1024];
    pthread_t thread;
    pthread_create(&thread, 0, elsewhere, why);
    pthread_join(thread, 0);
    return why;
}
int64_t with_callback(int64_t (*f)(int64_t)) {
    f(1);
    return square(3) + (strstr(squares_error(), "waits") ? 100 : 0);
}
"""
SQUARES = """
extern "caller" fun sum_of_squares(n: int): int
extern "caller" fun first_after(data: bytes): int
extern "caller" fun on_a_thread(): string
extern "caller" fun with_callback(f: fun(int): int): int
@export fun square(x: int): int {
    if (x == 7) { throw Error("seven") }
    return x * x
}
@export fun churn(): None { for (i in 0..50) { "${i}${i}" } }
print(sum_of_squares(4))
print(first_after(bytes([65, 66])))
print(sum_of_squares(9))
print(on_a_thread())
try { with_callback(fun(x) { throw Error("in a callback") }) } catch (e) { print(e.message) }
print(sum_of_squares(2))
"""


@pytest.mark.parametrize("modes", ["", "stress,move,verify"])
def test_an_executable(modes, tmp_path):
    """cite: c.export.6, c.export.8"""
    (tmp_path / "squares.ms").write_text(SQUARES)
    (tmp_path / "caller.c").write_text(CALLER)
    (tmp_path / "squares.h").write_text(build("--emit=header", "squares.ms", cwd=tmp_path).stdout)
    compile_c("-c", "caller.c", "-o", "caller.o", cwd=tmp_path, target=["-target", toolchain.host().launcher])
    done = build("-O1", "--link", "caller.o", "squares.ms", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([tmp_path / "squares"], capture_output=True, text=True, timeout=runner.HANG, env={**os.environ, "MYNA_GC": modes})
    assert (done.stderr, done.stdout.splitlines()) == ("", ["30", "65", "91", "the program does not run on this thread", "in a callback", "5"])
