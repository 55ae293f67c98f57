"""theFlashParams: the block through which C-SPY and the loader talk."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.image import ElfSymbol
from loaderconv_formats.iar import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_WORD_BYTES = 4

_NO_MEMORY = (range(0x4000_0000, 0x6000_0000), range(0xE000_0000, 0x1_0000_0000))
"""Peripherals and the system region of every Cortex-M (Armv6-M, v7-M and v8-M architecture, system address map)."""


@rule("IAR003", Severity.ERROR, IarProgram, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.SYMBOLS,))
def parameter_block(file: IarProgram) -> Iterator[Problem]:
    """The block theFlashParams has 20 bytes, is aligned, and lies in RAM outside of the buffer.

    What it checks:
        The symbol's size, its alignment to 4, that it does not lie in the buffer, nor among the peripherals of a
        Cortex-M, and that a section of the file holds its room. A size of 0, or no section around it, is a warning:
        the block may be there all the same.

    Why it matters:
        C-SPY writes five words there before each call, and reads the result from the second one. A shorter block
        lets it overwrite what comes behind; in the buffer, data overwrite the parameters of the call that is to
        write them; unaligned, a Cortex-M0 faults. The size is 20 in all 249 surveyed loaders.

    Example:
        typedef struct { uint32_t base_ptr, count, offset_into_block; void *buffer; } FlashParamsHolder;  /* 16 */

    How to fix:
        Take FlashParamsHolder and theFlashParams from IAR's flash_loader.h and flash_loader.c as they are, and place
        section .noinit or .bss outside of the buffer.

    Source:
        docs/formats/iar.md, Parameter block; Armv7-M Architecture Reference Manual, The system address map.
    """
    symbol = file.symbols.get(abi.PARAMETERS)
    if symbol is None:
        return
    place = file.at_symbol(symbol)
    start, end = symbol.address, symbol.address + abi.PARAMETERS_SIZE_BYTES
    buffer = file.interface.buffer
    where = f"theFlashParams at 0x{start:08x}"
    if symbol.size_bytes not in (0, abi.PARAMETERS_SIZE_BYTES):
        yield Problem(
            "size",
            f"theFlashParams has {symbol.size_bytes} bytes instead of {abi.PARAMETERS_SIZE_BYTES}.",
            "Define it as a FlashParamsHolder of IAR's flash_loader.h.",
            place,
        )
    elif not symbol.size_bytes:
        yield Problem(
            "no-st-size",
            f"The symbol theFlashParams has no size; C-SPY uses {abi.PARAMETERS_SIZE_BYTES} bytes from 0x{start:08x}.",
            "Define it in C, or set its size with .size in assembly.",
            place,
            severity=Severity.WARNING,
        )
    if start % _WORD_BYTES:
        yield Problem("unaligned", f"{where} is not aligned to 4 bytes.", "Leave the structure unpacked.", place)
    if buffer is not None and max(start, buffer.start) < min(end, buffer.end):
        yield Problem(
            "in-buffer",
            f"{where} lies in the buffer {buffer}, where data overwrite it.",
            "Place its section behind FlashBufferEnd.",
            place,
        )
    elif file.is_thumb and not file.is_relocatable and any(start in each for each in _NO_MEMORY):
        yield Problem(
            "no-memory",
            f"{where} lies among peripherals, not in RAM.",
            "Place its section in the RAM of the linker configuration.",
            place,
        )
    elif not _has_room(file, symbol):
        yield Problem(
            "no-section",
            f"{where} lies in no section, so nothing keeps its room free.",
            "Define it in C, so that the linker places it.",
            place,
            severity=Severity.WARNING,
        )


def _has_room(file: IarProgram, symbol: ElfSymbol) -> bool:
    """Tell whether something of the file stands for the address; hosts load segments, and sections may lie outside."""
    sections = any(each.address <= symbol.address < each.end for each in file.allocated)
    return sections or any(each.address <= symbol.address < each.memory_end for each in file.image.load_segments)


RULES: tuple[AnyRule, ...] = (parameter_block,)
