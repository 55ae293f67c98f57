"""What the user says besides the files."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange


@dataclass(frozen=True)
class RamMap:
    """The RAM of the chip on which loaders will run.

    Attributes:
        ranges: its RAM, by address.
        source: where that is known from, such as `--ram` or the name of the chip.
    """

    ranges: Sequence[AddressRange]
    source: str

    def holding(self, address: int) -> AddressRange | None:
        """Return the RAM that holds an address."""
        return next((each for each in self.ranges if address in each), None)


@dataclass(frozen=True)
class UserFacts:
    """The options that tell rules something.

    Attributes:
        ram: the chip's RAM; None where nobody named it.
        search: where the files that others refer to may be looked for.
    """

    ram: RamMap | None = None
    search: SearchPaths = field(default_factory=SearchPaths)
