"""Every diagnostic code has a page, and the examples on it do what they say."""
import importlib
import pkgutil

import pytest

import myna.compiler
from myna.compiler.check import check
from myna.compiler.diagnostics import CODES, CompileError
from myna.compiler.driver import compile_source
from myna.compiler.explain import page, pages, spec, titles
from myna.compiler.options import Options
from myna.compiler.resolve import resolve
from myna.compiler.source import Source
from myna.compiler.syntax.parser import parse

PAGES = pages()
EXAMPLES = [page for page in PAGES.values() if page.wrong is not None]


def all_codes():
    """The catalogue when every part has registered its codes."""
    for module in pkgutil.walk_packages(myna.compiler.__path__, "myna.compiler."):
        if "_tables" not in module.name and not module.name.endswith(".spec"):
            importlib.import_module(module.name)
    return CODES


def reported(text):
    """The codes of the errors in a program; of a program without errors, those of the warnings."""
    source = Source("example.ms", text)
    try:
        compile_source(source, Options("ms"))
        module = parse(source, "ms")
        resolve(module, source, "ms")
        return {d.code for d in check(module, source, True).warnings}
    except CompileError as error:
        return {d.code for d in error.diagnostics}


def test_every_code_has_a_page():
    assert set(all_codes()) == set(PAGES) == set(titles())


def test_page_of_the_specification():
    text = spec.page()
    assert all(f"## {code}: {title}\n" in text for code, title in titles().items())


@pytest.mark.parametrize("code", PAGES)
def test_a_page_is_readable(code):
    text = page(code).markdown(all_codes()[code])
    assert text.startswith(f"# {code}: ") and page(code).text.endswith(".")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.code)
def test_the_wrong_example_gives_the_code(example):
    assert example.code in reported(example.wrong)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.code)
def test_the_right_example_does_not(example):
    assert not {code for code in reported(example.right) if code < "E0641" or code == example.code}
