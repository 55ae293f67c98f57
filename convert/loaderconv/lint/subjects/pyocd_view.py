"""How pyOCD 0.46 looks at an FLM: it finds other symbols and reads other bytes than this project does.

Source: pyocd/target/pack/flash_algo.py and pyocd/debug/elf; tests/lint/test_pyocd_agrees.py compares.
"""

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol
from loaderconv_formats.flm import abi
from loaderconv_formats.flm.flash_device import HEADER, SECTOR
from loaderconv_schemas.host import Verdict

_TERMINATOR = b"\xff" * SECTOR.size


def symbol_named(image: ElfImage, name: str) -> ElfSymbol | None:
    """Return the symbol that pyOCD takes: the last function or object of the name, of any binding, even undefined."""
    kinds = (c.STT_FUNC, c.STT_OBJECT)
    return next((each for each in reversed(image.symbols) if each.name == name and each.type in kinds), None)


def sections_of(image: ElfImage, name: str, section_type: int) -> list[ElfSection]:
    """Return the sections that pyOCD finds under a name, by address; it passes over those without any flag."""
    flags = c.SHF_WRITE | c.SHF_ALLOC | c.SHF_EXECINSTR
    found = [s for s in image.sections if s.name == name and s.type == section_type and s.flags & flags]
    return sorted(found, key=lambda section: section.address)


def read_at(image: ElfImage, address: int, size_bytes: int) -> bytes | None:
    """Return what pyOCD reads: from the first segment of any type, by physical address, that has all of the bytes."""
    for segment in image.segments:
        start = address - segment.physical_address
        if start >= 0 and start + size_bytes <= len(segment.data):
            return segment.data[start : start + size_bytes]
    return None


def is_taken(image: ElfImage) -> bool:
    """Tell whether pyOCD takes a file: it makes a PackFlashAlgo of it."""
    mandatory = (name for name, routine in abi.ROUTINES.items() if routine in abi.MANDATORY)
    return (
        all(symbol_named(image, name) is not None for name in mandatory)
        and [each.address for each in sections_of(image, abi.CODE_SECTION, c.SHT_PROGBITS)] == [0]
        and all(len(sections_of(image, abi.DATA_SECTION, kind)) <= 1 for kind in (c.SHT_PROGBITS, c.SHT_NOBITS))
        and verdict_on_descriptor(image) is not Verdict.REJECTED
    )


def verdict_on_descriptor(image: ElfImage) -> Verdict:
    """Return REJECTED where pyOCD cannot read FlashDevice to the end of its sector list, otherwise LOSS.

    It takes a file without FlashDevice, and searches for the end of the list as far as segments go.
    """
    symbol = symbol_named(image, abi.DESCRIPTOR_SYMBOL)
    if symbol is None:
        return Verdict.LOSS
    if read_at(image, symbol.value, HEADER.size) is None or not _finds_terminator(image, symbol.value + HEADER.size):
        return Verdict.REJECTED
    return Verdict.LOSS


def _finds_terminator(image: ElfImage, address: int) -> bool:
    while entries := _entries_at(image, address):
        found = entries.find(_TERMINATOR)
        while found > 0 and found % SECTOR.size:
            found = entries.find(_TERMINATOR, found + 1)
        if found >= 0:
            return True
        address += len(entries)
    return False


def _entries_at(image: ElfImage, address: int) -> bytes:
    """Return the whole entries from an address to the end of the first segment that has one there."""
    for segment in image.segments:
        start = address - segment.physical_address
        count = (len(segment.data) - start) // SECTOR.size
        if start >= 0 and count > 0:
            return segment.data[start : start + count * SECTOR.size]
    return b""
