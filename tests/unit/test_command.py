"""The `myna` command: arguments, files, exit statuses, signals, and the cache of compiled programs."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from myna import tools
from myna.vm import host

ROOT = Path(__file__).resolve().parents[2]
FOREVER = "while (true) { x = 1 }\n"
SECONDS = 60

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture
def place(launcher, tmp_path, monkeypatch):
    """An empty folder to work in, with a cache of its own beside it."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def myna(*arguments, input="", **options):
    """Run the launcher."""
    return subprocess.run([host.LAUNCHER, *arguments], input=input, capture_output=True, text=True, timeout=SECONDS, **options)


def write(name, text):
    """Make a file and give its name."""
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def entries(place):
    """What the cache holds."""
    return sorted((place.parent / "cache").glob("*"))


# --- running ---

@pytest.mark.parametrize("arguments", [["run", "hello.ms"], ["hello.ms"], ["./hello.ms"], ["run", "-s", "hello.ms"], ["-s", "hello.ms"],
                                       ["run", "--opt=all", "hello.ms"], ["hello.ms", "--engine", "interp"],
                                       ["run", "--engine=interp", "--heap-limit", "4M", "hello.ms"], ["run", "-mem", "4", "hello.ms"]])
def test_ways_to_run(place, arguments):
    write("hello.ms", 'print("hello")\n')
    for _ in ("compiled", "from the cache"):
        done = myna(*arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")


def test_standard_input_is_a_program(place):
    assert myna("run", "-", input="print(6 * 7)").stdout == "42\n"
    assert myna("-", input="print(6 * 7)").stdout == "42\n"


def test_a_file_without_extension(place):
    write("script", "print(1)\n")
    assert myna("run", "script").stdout == "1\n"
    assert myna("script").stdout == "1\n"


def test_classic_options(place):
    write("a.mit", 'f = fun(x) { return "a" + x; }; print(f(1));\n')
    assert myna("-s", "a.mit", "-mem", "8", "--opt=all").stdout == "a1\n"
    write("odd.txt", "print(1 + 1);")
    assert myna("run", "-mem", "4", "-s", "odd.txt").stdout == "2\n"


def test_python_does_the_same(place):
    write("hello.ms", 'print("hello")\n')
    done = subprocess.run([sys.executable, "-m", "myna.command", "run", "hello.ms"], capture_output=True, text=True, timeout=SECONDS,
                          env=dict(os.environ, PYTHONPATH=str(ROOT)))
    assert (done.returncode, done.stdout) == (0, "hello\n")


def test_the_library_does_the_same(place):
    write("hello.ms", 'print("hello")\n')
    code = "import sys; from myna.vm.host import library; sys.exit(library.command(['myna', 'hello.ms']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, env=dict(os.environ, PYTHONPATH=str(ROOT)))
    assert (done.returncode, done.stdout) == (0, "hello\n")


def test_compiled_programs_run(place):
    write("hello.ms", 'print("hello")\n')
    assert myna("compile", "hello.ms", "-o", "out").returncode == 0
    assert myna("run", "out").stdout == myna("run", "-b", "out").stdout == "hello\n"
    assert myna("dis", "out").stdout == myna("dis", "hello.ms").stdout != ""


def test_a_truncated_program_is_rejected(place):
    write("hello.ms", 'print("hello")\n')
    myna("compile", "hello.ms", "-o", "out.myc")
    write("cut.myc", Path("out.myc").read_bytes()[:-4])
    done = myna("cut.myc")
    assert done.returncode not in (0, 1) and done.stderr and not done.stdout
    assert myna("dis", "cut.myc").returncode == tools.USAGE


# --- mistakes ---

@pytest.mark.parametrize("arguments, said", [
    (["run"], "which program"), (["run", "none.ms"], "there is no file none.ms"), (["none.ms"], "there is no file none.ms"),
    (["rnu", "hello.ms"], "did you mean run?"), (["chek", "hello.ms"], "did you mean check?"), (["nonsense"], "there is no command or file"),
    (["run", "--heaplimit", "4M", "hello.ms"], "did you mean --heap-limit?"), (["--heap-limt=4M", "hello.ms"], "--heap-limt"),
    (["run", "--heap-limit", "4X", "hello.ms"], "500k, 4M, 1G"), (["run", "--heap-limit", "-1", "hello.ms"], "500k, 4M, 1G"),
    (["run", "--heap-limit", "99999999999999999999", "hello.ms"], "500k, 4M, 1G"), (["run", "--heap-limit", "99999999999G", "hello.ms"], "500k"),
    (["run", "hello.ms", "--heap-limit"], "it needs a value"), (["run", "--stats=1", "hello.ms"], "takes no value"),
    (["run", "--engine", "warp", "hello.ms"], "interp"), (["run", "--format=xml", "hello.ms"], "text and json"),
    (["run", "hello.ms", "more.ms"], "after `--`"), (["run", "folder"], "folder is a directory"), (["./folder"], "is a directory"),
    (["check"], "which files?"), (["check", "none.ms"], "there is no file none.ms"), (["check", "--frmat=json", "hello.ms"], "did you mean --format?"),
    (["dis", "hello.ms", "hello.ms"], "one file"), (["dis", "folder"], "folder is a directory"), (["help", "rum"], "did you mean run?"),
    (["--versoin"], "did you mean --version?"), (["compile", "hello.ms", "-o", "none/out"], "cannot write none/out"),
])
def test_wrong_usage(place, arguments, said):
    """cite: err.exit.1"""
    write("hello.ms", "print(1)\n")
    Path("folder").mkdir()
    done = myna(*arguments)
    assert done.returncode == 2 and said in done.stderr and done.stdout == ""
    assert done.stderr.startswith("myna: ") and "Traceback" not in done.stderr


def test_an_unknown_engine_in_the_environment(place, monkeypatch):
    monkeypatch.setenv("MYNA_ENGINE", "warp")
    done = myna("run", write("hello.ms", "print(1)"))
    assert done.returncode == 2 and "MYNA_ENGINE" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_an_unreadable_file(place):
    Path(write("hello.ms", "print(1)")).chmod(0)
    done = myna("hello.ms")
    assert done.returncode == 2 and "cannot read hello.ms" in done.stderr


@pytest.mark.parametrize("text", ["let x = ;\n", b'x = "\xff"\n', b"\0", "(" * 100_000, "fun", '"'])
@pytest.mark.parametrize("command", ["run", "check", "dis"])
def test_programs_that_do_not_compile(place, command, text):
    done = myna(command, write("bad.ms", text))
    assert done.returncode == 65 and "bad.ms:1:" in done.stderr and done.stdout == "" and "Traceback" not in done.stderr
    assert not entries(place)


def test_errors_as_json(place):
    write("bad.ms", "let x = ;\n")
    for arguments in (["run", "--format=json", "bad.ms"], ["check", "--format", "json", "bad.ms"]):
        done = myna(*arguments)
        assert done.returncode == 65
        assert [json.loads(line)["line"] for line in done.stderr.splitlines()] == [1]


def test_check_goes_through_all_files(place):
    write("bad.ms", "let x = ;\n")
    write("good.ms", "print(1)\n")
    done = myna("check", "bad.ms", "none.ms", "good.ms")
    assert done.returncode == 65 and "bad.ms:1:" in done.stderr and "none.ms" in done.stderr and done.stdout == ""
    assert myna("check", "good.ms").returncode == 0


def test_an_uncaught_error(place):
    done = myna("run", write("div.ms", 'print("before")\nprint(1 / 0)\n'))
    assert (done.returncode, done.stdout) == (1, "before\n") and done.stderr.startswith("DivisionByZeroError")


def test_a_bug_of_ours_shows_no_traceback(capsys):
    def broken(files, options):
        raise KeyError("lost")
    command = tools.Command("broken", "", "break", broken)
    tools.COMMANDS["broken"] = command
    try:
        assert tools.main(["broken"]) == tools.INTERNAL
    finally:
        del tools.COMMANDS["broken"]
    said = capsys.readouterr().err
    assert "internal error at test_command.py:" in said and "Traceback" not in said


# --- help ---

@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help(place, arguments):
    done = myna(*arguments)
    assert done.returncode == 0 and done.stderr == ""
    assert all(f"  {name} " in done.stdout for name in tools.COMMANDS)


@pytest.mark.parametrize("name", tools.COMMANDS)
def test_help_of_commands(place, name):
    done = myna(name, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"Usage: myna {name}") and "Examples:" in done.stdout
    assert myna("help", name).stdout == done.stdout


def test_version(place):
    from myna import __version__
    assert myna("--version").stdout == f"myna {__version__}\n"


# --- the cache ---

def test_the_second_run_needs_no_python(place, monkeypatch):
    write("hello.ms", 'print("hello")\n')
    assert myna("hello.ms").returncode == 0 and len(entries(place)) == 1
    monkeypatch.setenv("MYNA_PYTHON", "/nowhere/python")
    assert myna("hello.ms").stdout == "hello\n"
    assert myna("--heap-limit=4M", "hello.ms").stdout == "hello\n"
    done = myna(write("other.ms", "print(1)"))
    assert done.returncode == 1 and "cannot start /nowhere/python" in done.stderr


def test_an_entry_belongs_to_text_name_and_language(place):
    for name, text in (("a.ms", "print(1)"), ("a.ms", "print(2)"), ("b.ms", "print(2)"), ("b.txt", "print(2)")):
        assert myna("run", write(name, text)).stdout == text[6] + "\n"
    write("b.txt", "print(2);")
    assert myna("run", "-s", "b.txt").stdout == myna("run", "b.txt").stdout == "2\n"
    assert len(entries(place)) == 6


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-1], lambda data: data[:-1] + bytes([data[-1] ^ 1]),
                                    lambda data: bytes(len(data)), lambda data: data + b"\0"])
def test_a_damaged_entry_is_made_anew(place, damage):
    write("hello.ms", 'print("hello")\n')
    myna("hello.ms")
    entry, = entries(place)
    good = entry.read_bytes()
    entry.write_bytes(damage(good))
    assert myna("hello.ms").stdout == "hello\n"
    assert entry.read_bytes() == good and len(entries(place)) == 1


@pytest.mark.parametrize("folder", ["", "/dev/null", "/dev/null/deep", "/proc/nothing"])
def test_a_cache_that_cannot_be(place, monkeypatch, folder):
    monkeypatch.setenv("MYNA_CACHE", folder)
    done = myna(write("hello.ms", 'print("hello")\n'))
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")


def test_no_home(place, monkeypatch):
    for name in ("MYNA_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    done = myna(write("hello.ms", 'print("hello")\n'))
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")


def test_the_usual_places_of_the_cache(place, monkeypatch):
    write("hello.ms", "print(1)\n")
    monkeypatch.delenv("MYNA_CACHE")
    monkeypatch.setenv("HOME", str(place / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    myna("hello.ms")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "xdg"))
    myna("hello.ms")
    assert len(list((place / "home" / ".cache" / "myna").iterdir())) == len(list((place / "xdg" / "myna").iterdir())) == 1


def test_the_cache_is_bounded(place):
    cache = place.parent / "cache"
    cache.mkdir()
    for number in range(10):
        with open(cache / f"{number:032x}.mynac", "wb") as file:
            file.truncate(10 << 20)     # sparse: ten megabytes that take no room
        os.utime(file.name, (number + 1, number + 1))
    (cache / "notes.txt").write_text("not ours")
    for number in range(200):           # the size is looked at on one write in sixteen
        if not (cache / f"{0:032x}.mynac").exists():
            break
        assert myna(write("a.ms", f"print({number})")).returncode == 0
    left = {path.name for path in entries(place)}
    assert f"{9:032x}.mynac" in left and "notes.txt" in left
    assert sum(path.stat().st_size for path in entries(place)) < 64 << 20


def test_dumps_are_printed_although_cached(place, monkeypatch):
    write("hello.ms", 'print("hello")\n')
    myna("hello.ms")
    monkeypatch.setenv("MYNA_DUMP", "bytecode")
    done = myna("hello.ms")
    assert done.stdout == "hello\n" and ".function" in done.stderr


def test_two_at_once(place):
    write("hello.ms", 'print("hello")\n')
    running = [subprocess.Popen([host.LAUNCHER, "hello.ms"], stdout=subprocess.PIPE) for _ in range(4)]
    assert [child.communicate(timeout=SECONDS)[0] for child in running] == [b"hello\n"] * 4
    assert len(entries(place)) == 1


# --- pipes and signals ---

def test_a_closed_pipe_ends_quietly(place):
    write("much.ms", "for (i in 0..1000000) { print(i) }\n")
    child = subprocess.Popen([host.LAUNCHER, "much.ms"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout.readline() == b"0\n"
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(SECONDS) in (0, 141)


def test_much_output_arrives_in_order(place):
    write("much.ms", 'i = 0\nwhile (i < 200000) { print("a line of some fifty characters, to fill up pipes"); i = i + 1 }\nprint(1 / 0)\n')
    done = myna("much.ms")
    assert done.returncode == 1 and done.stdout.count("\n") == 200_000 and done.stderr.startswith("DivisionByZeroError")


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt(place, cached, number):
    """cite: lib.os.3"""
    write("forever.ms", 'print("begun")\n' + FOREVER)
    for _ in range(1 + cached):
        child = subprocess.Popen([host.LAUNCHER, "forever.ms"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + SECONDS
        while not entries(place) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)         # the program runs now, and has written nothing yet that the pipe would show
        child.send_signal(number)
        out, errors = child.communicate(timeout=SECONDS)
        assert child.returncode == 128 + number and out == b"begun\n" and b"Traceback" not in errors


def test_interrupt_while_waiting_for_input(place):
    write("ask.ms", 'print("begun")\nlet x = input()\nprint(x)\n')
    myna("ask.ms")
    child = subprocess.Popen([host.LAUNCHER, "ask.ms"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    assert child.wait(SECONDS) == 130
    child.communicate()


# --- check and explain ---

LOOSE = "fun f(a) {\n    let b = 1\n    return a\n}\nq = f(1)\nprint(q)\n"


def test_check_warns(place):
    write("loose.ms", LOOSE)
    done = myna("check", "loose.ms")
    assert done.returncode == 0 and "warning[E0662]: `b` is never read" in done.stderr and "E066" not in done.stderr.replace("E0662", "")
    assert {"E0660", "E0661", "E0662"} == {json.loads(line)["code"] for line in
                                           myna("check", "--strict", "--format=json", "loose.ms").stderr.splitlines()}
    assert myna("run", "loose.ms").stderr == ""


def test_what_c_calls_is_used(place):
    write("own.ms", 'fun _own() { }\n@export("own") fun _for_c(): None { }\n')
    assert [json.loads(line)["line"] for line in myna("check", "--format=json", "own.ms").stderr.splitlines()] == [1]


def test_check_warns_of_what_is_deprecated(place):
    """cite: attr.known.3"""
    text = '@deprecated("use g") fun f() { }\nf()\nclass C { @deprecated fun m() { } }\nC().m()\n'
    done = myna("check", write("old.ms", text))
    assert done.returncode == 0 and done.stderr.count("warning[E0673]") == 2 and "use g" in done.stderr


def test_check_gives_the_worst_status(place):
    write("good.ms", "print(1)")
    write("bad.ms", "print(")
    assert [myna("check", *files).returncode for files in
            (["good.ms"], ["good.ms", "bad.ms"], ["missing.ms", "good.ms"], [], ["good.ms", "--nothing"])] == [0, 65, 2, 2, 2]


def test_explain(place):
    done = myna("explain", "E0302", "e0301")
    assert done.returncode == 0 and "# E0302: " in done.stdout and "# E0301: " in done.stdout
    assert "E0302  name used before its declaration\n" in myna("explain").stdout
    done = myna("explain", "E0399")
    assert done.returncode == 2 and "there is no code E0399; did you mean E03" in done.stderr
