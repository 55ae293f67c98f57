"""What lies in the buffer that C-SPY fills with data."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSymbol
from loaderconv_formats.iar import abi
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import Place
from loaderconv_schemas.severity import Severity

_FIRST_ONLY = frozenset({"FlashPreInitEntry", "FlashInitEntry", "Fl2FlashInitEntry", "FlashInit"})
"""Functions that run before the first data come, and not again."""

_LATER = frozenset({*abi.ROUTINES, *abi.C_LAYER, *(f"Fl2{name}" for name in abi.ROUTINES), abi.BREAK}) - _FIRST_ONLY
"""Functions that run after that."""

_NOT_CONTENTS = frozenset({abi.BUFFER_START, abi.BUFFER_END, abi.PARAMETERS})
"""The buffer's own labels, and what IAR003 is about."""

_SMALLEST_CODE_BYTES = 2
"""Symbols of stubs have no size."""

_LOOK_AT_BYTES = 64
"""No function starts with so many zeros, and a million symbols may claim the whole file each."""


@rule("IAR006", Severity.ERROR, IarProgram, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.SYMBOLS,))
def buffer_contents(file: IarProgram) -> Iterator[Problem]:
    """The buffer holds nothing that is used after data came into it.

    What it checks:
        Functions, variables, constants and the stack that lie between FlashBufferStart and FlashBufferEnd. Zeros of a
        relocatable loader, in which the buffer is a hole in the code, are none of these. FlashInit there is a note,
        and whatever helps it is left aside.

    Why it matters:
        C-SPY writes data over whatever is there. What the loader still needs is lost, and it crashes in the middle of
        programming. FlashInit alone may lie there (12 loaders of HDSC and XHSC save RAM so): it runs once for each
        download, and the image must be loaded again before it may run a second time.

    Example:
        place in RAM_region { section LOWEND, readonly };  /* the code follows the label */

    How to fix:
        Place LOWEND behind all code and constants, and HIGHSTART in front of variables and stack.

    Source:
        docs/formats/iar.md, Link-time layout, and What breaks a naive parser (18).
    """
    buffer = file.interface.buffer
    if buffer is None or not buffer.size_bytes:
        return
    inside = [each for each in file.image.symbols if _is_contents(file, each, buffer)]
    first = [each for each in inside if each.name in _FIRST_ONLY]
    lost = [each for each in inside if _is_lost(each, first)]
    bytes_at = None if inside else _nonzero_address(file, buffer.start, buffer.end)
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        yield _overwritten(f"{lost[0].name}{more}", file.at_symbol(lost[0]), buffer)
    elif _overlaps(file.interface.stack, buffer):
        yield _overwritten("The stack (CSTACK)", file.at_symbol(abi.STACK_BASE), buffer)
    elif bytes_at is not None:
        yield _overwritten(f"What the file loads at 0x{bytes_at:08x}", file.at_address(bytes_at), buffer)
    elif first:
        yield Problem(
            "init-in-buffer",
            f"{first[0].name} lies in the buffer {buffer}: it can run once for each download.",
            "Load the image again before a second FlashInit; C-SPY runs it once.",
            file.at_symbol(first[0]),
            severity=Severity.NOTE,
            hosts={},
        )


def _overwritten(what: str, place: Place, buffer: AddressRange) -> Problem:
    return Problem(
        "overwritten",
        f"{what} would be overwritten by data, for the buffer is {buffer}.",
        "Place LOWEND behind all code and constants, and HIGHSTART in front of variables and stack.",
        place,
    )


def _is_contents(file: IarProgram, symbol: ElfSymbol, buffer: AddressRange) -> bool:
    """Tell whether a symbol stands for code or data in the buffer, and is not a name of the buffer itself."""
    if symbol.type not in (c.STT_FUNC, c.STT_OBJECT) or symbol.name in _NOT_CONTENTS or symbol.section is None:
        return False
    start, end = symbol.address, symbol.address + symbol.size_bytes
    if start >= buffer.end or max(end, start + 1) <= buffer.start:
        return False
    if symbol.type == c.STT_FUNC:
        looked_at = min(max(end, start + _SMALLEST_CODE_BYTES), start + _LOOK_AT_BYTES)
        return _nonzero_address(file, start, looked_at) is not None
    return symbol.size_bytes > 0 and not (start <= buffer.start and buffer.end <= end)


def _is_lost(symbol: ElfSymbol, first: list[ElfSymbol]) -> bool:
    return symbol.name in _LATER or (symbol.name not in _FIRST_ONLY and not _may_help(symbol, first))


def _may_help(symbol: ElfSymbol, first: list[ElfSymbol]) -> bool:
    """Tell whether a function or constant may belong to the functions that run first: nothing tells who uses it."""
    section = symbol.section
    return bool(first) and section is not None and not section.flags & c.SHF_WRITE


def _overlaps(stack: AddressRange | None, buffer: AddressRange) -> bool:
    return stack is not None and stack.overlaps(buffer)


def _nonzero_address(file: IarProgram, start: int, end: int) -> int | None:
    """Return the lowest of the addresses for which the file brings a byte that is not zero."""
    found = []
    for segment in file.image.load_segments:
        first, stop = max(segment.address, start), min(segment.file_end, end)
        if first < stop:
            loaded = segment.data[first - segment.address : stop - segment.address]
            if rest := loaded.lstrip(b"\0"):
                found.append(stop - len(rest))
    return min(found, default=None)


RULES: tuple[AnyRule, ...] = (buffer_contents,)
