"""Sets the ELF entry address to the routine that initialises the loader."""

from loaderconv.rewriting.draft import Draft
from loaderconv_schemas.entry_point import Routine


def set_entry_address(draft: Draft) -> Draft:
    """Return the draft with e_entry at Init; a loader without one stays as it is."""
    init = draft.expected.entry_point(Routine.INIT)
    if init is None:
        return draft
    wanted = init.address | int(init.thumb)
    if draft.image.entry == wanted:
        return draft
    was, draft.image.entry = draft.image.entry, wanted
    return draft.changed("entry-address", f"e_entry was 0x{was:08x}, now it is {init.symbol} at 0x{wanted:08x}.")
