"""What the user says of a device counts everywhere: in what may be erased, and in what may be written at once."""

import pytest

from loaderconv.conversion.source import Source, source_of
from loaderconv.emulator.devices.flash_geometry import STRICT_MCU_32K
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.loader import Flavour
from support.matrix import FLMS, IARS, STLDRS, Origin, SeenEverywhere, convert, converted
from support.paths import FIXTURES

SMALL_SECTORS = (SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=4),)


def onchip() -> Source:
    """Return a loader whose pages are its sectors."""
    path = FIXTURES / "strict_flm_onchip.FLM"
    return source_of(read_loader_file(path), path.name)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="pages are sectors"),
        pytest.param({"page_size_bytes": 256}, False, id="smaller pages"),
        pytest.param(
            {"geometry": (SectorRun(offset_bytes=0, sector_size_bytes=0x2000, count=4),)}, False, id="larger sectors"
        ),
    ],
)
def test_a_page_is_erased_for_a_second_piece_only_where_it_is_a_sector(
    changes: dict[str, object], expected: bool
) -> None:
    planned, _, _ = convert(onchip(), Flavour.STLDR, **changes)
    assert ("SHIM_REPROGRAMS" in planned.parts.flags) is expected


def test_what_was_written_before_stays_where_pages_are_smaller_than_sectors() -> None:
    controller = StrictController(STRICT_MCU_32K)
    style = TransferStyle(chunk_bytes=24)
    source = onchip()
    result = converted(source, Flavour.STLDR, [controller], style=style, page_size_bytes=1024, with_read=False)
    assert result.host.erase(AddressRange(start=ARRAY_BASE, size_bytes=0x800)).succeeded
    assert result.host.program(ARRAY_BASE, bytes(16)).succeeded
    result.host.program(ARRAY_BASE + 0x20, bytes(16))
    assert bytes(controller.array[:16]) == bytes(16)


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        pytest.param(origin, target, id=f"{origin}-to-{target}")
        for origin in (FLMS[0], STLDRS[0], IARS[0])
        for target in Flavour
        if target is not origin.source().loader.flavour
    ],
)
def test_a_mass_erase_spares_what_is_not_the_output_s_device(origin: Origin, target: Flavour) -> None:
    """The source could erase all of its memory at once; the output serves the first four sectors."""
    controller = StrictController()
    result = converted(origin, target, [SeenEverywhere(controller)], geometry=SMALL_SECTORS)
    controller.array[:] = bytes(len(controller.array))
    assert result.host.erase_all().succeeded
    assert bytes(controller.array[:0x4000]) == b"\xff" * 0x4000
    assert not any(controller.array[0x4000:])
    assert controller.counters.chips_erased == 0
    assert controller.violations == []
    assert "geometry-given" in {each.code for each in result.planned.plan.warnings}


def test_no_call_is_larger_than_the_buffer_of_an_iar_loader() -> None:
    """C-SPY passes no more than that, so that nobody has tried more."""
    source = IARS[0].source()
    interface = source.loader.iar_interface
    assert interface is not None
    assert interface.buffer is not None
    small = AddressRange(start=interface.buffer.start, size_bytes=700)
    loader = source.loader.model_copy(update={"iar_interface": interface.model_copy(update={"buffer": small})})
    planned, _, _ = convert(Source(loader), Flavour.FLM)
    assert planned.plan.device.page_size_bytes == 512
