"""Moves a linked image, where the linker kept its relocations (`-Wl,--emit-relocs`).

The places of a linked file hold final values, so that nothing is resolved anew: an absolute address grows by the
distance, a relative one stays. The result is what a link at the other base gives, byte for byte. Without relocations
nobody can tell addresses from constants, and nothing is moved.

What has no relocation cannot be seen: words that a linker script made (`LONG(ADDR(.data))`). Veneers have none either;
they are known by their names, and refused.
"""

from dataclasses import dataclass

from loaderconv.rewriting.relocated_places import RELINK_HINT, Scope, apply_edits, place_edits, relocation_tables
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSegment
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.errors import ConversionRefused


@dataclass(frozen=True)
class Patch:
    """Bytes that an image has otherwise since it was moved.

    Attributes:
        address: of the first byte, where the image lies now.
        data: the new bytes.
    """

    address: int
    data: bytes


def has_relocations(image: ElfImage) -> bool:
    """Tell whether the linker kept the relocations of what is loaded."""
    targets = [table.info_section for table in relocation_tables(image)]
    return any(target is not None and target.is_allocated for target in targets)


def move_image(image: ElfImage, delta_bytes: int, *, pinned: ElfSegment | None = None) -> tuple[Patch, ...]:
    """Move everything that is loaded, in place, and return what changed in its bytes.

    Args:
        image: the document; nothing of it is changed where this raises.
        delta_bytes: distance, a multiple of the largest alignment of what moves; may be negative.
        pinned: a segment that stays where it is, such as one for the descriptor alone.

    Raises:
        ConversionRefused: no relocations, one of a type that is not known to be safe, an address of which it is not
            certain whether it moves, or no room at the other address.
    """
    scope = Scope(
        sections=frozenset(
            section
            for section in image.sections
            if section.is_allocated and (pinned is None or segment_of(section) is not pinned)
        ),
        segments=tuple(segment for segment in image.load_segments if segment is not pinned),
    )
    _check_relocations(image, scope)
    _check_distance(scope, delta_bytes)
    edits = place_edits(image, scope, delta_bytes)
    apply_edits(edits)
    _shift_segments(image, scope, delta_bytes)
    _shift_the_rest(image, scope, delta_bytes)
    return tuple(
        Patch(edit.section.address + edit.offset_bytes, edit.data) for edit in edits if edit.section.is_allocated
    )


def _check_relocations(image: ElfImage, scope: Scope) -> None:
    """Raise ConversionRefused where the relocations do not tell all addresses of the image."""
    if not has_relocations(image):
        raise ConversionRefused(
            "The file has no relocations, so code that was linked for one address cannot be moved to another.",
            hint="Link it with -Wl,--emit-relocs, or for the right address.",
        )
    for symbol in image.symbols:
        if symbol.name.startswith("__") and "_veneer" in symbol.name and symbol.section in scope.sections:
            raise ConversionRefused(
                f"The linker made a veneer ({symbol.name}), and keeps no relocation for the address in it.",
                hint="Link code and data into one RAM, so that no call needs a veneer.",
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
    places = [(s.address, s.memory_end) for s in scope.segments] + [(s.address, s.end) for s in scope.sections]
    if any(start + delta_bytes < 0 or end + delta_bytes > ADDRESS_SPACE_BYTES for start, end in places):
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
