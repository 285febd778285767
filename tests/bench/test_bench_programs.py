"""The benchmark programs do what their twins in C do: at a small size, against what those print."""
from pathlib import Path

import pytest
import runner

PROGRAMS = Path(__file__).resolve().parent / "programs"

# Name -> the size that stands in the program, a small one, what the program in C prints for that.
SIZES = {
    "binarytrees": (16, 8, "17646"),
    "closures": (10000000, 1000, "2499 1001"),
    "dispatch": (20000, 20, "888780"),
    "exceptions": (1000000, 1000, "3500"),
    "fannkuch": (10, 7, "228 16"),
    "fib": (35, 15, "610"),
    "mandelbrot": (1000, 60, "87580"),
    "nbody": (1000000, 200, "-0.169026909"),
    "sieve": (5000000, 5000, "2007"),
    "sort": (1000000, 2000, "336835581"),
    "spectralnorm": (500, 30, "1.274097380"),
}


def test_every_program_is_typed_and_untyped():
    assert sorted(path.name for path in PROGRAMS.glob("*.ms")) == sorted(name + kind for name in SIZES for kind in (".ms", ".untyped.ms"))


def test_every_program_has_a_twin_in_c():
    assert sorted(path.stem for path in PROGRAMS.glob("*.c")) == sorted(SIZES)


@pytest.mark.parametrize("name", [name + kind for name in SIZES for kind in (".ms", ".untyped.ms")])
def test_same_as_in_c(name, tmp_path):
    full, small, expected = SIZES[name.split(".")[0]]
    before, size, after = (PROGRAMS / name).read_text(encoding="utf-8").rpartition(str(full))
    assert size
    program = tmp_path / name
    program.write_text(before + str(small) + after, encoding="utf-8")
    assert runner.run(program, "interp") == runner.Run(0, expected + "\n", "")
