"""What `loaderconv lint` writes: reports, and what it does with thousands of files."""

import json
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure, run
from support.linting import CLEAN, MISNAMED, SHORT, as_report, lint, put, rules

pytestmark = pytest.mark.usefixtures("empty_folder")


class TestReports:
    def test_sarif_and_junit_beside_text(self) -> None:
        path = put("built.stldr", SHORT)
        outcome = lint(path, "--report", "sarif:a.sarif", "--report", "junit:a.xml")
        assert outcome.exit_code == 1
        assert "136 bytes" in outcome.stdout
        log = json.loads(Path("a.sarif").read_text("utf-8"))
        result = log["runs"][0]["results"][0]
        assert result["ruleId"] == "STL009"
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "built.stldr"
        assert ET.parse("a.xml").getroot().get("failures") == "1"  # noqa: S314 - our own file

    @pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
    def test_a_file_has_line_feeds_only(self, form: str) -> None:
        path = put("größe [bold].stldr", SHORT)
        outcome = lint(path, "--format", form, "-o", "report")
        assert (outcome.exit_code, outcome.stdout) == (1, "")
        written = Path("report").read_bytes()
        assert b"\r" not in written
        assert "STL009" in written.decode("utf-8")

    def test_a_file_has_no_colours(self) -> None:
        path = put("built.stldr", SHORT)
        outcome = run("lint", path, "-o", "report", "--report", "github:g", env={"FORCE_COLOR": "1"})
        assert (outcome.exit_code, outcome.stdout) == (1, "")
        assert b"\x1b" not in Path("report").read_bytes() + Path("g").read_bytes()

    def test_github_appends_to_the_summary(self, monkeypatch: pytest.MonkeyPatch) -> None:
        put("summary.md", b"before\n")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(Path("summary.md").absolute()))
        outcome = lint(put("built.stldr", SHORT), "--format", "github")
        assert outcome.stdout.startswith("::error file=built.stldr")
        summary = Path("summary.md").read_text("utf-8")
        assert summary.startswith("before\n")
        assert "STL009" in summary

    @pytest.mark.parametrize("report", ["sarif", "sarif:", "pdf:a.pdf", ":a"])
    def test_a_report_that_cannot_be_meant(self, report: str) -> None:
        assert_failure(lint(put("built.stldr", CLEAN), "--report", report), ExitCode.USAGE)

    def test_two_reports_into_one_file(self) -> None:
        path = put("built.stldr", CLEAN)
        assert_failure(lint(path, "--report", "sarif:a.x", "-o", "./a.x"), ExitCode.USAGE)
        assert not Path("a.x").exists()

    def test_least_severity_that_is_shown(self) -> None:
        path = put("built.stldr", MISNAMED)
        code, report = as_report(path, "--show", "error", "--fail-on", "warning")
        assert (code, rules(report), report.files[0].dismissed.hidden) == (1, [], 1)

    @pytest.mark.parametrize("options", [("-o",), ("--report", "json:")])
    def test_an_input_is_never_overwritten(self, options: tuple[str, ...]) -> None:
        path = put("built.stldr", SHORT)
        outcome = lint(path, *options[:-1], f"{options[-1]}built.stldr" if len(options) > 1 else "-obuilt.stldr")
        assert_failure(outcome, ExitCode.USAGE)
        assert path.read_bytes() == SHORT

    def test_no_such_folder(self) -> None:
        outcome = lint(put("built.stldr", CLEAN), "-o", "no/report.txt")
        assert_failure(outcome, ExitCode.USAGE)


class TestManyFiles:
    def test_processes_find_what_one_finds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(12):
            put(f"{number % 3}/l{number}.stldr", SHORT if number % 4 else CLEAN)
        put("2/notes.txt", b"text")
        alone = as_report(".")[1]
        monkeypatch.setattr("loaderconv.lint.job.MANY_FILES", 2)
        together = as_report(".")[1]
        assert together == alone
        assert len(alone.files) == 12

    @pytest.mark.skipif(sys.platform != "linux", reason="how to see the processes of another one is known for Linux")
    def test_interrupt(self) -> None:
        """Ctrl-C while several processes work: the command ends at once, and nothing is half written."""
        for number in range(3000):
            put(f"many/l{number}.stldr", SHORT)
        command = [sys.executable, "-m", "loaderconv", "lint", "many", "-o", "report.txt"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            while process.poll() is None and not children.read_text().split():
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
        assert process.returncode == ExitCode.INTERRUPTED, told
        assert "Interrupted" in told
        assert "Traceback" not in told
        assert not Path("report.txt").exists()
