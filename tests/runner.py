"""Runs programs that say in their comments what they print, under any engine.

In:  program files (.mit, .mitbc, .ms) and the name of an engine. Out: for each run None, or a report of what differs.
Holds: one expectation serves every engine; a run that hangs, dies of a signal or shows a Python traceback always fails.

    // expect: TEXT                         one line of standard output; they come in order
    // expect runtime error: Class: TEXT    how the program ends; `Class` alone when the words after it do not matter.
                                            Classic: the last line of standard output. Else: the first of standard error
    // expect error line N: E0123           a compile error in line N with this code; line, code or both may be missing.
                                            All errors of the program must be listed
    // stdin: TEXT                          one line of standard input
    // args: --heap-limit 4M                more options for the run
    // arguments: one "two words"           the program's own arguments
    // exit: N                              the exit status, where it is not the usual one of the above
    // cite: CLAUSE, CLAUSE                 the rules that the program tests
    // slow: stress move, REASON            not for these kinds of engines (stress, move, native, windows, pieces), for which it is mostly too heavy

`python tests/runner.py [-e ENGINE] FILE…` prints one line a run. Text is compared byte for byte.
"""
import argparse
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
FOLDERS = ("classic", "lang", "errors", "regress", "../examples")      # of programs, seen from HERE
SUFFIXES = (".mit", ".mitbc", ".ms")
HANG = 60       # seconds for one run: a hundred times what the slowest program takes on an idle machine
UNCAUGHT, DOES_NOT_COMPILE = 1, 65      # exit statuses


class Engine(NamedTuple):
    """A way to run programs: options and environment of the command."""
    options: tuple = ()
    environment: dict = {}
    kinds: tuple = ()           # programs that are `slow` for one of these are not run
    level: int | None = None    # build a standalone program, optimised so much, and run that
    target: str | None = None   # for this machine, which EMULATORS stands in for
    share: int = 1              # one program in so many is run, always the same ones
    session: tuple | None = None    # run it as inputs of a session, with these options of session_program.py


_WINE = {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "winedbg.exe=d"}     # else it tells of itself, and waits when one of its services fails
ENGINES = {
    "interp": Engine(),
    "gc-stress": Engine(environment={"MYNA_GC": "stress,verify"}, kinds=("stress",)),
    "gc-stress-move": Engine(environment={"MYNA_GC": "stress,move,verify"}, kinds=("stress",)),
    "gc-move": Engine(environment={"MYNA_GC": "move,verify"}, kinds=("move",)),
    "stack-stress": Engine(environment={"MYNA_STACK": "stress"}, kinds=("stress",)),
    "native": Engine(level=0, kinds=("native",), share=3),
    "native-stress": Engine(environment={"MYNA_GC": "stress,verify"}, kinds=("native", "stress"), level=0, share=5),
    "native-O2": Engine(level=2, kinds=("native",)),
    "native-O2-stress": Engine(environment={"MYNA_GC": "stress,verify"}, kinds=("native", "stress"), level=2),
    "aarch64": Engine(level=0, kinds=("native",), target="aarch64-linux"),
    "aarch64-stress": Engine(environment={"MYNA_GC": "stress,verify"}, kinds=("native", "stress"), level=0, share=3, target="aarch64-linux"),
    "aarch64-O2": Engine(level=2, kinds=("native",), target="aarch64-linux"),
    "windows": Engine(level=0, kinds=("native", "windows"), target="x86_64-windows"),
    "windows-stress": Engine(environment={"MYNA_GC": "stress,verify"}, kinds=("native", "windows", "stress"), level=0, share=3, target="x86_64-windows"),
    "windows-O2": Engine(level=2, kinds=("native", "windows"), target="x86_64-windows"),
    "repl": Engine(session=(), share=4),
    "repl-pieces": Engine(session=("--pieces",), kinds=("pieces",), share=4),
}
# Run only when they are named: LLVM takes long to optimise, and another machine is there only where its emulator is.
BY_HAND = {name for name, engine in ENGINES.items() if engine.level == 2 or engine.target}
EMULATORS = {"aarch64-linux": "qemu-aarch64", "x86_64-windows": "wine"}     # commands that run programs of another machine


class CompileError(NamedTuple):
    """An expected compile error; None where it does not matter."""
    line: int | None
    code: str | None

    def matches(self, line, code):
        """Is this the error `code` in `line`?"""
        return self.line in (None, line) and self.code in (None, code)

    def __str__(self):
        return f"error{f' line {self.line}' if self.line else ''}{f': {self.code}' if self.code else ''}"


class Expectations(NamedTuple):
    """What the comments of one program say. Lists stay empty, and values None, where they say nothing."""
    output: list            # lines of standard output, without the line of a runtime error
    runtime_error: str | None
    compile_errors: list
    stdin: list
    options: list
    arguments: list
    status: int | None
    cites: list
    slow: list              # kinds of engines

    def exit_status(self):
        """The expected exit status."""
        if self.status is not None:
            return self.status
        return DOES_NOT_COMPILE if self.compile_errors else UNCAUGHT if self.runtime_error else 0


class Run(NamedTuple):
    """What one run of a program did."""
    status: int
    stdout: str
    stderr: str


_OF_WINE = re.compile("^wine: .*\n", re.MULTILINE)
_COMMENT = re.compile(r"// (expect runtime error|expect error(?: line (\d+))?|expect|stdin|args|arguments|exit|cite|slow)(?::(?: (.*))?)?$")
_HEADLINE = re.compile(r"^[^\n]*?:(\d+):\d+: error\[(E\d+)\]: ", re.MULTILINE)


def parse(text):
    """The Expectations in a program's text. Raises ValueError for a comment that looks like one and is none."""
    found = Expectations([], None, [], [], [], [], None, [], [])
    for number, line in enumerate(text.split("\n"), 1):
        match = _COMMENT.search(line.rstrip("\r"))
        if not match:
            if "// expect" in line:
                raise ValueError(f"line {number}: malformed expectation: {line.strip()}")
            continue
        kind, at, value = match[1], match[2], match[3] or ""
        if kind == "expect":
            found.output.append(value)
        elif kind.startswith("expect error"):
            found.compile_errors.append(CompileError(int(at) if at else None, value or None))
        elif kind == "expect runtime error":
            found = found._replace(runtime_error=value)
        elif kind == "stdin":
            found.stdin.append(value)
        elif kind == "args":
            found.options.extend(shlex.split(value))
        elif kind == "arguments":
            found.arguments.extend(os.fsdecode(part.encode("latin-1")) for part in shlex.split(value))
        elif kind == "exit":
            found = found._replace(status=int(value))
        elif kind == "cite":
            found.cites.extend(part.strip() for part in value.split(","))
        else:
            found.slow.extend(value.partition(",")[0].split())
    return found


def read(path):
    """A program's text, a character a byte: programs may hold any bytes."""
    return Path(path).read_bytes().decode("latin-1")


def programs(folders=FOLDERS):
    """The paths of all programs in these folders, in order."""
    return sorted(path for folder in folders for path in (HERE / folder).rglob("*") if path.suffix in SUFFIXES)


def command():
    """How to start `myna`: $MYNA_COMMAND, or the command that is installed beside this Python."""
    given = os.environ.get("MYNA_COMMAND")
    return shlex.split(given) if given else [str(Path(sys.executable).parent / "myna")]


def missing(engine):
    """The command that an engine needs and this machine does not have; None: it can run."""
    emulator = EMULATORS.get(ENGINES[engine].target)
    return None if emulator is None or shutil.which(emulator) else emulator


def run(path, engine, options=(), stdin="", arguments=()):
    """Run one program; raises subprocess.TimeoutExpired when it hangs."""
    row = ENGINES[engine]
    own = ["--", *arguments] if arguments else []
    if row.session is not None:
        return _run([sys.executable, str(HERE / "session_program.py"), *row.session, *options, str(path), *own], row.environment, stdin)
    if row.level is not None:
        return _run_standalone(path, row, options, stdin, arguments)
    return _run([*command(), "run", *row.options, *options, str(path), *own], row.environment, stdin)


def _run(arguments, environment, stdin):
    done = subprocess.run(arguments, input=stdin.encode("latin-1"), capture_output=True, timeout=HANG, env={**os.environ, **environment})
    return Run(done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1"))


@cache
def _builder():
    """`myna build` in this process, which costs less than a process for each program."""
    from myna import building, checkout
    if checkout.is_checkout():
        checkout.refresh()
    return building


def build(path, out, level=0, target=None, given=()):
    """Make a standalone program of a file, for a target by its name, linked with the files `given`. Raises what `myna.building` raises."""
    building = _builder()
    from myna.vm import toolchain
    from myna.vm.aot import program
    how = program.Build(toolchain.target(target) if target else toolchain.host(), level)
    data = building.compiled(str(path), "text")
    building.link([building.object_file(data, how), *building.linked_files(data, how, given)], given, str(out), how)


def emulated(target, program, environment, stdin="", arguments=()):
    """Run a program of another machine, or of this one (None). Its output goes to files, since services that Wine begins keep pipes open."""
    if target is None:
        return _run([str(program), *arguments], environment, stdin)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        done = subprocess.run([EMULATORS[target], str(program), *arguments], input=stdin.encode("latin-1"), stdout=out, stderr=said, timeout=HANG,
                              env={**os.environ, **_WINE, **environment})
        texts = [(file.seek(0), file.read().decode("latin-1"))[1] for file in (out, said)]
    return Run(done.returncode, texts[0], _OF_WINE.sub("", texts[1]))


def _run_standalone(path, row, options, stdin, arguments):
    """Run a program as a standalone one; that it could not be made is a result, too."""
    building = _builder()
    with tempfile.TemporaryDirectory(prefix="myna-test-") as folder:
        out = os.path.join(folder, "program.exe")
        try:
            build(path, out, row.level, row.target)
        except (building.Rejected, building.Unusable) as error:
            return Run(DOES_NOT_COMPILE, "", f"{error}\n")
        return emulated(row.target, out, {**row.environment, **_variables(options)}, stdin, arguments)


def _variables(options):
    """What stands for the options of `myna run` in the environment of a standalone program."""
    found, rest = {}, iter(options)
    for option in rest:
        name, _, value = option.partition("=")
        if name in ("--heap-limit", "-mem"):
            found["MYNA_HEAP_LIMIT"] = (value or next(rest)) + ("M" if name == "-mem" else "")
        elif option == "--opt":
            next(rest)
        elif name not in ("--opt", "-s", "-b"):
            raise ValueError(f"a standalone program has nothing for {option}")
    return found


def engines(path, expected, named=()):
    """The engines that run a program; those that are `named` run every program. What does not compile does not run, so one is enough, and
    sessions, which have to say the same."""
    sessions = Path(path).suffix == ".ms"
    number = zlib.crc32(Path(path).name.encode())
    found = [name for name, engine in ENGINES.items() if (name in named or number % engine.share == 0) and (sessions or engine.session is None)
             and not set(engine.kinds) & set(expected.slow)]
    return [name for name in found if name in ("interp", "repl")] if expected.compile_errors else found


def check(path, engine):
    """Run a program and compare: None when all is as its comments say, else a report."""
    expected = parse(read(path))
    try:
        result = run(path, engine, expected.options, "".join(line + "\n" for line in expected.stdin), expected.arguments)
    except subprocess.TimeoutExpired:
        return f"no end after {HANG} seconds"
    problems = list(compare(expected, result, classic=Path(path).suffix != ".ms"))
    if not problems:
        return None
    return _readable("\n".join([*problems, *_section("standard error", result.stderr)]))


def compare(expected, result, classic):
    """Yield one text for each difference."""
    if "Traceback (most recent call last)" in result.stderr:
        yield "a Python traceback"
    if result.status != expected.exit_status():
        yield f"exit status {result.status}, expected {expected.exit_status()}"
    if expected.compile_errors:
        yield from _compare_compile_errors(expected.compile_errors, result.stderr)
    lines = result.stdout.split("\n")
    if lines.pop():
        yield "standard output does not end with a newline"
    if expected.runtime_error:
        if classic:
            ending = lines.pop() if lines else ""
        else:
            ending = result.stderr.split("\n")[0]
        yield from _compare_ending(expected.runtime_error, ending)
    elif result.stderr and not expected.compile_errors:
        yield "something on standard error"
    if lines != expected.output:
        yield "\n".join(difflib.unified_diff(expected.output, lines, "expected output", "actual output", lineterm="", n=2))


def _compare_ending(expected, actual):
    """The line that tells of a runtime error; without ": " only the class is expected."""
    found = actual if ": " in expected else actual.partition(":")[0]
    if found != expected:
        yield f"expected runtime error: {expected}\nactual ending: {actual}"


def _compare_compile_errors(expected, stderr):
    """Every expected error was reported, and no other one."""
    left = [(int(line), code) for line, code in _HEADLINE.findall(stderr)]
    for error in expected:
        match = next((found for found in left if error.matches(*found)), None)
        if match:
            left.remove(match)
        else:
            yield f"expected {error}"
    for line, code in left:
        yield f"unexpected error line {line}: {code}"


def _section(title, text):
    shown = text if len(text) < 2000 else text[:2000] + " …".encode().decode("latin-1")
    return [f"--- {title}", shown.rstrip("\n")] if text else []


def _readable(text):
    """Bytes as text for people."""
    return text.encode("latin-1").decode("utf-8", "backslashreplace")


def main(arguments=None):
    """The command line: run the programs and print a line for each."""
    parser = argparse.ArgumentParser(description="Run programs and compare with what their comments expect.")
    parser.add_argument("-e", "--engine", choices=[*ENGINES, "all"], default="interp")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: all programs")
    options = parser.parse_args(arguments)
    failures = 0
    for path in options.files or programs():
        for engine in engines(path, parse(read(path)), [options.engine]):
            if options.engine != engine and (options.engine != "all" or engine in BY_HAND):
                continue
            report = check(path, engine)
            failures += report is not None
            print(f"{'FAIL' if report else 'pass'} {path} [{engine}]")
            if report:
                print("    " + report.replace("\n", "\n    "))
    print(f"{failures} failed" if failures else "all passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
