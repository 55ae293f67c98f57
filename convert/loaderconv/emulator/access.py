"""One access of a loader to a device, as a trace has it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Access:
    """A read or a write of 1, 2 or 4 bytes.

    Attributes:
        kind: "r" for a read, "w" for a write.
        address: of the first byte.
        size_bytes: 1, 2 or 4.
        value: read or written.
        pc: address of the instruction, None where it is not known.
    """

    kind: Literal["r", "w"]
    address: int
    size_bytes: int
    value: int
    pc: int | None
