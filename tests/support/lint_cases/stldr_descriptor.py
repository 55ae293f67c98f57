"""Files for the rules on StorageInfo."""

from support.rule_cases import Bad, Good, Write, writes
from support.stldr_builder import build
from support.stldr_recipe import SHORT_STORAGE_INFO_SIZE_BYTES, StldrRecipe


def stldr(**changes: object) -> Write:
    """Return what writes the default stldr with changes."""
    return writes("built.stldr", build(StldrRecipe(**changes)))  # type: ignore[arg-type]


BAD = (
    Bad(
        "STL009",
        "size",
        stldr(
            descriptor_shipped_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
            descriptor_symbol_size_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
        ),
        says=("136 bytes instead of 200", "SECTOR_NUM 2"),
    ),
    # SECTOR_NUM 18
    Bad(
        "STL009",
        "too-long",
        stldr(behind_descriptor=bytes(64), descriptor_symbol_size_bytes=264),
        says=("264 bytes instead of 200",),
    ),
    Bad(
        "STL009",
        "too-long",
        stldr(behind_descriptor=b"\1" * 64, descriptor_symbol_size_bytes=264),
        says=("264 bytes instead of 200",),
    ),
    Bad("STL009", "no-st-size", stldr(descriptor_symbol_size_bytes=0), says=("no size", "200 bytes are there")),
)

GOOD = (Good("STL009", stldr()),)
