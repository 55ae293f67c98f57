"""The chips that loaderconv knows without a pack."""

import json
from functools import cache
from importlib import resources
from typing import Any

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip

TABLE_PATH = ("data", "chips.json")
"""Of the table in the package `loaderconv`."""


@cache
def built_in_chips() -> tuple[Chip, ...]:
    """Return the table, sorted by name."""
    table = json.loads(resources.files("loaderconv").joinpath(*TABLE_PATH).read_text("utf-8"))
    return tuple(_chip(row) for row in table["chips"])


def range_as_written(ram: AddressRange) -> str:
    """Return how the table spells a range: `0x20000000:0x30000`, base and size in bytes."""
    return f"0x{ram.start:08x}:0x{ram.size_bytes:x}"


def _range(written: str) -> AddressRange:
    base, _, size = written.partition(":")
    return AddressRange(start=int(base, 16), size_bytes=int(size, 16))


def _chip(row: dict[str, Any]) -> Chip:
    ranges = {name: _range(row[name]) for name in ("default_ram", "loader_ram")}
    return Chip(**{**row, **ranges, "ram": tuple(map(_range, row["ram"]))})
