"""Which addresses of an image each pass of a `.board` file takes."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.board_description import BoardDescription
from loaderconv.lint.subjects.element_values import refusal_of, value_of
from loaderconv_formats.iar import numbers
from loaderconv_formats.iar.board_file import RANGE_FORM
from loaderconv_formats.iar.elements import words_of
from loaderconv_formats.xml.document import BLANKS, XmlElement
from loaderconv_formats.xml.templates import holds_placeholder
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("IAR033", Severity.ERROR, BoardDescription)
def ranges_are_sound(file: BoardDescription) -> Iterator[Problem]:
    """Ranges are a kind and two addresses, the lower one first, and passes do not overlap.

    What it checks:
        range and ignore of each pass, and ignore of the whole file. Passes without range take all of the image and are
        not compared.

    Why it matters:
        The range says which part of the image goes through which loader, with its last address, not the one behind it.
        Two passes that claim the same addresses program them twice, the second one without knowing of the first. No
        public file does so.

    Example:
        <range>CODE 0x08000000-0x080FFFFF</range>

    How to fix:
        Write the kind, the first and the last address, with blanks between them: CODE 0x08000000 0x080FFFFF.

    Source:
        docs/formats/iar.md, The .board file.
    """
    for element in file.elements("ignore"):
        yield from _range(file, element)
    for parent in file.elements("pass"):
        for element in (*file.elements("range", within=parent)[:1], *file.elements("ignore", within=parent)):
            yield from _range(file, element)
    yield from _overlaps(file)


def _range(file: BoardDescription, element: XmlElement) -> Iterator[Problem]:
    text = element.text.strip(BLANKS)
    if not text or holds_placeholder(text):
        return
    problem = refusal_of(lambda: _addresses(element))
    if problem is not None:
        yield Problem("syntax", problem.message, problem.hint, file.at(element))
        return
    low, high = value_of(lambda: _addresses(element)) or (0, 0)
    if low > high:
        yield Problem(
            "reversed",
            f"{element.place} begins at 0x{low:08x}, behind its end at 0x{high:08x}.",
            "Write the lower address first.",
            file.at(element),
            hosts={Host.C_SPY: Verdict.LOSS},
        )


def _addresses(element: XmlElement) -> tuple[int, int]:
    _, low, high = words_of(element, 3, RANGE_FORM, [])
    return numbers.address(element, low, []), numbers.address(element, high, [])


def _overlaps(file: BoardDescription) -> Iterator[Problem]:
    if isinstance(file.reading, LoaderConvError):
        return
    ranges = ((number, each.facts.range) for number, each in enumerate(file.meaning.passes, start=1))
    crowded = _crowded([(number, taken) for number, taken in ranges if taken is not None])
    for index, (later, mine) in enumerate(crowded):
        for earlier, other in crowded[:index]:
            if not mine.overlaps(other):
                continue
            first, last = max(mine.start, other.start), min(mine.end, other.end) - 1
            yield Problem(
                "overlap",
                f"Pass {later} takes {mine}, of which 0x{first:08x}..0x{last:08x} belongs to pass {earlier}.",
                "Let each address belong to one pass; the second address of a range is its last one.",
                file.at(file.elements("range", within=file.passes[later - 1].element)[0]),
            )


def _crowded(ranges: list[tuple[int, AddressRange]]) -> list[tuple[int, AddressRange]]:
    """Return the ranges that share addresses with another one; to compare each with each takes long."""
    found: set[int] = set()
    furthest: tuple[int, AddressRange] | None = None
    for each in sorted(ranges, key=lambda each: each[1].start):
        if furthest is not None and each[1].start < furthest[1].end:
            found |= {each[0], furthest[0]}
        if furthest is None or each[1].end > furthest[1].end:
            furthest = each
    return [each for each in ranges if each[0] in found]


RULES: tuple[AnyRule, ...] = (ranges_are_sound,)
