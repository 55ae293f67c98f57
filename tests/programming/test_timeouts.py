"""How long the routines of a loader may take on silicon."""

import pytest

from loaderconv.programming.timeouts import CHIP_MS, INIT_MS, LONGEST_MS, PAGE_MS, SECTOR_MS, budgets_for
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.entry_point import Routine

PAGE, SECTOR, CHIP, INIT = Routine.PROGRAM_PAGE, Routine.ERASE_SECTOR, Routine.ERASE_CHIP, Routine.INIT


def device_with(program_ms: int | None, erase_ms: int | None, sectors: int = 64) -> Device:
    return Device(
        name="model",
        kind=DeviceKind.NOR_FLASH,
        base_address=0,
        size_bytes=0x1000 * sectors,
        page_size_bytes=0x100,
        program_timeout_ms=program_ms,
        erase_timeout_ms=erase_ms,
        sectors=(SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=sectors),),
    )


BUDGETS = {
    "nothing known": (device_with(None, None), 1, {PAGE: PAGE_MS, SECTOR: SECTOR_MS, CHIP: CHIP_MS}),
    "impatient": (device_with(1, 0), 1, {PAGE: PAGE_MS, SECTOR: SECTOR_MS, CHIP: CHIP_MS}),
    "patient": (device_with(20_000, 9_000), 1, {PAGE: 60_000, SECTOR: 27_000, CHIP: 576_000}),
    "sixteen at a time": (device_with(None, 9_000), 16, {SECTOR: 16 * 27_000}),
    "a list": (device_with(None, None), None, {SECTOR: CHIP_MS}),
    "a list of one": (device_with(None, 200_000, sectors=1), None, {SECTOR: 600_000, CHIP: CHIP_MS}),
    "absurd": (device_with(2**32 - 1, 2**32 - 1), 16, dict.fromkeys((PAGE, SECTOR, CHIP), LONGEST_MS)),
}


@pytest.mark.parametrize(("device", "sectors_per_call", "expected"), BUDGETS.values(), ids=BUDGETS)
def test_budgets(device: Device, sectors_per_call: int | None, expected: dict[Routine, int]) -> None:
    budgets = budgets_for(device, sectors_per_call=sectors_per_call)
    assert {routine: budgets.of(routine).timeout_ms for routine in expected} == expected
    assert budgets.of(INIT).timeout_ms == budgets.of(Routine.UNINIT).timeout_ms == INIT_MS


def test_no_budget_is_beyond_the_longest() -> None:
    budgets = budgets_for(device_with(2**32 - 1, 2**32 - 1), sectors_per_call=None)
    assert max(budgets.of(routine).timeout_ms for routine in Routine) == LONGEST_MS
