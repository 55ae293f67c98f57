"""How findings tell where code is."""

from collections.abc import Sequence

from loaderconv.lint.subjects.program import Program
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.lint import PlaceKind


def function_at(program: Program, address: int) -> str:
    """Return the name of the function that holds an instruction, by its size or by the way that the walk took."""
    place = program.at_address(address)
    if place.kind is PlaceKind.SYMBOL:
        return place.name
    run = program.code.run_holding(address)
    start = None if run is None else run.function
    return next((s.name for s in program.symbols.values() if s.type == c.STT_FUNC and s.address == start), "the code")


def others(addresses: Sequence[int]) -> str:
    """Return in how many places the same is done, as the end of a phrase; empty for one."""
    return f" ({len(addresses)} places in all)" if len(addresses) > 1 else ""
