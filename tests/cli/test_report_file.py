"""`-o`: a report in a file is the same whatever the terminal."""

import io
from pathlib import Path, PurePosixPath

import pytest

from loaderconv.cli.console import plain_text, print_utf8, print_warning
from loaderconv.cli.report_file import write_report
from loaderconv.report.github import github_commands
from loaderconv.report.junit import junit_report
from loaderconv.report.lint import lint_report
from loaderconv.report.sarif.log import sarif_log
from loaderconv.report.step_summary import step_summary
from loaderconv_schemas.errors import OutputNotWritten
from loaderconv_schemas.lint import LintReport
from loaderconv_schemas.severity import Severity
from support.lint_reports import PAGES, REPORT, finding, linted

FOLDER = PurePosixPath("/home/me")
TERMINALS: tuple[dict[str, str], ...] = (
    {},
    {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "40"},
    {"FORCE_COLOR": "1", "TERM": "dumb"},
    {"NO_COLOR": "1", "COLUMNS": "300"},
    {"TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1"},
)
ODD = LintReport(files=(linted("größe/[red]日本\x1b[31m.FLM", finding(message="Weiß \x1b[1mé\n\x9b.")),))


def texts(report: LintReport) -> list[str]:
    return [
        plain_text(lint_report(report)),
        sarif_log(report, PAGES, tool_version="1", folder=FOLDER),
        github_commands(report, FOLDER),
        step_summary(report),
        junit_report(report, fail_on=Severity.NOTE, folder=FOLDER),
    ]


@pytest.mark.parametrize("report", [REPORT, ODD])
def test_terminal_does_not_matter(report: LintReport, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for terminal in TERMINALS:
        with monkeypatch.context() as patch:
            for name in ("FORCE_COLOR", "NO_COLOR", "TERM", "COLUMNS"):
                patch.delenv(name, raising=False)
            for name, value in terminal.items():
                patch.setenv(name, value)
            told.append(texts(report))
    assert all(each == told[0] for each in told)
    assert not any("\x1b" in text or "\x9b" in text for text in told[0])


def test_text_is_wide() -> None:
    lines = plain_text(lint_report(LintReport(files=(linted("a", finding(message="word " * 60)),)))).splitlines()
    assert 100 < max(map(len, lines)) <= 120
    assert not any(line.endswith(" ") for line in lines)


@pytest.mark.parametrize("old", [None, b"old\n" * 10_000])
def test_file_is_utf_8_with_lf(old: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "größe [x].txt"
    if old is not None:
        path.write_bytes(old)
    write_report(path, "ä\n日本\n")
    assert path.read_bytes() == b"\xc3\xa4\n\xe6\x97\xa5\xe6\x9c\xac\n"
    assert list(tmp_path.iterdir()) == [path]


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritten, match="could not be written"):
        write_report(tmp_path / "no folder" / "report.txt", "x")
    assert list(tmp_path.iterdir()) == []


def test_programs_get_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="cp1252", newline="\n"))
    print_utf8("größe/日本\n")
    assert raw.getvalue().decode("utf-8") == "größe/日本\n"


def test_warning(capsys: pytest.CaptureFixture[str]) -> None:
    print_warning("[bold]Too many\x1b[1m.", "Take fewer.")
    assert capsys.readouterr() == ("", "warning: [bold]Too many\\x1b[1m.\nhint: Take fewer.\n")
