"""Units kept between runs, beside the programs that the machine keeps (vm/native/program_cache.c), by the same rules: an entry is
named by what decides its content, appears in one step, counts as missing when it is damaged, and is dropped with the oldest when
the cache is full. A cache that cannot be written is a cache that is not there.

In:  the folder, the name of the compiler's build. Out: `load`, `save`. Holds: nothing here raises.
"""
import os
import time

from myna.compiler.units import unit as units

SUFFIX = ".mynacu"      # the machine's sweep takes what begins with `.mynac`
TOUCH_AFTER = 60        # seconds after which use renews an entry's age: all programs made of a unit since then must seem older


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
        entry = self.entry(path, text, reflects)
        try:
            with open(entry, "rb") as file:
                data = file.read()
                if time.time() - os.fstat(file.fileno()).st_mtime > TOUCH_AFTER:
                    os.utime(entry)
            unit = units.decode(data, self.digest)
        except (OSError, units.Damaged):
            return None
        return unit if unit.path == path else None

    def save(self, path, text, reflects, data):
        """Keep the bytes of a unit."""
        entry = self.entry(path, text, reflects)
        aside = f"{entry}.{os.getpid()}"
        try:
            os.makedirs(self.folder, 0o700, exist_ok=True)
            try:
                with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                    file.write(data)
                os.replace(aside, entry)
            except OSError:
                os.unlink(aside)
        except OSError:
            pass
