"""What pyproject.toml cannot say: the native parts are built, and `myna` is installed as a native program.

In:  the checkout or source distribution. Out: a wheel for one platform, any Python: it holds the shared library and the
parser's tables, and its `myna` is the launcher. In an editable install `myna` is a Python script that rebuilds what changed.
"""
import os
import sys

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from distutils.command.build_scripts import build_scripts

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

SCRIPT = """#!python
import sys
from myna.command import main
sys.exit(main())
"""


class BuildEverything(build_py):
    """Builds tables and native parts before the files are gathered."""

    def run(self):
        from myna import checkout
        checkout.build()
        self.__dict__.pop("data_files", None)       # listed before, without what was just built
        super().run()


class BuildLauncher(build_scripts):
    """Makes the native launcher the script `myna`, and puts beside it what it becomes for programs that call C."""
    editable_mode = False       # set by an editable install

    def run(self):
        from myna.vm.host import LAUNCHER, LOADER
        self.mkpath(self.build_dir)
        out = os.path.join(self.build_dir, "myna")
        if self.editable_mode:
            with open(out, "w") as file:
                file.write(SCRIPT)
        else:
            self.copy_file(LAUNCHER, out)
            if os.path.exists(LOADER):
                self.copy_file(LOADER, os.path.join(self.build_dir, os.path.basename(LOADER)))
        os.chmod(out, 0o755)


class PlatformWheel(bdist_wheel):
    """The wheel depends on the platform, but on no Python version."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class NativeDistribution(Distribution):
    """Has native parts, though no extension modules."""

    def has_ext_modules(self):
        return True


setup(distclass=NativeDistribution, scripts=["myna/command.py"],
      cmdclass={"build_py": BuildEverything, "build_scripts": BuildLauncher, "bdist_wheel": PlatformWheel})
