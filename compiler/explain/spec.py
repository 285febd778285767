"""Writes the page of the language specification that explains every diagnostic code.

In:  the catalogue and the pages of `myna explain`. Out: `page()`, the text; `python -m myna.compiler.explain.spec` writes it to
language-spec/diagnostics.md of the checkout. Holds: nothing is said here that is also said elsewhere.
"""
from pathlib import Path

from . import pages, titles

GROUPS = {"E01": "Characters and words", "E02": "Syntax", "E03": "Names and scopes", "E04": "Limits", "E05": "Bytecode",
          "E06": "Types"}


def page():
    """The page, in Markdown."""
    known, texts = titles(), pages()
    parts = ["# Diagnostics", "This page is generated from the pages of `myna explain` by `python -m myna.compiler.explain.spec`."]
    for prefix, group in GROUPS.items():
        parts.append(f"## {group}")
        parts += ["##" + texts[code].markdown(known[code]).strip() for code in sorted(known) if code.startswith(prefix)]
    return "\n\n".join(parts) + "\n"


def main():
    """Write the page."""
    path = Path(__file__).resolve().parents[2] / "language-spec" / "diagnostics.md"
    path.write_text(page(), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
