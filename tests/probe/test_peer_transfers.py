"""Programming 64 KiB over a probe needs no more transfers and bytes than pyOCD's own way does."""

from pathlib import Path

from support.peer_transfers import by_pyocd, by_run, fresh_target
from support.strict import pattern


def test_needs_no_more_than_pyocd(tmp_path: Path) -> None:
    """Through memory commands, where we are ahead by less (benchmarks/bench_programming.py has both)."""
    firmware = tmp_path / "firmware.bin"
    firmware.write_bytes(pattern(0x1_0000))
    theirs = by_pyocd(fresh_target(has_memory_commands=True), firmware, smart_flash=False)
    ours = by_run(fresh_target(has_memory_commands=True), firmware)
    assert 2 * ours.transfers <= theirs.transfers
    assert ours.bytes <= theirs.bytes
