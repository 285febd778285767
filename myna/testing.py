"""`myna test`: runs functions marked `@test`, and the examples in doc comments.

In:  files and folders. Out: a report, and the exit status: ERROR when something fails or there is nothing to run, BAD_PROGRAM when something
does not compile.
Holds: each test and each example runs in a process of its own, in which its module is loaded anew: none sees what another did.

A program made for each file imports the module and runs the one test whose name, or the one example whose number, it reads from its
standard input. It is compiled once a file.
"""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from myna import discovery
from myna.subcommand import BAD_PROGRAM, ERROR, OK, Failure, Usage, coloured, number, programs, quoted, read, report, run_myna, suggestion

FORMS = ("text", "json", "junit")
SECONDS = 60            # that a test may take: far more than a test should, little enough to wait for
PROGRESS_SECONDS = 1    # of silence before a terminal is told how far it is

TESTS = """import "{module}" as _tested
from reflect import functions as _functions
for (test in _functions("test")) {{ if (test.module == "{stem}" && test.name == _key) {{ test.call() }} }}
"""
EXAMPLES = """class _Difference(text) extends Error(text) {}
fun _thrown(action: fun(): dynamic): string {
    try { action() } catch (error) { return type_of(error).name.split(".").last() ?? "" }
    return "nothing"
}
fun _check(found: string, expected: string) {
    if (found != expected) { throw _Difference("found ${found}, expected ${expected}") }
}
"""
EXAMPLE_LINE = re.compile(r'if \(_key == "(\d+)"\)')
OURS = re.compile(r"  at .* \((?:[^()]*[/\\])?(?:reflect\.ms|check_\d+\.ms):")      # frames that nobody wants to see
DIFFERENCE = re.compile(r"found (.*), expected (.*)", re.DOTALL)


class Test(NamedTuple):
    """Something to run: `key` is what its program reads. `kind` is "test" or "example"."""
    path: str
    name: str
    line: int
    kind: str
    key: str


class Result(NamedTuple):
    """What became of a test: `outcome` is "passed", "failed" or "error" (it did not compile); `message` is None where it passed."""
    test: Test
    outcome: str
    seconds: float
    message: str | None = None
    output: str = ""


def test(files, options):
    """Run the tests of files and folders, of this folder when none are named."""
    form = options.get("--format", "text")
    if form not in FORMS:
        raise Usage(f"--format {form}: formats are {', '.join(FORMS)}{suggestion(form, FORMS)}")
    jobs, seconds = number(options, "-j", os.cpu_count() or 1), number(options, "--timeout", SECONDS)
    start, wanted = time.monotonic(), options.get("-k", "")
    suites = [suite for path in programs(files or ["."]) if (suite := _suite(path, wanted, path in files))]
    total = sum(len(suite.tests) for suite in suites)
    if not suites:
        print("no tests found" + (f" whose name contains {wanted}" if wanted else ""), file=sys.stderr)
        return ERROR
    with tempfile.TemporaryDirectory(prefix="myna-test-") as folder, ThreadPoolExecutor(jobs) as pool:
        progress = _Progress(total, pool)
        results = [result for suite in list(pool.map(lambda suite: suite.compile(folder), suites)) for result in suite.begin(pool, seconds)]
        results = [progress.wait(result) for result in results]
        progress.clear()
    from myna import test_reports
    getattr(test_reports, {"json": "json_"}.get(form, form))(results, time.monotonic() - start, coloured(sys.stdout))
    outcomes = {result.outcome for result in results}
    return BAD_PROGRAM if "error" in outcomes else ERROR if "failed" in outcomes else OK


# --- finding ---

def _suite(path, wanted, named):
    """What is to be run of a file, or None. A file that was not named and has no tests need not parse."""
    from myna.compiler.diagnostics import CompileError
    if not path.endswith(".ms"):
        raise Failure(f"{path} is not a Myna program (.ms)")
    name, data = read(path)
    if not named and b"@test" not in data and b"///" not in data:
        return None
    try:
        tree, source = discovery.parse(name, data)
    except CompileError as error:
        if not named and b"@test" not in data:
            return None
        report(error)
        return _Suite(path, [Test(path, "the file", 1, "test", "")], None)
    chosen = [each for each in discovery.marked(tree, source, "test") if wanted in f"{path}::{each.name}"]
    examples = {str(number): each for number, each in enumerate(discovery.examples(source.text)) if wanted in f"{path}::{each.name}"}
    tests = [Test(path, each.name, each.line, "test", each.name) for each in chosen]
    tests += [Test(path, each.name, each.line, "example", key) for key, each in examples.items()]
    problems = {key: problem for key, each in examples.items() if (problem := discovery.problem(each))}
    examples = {key: each for key, each in examples.items() if key not in problems}
    return _Suite(path, tests, _program(path, tree, chosen, examples), problems) if tests else None


def _program(path, tree, tests, examples):
    """The program that runs the test or example that it is told. Examples, each on a line of its own, see the module by its name,
    its public names, and the modules that it imports."""
    from myna.compiler import library
    from myna.compiler.syntax.parser import Context
    module, stem = quoted(os.path.splitext(os.path.abspath(path))[0]), os.path.splitext(os.path.basename(path))[0]
    imports, methods = "let _key = input()\n", os.path.join(library.FOLDER, "methods")
    if examples and not os.path.samefile(os.path.dirname(os.path.abspath(path)), methods):
        modules = {alias: name for alias, name in discovery.imported(tree, os.path.dirname(os.path.abspath(path))) if alias != stem}
        names = sorted(set(discovery.public_names(tree)) - {stem, *modules})
        imports += "".join(f'import "{quoted(name)}" as {alias}\n' for alias, name in modules.items())
        imports += f'import "{module}" as {stem}\n' if Context.is_name(stem) else ""
        imports += f'from "{module}" import {", ".join(names)}\n' if names else ""
    lines = [f'if (_key == "{key}") {{ {_check(each)} }}\n' for key, each in examples.items()]
    return imports + (TESTS.format(module=module, stem=stem) if tests else "") + (EXAMPLES if examples else "") + "".join(lines)


def _check(example):
    if example.throws:
        return f'_check(_thrown(fun() => {example.expression}), "{quoted(example.value)}")'
    return f'_check("${{({example.expression}):?}}", "${{({example.value}):?}}")'


# --- running ---

class _Suite:
    """The tests of one file that one program runs; its text is None where the file does not parse."""

    def __init__(self, path, tests, text, problems=()):
        self.path, self.tests, self.text = path, tests, text
        self.program, self.problems = None, dict(problems)

    def compile(self, folder):
        """Compile the program, without the examples that do not compile. Returns itself."""
        source = os.path.join(folder, f"check_{id(self)}.ms")
        while self.text is not None and self.program is None:
            with open(source, "w", encoding="utf-8") as file:
                file.write(self.text)
            done = run_myna("_program", "--format", "json", source)
            if done.returncode == 0:
                self.program = source + ".myc"
                with open(self.program, "wb") as file:
                    file.write(done.stdout)
            elif not self._give_up(done.stderr.decode("utf-8", "replace"), source):
                self.text = None
        return self

    def _give_up(self, said, source):
        """Take the examples that do not compile out of the program; False where that does not help."""
        errors = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        own = {each["line"]: each["message"] for each in errors if each["file"] == source}
        lines = self.text.split("\n")
        found = {example[1]: message for line, message in own.items() if (example := EXAMPLE_LINE.match(lines[line - 1]))}
        lines = ["" if number in own and EXAMPLE_LINE.match(line) else line for number, line in enumerate(lines, 1)]
        self.problems |= found
        self.text = "\n".join(lines)
        if not found:
            self.problems = dict.fromkeys((each.key for each in self.tests), "\n".join(
                f"{_relative(each['file'])}:{each['line']}:{each['column']}: error[{each['code']}]: {each['message']}" for each in errors) or said.strip())
        return bool(found)

    def begin(self, pool, seconds):
        """Begin to run the tests: a Future of a Result for each."""
        return [pool.submit(self._run, each, seconds) for each in self.tests]

    def _run(self, test, seconds):
        if test.key in self.problems or self.program is None:
            return Result(test, "error", 0.0, self.problems.get(test.key, "it does not parse"))
        start = time.monotonic()
        try:
            done = run_myna("run", self.program, input=test.key.encode() + b"\n", timeout=seconds)
            problem = _problem(done)
            output = done.stdout
        except subprocess.TimeoutExpired as expired:
            problem, output = f"no end after {seconds} seconds", expired.stdout or b""
        return Result(test, "failed" if problem else "passed", time.monotonic() - start, problem, output.decode("utf-8", "replace"))


def _problem(done):
    """What went wrong in a run, without what is ours of the trace; None: nothing."""
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if not OURS.match(line)]
    return _relative("\n".join(lines)).removeprefix("_Difference: ") or f"it ended with exit status {done.returncode}"


def _relative(said):
    """Text with paths of files in this folder as seen from it."""
    return said.replace(os.getcwd() + os.sep, "")


class _Progress:
    """Tells a terminal how far it is, once that has taken a second."""

    def __init__(self, total, pool):
        self.total, self.done, self.shown = total, 0, False
        self.next = time.monotonic() + PROGRESS_SECONDS
        self.pool = pool

    def wait(self, future):
        """The result of a Future."""
        try:
            result = future.result()
        except KeyboardInterrupt:
            self.pool.shutdown(wait=False, cancel_futures=True)
            raise
        self.done += 1
        if sys.stderr.isatty() and time.monotonic() > self.next:
            self.next += PROGRESS_SECONDS / 10
            self.shown = True
            with contextlib.suppress(OSError):
                sys.stderr.write(f"\r{self.done}/{self.total}")
                sys.stderr.flush()
        return result

    def clear(self):
        """Take the line away."""
        if self.shown:
            sys.stderr.write("\r\033[K")
