"""Writes a new `.board` file in the order and spelling of most real ones (docs/formats/iar.md, The .board file)."""

from collections.abc import Iterator, Sequence

from loaderconv_formats.iar.board_file import BoardPass, read_board_file
from loaderconv_formats.iar.read_back import read_back, refuse_difference
from loaderconv_formats.xml.new_file import NewElement, xml_file
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IgnoredRange


def board_file_bytes(passes: Sequence[BoardPass], ignored: Sequence[IgnoredRange]) -> bytes:
    """Return the file; ranges of passes are of the kind CODE.

    Raises:
        ConversionRefused: no pass, or a value that would not be read back as it is.
    """
    data = xml_file(NewElement("flash_board", (*map(_pass, passes), *map(_ignore, ignored))))
    written = read_back(data, read_board_file)
    for wanted, came_back in zip(passes, written.passes, strict=True):
        refuse_difference(wanted.facts, came_back.facts, *PassFacts.model_fields)
        if wanted.loader_spelled != came_back.loader_spelled:
            raise ConversionRefused(
                f"A .board file cannot hold the path {quoted(wanted.loader_spelled)}.",
                hint="Rename the .flash file; its path may not begin or end with blanks.",
            )
    if tuple(ignored) != written.ignored:
        raise ConversionRefused(
            "A range to ignore cannot stand in a .board file.", hint="Its kind is one word, such as CODE."
        )
    return data


def _pass(each: BoardPass) -> NewElement:
    return NewElement("pass", (NewElement("loader", each.loader_spelled), *_facts(each.facts)))


def _facts(facts: PassFacts) -> Iterator[NewElement]:
    if facts.range is not None:
        yield NewElement("range", _kind_and_range("CODE", facts.range))
    if facts.address_delta:
        yield NewElement("rel_offset", _signed(facts.address_delta))
    if facts.absolute_start is not None:
        yield NewElement("abs_offset", f"0x{facts.absolute_start:08x}")
    if facts.loader_offset is not None:
        # All real files have this blank, so it is what C-SPY is known to take.
        yield NewElement("loader_offset", f" 0x{facts.loader_offset:08x}")
    if facts.args:
        yield NewElement("args", "\n".join(facts.args))
    yield from map(_ignore, facts.ignored)


def _ignore(each: IgnoredRange) -> NewElement:
    return NewElement("ignore", _kind_and_range(each.kind, each.range))


def _kind_and_range(kind: str, addresses: AddressRange) -> str:
    return f"{kind} 0x{addresses.start:08x} 0x{addresses.end - 1:08x}"


def _signed(delta: int) -> str:
    """Return an offset by the shorter way around the address space, as people write it."""
    if delta < ADDRESS_SPACE_BYTES // 2:
        return f"0x{delta:x}"
    return f"-0x{ADDRESS_SPACE_BYTES - delta:x}"
