"""The symbol by which hosts find the descriptor."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSymbol
from loaderconv_formats.stldr import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule(
    "STL003",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
    needs=(Fact.SYMBOLS,),
)
def descriptor_is_there(file: StldrFile) -> Iterator[Problem]:
    """The file has one variable StorageInfo, with its bytes.

    What it checks:
        The symbol StorageInfo: that it is defined, at one place only, that it is no function, that it belongs to a
        section, and that the file has bytes for it.

    Why it matters:
        The symbol is all that hosts know the descriptor by; sections are called as their authors like. Linker scripts
        that keep KEEP(*Dev_Inf.o(...)) lose it where CMake names the object Dev_Inf.c.obj, and CubeProgrammer then
        shows an unknown loader at address 0. A C++ compiler makes a constant local and changes its name.

    Example:
        const struct StorageInfo StorageInfo = { ... };   // in Dev_Inf.cpp: the symbol is _ZL11StorageInfo

    How to fix:
        Define it in C, or in extern "C" with the word extern, mark it __attribute__((used)), and let the linker script
        keep it whatever the object file is called: KEEP(*(.Dev_Info)).

    Source:
        docs/formats/stldr.md, StorageInfo, and Accepted and rejected (td-p/869594, maudeve-it issue 1).
    """
    symbol = file.descriptor
    if symbol is None:
        alike = next((each.name for each in file.image.symbols if _sounds_alike(each)), None)
        told = "" if alike is None else f"; there is {alike}"
        yield Problem(
            "missing",
            f"The file has no symbol StorageInfo{told}.",
            'Define it as extern "C", mark it as used, and keep its section in the linker script.',
            file.at_symbol(abi.DESCRIPTOR_SYMBOL),
        )
        return
    place = file.at_symbol(symbol)
    others = [each for each in _rivals(file, symbol) if each.address != symbol.address]
    if others:
        yield Problem(
            "twice",
            f"StorageInfo is defined at 0x{symbol.address:08x} and again at 0x{others[0].address:08x}.",
            "Link one descriptor only.",
            place,
            hosts={},
        )
    elif symbol.type not in (c.STT_OBJECT, c.STT_NOTYPE):
        yield Problem(
            "not-a-variable",
            f"StorageInfo at 0x{symbol.address:08x} is no variable (symbol type {symbol.type}).",
            "Define StorageInfo as a constant structure.",
            place,
        )
    elif not file.behind(symbol):
        yield Problem(
            "no-bytes",
            f"The file has no bytes for StorageInfo at 0x{symbol.address:08x}.",
            "Let the linker script put it into a section with contents, not into .bss or NOLOAD.",
            place,
        )
    elif symbol.section is None:
        yield Problem(
            "no-section",
            f"StorageInfo at 0x{symbol.address:08x} belongs to no section.",
            "Define it in a source file rather than as a number of the linker script.",
            place,
            severity=Severity.WARNING,
            hosts={Host.ST_OPENOCD: Verdict.REJECTED},
        )


def _sounds_alike(symbol: ElfSymbol) -> bool:
    """Tell whether a name holds the descriptor's, as mangled or differently written ones do."""
    return symbol.type in (c.STT_OBJECT, c.STT_NOTYPE) and "storageinfo" in symbol.name.casefold().replace("_", "")


def _rivals(file: StldrFile, symbol: ElfSymbol) -> list[ElfSymbol]:
    """Return the defined symbols of the descriptor's name, as exported as the one that was found."""
    is_local = symbol.binding == c.STB_LOCAL
    return [
        each
        for each in file.image.symbols
        if each.name == symbol.name and each.is_defined and (each.binding == c.STB_LOCAL) is is_local
    ]


@rule(
    "STL011",
    Severity.WARNING,
    StldrFile,
    hosts={Host.ST_OPENOCD: Verdict.REJECTED},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
    is_fixable=True,
)
def descriptor_is_first(file: StldrFile) -> Iterator[Problem]:
    """StorageInfo is the first thing in its section.

    What it checks:
        The address of the symbol against that of its section.

    Why it matters:
        ST's OpenOCD looks up the section of StorageInfo, and then reads from the start of that section. What stands in
        front is taken for the name and the size of the memory.

    Example:
        .Dev_Info : { KEEP(*Dev_Inf.o(.rodata*)) }   /* a string of Dev_Inf.c comes first */

    How to fix:
        Give StorageInfo a section attribute of its own and name that in the linker script, or let lint --fix move it.

    Source:
        docs/formats/stldr.md, How hosts drive it (OOCD).
    """
    symbol = file.descriptor
    if symbol is None or symbol.section is None or symbol.address == symbol.section.address:
        return
    own, start = file.descriptor_segment, file.image_start
    yield Problem(
        "not-first",
        f"StorageInfo at 0x{symbol.address:08x} lies {symbol.address - symbol.section.address} bytes behind the start"
        f" of its section {symbol.section.name}.",
        "Give it a section of its own with __attribute__((section)).",
        file.at_symbol(symbol),
        # What remains of a segment below the image would become its start, and is not moved.
        is_fixable=own is None or start is None or own.address > start,
    )


RULES: tuple[AnyRule, ...] = (descriptor_is_there, descriptor_is_first)
