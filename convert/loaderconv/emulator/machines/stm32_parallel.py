"""STM32 machines with a parallel NOR memory behind the FSMC or FMC."""

from collections.abc import Mapping
from functools import partial

from loaderconv.emulator.devices.fmc import BANKS, BCR, FMCEN, Fmc
from loaderconv.emulator.devices.gpio import GpioPort
from loaderconv.emulator.devices.parallel_nor import ParallelNor
from loaderconv.emulator.devices.parallel_nor_intel import IntelNor
from loaderconv.emulator.devices.parallel_nor_part import CommandSet, choose_parallel_part
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.machines.stm32_board import gated, make_board, make_machine
from loaderconv.emulator.machines.stm32_choice import fits_best, plain_constants
from loaderconv.emulator.machines.stm32_families import FAMILIES, Family
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.device import DeviceKind

KINDS = (
    DeviceKind.UNKNOWN,
    DeviceKind.NOR_FLASH,
    DeviceKind.NOR_FLASH_8_BIT,
    DeviceKind.NOR_FLASH_16_BIT,
)
MODELS: dict[CommandSet, type[ParallelNor] | type[IntelNor]] = {
    CommandSet.AMD: ParallelNor,
    CommandSet.INTEL: IntelNor,
}
STARTS = frozenset((StartCondition.BUSY, StartCondition.CLOCKS_GATED))
GATE = "FMC"
READY_PINS = (("C", 6), ("D", 6))
"""Where NWAIT can be (datasheets, "FMC pin definition"); boards have RY/BY# there, and loaders read it as a pin."""

LAST_REGISTER = 0x11C


def _build(family: Family, need: Need) -> Machine:
    board = make_board(family)
    part = choose_parallel_part(need.device)
    memory = MODELS[part.vendor.command_set](part, need.start)
    fmc = Fmc(
        _registers(family),
        memory,
        need.device.base_address,
        enable=FMCEN if family.has_fmc_enable else 0,
        is_clocked=partial(board.rcc.is_running, GATE),
    )
    board.rcc.on_reset(GATE, fmc.registers.reset)
    for letter, pin in READY_PINS:
        _connect_ready(board.ports, letter, pin, memory)
    if need.start is StartCondition.CLOCKS_GATED:
        board.rcc.hold(GATE)
    attached = (fmc, gated(board.rcc, GATE, fmc.registers))
    title = f"{family.title} with FMC and a {memory.name}"
    return make_machine(board, need, title, memory, attached, [fmc.registers.reset])


def _connect_ready(ports: Mapping[str, GpioPort], letter: str, pin: int, memory: ParallelNor | IntelNor) -> None:
    port = ports.get(letter)
    if port is not None:
        port.before_input = lambda: port.pull(pin, memory.poll_ready_pin())


def _registers(family: Family) -> int:
    return family.fmc or 0


def _is_connected(family: Family, need: Need) -> bool:
    """Tell whether a loader speaks to the FMC of a family, for a memory that lies in one bank of it."""
    device = need.device
    registers = range(_registers(family) + BCR[0], _registers(family) + LAST_REGISTER + 1)
    return (
        device.kind in KINDS
        and any(device.base_address in bank and device.base_address + device.size_bytes <= bank.end for bank in BANKS)
        and any(constant in registers for constant in plain_constants(family, need))
    )


def _kind(family: Family) -> MachineKind:
    return MachineKind(
        name=f"stm32{family.name}-fmc",
        summary=f"{family.title}, parallel NOR in bank 1 of its FSMC or FMC",
        fits=partial(fits_best, family, _is_connected),
        starts=STARTS,
        build=partial(_build, family),
    )


STM32_PARALLEL: tuple[MachineKind, ...] = tuple(_kind(family) for family in FAMILIES if family.fmc is not None)
"""A loader for a memory in a bank of the FMC that knows its registers is taken for one that uses it."""
