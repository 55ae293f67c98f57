"""What makes an executable a loader that C-SPY can drive."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv.lint.subjects.unfit import IdentityField, UnfitIarProgram
from loaderconv_formats.iar import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_TOLD = 3
"""So many missing symbols are named."""

_RIGHT_KIND = "Ship what ILINK writes for the target's core, linked as an executable."


@rule("IAR001", Severity.ERROR, UnfitIarProgram, hosts={Host.C_SPY: Verdict.REJECTED})
def is_arm_executable(file: UnfitIarProgram) -> Iterator[Problem]:
    """The executable is a linked 32-bit little-endian Arm program.

    What it checks:
        The ELF header of a .out that holds the name theFlashParams: class, byte order, machine and type. A .out
        without that name is some other program, and is not checked.

    Why it matters:
        C-SPY downloads the program into the target's RAM and starts it there. All 249 surveyed loaders are ET_EXEC,
        EM_ARM, 32-bit and little-endian.

    Example:
        The object file flash_loader.o, copied to FlashMyChip.out.

    How to fix:
        Ship what ILINK writes for the target's core; the project's output is an executable, not a library.

    Source:
        docs/formats/iar.md, Link-time layout.
    """
    field, place, message = file.wrong_field, file.at_wrong_field, file.problem.message
    if field is IdentityField.EI_CLASS:
        yield Problem("class", message, _RIGHT_KIND, place)
    elif field is IdentityField.EI_DATA:
        yield Problem("byte-order", message, _RIGHT_KIND, place)
    elif field is IdentityField.e_machine:
        yield Problem("machine", message, _RIGHT_KIND, place)
    elif field is IdentityField.e_type:
        yield Problem("type", message, _RIGHT_KIND, place)


@rule("IAR002", Severity.ERROR, IarProgram, hosts={Host.C_SPY: Verdict.REJECTED}, needs=(Fact.SYMBOLS,))
def core_symbols(file: IarProgram) -> Iterator[Problem]:
    """The seven symbols are there through which C-SPY drives a loader.

    What it checks:
        FlashInitEntry, FlashWriteEntry, FlashEraseWriteEntry, FlashBreak, FlashBufferStart, FlashBufferEnd and
        theFlashParams are defined.

    Why it matters:
        C-SPY finds everything by symbol: where calls start and end, where data goes, where the result is. All 249
        surveyed loaders have the seven.

    Example:
        The linker drops FlashBreak, because nothing but the debugger needs it and --keep was left out.

    How to fix:
        Link flash_loader.c and flash_loader_asm.s of IAR's framework, and place the sections LOWEND and HIGHSTART in
        the linker configuration. Never strip the symbol table.

    Source:
        docs/formats/iar.md, Symbols.
    """
    missing = [name for name in abi.CORE if name not in file.symbols]
    if missing:
        more = f" and {len(missing) - _TOLD} more" if len(missing) > _TOLD else ""
        yield Problem(
            "missing-symbol",
            f"The file does not define {', '.join(missing[:_TOLD])}{more}.",
            "Link IAR's flash_loader.c and flash_loader_asm.s, and keep their symbols.",
            file.at_symbol(missing[0]),
        )


@rule("IAR011", Severity.NOTE, IarProgram, needs=(Fact.SYMBOLS,))
def framework_version(file: IarProgram) -> Iterator[Problem]:
    """The symbol frameworkVersion is there and says 200.

    What it checks:
        frameworkVersion is defined, and the file holds the number 200 behind it.

    Why it matters:
        It tells a host that parameters and results are those of framework 2. 229 of 249 surveyed loaders have it; the
        others were linked by ILINK 6.40 to 7.40 and work as well, so that it is not mandatory.

    Example:
        A flash_loader.c from EWARM 6, which does not define it.

    How to fix:
        Take the current framework of EWARM (arm/src/flashloader/framework2), which defines it as 200.

    Source:
        docs/formats/iar.md, Symbols.
    """
    version = file.interface.framework_version
    place = file.at_symbol(abi.FRAMEWORK_VERSION)
    fix = f"Build with the current framework 2, which defines {abi.FRAMEWORK_VERSION} as 200."
    if abi.FRAMEWORK_VERSION not in file.symbols:
        yield Problem("no-version", "The file does not define frameworkVersion.", fix, place)
    elif version is None:
        yield Problem("no-version-bytes", "The file holds no bytes for frameworkVersion.", fix, place)
    elif version != abi.FRAMEWORK_VERSION_VALUE:
        yield Problem("other-version", f"frameworkVersion is {version} instead of 200.", fix, place)


RULES: tuple[AnyRule, ...] = (is_arm_executable, core_symbols, framework_version)
