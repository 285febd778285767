"""Large programs are compiled in units: here small ones are, so that calls, copies of what is inlined and tables cross their borders."""
import pytest

import runner
from myna import building
from myna.vm import toolchain
from myna.vm.aot import program
from myna.vm.llvm import units

PROGRAMS = [runner.HERE / "lang" / f"{name}.ms" for name in ("program_sudoku", "traces")]


@pytest.fixture
def small_units(monkeypatch):
    """Units hold a few functions."""
    monkeypatch.setattr(units, "MOST", 60_000)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_of_many_units(path, small_units, tmp_path):
    out, expected = tmp_path / "program", runner.parse(runner.read(path))
    how = program.Build(toolchain.host(), 2)
    made = program.object_file(building.compiled(str(path), "text"), how)
    assert made.startswith(building.ARCHIVE)
    building.link([made], (), str(out), how)
    assert not list(runner.compare(expected, runner.emulated(None, out, {}), False))
