"""STM32 machines with an EEPROM at an I2C controller, or at pins that software moves: wherever the loader talks."""

from functools import partial

from loaderconv.emulator.devices.i2c_bit_bang import I2cBitBang
from loaderconv.emulator.devices.i2c_eeprom import choose_eeprom
from loaderconv.emulator.devices.stm32_i2c_v1 import I2cV1
from loaderconv.emulator.devices.stm32_i2c_v2 import I2cV2
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.machines.stm32_board import gated, make_board, make_machine
from loaderconv.emulator.machines.stm32_choice import fits_best, plain_constants
from loaderconv.emulator.machines.stm32_families import FAMILIES, Family
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.device import DeviceKind

MODELS: dict[int, type[I2cV1] | type[I2cV2]] = {1: I2cV1, 2: I2cV2}
KINDS = (DeviceKind.I2C_EEPROM, DeviceKind.I2C_FLASH)
LARGEST_SOLD_BYTES = 0x8_0000
STARTS = frozenset((StartCondition.CLOCKS_GATED,))


def _build(family: Family, need: Need) -> Machine:
    board = make_board(family)
    memory = choose_eeprom(need.device)
    pins = I2cBitBang(memory, board.ports)
    for letter, port in board.ports.items():
        port.on_level = partial(pins.set_level, letter)
    model = MODELS[family.i2c_version]
    controllers = {name: model(name, base, memory) for name, base in family.i2c.items()}
    for name, controller in controllers.items():
        board.rcc.on_reset(name, controller.reset)
        if need.start is StartCondition.CLOCKS_GATED:
            board.rcc.hold(name)
    attached = [gated(board.rcc, name, controller) for name, controller in controllers.items()]
    resets = [each.reset for each in controllers.values()]
    return make_machine(board, need, f"{family.title} with an {memory.name}", memory, attached, resets)


def _has_eeprom(family: Family, need: Need) -> bool:
    """Tell whether a loader serves one: where no kind is told, it knows an I2C controller, and no other one."""
    if need.device.kind in KINDS:
        return True
    constants = plain_constants(family, need)
    others = {*family.spi.values(), *family.controllers.values(), family.fmc}
    return (
        need.device.kind is DeviceKind.UNKNOWN
        and need.device.size_bytes <= LARGEST_SOLD_BYTES
        and not constants.isdisjoint(family.i2c.values())
        and constants.isdisjoint(others)
    )


def _kind(family: Family) -> MachineKind:
    return MachineKind(
        name=f"stm32{family.name}-i2c",
        summary=f"{family.title}, I2C EEPROM at any I2C, or at any two GPIO pins that software moves",
        fits=partial(fits_best, family, _has_eeprom),
        starts=STARTS,
        build=partial(_build, family),
    )


STM32_I2C: tuple[MachineKind, ...] = tuple(_kind(family) for family in FAMILIES)
