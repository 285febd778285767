"""Units kept between runs, as entries of the cache. A damaged one counts as missing.

In:  the folder, the name of the compiler's build. Out: `load`, `save`. Holds: nothing here raises.
"""
import os

from myna.compiler.units import entries
from myna.compiler.units import unit as units

SUFFIX = ".mynacu"      # the machine's sweep takes what begins with `.mynac`


class Store:
    """The units of a folder that one build of the compiler has made. `digest` is a function."""

    def __init__(self, folder, build, digest):
        self.folder = folder
        self.build = build
        self.digest = digest

    def entry(self, path, text, reflects):
        """Where the unit of a file is kept."""
        name = self.digest(b"\0".join((self.build.encode(), b"reflecting unit" if reflects else b"unit", os.fsencode(path), text)))
        return os.path.join(self.folder, name.hex() + SUFFIX)

    def load(self, path, text, reflects):
        """The Unit that the file at `path` with this text had, in a program that `reflects` or not; or None."""
        try:
            unit = units.decode(entries.find(self.entry(path, text, reflects)), self.digest)
        except units.Damaged:
            return None
        return unit if unit.path == path else None

    def save(self, path, text, reflects, data):
        """Keep the bytes of a unit."""
        entries.keep(self.entry(path, text, reflects), data)
