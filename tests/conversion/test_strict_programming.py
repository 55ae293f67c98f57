"""Programming with converted loaders of our own: whole pages, parts of pages, pages that take data once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_geometry import STRICT_NOR_64K
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation, StrictController
from loaderconv.hosts.host import Outcome
from support.converted import converted_rig
from support.paths import FIXTURES
from support.strict import ERASED, pattern, rig_for


def test_whole_aligned_pages_go_straight_through() -> None:
    rig, _ = rig_for("strict_flm")
    rig.host.program(ARRAY_BASE, pattern(512))
    pages = [call for call in rig.calls if call.routine == "ProgramPage"]

    assert [call.arguments[:2] for call in pages] == [(ARRAY_BASE, 256), (ARRAY_BASE + 256, 256)]
    own = next(region.range for region in rig.plan.memory_map if region.name == "page buffer")
    assert not any(call.arguments[2] in own for call in pages)


def test_parts_of_pages_go_through_the_page_buffer() -> None:
    rig, controller = rig_for("strict_flm")
    rig.host.program(ARRAY_BASE + 250, pattern(10))
    pages = [call for call in rig.calls if call.routine == "ProgramPage"]
    own = next(region.range for region in rig.plan.memory_map if region.name == "page buffer")

    assert [call.arguments for call in pages] == [(ARRAY_BASE, 256, own.start), (ARRAY_BASE + 256, 256, own.start)]
    assert controller.array[:270] == b"\xff" * 250 + pattern(10) + b"\xff" * 10


def test_a_page_that_takes_data_once_is_erased_and_programmed_whole() -> None:
    """The second piece of a page: the driver refuses it, the page is a sector, so the first piece is kept in RAM."""
    rig, controller = rig_for("strict_flm_onchip")
    controller.array[0x400:0xC00] = bytes(0x800)
    data = pattern(700)

    assert rig.host.program(ARRAY_BASE + 5, data[:333]).succeeded
    assert controller.counters.sectors_erased == 0
    assert rig.host.program(ARRAY_BASE + 338, data[333:]).succeeded
    assert controller.counters.sectors_erased == 1
    assert controller.array[:0x400] == (b"\xff" * 5 + data).ljust(0x400, b"\xff")
    assert not any(controller.array[0x400:0xC00]), "a neighbour was touched"
    assert controller.violations == []


def test_bytes_that_are_not_blank_are_never_replaced() -> None:
    rig, controller = rig_for("strict_flm_onchip")
    assert rig.host.program(ARRAY_BASE, pattern(64)).succeeded

    assert not rig.host.program(ARRAY_BASE + 63, b"\x01\x02").succeeded
    assert not rig.host.program(ARRAY_BASE, pattern(0x400)).succeeded, "a whole page gets no second try"
    assert controller.counters.sectors_erased == 0
    assert controller.array[:0x400] == pattern(64).ljust(0x400, b"\xff")


def test_an_erased_page_starts_over() -> None:
    """After an erase the first piece of a page is programmed without another erase."""
    rig, controller = rig_for("strict_flm_onchip")
    one_sector: Callable[[], Outcome] = lambda: rig.host.sector_erase(ARRAY_BASE, ARRAY_BASE)  # noqa: E731
    for erase in (one_sector, rig.host.erase_all):
        assert rig.host.program(ARRAY_BASE, pattern(64)).succeeded
        assert erase().succeeded
        erased = controller.counters.sectors_erased
        assert rig.host.program(ARRAY_BASE + 64, pattern(64)).succeeded
        assert controller.counters.sectors_erased == erased
        assert rig.host.erase_all().succeeded


def test_the_same_bytes_may_be_written_again() -> None:
    rig, controller = rig_for("strict_flm_onchip")
    assert rig.host.program(ARRAY_BASE, pattern(64)).succeeded
    assert rig.host.program(ARRAY_BASE + 32, pattern(100)[32:]).succeeded
    assert controller.array[:0x400] == pattern(100).ljust(0x400, b"\xff")


def test_only_the_page_that_was_programmed_in_part_last_gets_a_second_piece() -> None:
    rig, controller = rig_for("strict_flm_onchip")
    assert rig.host.program(ARRAY_BASE, pattern(64)).succeeded
    assert rig.host.program(ARRAY_BASE + 0x400, pattern(64)).succeeded
    assert not rig.host.program(ARRAY_BASE + 64, pattern(64)).succeeded
    assert controller.counters.sectors_erased == 0
    assert controller.array[:0x400] == pattern(64).ljust(0x400, b"\xff")


def test_a_device_that_cannot_be_read_gets_no_second_try() -> None:
    rig, controller = rig_for("strict_flm_onchip", with_read=False)
    assert rig.host.program(ARRAY_BASE, pattern(64)).succeeded
    assert not rig.host.program(ARRAY_BASE + 64, pattern(64)).succeeded
    assert controller.counters.sectors_erased == 0


@pytest.mark.parametrize("address", [ARRAY_BASE - 4, ARRAY_BASE + 0x1_0000 - 4, 0, 0xFFFF_FFFC])
def test_program_outside_of_the_device_fails_and_touches_nothing(address: int) -> None:
    rig, controller = rig_for("strict_flm")

    assert not rig.host.program(address, pattern(8)).succeeded
    assert "ProgramPage" not in rig.routines_called()
    assert set(controller.array) == {ERASED}


def test_the_last_page_is_cut_where_the_device_ends() -> None:
    rig, controller = rig_for("strict_flm_odd_page")
    size = rig.host.device.size_bytes
    assert size % rig.host.device.page_size_bytes == 256

    assert rig.host.program(ARRAY_BASE + size - 300, pattern(300)).succeeded
    last = [call.arguments[:2] for call in rig.calls if call.routine == "ProgramPage"][-1]
    assert last == (ARRAY_BASE + size - 256, 256)
    assert controller.array[-300:] == pattern(300)
    assert controller.violations == []


def test_a_driver_that_refuses_a_page_smaller_than_its_sector_has_its_way() -> None:
    """Nothing is erased to make room where a sector holds more than the page."""
    controller = StrictController(replace(STRICT_NOR_64K, blank_pages_only=True))
    rig = converted_rig(FIXTURES / "strict_flm.FLM", CpuModel.CORTEX_M0, [controller])
    assert rig.host.program(ARRAY_BASE, pattern(64)).succeeded
    assert not rig.host.program(ARRAY_BASE + 64, pattern(64)).succeeded
    assert controller.counters.sectors_erased == 0


def test_a_failure_on_a_blank_page_is_not_answered_with_an_erase() -> None:
    rig, controller = rig_for("strict_flm_onchip")
    controller.fail_next(Operation.PROGRAM_PAGE)
    assert not rig.host.program(ARRAY_BASE + 4, pattern(64)).succeeded
    assert controller.counters.sectors_erased == 0
