"""One access of a loader to a device, as a trace has it."""

from collections.abc import Callable
from typing import Literal

Kind = Literal["r", "w"]


class Access:
    """A read or a write of 1, 2 or 4 bytes.

    To read the PC costs more than all the rest, and not everybody who listens wants it; so it is read at first use,
    which has to be while the callback that got the access runs.

    Attributes:
        kind: "r" for a read, "w" for a write.
        address: of the first byte.
        size_bytes: 1, 2 or 4.
        value: read or written.
    """

    __slots__ = ("_pc", "_read_pc", "address", "kind", "size_bytes", "value")

    def __init__(
        self, kind: Kind, address: int, size_bytes: int, value: int, pc: int | Callable[[], int] | None
    ) -> None:
        self.kind = kind
        self.address = address
        self.size_bytes = size_bytes
        self.value = value
        self._read_pc = pc if callable(pc) else None
        self._pc = None if callable(pc) else pc

    @property
    def pc(self) -> int | None:
        """Address of the instruction, None where it is not known."""
        if self._read_pc is not None:
            self._pc, self._read_pc = self._read_pc(), None
        return self._pc

    def settled(self) -> "Access":
        """Return itself, to be kept beyond the callback."""
        _ = self.pc
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Access):
            return NotImplemented
        return (
            self.address == other.address
            and self.value == other.value
            and (self.kind, self.size_bytes, self.pc) == (other.kind, other.size_bytes, other.pc)
        )

    def __hash__(self) -> int:
        return hash((self.kind, self.address, self.size_bytes, self.value, self.pc))

    def __repr__(self) -> str:
        return f"Access({self.kind!r}, 0x{self.address:08x}, {self.size_bytes}, 0x{self.value:x}, {self.pc})"
