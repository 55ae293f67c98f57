"""Goes along the ways through code; what an instruction does to the way, `walker` tells."""

from array import array
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from loaderconv.lint.code import branches
from loaderconv.lint.code import kinds as k
from loaderconv.lint.code.regions import Region, Regions
from loaderconv.lint.code.table_helpers import Helper, helper_at
from loaderconv.lint.code.walk import Event, Run, Walk

_ADDRESS_MASK = 0xFFFF_FFFE

_SEEN = bytes([k.SEEN])

_MOST_TABLE_TARGETS = 0x4000
"""Of all jump tables together; those of a real loader have a few dozen."""


class Paths:
    """One walk. Places in the current region are indexes of halfwords.

    Attributes:
        seen: what has been seen so far.
        handlers: what to do with an instruction, by its kind: it gets its index and returns the next one's.
    """

    handlers: ClassVar[Mapping[int, Callable[[Any, int], int]]]

    def __init__(self, regions: Regions) -> None:
        self.seen = Walk(regions)
        self._far: list[tuple[int, int, int | None]] = []
        self._near: list[tuple[int, int, int | None]] = []
        self._called: dict[int, Helper] = {}
        self._table_targets_left = _MOST_TABLE_TARGETS
        self._enter(Region(0, array("H"), bytearray(), 0))
        self._function = 0
        self._is_over = False
        self._conditional_end = 0

    def walk_from(self, address: int) -> None:
        """Walk from an entry point."""
        self._far.append((address, address, None))
        while self._far:
            start, function, source = self._far.pop()
            region = self.seen.regions.holding(start)
            if region is not None:
                self._enter(region)
                self._near.append(((start - region.start) >> 1, function, source))
                self._walk_region()

    def _enter(self, region: Region) -> None:
        self._region = region
        self._base, self._halfwords, self._kinds = region.start, region.halfwords, region.kinds

    def _walk_region(self) -> None:
        """Walk through everything that is pending in this region."""
        near, kinds = self._near, self._kinds
        while near:
            first, function, source = near.pop()
            if kinds[first] != k.SEEN and kinds[first] != k.DATA:
                self._follow(first, function, source)

    def _follow(self, first: int, function: int, source: int | None) -> None:
        """Go straight on until code ends or was walked before."""
        kinds, handlers, skip = self._kinds, self.handlers, k.skip
        count = len(kinds)
        index = first
        self._function, self._is_over, self._conditional_end = function, False, 0
        while not self._is_over:
            index = skip(kinds, index).end()  # type: ignore[union-attr]
            handler = handlers.get(kinds[index]) if index < count else None
            if handler is None:
                break
            index = handler(self, index)
        index = min(index, count)
        start, end = self._base + 2 * first, self._base + 2 * index
        if not self._is_over and index < count and kinds[index] == k.SEEN:
            self.seen.edges.append((end - 2, end))
        self.seen.runs.append(Run(start, end, function, source, self._region))
        kinds[first:index] = _SEEN * (index - first)

    def _note(self, event: Event, index: int) -> None:
        self.seen.events[event].append(self._base + 2 * index)

    def _end(self, index: int) -> None:
        """End the path, unless the instruction at `index` is conditional."""
        self._is_over = index >= self._conditional_end

    def _jump(self, index: int, target: int) -> None:
        """Note a branch, and that the walk has to go where it leads."""
        source = self._base + 2 * index
        address = self._base + 2 * target & _ADDRESS_MASK
        self.seen.edges.append((source, address))
        if not 0 <= target < len(self._kinds):
            self._far.append((address, self._function, source))
        elif self._kinds[target] != k.SEEN:
            self._near.append((target, self._function, source))

    def _word(self, index: int, at: int) -> None:
        """Note that an instruction loads a word, which is data."""
        kinds = self._kinds
        if 0 <= at < len(kinds) - 1:
            base = self._base
            self.seen.literals.append((base + 2 * index, base + 2 * at, self._function))
            if kinds[at] != k.SEEN:
                kinds[at] = k.DATA
            if kinds[at + 1] != k.SEEN:
                kinds[at + 1] = k.DATA

    def _call(self, index: int, target: int) -> None:
        address = self._base + 2 * target & _ADDRESS_MASK
        self.seen.edges.append((self._base + 2 * index, address))
        helper = self._called.get(address)
        if helper is None:
            helper = self._called[address] = helper_at(self.seen.regions, address)
            if helper is Helper.NONE:
                is_near = 0 <= target < len(self._kinds)
                (self._near if is_near else self._far).append((target if is_near else address, address, None))
        if helper is not Helper.NONE:
            is_known = helper is Helper.ARMCC_SWITCH
            self._table(index, index + 2, branches.switch_targets(self._halfwords, index + 2) if is_known else None)

    def _table(self, index: int, table: int, targets: list[int] | None) -> None:
        """Go to all targets of a jump table; the path ends in any case."""
        self._end(index)
        self._table_targets_left -= len(targets or ())
        if targets and self._table_targets_left >= 0:
            self._region.mark_data(self._base + 2 * table, self._base + 2 * min(targets))
            for target in targets:
                self._jump(index, target)
