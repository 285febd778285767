"""What `myna test` prints: text for people, JSON lines, JUnit's XML.

In:  Results in the order of their files. Out: text on standard output.
"""
import json
from collections import Counter

from myna.testing import DIFFERENCE

GREEN, RED, PLAIN = "\033[32m", "\033[31m", "\033[0m"
WORDS = {"passed": "passed", "failed": "failed", "error": "did not compile"}


def text(results, seconds, colour):
    """The failures, each with its place, its message and what it printed, then a line that counts."""
    for result in results:
        if result.outcome != "passed":
            name = f"{result.test.path}:{result.test.line}: {result.test.name}"
            print(f"{RED}FAIL{PLAIN} {name}" if colour else f"FAIL {name}")
            print(_indented(result.message + difference(result.message)))
            if result.output:
                print("    printed:")
                print(_indented(result.output, "      "))
            print()
    counts = Counter(result.outcome for result in results)
    said = ", ".join(f"{counts[outcome]} {word}" for outcome, word in WORDS.items() if counts[outcome] or outcome == "passed")
    mark = (GREEN if len(counts) == 1 and counts["passed"] else RED) if colour else ""
    print(f"{mark}{said}{PLAIN if colour else ''} in {seconds:.1f} s")


def _indented(said, by="    "):
    return "\n".join(by + line if line else "" for line in said.rstrip("\n").split("\n"))


def difference(message):
    """Where what was found and what was expected part, below one another; nothing for what is short enough to see."""
    found = DIFFERENCE.search(message.split("\n  at ")[0])
    if not found or max(map(len, found.groups())) < 20 or "\n" in found[0]:
        return ""
    same = next((n for n, (a, b) in enumerate(zip(*found.groups())) if a != b), min(map(len, found.groups())))
    return f"\nfound     {found[1]}\nexpected  {found[2]}\n          {' ' * same}^"


def json_(results, seconds, colour):
    """One object for each test, and one that counts."""
    for result in results:
        test = result.test
        print(json.dumps({"file": test.path, "line": test.line, "name": test.name, "kind": test.kind, "outcome": result.outcome,
                          "seconds": round(result.seconds, 4), "message": result.message, "output": result.output}, ensure_ascii=False))
    counts = Counter(result.outcome for result in results)
    print(json.dumps({"passed": counts["passed"], "failed": counts["failed"], "errors": counts["error"], "seconds": round(seconds, 4)}))


def junit(results, seconds, colour):
    """JUnit's XML, with a suite for each file."""
    from xml.etree import ElementTree as tree
    root = tree.Element("testsuites", _totals(results, seconds))
    for path in dict.fromkeys(result.test.path for result in results):
        own = [result for result in results if result.test.path == path]
        suite = tree.SubElement(root, "testsuite", {"name": path, **_totals(own, sum(result.seconds for result in own))})
        for result in own:
            case = tree.SubElement(suite, "testcase", {"classname": path, "name": _printable(result.test.name), "file": path,
                                                       "line": str(result.test.line), "time": f"{result.seconds:.4f}"})
            if result.outcome != "passed":
                kind = "failure" if result.outcome == "failed" else "error"
                tree.SubElement(case, kind, {"message": _printable(result.message.split("\n")[0])}).text = _printable(result.message)
            if result.output:
                tree.SubElement(case, "system-out").text = _printable(result.output)
    tree.indent(root)
    print('<?xml version="1.0" encoding="UTF-8"?>\n' + tree.tostring(root, encoding="unicode"))


def _totals(results, seconds):
    counts = Counter(result.outcome for result in results)
    return {"tests": str(len(results)), "failures": str(counts["failed"]), "errors": str(counts["error"]), "time": f"{seconds:.4f}"}


def _printable(said):
    """Text without the characters that XML cannot have."""
    return "".join(c if c in "\t\n" or c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe" or c > "\uffff" else "\ufffd" for c in said)
