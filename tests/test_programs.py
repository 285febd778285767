"""Every program of the test suite under every engine; and every rule of the classic dialect has a program."""
import re

import pytest

import runner

RULES = runner.HERE / "classic" / "RULES.md"


def _name(path):
    return path.resolve().relative_to(runner.HERE.parent).as_posix()


def pytest_generate_tests(metafunc):
    """One test for each program and engine; under the interpreter it is quick."""
    if "engine" not in metafunc.fixturenames:
        return
    named = metafunc.config.getoption("--engine")
    chosen = named or set(runner.ENGINES) - runner.BY_HAND
    metafunc.parametrize("path, engine", [
        pytest.param(path, engine, id=f"{_name(path)}-{engine}", marks=[pytest.mark.quick] if engine == "interp" else [])
        for path in runner.programs() for engine in runner.engines(path, runner.parse(runner.read(path)), named or ())
        if engine in chosen])


def test_program(path, engine):
    if runner.missing(engine):
        pytest.skip(f"{runner.missing(engine)} is not installed")
    report = runner.check(path, engine)
    assert report is None, f"{_name(path)} under {engine}:\n{report}"


def _cited():
    """Slug -> names of the classic programs that cite it."""
    cited = {}
    for path in runner.programs(["classic"]):
        for slug in runner.parse(runner.read(path)).cites:
            cited.setdefault(slug, []).append(path.name)
    return cited


@pytest.mark.quick
def test_every_classic_rule_has_a_program():
    rules = re.findall(r"^- `([^`]+)`: ", RULES.read_text(), re.MULTILINE)
    assert len(rules) == len(set(rules)), "a rule stands twice in RULES.md"
    cited = _cited()
    assert not set(rules) - cited.keys(), "rules without a program"
    assert not cited.keys() - set(rules), "programs cite rules that do not exist"


@pytest.mark.quick
@pytest.mark.parametrize("text", ["// expected: 1", "// expect error on line 3", "// expect : 2", "// expects: 4"])
def test_malformed_expectations_are_noticed(text):
    with pytest.raises(ValueError):
        runner.parse(text)


def _problems(program, result, classic=False):
    return list(runner.compare(runner.parse(program), runner.Run(*result), classic))


@pytest.mark.quick
@pytest.mark.parametrize("program, result", [
    ("// expect: a\n// expect:\n// expect: c ", (0, "a\n\nc \n", "")),
    ("// expect: a // expect runtime error: AError", (0, "a // expect runtime error: AError\n", "")),
    ("// expect runtime error: AError: b: c", (1, "", "AError: b: c\n  at x\n")),
    ("// expect runtime error: AError", (1, "", "AError: b\n")),
    ("// exit: 3", (3, "", "")),
    ("// expect error line 2: E0201\n// expect error: E0301", (65, "", "a:2:1: error[E0201]: x\n  b\na:9:9: error[E0301]: y\n")),
    ("// expect error", (65, "", "a.ms:2:1: error[E0201]: x\n")),
])
def test_the_runner_accepts(program, result):
    assert not _problems(program, result)


@pytest.mark.quick
@pytest.mark.parametrize("program, result, problem", [
    ("// expect: a", (0, "b\n", ""), "actual output"),
    ("// expect: a", (0, "a", ""), "newline"),
    ("// expect: a", (0, "a\nb\n", ""), "actual output"),
    ("// expect: a", (1, "a\n", ""), "exit status"),
    ("// expect: a", (0, "a\n", "hm\n"), "standard error"),
    ("// expect: a", (-11, "a\n", ""), "exit status"),
    ("// expect runtime error: AError: b", (1, "", "AError: c\n"), "actual ending"),
    ("// expect runtime error: AError", (1, "", "AErrors: c\n"), "actual ending"),
    ("// expect error line 2: E0201", (65, "", "a:3:1: error[E0201]: x\n"), "expected error line 2"),
    ("// expect error", (65, "", "a:2:1: error[E0201]: x\na:3:1: error[E0201]: x\n"), "unexpected error line 3"),
    ("// expect error", (65, "1\n", "a:2:1: error[E0201]: x\n"), "actual output"),
    ("// exit: 1", (1, "", "Traceback (most recent call last)\n"), "traceback"),
])
def test_the_runner_notices(program, result, problem):
    assert any(problem in text for text in _problems(program, result))


@pytest.mark.quick
def test_classic_errors_end_standard_output():
    program = "// expect: a\n// expect runtime error: AException: b"
    assert not _problems(program, (1, "a\nAException: b\n", "  at x\n"), classic=True)
    assert _problems(program, (1, "a\n", "AException: b\n"), classic=True)
