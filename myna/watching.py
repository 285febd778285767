"""`--watch`: does something again whenever a program changes.

In:  paths. Out: nothing; it ends with Ctrl-C. Holds: between looks it sleeps; a file that is being written is looked at once more.
"""
import os
import sys
import time

from myna.subcommand import OK, programs

SECONDS = 0.3       # between looks: less is not felt to be faster, and each reads the times of all files


def watch(paths, action):
    """Call `action()` now and whenever an `.ms` file changes that is among the paths or lies in a folder of theirs."""
    folders = sorted({path if os.path.isdir(path) else os.path.dirname(path) or "." for path in paths})
    seen = None
    try:
        while True:
            now = _state(folders)
            if now != seen:
                seen = now
                if sys.stderr.isatty():
                    sys.stderr.write("\033[H\033[2J\033[3J")
                status = action()
                print("watching; Ctrl-C ends" if status == OK else "watching for a repair; Ctrl-C ends", file=sys.stderr, flush=True)
            time.sleep(SECONDS)
    except KeyboardInterrupt:
        return OK


def _state(folders):
    """What changes when a file does."""
    found = []
    for path in programs([folder for folder in folders if os.path.isdir(folder)]):
        try:
            about = os.stat(path)
            found.append((path, about.st_mtime_ns, about.st_size))
        except OSError:
            found.append((path, 0, 0))
    return found
