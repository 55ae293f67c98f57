"""Checks that a move keeps vector tables where the core takes them.

Their alignment is known by what they look like, since sh_addralign of the section often does not tell it. What else an
ALIGN inside of a section asked for, such as for a buffer of a DMA, cannot be seen in a linked file.
"""

from loaderconv.rewriting import relocation_types as r
from loaderconv.rewriting.relocated_places import relocation_tables
from loaderconv.rewriting.scope import Scope
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage
from loaderconv_schemas.errors import ConversionRefused

_LEAST_ALIGNMENT = 128
"""The least that VTOR takes; a larger table needs the next power of two (ARMv7-M Architecture Reference Manual,
B3.2.5)."""

_FIRST_HANDLERS = (4, 8, 12)
"""Offsets of the handlers of reset, NMI and hard fault, in bytes; the stack pointer precedes them."""

_NAME = "vector"
"""In every known name of one: g_pfnVectors, __Vectors, __isr_vector, __vector_table, vector_table."""


def check_vector_tables(image: ElfImage, scope: Scope, delta_bytes: int) -> None:
    """Check that no vector table loses its alignment by a move.

    Raises:
        ConversionRefused: one does; the message has its address.
    """
    sizes = dict.fromkeys(_unnamed_tables(image, scope), 0)
    for symbol in image.symbols:
        is_named = _NAME in symbol.name.lower() and symbol.type != c.STT_FUNC and symbol.section in scope.sections
        if symbol.value in sizes or (is_named and not symbol.value % _LEAST_ALIGNMENT):
            sizes[symbol.value] = max(sizes.get(symbol.value, 0), symbol.size_bytes)
    for address, size_bytes in sorted(sizes.items()):
        alignment = max(_LEAST_ALIGNMENT, 1 << (size_bytes - 1).bit_length())
        if delta_bytes % alignment:
            raise ConversionRefused(
                f"Moved by {delta_bytes} bytes, the vector table at 0x{address:08x} would not be aligned to {alignment}"
                " bytes, which interrupts need.",
                hint=f"Link the table to a multiple of {alignment} behind the RAM base, or leave it out.",
            )


def _unnamed_tables(image: ElfImage, scope: Scope) -> set[int]:
    """Return the aligned addresses with a stack pointer and three handlers.

    A table of jumps, which may look alike, has code in its first place too.
    """
    handlers = {
        (table.info_section, entry.offset)
        for table in relocation_tables(image)
        if isinstance(table.content, list)
        for entry in table.content
        if entry.type == r.R_ARM_ABS32
    }
    found = set()
    for section, handler in handlers:
        start = handler - _FIRST_HANDLERS[0]
        if section not in scope.sections or start % _LEAST_ALIGNMENT or start < section.address:
            continue
        if not all((section, start + each) in handlers for each in _FIRST_HANDLERS):
            continue
        words = section.data[start - section.address :]
        if len(words) > _FIRST_HANDLERS[-1] and not words[0] % 4 and all(words[each] & 1 for each in _FIRST_HANDLERS):
            found.add(start)
    return found
