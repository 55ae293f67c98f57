"""The descriptor's own PT_LOAD, and what goes wrong in linker scripts."""

import re
from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.image import ElfSection, ElfSymbol
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_STARTS = ("start", "begin")
_START_OR_END = re.compile(r"(start|begin|end|stop)(?![a-z])")
"""How scripts call the symbols around a section, such as `__Dev_info_segment_start`; armlink's have a $ in them."""


@rule(
    "STL010",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
    is_fixable=True,
)
def descriptor_is_alone(file: StldrFile) -> Iterator[Problem]:
    """StorageInfo is alone in a PT_LOAD of its own.

    What it checks:
        Which PT_LOAD holds StorageInfo, and whether code or data of other sections lie in it, too. Constants of the
        same section that follow StorageInfo are fine; ST's linker scripts put them there.

    Why it matters:
        CubeProgrammer does not recognise a loader whose descriptor lies in the same segment as its code, and says
        nothing; an author who went over to GCC found that both PHDRS are needed. The usual cause is a pattern in the
        linker script that matches nothing, as KEEP(*Dev_Inf.o(...)) does for CMake's Dev_Inf.c.obj: StorageInfo then
        goes to .rodata, and the PT_LOAD that was meant for it stays empty.

    Example:
        PHDRS { Loader PT_LOAD; }   /* and no second one for the descriptor */

    How to fix:
        PHDRS { Loader PT_LOAD; SgInfo PT_LOAD; } and .Dev_Info : { KEEP(*(.Dev_Info)) } :SgInfo in the linker script,
        with the same name in the section attribute of StorageInfo; a load region of its own for armlink. Without the
        sources: loaderconv lint --fix.

    Source:
        docs/formats/stldr.md, Accepted and rejected.
    """
    symbol = file.descriptor
    if symbol is None or file.descriptor_segment is not None or _namesake(file) or _missed(file):
        return  # STL015 tells the cause
    empty = next((each for each in file.image.load_segments if not each.memory_size_bytes), None)
    told = "" if empty is None else f"; PT_LOAD {file.at_segment(empty).name} is empty, so a pattern matched nothing"
    holder = file.descriptor_holder
    if holder is None:
        yield Problem(
            "not-loaded",
            f"StorageInfo at 0x{symbol.address:08x} lies in no PT_LOAD{told}.",
            "Give its section a PT_LOAD of its own with PHDRS in the linker script.",
            file.at_symbol(symbol),
            is_fixable=True,
        )
    else:
        yield Problem(
            "shared",
            f"StorageInfo at 0x{symbol.address:08x} shares PT_LOAD {file.at_segment(holder).name} with code or"
            f" data{told}.",
            "Give its section a PT_LOAD of its own with PHDRS in the linker script.",
            file.at_symbol(symbol),
            is_fixable=True,
        )


@rule("STL015", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR), is_fixable=True)
def section_is_spelled_alike(file: StldrFile) -> Iterator[Problem]:
    """The linker script and the source spell the section of StorageInfo alike.

    What it checks:
        Whether another section's name differs from that of StorageInfo only in upper and lower case, and whether
        symbols of the linker script that should enclose the section (__Dev_info_segment_start and _end, for instance)
        enclose nothing. Where StorageInfo has no PT_LOAD of its own because of that, it is an error.

    Why it matters:
        ST's scripts write .Dev_info in one place and .Dev_Info in another, and GNU ld tells them apart. It then puts
        StorageInfo behind the constants, in the segment of the code, where CubeProgrammer does not recognise it, and
        leaves the statement of the script empty.

    Example:
        __attribute__((section(".Dev_Info")))  in Dev_Inf.c, and  .Dev_info : { KEEP(*(.Dev_info)) } :SgInfo

    How to fix:
        Write the same name in both places.

    Source:
        docs/formats/stldr.md, Accepted and rejected, and StorageInfo.
    """
    symbol = file.descriptor
    if symbol is None or symbol.section is None:
        return
    is_alone = file.descriptor_segment is not None
    severity = None if is_alone else Severity.ERROR
    hosts = None if is_alone else {Host.CUBE_PROGRAMMER: Verdict.REJECTED}
    told = "" if is_alone else ", and StorageInfo has no PT_LOAD of its own"
    fix = f"Write {symbol.section.name} in the linker script, too, or the script's name in the source."
    other, pair = _namesake(file), _missed(file)
    if other is not None:
        yield Problem(
            "two-spellings",
            f"StorageInfo lies in section {symbol.section.name}, but there is {other.name} with"
            f" {other.size_bytes} bytes, too{told}.",
            fix,
            file.at_section(symbol.section),
            severity=severity,
            hosts=hosts,
            is_fixable=not is_alone,
        )
    elif pair is not None:
        yield Problem(
            "nothing-enclosed",
            f"{pair[0].name} and {pair[1].name} are both 0x{pair[0].value:08x} and enclose nothing; StorageInfo lies in"
            f" section {symbol.section.name}{told}.",
            fix,
            file.at_symbol(pair[0]),
            severity=severity,
            hosts=hosts,
            is_fixable=not is_alone,
        )


def _namesake(file: StldrFile) -> ElfSection | None:
    """Return another section whose name is the descriptor's but for upper and lower case."""
    own = None if file.descriptor is None else file.descriptor.section
    if own is None or not own.name:
        return None
    folded = own.name.casefold()
    return next(
        (each for each in file.image.sections if each.name.casefold() == folded and each.name != own.name), None
    )


def _missed(file: StldrFile) -> tuple[ElfSymbol, ElfSymbol] | None:
    """Return the script's symbols for the start and the end of the descriptor's section where they enclose nothing."""
    own = None if file.descriptor is None else file.descriptor.section
    words = "" if own is None else own.name.casefold().strip("._")
    if not words:
        return None
    starts: dict[str, ElfSymbol] = {}
    ends: dict[str, ElfSymbol] = {}
    for name, symbol in file.symbols.items():
        folded = name.casefold()
        found = _START_OR_END.search(folded) if words in folded and "$" not in name else None
        if found is not None:
            rest = folded[: found.start()] + folded[found.end() :]
            (starts if found[1] in _STARTS else ends)[rest] = symbol
    pairs = [(starts[rest], ends[rest]) for rest in starts if rest in ends]
    is_empty = bool(pairs) and all(start.value == end.value for start, end in pairs)
    return pairs[0] if is_empty else None


RULES: tuple[AnyRule, ...] = (descriptor_is_alone, section_is_spelled_alike)
