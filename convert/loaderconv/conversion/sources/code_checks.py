"""What every source must be for its code to run under another host."""

from collections.abc import Iterable, Mapping

from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Architecture, FloatAbi, Loader, Notice


def check_core(loader: Loader) -> None:
    """Refuse code for other cores than Cortex-M.

    Raises:
        ConversionRefused: Arm state, Cortex-A or Cortex-R.
    """
    if loader.identity.architecture is Architecture.NOT_CORTEX_M:
        raise ConversionRefused(
            "The code is not built for a Cortex-M core.",
            hint="Shims are Thumb code, and other hosts run loaders on Cortex-M only; rebuild the driver for one.",
        )


def check_routines(
    entries: Iterable[EntryPoint], mandatory: Iterable[Routine], symbols: Mapping[str, Routine], kind: str
) -> None:
    """Refuse a loader that lacks what the shim calls, or has it as Arm code.

    Args:
        entries: what the loader has.
        mandatory: what the shim cannot do without.
        symbols: the flavour's names.
        kind: of file, for the message.

    Raises:
        ConversionRefused: with the symbols that are missing or wrong.
    """
    listed = list(entries)
    names = {routine: symbol for symbol, routine in symbols.items()}
    present = {entry.routine for entry in listed}
    missing = [names[routine] for routine in mandatory if routine not in present]
    if missing:
        needed = ", ".join(names[routine] for routine in mandatory)
        raise ConversionRefused(
            f"The {kind} has no {' and no '.join(missing)}.",
            hint=f"A conversion needs {needed}; keep the linker from dropping them.",
        )
    for entry in listed:
        if not entry.thumb:
            raise ConversionRefused(
                f"{entry.symbol} at 0x{entry.address:08x} is Arm code, or its symbol lost the Thumb bit.",
                hint="A Cortex-M core runs Thumb code only; declare assembly routines with .thumb_func.",
            )


def code_warnings(loader: Loader) -> list[Notice]:
    """Return what the reader noticed, and what no host provides."""
    warnings = list(loader.notices)
    if loader.identity.float_abi is FloatAbi.HARD:
        warnings.append(
            Notice(
                code="hard-float",
                message="The code is built for the hard-float ABI; hosts leave the FPU off, so it must not use it.",
            )
        )
    return warnings
