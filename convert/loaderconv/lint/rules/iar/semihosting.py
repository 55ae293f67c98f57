"""Calls of the debugger from inside of a loader."""

from collections.abc import Iterator

from loaderconv.lint.code.places import function_at, others
from loaderconv.lint.code.walk import Event
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.severity import Severity

_ENDS = ("__exit", "_exit", "exit", "abort", "__aeabi_assert")
"""Functions of the library that end a program, by semihosting."""

_FILES = ("fopen", "fclose", "fread", "fwrite", "fgets", "fputs", "fgetc", "fprintf", "fscanf")


@rule("IAR014", Severity.WARNING, IarProgram, needs=(Fact.SYMBOLS,))
def asks_no_debugger(file: IarProgram) -> Iterator[Problem]:
    """The loader uses neither semihosting nor files.

    What it checks:
        The code that can be reached from the entry stubs holds no BKPT 0xAB and no functions of stdio that work on
        files. Where it is only the library's abort or exit that ends in a BKPT 0xAB, a note tells so. Function pointers
        are not followed, and Arm code is not read.

    Why it matters:
        Semihosting stops the core until a debugger answers. A host other than C-SPY does not, and C-SPY itself waits
        for FlashBreak meanwhile: the loader stalls. IAR's technical note tells authors to build without it.

    Example:
        printf("erasing %x", block_start);

    How to fix:
        Link with "Library low-level interface: none" and without printf; messages go into theFlashParams.buffer.

    Source:
        docs/formats/iar.md, Into other flavours (semihosting or file input); IAR technical note TN201118.
    """
    code = file.code
    places = code.addresses(Event.SEMIHOSTING)
    ends = {file.symbols[name].address for name in _ENDS if name in file.symbols}
    runs = {place: code.run_holding(place) for place in places}
    working = [place for place, run in runs.items() if run is None or run.function not in ends]
    files = [name for name in _FILES if name in file.symbols and code.run_holding(file.symbols[name].address)]
    if files:
        yield Problem(
            "file-access",
            f"The loader works on files: it calls {', '.join(files)}.",
            "Put data into the image or into arguments; a loader has no files.",
            file.at_symbol(files[0]),
        )
    elif working:
        yield Problem(
            "semihosting",
            f"{function_at(file, working[0])} calls the debugger by semihosting (BKPT 0xAB) at 0x{working[0]:08x}"
            f"{others(working)}.",
            "Link without semihosting, and without printf.",
            file.at_address(working[0]),
        )
    elif places:
        yield Problem(
            "exit-by-semihosting",
            f"{function_at(file, places[0])} ends the program by semihosting (BKPT 0xAB) at 0x{places[0]:08x}"
            f"{others(places)}.",
            "Return RESULT_ERROR instead of calling abort, exit or assert.",
            file.at_address(places[0]),
            severity=Severity.NOTE,
        )


RULES: tuple[AnyRule, ...] = (asks_no_debugger,)
