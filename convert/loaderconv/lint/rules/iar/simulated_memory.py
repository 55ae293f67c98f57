"""What an IAR loader does to the memory, and in which state it may find it."""

from collections.abc import Iterator

from loaderconv.lint.behaviour import sentences
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.simulated import SimulatedIar
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.severity import Severity


@rule("IAR052", Severity.ERROR, SimulatedIar, needs=(Fact.WORKING,))
def erases_what_it_should(loader: SimulatedIar) -> Iterator[Problem]:
    """FlashErase erases the block that it is asked for and no other.

    What it checks:
        The blocks around one that is erased through a list of one block.

    Why it matters:
        C-SPY erases each block when its first data come. A loader that takes the next block with it destroys what was
        written there before, or what nobody wanted to touch. ST's wrapper around its own middleware does: it calls
        SectorErase with start + size as the end, which that takes as inclusive.

    Example:
        BSP_SectorErase(block, block + size);

    How to fix:
        Pass the start of the last sector, block + size - sector size, as the end.

    Source:
        docs/formats/stldr.md, Entry points; docs/formats/iar.md, Into other flavours.
    """
    if ranges := loader.observed.erased_beyond:
        yield Problem(
            "erases-beyond",
            sentences.erased_beyond(ranges),
            "Stop at the end of the block: its last address is block start + block size - 1.",
            loader.program.at_symbol("FlashEraseWriteEntry"),
        )


@rule("IAR055", Severity.WARNING, SimulatedIar, needs=(Fact.WORKING,))
def starts_from_anywhere(loader: SimulatedIar) -> Iterator[Problem]:
    """FlashInit works again, and from every state in which it may meet the hardware.

    What it checks:
        Two sessions of FlashInit, erase and write on one machine, which is not reset in between; then one session from
        each start condition that the machine can be in: the memory mapped, in QPI mode, in 4-byte mode or busy, the
        clock of its controller off. That it does not work a second time is an error.

    Why it matters:
        C-SPY begins a session for each pass and each download. What it does before one is up to its settings and the
        macro file, and a reset of the chip does not reset the memory.

    Example:
        FlashInit sends the reset sequence 66h, 99h on one line only, and the memory listens on four.

    How to fix:
        In FlashInit: clock on, reset of the controller released, mapped mode ended, the memory's reset sequence on four
        lines and on one, then wait until it is no longer busy.

    Source:
        docs/formats/iar.md, Protocol; docs/simulation.md, Start conditions.
    """
    if loader.observed.again is not None:
        yield Problem(
            "not-again",
            sentences.does_not_work_again(loader.observed.again),
            "Let FlashInit begin anew at each call, whatever it did before.",
            loader.program.at_symbol("FlashInitEntry"),
            severity=Severity.ERROR,
        )
    for start in loader.observed.dirty:
        yield Problem(
            "dirty-start",
            sentences.does_not_work_after(start),
            f"Let FlashInit leave that state first; try with loaderconv simulate --start {start.name}.",
            loader.program.at_symbol("FlashInitEntry"),
        )


RULES: tuple[AnyRule, ...] = (erases_what_it_should, starts_from_anywhere)
