"""The word in front of the image, which belongs to the host."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.loaded import image_alignment
from loaderconv_formats.stldr import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_RAM_GRID_BYTES = 0x1000
"""No RAM of an STM32 starts at an address that is no multiple of this."""


@rule(
    "STL031",
    Severity.WARNING,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS, Host.ST_OPENOCD: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
    is_fixable=True,
)
def image_leaves_the_host_word(file: StldrFile) -> Iterator[Problem]:
    """The image starts 4 bytes above the RAM base.

    What it checks:
        The low byte of the lowest address that is downloaded. 0 to 3 is the defect; another one than 4 is a note.

    Why it matters:
        Hosts return from a routine to a BKPT that they write to the RAM base, or, as ST's OpenOCD does, to the lowest
        address & 0xffffff00. An image that starts there overwrites the BKPT, or is overwritten by it. All 444 .stldr of
        a survey start at base + 4; h750vb_core_stldr.elf starts at 0x20000000, W25Q128_STM32F412ZG.stldr at 0x20000100.

    Example:
        MEMORY { RAM (xrw) : ORIGIN = 0x20000000, LENGTH = 128K }

    How to fix:
        ORIGIN = 0x20000004, LENGTH = 128K - 4. Without the sources: loaderconv rewrite moves the image where the linker
        kept relocations (-Wl,--emit-relocs).

    Source:
        docs/formats/stldr.md, How hosts drive it (item 1), and What real files look like.
    """
    start = file.image_start
    if start is None or not start >> 24:
        return  # STL039 tells of loaders that are moved
    base, offset = start & -abi.RAM_BASE_ALIGNMENT, start % abi.RAM_BASE_ALIGNMENT
    if offset < abi.HOST_WORD_BYTES:
        is_ram_base = _is_ram_base(file, base)
        hosts = "hosts put" if is_ram_base else "ST's OpenOCD puts"
        yield Problem(
            "host-word",
            f"The image starts at 0x{start:08x}, where {hosts} the BKPT to which routines return.",
            f"Link the loader for 0x{base + abi.HOST_WORD_BYTES:08x}.",
            file.at_address(start),
            hosts=None if is_ram_base else {Host.ST_OPENOCD: Verdict.LOSS},
            is_fixable=_can_be_moved(file),
        )
    elif offset != abi.HOST_WORD_BYTES:
        yield Problem(
            "other-offset",
            f"The image starts at 0x{start:08x}; all known loaders start 4 bytes above a multiple of 256.",
            f"Link the loader for 0x{base + abi.HOST_WORD_BYTES:08x}, if that is where the RAM starts.",
            file.at_address(start),
            severity=Severity.NOTE,
            hosts={},
        )


def _is_ram_base(file: StldrFile, address: int) -> bool:
    """Tell whether a RAM starts at an address; where the chip is not known, whether one may."""
    if file.facts.ram is None:
        return not address % _RAM_GRID_BYTES
    return any(address == each.start for each in file.facts.ram.ranges)


def _can_be_moved(file: StldrFile) -> bool:
    """Tell whether the linker kept relocations, and the image may be moved by less than 256 bytes."""
    from loaderconv.rewriting.relocation import has_relocations  # noqa: PLC0415 - nearly no file needs it

    alignment = image_alignment(file.image, without=file.descriptor_segment)
    return has_relocations(file.image) and alignment < abi.RAM_BASE_ALIGNMENT


RULES: tuple[AnyRule, ...] = (image_leaves_the_host_word,)
