"""Reads the layout of the parameter table from the compiler's debug information, so that only C declares it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE_TYPE = "shim_parameters"
RUN_TYPE = "sector_run"
RANGE_TYPE = "install_range"
ROUTINE_TYPE = "source_routine"
FLAGS_TYPE = "shim_flags"


@dataclass(frozen=True)
class Layout:
    """Offsets of the table's fields in bytes, by name; every field is a word or an array of words.

    Attributes:
        table: fields of the table; `run` is where the first sector run starts.
        run: fields of one sector run.
        install_range: fields of one range to install.
        routines: slots of the array `routine`, by the name that the source's flavour gives the routine.
        flags: bits of the field `flags`, by name.
    """

    table: dict[str, int]
    run: dict[str, int]
    install_range: dict[str, int]
    routines: dict[str, int]
    flags: dict[str, int]


def read_layout(object_file: Path) -> Layout:
    """Read the layout from an object file that was compiled with `-g`."""
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 - only the build needs it

    with object_file.open("rb") as file:
        unit = next(ELFFile(file).get_dwarf_info().iter_CUs())
        types = {_name(die): die for die in unit.get_top_DIE().iter_children() if "DW_AT_name" in die.attributes}
        routines = _values(types[ROUTINE_TYPE], "DW_AT_const_value")
        return Layout(
            table=_values(types[TABLE_TYPE], "DW_AT_data_member_location"),
            run=_values(types[RUN_TYPE], "DW_AT_data_member_location"),
            install_range=_values(types[RANGE_TYPE], "DW_AT_data_member_location"),
            routines={name.removeprefix("ROUTINE_"): slot for name, slot in routines.items()},
            flags=_values(types[FLAGS_TYPE], "DW_AT_const_value"),
        )


def _values(die: Any, attribute: str) -> dict[str, int]:
    return {_name(child): int(child.attributes[attribute].value) for child in die.iter_children()}


def _name(die: Any) -> str:
    return str(die.attributes["DW_AT_name"].value.decode("ascii"))
