"""How much a converted loader programs at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv.conversion.targets.pages import MAX_PAGE_BYTES, transfer_page_bytes
from loaderconv_schemas.loader import Flavour
from support.planning import MADE, device_of, plan, sectors

POWERS = [1 << exponent for exponent in range(13)]

EXPECTED = {1: 4096, 8: 4096, 256: 4096, 320: 320, 4096: 4096, 8192: 8192, 65536: 65536}
"""By page of the source."""

ANY_BYTES = 1
"""A stldr's Write takes any size; an IAR loader's FlashWrite takes pages."""


def page_for(sizes: tuple[int, ...], page: int, unit: int, base: int = 0x9000_0000) -> int:
    device = device_of(sectors(*((1, size) for size in sizes)), page_size_bytes=page, base_address=base)
    return transfer_page_bytes(device, unit)


@pytest.mark.parametrize(("page", "expected"), list(EXPECTED.items()))
def test_a_source_that_takes_pages_gets_whole_ones(page: int, expected: int) -> None:
    assert page_for((0x1_0000,), page, unit=page) == expected


@pytest.mark.parametrize("page", list(EXPECTED))
def test_a_source_that_takes_any_bytes_gets_as_much_as_there_is_buffer(page: int) -> None:
    assert page_for((0x1_0000,), page, ANY_BYTES) == 4096


@pytest.mark.parametrize(
    ("sizes", "page", "unit", "expected"),
    [
        ((0x800,), 256, 1, 2048),
        ((0x1000, 0x200), 256, 1, 512),
        ((0x200, 0x1000), 256, 256, 512),
        ((0x1_0000, 0x8000, 0x400), 16, 16, 1024),
        ((0x1080,), 128, 128, 128),
        ((0x1080,), 256, 256, 256),
        ((0x1080,), 256, 1, 128),
        ((320,), 8, 8, 64),
        ((320,), 320, 320, 320),
        ((320,), 320, 1, 64),
        ((1001,), 8, 1, 1),
        ((1001,), 8, 8, 8),
        ((0x1800,), 12, 12, 12),
    ],
)
def test_every_sector_has_a_say(sizes: tuple[int, ...], page: int, unit: int, expected: int) -> None:
    assert page_for(sizes, page, unit) == expected


@pytest.mark.parametrize(
    ("base", "page", "unit", "expected"),
    [
        (0, 256, 256, 4096),
        (0x9000_0800, 256, 256, 2048),
        (0x9000_0010, 16, 16, 16),
        (0x9000_0010, 256, 256, 256),
        (0x9000_0010, 256, 1, 16),
        (0x9000_0001, 8, 8, 8),
        (0x9000_0001, 8, 1, 1),
    ],
)
def test_hosts_count_pages_from_address_0(base: int, page: int, unit: int, expected: int) -> None:
    assert page_for((0x1000, 0x1000), page, unit, base) == expected


@given(
    sizes=st.lists(st.integers(1, 0x800).map(lambda number: number * 16), min_size=1, max_size=3),
    base=st.integers(0, 0xFFFF).map(lambda number: number * 8),
    page=st.sampled_from(POWERS) | st.integers(1, 0x4000),
    takes_pages=st.booleans(),
)
def test_the_rule(sizes: list[int], base: int, page: int, takes_pages: bool) -> None:
    """The largest power of two up to 4096 that divides every sector and is a multiple of the source's page.

    Where there is none, a source that takes any bytes gets the largest that divides; another one its own page.
    """
    dividing = [power for power in POWERS if all(size % power == 0 for size in (base, *sizes))]
    multiples = [power for power in dividing if power % page == 0]
    instead = page if takes_pages else max(dividing)
    expected = max(multiples, default=instead)
    assert page_for(tuple(sizes), page, page if takes_pages else ANY_BYTES, base) == expected
    assert expected <= max(MAX_PAGE_BYTES, page)


@pytest.mark.parametrize("page", [1, 8, 256, 320, 4096])
def test_of_a_stldr_an_flm_takes_more_at_once(page: int) -> None:
    source = MADE[Flavour.STLDR](device=device_of(sectors((16, 0x1000)), page_size_bytes=page))
    assert plan(source, Flavour.FLM).plan.device.page_size_bytes == 4096


@pytest.mark.parametrize(("page", "expected"), [(1, 4096), (8, 4096), (256, 4096), (320, 320), (8192, 8192)])
def test_of_an_iar_loader_an_flm_takes_whole_pages(page: int, expected: int) -> None:
    source = MADE[Flavour.IAR](device=device_of(sectors((2, 0x1_0000)), page_size_bytes=page))
    planned = plan(source, Flavour.FLM)
    assert planned.plan.device.page_size_bytes == expected
    assert expected % planned.parts.program_unit_bytes == 0


@pytest.mark.parametrize("flavour", [Flavour.STLDR, Flavour.IAR])
@pytest.mark.parametrize("page", [1, 512, 4096])
def test_the_user_s_page_counts_more(page: int, flavour: Flavour) -> None:
    assert plan(MADE[flavour](), Flavour.FLM, page_size_bytes=page).plan.device.page_size_bytes == page


@pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
@pytest.mark.parametrize("page", [1, 8, 256, 320, 4096])
def test_other_targets_are_told_the_source_s_page(page: int, target: Flavour) -> None:
    source = MADE[Flavour.FLM](device=device_of(sectors((2, 0x1_0000)), page_size_bytes=page))
    assert plan(source, target).plan.device.page_size_bytes == page
