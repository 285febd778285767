"""Options and markers of the whole test suite.

`--engine NAME` runs programs under this engine only (may be given several times), `--update` rewrites golden files
instead of comparing with them, and `-m quick` chooses what takes less than a minute: the unit tests, and every program
under the interpreter.
"""
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))   # so that tests can import `runner`


def pytest_addoption(parser):
    """The options above."""
    parser.addoption("--update", action="store_true", help="rewrite golden files with what the tests find")
    parser.addoption("--engine", action="append", metavar="NAME", help="run programs under this engine only")


def pytest_configure(config):
    """Declare the marker."""
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
