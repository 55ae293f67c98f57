"""Loaders with one fault each in what they do: how that shows when they run, and that good ones do not show it."""

from functools import cache

import pytest

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.call import Misbehaviour, RoutineMisbehaved
from loaderconv.hosts.core import Budget
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.simulation.rig import Rig, Wish, build_rig
from loaderconv.simulation.scenarios import ScenarioName
from loaderconv.simulation.simulate import simulate
from loaderconv.simulation.subject import Subject, read_subject
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.timeline import Timeline
from support.paths import FIXTURES

SECTOR = AddressRange(start=0x9000_0000, size_bytes=0x1000)
SYSTICK_CTRL, VTOR = 0xE000_E010, 0xE000_ED08
GOOD = ("qspi.stldr", "qspi.FLM", "qspi.flash")


@cache
def subject(name: str) -> Subject:
    return read_subject(FIXTURES / "quadspi" / name, SearchPaths(toolkit_dir=FIXTURES / "quadspi"))


def run(name: str, scenario: ScenarioName = ScenarioName.QUICK) -> Timeline:
    return simulate(subject(name), scenario, Wish(), strict_mmio=True)


def rig_with(name: str, wish: Wish | None = None) -> Rig:
    return build_rig(subject(name), wish or Wish())


def failed(timeline: Timeline) -> list[str]:
    return [f"{entry.operation}: {entry.observed}" for entry in timeline.entries if not entry.passed]


@pytest.mark.parametrize("name", GOOD)
def test_good_loaders_pass_the_full_scenario(name: str) -> None:
    timeline = run(name, ScenarioName.FULL)
    assert timeline.passed, [failed(timeline), timeline.violations, timeline.guesses]
    assert timeline.footprint is not None
    assert timeline.footprint.stray_writes == ()
    assert 0 < timeline.footprint.stack_bytes < 200


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("erases_beyond.stldr", "erase 0x90000000..0x90000fff: SectorErase returned 1"),
        ("erases_beyond.flash", "erase 0x90000000..0x90000fff: FlashEraseWriteEntry returned 0"),
        ("init_once.stldr", "erase 0x90000000..0x90000fff: Init returned 0"),
        ("init_once.FLM", "initialise: Init returned 1"),
        ("deep_stack.stldr", "program 256 bytes at 0x90000000: Write ended by fault"),
        ("clobbers_r4.stldr", "program 256 bytes at 0x90000000: Write returned with r4 = 0x00000000"),
        ("clobbers_r4.FLM", "program 256 bytes at 0x90000000: ProgramPage returned with r4 = 0x00000000"),
        ("link_address.FLM", "program 256 bytes at 0x90000000: ProgramPage ended by fault at 0x0000"),
    ],
)
def test_these_fail_the_quick_scenario(name: str, words: str) -> None:
    assert failed(run(name))[0].startswith(words)


@pytest.mark.parametrize("name", ["verify_cannot_fail.stldr", "verify_cannot_fail.FLM"])
def test_a_verify_that_cannot_fail_shows_in_the_full_scenario_alone(name: str) -> None:
    assert run(name).passed
    assert [each.split(":")[0] for each in failed(run(name, ScenarioName.FULL))] == [
        "verify with the first byte wrong",
        "verify with the last byte wrong",
        "verify with one bit in the middle wrong",
    ]


@pytest.mark.parametrize(("name", "is_right"), [("qspi.FLM", True), ("blank_check_says_blank.FLM", False)])
def test_a_blank_check_is_asked_about_a_sector_with_data(name: str, *, is_right: bool) -> None:
    rig = rig_with(name)
    assert isinstance(rig.host, UVisionHost)
    assert rig.machine.memory is not None
    assert rig.host.blank_check(SECTOR).succeeded
    rig.machine.memory.poke(SECTOR.size_bytes - 1, b"\0")
    assert rig.host.blank_check(SECTOR).succeeded is not is_right


def test_a_deep_stack_fills_all_that_is_there() -> None:
    footprint = run("deep_stack.flash").footprint
    assert footprint is not None
    assert footprint.stack_bytes == footprint.stack.size_bytes


@pytest.mark.parametrize("name", ["writes_outside.stldr", "writes_outside.FLM", "writes_outside.flash"])
def test_writes_through_a_null_pointer_are_stray(name: str) -> None:
    timeline = run(name)
    assert failed(timeline) == []
    assert timeline.footprint is not None
    stray = timeline.footprint.stray_writes
    assert stray
    assert all(0x40 <= each.start < each.end <= 0x4C for each in stray)


@pytest.mark.parametrize(("name", "moves"), [("qspi.stldr", False), ("sets_vtor.stldr", True)])
def test_one_moves_the_vectors_and_asks_for_interrupts(name: str, *, moves: bool) -> None:
    rig = rig_with(name)
    rig.host.start()
    vectors, control = (int.from_bytes(rig.core.read_memory(each, 4), "little") for each in (VTOR, SYSTICK_CTRL))
    assert (vectors != 0) is moves
    assert bool(control & 2) is moves


@pytest.mark.parametrize("suffix", ["stldr", "FLM", "flash"])
def test_only_one_waits_for_ever_for_a_memory_that_hangs(suffix: str) -> None:
    def erase_with_a_hanging_memory(stem: str) -> bool:
        rig = rig_with(f"{stem}.{suffix}", Wish(budget=Budget(instructions=4_000_000)))
        assert rig.machine.memory is not None
        rig.machine.memory.hang_next(FlashOperation.ERASE)
        return rig.host.erase(SECTOR).succeeded

    assert not erase_with_a_hanging_memory("qspi")
    with pytest.raises(RoutineMisbehaved) as caught:
        erase_with_a_hanging_memory("polls_forever")
    assert caught.value.misbehaviour is Misbehaviour.HUNG


def test_only_one_does_not_survive_an_erase_of_nothing() -> None:
    good, faulty = rig_with("qspi.flash").host, rig_with("smoke.flash").host
    assert isinstance(good, CSpyHost)
    assert isinstance(faulty, CSpyHost)
    assert good.erase_nothing().succeeded
    with pytest.raises(RoutineMisbehaved) as caught:
        faulty.erase_nothing()
    assert caught.value.misbehaviour is Misbehaviour.HUNG
