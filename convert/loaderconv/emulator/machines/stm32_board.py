"""What every STM32 has around the memory that a loader serves."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from loaderconv.emulator.devices.auto_ready import AutoReady
from loaderconv.emulator.devices.bit_band import BitBand
from loaderconv.emulator.devices.blank_memory import BlankMemory
from loaderconv.emulator.devices.flash_memory import FlashMemory
from loaderconv.emulator.devices.gpio import F1_PORT, PORT, GpioPort
from loaderconv.emulator.devices.peripheral import Peripheral, Remarking, Timed, Window
from loaderconv.emulator.devices.rcc import Rcc
from loaderconv.emulator.devices.register_block import RegisterBlock, RegisterLayout
from loaderconv.emulator.devices.stm32_timer import BASES, Stm32Timer
from loaderconv.emulator.devices.usart import USART_V1, USART_V2
from loaderconv.emulator.machines.holes import holes
from loaderconv.emulator.machines.machine import Machine, Need
from loaderconv.emulator.machines.stm32_families import Family
from loaderconv_schemas.address_range import AddressRange

SECURE_OFFSET = 0x1000_0000
"""Where the alias of a peripheral for secure code lies (RM0456, "Memory organization")."""

USARTS = {1: USART_V1, 2: USART_V2}
DELAY_BLOCK = RegisterLayout("delay block", always_set={0x04: 1 << 31 | 0x00F << 16})
"""DLYB (RM0433 chapter 26): the length of the line is known at once; four of its units make a period of the clock."""

F1_GPIO_BASE = 0x4001_0800
MAIN_FLASH = AddressRange(start=0x0800_0000, size_bytes=0x20_0000)
BOOT_ALIAS = AddressRange(start=0, size_bytes=0x20_0000)
SYSTEM_MEMORY = AddressRange(start=0x1FF0_0000, size_bytes=0x10_0000)
NON_SECURE_PERIPHERALS = AddressRange(start=0x4000_0000, size_bytes=SECURE_OFFSET)
UNMODELLED = (
    *(AddressRange(start=start, size_bytes=0x10_0000) for start in range(0x4000_0000, 0x6000_0000, 0x100_0000)),
    AddressRange(start=0xA000_0000, size_bytes=0x1_0000),
)
"""Where peripherals may be: every family has them in the first MiB of a region of 16 MiB. The rest is a bus fault."""


class AttachedMemory(FlashMemory, Peripheral, Timed, Protocol):
    """What lies outside of the chip: scenarios see it, it is one of the devices, and time passes for it."""


class Rewindowed:
    """A device whose windows are seen in another way, through a gate or at two addresses."""

    def __init__(self, device: Peripheral, windows: Iterable[Window]) -> None:
        self._device = device
        self._windows = tuple(windows)

    @property
    def violations(self) -> list[str]:
        """Those of the device."""
        return self._device.violations

    def windows(self) -> tuple[Window, ...]:
        """Return the windows as they are seen."""
        return self._windows


@dataclass(frozen=True)
class Board:
    """A chip without its memory.

    Attributes:
        family: which one.
        rcc: its clock control, which the memory's controller asks for its clock.
        ports: by letter, for chip selects.
        own: all other models.
        timers: those of them that let time pass.
        resets: what a reset of the chip calls.
    """

    family: Family
    rcc: Rcc
    ports: Mapping[str, GpioPort]
    own: tuple[Peripheral, ...]
    timers: tuple[Stm32Timer, ...]
    resets: tuple[Callable[[], None], ...]

    def reset(self) -> None:
        """Be as after a reset of the chip."""
        for reset in self.resets:
            reset()


def make_board(family: Family) -> Board:
    """Return a chip as a reset leaves it."""
    clocks = family.clocks
    rcc = Rcc(clocks.rcc_base, clocks.rcc, clocks.gates)
    ports = {
        name.removeprefix("GPIO"): _port(family, name.removeprefix("GPIO"))
        for name in sorted(clocks.gates)
        if name.startswith("GPIO") and len(name) == len("GPIOA")
    }
    for letter, port in ports.items():
        rcc.on_reset(f"GPIO{letter}", port.reset)
    pwr = RegisterBlock(clocks.pwr_base, clocks.pwr)
    rcc.on_reset("PWR", pwr.reset)
    timers = tuple(Stm32Timer(name, base) for name, base in BASES.items())
    flash = RegisterBlock(family.flash_registers, RegisterLayout("flash interface"))
    own = (
        rcc,
        gated(rcc, "PWR", pwr),
        flash,
        *(RegisterBlock(base, USARTS[family.usart_version]) for base in family.usarts),
        *(RegisterBlock(base, DELAY_BLOCK) for base in family.delay_blocks),
        *timers,
        *(gated(rcc, f"GPIO{letter}", port) for letter, port in ports.items()),
    )
    resets = [rcc.reset, pwr.reset, flash.reset]
    resets += [timer.reset for timer in timers]
    resets += [port.reset for port in ports.values()]
    return Board(family, rcc, ports, own, timers, tuple(resets))


def gated(rcc: Rcc, peripheral: str, device: Peripheral) -> Peripheral:
    """Return a device behind its clock gate."""
    return Rewindowed(device, (rcc.gated(peripheral, window) for window in device.windows()))


def make_machine(
    board: Board,
    need: Need,
    title: str,
    memory: AttachedMemory,
    controllers: Sequence[Peripheral],
    resets: Sequence[Callable[[], None]],
) -> Machine:
    """Return a chip with a memory attached to it.

    Args:
        board: the chip.
        need: of the loader.
        title: for a person.
        memory: what the loader serves.
        controllers: what stands between the two.
        resets: what a reset of the chip does to the controllers.
    """

    def reset() -> None:
        board.reset()
        for each in resets:
            each()

    for timer in board.timers:
        timer.on_wait = memory.pass_time
    device = need.device
    memory_range = AddressRange(start=device.base_address, size_bytes=max(device.size_bytes, 1))
    peripherals, rest = _complete(board, [*controllers, memory], memory_range)
    return Machine(
        title=title,
        cpu=need.cpu,
        ram=board.family.ram,
        peripherals=peripherals,
        memory=memory,
        guesses=rest.guesses,
        remarks=tuple(each.remarks for each in (board.rcc, memory) if isinstance(each, Remarking)),
        reset=reset,
    )


def _complete(
    board: Board, attached: Iterable[Peripheral], memory_range: AddressRange
) -> tuple[tuple[Peripheral, ...], AutoReady]:
    """Put the chip and what is attached to it together, and fill what nothing models.

    Args:
        board: the chip.
        attached: controllers and memory.
        memory_range: where the loader's memory is addressed; blank memory is left out where they overlap.

    Returns:
        All models, and the last resort among them.
    """
    models = [*board.own, *attached]
    if board.family.has_trust_zone:
        models = [_with_secure_alias(each) for each in models]
    windows = [window for each in models for window in each.windows()]
    if board.family.has_bit_band:
        models.append(BitBand(windows))
    models += [
        BlankMemory(name, covered) for name, covered in _blank(board.family) if not covered.overlaps(memory_range)
    ]
    taken = [window.range for each in models for window in each.windows()]
    rest = AutoReady(holes(UNMODELLED, taken))
    return (*models, rest), rest


def _blank(family: Family) -> Iterator[tuple[str, AddressRange]]:
    """Return the memories of the chip that a loader may look at."""
    yield "main flash", MAIN_FLASH
    yield "system memory", SYSTEM_MEMORY
    if not family.has_trust_zone and not any(BOOT_ALIAS.overlaps(ram) for ram in family.ram):
        yield "main flash, mapped at 0 for the boot,", BOOT_ALIAS


def _port(family: Family, letter: str) -> GpioPort:
    layout = F1_PORT if family.gpio_base == F1_GPIO_BASE else PORT
    return GpioPort(letter, family.port_base(letter), layout)


def _with_secure_alias(device: Peripheral) -> Peripheral:
    windows = device.windows()
    aliases = [
        replace(
            window, range=AddressRange(start=window.range.start + SECURE_OFFSET, size_bytes=window.range.size_bytes)
        )
        for window in windows
        if window.range.start in NON_SECURE_PERIPHERALS
    ]
    return Rewindowed(device, (*windows, *aliases)) if aliases else device
