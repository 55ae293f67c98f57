"""What is known of a core's registers, and what code does with addresses that are made of constants."""

from enum import Enum
from typing import NamedTuple

_WORD_MASK = 0xFFFF_FFFF

PC = 15

_CHANGED_BY_CALLS = (0, 1, 2, 3, 12, 14)
"""What a called function may change (AAPCS)."""


class Known(Enum):
    """How a register's content is known."""

    EXACT = "this number"
    NEAR = "this number and an index"
    BEHIND = "loaded from this address, or through what is there"


class Value(NamedTuple):
    """What is known of a register.

    Attributes:
        how: it is known.
        number: the constant.
    """

    how: Known
    number: int


def exact(number: int) -> Value:
    """Return a known number."""
    return Value(Known.EXACT, number & _WORD_MASK)


class Store(NamedTuple):
    """A store to an address made of constants.

    Attributes:
        address: of the instruction.
        target: where it stores; with an index, without it.
    """

    address: int
    target: int


class Call(NamedTuple):
    """A call or a branch through a constant.

    Attributes:
        address: of the instruction.
        value: where it leads, or where the pointer comes from.
    """

    address: int
    value: Value


class Registers:
    """The registers while code is followed. Whatever is not computed here is unknown afterwards.

    Attributes:
        values: of r0 to pc, None where nothing is known.
        stores: that were met.
        calls: that were met.
        address: of the instruction at hand.
    """

    def __init__(self, values: list[Value | None] | None = None) -> None:
        self.values: list[Value | None] = [None] * 16 if values is None else list(values)
        self.stores: list[Store] = []
        self.calls: list[Call] = []
        self.address = 0

    def at(self, address: int) -> None:
        """Go to an instruction."""
        self.address = address

    def show_pc(self) -> None:
        """Make pc known, for the instruction at hand."""
        self.values[PC] = exact(self.address + 4)

    def forget(self, *registers: int) -> None:
        """Make registers unknown."""
        for register in registers:
            self.values[register] = None

    def forget_listed(self, mask: int) -> None:
        """Make the registers unknown whose bits are set."""
        for register in range(16):
            if mask >> register & 1:
                self.values[register] = None

    def forget_scratch(self) -> None:
        """Make unknown what a call may change."""
        self.forget(*_CHANGED_BY_CALLS)

    def number(self, register: int) -> int | None:
        """Return what a register holds, None where that is not known."""
        value = self.values[register]
        return value.number if value is not None and value.how is Known.EXACT else None

    def put(self, register: int, value: Value | None) -> None:
        """Set a register."""
        self.values[register] = value

    def add_number(self, register: int, base: int, number: int) -> None:
        """Set a register to the sum of another one and a number."""
        value = self.values[base]
        is_address = value is not None and value.how is not Known.BEHIND
        self.values[register] = Value(value.how, value.number + number & _WORD_MASK) if value and is_address else None

    def add(self, register: int, first: int, second: int) -> None:
        """Set a register to the sum of two others; a constant and something unknown are an array and an index."""
        values = [v for v in (self.values[first], self.values[second]) if v is not None and v.how is not Known.BEHIND]
        if len(values) == 2 and all(value.how is Known.EXACT for value in values):
            self.values[register] = exact(values[0].number + values[1].number)
        elif len(values) == 1:
            self.values[register] = Value(Known.NEAR, values[0].number)
        else:
            self.values[register] = None

    def add_index(self, register: int, base: int) -> None:
        """Set a register to the sum of another one and an index."""
        value = self.values[base]
        is_address = value is not None and value.how is not Known.BEHIND
        self.values[register] = Value(Known.NEAR, value.number) if value and is_address else None

    def load(self, register: int, base: int, offset: int) -> None:
        """Set a register to a word from memory."""
        value = self.values[base]
        if value is not None and value.how is Known.EXACT:
            value = Value(Known.BEHIND, value.number + offset & _WORD_MASK)
        self.values[register] = value if value is not None and value.how is Known.BEHIND else None

    def store(self, base: int, offset: int) -> None:
        """Meet a store of a register."""
        value = self.values[base]
        if value is not None and value.how is not Known.BEHIND:
            self.stores.append(Store(self.address, value.number + offset & _WORD_MASK))

    def store_indexed(self, base: int, index: int) -> None:
        """Meet a store of a register at the sum of two others."""
        numbers = [number for number in (self.number(base), self.number(index)) if number is not None]
        if numbers:
            self.stores.append(Store(self.address, sum(numbers) & _WORD_MASK))

    def call(self, register: int) -> None:
        """Meet a branch to the address in a register."""
        value = self.values[register]
        if value is not None and value.how is not Known.NEAR:
            self.calls.append(Call(self.address, value))
