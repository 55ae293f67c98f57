"""Where the data of each pass of a `.board` file goes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.board_description import BoardDescription
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.xml.document import XmlElement
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.lint import Place
from loaderconv_schemas.severity import Severity


@dataclass(frozen=True)
class _Blocks:
    """The addresses that the blocks of a `.flash` file cover.

    Attributes:
        name: of the file.
        ranges: those with bytes, in the file's order.
    """

    name: str
    ranges: tuple[AddressRange, ...]

    @cached_property
    def start(self) -> int:
        """First address."""
        return min(each.start for each in self.ranges)

    @cached_property
    def end(self) -> int:
        """First address behind the last block."""
        return max(each.end for each in self.ranges)


@dataclass(frozen=True, eq=False)
class _Target:
    """Where the data of a pass with abs_offset goes.

    Attributes:
        number: of the pass.
        element: its abs_offset.
        target: the addresses, as many as its range has.
    """

    number: int
    element: XmlElement
    target: AddressRange


@rule("IAR034", Severity.WARNING, BoardDescription, needs=(Fact.PASSES, Fact.REFERENCED))
def ranges_lie_in_blocks(file: BoardDescription) -> Iterator[Problem]:
    """The range of a pass, with its offset, lies in the blocks of its .flash file.

    What it checks:
        Each range, moved by rel_offset modulo 2^32, against the blocks; of a pass with abs_offset only that address, as
        how far its data goes depends on the image. A range that takes a part of the blocks is normal. Passes whose
        `.flash` was not found or breaks IAR023 are left out, and so are loaders that tell C-SPY their layout at run
        time.

    Why it matters:
        What lies beyond the blocks has no block that could be erased and cut into transfers. 27 public boards of SAMx70
        have 128 blocks of 0x2000 bytes on 2 MB: half of the memory. Six of SAM3U give the address behind the end where
        the last one belongs.

    Example:
        <range>CODE 0x00080000 0x00090000</range>, and <block>8 0x2000</block> from 0x00080000

    How to fix:
        Write the last address of the blocks as the second one of the range, or add the blocks that are missing.

    Source:
        docs/formats/iar.md, The .board file; What breaks a naive parser.
    """
    blocks_of = {flash: _blocks_of(flash) for flash in {each.flash for each in file.passes}}
    ranges = {each.facts.range for each in file.meaning.passes}
    starts = Counter(each.start for each in ranges if each is not None)
    for number, (each, described) in enumerate(zip(file.passes, file.meaning.passes, strict=True), start=1):
        blocks = blocks_of[each.flash]
        if blocks is None:
            continue
        facts = described.facts
        if facts.absolute_start is not None:
            for element in file.elements("abs_offset", within=each.element)[:1]:
                if not file.elements("rel_offset", within=each.element):
                    yield from _start(file, element, number, facts.absolute_start, blocks)
        elif facts.range is not None and not _overlaps_by_its_end(facts.range, starts):
            element = file.elements("range", within=each.element)[0]
            start = (facts.range.start + facts.address_delta) % ADDRESS_SPACE_BYTES
            end = start + facts.range.size_bytes
            offset = file.text("rel_offset", within=each.element)
            moved = f" ({facts.range} moved by rel_offset {offset})" if facts.address_delta else ""
            told = f"Pass {number} programs 0x{start:08x}..0x{end - 1:08x}{moved}"
            yield from _extent(file.at(element), told, (start, end), blocks)


def _blocks_of(flash: FlashDescription | None) -> _Blocks | None:
    """Return the blocks of a pass; None where they are not known, known at run time only, or wrong by IAR023."""
    if flash is None or isinstance(flash.reading, LoaderConvError):
        return None
    if flash.layout_format is not None or not flash.do_pages_fit:
        return None
    base = flash.meaning.device.base_address
    ranges = (AddressRange(start=base + run.offset_bytes, size_bytes=run.size_bytes) for _, run in flash.blocks)
    found = tuple(ranges)
    return _Blocks(flash.name.name, found) if found else None


def _overlaps_by_its_end(mine: AddressRange, starts: Counter[int]) -> bool:
    """Tell whether another range begins at the last address of one: that passes overlap is told by IAR033."""
    last = mine.end - 1
    return starts[last] > (mine.start == last)


def _start(file: BoardDescription, element: XmlElement, number: int, start: int, blocks: _Blocks) -> Iterator[Problem]:
    if not any(start in each for each in blocks.ranges):
        yield Problem(
            "start-outside",
            f"The data of pass {number} goes to 0x{start:08x}, where {blocks.name} has no block.",
            "Correct abs_offset, or flash_base and the blocks of the .flash file.",
            file.at(element),
        )


def _extent(place: Place, told: str, target: tuple[int, int], blocks: _Blocks) -> Iterator[Problem]:
    start, end = target
    if not any(max(start, each.start) < min(end, each.end) for each in blocks.ranges):
        yield Problem(
            "disjoint",
            f"{told}, and {blocks.name} has blocks at 0x{blocks.start:08x}..0x{blocks.end - 1:08x} only.",
            "Correct the range, its offset, or flash_base of the .flash file.",
            place,
        )
    elif start < blocks.start:
        yield Problem(
            "begins-before",
            f"{told}, but the blocks of {blocks.name} begin at 0x{blocks.start:08x}.",
            "Begin the range where the blocks begin.",
            place,
        )
    elif end == blocks.end + 1:
        yield Problem(
            "end-plus-one",
            f"{told}, one byte more than the blocks of {blocks.name} have: their last address is"
            f" 0x{blocks.end - 1:08x}.",
            "Write the last address of the range, not the one behind it.",
            place,
        )
    elif end > blocks.end:
        covered = sum(max(0, min(end, each.end) - max(start, each.start)) for each in blocks.ranges)
        yield Problem(
            "exceeds",
            f"{told}, but the blocks of {blocks.name} end at 0x{blocks.end - 1:08x}: they cover"
            f" 0x{covered:x} of 0x{end - start:x} bytes.",
            "Add the blocks that are missing, or let the range end where they end.",
            place,
        )


@rule("IAR035", Severity.WARNING, BoardDescription, needs=(Fact.PASSES,))
def offsets_are_clear(file: BoardDescription) -> Iterator[Problem]:
    """A pass has one offset at most, and absolute ones lead passes to different places.

    What it checks:
        abs_offset and rel_offset, unless that is 0, in one pass; abs_offset of several passes, with as many bytes
        behind each as the range of the pass has. Without a range only the address counts.

    Why it matters:
        rel_offset adds to the addresses of the image, abs_offset puts the lowest of them to an address. Nobody knows
        what C-SPY makes of both. Two passes whose places overlap program one over the other.

    Example:
        <rel_offset>0x1000</rel_offset> <abs_offset>0x60000000</abs_offset>

    How to fix:
        Leave the offset that is meant.

    Source:
        docs/formats/iar.md, The .board file.
    """
    targets: list[_Target] = []
    for number, (each, described) in enumerate(zip(file.passes, file.meaning.passes, strict=True), start=1):
        start = described.facts.absolute_start
        if start is None:
            continue
        element = file.elements("abs_offset", within=each.element)[0]
        if described.facts.address_delta:
            yield Problem(
                "both-offsets",
                f"Pass {number} has abs_offset 0x{start:08x} and rel_offset 0x{described.facts.address_delta:08x}.",
                "Leave the offset that is meant.",
                file.at(element),
            )
        size = 1 if described.facts.range is None else described.facts.range.size_bytes
        target = AddressRange(start=start, size_bytes=min(size, ADDRESS_SPACE_BYTES - start))
        targets.append(_Target(number, element, target))
    for taken, later in _overlapping(targets):
        yield Problem(
            "same-target",
            f"Pass {later.number} puts its data to 0x{later.target.start:08x}..0x{later.target.end - 1:08x}, and pass"
            f" {taken.number} to 0x{taken.target.start:08x}..0x{taken.target.end - 1:08x}.",
            "Give each pass a place of its own.",
            file.at(later.element),
        )


def _overlapping(targets: list[_Target]) -> Iterator[tuple[_Target, _Target]]:
    """Yield each place that overlaps with one farther down, both in the order of the passes."""
    farthest: _Target | None = None
    for each in sorted(targets, key=lambda each: each.target.start):
        if farthest is not None and each.target.start < farthest.target.end:
            taken, later = sorted((farthest, each), key=lambda each: each.number)
            yield taken, later
        if farthest is None or each.target.end > farthest.target.end:
            farthest = each


RULES: tuple[AnyRule, ...] = (ranges_lie_in_blocks, offsets_are_clear)
