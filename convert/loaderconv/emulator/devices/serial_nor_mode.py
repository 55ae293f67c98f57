"""On how many lines a serial NOR memory expects commands, and which opcode a frame then carries."""

from enum import Enum

from loaderconv.emulator.devices.serial_nor_frame import Frame
from loaderconv.emulator.devices.serial_nor_vendors import OctalStyle

MICRON_OCTAL_DDR = frozenset((0xE7, 0xC7))
"""Values of Micron's volatile configuration register 0: octal DDR with and without DQS."""

INFINEON_MODE_REGISTERS = frozenset((0x00_0006, 0x80_0006))
"""Address of configuration register 5, nonvolatile and volatile."""


class BusMode(Enum):
    """Lines of the opcode, and how they are called."""

    SPI = (1, "SPI mode")
    QPI = (4, "QPI mode")
    OCTAL = (8, "octal mode")
    OCTAL_DTR = (8, "octal DTR mode")

    @property
    def lines(self) -> int:
        """How many lines carry the opcode."""
        return self.value[0]

    def __str__(self) -> str:
        return self.value[1]

    @property
    def is_octal(self) -> bool:
        """Whether opcodes may have two bytes and addresses always have four."""
        return self.lines == 8


def mode_of_register(style: OctalStyle, address: int, value: int) -> BusMode | None:
    """Return the mode that a write to a configuration register selects; None where it selects none."""
    if style is OctalStyle.INFINEON:
        return _OCTAL_BITS.get(value & 3) if address in INFINEON_MODE_REGISTERS else None
    if address:
        return None
    if style is OctalStyle.MICRON:
        return BusMode.OCTAL_DTR if value in MICRON_OCTAL_DDR else BusMode.SPI
    return _OCTAL_MODES.get(value & 3)


def opcode_in(mode: BusMode, style: OctalStyle | None, frame: Frame) -> int | None:
    """Return the opcode as a memory in a mode understands it; None where it cannot."""
    if frame.opcode is None or frame.opcode_lines != mode.lines or frame.is_opcode_ddr != (mode is BusMode.OCTAL_DTR):
        return None
    if not mode.is_octal:
        return frame.opcode if frame.opcode_bytes == 1 else None
    if frame.opcode_bytes == 1:
        return None if style is OctalStyle.MACRONIX else frame.opcode
    opcode, extension = frame.opcode >> 8, frame.opcode & 0xFF
    expected = opcode ^ 0xFF if style is OctalStyle.MACRONIX else opcode
    return opcode if extension == expected else None


_OCTAL_MODES = {0: BusMode.SPI, 1: BusMode.OCTAL, 2: BusMode.OCTAL_DTR}
_OCTAL_BITS = {0: BusMode.SPI, 1: BusMode.OCTAL, 2: BusMode.SPI, 3: BusMode.OCTAL_DTR}
