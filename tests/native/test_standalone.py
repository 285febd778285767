"""What standalone programs survive: too little of everything, outputs that fail, odd inputs and surroundings, signals."""
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import runner

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")
PIPE, INTERRUPTED = 141, 130    # exit statuses: nobody reads the output; interrupted
MIB = 1 << 20
PROGRAMS = {
    "hello": 'print("hello")\n',
    "deep": "fun f(n) { return f(n + 1) + 1 }\ntry { f(0) } catch (e: StackOverflowError) { print(\"deep\") }\n",
    "fill": "let xs = []\ntry { while (true) { xs.push([1]) } } catch (e: OutOfMemoryError) { print(\"full\") }\n",
    "count": "for (i in 0..100000) { print(i) }\n",
    "echo": 'while (true) {\n    let line = input()\n    if (line == "") { break }\n    print(line)\n}\n',
    "spin": 'print("begun")\nvar n = 0\nwhile (true) { n = n +% 1 }\n',
    "wait": 'print("asked")\ninput()\n',
    "full": 'import fs\nfs.open("/dev/full", "w").write("x")\n',
    "files": "import fs\nimport os\nos.chdir(os.args[0])\nlet first = fs.open(\"first\", \"w\")\nfirst.write(\"kept\")\n"
             "for (i in 0..1000) { fs.open(\"log\", \"a\").write(\"${i}\\n\") }\nlet last = fs.open(\"last\", \"w\")\nlast.write(\"too\")\n"
             "throw ValueError(first.name + last.name)\n",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Makes one of PROGRAMS; its path."""
    folder = tmp_path_factory.mktemp("programs")

    def make(name):
        out = folder / name
        if not out.exists():
            out.with_suffix(".ms").write_text(PROGRAMS[name])
            runner.build(out.with_suffix(".ms"), out, 1)
        return out
    return make


def run(*command, limits=(), **options):
    """What a program does: status, standard output, standard error. `limits`: pairs for setrlimit."""
    def limit():
        for what, most in limits:
            resource.setrlimit(what, (most, most))
    done = subprocess.run(command, **{"capture_output": True, "timeout": runner.HANG, "preexec_fn": limit, **options})
    return done.returncode, done.stdout, done.stderr


# --- too little memory ---

@pytest.mark.parametrize("name, printed, mebibytes", [
    ("hello", b"hello\n", 16), ("hello", b"hello\n", 400), ("deep", b"deep\n", 16), ("deep", b"deep\n", 400), ("deep", b"deep\n", 2000),
    ("fill", b"full\n", 16), ("fill", b"full\n", 60)])
def test_little_address_space(name, printed, mebibytes, program):
    assert run(program(name), limits=[(resource.RLIMIT_AS, mebibytes * MIB)]) == (0, printed, b"")


def test_next_to_no_address_space(program):
    status, out, said = run(program("hello"), limits=[(resource.RLIMIT_AS, 3 * MIB)])
    assert status in (1, 70) and out == b"" and b"out of memory" in said


def test_a_small_stack_of_the_system(program):
    assert run(program("deep"), limits=[(resource.RLIMIT_STACK, MIB // 8)]) == (0, b"deep\n", b"")


@pytest.mark.parametrize("limit", ["4M", "100k", "1"])
def test_a_limit_of_the_heap(limit, program):
    assert run(program("fill"), env={"MYNA_HEAP_LIMIT": limit}) == (0, b"full\n", b"")


def test_a_limit_that_is_none(program):
    status, out, said = run(program("hello"), env={"MYNA_HEAP_LIMIT": "much"})
    assert (status, out) == (2, b"") and b'"much" is no size' in said


@pytest.mark.skipif(sys.platform != "linux", reason="measures what Linux accounts")
def test_a_small_program_takes_little(program):
    """Of disk, memory, and time; the least time of a few runs, since the machine may be busy."""
    assert os.path.getsize(program("hello")) <= 100 * 1024
    with subprocess.Popen([program("wait")], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"asked\n"
        peak, = [line.split()[1] for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
        process.communicate(timeout=runner.HANG)
    assert int(peak) <= 2048
    seconds = []
    for _ in range(10):
        process = subprocess.Popen([program("hello")], stdout=subprocess.DEVNULL)
        _, process.returncode, used = os.wait4(process.pid, 0)
        seconds.append(used.ru_utime + used.ru_stime)
    assert min(seconds) < 0.005


# --- outputs and inputs ---

def test_files_that_nobody_closes(program, tmp_path):
    """cite: lib.fs.1, lib.io.3"""
    status, out, said = run(program("files"), tmp_path, limits=[(resource.RLIMIT_NOFILE, 64)])
    assert (status, out) == (1, b"") and said.startswith(b"ValueError: firstlast\n")
    assert (tmp_path / "first").read_text() + (tmp_path / "last").read_text() == "kepttoo"
    assert sorted(map(int, (tmp_path / "log").read_text().split())) == [*range(1000)]


def test_nobody_reads(program):
    process = subprocess.Popen([program("count")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert (process.wait(runner.HANG), process.stderr.read()) == (PIPE, b"")
    process.stderr.close()


@pytest.mark.skipif(sys.platform != "linux", reason="a file that is always full")
def test_a_file_that_is_full(program):
    """cite: lib.io.3"""
    assert run(program("full")) == (1, b"", b"error: what was written to a file at the end is lost: No space left on device\n")


@pytest.mark.parametrize("output", [">&-", ">/dev/full"])
def test_an_output_that_fails(output, program):
    assert run("/bin/sh", "-c", f'"{program("count")}" {output}') == (PIPE, b"", b"")


def test_closed_input(program):
    assert run("/bin/sh", "-c", f'"{program("echo")}" <&-') == (0, b"", b"")


@pytest.mark.parametrize("text", [b"\xff\xfe\xc3\n\xed\xa0\x80\n", b"a\0b\n", b"x" * MIB + b"\n"], ids=["no UTF-8", "NUL", "long"])
def test_any_input_comes_out_again(text, program):
    assert run(program("echo"), input=text) == (0, text, b"")


def test_many_arguments_and_variables(program):
    given = ["x" * 1000] * 900 + ["\udcff"]
    assert run(program("hello"), *given, env={str(n): "y" * 1000 for n in range(500)}) == (0, b"hello\n", b"")


def test_nothing_around(program, tmp_path):
    """No variables, no folder that can be read; for the superuser not even other files."""
    (tmp_path / "alone").write_bytes(program("hello").read_bytes())
    (tmp_path / "alone").chmod(0o755)
    if os.geteuid() == 0 and sys.platform == "linux":
        assert run("/alone", env={}, preexec_fn=lambda: (os.chroot(tmp_path), os.chdir("/"))) == (0, b"hello\n", b"")
    assert run(tmp_path / "alone", env={}, cwd="/") == (0, b"hello\n", b"")


# --- signals ---

@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name, printed", [("spin", b"begun\n"), ("wait", b"asked\n")])
def test_signals(name, printed, number, program):
    """They end the program at once, and what it has printed is written."""
    process = subprocess.Popen([program(name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    if name == "wait":
        assert process.stdout.readline() == printed     # written before it waits
        printed = b""
    else:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
    process.send_signal(number)
    out, said = process.communicate(timeout=runner.HANG)
    assert (process.returncode, out, said) == (128 + number, printed, b"")
