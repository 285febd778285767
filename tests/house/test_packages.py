"""Everything that the program needs gets into the wheel."""
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
FOLDERS = {package: ROOT / folder for package, folder in SETUPTOOLS["package-dir"].items()}
DATA = {".c", ".h", ".ld", ".ms"}


def packages():
    """The names of all packages that the folders hold."""
    for package, folder in FOLDERS.items():
        for path in folder.rglob("__init__.py"):
            yield ".".join([package, *path.parent.relative_to(folder).parts])


def test_the_list_of_packages_is_complete():
    assert sorted(SETUPTOOLS["packages"]) == sorted(packages())


@pytest.mark.parametrize("package", FOLDERS)
def test_no_module_lies_outside_a_package(package):
    folder = FOLDERS[package]
    for path in folder.rglob("*.py"):
        if "_build" not in path.parts:
            assert (path.parent / "__init__.py").exists(), path.relative_to(ROOT)


@pytest.mark.parametrize("package", FOLDERS)
def test_data_files_are_listed(package):
    folder = FOLDERS[package]
    for path in folder.rglob("*"):
        if path.suffix in DATA and "_build" not in path.parts:
            name = path.relative_to(folder).as_posix()
            assert any(fnmatch(name, pattern) for pattern in SETUPTOOLS["package-data"].get(package, [])), name
