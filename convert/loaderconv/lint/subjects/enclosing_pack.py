"""Which pack a file of IAR belongs to."""

import os
from itertools import islice
from pathlib import Path

from loaderconv_formats.pack.device_tree import PackIdentity, parse_pdsc
from loaderconv_formats.pack.pack_file import read_pdsc
from loaderconv_schemas.errors import LoaderConvError

_LEVELS = 4
"""How far up a description is looked for: packs have their loaders at most three folders below it."""

_MAX_ENTRIES = 10_000


def pack_around(file: Path) -> PackIdentity | None:
    """Return the pack whose description stands in the folder of a file or above; None where not exactly one does."""
    folder = Path(os.path.realpath(file)).parent
    for each in (folder, *folder.parents)[:_LEVELS]:
        found = _descriptions_in(each)
        if found:
            return _identity(found[0]) if len(found) == 1 else None
    return None


def _descriptions_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MAX_ENTRIES)]
    except OSError:
        return []
    return [folder / name for name in names if name.lower().endswith(".pdsc")]


def _identity(description: Path) -> PackIdentity | None:
    try:
        return parse_pdsc(read_pdsc(description)).identity
    except LoaderConvError:
        return None
