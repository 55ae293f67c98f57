"""`loaderconv inspect`: what it says of the files that are named, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loaderconv.inspection import job
from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure, run
from support.desk import FIXTURE, UNREADABLE, USAGE, on_posix
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.inspecting import BOARD, COMMAND, FLASH, FLM, OUT, STLDR, as_json, inspect, names, put
from support.paths import FIXTURES


class TestOneFile:
    @pytest.mark.parametrize(
        ("path", "kind", "code"),
        [
            (FLM, "a Keil flash algorithm (.FLM)", "flm"),
            (STLDR, "an STM32Cube external loader (.stldr)", "stldr"),
            (BOARD, "an IAR board description (.board)", "iar_board"),
            (FLASH, "an IAR flash description (.flash)", "iar_flash"),
            (OUT, "an IAR flash loader (.out)", "iar_executable"),
        ],
        ids=lambda value: getattr(value, "suffix", ""),
    )
    def test_every_kind(self, path: Path, kind: str, code: str) -> None:
        outcome = inspect(path)
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        assert outcome.stdout.splitlines()[0] == f"{path}: {kind}"
        _, document = as_json(path)
        assert [(each["path"], each["kind"]) for each in document["files"]] == [(str(path), code)]

    def test_suffix_does_not_matter(self, tmp_path: Path) -> None:
        put(tmp_path, loader__txt=FIXTURE)
        assert "a Keil flash algorithm (.FLM)" in inspect(tmp_path / "loader.txt").stdout

    @pytest.mark.parametrize(
        "contents",
        [b"", b"text", b"<html/>", b"\x7fELF", FIXTURE[:500], build(FlmRecipe(has_symtab=False))],
        ids=["empty", "text", "html", "magic", "truncated", "stripped"],
    )
    def test_unreadable_file_fails_as_in_other_commands(self, tmp_path: Path, contents: bytes) -> None:
        put(tmp_path, in__FLM=contents)
        outcome = inspect(tmp_path / "in.FLM")
        assert_failure(outcome, UNREADABLE)
        assert outcome.stderr.count("in.FLM") == 1
        exit_code, document = as_json(tmp_path / "in.FLM")
        assert (exit_code, document["files"]) == (UNREADABLE, [])
        assert [each["path"] for each in document["unread"]] == [str(tmp_path / "in.FLM")]

    def test_missing_file_as_a_user_meets_it(self, tmp_path: Path) -> None:
        outcome = run(COMMAND, tmp_path / "gone.FLM")
        assert_failure(outcome, UNREADABLE)
        assert "gone.FLM" in outcome.stderr

    def test_name_longer_than_any_file_system_takes(self, tmp_path: Path) -> None:
        assert_failure(inspect(tmp_path / ("n" * 5000)), UNREADABLE)

    @on_posix
    def test_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "in.FLM").symlink_to(tmp_path / "in.FLM")
        assert_failure(inspect(tmp_path / "in.FLM"), UNREADABLE)

    @on_posix
    def test_pipe_without_a_writer(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "in.FLM")
        assert_failure(run(COMMAND, tmp_path / "in.FLM"), UNREADABLE)

    @pytest.mark.parametrize("name", ["[red]in[bold].FLM", "a b [rw].FLM", "é日.FLM"])
    def test_names_come_out_unharmed(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(FIXTURE)
        assert inspect(tmp_path / name).stdout.startswith(f"{tmp_path / name}: a Keil")
        assert names(as_json(tmp_path / name)[1]) == [name]


class TestSeveralFiles:
    def test_order_is_that_of_the_arguments(self) -> None:
        exit_code, document = as_json(STLDR, FLM, BOARD)
        assert exit_code == 0
        assert names(document) == ["strict_stldr.stldr", "strict_flm.FLM", "strict_iar.board"]

    def test_good_files_are_reported_though_others_fail(self, tmp_path: Path) -> None:
        put(tmp_path, bad__FLM=b"text")
        outcome = inspect(tmp_path / "bad.FLM", FLM, tmp_path / "gone.FLM")
        assert outcome.exit_code == UNREADABLE
        assert outcome.stdout.startswith(f"{FLM}: a Keil")
        lines = outcome.stderr.splitlines()
        assert [line.partition(": ")[0] for line in lines] == ["error", "hint"] * 2
        assert "bad.FLM" in lines[0]
        assert "gone.FLM" in lines[2]

    def test_failures_in_json(self, tmp_path: Path) -> None:
        put(tmp_path, bad__FLM=b"text")
        exit_code, document = as_json(tmp_path / "bad.FLM", FLM)
        assert exit_code == UNREADABLE
        assert names(document) == ["strict_flm.FLM"]
        (unread,) = document["unread"]
        assert unread["path"] == str(tmp_path / "bad.FLM")
        assert unread["exit_code"] == UNREADABLE
        assert unread["message"]
        assert unread["hint"]

    def test_nothing_but_failures(self, tmp_path: Path) -> None:
        outcome = inspect(tmp_path / "one.FLM", tmp_path / "two.FLM")
        assert (outcome.exit_code, outcome.stdout) == (UNREADABLE, "")
        assert outcome.stderr.count("error: ") == 2

    def test_a_file_named_twice_is_reported_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(FIXTURES)
        assert names(as_json("strict_flm.FLM", FLM, FIXTURES / "iar" / ".." / "strict_flm.FLM")[1]) == [
            "strict_flm.FLM"
        ]

    def test_what_belongs_to_a_board_is_reported_where_it_is_named(self) -> None:
        assert names(as_json(OUT, BOARD)[1]) == ["strict_iar.out", "strict_iar.board"]

    def test_ctrl_c(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(job, "inspect_file", interrupt)
        assert_failure(inspect(FLM, STLDR), ExitCode.INTERRUPTED)


class TestOutput:
    def test_json_is_ascii_in_every_code_page(self, tmp_path: Path) -> None:
        (tmp_path / "é😀日.FLM").write_bytes(FIXTURE)
        outcome = run(COMMAND, tmp_path, "--format", "json", env={"PYTHONIOENCODING": "cp1252", "FORCE_COLOR": "1"})
        assert outcome.stdout.isascii()
        assert "\x1b" not in outcome.stdout
        assert names(json.loads(outcome.stdout)) == ["é😀日.FLM"]

    @pytest.mark.parametrize(
        ("encoding", "has_blocks"), [("utf-8", True), ("cp1252", False), ("ascii", False), ("cp437", False)]
    )
    def test_bars_fit_the_encoding(self, encoding: str, has_blocks: bool) -> None:
        outcome = run(COMMAND, FLM, env={"PYTHONIOENCODING": encoding})
        assert outcome.exit_code == 0
        assert ("\u2588" in outcome.stdout) is has_blocks
        assert ("####" in outcome.stdout) is not has_blocks
        assert "\\u" not in outcome.stdout

    def test_no_colours_in_pipes(self) -> None:
        assert "\x1b" not in run(COMMAND, FLM).stdout
        assert "\x1b" not in run(COMMAND, FLM, env={"TERM": "xterm-256color", "COLORTERM": "truecolor"}).stdout

    def test_colours_in_pipes_where_they_are_forced(self) -> None:
        coloured = run(COMMAND, FLM, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"}).stdout
        assert "\x1b[36m" in coloured

    def test_no_color_wins_over_forcing(self) -> None:
        text = run(COMMAND, FLM, env={"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm-256color"}).stdout
        assert not any(f"\x1b[{colour}m" in text for colour in range(30, 38))

    def test_forced_colours_in_errors_keep_the_words(self, tmp_path: Path) -> None:
        outcome = run(COMMAND, tmp_path / "gone.FLM", env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
        assert outcome.exit_code == UNREADABLE
        assert "gone.FLM" in outcome.stderr
        assert outcome.stdout == ""

    def test_no_progress_bar_in_pipes(self, tmp_path: Path) -> None:
        put(tmp_path, **{f"f{number}__FLM": FIXTURE for number in range(25)})
        outcome = run(COMMAND, tmp_path)
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        assert outcome.stdout.splitlines()[-1] == "25 files"

    @pytest.mark.parametrize(("count", "expected"), [(5, False), (25, True)])
    def test_progress_bar_on_a_terminal(self, tmp_path: Path, count: int, expected: bool) -> None:
        put(tmp_path, **{f"f{number}__FLM": FIXTURE for number in range(count)})
        assert ("Reading files" in _on_terminal(COMMAND, str(tmp_path))) is expected

    @on_posix
    @pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
    def test_reader_of_the_report_is_gone(self, option: list[str]) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        try:
            outcome = run(COMMAND, FLM, *option, stdout=writing)
        finally:
            os.close(writing)
        assert (outcome.exit_code, outcome.stderr) == (0, "")


def _on_terminal(*arguments: str) -> str:
    """Return what a command says to a terminal on standard error."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    try:
        environment = {**os.environ, "TERM": "xterm"}
        command = [sys.executable, "-B", "-m", "loaderconv", *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment, timeout=60, check=True)
        os.set_blocking(ours, False)
        try:
            return os.read(ours, 1 << 16).decode("utf-8", "replace")
        except BlockingIOError:
            return ""
    finally:
        os.close(ours)
        os.close(theirs)


def test_no_file_is_a_usage_error() -> None:
    outcome = run(COMMAND)
    assert outcome.exit_code == USAGE
    assert "Usage:" in outcome.stderr
