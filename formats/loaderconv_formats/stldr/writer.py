"""Makes a new stldr from a Loader (docs/formats/stldr.md, What a converted stldr looks like).

The descriptor is alone in its PT_LOAD, and every section of the image is executable or writable, because tools that
download by section take no others. One flag is enough: all of the image is RAM, and a section with both draws
complaints from ELF checkers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.build_facts import WRITABLE_EVIDENCE
from loaderconv_formats.elf.build_notes import add_build_notes, elf_flags, segment_flags
from loaderconv_formats.elf.image import ElfImage
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
    entry_of,
    free_address,
    range_of,
    zeros_among_code,
)
from loaderconv_formats.stldr.descriptor_section import DESCRIPTOR_ADDRESS, add_descriptor, descriptor_symbol
from loaderconv_formats.stldr.storage_info import SIZE_BYTES
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Part, Segment


@dataclass(frozen=True)
class ImageSection:
    """A named part of the image.

    Attributes:
        name: section name.
        range: its addresses.
        executable: it holds code; else it counts as writable data.
        alignment_bytes: power of two of which its address is a multiple.
    """

    name: str
    range: AddressRange
    executable: bool
    alignment_bytes: int


def stldr_document(
    loader: Loader, *, sections: Sequence[ImageSection], local_symbols: Sequence[LocalSymbol], comment: str
) -> ElfImage:
    """Return the document for a loader with one code segment.

    Args:
        loader: the meaning; its descriptor segment is made anew from its device.
        sections: parts that together cover the code segment.
        local_symbols: names beyond the entry points.
        comment: what made the file, for `.comment`.
    """
    code = next(segment for segment in loader.segments if segment.part is Part.CODE)
    image = ElfImage(entry=entry_of(loader), flags=elf_flags(loader.identity))
    descriptor = add_descriptor(image, loader.described_device, DESCRIPTOR_ADDRESS)
    flags = c.PF_R | c.PF_W | c.PF_X
    body = image.add_load_segment(code.address, code.data, flags=flags, alignment=SEGMENT_ALIGNMENT)
    views = [
        image.add_view(
            section.name,
            body,
            address=section.range.start,
            size_bytes=section.range.size_bytes,
            flags=c.SHF_ALLOC | (c.SHF_EXECINSTR if section.executable else c.SHF_WRITE),
            alignment=section.alignment_bytes,
        )
        for section in sections
    ]
    add_build_notes(image, loader.identity, loader.placement.evidence, comment)
    add_installed_note(image, loader.installed)
    add_local_symbols(image, views, local_symbols)
    for entry in loader.entry_points:
        add_routine(image, views, entry, c.STV_DEFAULT)
    image.symbols.append(descriptor_symbol(descriptor))
    return image


def canonical_stldr(loader: Loader, *, comment: str) -> ElfImage:
    """Return the document for any loader: each segment of its image in a PT_LOAD of its own, at its link address.

    Zeros are NOBITS sections behind the bytes; those in another memory, as ST's H7RS loaders have them, lie outside of
    every PT_LOAD.

    Args:
        loader: the meaning; its descriptor is made anew from its device.
        comment: what made the file, for `.comment`.

    Raises:
        ConversionRefused: no machine code, a device that StorageInfo cannot describe, or a routine or the static base
            outside of the image.
    """
    check_has_code(loader)
    check_static_base(loader)
    image = ElfImage(entry=entry_of(loader), flags=elf_flags(loader.identity))
    descriptor = add_descriptor(image, loader.described_device, _descriptor_address(loader))
    first_writable = _first_writable(loader)
    marked = _segment_to_mark(loader)
    arm_flags = segment_flags(loader.placement.evidence)
    ranges = [range_of(s, arm_flags | (c.PF_ARM_SB if s is marked else 0)) for s in loader.image_segments]
    new_ranges = [NewRange(each, _stretches(each, first_writable)) for each in ranges]
    sections = add_ranges(image, new_ranges, loader.placement.alignment_bytes)
    add_build_notes(image, loader.identity, loader.placement.evidence, comment)
    add_installed_note(image, loader.installed)
    for entry in loader.entry_points:
        add_routine(image, sections, entry, c.STV_DEFAULT)
    image.symbols.append(descriptor_symbol(descriptor))
    return image


def _stretches(loaded: LoadedRange, first_writable: int | None) -> tuple[Stretch, ...]:
    """Return the stretches of a range under the names that GNU ld gives: .text, .data and .bss.

    Args:
        loaded: the range.
        first_writable: below this address no section counts as data, which is writable and not executable; None: in
            a range that is not executable all do.
    """
    if first_writable is None:
        cut = loaded.end if loaded.flags & c.PF_X else loaded.address
    else:
        cut = min(max(first_writable, loaded.address), loaded.end)
    zeros_flags = c.SHF_WRITE if loaded.data or loaded.flags & c.PF_W else c.SHF_EXECINSTR
    zeros_of_code_flags = zeros_flags if first_writable is None else zeros_among_code(loaded)
    return (
        Stretch(loaded.address, cut, ".text", c.SHF_EXECINSTR, ".bss", zeros_of_code_flags),
        Stretch(cut, loaded.end, ".data", c.SHF_WRITE, ".bss", zeros_flags),
    )


def _descriptor_address(loader: Loader) -> int:
    """Return 0, or the first address behind a segment where the image itself lies at 0.

    Two PT_LOAD over the same addresses would show a host that reads memory another descriptor than one that reads the
    file.
    """
    taken = [segment.range for segment in loader.image_segments]
    return free_address([DESCRIPTOR_ADDRESS, *(each.end for each in taken)], SIZE_BYTES, taken)


def _first_writable(loader: Loader) -> int | None:
    """Return where data starts, since readers take its first address for the static base; None where r9 is unused."""
    if loader.placement.static_base is not None:
        return loader.placement.static_base
    return ADDRESS_SPACE_BYTES if _tells_of_r9(loader) else None


def _segment_to_mark(loader: Loader) -> Segment | None:
    """Return the segment that must carry PF_ARM_SB because nothing else tells that r9 is used; None mostly.

    It is the one to which r9 points, as in files of armlink that keep code and data apart.
    """
    base = loader.placement.static_base
    if base is None or _tells_of_r9(loader):
        return None
    with_bytes = [segment for segment in loader.image_segments if segment.data]
    return next((segment for segment in with_bytes if base in segment.range), with_bytes[0])


def _tells_of_r9(loader: Loader) -> bool:
    return any(words in loader.placement.evidence for words in WRITABLE_EVIDENCE)
