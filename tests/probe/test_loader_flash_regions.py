"""What pyOCD does to a memory of several regions by our user script: what it erases, keeps, and leaves readable."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from intelhex import IntelHex
from pyocd.core.memory_map import FlashRegion, MemoryType
from pyocd.core.session import Session
from pyocd.flash.eraser import FlashEraser
from pyocd.flash.file_programmer import FileProgrammer

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.probe.loader_flash import LoaderFlash
from loaderconv.probe.user_script import ScriptFacts, script_text
from loaderconv_schemas.address_range import AddressRange
from support.emulated_session import only_core, probe_on, session_on
from support.emulated_target import RAM
from support.paths import FIXTURES
from support.strict import pattern

LOADERS = {
    "FLM": (FIXTURES / "strict_flm.FLM", None),
    "stldr": (FIXTURES / "strict_stldr.stldr", None),
    "IAR": (FIXTURES / "iar" / "config" / "flashloader" / "Strict" / "strict_iar.board", 1),
}
SECTOR_BYTES = 0x1000
PAGE_BYTES = 0x100
REGIONS = [(ARRAY_BASE, 0x4000), (ARRAY_BASE + 0x4000, 0xC000)]
"""Of small sectors and of large ones."""

ERASED = 0xFF

every_flavour = pytest.mark.parametrize("flavour", LOADERS)


@dataclass(frozen=True)
class Board:
    """A target that pyOCD has connected to with our script."""

    session: Session
    controller: StrictController

    def program(self, file: Path, **options: object) -> None:
        FileProgrammer(self.session, **options).program(str(file), base_address=None)  # type: ignore[arg-type]

    def flash_at(self, address: int) -> LoaderFlash:
        assert self.session.target is not None
        region = self.session.target.memory_map.get_region_for_address(address)
        assert isinstance(region, FlashRegion)
        assert isinstance(region.flash, LoaderFlash)
        return region.flash

    def program_bytes(self, folder: Path, data: bytes, offset_bytes: int = 0) -> None:
        file = folder / "firmware.bin"
        file.write_bytes(data)
        FileProgrammer(self.session).program(str(file), base_address=ARRAY_BASE + offset_bytes)


def written_script(folder: Path, flavour: str, ram: AddressRange | None = RAM) -> Path:
    loader, pass_number = LOADERS[flavour]
    facts = ScriptFacts(
        loader=loader.name,
        path=str(loader),
        device='a "device"\\',
        address=ARRAY_BASE,
        script="script.py",
        ram=ram,
        pass_number=pass_number,
        version="0",
    )
    script = folder / "script.py"
    script.write_text(script_text(facts))
    return script


@contextmanager
def board(folder: Path, flavour: str, contents: bytes = b"", **options: object) -> Iterator[Board]:
    """Connect, to a memory that holds something already."""
    controller = StrictController()
    controller.array[: len(contents)] = contents
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[controller])
    probe = probe_on(core, core.cpu, reset=controller.reset)
    with session_on(probe, user_script=str(written_script(folder, flavour)), **options) as session:
        yield Board(session, controller)
    assert controller.violations == []


@every_flavour
@pytest.mark.parametrize("suffix", ["bin", "hex"])
def test_file_is_programmed(tmp_path: Path, flavour: str, suffix: str) -> None:
    data = pattern(SECTOR_BYTES + 0x234)
    with board(tmp_path, flavour, contents=bytes(4 * SECTOR_BYTES)) as target:
        if suffix == "bin":
            target.program_bytes(tmp_path, data)
        else:
            firmware = IntelHex()
            firmware.frombytes(data, offset=ARRAY_BASE)
            firmware.write_hex_file(str(tmp_path / "firmware.hex"))
            target.program(tmp_path / "firmware.hex")
        assert target.controller.array[: len(data)] == data
        assert target.controller.array[2 * SECTOR_BYTES : 4 * SECTOR_BYTES] == bytes(2 * SECTOR_BYTES)


@every_flavour
def test_what_the_file_does_not_cover_is_kept(tmp_path: Path, flavour: str) -> None:
    before = pattern(2 * SECTOR_BYTES)[::-1]
    with board(tmp_path, flavour, contents=before, keep_unwritten=True) as target:
        target.program_bytes(tmp_path, b"between", offset_bytes=0x123)
        assert target.controller.array[: len(before)] == before[:0x123] + b"between" + before[0x12A:]


@every_flavour
def test_same_contents_are_not_programmed_again(tmp_path: Path, flavour: str) -> None:
    data = pattern(2 * SECTOR_BYTES)
    with board(tmp_path, flavour, contents=data, smart_flash=True) as target:
        target.controller.array[SECTOR_BYTES] ^= 0xFF
        target.program_bytes(tmp_path, data)
        assert target.controller.array[: len(data)] == data
        assert target.controller.counters.sectors_erased == 1
        assert target.controller.counters.pages_programmed == SECTOR_BYTES // PAGE_BYTES


@every_flavour
def test_erasing(tmp_path: Path, flavour: str) -> None:
    before = pattern(0x1_0000)
    with board(tmp_path, flavour, contents=before) as target:
        FlashEraser(target.session, FlashEraser.Mode.SECTOR).erase([ARRAY_BASE + SECTOR_BYTES])
        blank = bytes([ERASED]) * SECTOR_BYTES
        assert target.controller.array == before[:SECTOR_BYTES] + blank + before[2 * SECTOR_BYTES :]
        FlashEraser(target.session, FlashEraser.Mode.CHIP).erase()
        assert target.controller.array == bytes([ERASED]) * len(before)


@every_flavour
def test_memory_map(tmp_path: Path, flavour: str) -> None:
    with board(tmp_path, flavour) as target:
        assert target.session.target is not None
        memory_map = target.session.target.memory_map
        flashes = memory_map.iter_matching_regions(type=MemoryType.FLASH)
        assert [(each.start, each.length) for each in flashes] == REGIONS
        ram = memory_map.get_region_for_address(RAM.start)
        assert ram is not None
        assert ram.type is MemoryType.RAM


@every_flavour
def test_erasing_a_region_keeps_the_other(tmp_path: Path, flavour: str) -> None:
    """pyOCD may erase all of one region, and keep in another what is right already."""
    before = pattern(0x1_0000)
    with board(tmp_path, flavour, contents=before) as target:
        flash = target.flash_at(REGIONS[1][0])
        flash.init(flash.Operation.ERASE)
        flash.erase_all()
        flash.cleanup()
        assert target.controller.array == before[:0x4000] + bytes([ERASED]) * 0xC000


def test_several_regions(tmp_path: Path) -> None:
    data = pattern(0x1_0000)
    with board(tmp_path, "FLM") as target:
        target.program_bytes(tmp_path, data)
        assert target.controller.array == data


@pytest.mark.parametrize("flavour", ["stldr", "IAR"])
def test_memory_can_be_read_afterwards(tmp_path: Path, flavour: str) -> None:
    """By gdb, for instance: C-SPY's session is at an end. After an FLM's UnInit nothing is promised."""
    with board(tmp_path, flavour) as target:
        target.program_bytes(tmp_path, b"data")
        assert bytes(only_core(target.session).read_memory_block8(ARRAY_BASE, 4)) == b"data"
