"""What the stubs of an IAR loader do to the core and to RAM when they run."""

from collections.abc import Iterator

from loaderconv.lint.behaviour import sentences
from loaderconv.lint.behaviour.observations import Operation
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.simulated import SimulatedIar
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("IAR050", Severity.ERROR, SimulatedIar, needs=(Fact.WORKING,))
def erase_of_nothing_is_harmless(loader: SimulatedIar) -> Iterator[Problem]:
    """An erase of no block comes back with 0 and touches no device.

    What it checks:
        FlashEraseWriteEntry with base 0, count 0 and block size 0, which is an empty list of blocks, right after the
        download.

    Why it matters:
        It needs no hardware, so it shows whether parameters, stubs and FlashBreak work at all: 248 of 249 public
        loaders pass. One that does not takes the list form for something else, and then erases what nobody asked for.

    Example:
        do { FlashErase(list->start, list->length); list++; } while (--count);

    How to fix:
        Use IAR's flash_loader.c and its assembly stubs unchanged.

    Source:
        docs/formats/iar.md, Parameter block, and Protocol.
    """
    smoke, access = loader.observed.attempt(Operation.EMPTY_ERASE), loader.observed.stray_access
    if smoke is None or (smoke.is_good and access is None):
        return
    told = smoke.detail.rstrip(".") if not smoke.is_good else f"the device register 0x{access:08x} is accessed"
    yield Problem(
        "not-harmless",
        f"An erase of no block is not harmless: {told}.",
        "Use IAR's flash_loader.c and its assembly stubs unchanged; loop while there are blocks, not once at least.",
        loader.program.at_symbol("FlashEraseWriteEntry"),
    )


@rule("IAR051", Severity.ERROR, SimulatedIar, hosts={Host.C_SPY: Verdict.REJECTED}, needs=(Fact.SIMULATION,))
def session_begins(loader: SimulatedIar) -> Iterator[Problem]:
    """FlashInit answers with a code that C-SPY knows, and with a layout that can be read.

    What it checks:
        The word that FlashInit leaves in count: 0 to 4, or a code of its own from 100 to 200, ORed with the three
        OVERRIDE bits. With OVERRIDE_LAYOUT the buffer must hold pairs of a count and a size that are not 0.

    Why it matters:
        C-SPY ends the download with a message that names the number and nothing else. A layout with 0 blocks comes from
        loaders that ask the device for its size and get no answer.

    Example:
        return OVERRIDE_LAYOUT;  /* and "0 0x2000" in the buffer */

    How to fix:
        Return RESULT_OK, or RESULT_ERROR_WITH_MSG with a text; check what the device answers before it is a layout.

    Source:
        docs/formats/iar.md, Constants.
    """
    start = loader.observed.session_start
    if start is None or start.result is None:
        return
    if not start.is_known:
        yield Problem(
            "unknown-result",
            f"FlashInit answers 0x{start.result:x}, which is no code of the framework.",
            "Return RESULT_OK or RESULT_ERROR, ORed with nothing but OVERRIDE bits.",
            loader.program.at_symbol("FlashInitEntry"),
        )
    elif start.bad_layout is not None:
        yield Problem(
            "bad-layout",
            f"What FlashInit tells of the memory cannot be used: {start.bad_layout.rstrip('.')}.",
            "Check what the device answers before making a layout of it; see docs/formats/iar.md, Constants.",
            loader.program.at_symbol("FlashInitEntry"),
        )


@rule("IAR053", Severity.WARNING, SimulatedIar, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.WORKING,))
def stack_fits(loader: SimulatedIar) -> Iterator[Problem]:
    """The stack fits into CSTACK.

    What it checks:
        How deep the stack is in any of the operations of IAR057, measured in RAM that was painted before, against the
        bytes between CSTACK$$Base and CSTACK$$Limit. A relocatable loader sets its own sp, and only whether all of
        CSTACK was used can be seen.

    Why it matters:
        Nobody checks the stack of a loader. Below CSTACK lie its variables or the buffer with the data to be written.

    Example:
        place at end of RAM { block CSTACK with size = 0x100 }

    How to fix:
        Make CSTACK larger in the linker script, or large local arrays static.

    Source:
        docs/formats/iar.md, Protocol, and Link-time layout.
    """
    used, left = loader.observed.ram.stack_bytes, loader.observed.host_stack_bytes
    if left and used > left:
        yield Problem(
            "stack-too-deep",
            sentences.deep_stack(used, left, "CSTACK has"),
            "Make CSTACK larger, or large local arrays static.",
            loader.program.at_symbol("CSTACK$$Limit"),
        )


@rule("IAR054", Severity.WARNING, SimulatedIar, needs=(Fact.WORKING,))
def writes_stay_inside(loader: SimulatedIar) -> Iterator[Problem]:
    """Nothing but image, stack and buffer is written.

    What it checks:
        RAM before and after each of the operations of IAR057. Writes where there is neither RAM nor a device are
        faults, which IAR057 tells.

    Why it matters:
        C-SPY restores the RAM that the loader's file takes after a download, and nothing else: what the application
        keeps there is gone.

    Example:
        A pointer that start-up code would have initialised, which C-SPY does not run.

    How to fix:
        Let the linker place all data, and look for pointers that nobody initialised.

    Source:
        docs/formats/iar.md, Protocol, and Link-time layout.
    """
    if strays := loader.observed.ram.strays:
        yield Problem(
            "writes-outside",
            sentences.written_outside(strays),
            "Let the linker place all data; look for pointers that nobody initialised.",
            loader.whole,
        )


@rule("IAR056", Severity.NOTE, SimulatedIar, needs=(Fact.WORKING,))
def polls_end(loader: SimulatedIar) -> Iterator[Problem]:
    """A memory that stays busy does not hold the loader for ever.

    What it checks:
        An erase and a page whose end the memory never reports. The stub must reach FlashBreak within 20 million
        instructions of the emulated core, or of the time that passes while it reads a clock.

    Why it matters:
        C-SPY waits with the loader, and offers to cancel. A result with a message would have told the cause.

    Example:
        while (QSPI_ReadStatus() & WIP) {}

    How to fix:
        Count, or read SysTick, and return RESULT_ERROR_WITH_MSG after the longest time of the data sheet.

    Source:
        docs/formats/iar.md, Constants, and Protocol.
    """
    for attempt in loader.observed.endless_polls:
        yield Problem(
            "polls-for-ever",
            sentences.polls_for_ever(attempt),
            "Give up after the longest time that the data sheet names, and return RESULT_ERROR_WITH_MSG.",
            loader.at_routine(attempt),
        )


@rule("IAR057", Severity.ERROR, SimulatedIar, needs=(Fact.SIMULATION,))
def stubs_do_their_work(loader: SimulatedIar) -> Iterator[Problem]:
    """The routines reach FlashBreak, and do what they are for.

    What it checks:
        Each operation of C-SPY alone, on a fresh emulated machine after a reset: an erase of one block, a page, a
        checksum, each in a session of its own. A stub must reach FlashBreak with sp as it was, without a fault, an
        instruction that its core does not have, or a loop without end. After an answer of 0 the memory must hold what
        it must. What FlashInit answers is left to IAR051.

    Why it matters:
        A stub that does not reach FlashBreak hangs the download. A loader that answers 0 and did nothing is noticed
        when the product does not start.

    Example:
        uint32_t FlashErase (void *block, uint32_t size) { while (1) {} }

    How to fix:
        Look at the named address in the disassembly. loaderconv simulate shows the operations, --trace each access.
        Where the model of the machine is wrong, name another one with --machine.

    Source:
        docs/formats/iar.md, Protocol; docs/simulation.md, What runs.
    """
    start = loader.observed.session_start
    if start is not None and (not start.is_known or start.bad_layout is not None):
        return
    observed = loader.observed
    for attempt in [*sentences.runs_that_do_not_end(observed), *sentences.runs_that_clobber(observed)]:
        yield Problem(
            "does-not-return",
            sentences.not_ended(attempt),
            "Look at the named address in the disassembly; loaderconv simulate --trace shows what led there.",
            loader.at_routine(attempt),
        )
    for attempt in sentences.runs_that_fail(observed):
        yield Problem(
            "not-done",
            sentences.failed(attempt),
            "Run loaderconv simulate to see what the memory was told; if its model is wrong, try another --machine.",
            loader.whole,
        )


RULES: tuple[AnyRule, ...] = (
    erase_of_nothing_is_harmless,
    session_begins,
    stack_fits,
    writes_stay_inside,
    polls_end,
    stubs_do_their_work,
)
