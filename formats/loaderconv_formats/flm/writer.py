"""Makes a new FLM from a Loader, in the shape that armlink gives it (docs/formats/flm.md, What real files look like).

One PT_LOAD holds PrgCode, PrgData and, as NOBITS, zero-initialised PrgData; a second one holds the descriptor alone,
from where the first one's bytes end. Code stays at its link addresses.
"""

from collections.abc import Sequence
from dataclasses import replace

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.build_notes import add_build_notes, elf_flags, segment_flags
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol
from loaderconv_formats.elf.installed_note import add_installed_note
from loaderconv_formats.elf.loaded import LoadedRange
from loaderconv_formats.elf.new_image import (
    SEGMENT_ALIGNMENT,
    LocalSymbol,
    NewRange,
    Stretch,
    add_local_symbols,
    add_ranges,
    add_routine,
    check_has_code,
    check_static_base,
    free_address,
    range_of,
    zeros_among_code,
)
from loaderconv_formats.flm import abi
from loaderconv_formats.flm.flash_device import SIZE_BYTES, pack_flash_device
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Part, Segment

DESCRIPTOR_SECTION = "DevDscr"


def flm_document(loader: Loader, *, comment: str, local_symbols: Sequence[LocalSymbol] = ()) -> ElfImage:
    """Return the document for a loader.

    Args:
        loader: the meaning; its descriptor is made anew from its device.
        comment: what made the file, for `.comment`.
        local_symbols: names beyond the entry points.

    Raises:
        ConversionRefused: no machine code, a device that FlashDevice cannot describe, a routine or the static base
            outside of the image, or code up to the end of the address space, which leaves no address for PrgData.
    """
    check_has_code(loader)
    check_static_base(loader)
    evidence = loader.placement.evidence
    image = ElfImage(flags=elf_flags(loader.identity))
    ranges = _joined(loader.image_segments, loader.placement.static_base, segment_flags(evidence))
    new_ranges = [NewRange(each, _stretches(each, loader.placement.static_base)) for each in ranges]
    sections = add_ranges(image, new_ranges, loader.placement.alignment_bytes)
    _add_data_section(image, loader.placement.static_base)
    _add_descriptor(image, loader, ranges)
    add_build_notes(image, loader.identity, evidence, comment)
    add_installed_note(image, loader.installed)
    add_local_symbols(image, sections, local_symbols)
    for entry in loader.entry_points:
        add_routine(image, sections, entry, c.STV_HIDDEN)
    return image


def _joined(segments: Sequence[Segment], static_base: int | None, arm_flags: int) -> list[LoadedRange]:
    """Return the ranges; code and data that meet at the static base share one, as they do in armlink's files."""
    ranges: list[LoadedRange] = []
    for segment in segments:
        new = range_of(segment, arm_flags)
        last = ranges[-1] if ranges else None
        if last is not None and last.end == new.address == static_base and _is_one_range(last, new):
            size_bytes = last.memory_size_bytes + new.memory_size_bytes
            ranges[-1] = replace(last, data=last.data + new.data, memory_size_bytes=size_bytes)
        else:
            ranges.append(new)
    return ranges


def _is_one_range(first: LoadedRange, second: LoadedRange) -> bool:
    """Tell whether two ranges that meet are bytes and then zeros, under the same flags."""
    return first.flags == second.flags and (len(first.data) == first.memory_size_bytes or not second.data)


def _stretches(loaded: LoadedRange, static_base: int | None) -> tuple[Stretch, ...]:
    """Return code and data of a range: what lies at or behind the static base is PrgData."""
    cut = loaded.end if static_base is None else min(max(static_base, loaded.address), loaded.end)
    zeros_flags = zeros_among_code(loaded)
    data_flags = c.SHF_WRITE if loaded.data or loaded.flags & c.PF_W else 0
    return (
        Stretch(loaded.address, cut, abi.CODE_SECTION, c.SHF_EXECINSTR, abi.CODE_SECTION, zeros_flags),
        Stretch(cut, loaded.end, abi.DATA_SECTION, c.SHF_WRITE, abi.DATA_SECTION, data_flags),
    )


def _add_data_section(image: ElfImage, static_base: int | None) -> None:
    """Add a PrgData of no bytes where there is none with bytes.

    pyOCD before 2025, DAPLink's scripts and older J-Link software refuse a file without that section
    (docs/formats/flm.md, What hosts refuse). They load its address into r9.
    """
    with_bytes = [section for section in image.sections if section.type == c.SHT_PROGBITS]
    if any(section.name == abi.DATA_SECTION for section in with_bytes):
        return
    address = max(section.end for section in with_bytes) if static_base is None else static_base
    if address == ADDRESS_SPACE_BYTES:
        raise ConversionRefused(
            f"The code reaches to the end of the address space, which leaves no free address for {abi.DATA_SECTION}.",
            hint="Link it some bytes lower.",
        )
    flags = c.SHF_ALLOC | c.SHF_WRITE
    image.sections.append(ElfSection(abi.DATA_SECTION, c.SHT_PROGBITS, flags, address, content=b""))


def _add_descriptor(image: ElfImage, loader: Loader, ranges: Sequence[LoadedRange]) -> None:
    """Add the descriptor in a segment of its own, all 4256 bytes of the structure.

    Hosts read up to the terminator only, but one that copies the C structure must not run out of the section.
    """
    descriptor = pack_flash_device(loader.described_device)
    address = _descriptor_address(loader, ranges)
    flags = c.PF_R | segment_flags(loader.placement.evidence) & c.PF_ARM_PI
    segment = image.add_load_segment(address, descriptor, flags=flags, alignment=SEGMENT_ALIGNMENT)
    section = image.add_view(
        DESCRIPTOR_SECTION, segment, address=address, size_bytes=SIZE_BYTES, flags=c.SHF_ALLOC, alignment=4
    )
    image.symbols.append(
        ElfSymbol(abi.DESCRIPTOR_SYMBOL, address, SIZE_BYTES, c.STT_OBJECT, other=c.STV_HIDDEN, section=section)
    )


def _descriptor_address(loader: Loader, ranges: Sequence[LoadedRange]) -> int:
    """Return where the descriptor was, or where bytes of the image end; armlink puts it over zero-initialised data.

    It never lies on bytes of the image: hosts that write PT_LOAD by PT_LOAD would overwrite them.
    """
    own = [segment.address for segment in loader.segments if segment.part is Part.DESCRIPTOR]
    taken = [AddressRange(start=each.address, size_bytes=len(each.data)) for each in ranges if each.data]
    return free_address([*own, *sorted((each.end for each in taken), reverse=True), 0], SIZE_BYTES, taken)
