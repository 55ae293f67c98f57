"""Our own loaders in the emulator, and what a run tells of those that do something wrong."""

import json
from dataclasses import replace

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.start_condition import StartCondition
from loaderconv.simulation.job import SimulationJob, simulate_file
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.scenarios import ScenarioName
from loaderconv.simulation.simulate import simulate
from loaderconv.simulation.subject import Subject, read_subject
from loaderconv.simulation.trace import Trace
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed, UsageProblem
from loaderconv_schemas.timeline import Timeline
from support.paths import FIXTURES

STRICT = "iar/config/flashloader/Strict"
LOADERS = (
    ("strict_flm.FLM", None),
    ("strict_flm_no_chip.FLM", None),
    ("strict_flm_odd_page.FLM", None),
    ("strict_flm_onchip.FLM", None),
    ("strict_stldr.stldr", None),
    ("strict_stldr_sparse.stldr", None),
    (f"{STRICT}/strict_iar.board", 1),
    (f"{STRICT}/strict_iar.board", 2),
    (f"{STRICT}/strict_iar_relocatable.board", None),
    (f"{STRICT}/strict_iar_far.board", None),
)


def subject(name: str, pass_number: int | None = None) -> Subject:
    return read_subject(FIXTURES / name, SearchPaths(toolkit_dir=FIXTURES / "iar"), pass_number)


def run(
    loader: Subject, scenario: ScenarioName = ScenarioName.QUICK, trace: Trace | None = None, **wish: object
) -> Timeline:
    return simulate(loader, scenario, Wish(machine="strict-nor", **wish), trace=trace)  # type: ignore[arg-type]


def failed(timeline: Timeline) -> list[str]:
    return [f"{entry.operation}: {entry.observed}" for entry in timeline.entries if not entry.passed]


@pytest.mark.parametrize(("name", "pass_number"), LOADERS)
@pytest.mark.parametrize("scenario", ScenarioName)
def test_good_loaders_pass(name: str, pass_number: int | None, scenario: ScenarioName) -> None:
    timeline = run(subject(name, pass_number), scenario)
    assert failed(timeline) == []
    assert timeline.passed
    assert timeline.footprint is not None
    assert timeline.footprint.stray_writes == ()
    assert 0 < timeline.footprint.stack_bytes < 512
    assert len(timeline.entries) >= (3 if scenario is ScenarioName.QUICK else 15)


@pytest.mark.parametrize("cpu", CpuModel)
def test_every_core(cpu: CpuModel) -> None:
    assert run(subject("strict_stldr.stldr"), cpu=cpu).passed


def test_second_session_begins_without_a_reset() -> None:
    timeline = run(subject("strict_stldr.stldr"), start=StartCondition.SECOND_SESSION)
    assert [entry.operation for entry in timeline.entries][:2] == ["a whole session", "initialise"]
    assert timeline.passed


def test_timeline_says_what_the_memory_was_told() -> None:
    timeline = run(subject("strict_stldr.stldr"))
    told = {entry.operation: entry.commands for entry in timeline.entries}
    assert told["erase 0x90000000..0x90000fff"] == ("sector erase 0x000000",)
    assert told["program 256 bytes at 0x90000000"] == ("page program 0x000000, 256 bytes",)


def patched(loader: Subject, symbol: str, code: bytes) -> Subject:
    """Return a loader one of whose routines begins with other code."""
    entry = next(entry for entry in loader.loader.entry_points if entry.symbol == symbol)

    def changed(address: int, data: bytes) -> bytes:
        at = entry.address - address
        return data[:at] + code + data[at + len(code) :] if 0 <= at < len(data) else data

    segments = tuple(
        segment.model_copy(update={"data": changed(segment.address, segment.data)})
        for segment in loader.loader.segments
    )
    return replace(loader, loader=loader.loader.model_copy(update={"segments": segments}))


RETURNS_1 = bytes.fromhex("01207047")
RETURNS_0 = bytes.fromhex("00207047")


@pytest.mark.parametrize(
    ("symbol", "code", "operation", "words"),
    [
        ("Init", bytes.fromhex("fee7"), "initialise", "Init ended by budget exhausted"),
        ("Write", bytes.fromhex("0020006840f20000"), "program 256 bytes at 0x90000000", "(Write"),
        ("SectorErase", bytes.fromhex("00de"), "erase 0x90000000..0x90000fff", "undefined instruction 0xde00"),
        ("Write", bytes.fromhex("04247047"), "program 256 bytes at 0x90000000", "returned with r4 = 0x00000004"),
    ],
)
def test_loader_that_does_not_come_back_is_explained(symbol: str, code: bytes, operation: str, words: str) -> None:
    timeline = run(patched(subject("strict_stldr.stldr"), symbol, code))
    assert timeline.ended_early is not None
    assert words in timeline.ended_early
    assert failed(timeline) == [f"{operation}: {timeline.ended_early}"]
    assert not timeline.passed


def test_routines_that_only_say_that_they_worked_are_found() -> None:
    loader = subject("strict_stldr.stldr")
    assert "erase 0x90000000..0x90000fff: SectorErase returned 1" in failed(
        run(patched(loader, "SectorErase", RETURNS_1))
    )
    assert "program 256 bytes at 0x90000000: Write returned 1" in failed(run(patched(loader, "Write", RETURNS_1)))
    verify_lies = failed(run(patched(loader, "Verify", bytes.fromhex("002000217047")), ScenarioName.FULL))
    assert [each.split(":")[0] for each in verify_lies] == [
        "verify with the first byte wrong",
        "verify with the last byte wrong",
        "verify with one bit in the middle wrong",
    ]


def test_failures_that_the_loader_hides_are_found() -> None:
    timeline = run(subject("strict_stldr.stldr"), ScenarioName.FULL)
    injected = [entry for entry in timeline.entries if "while the memory fails" in entry.operation]
    assert [entry.expected for entry in injected] == ["failure", "failure"]
    assert [entry.observed for entry in injected] == ["SectorErase returned 0", "Write returned 0"]


def test_trace_has_every_event_in_order() -> None:
    trace = Trace()
    run(subject("strict_flm.FLM"), trace=trace)
    events = [json.loads(line) for line in trace.lines()]
    assert [event["number"] for event in events] == list(range(len(events)))
    operations = [event["operation"] for event in events if event["event"] == "operation"]
    assert operations[:2] == ["initialise", "erase 0x90000000..0x90000fff"]
    calls = [event["routine"] for event in events if event["event"] == "call"]
    assert calls[:2] == ["Init", "UnInit"]
    assert "EraseSector" in calls
    key = next(event for event in events if event["event"] == "write")
    assert key["address"] == "0x40022000"
    assert key["value"] == "0x5afe10ad"
    assert [event["command"] for event in events if event["event"] == "command"] == [
        "sector erase 0x000000",
        "page program 0x000000, 256 bytes",
    ]


def test_three_processes_give_the_same_trace() -> None:
    job = SimulationJob(
        FIXTURES / "quadspi" / "qspi.stldr", ScenarioName.FULL, Wish(start=StartCondition.BUSY), wants_trace=True
    )
    (first_run, first), *others = (simulate_file(job) for _ in range(3))
    assert len(first) > 1000
    assert [run for run, _ in others] == [first_run, first_run]
    assert [trace for _, trace in others] == [first, first]


def test_machine_that_cannot_be_in_a_condition() -> None:
    with pytest.raises(UsageProblem, match="strict-nor cannot be in the condition qpi") as problem:
        run(subject("strict_stldr.stldr"), start=StartCondition.QPI)
    assert "reset, second-session" in problem.value.hint


def test_loader_without_enough_ram_is_refused() -> None:
    with pytest.raises(RunFailed, match="bytes of RAM"):
        run(subject("strict_flm.FLM"), ram=AddressRange(start=0x2000_0000, size_bytes=0x400))
