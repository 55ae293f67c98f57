"""The commands of serial NOR memories, by opcode.

Sources: datasheets W25Q256JV, W25Q128JV (Winbond), MX25L51245G, MX25LM51245G, MX66UW1G45G (Macronix), N25Q128A,
MT25QL512A, MT35XU512ABA (Micron), IS25LP256D (ISSI), S25FL256L, S28HS512T (Infineon), AT25SF128A (Renesas). Vendors
reuse few opcodes for different things; where they do, the presence of data tells the meanings apart (35, 38), or the
vendor does (serial_nor_vendors).
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Kind(Enum):
    """What a command is about."""

    READ = auto()
    PROGRAM = auto()
    ERASE = auto()
    ERASE_CHIP = auto()
    READ_ID = auto()
    READ_SHORT_ID = auto()
    READ_SFDP = auto()
    READ_REGISTER = auto()
    WRITE_REGISTER = auto()
    WRITE_ENABLE = auto()
    WRITE_DISABLE = auto()
    VOLATILE_WRITE_ENABLE = auto()
    CLEAR_FLAGS = auto()
    ENTER_FOUR_BYTE = auto()
    EXIT_FOUR_BYTE = auto()
    ENTER_QPI = auto()
    EXIT_QPI = auto()
    RESET_ENABLE = auto()
    RESET = auto()
    POWER_DOWN = auto()
    RELEASE = auto()
    NOTHING = auto()


class Address(Enum):
    """How many bytes of address a command takes."""

    NONE = auto()
    THREE = auto()
    FOUR = auto()
    AS_MODE = auto()
    """Three or four, as the memory was told."""


class NorRegister(StrEnum):
    """Registers that commands read and write whole."""

    STATUS_1 = "status register 1"
    STATUS_2 = "status register 2"
    STATUS_3 = "status register 3"
    FLAG_STATUS = "flag status register"
    SECURITY = "security register"
    EXTENDED_ADDRESS = "extended address register"
    BANK = "bank register"
    VOLATILE_CONFIGURATION = "volatile configuration register"
    ENHANCED_VOLATILE_CONFIGURATION = "enhanced volatile configuration register"
    NONVOLATILE_CONFIGURATION = "nonvolatile configuration register"
    READ_PARAMETERS = "read parameters"
    EXTENDED_READ_PARAMETERS = "extended read parameters"
    BY_ADDRESS = "register by address"


@dataclass(frozen=True)
class NorCommand:
    """One command.

    Attributes:
        name: for the timeline.
        kind: what it does.
        address: how many bytes of address it takes.
        dummy_bytes: bytes between address and data when everything goes over one line.
        needs_dummy: whether the memory needs time between address and data.
        size_bytes: what an erase erases; 0 for the block size of the part.
        register: what READ_REGISTER and WRITE_REGISTER work on.
        next_register: what READ_REGISTER goes on with after the first byte; None for the same.
    """

    name: str
    kind: Kind
    address: Address = Address.NONE
    dummy_bytes: int = 0
    needs_dummy: bool = False
    size_bytes: int = 0
    register: NorRegister | None = None
    next_register: NorRegister | None = None


def _read(name: str, address: Address, dummy_bytes: int = 0) -> NorCommand:
    return NorCommand(name, Kind.READ, address, dummy_bytes, needs_dummy=dummy_bytes > 0)


def _erase(name: str, address: Address, size_bytes: int) -> NorCommand:
    return NorCommand(name, Kind.ERASE, address, size_bytes=size_bytes)


def _program(name: str, address: Address) -> NorCommand:
    return NorCommand(name, Kind.PROGRAM, address)


def _reads(register: NorRegister, address: Address = Address.NONE) -> NorCommand:
    return NorCommand(f"read {register}", Kind.READ_REGISTER, address, register=register)


def _writes(register: NorRegister, address: Address = Address.NONE) -> NorCommand:
    return NorCommand(f"write {register}", Kind.WRITE_REGISTER, address, register=register)


STATUS_POLL = "read status register 1"
"""Name of the command that loaders repeat until an operation ends."""

COMMANDS: dict[int, NorCommand] = {
    # Array
    0x03: _read("read", Address.AS_MODE),
    0x0B: _read("fast read", Address.AS_MODE, 1),
    0x0C: _read("fast read", Address.FOUR, 1),
    0x0D: _read("fast read", Address.AS_MODE, 1),
    0x0E: _read("fast read", Address.FOUR, 1),
    0x13: _read("read", Address.FOUR),
    0x3B: _read("dual output read", Address.AS_MODE, 1),
    0x3C: _read("dual output read", Address.FOUR, 1),
    0x6B: _read("quad output read", Address.AS_MODE, 1),
    0x6C: _read("quad output read", Address.FOUR, 1),
    0x6D: _read("quad output read", Address.AS_MODE, 1),
    0x8B: _read("octal output read", Address.AS_MODE, 1),
    0x7C: _read("octal output read", Address.FOUR, 1),
    0xBB: _read("dual I/O read", Address.AS_MODE, 1),
    0xBC: _read("dual I/O read", Address.FOUR, 1),
    0xBD: _read("dual I/O read", Address.AS_MODE, 1),
    0xCB: _read("octal I/O read", Address.AS_MODE, 1),
    0xCC: _read("octal I/O read", Address.FOUR, 1),
    0xEB: _read("quad I/O read", Address.AS_MODE, 1),
    0xEC: _read("quad I/O read", Address.FOUR, 1),
    0xED: _read("quad I/O read", Address.AS_MODE, 1),
    0xEE: _read("quad I/O read", Address.FOUR, 1),
    0xFD: _read("octal I/O read", Address.FOUR, 1),
    0x02: _program("page program", Address.AS_MODE),
    0x12: _program("page program", Address.FOUR),
    0x32: _program("page program", Address.AS_MODE),
    0x33: _program("page program", Address.AS_MODE),
    0x34: _program("page program", Address.FOUR),
    0x38: _program("page program", Address.AS_MODE),
    0x3E: _program("page program", Address.FOUR),
    0x82: _program("page program", Address.AS_MODE),
    0x84: _program("page program", Address.FOUR),
    0x8E: _program("page program", Address.FOUR),
    0xA2: _program("page program", Address.AS_MODE),
    0xC2: _program("page program", Address.AS_MODE),
    0xD2: _program("page program", Address.AS_MODE),
    0x20: _erase("sector erase", Address.AS_MODE, 0x1000),
    0x21: _erase("sector erase", Address.FOUR, 0x1000),
    0x52: _erase("half block erase", Address.AS_MODE, 0x8000),
    0x5C: _erase("half block erase", Address.FOUR, 0x8000),
    0xD8: _erase("block erase", Address.AS_MODE, 0),
    0xDC: _erase("block erase", Address.FOUR, 0),
    0x60: NorCommand("chip erase", Kind.ERASE_CHIP),
    0xC7: NorCommand("chip erase", Kind.ERASE_CHIP),
    0xC4: NorCommand("die erase", Kind.ERASE_CHIP, Address.AS_MODE),
    # Identification
    0x9F: NorCommand("read JEDEC id", Kind.READ_ID),
    0x9E: NorCommand("read JEDEC id", Kind.READ_ID),
    0xAF: NorCommand("read JEDEC id", Kind.READ_ID),
    0x90: NorCommand("read manufacturer and device id", Kind.READ_SHORT_ID, dummy_bytes=3),
    0xAB: NorCommand("release from deep power down", Kind.RELEASE, dummy_bytes=3),
    0x5A: NorCommand("read SFDP", Kind.READ_SFDP, Address.THREE, dummy_bytes=1, needs_dummy=True),
    0x4B: NorCommand("read unique id", Kind.NOTHING, dummy_bytes=4),
    # Registers
    0x05: NorCommand(STATUS_POLL, Kind.READ_REGISTER, register=NorRegister.STATUS_1),
    0x35: _reads(NorRegister.STATUS_2),
    0x3F: _reads(NorRegister.STATUS_2),
    0x15: _reads(NorRegister.STATUS_3),
    0x70: _reads(NorRegister.FLAG_STATUS),
    0x2B: _reads(NorRegister.SECURITY),
    0xC8: _reads(NorRegister.EXTENDED_ADDRESS),
    0x16: _reads(NorRegister.BANK),
    0x85: _reads(NorRegister.VOLATILE_CONFIGURATION),
    0x65: _reads(NorRegister.ENHANCED_VOLATILE_CONFIGURATION),
    0xB5: _reads(NorRegister.NONVOLATILE_CONFIGURATION),
    0x61: _writes(NorRegister.ENHANCED_VOLATILE_CONFIGURATION),
    0x81: _writes(NorRegister.VOLATILE_CONFIGURATION),
    0xB1: _writes(NorRegister.NONVOLATILE_CONFIGURATION),
    0x01: _writes(NorRegister.STATUS_1),
    0x31: _writes(NorRegister.STATUS_2),
    0x11: _writes(NorRegister.STATUS_3),
    0xC5: _writes(NorRegister.EXTENDED_ADDRESS),
    0x17: _writes(NorRegister.BANK),
    0xC0: _writes(NorRegister.READ_PARAMETERS),
    0x63: _writes(NorRegister.READ_PARAMETERS),
    0x83: _writes(NorRegister.EXTENDED_READ_PARAMETERS),
    # State
    0x06: NorCommand("write enable", Kind.WRITE_ENABLE),
    0x04: NorCommand("write disable", Kind.WRITE_DISABLE),
    0x50: NorCommand("write enable for volatile status", Kind.VOLATILE_WRITE_ENABLE),
    0x30: NorCommand("clear status flags", Kind.CLEAR_FLAGS),
    0xB7: NorCommand("enter 4-byte address mode", Kind.ENTER_FOUR_BYTE),
    0xE9: NorCommand("exit 4-byte address mode", Kind.EXIT_FOUR_BYTE),
    0x29: NorCommand("exit 4-byte address mode", Kind.EXIT_FOUR_BYTE),
    0xFF: NorCommand("exit QPI mode", Kind.EXIT_QPI),
    0xF5: NorCommand("exit QPI mode", Kind.EXIT_QPI),
    0x66: NorCommand("reset enable", Kind.RESET_ENABLE),
    0x99: NorCommand("reset", Kind.RESET),
    0xB9: NorCommand("deep power down", Kind.POWER_DOWN),
    0x75: NorCommand("suspend", Kind.NOTHING),
    0x7A: NorCommand("resume", Kind.NOTHING),
    0xB0: NorCommand("suspend", Kind.NOTHING),
    0x00: NorCommand("no operation", Kind.NOTHING),
    0x39: NorCommand("unlock block", Kind.NOTHING, Address.AS_MODE),
    0x98: NorCommand("unlock all blocks", Kind.NOTHING),
}
"""Every vendor's commands, where they do not contradict."""

BARE_COMMANDS: dict[int, NorCommand] = {
    0x35: NorCommand("enter QPI mode", Kind.ENTER_QPI),
    0x38: NorCommand("enter QPI mode", Kind.ENTER_QPI),
}
"""Opcodes that mean something else when neither address nor data follow."""

MICRON_COMMANDS: dict[int, NorCommand] = {0x50: NorCommand("clear flag status register", Kind.CLEAR_FLAGS)}
"""What differs on Micron's N25Q and MT25Q."""

MICRON_OCTAL_COMMANDS: dict[int, NorCommand] = {
    0x50: NorCommand("clear flag status register", Kind.CLEAR_FLAGS),
    0x81: _writes(NorRegister.BY_ADDRESS, Address.AS_MODE),
    0x85: _reads(NorRegister.BY_ADDRESS, Address.AS_MODE),
}
"""What differs on Micron's MT35X."""

MACRONIX_LOW_POWER_COMMANDS: dict[int, NorCommand] = {
    0x15: NorCommand(
        "read configuration registers",
        Kind.READ_REGISTER,
        register=NorRegister.STATUS_3,
        next_register=NorRegister.STATUS_2,
    ),
}
"""What differs on Macronix's MX25R, which has a second configuration register."""

MACRONIX_OCTAL_COMMANDS: dict[int, NorCommand] = {
    0x71: _reads(NorRegister.BY_ADDRESS, Address.FOUR),
    0x72: _writes(NorRegister.BY_ADDRESS, Address.FOUR),
}
"""What Macronix's octal parts have in addition."""

INFINEON_COMMANDS: dict[int, NorCommand] = {
    0x65: _reads(NorRegister.BY_ADDRESS, Address.AS_MODE),
    0x71: _writes(NorRegister.BY_ADDRESS, Address.AS_MODE),
    0x82: NorCommand("clear program and erase failure flags", Kind.CLEAR_FLAGS),
}
"""What differs on Infineon's S25 and S28."""
