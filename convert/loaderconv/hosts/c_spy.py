"""C-SPY driving a loader of IAR's framework 2 (docs/formats/iar.md, Protocol).

A session is a download of the loader, FlashInit, any number of erases and writes, and FlashSignoff. The first operation
that needs the loader begins one. To read, the tool ends it and reads the memory itself.
"""

import binascii
from collections.abc import Callable
from dataclasses import replace

from loaderconv.hosts import framework2
from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.core import Core
from loaderconv.hosts.framework2 import Answer, Framework2Calls, Parameters
from loaderconv.hosts.host import Outcome, add_instructions, sectors_in
from loaderconv.hosts.loader_calls import NOTHING_YET
from loaderconv.hosts.memory_layout import as_described, overridden
from loaderconv.hosts.transfers import are_on_blocks, transfers
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Loader

_GOOD_STARTS = (framework2.RESULT_OK, framework2.RESULT_OVERRIDE_DEVICE, framework2.RESULT_ERASE_DONE)
_CODE_MASK = 0xFFFF
_CHECKSUM_MAX = 0xFFFF


class CSpyHost:
    """The host, with one loader and the pass of the `.board` file for which it is used.

    All addresses are the image's own; the loader sees them with the pass's `address_delta`. Which part of an image a
    pass programs (`range`, `ignored`, `absolute_start`) is decided by whoever gives data to the host.
    """

    name = "C-SPY"
    program_alignment_bytes = 1
    keeps_session = True

    def __init__(
        self,
        core: Core,
        loader: Loader,
        *,
        facts: PassFacts = PassFacts(),  # noqa: B008 - frozen
        reset: Callable[[], None] = lambda: None,
        budgets: Budgets = Budgets(),  # noqa: B008 - frozen
    ) -> None:
        """Take a loader; nothing is downloaded yet.

        Args:
            core: the target.
            loader: with its `.flash` file, which describes the memory.
            facts: offset of the pass, its arguments, the place of a relocatable loader.
            reset: resets the target, as the tool does before each download of the loader.
            budgets: how long one call may take.

        Raises:
            ConversionRefused: nothing describes the memory.
            RunFailed: C-SPY could not drive it.
        """
        settings = loader.iar_settings
        self._core = core
        self.moved_by = facts.loader_offset or 0
        self._reset = reset
        self._delta = facts.address_delta
        self._arguments = facts.args or (settings.arguments if settings is not None else ())
        self._aggregates = settings is not None and settings.aggregate
        self._calls = Framework2Calls(core, loader, moved_by=self.moved_by, budgets=budgets)
        device = loader.described_device
        base = (device.base_address - self._delta) % ADDRESS_SPACE_BYTES
        self._described = as_described(device.model_copy(update={"base_address": base}), self._calls.buffer)
        self._layout = self._described
        self._is_in_session = False

    @property
    def device(self) -> Device:
        """The memory as the `.flash` file describes it, with what the last FlashInit put in its place."""
        return self._layout.device

    @property
    def stack(self) -> AddressRange:
        """CSTACK, where the loader lies in memory."""
        return self._calls.stack

    @property
    def buffer(self) -> AddressRange:
        """Where the host puts the data that it hands over; FlashInit may have changed its size."""
        return self._layout.buffer

    def start(self) -> Outcome:
        """End the session where there is one, and begin another."""
        left = self.signoff()
        return self._begin(self.device.range) if left.succeeded else left

    def erase(self, wanted: AddressRange) -> Outcome:
        """Erase by lists of blocks, each as long as the buffer allows."""
        outcome = self._begin(wanted)
        if not outcome.succeeded:
            return outcome
        blocks = sectors_in(self.device, wanted)
        if not blocks:
            return Outcome(succeeded=False, detail=f"no block in {wanted}", instructions=outcome.instructions)
        return self._erase(outcome, blocks)

    def erase_block(self, block: AddressRange) -> Outcome:
        """Erase by a list of one block."""
        outcome = self._begin(block)
        return self._erase(outcome, [block]) if outcome.succeeded else outcome

    def erase_all(self) -> Outcome:
        """Ask FlashInit for a mass erase, in a session of its own; erase all blocks where it did not do it."""
        outcome = self.signoff()
        if not outcome.succeeded:
            return outcome
        answer = self._initialise(self.device.range, framework2.FLAG_MASS_ERASE)
        outcome = self._judge_init(outcome, answer)
        if outcome.succeeded and answer.result & _CODE_MASK != framework2.RESULT_ERASE_DONE:
            outcome = self._erase(outcome, sectors_in(self.device, self.device.range))
        return self._leave(outcome)

    def program(self, address: int, data: bytes) -> Outcome:
        """Write whole pages through the buffer, several blocks in one transfer where the `.flash` file allows it."""
        return self._write(address, data, crosses_blocks=self._aggregates, on_first_touch=Routine.PROGRAM_PAGE)

    def program_piece(self, address: int, data: bytes) -> Outcome:
        """Call FlashWrite once, with the piece as the start of a block."""
        outcome = self._begin(AddressRange(start=address, size_bytes=len(data)))
        if not outcome.succeeded:
            return outcome
        self._calls.fill_buffer(data)
        return self._step(outcome, Routine.PROGRAM_PAGE, Parameters(self._seen(address), len(data), 0, len(data)))

    def erase_and_program(self, address: int, data: bytes) -> Outcome:
        """Erase each block in the call that brings its first data, as the tool does in an ordinary download."""
        return self._write(address, data, crosses_blocks=False, on_first_touch=Routine.ERASE_SECTOR)

    def read(self, wanted: AddressRange) -> Outcome:
        """End the session, then read the memory, which the loader has to leave readable."""
        outcome = self.signoff()
        if not outcome.succeeded:
            return outcome
        data = self._core.read_memory(wanted.start, wanted.size_bytes)
        return Outcome(succeeded=True, detail=f"read {wanted}", instructions=outcome.instructions, data=data)

    def verify(self, address: int, data: bytes) -> Outcome:
        """Compare the sum that FlashChecksum forms with that of the data; without the routine, by reading back."""
        wanted = AddressRange(start=address, size_bytes=len(data))
        if not self._calls.has(Routine.CHECKSUM):
            found = self.read(wanted)
            is_equal = found.succeeded and found.data == data
            return Outcome(is_equal, "read back", found.instructions)
        found = self.checksum(wanted)
        expected = binascii.crc_hqx(data, 0)
        is_equal = found.succeeded and int.from_bytes(found.data, "little") == expected
        detail = f"{found.detail}, expected 0x{expected:04x}" if found.succeeded else found.detail
        return Outcome(is_equal, detail, found.instructions)

    def checksum(self, wanted: AddressRange) -> Outcome:
        """Call FlashChecksum; the outcome's data are the two bytes of the sum, least significant first.

        Raises:
            RunFailed: the loader has no such routine, or breaks the calling convention.
        """
        entry = self._calls.entry(Routine.CHECKSUM)
        outcome = self._begin(wanted)
        if not outcome.succeeded:
            return outcome
        parameters = Parameters(base=self._seen(wanted.start), count=wanted.size_bytes)
        answer = self._calls.call(Routine.CHECKSUM, parameters)
        is_sum = answer.result <= _CHECKSUM_MAX
        return Outcome(
            succeeded=is_sum,
            detail=f"{entry.symbol} returned 0x{answer.result:04x}",
            instructions=add_instructions(outcome.instructions, answer.instructions),
            data=answer.result.to_bytes(2, "little") if is_sum else b"",
        )

    def erase_nothing(self) -> Outcome:
        """Hand FlashEraseWriteEntry an empty list of blocks, without a session: it must answer 0 and do nothing.

        That needs no hardware (docs/formats/iar.md, Protocol).
        """
        before = replace(NOTHING_YET, instructions=self._calls.download())
        return self._step(before, Routine.ERASE_SECTOR, Parameters())

    def signoff(self) -> Outcome:
        """End the session with FlashSignoff, where the loader has it; without a session there is nothing to do."""
        if not self._is_in_session:
            return NOTHING_YET
        self._is_in_session = False
        if not self._calls.has(Routine.SIGNOFF):
            return NOTHING_YET
        return self._step(NOTHING_YET, Routine.SIGNOFF, Parameters())

    def end(self) -> Outcome:
        """End the session."""
        return self.signoff()

    def _begin(self, image: AddressRange) -> Outcome:
        """Begin a session unless there is one."""
        if self._is_in_session:
            return NOTHING_YET
        return self._judge_init(NOTHING_YET, self._initialise(image, flags=0))

    def _initialise(self, image: AddressRange, flags: int) -> Answer:
        """Download the loader, and run FlashInit for an image."""
        self._reset()
        before = self._calls.download()
        self._calls.write_arguments(self._arguments)
        base = self._seen(self.device.base_address)
        lasts_like = Routine.ERASE_CHIP if flags & framework2.FLAG_MASS_ERASE else Routine.INIT
        parameters = Parameters(base, flags, image.start, image.size_bytes)
        answer = self._calls.call(Routine.INIT, parameters, lasts_like=lasts_like)
        return replace(answer, instructions=add_instructions(before, answer.instructions))

    def _judge_init(self, before: Outcome, answer: Answer) -> Outcome:
        """Take over what FlashInit changed, and open the session."""
        instructions = add_instructions(before.instructions, answer.instructions)
        code = answer.result & _CODE_MASK
        told = self._told(Routine.INIT, code)
        if code not in _GOOD_STARTS:
            return Outcome(succeeded=False, detail=f"Init failed: {told}", instructions=instructions)
        text = self._calls.text_in_buffer()
        try:
            self._layout = overridden(self._described, answer, text)
        except RunFailed as impossible:
            return Outcome(succeeded=False, detail=f"Init failed: {impossible.message}", instructions=instructions)
        self._is_in_session = True
        return Outcome(succeeded=True, detail=told, instructions=instructions)

    def _leave(self, outcome: Outcome) -> Outcome:
        """End the session; the verdict of an operation that failed before stands."""
        left = self.signoff()
        instructions = add_instructions(outcome.instructions, left.instructions)
        told = left if outcome.succeeded and not left.succeeded else outcome
        return Outcome(told.succeeded, told.detail, instructions, told.data)

    def _erase(self, outcome: Outcome, blocks: list[AddressRange]) -> Outcome:
        entry = framework2.ERASE_LIST_ENTRY
        capacity = self.buffer.size_bytes // entry.size
        for first in range(0, len(blocks), capacity):
            if not outcome.succeeded:
                break
            listed = blocks[first : first + capacity]
            self._calls.fill_buffer(b"".join(entry.pack(self._seen(each.start), each.size_bytes) for each in listed))
            outcome = self._step(outcome, Routine.ERASE_SECTOR, Parameters(count=len(listed)))
        return outcome

    def _write(self, address: int, data: bytes, *, crosses_blocks: bool, on_first_touch: Routine) -> Outcome:
        """Hand data over piece by piece; a block that a piece starts in is touched by it."""
        wanted = AddressRange(start=address, size_bytes=len(data))
        outcome = self._begin(wanted)
        if not outcome.succeeded or not data:
            return outcome
        if not are_on_blocks(self.device, wanted):
            return Outcome(succeeded=False, detail=f"no block for all of {wanted}", instructions=outcome.instructions)
        touched: AddressRange | None = None
        for piece in transfers(self._layout, address, data, crosses_blocks=crosses_blocks):
            routine = Routine.PROGRAM_PAGE if piece.block == touched else on_first_touch
            touched = piece.block
            self._calls.fill_buffer(piece.data)
            start, size = self._seen(touched.start), touched.size_bytes
            outcome = self._step(outcome, routine, Parameters(start, len(piece.data), piece.offset_bytes, size))
            if not outcome.succeeded:
                break
        return outcome

    def _step(self, before: Outcome, routine: Routine, parameters: Parameters) -> Outcome:
        """Make the next call of an operation in which all went well so far."""
        answer = self._calls.call(routine, parameters)
        return Outcome(
            succeeded=answer.result == framework2.RESULT_OK,
            detail=self._told(routine, answer.result),
            instructions=add_instructions(before.instructions, answer.instructions),
        )

    def _told(self, routine: Routine, code: int) -> str:
        """Return what a stub answered, with the text that goes with one of the codes."""
        told = f"{self._calls.entry(routine).symbol} returned {code}"
        has_text = code == framework2.RESULT_ERROR_WITH_MSG
        return f"{told}: {quoted(self._calls.text_in_buffer())}" if has_text else told

    def _seen(self, address: int) -> int:
        """Return an address of the image as the loader sees it."""
        return (address + self._delta) % ADDRESS_SPACE_BYTES
