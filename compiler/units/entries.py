"""Entries of the cache: files beside the programs that the machine keeps (vm/native/program_cache.c), by the same rules: an entry is
named by what decides its content, appears in one step, and is dropped with the oldest when the cache is full. A cache that
cannot be written is a cache that is not there.

In:  paths. Out: `find`, `keep`. Holds: nothing here raises; who reads an entry notices that it is damaged.
"""
import os
import time

TOUCH_AFTER = 60        # seconds after which use renews an entry's age: all programs made of a unit since then must seem older


def find(entry):
    """The bytes of an entry; none where it is missing."""
    try:
        with open(entry, "rb") as file:
            if time.time() - os.fstat(file.fileno()).st_mtime > TOUCH_AFTER:
                os.utime(entry)
            return file.read()
    except OSError:
        return b""


def keep(entry, data):
    """Write an entry, in one step."""
    aside = f"{entry}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(entry), 0o700, exist_ok=True)
        try:
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
            os.replace(aside, entry)
        except OSError:
            os.unlink(aside)
    except OSError:
        pass
