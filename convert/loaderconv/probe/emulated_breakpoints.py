"""The breakpoint unit of an emulated Cortex-M.

Armv7-M Architecture Reference Manual, C1.11 (revision 1 and 2); Armv8-M, D1.2 (FP_COMPn).
"""

from loaderconv.probe.emulated_components import BREAKPOINT_UNIT

_FIRST = BREAKPOINT_UNIT + 8
_ENABLE = 1
_REVISION_1_ADDRESS = 0x1FFF_FFFC
_LOWER_HALFWORD, _UPPER_HALFWORD = 0b01, 0b10


class EmulatedBreakpoints:
    """FP_CTRL and the comparators."""

    def __init__(self, revision: int, count: int) -> None:
        """Take the revision, of which 1 holds addresses below 0x20000000 only and 2 any, and how many there are."""
        self._revision = revision
        self._is_enabled = False
        self._comparators = [0] * count

    def addresses(self) -> set[int]:
        """Return where the core is to stop."""
        if not self._is_enabled:
            return set()
        return {address for word in self._comparators if word & _ENABLE for address in self._meant(word)}

    def read(self, address: int) -> int:
        """Return a word of the unit."""
        if address == BREAKPOINT_UNIT:
            return (self._revision - 1) << 28 | len(self._comparators) << 4 | self._is_enabled
        index = self._index(address)
        return 0 if index is None else self._comparators[index]

    def write(self, address: int, value: int) -> None:
        """Take a word of the unit; FP_CTRL takes it with its key alone."""
        index = self._index(address)
        if address == BREAKPOINT_UNIT and value & 0b10:
            self._is_enabled = bool(value & _ENABLE)
        elif index is not None:
            self._comparators[index] = value

    def _index(self, address: int) -> int | None:
        index = (address - _FIRST) // 4
        return index if 0 <= index < len(self._comparators) else None

    def _meant(self, word: int) -> list[int]:
        if self._revision > 1:
            return [word & ~_ENABLE & 0xFFFF_FFFF]
        halves = word >> 30
        base = word & _REVISION_1_ADDRESS
        return [base + 2 * (half == _UPPER_HALFWORD) for half in (_LOWER_HALFWORD, _UPPER_HALFWORD) if halves & half]
