"""The code of a loader that its entry points reach: what rules ask."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from loaderconv.lint.code.constants import uses_of_constants
from loaderconv.lint.code.regions import Regions, merged
from loaderconv.lint.code.values import Call, Store
from loaderconv.lint.code.walk import Event, Run, Walk
from loaderconv.lint.code.walker import walk
from loaderconv_formats.elf.image import ElfImage

_SYSTEM_SPACE = range(0xE000_E000, 0xE000_F000)
"""The system control space: SysTick, NVIC, SCB."""

_MAKES_SYSTEM_ADDRESS = re.compile(rb"\xce\xf2\x00[\x00-\x0e]|\x4f\xf0\xe0[\x20-\x2e]", re.DOTALL)
"""`movt rD, #0xe000` and `mov.w rD, #0xe000e000`; literals are known from the walk."""

_MAKES_ROM_ADDRESS = re.compile(
    rb"(?=[\xc0\xc1][\xf2\xf6].[\x00-\x7f]|\x4f\xf0.[\x40-\x7f]|.[\x20-\x27].[\x03-\x07])", re.DOTALL
)
"""`movt rD, #n` below 0x2000, `mov.w rD, #n` with the upper byte set, `movs rD, #n` and a shift by at least 12."""

_ROM_END = 0x2000_0000
"""Code memory ends where RAM begins (Armv7-M system address map)."""


class ReachedCode:
    """The code that is reached from a loader's entry points.

    Addresses in registers are not followed, so there may be more.

    Attributes:
        walk: what the walk has seen.
    """

    def __init__(self, image: ElfImage, entries: Iterable[int]) -> None:
        self._image = image
        self.walk: Walk = walk(Regions(image), entries)

    def addresses(self, *events: Event) -> list[int]:
        """Return where there are such instructions, from the lowest address up; words that code loads are none."""
        found = {address for event in events for address in self.walk.events[event]}
        return sorted(found - self._words) if found else []

    @cached_property
    def _words(self) -> set[int]:
        return {word + half for _, word, _ in self.walk.literals for half in (0, 2)}

    @cached_property
    def system_stores(self) -> tuple[Store, ...]:
        """Stores to the system control space, in the order of the walk."""
        functions = {function for _, word, function in self.walk.literals if self._word_at(word) in _SYSTEM_SPACE}
        functions |= self._functions_at(self._matches(_MAKES_SYSTEM_ADDRESS))
        if not functions:
            return ()
        stores = uses_of_constants(self.walk, functions).stores
        return tuple(store for store in stores if store.target in _SYSTEM_SPACE and store.address not in self._words)

    @cached_property
    def rom_calls(self) -> tuple[Call, ...]:
        """Calls through constant addresses of code memory that the file loads nothing at, in the order of the walk."""
        functions = self._functions_at(self.addresses(Event.REGISTER_BRANCH))
        if not functions:
            return ()
        makers = {function for _, word, function in self.walk.literals if self._is_rom(self._word_at(word))}
        functions &= makers | self._functions_at(self._matches(_MAKES_ROM_ADDRESS))
        calls = uses_of_constants(self.walk, functions).calls if functions else ()
        return tuple(call for call in calls if self._is_rom(call.value.number))

    def reaches(self, start: int, goal: int) -> bool:
        """Tell whether code at `start` leads to an instruction at `goal`, by branches and calls."""
        pending, seen = [start], dict[int, int]()
        while pending:
            address = pending.pop()
            number = self._run_number(address)
            if number is None:
                continue
            run, known = self._runs[number], seen.get(number, 0xFFFF_FFFF)
            if address <= goal < run.end:
                return True
            if address < known:
                seen[number] = address
                edges = self._edges
                for index in range(bisect_right(edges, (address - 1, -1)), len(edges)):
                    source, target = edges[index]
                    if source >= min(run.end, known):
                        break
                    pending.append(target)
        return False

    def run_holding(self, address: int) -> Run | None:
        """Return the run that holds an instruction."""
        number = self._run_number(address)
        return None if number is None else self._runs[number]

    @cached_property
    def _runs(self) -> list[Run]:
        return sorted(self.walk.runs, key=lambda run: run.start)

    @cached_property
    def _run_starts(self) -> list[int]:
        return [run.start for run in self._runs]

    @cached_property
    def _edges(self) -> list[tuple[int, int]]:
        return sorted(self.walk.edges)

    def _run_number(self, address: int) -> int | None:
        number = bisect_right(self._run_starts, address) - 1
        return number if number >= 0 and address < self._runs[number].end else None

    def _functions_at(self, addresses: Iterable[int]) -> set[int]:
        """Return the functions that hold instructions."""
        runs = (self.run_holding(address) for address in addresses)
        return {run.function for run in runs if run is not None}

    def _matches(self, pattern: re.Pattern[bytes]) -> Iterator[int]:
        """Return the addresses of bytes, whatever they are."""
        for address, data in self.walk.regions.looked_at():
            for found in pattern.finditer(data):
                yield address + found.start()

    def _word_at(self, address: int) -> int:
        region = self.walk.regions.holding(address)
        if region is None:
            return 0
        index = (address - region.start) >> 1
        return region.halfwords[index] | region.halfwords[index + 1] << 16

    @cached_property
    def _ranges(self) -> list[tuple[int, int]]:
        """Where the program has bytes or zeros."""
        image = self._image
        ranges = [(s.address, s.file_end) for s in image.load_segments]
        return merged([*ranges, *((s.address, s.end) for s in image.sections if s.is_allocated)])

    def _is_rom(self, number: int) -> bool:
        """Tell whether a number may be an address of code that the program does not bring."""
        if number >= _ROM_END:
            return False
        index = bisect_right(self._ranges, (number, 0xFFFF_FFFF)) - 1
        return index < 0 or number >= self._ranges[index][1]
