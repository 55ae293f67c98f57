"""Moves a linked image, where the linker kept its relocations (`-Wl,--emit-relocs`).

The places of a linked file hold final values, so that nothing is resolved anew: an absolute address grows by the
distance, a relative one stays. The result is what a link at the other base gives, byte for byte. Without relocations
nobody can tell addresses from constants, and nothing is moved.

What a script or the linker wrote without a relocation is seen where it is the address of a symbol, and refused; the
alignment that an ALIGN inside a section asked for, and addresses with an offset (`LONG(end + 4)`), cannot be seen.
"""

from loaderconv.rewriting.relocated_places import RELINK_HINT, apply_edits, place_edits, relocation_tables
from loaderconv.rewriting.scope import Scope, scope_of
from loaderconv.rewriting.unrelocated_words import check_words_without_relocation
from loaderconv.rewriting.vector_tables import check_vector_tables
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSegment
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.errors import ConversionRefused


def has_relocations(image: ElfImage) -> bool:
    """Tell whether the linker kept the relocations of what is loaded."""
    targets = [table.info_section for table in relocation_tables(image)]
    return any(target is not None and target.is_allocated for target in targets)


def move_image(image: ElfImage, delta_bytes: int, *, pinned: ElfSegment | None = None) -> None:
    """Move everything that is loaded, in place.

    Args:
        image: the document; nothing of it is changed where this raises.
        delta_bytes: distance, a multiple of the largest alignment of what moves; may be negative.
        pinned: a segment that stays where it is, such as one for the descriptor alone.

    Raises:
        ConversionRefused: no relocations, one of a type that is not known to be safe, an address of which it is not
            certain whether it moves, something that must not move with the rest, or no room at the other address.
    """
    _check_relocations(image)
    scope = scope_of(image, pinned=pinned)
    _check_distance(scope, delta_bytes)
    check_vector_tables(image, scope, delta_bytes)
    edits = place_edits(image, scope, delta_bytes)
    check_words_without_relocation(image, scope)
    apply_edits(edits)
    _shift_segments(image, scope, delta_bytes)
    _shift_the_rest(image, scope, delta_bytes)


def _check_relocations(image: ElfImage) -> None:
    if not has_relocations(image):
        raise ConversionRefused(
            "The file has no relocations for what it loads, so its code cannot be moved to another address.",
            hint="Link it with -Wl,--emit-relocs, or for the right address.",
        )


def _check_distance(scope: Scope, delta_bytes: int) -> None:
    """Raise ConversionRefused where the image cannot lie at its new address."""
    alignment = max((section.alignment for section in scope.sections), default=1)
    if delta_bytes % max(1, alignment):
        raise ConversionRefused(
            f"The image cannot be moved by {delta_bytes} bytes: it has a section aligned to {alignment}.",
            hint=f"Move it by a multiple of {alignment}.",
        )
    for segment in scope.segments:
        if segment.physical_address != segment.address:
            raise ConversionRefused(
                f"The segment at 0x{segment.address:08x} is loaded at 0x{segment.physical_address:08x}"
                " and copied by start-up code.",
                hint="A loader is loaded where it runs: link it for RAM alone.",
            )
    if scope.start + delta_bytes < 0 or scope.end + delta_bytes > ADDRESS_SPACE_BYTES:
        raise ConversionRefused("The moved image would leave the 32-bit address space.", hint=RELINK_HINT)


def _shift_segments(image: ElfImage, scope: Scope, delta_bytes: int) -> None:
    """Move the segments, and those of other kinds that share their bytes (PT_ARM_EXIDX)."""
    moving = list(scope.segments)
    for segment in image.segments:
        host = _host(segment, scope)
        if host is not None:
            start = segment.address - host.address
            segment.data = host.data[start : start + len(segment.data)]
            moving.append(segment)
    if any(segment.address <= image.entry < segment.memory_end for segment in scope.segments):
        image.entry += delta_bytes
    for segment in moving:
        segment.address += delta_bytes
        segment.physical_address = segment.address


def _host(segment: ElfSegment, scope: Scope) -> ElfSegment | None:
    """Return the moving PT_LOAD inside of which another kind of segment lies."""
    if segment.type == c.PT_LOAD or not segment.data:
        return None
    hosts = (s for s in scope.segments if s.address <= segment.address and segment.file_end <= s.file_end)
    return next(hosts, None)


def _shift_the_rest(image: ElfImage, scope: Scope, delta_bytes: int) -> None:
    """Move relocations, sections and symbols."""
    for table in relocation_tables(image):
        target = table.info_section
        if isinstance(table.content, list) and target is not None and target in scope.sections:
            for entry in table.content:
                entry.offset += delta_bytes if target.address <= entry.offset < target.end else 0
    for section in scope.sections:
        section.address += delta_bytes
    for symbol in image.symbols:
        if symbol.section in scope.sections:
            symbol.value = (symbol.value + delta_bytes) % ADDRESS_SPACE_BYTES
