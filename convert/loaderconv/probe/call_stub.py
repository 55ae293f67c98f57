"""A piece of code in the target's RAM that calls a routine with registers from a block, and leaves its results there.

A register costs a debugger three transfers, each way; a block of memory costs one. So a call through the stub needs a
third of what setting and reading the registers one by one would. Armv6-M code, which all Cortex-M execute:

    adr r0, block                           blx r4
    ldr r1, [r0, #16]; mov sp, r1           adr r2, block
    ldr r1, [r0, #20]; mov r9, r1           str r0, [r2, #24]; str r1, [r2, #12]
    ldr r4, [r0, #24]                       mov r0, sp; str r0, [r2, #16]
    ldr r1, [r0, #4]; ldr r2, [r0, #8]      mov r0, r9; str r0, [r2, #20]
    ldr r3, [r0, #12]; ldr r0, [r0]         str r2, [r2, #28]
                                            bkpt
"""

import struct
from collections.abc import Mapping

from loaderconv.hosts.core import Register
from loaderconv_schemas.address_range import AddressRange

CODE = bytes.fromhex("09a00169 8d464169 89468469 41688268 c3680068 a04704a2 9061d160 68461061 48465061 d26100be")
_BLOCK = struct.Struct("<8I")
"""r0 to r3, sp, r9, the routine, and a word that the stub sets when the routine has returned."""

_LOADED = (Register.R0, Register.R1, Register.R2, Register.R3, Register.SP, Register.R9)
_RESULTS = struct.Struct("<5I")
"""r1, sp, r9, r0, and the word that says that they are results: the end of the block, so that little has to be read."""

_BKPT_BYTES = 2

CALL_STUB_BYTES = len(CODE) + _BLOCK.size
"""RAM that it needs."""


class CallStub:
    """The stub at an address.

    Attributes:
        address: a multiple of 4, where it is to be entered.
        block_address: where its registers lie.
        results: where it leaves those of the routine.
        end_address: of the BKPT at which it waits after a call.
    """

    def __init__(self, address: int) -> None:
        if address % 4:
            raise ValueError("the stub reads words")
        self.address = address
        self.block_address = address + len(CODE)
        end_address = self.block_address + _BLOCK.size
        self.results = AddressRange(start=end_address - _RESULTS.size, size_bytes=_RESULTS.size)
        self.end_address = self.block_address - _BKPT_BYTES

    def block(self, registers: Mapping[Register, int], routine: int) -> bytes:
        """Return the block for a call; registers that are not given are 0."""
        return _BLOCK.pack(*(registers.get(each, 0) for each in _LOADED), routine | 1, 0)

    def registers(self, results: bytes) -> dict[Register, int] | None:
        """Return the registers after a call, None where the routine has not returned."""
        r1, sp, r9, r0, done = _RESULTS.unpack(results)
        if done != self.block_address:
            return None
        return {Register.R0: r0, Register.R1: r1, Register.SP: sp, Register.R9: r9}
