"""What the places of relocations hold after a move."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loaderconv.rewriting import relocation_types as r
from loaderconv.rewriting import thumb_moves
from loaderconv.rewriting.scope import Scope
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.anatomy import MAX_GAP_BYTES
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSegment, ElfSymbol, SegmentView
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.errors import ConversionRefused

RELINK_HINT = "Link it for its address instead; the linker can do what a finished file does not tell."
_STRIP_HINT = "Leave debug information out with --strip-debug, or link the file for its address instead."

_PLACE_BYTES = 4
_GNU_COMPRESSED = ".zdebug"
"""Names of compressed sections before SHF_COMPRESSED."""

_LowerHalves = defaultdict[tuple[ElfSymbol | None, int], set[int]]
"""Constants of MOVW by symbol and register."""


@dataclass(frozen=True)
class PlaceEdit:
    """Four new bytes at an offset of a section."""

    section: ElfSection
    offset_bytes: int
    data: bytes


def relocation_tables(image: ElfImage) -> list[ElfSection]:
    """Return the sections that hold relocations, of whatever form."""
    return [section for section in image.sections if section.type in (c.SHT_REL, c.SHT_RELA)]


def place_edits(image: ElfImage, scope: Scope, delta_bytes: int) -> list[PlaceEdit]:
    """Return what has to be written where a scope moves by a distance; nothing is changed yet.

    Raises:
        ConversionRefused: a relocation of which the outcome is not certain; the message has its type and address.
    """
    places = list(_places(image))
    halves = _lower_halves(places)
    edits: dict[tuple[ElfSection, int], PlaceEdit] = {}
    for place in places:
        if not _changes(place, scope):
            continue
        key = (place.section, place.offset_bytes)
        if key in edits:
            raise _refused(place, "shares its place with another one")
        data = _word(place, delta_bytes) if place.entry.type in r.WORDS else _instruction(place, halves, delta_bytes)
        edits[key] = PlaceEdit(*key, data)
    return list(edits.values())


def apply_edits(edits: Iterable[PlaceEdit]) -> None:
    """Write the new bytes into the sections, and so into the segments that hold them."""
    new: dict[ElfSegment | ElfSection, bytearray] = {}
    for edit in edits:
        match edit.section.content:
            case SegmentView(segment=segment, offset_bytes=start):
                owner: ElfSegment | ElfSection = segment
            case _:
                owner, start = edit.section, 0
        data = new.setdefault(owner, bytearray(owner.data))
        data[start + edit.offset_bytes : start + edit.offset_bytes + _PLACE_BYTES] = edit.data
    for owner, data in new.items():
        if isinstance(owner, ElfSegment):
            owner.data = bytes(data)
        else:
            owner.content = bytes(data)


@dataclass(frozen=True)
class _Place:
    """A relocation and where its place lies in the document."""

    entry: ElfRelocation
    section: ElfSection

    @property
    def offset_bytes(self) -> int:
        return self.entry.offset - self.section.address

    @property
    def is_inside(self) -> bool:
        """The place is in the section; ld leaves some relocations of unwind tables, which it edits, without one."""
        return self.offset_bytes >= 0 and len(self.data) == _PLACE_BYTES

    @property
    def data(self) -> bytes:
        return self.section.data[self.offset_bytes : self.offset_bytes + _PLACE_BYTES]


def _places(image: ElfImage) -> Iterator[_Place]:
    for table in relocation_tables(image):
        target = table.info_section
        if not isinstance(table.content, list) or target is None or table.type == c.SHT_RELA:
            raise ConversionRefused(
                f"Section {table.name!a} holds relocations of a form that linkers for Arm do not write.",
                hint=RELINK_HINT,
            )
        for entry in table.content:
            place = _Place(entry, target)
            if entry.type in r.MARKERS:
                continue
            if target.flags & c.SHF_COMPRESSED or target.name.startswith(_GNU_COMPRESSED):
                raise _refused(place, f"stands for a place in {target.name!a}, which is compressed")
            if entry.type not in r.WORDS | r.MOVES | r.RELATIVE:
                raise _refused(place, "is of a type that cannot be moved for certain")
            if entry.type not in r.RELATIVE and not place.is_inside:
                raise _refused(place, f"lies outside of its section {target.name!a}")
            yield place


def _changes(place: _Place, scope: Scope) -> bool:
    """Tell whether a place holds an absolute address of something that moves."""
    symbol = place.entry.symbol
    target_moves = symbol is not None and symbol.section in scope.sections
    if place.entry.type in r.RELATIVE:
        if target_moves != (place.section in scope.sections) and not _is_branch_to_nothing(place.entry):
            raise _refused(place, "spans what moves and what stays")
        return False
    if symbol is not None and _is_near(symbol, scope):
        raise _refused(
            place, f"refers to {symbol.name!a}, an absolute symbol at the image, which might have to move or not"
        )
    return target_moves


def _is_branch_to_nothing(entry: ElfRelocation) -> bool:
    """Tell whether a branch goes to a weak symbol that nobody defines: ld writes a NOP in its place."""
    symbol = entry.symbol
    return entry.type in r.BRANCHES and symbol is not None and not symbol.is_defined


def _is_near(symbol: ElfSymbol, scope: Scope) -> bool:
    """Tell whether an absolute symbol may stand for an address of the image, or for a stack or heap behind it.

    Sizes are absolute symbols too, and lower. What a script makes of an address by taking the RAM's off (`end -
    0x20000000`) looks like one, and stays as it is.
    """
    is_absolute = symbol.section is None and symbol.is_defined
    return is_absolute and scope.start <= symbol.value <= scope.end + MAX_GAP_BYTES


def _word(place: _Place, delta_bytes: int) -> bytes:
    address = int.from_bytes(place.data, "little") + delta_bytes
    return (address % ADDRESS_SPACE_BYTES).to_bytes(_PLACE_BYTES, "little")


def _instruction(place: _Place, halves: _LowerHalves, delta_bytes: int) -> bytes:
    """Return a MOVW or MOVT for the moved address.

    A MOVT alone has only the upper half; whether the move carries into it is told by the MOVW for the same register and
    symbol. Where there are several, with other addends, all of them must agree.
    """
    move = _decoded(place)
    if not move.is_top:
        return thumb_moves.with_constant(place.data, (move.constant + delta_bytes) & 0xFFFF)
    tops = {
        (move.constant << 16 | low) + delta_bytes >> 16 & 0xFFFF for low in halves[place.entry.symbol, move.register]
    }
    if len(tops) != 1:
        raise _refused(place, "is a MOVT whose MOVW cannot be told for certain")
    return thumb_moves.with_constant(place.data, tops.pop())


def _lower_halves(places: Iterable[_Place]) -> _LowerHalves:
    halves: _LowerHalves = defaultdict(set)
    for place in places:
        if place.entry.type == r.R_ARM_THM_MOVW_ABS_NC:
            move = _decoded(place)
            halves[place.entry.symbol, move.register].add(move.constant)
    return halves


def _decoded(place: _Place) -> thumb_moves.MoveImmediate:
    move = thumb_moves.decode(place.data)
    if move is None or move.is_top != (place.entry.type == r.R_ARM_THM_MOVT_ABS):
        raise _refused(place, "does not stand on the instruction that it names")
    return move


def _refused(place: _Place, why: str) -> ConversionRefused:
    return ConversionRefused(
        f"The relocation of type {place.entry.type} at 0x{place.entry.offset:08x} {why}.",
        hint=RELINK_HINT if place.section.is_allocated else _STRIP_HINT,
    )
