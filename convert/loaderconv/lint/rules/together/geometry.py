"""How loaders that belong together erase and program."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.loader_set import DeviceSummary, LoaderSet
from loaderconv_schemas.severity import Severity


class _Run(NamedTuple):
    """Sectors of one size; offsets in the device."""

    start: int
    stop: int
    size: int


_Grid = tuple[_Run, ...]


@rule("SET003", Severity.WARNING, LoaderSet)
def same_sectors(loaders: LoaderSet) -> Iterator[Problem]:
    """Loaders of one memory divide it into the same sectors.

    What it checks:
        Sizes and places of the sectors, as far as all of the loaders reach. It is a note where the sectors of one are
        made of whole sectors of the other: both may be right for a memory that erases by 4 KiB and by 64 KiB.

    Why it matters:
        At least one of them erases more or less than it says, so that data beside what is programmed gets lost.

    Example:
        0x4000, 0x4000, 0x4000, 0x4000, 0x10000 in the FLM, 5 sectors of 0x20000 in the stldr

    How to fix:
        Take the sectors from the data sheet, and build all of them from one header.

    Source:
        docs/formats/flm.md, Geometry and the rest of the descriptor.
    """
    end = min(each.device.size_bytes for each in loaders.loaders)
    grids = {each: grid for each in loaders.loaders if (grid := _grid(each, end))}
    if len(grids) < 2:
        return
    for loader, usual in loaders.deviating(grids):
        names = f"{loaders.title_of(loader)} has {_shown(grids[loader])}, {loaders.title_of(usual)} has"
        message = f"{names} {_shown(grids[usual])}."
        if _refines(grids[loader], grids[usual]) or _refines(grids[usual], grids[loader]):
            yield Problem(
                "granularity",
                message,
                "Check that both sizes are among those that the memory can erase.",
                loaders.at(loader),
                severity=Severity.NOTE,
            )
        else:
            yield Problem("sectors", message, "Correct the sectors in one of them.", loaders.at(loader))


@rule("SET004", Severity.WARNING, LoaderSet)
def pages_agree(loaders: LoaderSet) -> Iterator[Problem]:
    """Pages of loaders of one memory are multiples of each other.

    What it checks:
        szPage, PageSize and page: of two of them, the larger is a multiple of the smaller. Different pages alone are
        normal, since each tool has its own best size for a transfer; 4 of 21 public pairs differ.

    Why it matters:
        The memory has one program unit, of which every page is a multiple. Pages that are no multiples of each other
        cannot both be right.

    Example:
        0x1200 in the FLM, 0x1000 in the stldr

    How to fix:
        Set the page to the program unit of the data sheet, or a multiple of it that divides a sector.

    Source:
        docs/formats/flm.md, What real files look like.
    """
    pages = {each: each.device.page_size_bytes for each in loaders.loaders if each.device.page_size_bytes}
    for (first, smaller), (second, larger) in pairwise(sorted(pages.items(), key=lambda each: each[1])):
        if larger % smaller:
            yield Problem(
                "pages",
                f"{loaders.title_of(second)} has pages of 0x{larger:x} bytes, {loaders.title_of(first)} of"
                f" 0x{smaller:x}.",
                "Correct the page in one of them.",
                loaders.at(second),
            )


@rule("SET005", Severity.ERROR, LoaderSet)
def same_erased_value(loaders: LoaderSet) -> Iterator[Problem]:
    """Loaders of one memory agree on what an erased byte is.

    What it checks:
        valEmpty of the FLM against EraseValue of the stldr. A .flash file has no such number.

    Why it matters:
        Hosts fill gaps with it, and skip erasing what looks erased. A memory has only one such value.

    Example:
        0xFF in the FLM, 0x00 in the stldr

    How to fix:
        Set both to what the memory reads after an erase.

    Source:
        docs/formats/flm.md, Geometry and the rest of the descriptor.
    """
    values = {each: each.device.erased_value for each in loaders.loaders if each.device.erased_value is not None}
    if len(values) < 2:
        return
    for loader, usual in loaders.deviating(values):
        yield Problem(
            "erased-value",
            f"{loaders.title_of(loader)} says that erased bytes are 0x{values[loader]:02x},"
            f" {loaders.title_of(usual)} says 0x{values[usual]:02x}.",
            "Set both to what the memory reads after an erase.",
            loaders.at(loader),
        )


def _grid(loader: DeviceSummary, end: int) -> _Grid:
    """Return the runs up to an offset, neighbours of one size as one; empty where they do not cover all of it."""
    runs: list[_Run] = []
    reached = 0
    for each in loader.device.sectors:
        if reached >= end:
            break
        if each.offset_bytes != reached or not each.count or not each.sector_size_bytes:
            return ()
        reached = each.end_offset_bytes
        if runs and runs[-1].size == each.sector_size_bytes:
            runs[-1] = runs[-1]._replace(stop=min(reached, end))
        else:
            runs.append(_Run(each.offset_bytes, min(reached, end), each.sector_size_bytes))
    return tuple(runs) if reached >= end else ()


def _refines(fine: _Grid, coarse: _Grid) -> bool:
    """Tell whether each border of the coarse sectors is one of the fine ones."""
    return all(_has_borders_of(one, other) for one in fine for other in coarse)


def _has_borders_of(fine: _Run, coarse: _Run) -> bool:
    """Tell the same of two runs, for the addresses that both have."""
    limit = min(fine.stop, coarse.stop)
    behind = max(fine.start - coarse.start, 0)
    border = coarse.start + behind + -behind % coarse.size
    if border >= limit:
        return True
    if (border - fine.start) % fine.size:
        return False
    return border + coarse.size >= limit or coarse.size % fine.size == 0


def _shown(grid: _Grid) -> str:
    if len(grid) == 1:
        return f"sectors of 0x{grid[0].size:x} bytes"
    sizes = ", ".join(f"0x{each.size:x} from 0x{each.start:x} on" for each in grid[:4])
    return f"sectors of {sizes}{' and so on' if len(grid) > 4 else ''}"


RULES: tuple[AnyRule, ...] = (same_sectors, pages_agree, same_erased_value)
