"""The sector table, and the page."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.stldr.storage_info import SECTOR_NUM
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_FLM_END = 0xFFFF_FFFF
"""What ends the table of an FLM."""


@rule(
    "STL024",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS, Host.ST_OPENOCD: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def sectors_fill_the_device(file: StldrFile) -> Iterator[Problem]:
    """The sectors add up to DeviceSize.

    What it checks:
        The sum of count x size over the sector table against DeviceSize, where both can be used (STL023, STL025).

    Why it matters:
        Hosts erase by the table and program by DeviceSize. Memory behind the last sector cannot be erased; sectors
        behind the end of the memory are erased at addresses that wrap around or belong to something else. 11 of 444
        public loaders have this defect, mostly after a copy for a larger memory.

    Example:
        0x01000000, 0x100, 0xFF, { { 256, 0x1000 } }   /* 16 MiB, but 256 sectors of 4 KiB are 1 MiB */

    How to fix:
        Compute the count: DeviceSize / sector size. The order in StorageInfo is count, then size.

    Source:
        docs/formats/stldr.md, What real files look like.
    """
    sum_bytes = sum(count * size for count, size in _used(file.groups))
    if file.info.size_bytes and _is_usable(file.groups) and sum_bytes != file.info.size_bytes:
        yield Problem(
            "sum",
            f"The sectors have 0x{sum_bytes:x} bytes together, DeviceSize is 0x{file.info.size_bytes:x}.",
            "Make the count of sectors DeviceSize / sector size.",
            file.at_info("DeviceSize"),
        )


@rule(
    "STL025",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS, Host.ST_OPENOCD: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def sector_table_is_a_table(file: StldrFile) -> Iterator[Problem]:
    """The sector table has sectors, and ends where it says.

    What it checks:
        The slots of {count, size}: the first is in use, none in use has a size of 0, and nothing stands behind a count
        of 0, which ends the table. STL009 tells of a table that is too short for its end.

    Why it matters:
        A host takes slots up to the first with a count of 0, at most ten. What stands behind it
        does not exist for the host. The table of an FLM looks alike, but has size and address, and ends with
        0xffffffff: here that makes 4 billion sectors.

    Example:
        { { 0x1000, 0x0 }, { 0xFFFFFFFF, 0xFFFFFFFF } }   /* as in FlashDev.c */

    How to fix:
        Write { count, size } for each group and { 0, 0 } behind the last one.

    Source:
        docs/formats/stldr.md, StorageInfo.
    """
    groups = file.groups
    used = _used(groups)
    if not groups:
        return  # STL009 tells
    if not used:
        yield Problem(
            "no-sectors",
            "The first group of the sector table has a count of 0, so there are no sectors.",
            "Write the count and the size of the sectors into the first group.",
            file.at_group(0),
        )
    for number, (count, size) in enumerate(used):
        if count == _FLM_END:
            yield Problem(
                "flm-end",
                f"Group {number} has a count of 0xffffffff, which ends the table of an FLM, but not this one.",
                "End the table with { 0, 0 }.",
                file.at_group(number),
            )
            return
        if not size:
            yield Problem(
                "no-size",
                f"Group {number} has {count} sectors of 0 bytes.",
                "Write the count first, and then the size.",
                file.at_group(number),
            )
            return
    behind = next((number for number in range(len(used) + 1, len(groups)) if any(groups[number])), None)
    if used and behind is not None:
        yield Problem(
            "behind-end",
            f"Group {behind} is in use, but group {len(used)} has a count of 0 and ends the table.",
            "Leave no gap between the groups.",
            file.at_group(behind),
        )


@rule("STL026", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def page_divides_sectors(file: StldrFile) -> Iterator[Problem]:
    """Page and sectors are powers of two, and the page divides each sector.

    What it checks:
        PageSize and the sizes in the sector table.

    Why it matters:
        ST's OpenOCD aligns what it writes to PageSize, with a mask, and divides by it: a size of 0 ends it, and one
        that is no power of two trips an assertion. A page that is larger than a sector, or does not divide it, reaches
        into a neighbour that was not erased. Loaders mask addresses with sector sizes, too.

    Example:
        0x2000, 0xFF, { { 2048, 0x1000 } }   /* PageSize, EraseValue, sectors: as in ART-Pi_W25Q64 */

    How to fix:
        Set PageSize to what the memory programs at once; 0x100 for most NOR flash.

    Source:
        docs/formats/stldr.md, What real files look like, and How hosts drive it (OOCD).
    """
    page = file.info.page_size_bytes
    sizes = sorted({size for count, size in _used(file.groups) if count != _FLM_END and size})
    place = file.at_info("PageSize")
    fix = "Set PageSize to a power of two that divides every sector."
    if not page:
        yield Problem("no-page", "PageSize is 0.", fix, place, hosts={Host.ST_OPENOCD: Verdict.REJECTED})
    elif sizes and page > sizes[0]:
        yield Problem(
            "page-larger-than-sector",
            f"PageSize is 0x{page:x}, but there are sectors of 0x{sizes[0]:x} bytes.",
            fix,
            place,
        )
    elif page & (page - 1):
        yield Problem(
            "odd-page",
            f"PageSize is {page} bytes, which is no power of two.",
            fix,
            place,
            hosts={Host.ST_OPENOCD: Verdict.LOSS},
        )
    else:
        odd = next((size for size in sizes if size & (size - 1)), None)
        if odd is not None:
            number = next(number for number, (_, size) in enumerate(file.groups) if size == odd)
            told = "" if not odd % page else f", and not a multiple of the page of {page} bytes"
            yield Problem(
                "odd-sector",
                f"There are sectors of {odd} bytes, which is no power of two{told}.",
                "Correct the sector size, unless the memory really has such sectors.",
                file.at_group(number),
            )


def _used(groups: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return the groups up to the first with a count of 0, which ends the table."""
    end = next((number for number, (count, _) in enumerate(groups) if not count), len(groups))
    return groups[:end]


def _is_usable(groups: tuple[tuple[int, int], ...]) -> bool:
    """Tell whether hosts find the sectors that the author wrote."""
    used = _used(groups)
    has_end = len(used) < len(groups) or len(groups) == SECTOR_NUM
    is_plain = all(size and count != _FLM_END for count, size in used)
    return bool(used) and has_end and is_plain and not any(map(any, groups[len(used) + 1 :]))


RULES: tuple[AnyRule, ...] = (sectors_fill_the_device, sector_table_is_a_table, page_divides_sectors)
