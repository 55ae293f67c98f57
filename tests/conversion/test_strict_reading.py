"""Reading, verifying and summing up with converted loaders of our own."""

import pytest

from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from support.strict import pattern, rig_for


def test_verify_reports_a_mismatch_in_every_byte() -> None:
    rig, controller = rig_for("strict_flm")
    data = pattern(40)
    rig.host.program(ARRAY_BASE, data)
    for index in range(40):
        wrong = bytearray(data)
        wrong[index] ^= 0x10
        assert not rig.host.verify(ARRAY_BASE, bytes(wrong)).succeeded, f"byte {index}"
    assert rig.host.verify(ARRAY_BASE, data).succeeded
    assert controller.violations == []


@pytest.mark.parametrize("address", [ARRAY_BASE, ARRAY_BASE + 1, ARRAY_BASE + 2, ARRAY_BASE + 3])
@pytest.mark.parametrize("size_bytes", [1, 2, 3, 4, 5, 255, 256, 257])
@pytest.mark.parametrize("with_read", [True, False])
def test_verify_sums_exactly_the_bytes_in_question(address: int, size_bytes: int, with_read: bool) -> None:
    rig, _ = rig_for("strict_flm", with_read=with_read)
    data = pattern(size_bytes)
    rig.host.program(address, data)

    outcome = rig.host.verify(address, data)
    assert outcome.succeeded
    assert int.from_bytes(outcome.data, "little") == sum(data)


@pytest.mark.parametrize("routine", [Routine.VERIFY, Routine.READ, Routine.CHECKSUM])
def test_reading_routines_switch_the_phase_themselves(routine: Routine) -> None:
    """A host need not call Init in between: the device is in the program phase, where it cannot be read."""
    rig, controller = rig_for("strict_flm")
    assert rig.host.program(ARRAY_BASE, pattern(8)).succeeded
    rig.core.write_memory(rig.host.buffer.start, pattern(8))
    arguments = {
        Routine.VERIFY: (ARRAY_BASE, rig.host.buffer.start, 2, 0),
        Routine.READ: (ARRAY_BASE, 8, rig.host.buffer.start),
        Routine.CHECKSUM: (ARRAY_BASE, 8, 0),
    }
    expected = {Routine.VERIFY: 0, Routine.READ: 1, Routine.CHECKSUM: sum(pattern(8))}
    assert rig.host.call(routine, *arguments[routine]).low_word == expected[routine]
    assert controller.violations == []


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_verify_at_an_odd_address_compares_bytes(shift: int) -> None:
    """The driver's own Verify loads words, which faults there on a Cortex-M0."""
    rig, _ = rig_for("strict_flm")
    assert rig.host.program(ARRAY_BASE, pattern(16)).succeeded
    rig.core.write_memory(rig.host.buffer.start, pattern(16)[shift:])
    assert rig.host.call(Routine.VERIFY, ARRAY_BASE + shift, rig.host.buffer.start, 3, 0).low_word == 0
    rig.core.write_memory(rig.host.buffer.start + 11, b"\x00")
    assert rig.host.call(Routine.VERIFY, ARRAY_BASE + shift, rig.host.buffer.start, 3, 0).low_word != 0


def test_verify_that_cannot_enter_its_phase_reports_a_difference() -> None:
    rig, controller = rig_for("strict_flm")
    assert rig.host.program(ARRAY_BASE, pattern(8)).succeeded
    rig.core.write_memory(rig.host.buffer.start, pattern(8))
    controller.fail_next(Operation.MODE_CHANGE)
    assert rig.host.call(Routine.VERIFY, ARRAY_BASE, rig.host.buffer.start, 2, 0).low_word != 0


@pytest.mark.parametrize("words", [0x4000_0000, 0x4000_0002, 0x8000_0002, 0xFFFF_FFFF])
def test_verify_of_more_than_the_address_space_reports_a_difference(words: int) -> None:
    rig, _ = rig_for("strict_flm")
    rig.core.write_memory(rig.host.buffer.start, b"\xff" * 8)
    assert rig.host.call(Routine.VERIFY, ARRAY_BASE, rig.host.buffer.start, words, 0).low_word != 0
    assert "Verify" not in rig.routines_called()


@pytest.mark.parametrize("address", [ARRAY_BASE - 4, ARRAY_BASE + 0x1_0000 - 4, 0, 0xFFFF_FFFC])
def test_read_and_verify_outside_of_the_device_fail(address: int) -> None:
    rig, controller = rig_for("strict_flm")
    reads_before = controller.counters.mapped_reads
    assert rig.host.call(Routine.READ, address, 8, rig.host.buffer.start).low_word == 0
    assert rig.host.call(Routine.VERIFY, address, rig.host.buffer.start, 2, 0).low_word != 0
    assert controller.counters.mapped_reads == reads_before
    assert "Verify" not in rig.routines_called()


def test_without_read_the_shim_never_touches_the_mapped_device() -> None:
    rig, controller = rig_for("strict_flm", with_read=False)
    exported = {entry.routine for entry in rig.file.loader.entry_points}
    assert exported == {
        Routine.INIT,
        Routine.PROGRAM_PAGE,
        Routine.ERASE_SECTOR,
        Routine.ERASE_CHIP,
        Routine.VERIFY,
    }
    data = pattern(512)
    assert rig.host.program(ARRAY_BASE, data).succeeded
    reads_before = controller.counters.mapped_reads
    outcome = rig.host.verify(ARRAY_BASE, data)
    assert outcome.succeeded
    assert int.from_bytes(outcome.data, "little") == sum(data)
    assert controller.counters.mapped_reads - reads_before == len(data) // 4, "only the FLM's own Verify reads"


def test_without_read_and_without_verify_nothing_that_reads_is_exported() -> None:
    rig, _ = rig_for("strict_flm_no_chip", with_read=False)
    exported = {entry.symbol for entry in rig.file.loader.entry_points}
    assert exported == {"Init", "Write", "SectorErase", "MassErase"}


def test_the_source_s_own_read_is_used() -> None:
    rig, controller = rig_for("strict_flm_reader")
    data = pattern(300)
    rig.host.program(ARRAY_BASE, data)
    rig.calls.clear()

    assert rig.host.read(AddressRange(start=ARRAY_BASE + 1, size_bytes=299)).data == data[1:]
    assert "Read" in rig.routines_called()
    assert controller.counters.mapped_reads == 0


def test_checksum_that_cannot_be_taken_differs_from_every_small_sum() -> None:
    rig, _ = rig_for("strict_flm")
    outside = AddressRange(start=ARRAY_BASE + 0x1_0000, size_bytes=4)
    assert int.from_bytes(rig.host.checksum(outside, initial=7).data, "little") == 6
