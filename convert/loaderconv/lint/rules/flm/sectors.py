"""The sector list of FlashDevice."""

from collections.abc import Iterator
from itertools import pairwise

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.pyocd_view import verdict_on_descriptor
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.flm.flash_device import SECTOR_END
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_BOTH = {Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS}
_NO_SECTORS = {Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.REJECTED}


@rule(
    "FLM048",
    Severity.ERROR,
    FlmFile,
    hosts={Host.PYOCD: Verdict.REJECTED, Host.PROBE_RS: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def sector_list_ends(file: FlmFile) -> Iterator[Problem]:
    """The sector list has an entry, and ends with two words of 0xFFFFFFFF.

    What it checks:
        A terminator (SECTOR_END) within the bytes of FlashDevice and the first 512 entries, and that no entry before
        it has 0xFFFFFFFF in one word only.

    Why it matters:
        pyOCD searches the end without a bound and stops with an exception where the segment ends first. probe-rs takes
        either word for the end. A host that believes whatever follows has sectors that are none.

    Example:
        0x10000, 0x000000, }  /* no SECTOR_END behind it */

    How to fix:
        Write SECTOR_END behind the last entry.

    Source:
        docs/formats/flm.md, Descriptor; What hosts refuse.
    """
    info = file.info
    pyocd = verdict_on_descriptor(file.image)
    half = next((number for number, entry in enumerate(info.entries) if SECTOR_END in entry), None)
    if half is not None:
        size, offset = info.entries[half]
        yield Problem(
            "half-terminator",
            f"Entry {half} of the sector list, 0x{size:08x} and 0x{offset:08x}, has 0xFFFFFFFF in one word only.",
            "End the list with SECTOR_END, two words of 0xFFFFFFFF.",
            file.at_run(half),
            hosts=_BOTH if info.is_terminated else {Host.PYOCD: pyocd},
        )
    elif not info.is_terminated:
        yield Problem(
            "unterminated",
            f"The sector list has no terminator within {len(info.entries)} entries.",
            "End the list with SECTOR_END, two words of 0xFFFFFFFF.",
            file.at_run(len(info.entries)),
            hosts={Host.PYOCD: pyocd, Host.PROBE_RS: Verdict.LOSS},
        )
    elif not info.entries:
        yield Problem(
            "no-sectors",
            "The sector list is empty.",
            "Describe the sectors in front of SECTOR_END.",
            file.at_run(0),
            hosts=_NO_SECTORS,
        )


@rule("FLM049", Severity.ERROR, FlmFile, hosts=_BOTH, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def sector_offsets(file: FlmFile) -> Iterator[Problem]:
    """AddrSector are offsets from DevAdr that start at 0, rise, and lie in the device.

    What it checks:
        The second word of each entry of the sector list.

    Why it matters:
        Each run of sectors reaches to the offset of the next one, the last to szDev. Where AddrSector is an address,
        as in Nordic's nrf53xx_network files, pyOCD finds no sector and drops the memory (issue 1357), and probe-rs
        finds none for any address. Runs out of order or behind the end of the device are never used.

    Example:
        0x01000000, /* DevAdr */ ... 0x00000800, 0x01000000, /* szSector, AddrSector */

    How to fix:
        Write offsets: 0 for the first run, the distance from DevAdr for the others, in rising order.

    Source:
        docs/formats/flm.md, Descriptor; What hosts refuse; What breaks a naive parser; pyOCD issue 1357.
    """
    size, base = file.info.size_bytes, file.info.base_address
    offsets = [offset for _, offset in file.runs]
    if not offsets or not size:
        return
    first = offsets[0]
    if first and (first == base or first >= size):
        yield Problem(
            "absolute",
            f"The first AddrSector is the address 0x{first:08x}, not the offset 0 from DevAdr 0x{base:08x}.",
            "Write offsets from DevAdr into the sector list; the first one is 0.",
            file.at_run(0),
            hosts=_NO_SECTORS,
        )
    elif first:
        yield Problem(
            "first-not-zero",
            f"The first AddrSector is 0x{first:x}, so nothing tells the sectors of the first 0x{first:x} bytes.",
            "Start the first run at offset 0.",
            file.at_run(0),
            hosts=_NO_SECTORS,
        )
    elif (wrong := next((n for n, (a, b) in enumerate(pairwise(offsets), 1) if b <= a), None)) is not None:
        yield Problem(
            "unsorted",
            f"Entry {wrong} of the sector list starts at 0x{offsets[wrong]:x}, the one in front of it at"
            f" 0x{offsets[wrong - 1]:x}.",
            "Sort the runs by offset, each once.",
            file.at_run(wrong),
        )
    elif (wrong := next((n for n, offset in enumerate(offsets) if offset >= size), None)) is not None:
        yield Problem(
            "beyond-device",
            f"AddrSector of entry {wrong}, 0x{offsets[wrong]:08x}, lies beyond szDev, 0x{size:x}.",
            "Write the offset from DevAdr, or correct szDev; another memory needs a loader of its own.",
            file.at_run(wrong),
        )


@rule("FLM050", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def sectors_fill_device(file: FlmFile) -> Iterator[Problem]:
    """Every run is filled by whole sectors, and sectors start at multiples of their size.

    What it checks:
        The length of each run, up to the next run or szDev, and the address of its start, against szSector. A szSector
        of 0 is an error.

    Why it matters:
        A sector that reaches into the next run or beyond the device has no single size: probe-rs counts the sectors of
        the next run from the wrong place, others erase beyond the device. pyOCD finds the start of a sector by rounding
        the address down to a multiple of szSector, which is another address where the run does not start at one.

    Example:
        0x00003000, /* szDev */ ... 0x2000, 0x000000, /* szSector, AddrSector */

    How to fix:
        Correct szDev, or describe the rest by a run with sectors of its size.

    Source:
        docs/formats/flm.md, Descriptor; What hosts do with odd geometry.
    """
    runs = file.sound_runs
    if not runs:
        return
    ends = [*(offset for _, offset in runs[1:]), file.info.size_bytes]
    for number, ((size, offset), end) in enumerate(zip(runs, ends, strict=True)):
        start = file.info.base_address + offset
        place = file.at_run(number)
        if not size:
            yield Problem(
                "no-sector-size",
                f"Entry {number} of the sector list has sectors of 0 bytes.",
                "Write the size of the sectors into the first word, the offset into the second.",
                place,
                severity=Severity.ERROR,
                hosts=_BOTH,
            )
        elif (end - offset) % size:
            is_last = number == len(runs) - 1
            yield Problem(
                "uneven-run",
                f"Sectors of 0x{size:x} bytes do not fill the offsets 0x{offset:x} to 0x{end:x}.",
                "Correct szDev." if is_last else "Correct the offset of the next run, or the size of the sectors.",
                place,
                hosts={} if is_last else {Host.PROBE_RS: Verdict.LOSS},
            )
        elif start % size and not start % (file.info.page_size_bytes or 1):
            yield Problem(
                "unaligned-run",
                f"Sectors of 0x{size:x} bytes start at 0x{start:08x}, which is no multiple of their size.",
                "Make sure that the hosts that are used count sectors from DevAdr; pyOCD does not.",
                place,
                hosts={Host.PYOCD: Verdict.LOSS},
            )


RULES: tuple[AnyRule, ...] = (sector_list_ends, sector_offsets, sectors_fill_device)
