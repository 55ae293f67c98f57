"""The calls into a loader of IAR's framework 2, one by one (docs/formats/iar.md, Parameter block, Protocol).

The host writes the parameter block, sets pc to a stub and runs it to FlashBreak; the result is a word of the block.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.call import SENTINEL, check_preserved, entry_of, run_to
from loaderconv.hosts.core import GENERAL_REGISTERS, Core, Register
from loaderconv_formats.iar import abi
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import RunFailed, UsageProblem
from loaderconv_schemas.iar import IarInterface
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import PlacementKind

FLAG_MASS_ERASE = 2

RESULT_OK = 0
RESULT_OVERRIDE_DEVICE = 2
RESULT_ERASE_DONE = 3
RESULT_ERROR_WITH_MSG = 4

ERASE_LIST_ENTRY = struct.Struct("<II")
"""FlashEraseData: start and length of a block."""

MAX_TEXT_BYTES = 1024
"""Of a text that a loader leaves in the buffer no more is read; the longest known layout has 40 bytes."""

Fact = TypeVar("Fact")

_PARAMETERS = struct.Struct("<IIIII")
_WORD = struct.Struct("<I")
_NO_RETURN_ADDRESS = 0xFFFF_FFFF


@dataclass(frozen=True)
class Parameters:
    """The words of theFlashParams; what they mean differs between the calls.

    Attributes:
        base: start of the flash, of a block, or of what is asked for.
        count: bytes, entries of the list of blocks, or flags.
        offset_into_block: where in the block the data belong; for FlashInit the link address of the image.
        block_size: bytes of the block, 0 for the list form of erasing; for FlashInit the size of the image.
    """

    base: int = 0
    count: int = 0
    offset_into_block: int = 0
    block_size: int = 0


@dataclass(frozen=True)
class Answer:
    """What the loader left in the block.

    Attributes:
        result: `count`.
        offset_into_block: the page size where FlashInit replaces it.
        block_size: the buffer's size where FlashInit replaces it.
        instructions: executed by the call; None on a core that cannot count.
    """

    result: int
    offset_into_block: int
    block_size: int
    instructions: int | None


class Framework2Calls:
    """The stubs of one loader in the memory of one core.

    Attributes:
        buffer: between FlashBufferStart and FlashBufferEnd, in memory.
        stack: CSTACK in memory; empty, at the first value of sp, where the file does not tell its size.
    """

    def __init__(self, core: Core, loader: Loader, *, moved_by: int = 0, budgets: Budgets = Budgets()) -> None:  # noqa: B008 - frozen
        """Take a loader that has yet to be downloaded.

        Args:
            core: where it will lie.
            loader: what was read of it.
            moved_by: difference between its addresses in memory and those for which it was linked.
            budgets: how long one call may take.

        Raises:
            RunFailed: it has no machine code, lacks a mandatory symbol, or is to be moved and cannot be.
        """
        self._core = core
        self._loader = loader
        self._moved_by = moved_by
        self._budgets = budgets
        self._interface = _interface(loader)
        self._break_address = self._moved(_known(self._interface.break_address, abi.BREAK))
        self._parameters = self._moved(_known(self._interface.parameters, abi.PARAMETERS).start)
        buffer = _known(self._interface.buffer, f"{abi.BUFFER_START} and {abi.BUFFER_END}")
        self.buffer = self._moved_range(buffer)
        self._static_base: int | None = None
        top = self._interface.stack_pointer
        self._stack_pointer = None if top is None else self._moved(top)
        self.stack = self._moved_range(self._interface.stack or AddressRange(start=top or 0, size_bytes=0))
        if moved_by and loader.placement.kind is not PlacementKind.RELOCATABLE_IAR:
            raise RunFailed(
                f"{loader.identity.name} was linked for fixed addresses and cannot be moved by 0x{moved_by:08x}.",
                hint="Only a relocatable loader takes a <loader_offset>.",
            )

    def download(self) -> int | None:
        """Write what the file holds; what it leaves to zeros keeps what was there. Then run FlashPreInitEntry.

        Returns:
            Instructions executed; None on a core that cannot count.
        """
        self._static_base = None
        for segment in self._loader.image_segments:
            self._core.write_memory(self._moved(segment.address), segment.data)
        if not self.has(Routine.PRE_INIT):
            return 0
        instructions = self._run(self.entry(Routine.PRE_INIT), Routine.PRE_INIT)
        self._static_base = self._core.read_register(Register.R9)
        self._stack_pointer = self._core.read_register(Register.SP)
        return instructions

    def write_arguments(self, arguments: Sequence[str]) -> None:
        """Fill `__argc`, `__argv` and `__argvbuf`, which FlashInit then finds.

        Raises:
            UsageProblem: the loader has no place for so many, so long, or any arguments.
        """
        block = self._interface.arguments
        if block is None:
            if arguments:
                raise UsageProblem(
                    f"{self._loader.identity.name} takes no arguments, and {len(arguments)} are given.",
                    hint="Remove <args> from the .board or .flash file.",
                )
            return
        texts = [argument.encode("utf-8", "backslashreplace") + b"\0" for argument in arguments]
        size_bytes = sum(map(len, texts))
        if len(texts) > block.max_count or size_bytes > block.text.size_bytes:
            raise UsageProblem(
                f"{self._loader.identity.name} has room for {block.max_count} arguments with {block.text.size_bytes} "
                f"bytes of text, and {len(texts)} with {size_bytes} bytes are given.",
                hint="Shorten <args> in the .board or .flash file: more would overwrite the loader's memory.",
            )
        text_start = self._moved(block.text.start)
        starts = [text_start + sum(map(len, texts[:number])) for number in range(len(texts))]
        self._core.write_memory(text_start, b"".join(texts))
        self._core.write_memory(self._moved(block.vector.start), b"".join(map(_WORD.pack, starts)))
        self._core.write_memory(self._moved(block.count_address), _WORD.pack(len(texts)))

    def call(self, routine: Routine, parameters: Parameters, *, lasts_like: Routine | None = None) -> Answer:
        """Write the parameters, run a stub to FlashBreak, and return what it answered.

        It has the budget of another routine where one is named: FlashInit may be asked to erase everything.

        Every general register holds garbage, marks or what was left in it, save r9 of a relocatable loader. None has
        to come back, since a stub does not return; sp has to.

        Raises:
            RunFailed: there is no such stub, it did not reach FlashBreak, or sp moved.
        """
        entry = self.entry(routine)
        block = (
            parameters.base,
            parameters.count,
            parameters.offset_into_block,
            self.buffer.start,
            parameters.block_size,
        )
        packed = _PARAMETERS.pack(*(word % ADDRESS_SPACE_BYTES for word in block))
        self._core.write_memory(self._parameters, packed)
        instructions = self._run(entry, lasts_like or routine)
        check_preserved(self._core, entry.symbol, {Register.SP: self._known_stack_pointer()})
        _, result, offset, _, size = _PARAMETERS.unpack(self._core.read_memory(self._parameters, _PARAMETERS.size))
        return Answer(result, offset, size, instructions)

    def fill_buffer(self, data: bytes) -> None:
        """Write data to the start of the buffer, where the parameters always point."""
        self._core.write_memory(self.buffer.start, data)

    def text_in_buffer(self) -> str:
        """Return the text that a loader left at the start of the buffer, up to its NUL."""
        raw = self._core.read_memory(self.buffer.start, min(self.buffer.size_bytes, MAX_TEXT_BYTES))
        return raw.partition(b"\0")[0].decode("ascii", "backslashreplace")

    def has(self, routine: Routine) -> bool:
        """Tell whether the loader has a stub."""
        return self._loader.entry_point(routine) is not None

    def entry(self, routine: Routine) -> EntryPoint:
        """Return a stub as the file has it. Raises RunFailed where there is none."""
        return entry_of(self._loader, routine)

    def _run(self, entry: EntryPoint, lasts_like: Routine) -> int | None:
        for number, register in enumerate(GENERAL_REGISTERS):
            if register in self._core.marked_registers:
                self._core.write_register(register, SENTINEL + number)
        if self._static_base is not None:
            self._core.write_register(Register.R9, self._static_base)
        self._core.write_register(Register.SP, self._known_stack_pointer())
        self._core.write_register(Register.LR, _NO_RETURN_ADDRESS)
        self._core.write_register(Register.PC, self._moved(entry.address))
        return run_to(self._core, self._break_address, entry.symbol, self._budgets.of(lasts_like)).instructions

    def _known_stack_pointer(self) -> int:
        return _known(self._stack_pointer, f"{abi.STACK_LIMIT} or {abi.VECTOR_TABLE}")

    def _moved_range(self, linked: AddressRange) -> AddressRange:
        start = self._moved(linked.start)
        if start + linked.size_bytes > ADDRESS_SPACE_BYTES:
            raise RunFailed(
                f"The loader placed at 0x{self._moved_by:08x} does not end within the 32-bit address space.",
                hint="Check <loader_offset> in the .board file.",
            )
        return AddressRange(start=start, size_bytes=linked.size_bytes)

    def _moved(self, address: int) -> int:
        return (address + self._moved_by) % ADDRESS_SPACE_BYTES


def _interface(loader: Loader) -> IarInterface:
    if loader.iar_interface is None:
        raise RunFailed(
            f"{loader.identity.name} has no machine code that C-SPY could drive.",
            hint="Name a .flash or .board file that leads to an executable of IAR's framework 2.",
        )
    return loader.iar_interface


def _known(fact: Fact | None, symbol: str) -> Fact:
    if fact is None:
        raise RunFailed(
            f"The loader has no {symbol}, without which C-SPY cannot drive it.",
            hint="Link the framework's object files, and keep the symbol table.",
        )
    return fact
