"""Times the benchmark programs on Myna and on other interpreters, side by side.

In:  `programs/NAME….ms` and `NAME.mit`; their twins in Lua, in the folder of the peers (`--peers DIR`, as DIR/NAME/NAME.lua)
or in `lua/NAME.lua`. Out: a table of CPU times and ratios, and JSON on request.
Holds: every implementation prints the same for the same program, else the run says so and fails.

The figure is the median of user + system time of whole processes. Rounds are interleaved, so that a busy machine slows all
implementations alike; a first round that does not count compiles the programs and warms the disk's cache.
"""
import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE.parents[1] / ".." / "shared" / "bench" / "bench"
SUFFIXES = (".ms", ".mit")

# Name -> the command that runs a program, and the kind of program that it runs.
IMPLEMENTATIONS = {
    "myna": (None, "myna"),
    "lua5.4": (["lua5.4"], "lua"),
    "luajit-joff": (["luajit", "-joff"], "lua"),
    "luajit": (["luajit"], "lua"),
}
DEFAULT = ("myna", "lua5.4", "luajit-joff")


def myna_command():
    """How to start Myna: $MYNA_COMMAND, the command beside this Python, or the one that the shell finds."""
    if os.environ.get("MYNA_COMMAND"):
        return shlex.split(os.environ["MYNA_COMMAND"])
    beside = Path(sys.executable).parent / "myna"
    return [str(beside) if beside.exists() else "myna"]


def command(name, program, peers):
    """The argument vector that runs the program's version for this implementation; None where there is none."""
    argv, kind = IMPLEMENTATIONS[name]
    if kind == "myna":
        return [*myna_command(), "run", str(program)]
    stem = program.name.split(".")[0]
    twin = peers / stem / f"{stem}.lua" if program.suffix == ".ms" else HERE / "lua" / f"{stem}.lua"
    return [*argv, str(twin)] if shutil.which(argv[0]) and twin.exists() else None


def run(argv):
    """CPU seconds and output of one process. Raises SystemExit when it fails."""
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    with process.stdout:
        output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{shlex.join(argv)}: exit status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, output


def measure(program, names, peers, rounds):
    """Implementation -> its times for one program. Raises SystemExit when outputs differ."""
    commands = {name: argv for name in names if (argv := command(name, program, peers))}
    outputs = {name: run(argv)[1] for name, argv in commands.items()}
    if len(set(outputs.values())) > 1:
        raise SystemExit(f"{program.name}: outputs differ: {outputs}")
    times = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            times[name].append(run(argv)[0])
    return times


def table(results, names):
    """The lines of the report. `results`: program -> implementation -> times."""
    medians = {program: {name: statistics.median(times) for name, times in row.items()} for program, row in results.items()}
    others = [name for name in names if name != "myna" and any(name in row for row in medians.values())]
    ratios = {name: [] for name in others}
    yield f"{'CPU seconds':24}{'myna':>8}" + "".join(f"{name:>13}{'ratio':>7}" for name in others)
    for program, row in medians.items():
        line = f"{program:24}{row['myna']:8.3f}"
        for name in others:
            if name not in row:
                line += f"{'-':>13}{'-':>7}"
                continue
            ratios[name].append(row["myna"] / row[name])
            line += f"{row[name]:13.3f}{ratios[name][-1]:7.2f}"
        yield line
    yield f"{'geometric mean':32}" + "".join(f"{statistics.geometric_mean(ratios[name]):20.2f}" for name in others)


def chosen_programs(wanted):
    """The programs whose names begin with one of `wanted`; all when that is empty."""
    found = sorted(path for path in (HERE / "programs").iterdir() if path.suffix in SUFFIXES)
    return [path for path in found if not wanted or path.name.startswith(tuple(wanted))]


def main(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description="Time the benchmark programs. A ratio over 1: Myna takes longer.")
    parser.add_argument("programs", nargs="*", metavar="NAME", help="beginnings of programs' names; default: all")
    parser.add_argument("-n", "--rounds", type=int, default=5)
    parser.add_argument("-i", "--implementations", default=",".join(DEFAULT), help=f"of {', '.join(IMPLEMENTATIONS)}")
    parser.add_argument("--peers", type=Path, default=PEERS, metavar="DIR", help="where the other languages' programs are")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all times there")
    options = parser.parse_args(arguments)
    names = ["myna", *(name for name in options.implementations.split(",") if name != "myna")]
    if unknown := set(names) - IMPLEMENTATIONS.keys():
        parser.error(f"unknown implementations: {', '.join(sorted(unknown))}")
    if options.rounds < 1:
        parser.error("at least one round")
    programs = chosen_programs(options.programs)
    if not programs:
        parser.error("no such program")
    results = {}
    for program in programs:
        results[program.name] = measure(program, names, options.peers.resolve(), options.rounds)
    print("\n".join(table(results, names)))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
