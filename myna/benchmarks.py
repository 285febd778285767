"""`myna bench`: times functions marked `@bench`.

In:  files and folders, and perhaps the saved results of an earlier run. Out: for each function its median time and spread, and how that
compares.
Holds: each benchmark runs alone, in a process of its own; how often its function is called is found first, so that a sample takes long enough
for the clock.

Times are those of the processor (`clock()`), so that what else the machine does disturbs less. A difference counts when the middle halves of
the samples do not overlap.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

from myna import discovery
from myna.subcommand import BAD_PROGRAM, ERROR, OK, Failure, Usage, coloured, number, programs, quoted, read, report, run_myna

FORMS = ("text", "json")
SAMPLES = 15                # enough for quartiles
SAMPLE_SECONDS = 0.03       # what a sample takes at least: thousands of ticks of the clock
UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))

PROGRAM = """import "{module}" as _module
let _key = input()
let _least = float(input())
let _samples = int(input())
fun _measure(run: fun(int): float) {{
    var count = 1
    var spent = run(1)
    while (spent < _least && count < 1000000000000) {{      // native code may have nothing left to do
        count = spent < _least / 50.0 ? count * 10 : int(float(count) * _least / spent * 1.1) + 1
        spent = run(count)
    }}
    for (i in 0.._samples) {{ print("\\n{mark} ${{count}} ${{run(count)}}") }}
}}
{runs}"""
RUN = """fun _run_{number}(count: int): float {{
    let start = clock()
    for (i in 0..count) {{ _module.{name}() }}
    return clock() - start
}}
if (_key == "{name}") {{ _measure(_run_{number}) }}
"""
MARK = "\x01sample"         # begins the lines that are not the program's own


class Timing(NamedTuple):
    """The seconds that one call took in each sample, in order, of so many calls each."""
    path: str
    name: str
    calls: int
    samples: list

    @property
    def median(self):
        """Seconds."""
        return statistics.median(self.samples)

    @property
    def quartiles(self):
        """Seconds: the bounds of the middle half."""
        return quartiles(self.samples)

    def saved(self):
        """As the JSON that `--format=json` prints and `--compare` reads."""
        low, high = self.quartiles
        return {"file": self.path, "name": self.name, "median": self.median, "low": low, "high": high, "least": self.samples[0],
                "calls": self.calls, "samples": len(self.samples)}


def quartiles(samples):
    """The bounds of the middle half of some numbers."""
    if len(samples) < 2:
        return samples[0], samples[0]
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return low, high


def bench(files, options):
    """Time the benchmarks of files and folders, of this folder when none are named."""
    form, samples = options.get("--format", "text"), number(options, "--samples", SAMPLES)
    if form not in FORMS:
        raise Usage(f"--format {form}: formats are {', '.join(FORMS)}")
    before = _saved(options["--compare"]) if "--compare" in options else {}
    status, found = OK, []
    for path in programs(files or ["."]):
        for timing in _file(path, options.get("-k", ""), samples, "--native" in options, path in files):
            if isinstance(timing, int):
                status = status or timing
                continue
            found.append(timing)
            earlier = before.get((timing.path, timing.name))
            print(json.dumps(timing.saved()) if form == "json" else _row(timing, earlier, coloured(sys.stdout)), flush=True)
    if not found and status == OK:
        print("no benchmarks found", file=sys.stderr)
        return ERROR
    if "--save" in options:
        _save(options["--save"], found)
    return status


def _file(path, wanted, samples, native, named):
    """The Timings of a file's benchmarks; an exit status for each that fails."""
    from myna.compiler.diagnostics import CompileError
    if not path.endswith(".ms"):
        raise Failure(f"{path} is not a Myna program (.ms)")
    name, data = read(path)
    if not named and b"@bench" not in data:
        return
    try:
        names = [each.name for each in discovery.marked(*discovery.parse(name, data), "bench") if wanted in f"{path}::{each.name}"]
    except CompileError as error:
        report(error)
        yield BAD_PROGRAM
        return
    with tempfile.TemporaryDirectory(prefix="myna-bench-") as folder:
        program = _program(path, names, folder, native) if names else None
        for each in names:
            yield _time(program, native, path, each, samples) if program else BAD_PROGRAM


def _program(path, names, folder, native):
    """The path of the program that runs the benchmarks of a file; None, with the errors told, where they do not compile."""
    source, out = os.path.join(folder, "bench.ms"), os.path.join(folder, "bench")
    runs = "".join(RUN.format(number=number, name=name) for number, name in enumerate(names))
    with open(source, "w", encoding="utf-8") as file:
        file.write(PROGRAM.format(module=quoted(os.path.splitext(os.path.abspath(path))[0]), mark=MARK, runs=runs))
    done = run_myna(*(("build", "-o", out, source) if native else ("compile", "-o", out, source)))
    if done.returncode:
        print(done.stderr.decode("utf-8", "replace"), file=sys.stderr, end="")
        return None
    return out


def _time(program, native, path, name, samples):
    """The Timing of one benchmark; ERROR, with what went wrong told, where it fails."""
    told = f"{name}\n{SAMPLE_SECONDS}\n{samples}\n".encode()
    done = subprocess.run([program], input=told, capture_output=True) if native else run_myna("run", program, input=told)
    lines = [line.split() for line in done.stdout.decode("utf-8", "replace").split("\n") if line.startswith(MARK)]
    if done.returncode or not lines:
        print(f"{path}: {name}: {done.stderr.decode('utf-8', 'replace')}", file=sys.stderr, end="")
        return ERROR
    calls = int(lines[0][1])
    return Timing(path, name, calls, sorted(float(line[2]) / calls for line in lines))


# --- telling ---

def _row(timing, earlier, colour):
    """A line for people: the median, half the width of the middle half, and how that compares."""
    low, high = timing.quartiles
    line = f"{timing.path}: {timing.name:24} {_seconds(timing.median)} ± {(high - low) / 2 / timing.median * 100 if timing.median else 0:4.1f} %"
    return line + ("" if earlier is None else "   " + _compared(timing, earlier, colour))


def _seconds(value):
    """A time in the unit that suits it."""
    unit, size = next(((unit, size) for unit, size in UNITS if value >= size), UNITS[-1])
    return f"{value / size:8.2f} {unit:2}"


def _compared(timing, earlier, colour):
    """What became of a benchmark since an earlier run."""
    low, high = timing.quartiles
    if low <= earlier["high"] and earlier["low"] <= high or not timing.median or not earlier["median"]:
        return "as before"
    ratio = earlier["median"] / timing.median
    said = f"{ratio:.2f} times as fast" if ratio > 1 else f"{1 / ratio:.2f} times as slow"
    return f"\033[{32 if ratio > 1 else 31}m{said}\033[0m" if colour else said


def _saved(path):
    """The results in a file: (file, name) -> what `Timing.saved` gave."""
    _, data = read(path)
    try:
        rows = [json.loads(line) for line in data.decode("utf-8").splitlines() if line.strip()]
        return {(row["file"], row["name"]): {key: float(row[key]) for key in ("median", "low", "high")} for row in rows}
    except (ValueError, KeyError, TypeError):
        raise Failure(f"{path} does not hold results that `myna bench` has saved") from None


def _save(path, timings):
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(timing.saved()) + "\n" for timing in timings)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from None
