"""What the routines of a flash algorithm do to the core and to RAM when they run."""

from collections.abc import Iterator

from loaderconv.lint.behaviour import sentences
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.simulated import SimulatedFlm
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("FLM075", Severity.WARNING, SimulatedFlm, needs=(Fact.WORKING,))
def stack_fits(loader: SimulatedFlm) -> Iterator[Problem]:
    """The stack fits into what hosts leave for it.

    What it checks:
        How deep the stack is in any of the operations of FLM082, measured in RAM that was painted before, against the
        512 bytes that pyOCD and probe-rs leave.

    Why it matters:
        A flash algorithm has no stack of its own. What lies below that of its host is the page buffer, or its own code.
        Algorithms that work take 28 bytes in the middle, and 448 at most.

    Example:
        int ProgramPage (unsigned long adr, unsigned long sz, unsigned char *buf) { unsigned char copy[4096]; ... }

    How to fix:
        Make large local arrays static, or work in smaller pieces.

    Source:
        docs/formats/flm.md, How hosts drive it, and What real files look like.
    """
    used, left = loader.observed.ram.stack_bytes, loader.observed.host_stack_bytes
    if left is not None and used > left:
        yield Problem(
            "stack-too-deep",
            sentences.deep_stack(used, left, "pyOCD and probe-rs leave"),
            "Make large local arrays static, or work in smaller pieces.",
            loader.whole,
            hosts={Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )


@rule("FLM076", Severity.WARNING, SimulatedFlm, needs=(Fact.SIMULATION,))
def registers_come_back(loader: SimulatedFlm) -> Iterator[Problem]:
    """Every routine returns with r4 to r11 and sp as it found them.

    What it checks:
        These registers after each call, in the operations of FLM082. Before a call they hold numbers that no algorithm
        has, r9 the start of PrgData.

    Why it matters:
        pyOCD and probe-rs set r9 and sp only for Init, so a routine that changes one of them breaks the next call. The
        others are the caller's by AAPCS, and a converted loader is such a caller.

    Example:
        __asm volatile ("movs r4, #0");  /* r4 is missing from the list of clobbered registers */

    How to fix:
        Name every register in the clobber list of inline assembly, and push what an assembly routine uses.

    Source:
        Procedure Call Standard for the Arm Architecture, 6.1.1; docs/formats/flm.md, How hosts drive it.
    """
    for attempt in sentences.runs_that_clobber(loader.observed):
        yield Problem(
            "register-changed",
            sentences.clobbered(attempt),
            "Save the register in the routine, or name it in the clobber list of the inline assembly.",
            loader.at_routine(attempt),
        )


@rule("FLM078", Severity.WARNING, SimulatedFlm, needs=(Fact.WORKING,))
def writes_stay_inside(loader: SimulatedFlm) -> Iterator[Problem]:
    """Nothing but image, stack and buffer is written.

    What it checks:
        RAM before and after each of the operations of FLM082. Writes where there is neither RAM nor a device are
        faults, which FLM082 tells.

    Why it matters:
        Hosts put their buffers, their stack and their return instruction right beside the image, each in another order.

    Example:
        A pointer that start-up code would have initialised, which no host runs.

    How to fix:
        Put all data into PrgData, and look for pointers that nobody initialised.

    Source:
        docs/formats/flm.md, How hosts drive it.
    """
    if strays := loader.observed.ram.strays:
        yield Problem(
            "writes-outside",
            sentences.written_outside(strays),
            "Put all data into PrgData; look for pointers that nobody initialised.",
            loader.whole,
        )


@rule("FLM079", Severity.NOTE, SimulatedFlm, needs=(Fact.WORKING,))
def polls_end(loader: SimulatedFlm) -> Iterator[Problem]:
    """A memory that stays busy does not hold the algorithm for ever.

    What it checks:
        An erase and a page whose end the memory never reports. The routine must give up within 20 million instructions
        of the emulated core, or of the time that passes while it reads a clock.

    Why it matters:
        The host's own time limit ends it, but tells nothing of the cause: for Init and EraseChip the limit is not even
        in the file. For on-chip flash, whose controller ends by itself, many vendors leave it at that.

    Example:
        while (FLASH->SR & FLASH_SR_BSY) {}

    How to fix:
        Count, or read SysTick, and return 1 after the longest time of the data sheet.

    Source:
        docs/formats/flm.md, How hosts drive it.
    """
    for attempt in loader.observed.endless_polls:
        yield Problem(
            "polls-for-ever",
            sentences.polls_for_ever(attempt),
            "Give up after the longest time that the data sheet names, and return 1.",
            loader.at_routine(attempt),
        )


@rule("FLM080", Severity.ERROR, SimulatedFlm, needs=(Fact.SIMULATION,))
def runs_anywhere(loader: SimulatedFlm) -> Iterator[Problem]:
    """The algorithm does the same wherever it lies.

    What it checks:
        An erase, a page and a verify at two places in RAM: results and commands to the memory must be the same. Where
        one of them does not work, whether it does with a copy of the image at its link address.

    Why it matters:
        Each host has its own place for an algorithm, none of them that for which it was linked, which is 0 as a rule.
        Code that uses its link address reads or calls whatever is there: the memory that it erases, often enough.

    Example:
        static const routine table[] = { &Erase, &Program };  /* compiled without --ropi, -fropi or -fpic */

    How to fix:
        Compile code and data as position independent (--apcs=/ropi/rwpi, -fropi -frwpi), and have no pointers in
        constants.

    Source:
        docs/formats/flm.md, Linking and position independence.
    """
    moved = loader.observed.moved
    if moved is None:
        return
    if moved.needs_link_address:
        what = f"Moved from its link address, {moved.here}; with a copy of the image there {moved.there}"
    else:
        what = f"At one place in RAM {moved.here}, at another one {moved.there}"
    yield Problem(
        "not-movable",
        f"{what}.",
        "Compile code and data as position independent, and have no pointers in constants.",
        loader.whole,
    )


@rule("FLM082", Severity.ERROR, SimulatedFlm, needs=(Fact.SIMULATION,))
def routines_do_their_work(loader: SimulatedFlm) -> Iterator[Problem]:
    """The routines come back, and do what they are for.

    What it checks:
        Each operation of uVision alone, on a fresh emulated machine after a reset: an erase of one sector, a page, a
        verify, a blank check, each between Init and UnInit. A routine must return, without a fault, an instruction that
        its core does not have, a BKPT or a loop without end. After an answer of success the memory must hold what it
        must. What fails because the algorithm was moved is left to FLM080.

    Why it matters:
        A fault or a hang shows in the host as a timeout that tells nothing of its cause. An algorithm that answers 0
        and did nothing is noticed when the product does not start.

    Example:
        int EraseSector (unsigned long adr) { while (1) {} }

    How to fix:
        Look at the named address in the disassembly. loaderconv simulate shows the operations, --trace each access.
        Where the model of the machine is wrong, name another one with --machine.

    Source:
        docs/formats/flm.md, How hosts drive it; docs/simulation.md, What runs.
    """
    if loader.observed.moved is not None and loader.observed.moved.needs_link_address:
        return
    for attempt in sentences.runs_that_do_not_end(loader.observed):
        yield Problem(
            "does-not-return",
            sentences.not_ended(attempt),
            "Look at the named address in the disassembly; loaderconv simulate --trace shows what led there.",
            loader.at_routine(attempt),
        )
    for attempt in sentences.runs_that_fail(loader.observed):
        yield Problem(
            "not-done",
            sentences.failed(attempt),
            "Run loaderconv simulate to see what the memory was told; if its model is wrong, try another --machine.",
            loader.whole,
        )


RULES: tuple[AnyRule, ...] = (
    stack_fits,
    registers_come_back,
    writes_stay_inside,
    polls_end,
    runs_anywhere,
    routines_do_their_work,
)
