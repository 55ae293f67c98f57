"""A microcontroller, as far as the place for a loader in it is concerned."""

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import Model


class Chip(Model):
    """The RAM of a chip, and which part of it is for loaders.

    Attributes:
        name: as the source spells it; an x may stand for any character, behind a colon stands one of its processors.
        vendor: who makes it, None where the source does not say.
        ram: its RAM, at least one range, in address order.
        default_ram: one of `ram`, in which a host such as pyOCD or uVision puts a loader.
        loader_ram: one of `ram`, in which STM32CubeProgrammer wants an external loader.
        source: where the facts come from.
    """

    name: str = Field(min_length=1)
    vendor: str | None = None
    ram: tuple[AddressRange, ...] = Field(min_length=1)
    default_ram: AddressRange
    loader_ram: AddressRange
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _ranges_belong_together(self) -> Self:
        if any(later.start < earlier.start for earlier, later in pairwise(self.ram)):
            raise ValueError("the RAM of a chip is listed in address order")
        if self.default_ram not in self.ram or self.loader_ram not in self.ram:
            raise ValueError("the RAM for loaders is one of the chip's ranges")
        return self

    def has_same_ram(self, other: "Chip") -> bool:
        """Tell whether a loader finds the same place in both."""
        return (self.ram, self.default_ram, self.loader_ram) == (other.ram, other.default_ram, other.loader_ram)
