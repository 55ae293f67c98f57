"""Compares two files on what they mean, pass by pass."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from loaderconv.inspection.compared import compared
from loaderconv.inspection.iar_difference import ignored_differences, pass_differences
from loaderconv.inspection.loader_difference import loader_differences
from loaderconv_formats.bundle_reader import read_named_file
from loaderconv_formats.file_names import shown
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import Bundle, FileRole, Pass, ReferenceState
from loaderconv_schemas.difference import ComparedFile, Difference, DiffReport
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.text import printable

_NOT_READ = frozenset(
    {ReferenceState.MISSING, ReferenceState.OUTSIDE, ReferenceState.UNMAPPED, ReferenceState.UNREADABLE}
)


def compare_files(left: Path, right: Path, search: SearchPaths | None = None) -> DiffReport:
    """Return in what two files differ, with all that belongs to them.

    Args:
        left: the first file.
        right: the second file.
        search: where to look for the files that they refer to.

    Raises:
        UnreadableInput: one of them is no loader and no part of one, or damaged.
    """
    first, second = read_named_file(left, search), read_named_file(right, search)
    return DiffReport(
        left=ComparedFile(path=shown(left), kind=first.kind),
        right=ComparedFile(path=shown(right), kind=second.kind),
        differences=bundle_differences(first.bundle, second.bundle),
        identical=first.data == second.data,
        not_compared=(*_unread(left, first.bundle), *_unread(right, second.bundle)),
    )


def _unread(path: Path, bundle: Bundle) -> Iterator[str]:
    """Tell which files were not read that belong to a loader."""
    for reference in dict.fromkeys(bundle.references):
        if reference.role is not FileRole.MACRO and reference.state in _NOT_READ:
            yield f"{shown(path)}: {printable(reference.spelled)} was not read ({reference.state})."


def bundle_differences(left: Bundle, right: Bundle) -> tuple[Difference, ...]:
    """Return in what two bundles differ, in the order of the model; empty where they mean the same."""
    return tuple(_bundle_differences(left, right))


def _bundle_differences(left: Bundle, right: Bundle) -> Iterator[Difference]:
    yield from compared("passes", len(left.passes), len(right.passes))
    if _flavour(left.passes[0]) is _flavour(right.passes[0]):
        yield from ignored_differences(left.ignored, right.ignored)
    if len(left.passes) == len(right.passes) == 1:
        yield from _pass_differences(left.passes[0], right.passes[0])
        return
    for number, (first, second) in enumerate(zip_longest(left.passes, right.passes), start=1):
        if first is None or second is None:
            yield from compared(f"pass {number}", _summary(first), _summary(second))
        else:
            for difference in _pass_differences(first, second):
                yield difference.model_copy(update={"aspect": f"pass {number}: {difference.aspect}"})


def _pass_differences(left: Pass, right: Pass) -> Iterator[Difference]:
    if _flavour(left) is _flavour(right):
        yield from pass_differences(left, right)
    if left.loader is None or right.loader is None:
        yield from compared("loader", _loader_name(left.loader), _loader_name(right.loader))
    else:
        yield from loader_differences(left.loader, right.loader)


def _flavour(of: Pass) -> Flavour:
    """Return for which hosts a pass is; only IAR's files can miss their loader."""
    return Flavour.IAR if of.loader is None else of.loader.flavour


def _summary(of: Pass | None) -> str | None:
    """Return a pass in a few words, None where there is none."""
    return None if of is None else _loader_name(of.loader) or "no loader"


def _loader_name(loader: Loader | None) -> str | None:
    if loader is None:
        return None
    return loader.identity.name if loader.device is None else loader.device.name
