"""Knows loaders that tell C-SPY their blocks at run time (docs/formats/iar.md, Constants)."""

import re
from collections.abc import Iterable

_LAYOUT_FORMAT = re.compile(rb"%[0-9]*[du] 0x%[0-9]*[xX]")
"""What they print a layout with."""


def layout_format_in(contents: Iterable[bytes]) -> str | None:
    """Return the format with which a loader prints its layout; None where no part of its image holds one."""
    found = next(filter(None, map(_LAYOUT_FORMAT.search, contents)), None)
    return None if found is None else found[0].decode("ascii")
