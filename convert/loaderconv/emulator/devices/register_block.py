"""A block of plain registers in which some status bits follow control bits.

That is all that a loader needs of clock and power control: what it switches on has to become ready, what it selects has
to be in force. Vendors' code reads those bits once and fails for good, so guessing after many polls is too late.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

WINDOW_BYTES = 0x400


@dataclass(frozen=True)
class Follow:
    """A status field that shows what a control field asks for.

    Attributes:
        control_offset: register that the loader writes.
        control_bit: lowest bit of the field there.
        status_offset: register that the loader reads.
        status_bit: lowest bit of the field there.
        width_bits: of both fields.
    """

    control_offset: int
    control_bit: int
    status_offset: int
    status_bit: int
    width_bits: int = 1


@dataclass(frozen=True)
class RegisterLayout:
    """What is known of a block.

    Attributes:
        name: for messages.
        follows: status fields.
        always_set: by offset, bits that read 1 whatever was written: what is ready from the start.
        reset_values: by offset, 0 where nothing is said.
        aliases: by offset, the register that answers in its place.
    """

    name: str
    follows: tuple[Follow, ...] = ()
    always_set: Mapping[int, int] = field(default_factory=dict)
    reset_values: Mapping[int, int] = field(default_factory=dict)
    aliases: Mapping[int, int] = field(default_factory=dict)


class RegisterBlock:
    """The registers of one block.

    Attributes:
        layout: its facts.
        violations: always empty; plain registers take everything.
        after_write: called with the offset of each register that was written.
    """

    def __init__(self, base: int, layout: RegisterLayout, *, size_bytes: int = WINDOW_BYTES) -> None:
        self.layout = layout
        self.violations: list[str] = []
        self.after_write: Callable[[int], None] = lambda _offset: None
        self._range = AddressRange(start=base, size_bytes=size_bytes)
        self._following = frozenset(follow.status_offset for follow in layout.follows)
        self._words = dict(layout.reset_values)

    def windows(self) -> tuple[Window, ...]:
        """Return the one range."""
        return (Window(self.layout.name, self._range, self._read, self._write),)

    def reset(self) -> None:
        """Give every register the value that it has after reset."""
        self._words = dict(self.layout.reset_values)

    def word(self, offset: int) -> int:
        """Return what a register reads as."""
        value = self._words.get(offset, 0)
        for follow in self.layout.follows if offset in self._following else ():
            if follow.status_offset == offset:
                mask = (1 << follow.width_bits) - 1
                shown = self._words.get(follow.control_offset, 0) >> follow.control_bit & mask
                value = value & ~(mask << follow.status_bit) | shown << follow.status_bit
        return value | self.layout.always_set.get(offset, 0)

    def set_bits(self, offset: int, bits: int) -> None:
        """Set bits as an earlier program would have left them."""
        self._words[offset] = self._words.get(offset, 0) | bits
        self.after_write(offset)

    def _read(self, offset: int, size_bytes: int) -> int:
        return self.word(self._register(offset)) >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        register = self._register(offset)
        shift = 8 * (offset & 3)
        lane = (1 << 8 * size_bytes) - 1 << shift
        self._words[register] = self._words.get(register, 0) & ~lane | value << shift & lane
        self.after_write(register)

    def _register(self, offset: int) -> int:
        return self.layout.aliases.get(offset & ~3, offset & ~3)
