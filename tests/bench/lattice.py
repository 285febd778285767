"""Times mixes of typed and untyped code: does adding types to a part of a program ever make it slower?

In:  `lattice/NAME.ms`, fully typed programs with five or more declarations of functions, classes and enums. Out: for each, the
CPU time of every mix in which each of five groups of them is typed or not (annotations taken away), relative to the mix
without any types. Holds: all mixes of a program print the same, else the run says so and fails.

A mix is made from the syntax tree, so it differs from the others by annotations only. Rounds are interleaved, the figure is the
minimum of CPU times: on a shared machine it is the one that other work disturbs least.
"""
import argparse
import itertools
import json
import shlex
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from run import myna_command, run  # noqa: E402
from myna.compiler import source  # noqa: E402
from myna.compiler.syntax import ast  # noqa: E402
from myna.compiler.syntax.parser import parse  # noqa: E402
from myna.compiler.syntax.unparse import unparse  # noqa: E402

PROGRAMS = Path(__file__).resolve().parent / "lattice"
UNITS = 5
LIMIT = 1.15


def units(module):
    """The groups of declarations that are typed or not, in order: the last group is all that is left."""
    kinds = (ast.FunDecl, ast.ClassDecl, ast.EnumDecl)
    found = [stmt for stmt in module.body if stmt.__class__ in kinds]
    return [[each] for each in found[:UNITS - 1]] + [found[UNITS - 1:]]


def strip(node):
    """Take all annotations of a declaration away. (An interface's would leave nothing to implement.)"""
    for inner in ast.walk(node):
        kind = inner.__class__
        if kind is ast.Function:
            inner.result = None
        if kind in (ast.Let, ast.FieldDecl, ast.Param):
            inner.type = None


def mix(path, typed):
    """The text of the program in which only the units numbered in `typed` have types."""
    module = parse(source.decode(str(path), path.read_bytes(), "ms"), "ms")
    for number, unit in enumerate(units(module)):
        for declaration in unit if number not in typed else ():
            strip(declaration)
    return unparse(module)


def mixes():
    """All subsets of the units, the one without any first."""
    return [set(chosen) for count in range(UNITS + 1) for chosen in itertools.combinations(range(UNITS), count)]


def measure(path, rounds, folder):
    """Mix -> its CPU time relative to the untyped one's."""
    files = []
    for typed in mixes():
        file = folder / f"{path.stem}-{''.join(map(str, sorted(typed))) or 'untyped'}.ms"
        file.write_text(mix(path, typed))
        files.append(file)
    command, best, outputs = myna_command(), {}, {}
    for number in range(rounds + 1):
        for file in files:
            seconds, outputs[file] = run([*command, "run", str(file)])
            if number:
                best[file] = min(seconds, best.get(file, seconds))
    if len(set(outputs.values())) > 1:
        raise SystemExit(f"the mixes of {path.name} print different things")
    return {file.stem.partition("-")[2]: best[file] / best[files[0]] for file in files}


def main():
    """Run, and print a line for each program."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("names", nargs="*", help="programs (default: all)")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json", action="store_true", help="print all figures as JSON")
    options = arguments.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(PROGRAMS.glob("*.ms")):
            if options.names and path.stem not in options.names:
                continue
            print(f"{path.stem}: {2 ** UNITS} mixes, {shlex.join(myna_command())}", file=sys.stderr)
            found[path.stem] = ratios = measure(path, options.rounds, Path(folder))
            worst = max(ratios, key=ratios.get)
            full = "".join(map(str, range(UNITS)))
            print(f"{path.stem:14} typed {ratios[full]:.2f}   slowest mix {ratios[worst]:.2f} ({worst})   "
                  f"{'within' if ratios[worst] <= LIMIT else 'ABOVE'} {LIMIT}")
    if options.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
