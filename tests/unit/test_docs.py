"""`myna doc`: what gets documented, and that its pages fit together."""
import os
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from myna.docs import html, model
from myna.vm import host

SHAPES = '''/// Plane <figures>.

from "lib/index" import nothing

/// What has an area.
interface Shape {
    /// Its area: `Circle(1.0).area()` is `3.0`.
    fun area(): float
}
/// A circle.
@c
class Circle(r: float) implements Shape {
    fun area(): float => 3.0 * this.r
    fun -(): Circle => this
    fun _hidden() {}
}
enum State { Open, Closed(reason: string?) }
fun both<T: Shape>(a: T, b: T = a): List<T> { return [a, b] }
// no doc comment
let limit: int = 3
fun _private() {}
@test fun tests_it() {}
type Shapes = List<Shape>
'''


class Links(HTMLParser):
    """The ids of a page, and where its links go."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep what matters of a tag."""
        found = dict(attrs)
        self.ids.add(found.get("id"))
        self.links += [found[name] for name in ("href", "src") if name in found]


@pytest.fixture
def place(tools_place):
    """A folder with modules, one of which is called like the first page."""
    (tools_place / "lib").mkdir()
    (tools_place / "shapes.ms").write_text(SHAPES)
    (tools_place / "lib" / "index.ms").write_text("/// Gives a `Circle`.\nfun nothing() => None\n")
    return tools_place


def run(*arguments):
    """Run `myna doc`."""
    return subprocess.run([host.LAUNCHER, "doc", *arguments], capture_output=True, text=True, timeout=60)


def check_links(folder):
    """All links of all pages lead somewhere in the folder."""
    pages = {path.relative_to(folder).as_posix(): Links(path.read_text()) for path in folder.rglob("*.html")}
    assert len(pages) > 2
    for name, page in pages.items():
        for link in page.links:
            path, _, anchor = link.partition("#")
            target = os.path.normpath(os.path.join(os.path.dirname(name), unquote(path))) if path else name
            assert (folder / target).is_file(), f"{name}: {link}"
            assert not anchor or unquote(anchor) in pages[target].ids, f"{name}: {link}"


def test_what_is_documented(place):
    (module,) = model.modules(["shapes.ms"])
    assert (module.name, module.doc) == ("shapes", "Plane <figures>.")
    assert [(item.kind, item.name, item.signature, item.doc, item.line) for item in module.items] == [
        ("class", "Circle", "class Circle(r: float) implements Shape", "A circle.", 12),
        ("interface", "Shape", "interface Shape", "What has an area.", 6),
        ("enum", "State", "enum State", "", 17),
        ("type", "Shapes", "type Shapes = List<Shape>", "", 23),
        ("function", "both", "fun both<T: Shape>(a: T, b: T = a): List<T>", "", 18),
        ("value", "limit", "let limit: int = 3", "", 20)]
    circle, shape, state = module.items[:3]
    assert [(each.name, each.signature) for each in circle.members] == [("area", "fun area(): float"), ("-", "fun -(): Circle")]
    assert shape.members[0].doc == "Its area: `Circle(1.0).area()` is `3.0`."
    assert [each.signature for each in state.members] == ["Open", "Closed(reason: string?)"]


def test_a_site(place):
    done = run("-o", "site", "--title", "A & B")
    assert (done.returncode, done.stdout, done.stderr) == (0, "site/index.html\n", "")
    check_links(place / "site")
    page = (place / "site" / "shapes.html").read_text()
    assert "Plane &lt;figures&gt;." in page and "<title>shapes · A &amp; B</title>" in page
    assert 'implements <a href="shapes.html#Shape">Shape</a>' in page and "_hidden" not in page and "tests_it" not in page
    assert "http" not in page
    assert '<code><a href="../shapes.html#Circle">Circle</a></code>' in (place / "site" / "lib" / "index.html").read_text()
    assert '"Circle.area", "method in shapes"' in (place / "site" / "search.js").read_text()


def test_markdown(place):
    done = run("shapes.ms", "--format=markdown", "-o", "made")
    assert (done.returncode, done.stdout) == (0, "made/README.md\n")
    text = (place / "made" / "shapes.md").read_text()
    assert "### Circle\n\n```\nclass Circle(r: float) implements Shape\n```\n\nA circle.\n" in text
    assert (place / "made" / "README.md").read_text() == "# work\n\n- [shapes](shapes.md): Plane <figures>.\n"


def test_the_library(place):
    done = run("--library", "-o", "library")
    assert done.returncode == 0, done.stderr
    check_links(place / "library")
    assert "fun stringify" in (place / "library" / "json.html").read_text()
    assert "Append the items" in (place / "library" / "list.html").read_text()


def test_what_goes_wrong(place):
    (place / "empty").mkdir()
    Path("file").write_text("")
    Path("bad.ms").write_text("let")
    for arguments, status, said in ((["--format=pdf"], 2, "formats are"), (["empty"], 2, "no Myna programs"), (["bad.ms"], 65, "bad.ms:1:"),
                                    (["shapes.ms", "-o", "file/x"], 2, "cannot write"), (["nowhere"], 2, "no file"), (["--library", "x.ms"], 2, "--library")):
        done = run(*arguments)
        assert done.returncode == status and said in done.stderr and "internal" not in done.stderr


def test_what_programs_say_is_escaped():
    item = model.Item("function", "f", 'fun f(a: string = "<b>")', "`</script>` & <i>", 1)
    pages = html.pages([model.Module("m", "", (item,), "// </pre><script>\n")], "t")
    assert "<i>" not in pages["m.html"] and '= &quot;&lt;b&gt;&quot;' in pages["m.html"]
    assert "<script>" not in pages["source/m.html"].replace('<script src="../search.js">', "") and "</script" not in pages["search.js"]
