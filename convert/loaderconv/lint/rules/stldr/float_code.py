"""Floating-point code."""

from collections.abc import Iterator

from loaderconv.lint.code.places import function_at, others
from loaderconv.lint.code.system_registers import CPACR, stores_to
from loaderconv.lint.code.walk import Event
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("STL042", Severity.WARNING, StldrFile, hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS}, needs=(Fact.SYMBOLS,))
def needs_no_fpu(file: StldrFile) -> Iterator[Problem]:
    """The loader uses the FPU only if it enables it.

    What it checks:
        The code that can be reached from the routines holds no floating-point instructions, unless it writes CPACR.
        Function pointers are not followed; so where there are any and e_flags say hard float, a note tells that the
        rest could not be seen.

    Why it matters:
        CubeProgrammer does not enable the FPU. The first floating-point instruction is a fault, and the loader hangs.
        The flag for hard float alone does no harm, where no such instruction runs or SystemInit enables the FPU.

    Example:
        -mfpu=fpv5-d16 -mfloat-abi=hard, and an Init that does not call SystemInit

    How to fix:
        Compile with -mfloat-abi=soft, or enable the FPU at the start of Init: SCB->CPACR |= 0xF << 20.

    Source:
        docs/formats/stldr.md, Entry points (State).
    """
    code = file.code
    if stores_to(code, CPACR):
        return
    places = code.addresses(Event.FLOATING_POINT)
    if places:
        yield Problem(
            "fpu-not-enabled",
            f"{function_at(file, places[0])} uses the FPU, which the host leaves off, at 0x{places[0]:08x}"
            f"{others(places)}; nothing enables it.",
            "Compile with -mfloat-abi=soft, or enable the FPU in Init: SCB->CPACR |= 0xF << 20.",
            file.at_address(places[0]),
        )
    elif file.image.flags & c.EF_ARM_ABI_FLOAT_HARD and code.addresses(Event.REGISTER_BRANCH):
        place = code.addresses(Event.REGISTER_BRANCH)[0]
        yield Problem(
            "hard-float",
            "The loader is built for hard float and nothing enables the FPU; code behind computed branches, such as at "
            f"0x{place:08x}, could not be checked.",
            "Compile with -mfloat-abi=soft, or enable the FPU in Init: SCB->CPACR |= 0xF << 20.",
            file.whole,
            severity=Severity.NOTE,
            hosts={},
        )


RULES: tuple[AnyRule, ...] = (needs_no_fpu,)
