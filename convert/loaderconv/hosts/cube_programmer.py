"""STM32CubeProgrammer driving an stldr, as logs and traces show it (docs/formats/stldr.md, How hosts drive it).

It writes a BKPT word at the RAM base, downloads the image behind it, puts its stack 0x400 above the image and the
transfer buffer above that, sets no r9, and calls Init before every operation. Parts of an image that lie in another
memory than the code move neither.
"""

from collections.abc import Callable
from dataclasses import dataclass

from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.call import BREAKPOINT_WORD, CallFrame, CallResult
from loaderconv.hosts.core import Core
from loaderconv.hosts.hand_over import Piece, hand_over
from loaderconv.hosts.host import Outcome, add_instructions, sectors_in
from loaderconv.hosts.image_memory import code_and_room
from loaderconv.hosts.loader_calls import NOTHING_YET, LoaderCalls
from loaderconv_formats.stldr import abi
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Loader


@dataclass(frozen=True)
class TransferStyle:
    """In what differs between versions of the host, and what a test may provoke.

    Attributes:
        stack_bytes: distance of sp from the end of the image; 0x400 in all logs, not always a multiple of 8 in sum.
        buffer_offset_bytes: moves the transfer buffer off its 32-byte boundary.
        chunk_bytes: size of one transfer; None for as much as the RAM holds.
        static_base: what r9 holds; None as in the tool, which sets none.
        buffers: parts of the transfer buffer that are used in turn; the tool has one.
    """

    stack_bytes: int = abi.HOST_STACK_BYTES
    buffer_offset_bytes: int = 0
    chunk_bytes: int | None = None
    static_base: int | None = None
    buffers: int = 1


class CubeProgrammerHost:
    """The host, with one loader downloaded."""

    name = "STM32CubeProgrammer"
    moved_by = 0
    program_alignment_bytes = 1
    keeps_session = False

    def __init__(
        self,
        core: Core,
        loader: Loader,
        ram: AddressRange,
        *,
        style: TransferStyle = TransferStyle(),
        budgets: Budgets = Budgets(),  # noqa: B008 - frozen
    ) -> None:
        image, room = code_and_room(loader.image_segments, ram)
        base = image.start & 0xFFFF_FF00
        frame = CallFrame(image.end + style.stack_bytes & ~3, return_address=base, static_base=style.static_base)
        start = -(-(frame.stack_top + 0x20) // 32) * 32 + style.buffer_offset_bytes
        if start >= room.end:
            raise RunFailed(
                f"The image ends at 0x{image.end:08x}; stack and buffer do not fit into RAM {room}.",
                hint="Give the loader more RAM, or use smaller pages.",
            )
        self._core = core
        self._loader = loader
        self._style = style
        self._stack_top = frame.stack_top
        self._buffer = AddressRange(start=start, size_bytes=room.end - start)
        self._calls = LoaderCalls(core, loader, frame, moved_by=0, success=abi.SUCCESS, budgets=budgets)
        core.write_memory(base, BREAKPOINT_WORD)
        for segment in loader.image_segments:
            core.write_memory(segment.address, segment.data)

    @property
    def device(self) -> Device:
        """The memory as StorageInfo describes it."""
        return self._loader.described_device

    @property
    def stack(self) -> AddressRange:
        """What the host leaves for the stack, from the end of the image."""
        return AddressRange(start=self._stack_top - self._style.stack_bytes, size_bytes=self._style.stack_bytes)

    def start(self) -> Outcome:
        """Call Init, as in front of every operation."""
        return self._init()

    def erase(self, wanted: AddressRange) -> Outcome:
        """Erase with the only end address that is right for every loader: the start of the last sector."""
        sectors = sectors_in(self.device, wanted)
        if not sectors:
            return Outcome(succeeded=False, detail="no sector in range", instructions=0)
        return self.sector_erase(sectors[0].start, sectors[-1].start)

    def erase_block(self, block: AddressRange) -> Outcome:
        """Call SectorErase with the start of a block alone."""
        return self.sector_erase(block.start, block.start)

    def sector_erase(self, start: int, end: int) -> Outcome:
        """Call SectorErase with any pair of addresses; `end` is inclusive."""
        return self._operation(Routine.ERASE_SECTOR, start, end)

    def erase_all(self) -> Outcome:
        """Call MassErase; newer loaders take a parallelism, for which the host passes 0."""
        return self._operation(Routine.ERASE_CHIP, 0)

    def program(self, address: int, data: bytes) -> Outcome:
        """Write in chunks, each through the transfer buffer, after one Init."""
        size = self._chunk_bytes
        pieces = [Piece(address + offset, data[offset : offset + size]) for offset in range(0, len(data), size)]
        buffers = [self._buffer.start + number * size for number in range(self._style.buffers)]
        return hand_over(self._core, buffers, self._init(), pieces, self._write)

    def program_piece(self, address: int, data: bytes) -> Outcome:
        """Call Write once."""
        outcome = self._init()
        if not outcome.succeeded:
            return outcome
        self._core.write_memory(self._buffer.start, data)
        return self._calls.step(outcome, Routine.PROGRAM_PAGE, address, len(data), self._buffer.start)

    def read(self, wanted: AddressRange) -> Outcome:
        """Read through Read where the loader has one, else from the mapped address, which Init left readable."""
        outcome = self._init()
        if not self._calls.has(Routine.READ):
            data = self._core.read_memory(wanted.start, wanted.size_bytes) if outcome.succeeded else b""
            return Outcome(outcome.succeeded, outcome.detail, outcome.instructions, data)
        data = b""
        while outcome.succeeded and len(data) < wanted.size_bytes:
            size = min(self._chunk_bytes, wanted.size_bytes - len(data))
            outcome = self._calls.step(outcome, Routine.READ, wanted.start + len(data), size, self._buffer.start)
            data += self._core.read_memory(self._buffer.start, size)
        return Outcome(outcome.succeeded, outcome.detail, outcome.instructions, data)

    def verify(self, address: int, data: bytes) -> Outcome:
        """Call Verify over whole words; bytes that the host adds to align the range are what the device holds.

        The outcome's data are the four bytes of the checksum that Verify returned. Without the routine the host reads
        back.
        """
        if not self._calls.has(Routine.VERIFY):
            found = self.read(AddressRange(start=address, size_bytes=len(data)))
            return Outcome(found.succeeded and found.data == data, "read back", found.instructions)
        head, tail = address % 4, -(address + len(data)) % 4
        aligned = AddressRange(start=address - head, size_bytes=head + len(data) + tail)
        before = self.read(AddressRange(start=aligned.start, size_bytes=head)).data if head else b""
        after = self.read(AddressRange(start=address + len(data), size_bytes=tail)).data if tail else b""
        content = before + data + after
        if len(content) > self._buffer.size_bytes:
            raise RunFailed(
                f"{len(content)} bytes to verify do not fit into the buffer of {self._buffer.size_bytes} bytes.",
                hint="Verify in pieces, as the tool does.",
            )
        outcome = self._init()
        if not outcome.succeeded:
            return outcome
        self._core.write_memory(self._buffer.start, content)
        result = self._calls.call(
            Routine.VERIFY, aligned.start, self._buffer.start, aligned.size_bytes // 4, head | tail << 16
        )
        return Outcome(
            succeeded=result.low_word == 0,
            detail=f"Verify returned 0x{result.low_word:08x}, checksum 0x{result.high_word:08x}",
            instructions=add_instructions(outcome.instructions, result.instructions),
            data=result.high_word.to_bytes(4, "little"),
        )

    def end(self) -> Outcome:
        """Do nothing: the tool never calls UnInit."""
        return NOTHING_YET

    def checksum(self, wanted: AddressRange, initial: int = 0) -> Outcome:
        """Call CheckSum; the outcome's data are the four bytes of the sum."""
        outcome = self._init()
        if not outcome.succeeded:
            return outcome
        result = self._calls.call(Routine.CHECKSUM, wanted.start, wanted.size_bytes, initial)
        return Outcome(
            succeeded=True,
            detail=f"CheckSum returned 0x{result.low_word:08x}",
            instructions=add_instructions(outcome.instructions, result.instructions),
            data=result.low_word.to_bytes(4, "little"),
        )

    def call(self, routine: Routine, *arguments: int) -> CallResult:
        """Call one routine alone, without the Init that the tool puts in front of every operation."""
        return self._calls.call(routine, *arguments)

    @property
    def buffer(self) -> AddressRange:
        """Where the host puts the data that it hands over."""
        return self._buffer

    @property
    def _chunk_bytes(self) -> int:
        room = self._buffer.size_bytes // self._style.buffers
        available = room & ~0xFF or room
        return available if self._style.chunk_bytes is None else min(self._style.chunk_bytes, available)

    def _write(self, before: Outcome, piece: Piece, buffer: int, meanwhile: Callable[[], None] | None) -> Outcome:
        arguments = (piece.address, len(piece.data), buffer)
        return self._calls.step(before, Routine.PROGRAM_PAGE, *arguments, meanwhile=meanwhile)

    def _operation(self, routine: Routine, *arguments: int) -> Outcome:
        outcome = self._init()
        return self._calls.step(outcome, routine, *arguments) if outcome.succeeded else outcome

    def _init(self) -> Outcome:
        return self._calls.step(NOTHING_YET, Routine.INIT)
