"""Whether hosts can find and call the routines that there are."""

from collections.abc import Iterable, Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.stldr import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_MANDATORY = ("Init", "Write", "SectorErase")

_ONE_OPERATION = {Host.CUBE_PROGRAMMER: Verdict.LOSS, Host.ST_OPENOCD: Verdict.LOSS}
"""What comes of an optional routine that cannot be called."""


@rule(
    "STL008",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def routines_can_be_called(file: StldrFile) -> Iterator[Problem]:
    """Routines are Thumb code, and the file has the bytes of them.

    What it checks:
        Each routine's address: it lies in bytes that a PT_LOAD brings, and bit 0 of the symbol is set. A label without
        a type, as assembly files have without .thumb_func, is a warning.

    Why it matters:
        Hosts download what PT_LOADs bring, and call the address of the symbol. Outside of those bytes runs whatever the
        RAM holds. A function whose bit 0 is clear is Arm code, which no Cortex-M can run.

    Example:
        int Write(...) __attribute__((section(".bss.Write")));   /* linked, but NOBITS */

    How to fix:
        Put all code into a section with contents that a PT_LOAD covers, and compile with -mthumb.

    Source:
        docs/formats/stldr.md, What real files look like.
    """
    outside = [
        each
        for each in file.entries
        if not any(segment.address <= each.address < segment.file_end for segment in file.image_segments)
    ]
    if outside:
        first = outside[0]
        yield Problem(
            "no-bytes",
            f"{_listed(each.symbol for each in outside)} at 0x{first.address:08x} lies outside of the bytes that hosts"
            " download.",
            "Put the code into a section with contents that a PT_LOAD covers.",
            file.at_symbol(first.symbol),
            hosts=None if any(each.symbol in _MANDATORY for each in outside) else _ONE_OPERATION,
        )
    not_thumb = [each for each in file.entries if not each.thumb]
    if not_thumb:
        first = not_thumb[0]
        is_arm_code = any(file.symbols[each.symbol].type == c.STT_FUNC for each in not_thumb)
        yield Problem(
            "no-thumb-bit",
            f"The symbol {_listed(each.symbol for each in not_thumb)} at 0x{first.address:08x} does not say that it is"
            " Thumb code.",
            "Compile with -mthumb; mark assembly functions with .thumb_func.",
            file.at_symbol(first.symbol),
            severity=None if is_arm_code else Severity.WARNING,
            hosts=None if is_arm_code else {},
        )


@rule("STL016", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS,), is_fixable=True)
def names_are_exported(file: StldrFile) -> Iterator[Problem]:
    """StorageInfo and the routines are global symbols.

    What it checks:
        The binding of StorageInfo, Init, Write and SectorErase; of the other routines too where all are local. A
        driver's own static function, such as CheckSum in ST's middleware, is no routine.

    Why it matters:
        A host that looks for exported names does not see local ones. ST's OpenOCD takes them; of CubeProgrammer it is
        not known, since all 444 public loaders have global symbols. GNU ld makes symbols local that were compiled with
        hidden visibility and linked with -r, or that a version script hides; objcopy --localize-hidden does so too.

    Example:
        arm-none-eabi-objcopy --localize-hidden MyLoader.elf MyLoader.stldr

    How to fix:
        Compile without -fvisibility=hidden and without static. Without the sources, where all of the routines are
        local: loaderconv lint --fix.

    Source:
        docs/formats/stldr.md, What real files look like, and How hosts drive it (OOCD).
    """
    known = [abi.DESCRIPTOR_SYMBOL, *(entry.symbol for entry in file.entries)]
    names = dict.fromkeys((abi.DESCRIPTOR_SYMBOL, *_MANDATORY, *known))
    found = [file.symbols[name] for name in names if name in file.symbols]
    local = [symbol for symbol in found if symbol.binding == c.STB_LOCAL]
    if local:
        is_fixable = all(symbol.name in known for symbol in local)
        instead = ", or let lint --fix export the symbols" if is_fixable else ""
        yield Problem(
            "local",
            f"{_listed(symbol.name for symbol in local)} {'is a local symbol' if len(local) == 1 else 'are local'},"
            " which hosts may overlook.",
            f"Compile without static and hidden visibility{instead}.",
            file.at_symbol(local[0]),
            is_fixable=is_fixable,
        )


@rule("STL038", Severity.NOTE, StldrFile, needs=(Fact.SYMBOLS,), is_fixable=True)
def starts_at_init(file: StldrFile) -> Iterator[Problem]:
    """The entry point of the file is Init.

    What it checks:
        e_entry against the symbol Init.

    Why it matters:
        No known host uses it: ST's OpenOCD takes the symbol, and so does CubeProgrammer in traces. But ST's own files
        name Init there, and a debugger that loads the file starts at e_entry. 39 of 444 public loaders have 0 and 3
        have Reset_Handler.

    Example:
        ENTRY(Reset_Handler)

    How to fix:
        ENTRY(Init) in the linker script, --entry=Init for armlink and IAR, or lint --fix.

    Source:
        docs/formats/stldr.md, What real files look like.
    """
    init = next((entry for entry in file.entries if entry.symbol == "Init"), None)
    if init is not None and file.image.entry & ~1 != init.address:
        yield Problem(
            "not-init",
            f"The entry point is 0x{file.image.entry:08x}, Init is at 0x{init.address:08x}.",
            "Name Init as the linker's entry point, or let lint --fix do so.",
            file.at_symbol("Init"),
            is_fixable=True,
        )


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


RULES: tuple[AnyRule, ...] = (routines_can_be_called, names_are_exported, starts_at_init)
