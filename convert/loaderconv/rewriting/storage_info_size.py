"""Gives StorageInfo the only shape that every host takes: 200 bytes in a PT_LOAD of their own.

CubeProgrammer 2.12 and later refuse another size, and do not recognise a descriptor that shares its segment
(docs/formats/stldr.md, Accepted and rejected). Bytes behind a short one are somebody else's, and never taken.
"""

from dataclasses import dataclass

from loaderconv.rewriting.draft import Draft
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSegment, ElfSymbol
from loaderconv_formats.elf.loaded import loaded_ranges, segment_of
from loaderconv_formats.elf.lookup import bytes_behind, symbols_by_name
from loaderconv_formats.elf.new_image import free_address
from loaderconv_formats.elf.routines import descriptor_segment
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.descriptor_section import DESCRIPTOR_ADDRESS, DESCRIPTOR_SECTION
from loaderconv_formats.stldr.reader import read_stldr
from loaderconv_formats.stldr.storage_info import GROUP, HEADER, SECTOR_NUM, SIZE_BYTES
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Segment

_AS_LINKED = ".as_linked"
"""Behind the name of a local symbol for a place that something else has left."""


@dataclass(frozen=True)
class _Home:
    """Where the descriptor lies.

    Attributes:
        symbol: StorageInfo.
        segment: that hosts take for the descriptor's own; None where it shares one with code or data.
        is_first: section and segment start with the descriptor.
        is_alone: likewise, and only zeros follow it.
    """

    symbol: ElfSymbol
    segment: ElfSegment | None
    is_first: bool
    is_alone: bool


def give_storage_info_its_size(draft: Draft) -> Draft:
    """Return the draft with a descriptor of 200 bytes that is alone in its section and segment.

    Raises:
        ConversionRefused: it has more than ten sector groups, or no address is free.
    """
    image, home = draft.image, _home(draft)
    if _is_right(home, draft.descriptor):
        return _with_symbol_size(draft, home.symbol)
    data = _complete(draft.descriptor.data, bytes_behind(image, home.symbol)[: home.symbol.size_bytes])
    address = _address(image, home)
    if home.is_alone and home.segment is not None:
        _resize(image, home.symbol, home.segment, address, data)
    else:
        _check_what_is_left(draft, home)
        _move_out(image, home.symbol, address, data)
    was = f"StorageInfo had {len(draft.descriptor.data)} bytes at 0x{draft.descriptor.address:08x}"
    shared = "" if home.is_alone else ", in a segment with something else"
    return draft.changed(
        "descriptor-size",
        f"{was}{shared}; it has {SIZE_BYTES} at 0x{address:08x} now, in a segment of its own.",
        _expected(draft, home, address, data),
    )


def _home(draft: Draft) -> _Home:
    image = draft.image
    symbol = symbols_by_name(image)[abi.DESCRIPTOR_SYMBOL]
    segment = descriptor_segment(image, symbol, draft.expected.entry_points)
    section = symbol.section
    is_first = (
        segment is not None
        and segment.address == symbol.address
        and (section is None or (section.address == symbol.address and segment_of(section) is segment))
    )
    is_alone = (
        segment is not None
        and is_first
        and not any(segment.data[len(draft.descriptor.data) :])
        and not any(_lies_in(each, segment) and each is not symbol for each in image.symbols)
    )
    return _Home(symbol, segment, is_first, is_alone)


def _lies_in(symbol: ElfSymbol, segment: ElfSegment) -> bool:
    return symbol.type in (c.STT_OBJECT, c.STT_FUNC) and segment_of(symbol.section) is segment


def _is_right(home: _Home, descriptor: Segment) -> bool:
    """Tell whether hosts find 200 bytes in a segment that is the descriptor's own.

    ST's scripts put all constants of Dev_Inf.c there, so something may follow; hosts take that, and it stays. Nothing
    may precede it: ST's OpenOCD driver reads from the start of the section.
    """
    section, segment = home.symbol.section, home.segment
    if section is None or segment is None or home.symbol.size_bytes > SIZE_BYTES:
        return False
    if not home.is_alone:
        return home.is_first and len(descriptor.data) == SIZE_BYTES
    return section.size_bytes == len(segment.data) == segment.memory_size_bytes == SIZE_BYTES


def _check_what_is_left(draft: Draft, home: _Home) -> None:
    """Raise ConversionRefused where a segment that no host downloads would become the start of the image."""
    if home.segment is not None and home.segment.address < draft.image_start:
        raise ConversionRefused(
            f"StorageInfo has {len(draft.descriptor.data)} bytes and shares its segment at"
            f" 0x{home.segment.address:08x} with something else.",
            hint=f"Give it a section of its own, and build it with SECTOR_NUM {SECTOR_NUM}.",
        )


def _with_symbol_size(draft: Draft, symbol: ElfSymbol) -> Draft:
    """Return the draft with the st_size that ST's OpenOCD reads by; Keil leaves it at 0."""
    if symbol.size_bytes == SIZE_BYTES:
        return draft
    message = f"The symbol StorageInfo had the size {symbol.size_bytes}, now {SIZE_BYTES}."
    symbol.size_bytes = SIZE_BYTES
    return draft.changed("descriptor-symbol-size", message)


def _complete(data: bytes, declared: bytes) -> bytes:
    """Return 200 bytes: the whole sector groups that there are, then zeros.

    Args:
        data: the descriptor, up to 200 bytes.
        declared: all bytes that its symbol covers.

    Raises:
        ConversionRefused: there are more than ten groups, all in use.
    """
    whole = data[: len(data) // GROUP.size * GROUP.size]
    counts = [count for count, _ in GROUP.iter_unpack(whole[HEADER.size :])]
    if len(counts) == SECTOR_NUM and all(counts) and any(declared[SIZE_BYTES : SIZE_BYTES + GROUP.size]):
        raise ConversionRefused(
            f"StorageInfo has more than {SECTOR_NUM} sector groups; hosts read {SECTOR_NUM}.",
            hint="Split the device into several loaders.",
        )
    return whole.ljust(SIZE_BYTES, b"\0")


def _address(image: ElfImage, home: _Home) -> int:
    """Return where the descriptor goes: it stays where it is alone and has room."""
    own = home.segment if home.is_alone else None
    loaded = loaded_ranges(image, without=own)
    taken = [AddressRange(start=each.address, size_bytes=each.memory_size_bytes) for each in loaded]
    candidates = [] if own is None else [own.address]
    return free_address([*candidates, DESCRIPTOR_ADDRESS, *(each.end for each in taken)], SIZE_BYTES, taken)


def _resize(image: ElfImage, symbol: ElfSymbol, segment: ElfSegment, address: int, data: bytes) -> None:
    """Give the descriptor's own segment and section their size, and another address where they have no room."""
    if address != segment.address:
        _leave_references_behind(image, segment)
    delta = address - segment.address
    for each in image.symbols:
        if segment_of(each.section) is segment:
            each.value = (each.value + delta) % ADDRESS_SPACE_BYTES
    for section in image.sections:
        if segment_of(section) is segment:
            section.address += delta
    segment.address = segment.physical_address = address
    segment.data, segment.memory_size_bytes = data, SIZE_BYTES
    if symbol.section is None:
        _point_to_new_section(image, symbol, segment)
    else:
        symbol.section.size_bytes = symbol.size_bytes = SIZE_BYTES


def _move_out(image: ElfImage, symbol: ElfSymbol, address: int, data: bytes) -> None:
    """Give the descriptor a section and a segment of its own; the old bytes stay, since code may read them."""
    _keep_target(image, symbol)
    _point_to_new_section(image, symbol, image.add_load_segment(address, data, flags=c.PF_R, alignment=4))


def _point_to_new_section(image: ElfImage, symbol: ElfSymbol, segment: ElfSegment) -> None:
    """ST's OpenOCD refuses a loader whose descriptor's section is writable or executable."""
    symbol.section = image.add_view(
        DESCRIPTOR_SECTION,
        segment,
        address=segment.address,
        size_bytes=SIZE_BYTES,
        flags=c.SHF_ALLOC,
        alignment=4,
    )
    symbol.value, symbol.size_bytes = segment.address, SIZE_BYTES


def _leave_references_behind(image: ElfImage, segment: ElfSegment) -> None:
    """Let relocations name the addresses that a segment leaves: the code that holds them is not changed."""
    for symbol in [each for each in image.symbols if segment_of(each.section) is segment]:
        copy = _keep_target(image, symbol)
        if copy is not None:
            copy.section, copy.special_index = None, c.SHN_ABS


def _keep_target(image: ElfImage, symbol: ElfSymbol) -> ElfSymbol | None:
    """Let relocations that name a symbol name a local copy of it; None where there are none."""
    tables = [section.content for section in image.sections if isinstance(section.content, list)]
    entries = [entry for table in tables for entry in table if entry.symbol is symbol]
    if not entries:
        return None
    copy = ElfSymbol(
        name=(symbol.name or "section") + _AS_LINKED,
        value=symbol.value,
        size_bytes=symbol.size_bytes,
        type=c.STT_OBJECT if symbol.type == c.STT_OBJECT else c.STT_NOTYPE,
        binding=c.STB_LOCAL,
        section=symbol.section,
        special_index=symbol.special_index,
    )
    image.symbols.append(copy)
    for entry in entries:
        entry.symbol = copy
    return copy


def _expected(draft: Draft, home: _Home, address: int, data: bytes) -> Loader:
    """Return the meaning: another descriptor of the same device."""
    descriptor = draft.descriptor.model_copy(update={"address": address, "data": data, "memory_size_bytes": SIZE_BYTES})
    expected = draft.with_descriptor(descriptor)
    if home.is_alone or home.segment is None:
        return expected
    # The segment that hosts took for the descriptor's own holds something else, which counts as image from now on.
    read = read_stldr(draft.image, draft.expected.identity.name)
    return expected.model_copy(
        update={"segments": (*read.image_segments, descriptor), "ram": read.ram, "placement": read.placement}
    )
