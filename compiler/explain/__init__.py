"""What each diagnostic code means, at length, for `myna explain CODE`.

In:  a code. Out: its page, Markdown: a sentence or two, a wrong and a right example where the code is about Myna's text.
Holds: the texts are loaded when the first page is asked for; nothing that compiles programs imports them.
"""
import re
from typing import NamedTuple


class Page(NamedTuple):
    """One code's page. The examples are programs, or None."""
    code: str
    text: str
    wrong: str | None
    right: str | None

    def markdown(self, title):
        """The page as text; `title` is the code's in the catalogue."""
        parts = [f"# {self.code}: {title}", self.text]
        for name, example in (("Wrong", self.wrong), ("Right", self.right)):
            if example is not None:
                parts.append(f"{name}:\n\n```\n{example}\n```")
        return "\n\n".join(parts) + "\n"


def pages():
    """Code -> Page of all codes."""
    from myna.compiler.explain import name_pages, syntax_pages, type_pages
    found = {}
    for module in (syntax_pages, name_pages, type_pages):
        for part in re.split(r"^== ", module.TEXT, flags=re.M)[1:]:
            code, _, rest = part.partition("\n")
            text, *examples = re.split(r"^-- (?:wrong|right)\n", rest, flags=re.M)
            wrong, right = [example.strip("\n") for example in examples] or (None, None)
            found[code] = Page(code, text.strip(), wrong, right)
    return found


def titles():
    """Code -> its title in the catalogue, of all codes: each part of the compiler registers its own when it is loaded."""
    from myna.compiler import diagnostics, driver                               # noqa: F401
    from myna.compiler.bytecode import text                                     # noqa: F401
    from myna.compiler.classic import mitbc                                     # noqa: F401
    return diagnostics.CODES


def page(code):
    """The Page of a code; KeyError when there is none."""
    return pages()[code]
