"""The buffer that C-SPY fills with data: where it begins and ends."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.iar import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_THUMB_BIT = 1


@rule("IAR004", Severity.ERROR, IarProgram, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.SYMBOLS,))
def buffer_size(file: IarProgram) -> Iterator[Problem]:
    """The buffer is not empty.

    What it checks:
        FlashBufferEnd lies behind FlashBufferStart, the Thumb bit left aside. IAR043 tells of a buffer that is smaller
        than a page.

    Why it matters:
        C-SPY sends data in pieces that fit the buffer and are made of whole pages: without room for one, nothing can
        be programmed. A shipped loader (FlashHC32F334_otp.out) has a buffer of 0 bytes. The smallest that works has
        256. It need not be a multiple of the page, nor as large as a block.

    Example:
        LOWEND and HIGHSTART placed one behind the other, because the code fills the RAM.

    How to fix:
        Place LOWEND at the start and HIGHSTART at the end of free RAM, as IAR's template .icf does, and make room.

    Source:
        docs/formats/iar.md, Link-time layout, and What breaks a naive parser (16).
    """
    if abi.BUFFER_START not in file.symbols or abi.BUFFER_END not in file.symbols:
        return
    start, end = (file.symbols[name].value & ~_THUMB_BIT for name in (abi.BUFFER_START, abi.BUFFER_END))
    place = file.at_symbol(abi.BUFFER_END)
    if end == start:
        yield Problem(
            "empty",
            f"The buffer has 0 bytes: FlashBufferStart and FlashBufferEnd are both 0x{start:08x}.",
            "Leave room between LOWEND and HIGHSTART in the linker configuration.",
            place,
        )
    elif end < start:
        yield Problem(
            "reversed",
            f"FlashBufferEnd, 0x{end:08x}, lies before FlashBufferStart, 0x{start:08x}.",
            "Swap LOWEND and HIGHSTART in the linker configuration.",
            place,
        )


@rule("IAR005", Severity.WARNING, IarProgram, needs=(Fact.SYMBOLS,))
def buffer_symbols(file: IarProgram) -> Iterator[Problem]:
    """FlashBufferStart and FlashBufferEnd are data symbols, without the Thumb bit.

    What it checks:
        Bit 0 of the two symbols is clear, and their type is not FUNC.

    Why it matters:
        A host that takes the symbols as they are puts data one byte too far, and hands FlashWrite an odd address.
        C-SPY copes: 5 of 249 surveyed loaders, all of EWARM 9, have such symbols and ship with it.

    Example:
        void FlashBufferStart(void);  /* a label in a code section, where .space makes the room */

    How to fix:
        Put the labels into a section of data, or declare them as data: uint8_t FlashBufferStart[].

    Source:
        docs/formats/iar.md, Relocatable loaders, and What breaks a naive parser (17).
    """
    symbols = [file.symbols[name] for name in (abi.BUFFER_START, abi.BUFFER_END) if name in file.symbols]
    odd = [each for each in symbols if each.value & _THUMB_BIT]
    functions = [each for each in symbols if each.type == c.STT_FUNC]
    fix = "Define the labels in a section of data."
    if odd:
        yield Problem(
            "thumb-bit",
            f"{odd[0].name} is 0x{odd[0].value:08x}, with the Thumb bit set as for a function.",
            fix,
            file.at_symbol(odd[0]),
        )
    elif functions:
        yield Problem(
            "function", f"The symbol {functions[0].name} has the type FUNC.", fix, file.at_symbol(functions[0])
        )


RULES: tuple[AnyRule, ...] = (buffer_size, buffer_symbols)
