"""Puts single defects of a loader file right, and nothing else."""

from collections.abc import Callable, Collection
from enum import Enum, auto

from loaderconv.rewriting.device_name import NAME_FIELDS, clear_name_junk, set_name
from loaderconv.rewriting.draft import Draft, draft_of
from loaderconv.rewriting.entry_address import set_entry_address
from loaderconv.rewriting.exported_symbols import export_symbols
from loaderconv.rewriting.host_word import make_room_for_host_word
from loaderconv.rewriting.result import Rewritten
from loaderconv.rewriting.storage_info_flags import make_storage_info_read_only
from loaderconv.rewriting.storage_info_size import give_storage_info_its_size
from loaderconv.rewriting.verify import written_and_verified
from loaderconv.rewriting.xml_file import without_leading_bytes
from loaderconv_formats.detection import is_elf


class Repair(Enum):
    """A defect that can be put right without a compiler."""

    HOST_WORD = auto()
    DESCRIPTOR_SIZE = auto()
    DESCRIPTOR_FLAGS = auto()
    NAME = auto()
    NAME_JUNK = auto()
    ENTRY_ADDRESS = auto()
    EXPORTED_SYMBOLS = auto()
    LEADING_BYTES = auto()


def repair(data: bytes, stem: str, wanted: Collection[Repair]) -> Rewritten:
    """Return a file with repairs.

    Args:
        data: the file.
        stem: of its name, which a stldr gets as DeviceName where the name is to be repaired.
        wanted: what to put right; at least one.

    Raises:
        UsageProblem: the file's name cannot be a DeviceName.
        UnreadableInput: the file is damaged.
        ConversionRefused: a repair is not possible, or the file does not survive it.
    """
    if not is_elf(data):
        return without_leading_bytes(data, stem)
    draft = draft_of(data, stem)
    steps = _steps(draft, stem)
    for each in Repair:
        if each in wanted:
            draft = steps[each](draft)
    return written_and_verified(draft)


def _steps(draft: Draft, stem: str) -> dict[Repair, Callable[[Draft], Draft]]:
    def name_after_file(named: Draft) -> Draft:
        NAME_FIELDS[draft.expected.flavour].check(stem)
        return set_name(named, stem)

    return {
        Repair.HOST_WORD: make_room_for_host_word,
        Repair.DESCRIPTOR_SIZE: give_storage_info_its_size,
        Repair.DESCRIPTOR_FLAGS: make_storage_info_read_only,
        Repair.NAME: name_after_file,
        Repair.NAME_JUNK: clear_name_junk,
        Repair.ENTRY_ADDRESS: set_entry_address,
        Repair.EXPORTED_SYMBOLS: export_symbols,
    }
