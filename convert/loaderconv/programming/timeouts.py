"""How long the routines of a loader may take on silicon.

Descriptors hold the longest time that their vendor expects (FlashDevice toProg and toErase, docs/formats/flm.md;
StorageInfo page and sector timeouts, docs/formats/stldr.md). Hosts are more patient, and so is this.
"""

from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.core import Budget
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine

FACTOR = 3

INIT_MS = 5_000
PAGE_MS = 10_000
SECTOR_MS = 10_000
CHIP_MS = 240_000
"""pyOCD's defaults (its options flash.timeout.*), and the least that is waited."""

LONGEST_MS = 1_800_000
"""Large serial memories erase for minutes; what takes longer than half an hour hangs."""


def budgets_for(device: Device, *, sectors_per_call: int | None) -> Budgets:
    """Return the budgets for a loader.

    Args:
        device: its memory.
        sectors_per_call: how many sectors its host asks one call to erase at most; None for as many as a list holds.
    """
    page_ms = max((device.program_timeout_ms or 0) * FACTOR, PAGE_MS)
    sector_ms = max((device.erase_timeout_ms or 0) * FACTOR, SECTOR_MS)
    sectors = sum(run.count for run in device.sectors)
    chip_ms = max((device.erase_timeout_ms or 0) * sectors, CHIP_MS)
    return Budgets(
        Budget(timeout_ms=INIT_MS),
        {
            Routine.PROGRAM_PAGE: _budget(page_ms),
            Routine.ERASE_SECTOR: _budget(
                max(sector_ms, chip_ms) if sectors_per_call is None else sector_ms * sectors_per_call
            ),
            Routine.ERASE_CHIP: _budget(chip_ms),
            Routine.VERIFY: _budget(page_ms),
            Routine.READ: _budget(page_ms),
            Routine.CHECKSUM: _budget(chip_ms),
            Routine.BLANK_CHECK: _budget(chip_ms),
        },
    )


def _budget(timeout_ms: int) -> Budget:
    return Budget(timeout_ms=min(timeout_ms, LONGEST_MS))
