"""Records what the code of a source does to its devices, call by call, whichever loader it lies in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from loaderconv.emulator.access import Access
from loaderconv.emulator.devices.flash_memory import FlashMemory
from loaderconv.hosts.core import ARGUMENT_REGISTERS, Register
from loaderconv.simulation.proving.marks import Mark
from loaderconv.simulation.rig import Rig
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.entry_point import Routine

MAX_ACCESSES_PER_CALL = 200_000
"""A call that does more than this is compared up to here; `was_cut` tells."""


@dataclass
class Call:
    """One call of a routine of the source.

    Attributes:
        symbol: its name.
        routine: what it does.
        arguments: r0 to r3 at its start.
        accesses: to devices by the source's code, in order; polls of one register in a row are one.
        commands: what the memory was told meanwhile.
        was_cut: there were more.
    """

    symbol: str
    routine: Routine
    arguments: tuple[int, ...]
    accesses: list[Access] = field(default_factory=list)
    commands: tuple[str, ...] = ()
    was_cut: bool = False

    def add(self, access: Access) -> None:
        """Append an access; of a row of reads of one register the last one stays."""
        last = self.accesses[-1] if self.accesses else None
        if last is not None and last.kind == access.kind == "r" and last.address == access.address:
            self.accesses[-1] = access
        elif len(self.accesses) < MAX_ACCESSES_PER_CALL:
            self.accesses.append(access)
        else:
            self.was_cut = True


class Recorder:
    """Listens to one machine.

    Attributes:
        calls: of the current operation, in order.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._code: tuple[AddressRange, ...] = ()
        self._shift = 0
        self._begin_call: Callable[[], None] = lambda: None
        self._stand_ins: tuple[AddressRange, ...] = ()
        self._memory: FlashMemory | None = None
        self._commands_seen = 0

    def watch(self, rig: Rig, marks: Sequence[Mark], code: tuple[AddressRange, ...], shift: int) -> None:
        """Begin to listen.

        Args:
            rig: whose core runs the code.
            marks: starts of the source's routines.
            code: link addresses of the source's code.
            shift: what to subtract from an address in memory to get a link address of the source.
        """
        self._code, self._shift = code, shift
        self._begin_call = rig.machine.begin_call
        self._stand_ins = rig.machine.stand_ins
        self._memory = rig.machine.memory
        for mark in marks:
            rig.core.observe(
                (mark.address + shift) % ADDRESS_SPACE_BYTES,
                lambda mark=mark: self._on_call(rig, mark),  # type: ignore[misc]
            )

    def on_access(self, access: Access) -> None:
        """Take an access to a device, if it is the source's code that makes it."""
        if self.calls and (access.pc is None or self._is_of_source(access.pc)):
            self.calls[-1].add(access)

    def _is_of_source(self, pc: int) -> bool:
        return self.link_address(pc) is not None or any(pc in each for each in self._stand_ins)

    def link_address(self, address: int) -> int | None:
        """Return the source's link address for an address in memory, None outside of its code."""
        linked = (address - self._shift) % ADDRESS_SPACE_BYTES
        return linked if any(linked in each for each in self._code) else None

    def taken(self) -> tuple[Call, ...]:
        """Return the calls since the last time, and forget them."""
        self._end_call()
        calls, self.calls = tuple(self.calls), []
        return calls

    def _end_call(self) -> None:
        """Give the last call the commands that came since it began."""
        if self._memory is None:
            return
        commands = tuple(self._memory.commands[self._commands_seen :])
        self._commands_seen += len(commands)
        if self.calls:
            self.calls[-1].commands = commands

    def _on_call(self, rig: Rig, mark: Mark) -> None:
        self._end_call()
        self._begin_call()
        arguments = tuple(rig.core.read_register(Register(register)) for register in ARGUMENT_REGISTERS)
        self.calls.append(Call(mark.symbol, mark.routine, arguments))
