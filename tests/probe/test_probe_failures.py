"""A probe that fails, or a target that is reset, at each call in turn: an error of ours, or nothing happened at all."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyocd.core.exceptions import (
    ProbeDisconnected,
    ProbeError,
    TransferError,
    TransferFaultError,
    TransferTimeoutError,
)

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv.probe.request import OpenRequest
from loaderconv.probe.session import open_target
from loaderconv.probe.stub_place import STUB_ROOM_BYTES
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed
from support.emulated_session import probe_on
from support.emulated_target import RAM
from support.fuzzing import EXAMPLES, fuzz_settings
from support.paths import FIXTURES
from support.strict import pattern

LOADER = read_loader_file(FIXTURES / "strict_flm.FLM").loader
HOST_RAM = AddressRange(start=RAM.start, size_bytes=RAM.size_bytes - STUB_ROOM_BYTES)
DATA = pattern(0x80)
PLACE = AddressRange(start=ARRAY_BASE, size_bytes=len(DATA))
WORDS = "injected"

FAILURES: dict[str, Callable[[], Exception]] = {
    "transfer error": lambda: TransferError(WORDS),
    "transfer fault": lambda: TransferFaultError(WORDS),
    "timeout": lambda: TransferTimeoutError(WORDS),
    "unplugged": lambda: ProbeDisconnected(WORDS),
    "probe error": lambda: ProbeError(WORDS),
    "error of the operating system": lambda: OSError(WORDS),
}


@dataclass
class Attempt:
    """A session that erases and programs."""

    at_call: Callable[[EmulatedProbe, int], None]
    was_told_done: bool = False

    def __post_init__(self) -> None:
        self.controller = StrictController()
        core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[self.controller])
        self.probe: EmulatedProbe = probe_on(
            core,
            CpuModel.CORTEX_M4,
            reset=self.controller.reset,
            before_call=lambda number: self.at_call(self.probe, number),
        )

    def run(self) -> "Attempt":
        request = OpenRequest(probe=self.probe, target="cortex_m", settling_s=0)
        with open_target(request) as connection:
            core = connection.take_core(HOST_RAM.end)
            before = self.probe.traffic.calls
            host = UVisionHost(core, LOADER, HOST_RAM)
            self.was_told_done = host.erase(PLACE).succeeded and host.program(ARRAY_BASE, DATA).succeeded
            self.calls_for_loader = range(before + 1, self.probe.traffic.calls + 1)
        return self

    def check(self) -> None:
        """Whoever was told that all is done finds it done."""
        assert self.controller.violations == []
        assert not self.was_told_done or self.controller.array[: len(DATA)] == DATA


SOUND = Attempt(lambda _probe, _number: None).run()
LAST = SOUND.probe.traffic.calls
NEEDED = SOUND.calls_for_loader
"""While it connects and resets, pyOCD tries some things again, and can do without others."""

CLOSING = 2
"""Calls that let the probe go; where they fail there is nobody left to be told."""

every_call = pytest.mark.parametrize("first", range(1, len(FAILURES) + 1))


def test_session_without_failures() -> None:
    SOUND.check()
    assert SOUND.was_told_done
    assert not SOUND.probe.is_open


def outcome_of(at_call: Callable[[EmulatedProbe, int], None]) -> RunFailed | None:
    """Return the failure of a session; None where it came to its end."""
    attempt = Attempt(at_call)
    problem: RunFailed | None = None
    try:
        attempt.run()
    except RunFailed as raised:
        problem = raised
    attempt.check()
    assert attempt.was_told_done or (problem is not None and problem.message.endswith(".") and problem.hint)
    return problem


def fails_at(place: int, failure: Callable[[], Exception]) -> Callable[[EmulatedProbe, int], None]:
    def fail(_probe: EmulatedProbe, number: int) -> None:
        if number == place:
            raise failure()

    return fail


def reset_at(place: int) -> Callable[[EmulatedProbe, int], None]:
    def reset(probe: EmulatedProbe, number: int) -> None:
        if number == place:
            probe.unit.reset()

    return reset


@every_call
def test_each_call_fails(first: int) -> None:
    """Once, with one kind of failure each."""
    kinds = list(FAILURES.values())
    for place in range(first, LAST - CLOSING + 1, len(kinds)):
        problem = outcome_of(fails_at(place, kinds[place // len(kinds) % len(kinds)]))
        assert problem is not None or place not in NEEDED, place


@settings(fuzz_settings, max_examples=EXAMPLES // 2)
@given(place=st.integers(1, LAST - CLOSING), failure=st.sampled_from(list(FAILURES.values())))
def test_any_call_fails_in_any_way(place: int, failure: Callable[[], Exception]) -> None:
    problem = outcome_of(fails_at(place, failure))
    if place in NEEDED:
        assert problem is not None
        assert WORDS in problem.message or "bus refused" in problem.message


@pytest.mark.parametrize("place", [1, 8, 30, 60, 90, 100, 120, LAST - CLOSING])
def test_probe_is_unplugged_for_good(place: int) -> None:
    """Each later call fails, too: what lets the target go as well."""

    def fail(_probe: EmulatedProbe, number: int) -> None:
        if number >= place:
            raise ProbeDisconnected(WORDS)

    problem = outcome_of(fail)
    assert (problem is None) == (place >= NEEDED.stop)


@pytest.mark.parametrize("first", range(4))
def test_target_is_reset_before_each_call_for_the_loader(first: int) -> None:
    """Harmless only where the results of the last routine are still to be read."""
    for place in NEEDED[first::4]:
        problem = outcome_of(reset_at(place))
        if place == NEEDED[-1]:
            assert problem is None
        else:
            assert problem is not None, place
            assert "the target was reset" in problem.message


@pytest.mark.parametrize("place", [1, 20, 40, 50, 70, NEEDED.stop, LAST])
def test_target_is_reset_while_we_connect_or_let_it_go(place: int) -> None:
    """Harmless in front of our own reset and at the end; else it shows when the loader is to run."""
    outcome_of(reset_at(place))


def test_target_is_held_in_reset() -> None:
    def hold(probe: EmulatedProbe, number: int) -> None:
        if number == NEEDED[30]:
            probe.unit.hold_in_reset()

    problem = outcome_of(hold)
    assert problem is not None
    assert "the target was reset" in problem.message
    assert "does not halt" in problem.message


@pytest.mark.parametrize("place", [1, 30, 60, 90, 100, 120, LAST - CLOSING])
def test_interrupt_comes_through(place: int) -> None:
    def interrupt(_probe: EmulatedProbe, number: int) -> None:
        if number == place:
            raise KeyboardInterrupt

    attempt = Attempt(interrupt)
    with pytest.raises(KeyboardInterrupt):
        attempt.run()
    assert not attempt.probe.is_open
