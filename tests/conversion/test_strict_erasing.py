"""Erasing with converted loaders of our own: which sectors, and none besides."""

import pytest

from loaderconv.emulator.devices.strict_controller import ARRAY_BASE
from support.strict import ERASED, rig_for


@pytest.mark.parametrize("end_offset", [0, 1, 0x7FF, 0xFFF])
def test_sector_erase_end_may_lie_anywhere_in_the_last_sector(end_offset: int) -> None:
    rig, controller = rig_for("strict_flm")
    controller.array[:] = bytes(len(controller.array))

    assert rig.host.sector_erase(ARRAY_BASE + 0x1234, ARRAY_BASE + 0x2000 + end_offset).succeeded
    assert [index for index in range(0, 0x1_0000, 0x1000) if controller.array[index]] == [0x1000, 0x2000]


def test_sector_erase_crosses_runs_of_sectors() -> None:
    rig, controller = rig_for("strict_flm")
    controller.array[:] = bytes(len(controller.array))

    assert rig.host.sector_erase(ARRAY_BASE + 0x3FFF, ARRAY_BASE + 0xFFFF).succeeded
    erased = [call.arguments[0] for call in rig.calls if call.routine == "EraseSector"]
    assert erased == [ARRAY_BASE + offset for offset in (0x3000, 0x4000, 0x8000, 0xC000)]
    assert not any(controller.array[:0x3000])
    assert set(controller.array[0x3000:]) == {ERASED}


def test_mass_erase_without_erase_chip_erases_every_sector() -> None:
    rig, controller = rig_for("strict_flm_no_chip")
    controller.array[:] = bytes(len(controller.array))

    assert rig.host.erase_all().succeeded
    assert controller.counters.sectors_erased == 7
    assert set(controller.array) == {ERASED}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (ARRAY_BASE - 1, ARRAY_BASE),
        (ARRAY_BASE, ARRAY_BASE + 0x1_0000),
        (ARRAY_BASE + 0x1_0000, ARRAY_BASE + 0x1_0000),
        (ARRAY_BASE + 0x2000, ARRAY_BASE + 0x1FFF),
        (0, 0xFFFF_FFFF),
    ],
)
def test_erase_outside_of_the_device_fails_and_touches_nothing(start: int, end: int) -> None:
    rig, controller = rig_for("strict_flm")
    controller.array[:] = bytes(len(controller.array))

    assert not rig.host.sector_erase(start, end).succeeded
    assert "EraseSector" not in rig.routines_called()
    assert not any(controller.array)
