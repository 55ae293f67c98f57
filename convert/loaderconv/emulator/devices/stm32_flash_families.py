"""Register layouts of the flash controllers inside STM32 chips.

Sources: PM0075 (F1), RM0091 (F0), RM0316 (F3), RM0090 (F4), RM0385 and RM0410 (F7), RM0351 and RM0432 (L4, L4+), RM0440
(G4), RM0434 (WB), RM0438 (L5), RM0456 (U5), RM0433 and RM0455 (H7, H7A3/H7B3), chapter "embedded flash memory" of each;
the flash size register is in the chapter "device electronic signature".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

KEYS = (0x4567_0123, 0xCDEF_89AB)
OPTION_KEYS = (0x0819_2A3B, 0x4C5D_6E7F)


class ProgramRule(Enum):
    """What a write to the array has to look like."""

    HALFWORD = "halfwords, into erased ones unless the data are 0"
    PARALLELISM = "the width that PSIZE says; bits can only be cleared"
    ROW = "words of a row one after the other; an erased row, unless the data are all 0"
    ECC_ROW = "a row in any pieces from its start; a second time spoils its ECC without a word"


class SectorNumbers(Enum):
    """How CR names the sector to erase."""

    ADDRESS = "by an address, in AR"
    IN_CHIP = "counted through the chip, the second bank from 16"
    IN_BANK = "counted in each bank"


@dataclass(frozen=True)
class BitField:
    """A number in a register.

    Attributes:
        shift: of its lowest bit.
        width_bits: how many.
    """

    shift: int
    width_bits: int

    def of(self, register: int) -> int:
        """Return the number that a register holds."""
        return register >> self.shift & (1 << self.width_bits) - 1


@dataclass(frozen=True)
class ControlRegisters:
    """One set of registers that unlock, start and report; offsets from the controller's base.

    Attributes:
        key: KEYR.
        status: SR.
        control: CR.
        clear: CCR, where flags are not cleared in SR.
        address: AR, of controllers that erase by address.
    """

    key: int
    status: int
    control: int
    clear: int | None = None
    address: int | None = None


@dataclass(frozen=True)
class ErrorFlags:
    """Bits of SR. 0 where a family has no such bit.

    Attributes:
        protected: WRPERR; stands also for an operation that failed.
        sequence: PGSERR, ERSERR.
        size: PGPERR, SIZERR.
        alignment: PGAERR.
        programmed: PGERR, PROGERR: the cells were not erased.
        inconsistent: INCERR.
    """

    protected: int
    sequence: int = 0
    size: int = 0
    alignment: int = 0
    programmed: int = 0
    inconsistent: int = 0

    @property
    def all(self) -> int:
        """All of them."""
        return self.protected | self.sequence | self.size | self.alignment | self.programmed | self.inconsistent


@dataclass(frozen=True)
class Stm32FlashFamily:
    """A controller.

    Attributes:
        name: of the chips that have it.
        base: address of the registers.
        sets: register sets; the second one serves the second bank. Where there is one, it serves all.
        lock: LOCK in CR.
        program: PG.
        erase_sector: PER, SER.
        erase_bank: MER, one bit for each bank of the set.
        start: STRT.
        busy: all bits of SR that say busy.
        errors: in SR.
        rule: of writes to the array.
        numbers: how a sector is named.
        sector: SNB, PNB.
        second_bank: BKER; 0 where there is none.
        parallelism: PSIZE.
        row_bytes: of the rules that have rows.
        force_write: FW; 0 where there is none.
        not_empty: WBNE; 0 where there is none.
        end: EOP.
        end_enable: EOPIE, where EOP comes only with it.
        has_strict_order: a flag that was left, or PG at an erase, makes an operation fail (RM0351, PGSERR).
        option_key: OPTKEYR.
        option_lock: register and bit of OPTLOCK; None where it is not modelled.
        option_keys: for OPTKEYR.
        registers: other registers, with their values after reset.
        size_registers: addresses of the flash size, 16 bits, in KiB.
        aliases: other addresses at which the array is read.
        sector_sizes: sizes of the smallest sector that chips of the family have.
        two_banks: how large the array is at least with which chips have two banks, by the size of their pages.
        bank_bytes: where the second set's bank starts, whatever the size of the first.
    """

    name: str
    base: int
    sets: tuple[ControlRegisters, ...]
    lock: int
    program: int
    erase_sector: int
    erase_bank: tuple[int, ...]
    start: int
    busy: int
    errors: ErrorFlags
    rule: ProgramRule
    numbers: SectorNumbers
    sector_sizes: tuple[int, ...]
    size_registers: tuple[int, ...]
    sector: BitField = BitField(0, 0)
    second_bank: int = 0
    parallelism: BitField = BitField(0, 0)
    row_bytes: int = 0
    force_write: int = 0
    not_empty: int = 0
    end: int = 1 << 0
    end_enable: int = 0
    has_strict_order: bool = False
    option_key: int = 0
    option_lock: tuple[int, int] | None = None
    option_keys: tuple[int, int] = OPTION_KEYS
    registers: Mapping[int, int] = field(default_factory=dict)
    aliases: tuple[int, ...] = ()
    two_banks: Mapping[int, int] = field(default_factory=dict)
    bank_bytes: int = 0


F1 = Stm32FlashFamily(
    name="STM32F0, F1, F3",
    base=0x4002_2000,
    sets=(
        ControlRegisters(key=0x04, status=0x0C, control=0x10, address=0x14),
        ControlRegisters(key=0x44, status=0x4C, control=0x50, address=0x54),
    ),
    bank_bytes=0x8_0000,
    lock=1 << 7,
    program=1 << 0,
    erase_sector=1 << 1,
    erase_bank=(1 << 2,),
    start=1 << 6,
    busy=1 << 0,
    errors=ErrorFlags(protected=1 << 4, programmed=1 << 2),
    rule=ProgramRule.HALFWORD,
    numbers=SectorNumbers.ADDRESS,
    sector_sizes=(0x400, 0x800),
    size_registers=(0x1FFF_F7CC, 0x1FFF_F7E0),
    end=1 << 5,
    option_key=0x08,
    option_keys=KEYS,
    registers={0x00: 0x30, 0x1C: 0x03FF_FFFC, 0x20: 0xFFFF_FFFF},
)
"""The second set is that of the XL-density chips."""

F4 = Stm32FlashFamily(
    name="STM32F2, F4, F7",
    base=0x4002_3C00,
    sets=(ControlRegisters(key=0x04, status=0x0C, control=0x10),),
    lock=1 << 31,
    program=1 << 0,
    erase_sector=1 << 1,
    erase_bank=(1 << 2, 1 << 15),
    start=1 << 16,
    busy=1 << 16,
    errors=ErrorFlags(protected=1 << 4, sequence=1 << 7, size=1 << 6, alignment=1 << 5),
    rule=ProgramRule.PARALLELISM,
    numbers=SectorNumbers.IN_CHIP,
    sector_sizes=(0x4000, 0x8000),
    size_registers=(0x1FFF_7A22, 0x1FF0_7A22, 0x1FF0_F442),
    sector=BitField(3, 5),
    parallelism=BitField(8, 2),
    end_enable=1 << 24,
    option_key=0x08,
    option_lock=(0x14, 1 << 0),
    registers={0x00: 0, 0x14: 0x0FFF_AAED, 0x18: 0x0FFF_0000, 0x1C: 0},
    aliases=(0x0020_0000,),
)
"""The alias is where F7 fetches through its ITCM interface."""

_L4_ERRORS = ErrorFlags(protected=1 << 4, sequence=1 << 7, size=1 << 6, alignment=1 << 5, programmed=1 << 3)

L4 = Stm32FlashFamily(
    name="STM32L4, L4+, G0, G4",
    base=0x4002_2000,
    sets=(ControlRegisters(key=0x08, status=0x10, control=0x14),),
    lock=1 << 31,
    program=1 << 0,
    erase_sector=1 << 1,
    erase_bank=(1 << 2, 1 << 15),
    start=1 << 16,
    busy=1 << 16,
    errors=_L4_ERRORS,
    rule=ProgramRule.ROW,
    numbers=SectorNumbers.IN_BANK,
    sector_sizes=(0x800, 0x1000, 0x2000),
    two_banks={0x800: 0x4_0000, 0x1000: 0},
    size_registers=(0x1FFF_75E0,),
    sector=BitField(3, 8),
    second_bank=1 << 11,
    row_bytes=8,
    end_enable=1 << 24,
    has_strict_order=True,
    option_key=0x0C,
    option_lock=(0x14, 1 << 30),
    registers={0x00: 0x600, 0x18: 0, 0x20: 0xFFEF_F8AA, 0x24: 0xFFFF_FFFF, 0x28: 0, 0x2C: 0xFF, 0x30: 0xFF},
)

"""L43x and L45x have one bank at any size; nothing but DBGMCU_IDCODE tells them from L47x."""

WB = replace(L4, name="STM32WB, WL", base=0x5800_4000, sector_sizes=(0x800, 0x1000), two_banks={}, second_bank=0)

L5 = replace(
    L4,
    name="STM32L5",
    sets=(ControlRegisters(key=0x08, status=0x20, control=0x28),),
    sector_sizes=(0x800, 0x1000),
    two_banks={0x800: 0},
    size_registers=(0x0BFA_05E0,),
    option_key=0x10,
    option_lock=(0x28, 1 << 30),
    registers={0x00: 0, 0x24: 0, 0x2C: 1 << 31, 0x30: 0, 0x40: 0x7FEF_F8AA, 0x44: 0, 0x48: 0, 0x4C: 0},
    aliases=(0x0C00_0000,),
)

U5 = replace(
    L5,
    name="STM32U5",
    sector_sizes=(0x2000,),
    two_banks={0x2000: 0},
    size_registers=(0x0BFA_07A0,),
    row_bytes=16,
    registers={
        **dict.fromkeys(range(0x80, 0xC0, 4), 0),
        0x00: 1,
        0x24: 0,
        0x2C: 1 << 31,
        0x30: 0,
        0x34: 0,
        0x40: 0x1FEF_F8AA,
        0x44: 0,
        0x48: 0,
        0x4C: 0,
        0x50: 0,
    },
)

H7 = Stm32FlashFamily(
    name="STM32H7",
    base=0x5200_2000,
    sets=(
        ControlRegisters(key=0x004, status=0x010, control=0x00C, clear=0x014),
        ControlRegisters(key=0x104, status=0x110, control=0x10C, clear=0x114),
    ),
    lock=1 << 0,
    program=1 << 1,
    erase_sector=1 << 2,
    erase_bank=(1 << 3,),
    start=1 << 7,
    busy=1 << 0 | 1 << 2,
    errors=ErrorFlags(protected=1 << 17, sequence=1 << 18, inconsistent=1 << 21),
    rule=ProgramRule.ECC_ROW,
    numbers=SectorNumbers.IN_BANK,
    sector_sizes=(0x2_0000,),
    size_registers=(0x1FF1_E880,),
    bank_bytes=0x10_0000,
    sector=BitField(8, 3),
    row_bytes=32,
    force_write=1 << 6,
    not_empty=1 << 1,
    end=1 << 16,
    option_key=0x08,
    option_lock=(0x18, 1 << 0),
    registers={0x00: 0x37, 0x18: 1, 0x1C: 0x03C6_AAD0, 0x20: 0x03C6_AAD0, 0x24: 0, 0x118: 1, 0x11C: 0x03C6_AAD0},
)

H7AB = replace(
    H7,
    name="STM32H7A3, H7B0, H7B3",
    start=1 << 5,
    sector_sizes=(0x2000,),
    size_registers=(0x08FF_F80C,),
    sector=BitField(6, 7),
    row_bytes=16,
    force_write=1 << 4,
)

FAMILIES = (F1, L4, L5, U5, WB, F4, H7, H7AB)
