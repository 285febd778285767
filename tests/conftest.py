"""Options and markers of the whole test suite.

`--engine NAME` runs programs under this engine only (may be given several times; `BY_HAND` in runner.py has those that
run only when they are named), `--update` rewrites golden files
instead of comparing with them, and `-m quick` chooses what takes less than a minute: the unit tests, and every program
under the interpreter. Fuzz tests try the same inputs in each run, so that a change is judged by itself; with `--explore`
they try new ones.
"""
import sys
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))   # so that tests can import `runner`


def pytest_addoption(parser):
    """The options above."""
    parser.addoption("--update", action="store_true", help="rewrite golden files with what the tests find")
    parser.addoption("--explore", action="store_true", help="let fuzz tests try new inputs")
    parser.addoption("--engine", action="append", metavar="NAME", help="run programs under this engine only")


def pytest_configure(config):
    """Declare the marker, and choose the inputs of fuzz tests, whose modules are imported after this."""
    settings.register_profile("fixed", derandomize=True)
    if not config.getoption("--explore"):
        settings.load_profile("fixed")
    config.addinivalue_line("markers", "quick: takes part in the run of less than a minute (`pytest -m quick`)")


def pytest_collection_modifyitems(items):
    """Unit tests are quick."""
    for item in items:
        if HERE / "unit" in item.path.parents:
            item.add_marker(pytest.mark.quick)


@pytest.fixture
def update(request):
    """Whether golden files are to be rewritten."""
    return request.config.getoption("--update")


@pytest.fixture(autouse=True, scope="session")
def program_cache(pytestconfig):
    """Compiled programs are kept with pytest's own cache, not with the user's. Their names tell builds apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYNA_CACHE", str(pytestconfig.cache.mkdir("programs")))
        yield
