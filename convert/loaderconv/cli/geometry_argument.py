"""Parses `--geometry "4x4K,3x16K"`."""

import re

from loaderconv.cli.size_argument import parse_size
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import UsageProblem

_RUN = re.compile(r"([1-9][0-9]{0,9}) *[xX*] *(\S+)")
_OPTION = "--geometry"
_HINT = "Write COUNTxSIZE of the sectors from the start of the memory on, for instance 4x4K,3x16K."


def parse_geometry(text: str) -> tuple[SectorRun, ...]:
    """Return runs of sectors, one behind the other.

    Raises:
        UsageProblem: not of that form, or beyond 32-bit addresses; the message names the part that is wrong.
    """
    runs: list[SectorRun] = []
    offset = 0
    for number, part in enumerate(text.split(","), start=1):
        match = _RUN.fullmatch(part.strip())
        if match is None:
            raise UsageProblem(f"{_OPTION}: part {number}, {part.strip()!a}, is not COUNTxSIZE.", hint=_HINT)
        count, size = int(match[1]), parse_size(match[2], option=f"{_OPTION}, part {number}")
        if offset + count * size > ADDRESS_SPACE_BYTES:
            raise UsageProblem(f"{_OPTION}: part {number}, {part.strip()!a}, ends beyond 32-bit addresses.", hint=_HINT)
        runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count))
        offset += count * size
    return tuple(runs)
