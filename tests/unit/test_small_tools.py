"""`myna new`, `myna eval`, `myna check --watch`, `myna completion`."""
import os
import pty
import shutil
import signal
import subprocess
import threading

import pytest

from myna import subcommand, tools
from myna.vm import host

SECONDS = 60


def myna(*arguments, **options):
    """Run the launcher."""
    return subprocess.run([host.LAUNCHER, *arguments], capture_output=True, text=True, timeout=SECONDS, **options)


# --- new ---

def test_a_new_project_works(tools_place):
    done = myna("new", "my-game")
    assert done.returncode == 0 and "cd my-game" in done.stdout
    folder = tools_place / "my-game"
    assert (folder / ".gitignore").read_text().startswith("/my-game\n") and (folder / "README.md").read_text().startswith("# my-game\n")
    for arguments, said in ((["main.ms"], "Hello, world!\n"), (["check", "--strict", "."], ""), (["fmt", "--check", "."], "")):
        done = myna(*arguments, cwd=folder)
        assert (done.returncode, done.stdout) == (0, said), done.stderr
    done = myna("test", cwd=folder)
    assert done.returncode == 0 and done.stdout.startswith("2 passed")


def test_a_new_project_changes_nothing(tools_place):
    (tools_place / "there").mkdir()
    (tools_place / "there" / "file").write_text("mine")
    for name, said in (("there", "is there already"), ("a b", "no name"), ("1st", "no name")):
        done = myna("new", name)
        assert done.returncode == 2 and said in done.stderr
    assert os.listdir(tools_place / "there") == ["file"]
    assert myna("new").returncode == 2


# --- eval ---

@pytest.mark.parametrize("texts, said", [
    (["6 * 7"], "42\n"), (["\"a\""], "a\n"), (["let x = 3", "x * 2"], "6\n"), (["print(1)"], "1\n"), (["None"], ""),
    (["import json", 'json.parse("[1]")'], "[1]\n"), (["[1, \"b\"]"], "[1, b]\n"),
])
def test_values_are_printed(tools_place, texts, said):
    done = myna("eval", *texts)
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


def test_standard_input_is_evaluated(tools_place):
    assert myna("eval", "-", input="var s = 0\nfor (i in 0..5) { s += i }\ns").stdout == "10\n"


@pytest.mark.parametrize("texts, status, said", [
    (["1 +"], 65, "error[E0205]"), (["[][1]", "print(2)"], 1, "IndexError: index 1"), ([], 2, "eval: what?"),
])
def test_what_fails_is_told(tools_place, texts, status, said):
    done = myna("eval", *texts)
    assert (done.returncode, done.stdout) == (status, "") and said in done.stderr


# --- check --watch ---

def test_changes_are_watched(tools_place):
    file = tools_place / "a.ms"
    file.write_text("let x: int = 1\nprint(x)\n")
    process = subprocess.Popen([host.LAUNCHER, "check", "--watch", "a.ms"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))      # a shell's background job ignores it
    killer = threading.Timer(SECONDS, process.kill)
    killer.start()
    try:
        assert process.stderr.readline() == "watching; Ctrl-C ends\n"
        file.write_text("let x: int = \"a\"\nprint(x)\n")
        seen = []
        while not seen or "watching" not in seen[-1]:
            seen.append(process.stderr.readline())
            assert seen[-1], "it has ended"
        assert "a.ms:1:14: error[E0601]" in seen[0] and seen[-1] == "watching for a repair; Ctrl-C ends\n"
        file.write_text("print(2)\n")
        assert process.stderr.readline() == "watching; Ctrl-C ends\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    finally:
        killer.cancel()
        process.kill()
        process.communicate()


def test_folders_are_checked(tools_place):
    (tools_place / "sub").mkdir()
    (tools_place / "sub" / "bad.ms").write_text("let x: int = \"a\"\n")
    done = myna("check", ".")
    assert done.returncode == 65 and "sub/bad.ms:1:14" in done.stderr


# --- completion ---

@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script(tools_place, shell):
    done = myna("completion", shell)
    assert done.returncode == 0
    for name in tools.COMMANDS:
        assert name in done.stdout
    assert "heap-limit" in done.stdout and "strict" in done.stdout
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=done.stdout, text=True, capture_output=True).returncode == 0


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize("words, found", [("myna che", "check"), ("myna check --st", "--strict"), ("myna run --heap", "--heap-limit"), ("myna help te", "test"),
                                          ("myna pro", "program.ms")])
def test_bash_completes(tools_place, words, found):
    (tools_place / "program.ms").write_text("")
    script = myna("completion", "bash").stdout
    asked = f'shopt -s extglob\n{script}\nCOMP_WORDS=({words}); COMP_CWORD={len(words.split()) - 1}; _myna; echo "${{COMPREPLY[@]}}"'
    assert subprocess.run(["bash", "-c", asked], text=True, capture_output=True).stdout == found + "\n"


def test_an_unknown_shell(tools_place):
    done = myna("completion", "bsh")
    assert done.returncode == 2 and "did you mean bash?" in done.stderr


# --- colours ---

@pytest.mark.parametrize("environment, coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)])
def test_colours_are_for_terminals_that_want_them(environment, coloured, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal, open(os.devnull, "w") as file:
        assert subcommand.coloured(terminal) == coloured
        assert not subcommand.coloured(file)
    os.close(ours)
