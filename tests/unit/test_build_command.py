"""`myna build`: what it makes, where, what it says, and what it keeps."""
import os
import signal
import subprocess
from pathlib import Path

import pytest

from myna.compiler import driver
from myna.vm import host, toolchain
from myna.vm.aot import program as aot
from myna.vm.archive import link_program

SECONDS = 60
HERE = next(name for name in toolchain.TARGETS if toolchain.target(name) == toolchain.host())
HELLO = 'print("hello")\n'

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture
def place(launcher, tmp_path, monkeypatch):
    """A folder to work in, with hello.ms, and a cache of its own beside it."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "hello.ms").write_text(HELLO)
    monkeypatch.chdir(folder)
    return folder


def myna(*arguments, **options):
    """Run the launcher."""
    return subprocess.run([host.LAUNCHER, *arguments], capture_output=True, text=True, timeout=SECONDS, **options)


def make(*arguments, **options):
    """Build; nothing is said, but steps on a busy machine."""
    done = myna("build", *arguments, **options)
    assert (done.returncode, done.stdout, without_steps(done.stderr)) == (0, "", "")


def without_steps(text):
    """What was said, without the steps of the build."""
    return "".join(line for line in text.splitlines(True) if not line.startswith(("myna: compiling", "myna: making", "myna: linking")))


def output(path):
    """What an executable prints."""
    return subprocess.run([os.path.abspath(path)], capture_output=True, text=True, timeout=SECONDS, check=True).stdout


def names(folder):
    """The files in a folder."""
    return sorted(os.listdir(folder))


# --- what it makes ---

@pytest.mark.parametrize("arguments, out", [([], "hello"), (["-o", "x"], "x"), (["-ox"], "x"), (["-o=x.bin"], "x.bin"), (["-O0"], "hello"),
                                            (["-O", "1"], "hello"), (["-O=3", "--debug"], "hello"), (["--target", HERE], "hello")])
def test_an_executable(place, arguments, out):
    make("hello.ms", *arguments)
    assert output(out) == "hello\n" and names(place) == sorted(["hello.ms", out])


def test_it_needs_nothing(place):
    make("hello.ms")
    Path("hello.ms").unlink()
    assert subprocess.run([os.path.abspath("hello")], env={}, stdout=subprocess.PIPE, cwd="/").stdout == b"hello\n"


def test_the_default_name_is_in_this_folder(place):
    Path("sub").mkdir()
    os.rename("hello.ms", "sub/hello.ms")
    make("sub/hello.ms")
    assert names(place) == ["hello", "sub"] and names("sub") == ["hello.ms"]


def test_standard_input(place):
    make("-", "-o", "six", input="print(6)")
    assert output("six") == "6\n"


def test_programs_of_all_kinds(place):
    Path("old.mit").write_text("print(1/2);")
    Path("-odd.ms").write_text("print(7)")
    Path("code.mitbc").write_bytes((Path(__file__).parents[1] / "classic" / "bc_arithmetic.mitbc").read_bytes())
    for file, out in (("old.mit", "old"), ("code.mitbc", "code"), ("-odd.ms", "odd")):
        make("-o", out, "--", file)
        assert output(out) == myna("run", f"./{file}").stdout != ""
    assert myna("compile", "hello.ms").returncode == 0
    make("hello.myc")
    assert output("hello") == "hello\n"


def test_several_files(place):
    Path("part.ms").write_text("fun answer() => 42\n")
    Path("main.ms").write_text("import part\nprint(part.answer())\n")
    make("main.ms")
    assert output("main") == "42\n"
    Path("part.ms").write_text("fun answer() => 43\n")
    make("main.ms")
    assert output("main") == "43\n"


@pytest.mark.parametrize("form, sign", [("bytecode", '.program "hello.ms"'), ("graph", "graph top level"), ("llvm", "target triple"), ("asm", ".text")])
def test_forms_are_printed(place, form, sign):
    done = myna("build", f"--emit={form}", "hello.ms")
    assert done.returncode == 0 and without_steps(done.stderr) == "" and sign in done.stdout and names(place) == ["hello.ms"]
    make("--emit", form, "hello.ms", "-o", "out")
    assert Path("out").read_text() == done.stdout
    assert myna("build", "--emit", form, "hello.ms", "-o", "-").stdout == done.stdout


HOT = "fun f(p) { for (i in 0..3) { p.x = i } }\nf({x: 1})\n"


@pytest.mark.parametrize("option, sign", [("--explain", "hot.ms:1:32: slow[field]"), ("--explain=text", "What would help"), ("--explain=all", "slow[field]"),
                                          ("--explain=json", '{"kind": "field"')])
def test_what_stayed_slow(place, option, sign):
    Path("hot.ms").write_text(HOT)
    done = myna("build", option, "hot.ms")
    assert done.returncode == 0 and sign in done.stdout and names(place) == ["hello.ms", "hot.ms"]
    assert myna("build", option, "hot.ms", "-o", "out").stdout == "" and Path("out").read_text() == done.stdout
    assert myna("build", option, "-", input=HOT).stdout == done.stdout.replace("hot.ms", "<stdin>")


def test_what_stayed_slow_as_a_page(place):
    Path("hot.ms").write_text(HOT)
    assert myna("build", "--explain=html", "hot.ms").stdout == "hot.html\n" and "looked up by name" in Path("hot.html").read_text()
    assert "<html" in myna("build", "--explain=html", "-", input=HOT).stdout


def test_classic_programs_are_explained(place):
    Path("old.mit").write_text("f = fun(x) { i = 0; while (i < x.n) { i = i + 1; } };\nf({n: 3;});\n")
    assert "old.mit:1:" in myna("build", "--explain", "old.mit").stdout
    Path("code.mitbc").write_bytes((Path(__file__).parents[1] / "classic" / "bc_arithmetic.mitbc").read_bytes())
    assert myna("build", "--explain", "code.mitbc").returncode == 0


def test_object_files(place):
    make("--emit=obj", "hello.ms")
    link_program(["hello.o"], "linked")
    assert output("linked") == "hello\n"


def test_symbols(place):
    for options, kept in ([], False), (["--debug"], True):
        make("hello.ms", *options)
        assert (b"myna_entries\0" in Path("hello").read_bytes()) == kept


def test_the_same_bytes_everywhere(tmp_path, place, monkeypatch):
    found = set()
    for folder in ("one", "two/deep"):
        there = tmp_path / folder
        there.mkdir(parents=True)
        (there / "hello.ms").write_text("class Point(x, y)\nlet p = Point(1, {k: [2]})\nprint(p.y.k)\n")
        monkeypatch.setenv("MYNA_CACHE", str(there / "cache"))
        monkeypatch.setenv("PYTHONHASHSEED", str(len(folder)))
        make("hello.ms", cwd=there)
        found.add((there / "hello").read_bytes())
    assert len(found) == 1 and str(tmp_path).encode() not in found.pop()


# --- the cache ---

def test_objects_come_from_the_cache(place):
    make("hello.ms")
    first = names(place.parent / "cache")
    done = myna("build", "hello.ms", "-v")
    assert done.stderr.count("myna: ") == 3 and names(place.parent / "cache") == first
    make("hello.ms", "-O1")
    assert len(names(place.parent / "cache")) == len(first) + 1


def test_damaged_objects_are_made_anew(place):
    make("hello.ms")
    good = Path("hello").read_bytes()
    entry, = (place.parent / "cache").glob("*.mynaco")
    data = entry.read_bytes()
    for damage in data[:-1], data[:10], b"", data[:40] + bytes([data[40] ^ 1]) + data[41:]:
        entry.write_bytes(damage)
        make("hello.ms")
        assert Path("hello").read_bytes() == good and entry.read_bytes() == data


@pytest.mark.parametrize("folder", ["", "/dev/null", "/proc/nothing"])
def test_a_cache_that_cannot_be(place, monkeypatch, folder):
    monkeypatch.setenv("MYNA_CACHE", folder)
    make("hello.ms")
    assert output("hello") == "hello\n"


def test_keys_tell_what_differs(place):
    data, target = driver.compile_file("hello.ms"), toolchain.host()
    other = target._replace(cpu="other")
    builds = aot.Build(target), aot.Build(target, 1), aot.Build(other), aot.Build(target, 2, "/one"), aot.Build(target, 2, "/two")
    assert len({aot.object_key(data, how) for how in builds} | {aot.object_key(data + b"\0", aot.Build(target))}) == 6


# --- what it refuses ---

@pytest.mark.parametrize("arguments, status, message", [
    ([], 2, "build: it takes one file"),
    (["hello.ms", "hello.ms"], 2, "build: it takes one file"),
    (["none.ms"], 2, "there is no file none.ms"),
    (["."], 2, ". is a directory"),
    (["hello.ms", "-o", "."], 2, ". is a directory; -o gives"),
    (["hello.ms", "-o", "hello.ms"], 2, "hello.ms is the program itself"),
    (["hello.ms", "-o", "/nowhere/x"], 2, "there is no directory /nowhere"),
    (["hello.ms", "-o", "/dev/null"], 2, "not an ordinary file"),
    (["hello.ms", "-o", "-"], 2, "an executable needs a file"),
    (["-"], 2, "needs a name for the output"),
    (["hello.ms", "--target=vax-vms"], 2, "targets are "),
    (["hello.ms", "--emit=llwm"], 2, "did you mean llvm?"),
    (["hello.ms", "--explain=htm"], 2, "did you mean html?"),
    (["hello.ms", "--explain", "-o", "hello.ms"], 2, "hello.ms is the program itself"),
    (["bad.ms", "--explain"], 65, "error[E"),
    (["hello.ms", "-O7"], 2, "levels are 0 to 3"),
    (["hello.ms", "-x"], 2, "has no option -x"),
    (["hello.ms", "--format=xml"], 2, "formats are text and json"),
    (["bad.ms"], 65, "error[E"),
    (["bad.ms", "--format=json"], 65, '"code"'),
    (["damaged.myc"], 70, "damaged.myc"),
])
def test_messages(place, arguments, status, message):
    Path("bad.ms").write_text("let x: int = \"a\"\n")
    myna("compile", "hello.ms", "-o", "damaged.myc")
    Path("damaged.myc").write_bytes(Path("damaged.myc").read_bytes()[:-8])
    before = names(place)
    done = myna("build", *arguments, stdin=subprocess.DEVNULL)
    assert done.returncode == status and message in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
    assert names(place) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written(place):
    Path("locked").mkdir(0o500)
    done = myna("build", "hello.ms", "-o", "locked/hello")
    assert done.returncode == 2 and "the directory locked is not writable" in done.stderr


def test_what_was_there_stays_when_it_fails(place):
    make("hello.ms")
    good = Path("hello").read_bytes()
    Path("hello.ms").write_text("print(")
    assert myna("build", "hello.ms").returncode == 65
    assert Path("hello").read_bytes() == good


def test_an_interrupt_leaves_nothing(place):
    Path("long.ms").write_text("".join(f"fun f{i}(x) {{ for (i in 0..x) {{ x = x + i * {i}; print([i]) }} return x }}\nprint(f{i}({i}))\n"
                                       for i in range(300)))
    process = subprocess.Popen([host.LAUNCHER, "build", "long.ms", "-v"], stderr=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))      # a shell's background job ignores it
    assert "bytecode" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 130 and "Traceback" not in said and names(place) == ["hello.ms", "long.ms"]
