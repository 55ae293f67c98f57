"""How a command ends when it is interrupted, breaks, or nobody takes its report."""

import os
from pathlib import Path

import pytest

from loaderconv.cli import convert
from loaderconv.conversion.files import made
from loaderconv_schemas.errors import ExitCode
from support.command import COMMAND, assert_failure, invoke, run
from support.desk import NOT_WRITTEN, UNREADABLE, Desk, on_posix

needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


class TestEndings:
    """How a command ends when nothing of the above ended it."""

    def test_interrupt(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(convert, "convert_file", _interrupt)
        desk.fails(ExitCode.INTERRUPTED)

    def test_interrupt_while_writing(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        desk.output.write_bytes(b"precious")
        monkeypatch.setattr(made, "verify_program", _interrupt)
        desk.fails(ExitCode.INTERRUPTED, "--force")

    def test_internal_error(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(made, "link", _break)
        assert "ZeroDivisionError" in desk.fails(ExitCode.INTERNAL)

    def test_internal_error_while_writing(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(made, "verify_program", _break)
        desk.fails(ExitCode.INTERNAL)

    def test_internal_error_with_debug(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(made, "link", _break)
        outcome = invoke("--debug", COMMAND, desk.source, desk.output)
        assert outcome.exit_code == ExitCode.INTERNAL
        assert "Traceback" in outcome.stderr
        assert "ZeroDivisionError" in outcome.stderr
        assert outcome.stdout == ""

    def test_debug_does_not_outlive_its_command(self, desk: Desk) -> None:
        desk.source.write_bytes(b"")
        assert "Traceback" in invoke("--debug", COMMAND, desk.source, desk.output).stderr
        desk.fails(UNREADABLE)

    def test_error_of_several_lines_stays_in_one(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise ValueError("first line\nsecond line")

        monkeypatch.setattr(made, "link", fail)
        desk.fails(ExitCode.INTERNAL)

    def test_memory_runs_out(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise MemoryError

        monkeypatch.setattr(made, "write_elf", fail)
        desk.fails(ExitCode.INTERNAL)

    @on_posix
    @pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
    def test_reader_of_the_report_is_gone(self, desk: Desk, option: list[str]) -> None:
        """`loaderconv ... | head -0`: the conversion is done, and that nobody reads the report is no failure."""
        reading, writing = os.pipe()
        os.close(reading)
        try:
            outcome = run(COMMAND, desk.source, desk.output, *option, stdout=writing)
        finally:
            os.close(writing)
        assert "Traceback" not in outcome.stderr
        assert "Exception ignored" not in outcome.stderr
        assert outcome.exit_code == 0, outcome.stderr
        assert desk.output.is_file()

    @needs_full_device
    @pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
    def test_report_on_a_full_disk(self, desk: Desk, option: list[str]) -> None:
        """`loaderconv ... > report.txt` on a full disk is no defect of loaderconv."""
        with Path("/dev/full").open("wb") as full:
            outcome = run(COMMAND, desk.source, desk.output, *option, stdout=full.fileno())
        assert "Traceback" not in outcome.stderr
        assert "Exception ignored" not in outcome.stderr
        assert outcome.exit_code == NOT_WRITTEN, outcome.stderr

    @needs_full_device
    @pytest.mark.parametrize("word", ["--help", "--version"])
    def test_help_on_a_full_disk(self, word: str) -> None:
        with Path("/dev/full").open("wb") as full:
            assert_failure(run(word, stdout=full.fileno()), NOT_WRITTEN)

    @on_posix
    def test_standard_output_that_is_closed(self, desk: Desk) -> None:
        outcome = run("inspect", desk.source, before=lambda: os.close(1))
        assert_failure(outcome, NOT_WRITTEN)
        assert "closed" in outcome.stderr


def _interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _break(*_: object, **__: object) -> None:
    raise ZeroDivisionError("as asked")
