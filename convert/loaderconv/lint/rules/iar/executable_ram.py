"""The executable against the RAM of the chip."""

from collections.abc import Iterator
from dataclasses import dataclass

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import Place
from loaderconv_schemas.severity import Severity


@dataclass(frozen=True)
class _Part:
    """Something that takes room: what it is called, where reports point, and its addresses."""

    title: str
    place: Place
    start: int
    end: int


@rule("IAR012", Severity.WARNING, IarProgram, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.SYMBOLS, Fact.RAM))
def fits_ram(file: IarProgram) -> Iterator[Problem]:
    """Code, data, buffer and stack lie in the RAM of the chip.

    What it checks:
        Each section that takes room in the target, the buffer and the stack against the RAM that --chip or --ram
        tells; ranges that adjoin count as one, and secure aliases of an ARMv8-M as the same. Code in another RAM than
        the buffer is a note. A relocatable loader has no addresses of its own and is not checked.

    Why it matters:
        What lies elsewhere is not there when C-SPY has downloaded the loader. 198 of 249 loaders have parameters and
        stack outside of every PT_LOAD, so that a host which looks at these alone takes the RAM for smaller than
        the loader needs. 31 use two RAMs, and both must be on and clocked when the loader starts.

    Example:
        A RAM_region of the linker configuration for the largest chip of a family, on a smaller one.

    How to fix:
        Correct the regions of the linker configuration; or, where the map is wrong, name the RAM with --ram.

    Source:
        docs/formats/iar.md, Link-time layout.
    """
    ram = file.ram
    outside = [each for each in _parts(file) if ram.holder(each.start, each.end) is None]
    if outside:
        part = outside[0]
        more = f", and {len(outside) - 1} more" if len(outside) > 1 else ""
        yield Problem(
            "outside-ram",
            f"{part.title}, 0x{part.start:08x} to 0x{part.end - 1:08x}, lies outside of the RAM of {ram.source}{more}.",
            "Correct the regions of the linker configuration, or name the RAM with --ram.",
            part.place,
        )
        return
    init, buffer = file.symbols.get("FlashInitEntry"), file.interface.buffer
    if init is None or buffer is None or not buffer.size_bytes:
        return
    code_ram = ram.holder(init.address, init.address + 1)
    if code_ram is not None and code_ram != ram.holder(buffer.start, buffer.end):
        yield Problem(
            "two-rams",
            f"Code at 0x{init.address:08x} and the buffer at 0x{buffer.start:08x} lie in different RAMs.",
            "See that both are on when the loader starts, in a macro of the .flash file if need be.",
            file.at_symbol(abi.BUFFER_START),
            severity=Severity.NOTE,
            hosts={},
        )


def _parts(file: IarProgram) -> Iterator[_Part]:
    for section in file.allocated:
        yield _Part(f"Section {shown(section.name.strip())}", file.at_section(section), section.address, section.end)
    interface = file.interface
    for title, symbol, taken in (
        ("The buffer", abi.BUFFER_START, interface.buffer),
        ("The stack", abi.STACK_BASE, interface.stack),
    ):
        if taken is not None and taken.size_bytes:
            yield _Part(title, file.at_symbol(symbol), taken.start, taken.end)


RULES: tuple[AnyRule, ...] = (fits_ram,)
