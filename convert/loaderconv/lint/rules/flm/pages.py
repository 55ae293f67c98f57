"""The size of the device and of its pages."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_PAGE_MAX = 65536
"""PAGE_MAX of FlashOS.h."""

_ABSOLUTE_GRID = {Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS}
_FAILS_BUT_PYOCD = dict.fromkeys((Host.UVISION, Host.PROBE_RS), Verdict.LOSS)
_FAILS = {**_FAILS_BUT_PYOCD, Host.PYOCD: Verdict.LOSS}


@rule("FLM045", Severity.ERROR, FlmFile, hosts=_FAILS, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def device_and_page_have_sizes(file: FlmFile) -> Iterator[Problem]:
    """The device and its pages have a size, and the device lies in the address space.

    What it checks:
        szDev and szPage are not 0, DevAdr + szDev does not exceed 4 GiB, and szPage is at most 65536, the PAGE_MAX of
        FlashOS.h (a warning).

    Why it matters:
        A host makes a memory region from DevAdr and szDev and cuts what it programs into pages: with 0 there is
        nothing to program, and pyOCD and probe-rs divide by the size of a page. A page is also the size of the buffers
        in the target's RAM; the CMSIS-Pack specification calls 1024 optimal.

    Example:
        0x00000000, /* szDev */

    How to fix:
        Write the size of the memory, and what ProgramPage takes at once, into FlashDev.c.

    Source:
        docs/formats/flm.md, Descriptor; What hosts do with odd geometry.
    """
    info = file.info
    if not info.size_bytes:
        yield Problem(
            "no-size",
            "szDev is 0: the device has no bytes.",
            "Set szDev to the size of the memory.",
            file.at_device("szDev"),
        )
    elif info.base_address + info.size_bytes > 1 << 32:
        yield Problem(
            "beyond-addresses",
            f"The device at 0x{info.base_address:08x} with 0x{info.size_bytes:x} bytes goes beyond 4 GiB.",
            "Correct DevAdr or szDev.",
            file.at_device("szDev"),
            hosts={Host.PYOCD: Verdict.LOSS},
        )
    if not info.page_size_bytes:
        yield Problem(
            "no-page", "szPage is 0.", "Set szPage to what ProgramPage takes at once.", file.at_device("szPage")
        )
    elif info.page_size_bytes > _PAGE_MAX:
        yield Problem(
            "large-page",
            f"szPage is 0x{info.page_size_bytes:x}, more than the {_PAGE_MAX} bytes that FlashOS.h allows.",
            f"Set szPage to at most {_PAGE_MAX}; hosts need that much RAM for each buffer.",
            file.at_device("szPage"),
            severity=Severity.WARNING,
            hosts={},
        )


@rule("FLM046", Severity.WARNING, FlmFile, hosts=_ABSOLUTE_GRID, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def pages_fill_sectors(file: FlmFile) -> Iterator[Problem]:
    """Pages fill every sector, from DevAdr on, and have a power of two of bytes.

    What it checks:
        Each szSector and DevAdr are multiples of szPage, and szPage is a power of two. Sectors that are smaller than a
        page are FLM047.

    Why it matters:
        pyOCD and probe-rs cut pages at multiples of szPage counted from address 0, not from DevAdr. Where the device
        does not start on that grid, or sectors end between two of its lines, a page lies across the edge of a sector:
        pyOCD stops with an assertion, probe-rs programs into the neighbour, and an EFR32MG24 was bricked so (probe-rs
        issue 4183, page 0x3000). 15 of 429 public FLMs have such sectors.

    Example:
        0x3000, /* szPage */ ... 0x10000, 0x000000, /* szSector, AddrSector */

    How to fix:
        Set szPage to a power of two that divides the sectors and DevAdr; ProgramPage may loop inside of it.

    Source:
        docs/formats/flm.md, What hosts refuse; What hosts do with odd geometry; probe-rs issue 4183.
    """
    page, base = file.info.page_size_bytes, file.info.base_address
    sizes = [size for size, _ in file.runs if size]
    if not page or not sizes or page > min(sizes):
        return
    uneven = next((number for number, (size, _) in enumerate(file.runs) if size % page), None)
    if uneven is not None:
        yield Problem(
            "uneven-sectors",
            f"Sectors of 0x{file.runs[uneven][0]:x} bytes are no multiple of szPage, 0x{page:x}.",
            "Choose a page that divides the size of every sector.",
            file.at_run(uneven),
        )
    elif base % page:
        yield Problem(
            "unaligned-base",
            f"DevAdr 0x{base:08x} is no multiple of szPage, 0x{page:x}, and hosts count pages from address 0.",
            "Choose a page that divides DevAdr.",
            file.at_device("DevAdr"),
        )
    elif page & (page - 1):
        yield Problem(
            "not-power-of-two",
            f"szPage is 0x{page:x}, which is no power of two.",
            "Choose a power of two; a host may rely on it.",
            file.at_device("szPage"),
            hosts={},
        )


@rule("FLM047", Severity.ERROR, FlmFile, hosts=_FAILS, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def page_fits_sector(file: FlmFile) -> Iterator[Problem]:
    """A page is not larger than the smallest sector.

    What it checks:
        szPage against each szSector of FlashDevice.

    Why it matters:
        A host programs page by page into sectors that it erased. Where a page is larger than a sector, ProgramPage
        writes into a neighbour that was not erased, or that holds something else. pyOCD stops with an assertion (issue
        665) or erases other sectors than it programs; only where the list has several runs it makes the page smaller.
        11 of 429 public FLMs have this defect.

    Example:
        0x2000, /* szPage */ ... 0x1000, 0x000000, /* szSector, AddrSector */

    How to fix:
        Set szPage in FlashDev.c to what ProgramPage takes at once, at most the smallest sector.

    Source:
        docs/formats/flm.md, What hosts refuse; What hosts do with odd geometry; pyOCD issue 665, pull request 1608.
    """
    page = file.info.page_size_bytes
    smallest = min((size for size, _ in file.info.entries if size), default=page)
    if page > smallest:
        yield Problem(
            "page-larger-than-sector",
            f"szPage is 0x{page:x}, but there are sectors of 0x{smallest:x} bytes.",
            "Set szPage to at most the smallest sector.",
            file.at_device("szPage"),
            hosts=_FAILS if len(file.info.entries) == 1 else _FAILS_BUT_PYOCD,
        )


RULES: tuple[AnyRule, ...] = (device_and_page_have_sizes, pages_fill_sectors, page_fits_sector)
