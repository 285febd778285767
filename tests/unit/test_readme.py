"""What the README shows is so: its programs, its links. Its recorded session is tested with the sessions."""
import re
from pathlib import Path

import pytest
import runner

from myna.compiler import layout
from myna.compiler.source import Source

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```\n((?:from|import|//|let|fun|class)[^`]*?)^```$", README, re.M)


@pytest.mark.quick
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs_run(number, tmp_path):
    path = tmp_path / "readme.ms"
    path.write_text(PROGRAMS[number], encoding="utf-8")
    done = runner.run(path, "interp")
    assert (done.status, done.stderr) == (0, "")
    said = re.findall(r"// prints: (.*)", PROGRAMS[number])
    assert not said or done.stdout.splitlines() == said


@pytest.mark.quick
def test_the_tour_is_on_one_screen_and_laid_out():
    tour = PROGRAMS[0]
    assert len(tour.splitlines()) <= 50 and "prints: shape" in tour
    assert layout.layout(Source("README.md", tour)) == tour


@pytest.mark.quick
@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "examples/README.md", "language-spec/README.md"])
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8")):
        assert "://" in link or (folder / link).exists() or link in ("grammar.md", "bytecode.md", "diagnostics.md"), link


@pytest.mark.quick
def test_every_example_is_in_the_table():
    table = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\((\w+\.ms)\)", table)) == sorted(path.name for path in (ROOT / "examples").glob("*.ms"))
