"""What the routines of an external loader do to the core and to RAM when they run."""

from collections.abc import Iterator

from loaderconv.lint.behaviour import sentences
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.simulated import SimulatedStldr
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("STL050", Severity.ERROR, SimulatedStldr, needs=(Fact.SIMULATION,))
def routines_do_their_work(loader: SimulatedStldr) -> Iterator[Problem]:
    """The routines come back, and do what they are for.

    What it checks:
        Each operation of STM32CubeProgrammer alone, on a fresh emulated machine after a reset: an erase of one sector,
        a page, a read, a verify. A routine must return, without a fault, an instruction that its core does not have, a
        BKPT or a loop without end. After an answer of success the memory must hold what it must.

    Why it matters:
        A fault or a hang shows in the host as a timeout of seconds or minutes that tells nothing of its cause. A loader
        that answers 1 and did nothing is noticed when the product does not start.

    Example:
        int SectorErase (uint32_t start, uint32_t end) { while (1) {} }

    How to fix:
        Look at the named address in the disassembly. loaderconv simulate shows the operations, --trace each access.
        Where the model of the machine is wrong, name another one with --machine.

    Source:
        docs/formats/stldr.md, How hosts drive it; docs/simulation.md, What runs.
    """
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


@rule("STL054", Severity.WARNING, SimulatedStldr, hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS}, needs=(Fact.WORKING,))
def stack_fits(loader: SimulatedStldr) -> Iterator[Problem]:
    """The stack fits into what STM32CubeProgrammer leaves for it.

    What it checks:
        How deep the stack is in any of the operations of STL050, measured in RAM that was painted before, against the
        1024 bytes between the end of the image and the first value of sp.

    Why it matters:
        The stack grows down into the end of the image: zero-initialised data first, then constants and code. What that
        breaks differs with each build. Loaders that work take 92 to 328 bytes.

    Example:
        int Write (uint32_t address, uint32_t size, uint8_t *buffer) { uint8_t sector[4096]; ... }

    How to fix:
        Make large local arrays static, or program in smaller pieces.

    Source:
        docs/formats/stldr.md, How hosts drive it (row 3), and What real files look like.
    """
    used, left = loader.observed.ram.stack_bytes, loader.observed.host_stack_bytes
    if left is not None and used > left:
        yield Problem(
            "stack-too-deep",
            sentences.deep_stack(used, left, "STM32CubeProgrammer leaves"),
            "Make large local arrays static, or work in smaller pieces.",
            loader.whole,
        )


@rule("STL055", Severity.WARNING, SimulatedStldr, needs=(Fact.WORKING,))
def writes_stay_inside(loader: SimulatedStldr) -> Iterator[Problem]:
    """Nothing but image, stack and buffer is written.

    What it checks:
        RAM before and after each of the operations of STL050. Writes where there is neither RAM nor a device are
        faults, which STL050 tells.

    Why it matters:
        RAM outside belongs to the host, or to the application that is kept alive. ST's own loader for the MT25QL512A
        writes 112 bytes behind its last segment, where others have their stack; null pointers end in ITCM on one chip
        and in a fault on the next.

    Example:
        .bss lies outside of every PT_LOAD, so that hosts do not know of it.

    How to fix:
        Let the linker script put all data into the loader's segment, and look for pointers that nobody initialised.

    Source:
        docs/formats/stldr.md, What real files look like.
    """
    if strays := loader.observed.ram.strays:
        yield Problem(
            "writes-outside",
            sentences.written_outside(strays),
            "Put all data into the loader's own segment; look for pointers that nobody initialised.",
            loader.whole,
        )


@rule("STL056", Severity.WARNING, SimulatedStldr, needs=(Fact.SIMULATION,))
def registers_come_back(loader: SimulatedStldr) -> Iterator[Problem]:
    """Every routine returns with r4 to r11 and sp as it found them.

    What it checks:
        These registers after each call, in the operations of STL050. Before a call they hold odd numbers of the host.

    Why it matters:
        AAPCS lets the caller count on them. STM32CubeProgrammer sets them anew for each call; code that calls the
        routine from C, a converted loader for instance, goes wrong in places that have nothing to do with it.

    Example:
        void Init (void) { __asm volatile ("movs r4, #0"); }  /* r4 is missing from the list of clobbered registers */

    How to fix:
        Name every register in the clobber list of inline assembly, and push what an assembly routine uses.

    Source:
        Procedure Call Standard for the Arm Architecture, 6.1.1; docs/formats/stldr.md, Entry points.
    """
    for attempt in sentences.runs_that_clobber(loader.observed):
        yield Problem(
            "register-changed",
            sentences.clobbered(attempt),
            "Save the register in the routine, or name it in the clobber list of the inline assembly.",
            loader.at_routine(attempt),
        )


@rule("STL057", Severity.NOTE, SimulatedStldr, needs=(Fact.WORKING,))
def core_is_left_alone(loader: SimulatedStldr) -> Iterator[Problem]:
    """The loader needs no interrupts, and no vector table on a core that has only one.

    What it checks:
        VTOR, the control register of SysTick and the enable registers of the NVIC after each of the operations of
        STL050. On a Cortex-M0, which has no VTOR, it is a warning.

    Why it matters:
        A Cortex-M0 takes its vectors from address 0, so an interrupt runs the handler of whatever is programmed there.
        On other cores a host that masks interrupts while a routine runs lets a loader wait for ever: HAL_Delay counts
        ticks that do not come. What is left on goes on after the last call.

    Example:
        HAL_Init(), which starts SysTick with its interrupt.

    How to fix:
        Poll SysTick or count loops; replace HAL_InitTick and HAL_GetTick, as ST's middleware does.

    Source:
        docs/formats/stldr.md, Entry points (State), and How hosts drive it; ARMv6-M manual, B3.2.
    """
    found = loader.observed.interrupts
    told = "" if found is None else sentences.left_on(found)
    if found is None or not told:
        return
    if found.is_cortex_m0:
        yield Problem(
            "on-cortex-m0",
            f"On a Cortex-M0, which has no VTOR, {told}.",
            "Poll instead of taking interrupts.",
            loader.whole,
            severity=Severity.WARNING,
        )
    else:
        yield Problem(
            "takes-interrupts",
            f"The loader takes interrupts: {told}.",
            "Poll SysTick instead: a host may mask interrupts while a routine runs.",
            loader.whole,
        )


@rule("STL058", Severity.NOTE, SimulatedStldr, needs=(Fact.WORKING,))
def polls_end(loader: SimulatedStldr) -> Iterator[Problem]:
    """A memory that stays busy does not hold the loader for ever.

    What it checks:
        An erase and a page whose end the memory never reports. The routine must give up within 20 million instructions
        of the emulated core, or of the time that passes while it reads a clock.

    Why it matters:
        A worn sector, a part that was pulled, a wrong pin: the host waits with the loader, up to 1000 s in ST's
        OpenOCD, and the cause is gone.

    Example:
        while (QSPI_ReadStatus() & WIP) {}

    How to fix:
        Count, or read SysTick, and return 0 after the longest time of the data sheet.

    Source:
        docs/formats/stldr.md, How hosts drive it (row 11).
    """
    for attempt in loader.observed.endless_polls:
        yield Problem(
            "polls-for-ever",
            sentences.polls_for_ever(attempt),
            "Give up after the longest time that the data sheet names, and return 0.",
            loader.at_routine(attempt),
        )


RULES: tuple[AnyRule, ...] = (
    routines_do_their_work,
    stack_fits,
    writes_stay_inside,
    registers_come_back,
    core_is_left_alone,
    polls_end,
)
