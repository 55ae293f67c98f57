"""Folders for the rules on loaders of one memory that were built for several hosts."""

from collections.abc import Mapping
from pathlib import Path

from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.iar_texts import EXE, flash_text
from support.rule_cases import Bad, Good, Write
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe

NAME = b"W25Q64_STM32H7XX"
FLM = FlmRecipe(
    device_name=NAME,
    base_address=0x9000_0000,
    size_bytes=0x80_0000,
    page_size_bytes=0x100,
    runs=((0x1_0000, 0),),
)
STLDR = StldrRecipe(
    device_name=NAME,
    base_address=0x9000_0000,
    size_bytes=0x80_0000,
    page_size_bytes=0x1000,
    groups=((0x80, 0x1_0000),),
)
"""With a larger page, as in 4 of 21 public pairs."""


def files(contents: Mapping[str, bytes]) -> Write:
    """Return what writes files into a folder, and names the folder."""

    def write(folder: Path) -> Path:
        for name, data in contents.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder

    return write


def pair(flm: FlmRecipe = FLM, **changes: object) -> Write:
    """Return what writes an FLM and a stldr of one stem, the stldr with changes."""
    stldr = StldrRecipe(**{**vars(STLDR), **changes})  # type: ignore[arg-type]
    return files({"W25Q64.FLM": build_flm(flm), "w25q64.stldr": build_stldr(stldr)})


def flash(*elements: str) -> bytes:
    """Return a `.flash` file with that layout."""
    return flash_text(EXE, *elements)


SIDE_BY_SIDE = {
    "MDK-ARM/loader.FLM": build_flm(FLM),
    "STM32Cube/loader.stldr": build_stldr(STLDR),
    "EWARM/loader.flash": flash(
        "<page>256</page>", "<block>128 0x10000</block>", "<flash_base>0x90000000</flash_base>"
    ),
}

BAD = (
    Bad("SET001", "start", pair(base_address=0x7000_0000), ("w25q64.stldr starts at 0x70000000", "0x90000000")),
    Bad(
        "SET002",
        "size",
        pair(size_bytes=0x40_0000, groups=((0x40, 0x1_0000),)),
        ("w25q64.stldr has 0x400000 bytes", "W25Q64.FLM has 0x800000"),
    ),
    Bad(
        "SET003",
        "sectors",
        pair(groups=((0x40, 0x8000), (1, 0x60_0000))),
        ("0x8000 from 0x0 on, 0x600000 from 0x200000 on", "sectors of 0x10000 bytes"),
    ),
    Bad("SET003", "granularity", pair(groups=((0x800, 0x1000),)), ("sectors of 0x1000 bytes", "of 0x10000 bytes")),
    Bad("SET004", "pages", pair(page_size_bytes=0x180), ("w25q64.stldr has pages of 0x180 bytes", "of 0x100")),
    Bad("SET005", "erased-value", pair(erased_value=0), ("erased bytes are 0x00", "W25Q64.FLM says 0xff")),
    Bad("SET006", "name", pair(device_name=b"Template"), ('is called "Template"', '"W25Q64_STM32H7XX"')),
)

GOOD = tuple(
    Good(rule, write)
    for rule in ("SET001", "SET002", "SET003", "SET004", "SET005", "SET006")
    for write in (pair(), files(SIDE_BY_SIDE))
)
