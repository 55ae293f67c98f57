"""The `<algorithm>` element beside an FLM."""

import pytest

from loaderconv_formats.pack.algorithm import Algorithm, algorithm_bytes, read_algorithm
from loaderconv_formats.xml.document import parse_xml
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput

DEVICE = AddressRange(start=0x9000_0000, size_bytes=0x1_0000)
RAM = AddressRange(start=0x2000_0900, size_bytes=0xF700)


@pytest.mark.parametrize(
    "name", ["x.FLM", '<a & "b">.FLM', "tab\tline\nreturn\r.FLM", "gr\u00f6\u00dfe \U0001f600.FLM"]
)
def test_it_reads_back_as_it_was_meant(name: str) -> None:
    algorithm = Algorithm(name, DEVICE, RAM)
    assert read_algorithm(parse_xml(algorithm_bytes(algorithm))) == algorithm


def test_the_whole_address_space() -> None:
    algorithm = Algorithm("x.FLM", AddressRange(start=0, size_bytes=1 << 32), RAM)
    assert read_algorithm(parse_xml(algorithm_bytes(algorithm))) == algorithm


@pytest.mark.parametrize("name", ["\0.FLM", "\ud800.FLM", "\x1b.FLM"], ids=ascii)
def test_a_name_that_xml_cannot_hold(name: str) -> None:
    with pytest.raises(ConversionRefused):
        algorithm_bytes(Algorithm(name, DEVICE, RAM))


@pytest.mark.parametrize(
    "damage",
    [
        (b"<algorithm ", b"<algorism "),
        (b"RAMstart=", b"RAMbegin="),
        (b"0x20000900", b"somewhere"),
        (b"0x20000900", b"0x120000900"),
    ],
    ids=["element", "attribute", "number", "address"],
)
def test_what_is_no_such_element(damage: tuple[bytes, bytes]) -> None:
    data = algorithm_bytes(Algorithm("x.FLM", DEVICE, RAM)).replace(*damage)
    with pytest.raises(UnreadableInput):
        read_algorithm(parse_xml(data))
