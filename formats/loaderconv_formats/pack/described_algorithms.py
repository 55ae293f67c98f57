"""The `<algorithm>` elements of a pack, with what is around them (docs/formats/flm.md, What a pack says)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from loaderconv_formats.pack.default_ram import DefaultRam
from loaderconv_formats.pack.device_tree import DeviceGroup, PackDescription, PackElement
from loaderconv_formats.xml.quoting import short_ascii
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UnreadableInput

MAX_ALGORITHMS = 200
"""That count for one device; real ones have fewer than 30."""

MAX_IN_ALL = 10_000
"""In a whole pack: each is compared with those that count for the same device."""

MAX_PROCESSORS = 16
"""That algorithms name in a whole pack; real ones name at most five."""

_NAME_ATTRIBUTES = {
    "family": "Dfamily",
    "subFamily": "DsubFamily",
    "device": "Dname",
    "variant": "Dvariant",
    "board": "name",
}


@dataclass(frozen=True, eq=False)
class DescribedAlgorithm:
    """One `<algorithm>` element.

    Attributes:
        attributes: by name.
        line: of its tag, from 1.
        offset_bytes: of its tag in the description.
        owner: the device, family or board that has it.
        default_ram: where hosts load it unless it says so itself; devices may differ.
        inherited: what counts in the same place and stands farther up.
        beside: what stands beside it and before it.
    """

    attributes: Mapping[str, str]
    line: int
    offset_bytes: int
    owner: str
    default_ram: tuple[AddressRange, ...]
    inherited: "tuple[DescribedAlgorithm, ...]"
    beside: "tuple[DescribedAlgorithm, ...]"


def algorithms_of(description: PackDescription) -> tuple[DescribedAlgorithm, ...]:
    """Return the algorithms, in the order of the file.

    Raises:
        UnreadableInput: more of them than packs have.
    """
    groups = (*description.families, *description.boards)
    elements = list(islice(_elements(groups), MAX_IN_ALL + 1))
    if len(elements) > MAX_IN_ALL:
        raise _too_many(f"more than {MAX_IN_ALL} times")
    processors = {each.attributes.get("Pname") for each in elements}
    if len(processors) > MAX_PROCESSORS:
        raise _too_many(f"for more than {MAX_PROCESSORS} processors")
    ram = DefaultRam(groups, processors)
    found = [each for group in groups for each in _algorithms(group, (), ram)]
    return tuple(sorted(found, key=lambda each: each.offset_bytes))


def _elements(groups: Iterable[DeviceGroup]) -> Iterator[PackElement]:
    for group in groups:
        yield from group.algorithms
        yield from _elements(group.groups)


def _algorithms(
    group: DeviceGroup, inherited: tuple[DescribedAlgorithm, ...], ram: DefaultRam
) -> Iterator[DescribedAlgorithm]:
    if len(inherited) + len(group.algorithms) > MAX_ALGORITHMS:
        raise _too_many(f"of which more than {MAX_ALGORITHMS} count for <{group.level}> in line {group.line}")
    own: list[DescribedAlgorithm] = []
    for element in group.algorithms:
        own.append(
            DescribedAlgorithm(
                attributes=element.attributes,
                line=element.line,
                offset_bytes=element.offset_bytes,
                owner=short_ascii(group.attributes.get(_NAME_ATTRIBUTES[group.level], "").strip()) or group.level,
                default_ram=ram.of(group, element.attributes.get("Pname")),
                inherited=inherited,
                beside=tuple(own),
            )
        )
    yield from own
    for below in group.groups:
        yield from _algorithms(below, (*inherited, *own), ram)


def _too_many(what: str) -> UnreadableInput:
    return UnreadableInput(
        f"The description has algorithms {what}.", hint="Name a .pack or .pdsc file as vendors publish them."
    )
