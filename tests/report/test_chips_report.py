"""What `--chip list` prints."""

from loaderconv.chips.built_in import built_in_chips
from loaderconv.report.chips import chip_list
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip
from support.rendering import rendered

DTCM = AddressRange(start=0x2000_0000, size_bytes=128 << 10)
AXI = AddressRange(start=0x2400_0000, size_bytes=512 << 10)


def chip(name: str, *ram: AddressRange, source: str) -> Chip:
    return Chip(name=name, ram=ram, default_ram=ram[0], loader_ram=ram[-1], source=source)


def test_names_ranges_and_sources_are_aligned() -> None:
    chips = (chip("A1", DTCM, source="one"), chip("LONGER", DTCM, AXI, source="two"), chip("A2", AXI, source="one"))
    assert rendered(chip_list(chips)).splitlines()[2:] == [
        "",
        "one",
        "  A1      0x20000000    128 KiB",
        "  A2      0x24000000    512 KiB",
        "",
        "two",
        "  LONGER  0x20000000    128 KiB *",
        "          0x24000000    512 KiB  >",
    ]


def test_table_fits_into_80_columns() -> None:
    lines = rendered(chip_list(built_in_chips())).splitlines()
    ranges = [line for line in lines if line.startswith("  ")]
    assert len(ranges) == sum(len(each.ram) for each in built_in_chips())
    assert all(" KiB" in line or " MiB" in line or " bytes" in line for line in ranges)
    assert max(map(len, lines)) <= 80


def test_nothing_known_is_no_error() -> None:
    assert len(rendered(chip_list(())).splitlines()) == 2
