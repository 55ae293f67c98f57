"""How many bytes StorageInfo has."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.stldr.storage_info import GROUP, HEADER, SIZE_BYTES
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule(
    "STL009",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.LOSS},
    needs=(Fact.SYMBOLS,),
    is_fixable=True,
)
def descriptor_size(file: StldrFile) -> Iterator[Problem]:
    """StorageInfo has 200 bytes (SECTOR_NUM is 10).

    What it checks:
        The symbol StorageInfo is 200 bytes long, and the file has that many bytes behind it. A size of 0, which
        armlink writes for hidden symbols, is a warning where the bytes are there, and so are more bytes.

    Why it matters:
        CubeProgrammer 2.12 and later copy the whole structure and refuse a file in which it is shorter: "Flash loader
        error parsing fail". ST's OpenOCD reads as many bytes as the symbol says and takes the sector table from them.
        34 of 444 public loaders were built with SECTOR_NUM 2, which makes 136 bytes.

    Example:
        #define SECTOR_NUM 2  /* in Dev_Inf.h */

    How to fix:
        Define SECTOR_NUM as 10 in Dev_Inf.h and build again; the unused entries stay 0. Without the sources:
        loaderconv lint --fix, or loaderconv rewrite.

    Source:
        docs/formats/stldr.md, Accepted and rejected; confirmed by ST staff in "external-loader-parsing-error-v2-12-0".
    """
    symbol = file.descriptor
    available = 0 if symbol is None else len(file.behind(symbol))
    if symbol is None or not available:
        return  # STL003 tells
    place = file.at_symbol(symbol)
    if min(symbol.size_bytes, available) > SIZE_BYTES:
        is_fixable = not any(file.behind(symbol)[SIZE_BYTES : symbol.size_bytes])
        yield Problem(
            "too-long",
            f"StorageInfo has {symbol.size_bytes} bytes instead of {SIZE_BYTES}.",
            f"Define SECTOR_NUM as 10 and build again{', or let lint --fix shorten it' if is_fixable else ''}.",
            place,
            severity=Severity.WARNING,
            hosts={},
            is_fixable=is_fixable,
        )
    elif symbol.size_bytes not in (0, SIZE_BYTES) or available < SIZE_BYTES:
        size = min(symbol.size_bytes or available, available)
        slots, rest = divmod(size - HEADER.size, GROUP.size)
        told = f", as SECTOR_NUM {slots} makes it" if not rest and 0 < slots != 10 else ""
        yield Problem(
            "size",
            f"StorageInfo has {size} bytes instead of {SIZE_BYTES}{told}.",
            "Define SECTOR_NUM as 10 and build again, or let lint --fix pad it.",
            place,
            is_fixable=True,
        )
    elif not symbol.size_bytes:
        yield Problem(
            "no-st-size",
            f"The symbol StorageInfo has no size; the {SIZE_BYTES} bytes are there.",
            "Let lint --fix write the size; Keil's linker leaves it out for hidden symbols.",
            place,
            severity=Severity.WARNING,
            hosts={Host.ST_OPENOCD: Verdict.LOSS},
            is_fixable=True,
        )


RULES: tuple[AnyRule, ...] = (descriptor_size,)
