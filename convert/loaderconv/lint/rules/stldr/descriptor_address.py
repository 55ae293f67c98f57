"""Where in the address space the descriptor lies."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSection, ElfSegment
from loaderconv_formats.stldr.storage_info import SIZE_BYTES
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_INTERNAL_FLASH = (range(0x0800_0000, 0x0A00_0000), range(0x0C00_0000, 0x0E00_0000))
"""Of STM32, and its secure alias."""


@rule("STL012", Severity.NOTE, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def descriptor_is_at_zero(file: StldrFile) -> Iterator[Problem]:
    """StorageInfo lies at address 0.

    What it checks:
        The address of the descriptor's own PT_LOAD. STL013 and STL014 tell of worse places.

    Why it matters:
        Nobody downloads the descriptor, so it may have any address. ST's projects for IAR and most public loaders have
        0, and every host takes that; ST's scripts for GCC put it into RAM, which is accepted where it has a PT_LOAD of
        its own. In RAM it takes addresses that a map or a debugger counts as used.

    Example:
        define region Info = mem:[from 0x2407FEFF to 0x2407FFFF];   /* 21 IAR files: 11 in RAM, 10 at 0 */

    How to fix:
        Nothing needs to be done. MEMORY { INFO (r) : ORIGIN = 0, LENGTH = 1K } and >INFO :SgInfo place it at 0.

    Source:
        docs/formats/stldr.md, Accepted and rejected.
    """
    own = file.descriptor_segment
    if own is None or not own.address or _is_internal_flash(own.address):
        return
    if _other_holder(file, own) is None and _zeroed_holder(file, own) is None:
        yield Problem(
            "not-at-zero",
            f"StorageInfo lies at 0x{own.address:08x}; at 0 every host takes it.",
            "Nothing needs to be done; place the section at address 0 to be safe.",
            file.at_segment(own),
        )


@rule(
    "STL013",
    Severity.WARNING,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def descriptor_is_not_in_flash(file: StldrFile) -> Iterator[Problem]:
    """StorageInfo does not lie in internal flash.

    What it checks:
        The address of the descriptor's own PT_LOAD against 0x08000000..0x09ffffff and 0x0c000000..0x0dffffff.

    Why it matters:
        With a descriptor at 0x08000000 CubeProgrammer refused to mass-erase, and its window had trouble.

    Example:
        .Dev_info : { KEEP(*Dev_Inf.o(.rodata*)) } >FLASH :SgInfo

    How to fix:
        Place the section at address 0, or in the RAM behind the code.

    Source:
        docs/formats/stldr.md, Accepted and rejected; td-p/777754.
    """
    own = file.descriptor_segment
    if own is not None and _is_internal_flash(own.address):
        yield Problem(
            "internal-flash",
            f"StorageInfo lies at 0x{own.address:08x}, in the internal flash.",
            "Place the section at address 0, or in the RAM behind the code.",
            file.at_segment(own),
        )


@rule("STL014", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def descriptor_has_its_addresses_alone(file: StldrFile) -> Iterator[Problem]:
    """No other bytes lie at the addresses of StorageInfo.

    What it checks:
        The addresses of the descriptor's own PT_LOAD against what other PT_LOADs bring for them. Zeros, as ld fills the
        hole of the code's segment with, zero-initialised data and the same bytes again are a note: 37 of 40 files made
        with ST's scripts for GCC have zeros there, and hosts take them.

    Why it matters:
        A tool that looks the descriptor up by its address finds something else there. Which of the two it means, the
        file does not say.

    Example:
        DEVICE_INFO 0x20000004 { ... }   ; where FLASH_LOADER lies

    How to fix:
        Place the section at address 0.

    Source:
        docs/formats/stldr.md, What breaks a naive parser.
    """
    own = file.descriptor_segment
    if own is None:
        return
    other = _other_holder(file, own)
    zeroed = _zeroed_holder(file, own)
    if other is not None:
        theirs = other.data[max(own.address - other.address, 0) : own.file_end - other.address]
        mine = own.data[max(other.address - own.address, 0) :][: len(theirs)]
        number = file.at_segment(other).name
        if any(theirs) and theirs != mine:
            yield Problem(
                "collides",
                f"PT_LOAD {number} has other bytes at 0x{max(own.address, other.address):08x}, where StorageInfo lies.",
                "Place the section of StorageInfo at address 0.",
                file.at_segment(own),
            )
        elif any(theirs):
            yield Problem(
                "same-bytes",
                f"StorageInfo lies at 0x{own.address:08x}, among the addresses of PT_LOAD {number}, which has the same"
                " bytes there.",
                "Nothing needs to be done; place the section at address 0 to be safe.",
                file.at_segment(own),
                severity=Severity.NOTE,
            )
        else:
            yield Problem(
                "hole",
                f"StorageInfo lies at 0x{own.address:08x}, among the addresses of PT_LOAD {number}, which has zeros"
                " there.",
                "Nothing needs to be done; place the section at address 0 to be safe.",
                file.at_segment(own),
                severity=Severity.NOTE,
            )
    elif zeroed is not None:
        yield Problem(
            "zeroed-data",
            f"StorageInfo lies at 0x{own.address:08x}, where the zero-initialised data of section {zeroed.name} begin"
            " or go on.",
            "Nothing needs to be done; place the section at address 0 to be safe.",
            file.at_segment(own),
            severity=Severity.NOTE,
        )


def _is_internal_flash(address: int) -> bool:
    return any(address in flash for flash in _INTERNAL_FLASH)


def _other_holder(file: StldrFile, own: ElfSegment) -> ElfSegment | None:
    """Return another segment with bytes for addresses of the descriptor."""
    end = own.address + min(len(own.data), SIZE_BYTES)
    return next((s for s in file.image_segments if s.address < end and own.address < s.file_end), None)


def _zeroed_holder(file: StldrFile, own: ElfSegment) -> ElfSection | None:
    """Return a section of zero-initialised data at addresses of the descriptor."""
    end = own.address + min(len(own.data), SIZE_BYTES)
    zeroed = (each for each in file.allocated if each.type == c.SHT_NOBITS)
    return next((each for each in zeroed if each.address < end and own.address < each.end), None)


RULES: tuple[AnyRule, ...] = (descriptor_is_at_zero, descriptor_is_not_in_flash, descriptor_has_its_addresses_alone)
