"""Our own stldr that reaches all data through r9, as Keil compiles them; a host has to set it."""

import pytest

from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Mode, Operation
from loaderconv_schemas.entry_point import Routine
from support.stldr_calls import BUFFER, RAM, StldrCalls, downloaded
from support.strict import ERASED, pattern

FAILED, DONE = 0, 1


@pytest.fixture
def keil() -> StldrCalls:
    return downloaded("strict_stldr_r9")


def base_of(keil: StldrCalls) -> int:
    base = keil.loader.placement.static_base
    assert base is not None
    return base


def test_whole_job(keil: StldrCalls) -> None:
    controller, r9 = keil.controller, base_of(keil)
    expected = bytearray(len(controller.array))
    data = pattern(0x404)
    written = ARRAY_BASE + 0x3F04

    assert keil.call(Routine.INIT, r9=r9) == DONE
    assert keil.core.read_memory(ARRAY_BASE, 16) == bytes(16)
    assert keil.call(Routine.ERASE_SECTOR, ARRAY_BASE + 0x3FFF, ARRAY_BASE + 0x4001, r9=r9) == DONE
    expected[0x3000:0x8000] = bytes([ERASED]) * 0x5000
    assert keil.write(written, data, r9=r9) == DONE
    expected[0x3F04:0x4308] = data
    assert controller.array == expected

    assert keil.call_for_both_words(Routine.VERIFY, written, BUFFER, len(data) // 4, 0, r9=r9) == (0, sum(data))
    assert keil.call(Routine.CHECKSUM, written, len(data), 7, r9=r9) == 7 + sum(data)
    keil.core.write_memory(BUFFER, bytes(len(data)))
    assert keil.call(Routine.READ, written, len(data), BUFFER, r9=r9) == DONE
    assert keil.core.read_memory(BUFFER, len(data)) == data

    assert keil.call(Routine.ERASE_CHIP, 0, r9=r9) == DONE
    assert controller.array == bytes([ERASED]) * len(expected)
    assert controller.violations == []


def test_init_clears_the_zeroed_data_and_starts_over(keil: StldrCalls) -> None:
    controller, r9 = keil.controller, base_of(keil)
    assert keil.write(ARRAY_BASE, bytes(4), r9=r9) == FAILED
    for _ in range(3):
        assert keil.call(Routine.INIT, r9=r9) == DONE
        assert (controller.mode, controller.is_unlocked) == (Mode.MAPPED_READ, True)
        controller.fail_next(Operation.ERASE_CHIP)
        assert keil.call(Routine.ERASE_CHIP, 0, r9=r9) == FAILED
        assert keil.call(Routine.ERASE_CHIP, 0, r9=r9) == FAILED, "no routine works after a failure"
    assert controller.violations == []


@pytest.mark.parametrize("is_prepared", [False, True])
@pytest.mark.parametrize("beside", [-0x100, -4, 4, 16, 0x800])
def test_wrong_r9_shows_and_harms_nothing(keil: StldrCalls, beside: int, is_prepared: bool) -> None:
    controller, r9 = keil.controller, base_of(keil)
    if is_prepared:
        assert keil.call(Routine.INIT, r9=r9) == DONE
    image = keil.core.read_memory(RAM.start, BUFFER - RAM.start)
    mode = controller.mode
    for routine, *arguments in (
        (Routine.INIT,),
        (Routine.PROGRAM_PAGE, ARRAY_BASE, 4, BUFFER),
        (Routine.ERASE_SECTOR, ARRAY_BASE, ARRAY_BASE),
        (Routine.ERASE_CHIP, 0),
        (Routine.READ, ARRAY_BASE, 4, BUFFER),
    ):
        assert keil.call(routine, *arguments, r9=r9 + beside) == FAILED
    assert keil.call(Routine.VERIFY, ARRAY_BASE, BUFFER, 0, 0, r9=r9 + beside) != 0
    assert keil.core.read_memory(RAM.start, len(image)) == image
    assert controller.mode is mode
    assert not any(controller.array)
    assert controller.violations == []


def test_data_that_were_not_downloaded_show(keil: StldrCalls) -> None:
    r9 = base_of(keil)
    keil.core.write_memory(r9, bytes(4))
    assert keil.call(Routine.INIT, r9=r9) == FAILED
    assert not keil.controller.is_unlocked
    assert keil.controller.violations == []
