"""`loaderconv simulate`, `prove` and `--verify prove` on the command line."""

import json
from pathlib import Path

import pytest

from support.command import assert_failure, invoke
from support.desk import USAGE
from support.inspecting import BOARD, FLM, STLDR
from support.paths import FIXTURES

STRICT = ("--machine", "strict-nor")
RUN_FAILED, UNREADABLE = 5, 3


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("converted") / "strict.stldr"
    outcome = invoke("flm-to-stldr", FLM, output, "--verify", "prove", *STRICT)
    assert outcome.exit_code == 0, outcome.stderr
    assert "It behaves as its source in the model" in outcome.stdout
    return output


def test_simulate_tells_what_happened() -> None:
    outcome = invoke("simulate", STLDR, *STRICT)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert "STM32CubeProgrammer" in outcome.stdout
    assert "sector erase 0x000000" in outcome.stdout
    assert outcome.stdout.endswith("passed\n")


def test_simulate_of_a_pass_as_json() -> None:
    toolkit = ("--toolkit-dir", FIXTURES / "iar")
    outcome = invoke("simulate", BOARD, "--pass", "2", "--scenario", "full", *toolkit, *STRICT, "--format", "json")
    document = json.loads(outcome.stdout)
    assert outcome.exit_code == 0
    assert document["passed"]
    assert (document["host"], document["scenario"]) == ("C-SPY", "full")
    assert_failure(invoke("simulate", BOARD, *toolkit, *STRICT), USAGE)


def test_trace_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    assert invoke("simulate", FLM, *STRICT, "--trace", trace).exit_code == 0
    events = [json.loads(line) for line in trace.read_text("utf-8").splitlines()]
    assert events[0]["event"] == "operation"
    assert {event["event"] for event in events} == {"operation", "call", "read", "write", "command"}
    assert_failure(invoke("simulate", FLM, *STRICT, "--trace", FLM), USAGE)
    assert_failure(invoke("simulate", FLM, *STRICT, "--trace", tmp_path / "none" / "trace.jsonl"), USAGE)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), USAGE, "No loader is named"),
        ((FLM, "--machine", "toaster"), USAGE, "toaster"),
        ((STLDR, *STRICT, "--start", "qpi"), USAGE, "cannot be in the condition qpi"),
        ((FLM, *STRICT, "--ram", "0x20000000:1K"), RUN_FAILED, "bytes of RAM"),
        ((FLM, *STRICT, "--cpu", "cortex-a9"), USAGE, "cortex-a9"),
        (("missing.FLM", *STRICT), UNREADABLE, "missing.FLM"),
    ],
)
def test_simulate_refuses(arguments: tuple[str | Path, ...], code: int, words: str) -> None:
    outcome = invoke("simulate", *arguments)
    assert outcome.exit_code == code
    assert words in outcome.stderr
    assert outcome.stdout == ""


def test_machines_are_listed() -> None:
    outcome = invoke("simulate", "--machine", "list")
    assert outcome.exit_code == 0
    assert "strict-nor" in outcome.stdout
    assert "second-session" in outcome.stdout


def test_prove_of_a_conversion(converted: Path) -> None:
    outcome = invoke("prove", FLM, converted, *STRICT)
    assert outcome.exit_code == 0, outcome.stdout
    assert outcome.stdout.endswith("strict.stldr behaves as its source in the model.\n")
    assert "not compared:" in outcome.stdout
    document = json.loads(invoke("prove", FLM, converted, *STRICT, "--format", "json").stdout)
    assert document["equal"]
    assert document["differences"] == []


def test_prove_of_a_conversion_that_does_something_else(converted: Path, tmp_path: Path) -> None:
    data = converted.read_bytes()
    key = (0x5AFE_10AD).to_bytes(4, "little")
    assert data.count(key) == 1
    other = tmp_path / "other.stldr"
    other.write_bytes(data.replace(key, (0x5AFE_10AC).to_bytes(4, "little")))
    outcome = invoke("prove", FLM, other, *STRICT)
    assert outcome.exit_code == RUN_FAILED
    assert "DIFFERENT accesses" in outcome.stdout
    assert "does NOT behave as its source" in outcome.stdout


def test_prove_of_strangers() -> None:
    outcome = invoke("prove", FLM, STLDR, *STRICT)
    assert_failure(outcome, RUN_FAILED)
    assert "does not hold the code" in outcome.stderr


def test_conversion_that_no_machine_can_prove_is_not_written(tmp_path: Path) -> None:
    output = tmp_path / "x.stldr"
    outcome = invoke("flm-to-stldr", FLM, output, "--verify", "prove", "--machine", "toaster")
    assert_failure(outcome, USAGE)
    assert list(tmp_path.iterdir()) == []
