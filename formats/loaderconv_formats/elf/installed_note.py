"""What a converted loader fills of the target's RAM outside of its image, for tools that look at it later.

Nothing in an ELF file has a place for that: a section at those addresses would be downloaded by some hosts. So it is
text in a section that no host loads, one range a line: first address and size in bytes, both hexadecimal.
"""

import re
from collections.abc import Sequence

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection
from loaderconv_formats.elf.lookup import sections_named
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange

SECTION = ".loaderconv.installed"

_LINE = re.compile(rb"0x([0-9a-f]{8}) 0x([0-9a-f]{1,8})\n")
_MAX_LINES = 1000


def installed_ranges(image: ElfImage) -> tuple[AddressRange, ...]:
    """Return the ranges by address; lines that make no sense are left out."""
    found = []
    for section in sections_named(image, SECTION):
        if not section.is_allocated:
            for start, size in _LINE.findall(section.data)[:_MAX_LINES]:
                first, size_bytes = int(start, 16), int(size, 16)
                if size_bytes and first + size_bytes <= ADDRESS_SPACE_BYTES:
                    found.append(AddressRange(start=first, size_bytes=size_bytes))
    return tuple(sorted(found, key=lambda each: each.start))


def add_installed_note(image: ElfImage, ranges: Sequence[AddressRange]) -> None:
    """Add the section, where there is something to tell."""
    if ranges:
        text = "".join(f"0x{each.start:08x} 0x{each.size_bytes:x}\n" for each in ranges).encode("ascii")
        image.sections.append(ElfSection(SECTION, c.SHT_PROGBITS, size_bytes=len(text), content=text))
