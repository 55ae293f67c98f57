"""What kind of ELF file it is."""

from collections.abc import Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.foreign_elf import foreign_image
from loaderconv.lint.subjects.pyocd_view import is_taken
from loaderconv.lint.subjects.unfit import IdentityField, UnfitFlm
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_UNUSABLE = dict.fromkeys((Host.UVISION, Host.PYOCD, Host.PROBE_RS), Verdict.LOSS)
_CLASS_64 = 2
_RELINK = "Link the driver for a Cortex-M as a 32-bit little-endian executable."


@rule("FLM001", Severity.ERROR, UnfitFlm, hosts=_UNUSABLE)
def identity(file: UnfitFlm) -> Iterator[Problem]:
    """An FLM is a linked 32-bit little-endian Arm program.

    What it checks:
        The ELF header: class, byte order, machine, and that the file is linked (ET_EXEC).

    Why it matters:
        Hosts copy the code as it is into the RAM of a Cortex-M. pyOCD 0.46 and probe-rs do not ask for which processor
        a file is: where it has the sections and names of an FLM they take it, and the first call runs into nonsense.
        pyOCD stops with an exception where it has not, as with a program of the host computer. An object file has no
        segments, in which hosts look for FlashDevice. A program for RISC-V can be meant so (one public FLM is), but
        only probe-rs drives such cores. 429 of 430 public files are as they should be.

    Example:
        arm-none-eabi-gcc -r FlashPrg.o FlashDev.o -o MyFlash.FLM

    How to fix:
        Name the output of the linker, built for the Cortex-M whose RAM the algorithm runs in.

    Source:
        docs/formats/flm.md, What real files look like; What hosts refuse.
    """
    field, place = file.wrong_field, file.at_wrong_field
    image = foreign_image(file.data)
    pyocd = Verdict.LOSS if image is not None and is_taken(image) else Verdict.REJECTED
    hosts = {**_UNUSABLE, Host.PYOCD: pyocd}
    if field is IdentityField.EI_CLASS:
        number = file.identity(field)
        bits = "64-bit" if number == _CLASS_64 else f"class {number}"
        yield Problem(
            "not-32-bit", f"The file is a {bits} ELF file for {file.machine_name}.", _RELINK, place, hosts=hosts
        )
    elif field is IdentityField.e_machine and file.identity(field) == c.EM_RISCV:
        yield Problem(
            "risc-v",
            "The file is a program for RISC-V; loaderconv and most hosts know Arm only.",
            "Use it with a host that drives RISC-V, or link the driver for Arm.",
            place,
            severity=Severity.WARNING,
            hosts={Host.PYOCD: pyocd},
        )
    elif field is IdentityField.e_machine:
        yield Problem(
            "other-machine", f"The file is for {file.machine_name}, not for Arm.", _RELINK, place, hosts=hosts
        )
    elif field is IdentityField.EI_DATA:
        yield Problem("big-endian", "The file is big-endian.", _RELINK, place, hosts=hosts)
    elif field is IdentityField.e_type and file.identity(field) == c.ET_REL:
        yield Problem(
            "not-linked",
            "The file is an object file (ET_REL), not a linked program.",
            "Link it, with a scatter file or linker script that makes PrgCode, PrgData and DevDscr.",
            place,
            hosts={**hosts, Host.PROBE_RS: Verdict.REJECTED},
        )
    elif field is IdentityField.e_type:
        yield Problem(
            "not-executable",
            f"The file is not a linked executable: e_type is {file.identity(field)} instead of 2.",
            "Link it as an executable, not as a shared or position-independent object.",
            place,
            hosts={Host.PYOCD: pyocd} if pyocd is Verdict.REJECTED else NO_HOST,
        )


RULES: tuple[AnyRule, ...] = (identity,)
