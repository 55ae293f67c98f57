"""`loaderconv run` on emulated boards: the same code path as on a real one, but for the probe."""

import json
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from loaderconv.programming.progress import NoProgress
from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure, invoke, run_code
from support.lint_cases import behaviour
from support.paths import FIXTURES
from support.strict import pattern
from support.toolchain import needs_toolchain

STRICT_BOARD = ("--probe", "emulated:cortex-m4", "--machine", "strict-nor", "--no-simulate")
LOADERS = {
    "FLM": (FIXTURES / "strict_flm.FLM",),
    "stldr": (FIXTURES / "strict_stldr.stldr",),
    "IAR": (
        FIXTURES / "iar/config/flashloader/Strict/strict_iar.board",
        "--pass",
        "1",
        "--toolkit-dir",
        FIXTURES / "iar",
    ),
}
BASE = 0x9000_0000
FIRMWARE = pattern(0x1_0000)
QSPI = FIXTURES / "quadspi" / "qspi.stldr"
RUN_FAILED, USAGE, UNREADABLE = ExitCode.RUN_FAILED, ExitCode.USAGE, ExitCode.UNREADABLE

flavours = pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS.keys())


def board(memory: Path) -> tuple[str | Path, ...]:
    return ("--probe", f"emulated:cortex-m4:{memory}", *STRICT_BOARD[2:])


def hex_file(folder: Path, address: int, data: bytes) -> Path:
    from intelhex import IntelHex  # noqa: PLC0415 - as the program does

    image = IntelHex()
    image.puts(address, data)
    image.write_hex_file(str(folder / "fw.hex"))
    return folder / "fw.hex"


@flavours
def test_program_verify_and_read_back(loader: tuple[str | Path, ...], tmp_path: Path) -> None:
    """64 KiB from a .hex; three commands on one board whose memory is kept in a file."""
    memory, copy = tmp_path / "memory.img", tmp_path / "copy.bin"
    firmware = hex_file(tmp_path, BASE, FIRMWARE)
    outcome = invoke("run", "program", *loader, firmware, *board(memory))
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.endswith("verified: read back\ndone\n")
    assert memory.read_bytes() == FIRMWARE
    assert invoke("run", "verify", *loader, firmware, "--verify", "loader", *board(memory)).exit_code == 0
    assert invoke("run", "read", *loader, "-o", copy, *board(memory)).exit_code == 0
    assert copy.read_bytes() == FIRMWARE


@flavours
def test_binary_with_what_is_kept(loader: tuple[str | Path, ...], tmp_path: Path) -> None:
    memory, firmware = tmp_path / "memory.img", tmp_path / "fw.bin"
    before = FIRMWARE[::-1]
    memory.write_bytes(before)
    firmware.write_bytes(b"firmware")
    arguments = ("run", "program", *loader, firmware, "--address", "0x90000123", "--format", "json")
    document = json.loads(invoke(*arguments, "--keep", *board(memory)).stdout)
    assert document["passed"]
    expected = before[:0x123] + b"firmware" + before[0x12B:]
    assert memory.read_bytes() == expected
    assert json.loads(invoke(*arguments, *board(memory)).stdout)["verified_by"] == "read back"
    sector = memory.read_bytes()[:0x2000]
    assert sector[0x123:0x12B] == b"firmware"
    assert set(sector[:0x123]) == {0xFF}
    assert memory.read_bytes()[0x8000:] == expected[0x8000:], "other sectors are not touched"


def binary(folder: Path) -> tuple[str | Path, ...]:
    firmware = folder / "fw.bin"
    firmware.write_bytes(FIRMWARE)
    return firmware, "--address", "0x90000000"


def elf(folder: Path) -> tuple[str | Path, ...]:
    """Link firmware with data that go elsewhere at run time, and with some that are zeroed there."""
    binary(folder)
    source, script, firmware = folder / "fw.s", folder / "fw.ld", folder / "fw.elf"
    source.write_text(
        f'.section .text\n.incbin "{folder / "fw.bin"}", 0, 0xFF00\n'
        f'.data\n.incbin "{folder / "fw.bin"}", 0xFF00\n.bss\n.space 64\n'
    )
    script.write_text(
        "MEMORY { F (rx) : ORIGIN = 0x90000000, LENGTH = 64K R (rwx) : ORIGIN = 0x20000000, LENGTH = 1K }\n"
        "SECTIONS { .text : { *(.text) } >F .data : { *(.data) } >R AT>F .bss : { *(.bss) } >R }\n"
    )
    command = ["arm-none-eabi-gcc", "-nostdlib", "-Wl,--build-id=none,-e0", "-T", script, "-o", firmware, source]
    subprocess.run(command, check=True, capture_output=True)
    return (firmware,)


@flavours
@pytest.mark.parametrize("made", [binary, pytest.param(elf, marks=needs_toolchain)])
def test_other_formats(
    made: Callable[[Path], tuple[str | Path, ...]], loader: tuple[str | Path, ...], tmp_path: Path
) -> None:
    """64 KiB from a .bin, and from an .elf, whose bytes go to physical addresses."""
    memory = tmp_path / "memory.img"
    outcome = invoke("run", "program", *loader, *made(tmp_path), *board(memory))
    assert outcome.exit_code == 0, outcome.stderr
    assert memory.read_bytes() == FIRMWARE


@flavours
def test_selftest_and_info(loader: tuple[str | Path, ...]) -> None:
    outcome = invoke("run", "selftest", *loader, "--all", *STRICT_BOARD)
    assert outcome.exit_code == 0, outcome.stdout
    assert "session 2: initialise" in outcome.stdout
    assert "erase everything" in outcome.stdout
    document = json.loads(invoke("run", "info", *loader, "--format", "json", *STRICT_BOARD).stdout)
    assert document["place"]["stack"]["size_bytes"] >= 0x400
    assert document["target"] == "Cortex-M4 at loaderconv emulated Cortex-M4"


@flavours
def test_erase(loader: tuple[str | Path, ...], tmp_path: Path) -> None:
    memory = tmp_path / "memory.img"
    memory.write_bytes(bytes(0x1_0000))
    assert invoke("run", "erase", *loader, "--range", "0x90004000:1", *board(memory)).exit_code == 0
    left = memory.read_bytes()
    assert 0 in left[:0x4000]
    assert left[0x4000] == 0xFF
    assert left[-1] == 0
    assert invoke("run", "erase", *loader, "--all", *board(memory)).exit_code == 0
    assert set(memory.read_bytes()) == {0xFF}


def test_mismatch_is_shown(tmp_path: Path) -> None:
    memory, firmware = tmp_path / "memory.img", tmp_path / "fw.bin"
    memory.write_bytes(FIRMWARE[:0x500] + bytes([FIRMWARE[0x500] ^ 0x41]) + FIRMWARE[0x501:])
    firmware.write_bytes(FIRMWARE)
    outcome = invoke("run", "verify", *LOADERS["FLM"], firmware, "--address", "0x90000000", *board(memory))
    assert outcome.exit_code == RUN_FAILED
    assert "first difference at 0x90000500, 1 bytes differ" in outcome.stdout
    assert outcome.stdout.endswith("FAILED\n")


def test_loader_is_tried_in_the_emulator_first() -> None:
    """A loader that needs more stack than its host gives does not get to the board unless the user insists."""
    deep = FIXTURES / "quadspi" / "deep_stack.stldr"
    outcome = invoke("run", "info", deep, "--probe", "emulated:cortex-m7")
    assert_failure(outcome, RUN_FAILED)
    assert "stack" in outcome.stderr
    assert "--despite-simulation" in outcome.stderr
    insisting = invoke("run", "info", deep, "--probe", "emulated:cortex-m7", "--despite-simulation")
    assert insisting.stderr.startswith("note: In the emulator")


def test_what_the_target_says_reaches_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaderconv.probe.target_core.clean_core", lambda _core: ("The data cache is on.",))
    outcome = invoke("run", "info", QSPI, "--probe", "emulated:cortex-m7", "--no-simulate", "--format", "json")
    assert outcome.stderr == "note: The data cache is on.\n"
    assert json.loads(outcome.stdout)["warnings"] == ["The data cache is on."]


def test_a_good_loader_passes_its_rehearsal() -> None:
    outcome = invoke("run", "info", QSPI, "--probe", "emulated:cortex-m7")
    assert (outcome.exit_code, outcome.stderr) == (0, "")


class Interrupting(NoProgress):
    """Ctrl-C, after some of the firmware was programmed."""

    def begin(self, phase: str, total_bytes: int) -> None:
        self.phase = phase

    def advance(self, done_bytes: int) -> None:
        if self.phase == "program":
            raise KeyboardInterrupt


def test_interrupt_names_what_is_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaderconv.cli.run.program.progress_bar", lambda: nullcontext(Interrupting()))
    memory, firmware = tmp_path / "memory.img", tmp_path / "fw.bin"
    firmware.write_bytes(FIRMWARE)
    outcome = invoke("run", "program", *LOADERS["stldr"], firmware, "--address", "0x90000000", *board(memory))
    assert outcome.exit_code == ExitCode.INTERRUPTED
    assert "note: 0x90000000..0x9000ffff may be erased or half programmed" in outcome.stderr
    assert "note: registers: r0 0x" in outcome.stderr
    assert "Nothing was left half written" not in outcome.stderr
    assert memory.read_bytes().startswith(FIRMWARE[:0x100]), "the board holds what was programmed so far"


def test_failure_names_place_registers_and_what_is_incomplete(tmp_path: Path) -> None:
    broken = behaviour.stldr(SectorErase=bytes.fromhex("00de"))(tmp_path)
    arguments = ("--probe", "emulated:cortex-m7", "--no-simulate", "--range", "0x90000000:4K")
    outcome = invoke("run", "erase", broken, *arguments)
    assert (outcome.exit_code, outcome.stdout) == (RUN_FAILED, "")
    error, hint, registers = outcome.stderr.splitlines()
    assert error.startswith("error: SectorErase ended by fault at 0x20000")
    assert "(SectorErase): in HardFault, undefined instruction (CFSR 0x00010000" in error
    assert "0x90000000..0x90000fff may be erased or half programmed" in error
    assert hint.startswith("hint: ")
    assert registers.startswith("note: registers: r0 0x")


REFUSED = {
    "no such core": (("info", QSPI, "--probe", "emulated:z80"), USAGE, "no emulated core"),
    "not a loader": (("info", FIXTURES / "demo.py", *STRICT_BOARD), UNREADABLE, ""),
    "nothing to erase": (("erase", QSPI, *STRICT_BOARD), USAGE, "Say what is to be erased"),
    "range and all": (("erase", QSPI, "--all", "--range", "0x90000000:4K", *STRICT_BOARD), USAGE, "Say what"),
    "range outside": (("erase", QSPI, "--range", "0x80000000:4K", *STRICT_BOARD), USAGE, "0x80000000"),
    "no address": (("program", QSPI, "fw.bin", *STRICT_BOARD), USAGE, "where it belongs"),
    "address without 0x": (("program", QSPI, "fw.bin", "--address", "90000000", *STRICT_BOARD), USAGE, "hexadecimal"),
    "image outside": (("program", QSPI, "fw.bin", "--address", "0x8ffffff0", *STRICT_BOARD), USAGE, "0x8ffffff0"),
    "image outside of range": (
        ("program", QSPI, "fw.bin", "--address", "0x90000000", "--range", "0x90001000:4K", *STRICT_BOARD),
        USAGE,
        "--range",
    ),
    "no image": (("program", QSPI, "none.bin", "--address", "0x90000000", *STRICT_BOARD), UNREADABLE, "none.bin"),
    "frequency": (("info", QSPI, "--frequency", "fast", *STRICT_BOARD), USAGE, "no frequency"),
    "ram too small": (("info", QSPI, "--ram", "0x20000000:1K", *STRICT_BOARD), RUN_FAILED, "RAM"),
    "memory of another size": (
        ("info", QSPI, "--no-simulate", "--probe", "emulated:cortex-m7:fw.bin"),
        UNREADABLE,
        "belongs to another memory",
    ),
    "nobody to ask": (("erase", QSPI, "--all", "--no-simulate"), USAGE, "--yes"),
    "verify nothing": (("verify", QSPI, "fw.bin", "--verify", "none", *STRICT_BOARD), USAGE, "nothing to do"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refusals(
    case: tuple[tuple[str | Path, ...], ExitCode, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, code, words = case
    monkeypatch.chdir(tmp_path)
    Path("fw.bin").write_bytes(b"firmware")
    outcome = invoke("run", *arguments)
    assert_failure(outcome, code)
    assert words in outcome.stderr


def test_chip_names_ram(tmp_path: Path) -> None:
    """What is asked for is a list, or RAM in which a loader lies; another chip's RAM is refused."""
    assert "stm32h743xx" in invoke("run", "info", QSPI, "--chip", "list").stdout
    outcome = invoke("run", "script", QSPI, "-o", tmp_path / "script.py", "--chip", "STM32H743")
    assert outcome.exit_code == 0, outcome.stderr
    assert "RAM = (0x24000000" in (tmp_path / "script.py").read_text("utf-8")


def test_no_probe_is_connected() -> None:
    """The machines that run the tests have none."""
    assert invoke("run", "list").stderr.startswith("note: No debug probe is connected")
    assert json.loads(invoke("run", "list", "--format", "json").stdout) == {"version": 1, "probes": []}
    outcome = invoke("run", "info", QSPI, "--no-simulate")
    assert_failure(outcome, USAGE)
    assert "No debug probe is connected" in outcome.stderr


def test_script_is_a_user_script(tmp_path: Path) -> None:
    script = tmp_path / "board's script.py"
    outcome = invoke("run", "script", QSPI, "-o", script, "--ram", "0x20000000:32K")
    assert outcome.exit_code == 0
    text = script.read_text("utf-8")
    assert "RAM = (0x20000000, 0x8000)" in text
    names: dict[str, object] = {"__file__": str(script)}
    exec(compile(text, script, "exec"), names)  # noqa: S102 - as pyOCD does
    assert callable(names["will_connect"])
    loader = names["LOADER"]
    assert isinstance(loader, Path)
    assert loader.resolve() == QSPI
    assert_failure(invoke("run", "script", QSPI, "-o", script), USAGE)


WITHOUT_PYOCD = """
import sys
sys.modules["pyocd"] = None
sys.modules["intelhex"] = None
from loaderconv.__main__ import main
sys.argv = ["loaderconv", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--help",), 0),
        (("run", "--help"), 0),
        (("run", "program", "--help"), 0),
        (("inspect", str(FIXTURES / "strict_flm.FLM")), 0),
        (("lint", str(FIXTURES / "strict_flm.FLM")), 0),
        (("flm-to-stldr", str(FIXTURES / "strict_flm.FLM"), "converted.stldr", "--dry-run"), 0),
        (("stldr-to-iar", str(FIXTURES / "strict_stldr.stldr"), "converted.board", "--dry-run"), 0),
        (("run", "info", str(QSPI), "--probe", "emulated:cortex-m7"), USAGE),
        (("run", "list"), USAGE),
    ],
    ids=["help", "run-help", "program-help", "inspect", "lint", "from-flm", "from-stldr", "run-info", "run-list"],
)
def test_without_pyocd(arguments: tuple[str, ...], code: int) -> None:
    outcome = run_code(WITHOUT_PYOCD, *arguments)
    assert outcome.exit_code == code, outcome.stderr
    assert ("pip install" in outcome.stderr) == (code == USAGE)
