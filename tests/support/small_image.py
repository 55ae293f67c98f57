"""A document of one section with a few relocations, so that a test can see all of it."""

import struct

from loaderconv.rewriting import thumb_moves
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSymbol

BASE = 0x2000_0000
SIZE_BYTES = 64

MOVW_R1, MOVW_R2, MOVT_R1 = 0xF240_0100, 0xF240_0200, 0xF2C0_0100


def instruction(pattern: int, constant: int) -> bytes:
    """Return a MOVW or MOVT with a constant."""
    return thumb_moves.with_constant(struct.pack("<HH", pattern >> 16, pattern & 0xFFFF), constant)


def small_image(*places: tuple[bytes, int, str]) -> ElfImage:
    """Return an image of one section, with a relocation (type, symbol) for each four bytes that are given.

    A name that is not there stands for index 0.
    """
    image = ElfImage(entry=BASE | 1)
    code = b"".join(data for data, _, _ in places).ljust(SIZE_BYTES, b"\0")
    body = image.add_load_segment(BASE, code, flags=7, alignment=4)
    text = image.add_view(".text", body, address=BASE, size_bytes=SIZE_BYTES, flags=c.SHF_ALLOC | 4, alignment=4)
    symbols = {
        "inside": ElfSymbol("inside", BASE + 0x20, section=text),
        "absolute": ElfSymbol("absolute", 0x4000_0000, special_index=c.SHN_ABS),
        "end of RAM": ElfSymbol("end of RAM", BASE + 0x40, special_index=c.SHN_ABS),
        "weak": ElfSymbol("weak", 0, binding=c.STB_WEAK),
    }
    image.symbols += symbols.values()
    entries = [
        ElfRelocation(BASE + 4 * number, kind, symbols.get(name), None) for number, (_, kind, name) in enumerate(places)
    ]
    image.sections.append(
        ElfSection(".rel.text", c.SHT_REL, content=[*entries], links_to_symbols=True, info_section=text)
    )
    return image


def code_of(image: ElfImage) -> bytes:
    """Return the bytes of the section."""
    return image.load_segments[0].data
