"""Files for the rules on where the descriptor lies, and in what section."""

from dataclasses import replace

from support.elf_builder import ExtraSymbol
from support.elf_numbers import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE
from support.lint_cases.stldr_descriptor import stldr
from support.rule_cases import Bad, Good, Write, writes
from support.stldr_builder import build, storage_info
from support.stldr_recipe import STORAGE_INFO_SIZE_BYTES, DescriptorHome, StldrRecipe


def behind_data(**changes: object) -> Write:
    """Return what writes a stldr whose descriptor ld put behind the data, into the segment of the code."""
    recipe = StldrRecipe(zi_size_bytes=0, descriptor_home=DescriptorHome.CODE_SEGMENT, descriptor_section=".Dev_Info")
    recipe = replace(recipe, descriptor_address=recipe.image_end)
    return writes("built.stldr", build(replace(recipe, **changes)))  # type: ignore[arg-type]


def in_hole(hole: bytes = bytes(STORAGE_INFO_SIZE_BYTES)) -> Write:
    """Return what writes a stldr as ST's scripts for GCC make it, but with these bytes in the hole of the code."""
    recipe = StldrRecipe(routines=StldrRecipe().routines | {"more": hole})  # type: ignore[operator]
    return writes("built.stldr", build(replace(recipe, descriptor_address=0x2000_0020)))


DESCRIPTOR = storage_info(StldrRecipe())

MATCHES_NOTHING = (
    ExtraSymbol("__Dev_info_segment_start", section=".data"),
    ExtraSymbol("__Dev_info_segment_end", section=".data"),
)
"""What ld leaves of `.Dev_info : { start = .; KEEP(*(.Dev_info)) end = .; }` where the source says .Dev_Info."""

ENCLOSING = (
    ExtraSymbol("__Dev_info_segment_start", 0, section=".Dev_info"),
    ExtraSymbol("__Dev_info_segment_end", 200, section=".Dev_info"),
)

NO_ZERO_INITIALISED_DATA = (
    ExtraSymbol("Image$$DevInfo$$ZI$$Base", 200),
    ExtraSymbol("Image$$DevInfo$$ZI$$Limit", 200),
)

BAD = (
    Bad("STL010", "shared", behind_data(), says=("0x20000028", "shares PT_LOAD 0")),
    # KEEP(*Dev_Inf.o(...)) and CMake's Dev_Inf.c.obj.
    Bad("STL010", "shared", behind_data(has_empty_segment=True), says=("PT_LOAD 1 is empty",)),
    Bad("STL010", "not-loaded", stldr(descriptor_home=DescriptorHome.NO_SEGMENT), says=("in no PT_LOAD",)),
    Bad("STL012", "not-at-zero", stldr(descriptor_address=0x2407_FF00), says=("0x2407ff00",)),
    Bad("STL013", "internal-flash", stldr(descriptor_address=0x0800_0000), says=("0x08000000",)),
    Bad("STL014", "collides", in_hole(b"\x70\x47" * 100), says=("PT_LOAD 0", "0x20000020")),
    Bad("STL014", "hole", in_hole(), says=("0x20000020", "zeros")),
    Bad("STL014", "same-bytes", in_hole(DESCRIPTOR), says=("0x20000020", "same bytes")),
    Bad(
        "STL014",
        "zeroed-data",
        stldr(zi_size_bytes=256, descriptor_address=StldrRecipe().image_end),
        says=("0x20000028", "P1 rw"),
    ),
    Bad(
        "STL015",
        "two-spellings",
        behind_data(empty_section=".Dev_info", has_empty_segment=True),
        says=(".Dev_Info", ".Dev_info with 0 bytes", "no PT_LOAD of its own"),
    ),
    Bad(
        "STL015",
        "two-spellings",
        stldr(descriptor_section=".Dev_Info", empty_section=".Dev_info"),
        says=(".Dev_info with 0 bytes, too.",),
    ),
    Bad(
        "STL015",
        "nothing-enclosed",
        behind_data(data_section=".data", extra_symbols=MATCHES_NOTHING, has_empty_segment=True),
        says=("__Dev_info_segment_start and __Dev_info_segment_end", ".Dev_Info"),
    ),
    Bad(
        "STL043",
        "flags",
        stldr(descriptor_section_flags=SHF_ALLOC | SHF_WRITE),
        says=("P2 ro", "0x00000000 is writable."),
    ),
    Bad(
        "STL043",
        "flags",
        stldr(descriptor_section_flags=SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR),
        says=("writable and executable",),
    ),
)

GOOD = (
    Good("STL010", stldr()),
    Good("STL010", stldr(is_descriptor_first=True)),
    Good("STL010", stldr(behind_descriptor=b"further constants of Dev_Inf.c")),
    Good("STL010", in_hole()),
    Good("STL012", stldr()),
    Good("STL012", in_hole()),
    Good("STL013", stldr(descriptor_address=0x2407_FF00)),
    Good("STL014", stldr()),
    Good("STL014", stldr(descriptor_address=0x2407_FF00)),
    Good("STL015", stldr(descriptor_section=".Dev_info", extra_symbols=ENCLOSING)),
    Good("STL015", stldr(descriptor_section="")),
    # armlink's symbols for a region without zero-initialised data.
    Good("STL015", stldr(descriptor_section="DevInfo", extra_symbols=NO_ZERO_INITIALISED_DATA)),
    Good("STL043", stldr()),
)
