"""What an external loader does to the memory, and in which state it may find it."""

from collections.abc import Iterator

from loaderconv.lint.behaviour import sentences
from loaderconv.lint.behaviour.observations import Operation
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.simulated import SimulatedStldr
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.severity import Severity


@rule("STL051", Severity.ERROR, SimulatedStldr, needs=(Fact.WORKING,))
def erases_what_it_should(loader: SimulatedStldr) -> Iterator[Problem]:
    """SectorErase erases the sectors that it is asked for and no others.

    What it checks:
        The sectors around one that is erased, with the start of that sector as both arguments: the one pair of
        addresses that every loader understands.

    Why it matters:
        Hosts erase the sectors under the data that they write, and no more. Whatever lies in the next sector, a boot
        loader or settings, is gone without a word.

    Example:
        for (a = start; a <= end + SECTOR_SIZE; a += SECTOR_SIZE) { erase(a); }

    How to fix:
        Take the end as inclusive, round both addresses down to a sector, and stop after the sector of the end.

    Source:
        docs/formats/stldr.md, Entry points (SectorErase).
    """
    if ranges := loader.observed.erased_beyond:
        yield Problem(
            "erases-beyond",
            sentences.erased_beyond(ranges),
            "Stop after the sector in which the end address lies; it is inclusive.",
            loader.program.at_symbol("SectorErase"),
        )


@rule("STL052", Severity.WARNING, SimulatedStldr, needs=(Fact.WORKING,))
def verify_tells_the_truth(loader: SimulatedStldr) -> Iterator[Problem]:
    """Verify tells equal from different.

    What it checks:
        Verify, where there is one, with a page as it was programmed, with its first byte changed and with its last.

    Why it matters:
        A host that has Verify does not read back. One that always answers 0 makes every download a success; one that
        answers something else for equal data makes every download fail.

    Example:
        uint64_t Verify (...) { if (map() != 0) { return 0; } ... }

    How to fix:
        Return 0 in r0 for equal data, an address that is not 0 otherwise, also where the memory cannot be mapped.

    Source:
        docs/formats/stldr.md, Entry points (Verify).
    """
    equal = loader.observed.attempt(Operation.VERIFY)
    if equal is not None and not equal.succeeded:
        yield Problem(
            "equal-refused",
            f"Verify calls a page different that is as it was programmed: {equal.detail}.",
            "Return 0 in r0 where all bytes are equal.",
            loader.program.at_symbol("Verify"),
        )
    elif accepted := sentences.accepted_changes(loader.observed):
        yield Problem(
            "cannot-fail",
            f"Verify calls a page equal of which {accepted} is another.",
            "Compare all bytes, and return an address that is not 0 where one differs.",
            loader.program.at_symbol("Verify"),
        )


@rule("STL053", Severity.WARNING, SimulatedStldr, needs=(Fact.WORKING,))
def starts_from_anywhere(loader: SimulatedStldr) -> Iterator[Problem]:
    """Init works again, and from every state in which it may meet the hardware.

    What it checks:
        Two rounds of Init, erase, write and verify on one machine; then one round from each start condition that the
        machine can be in: a second session without a reset, the memory mapped, in QPI mode, in 4-byte mode or busy, the
        clock of its controller off. That it does not work a second time is an error.

    Why it matters:
        "Works once, then needs a power cycle" is among the commonest complaints about loaders: they were tried after a
        reset only. STM32CubeProgrammer calls Init in front of every operation, and a debugger, an application or an
        earlier session leaves what it leaves. A reset of the chip does not reset the memory.

    Example:
        Init sends the reset sequence 66h, 99h on one line only, and the memory listens on four.

    How to fix:
        In Init: clock on, reset of the controller released, mapped mode ended, the memory's reset sequence on four
        lines and on one, then wait until it is no longer busy.

    Source:
        docs/formats/stldr.md, How hosts drive it (row 7); docs/simulation.md, Start conditions.
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


RULES: tuple[AnyRule, ...] = (erases_what_it_should, verify_tells_the_truth, starts_from_anywhere)
