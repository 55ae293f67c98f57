"""The vector table of a loader that takes interrupts."""

from collections.abc import Iterator

from loaderconv.lint.code.places import function_at
from loaderconv.lint.code.system_registers import VTOR, stores_to
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.image import ElfSymbol
from loaderconv_schemas.lint import Place
from loaderconv_schemas.severity import Severity

_TABLES = ("g_pfnVectors", "__Vectors", "__vector_table", "__isr_vector", "vector_table")
_SECTION = ".isr_vector"
_HANDLER = "SysTick_Handler"
_ALIGNMENT_BYTES = 0x200


@rule("STL037", Severity.NOTE, StldrFile, needs=(Fact.SYMBOLS,))
def vector_table_is_aligned(file: StldrFile) -> Iterator[Problem]:
    """A vector table that is used lies on a 0x200 boundary.

    What it checks:
        The address of the vector table (g_pfnVectors, __Vectors, __vector_table, section .isr_vector), where the code
        that can be reached from the routines writes VTOR, or a SysTick_Handler is linked.

    Why it matters:
        The core ignores the low bits of VTOR: a table of up to 128 vectors must lie at a multiple of 0x200. Otherwise
        the first interrupt, usually SysTick, runs whatever is there. Loaders start at RAM base + 4, so a table at their
        start is never aligned; ST's scripts put 0x1FC bytes in front of it. Without interrupts the table does not
        matter, and that is the better way.

    Example:
        .isr_vector : { KEEP(*(.isr_vector)) } >RAM  /* RAM at 0x20000004 */

    How to fix:
        Put `. = ALIGN(0x200);` in front of the table, or poll SysTick and take no interrupts.

    Source:
        docs/formats/stldr.md, Accepted and rejected (vector table); td-p/777754 page 2, 819807.
    """
    table = _table(file)
    if table is None or not table[0] % _ALIGNMENT_BYTES:
        return
    address, name, place = table
    stores = stores_to(file.code, VTOR)
    if stores:
        used = f"{function_at(file, stores[0])} writes VTOR at 0x{stores[0]:08x}"
    elif _HANDLER in file.symbols:
        used = f"{_HANDLER} is linked"
    else:
        return
    yield Problem(
        "table-misaligned",
        f"{name} at 0x{address:08x} is not on a 0x200 boundary, and {used}.",
        "Align the table to 0x200, or take no interrupts.",
        place,
    )


def _table(file: StldrFile) -> tuple[int, str, Place] | None:
    """Return address, name and place of the vector table, None where there is none in the loaded bytes."""
    symbol = next(filter(None, map(file.symbols.get, _TABLES)), None)
    if symbol is not None and _is_loaded(file, symbol):
        return symbol.address, symbol.name, file.at_symbol(symbol)
    section = next((each for each in file.allocated if each.name == _SECTION), None)
    return None if section is None else (section.address, section.name, file.at_section(section))


def _is_loaded(file: StldrFile, symbol: ElfSymbol) -> bool:
    return file.segment_bytes_at(symbol.address) is not None


RULES: tuple[AnyRule, ...] = (vector_table_is_aligned,)
