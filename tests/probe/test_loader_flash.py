"""pyOCD's own programming and erasing through a user script, over loaders of all flavours."""

from pathlib import Path

import pytest
from intelhex import IntelHex
from pyocd.core.exceptions import FlashEraseFailure
from pyocd.flash.eraser import FlashEraser
from pyocd.flash.file_programmer import FileProgrammer

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_memory import FlashMemory, FlashOperation
from loaderconv.emulator.machines.registry import choose_machine
from loaderconv.simulation.board import Board, board_on
from loaderconv.simulation.rig import Wish, need_of
from loaderconv.simulation.subject import read_subject
from loaderconv_formats.references.search import SearchPaths
from support.command import invoke
from support.emulated_session import probe_on, session_on
from support.paths import FIXTURES
from support.strict import pattern

BASE = 0x9000_0000
SECTOR_BYTES = 0x1000
DATA = pattern(0x1800)
CPU = CpuModel.CORTEX_M7

every_flavour = pytest.mark.parametrize("name", ["qspi.stldr", "qspi.FLM", "qspi.flash"])


def board_with(name: str) -> tuple[Board, FlashMemory, Path]:
    """Return an emulated board with the memory of a loader of ours."""
    path = FIXTURES / "quadspi" / name
    subject = read_subject(path, SearchPaths())
    need = need_of(subject, Wish(cpu=CPU))
    board = board_on(choose_machine(need), subject, need)
    assert board.machine.memory is not None
    return board, board.machine.memory, path


def script_for(loader: Path, folder: Path) -> Path:
    script = folder / "script.py"
    assert invoke("run", "script", loader, "-o", script, "--ram", "0x20000000:64K").exit_code == 0
    return script


@every_flavour
def test_load_keeps_what_it_does_not_write(name: str, tmp_path: Path) -> None:
    """A .hex beside the borders of sectors; pyOCD looks at the memory first and writes the rest again."""
    board, memory, loader = board_with(name)
    firmware = IntelHex()
    firmware.puts(BASE + 0x100, DATA)
    firmware.write_hex_file(str(tmp_path / "fw.hex"))
    memory.poke(0, b"\x5a" * 3 * SECTOR_BYTES)
    probe = probe_on(board.core, CPU, reset=board.machine.reset)
    script = str(script_for(loader, tmp_path))
    with session_on(probe, user_script=script, keep_unwritten=True) as session:
        FileProgrammer(session).program(str(tmp_path / "fw.hex"))
    expected = b"\x5a" * 0x100 + DATA + b"\x5a" * (3 * SECTOR_BYTES - 0x100 - len(DATA))
    assert memory.peek(0, len(expected)) == expected


@every_flavour
def test_erase_of_a_sector_and_an_error(name: str, tmp_path: Path) -> None:
    board, memory, loader = board_with(name)
    memory.poke(0, bytes(3 * SECTOR_BYTES))
    probe = probe_on(board.core, CPU, reset=board.machine.reset)
    with session_on(probe, user_script=str(script_for(loader, tmp_path))) as session:
        FlashEraser(session, FlashEraser.Mode.SECTOR).erase([f"0x{BASE + SECTOR_BYTES:x}"])
        assert set(memory.peek(SECTOR_BYTES, SECTOR_BYTES)) == {0xFF}
        assert memory.peek(0, SECTOR_BYTES) == memory.peek(2 * SECTOR_BYTES, SECTOR_BYTES) == bytes(SECTOR_BYTES)
        if memory.reports_failures:
            memory.fail_next(FlashOperation.ERASE)
            with pytest.raises(FlashEraseFailure):
                FlashEraser(session, FlashEraser.Mode.SECTOR).erase([f"0x{BASE:x}"])


def test_chip_erase(tmp_path: Path) -> None:
    board, memory, loader = board_with("qspi.stldr")
    memory.poke(0x10_0000, b"\0")
    probe = probe_on(board.core, CPU, reset=board.machine.reset)
    with session_on(probe, user_script=str(script_for(loader, tmp_path))) as session:
        FlashEraser(session, FlashEraser.Mode.CHIP).erase()
    assert memory.peek(0x10_0000, 1) == b"\xff"
