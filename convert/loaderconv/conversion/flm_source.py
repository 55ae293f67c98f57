"""An FLM as a source: what must hold for its code to be carried into another loader, and what is noticed of it."""

from itertools import pairwise

from loaderconv.conversion.geometry import check_geometry
from loaderconv_formats.flm import abi
from loaderconv_formats.loader_file import LoaderFile
from loaderconv_schemas.address_range import span
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Architecture, FloatAbi, Loader, Notice
from loaderconv_schemas.memory import PlacementKind

_ABSOLUTE_RELOCATIONS = {
    2: "R_ARM_ABS32",
    5: "R_ARM_ABS16",
    38: "R_ARM_TARGET1",
    43: "R_ARM_MOVW_ABS_NC",
    44: "R_ARM_MOVT_ABS",
    47: "R_ARM_THM_MOVW_ABS_NC",
    48: "R_ARM_THM_MOVT_ABS",
}
"""Relocations whose result changes with the link address (Arm AAELF32)."""

_SYMBOLS = {routine: symbol for symbol, routine in abi.ROUTINES.items()}


def check_flm(source: LoaderFile) -> None:
    """Refuse an FLM that could not behave in another place as it does in its own.

    Raises:
        ConversionRefused: with the fact and the way out.
    """
    loader = source.loader
    architecture = loader.identity.architecture
    if architecture is Architecture.NOT_CORTEX_M:
        raise ConversionRefused(
            "The code is not built for a Cortex-M core.",
            hint="STM32CubeProgrammer runs loaders on Cortex-M only; rebuild the driver for one.",
        )
    _check_routines(loader)
    if loader.placement.kind is not PlacementKind.POSITION_INDEPENDENT:
        raise ConversionRefused(
            "The file is not marked position independent (no PF_ARM_PI and PF_ARM_SB segment flags, no ROPI and RWPI"
            " build attributes), so it cannot be moved.",
            hint="Rebuild it with armclang -fropi -frwpi; docs/formats/flm.md tells what else counts as a mark.",
        )
    _check_relocations(source)
    _check_image(loader)
    check_geometry(loader.described_device)


def _check_relocations(source: LoaderFile) -> None:
    """Refuse code whose own relocations (`--emit-relocs`) show that it holds addresses."""
    for section in source.image.sections:
        target = section.info_section
        if not isinstance(section.content, list) or target is None or not target.is_allocated:
            continue
        for relocation in section.content:
            if relocation.type in _ABSOLUTE_RELOCATIONS:
                raise ConversionRefused(
                    f"The relocation {_ABSOLUTE_RELOCATIONS[relocation.type]} at 0x{relocation.offset:08x} puts an"
                    " address into the code or its data, so it is not position independent.",
                    hint="Keep tables of function or string pointers out of the driver, or fill them at run time.",
                )


def _check_image(loader: Loader) -> None:
    """Refuse segments that overlap, and data that r9 would not point at."""
    segments = sorted(loader.image_segments, key=lambda segment: segment.address)
    for lower, upper in pairwise(segments):
        if lower.range.overlaps(upper.range):
            raise ConversionRefused(
                f"Two loaded parts of the file overlap: {lower.range} and {upper.range}.",
                hint="Hosts would load them differently; check the scatter file or linker script.",
            )
    static_base = loader.placement.static_base
    whole = span(segment.range for segment in segments)
    if static_base is not None and not whole.start <= static_base <= whole.end:
        raise ConversionRefused(
            f"The static base 0x{static_base:08x} (start of PrgData) lies outside of the image {whole}.",
            hint="Link PrgData right behind PrgCode, as the CMSIS-Pack scatter file does.",
        )


def _check_routines(loader: Loader) -> None:
    missing = [_SYMBOLS[routine] for routine in abi.MANDATORY if loader.entry_point(routine) is None]
    if missing:
        raise ConversionRefused(
            f"The FLM has no {' and no '.join(missing)}.",
            hint="Every host needs Init, UnInit, EraseSector and ProgramPage; keep the linker from dropping them.",
        )
    for entry in loader.entry_points:
        if not entry.thumb:
            raise ConversionRefused(
                f"{entry.symbol} at 0x{entry.address:08x} is Arm code, or its symbol lost the Thumb bit.",
                hint="A Cortex-M core runs Thumb code only; declare assembly routines with .thumb_func.",
            )


def flm_warnings(loader: Loader) -> list[Notice]:
    """Return what a user should know of this source before trusting the result."""
    warnings = list(loader.notices)
    device = loader.described_device
    if device.page_size_bytes and any(run.sector_size_bytes % device.page_size_bytes for run in device.sectors):
        warnings.append(
            Notice(
                code="page-does-not-divide-sector",
                message=f"Pages of {device.page_size_bytes} bytes do not divide every sector; some cross sectors.",
            )
        )
    if loader.identity.float_abi is FloatAbi.HARD:
        warnings.append(
            Notice(
                code="hard-float",
                message="The code is built for the hard-float ABI; hosts leave the FPU off, so it must not use it.",
            )
        )
    return warnings


def exported(loader: Loader, routine: Routine) -> bool:
    """Tell whether the FLM has a routine."""
    return loader.entry_point(routine) is not None


def works_without_reading(loader: Loader, routine: Routine) -> bool:
    """Tell whether an stldr can offer a routine although the device cannot be read."""
    if routine is Routine.VERIFY:
        # The FLM's own Verify, asked page by page, may ignore bytes behind the last word of each.
        return exported(loader, Routine.VERIFY) and loader.described_device.page_size_bytes % 4 == 0
    return routine not in (Routine.READ, Routine.CHECKSUM)
