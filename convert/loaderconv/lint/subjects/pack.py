"""A CMSIS-Pack, as rules look at it: its description, and what the algorithms in it name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from loaderconv.lint.facts import RamMap
from loaderconv.lint.subjects.subject import RuleSet, Subject
from loaderconv_formats.pack.described_algorithms import DescribedAlgorithm
from loaderconv_formats.pack.device_tree import PackIdentity
from loaderconv_formats.pack.members import Found, NotFound
from loaderconv_formats.pack.numbers import read_number
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint import Place, PlaceKind

KIND = "the description of a CMSIS-Pack (.pdsc)"

PACK_HOSTS = (Host.UVISION, Host.PYOCD, Host.PROBE_RS)
"""The hosts that take algorithms from packs."""

_KEIL = "keil"
_TRUE = ("1", "true")


class _OfPack(Subject):
    """A pack or a part of its description."""

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return KIND

    @property
    def rule_set(self) -> RuleSet:
        """The rules that may look at it."""
        return RuleSet.PACK

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts that read it."""
        return PACK_HOSTS


@dataclass(eq=False)
class PackAlgorithm(_OfPack):
    """An `<algorithm>` element of a pack (docs/formats/flm.md, What a pack says).

    Elements that say the same count as one; its findings belong to the description.

    Attributes:
        elements: those that say the same, in the order of the file; at least one.
        lookup: what its name stands for.
        target: what rules look at in that file, or why there is nothing to look at.
    """

    elements: tuple[DescribedAlgorithm, ...]
    lookup: Found | NotFound
    target: Subject | LoaderConvError | None = None

    @property
    def attributes(self) -> Mapping[str, str]:
        """What it says, by the names of the attributes."""
        return self.elements[0].attributes

    @property
    def spelled(self) -> str:
        """The path that it names, empty where there is none."""
        return self.attributes.get("name", "").strip()

    @property
    def style(self) -> str:
        """For which tools it is, in lower case; `keil` where it does not say."""
        return self.attributes.get("style", _KEIL).strip().lower()

    @property
    def is_for_flm(self) -> bool:
        """It names an FLM."""
        return self.style == _KEIL

    @property
    def is_default(self) -> bool:
        """New projects get it without being asked."""
        return is_default(self.elements[0])

    @cached_property
    def device(self) -> AddressRange | None:
        """The addresses that it promises to program; None where they are missing, empty or no numbers."""
        return range_of(self.elements[0], "start", "size")

    @cached_property
    def ram(self) -> AddressRange | None:
        """Where it is to be loaded; None where it does not say."""
        return range_of(self.elements[0], "RAMstart", "RAMsize")

    @property
    def place(self) -> Place:
        """Where the first of the elements stands; its name says which file it names, and is the same in other lines."""
        first = self.elements[0]
        return Place(
            kind=PlaceKind.ELEMENT,
            name=f"algorithm {self.spelled}".strip(),
            offset_bytes=first.offset_bytes,
            line=first.line,
        )

    @property
    def owners(self) -> str:
        """Which devices and boards have it, for messages."""
        names = list(dict.fromkeys(each.owner for each in self.elements))
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"

    @property
    def name_and_owners(self) -> str:
        """The file that it names and who has it, as messages begin."""
        return f"{quoted(self.spelled)} of {self.owners}"

    def smallest_ram(self) -> RamMap | None:
        """Return the smallest RAM into which hosts load it; None where the pack does not say."""
        source = f"<algorithm> in line {self.elements[0].line} of {self.name.stem}{self.name.suffix}"
        if self.ram is not None:
            return RamMap((self.ram,), source)
        if self.attributes.keys() & {"RAMstart", "RAMsize"}:
            return None
        ranges = [(each.size_bytes, index, each) for index, each in enumerate(self._default_ram())]
        return RamMap((min(ranges)[2],), f"{source}: the default RAM of {self.owners}") if ranges else None

    def _default_ram(self) -> list[AddressRange]:
        return list(dict.fromkeys(ram for each in self.elements for ram in each.default_ram))


@dataclass(eq=False)
class PackFile(_OfPack):
    """A `.pdsc` file, alone or in its `.pack` (docs/formats/flm.md, What a pack says).

    Attributes:
        identity: of the pack.
        algorithms: what it says of them, each statement once.
        members: the loaders that they name, and what these refer to in the pack; each file once.
    """

    identity: PackIdentity
    algorithms: tuple[PackAlgorithm, ...] = field(default=())
    members: tuple[Subject, ...] = field(default=())

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts that read it; none where it names no algorithm, since hosts then take nothing from it."""
        return PACK_HOSTS if self.algorithms else ()

    @property
    def parts(self) -> tuple[Subject, ...]:
        """What else is to be checked with it."""
        return (*self.algorithms, *self.members)


def is_default(element: DescribedAlgorithm) -> bool:
    """Tell whether new projects get an algorithm without being asked."""
    return element.attributes.get("default", "").strip().lower() in _TRUE


@lru_cache(maxsize=1024)
def range_of(element: DescribedAlgorithm, start: str, size: str) -> AddressRange | None:
    """Return the addresses in two attributes; None where they are missing, empty or no numbers of 32 bits."""
    first, count = (read_number(element.attributes.get(each, "")) for each in (start, size))
    if first is None or not count or first + count > ADDRESS_SPACE_BYTES:
        return None
    return AddressRange(start=first, size_bytes=count)
