"""Inspects the files of one call: each once, and none again that another one refers to."""

import os
from collections.abc import Callable, Sequence

from loaderconv.inspection.inspect import inspect_file
from loaderconv_formats.candidates import Candidate, Origin, unread_file
from loaderconv_formats.first_look import Look, first_look
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.inspection import InspectedFile, InspectReport
from loaderconv_schemas.unread import UnreadFile


def inspect_files(
    candidates: Sequence[Candidate], search: SearchPaths | None = None, *, seen: Callable[[], None] = lambda: None
) -> InspectReport:
    """Return what there is to know of the loaders among the files, in the order of the files.

    Files that refer to others are read first, so that it is known what belongs to them.

    Args:
        candidates: the files; none twice.
        search: where to look for the files that they refer to.
        seen: called after each, for a progress bar.
    """
    looks = {candidate: first_look(candidate.path) for candidate in candidates}
    files: dict[Candidate, InspectedFile] = {}
    unread: dict[Candidate, UnreadFile] = {}
    belonging: set[str] = set()
    skipped = 0
    for candidate in sorted(candidates, key=lambda each: looks[each] or Look.PROGRAM):
        if candidate.origin is Origin.FOUND and os.path.realpath(candidate.path) in belonging:
            pass
        elif looks[candidate] is None and not candidate.must_be_loader():
            skipped += 1
        else:
            try:
                files[candidate] = inspect_file(candidate.path, search)
                belonging |= _belonging(files[candidate])
            except LoaderConvError as problem:
                if candidate.must_be_loader():
                    unread[candidate] = unread_file(candidate.path, problem)
                else:
                    skipped += 1
        seen()
    return InspectReport(
        files=tuple(files[each] for each in candidates if each in files),
        unread=tuple(unread[each] for each in candidates if each in unread),
        skipped=skipped,
    )


def _belonging(file: InspectedFile) -> set[str]:
    """Return the files that this one refers to."""
    return {os.path.realpath(reference.path) for reference in file.references if reference.path is not None}
