"""Code that changes the core's state, or counts on a state in which hosts do not leave it."""

from collections.abc import Iterator

from loaderconv.lint.code.places import function_at, others
from loaderconv.lint.code.semihosting import BKPT_BYTES, semihosting_calls, semihosting_exits
from loaderconv.lint.code.system_registers import CPACR, NVIC_ENABLE, VTOR, stores_to
from loaderconv.lint.code.walk import Event
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.severity import Severity


@rule("FLM072", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS,))
def leaves_the_core_alone(file: FlmFile) -> Iterator[Problem]:
    """The code leaves vectors and interrupts alone, does not wait for them, and needs no FPU.

    What it checks:
        The code that can be reached from the routines: writes to VTOR and to the NVIC's enable registers, CPSIE, WFI,
        WFE, BKPT, and floating-point instructions unless CPACR is written. Function pointers are not followed. A BKPT
        0xAB with which the library ends the program after an error (_sys_exit) is a note.

    Why it matters:
        A flash algorithm is called on a halted core whose vectors, interrupts and FPU belong to somebody else. It has
        no vector table where VTOR leads; an interrupt that it enables runs a handler that is not there. Waiting for an
        interrupt may never end. A BKPT ends the call before the work is done, and the host takes what is in r0 for the
        answer. Hosts do not enable the FPU: its first instruction is a fault. Of 428 public FLMs 29 hold a write to
        VTOR (SystemInit), 6 enable interrupts, 6 use the FPU; in emulators and test benches such code fails.

    Example:
        int Init (...) { SystemInit(); ... }  /* which sets SCB->VTOR */

    How to fix:
        Do not call SystemInit or HAL_Init, poll instead of waiting for interrupts, and compile for the FPU-less core.

    Source:
        docs/formats/flm.md, How hosts drive it, and What real files look like.
    """
    code = file.code
    vectors, interrupts = stores_to(code, VTOR), stores_to(code, NVIC_ENABLE)
    if vectors:
        yield Problem(
            "vtor-written",
            _sentence(file, "writes VTOR", vectors),
            "Leave VTOR as it is: the algorithm must run without interrupts.",
            file.at_address(vectors[0]),
        )
    if interrupts:
        yield Problem(
            "nvic-written",
            _sentence(file, "enables an interrupt in the NVIC", interrupts),
            "Poll the peripheral's status instead.",
            file.at_address(interrupts[0]),
        )
    if places := code.addresses(Event.ENABLE_INTERRUPTS):
        yield Problem(
            "cpsie",
            _sentence(file, "enables interrupts with CPSIE", places),
            "Restore PRIMASK to what it was, or do not touch it.",
            file.at_address(places[0]),
        )
    if places := code.addresses(Event.WFI):
        yield Problem(
            "wfi",
            _sentence(file, "waits for an interrupt with WFI", places),
            "Poll instead of waiting.",
            file.at_address(places[0]),
        )
    if places := code.addresses(Event.WFE):
        yield Problem(
            "wfe",
            _sentence(file, "waits for an event with WFE", places),
            "Poll instead of waiting.",
            file.at_address(places[0]),
        )
    exits, other_calls = semihosting_exits(code), semihosting_calls(code)
    if places := sorted([*code.addresses(Event.BREAKPOINT), *other_calls]):
        yield Problem(
            "bkpt",
            _sentence(file, "can reach a BKPT", places),
            "Return an error; link without semihosting (MicroLIB, or no library at all).",
            file.at_address(places[0]),
        )
    elif exits:
        yield Problem(
            "exit-by-semihosting",
            _sentence(file, "ends the program by semihosting (BKPT 0xAB)", exits),
            "Return an error instead of calling abort, exit or assert.",
            file.at_address(exits[0]),
            severity=Severity.NOTE,
        )
    places = code.addresses(Event.FLOATING_POINT)
    if places and not stores_to(code, CPACR):
        yield Problem(
            "floating-point",
            _sentence(file, "uses the FPU, which hosts leave off,", places),
            "Compile with soft float (--fpu=SoftVFP, -mfloat-abi=soft).",
            file.at_address(places[0]),
        )


@rule("FLM073", Severity.NOTE, FlmFile, needs=(Fact.SYMBOLS,))
def errors_return(file: FlmFile) -> Iterator[Problem]:
    """The code has no endless loop that does nothing.

    What it checks:
        The code that can be reached from the routines holds no branch to itself. Function pointers are not followed.
        The branch behind the BKPT of the library's exit is left to FLM072.

    Why it matters:
        Such a loop is how HAL code ends after an error (SystemClock_Config, assert_failed, Error_Handler). A host then
        sees no error but waits for its time limit, which for Init and EraseChip is not in the file. Then it tells of a
        timeout, and the cause is gone.

    Example:
        if (HAL_RCC_OscConfig(&osc) != HAL_OK) { while (1); }

    How to fix:
        Return a number that is not 0.

    Source:
        docs/formats/flm.md, What real files look like.
    """
    behind_exits = {address + BKPT_BYTES for address in semihosting_exits(file.code)}
    places = [each for each in file.code.addresses(Event.SELF_BRANCH) if each not in behind_exits]
    if places:
        yield Problem(
            "self-branch",
            _sentence(file, "can end in a branch to itself", places),
            "Return an error number instead, so that hosts do not run into a timeout.",
            file.at_address(places[0]),
        )


def _sentence(file: FlmFile, does: str, places: list[int]) -> str:
    """Return what the code does, where first, and how often."""
    return f"{function_at(file, places[0])} {does} at 0x{places[0]:08x}{others(places)}."


RULES: tuple[AnyRule, ...] = (leaves_the_core_alone, errors_return)
