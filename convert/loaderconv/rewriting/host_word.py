"""Makes room for the word that hosts write at the RAM base of an stldr (docs/formats/stldr.md, How hosts drive it)."""

from dataclasses import replace

from loaderconv.rewriting.draft import Draft
from loaderconv.rewriting.pinned import pinned_descriptor
from loaderconv.rewriting.relocated_places import RELINK_HINT
from loaderconv.rewriting.relocation import has_relocations, move_image
from loaderconv_formats.elf.loaded import image_alignment
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.reader import read_stldr
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader


def make_room_for_host_word(draft: Draft) -> Draft:
    """Return the draft with its image moved up, where it starts at the base: the BKPT would overwrite it there.

    Raises:
        ConversionRefused: the image starts at the base and cannot be moved.
    """
    start = draft.image_start
    if start % abi.RAM_BASE_ALIGNMENT >= abi.HOST_WORD_BYTES:
        return draft
    behind = (start & -abi.RAM_BASE_ALIGNMENT) + abi.HOST_WORD_BYTES
    if not has_relocations(draft.image):
        raise ConversionRefused(
            f"The image starts at 0x{start:08x}, where hosts write a BKPT over it, and cannot be moved without"
            " relocations for what is loaded.",
            hint=f"Link it for 0x{behind:08x}. Code that holds addresses is moved where -Wl,--emit-relocs kept them.",
        )
    pinned = pinned_descriptor(draft.image, draft.expected)
    delta = max(abi.HOST_WORD_BYTES, image_alignment(draft.image, without=pinned))
    if delta >= abi.RAM_BASE_ALIGNMENT:
        raise ConversionRefused(
            f"The image starts at 0x{start:08x}, where hosts write a BKPT over it, and is aligned to {delta} bytes.",
            hint=f"Link it behind the base, with low address bits other than 0, at 0x{behind:08x} for instance.",
        )
    move_image(draft.image, delta, pinned=pinned)
    message = f"The image was moved from 0x{start:08x} to 0x{start + delta:08x}: hosts write a BKPT at the RAM base."
    return replace(draft.changed("host-word", message, _moved(draft, delta)), is_moved=True)


def _moved(draft: Draft, delta_bytes: int) -> Loader:
    """Return the meaning of the moved document.

    Raises:
        ConversionRefused: it is not that of the input at other addresses.
    """
    before, after = draft.expected, read_stldr(draft.image, draft.expected.identity.name)
    routines = [entry.model_copy(update={"address": entry.address + delta_bytes}) for entry in before.entry_points]
    ranges = [(each.address + delta_bytes, len(each.data), each.memory_size_bytes) for each in before.image_segments]
    ranges_after = [(each.address, len(each.data), each.memory_size_bytes) for each in after.image_segments]
    if list(after.entry_points) != routines or ranges_after != ranges or after.device != before.device:
        raise ConversionRefused(
            f"Moved by {delta_bytes} bytes, the loader would be read as another one.", hint=RELINK_HINT
        )
    return after
