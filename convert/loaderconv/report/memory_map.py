"""A memory map, drawn: one line a region, with a bar for its size."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from loaderconv_schemas.inspection import MemoryUse, Use

_STYLES = {
    Use.CODE: "cyan",
    Use.DATA: "green",
    Use.ZEROS: "dim green",
    Use.PARAMETERS: "magenta",
    Use.STACK: "yellow",
    Use.BUFFER: "bright_blue",
    Use.INSTALLED: "blue",
    Use.HOST: "red",
}

_EIGHTHS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589"
_FULL = "\u2588"
_THIN_LINE = "\u2504"
_RANGE_WIDTH = len("0x00000000..0x00000000")
_MIN_BAR_WIDTH = 8
_MAX_BAR_WIDTH = 40


@dataclass(frozen=True)
class DrawnMemoryMap:
    """Rows of a memory map as lines; bars are of # where the encoding has no blocks, and gone where there is no room.

    Attributes:
        rows: in address order, at least one.
    """

    rows: tuple[MemoryUse, ...]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Give the lines, gaps between them included."""
        sizes = [row.range.size_bytes for row in self.rows] + list(self._gaps())
        size_width = max(len(f"{size:,}") for size in sizes)
        use_width = max(len(row.use) for row in self.rows)
        room = options.max_width - (2 + _RANGE_WIDTH + 2 + size_width + 2 + use_width + 2)
        largest = max(row.range.size_bytes for row in self.rows)
        draw_bar = _ascii_bar if options.ascii_only else _block_bar
        for row, gap_bytes in zip(self.rows, [*self._gaps(), 0], strict=True):
            size = row.range.size_bytes
            bar = draw_bar(size / largest * min(room, _MAX_BAR_WIDTH)) if room >= _MIN_BAR_WIDTH else ""
            line = Text(f"  {row.range}  {size:>{size_width},}  ", overflow="fold")
            yield line.append(f"{row.use:<{use_width}}  {bar}".rstrip(), _STYLES[row.use])
            if gap_bytes:
                dots = ("." if options.ascii_only else _THIN_LINE) * _RANGE_WIDTH
                yield Text(f"  {dots}  {gap_bytes:>{size_width},}", "dim", overflow="fold")

    def _gaps(self) -> Iterator[int]:
        return (later.range.start - earlier.range.end for earlier, later in pairwise(self.rows))


def _block_bar(cells: float) -> str:
    """Return a bar in eighths of a cell; the smallest is still seen."""
    full, eighths = divmod(max(1, round(cells * 8)), 8)
    return _FULL * full + _EIGHTHS[eighths].strip()


def _ascii_bar(cells: float) -> str:
    return "#" * max(1, round(cells))
