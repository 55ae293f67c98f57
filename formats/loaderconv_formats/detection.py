"""Tells what a file is by its content; suffixes lie (a vendor pack ships a stldr named `.FLM`)."""

from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.loader import Flavour

DESCRIPTIONS = {
    Flavour.FLM: "a Keil flash algorithm (.FLM)",
    Flavour.STLDR: "an STM32CubeProgrammer external loader (.stldr)",
    Flavour.IAR: "an IAR flash loader (.out)",
}

_FLM_ROUTINES = frozenset({"UnInit", "EraseSector", "ProgramPage"})
_STLDR_ROUTINES = frozenset({"Write", "SectorErase"})
_IAR_SYMBOLS = frozenset({"theFlashParams", "FlashInitEntry", "FlashBreak"})


def detect_flavour(image: ElfImage) -> Flavour | None:
    """Return the flavour of a loader, None for an ordinary program.

    The descriptor decides; a file that lost it is still told from a program by routines that only one flavour has.
    """
    names = symbols_by_name(image).keys()
    if stldr_abi.DESCRIPTOR_SYMBOL in names:
        return Flavour.STLDR
    if flm_abi.DESCRIPTOR_SYMBOL in names:
        return Flavour.FLM
    if names >= _IAR_SYMBOLS:
        return Flavour.IAR
    if names >= _FLM_ROUTINES:
        return Flavour.FLM
    return Flavour.STLDR if names >= _STLDR_ROUTINES | {"Init"} else None
