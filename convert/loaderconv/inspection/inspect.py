"""A file and everything that belongs to it, as a person asks about it."""

import hashlib
from pathlib import Path
from typing import Any

from loaderconv.inspection.memory_map import memory_map
from loaderconv_formats.bundle_reader import read_named_file
from loaderconv_formats.file_names import shown
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.base import Model
from loaderconv_schemas.bundle import BundleFacts, PassFacts
from loaderconv_schemas.inspection import InspectedFile, InspectedLoader, InspectedPass, SegmentSummary
from loaderconv_schemas.loader import Loader, LoaderFacts
from loaderconv_schemas.memory import Segment


def inspect_file(path: Path, search: SearchPaths | None = None) -> InspectedFile:
    """Return what there is to know of a loader file, a `.flash` or a `.board`.

    Args:
        path: the file.
        search: where to look for the files that it refers to.

    Raises:
        UnreadableInput: no loader and no part of one, or damaged.
    """
    named = read_named_file(path, search)
    passes = tuple(
        InspectedPass(**_fields(PassFacts, each), loader=None if each.loader is None else inspect_loader(each.loader))
        for each in named.bundle.passes
    )
    return InspectedFile(
        **_fields(BundleFacts, named.bundle),
        path=shown(path),
        kind=named.kind,
        size_bytes=len(named.data),
        sha256=hashlib.sha256(named.data).hexdigest(),
        passes=passes,
    )


def inspect_loader(loader: Loader) -> InspectedLoader:
    """Return a loader without its bytes, with its memory map."""
    return InspectedLoader(
        **_fields(LoaderFacts, loader),
        segments=tuple(_summary(segment) for segment in loader.segments),
        memory_map=memory_map(loader),
    )


def _summary(segment: Segment) -> SegmentSummary:
    return SegmentSummary(
        part=segment.part,
        address=segment.address,
        file_size_bytes=len(segment.data),
        memory_size_bytes=segment.memory_size_bytes,
        writable=segment.writable,
        executable=segment.executable,
        sha256=hashlib.sha256(segment.data).hexdigest(),
    )


def _fields(facts: type[Model], of: Model) -> dict[str, Any]:
    """Return what a model has of the fields of one of its bases."""
    return {name: getattr(of, name) for name in facts.model_fields}
