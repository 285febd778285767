"""Times programs that `myna build` makes beside the same programs in C, compiled by the C compiler of the ziglang package.

In:  `programs/NAME.ms`, `NAME.untyped.ms` and `NAME.c`. Out: a table of CPU times and of ratios to C.
Holds: all print the same for the same program, else the run says so and fails. Both are compiled for the same CPU, with -O2 unless
`-O` says else for Myna's.

The figure is the least user + system time of whole processes over the rounds, which are interleaved: what makes a run slower is
mostly the machine's other work. `--median` takes the median.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from run import HERE, myna_command, run

from myna.vm import toolchain

PROGRAMS = HERE / "programs"
KINDS = {"typed": ".ms", "untyped": ".untyped.ms"}


def compile_c(source, out):
    """Make an executable of a C file."""
    target = toolchain.host()
    toolchain.zig(os.path.dirname(out), "cc", "-O2", "-fno-sanitize=undefined", "-target", target.launcher, f"-mcpu={target.cpu}",
                  str(source), "-o", out, "-lm")


def compile_myna(source, out, level):
    """Make an executable of a Myna program."""
    subprocess.run([*myna_command(), "build", f"-O{level}", "-o", out, str(source)], check=True)


def compiled(name, folder, level):
    """Kind -> the executable of that kind of a program; "c" first."""
    found = {"c": os.path.join(folder, f"{name}.c.out")}
    compile_c(PROGRAMS / f"{name}.c", found["c"])
    for kind, suffix in KINDS.items():
        found[kind] = os.path.join(folder, f"{name}.{kind}.out")
        compile_myna(PROGRAMS / (name + suffix), found[kind], level)
    return found


def measure(name, folder, level, rounds):
    """Kind -> its times. Raises SystemExit when outputs differ."""
    executables = compiled(name, folder, level)
    times, outputs = {kind: [] for kind in executables}, {}
    for _ in range(rounds):
        for kind, path in executables.items():
            seconds, outputs[kind] = run([path])
            times[kind].append(seconds)
    if len(set(outputs.values())) > 1:
        raise SystemExit(f"{name}: outputs differ: {outputs}")
    return times


def row(name, figures):
    """A line of the table, and kind -> ratio to C."""
    ratios = {kind: figures[kind] / max(figures["c"], 0.001) for kind in KINDS}
    return f"{name:16}{figures['c']:8.3f}" + "".join(f"{figures[kind]:10.3f}{ratios[kind]:7.2f}" for kind in KINDS), ratios


def main(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description="Time standalone programs beside C. A ratio over 1: Myna takes longer.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs; default: all that have a version in C")
    parser.add_argument("-n", "--rounds", type=int, default=5)
    parser.add_argument("-O", dest="level", type=int, choices=range(4), default=2, help="how much Myna's programs are optimised")
    parser.add_argument("--median", action="store_true", help="the median of the rounds, not the least")
    options = parser.parse_args(arguments)
    known = sorted(path.stem for path in PROGRAMS.glob("*.c"))
    if options.rounds < 1 or set(options.names) - set(known):
        parser.error(f"at least one round; programs are {', '.join(known)}")
    print(f"{'CPU seconds':16}{'C':>8}" + "".join(f"{kind:>10}{'ratio':>7}" for kind in KINDS))
    figure, all_ratios = statistics.median if options.median else min, {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory(prefix="myna-bench-") as folder:
        for name in options.names or known:
            times = measure(name, folder, options.level, options.rounds)
            line, ratios = row(name, {kind: figure(found) for kind, found in times.items()})
            print(line, flush=True)
            for kind, ratio in ratios.items():
                all_ratios[kind].append(ratio)
    print(f"{'geometric mean':24}" + "".join(f"{statistics.geometric_mean(ratios):17.2f}" for ratios in all_ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
