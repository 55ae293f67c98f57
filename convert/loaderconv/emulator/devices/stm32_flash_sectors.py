"""Which number a sector of an STM32's flash has, and what the option bytes say of its banks.

The declared device decides: its sectors are those of the chip. Where it shows a second bank, the option bytes that
choose between one bank and two are set accordingly, because loaders ask them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from loaderconv.emulator.devices.stm32_flash_families import SectorNumbers, Stm32FlashFamily
from loaderconv_schemas.device import Device

SECOND_BANK_NUMBER = 16
"""First sector of the second bank where numbers go through the chip (RM0090, 3.9.8)."""


@dataclass(frozen=True)
class FlashSector:
    """What is erased at once.

    Attributes:
        bank: 0 or 1.
        number: in CR.
        offset: from the start of the array.
        size_bytes: how much.
    """

    bank: int
    number: int
    offset: int
    size_bytes: int


def sectors_of(family: Stm32FlashFamily, device: Device) -> tuple[FlashSector, ...]:
    """Return all sectors of the chip that a loader's device describes."""
    found = []
    in_bank = {0: 0, 1: 0}
    for offset, size_bytes in _places(device):
        bank = bank_of(family, device, offset)
        number = in_bank[bank]
        in_bank[bank] += 1
        if family.numbers is SectorNumbers.IN_CHIP and bank:
            number += SECOND_BANK_NUMBER
        found.append(FlashSector(bank, number, offset, size_bytes))
    return tuple(found)


def bank_of(family: Stm32FlashFamily, device: Device, offset: int) -> int:
    """Return the bank of a place in the array, 0 or 1."""
    second_bank = _second_bank_offset(family, device)
    return int(second_bank is not None and offset >= second_bank)


def array_size_bytes(device: Device) -> int:
    """Return where the last sector ends."""
    return max((run.end_offset_bytes for run in device.sectors), default=0)


def option_registers(family: Stm32FlashFamily, device: Device) -> dict[int, int]:
    """Return the registers of the option bytes in which the number of banks shows, by offset."""
    has_two = _second_bank_offset(family, device) is not None
    size_bytes = array_size_bytes(device)
    if family.numbers is SectorNumbers.IN_CHIP:
        # DB1M of F42x (bit 30) and nDBANK of F76x (bit 29) are in one word; neither chip has the other bit.
        options = family.registers[0x14] | (1 << 30 if has_two and size_bytes <= 0x10_0000 else 0)
        return {0x14: options | (0 if has_two else 1 << 29)}
    if not family.second_bank:
        return {}
    register = 0x40 if 0x40 in family.registers else 0x20
    dual_bits = 1 << 21 | 1 << 22
    return {register: family.registers[register] & ~dual_bits | (dual_bits if has_two else 0)}


def _places(device: Device) -> Iterable[tuple[int, int]]:
    for run in device.sectors:
        for number in range(run.count):
            yield run.offset_bytes + number * run.sector_size_bytes, run.sector_size_bytes


def _second_bank_offset(family: Stm32FlashFamily, device: Device) -> int | None:
    """Return where the second bank starts, None where the chip has one."""
    half = array_size_bytes(device) // 2
    if family.numbers is SectorNumbers.IN_CHIP:
        return _smaller_again(device)
    if len(family.sets) > 1:
        return family.bank_bytes
    if not family.second_bank:
        return None
    smallest = family.two_banks.get(device.smallest_sector_bytes)
    return half if smallest is not None and array_size_bytes(device) >= smallest else None


def _smaller_again(device: Device) -> int | None:
    """Return where a run of sectors starts that are smaller than those in front of it."""
    sizes = [run.sector_size_bytes for run in device.sectors]
    falls = (
        run.offset_bytes
        for run, before in zip(device.sectors[1:], sizes, strict=False)
        if run.sector_size_bytes < before
    )
    return next(falls, None)
