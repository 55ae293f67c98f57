"""Makes the section of StorageInfo neither writable nor executable.

ST's OpenOCD driver takes such a section near address 0, where a descriptor lies, for relocatable code, and refuses it
(docs/formats/stldr.md, How hosts drive it).
"""

from loaderconv.rewriting.draft import Draft
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.stldr import abi


def make_storage_info_read_only(draft: Draft) -> Draft:
    """Return the draft without flags for writing and executing at the descriptor.

    Args:
        draft: with a descriptor that has a section and a segment of its own.
    """
    section = symbols_by_name(draft.image)[abi.DESCRIPTOR_SYMBOL].section
    segment = segment_of(section)
    if section is None or segment is None:
        return draft
    wrong_of_section = section.flags & (c.SHF_WRITE | c.SHF_EXECINSTR)
    wrong_of_segment = segment.flags & (c.PF_W | c.PF_X)
    if not wrong_of_section and not wrong_of_segment:
        return draft
    section.flags -= wrong_of_section
    segment.flags -= wrong_of_segment
    return draft.changed(
        "descriptor-flags",
        "The section or the segment of StorageInfo was marked as writable or executable; both are read-only now.",
    )
