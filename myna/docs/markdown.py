"""Documentation as Markdown: a page for each module, and README.md with the list of them.

In:  Modules and a title. Out: name of a file → text.
"""
from myna.docs.model import KINDS


def pages(modules, title):
    """All files."""
    rows = [f"- [{module.name}]({module.name}.md): {summary(module.doc)}" if module.doc else f"- [{module.name}]({module.name}.md)"
            for module in modules]
    return {"README.md": "\n".join([f"# {title}", "", *rows]) + "\n"} | {f"{module.name}.md": _page(module) for module in modules}


def summary(doc):
    """The first sentence of a comment."""
    text = " ".join(doc.split("\n\n")[0].split("\n"))
    for end in (". ", ": ", "; "):
        if end in text and text.index(end) < 200 and text[:text.index(end)].count("`") % 2 == 0:
            return text[:text.index(end)] + "."
    return text


def _page(module):
    parts = [f"# {module.name}"] + ([module.doc] if module.doc else [])
    for kind, heading in KINDS.items():
        items = [item for item in module.items if item.kind == kind]
        parts += [f"## {heading}"] * bool(items)
        for item in items:
            parts += [f"### {item.name}", f"```\n{item.signature}\n```"] + [item.doc] * bool(item.doc)
            parts += [f"- `{member.signature}`" + (f"  \n  {' '.join(member.doc.split())}" if member.doc else "") for member in item.members]
    return "\n\n".join(parts) + "\n"
