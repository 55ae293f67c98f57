"""Where hosts load algorithms of a pack that do not say where (docs/formats/flm.md, What a pack says)."""

from collections.abc import Iterable

from loaderconv_formats.pack.device_memories import Inherited, with_own
from loaderconv_formats.pack.device_tree import DeviceGroup
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UnreadableInput


class DefaultRam:
    """The default RAM of the devices in groups: the first default memory that can be written and executed."""

    def __init__(self, groups: Iterable[DeviceGroup], processors: Iterable[str | None]) -> None:
        """Look at all groups and what is below them, for algorithms that name these processors or (None) none."""
        self._processors = tuple(processors)
        self._ranges: dict[tuple[int, str | None], set[AddressRange]] = {}
        for group in groups:
            self._add(group, Inherited())

    def of(self, group: DeviceGroup, processor: str | None) -> tuple[AddressRange, ...]:
        """Return that of each device in one of the groups, by address; none where the pack does not say."""
        ranges = self._ranges.get((id(group), processor), set())
        return tuple(sorted(ranges, key=lambda each: (each.start, each.size_bytes)))

    def _add(self, group: DeviceGroup, above: Inherited | None) -> None:
        here = None if above is None else _with_own(group, above)
        for below in group.groups:
            self._add(below, here)
        for processor in self._processors:
            ranges = self._ranges.setdefault((id(group), processor), set())
            for below in group.groups:
                ranges |= self._ranges[id(below), processor]
            own = _default_ram(here, processor) if here and group.level in {"device", "variant"} else None
            if own is not None:
                ranges.add(own)


def _with_own(group: DeviceGroup, above: Inherited) -> Inherited | None:
    """Return the memories that count for a group; None where its numbers cannot be read."""
    try:
        return with_own(group, above)
    except UnreadableInput:
        return None


def _default_ram(device: Inherited, processor: str | None) -> AddressRange | None:
    for memory in device.memories.values():
        is_reachable = processor is None or memory.processor in {None, processor}
        if memory.range is not None and memory.is_default and memory.is_executable and is_reachable:
            return memory.range
    return None
