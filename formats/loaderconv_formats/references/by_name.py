"""Looks for a file by the end of its path, where nobody knows the beginning."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from loaderconv_formats.references.allowed_folders import AllowedFolders
from loaderconv_formats.references.case_insensitive import Listings
from loaderconv_formats.references.spelled_path import without_parents
from loaderconv_formats.references.walk import End, Walk, walk


def find_by_name(
    components: Sequence[str], naming_folder: Path, allowed: AllowedFolders, listings: Listings
) -> Walk | None:
    """Look for as much of the path's end as possible, in the naming folder first and then in those above it.

    Folders above count as far as they are allowed, also where names may be followed anywhere.

    Returns:
        The walk to a file, or to several that differ in case only; None where there is neither.
    """
    _, names = without_parents(naming_folder, components)
    folders = list(takewhile(allowed.hold, (naming_folder, *naming_folder.parents)))
    for first in range(len(names)):
        for folder in folders:
            walked = walk(folder, names[first:], allowed, listings)
            if walked.end in (End.FILE, End.AMBIGUOUS):
                return walked
    return None
