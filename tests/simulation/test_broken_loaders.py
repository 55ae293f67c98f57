"""Twenty and more ways to be broken: each ends with a reason, and none takes the emulator along."""

from dataclasses import replace

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.scenarios import ScenarioName
from loaderconv.simulation.simulate import simulate
from loaderconv.simulation.subject import Subject, read_subject
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.timeline import Timeline
from support.paths import FIXTURES

CONTROLLER = 0x4002_2004


def words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)


def code(*halfwords: int) -> bytes:
    return b"".join(halfword.to_bytes(2, "little") for halfword in halfwords)


BROKEN = {
    "polls a register for ever": (
        code(0x4902, 0x680A, 0xE7FD, 0xBF00, 0xBF00, 0xBF00) + words(CONTROLLER),
        "still running",
    ),
    "branches to itself": (code(0xE7FE), "branch to itself"),
    "loops for ever": (code(0x3001, 0xE7FD), "still running"),
    "recurses for ever": (code(0xB500, 0xF7FF, 0xFFFD, 0xBD00), "unmapped"),
    "writes where nothing is": (
        code(0x4901, 0x6008, 0x4770, 0xBF00) + words(0x7000_0000),
        "write to unmapped 0x70000000",
    ),
    "writes to address 4": (code(0x2104, 0x6008, 0x2001, 0x4770), "write to unmapped 0x00000004"),
    "reads where nothing is": (
        code(0x4901, 0x6808, 0x4770, 0xBF00) + words(0x7000_0000),
        "read from unmapped 0x70000000",
    ),
    "jumps to nowhere": (code(0x4901, 0x4708, 0xBF00, 0xBF00) + words(0x7000_0001), "instruction fetch"),
    "jumps without the Thumb bit": (code(0x4901, 0x4708, 0xBF00, 0xBF00) + words(0x2000_0100), "without the Thumb bit"),
    "is undefined": (code(0xDE00), "undefined instruction 0xde00"),
    "divides on a Cortex-M0": (code(0xFB90, 0xF0F1, 0x4770), "undefined instruction 0xfb90f0f1 on cortex-m0"),
    "reads an unaligned word": (code(0x2101, 0x4478, 0x4679, 0x3101, 0x6808), "unaligned access"),
    "calls a supervisor": (code(0xDF01), "supervisor call"),
    "stops at a breakpoint of its own": (code(0xBE01), "breakpoint instruction"),
    "returns from an exception": (code(0x2006, 0x43C0, 0x4700), "exception return value 0xfffffff"),
    "resets the system": (
        code(0x4902, 0x4A03, 0x600A, 0x4770, 0xBF00, 0xBF00) + words(0xE000_ED0C, 0x05FA_0004),
        "system reset requested",
    ),
    "overwrites the host's breakpoint": (code(0x4671, 0x3901, 0x2200, 0x600A, 0x4770), "ended by"),
    "moves the stack": (code(0xB082, 0x2001, 0x4770), "returned with sp"),
    "changes a register": (code(0x2404, 0x2001, 0x4770), "returned with r4"),
    "sleeps for ever": (code(0xBF30, 0xE7FD), "still running"),
    "waits for an event for ever": (code(0xBF20, 0xE7FD), "still running"),
    "runs into what was never loaded": (
        code(0x4901, 0x4708, 0xBF00, 0xBF00) + words(0x2000_8001),
        "RAM that nothing was loaded to",
    ),
    "fills all memory": (code(0x4669, 0x6008, 0x3104, 0xE7FC), "write to unmapped"),
}
"""By what it does: the code of Write, and words of the reason."""


def with_write(replacement: bytes) -> Subject:
    """Return our stldr with another Write."""
    loader = read_subject(FIXTURES / "strict_stldr.stldr", SearchPaths())
    entry = next(entry for entry in loader.loader.entry_points if entry.symbol == "Write")
    segments = []
    for segment in loader.loader.segments:
        at = entry.address - segment.address
        data = segment.data
        if 0 <= at < len(data):
            data = data[:at] + replacement + data[at + len(replacement) :]
        segments.append(segment.model_copy(update={"data": data}))
    return replace(loader, loader=loader.loader.model_copy(update={"segments": tuple(segments)}))


def run(loader: Subject, cpu: CpuModel = CpuModel.CORTEX_M0) -> Timeline:
    return simulate(loader, ScenarioName.QUICK, Wish(machine="strict-nor", cpu=cpu))


@pytest.mark.parametrize(("replacement", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken_loader_ends_with_a_reason(replacement: bytes, reason: str) -> None:
    timeline = run(with_write(replacement))
    assert timeline.ended_early is not None
    assert reason in timeline.ended_early
    assert "Write" in timeline.ended_early
    last = timeline.entries[-1]
    assert (last.operation, last.passed) == ("program 256 bytes at 0x90000000", False)


def test_floating_point_without_the_fpu() -> None:
    timeline = run(with_write(code(0xEE30, 0x0A00, 0x2001, 0x4770)), CpuModel.CORTEX_M4)  # vadd.f32 s0, s0, s0
    assert "floating point used while CPACR leaves the FPU off" in (timeline.ended_early or "")


@pytest.mark.parametrize("answer", [0, 2, 0x7F])
def test_garbage_for_an_answer_is_a_failure(answer: int) -> None:
    timeline = run(with_write(code(0x2000 | answer, 0x4770)))
    assert timeline.ended_early is None
    failed = [entry.observed for entry in timeline.entries if not entry.passed]
    assert failed[0] == f"Write returned {answer}"


def test_code_that_changes_itself_runs_as_it_is_then() -> None:
    # adr r1, there; ldr r2, =movs r0, #1; strh r2, [r1]; isb; there: movs r0, #0; bx lr
    timeline = run(with_write(code(0xA102, 0x4A03, 0x800A, 0xBF00, 0xF3BF, 0x8F6F, 0x2000, 0x4770) + words(0x2001)))
    assert timeline.ended_early is None
    assert timeline.entries[2].observed == "Write returned 1"


# movs r2, #1; lsls r2, r2, #10; mov r1, sp; subs r1, r1, r2; adds r1, #offset; str r2, [r1]; movs r0, #1; bx lr
AT_THE_STACKS_END = {"data that no file counts": (0, False), "more than that": (0x80, True)}


@pytest.mark.parametrize(("offset", "counts"), AT_THE_STACKS_END.values(), ids=AT_THE_STACKS_END)
def test_data_right_behind_the_image_are_no_stack(offset: int, counts: bool) -> None:
    last = code(0x2201, 0x0292, 0x4669, 0x1A89, 0x3100 | offset, 0x600A, 0x2001, 0x4770)
    first = code(0x2201, 0x0292, 0x4669, 0x1A89, 0x600A, 0x3100 | offset, 0x600A, 0x2001, 0x4770)
    for replacement, is_full in ((first, counts), (last, False)):
        footprint = run(with_write(replacement)).footprint
        assert footprint is not None
        assert (footprint.stack_bytes == footprint.stack.size_bytes) is is_full
