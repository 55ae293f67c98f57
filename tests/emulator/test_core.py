"""Observers, several cores, memory and registers of an emulated core."""

import subprocess
import sys

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.core import Budget, Core, Register, Stop, StopReason
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed, UsageProblem
from support.machine_code import (
    ADD_1,
    ADD_2,
    BUDGET,
    CODE,
    COUNT_DOWN,
    DATA,
    DEVICE,
    LOAD,
    RAM,
    RETURN,
    RETURN_TO,
    AtMost,
    Device,
    Unexpected,
    call,
    machine,
)


def test_observer_sees_registers_before_the_instruction() -> None:
    core = machine(ADD_1, ADD_1, RETURN)
    seen: list[tuple[int, int]] = []
    core.observe(CODE + 2, lambda: seen.append((core.read_register(Register.PC), core.read_register(Register.R0))))
    call(core, 10)
    assert seen == [(CODE + 2, 11)]


def test_observers_of_several_addresses_are_called_each_time_and_change_no_count() -> None:
    core = machine(*COUNT_DOWN, RETURN)
    assert call(core, 5).instructions == AtMost(11)
    hits: list[str] = []
    core.observe(CODE, lambda: hits.append("loop"))
    core.observe(CODE, lambda: hits.append("again"))
    core.observe((CODE + 4) | 1, lambda: hits.append("end"))
    assert call(core, 5) == Stop(StopReason.STOP_ADDRESS, RETURN_TO, "", AtMost(11))
    assert hits == ["loop", "again"] * 5 + ["end"]


def test_observer_inside_an_it_block() -> None:
    core = machine(0x4280, 0xBF04, ADD_1, ADD_1, RETURN)  # cmp r0, r0; itt eq; ...
    seen: list[int] = []
    core.observe(CODE + 6, lambda: seen.append(core.read_register(Register.R0)))
    call(core, 0)
    assert (seen, core.read_register(Register.R0)) == ([1], 2)


def test_observer_may_write_registers_and_data() -> None:
    core = machine(ADD_1, LOAD, RETURN)

    def interfere() -> None:
        core.write_register(Register.R1, DATA + 4)
        core.write_memory(DATA + 4, bytes([9, 0, 0, 0]))

    core.observe(CODE + 2, interfere)
    call(core, 0, DATA)
    assert core.read_register(Register.R0) == 9


@pytest.mark.parametrize("error", [ValueError("observer"), Unexpected()])
def test_exception_of_an_observer_comes_out_as_itself(error: BaseException) -> None:
    core = machine(ADD_1, ADD_1, RETURN)

    def fail() -> None:
        raise error

    core.observe(CODE + 2, fail)
    with pytest.raises(type(error)) as caught:
        call(core)
    assert caught.value is error


def test_two_cores_at_once() -> None:
    first = machine(*COUNT_DOWN, RETURN)
    second = machine(ADD_2, RETURN, cpu=CpuModel.CORTEX_M0)
    call(first, 100, budget=Budget(instructions=50))
    assert call(second, 1).reason is StopReason.STOP_ADDRESS
    assert first.run(RETURN_TO, BUDGET).reason is StopReason.STOP_ADDRESS
    assert (first.read_register(Register.R0), second.read_register(Register.R0)) == (0, 3)


def test_core_that_runs_inside_the_model_of_another() -> None:
    inner = machine(ADD_1, RETURN)

    def ask_inner(_offset: int, _size_bytes: int) -> int:
        call(inner, 41)
        return inner.read_register(Register.R0)

    outer = machine(LOAD, RETURN, device=Device(answer=ask_inner))
    assert call(outer, 0, DEVICE).reason is StopReason.STOP_ADDRESS
    assert outer.read_register(Register.R0) == 42


def test_runs_are_deterministic() -> None:
    def trace() -> tuple[list[tuple[str, int, int, int]], Stop, bytes]:
        device = Device(answer=lambda offset, _: offset * 3)
        # loop: ldr r2, [r1]; ldr r3, [r4]; str r2, [r1, #4]; wfe; subs r0, #1; bne loop; bx lr
        core = machine(0x680A, 0x6823, 0x604A, 0xBF20, 0x3801, 0xD1F9, RETURN, device=device)
        core.write_register(Register.R4, 0xE000_1004)
        stop = call(core, 1000, DEVICE)
        return device.accesses, stop, core.read_memory(RAM.start, RAM.size_bytes)

    assert trace() == trace()


def test_fresh_ram_is_painted() -> None:
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM])
    assert core.read_memory(RAM.start, RAM.size_bytes) == b"\xde\xde" * (RAM.size_bytes // 2)


def test_untouched_bytes_of_a_stack() -> None:
    core = machine(0xB5F0, 0xBDF0)  # push {r4-r7, lr}; pop {r4-r7, pc}
    stack = AddressRange(start=RAM.end - 0x100, size_bytes=0x100)
    assert core.untouched_bytes(stack) == 0x100
    call(core)
    assert core.untouched_bytes(stack) == 0x100 - 5 * 4


def test_memory_that_is_nowhere_mapped() -> None:
    core = machine()
    with pytest.raises(RunFailed, match="Nothing is mapped at 0x20002000") as caught:
        core.read_memory(RAM.end - 2, 4)
    assert caught.value.hint
    with pytest.raises(RunFailed, match="Nothing is mapped at 0x20002000"):
        core.write_memory(RAM.end - 2, b"\0\0\0\0")
    assert core.read_memory(RAM.end - 2, 2) == b"\xde\xde"


def test_memory_at_the_top_of_the_address_space() -> None:
    top = AddressRange(start=0xFFFF_FC00, size_bytes=0x400)
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM, top])
    core.write_memory(0xFFFF_FFFC, b"\x01\x02\x03\x04")
    assert core.read_memory(0xFFFF_FFFC, 4) == b"\x01\x02\x03\x04"
    with pytest.raises(RunFailed):
        core.read_memory(0xFFFF_FFFC, 8)


def test_access_across_two_rams_that_touch() -> None:
    upper = AddressRange(start=RAM.end, size_bytes=0x400)
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM, upper])
    core.write_memory(RAM.end - 2, b"\x01\x02\x03\x04")
    assert core.read_memory(RAM.end - 2, 4) == b"\x01\x02\x03\x04"


def test_registers_are_taken_modulo_32_bits() -> None:
    core = machine()
    for register in Register:
        core.write_register(register, 0x1_2345_6780)
        assert core.read_register(register) == 0x2345_6780


def test_bit_0_of_pc_is_ignored() -> None:
    core = machine()
    core.write_register(Register.PC, CODE | 1)
    assert core.read_register(Register.PC) == CODE


@pytest.mark.parametrize(
    "ram",
    [
        [RAM, AddressRange(start=RAM.start + 0x400, size_bytes=0x400)],
        [AddressRange(start=0xE000_0000, size_bytes=0x400)],
        [AddressRange(start=0x2000_0100, size_bytes=0x400)],
        [AddressRange(start=0x2000_0000, size_bytes=0x500)],
        [AddressRange(start=0x2000_0000, size_bytes=0)],
    ],
    ids=["overlap", "private peripheral bus", "start", "size", "empty"],
)
def test_machine_that_cannot_be(ram: list[AddressRange]) -> None:
    with pytest.raises(UsageProblem):
        UnicornCore(CpuModel.CORTEX_M4, ram=ram)


def test_what_to_install_where_unicorn_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)
    with pytest.raises(UsageProblem) as caught:
        UnicornCore(CpuModel.CORTEX_M4, ram=[RAM])
    assert caught.value.hint == 'Install it with pip install "loaderconv[emulator]".'


def test_import_does_not_need_unicorn() -> None:
    program = "import sys; sys.modules['unicorn'] = None; import loaderconv.emulator.core"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_core_fits_the_protocol() -> None:
    core: Core = machine()
    assert core.read_memory(RETURN_TO, 2) == b"\x00\xbe"
