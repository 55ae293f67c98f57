"""The calls that C-SPY makes into an IAR loader, one by one, on a bare core (docs/formats/iar.md, Protocol)."""

import struct
from collections.abc import Sequence

from loaderconv.hosts.core import Budget, Core, Register, StopReason
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_schemas.address_range import AddressRange

PARAMS = struct.Struct("<IIIII")
COUNT_OFFSET_BYTES = 4
PAGE_SIZE_OFFSET_BYTES = 8
ERASE_LIST_ENTRY = struct.Struct("<II")

FLAG_ERASE_ONLY, FLAG_MASS_ERASE = 1, 2
OVERRIDE_LAYOUT, OVERRIDE_BUFSIZE, OVERRIDE_PAGESIZE = 0x1_0000, 0x2_0000, 0x4_0000
RESULT_OK, RESULT_ERROR, RESULT_ERASE_DONE, RESULT_ERROR_WITH_MSG = 0, 1, 3, 4

_BUDGET = Budget(instructions=20_000_000)
_GARBAGE = 0x5AFE_0000
_GENERAL_REGISTERS = tuple(Register(f"r{number}") for number in range(13))


class CSpyCalls:
    """A loader in the memory of a core, and the calls into it.

    Attributes:
        buffer: between FlashBufferStart and FlashBufferEnd.
        static_base: what FlashPreInitEntry left in r9; None for a loader without it.
        stack_top: sp at the start of every call.
    """

    def __init__(self, core: Core, image: ElfImage, *, moved_by: int = 0) -> None:
        """Download what the file holds, and prepare sp as the loader's kind wants it."""
        self._core = core
        self._symbols = symbols_by_name(image)
        self._moved_by = moved_by
        for segment in image.load_segments:
            core.write_memory(segment.address + moved_by, segment.data)
        start, end = self.address("FlashBufferStart"), self.address("FlashBufferEnd")
        self.buffer = AddressRange(start=start, size_bytes=end - start)
        self.static_base: int | None = None
        if "FlashPreInitEntry" in self._symbols:
            self._run("FlashPreInitEntry")
            self.static_base = core.read_register(Register.R9)
            self.stack_top = core.read_register(Register.SP)
        else:
            (self.stack_top,) = struct.unpack("<I", core.read_memory(self.address("__vector_table"), 4))

    def address(self, name: str) -> int:
        """Return where a symbol lies in memory, without a Thumb bit."""
        return self._symbols[name].address + self._moved_by

    def init(self, base: int, *, flags: int = 0, arguments: Sequence[str] = (), image_size_bytes: int = 0) -> int:
        """Write the arguments and run FlashInitEntry; return the result."""
        text = b"".join(argument.encode() + b"\0" for argument in arguments)
        assert len(text) <= self._symbols["__argvbuf"].size_bytes
        assert 4 * len(arguments) <= self._symbols["__argv"].size_bytes
        position = self.address("__argvbuf")
        pointers = b""
        for argument in arguments:
            pointers += position.to_bytes(4, "little")
            position += len(argument) + 1
        self._core.write_memory(self.address("__argvbuf"), text)
        self._core.write_memory(self.address("__argv"), pointers)
        self._core.write_memory(self.address("__argc"), len(arguments).to_bytes(4, "little"))
        return self.call("FlashInitEntry", base, flags, base, self.buffer.start, image_size_bytes)

    @property
    def page_size_bytes(self) -> int:
        """The word where FlashInit leaves another page size, and the host its link address."""
        return self._word(self.address("theFlashParams") + PAGE_SIZE_OFFSET_BYTES)

    def write(self, block_start: int, offset: int, data: bytes) -> int:
        """Fill the buffer and run FlashWriteEntry; return the result."""
        self.fill_buffer(data)
        return self.call("FlashWriteEntry", block_start, len(data), offset, self.buffer.start, 0)

    def erase_and_write(self, block: AddressRange, offset: int, data: bytes) -> int:
        """Fill the buffer and run FlashEraseWriteEntry in the form that does both; return the result."""
        self.fill_buffer(data)
        return self.call("FlashEraseWriteEntry", block.start, len(data), offset, self.buffer.start, block.size_bytes)

    def erase(self, *blocks: AddressRange) -> int:
        """Write a list of blocks into the buffer and run FlashEraseWriteEntry in its list form; return the result."""
        self.fill_buffer(b"".join(ERASE_LIST_ENTRY.pack(block.start, block.size_bytes) for block in blocks))
        return self.call("FlashEraseWriteEntry", 0, len(blocks), 0, self.buffer.start, 0)

    def checksum(self, wanted: AddressRange) -> int:
        """Run FlashChecksumEntry; return the value."""
        return self.call("FlashChecksumEntry", wanted.start, wanted.size_bytes, 0, 0, 0)

    def signoff(self) -> int:
        """Run FlashSignoffEntry; return the result."""
        return self.call("FlashSignoffEntry", 0, 0, 0, 0, 0)

    def fill_buffer(self, data: bytes) -> None:
        """Write data to the start of the buffer, which must hold them."""
        assert len(data) <= self.buffer.size_bytes
        self._core.write_memory(self.buffer.start, data)

    def call(self, entry: str, *params: int) -> int:
        """Write the five words of theFlashParams, run an entry to FlashBreak, and return `count`."""
        block = self.address("theFlashParams")
        self._core.write_memory(block, PARAMS.pack(*params))
        for register in _GENERAL_REGISTERS:
            self._core.write_register(register, _GARBAGE)
        if self.static_base is not None:
            self._core.write_register(Register.R9, self.static_base)
        self._core.write_register(Register.SP, self.stack_top)
        self._run(entry)
        assert self._core.read_register(Register.SP) == self.stack_top
        return self._word(block + COUNT_OFFSET_BYTES)

    def _word(self, address: int) -> int:
        return int.from_bytes(self._core.read_memory(address, 4), "little")

    def _run(self, entry: str) -> None:
        self._core.write_register(Register.LR, 0xFFFF_FFFF)
        self._core.write_register(Register.PC, self.address(entry))
        stop = self._core.run(self.address("FlashBreak"), _BUDGET)
        assert stop.reason is StopReason.STOP_ADDRESS, f"{entry}: {stop.reason} at 0x{stop.pc:08x}, {stop.detail}"
