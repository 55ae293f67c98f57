"""Files for the rules on symbols: that of the descriptor, what is exported, the entry point."""

from support.elf_builder import ExtraSymbol
from support.elf_numbers import SHT_NOBITS, STB_LOCAL, STT_FUNC, STT_OBJECT
from support.lint_cases.stldr_descriptor import stldr
from support.rule_cases import Bad, Good
from support.stldr_recipe import routines_without


def storage_info(name: str = "StorageInfo", **changes: object) -> ExtraSymbol:
    """Return the descriptor's symbol with changes."""
    usual = {"size_bytes": 200, "kind": STT_OBJECT, "section": "P2 ro"}
    return ExtraSymbol(name, **usual | changes)  # type: ignore[arg-type]


ELSEWHERE = storage_info(value=0x2000_0010, section="P1 ro")

BAD = (
    Bad("STL003", "missing", stldr(descriptor_symbol=storage_info("_ZL11StorageInfo")), says=("_ZL11StorageInfo",)),
    Bad("STL003", "missing", stldr(descriptor_symbol=storage_info("DevInf")), says=("no symbol StorageInfo.",)),
    Bad("STL003", "twice", stldr(extra_symbols=(ELSEWHERE,)), says=("0x00000000", "0x20000010")),
    Bad("STL003", "not-a-variable", stldr(descriptor_symbol=storage_info(kind=STT_FUNC)), says=("symbol type 2",)),
    Bad("STL003", "no-bytes", stldr(descriptor_section_kind=SHT_NOBITS), says=("no bytes",)),
    Bad("STL003", "no-section", stldr(descriptor_symbol=storage_info(section=None)), says=("belongs to no section",)),
    Bad(
        "STL011",
        "not-first",
        stldr(in_front_of_descriptor=b"1.2\0"),
        says=("0x00000004", "4 bytes", "P2 ro"),
    ),
    Bad(
        "STL016",
        "local",
        stldr(binding=STB_LOCAL),
        says=("StorageInfo, Init, Write, SectorErase, Read", "are local"),
    ),
    Bad(
        "STL016",
        "local",
        stldr(descriptor_symbol=storage_info(binding=STB_LOCAL)),
        says=("StorageInfo is a local symbol",),
    ),
    Bad(
        "STL016",
        "local",
        stldr(
            routines=routines_without("Write"),
            extra_symbols=(ExtraSymbol("Write", 0x2000_0009, 4, STT_FUNC, STB_LOCAL, section="P1 ro"),),
        ),
        says=("Write is a local symbol",),
    ),
    Bad("STL038", "not-init", stldr(entry=0), says=("0x00000000", "0x20000004")),
    Bad("STL038", "not-init", stldr(entry=0x2000_0009), says=("0x20000009",)),
)

GOOD = (
    Good("STL003", stldr()),
    # A second name for the same bytes, and a driver's own variable of that name, take nothing away.
    Good("STL003", stldr(extra_symbols=(storage_info(),))),
    Good("STL003", stldr(extra_symbols=(storage_info(value=0x2000_0010, section="P1 ro", binding=STB_LOCAL),))),
    Good("STL011", stldr()),
    # ST's scripts put all constants of Dev_Inf.c behind the structure.
    Good("STL011", stldr(behind_descriptor=b"W25Q128\0")),
    Good("STL016", stldr()),
    # ST's middleware has a static CheckSum.
    Good(
        "STL016",
        stldr(
            routines=routines_without("CheckSum"),
            extra_symbols=(ExtraSymbol("CheckSum", 0x2000_0005, 4, STT_FUNC, STB_LOCAL, section="P1 ro"),),
        ),
    ),
    Good("STL038", stldr()),
    Good("STL038", stldr(entry=0x2000_0004)),
)
