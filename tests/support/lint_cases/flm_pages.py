"""Files for the rules on the sizes of device and page."""

from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.rule_cases import Bad, Good, Write, writes


def flm(**changes: object) -> Write:
    """Return what writes the default FLM with changes."""
    return writes("built.FLM", build(FlmRecipe(**changes)))  # type: ignore[arg-type]


BAD = (
    Bad("FLM045", "no-size", flm(size_bytes=0), says=("szDev is 0",)),
    Bad("FLM045", "beyond-addresses", flm(base_address=0xFFFF_1000), says=("0xffff1000", "0x10000 bytes")),
    Bad("FLM045", "no-page", flm(page_size_bytes=0), says=("szPage is 0",)),
    Bad(
        "FLM045",
        "large-page",
        flm(page_size_bytes=0x2_0000, size_bytes=0x4_0000, runs=((0x2_0000, 0),)),
        says=("0x20000", "65536"),
    ),
    # MT25TL01G on STM32H7xx
    Bad(
        "FLM046",
        "uneven-sectors",
        flm(page_size_bytes=0x5000, size_bytes=0x40_0000, base_address=0x9000_0000, runs=((0x1_0000, 0),)),
        says=("0x10000 bytes", "0x5000"),
    ),
    # option bytes of STM32L4R
    Bad(
        "FLM046",
        "unaligned-base",
        flm(page_size_bytes=0x24, size_bytes=0x24, base_address=0x1FF0_0000, runs=((0x24, 0),)),
        says=("0x1ff00000", "0x24"),
    ),
    Bad(
        "FLM046",
        "not-power-of-two",
        flm(page_size_bytes=0x300, size_bytes=0x3000, base_address=0x3000, runs=((0x300, 0),)),
        says=("0x300",),
    ),
    Bad("FLM047", "page-larger-than-sector", flm(page_size_bytes=0x2000), says=("0x2000", "0x1000")),
    # STM32H7A3 and H7B0, the whole line of them
    Bad(
        "FLM047",
        "page-larger-than-sector",
        flm(page_size_bytes=0x8000, size_bytes=0x10_0000, runs=((0x2000, 0),)),
        says=("0x8000", "0x2000"),
    ),
    Bad(
        "FLM047",
        "page-larger-than-sector",
        flm(page_size_bytes=0x1000, runs=((0x400, 0), (0x1000, 0x8000))),
        says=("0x1000", "0x400"),
    ),
)

GOOD = (
    Good("FLM045", flm()),
    Good("FLM045", flm(page_size_bytes=0x1_0000, runs=((0x1_0000, 0),))),
    Good("FLM045", flm(base_address=0xFFFF_0000)),
    Good("FLM046", flm()),
    Good("FLM046", flm(page_size_bytes=0x1000)),
    Good("FLM047", flm()),
    Good("FLM047", flm(page_size_bytes=0x1000)),
)
