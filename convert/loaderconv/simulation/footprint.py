"""Measures which RAM a loader uses: its stack, and what it writes where nobody expects it."""

from loaderconv.simulation.ranges import without
from loaderconv.simulation.rig import Rig
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.timeline import Footprint

MAX_STRAY_RANGES = 32
"""Of more, the first ones tell enough."""

UNCOUNTED_DATA_BYTES = 0x80
"""How much zero-initialised data some files do not count in their last segment (docs/formats/stldr.md).

STM32CubeProgrammer puts the stack right behind the image, so they lie at the stack's far end.
"""

_WORD_BYTES = 4
_HOST_WORDS_BYTES = 32
"""Where a host has its BKPT, at the start of its RAM."""


class FootprintWatch:
    """Remembers RAM as it is once the loader was downloaded."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._before = rig.core.snapshot()

    def footprint(self) -> Footprint:
        """Return what was used since."""
        rig = self._rig
        stack = rig.host.stack
        host_words = AddressRange(start=rig.ram.start, size_bytes=_HOST_WORDS_BYTES)
        expected = [*rig.image, stack, rig.host.buffer, host_words, *rig.subject.loader.installed]
        stray = [piece for changed in rig.core.changed_ranges(self._before) for piece in without(changed, expected)]
        return Footprint(
            image=rig.image,
            stack=stack,
            stack_bytes=self._depth(stack) if stack.size_bytes else 0,
            stray_writes=tuple(stray[:MAX_STRAY_RANGES]),
        )

    def _depth(self, stack: AddressRange) -> int:
        """Return how deep the stack was; data that no file counts are none of it, where as much again is untouched."""
        core = self._rig.core
        untouched = core.untouched_bytes(stack)
        is_behind_image = any(0 <= part.end - stack.start < _WORD_BYTES for part in self._rig.image)
        if untouched or not is_behind_image or stack.size_bytes <= 2 * UNCOUNTED_DATA_BYTES:
            return stack.size_bytes - untouched
        rest_bytes = stack.size_bytes - UNCOUNTED_DATA_BYTES
        rest = AddressRange(start=stack.start + UNCOUNTED_DATA_BYTES, size_bytes=rest_bytes)
        untouched = core.untouched_bytes(rest)
        return rest_bytes - untouched if untouched >= UNCOUNTED_DATA_BYTES else stack.size_bytes
