"""uVision driving an FLM (docs/formats/flm.md, How hosts drive it).

It places the image anywhere in RAM, points r9 at the static base, and brackets each phase with Init(address, clock,
phase) and UnInit(phase). Pages are programmed whole, the last one filled up with the erased value, because a driver
promises nothing for a part of one.
"""

from collections.abc import Callable, Sequence

from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.call import BREAKPOINT_WORD, CallFrame
from loaderconv.hosts.core import Core
from loaderconv.hosts.hand_over import Piece, hand_over
from loaderconv.hosts.host import Outcome, add_instructions, sectors_in
from loaderconv.hosts.loader_calls import NOTHING_YET, LoaderCalls
from loaderconv_formats.flm import abi
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange, span
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Loader

CLOCK_HZ = 0
"""No surveyed FLM behaves differently with another clock."""

_RETURN_WORD_BYTES = 32
"""Room for the BKPT below the image; keeps the image's alignment."""

_STACK_BESIDE_BUFFERS_BYTES = 0x800
"""What a second buffer must leave for the stack."""


class UVisionHost:
    """The host, with one loader downloaded."""

    name = "uVision"
    keeps_session = False

    def __init__(
        self,
        core: Core,
        loader: Loader,
        ram: AddressRange,
        *,
        budgets: Budgets = Budgets(),  # noqa: B008 - frozen
        most_buffers: int = 1,
    ) -> None:
        """Download a loader.

        Args:
            core: the target.
            loader: what was read of it.
            ram: for the host and the loader.
            budgets: how long one call may take.
            most_buffers: pages for which there may be a buffer; fewer where the stack would be left without room.
        """
        image = span(segment.range for segment in loader.image_segments)
        alignment = max(loader.placement.alignment_bytes, _RETURN_WORD_BYTES)
        start = ram.start + alignment + image.start % alignment
        moved_by = start - image.start
        self.moved_by = moved_by
        self._core = core
        self._loader = loader
        buffer = -(-(start + image.size_bytes) // 16) * 16
        page = loader.described_device.page_size_bytes
        room = (ram.end & ~7) - _STACK_BESIDE_BUFFERS_BYTES - buffer
        count = max(min(most_buffers, room // page), 1) if page else 1
        self._buffers = tuple(buffer + number * page for number in range(count))
        static_base = loader.placement.static_base
        frame = CallFrame(
            stack_top=ram.end & ~7,
            return_address=ram.start,
            static_base=None if static_base is None else static_base + moved_by,
        )
        self._stack_top = frame.stack_top
        self._calls = LoaderCalls(core, loader, frame, moved_by=moved_by, success=abi.SUCCESS, budgets=budgets)
        core.write_memory(ram.start, BREAKPOINT_WORD)
        for segment in loader.image_segments:
            core.write_memory(segment.address + moved_by, segment.data.ljust(segment.memory_size_bytes, b"\0"))

    @property
    def device(self) -> Device:
        """The memory as FlashDevice describes it."""
        return self._loader.described_device

    @property
    def stack(self) -> AddressRange:
        """What is left between the page buffer and the end of RAM."""
        start = self._buffers[-1] + self.device.page_size_bytes
        return AddressRange(start=start, size_bytes=self._stack_top - start)

    @property
    def buffer(self) -> AddressRange:
        """Room for one page, behind the image."""
        return AddressRange(start=self._buffers[0], size_bytes=self.device.page_size_bytes)

    @property
    def program_alignment_bytes(self) -> int:
        """A page."""
        return self.device.page_size_bytes

    def start(self) -> Outcome:
        """Go through the three phases, without an operation in any."""
        outcome = NOTHING_YET
        for phase in (abi.PHASE_ERASE, abi.PHASE_PROGRAM, abi.PHASE_VERIFY):
            if outcome.succeeded:
                entered = self._phase(phase, [])
                instructions = add_instructions(outcome.instructions, entered.instructions)
                outcome = Outcome(entered.succeeded, entered.detail, instructions)
        return outcome

    def erase(self, wanted: AddressRange) -> Outcome:
        """Erase the sectors one by one."""
        steps = [(Routine.ERASE_SECTOR, (sector.start,)) for sector in sectors_in(self.device, wanted)]
        return self._phase(abi.PHASE_ERASE, steps)

    def erase_block(self, block: AddressRange) -> Outcome:
        """Call EraseSector with the start of a block."""
        return self._phase(abi.PHASE_ERASE, [(Routine.ERASE_SECTOR, (block.start,))])

    def erase_all(self) -> Outcome:
        """Erase with EraseChip, sector by sector where there is none."""
        if not self._calls.has(Routine.ERASE_CHIP):
            return self.erase(self.device.range)
        return self._phase(abi.PHASE_ERASE, [(Routine.ERASE_CHIP, ())])

    def program(self, address: int, data: bytes) -> Outcome:
        """Program page by page; the range must start at a page, as the tool guarantees it to the loader."""
        page = self.device.page_size_bytes
        end = min(address + -(-len(data) // page) * page, self.device.range.end)
        whole = data.ljust(end - address, bytes([self.device.erased_byte]))
        pieces = [Piece(address + offset, whole[offset : offset + page]) for offset in range(0, len(data), page)]
        outcome = hand_over(self._core, self._buffers, self._init(abi.PHASE_PROGRAM), pieces, self._program_page)
        return self._leave(abi.PHASE_PROGRAM, outcome)

    def program_piece(self, address: int, data: bytes) -> Outcome:
        """Call ProgramPage once."""
        self._core.write_memory(self.buffer.start, data)
        return self._phase(abi.PHASE_PROGRAM, [(Routine.PROGRAM_PAGE, (address, len(data), self.buffer.start))])

    def read(self, wanted: AddressRange) -> Outcome:
        """Read from the mapped address in the verify phase."""
        outcome = self._init(abi.PHASE_VERIFY)
        data = self._core.read_memory(wanted.start, wanted.size_bytes) if outcome.succeeded else b""
        left = self._leave(abi.PHASE_VERIFY, outcome)
        return Outcome(left.succeeded, left.detail, left.instructions, data)

    def verify(self, address: int, data: bytes) -> Outcome:
        """Verify page by page, judged by address + size alone; without the routine, by reading back."""
        if not self._calls.has(Routine.VERIFY):
            found = self.read(AddressRange(start=address, size_bytes=len(data)))
            return Outcome(found.succeeded and found.data == data, "read back", found.instructions)
        outcome = self._init(abi.PHASE_VERIFY)
        page = self.device.page_size_bytes
        for offset in range(0, len(data), page):
            if not outcome.succeeded:
                break
            piece = data[offset : offset + page]
            self._core.write_memory(self.buffer.start, piece)
            result = self._calls.call(Routine.VERIFY, address + offset, len(piece), self.buffer.start)
            outcome = Outcome(
                succeeded=result.low_word == (address + offset + len(piece)) % ADDRESS_SPACE_BYTES,
                detail=f"Verify returned 0x{result.low_word:08x}",
                instructions=add_instructions(outcome.instructions, result.instructions),
            )
        return self._leave(abi.PHASE_VERIFY, outcome)

    def end(self) -> Outcome:
        """Do nothing: each phase has ended with UnInit."""
        return NOTHING_YET

    def blank_check(self, wanted: AddressRange) -> Outcome:
        """Call BlankCheck in the erase phase, as in front of an erase; it succeeds where the range is called blank.

        Raises:
            RunFailed: the loader has no such routine, or breaks the calling convention.
        """
        pattern = self.device.erased_byte
        return self._phase(abi.PHASE_ERASE, [(Routine.BLANK_CHECK, (wanted.start, wanted.size_bytes, pattern))])

    def _program_page(
        self, before: Outcome, piece: Piece, buffer: int, meanwhile: Callable[[], None] | None
    ) -> Outcome:
        arguments = (piece.address, len(piece.data), buffer)
        return self._calls.step(before, Routine.PROGRAM_PAGE, *arguments, meanwhile=meanwhile)

    def _phase(self, phase: int, steps: Sequence[tuple[Routine, tuple[int, ...]]]) -> Outcome:
        outcome = self._init(phase)
        for routine, arguments in steps:
            if not outcome.succeeded:
                break
            outcome = self._calls.step(outcome, routine, *arguments)
        return self._leave(phase, outcome)

    def _init(self, phase: int) -> Outcome:
        return self._calls.step(NOTHING_YET, Routine.INIT, self.device.base_address, CLOCK_HZ, phase)

    def _leave(self, phase: int, outcome: Outcome) -> Outcome:
        """End the phase; the verdict of an operation that failed before stands."""
        left = self._calls.step(outcome, Routine.UNINIT, phase)
        if outcome.succeeded and not left.succeeded:
            return left
        return Outcome(outcome.succeeded, outcome.detail, left.instructions, outcome.data)
