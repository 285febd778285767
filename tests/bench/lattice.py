"""Times mixes of typed and untyped code: does adding types to a part of a program ever make it slower?

In:  `lattice/NAME.ms`, fully typed programs with five or more declarations of functions, classes and enums. Out: for each, the
CPU time of every mix in which each of five groups of them is typed or not (annotations taken away), relative to the mix
without any types; interpreted, or with `--binary` as `myna build` makes them. Holds: all mixes of a program print the same, else the run
says so and fails.

A mix is made from the syntax tree, so it differs from the others by annotations only. Rounds are interleaved, the figure is the
minimum of CPU times: on a shared machine it is the one that other work disturbs least.
"""
import argparse
import itertools
import json
import shlex
import subprocess
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


def name_of(typed):
    """The name of a mix: the numbers of its typed units."""
    return "".join(map(str, sorted(typed))) or "untyped"


def commands(path, folder, binary):
    """Mix -> the command that runs it."""
    found = {}
    for typed in mixes():
        file = folder / f"{path.stem}-{name_of(typed)}.ms"
        file.write_text(mix(path, typed))
        found[name_of(typed)] = [*myna_command(), "run", str(file)]
        if binary:
            executable = str(file.with_suffix(""))
            subprocess.run([*myna_command(), "build", "-o", executable, str(file)], check=True, stderr=subprocess.DEVNULL)
            found[name_of(typed)] = [executable]
    return found


def measure(path, rounds, folder, binary):
    """Mix -> its least CPU time."""
    best, outputs, all_ = {}, {}, commands(path, folder, binary)
    for number in range(rounds + 1):
        for name, command in all_.items():
            seconds, outputs[name] = run(command)
            if number:
                best[name] = min(seconds, best.get(name, seconds))
    if len(set(outputs.values())) > 1:
        raise SystemExit(f"the mixes of {path.name} print different things")
    return best


def main():
    """Run, and print a line for each program."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("names", nargs="*", help="programs (default: all)")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--binary", action="store_true", help="time standalone executables")
    arguments.add_argument("--json", action="store_true", help="print all figures as JSON")
    options = arguments.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(PROGRAMS.glob("*.ms")):
            if options.names and path.stem not in options.names:
                continue
            print(f"{path.stem}: {2 ** UNITS} mixes, {shlex.join(myna_command())}{' build' * options.binary}", file=sys.stderr)
            times = measure(path, options.rounds, Path(folder), options.binary)
            base = max(times[name_of(())], 0.001)
            found[path.stem] = ratios = {name: seconds / base for name, seconds in times.items()}
            worst, above = max(ratios, key=ratios.get), [name for name in ratios if ratios[name] > LIMIT]
            print(f"{path.stem:14} untyped {base:.3f} s   typed {ratios[name_of(range(UNITS))]:.2f}   slowest mix {ratios[worst]:.2f} ({worst})   "
                  f"{f'{len(above)} of {len(ratios)} ABOVE' if above else 'all within'} {LIMIT}")
    if options.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
