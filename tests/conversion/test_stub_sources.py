"""FLMs whose routines only return a value, converted: what the shim passes to them, and what it makes of their answers.

Geometry, erased values and answers that no device model offers.
"""

from dataclasses import replace

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.core import Register
from loaderconv.hosts.cube_programmer import CubeProgrammerHost
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from support.converted import RAM, Rig, SourceCall, convert, converted_rig
from support.flm_builder import build
from support.flm_recipe import RETURN_ZERO, FlmRecipe, routines_without

RETURN_END = bytes.fromhex("4018 7047")
"""adds r0, r0, r1; bx lr: address + size."""
RETURN_ONE = bytes.fromhex("0120 7047")
"""movs r0, #1; bx lr."""

DEVICE_RAM = AddressRange(start=0, size_bytes=0x1000)
"""RAM at address 0 stands for a device there that can be read."""


def rig_for(recipe: FlmRecipe) -> Rig:
    """Return a loader after its host's first Init."""
    rig = converted_rig(parse_loader(build(recipe), "stub"), CpuModel.CORTEX_M0, [])
    assert rig.host.call(Routine.INIT).low_word == 1
    rig.calls.clear()
    return rig


def at_address_0(recipe: FlmRecipe) -> tuple[CubeProgrammerHost, UnicornCore]:
    """Return a host and a core with memory at address 0, where the recipe's device lies."""
    small = replace(recipe, base_address=0, size_bytes=0x1000, page_size_bytes=0x100, runs=((0x1000, 0),))
    rig = rig_for(small)
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM, DEVICE_RAM])
    core.write_memory(0, bytes(range(256)) * 16)
    host = CubeProgrammerHost(core, rig.file.loader, RAM)
    assert host.call(Routine.INIT).low_word == 1
    return host, core


def erased_sectors(calls: list[SourceCall]) -> list[int]:
    return [call.arguments[0] for call in calls if call.routine == "EraseSector"]


def test_parts_of_pages_are_filled_with_the_device_s_erased_value() -> None:
    rig = rig_for(FlmRecipe(erased_value=0x5A))
    pages = []
    symbol = next(symbol for symbol in rig.file.image.symbols if symbol.name == "flm.ProgramPage")
    rig.core.observe(
        symbol.address,
        lambda: pages.append(rig.core.read_memory(rig.core.read_register(Register.R2), 0x400)),
    )
    assert rig.host.program(0x0800_0003, b"data").succeeded
    assert pages == [b"\x5a" * 3 + b"data" + b"\x5a" * (0x400 - 7)]


def test_sectors_are_counted_from_the_start_of_their_run() -> None:
    rig = rig_for(
        FlmRecipe(size_bytes=0x2200, runs=((0x600, 0), (0x400, 0x600), (0x600, 0x1600)), page_size_bytes=0x100)
    )
    rig.host.call(Routine.ERASE_SECTOR, 0x0800_0000 + 0x5FF, 0x0800_0000 + 0xE00)
    assert erased_sectors(rig.calls) == [0x0800_0000, 0x0800_0600, 0x0800_0A00, 0x0800_0E00]
    rig.calls.clear()
    rig.host.call(Routine.ERASE_SECTOR, 0x0800_0000 + 0x21FF, 0x0800_0000 + 0x21FF)
    assert erased_sectors(rig.calls) == [0x0800_1C00]


def test_a_page_is_a_sector_only_where_it_starts_one() -> None:
    """Pages of 0x400 lie across sectors of 0x400 that start at 0x600: nothing may be erased for the second piece."""
    rig = rig_for(FlmRecipe(size_bytes=0x1C00, runs=((0x600, 0), (0x400, 0x600), (0x600, 0x1600))))
    for lead in (4, 8):
        assert rig.host.call(Routine.PROGRAM_PAGE, 0x0800_0800 + lead, 4, rig.host.buffer.start).low_word == 1
    called = rig.routines_called()
    assert called.count("ProgramPage") == 2
    assert "EraseSector" not in called


def test_addresses_beyond_2_gib_are_divided_right() -> None:
    rig = rig_for(FlmRecipe(base_address=0x3000_0000, size_bytes=0xC000_0000, runs=((0x1000_0000, 0),)))
    rig.host.call(Routine.ERASE_SECTOR, 0xE123_4567, 0xE123_4567)
    assert erased_sectors(rig.calls) == [0xE000_0000]


def test_the_last_sector_of_the_address_space() -> None:
    rig = rig_for(FlmRecipe(base_address=0xFFFF_0000))
    assert rig.host.call(Routine.ERASE_SECTOR, 0xFFFF_F000, 0xFFFF_FFFF).low_word == 1
    assert erased_sectors(rig.calls) == [0xFFFF_F000]
    assert rig.host.call(Routine.ERASE_CHIP, 0).low_word == 1
    assert rig.host.call(Routine.PROGRAM_PAGE, 0xFFFF_FFFC, 4, rig.host.buffer.start).low_word == 1
    assert rig.host.call(Routine.PROGRAM_PAGE, 0xFFFF_FFFD, 4, rig.host.buffer.start).low_word == 0


def test_mass_erase_without_erase_chip_ends_at_the_top_of_the_address_space() -> None:
    rig = rig_for(FlmRecipe(base_address=0xFFFF_0000, routines=routines_without("EraseChip")))
    assert rig.host.call(Routine.ERASE_CHIP, 0).low_word == 1
    assert erased_sectors(rig.calls) == list(range(0xFFFF_0000, 0x1_0000_0000, 0x1000))


def test_verify_that_answers_0_for_a_mismatch_at_address_0_is_a_mismatch() -> None:
    host, _ = at_address_0(FlmRecipe())
    assert not host.verify(0, bytes(range(8))).succeeded


def test_verify_that_answers_address_and_size_is_a_match() -> None:
    host, _ = at_address_0(FlmRecipe(routines={**routines_without(), "Verify": RETURN_END}))
    assert host.verify(0, bytes(range(8))).succeeded


def test_without_verify_a_mismatch_in_the_very_first_byte_is_a_mismatch() -> None:
    host, _ = at_address_0(FlmRecipe(routines=routines_without("Verify")))
    assert host.verify(0, bytes(range(8))).succeeded
    assert not host.verify(0, b"\x80" + bytes(range(1, 8))).succeeded
    assert not host.verify(0, bytes(range(7)) + b"\x80").succeeded


def test_where_address_and_size_are_0_verify_is_not_asked() -> None:
    """At the top of the address space its answers for match and mismatch may be the same."""
    rig = rig_for(FlmRecipe(base_address=0xFFFF_0000))
    top = AddressRange(start=0xFFFF_0000, size_bytes=0x1_0000)
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM, top])
    core.write_memory(0xFFFF_FFF8, bytes(range(8)))
    host = CubeProgrammerHost(core, rig.file.loader, RAM)
    core.write_memory(host.buffer.start, bytes(range(8)))
    assert host.call(Routine.INIT).low_word == 1
    assert host.call(Routine.VERIFY, 0xFFFF_FFF8, host.buffer.start, 2, 0).low_word == 0
    core.write_memory(host.buffer.start, b"\x09")
    assert host.call(Routine.VERIFY, 0xFFFF_FFF8, host.buffer.start, 2, 0).low_word != 0


@pytest.mark.parametrize(("code", "expected"), [(RETURN_ZERO, 1), (RETURN_END, 1), (RETURN_ONE, 0)])
def test_both_conventions_of_read_are_understood(code: bytes, expected: int) -> None:
    rig = rig_for(FlmRecipe(routines={**routines_without(), "Read": code}))
    assert rig.host.call(Routine.READ, 0x0800_0100, 8, rig.host.buffer.start).low_word == expected


def test_a_read_that_fails_at_address_0_is_a_difference() -> None:
    host, core = at_address_0(FlmRecipe(routines={**routines_without("Verify"), "Read": RETURN_ONE}))
    core.write_memory(host.buffer.start, bytes(8))
    assert host.call(Routine.VERIFY, 0, host.buffer.start, 2, 0).low_word != 0


def test_a_read_that_fails_is_a_difference_and_no_checksum() -> None:
    rig = rig_for(FlmRecipe(routines={**routines_without("Verify"), "Read": RETURN_ONE}))
    assert rig.host.call(Routine.VERIFY, 0x0800_0100, rig.host.buffer.start, 2, 0).low_word != 0
    assert rig.host.call(Routine.CHECKSUM, 0x0800_0100, 8, 100).low_word == 99


def test_a_part_of_a_page_or_an_odd_buffer_never_reaches_the_source() -> None:
    rig = rig_for(FlmRecipe())
    rig.core.write_memory(rig.host.buffer.start, bytes(0x1000))
    for address, size, shift in (
        (0, 0x400, 0),
        (0, 0x400, 1),
        (0, 0x400, 2),
        (4, 0x3FC, 0),
        (0x3FF, 2, 3),
        (0, 0x800, 3),
    ):
        rig.host.call(Routine.PROGRAM_PAGE, 0x0800_0000 + address, size, rig.host.buffer.start + shift)
    pages = [call.arguments for call in rig.calls if call.routine == "ProgramPage"]
    assert len(pages) == 8
    assert all(address % 0x400 == 0 and size == 0x400 and buffer % 4 == 0 for address, size, buffer in pages)


def test_requests_of_no_bytes_succeed_and_touch_nothing() -> None:
    rig = rig_for(FlmRecipe())
    assert rig.host.call(Routine.PROGRAM_PAGE, 0x0800_0004, 0, rig.host.buffer.start).low_word == 1
    assert rig.host.call(Routine.READ, 0x0800_0004, 0, rig.host.buffer.start).low_word == 1
    assert rig.host.call(Routine.VERIFY, 0x0800_0004, rig.host.buffer.start, 0, 0).low_word == 0
    assert not {"ProgramPage", "Verify", "EraseSector"} & set(rig.routines_called())


def test_device_without_data_gets_no_static_base() -> None:
    rig = rig_for(FlmRecipe(rw=b"", zi_size_bytes=0))
    rig.host.call(Routine.INIT)
    assert rig.plan.static_base is None
    assert rig.calls[0].static_base == 0x5AFE_0009, "r9 is the host's"


def test_without_read_a_verify_that_may_ignore_bytes_is_not_offered() -> None:
    """Asked for pages of two bytes, a Verify that compares words would find every page equal."""
    for page_size_bytes, offered in ((2, False), (4, True)):
        source = parse_loader(build(FlmRecipe(page_size_bytes=page_size_bytes)), "stub")
        _, plan = convert(source, with_read=False)
        assert (Routine.VERIFY in {entry.routine for entry in plan.entry_points}) is offered
        assert any(loss.fact == "verification" for loss in plan.losses) is not offered


def test_an_erase_during_a_write_is_announced_for_every_kind_of_device() -> None:
    for sector_size_bytes, announced in ((0x400, True), (0x1000, False)):
        source = parse_loader(build(FlmRecipe(device_type=5, runs=((sector_size_bytes, 0),))), "stub")
        _, plan = convert(source)
        assert any(warning.code == "page-programmed-twice" for warning in plan.warnings) is announced
