"""What only IAR loaders do: initialisation inside the buffer, once for each download, layouts told at run time."""

from dataclasses import replace

import pytest

import loaderconv
from loaderconv.conversion.source import Source
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour
from support.matrix import IARS, RAMS, STRICT, Converted, Origin, SeenEverywhere, converted, machine
from support.paths import FIXTURES
from support.strict import pattern

TARGETS = [Flavour.FLM, Flavour.STLDR]
RUNS = (
    SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=4),
    SectorRun(offset_bytes=0x4000, sector_size_bytes=0x4000, count=3),
)


def overlay() -> Source:
    """Return the loader whose FlashInit lies where C-SPY puts its first data; nothing describes its memory but us."""
    (loader,) = loaderconv.read(FIXTURES / STRICT / "strict_iar_overlay.out").loaders
    described = IARS[0].source().loader
    return Source(loader.model_copy(update={"device": described.device, "iar_settings": described.iar_settings}))


def everything_works(result: Converted, controller: StrictController) -> None:
    host, base = result.host, result.host.device.base_address
    data = pattern(0x1234)
    for start in (0, 0x3000):
        assert host.erase(AddressRange(start=base + start, size_bytes=0x2000)).succeeded
        assert host.program(base + start, data).succeeded
        assert bytes(controller.array[start : start + len(data)]) == data
    assert (controller.violations, result.breaches) == ([], [])


@pytest.mark.parametrize("target", TARGETS)
def test_flash_init_inside_the_buffer_stays_callable(target: Flavour) -> None:
    """No other host fills that buffer, so that it is called for each operation like any other."""
    controller = StrictController()
    result = converted(overlay(), target, [SeenEverywhere(controller)])
    interface = result.planned.parts.loader.iar_interface
    assert interface is not None
    assert interface.init_lies_in_buffer
    everything_works(result, controller)
    assert result.called.count("FlashInit") >= 4
    data = bytes(controller.array[:0x1234])
    assert result.host.verify(result.host.device.base_address, data).succeeded


@pytest.mark.parametrize("target", TARGETS)
def test_with_init_once_flash_init_is_called_a_single_time(target: Flavour) -> None:
    result, controller = machine(IARS[0], target, init_once=True)
    everything_works(result, controller)
    assert result.host.erase_all().succeeded
    assert bytes(controller.array) == b"\xff" * 0x1_0000
    assert result.called.count("FlashInit") == 1
    assert result.called.count("FlashSignoff") == 0


@pytest.mark.parametrize("target", TARGETS)
def test_a_mass_erase_is_asked_of_flash_init(target: Flavour) -> None:
    result, controller = machine(IARS[0], target)
    assert result.host.erase_all().succeeded
    assert (controller.counters.chips_erased, controller.counters.sectors_erased) == (1, 0)
    assert "FlashErase" not in result.called


@pytest.mark.parametrize("target", TARGETS)
def test_a_layout_that_is_told_at_run_time_is_taken_where_the_user_gave_it(target: Flavour) -> None:
    origin = Origin(f"{STRICT}/strict_iar_dynamic.flash", changes=(("geometry", RUNS), ("page_size_bytes", 256)))
    result, controller = machine(origin, target)
    everything_works(result, controller)


@pytest.mark.parametrize("target", TARGETS)
def test_a_layout_that_nobody_expected_fails_the_initialisation(target: Flavour) -> None:
    """Where no format string betrays it, the shim sees the bits of the answer."""
    origin = Origin(f"{STRICT}/strict_iar_dynamic.flash")
    source = origin.source()
    hidden = [
        segment.model_copy(update={"data": segment.data.replace(b"%d 0x%X, %d 0x%X", b"%d_0x%X, %d_0x%X")})
        for segment in source.loader.segments
    ]
    source = replace(source, loader=source.loader.model_copy(update={"segments": tuple(hidden)}))
    controller = StrictController()
    result = converted(source, target, [SeenEverywhere(controller)], rams=RAMS)
    host, base = result.host, result.host.device.base_address
    outcome = host.erase(AddressRange(start=base, size_bytes=0x1000))
    assert not outcome.succeeded
    assert outcome.detail.startswith(("Init returned", "EraseSector returned"))
    assert result.called == ["FlashInit"]
    assert bytes(controller.array) == b"\xff" * 0x1_0000


def test_arguments_of_a_pass_reach_flash_init() -> None:
    """The second pass of the board asks the loader to read back what it wrote, which the controller sees."""
    without, first = machine(IARS[0], Flavour.FLM)
    with_arguments, second = machine(IARS[1], Flavour.FLM)
    for result in (without, with_arguments):
        base = result.host.device.base_address
        assert result.host.erase(AddressRange(start=base, size_bytes=0x1000)).succeeded
        assert result.host.program(base, pattern(4096)).succeeded
    assert (first.counters.mapped_reads, second.counters.mapped_reads) == (0, 4096)
    assert with_arguments.planned.parts.fields["argument_count"] == 1
    assert with_arguments.loader.entry_point(Routine.INIT) is not None
