"""The known chips, as `--chip list` prints them."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType

from loaderconv.report.blocks import plain
from loaderconv.report.units import address_text, size_text
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip

_LEGEND = (
    "The RAM of each chip. Of several, * is where most hosts put loaders, > where",
    "STM32CubeProgrammer wants them. An x in a name stands for any character.",
)
_SIZE_WIDTH = len("1,023 MiB")


def chip_list(chips: Sequence[Chip]) -> RenderableType:
    """Return a line for each range of RAM, under the source of the facts; 80 columns hold it."""
    by_source: dict[str, list[Chip]] = {}
    for chip in chips:
        by_source.setdefault(chip.source, []).append(chip)
    width = max((len(chip.name) for chip in chips), default=0)
    lines = [plain(line) for line in _LEGEND]
    for source, described in by_source.items():
        lines.append(plain(f"\n{source}", "bold"))
        lines.extend(plain(line) for line in _lines(described, width))
    return Group(*lines)


def _lines(chips: Iterable[Chip], width: int) -> Iterator[str]:
    for chip in chips:
        name = chip.name
        for ram in chip.ram:
            size = f"{size_text(ram.size_bytes):>{_SIZE_WIDTH}}"
            yield f"  {name:<{width}}  {address_text(ram.start)}  {size} {_marks(chip, ram)}".rstrip()
            name = ""


def _marks(chip: Chip, ram: AddressRange) -> str:
    if len(chip.ram) == 1:
        return ""
    return ("*" if ram == chip.default_ram else " ") + (">" if ram == chip.loader_ram else "")
