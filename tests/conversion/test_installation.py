"""An FLM that carries a loader which is bound to addresses: Init puts it there, or touches nothing."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.emulator.devices.system_control import SystemControl
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.flm_calls import FlmCalls
from support.matrix import IARS, STLDRS, Origin, SeenEverywhere, convert
from support.strict import pattern

RAM = AddressRange(start=0x1FFF_8000, size_bytes=0x1_0000)
RAMS = (
    RAM,
    AddressRange(start=0, size_bytes=0x1000),
    AddressRange(start=0x2020_0000, size_bytes=0x8000),
    AddressRange(start=0x2402_0000, size_bytes=0x1000),
    AddressRange(start=0x2100_0000, size_bytes=0x8000),
)
DATA = pattern(0x1000)

CCR, INVALIDATE_ALL, CLEAN_LINE = 0xE000_ED14, 0xE000_EF50, 0xE000_EF64
"""Configuration and control, ICIALLU and DCCMVAU (Armv7-M Architecture Reference Manual, B3.2)."""


def core_with(controller: StrictController) -> UnicornCore:
    return UnicornCore(CpuModel.CORTEX_M0, ram=RAMS, peripherals=[SeenEverywhere(controller)])


def assert_works(flm: FlmCalls, core: UnicornCore, controller: StrictController, buffer: int) -> None:
    """Erase and program the first small sector, and verify it."""
    core.write_memory(buffer, DATA)
    assert flm.call("Init", ARRAY_BASE, 0, 1) == 0
    assert flm.call("EraseSector", ARRAY_BASE) == 0
    assert flm.call("UnInit", 1) == 0
    assert flm.call("Init", ARRAY_BASE, 0, 2) == 0
    assert flm.call("ProgramPage", ARRAY_BASE, 0x1000, buffer) == 0
    assert flm.call("UnInit", 2) == 0
    assert core.read_memory(ARRAY_BASE, 0x1000) == DATA, "the device is readable after UnInit"
    assert flm.call("Init", ARRAY_BASE, 0, 3) == 0
    assert flm.call("Verify", ARRAY_BASE, 0x1000, buffer) == ARRAY_BASE + 0x1000
    assert controller.violations == []


@pytest.mark.parametrize(
    "base",
    [
        pytest.param(0x2000_0004, id="where probe-rs puts it, which is where the source belongs"),
        pytest.param(0x2000_0B00, id="right behind the source and its stack"),
        pytest.param(0x2000_3C04, id="at the end of RAM, as pyOCD does it"),
        pytest.param(0x2100_0004, id="in another RAM, 4 beside a multiple of 8"),
        pytest.param(0x2100_0AC0, id="elsewhere in another RAM"),
    ],
)
def test_the_flm_runs_wherever_the_source_s_place_is_free(base: int) -> None:
    controller = StrictController()
    core = core_with(controller)
    _, loader, _ = convert(STLDRS[0].source(), Flavour.FLM, page_size_bytes=256)
    flm = FlmCalls(core, loader, base, stack_top=0x2100_7000, return_address=0x2100_7800)
    assert_works(flm, core, controller, 0x2100_3000)


def test_what_is_in_its_place_already_is_not_moved() -> None:
    """Read and execute work although bytes and zeros of the source lie inside the FLM."""
    planned, _, _ = convert(STLDRS[0].source(), Flavour.FLM)
    first = planned.layout.installs[0]
    assert (first.source, first.to) == (0, 0x2000_0004)
    end = max(install.range.end for install in planned.layout.installs)
    assert planned.layout.shim.start >= end - first.to


@pytest.mark.parametrize(
    ("base", "stack_top", "return_address"),
    [
        pytest.param(0x1FFF_FA00, 0x2100_7000, 0x2100_7800, id="the shim lies where the source belongs"),
        pytest.param(0x1FFF_EE00, 0x2100_7000, 0x2100_7800, id="so does a part of its page buffer"),
        pytest.param(0x2100_0004, 0x2000_0404, 0x2100_7800, id="the stack is there"),
        pytest.param(0x2100_0004, 0x2000_0920, 0x2100_7800, id="the stack would grow into it"),
        pytest.param(0x2100_0004, 0x2000_0990, 0x2100_7800, id="the stack would just grow into it"),
        pytest.param(0x2100_0004, 0x2000_0020, 0x2100_7800, id="the stack begins right above"),
        pytest.param(0x2100_0004, 0x2100_7000, 0x2000_0010, id="the call returns there"),
    ],
)
def test_an_installation_that_would_destroy_something_is_refused_before_the_first_write(
    base: int, stack_top: int, return_address: int
) -> None:
    controller = StrictController()
    core = core_with(controller)
    _, loader, _ = convert(STLDRS[0].source(), Flavour.FLM)
    flm = FlmCalls(core, loader, base, stack_top=stack_top, return_address=return_address)
    below = stack_top - 256
    before = [core.read_memory(ram.start, ram.size_bytes) for ram in RAMS]
    assert flm.call("Init", ARRAY_BASE, 0, 1) == 1
    after = [core.read_memory(ram.start, ram.size_bytes) for ram in RAMS]
    for ram, old, new in zip(RAMS, before, after, strict=True):
        changed = [ram.start + index for index in range(len(old)) if old[index] != new[index]]
        assert all(below <= address < stack_top for address in changed)
    for routine in ("EraseSector", "ProgramPage", "EraseChip", "Verify", "BlankCheck"):
        answer = flm.call(routine, ARRAY_BASE, 256, 0x2100_3000)
        assert answer not in (0, ARRAY_BASE + 256), routine
    assert flm.call("UnInit", 1) == 0
    assert (controller.violations, bytes(controller.array)) == ([], b"\xff" * 0x1_0000)


@pytest.mark.parametrize("routine", ["ProgramPage", "Verify"])
@pytest.mark.parametrize("where", ["behind", "in front"])
def test_a_buffer_of_the_host_inside_the_source_ends_everything(routine: str, where: str) -> None:
    controller = StrictController()
    core = core_with(controller)
    planned, loader, _ = convert(STLDRS[0].source(), Flavour.FLM)
    flm = FlmCalls(core, loader, 0x2100_0000, stack_top=0x2100_7000, return_address=0x2100_7800)
    assert flm.call("Init", ARRAY_BASE, 0, 2) == 0
    end = planned.layout.installs[0].range.end
    buffer = {"behind": end - 4, "in front": 0x2000_0004 - 252}[where]
    core.write_memory(buffer, b"\xff" * 256)
    if routine == "ProgramPage":
        assert flm.call(routine, ARRAY_BASE, 256, buffer) == 1
    else:
        assert flm.call(routine, ARRAY_BASE, 256, buffer) != ARRAY_BASE + 256, "the device holds the same bytes"
    assert bytes(controller.array) == b"\xff" * 0x1_0000
    # The host has overwritten the source: no call may reach it any more.
    called: list[int] = []
    for address in planned.parts.routines.values():
        core.observe(address & ~1, lambda: called.append(1))
    assert flm.call("UnInit", 2) == 0
    assert flm.call("Init", ARRAY_BASE, 0, 1) == 1
    assert flm.call("EraseSector", ARRAY_BASE) == 1
    assert flm.call("ProgramPage", ARRAY_BASE, 256, 0x2100_3000) == 1
    assert called == []


@pytest.mark.parametrize("origin", [STLDRS[1], IARS[0], IARS[3]], ids=str)
def test_sparse_sources_are_installed_range_by_range(origin: Origin) -> None:
    """RAM around the ranges keeps what it held, also inside a span of 64 MB."""
    controller = StrictController()
    core = core_with(controller)
    planned, loader, _ = convert(origin.source(), Flavour.FLM)
    flm = FlmCalls(core, loader, 0x2100_0004, stack_top=0x2100_7000, return_address=0x2100_7800)
    ranges = [install.range for install in planned.layout.installs]
    others = [ram for ram in RAMS if ram.start != 0x2100_0000]
    before = {ram.start: core.read_memory(ram.start, ram.size_bytes) for ram in others}
    assert flm.call("Init", ARRAY_BASE, 0, 3) == 0
    for ram in others:
        now = core.read_memory(ram.start, ram.size_bytes)
        for index, (old, new) in enumerate(zip(before[ram.start], now, strict=True)):
            assert old == new or any(ram.start + index in each for each in ranges), hex(ram.start + index)
    for piece, _ in planned.layout.carried:
        code = core.read_memory(piece.address, len(piece.data))
        assert code == piece.data or not piece.executable


def test_the_source_is_installed_once() -> None:
    """A second Init must not bring back data that the source has changed, nor copy from where its first bytes were."""
    controller = StrictController()
    core = core_with(controller)
    _, loader, _ = convert(STLDRS[0].source(), Flavour.FLM)
    flm = FlmCalls(core, loader, 0x2100_0000, stack_top=0x2100_7000, return_address=0x2100_7800)
    assert flm.call("Init", ARRAY_BASE, 0, 1) == 0
    core.write_memory(0x2100_0000, bytes(64))
    assert flm.call("Init", ARRAY_BASE, 0, 2) == 0
    assert controller.violations == []


@pytest.mark.parametrize(("data", "instructions"), [(True, True), (True, False), (False, True), (False, False)])
def test_caches_that_are_on_are_maintained(monkeypatch: pytest.MonkeyPatch, data: bool, instructions: bool) -> None:
    """Each line of what was copied is cleaned, and instructions are fetched anew, before the source is called."""
    events: list[tuple[int, int]] = []
    original = SystemControl._write

    def recorded(self: SystemControl, offset: int, size_bytes: int, value: int) -> None:
        events.append((0xE000_0000 + offset, value))
        original(self, offset, size_bytes, value)

    monkeypatch.setattr(SystemControl, "_write", recorded)
    controller = StrictController()
    core = UnicornCore(CpuModel.CORTEX_M7, ram=RAMS, peripherals=[SeenEverywhere(controller)])
    core.write_memory(CCR, (data << 16 | instructions << 17).to_bytes(4, "little"))
    planned, loader, _ = convert(STLDRS[0].source(), Flavour.FLM)
    flm = FlmCalls(core, loader, 0x2100_0000, stack_top=0x2100_7000, return_address=0x2100_7800)
    events.clear()
    core.observe(planned.parts.routines["Init"] & ~1, lambda: events.append((0, 0)))
    assert flm.call("Init", ARRAY_BASE, 0, 1) == 0
    before_the_source = events[: events.index((0, 0))]
    lines = [
        line
        for install in planned.layout.installs
        if install.copy_bytes
        for line in range(install.to & -32, install.to + install.copy_bytes, 32)
    ]
    assert [value for register, value in before_the_source if register == CLEAN_LINE] == (lines if data else [])
    invalidations = [index for index, (register, _) in enumerate(before_the_source) if register == INVALIDATE_ALL]
    assert bool(invalidations) is instructions
    if data and instructions:
        assert invalidations[-1] > max(
            index for index, (register, _) in enumerate(before_the_source) if register == CLEAN_LINE
        )
