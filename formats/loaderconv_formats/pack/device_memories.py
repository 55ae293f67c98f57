"""The RAM of every device that a pack describes (docs/chips.md, From a pack).

A memory counts for its family, sub-family, device or variant and everything below; further down another one with the
same name takes its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from loaderconv_formats.pack.device_tree import DeviceGroup, PackDescription, PackElement
from loaderconv_formats.pack.numbers import read_number
from loaderconv_formats.stldr.loader_ram import loader_ram
from loaderconv_formats.xml.quoting import quoted, short_ascii
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.errors import UnreadableInput

MAX_CHIPS = 20_000
"""The largest real packs describe about two thousand."""

MAX_MEMORIES = 100
"""Of one device; real ones have fewer than 30."""

_NAME_ATTRIBUTES = {"device": "Dname", "variant": "Dvariant"}
_TRUE = ("1", "true")


@dataclass(frozen=True)
class Memory:
    """A memory.

    Attributes:
        range: its addresses; None where it is no RAM.
        processor: the only one that reaches it; None where all do.
        is_default: it is taken where nobody chooses.
        is_executable: code runs there.
    """

    range: AddressRange | None
    processor: str | None
    is_default: bool
    is_executable: bool


@dataclass(frozen=True)
class Inherited:
    """What a group has from above, and gives on with its own.

    Attributes:
        vendor: of the devices.
        processors: names of their processors.
        memories: by name and processor.
    """

    vendor: str | None = None
    processors: tuple[str, ...] = ()
    memories: dict[tuple[str, str | None], Memory] = field(default_factory=dict)


def chips_of(description: PackDescription, file_name: str) -> tuple[Chip, ...]:
    """Return the devices and variants that have RAM, in the file's order.

    Where memories belong to single processors, each processor is a chip of its own, `STM32H745ZITx:CM7`.

    Args:
        description: of the pack.
        file_name: what is said of the source beside the pack's own name.

    Raises:
        UnreadableInput: a device without a name, RAM without an address or a size of 32 bits, or more than packs hold.
    """
    source = ", ".join(filter(None, (file_name, str(description.identity))))
    chips: list[Chip] = []
    for family in description.families:
        for chip in _chips(family, Inherited(), source):
            chips.append(chip)
            if len(chips) > MAX_CHIPS:
                raise UnreadableInput(
                    f"The pack describes more than {MAX_CHIPS} devices.", hint="Name a pack as vendors publish them."
                )
    return tuple(chips)


def _chips(group: DeviceGroup, above: Inherited, source: str) -> Iterator[Chip]:
    here = with_own(group, above)
    if group.level in _NAME_ATTRIBUTES:
        yield from _chips_of_device(_device_name(group), here, source)
    for below in group.groups:
        yield from _chips(below, here, source)


def with_own(group: DeviceGroup, above: Inherited) -> Inherited:
    """Return what counts for a group: what it has from above, and its own.

    Raises:
        UnreadableInput: RAM without an address or a size of 32 bits, or more memories than devices have.
    """
    vendor = short_ascii(group.attributes.get("Dvendor", "").partition(":")[0].strip())
    memories = dict(above.memories)
    for element in group.memories:
        key = (_memory_name(element), element.attributes.get("Pname"))
        memories[key] = _memory(element)
    if len(memories) > MAX_MEMORIES:
        raise UnreadableInput(
            f"<{group.level}> in line {group.line} has more than {MAX_MEMORIES} memories.",
            hint="Name a pack as vendors publish them.",
        )
    own_processors = (each.attributes.get("Pname") for each in group.processors)
    return Inherited(
        vendor=vendor or above.vendor,
        processors=tuple(dict.fromkeys([*above.processors, *filter(None, own_processors)])),
        memories=memories,
    )


def _device_name(group: DeviceGroup) -> str:
    attribute = _NAME_ATTRIBUTES[group.level]
    name = short_ascii(group.attributes.get(attribute, "").strip())
    if not name:
        raise UnreadableInput(
            f"<{group.level}> in line {group.line} has no {attribute}.", hint="Repair that line, or take the pack anew."
        )
    return name


def _chips_of_device(name: str, here: Inherited, source: str) -> Iterator[Chip]:
    ram = [memory for memory in here.memories.values() if memory.range is not None]
    owners = [memory.processor for memory in ram if memory.processor]
    if not owners:
        yield from _chip(name, here.vendor, ram, source)
        return
    for processor in dict.fromkeys([*here.processors, *owners]):
        reachable = [memory for memory in ram if memory.processor in {None, processor}]
        yield from _chip(f"{name}:{short_ascii(processor)}", here.vendor, reachable, source)


def _chip(name: str, vendor: str | None, memories: list[Memory], source: str) -> Iterator[Chip]:
    """Give the chip, nothing where it has no RAM."""
    chosen = max(memories, key=lambda memory: (memory.is_default, memory.is_executable), default=None)
    if chosen is None or chosen.range is None:
        return
    ranges = {memory.range for memory in memories if memory.range is not None}
    ram = tuple(sorted(ranges, key=lambda each: (each.start, each.size_bytes)))
    yield Chip(
        name=name,
        vendor=vendor,
        ram=ram,
        default_ram=chosen.range,
        loader_ram=loader_ram(name, ram, chosen.range),
        source=source,
    )


def _memory_name(element: PackElement) -> str:
    name = element.attributes.get("name") or element.attributes.get("id")
    if not name:
        raise UnreadableInput(
            f"<memory> in line {element.line} has neither a name nor an id.",
            hint="Repair that line, or take the pack anew.",
        )
    return name


def _memory(element: PackElement) -> Memory:
    access = element.attributes.get("access", "rwx" if _memory_name(element).upper().startswith("IRAM") else "rx")
    return Memory(
        range=_range(element) if "w" in access and "p" not in access else None,
        processor=element.attributes.get("Pname") or None,
        is_default=element.attributes.get("default", "").strip().lower() in _TRUE,
        is_executable="x" in access,
    )


def _range(element: PackElement) -> AddressRange | None:
    start, size = _number(element, "start"), _number(element, "size")
    if start + size > ADDRESS_SPACE_BYTES or start == ADDRESS_SPACE_BYTES:
        raise UnreadableInput(
            f"<memory> in line {element.line} ends beyond the 32-bit address space.",
            hint="Repair that line, or take the pack anew.",
        )
    return AddressRange(start=start, size_bytes=size) if size else None


def _number(element: PackElement, attribute: str) -> int:
    word = element.attributes.get(attribute)
    if word is None:
        raise UnreadableInput(
            f"<memory> in line {element.line} has no {attribute}.", hint="Repair that line, or take the pack anew."
        )
    value = read_number(word)
    if value is None:
        raise UnreadableInput(
            f"<memory> in line {element.line} has {attribute}={quoted(word)}, which is no number of 32 bits.",
            hint="Repair that line, or take the pack anew.",
        )
    return value
