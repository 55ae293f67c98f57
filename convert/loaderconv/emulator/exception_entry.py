"""What a core does when it takes an exception: a frame on the stack, and on at the handler (Armv7-M manual, B1.5.6)."""

from typing import Protocol

from loaderconv.emulator import stop_details
from loaderconv.emulator.stop_details import Detail
from loaderconv.hosts.core import Register

EXCEPTION_RETURN = 0xFFFF_FFF9
"""LR of a handler: back to thread mode, main stack (Armv7-M manual, B1.5.8)."""

FRAME_BYTES = 0x20
XPSR_T = 1 << 24

_STACKED = (Register.R0, Register.R1, Register.R2, Register.R3, Register.R12, Register.LR, Register.PC)
"""XPSR is on top of them."""


class CannotEnter(Exception):
    """Raised where a handler cannot be entered; silicon would escalate.

    Attributes:
        detail: why.
    """

    def __init__(self, detail: Detail) -> None:
        super().__init__(detail.words)
        self.detail = detail


class Interrupted(Protocol):
    """The core, between two instructions."""

    def read_ram(self, address: int, size_bytes: int) -> bytes:
        """Return bytes of RAM."""

    def write_ram(self, address: int, data: bytes) -> None:
        """Store bytes in RAM."""

    def read_register(self, register: Register) -> int:
        """Return a core register."""

    def write_register(self, register: Register, value: int) -> None:
        """Set a core register."""


def enter_handler(core: Interrupted, vector: int, memory_error: type[Exception]) -> int:
    """Enter the handler whose address is at `vector`, and return that address.

    Args:
        core: what is interrupted.
        vector: in RAM.
        memory_error: what the core raises where no RAM is.

    Raises:
        CannotEnter: there is no RAM for the vector or for the frame; no register was changed.
    """
    try:
        handler = int.from_bytes(core.read_ram(vector, 4), "little")
    except memory_error as error:
        raise CannotEnter(stop_details.no_vector(vector)) from error
    frame = (core.read_register(Register.SP) - FRAME_BYTES) & ~7
    words = [*map(core.read_register, _STACKED), XPSR_T]
    try:
        core.write_ram(frame, b"".join(word.to_bytes(4, "little") for word in words))
    except memory_error as error:
        raise CannotEnter(stop_details.no_room_for_frame(frame)) from error
    core.write_register(Register.SP, frame)
    core.write_register(Register.LR, EXCEPTION_RETURN)
    core.write_register(Register.PC, handler)
    return handler
