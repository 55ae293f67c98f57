"""Our own stldr with variables in a RAM far away and no routine that reads, as ST's middleware makes them for H7RS."""

import pytest

from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Mode, Operation
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from support.stldr_calls import BUFFER, FAR_RAM, StldrCalls, downloaded
from support.strict import ERASED, pattern

FAILED, DONE = 0, 1


@pytest.fixture
def sparse() -> StldrCalls:
    return downloaded("strict_stldr_sparse")


def test_whole_job(sparse: StldrCalls) -> None:
    """Only Init maps the memory; whatever changes it leaves it unmapped."""
    controller = sparse.controller
    expected = bytearray(len(controller.array))
    data = pattern(0x403)

    assert sparse.call(Routine.INIT) == DONE
    assert sparse.core.read_memory(ARRAY_BASE, len(expected)) == expected
    assert sparse.call(Routine.ERASE_SECTOR, ARRAY_BASE + 0x3000, ARRAY_BASE + 0x4000) == DONE
    assert controller.mode is Mode.ERASE
    expected[0x3000:0x8000] = bytes([ERASED]) * 0x5000

    assert sparse.call(Routine.INIT) == DONE
    assert sparse.write(ARRAY_BASE + 0x3F01, data) == DONE
    assert controller.mode is Mode.PROGRAM
    expected[0x3F01:0x4304] = data

    assert sparse.call(Routine.INIT) == DONE
    assert sparse.core.read_memory(ARRAY_BASE, len(expected)) == expected
    assert sparse.call(Routine.ERASE_CHIP, 0) == DONE
    assert controller.mode is Mode.ERASE
    assert controller.array == bytes([ERASED]) * len(expected)
    assert controller.violations == []


def test_nothing_works_before_init(sparse: StldrCalls) -> None:
    """RAM is painted: only Init clears the state in .bss."""
    assert sparse.write(ARRAY_BASE, bytes(4)) == FAILED
    assert sparse.call(Routine.ERASE_SECTOR, ARRAY_BASE, ARRAY_BASE) == FAILED
    assert sparse.call(Routine.ERASE_CHIP, 0) == FAILED
    assert sparse.controller.counters.mode_changes == 0
    assert sparse.controller.violations == []


def test_a_failure_lasts_until_the_next_init(sparse: StldrCalls) -> None:
    assert sparse.call(Routine.INIT) == DONE
    sparse.controller.fail_next(Operation.ERASE_CHIP)
    for expected in (FAILED, FAILED):
        assert sparse.call(Routine.ERASE_CHIP, 0) == expected
    assert sparse.call(Routine.INIT) == DONE
    assert sparse.call(Routine.ERASE_CHIP, 0) == DONE
    assert sparse.controller.violations == []


def test_variables_lie_in_the_far_ram_alone(sparse: StldrCalls) -> None:
    core, (code, variables) = sparse.core, sparse.loader.image_segments
    behind_code = AddressRange(start=code.range.end, size_bytes=BUFFER - code.range.end)
    behind_variables = AddressRange(start=variables.range.end, size_bytes=FAR_RAM.end - variables.range.end)
    assert sparse.call(Routine.INIT) == DONE
    assert sparse.write(ARRAY_BASE, bytes(300)) == DONE
    assert core.read_memory(code.address, len(code.data)) == code.data
    assert core.untouched_bytes(behind_code) == behind_code.size_bytes
    assert core.untouched_bytes(variables.range) == 0
    assert core.untouched_bytes(behind_variables) == behind_variables.size_bytes
