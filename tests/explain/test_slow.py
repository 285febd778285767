"""What `myna build --explain` says, of programs that say in comments what that is.

In a program, `// slow[KIND]: TEXT` stands for a finding of this kind in its line, whose message has the text in it, and so does `// note[KIND]: TEXT`; in
a line that is a comment only, for one in the line of the last code. `// why: TEXT` and `// help: TEXT` are of one of that line's findings. All
findings that are no notes are expected.
"""
import json
import re
from pathlib import Path

import pytest

import runner
from myna.compiler import driver, source
from myna.compiler.diagnostics import CompileError
from myna.explaining import FORMS, Report, explained
from myna.vm.opt.explain import KINDS

HERE = Path(__file__).resolve().parent
PROGRAMS = sorted(HERE.glob("*.ms"))
EXPECTED = re.compile(r"// (?:(slow|note)\[(\w+)\]|(why|help)): (.*)")


def compiled(path):
    """The compiled bytes of a program."""
    return driver.compile_file(str(path))


def expected(path):
    """(line, "slow" or "note", kind, text), and (line, "why" or "help", None, text), of a program's comments."""
    found, line = [], 0
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if text.strip() and not text.strip().startswith("//"):
            line = number
        match = EXPECTED.search(text)
        if match:
            found.append((line, match[1] or match[3], match[2], match[4]))
    return found


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_findings(path):
    report, wanted = Report(compiled(path)), expected(path)
    left = [(report.line(finding), finding) for finding in report.findings]
    for line, severity, kind, text in wanted:
        if kind is None:
            assert any(at == line and text in (getattr(finding, severity) or "") for at, finding in left_all(report)), (line, severity, text)
            continue
        match = next(((at, finding) for at, finding in left if at == line and finding.kind == kind and finding.note == (severity == "note")
                      and text in finding.message), None)
        assert match, (line, severity, kind, text, [finding.message for at, finding in left if at == line])
        left.remove(match)
    assert [(at, finding.kind, finding.message) for at, finding in left if not finding.note] == []


def left_all(report):
    """(line, Finding) of all findings."""
    return [(report.line(finding), finding) for finding in report.findings]


def test_each_kind_has_a_program():
    assert {kind for path in PROGRAMS for _, _, kind, _ in expected(path) if kind} == set(KINDS)


def test_the_hottest_come_first():
    report = Report(compiled(HERE / "method.ms"))
    assert [finding.weight for finding in report.slow] == sorted((finding.weight for finding in report.slow), reverse=True)


def test_text():
    text = explained(compiled(HERE / "field.ms"), "text").decode()
    assert "field.ms:6:11: slow[field]: the field `x` is looked up by name: `p` may be any value (in a loop)\n" \
           "            p.x = i             // slow" in text
    assert "\n    help: write `p: Point` in `unknown`\n" in text and "What would help most:" in text
    assert "note[" not in text and "note[check]" in explained(compiled(HERE / "arithmetic.ms"), "all").decode()


def test_nothing_to_say():
    assert explained(compiled(HERE / "typed.ms"), "text").decode().startswith("Nothing in loops is slower than it needs to be.")


def test_json():
    lines = [json.loads(line) for line in explained(compiled(HERE / "field.ms"), "json").decode().splitlines()]
    first = next(line for line in lines if line["severity"] == "slow")
    assert [first[key] for key in ("kind", "line", "column", "end_column", "level")] == ["field", 6, 11, 12, 1] and first["file"].endswith("field.ms")


def test_the_page_is_complete_in_itself(tmp_path):
    path = tmp_path / "a.ms"
    path.write_text('fun f(x) { for (i in 0..3) { print("<b>&${x + 1}") } }\nf(1)\nf("</script>")\n')
    page = explained(compiled(path), "html").decode()
    assert page.startswith("<!doctype html>") and "&lt;b&gt;&amp;" in page and "<b>&$" not in page
    assert page.count("</script>") == 1 and not re.search(r"https?:|src=|@import|url\(", page)


def test_a_source_that_is_gone_is_not_quoted(tmp_path):
    path = tmp_path / "a.ms"
    path.write_text("fun f(p) { for (i in 0..3) { p.x = i } }\nf({x: 1})\n")
    data = compiled(path)
    path.write_text("// something else\n")
    assert "slow[field]" in (text := explained(data, "all").decode()) and "something else" not in text
    path.unlink()
    for form in FORMS:
        assert explained(data, form)


@pytest.mark.parametrize("path", runner.programs(["lang"])[::5], ids=lambda path: path.name)
def test_programs_are_explained(path):
    try:
        data = compiled(path)
    except CompileError:
        return
    report = Report(data)
    for finding in report.findings:
        assert finding.kind in KINDS and finding.message and report.line(finding) >= 1
    assert report.text(False, True) and report.json() is not None


UNTYPED = """
class Body(x, v, mass) {
    fun momentum() => this.mass * this.v
}
fun pull(p, q, dt) {
    let d = p.x - q.x
    let mag = dt / (d * d * sqrt(d * d) + 0.01)
    p.v -= d * q.mass * mag
    q.v += d * p.mass * mag
}
fun total(bodies) {
    var sum = 0.0
    for (b in bodies) { sum += b.momentum() }
    return sum
}
fun advance(bodies, dt) {
    for (i in 1..bodies.length) { pull(bodies[0], bodies[i], dt) }
    for (b in bodies) { b.x += b.v * dt }
}
fun main(steps) {
    let bodies = [Body(0.0, 0.5, 1.0), Body(1.5, 0.1, 2.0)]
    var drift = 0.0
    for (i in 0..steps) {
        advance(bodies, 0.01)
        drift += total(bodies)
    }
    print(drift)
}
main(100)
"""


def follow(text, advice):
    """A program after a piece of advice."""
    found = re.fullmatch(r"write `(\w+): (.+)` in (?:the class )?`(?:\w+\.)?(\w+)`", advice)
    if found:
        name, type_, owner = found.groups()
        return re.sub(rf"((?:fun|class) {owner}\([^)]*?\b{name})\b(?!:)", rf"\1: {type_}", text, count=1)
    found = re.fullmatch(r"write `: (.+)` behind the parameters of `(?:\w+\.)?(\w+)`", advice)
    return re.sub(rf"(fun {found[2]}\([^)]*\))(?!:)", rf"\1: {found[1]}", text, count=1) if found else text


def test_following_the_advice_leaves_nothing_slow(tmp_path):
    path, text = tmp_path / "a.ms", UNTYPED
    for _ in range(20):
        path.write_text(text)
        report = Report(compiled(path))
        better = next((new for cause, _ in report.causes() if (new := follow(text, cause.help)) != text), None)
        if better is None:
            break
        text = better
    assert [(report.line(finding), finding.message, finding.why) for finding in report.slow] == []
    assert "class Body(x: float, v: float, mass: float)" in text and "fun pull(p: Body, q: Body, dt)" in text
