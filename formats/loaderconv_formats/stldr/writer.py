"""Makes a canonical stldr from a Loader (docs/formats/stldr.md, What a converted stldr looks like).

Exactly two PT_LOAD: the descriptor alone at address 0, and the image. The image has no NOBITS part, because nobody
knows whether the host counts it when it places its stack.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.attributes import attributes_section
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.storage_info import SIZE_BYTES, pack_storage_info
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import FloatAbi, Loader
from loaderconv_schemas.memory import Part

DESCRIPTOR_SECTION = ".Dev_Info"
DESCRIPTOR_ADDRESS = 0

_FLOAT_FLAGS = {None: 0, FloatAbi.SOFT: c.EF_ARM_ABI_FLOAT_SOFT, FloatAbi.HARD: c.EF_ARM_ABI_FLOAT_HARD}


@dataclass(frozen=True)
class ImageSection:
    """A named part of the image. Host tools that download by section take only executable or writable ones.

    One flag is enough: all of the image is RAM, and a section with both draws complaints from ELF checkers.

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


@dataclass(frozen=True)
class LocalSymbol:
    """A name for a place in the image, for debuggers and disassemblers; hosts look up global symbols only.

    Attributes:
        name: as it will be spelled.
        value: address, with bit 0 set for Thumb functions.
        size_bytes: 0 where unknown.
        type: STT_*.
    """

    name: str
    value: int
    size_bytes: int
    type: int


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
    init = next(entry for entry in loader.entry_points if entry.routine is Routine.INIT)
    image = ElfImage(entry=init.address | 1, flags=c.EF_ARM_EABI_VER5 | _FLOAT_FLAGS[loader.identity.float_abi])
    descriptor = _add_descriptor(image, loader)
    # 4, not the image's alignment: it starts behind the host's word, and sections carry their own.
    body = image.add_load_segment(code.address, code.data, flags=c.PF_R | c.PF_W | c.PF_X, alignment=4)
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
    _add_notes(image, loader, comment)
    for symbol in local_symbols:
        image.symbols.append(
            ElfSymbol(
                symbol.name,
                symbol.value,
                symbol.size_bytes,
                symbol.type,
                c.STB_LOCAL,
                section=_holder(views, symbol.value),
            )
        )
    for entry in loader.entry_points:
        image.symbols.append(
            ElfSymbol(
                entry.symbol,
                entry.address | int(entry.thumb),
                entry.size_bytes,
                c.STT_FUNC,
                section=_holder(views, entry.address),
            )
        )
    image.symbols.append(
        ElfSymbol(abi.DESCRIPTOR_SYMBOL, DESCRIPTOR_ADDRESS, SIZE_BYTES, c.STT_OBJECT, section=descriptor)
    )
    return image


def _add_descriptor(image: ElfImage, loader: Loader) -> ElfSection:
    """Add the descriptor in a segment of its own, neither writable nor executable.

    ST's OpenOCD takes a writable or executable section near address 0 for a relocatable loader and refuses it.
    """
    segment = image.add_load_segment(DESCRIPTOR_ADDRESS, pack_storage_info(loader.device), flags=c.PF_R, alignment=4)
    return image.add_view(
        DESCRIPTOR_SECTION,
        segment,
        address=DESCRIPTOR_ADDRESS,
        size_bytes=SIZE_BYTES,
        flags=c.SHF_ALLOC,
        alignment=4,
    )


def _add_notes(image: ElfImage, loader: Loader, comment: str) -> None:
    identity = loader.identity
    if identity.architecture is not None or identity.cpu is not None:
        image.sections.append(attributes_section(identity.architecture, identity.cpu))
    text = comment.encode("ascii", "replace") + b"\0"
    image.sections.append(ElfSection(".comment", c.SHT_PROGBITS, size_bytes=len(text), content=text))


def _holder(views: list[ElfSection], address: int) -> ElfSection:
    return next(section for section in views if section.address <= address & ~1 < section.end)
