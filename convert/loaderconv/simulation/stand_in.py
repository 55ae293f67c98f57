"""Stands in for the code of a source inside a converted loader, so that no model of its hardware is needed.

In the image that the host downloads, code of the source is replaced by undefined instructions, and each routine that
the shim calls by a return. When the core arrives there, an ideal driver of the source's flavour checks what it was
asked and does it. So a run shows that every call reaches the right routine with the right arguments and surroundings,
and that the host sees what the source answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from loaderconv.emulator.core import UnicornCore
from loaderconv.hosts.core import ARGUMENT_REGISTERS, Register
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed

RETURN = b"\x70\x47"
"""bx lr."""

BREACH_HINT = "The converted file would not work as planned. Please report this with the input file."

_STACK_ALIGNMENT = 8
_STACKED_BYTES = 8
"""Two words: arguments five and six, which only an IAR loader's FlashInit looks at."""

_GARBAGE = 0xC1A5_5E00
_SCRATCH_REGISTERS = (Register.R1, Register.R2, Register.R3, Register.R12)
_SCRIBBLE = b"\xc3"
_TOKEN = b"\x5a"


@dataclass(frozen=True)
class SourceCall:
    """One call of a routine of the source.

    Attributes:
        routine: its name.
        arguments: r0 to r3.
        stacked: arguments five and six.
    """

    routine: str
    arguments: tuple[int, int, int, int]
    stacked: tuple[int, int]


class IdealDriver(Protocol):
    """Does for a flavour what its hosts may rely on, on an ideal flash, and bears nothing that they may not do."""

    def reset(self) -> None:
        """Start as a loader that was just downloaded."""

    def objection(self, call: SourceCall) -> str | None:
        """Return what of a call breaks the flavour's rules; None where nothing does. Changes nothing."""

    def perform(self, call: SourceCall) -> int:
        """Do what a call asks for, and return the flavour's answer."""

    def refuse(self, call: SourceCall) -> int:
        """Answer that a call failed, after doing nothing but what a failure does to the driver's state."""


@dataclass(frozen=True)
class SourceImage:
    """A source in memory, ready to run.

    Attributes:
        routines: run address by name, without the Thumb bit.
        contents: bytes by address, as the shim's initialisation has to leave them.
        changing: what others write to: stack and parameter block.
        static_base: what r9 has to be; None where it does not matter.
        stack: that it brings along; None where it runs on its host's.
    """

    routines: Mapping[str, int]
    contents: tuple[tuple[int, bytes], ...]
    changing: tuple[AddressRange, ...]
    static_base: int | None
    stack: AddressRange | None


def hollow(start: int, data: bytes, routines: Sequence[int]) -> bytes:
    """Return what takes the place of code: undefined instructions, no two near each other equal, and the returns.

    Args:
        start: link address of the first byte.
        data: the code.
        routines: link addresses of what is called, without the Thumb bit.
    """
    filled = bytearray(_undefined(address) for address in range(start, start + len(data)))
    for routine in routines:
        if start <= routine <= start + len(data) - len(RETURN):
            filled[routine - start : routine - start + len(RETURN)] = RETURN
    return bytes(filled)


def _undefined(address: int) -> int:
    """Return a byte of the instruction UDF, whose lower byte may be anything."""
    return 0xDE if address & 1 else ((address >> 1) * 37 ^ (address >> 9) * 11) & 0xFF


@dataclass
class StandIn:
    """The source's routines on one core.

    Attributes:
        core: which runs the shim.
        driver: does the work.
        image: where everything of the source is.
        host_stack: the stack on which the host runs.
        least_stack_bytes: what of it a source without a stack of its own must be left.
        calls: how many there were.
    """

    core: UnicornCore
    driver: IdealDriver
    image: SourceImage
    host_stack: AddressRange
    least_stack_bytes: int
    calls: int = 0
    _to_fail: set[str] = field(default_factory=set)
    _skipped_calls: int = 0

    def __post_init__(self) -> None:
        """Watch the routines; those that a linker folded into one are told apart by what they may be asked now."""
        names: dict[int, list[str]] = {}
        for name, address in self.image.routines.items():
            names.setdefault(address, []).append(name)
        for address, folded in names.items():
            self.core.observe(address, lambda folded=folded: self._called(folded))  # type: ignore[misc]
        self._token_address = _token_address(self.image)
        self._fresh_token = _byte_at(self.image, self._token_address)

    def fail_next(self, routine: str, *, skipping: int = 0) -> None:
        """Let one call of a routine fail: the next, or the one after so many others."""
        self._to_fail = {routine}
        self._skipped_calls = skipping

    def has_failed(self) -> bool:
        """Tell whether the call that was to fail has come."""
        return not self._to_fail

    def _called(self, names: Sequence[str]) -> None:
        """Take part in the run in front of a routine's return: a breach ends it with RunFailed."""
        self._notice_download()
        call = self._call(names)
        self.calls += 1
        for problem in (self._surroundings(), self._memory(), self.driver.objection(call)):
            if problem is not None:
                shown = ", ".join(f"0x{argument:08x}" for argument in call.arguments)
                raise RunFailed(
                    f"The source's {call.routine}({shown}) was called wrongly: {problem}.", hint=BREACH_HINT
                )
        self._use_the_stack()
        answer = self.driver.refuse(call) if self._is_to_fail(call.routine) else self.driver.perform(call)
        for number, register in enumerate(_SCRATCH_REGISTERS):
            self.core.write_register(register, _GARBAGE + number)
        self.core.write_register(Register.R0, answer)

    def _is_to_fail(self, routine: str) -> bool:
        if routine not in self._to_fail:
            return False
        if self._skipped_calls:
            self._skipped_calls -= 1
            return False
        self._to_fail.discard(routine)
        return True

    def _notice_download(self) -> None:
        """A loader's state is as old as its memory: what was downloaded or installed anew has none."""
        if self._token_address is None:
            return
        if self.core.read_memory(self._token_address, 1) != _TOKEN:
            self.driver.reset()

    def _call(self, names: Sequence[str]) -> SourceCall:
        first, second, third, fourth = (self.core.read_register(each) for each in ARGUMENT_REGISTERS)
        stacked = self.core.read_memory(self.core.read_register(Register.SP), _STACKED_BYTES)
        words = (int.from_bytes(stacked[:4], "little"), int.from_bytes(stacked[4:], "little"))
        calls = [SourceCall(name, (first, second, third, fourth), words) for name in names]
        if len(calls) > 1:
            return next((call for call in calls if self.driver.objection(call) is None), calls[0])
        return calls[0]

    def _surroundings(self) -> str | None:
        """Check r9 and sp."""
        static_base, sp = self.core.read_register(Register.R9), self.core.read_register(Register.SP)
        if self.image.static_base not in (None, static_base):
            return f"r9 is 0x{static_base:08x}, its static base 0x{self.image.static_base:08x}"
        if sp % _STACK_ALIGNMENT:
            return f"sp is 0x{sp:08x}, no multiple of {_STACK_ALIGNMENT}"
        stack = self.image.stack
        if stack is not None:
            top = stack.end - stack.end % _STACK_ALIGNMENT - _STACKED_BYTES
            return None if sp == top else f"sp is 0x{sp:08x}, on its own stack {stack} it would be 0x{top:08x}"
        if not self.host_stack.start + self.least_stack_bytes <= sp <= self.host_stack.end - _STACKED_BYTES:
            return f"sp is 0x{sp:08x}, which leaves less than {self.least_stack_bytes} bytes of {self.host_stack}"
        return None

    def _memory(self) -> str | None:
        """Check that the source's bytes are in their places, and its zeros zero."""
        token = None if self._token_address is None else AddressRange(start=self._token_address, size_bytes=1)
        ignored = (*self.image.changing, *([] if token is None else [token]))
        for start, wanted in self.image.contents:
            found = self.core.read_memory(start, len(wanted))
            if found != wanted:
                for address, (held, belongs) in enumerate(zip(found, wanted, strict=True), start):
                    if held != belongs and not any(address in each for each in ignored):
                        return f"0x{address:08x} in its memory holds 0x{held:02x} instead of 0x{belongs:02x}"
        if token is not None:
            if self.core.read_memory(token.start, 1) not in (_TOKEN, self._fresh_token):
                return f"0x{token.start:08x} in its memory was overwritten"
            self.core.write_memory(token.start, _TOKEN)
        return None

    def _use_the_stack(self) -> None:
        """Overwrite all of the stack below sp, as a source may."""
        sp = self.core.read_register(Register.SP)
        floor = sp - self.least_stack_bytes if self.image.stack is None else self.image.stack.start
        self.core.write_memory(floor, _SCRIBBLE * (sp - floor))


def _token_address(image: SourceImage) -> int | None:
    """Return a place for a mark that the next download wipes out: in code that is never executed."""
    returns = {address + number for address in image.routines.values() for number in range(len(RETURN))}
    for start, data in image.contents:
        for address, byte in enumerate(data, start):
            if address & 1 and byte == _undefined(address) and address not in returns:
                return address
    return None


def _byte_at(image: SourceImage, address: int | None) -> bytes:
    for start, data in image.contents:
        if address is not None and start <= address < start + len(data):
            return data[address - start : address - start + 1]
    return b""
