"""Makes the built-in table from pyOCD's targets: `python -m loaderconv.chips.collect`.

For maintainers. pyOCD is not a dependency of loaderconv; install it beside it for this (`pip install pyocd`). Taken are
facts only: names, vendors, where RAM lies, and to which address pyOCD loads its flash algorithms.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from loaderconv.chips.built_in import TABLE_PATH, range_as_written
from loaderconv.chips.corrections import CORRECTIONS, corrected
from loaderconv_formats.stldr.loader_ram import loader_ram
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip

NEVER_EXECUTED = (
    AddressRange(start=0x4000_0000, size_bytes=0x2000_0000),
    AddressRange(start=0xA000_0000, size_bytes=0x6000_0000),
)
"""RAM of peripherals: no Cortex-M executes code there (ARMv7-M Architecture Reference Manual, B3.1)."""

RULES = {
    "ram": "regions of type RAM without aliases, external memories, and what no Cortex-M can execute",
    "default_ram": "where pyOCD loads its flash algorithm; its default RAM region where the target has none",
    "loader_ram": "STM32H7: the RAM at 0x24000000 (docs/formats/stldr.md, Accepted and rejected); others: default_ram",
}


def collect() -> list[Chip]:
    """Return a chip for each target of pyOCD that is a Cortex-M with RAM, sorted by name.

    Raises:
        ImportError: pyOCD is not installed.
    """
    targets: dict[str, Any] = import_module("pyocd.target.builtin").BUILTIN_TARGETS
    ram_type = import_module("pyocd.core.memory_map").MemoryType.RAM
    return [chip for name, target in sorted(targets.items()) for chip in _chips(name, target, ram_type)]


def table_text(chips: Iterable[Chip], pyocd_version: str) -> str:
    """Return the table as JSON, one line for each chip."""
    header = {"made_by": "python -m loaderconv.chips.collect", "pyocd_version": pyocd_version, "rules": RULES}
    lines = ",\n".join(json.dumps(_row(chip)) for chip in chips)
    return f'{json.dumps(header, indent=0)[:-2]},\n"chips": [\n{lines}\n]\n}}\n'


def _chips(name: str, target: Any, ram_type: object) -> Iterator[Chip]:
    regions = list(getattr(target, "MEMORY_MAP", None) or ())
    described = [_range(each) for each in regions if each.type == ram_type and not each.alias and not each.is_external]
    ram = corrected(filter(_may_hold_code, described), CORRECTIONS.get(name))
    if not ram:
        return
    loads = (each.algo["load_address"] for each in regions if each.is_flash and each.algo)
    in_use = (each for address in loads for each in ram if address in each)
    default_starts = {each.start for each in regions if each.type == ram_type and each.is_default}
    default_ram = next(in_use, None) or next(each for each in ram if each.start in default_starts)
    yield Chip(
        name=name,
        vendor=target.VENDOR,
        ram=ram,
        default_ram=default_ram,
        loader_ram=loader_ram(name, ram, default_ram),
        source=_source(name, target.__module__),
    )


def _range(region: Any) -> AddressRange:
    return AddressRange(start=region.start, size_bytes=region.length)


def _may_hold_code(ram: AddressRange) -> bool:
    return not any(ram.overlaps(each) for each in NEVER_EXECUTED)


def _source(name: str, module: str) -> str:
    source = f"pyOCD {version('pyocd')}, {module.replace('.', '/')}.py"
    return f"{source}; {CORRECTIONS[name].source}" if name in CORRECTIONS else source


def _row(chip: Chip) -> dict[str, object]:
    return {
        "name": chip.name,
        "vendor": chip.vendor,
        "ram": [range_as_written(each) for each in chip.ram],
        "default_ram": range_as_written(chip.default_ram),
        "loader_ram": range_as_written(chip.loader_ram),
        "source": chip.source,
    }


def main() -> int:
    """Write the table anew. Returns 0, or 1 where pyOCD is missing."""
    try:
        chips = collect()
    except ImportError as problem:
        print(f"pyOCD is not installed ({problem}); run `pip install pyocd` and try again.", file=sys.stderr)  # noqa: T201
        return 1
    path = Path(__file__).parents[1].joinpath(*TABLE_PATH)
    path.write_text(table_text(chips, version("pyocd")), "utf-8", newline="\n")
    print(f"{len(chips)} chips in {path.name}")  # noqa: T201 - the tool's output
    return 0


if __name__ == "__main__":
    sys.exit(main())
