"""What a flash algorithm does to the memory, and in which state it may find it."""

from collections.abc import Iterator

from loaderconv.lint.behaviour import sentences
from loaderconv.lint.behaviour.observations import Operation
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.simulated import SimulatedFlm
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("FLM070", Severity.WARNING, SimulatedFlm, needs=(Fact.WORKING,))
def verify_tells_the_truth(loader: SimulatedFlm) -> Iterator[Problem]:
    """Verify answers adr + sz for equal data and something else for different data.

    What it checks:
        Verify, where there is one, with a page as it was programmed, with its first byte changed and with its last.

    Why it matters:
        A host that has Verify does not read back. One that always answers adr + sz makes every download a success; one
        that answers 0 for equal data, as other routines do, makes every download fail.

    Example:
        unsigned long Verify (unsigned long adr, unsigned long sz, unsigned char *buf) { ...; return (0); }

    How to fix:
        Return adr + sz for equal data, and the address of the first byte that differs otherwise.

    Source:
        docs/formats/flm.md, Entry points, and Verify and BlankCheck.
    """
    equal = loader.observed.attempt(Operation.VERIFY)
    if equal is not None and not equal.succeeded:
        yield Problem(
            "equal-refused",
            f"Verify calls a page different that is as it was programmed: {equal.detail}.",
            "Return adr + sz where all bytes are equal.",
            loader.program.at_symbol("Verify"),
            hosts={Host.UVISION: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )
    elif accepted := sentences.accepted_changes(loader.observed):
        yield Problem(
            "cannot-fail",
            f"Verify calls a page equal of which {accepted} is another.",
            "Compare all bytes, and return the address of the first one that differs.",
            loader.program.at_symbol("Verify"),
            hosts={Host.UVISION: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )


@rule("FLM071", Severity.WARNING, SimulatedFlm, needs=(Fact.WORKING,))
def blank_check_sees_data(loader: SimulatedFlm) -> Iterator[Problem]:
    """BlankCheck tells a sector that holds data.

    What it checks:
        BlankCheck, where there is one, with a sector whose first page and last byte are not blank. What it answers for
        a sector that is blank does not matter: 1 for all, "erase always", is very common and harmless.

    Why it matters:
        In the documented flow a sector is not erased when BlankCheck calls it blank, and is then programmed over what
        it holds.

    Example:
        int BlankCheck (unsigned long adr, unsigned long sz, unsigned char pat) { map(); return (0); }

    How to fix:
        Compare with the pattern, answer 1 always, or remove BlankCheck: it is optional.

    Source:
        docs/formats/flm.md, How hosts drive it, and Verify and BlankCheck.
    """
    dirty = loader.observed.attempt(Operation.CHECK_DIRTY)
    if dirty is not None and dirty.succeeded:
        yield Problem(
            "data-called-blank",
            f"BlankCheck calls a sector blank that holds data: {dirty.detail}.",
            "Compare the memory with the pattern, answer 1 (erase always), or remove BlankCheck.",
            loader.program.at_symbol("BlankCheck"),
            hosts={Host.UVISION: Verdict.LOSS},
        )


@rule("FLM077", Severity.WARNING, SimulatedFlm, needs=(Fact.WORKING,))
def starts_from_anywhere(loader: SimulatedFlm) -> Iterator[Problem]:
    """Init and UnInit work again, and from every state in which they may meet the hardware.

    What it checks:
        Two rounds of the three phases, erase, program and verify on one machine; then one round from each start
        condition that the machine can be in: a second session without a reset, the memory mapped, in QPI mode, in
        4-byte mode or busy, the clock of its controller off. That it does not work a second time is an error.

    Why it matters:
        Hosts call Init and UnInit once for each phase, and begin again without a reset when a second file follows.
        "Works once, then needs a power cycle" is among the commonest complaints about algorithms for external memories:
        a reset of the chip does not reset the memory.

    Example:
        UnInit locks the controller, and Init unlocks it only at its first call.

    How to fix:
        In Init: clock on, reset of the controller released, mapped mode ended, the memory's reset sequence on four
        lines and on one, then wait until it is no longer busy. Keep no "already done" flag.

    Source:
        docs/formats/flm.md, How hosts drive it; docs/simulation.md, Start conditions.
    """
    if loader.observed.again is not None:
        yield Problem(
            "not-again",
            sentences.does_not_work_again(loader.observed.again),
            "Let Init begin anew at each call, whatever it did before.",
            loader.program.at_symbol("Init"),
            severity=Severity.ERROR,
        )
    for start in loader.observed.dirty:
        yield Problem(
            "dirty-start",
            sentences.does_not_work_after(start),
            f"Let Init leave that state first; try with loaderconv simulate --start {start.name}.",
            loader.program.at_symbol("Init"),
        )


@rule("FLM081", Severity.ERROR, SimulatedFlm, needs=(Fact.WORKING,))
def erases_what_it_should(loader: SimulatedFlm) -> Iterator[Problem]:
    """EraseSector erases the sector that it is asked for and no other.

    What it checks:
        The sectors around one that is erased.

    Why it matters:
        Hosts erase the sectors under the data that they write, and no more. Whatever lies in the next sector, a boot
        loader or settings, is gone without a word. The usual cause is a sector list that does not fit the memory.

    Example:
        The list says 4 KiB, and EraseSector sends the opcode for 64 KiB.

    How to fix:
        Let the list of sectors in FlashDev.c and the erase command agree.

    Source:
        docs/formats/flm.md, Entry points, and Descriptor.
    """
    if ranges := loader.observed.erased_beyond:
        yield Problem(
            "erases-beyond",
            sentences.erased_beyond(ranges),
            "Let the sector list of FlashDevice and the erase command agree.",
            loader.program.at_symbol("EraseSector"),
        )


RULES: tuple[AnyRule, ...] = (
    verify_tells_the_truth,
    blank_check_sees_data,
    starts_from_anywhere,
    erases_what_it_should,
)
