"""What a child process may do, and what its parent hears of it."""

import os
import signal
import sys
import time

import pytest

from loaderconv.emulator.contained import run_contained
from loaderconv.hosts.call import Misbehaviour, RoutineMisbehaved
from loaderconv_schemas.errors import RunFailed, UsageProblem

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit or signal")


def doubled(number: int) -> int:
    print("noise")
    os.write(1, b"more noise\n")
    return 2 * number


def misbehaving() -> None:
    raise RoutineMisbehaved("Init hung.", routine="Init", misbehaviour=Misbehaviour.HUNG, pc=4)


def refusing() -> None:
    raise UsageProblem("no", hint="yes")


def crashing() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hanging() -> None:
    while True:
        time.sleep(0.01)


def greedy() -> int:
    return len(bytearray(64 << 30))


def writing(path: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123
        file.write("x" * 100_000)


def wrong() -> None:
    raise KeyError("x")


def test_result_comes_back_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_contained(doubled, 21, wall_clock_s=30) == 42
    assert capfd.readouterr() == ("", "")


def test_errors_come_back_whole() -> None:
    with pytest.raises(RoutineMisbehaved, match="Init hung") as caught:
        run_contained(misbehaving, wall_clock_s=30)
    assert (caught.value.routine, caught.value.misbehaviour, caught.value.pc) == ("Init", Misbehaviour.HUNG, 4)
    with pytest.raises(UsageProblem) as usage:
        run_contained(refusing, wall_clock_s=30)
    assert (usage.value.message, usage.value.hint) == ("no", "yes")
    with pytest.raises(RuntimeError, match="KeyError"):
        run_contained(wrong, wall_clock_s=30)


def test_child_that_hangs_is_ended() -> None:
    with pytest.raises(RunFailed, match="took more than"):
        run_contained(hanging, wall_clock_s=0.2)


@on_linux
def test_child_that_crashes_is_told() -> None:
    with pytest.raises(RunFailed, match="SIGSEGV"):
        run_contained(crashing, wall_clock_s=30)


@on_linux
def test_child_cannot_take_all_memory() -> None:
    with pytest.raises(RunFailed, match="more memory"):
        run_contained(greedy, wall_clock_s=30)


@on_linux
def test_child_cannot_write_files(tmp_path: os.PathLike[str]) -> None:
    target = os.path.join(tmp_path, "file")  # noqa: PTH118
    with pytest.raises((RunFailed, RuntimeError)):
        run_contained(writing, target, wall_clock_s=30)
    assert not os.path.exists(target) or os.path.getsize(target) == 0  # noqa: PTH110, PTH202
