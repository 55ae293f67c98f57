"""What can be seen of a run from outside: accesses to devices, and RAM that changed."""

from loaderconv.emulator.access import Access
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.snapshots import differences
from loaderconv_schemas.address_range import AddressRange
from support.machine_code import CODE, DATA, DEVICE, LOAD, RETURN, STORE, Device, call, machine, place

RAM = AddressRange(start=0x2000_0000, size_bytes=0x4000)


def test_each_access_is_told_with_the_address_of_its_instruction() -> None:
    seen: list[Access] = []
    core = UnicornCore(
        CpuModel.CORTEX_M4,
        ram=[RAM],
        peripherals=[Device(answer=lambda *_: 0x55)],
        on_access=lambda access: seen.append(access.settled()),
    )
    # str r0, [r1]; ldr r0, [r1]; strb r0, [r1, #1]; ldm r1!, {r2, r3}; bx lr
    place(core, CODE, STORE, LOAD, 0x7048, 0xC90C, RETURN)
    call(core, 0xABCD, DEVICE)
    assert seen == [
        Access("w", DEVICE, 4, 0xABCD, CODE),
        Access("r", DEVICE, 4, 0x55, CODE + 2),
        Access("w", DEVICE + 1, 1, 0x55, CODE + 4),
        Access("r", DEVICE, 4, 0x55, CODE + 6),
        Access("r", DEVICE + 4, 4, 0x55, CODE + 6),
    ]


def test_system_registers_and_the_debugger_are_not_told() -> None:
    seen: list[Access] = []
    core = UnicornCore(
        CpuModel.CORTEX_M4, ram=[RAM], peripherals=[Device()], on_access=lambda access: seen.append(access.settled())
    )
    place(core, CODE, LOAD, RETURN)
    call(core, 0, 0xE000_ED00)
    core.read_memory(DEVICE, 4)
    core.write_memory(DEVICE, bytes(4))
    assert seen == []


def test_changed_ram_is_found() -> None:
    core = machine(STORE, RETURN)
    before = core.snapshot()
    call(core, 0x1122_3344, DATA)
    changed = core.changed_ranges(before)
    assert AddressRange(start=DATA, size_bytes=4) in changed
    assert core.changed_ranges(core.snapshot()) == []


def test_differences_near_each_other_are_one_range() -> None:
    before = bytes(4096)
    after = bytearray(before)
    for at in (0, 4, 1023, 1024, 4095):
        after[at] = 1
    found = [(each.start, each.size_bytes) for each in differences(0x100, before, bytes(after))]
    assert found == [(0x100, 5), (0x100 + 1023, 2), (0x100 + 4095, 1)]
