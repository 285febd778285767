"""Times programs that `myna build` makes beside the same programs in C, compiled by the C compiler of the ziglang package, and in other languages.

In:  `programs/NAME.ms`, `NAME.untyped.ms` and `NAME.c`; those in other languages in the folder of the peers (`--peers DIR`, as DIR/NAME/NAME.go …),
for what is installed. Out: a table of CPU times and of ratios to C.
Holds: all print the same for the same program, else the run says so and fails. C and Myna are compiled for the same CPU, with -O2 unless
`-O` says else for Myna's.

The figure is the least user + system time of whole processes over the rounds, which are interleaved: what makes a run slower is
mostly the machine's other work. `--median` takes the median.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from run import HERE, PEERS, myna_command, run

from myna.vm import toolchain

PROGRAMS = HERE / "programs"
KINDS = {"typed": ".ms", "untyped": ".untyped.ms"}
FLOOR = 0.001       # seconds: less cannot be measured


class Peer(NamedTuple):
    """Another language: the tool that it needs, the suffix of its programs, how to build and to run one; `{source}` and `{out}` stand for files."""
    tool: str
    suffix: str
    build: tuple
    run: tuple


OTHERS = {
    "go": Peer("go", ".go", ("go", "build", "-o", "{out}", "{source}"), ("{out}",)),
    "ocaml": Peer("ocamlopt", ".ml", ("ocamlopt", "-O3", "-inline", "200", "-o", "{out}", "{source}"), ("{out}",)),
    "luajit": Peer("luajit", ".lua", (), ("luajit", "{source}")),
}


def compile_c(source, out):
    """Make an executable of a C file."""
    target = toolchain.host()
    toolchain.zig(os.path.dirname(out), "cc", "-O2", "-fno-sanitize=undefined", "-target", target.launcher, f"-mcpu={target.cpu}",
                  str(source), "-o", out, "-lm")


def compile_myna(source, out, level):
    """Make an executable of a Myna program."""
    subprocess.run([*myna_command(), "build", f"-O{level}", "-o", out, str(source)], check=True)


def peer_command(name, kind, folder, peers):
    """The command that runs a program in another language, which is built first; None where it or the tool is missing."""
    peer = OTHERS[kind]
    given = peers / name / (name + peer.suffix)
    if not given.exists() or not shutil.which(peer.tool):
        return None
    source = shutil.copy(given, os.path.join(folder, f"{name}{peer.suffix}"))       # compilers leave files beside it
    files = {"source": source, "out": os.path.join(folder, f"{name}.{kind}.out")}
    if peer.build:
        subprocess.run([word.format(**files) for word in peer.build], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return [word.format(**files) for word in peer.run]


def commands(name, folder, level, peers, others):
    """Kind -> the command that runs that kind of a program; "c" first."""
    found = {"c": [os.path.join(folder, f"{name}.c.out")]}
    compile_c(PROGRAMS / f"{name}.c", found["c"][0])
    for kind, suffix in KINDS.items():
        found[kind] = [os.path.join(folder, f"{name}.{kind}.out")]
        compile_myna(PROGRAMS / (name + suffix), found[kind][0], level)
    for kind in others:
        command = peer_command(name, kind, folder, peers)
        if command:
            found[kind] = command
    return found


def measure(name, folder, level, rounds, peers, others):
    """Kind -> its times. Raises SystemExit when outputs differ."""
    all_ = commands(name, folder, level, peers, others)
    times, outputs = {kind: [] for kind in all_}, {}
    for _ in range(rounds):
        for kind, command in all_.items():
            seconds, outputs[kind] = run(command)
            times[kind].append(seconds)
    if len(set(outputs.values())) > 1:
        raise SystemExit(f"{name}: outputs differ: {outputs}")
    return times


def row(name, figures, kinds):
    """A line of the table, and kind -> ratio to C for those that there are."""
    ratios = {kind: figures[kind] / max(figures["c"], FLOOR) for kind in kinds if kind in figures}
    cells = [f"{figures[kind]:10.3f}{ratios[kind]:7.2f}" if kind in ratios else f"{'-':>10}{'-':>7}" for kind in kinds]
    return f"{name:16}{figures['c']:8.3f}" + "".join(cells), ratios


def installed(peers):
    """The other languages that can be timed here."""
    return [kind for kind, peer in OTHERS.items() if shutil.which(peer.tool) and any(peers.glob(f"*/*{peer.suffix}"))]


def main(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description="Time standalone programs beside C. A ratio over 1: it takes longer than C.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs; default: all that have a version in C")
    parser.add_argument("-n", "--rounds", type=int, default=5)
    parser.add_argument("-O", dest="level", type=int, choices=range(4), default=2, help="how much Myna's programs are optimised")
    parser.add_argument("--median", action="store_true", help="the median of the rounds, not the least")
    parser.add_argument("--peers", type=Path, default=PEERS, metavar="DIR", help="where the other languages' programs are")
    options = parser.parse_args(arguments)
    known = sorted(path.stem for path in PROGRAMS.glob("*.c"))
    if options.rounds < 1 or set(options.names) - set(known):
        parser.error(f"at least one round; programs are {', '.join(known)}")
    others = installed(options.peers)
    kinds = [*KINDS, *others]
    print(f"{'CPU seconds':16}{'C':>8}" + "".join(f"{kind:>10}{'ratio':>7}" for kind in kinds))
    figure, all_ratios = statistics.median if options.median else min, {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="myna-bench-") as folder:
        for name in options.names or known:
            times = measure(name, folder, options.level, options.rounds, options.peers, others)
            line, ratios = row(name, {kind: figure(found) for kind, found in times.items()}, kinds)
            print(line, flush=True)
            for kind, ratio in ratios.items():
                all_ratios[kind].append(ratio)
    print(f"{'geometric mean':24}" + "".join(f"{statistics.geometric_mean(ratios) if ratios else float('nan'):17.2f}" for ratios in all_ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
