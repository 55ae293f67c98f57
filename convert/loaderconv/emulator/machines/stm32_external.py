"""STM32 machines with a serial memory behind QUADSPI, OCTOSPI or XSPI, or behind SPI and a GPIO pin."""

from functools import partial

from loaderconv.emulator.devices.bit_bang import BitBang, LookAheadMemory
from loaderconv.emulator.devices.octospi import Octospi
from loaderconv.emulator.devices.quadspi import Quadspi
from loaderconv.emulator.devices.serial_nor import SerialNor
from loaderconv.emulator.devices.serial_nor_bank import SerialNorBank
from loaderconv.emulator.devices.serial_nor_part import choose_part
from loaderconv.emulator.devices.serial_nor_wire import SerialNorWire
from loaderconv.emulator.devices.spi_bus import SpiBus
from loaderconv.emulator.devices.spi_eeprom import SpiEeprom
from loaderconv.emulator.devices.spi_eeprom_part import choose_spi_eeprom, is_spi_eeprom
from loaderconv.emulator.devices.stm32_spi_v1 import SpiV1
from loaderconv.emulator.devices.stm32_spi_v2 import SpiV2
from loaderconv.emulator.devices.stm32_spi_v3 import SpiV3
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.machines.stm32_board import AttachedMemory, gated, make_board, make_machine
from loaderconv.emulator.machines.stm32_choice import fits_best, plain_constants
from loaderconv.emulator.machines.stm32_families import FAMILIES, Family
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.device import DeviceKind

MAPPED_BASES = {"QUADSPI": 0x9000_0000, "1": 0x9000_0000, "2": 0x7000_0000}
"""Where a controller maps its memory, by its name or number."""

SPI_MODELS: dict[int, type[SpiV1] | type[SpiV2] | type[SpiV3]] = {1: SpiV1, 2: SpiV2, 3: SpiV3}
FIRST_SRAM = 0x2000_0000
MEMORY_STARTS = frozenset((StartCondition.QPI, StartCondition.FOUR_BYTE, StartCondition.BUSY))
CONTROLLER_STARTS = MEMORY_STARTS | {StartCondition.MAPPED, StartCondition.CLOCKS_GATED}


def _mapped_base(controller: str) -> int:
    return MAPPED_BASES.get(controller) or MAPPED_BASES[controller[-1]]


def _controller_kind(family: Family) -> str:
    return next(iter(family.controllers)).rstrip("12")


def _build_with_controller(family: Family, need: Need) -> Machine:
    board = make_board(family)
    memory = SerialNorBank(choose_part(need.device, need.constants), need.start)
    used = _used_controller(family, need)
    model: type[Quadspi] | type[Octospi] = Quadspi if "QUADSPI" in family.controllers else Octospi
    controllers: list[Quadspi | Octospi] = []
    for name, base in family.controllers.items():
        controller = model(
            memory,
            base,
            _mapped_base(name),
            is_mapped_at_start=need.start is StartCondition.MAPPED and name == used,
            is_clocked=partial(board.rcc.is_running, name),
        )
        board.rcc.on_reset(name, controller.reset)
        controllers.append(controller)
    if need.start is StartCondition.MAPPED:
        board.rcc.enable(used)
    elif need.start is StartCondition.CLOCKS_GATED:
        board.rcc.hold(used)
    title = f"{family.title} with {_controller_kind(family)} and a {memory.name}"
    return make_machine(board, need, title, memory, controllers, [each.reset for each in controllers])


def _build_with_spi_nor(family: Family, need: Need) -> Machine:
    memory = SerialNor(choose_part(need.device, need.constants), need.start)
    return _build_with_spi(family, need, memory, SerialNorWire(memory))


def _build_with_spi_eeprom(family: Family, need: Need) -> Machine:
    memory = SpiEeprom(choose_spi_eeprom(need.device))
    return _build_with_spi(family, need, memory, memory)


def _build_with_spi(family: Family, need: Need, memory: AttachedMemory, wire: LookAheadMemory) -> Machine:
    """Return a chip with a memory at the wire of all its SPI controllers, and at any pins that software moves."""
    board = make_board(family)
    bus, pins = SpiBus(wire), BitBang(wire, board.ports)
    for letter, port in board.ports.items():
        port.on_level = partial(_set_level, bus, pins, letter)
        port.before_input = pins.put_answer
    model = SPI_MODELS[family.spi_version]
    controllers = {name: model(name, base, bus) for name, base in family.spi.items()}
    for name, controller in controllers.items():
        board.rcc.on_reset(name, controller.reset)
    attached = [gated(board.rcc, name, controller) for name, controller in controllers.items()]
    resets = [each.reset for each in controllers.values()]
    return make_machine(board, need, f"{family.title} with SPI and a {memory.name}", memory, attached, resets)


def _set_level(bus: SpiBus, pins: BitBang, letter: str, pin: int, level: int) -> None:
    bus.set_level(letter, pin, level)
    if not bus.is_in_use:
        pins.set_level(letter, pin, level)


def _used_controller(family: Family, need: Need) -> str:
    """Return the controller whose memory lies where the loader's does; the first where none does."""
    for name in family.controllers:
        if _mapped_base(name) == need.device.base_address & 0xF000_0000:
            return name
    return next(iter(family.controllers))


def _has_controller(family: Family, need: Need) -> bool:
    return not plain_constants(family, need).isdisjoint(family.controllers.values())


def _has_spi(family: Family, need: Need) -> bool:
    """Tell whether a loader uses SPI; one for a serial flash that knows no controller at all moves pins itself.

    What serves a part of the RAM, as loaders for tests do, uses neither.
    """
    if any(ram.start >= FIRST_SRAM and need.device.base_address in ram for ram in family.ram):
        return False
    if not plain_constants(family, need).isdisjoint(family.spi.values()):
        return True
    return need.device.kind is DeviceKind.SPI_FLASH and not _has_controller(family, need)


def _has_spi_eeprom(family: Family, need: Need) -> bool:
    return is_spi_eeprom(need.device) and not _has_controller(family, need) and _has_spi(family, need)


def _with_controller(family: Family) -> MachineKind:
    kind = _controller_kind(family)
    return MachineKind(
        name=f"stm32{family.name}-{kind.lower()}",
        summary=f"{family.title}, serial NOR at its {kind}",
        fits=partial(fits_best, family, _has_controller),
        starts=CONTROLLER_STARTS,
        build=partial(_build_with_controller, family),
    )


def _with_spi(family: Family) -> MachineKind:
    return MachineKind(
        name=f"stm32{family.name}-spi",
        summary=f"{family.title}, serial NOR at any SPI, chip select at any GPIO pin",
        fits=partial(fits_best, family, _has_spi),
        starts=MEMORY_STARTS,
        build=partial(_build_with_spi_nor, family),
    )


def _with_spi_eeprom(family: Family) -> MachineKind:
    return MachineKind(
        name=f"stm32{family.name}-spi-eeprom",
        summary=f"{family.title}, SPI EEPROM at any SPI, chip select at any GPIO pin",
        fits=partial(fits_best, family, _has_spi_eeprom),
        starts=frozenset(),
        build=partial(_build_with_spi_eeprom, family),
    )


STM32_EXTERNAL: tuple[MachineKind, ...] = (
    *(_with_controller(family) for family in FAMILIES if family.controllers),
    *(_with_spi_eeprom(family) for family in FAMILIES),
    *(_with_spi(family) for family in FAMILIES),
)
"""A loader that knows a memory controller is taken for one that uses it."""
