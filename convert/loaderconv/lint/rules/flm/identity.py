"""What kind of ELF file it is."""

import struct
from collections.abc import Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.foreign_elf import foreign_image
from loaderconv.lint.subjects.pyocd_view import is_taken
from loaderconv.lint.subjects.unfit import UnfitFlm
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import Place, PlaceKind
from loaderconv_schemas.severity import Severity

_UNUSABLE = dict.fromkeys((Host.UVISION, Host.PYOCD, Host.PROBE_RS, Host.JLINK), Verdict.LOSS)
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
    file_type, machine = struct.unpack_from(">HH" if file.data[5] == 2 else "<HH", file.data, 16)
    place = Place(kind=PlaceKind.FIELD, name="ELF header", offset_bytes=0, size_bytes=min(len(file.data), c.EHDR_SIZE))
    name = c.MACHINE_NAMES.get(machine, f"machine {machine}")
    image = foreign_image(file.data)
    pyocd = Verdict.LOSS if image is not None and is_taken(image) else Verdict.REJECTED
    hosts = {**_UNUSABLE, Host.PYOCD: pyocd}
    if file.data[4] != c.ELFCLASS32:
        bits = "64-bit" if file.data[4] == _CLASS_64 else f"class {file.data[4]}"
        yield Problem("not-32-bit", f"The file is a {bits} ELF file for {name}.", _RELINK, place, hosts=hosts)
    elif machine == c.EM_RISCV:
        yield Problem(
            "risc-v",
            "The file is a program for RISC-V; loaderconv and most hosts know Arm only.",
            "Use it with a host that drives RISC-V, or link the driver for Arm.",
            place,
            severity=Severity.WARNING,
            hosts={Host.PYOCD: pyocd},
        )
    elif machine != c.EM_ARM:
        yield Problem("other-machine", f"The file is for {name}, not for Arm.", _RELINK, place, hosts=hosts)
    elif file.data[5] != c.ELFDATA2LSB:
        yield Problem("big-endian", "The file is big-endian.", _RELINK, place, hosts=hosts)
    elif file_type == c.ET_REL:
        yield Problem(
            "not-linked",
            "The file is an object file (ET_REL), not a linked program.",
            "Link it, with a scatter file or linker script that makes PrgCode, PrgData and DevDscr.",
            place,
            hosts={**hosts, Host.PROBE_RS: Verdict.REJECTED},
        )
    else:
        yield Problem(
            "not-executable",
            f"The file is not a linked executable: e_type is {file_type} instead of 2.",
            "Link it as an executable, not as a shared or position-independent object.",
            place,
            hosts={Host.PYOCD: pyocd} if pyocd is Verdict.REJECTED else NO_HOST,
        )


RULES: tuple[AnyRule, ...] = (identity,)
