"""Measures which RAM a loader uses: its stack, and what it writes where nobody expects it."""

from loaderconv.simulation.ranges import without
from loaderconv.simulation.rig import Rig
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.timeline import Footprint

MAX_STRAY_RANGES = 32
"""Of more, the first ones tell enough."""

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
            stack_bytes=stack.size_bytes - rig.core.untouched_bytes(stack) if stack.size_bytes else 0,
            stray_writes=tuple(stray[:MAX_STRAY_RANGES]),
        )
