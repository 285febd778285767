"""Files stay small and say what they are for."""
import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 700        # a file that grows past it holds two subjects
GENERATED = {"_tables.py", "_build"}


def files(*patterns):
    """The project's own files of these patterns."""
    found = (path for folder in ("compiler", "vm", "stdlib", "myna", "tests") for pattern in patterns
             for path in sorted((ROOT / folder).rglob(pattern)))
    return [path for path in found if not GENERATED & set(path.parts)]


def relative(path):
    """The name of a test case."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", files("*.py", "*.c", "*.h"), ids=relative)
def test_no_file_grows_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", files("*.py"), ids=relative)
def test_modules_have_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree)


@pytest.mark.parametrize("path", files("*.c", "*.h"), ids=relative)
def test_native_files_begin_with_what_they_are_for(path):
    assert path.read_text(encoding="utf-8").startswith("/* ")
