"""Optional routines that only pretend to be there."""

from collections.abc import Iterator

from loaderconv.lint.code.stubs import returned_number, returns_sum
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.flm import abi
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("FLM011", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS,))
def optional_routine_works(file: FlmFile) -> Iterator[Problem]:
    """An optional routine that is exported does its work.

    What it checks:
        EraseChip, BlankCheck and Verify, where they exist, do not answer the same whatever they are asked. A BlankCheck
        that answers 1 (erase always) is harmless and very common. Nothing is said where EraseSector, or for Verify
        ProgramPage, does nothing either: RAM, OTP and option bytes need no erase.

    Why it matters:
        A host calls what the file exports. With a BlankCheck that calls every sector blank, the documented flow never
        erases; with an EraseChip that only answers 0, it believes the whole memory erased. ATSAME7x_GPNVM.FLM has both.
        Without the routine a host erases sector by sector, and compares by reading.

    Example:
        int BlankCheck (unsigned long adr, unsigned long sz, unsigned char pat) { return (0); }

    How to fix:
        Write the routine, or remove it: all three are optional.

    Source:
        docs/formats/flm.md, How hosts drive it, and Verify and BlankCheck.
    """
    for entry in file.entries:
        if entry.routine is Routine.VERIFY:
            problems, counterpart = list(_verify_problems(file, entry)), Routine.PROGRAM_PAGE
        elif entry.routine in (Routine.ERASE_CHIP, Routine.BLANK_CHECK):
            problems, counterpart = list(_erase_problems(file, entry)), Routine.ERASE_SECTOR
        else:
            continue
        if problems and not _does_nothing(file, counterpart):
            yield from problems


def _does_nothing(file: FlmFile, routine: Routine) -> bool:
    return any(entry.routine is routine and _answer(file, entry) is not None for entry in file.entries)


def _answer(file: FlmFile, entry: EntryPoint) -> int | None:
    """Return the number that a routine always answers, None where it does more."""
    return returned_number(file.code.walk.regions, entry.address) if entry.thumb else None


def _erase_problems(file: FlmFile, entry: EntryPoint) -> Iterator[Problem]:
    answer = _answer(file, entry)
    if entry.routine is Routine.BLANK_CHECK and answer == abi.SUCCESS:
        yield Problem(
            "blank-check-says-blank",
            "BlankCheck answers 0 (blank) whatever the memory holds, so sectors are not erased before programming.",
            "Compare the memory with the pattern, answer 1 (erase always), or remove BlankCheck.",
            file.at_symbol(entry.symbol),
            hosts={Host.UVISION: Verdict.LOSS},
        )
    elif entry.routine is Routine.ERASE_CHIP and answer == abi.SUCCESS:
        yield Problem(
            "erase-chip-does-nothing",
            "EraseChip answers 0 (done) and erases nothing.",
            "Erase the memory, or remove EraseChip: hosts then erase all sectors.",
            file.at_symbol(entry.symbol),
            hosts={Host.UVISION: Verdict.LOSS, Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )
    elif entry.routine is Routine.ERASE_CHIP and answer is not None:
        yield Problem(
            "erase-chip-always-fails",
            f"EraseChip answers {answer} (failed) and erases nothing.",
            "Remove EraseChip: hosts then erase all sectors.",
            file.at_symbol(entry.symbol),
            hosts={Host.UVISION: Verdict.LOSS, Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )


def _verify_problems(file: FlmFile, entry: EntryPoint) -> Iterator[Problem]:
    answer = _answer(file, entry)
    if answer is not None:
        yield Problem(
            "verify-always-fails",
            f"Verify answers {answer} whatever it is asked; only adr + sz means that the memory is as it should be.",
            "Compare the memory with the buffer, or remove Verify.",
            file.at_symbol(entry.symbol),
            hosts={Host.UVISION: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )
    elif entry.thumb and returns_sum(file.code.walk.regions, entry.address):
        yield Problem(
            "verify-compares-nothing",
            "Verify answers adr + sz (equal) and compares nothing.",
            "Compare the memory with the buffer, or remove Verify.",
            file.at_symbol(entry.symbol),
            hosts={Host.UVISION: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )


RULES: tuple[AnyRule, ...] = (optional_routine_works,)
