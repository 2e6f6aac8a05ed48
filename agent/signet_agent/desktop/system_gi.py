"""GObject introspection from the distribution: PyPI has no wheel of it, the tray needs it.

Debian's ``python3-gi`` belongs to Debian's interpreter and works with any other of the same minor
version. Its folder is looked at last and only for this: nothing else is to come from there.
"""

import importlib
import sys

FOLDERS = ("/usr/lib/python3/dist-packages", "/usr/lib64/python3/site-packages")
"""Where distributions keep packages of their own; only root can write there."""


def reach_gi() -> None:
    """Make ``gi`` importable from here on.

    Raises:
        ImportError: it is not installed, or belongs to another version of Python.
    """
    added = [folder for folder in FOLDERS if folder not in sys.path]
    sys.path.extend(added)
    try:
        importlib.import_module("gi")
        importlib.import_module("gi.repository")
    finally:
        for folder in added:
            sys.path.remove(folder)
