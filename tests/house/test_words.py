"""What no file of the project says: that it is unfinished, or where somebody's own folder is."""
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNFINISHED = r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"
SOMEBODYS_FOLDER = r"(?:^|[\s\"'`(=])/(?:ho" r"me|ro" r"ot|Us" r"ers)/\w"
FORBIDDEN = re.compile(f"{UNFINISHED}|{SOMEBODYS_FOLDER}", re.M)
SUFFIXES = {".py", ".c", ".h", ".md", ".toml", ".ms", ".mit", ".mitbc", ".in", ""}
NOT_OURS = {"_build", "_tables.py", "build", "dist", "__pycache__"}


def files():
    """All text files of the project."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" or part in NOT_OURS or part.endswith(".egg-info") for part in parts)
        if not hidden and "venv" not in parts and path.suffix in SUFFIXES and path.is_file():
            yield path


@pytest.mark.parametrize("folder", sorted({path.relative_to(ROOT).parts[0] for path in files()}))
def test_forbidden_words(folder):
    for path in files():
        if path.relative_to(ROOT).parts[0] == folder:
            found = FORBIDDEN.search(path.read_text(encoding="utf-8", errors="replace"))
            assert not found, f"{path.relative_to(ROOT)} says {found.group()!r}"
