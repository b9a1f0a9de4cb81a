"""Giving memory back that nothing needs any more."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Give free memory back to the system, which glibc keeps for later, in pieces between others.

    An index of a million rules is arrays of many megabytes; each time that edits were folded in, 60
    MB more were kept so. It lets the interpreter go on meanwhile, as calls of `ctypes` do.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
