"""Keeping ``None``, ``True`` and ``False`` alive beside PySide6 6.12.0 on CPython before 3.12.

That release hands these constants out without counting a reference (measured: one ``None`` lost
per call that returns nothing, one ``True`` per signal sent; 6.10.3 and 6.11.3 do not). CPython
3.12 made them immortal (PEP 683) and notices nothing; 3.11 aborts after some thousand calls,
"deallocating None", in the middle of a consent. Giving each more references than any process
can lose does what 3.12 does.
"""

import ctypes
import sys

IMMORTAL_SINCE = (3, 12)

_SPARE_REFERENCES = 1 << 40
"""A million losses a second would last for twelve days."""


def make_constants_immortal() -> None:
    """Add spare references to the constants, where the interpreter counts them."""
    if sys.version_info >= IMMORTAL_SINCE:
        return
    for constant in (None, True, False):
        # The count is the first field of every object (PyObject.ob_refcnt).
        count = ctypes.c_ssize_t.from_address(id(constant))
        if count.value < _SPARE_REFERENCES // 2:
            count.value += _SPARE_REFERENCES
