"""Every public name of the standard library has a doc comment, with an example. Whether these are right, `myna test` says (test_testing.py)."""
import re
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "stdlib"
FILES = sorted(LIBRARY.rglob("*.ms"))
DECLARATION = re.compile(r"^(?:(?:    )?(?:@\w+(?:\([^)]*\))? )*(?:extern \"[^\"]*\" )?(?:override |static )?(?:fun|class|interface|enum|let|var|type)) (\w+|[^\w\s(]+)(.*)")
WITHOUT_EXAMPLE = {"test.ms"}       # what assertions do is not a value


def declarations(path):
    """(name, doc comment) of the public names of a file: those of the top level, and members of its public classes."""
    doc, inside = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("///"):
            doc.append(text[3:].strip())
            continue
        found = DECLARATION.match(line)
        if found and not line.startswith(" "):
            inside = found[1]
        if found and not found[1].startswith("_") and not inside.startswith("_") and not line.startswith("    let ") and not line.startswith("    var "):
            yield found[1], " ".join(doc)
        doc = []


def name(path):
    return path.relative_to(LIBRARY).as_posix()


@pytest.mark.quick
@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_public_name_has_a_doc_comment(path):
    assert not [own for own, doc in declarations(path) if not doc]


@pytest.mark.quick
@pytest.mark.parametrize("path", [path for path in FILES if name(path) not in WITHOUT_EXAMPLE], ids=name)
def test_functions_have_examples(path):
    functions = re.findall(r"^fun ([a-z]\w*)", path.read_text(encoding="utf-8"), re.M)
    assert not [own for own, doc in declarations(path) if own in functions and "`" not in doc]
