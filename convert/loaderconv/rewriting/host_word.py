"""Makes room for the word that hosts write at the RAM base of an stldr (docs/formats/stldr.md, How hosts drive it)."""

from loaderconv.rewriting.draft import Draft
from loaderconv.rewriting.relocation import Patch, has_relocations, move_image
from loaderconv_formats.elf.image import ElfImage, ElfSegment
from loaderconv_formats.elf.loaded import image_alignment
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.routines import descriptor_segment
from loaderconv_formats.stldr import abi
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Part, Segment

_VECTOR_TABLES = ("g_pfnVectors", "__Vectors", "__isr_vector", "__vector_table")
_VECTOR_TABLE_ALIGNMENT = 128
"""The least that VTOR takes (ARMv7-M Architecture Reference Manual, B3.2.5)."""


def make_room_for_host_word(draft: Draft) -> Draft:
    """Return the draft with its image moved up, where it starts at the base: the BKPT would overwrite it there.

    Raises:
        ConversionRefused: the image starts at the base and cannot be moved.
    """
    start = min(segment.address for segment in draft.expected.image_segments if segment.data)
    if start % abi.RAM_BASE_ALIGNMENT >= abi.HOST_WORD_BYTES:
        return draft
    if not has_relocations(draft.image):
        raise ConversionRefused(
            f"The image starts at 0x{start:08x}, where hosts write a BKPT over it, and cannot be moved without"
            " relocations.",
            hint=f"Link it for 0x{start + abi.HOST_WORD_BYTES:08x}, or add -Wl,--emit-relocs and rewrite it again.",
        )
    pinned = _pinned(draft)
    delta = max(abi.HOST_WORD_BYTES, image_alignment(draft.image, without=pinned))
    if delta >= abi.RAM_BASE_ALIGNMENT:
        raise ConversionRefused(
            f"The image starts at 0x{start:08x}, where hosts write a BKPT over it, and is aligned to {delta} bytes.",
            hint=f"Link it behind the base, with low address bits other than 0, at 0x{start + 4:08x} for instance.",
        )
    _check_vector_table(draft.image, delta)
    patches = move_image(draft.image, delta, pinned=pinned)
    return draft.changed(
        "host-word",
        f"The image was moved from 0x{start:08x} to 0x{start + delta:08x}: hosts write a BKPT at the RAM base.",
        _moved(draft.expected, delta, patches, is_descriptor_pinned=pinned is not None),
    )


def _pinned(draft: Draft) -> ElfSegment | None:
    """Return the descriptor's own segment; one among the image's addresses moves with it, or they would overlap."""
    image = draft.image
    symbol = symbols_by_name(image)[abi.DESCRIPTOR_SYMBOL]
    segment = descriptor_segment(image, symbol, draft.expected.entry_points)
    if segment is None:
        return None
    taken = [(s.address, s.range.end + abi.RAM_BASE_ALIGNMENT) for s in draft.expected.image_segments]
    is_among = any(start < segment.memory_end and segment.address < end for start, end in taken)
    return None if is_among else segment


def _check_vector_table(image: ElfImage, delta_bytes: int) -> None:
    symbols = symbols_by_name(image)
    for name in _VECTOR_TABLES:
        if (
            name in symbols
            and not symbols[name].value % _VECTOR_TABLE_ALIGNMENT
            and delta_bytes % _VECTOR_TABLE_ALIGNMENT
        ):
            raise ConversionRefused(
                f"The image starts where hosts write a BKPT over it, and moved by {delta_bytes} bytes its vector table"
                f" {name} would not be aligned for interrupts.",
                hint="Link the table to the next multiple of its size behind the RAM base, or leave it out.",
            )


def _moved(loader: Loader, delta_bytes: int, patches: tuple[Patch, ...], *, is_descriptor_pinned: bool) -> Loader:
    """Return the meaning of a loader whose image was moved."""
    placement = loader.placement
    static_base = None if placement.static_base is None else placement.static_base + delta_bytes
    return loader.model_copy(
        update={
            "entry_points": tuple(
                entry.model_copy(update={"address": entry.address + delta_bytes}) for entry in loader.entry_points
            ),
            "segments": tuple(
                segment
                if segment.part is Part.DESCRIPTOR and is_descriptor_pinned
                else _patched(segment.model_copy(update={"address": segment.address + delta_bytes}), patches)
                for segment in loader.segments
            ),
            "placement": placement.model_copy(update={"static_base": static_base}),
        }
    )


def _patched(segment: Segment, patches: tuple[Patch, ...]) -> Segment:
    data = bytearray(segment.data)
    for patch in patches:
        start = patch.address - segment.address
        if start >= 0 and start + len(patch.data) <= len(data):
            data[start : start + len(patch.data)] = patch.data
    return segment.model_copy(update={"data": bytes(data)})
