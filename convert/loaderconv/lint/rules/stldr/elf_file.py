"""What kind of ELF file it is, and whether hosts can look into it."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.unfit import IdentityField, UnfitStldr
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_TYPE_NAMES = {1: "an object file", 3: "a shared object", 4: "a core dump"}


@rule(
    "STL001",
    Severity.ERROR,
    UnfitStldr,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
)
def is_arm_executable(file: UnfitStldr) -> Iterator[Problem]:
    """The file is a linked 32-bit little-endian Arm program.

    What it checks:
        Class, byte order, e_machine and e_type in the ELF header.

    Why it matters:
        The host copies segments to the addresses for which they were linked, and calls functions there. Only a linked
        program has such addresses, and a Cortex-M runs only little-endian Thumb code. All 444 public loaders are ELF32,
        little-endian, EM_ARM and ET_EXEC.

    Example:
        cp build/Dev_Inf.o MyLoader.stldr   # the object file, not what the linker made of it

    How to fix:
        Copy the linker's output (.elf, .axf or .out) to NAME.stldr, and build with a toolchain for Cortex-M.

    Source:
        docs/formats/stldr.md, What real files look like.
    """
    field, place = file.wrong_field, file.at_wrong_field
    if field is IdentityField.EI_CLASS:
        yield Problem(
            "class",
            f"The ELF class is {file.identity(field)}, that is not 32 bits.",
            "Build the loader for a Cortex-M core.",
            place,
        )
    elif field is IdentityField.EI_DATA:
        yield Problem(
            "byte-order",
            f"The byte order is {file.identity(field)}, that is not little-endian.",
            "Build the loader with little-endian code and data.",
            place,
        )
    elif field is IdentityField.e_machine:
        yield Problem(
            "machine",
            f"The program is for {file.machine_name}, not for Arm.",
            "Build the loader with a compiler for Cortex-M.",
            place,
        )
    elif field is IdentityField.e_type:
        number = file.identity(field)
        yield Problem(
            "type",
            f"The file is {_TYPE_NAMES.get(number, 'something else')} (e_type {number}), not a linked program.",
            "Name the output of the linker .stldr.",
            place,
        )


@rule(
    "STL002",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
)
def has_symbols(file: StldrFile) -> Iterator[Problem]:
    """The file has a symbol table.

    What it checks:
        The section .symtab and its entries.

    Why it matters:
        Hosts find StorageInfo and the routines by their names in .symtab, and by nothing else. ST's OpenOCD stops with
        "symtab not found".

    Example:
        arm-none-eabi-strip MyLoader.elf && cp MyLoader.elf MyLoader.stldr

    How to fix:
        Leave out strip and the linker option -s; loaderconv rewrite --strip-debug makes a file small and keeps what
        hosts need.

    Source:
        docs/formats/stldr.md, Accepted and rejected.
    """
    if not file.image.symbols:
        yield Problem(
            "no-symbols",
            "The file has no symbols, so hosts find neither StorageInfo nor any routine.",
            "Take the linker's output as it is, without strip.",
            file.whole,
        )


RULES: tuple[AnyRule, ...] = (is_arm_executable, has_symbols)
