"""What tests of the launcher share."""
import sys

import pytest

from myna import checkout, tools


@pytest.fixture(scope="session")
def built():
    """The native parts, up to date."""
    if checkout.is_checkout():
        checkout.refresh()


@pytest.fixture
def launcher(built, tmp_path, monkeypatch):
    """The launcher's settings: a cache of its own in `tmp_path`, this Python, these tools, no engine or mode."""
    monkeypatch.setenv("MYNA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MYNA_PYTHON", sys.executable)
    monkeypatch.setenv("MYNA_TOOLS", tools.__file__)
    for name in ("MYNA_ENGINE", "MYNA_GC", "MYNA_STACK", "MYNA_DUMP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def one_cache(tmp_path_factory):
    """A folder for a cache that tests share, so that the library is compiled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tools_place(launcher, one_cache, tmp_path, monkeypatch):
    """An empty folder to work in, for tests of tools that compile programs."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.setenv("MYNA_CACHE", str(one_cache))
    monkeypatch.chdir(folder)
    return folder
