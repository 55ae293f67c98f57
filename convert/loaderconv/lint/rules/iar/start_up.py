"""What start-up code would do, if there were any."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.iar import abi
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_INITIALISERS = ("__iar_data_init3", "__iar_data_init2")


@rule("IAR010", Severity.WARNING, IarProgram, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.SYMBOLS,))
def variables_are_initialised(file: IarProgram) -> Iterator[Problem]:
    """A loader with a table of data to initialise or to zero runs it.

    What it checks:
        Where Region$$Table is not empty: __iar_data_init3, which works it off, can be reached from FlashInitEntry or
        FlashPreInitEntry. Function pointers are not followed, and Arm code is not read.

    Why it matters:
        C-SPY starts FlashInitEntry and no start-up code. The linker counts on it: the table says where initial values
        lie packed, and what is to be zeroed. Without it variables hold whatever the RAM held before: a flag or a handle
        is wrong on some boards only. 49 of
        249 public loaders have such a table, and 26 of them (XHSC, levizh) were seen to run without it.

    Example:
        static uint32_t timeout = 1000;  /* without "do not initialize { readwrite }" in the .icf */

    How to fix:
        Call __iar_data_init3() at the start of FlashInit, or put `do not initialize { rw, zi, section .noinit }` into
        the .icf and set variables in FlashInit.

    Source:
        docs/formats/iar.md, Link-time layout (Initialised data); IAR technical note TN201118.
    """
    base, limit = file.symbols.get(abi.INIT_TABLE_BASE), file.symbols.get(abi.INIT_TABLE_LIMIT)
    starts = [e for e in file.entries if e.routine in (Routine.INIT, Routine.PRE_INIT) and e.thumb]
    if base is None or limit is None or limit.value <= base.value or not starts:
        return
    initialisers = [file.symbols[name].address for name in _INITIALISERS if name in file.symbols]
    if any(file.code.reaches(start.address, goal) for start in starts for goal in initialisers):
        return
    linked = (
        "nothing that FlashInitEntry reaches calls __iar_data_init3"
        if initialisers
        else "__iar_data_init3 is not linked"
    )
    yield Problem(
        "init-table-not-run",
        f"Region$$Table lists data to initialise or to zero ({limit.value - base.value} bytes), and {linked}.",
        "Call __iar_data_init3() at the start of FlashInit, or let the .icf say: do not initialize { rw, zi }.",
        file.at_symbol(base),
    )


RULES: tuple[AnyRule, ...] = (variables_are_initialised,)
