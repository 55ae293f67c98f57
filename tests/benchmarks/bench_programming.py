"""Programs 64 KiB over the emulated probe, by pyOCD's own way for FLMs and by ours, and counts what the probe moves.

The time is that of the emulator, which both share; on a board the transfers are what counts.
"""

import functools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaderconv.probe.traffic import Transfers
from support.peer_transfers import Target, by_pyocd, by_run, fresh_target
from support.strict import pattern

SIZE_BYTES = 0x1_0000

Way = Callable[[Target, Path], Transfers]

WAYS: dict[str, Way] = {
    "pyOCD": partial(by_pyocd, smart_flash=False),
    "pyOCD, smart flash": partial(by_pyocd, smart_flash=True),
    "ours": by_run,
}


@functools.cache
def moved(way: str, has_memory_commands: bool) -> Transfers:
    """Return what one session moves."""
    with TemporaryDirectory() as folder:
        return WAYS[way](fresh_target(has_memory_commands=has_memory_commands), firmware_in(Path(folder)))


def firmware_in(folder: Path) -> Path:
    path = folder / "firmware.bin"
    path.write_bytes(pattern(SIZE_BYTES))
    return path


@pytest.mark.parametrize("has_memory_commands", [True, False], ids=["memory-commands", "port-registers"])
@pytest.mark.parametrize("way", WAYS)
def test_64_kib(benchmark: BenchmarkFixture, tmp_path: Path, way: str, has_memory_commands: bool) -> None:
    firmware = firmware_in(tmp_path)
    counts = [moved(each, has_memory_commands) for each in WAYS]
    ours, mine = moved("ours", has_memory_commands), moved(way, has_memory_commands)
    assert ours.transfers == min(each.transfers for each in counts)
    assert ours.bytes == min(each.bytes for each in counts)

    def fresh() -> tuple[tuple[Target, Path], dict[str, object]]:
        return (fresh_target(has_memory_commands=has_memory_commands), firmware), {}

    benchmark.group = f"64 KiB, {'memory commands' if has_memory_commands else 'port registers'}"
    benchmark.name = f"{way}: {mine.transfers} transfers, {mine.bytes} bytes"
    assert benchmark.pedantic(WAYS[way], setup=fresh, rounds=3) == mine
