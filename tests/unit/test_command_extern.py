"""The `myna` command and programs that call C: the launcher, which is static, hands them to one that can load libraries."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from myna.vm import host

ROOT = Path(__file__).resolve().parents[2]
LABS = 'extern "c" fun labs(x: int): int\n'
SECONDS = 60

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture(autouse=True)
def place(launcher, tmp_path, monkeypatch):
    """An empty folder to work in, with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def myna(*arguments, input=""):
    """Run the launcher: (exit status, standard output, standard error)."""
    done = subprocess.run([host.LAUNCHER, *arguments], input=input, capture_output=True, text=True, timeout=SECONDS)
    return done.returncode, done.stdout, done.stderr


def write(name, text):
    """Make a file and give its name."""
    Path(name).write_text(text)
    return name


def test_from_standard_input():
    assert myna("run", "-", input=LABS + "print(labs(-7))") == (0, "7\n", "")


def test_standard_input_stays_the_programs():
    name = write("echo.ms", LABS + "print(labs(int(input())))\nprint(input())")
    assert myna(name, input="-5\nmore\n") == (0, "5\nmore\n", "")
    assert myna(name, input="-6\n") == (0, "6\n\n", "")        # found in the cache now


def test_options_reach_it():
    name = write("fail.ms", LABS + 'labs(1)\nthrow Error("no")')
    status, _, error = myna("run", "--format", "json", name)
    assert status == 1 and json.loads(error)["message"] == "no"
    name = write("large.ms", LABS + "labs(1)\nlet all = []\nwhile (true) { all.push(all.length) }")
    status, _, error = myna("run", "--heap-limit=4M", name)
    assert status == 1 and error.startswith("OutOfMemoryError")
    assert "instructions" in myna("run", "--stats", write("labs.ms", LABS + "labs(1)"))[2]


def test_messages_name_the_file():
    assert "(fail.ms:2:1)" in myna(write("fail.ms", LABS + "throw 1"))[2]


def test_compiled_programs(place):
    compiler = [sys.executable, ROOT / "myna" / "tools.py", "compile", write("labs.ms", LABS + "print(labs(-7))"), "-o", "labs.myc"]
    subprocess.run(compiler, check=True, timeout=SECONDS)
    assert myna("labs.myc") == (0, "7\n", "")


def test_programs_that_do_not_compile():
    assert myna(write("bad.ms", LABS + "labs()"))[0] == 65


def test_an_interrupt(place):
    creat = 'extern "c" fun creat(path: string, mode: u32): i32\n'
    name = write("endless.ms", LABS + creat + 'print(labs(-1))\ncreat("ready", 420)\nwhile (true) { labs(1) }')
    with subprocess.Popen([host.LAUNCHER, name], stdout=subprocess.PIPE, text=True) as child:
        end = time.monotonic() + SECONDS
        while not (place / "ready").exists() and time.monotonic() < end:
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        assert child.wait(SECONDS) == 130
        assert child.stdout.read() == "1\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only a static launcher needs another one")
def test_without_the_loader(place):
    alone = place / "myna"
    alone.write_bytes(Path(host.LAUNCHER).read_bytes())
    alone.chmod(0o755)
    environment = dict(os.environ, PATH="")
    done = subprocess.run([alone, write("labs.ms", LABS + "labs(1)")], capture_output=True, text=True, timeout=SECONDS, env=environment)
    assert done.returncode == 1
    assert done.stderr == "myna: the program calls C, which needs the system's C library (glibc) and myna-load\n" \
                          "myna: cannot start myna-load: No such file or directory\n"
