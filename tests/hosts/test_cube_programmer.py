"""Where CubeProgrammer puts stack and buffer when an image lies in more than one memory."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.hosts.cube_programmer import CubeProgrammerHost
from loaderconv.hosts.image_memory import code_and_room
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Segment
from support.loader_models import addresses, entry, loader, segment
from support.paths import FIXTURES

DTCM = addresses(0x2000_0000, 0x2001_0000)
AXI_SRAM = addresses(0x2400_0000, 0x2408_0000)

CODE = 0x2000_0004
RETURN_ONE = bytes.fromhex("0120 7047")

FAR_ZEROS = segment(Part.DATA, 0x2402_0000, 0, zeros=0x100)


def code(address: int = CODE, size_bytes: int = 0x100, zeros: int = 0) -> Segment:
    return segment(Part.CODE, address, RETURN_ONE.ljust(size_bytes, b"\0"), zeros)


def stldr(*segments: Segment) -> Loader:
    return loader(Flavour.STLDR, *segments, entries=[entry(Routine.INIT, "Init", CODE)])


def host_for(made: Loader, ram: AddressRange = DTCM) -> CubeProgrammerHost:
    core = UnicornCore(CpuModel.CORTEX_M7, ram=[DTCM, AXI_SRAM])
    return CubeProgrammerHost(core, made, ram)


def test_stack_and_buffer_lie_above_the_code_though_zeros_lie_in_a_far_memory() -> None:
    host = host_for(stldr(code(), FAR_ZEROS))
    assert host.stack == addresses(CODE + 0x100, CODE + 0x500)
    assert host.buffer == addresses(0x2000_0540, DTCM.end)
    assert host.call(Routine.INIT).low_word == 1


def test_data_of_a_far_memory_are_downloaded_all_the_same() -> None:
    core = UnicornCore(CpuModel.CORTEX_M7, ram=[DTCM, AXI_SRAM])
    host = CubeProgrammerHost(core, stldr(code(), segment(Part.DATA, 0x2402_0000, b"far")), DTCM)
    assert core.read_memory(0x2402_0000, 3) == b"far"
    assert host.stack.start == CODE + 0x100


def test_zeros_and_small_gaps_belong_to_the_image() -> None:
    host = host_for(stldr(code(), segment(Part.DATA, CODE + 0x1000, 8, zeros=0x18)))
    assert host.stack.start == CODE + 0x1020


def test_fixture_with_variables_in_another_memory_works() -> None:
    controller = StrictController()
    core = UnicornCore(CpuModel.CORTEX_M7, ram=[DTCM, AXI_SRAM], peripherals=[controller])
    host = CubeProgrammerHost(core, read_loader_file(FIXTURES / "strict_stldr_sparse.stldr").loader, DTCM)
    assert [step.observed for step in round_trip(host) if not step.passed] == []
    assert host.stack.end <= DTCM.end
    assert controller.violations == []


class TestCodeAndRoom:
    RAM = addresses(0x2000_0000, 0x2010_0000)

    def test_room_ends_at_the_next_part(self) -> None:
        """The buffer would overwrite data that lie far up in the same RAM."""
        own, room = code_and_room([code(), segment(Part.DATA, 0x2008_0000, 16)], self.RAM)
        assert own == addresses(CODE, CODE + 0x100)
        assert room == addresses(self.RAM.start, 0x2008_0000)

    def test_parts_below_the_code_take_no_room(self) -> None:
        own, room = code_and_room([segment(Part.DATA, 0x2000_0010, 16), code(0x2004_0000)], self.RAM)
        assert own == addresses(0x2004_0000, 0x2004_0100)
        assert room == self.RAM

    @pytest.mark.parametrize(("gap", "is_one_memory"), [(0x1_0000, True), (0x1_0001, False)])
    def test_gap_that_separates_memories(self, gap: int, is_one_memory: bool) -> None:
        own, _ = code_and_room([code(), segment(Part.DATA, CODE + 0x100 + gap, 4)], self.RAM)
        assert own.size_bytes == (0x100 + gap + 4 if is_one_memory else 0x100)

    def test_the_lowest_code_decides(self) -> None:
        own, _ = code_and_room([code(0x2004_0000), code(), segment(Part.DATA, 0x2008_0000, 4)], self.RAM)
        assert own.start == CODE

    def test_overlapping_parts_reach_as_far_as_the_longest(self) -> None:
        own, _ = code_and_room([code(zeros=0x1000), segment(Part.DATA, CODE + 0x200, 16)], self.RAM)
        assert own.end == CODE + 0x1100

    def test_without_a_mark_on_the_code_the_lowest_part_counts(self) -> None:
        own, _ = code_and_room([segment(Part.DATA, CODE, 16), segment(Part.DATA, 0x2008_0000, 4)], self.RAM)
        assert own == addresses(CODE, CODE + 16)

    def test_what_lies_outside_of_the_ram_is_no_reason(self) -> None:
        with pytest.raises(RunFailed, match=r"No part of the image lies in RAM 0x24000000\.\.0x2407ffff"):
            code_and_room([code()], AXI_SRAM)


def test_too_little_room_is_refused() -> None:
    with pytest.raises(RunFailed, match="stack and buffer do not fit"):
        host_for(stldr(code(size_bytes=0xFC00)))
