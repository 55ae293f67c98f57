"""Half-open ranges of addresses."""

import pytest

from loaderconv_schemas.address_range import AddressRange


def of(start: int, size_bytes: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=size_bytes)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (of(0, 8), of(7, 1), True),
        (of(0, 8), of(8, 1), False),
        (of(4, 4), of(0, 16), True),
        (of(0xFFFF_FFFF, 1), of(0, 1), False),
        (of(4, 0), of(0, 8), False),
        (of(4, 0), of(4, 0), False),
        (of(0, 0), of(0, 8), False),
    ],
)
def test_ranges_overlap_where_an_address_is_in_both(first: AddressRange, second: AddressRange, shared: bool) -> None:
    """No address is in an empty range, wherever that lies."""
    assert first.overlaps(second) is shared
    assert second.overlaps(first) is shared


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        (of(0x2000_0600, 0x100), "0x20000600..0x200006ff"),
        (of(0x2000_0600, 1), "0x20000600..0x20000600"),
        (of(0x2000_0600, 0), "0x20000600 (empty)"),
        (of(0, 1 << 32), "0x00000000..0xffffffff"),
    ],
)
def test_a_range_is_printed_with_its_last_address(printed: AddressRange, text: str) -> None:
    assert str(printed) == text
