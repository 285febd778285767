"""Documentation as a site: a page for each module, one for its source, an index, and a search that works from the file system.

In:  Modules and a title. Out: name of a file → text.
Holds: pages refer to one another by relative paths only. What comments and programs say is escaped.
"""
import html
import json
import re
from urllib.parse import quote

from myna.docs.markdown import summary
from myna.docs.model import KINDS

STYLE = """:root { --text: #1d2329; --soft: #5d6771; --back: #fff; --panel: #f4f6f8; --line: #dde2e7; --link: #0b5fbd; --mark: #fff3bf }
@media (prefers-color-scheme: dark) {
  :root { --text: #dde3ea; --soft: #93a0ad; --back: #14181d; --panel: #1c2229; --line: #2d353f; --link: #74b3ff; --mark: #4a4210 }
}
* { box-sizing: border-box }
body { margin: 0; color: var(--text); background: var(--back); font: 16px/1.55 system-ui, sans-serif; display: flex; min-height: 100vh }
nav { flex: 0 0 15rem; padding: 1.2rem; background: var(--panel); border-right: 1px solid var(--line) }
nav ul, .hits { list-style: none; margin: .6rem 0; padding: 0 }
nav .here { font-weight: 600 }
main { flex: 1; min-width: 0; max-width: 60rem; padding: 1.2rem 2rem 4rem }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
pre, code { font: .9em/1.5 ui-monospace, monospace }
code { background: var(--panel); padding: .1em .3em; border-radius: 4px }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow-x: auto; white-space: pre-wrap }
.source { white-space: pre; padding-left: 0 } .source a { display: inline-block; width: 4em; padding-right: 1em; text-align: right; color: var(--soft) }
.source span:target { background: var(--mark) }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.2rem } h3 { margin: 1.6rem 0 .4rem }
h3 a.at { float: right; font-size: .8rem; font-weight: normal } .kind { color: var(--soft); font-size: .85rem }
.member { margin-left: 1.2rem } input { width: 100%; padding: .45rem .6rem; font: inherit; color: inherit; background: var(--back);
  border: 1px solid var(--line); border-radius: 6px }
@media (max-width: 700px) { body { display: block } nav { border-right: 0; border-bottom: 1px solid var(--line) } main { padding: 1rem } }
"""
SCRIPT = """const box = document.getElementById("search"), hits = document.getElementById("hits"), home = box.dataset.home
function score(entry, word) {
  const name = entry[0].toLowerCase(), at = name.indexOf(word)
  return name === word ? 0 : at === 0 ? 1 : at > 0 ? 2 : entry[3].toLowerCase().includes(word) ? 3 : -1
}
box.addEventListener("input", () => {
  const word = box.value.trim().toLowerCase()
  const found = word ? ENTRIES.map(e => [score(e, word), e]).filter(s => s[0] >= 0).sort((a, b) => a[0] - b[0]).slice(0, 30) : []
  hits.replaceChildren(...found.map(([, [name, kind, place]]) => {
    const item = document.createElement("li"), link = document.createElement("a"), note = document.createElement("span")
    link.href = home + place; link.textContent = name
    note.className = "kind"; note.textContent = " " + kind
    item.append(link, note)
    return item
  }))
})
box.addEventListener("keydown", event => {
  const first = hits.querySelector("a")
  if (event.key === "Enter" && first) location.href = first.href
})
document.addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus() }
})
"""
NAME, CODE = re.compile(r"[A-Za-z_]\w*"), re.compile(r"`[^`]+`")


def pages(modules, title):
    """All files."""
    site = _Site(modules, title)
    made = {"style.css": STYLE, "search.js": site.entries() + SCRIPT, "index.html": site.index()}
    for module in modules:
        made[_file(module)] = site.module(module)
        if module.text:
            made[f"source/{_file(module)}"] = site.source(module)
    return made


class _Site:
    def __init__(self, modules, title):
        self.modules, self.title = modules, title
        # Where the types are that signatures name; of two with one name the first.
        self.types = {}
        for module in modules:
            for item in module.items:
                if item.kind in ("class", "interface", "enum", "type"):
                    self.types.setdefault(item.name, _address(module, item.name))
            if not module.text or module.name == "Iterable":     # the methods of a built-in type, whose classes begin with a capital
                name = module.name.capitalize() if module.name in ("list", "map", "set", "array", "type") else module.name
                self.types.setdefault(name, _address(module))

    def entries(self):
        """What the search looks through: name, kind, place, summary."""
        found = [[module.name, "module", _address(module), summary(module.doc)] for module in self.modules]
        for module in self.modules:
            for item in module.items:
                found.append([item.name, f"{item.kind} in {module.name}", _address(module, item.name), summary(item.doc)])
                found += [[f"{item.name}.{member.name}", f"{member.kind} in {module.name}", _address(module, f"{item.name}.{member.name}"), summary(member.doc)] for member in item.members]
        return f"const ENTRIES = {json.dumps(found, ensure_ascii=False)}\n".replace("</", "<\\/")

    def index(self):
        """The first page."""
        rows = [f'<h3><a href="{_address(module)}">{html.escape(module.name)}</a></h3>{self.prose(summary(module.doc), "")}'
                for module in self.modules]
        return self.page(self.title, "".join(rows), "", None)

    def module(self, module):
        """The page of a module."""
        home = "../" * module.name.count("/")
        parts = [self.prose(module.doc, home)]
        for kind, heading in KINDS.items():
            items = [item for item in module.items if item.kind == kind]
            parts += [f"<h2>{heading}</h2>"] * bool(items)
            for item in items:
                parts.append(self.item(item, item.name, module, home))
                parts += [f'<div class="member">{self.item(member, f"{item.name}.{member.name}", module, home)}</div>' for member in item.members]
        return self.page(module.name, "\n".join(parts), home, module)

    def item(self, item, anchor, module, home):
        """A declaration with its comment."""
        place = f'<a class="at" href="{home}source/{_address(module)}#{item.line}">source</a>' if item.line and module.text else ""
        return (f'<h3 id="{html.escape(anchor)}">{html.escape(item.name)}{place}</h3>'
                f"<pre>{self.signature(item.signature, item.name, home)}</pre>{self.prose(item.doc, home)}")

    def signature(self, text, own, home):
        """A signature with links to the types that it names."""
        return _replaced(NAME, text, lambda name: self.link(name, home) if name != own else None)

    def link(self, name, home):
        """A link to a type, or None."""
        return f'<a href="{home}{self.types[name]}">{name}</a>' if name in self.types else None

    def prose(self, doc, home):
        """A comment: paragraphs, lists, and code between backquotes, which links to types."""
        made = []
        for paragraph in filter(None, doc.strip().split("\n\n")):
            lines = paragraph.split("\n")
            if all(line.startswith("- ") for line in lines):
                made.append("<ul>" + "".join(f"<li>{self.inline(line[2:], home)}</li>" for line in lines) + "</ul>")
            else:
                made.append(f"<p>{self.inline(' '.join(lines), home)}</p>")
        return "\n".join(made)

    def inline(self, text, home):
        """A line of a comment."""
        return _replaced(CODE, text, lambda code: f"<code>{self.link(code[1:-1], home) or html.escape(code[1:-1])}</code>")

    def source(self, module):
        """The page of a module's source."""
        home = "../" * (module.name.count("/") + 1)
        lines = module.text.rstrip("\n").split("\n")
        rows = [f'<span id="{number}"><a href="#{number}">{number}</a>{html.escape(line)}</span>' for number, line in enumerate(lines, 1)]
        link = f'<p><a href="{home}{_address(module)}">{html.escape(module.name)}</a></p>'
        return self.page(f"{module.name}.ms", link + '<pre class="source">' + "\n".join(rows) + "</pre>", home, module)

    def page(self, heading, body, home, here):
        """A whole page; `home` leads to the folder of the index."""
        rows = [f'<li{" class=here" if module is here else ""}><a href="{home}{_address(module)}">{html.escape(module.name)}</a></li>'
                for module in self.modules]
        return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{html.escape(heading)}{" · " + html.escape(self.title) if heading != self.title else ""}</title>
<link rel="stylesheet" href="{home}style.css">
<nav>
<a href="{home}index.html">{html.escape(self.title)}</a>
<p><input id="search" type="search" placeholder="Search ( / )" aria-label="Search" data-home="{home}"></p>
<ul class="hits" id="hits"></ul>
<ul>
{chr(10).join(rows)}
</ul>
</nav>
<main>
<h1>{html.escape(heading)}</h1>
{body}
</main>
<script src="{home}search.js"></script>
</html>
"""


def _file(module):
    """The file of a module's page; the index has a name of its own."""
    return f"{module.name}_.html" if module.name == "index" else f"{module.name}.html"


def _address(module, name=None):
    """Where a module's page is, or a declaration on it, seen from the index."""
    return quote(_file(module)) + (f"#{quote(name)}" if name else "")


def _replaced(pattern, text, of):
    """Escaped text, with what `of` gives of each match where it gives anything."""
    made, at = [], 0
    for found in pattern.finditer(text):
        made += [html.escape(text[at:found.start()]), of(found[0]) or html.escape(found[0])]
        at = found.end()
    return "".join([*made, html.escape(text[at:])])
