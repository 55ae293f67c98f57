"""Short pieces of Thumb code on an emulated core, and a device that records."""

from collections.abc import Callable
from dataclasses import dataclass, field

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.hosts.core import ARGUMENT_REGISTERS, Budget, Core, Register, Stop
from loaderconv_schemas.address_range import AddressRange

RAM = AddressRange(start=0x2000_0000, size_bytes=0x2000)

CODE = RAM.start

RETURN_TO = RAM.start + 0x1000

DATA = RAM.start + 0x1800

DEVICE = 0x4000_0000

UNMAPPED = 0x4001_0000

BKPT = 0xBE00

ADD_1 = 0x3001  # adds r0, #1

ADD_2 = 0x3002  # adds r0, #2

RETURN = 0x4770  # bx lr

BRANCH_TO_R1 = 0x4708  # bx r1

LOAD = 0x6808  # ldr r0, [r1]

STORE = 0x6008  # str r0, [r1]

COUNT_DOWN = (0x3801, 0xD1FD)  # subs r0, #1; bne .-2

SDIV = (0xFB90, 0xF0F1)  # sdiv r0, r0, r1

VMOV = (0xEE00, 0x0A10)  # vmov s0, r0

BUDGET = Budget(instructions=100_000)


@dataclass
class Device:
    """A window that records, and answers what a test wants."""

    answer: Callable[[int, int], int] = lambda _offset, _size_bytes: 0
    take: Callable[[int, int, int], None] = lambda _offset, _size_bytes, _value: None
    accesses: list[tuple[str, int, int, int]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def windows(self) -> tuple[Window, ...]:
        return (Window("test device", AddressRange(start=DEVICE, size_bytes=0x400), self.read, self.write),)

    def read(self, offset: int, size_bytes: int) -> int:
        value = self.answer(offset, size_bytes)
        self.accesses.append(("read", offset, size_bytes, value))
        return value

    def write(self, offset: int, size_bytes: int, value: int) -> None:
        self.accesses.append(("write", offset, size_bytes, value))
        self.take(offset, size_bytes, value)


class Unexpected(BaseException):
    """What no `except Exception` may swallow."""


def machine(*code: int, cpu: CpuModel = CpuModel.CORTEX_M4, device: Device | None = None) -> UnicornCore:
    core = UnicornCore(cpu, ram=[RAM], peripherals=[device] if device else [])
    place(core, CODE, *code)
    place(core, RETURN_TO, BKPT)
    return core


def place(core: Core, address: int, *code: int) -> None:
    core.write_memory(address, b"".join(halfword.to_bytes(2, "little") for halfword in code))


def call(
    core: UnicornCore, *arguments: int, at: int = CODE, stop_address: int = RETURN_TO, budget: Budget = BUDGET
) -> Stop:
    for register, value in zip(ARGUMENT_REGISTERS, arguments, strict=False):
        core.write_register(register, value)
    core.write_register(Register.SP, RAM.end)
    core.write_register(Register.LR, RETURN_TO | 1)
    core.write_register(Register.PC, at)
    return core.run(stop_address, budget)


class AtMost(int):
    """A number of executed instructions as a core tells it: no fewer than were, and up to two slices more."""

    SLACK = 129

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and int(self) <= other <= int(self) + self.SLACK

    def __hash__(self) -> int:
        return hash(int(self))
