"""Ctrl-C at any moment: an end in order, and nothing half written."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loaderconv_formats.interrupts import interrupts_held
from loaderconv_formats.loader_file import read_loader_file
from support.paths import FIXTURES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process alone")

CRASHES = (-signal.SIGABRT, -signal.SIGSEGV) if sys.platform != "win32" else ()


@pytest.mark.parametrize("delay_ms", range(60, 420, 30))
def test_interrupt_leaves_a_whole_file_or_none(tmp_path: Path, delay_ms: int) -> None:
    output = tmp_path / "out.stldr"
    command = [sys.executable, "-m", "loaderconv", "flm-to-stldr", str(FIXTURES / "strict_flm.FLM"), str(output)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(delay_ms / 1000)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode not in CRASHES, errors
    assert "terminate called" not in errors
    assert {path.name for path in tmp_path.iterdir()} <= {"out.stldr"}
    if output.exists():
        assert read_loader_file(output).loader.device.name == "out"


def test_interrupt_is_held_and_then_delivered() -> None:
    reached = False
    with pytest.raises(KeyboardInterrupt), interrupts_held():  # noqa: PT012 - that it goes on is the point
        signal.raise_signal(signal.SIGINT)
        reached = True
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
