"""A write to a parallel NOR memory, and what its address and data stand for.

Source: datasheets S29GL-P and M29W128G, chapter "Command definitions".
"""

from dataclasses import dataclass

UNLOCK_1, UNLOCK_2 = (0x555, 0xAA), (0x2AA, 0x55)
UNLOCK_ADDRESS_MASK = 0x7FF
CFI_ADDRESS = 0x55
CODE_ADDRESS_MASK = 0xFF
RESET, RESET_OF_INTEL = 0xF0, 0xFF
PROGRAM, ERASE_SETUP, AUTOSELECT, BYPASS, BUFFER, CONFIRM_BUFFER = 0xA0, 0x80, 0x90, 0x20, 0x25, 0x29
ERASE_CHIP, ERASE_SECTOR, CFI_QUERY, LEAVE_BYPASS_SETUP, LEAVE_BYPASS = 0x10, 0x30, 0x98, 0x90, 0x00


@dataclass(frozen=True)
class BusCycle:
    """A write on the bus.

    Attributes:
        offset: in bytes.
        width_bytes: of the bus.
        value: all of it.
    """

    offset: int
    width_bytes: int
    value: int

    @property
    def command(self) -> int:
        """What a command is told by: the low byte, others do not count."""
        return self.value & 0xFF

    @property
    def word_address(self) -> int:
        """What address lines A0 and up carry; the byte mode has A-1 below."""
        return self.offset >> 1

    @property
    def data(self) -> bytes:
        """What is to be programmed."""
        return self.value.to_bytes(self.width_bytes, "little")

    def is_unlock(self, wanted: tuple[int, int]) -> bool:
        """Tell whether it is UNLOCK_1 or UNLOCK_2."""
        return (self.word_address & UNLOCK_ADDRESS_MASK, self.command) == wanted

    def __str__(self) -> str:
        return f"0x{self.value:0{2 * self.width_bytes}x} at 0x{self.offset:06x}"
