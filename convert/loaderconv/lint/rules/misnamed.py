"""Loaders of one flavour under the suffix of another."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.program import Program
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.severity import Severity


@rule(
    "FLM002",
    Severity.ERROR,
    Program,
    hosts={
        Host.UVISION: Verdict.REJECTED,
        Host.PYOCD: Verdict.REJECTED,
        Host.PROBE_RS: Verdict.REJECTED,
        Host.JLINK: Verdict.REJECTED,
        Host.CUBE_PROGRAMMER: Verdict.REJECTED,
    },
)
def flm_is_a_flash_algorithm(file: Program) -> Iterator[Problem]:
    """A file called .FLM is a Keil flash algorithm.

    What it checks:
        Whether a file with the suffix .FLM has the descriptor or the routines of another flavour (StorageInfo, Write
        and SectorErase of an STM32CubeProgrammer loader, theFlashParams of an IAR one) instead of those of an FLM
        (FlashDevice, ProgramPage, EraseSector).

    Why it matters:
        All are linked Arm programs with similar sections, and a copy step that picks the wrong target is easily made:
        STM32L4xx_DFP ships MX25LM51245G_STM32L4R9I-DISCO-KEIL.FLM, which is a stldr. Hosts of FLMs miss ProgramPage,
        EraseSector, UnInit and FlashDevice in it (pyOCD: "Missing symbol"), and CubeProgrammer does not list it.

    Example:
        PrgCode at 0x20000004, DevInfo with StorageInfo at 0x20006000, no FlashDevice

    How to fix:
        Give the file its own suffix, or build the FLM target of the project; loaderconv stldr-to-flm and iar-to-flm
        make an FLM of it.

    Source:
        docs/formats/flm.md, What hosts refuse, and What breaks a naive parser.
    """
    if file.name.suffix != ".flm":
        return
    if file.flavour is Flavour.STLDR:
        yield Problem(
            "stldr",
            f"The file is called .FLM, but is an external loader of STM32CubeProgrammer: it has {_signs(file)}.",
            "Rename it to .stldr, or make an FLM of it with loaderconv stldr-to-flm.",
            file.whole,
        )
    elif file.flavour is Flavour.IAR:
        yield Problem(
            "iar",
            f"The file is called .FLM, but is an IAR flash loader: it has {_signs(file)}.",
            "Rename it to .out, or make an FLM of it with loaderconv iar-to-flm.",
            file.whole,
        )


@rule(
    "STL017",
    Severity.ERROR,
    Program,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
)
def stldr_is_an_external_loader(file: Program) -> Iterator[Problem]:
    """A file called .stldr is an external loader of STM32CubeProgrammer.

    What it checks:
        Whether a file with the suffix .stldr has the descriptor or the routines of another flavour (FlashDevice and
        ProgramPage of an FLM, theFlashParams of an IAR loader) instead of StorageInfo, Write and SectorErase.

    Why it matters:
        STM32CubeProgrammer looks for StorageInfo and its routines by name. Without them it does not list the file, and
        ST's OpenOCD refuses it; one file in the folder that cannot be read has kept CubeIDE from listing all others.

    Example:
        cp W25Q64.FLM W25Q64.stldr

    How to fix:
        Give the file its own suffix; loaderconv flm-to-stldr and iar-to-stldr make a stldr of it.

    Source:
        docs/formats/stldr.md, Accepted and rejected, and Entry points.
    """
    if file.name.suffix != ".stldr":
        return
    if file.flavour is Flavour.FLM:
        yield Problem(
            "flm",
            f"The file is called .stldr, but is a Keil flash algorithm: it has {_signs(file)}.",
            "Rename it to .FLM, or make a stldr of it with loaderconv flm-to-stldr.",
            file.whole,
        )
    elif file.flavour is Flavour.IAR:
        yield Problem(
            "iar",
            f"The file is called .stldr, but is an IAR flash loader: it has {_signs(file)}.",
            "Rename it to .out, or make a stldr of it with loaderconv iar-to-stldr.",
            file.whole,
        )


_DESCRIPTORS = ("StorageInfo", "FlashDevice", "theFlashParams")


def _signs(file: Program) -> str:
    """Return the names by which the flavour is known; Init is in several."""
    descriptors = [name for name in _DESCRIPTORS if name in file.symbols]
    return ", ".join([*descriptors, *(entry.symbol for entry in file.entries if entry.symbol != "Init")])


RULES: tuple[AnyRule, ...] = (flm_is_a_flash_algorithm, stldr_is_an_external_loader)
