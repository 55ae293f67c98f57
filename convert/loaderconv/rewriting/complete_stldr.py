"""Checks that a linked program is an stldr that hosts can drive, before it gets the name of one."""

from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.routines import entry_points
from loaderconv_formats.stldr import abi
from loaderconv_schemas.errors import ConversionRefused

_MANDATORY = ("Init", "Write", "SectorErase")
"""Without these ST's own OpenOCD driver refuses a loader (docs/formats/stldr.md, Entry points)."""


def check_complete(image: ElfImage) -> None:
    """Check for the descriptor and the routines that every host needs.

    Raises:
        ConversionRefused: one or more are missing; the message names them.
    """
    symbols = symbols_by_name(image)
    routines = {entry.symbol for entry in entry_points(symbols, abi.ROUTINES)}
    missing = [name for name in (abi.DESCRIPTOR_SYMBOL,) if name not in symbols]
    missing += [name for name in _MANDATORY if name not in routines]
    if missing:
        raise ConversionRefused(
            f"As an external loader of STM32CubeProgrammer the file lacks {_listed(missing)}.",
            hint="The linker drops what nothing calls: give it __attribute__((used)) and KEEP in the linker script.",
        )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
