"""The language specification and the programs that test it know each other: ids, citations, and how much is tested."""
import re
from pathlib import Path

import runner

SPEC = Path(__file__).resolve().parents[2] / "language-spec"
CLAUSE = re.compile(r"^- (?:\[([a-z]+\.[a-z]+\.\d+)\]|\*\*(T\d+\.\d+)\*\*) ", re.M)
REFERENCE = re.compile(r"\[([a-z]+\.[a-z]+\.\d+)\]")
CITED_IN_PYTHON = re.compile(r'"""cite: ([a-zA-Z0-9., ]+)"""')      # the docstring of a test that runs programs itself
LEAST_TESTED = 1.0      # share of the clauses that a test cites


def clauses():
    """The ids of all clauses, page by page, as often as they occur."""
    return [bracketed or bold for page in sorted(SPEC.glob("*.md")) for bracketed, bold in CLAUSE.findall(page.read_text("utf-8"))]


def citations():
    """Clause -> names of the programs and the tests that cite it."""
    cited = {}
    for path in runner.HERE.rglob("test_*.py"):
        for clauses_ in CITED_IN_PYTHON.findall(path.read_text("utf-8")):
            for clause in clauses_.split(", "):
                cited.setdefault(clause, []).append(path.name)
    for path in runner.programs(["lang", "errors"]):
        for clause in runner.parse(runner.read(path)).cites:
            cited.setdefault(clause, []).append(path.name)
    return cited


def test_ids_are_unique():
    known = clauses()
    assert known
    assert not sorted({clause for clause in known if known.count(clause) > 1})


def test_cited_clauses_exist():
    known = set(clauses())
    assert not {clause: programs for clause, programs in citations().items() if clause not in known}


def test_clauses_refer_to_clauses():
    known = set(clauses())
    for page in SPEC.glob("*.md"):
        assert not set(REFERENCE.findall(page.read_text("utf-8"))) - known, page.name


def test_enough_is_tested():
    known, cited = set(clauses()), citations()
    share = len(known & cited.keys()) / len(known)
    print(f"{share:.1%} of {len(known)} clauses are cited by a test; not these:", *sorted(known - cited.keys()))
    assert share >= LEAST_TESTED
