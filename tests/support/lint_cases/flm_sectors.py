"""Files for the rules on the sector list."""

from support.flm_recipe import NO_MORE_RUNS
from support.lint_cases.flm_pages import flm
from support.rule_cases import Bad, Good

END = 0xFFFF_FFFF
TERMINATOR = END.to_bytes(4, "little") * len(NO_MORE_RUNS)

BAD = (
    Bad("FLM048", "unterminated", flm(is_run_table_terminated=False), says=("512 entries",)),
    Bad(
        "FLM048",
        "unterminated",
        flm(is_run_table_terminated=False, descriptor_shipped_bytes=176),
        says=("within 2 entries",),
    ),
    # pyOCD goes on searching, and finds a terminator
    Bad(
        "FLM048",
        "unterminated",
        flm(is_run_table_terminated=False, behind_descriptor=TERMINATOR),
        says=("512 entries",),
    ),
    Bad(
        "FLM048",
        "half-terminator",
        flm(runs=((0x1000, 0), (END, 0)), is_run_table_terminated=False),
        says=("Entry 1", "0xffffffff and 0x00000000"),
    ),
    Bad("FLM048", "half-terminator", flm(runs=((0x1000, 0), (0, END))), says=("Entry 1", "0x00000000 and 0xffffffff")),
    Bad("FLM048", "no-sectors", flm(runs=()), says=("empty",)),
    # nrf53xx_network.flm
    Bad(
        "FLM049",
        "absolute",
        flm(base_address=0x0100_0000, runs=((0x1000, 0),), are_sector_addresses_absolute=True),
        says=("0x01000000", "DevAdr 0x01000000"),
    ),
    # nrf53xx_network_uicr.flm: not even its own address
    Bad(
        "FLM049",
        "absolute",
        flm(base_address=0x01FF_8000, size_bytes=0x800, runs=((0x800, 0x0100_0000),), page_size_bytes=4),
        says=("0x01000000", "DevAdr 0x01ff8000"),
    ),
    Bad("FLM049", "first-not-zero", flm(runs=((0x1000, 0x1000),)), says=("0x1000",)),
    Bad("FLM049", "unsorted", flm(runs=((0x1000, 0), (0x400, 0x8000), (0x400, 0x4000))), says=("Entry 2", "0x4000")),
    # as pyocd/FlashAlgo's sources for nRF52833 list the UICR
    Bad(
        "FLM049",
        "beyond-device",
        flm(runs=((0x1000, 0), (0x1000, 0x1000_1000))),
        says=("entry 1", "0x10001000", "0x10000"),
    ),
    Bad("FLM050", "no-sector-size", flm(runs=((0x1000, 0), (0, 0x8000))), says=("Entry 1", "0 bytes")),
    Bad("FLM050", "uneven-run", flm(size_bytes=0xF800), says=("0x1000", "0x0 to 0xf800")),
    Bad("FLM050", "uneven-run", flm(runs=((0x1000, 0), (0x400, 0x1400))), says=("0x1000", "0x0 to 0x1400")),
    Bad("FLM050", "unaligned-run", flm(base_address=0x0800_0400), says=("0x1000 bytes", "0x08000400")),
)

GOOD = (
    Good("FLM048", flm()),
    Good("FLM048", flm(descriptor_shipped_bytes=176)),
    Good("FLM049", flm()),
    Good("FLM049", flm(runs=((0x4000, 0), (0x2000, 0x8000), (0x1000, 0xC000)))),
    # a base of 0, where offsets and addresses are the same
    Good("FLM049", flm(base_address=0, runs=((0x1000, 0), (0x400, 0x8000)), are_sector_addresses_absolute=True)),
    Good("FLM050", flm()),
    Good("FLM050", flm(runs=((0x4000, 0), (0x2000, 0x8000), (0x1000, 0xC000)))),
    # OTP as one sector
    Good("FLM050", flm(base_address=0x1FFF_7800, size_bytes=0x200, page_size_bytes=0x200, runs=((0x200, 0),))),
)
