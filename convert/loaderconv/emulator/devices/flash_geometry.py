"""Size and grain of a flash array, and the memories of the loaders in `fixtures/`."""

from dataclasses import dataclass

from loaderconv_schemas.device import SectorRun

WORD_BYTES = 4
WINDOW_GRAIN_BYTES = 0x400


@dataclass(frozen=True)
class FlashGeometry:
    """Size and grain of the array.

    Attributes:
        array_size_bytes: a multiple of 1 KiB.
        sector_runs: they cover the array without gap or overlap, in order.
        page_size_bytes: a multiple of 4, not necessarily a power of two or a divisor of anything.
        blank_pages_only: a page that holds data takes no more, as in flash with ECC; that is an ERROR, but no breach,
            since a host cannot know it.
    """

    array_size_bytes: int
    sector_runs: tuple[SectorRun, ...]
    page_size_bytes: int
    blank_pages_only: bool = False

    def __post_init__(self) -> None:
        if self.array_size_bytes <= 0 or self.array_size_bytes % WINDOW_GRAIN_BYTES:
            raise ValueError(f"array of {self.array_size_bytes} bytes is not a multiple of 1 KiB")
        if self.page_size_bytes <= 0 or self.page_size_bytes % WORD_BYTES:
            raise ValueError(f"page of {self.page_size_bytes} bytes is not a multiple of 4")
        end_bytes = 0
        for run in self.sector_runs:
            if run.offset_bytes != end_bytes:
                raise ValueError(f"sector run at 0x{run.offset_bytes:x} should start at 0x{end_bytes:x}")
            end_bytes = run.end_offset_bytes
        if end_bytes != self.array_size_bytes:
            raise ValueError(f"sector runs end at 0x{end_bytes:x}, the array at 0x{self.array_size_bytes:x}")

    def sector_size_bytes_at(self, offset_bytes: int) -> int | None:
        """Return the size of the sector that starts exactly at `offset_bytes`, None where none does."""
        for run in self.sector_runs:
            inside_bytes = offset_bytes - run.offset_bytes
            if 0 <= inside_bytes < run.size_bytes:
                return None if inside_bytes % run.sector_size_bytes else run.sector_size_bytes
        return None

    def page_size_bytes_at(self, offset_bytes: int) -> int | None:
        """Return the size of the page that starts exactly at `offset_bytes`, None where none does."""
        if not 0 <= offset_bytes < self.array_size_bytes or offset_bytes % self.page_size_bytes:
            return None
        return min(self.page_size_bytes, self.array_size_bytes - offset_bytes)


def _run(offset_bytes: int, sector_size_bytes: int, count: int) -> SectorRun:
    return SectorRun(offset_bytes=offset_bytes, sector_size_bytes=sector_size_bytes, count=count)


STRICT_NOR_64K = FlashGeometry(0x1_0000, (_run(0, 0x1000, 4), _run(0x4000, 0x4000, 3)), 0x100)
"""The memory of fixtures/built/strict_flm.FLM and of all its variants but the next two."""

STRICT_NOR_ODD_PAGE = FlashGeometry(0x9C00, (_run(0, 0x400, 39),), 0x140)
"""The memory of fixtures/built/strict_flm_odd_page.FLM: pages divide neither sectors nor base, the last is cut."""

STRICT_MCU_32K = FlashGeometry(0x8000, (_run(0, 0x400, 32),), 0x400, blank_pages_only=True)
"""The memory of fixtures/built/strict_flm_onchip.FLM: each page is a sector, as in the nRF51."""
